"""How numbers are written in a column: decimal mark, thousands mark, signs around them."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Decimal = Literal[".", ","]
Thousands = Literal["none", ",", ".", " ", "'"]

SHARE_NEEDED = 0.9
"""Share of the cells with something in them that must be numbers to make a column of numbers."""

_MARKED_SHARE = 0.5
"""The same where all that is no number is one text that stands again and again."""

_MOST_MARKERS = 2

_SIGN, _POWER = r"[-+]?", r"([eE][-+]?\d+)?"
_STYLES: tuple[tuple[Decimal, Thousands, str], ...] = (
    (".", "none", rf"{_SIGN}(\d+\.?\d*|\.\d+){_POWER}"),
    (",", "none", rf"{_SIGN}(\d+,?\d*|,\d+){_POWER}"),
    (".", ",", rf"{_SIGN}\d{{1,3}}(,\d{{3}})*(\.\d*)?"),
    (",", ".", rf"{_SIGN}\d{{1,3}}(\.\d{{3}})*(,\d*)?"),
    (",", " ", rf"{_SIGN}\d{{1,3}}( \d{{3}})*(,\d*)?"),
    (".", " ", rf"{_SIGN}\d{{1,3}}( \d{{3}})*(\.\d*)?"),
    (".", "'", rf"{_SIGN}\d{{1,3}}('\d{{3}})*(\.\d*)?"),
    (",", "'", rf"{_SIGN}\d{{1,3}}('\d{{3}})*(,\d*)?"),
)
_GROUPS_OR_FRACTION = {
    ",": rf"{_SIGN}\d{{1,3}}(,\d{{3}})?",
    ".": rf"{_SIGN}\d{{1,3}}(\.\d{{3}})?",
}
_EXACT = 2**53
_LEADING_ZEROS_SHARE = 0.005
_AWAY, _AWAY_ALONE = 0.5, 3.0  # spans of the other numbers between them and a sentinel
_SENTINELS = (
    -99.0, -99.9, -200.0, -888.0, -999.0, -999.9, -999.99, -9999.0, -99999.0, -32768.0,
    999.0, 999.9, 999.99, 9999.0, 9999.9, 99999.0, 999999.0, 32767.0,
)  # fmt: skip
_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹０１２３４５６７８９", "0123456789" * 3)
_AROUND = r"^([-+]?)\s*(?:[$€£¥₹₩₽]|R\$|kr|CHF|EUR|USD|GBP|JPY|KRW)?\s*([-+]?[\d.,].*?)\s*"
_BEHIND = r"(?:[%‰$€£¥₹₩₽]|kr|CHF|EUR|USD|GBP|JPY|KRW|zł|Kč)?$"
_ODD_SHOWN = 20


@dataclass(frozen=True)
class NumberStyle:
    """How a column writes its numbers.

    Attributes:
        decimal: The mark before the fraction.
        thousands: The mark between groups of three digits.
        odd: Cells that are neither a number nor missing, the commonest first, with their counts.
        odd_total: How many such cells there are.
        doubt: Why the style is not certain, or empty.
        plain: True where every number is written as in a program: ``-1234.5e6``.
        note: Signs around the numbers that are left out, or empty.
        has_fraction: True where some number has a fraction.
    """

    decimal: Decimal
    thousands: Thousands
    odd: dict[str, int]
    odd_total: int = 0
    doubt: str = ""
    plain: bool = True
    note: str = ""
    has_fraction: bool = False


def tidy(cells: pd.Series) -> pd.Series:
    """Cells without outer blanks, currency and per-cent signs; minus, blanks, digits made plain.

    ``(1 234,5 €)`` becomes ``-1 234,5``; a minus behind the number is put before it.
    """
    text = cells.str.strip()
    if len(text) and not text.str.isascii().all():
        text = text.str.translate(_DIGITS)
        text = text.str.replace("\u2212", "-", regex=False)
        text = text.str.replace(r"[\u00a0\u202f\u2009]", " ", regex=True)
        text = text.str.replace("\u2019", "'", regex=False)
        text = text.str.replace("\u066b", ".", regex=False)
        text = text.str.replace("\u066c", ",", regex=False)
    text = text.str.replace(r"^\((\D{0,4}\d[^()]*)\)$", r"-\1", regex=True)
    text = text.str.replace(rf"{_AROUND}{_BEHIND}", r"\1\2", regex=True)
    return text.str.replace(r"^([\d.,' ]*\d)\s?-$", r"-\1", regex=True)


def find_style(
    cells: pd.Series,
    decimal: str = "auto",
    thousands: str = "auto",
    hint: str = "",
) -> NumberStyle | None:
    """Decide how numbers are written; None where the column holds no numbers.

    Args:
        cells: All cells that are not missing, as text.
        decimal: ``auto`` or the mark asked for.
        thousands: ``auto`` or the mark asked for.
        hint: Decimal mark of other columns, for numbers that leave it open; or empty.
    """
    counts = cells.value_counts()
    if counts.empty:
        return None
    given = counts.index.to_series().reset_index(drop=True)
    plain = np.asarray(given.str.fullmatch(_STYLES[0][2]), dtype=bool)
    values = given
    if not plain.all():
        values = given.where(plain, tidy(given[~plain]).reindex(given.index))
    weights = np.asarray(counts.to_numpy(), dtype=np.int64)
    if _are_codes(values, weights):
        return None
    fits = _fitting(values, weights, decimal, thousands)
    if not fits or fits[0][0] < (_MARKED_SHARE if _one_marker(fits[0][3]) else SHARE_NEEDED):
        return None
    best = [item for item in fits if item[0] >= fits[0][0] - 1e-9]
    _, mark, group, fitting = best[0]
    mark, group, doubt = _decide_between(values[fitting], best, hint, (mark, group))
    if group != best[0][2] or mark != best[0][1]:
        fitting = next(item[3] for item in best if (item[1], item[2]) == (mark, group))
    odd = counts[~fitting]
    shown = {str(key): int(value) for key, value in odd.head(_ODD_SHOWN).items()}
    changed = given[fitting] != values[fitting]
    return NumberStyle(
        mark, group, shown, int(odd.sum()), doubt,
        plain=mark == "." and group == "none" and not bool(changed.any()),
        note=_note(given[fitting][changed]),
        has_fraction=bool(values[fitting].str.contains(mark, regex=False).any()),
    )  # fmt: skip


def _one_marker(fitting: NDArray[np.bool_]) -> bool:
    """Whether the different cells are numbers but for one or two, such as ``none`` or ``*``."""
    odd = int((~fitting).sum())
    return odd <= _MOST_MARKERS and len(fitting) >= 5 * odd


def to_numbers(cells: pd.Series, decimal: str, thousands: str) -> NDArray[np.float64]:
    """Convert cells to numbers ``(T,)``; what is no number becomes NaN."""
    numbers = pd.to_numeric(cells, errors="coerce") if decimal == "." else None
    if numbers is not None and thousands in ("none", " ", "'"):
        values = np.array(numbers, dtype=np.float64)
        left = np.isnan(values) & cells.notna().to_numpy()
        if left.any():
            values[left] = _styled_numbers(cells[left], decimal, thousands)
    else:
        values = _styled_numbers(cells, decimal, thousands)
    values[np.isinf(values)] = np.nan
    return values


def _styled_numbers(cells: pd.Series, decimal: str, thousands: str) -> NDArray[np.float64]:
    pattern = next(
        pattern for mark, group, pattern in _STYLES if (mark, group) == (decimal, thousands)
    )
    plain = tidy(cells)
    plain = plain.where(plain.str.fullmatch(pattern).astype(bool))
    if thousands != "none":
        plain = plain.str.replace(thousands, "", regex=False)
    if decimal == ",":
        plain = plain.str.replace(",", ".", regex=False)
    return np.array(pd.to_numeric(plain, errors="coerce"), dtype=np.float64)


def find_sentinels(values: NDArray[np.float64]) -> tuple[tuple[float, int], ...]:
    """Numbers that look like 'no value': far from everything else, farther where one stands alone.

    Returns:
        Each with its count.
    """
    numbers = values[np.isfinite(values)]
    if len(numbers) < 10:
        return ()
    known = np.array(_SENTINELS, dtype=numbers.dtype)
    low, high = numbers.min(), numbers.max()
    candidates = [float(value) for value in known if value in (low, high)]
    found = []
    while candidates:
        value = np.asarray(candidates.pop(), dtype=numbers.dtype)
        is_value = numbers == value
        count, rest = int(is_value.sum()), numbers[~is_value]
        if len(rest) < 10:
            continue
        span = float(rest.max() - rest.min())
        away = min(abs(float(rest.max() - value)), abs(float(rest.min() - value)))
        if away > max(span, 1e-9) * (_AWAY if count > 1 else _AWAY_ALONE):
            found.append((float(value), count))
            numbers = rest
            low, high = rest.min(), rest.max()
            candidates = [float(v) for v in known if v in (low, high)]
    return tuple(sorted(found))


def _are_codes(values: pd.Series, weights: NDArray[np.int64]) -> bool:
    """Whole numbers that are names: with leading zeros, or too long to be kept exactly."""
    zeros = values.str.fullmatch(r"0\d+").to_numpy(dtype=bool)
    if weights[zeros].sum() > _LEADING_ZEROS_SHARE * weights.sum():
        return True
    return bool(_too_long(values).any())


def _too_long(values: pd.Series) -> NDArray[np.bool_]:
    """Whole numbers beyond 2⁵³, which a float64 rounds."""
    long = np.array(values.str.fullmatch(r"[-+]?\d{16,}"), dtype=bool)
    if long.any():
        long[long] = [abs(int(value)) > _EXACT for value in values[long]]
    return np.asarray(long, dtype=bool)


def _fitting(
    values: pd.Series, weights: NDArray[np.int64], decimal: str, thousands: str
) -> list[tuple[float, Decimal, Thousands, NDArray[np.bool_]]]:
    """Styles with the share of cells that fit, the best first; plain ones first among equals."""
    total = max(weights.sum(), 1)
    found: list[tuple[float, Decimal, Thousands, NDArray[np.bool_]]] = []
    for mark, group, pattern in _STYLES:
        asked = thousands in ("auto", group) or (group == "none" and mark != thousands)
        if decimal not in ("auto", mark) or not asked:
            continue
        fits = values.str.fullmatch(pattern).to_numpy(dtype=bool)
        share = float(weights[fits].sum() / total)
        if share > 0:
            found.append((share, mark, group, fits))
        if share == 1.0 and (mark, group) == (".", "none") and not _open(values, "."):
            break
    return sorted(found, key=lambda item: -item[0])


def _open(values: pd.Series, mark: str) -> bool:
    """Whether each number could have either groups of three digits or a fraction of three."""
    return bool(values.str.fullmatch(_GROUPS_OR_FRACTION[mark]).all()) and bool(
        values.str.contains(mark, regex=False).any()
    )


def _decide_between(
    values: pd.Series,
    best: list[tuple[float, Decimal, Thousands, NDArray[np.bool_]]],
    hint: str,
    first: tuple[Decimal, Thousands],
) -> tuple[Decimal, Thousands, str]:
    """Settle ``1.234``, which is one and a bit or a thousand and some."""
    mark = next((sign for sign in (".", ",") if _open(values, sign)), None)
    if mark is None:
        return (*first, "")
    other: Decimal = "," if mark == "." else "."
    grouped: tuple[Decimal, Thousands] = (other, mark)  # type: ignore[assignment] # mark is "." or ","
    fraction: tuple[Decimal, Thousands] = (mark, "none")  # type: ignore[assignment] # the same
    possible = {(item[1], item[2]) for item in best}
    if grouped not in possible or fraction not in possible:
        return (*first, "")
    zero_first = values.str.match(rf"[-+]?0\{mark}").any()
    some_short = (~values.str.contains(mark, regex=False)).any()
    if hint:
        chosen = fraction if hint == mark else grouped
        return (*chosen, "")
    if zero_first:
        return (*fraction, "")
    chosen = grouped if some_short and len(values) > 3 else fraction
    example = str(values[values.str.contains(mark, regex=False)].iloc[0])
    read = example.replace(mark, "") if chosen == grouped else example.replace(mark, ".")
    return (*chosen, f"{example} is read as {read}; the rows leave open what {mark!r} means")


def _note(changed: pd.Series) -> str:
    if changed.empty:
        return ""
    signs = sorted(set("".join(changed.head(200))) & set("%‰$€£¥₹₩₽\u2212()"))
    return "signs left out: " + " ".join(signs) if signs else ""
