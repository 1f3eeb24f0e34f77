"""How numbers are written in a column: decimal mark, thousands mark, signs around them."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

Decimal = Literal[".", ","]
Thousands = Literal["none", ",", ".", " ", "'"]

_SIGN, _TAIL = r"^[-+]?", r"([eE][-+]?\d+)?$"
_STYLES: list[tuple[Decimal, Thousands, str]] = [
    (".", "none", rf"{_SIGN}(\d+\.?\d*|\.\d+){_TAIL}"),
    (",", "none", rf"{_SIGN}(\d+,?\d*|,\d+){_TAIL}"),
    (".", ",", rf"{_SIGN}\d{{1,3}}(,\d{{3}})*(\.\d+)?$"),
    (",", ".", rf"{_SIGN}\d{{1,3}}(\.\d{{3}})*(,\d+)?$"),
    (",", " ", rf"{_SIGN}\d{{1,3}}( \d{{3}})*(,\d+)?$"),
    (".", " ", rf"{_SIGN}\d{{1,3}}( \d{{3}})*(\.\d+)?$"),
    (".", "'", rf"{_SIGN}\d{{1,3}}('\d{{3}})*(\.\d+)?$"),
    (",", "'", rf"{_SIGN}\d{{1,3}}('\d{{3}})*(,\d+)?$"),
]
_SENTINELS = (-200.0, -999.0, -9999.0, 9999.0, 99999.0, 999.9)
_SHARE_NEEDED = 0.95


@dataclass(frozen=True)
class NumberStyle:
    """How a column writes its numbers.

    Attributes:
        decimal: The mark before the fraction.
        thousands: The mark between groups of three digits.
        odd: Cells that are neither a number nor missing, with their counts.
    """

    decimal: Decimal
    thousands: Thousands
    odd: dict[str, int]


def tidy(cells: pd.Series) -> pd.Series:
    """Cells without outer blanks, currency and per-cent signs; minus and blanks made plain."""
    return (
        cells.str.strip()
        .str.replace("\u2212", "-", regex=False)
        .str.replace(r"[\u00a0\u202f]", " ", regex=True)
        .str.replace(r"^([-+]?)[$€£¥]\s*", r"\1", regex=True)
        .str.replace(r"\s*[%$€£¥]$", "", regex=True)
    )


def find_style(
    cells: pd.Series, decimal: str = "auto", thousands: str = "auto"
) -> NumberStyle | None:
    """Decide how numbers are written; None where the column holds no numbers.

    Args:
        cells: All cells that are not missing, as text.
        decimal: ``auto`` or the mark asked for.
        thousands: ``auto`` or the mark asked for.
    """
    counts = tidy(cells).value_counts()
    if counts.empty:
        return None
    values = counts.index.to_series()
    if values.str.fullmatch(r"0\d+").any():  # numbers do not start with zeros: codes do
        return None
    weights = counts.to_numpy()
    best: tuple[float, Decimal, Thousands, pd.Series] | None = None
    for mark, group, pattern in _STYLES:
        if decimal not in ("auto", mark) or thousands not in ("auto", group):
            continue
        fits = values.str.match(pattern)
        share = float(weights[fits.to_numpy(dtype=bool)].sum() / weights.sum())
        if best is None or share > best[0] + 1e-9:
            best = (share, mark, group, fits)
    if best is None or best[0] < _SHARE_NEEDED:
        return None
    odd = counts[~best[3].to_numpy(dtype=bool)]
    shown = {str(key): int(value) for key, value in odd.head(20).items()}
    return NumberStyle(best[1], best[2], shown)


def to_numbers(cells: pd.Series, decimal: str, thousands: str) -> pd.Series:
    """Convert cells to float64; what is no number becomes NaN."""
    plain = tidy(cells)
    if thousands != "none":
        plain = plain.str.replace(thousands, "", regex=False)
    if decimal == ",":
        plain = plain.str.replace(",", ".", regex=False)
    return pd.to_numeric(plain, errors="coerce").astype("float64")


def find_sentinels(values: pd.Series) -> tuple[float, ...]:
    """Numbers that look like 'no value': repeated, and far from everything else."""
    numbers = values.dropna().to_numpy()
    found = []
    for sentinel in _SENTINELS:
        count = int((numbers == sentinel).sum())
        rest = numbers[numbers != sentinel]
        if count < 2 or len(rest) < 10:
            continue
        low, high = np.percentile(rest, [0.5, 99.5])
        margin = high - low
        if sentinel < low - margin or sentinel > high + margin:
            found.append(sentinel)
    return tuple(found)
