"""Dates in any common form, decided from all rows."""

from dataclasses import dataclass

import pandas as pd

from workbench.errors import UserError
from workbench.experiment import TimeSpec

ISO = "ISO8601"
NUMBERED_YEAR = "year-number"
"""``3-07``: month 7 of the third year; such years are counted from 2001."""

_FIRST_YEAR = 2000
_DAYS = [
    ("ymd", "%Y-%m-%d"), ("ymd", "%Y/%m/%d"), ("ymd", "%Y.%m.%d"), ("ymd", "%Y%m%d"),
    ("dmy", "%d/%m/%Y"), ("mdy", "%m/%d/%Y"), ("dmy", "%d.%m.%Y"), ("dmy", "%d-%m-%Y"),
    ("mdy", "%m-%d-%Y"), ("dmy", "%d/%m/%y"), ("mdy", "%m/%d/%y"), ("dmy", "%d.%m.%y"),
    ("dmy", "%d %b %Y"), ("dmy", "%d-%b-%Y"), ("dmy", "%d %B %Y"), ("mdy", "%b %d, %Y"),
    ("mdy", "%B %d, %Y"), ("mdy", "%b %d %Y"),
]  # fmt: skip
_TIMES = ["", " %H:%M:%S", " %H:%M", " %I:%M %p", " %H"]
_MONTHS = ["%Y-%m", "%m/%Y", "%Y/%m", "%b %Y", "%B %Y", "%b-%y", "%YM%m"]
_PARTS = ("year", "month", "day", "hour", "minute", "second")


@dataclass(frozen=True)
class DateStyle:
    """How dates are written.

    Attributes:
        format: As in strptime, or one of the names of this module.
        why: One line.
        ambiguous: True where day and month could be the other way round.
    """

    format: str
    why: str
    ambiguous: bool = False


def find_date_style(cells: pd.Series, order: str = "auto") -> DateStyle | None:
    """Decide how a column writes dates; None where it holds none.

    Args:
        cells: All cells that are not missing, as text.
        order: ``auto``, ``ymd``, ``dmy`` or ``mdy`` for what the rows leave open.
    """
    values = pd.Series(cells.str.strip().unique())
    if values.empty:
        return None
    plain = _plain_style(values)
    if plain is not None:
        return plain
    dated = values.str.contains(r"[-/.:, ]|^\d{8}$|^\d{4}M", regex=True).all()
    fits = [(kind, form) for kind, form in _candidates() if _parses(values, form)] if dated else []
    if not fits:
        iso = dated and values.str.match(r"\d{4}-\d\d").all() and _parses(values, ISO)
        return DateStyle(ISO, "ISO 8601, with time zones brought to UTC") if iso else None
    kinds = {kind for kind, _ in fits}
    if order != "auto" and order in kinds:
        fits = [item for item in fits if item[0] == order]
    elif {"dmy", "mdy"} <= kinds:
        regular = [item for item in fits if _regular(cells, item[1])]
        chosen = (regular or fits)[0]
        why = "day and month could be exchanged; taken as " + (
            "the even step suggests" if len(regular) == 1 else "day first"
        )
        return DateStyle(chosen[1], why, ambiguous=len(regular) != 1)
    return DateStyle(fits[0][1], f"all {len(values):,} different dates fit")


def _plain_style(values: pd.Series) -> DateStyle | None:
    """Numbers that are years, or a year number and a month."""
    if values.str.fullmatch(r"\d{1,2}-(0[1-9]|1[0-2])").all():
        return DateStyle(NUMBERED_YEAR, "year number and month; years are counted from 2001")
    if values.str.fullmatch(r"(1[5-9]|20)\d\d").all():
        return DateStyle("%Y", "years")
    return None


def _candidates() -> list[tuple[str, str]]:
    found = [(kind, day + time) for time in _TIMES for kind, day in _DAYS]
    found += [("ymd", f"%Y-%m-%dT{time}") for time in ("%H:%M:%S", "%H:%M", "%H:%M:%SZ")]
    return found + [("ymd", month) for month in _MONTHS]


def _parses(values: pd.Series, form: str) -> bool:
    head = values.iloc[:50]
    if not convert(head, form).notna().all():
        return False
    return bool(convert(values, form).notna().all())


def _regular(cells: pd.Series, form: str) -> bool:
    steps = convert(cells, form).sort_values().diff().dropna()
    steps = steps[steps > pd.Timedelta(0)]
    if steps.empty:
        return False
    return float((steps == steps.mode().iloc[0]).mean()) > 0.8


def convert(cells: pd.Series, form: str) -> pd.Series:
    """Dates of cells in a known form; NaT where one does not fit."""
    if form == NUMBERED_YEAR:
        parts = cells.str.strip().str.extract(r"^(\d{1,2})-(\d\d)$")
        years = pd.to_numeric(parts[0], errors="coerce") + _FIRST_YEAR
        months = pd.to_numeric(parts[1], errors="coerce")
        return pd.to_datetime(
            pd.DataFrame({"year": years, "month": months, "day": 1}), errors="coerce"
        ).astype("datetime64[us]")
    text = cells.str.strip()
    if form == ISO:
        dates = pd.to_datetime(text, format="ISO8601", utc=True, errors="coerce")
        return dates.dt.tz_localize(None).astype("datetime64[us]")
    return pd.to_datetime(text, format=form, errors="coerce").astype("datetime64[us]")


def find_parts(names: list[str]) -> tuple[str, ...]:
    """Columns that make a date together (year, month, day …), or none."""
    lower = {name.strip().lower(): name for name in names}
    found = []
    for part in _PARTS:
        if part not in lower:
            break
        found.append(lower[part])
    return tuple(found) if len(found) >= 2 else ()


def parse_dates(frame: pd.DataFrame, time: TimeSpec) -> pd.Series:
    """The dates of a frame's rows, ``datetime64[us]`` without time zone.

    Raises:
        UserError: Where a column is not there or a cell cannot be read; row and cell are named.
    """
    absent = [name for name in time.columns if name not in frame.columns]
    if absent:
        raise UserError(f"There is no date column {absent[0]!r}.", "Choose another date column.")
    if len(time.columns) > 1:
        columns = {
            part: pd.to_numeric(frame[name], errors="coerce")
            for part, name in zip(_PARTS, time.columns, strict=False)
        }
        columns.setdefault("day", pd.Series(1, index=frame.index))
        dates = pd.to_datetime(pd.DataFrame(columns), errors="coerce").astype("datetime64[us]")
        shown = None  # joining the cells of every row took seconds; only a bad one is shown
    else:
        cells = frame[time.columns[0]]
        if cells.dtype.kind == "M":
            dates = cells.astype("datetime64[us]")
            shown = cells.astype(str)
        else:
            shown = cells.astype(str)
            form = time.format
            if form == "auto":
                style = find_date_style(shown)
                if style is None:
                    raise _unreadable(0, str(shown.iloc[0]) if len(shown) else "")
                form = style.format
            dates = convert(shown, form)
    if dates.isna().any():
        row = int(dates.isna().to_numpy().argmax())
        cells_of_row = frame[list(time.columns)].iloc[row] if shown is None else [shown.iloc[row]]
        raise _unreadable(row, "-".join(str(cell) for cell in cells_of_row))
    return dates


def _unreadable(row: int, cell: str) -> UserError:
    return UserError(
        f"The date in row {row + 1:,} cannot be read: {cell!r}.",
        "Choose the date format or another date column, or correct that row.",
    )
