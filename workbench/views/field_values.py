"""What a person types into a form as values, and what an arrow key makes of a value."""

import csv
import math
import re

from PySide6.QtCore import QCoreApplication

from workbench.experiment import FieldDescription

_GEOMETRIC = {"learning_rate", "weight_decay", "clip_norm", "clip_value"}
_DOUBLING = {"hidden_size", "embedding_size", "batch_size", "bptt_length"}
_NICE = (1.0, 2.0, 5.0)
_SPACES = str.maketrans("", "", " \u00a0\u2009\u202f_")
_GROUPED_INT = re.compile(r"[+-]?\d{1,3}(?:[,'’]\d{3})+")


def _tr(text: str) -> str:
    return QCoreApplication.translate("Editors", text)


# ---------------------------------------------------------------------- texts to values


def parse_number(text: str, *, whole: bool) -> int | float:
    """Read a number as a person types it: ``10 000``, ``0,002``, ``2e-3``, ``−1``.

    Raises:
        ValueError: With a sentence that says why it is none.
    """
    bare = text.strip().replace("\u2212", "-")
    if _GROUPED_INT.fullmatch(bare) and whole:
        bare = re.sub(r"[,'’]", "", bare)
    bare = bare.translate(_SPACES)
    if bare.count(",") == 1 and "." not in bare:
        bare = bare.replace(",", ".")
    if not bare:
        raise ValueError(_tr("A number is needed here."))
    try:
        value = float(bare)
        if whole and value.is_integer():
            return int(bare) if bare.lstrip("+-").isdecimal() else int(value)
    except (ValueError, OverflowError):
        raise ValueError(_tr("“{0}” is not a number.").format(text.strip())) from None
    if whole:
        raise ValueError(_tr("“{0}” is not a whole number.").format(text.strip()))
    if not math.isfinite(value):
        raise ValueError(_tr("“{0}” is not a finite number.").format(text.strip()))
    return value


def parse_numbers(text: str) -> list[float]:
    """Read a list of numbers: ``0.1, 0.5, 0.9``; with semicolons, commas are decimal marks.

    Raises:
        ValueError: With a sentence naming the first entry that is no number.
    """
    parts = re.split(r";" if ";" in text else r"[,\s]+", text.strip())
    return [float(parse_number(part, whole=False)) for part in parts if part.strip()]


def parse_texts(text: str) -> list[str]:
    """Read a list of texts with commas between; ``""`` is the empty text."""
    if not text.strip():
        return []
    return next(csv.reader([text], skipinitialspace=True))


def texts_line(values: list[str]) -> str:
    """Write a list of texts so that ``parse_texts`` gives it back."""

    def one(value: str) -> str:
        plain = value and value == value.strip() and not set(value) & set(',"\n\r')
        return value if plain else '"' + value.replace('"', '""') + '"'

    return ", ".join(one(value) for value in values)


# ---------------------------------------------------------------------- stepping


def next_value(info: FieldDescription, value: float, steps: int) -> int | float:
    """The value after some presses of an arrow, within the field's range.

    Rates go 1, 2, 5, 10; sizes double and halve; shares go by 0.05; the rest by one.
    """
    last = info.name.rpartition(".")[2]
    made: float = value
    for _ in range(abs(steps)):
        made = _stepped(last, info, made, 1 if steps > 0 else -1)
        low, high = info.minimum, info.maximum
        made = made if high is None else min(made, high)
        made = made if low is None else max(made, low)
    return int(made) if info.kind == "int" else float(f"{made:.10g}")


def _stepped(last: str, info: FieldDescription, value: float, way: int) -> float:
    if last in _DOUBLING:
        return max(value * 2, 1) if way > 0 else max(value // 2, 1)
    if info.kind == "int":
        return value + way
    if last in _GEOMETRIC:
        return _next_nice(value, way)
    share = (info.maximum or 2) <= 1 or (info.name.startswith("data.split.") and value <= 1)
    by = 0.05 if share else 0.5 if info.unit == "s" and value < 10 else 1.0
    by = 0.1 if not share and (info.maximum or 0) == 10 else by
    return round((value + way * by) / by) * by


def _next_nice(value: float, way: int) -> float:
    """The next of … 0.1, 0.2, 0.5, 1, 2, 5 …; below the least of them is 0."""
    if value <= 0:
        return 1e-4 if way > 0 else 0.0
    power = int(f"{value:e}".partition("e")[2])
    ladder = [nice * 10.0**size for size in range(power - 1, power + 2) for nice in _NICE]
    if way > 0:
        return min(item for item in ladder if item > value * (1 + 1e-9))
    found = max(item for item in ladder if item < value * (1 - 1e-9))
    return found if found >= 1e-8 else 0.0
