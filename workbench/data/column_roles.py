"""What each column of a table is likely for.

The rule, in this order:

1. The columns of the time axis are dates; other dates are ignored.
2. Columns that are empty, hold one value only, or merely count the rows are ignored.
3. Where dates repeat (long format), the column that best tells the rows of a date apart is the
   series id: text or whole numbers that return again and again.
4. Numbers that are known in advance (weekday, holiday, working day) are known-future.
5. Of the other numbers, one whose name is that of a usual target (``target``, ``price``,
   ``sales``, ``pm2.5`` …) is the target, and the rest are inputs; so is the only one with gaps
   among whole ones, a measurement among its conditions. Otherwise all of them are targets.
6. Text with few different values is an input, other text is ignored.
"""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from workbench.data.findings import Finding
from workbench.specs import ColumnSpec

_REPEATED = 0.5
"""Share of rows whose date stood before, from which a table is taken as many series."""

_TELLS_APART = 0.99
_FIRST_CHOICE = "target y label output ziel"
_USUAL = (
    "price close sales demand consumption passengers count cnt value revenue pm2.5 pm25 pm2_5 pm10 "
    "ozone aqi traffic_volume load preis umsatz absatz verbrauch prix ventes 价格 销量 가격"
)
_KNOWN = (
    "holiday workingday working_day weekday dayofweek day_of_week weekend is_weekend is_holiday "
    "school_holiday public_holiday feiertag wochentag werktag promo promotion month hour quarter "
    "weekofyear"
)
_ID_WORDS = "id code name product item store shop station site sensor symbol ticker"


def suggest_roles(
    columns: Sequence[ColumnSpec],
    frame: pd.DataFrame,
    date_columns: tuple[str, ...],
    findings: list[Finding],
) -> tuple[ColumnSpec, ...]:
    """Give every column a role.

    Args:
        columns: Name and kind of each.
        frame: Their values, rows in the order of the file.
        date_columns: Columns of the time axis.
        findings: What was decided is added here, with the reason.

    Returns:
        The columns with roles; every column keeps its place.
    """
    roles: dict[str, str] = {}
    for column in columns:
        role = _role_of_itself(column, frame, date_columns, findings)
        if role:
            roles[column.name] = role
    series = _series_id(columns, frame, date_columns, roles)
    if series:
        roles[series] = "series_id"
        findings.append(_series_finding(series, frame, date_columns))
    numbers = [c.name for c in columns if c.kind == "number" and c.name not in roles]
    for name in numbers:
        if _plain(name) in _KNOWN.split():
            roles[name] = "known_future"
    numbers = [name for name in numbers if name not in roles]
    target, why = _single_target(numbers, frame)
    if target:
        findings.append(Finding(f"column {target}", "the target", why))
    elif len(numbers) > 1:
        findings.append(
            Finding("targets", f"all {len(numbers):,} columns of numbers", "none stands out")
        )
    for name in numbers:
        roles[name] = "target" if target in ("", name) else "input"
    for column in columns:
        if column.name not in roles:
            roles[column.name] = _role_of_text(column, findings)
    return tuple(c.model_copy(update={"role": roles[c.name]}) for c in columns)


def _role_of_itself(
    column: ColumnSpec, frame: pd.DataFrame, dates: tuple[str, ...], findings: list[Finding]
) -> str:
    """The role that follows from a column's own cells, or empty."""
    if column.name in dates:
        return "date"
    if column.kind == "date":
        return "ignored"
    cells = frame[column.name]
    if column.kind == "number" and counts_rows(cells):
        why = "it only counts the rows"
    elif not cells.notna().any():
        why = "it is empty"
    elif _is_constant(cells):
        why = f"it holds one value only: {cells.dropna().iloc[0]}"
    else:
        return ""
    findings.append(Finding(f"column {column.name}", "ignored", why))
    return "ignored"


def _role_of_text(column: ColumnSpec, findings: list[Finding]) -> str:
    if column.kind == "category":
        return "known_future" if _plain(column.name) in _KNOWN.split() else "input"
    findings.append(Finding(f"column {column.name}", "ignored", "text with many different values"))
    return "ignored"


def counts_rows(cells: pd.Series) -> bool:
    """Whether a column is 0, 1, 2 … or 1, 2, 3 … in the order of the rows."""
    values = cells.to_numpy()
    if len(values) < 3 or values.dtype.kind not in "iuf" or values[0] not in (0, 1):
        return False
    return bool((np.diff(values) == 1).all())


def _is_constant(cells: pd.Series) -> bool:
    if cells.dtype.kind in "iuf":
        values = cells.to_numpy()
        values = values[~np.isnan(values)]
        return len(values) > 1 and bool((values == values[0]).all())
    return len(cells) > 1 and cells.nunique() <= 1


def _plain(name: str) -> str:
    """A name in lower case without its unit."""
    text = re.sub(r"\s*[\(\[].*?[\)\]]\s*$", "", name)
    return re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", "_", text).strip().casefold().replace(" ", "_")


def _single_target(numbers: Sequence[str], frame: pd.DataFrame) -> tuple[str, str]:
    """The one column that stands out as what is to be forecast, and why."""
    if len(numbers) < 2:
        return "", ""
    for words in (_FIRST_CHOICE, _USUAL):
        named = [name for name in numbers if _plain(name) in words.split()]
        if len(named) == 1:
            return named[0], "its name is that of a usual target; the others are inputs"
        if named:
            return "", ""
    gaps = [name for name in numbers if frame[name].isna().any()]
    if len(gaps) == 1 and len(numbers) > 2:
        return gaps[0], "it alone has gaps: a measurement among its conditions"
    return "", ""


# ---------------------------------------------------------------------- several series


def _series_id(
    columns: Sequence[ColumnSpec],
    frame: pd.DataFrame,
    dates: tuple[str, ...],
    roles: dict[str, str],
) -> str | None:
    """The column that best tells the rows of one date apart, or None."""
    if not dates or (len(dates) == 1 and _rises(frame[dates[0]])):
        return None
    rows = _codes(frame, list(dates))
    repeated = 1 - _different(rows) / max(len(rows), 1)
    if repeated < _REPEATED:
        return None
    best: tuple[bool, bool, bool, float, str] | None = None
    for column in columns:
        if column.name in roles or not _may_name(column, frame[column.name], len(rows)):
            continue
        codes = pd.factorize(frame[column.name])[0].astype(np.int64)
        share = _different(rows * (codes.max() + 2) + codes) / len(rows)
        words = set(re.split(r"[\W_]+", _plain(column.name)))
        named = bool(words.intersection(_ID_WORDS.split()))
        key = (share >= _TELLS_APART, named, column.kind != "number", share, column.name)
        if share > 1.5 * (1 - repeated) and (best is None or key[:4] > best[:4]):
            best = key
    return best[4] if best else None


def _rises(dates: pd.Series) -> bool:
    """Whether each date is later than the one before, or each earlier."""
    if dates.dtype.kind != "M" or len(dates) < 2:
        return False
    steps = np.diff(dates.to_numpy()).astype(np.int64)
    return bool((steps > 0).all() or (steps < 0).all())


def _may_name(column: ColumnSpec, cells: pd.Series, rows: int) -> bool:
    """Whether the values of a column could be names: each returns again and again."""
    different = cells.nunique()
    if not 1 < different <= rows / 4 or bool(cells.isna().any()):
        return False
    if column.kind != "number":
        return True
    if not bool((cells == cells.round()).all()):
        return False
    words = set(re.split(r"[\W_]+", _plain(column.name)))
    return bool(words.intersection(_ID_WORDS.split())) or different <= rows / 20


def _codes(frame: pd.DataFrame, names: list[str]) -> np.ndarray:
    """One number for each different combination of values ``(T,)``."""
    codes = pd.factorize(frame[names[0]])[0].astype(np.int64)
    for name in names[1:]:
        values = pd.factorize(frame[name])[0].astype(np.int64)
        codes = pd.factorize(codes * (int(values.max()) + 2) + values)[0].astype(np.int64)
    return codes


def _different(codes: np.ndarray) -> int:
    return len(pd.unique(codes))


def _series_finding(name: str, frame: pd.DataFrame, dates: tuple[str, ...]) -> Finding:
    together = _codes(frame, [*dates, name])
    share = _different(together) / len(together)
    number = frame[name].nunique()
    if share >= _TELLS_APART:
        return Finding(
            f"column {name}", f"tells {number:,} series apart", "dates repeat, once for each"
        )
    return Finding(
        f"column {name}", f"tells {number:,} series apart",
        f"{1 - share:.0%} of the rows still share date and series: they are brought together "
        "as set for repeated dates", "doubt",
    )  # fmt: skip
