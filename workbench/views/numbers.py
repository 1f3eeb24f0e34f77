"""Numbers, times and sizes as people read them. No Qt, no heavy import."""

import math

THIN_SPACE = "\u202f"
MINUS = "−"
_SMALLEST_PLAIN = 1e-4 * (1 - 1e-9)
_SPANS = ((365.25 * 86_400, "y"), (86_400.0, "d"), (3600.0, "h"), (60.0, "min"), (1.0, "s"))
_ISOLATE, _END_ISOLATE = "\u2068", "\u2069"
TURNING = frozenset("\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Signs that would turn or break the words around them."""
_VISIBLE_TURN = "⇄"
_VISIBLE = {" ": "␣", "\n": "↵", "\r": "␍", "\t": "⇥", "\u00a0": "⍽", "": "∅"}


def grouped(value: float, digits: int = 4) -> str:
    """Write a number with thin spaces between thousands: ``12 345.6``.

    Args:
        value: Any number; NaN and infinities are written as words and signs.
        digits: Significant digits; whole parts are never cut.
    """
    if math.isnan(value):
        return "no number"
    if math.isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    size = abs(value)
    if size != 0 and (size >= 1e12 or size < _SMALLEST_PLAIN):
        mantissa, _, power = f"{value:.{digits - 1}e}".partition("e")
        mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
        return f"{mantissa}e{int(power)}".replace("-", MINUS)
    exponent = math.floor(math.log10(size)) if size else 0
    text = f"{value:,.{max(0, digits - 1 - exponent)}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    if text == "-0":
        text = "0"
    return text.replace(",", THIN_SPACE).replace("-", MINUS)


def with_unit(value: float, unit: str, digits: int = 4) -> str:
    """Write a number and its unit with a thin space between; the unit may be empty."""
    return f"{grouped(value, digits)}{THIN_SPACE}{unit}" if unit else grouped(value, digits)


def clock(seconds: float) -> str:
    """Write a duration as ``02:10``, ``3:02:10`` or ``2 d 03:02``."""
    if not math.isfinite(seconds) or seconds < 0:
        return "–"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{grouped(days)} d {hours:02d}:{minutes:02d}"
    if hours:
        return f"{hours}:{minutes:02d}:{rest:02d}"
    return f"{minutes:02d}:{rest:02d}"


def span(seconds: float) -> str:
    """Write the length of a stretch of time in one unit: ``4 d``, ``36 h``, ``1.5 y``."""
    for length, unit in _SPANS:
        if seconds >= 2 * length or (seconds >= length and seconds % length == 0):
            return f"{grouped(seconds / length, 3)}{THIN_SPACE}{unit}"
    return f"{grouped(seconds, 3)}{THIN_SPACE}s"


def memory(size: float) -> str:
    """Write a number of bytes as ``1.2 GB`` (powers of 1000)."""
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if abs(size) < 999.5 or unit == "TB":
            return f"{size:.3g}{THIN_SPACE}{unit}"
        size /= 1000
    return ""


def share(value: float) -> str:
    """Write a probability or share as per cent: ``83 %``, ``0.4 %``, ``< 0.01 %``."""
    if math.isnan(value):
        return "no number"
    percent = 100 * value
    if 0 < percent < 0.01:
        return f"< 0.01{THIN_SPACE}%"
    decimals = 0 if percent >= 10 or percent == 0 else 1 if percent >= 1 else 2
    return f"{percent:.{decimals}f}{THIN_SPACE}%"


def isolated(text: str) -> str:
    """Wrap text whose direction is unknown, so that it cannot turn the words around it."""
    return f"{_ISOLATE}{text}{_END_ISOLATE}"


def one_symbol(text: str, longest: int = 24) -> str:
    """Write a symbol so that it can be seen: spaces, breaks and control characters get signs."""
    text = _VISIBLE.get(text, text)
    if len(text) > longest:
        text = text[: longest - 1] + "…"
    return "".join(_shown(sign) for sign in text)


def _shown(sign: str) -> str:
    if sign in ("\n", "\r", "\t"):
        return _VISIBLE[sign]
    code = ord(sign)
    if sign in TURNING:
        return _VISIBLE_TURN
    if code < 0x20:
        return chr(0x2400 + code)
    return "\ufffd" if 0xD800 <= code <= 0xDFFF or code == 0x7F else sign
