"""Dates in any common form, decided from all rows.

A form is a strptime format, or one of the names below. ``%b`` stands for the name of a month in any
of the languages known to ``date_words``; an hour of 24 is midnight at the end of the day.
"""

import re
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from workbench.data.date_words import (
    PARTS,
    has_names,
    month_number,
    name_of_part,
    numbers_for_names,
    place_of_name,
)
from workbench.errors import UserError
from workbench.specs import TimeSpec

ISO = "ISO8601"
"""Any ISO 8601 form, with time zones brought to UTC."""
NUMBERED_YEAR = "year-number"
"""``3-07``: month 7 of the third year; such years are counted from 2001."""
QUARTER = "quarter"
"""``2012-Q3``: the quarter's first day."""
WEEK = "iso-week"
"""``2024-W05`` and ``2024-W05-3``: weeks of ISO 8601, a week being its Monday."""
EXCEL = "excel"
"""Days since 30 December 1899, as spreadsheets store dates."""
EPOCHS = {"epoch-s": "s", "epoch-ms": "ms", "epoch-us": "us", "epoch-ns": "ns"}
"""Seconds (and parts of them) since 1970 in UTC."""

SHARE_NEEDED = 0.95
"""Share of the cells with something in them that must be dates to make a date column."""

_FIRST_YEAR = 2000
COMPACT = {8: "%Y%m%d", 10: "%Y%m%d%H", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}
"""Forms of dates written as digits alone, by their length."""
_UNIT: Final = "datetime64[us]"
_TIME = re.compile(
    r"(?P<gap>[T ,]+)\d{1,2}(?P<rest>(?P<colon>[:.h])\d{2}(?::\d{2}(?P<part>[.,]\d+)?)?)?"
    r"(?P<half> ?[AaPp]\.?[Mm]\.?)?(?P<zone> ?(?:Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2}))?$"
)
_WEEK = r"(\d{4})-?W(\d{2})(?:-?([1-7]))?"
_MIDNIGHT = r"(?:^|[T ,])24(?::00){1,2}(?:\.0+)?(?=$| ?(?:Z|UTC|GMT|[+-]\d{2}))"


@dataclass(frozen=True)
class DateStyle:
    """How dates are written.

    Attributes:
        format: As in strptime, or one of the names of this module.
        why: One line.
        ambiguous: True where day and month could be the other way round.
        order: ``ymd``, ``dmy`` or ``mdy``.
        unreadable: Cells that are no dates in this form.
    """

    format: str
    why: str
    ambiguous: bool = False
    order: str = "ymd"
    unreadable: int = 0


def find_date_style(cells: pd.Series, order: str = "auto") -> DateStyle | None:
    """Decide how a column of text writes dates; None where it holds none.

    Args:
        cells: All cells that are not missing, as text.
        order: ``auto``, ``ymd``, ``dmy`` or ``mdy`` for what the rows leave open.
    """
    values = pd.Series(cells.str.strip().unique(), dtype="str")
    if values.empty:
        return None
    special = _special_style(values)
    if special is not None:
        return special
    fits = _fitting(values)
    if not fits:
        return None
    most = max(share for share, _, _ in fits)
    fits = [item for item in fits if item[0] == most]
    unreadable = _count_unreadable(cells, fits[0][2]) if most < 1 else 0
    if any(kind != "ymd" for _, kind, _ in fits):  # a year of two digits stands last
        fits = [item for item in fits if item[1] != "ymd" or order == "ymd"]
    kinds = [kind for _, kind, _ in fits]
    if len(fits) == 1:
        why = f"{len(values):,} different dates fit" if len(values) > 1 else "it fits"
        if unreadable:
            why = f"{unreadable:,} of {len(cells):,} cells cannot be read so"
        elif kinds[0] in ("dmy", "mdy"):
            why = _deciding(values, fits[0][2], kinds[0])
        return DateStyle(fits[0][2], why, False, kinds[0], unreadable)
    return _choose_order(cells, fits, order, unreadable)


def convert(cells: pd.Series, form: str) -> pd.Series:
    """Dates of cells in a known form, ``datetime64[us]``; NaT where one does not fit."""
    if form == NUMBERED_YEAR:
        return _numbered_years(cells)
    if form == EXCEL or form in EPOCHS:
        return _counted(cells, form)
    if cells.dtype.kind in "iuf":
        cells = _whole_text(cells)
    if form == QUARTER:
        parts = cells.str.strip().str.extract(r"^(\d{4})\D*([1-4])$")
        month = pd.to_numeric(parts[1], errors="coerce") * 3 - 2
        return _from_parts({"year": pd.to_numeric(parts[0], errors="coerce"), "month": month})
    if form == WEEK:
        parts = cells.str.strip().str.extract(f"^{_WEEK}$")
        return _to_dates(parts[0] + parts[1] + parts[2].fillna("1"), "%G%V%u")
    dates = _to_dates(cells, form)
    left = dates.isna() & cells.notna()
    if left.any():
        dates[left] = _tidied_dates(cells[left], form)
    return dates


def _tidied_dates(cells: pd.Series, form: str) -> pd.Series:
    """Dates with blanks around them, names of months, or midnight as 24:00."""
    text = cells.str.strip()
    if "%b" in form:
        text = numbers_for_names(text)
        form = form.replace("%b", "%m")
    midnight = text.str.contains(r"(?:^|[T ,])24:00", regex=True, na=False)  # the quick look
    if midnight.any():
        midnight = text.str.contains(_MIDNIGHT, regex=True, na=False)
        text = text.str.replace(_MIDNIGHT, _zero_hour, regex=True)
    if "%p" in form:
        text = text.str.replace(r"([AaPp])\.?([Mm])\.?", r"\1\2", regex=True)
    dates = _to_dates(text, form)
    if midnight.any():
        day = pd.to_timedelta(midnight.astype("int64"), unit="D").astype("timedelta64[us]")
        dates = dates + day
    return dates


def find_parts(names: list[str]) -> tuple[str, ...]:
    """Columns that make a date together (year, month, day …), or none."""
    found = {name_of_part(name): name for name in reversed(names)}
    parts = []
    for part in PARTS:
        if part not in found:
            break
        parts.append(found[part])
    return tuple(parts) if len(parts) >= 2 else ()


def part_numbers(cells: pd.Series, part: str) -> pd.Series:
    """A part of a date as numbers, NaN where it is none; a month may be given by its name.

    Args:
        cells: Its column.
        part: ``year``, ``month``, ``day`` …
    """
    if part == "month" and cells.dtype.kind not in "iuf":
        cells = cells.map({name: month_number(name.strip()) for name in cells.dropna().unique()})
    numbers: pd.Series = pd.to_numeric(cells, errors="coerce")
    return numbers


def parse_dates(frame: pd.DataFrame, time: TimeSpec) -> pd.Series:
    """The dates of a frame's rows, ``datetime64[us]`` without time zone.

    Returns:
        NaT where one row in twenty at the most has no date that can be read.

    Raises:
        UserError: Where a column is not there, or more cells cannot be read; the first row and its
            cell are named.
    """
    absent = [name for name in time.columns if name not in frame.columns]
    if absent:
        raise UserError(f"There is no date column {absent[0]!r}.", "Choose another date column.")
    shown: pd.Series | None = None  # joining the cells of every row takes seconds
    if len(time.columns) == 2 and frame[time.columns[0]].dtype.kind == "M":
        dates = frame[time.columns[0]].astype(_UNIT) + _time_of_day(frame[time.columns[1]])
    elif len(time.columns) > 1 and not _are_texts(frame, time):
        columns = {
            part: part_numbers(frame[name], part)
            for part, name in zip(PARTS, time.columns, strict=False)
        }
        dates = _from_parts(columns)
    else:
        cells = _joined(frame, time)
        if cells.dtype.kind == "M":
            dates = cells.astype(_UNIT)
        else:
            shown = cells.astype("str")
            dates = convert(cells, _form(cells, time))
    undated = dates.isna().to_numpy()
    if undated.sum() > (1 - SHARE_NEEDED) * len(dates):
        row = int(undated.argmax())
        of_row = frame[list(time.columns)].iloc[row] if shown is None else [shown.iloc[row]]
        cell = " ".join("" if pd.isna(cell) else str(cell) for cell in of_row)
        raise _unreadable(row, cell, int(undated.sum()))
    return dates


# ---------------------------------------------------------------------- candidates


def _special_style(values: pd.Series) -> DateStyle | None:
    """A year's number and a month, or a quarter."""
    if values.str.fullmatch(r"\d{1,2}-(0[1-9]|1[0-2])").all():
        parts = values.str.split("-", expand=True).astype("int64")
        steps = (parts[0] * 12 + parts[1]).diff().iloc[1:].abs()
        if len(steps) and float((steps == 1).mean()) > 0.8:
            return DateStyle(
                NUMBERED_YEAR, "a year's number and a month; years are counted from 2001"
            )
        return None
    if values.str.fullmatch(_WEEK).all():
        return DateStyle(WEEK, "weeks of ISO 8601, each taken as its Monday")
    if values.str.fullmatch(r"\d{4}[- /]?[Qq][1-4]").all():
        return DateStyle(QUARTER, "quarters, each taken as its first day")
    return None


def _fitting(values: pd.Series) -> list[tuple[float, str, str]]:
    """(share of the values that fit, order, format) of every form that fits nearly all."""
    head = values.iloc[:: max(len(values) // 60, 1)].iloc[:60]
    forms: dict[str, str] = {}
    for text in head.iloc[[0, len(head) // 2, -1]]:
        forms |= dict(_candidates(text))
    found = []
    for form, kind in forms.items():
        if float(convert(head, form).notna().mean()) < SHARE_NEEDED - 0.05:
            continue
        share = float(convert(values, form).notna().mean())
        if share >= SHARE_NEEDED:
            found.append((share, kind, form))
    exact = [item for item in found if item[2] != ISO]
    best = max((item[0] for item in exact), default=0.0)
    loose = [item for item in found if item[2] == ISO and item[0] > best]
    return loose or exact


def _candidates(text: str) -> list[tuple[str, str]]:
    """Formats (with their order) that could read a date."""
    named = has_names(text)
    plain = str(numbers_for_names(pd.Series([text], dtype="str")).iloc[0]) if named else text
    clock = _TIME.search(plain)
    day = plain[: clock.start()] if clock and ":" in clock.group() else plain
    found: list[tuple[str, str]] = []
    for split in {day, plain, plain[: clock.start()] if clock else plain}:
        tail = plain[len(split) :]
        time = _time_format(tail)
        if time is None:
            continue
        found += [(form + time, kind) for form, kind in _day_formats(split)]
    if named:
        place = place_of_name(text)
        return [
            (form.replace("%m", "%b", 1), kind)
            for form, kind in found
            if re.findall("%[dmyY]", form)[place : place + 1] == ["%m"]
        ]
    found = [item for item in found if not re.match(r"%[my][-/. ,]+%[my]$", item[0])]
    if re.match(r"\d{4}-\d\d-\d\d[T ]", text):
        found.append((ISO, "ymd"))
    return found


def _day_formats(day: str) -> list[tuple[str, str]]:
    """Formats of a day, a month or a year, digits only."""
    if day.isdecimal():
        form = COMPACT.get(len(day))
        return [(form, "ymd")] if form else []
    if re.fullmatch(r"\d{4}M\d{1,2}", day):
        return [("%YM%m", "ymd")]
    if re.fullmatch(r"\d{4}年\d{1,2}月(\d{1,2}日)?", day):
        return [("%Y年%m月%d日" if "日" in day else "%Y年%m月", "ymd")]
    three = re.fullmatch(r"(\d{1,4})([-/. ,]+)(\d{1,2})([-/. ,]+)(\d{1,4})(\.?)", day)
    return _three_numbers(three) if three else _two_numbers(day)


def _three_numbers(found: re.Match[str]) -> list[tuple[str, str]]:
    first, one, _, two, last, end = found.groups()
    if len(first) == 4:
        return [(f"%Y{one}%m{two}%d{end}", "ymd")]
    year = "%Y" if len(last) == 4 else "%y"
    forms = [(f"%d{one}%m{two}{year}{end}", "dmy"), (f"%m{one}%d{two}{year}{end}", "mdy")]
    return forms + ([(f"%y{one}%m{two}%d{end}", "ymd")] if year == "%y" else [])


def _two_numbers(day: str) -> list[tuple[str, str]]:
    found = re.fullmatch(r"(\d{1,4})([-/. ,]+)(\d{1,4})", day)
    if found is None:
        return []
    first, one, last = found.groups()
    if len(first) == 4 and len(last) <= 2:
        return [(f"%Y{one}%m", "ymd")]
    if len(last) == 4 and len(first) <= 2:
        return [(f"%m{one}%Y", "mdy")]
    if len(first) == len(last) == 2:  # only with the name of a month
        return [(f"%m{one}%y", "mdy"), (f"%y{one}%m", "ymd")]
    return []


def _time_format(tail: str) -> str | None:
    """Format of the time of day behind a date; empty where there is none, None where unknown."""
    if not tail:
        return ""
    found = _TIME.fullmatch(tail)
    if found is None:
        return None
    gap, rest = found["gap"], found["rest"] or ""
    hour = "%I" if found["half"] else "%H"
    clock = hour
    if rest:
        clock += f"{found['colon']}%M"
        if rest.count(":") + (found["colon"] != ":") > 1:
            clock += ":%S"
    if found["part"]:
        clock += f"{found['part'][0]}%f"
    half = found["half"] or ""
    if half:
        clock += (" " if half.startswith(" ") else "") + "%p"
    zone = found["zone"] or ""
    if zone:
        clock += (" " if zone.startswith(" ") else "") + "%z"
    return gap + clock


# ---------------------------------------------------------------------- day and month


def _choose_order(
    cells: pd.Series, fits: list[tuple[float, str, str]], order: str, unreadable: int
) -> DateStyle:
    """Day and month could be exchanged: take what is asked for, else the more even steps."""
    asked = [item for item in fits if item[1] == order]
    if asked:
        return DateStyle(asked[0][2], "as chosen", False, order, unreadable)
    ranked = [(evenness(convert(cells, form)), kind, form) for _, kind, form in fits]
    best = max(item[0] for item in ranked)
    chosen = next(item for item in ranked if item[0] == best)
    others = [item for item in ranked if item is not chosen]
    clear = best >= 0.8 and all(item[0] < best - 0.3 for item in others)
    names = {"dmy": "day first", "mdy": "month first", "ymd": "year first"}
    if clear:
        why = f"{names[chosen[1]]}: {best:.0%} of the steps are then even, else {others[0][0]:.0%}"
    else:
        why = f"day and month could be exchanged in every row; taken as {names[chosen[1]]}"
    return DateStyle(chosen[2], why, not clear, chosen[1], unreadable)


def evenness(dates: pd.Series) -> float:
    """Share of the steps between neighbouring different dates that are the commonest step."""
    values = dates.dropna().to_numpy().astype(_UNIT)
    values = values[np.concatenate(([True], values[1:] != values[:-1]))]
    if len(values) < 3:
        return 0.0
    steps = np.diff(values).astype("int64")
    _, counts = np.unique(steps, return_counts=True)
    best = counts.max() / len(steps)
    days = values.astype("datetime64[D]") - values.astype("datetime64[M]")
    if (days == days[0]).all():
        months = np.diff(values.astype("datetime64[M]").astype("int64"))
        _, counts = np.unique(months, return_counts=True)
        best = max(best, counts.max() / len(months))
    return float(best)


def _deciding(values: pd.Series, form: str, kind: str) -> str:
    """Which cell shows that the day stands where it does."""
    dates = convert(values, form)
    late = np.flatnonzero((dates.dt.day > 12).to_numpy())
    first = "day" if kind == "dmy" else "month"
    if not len(late):
        return f"{first} first: {len(values):,} different dates fit"
    return (
        f"{first} first: {len(late):,} of {len(values):,} different dates can only be so, "
        f"the first is {values.iloc[late[0]]}"
    )


def _count_unreadable(cells: pd.Series, form: str) -> int:
    return int(convert(cells, form).isna().sum())


# ---------------------------------------------------------------------- conversion


def _to_dates(text: pd.Series, form: str) -> pd.Series:
    zoned = "%z" in form or form == ISO
    dates = pd.to_datetime(text, format=form, errors="coerce", utc=zoned)
    if zoned:
        dates = dates.dt.tz_localize(None)
    return dates.astype(_UNIT)


def _numbered_years(cells: pd.Series) -> pd.Series:
    parts = cells.str.strip().str.extract(r"^(\d{1,2})-(\d\d)$")
    years = pd.to_numeric(parts[0], errors="coerce") + _FIRST_YEAR
    return _from_parts({"year": years, "month": pd.to_numeric(parts[1], errors="coerce")})


def _counted(cells: pd.Series, form: str) -> pd.Series:
    """Days or seconds since a day zero; exact for whole numbers."""
    numbers = pd.to_numeric(cells, errors="coerce")
    if form == EXCEL:
        values = np.asarray(numbers, dtype=np.float64) * 86_400e6
        values = np.round(values / 1000) * 1000  # spreadsheets keep about a millisecond
        origin = np.datetime64("1899-12-30", "us")
    else:
        scale = {"s": 1e6, "ms": 1e3, "us": 1.0, "ns": 1e-3}[EPOCHS[form]]
        values = np.asarray(numbers, dtype=np.float64) * scale
        origin = np.datetime64("1970-01-01", "us")
    good = np.isfinite(values) & (np.abs(values) < 2e17)
    steps = np.where(good, values, 0).round().astype("int64").astype("timedelta64[us]")
    dates = np.where(good, origin + steps, np.datetime64("NaT", "us"))
    return pd.Series(dates.astype(_UNIT), index=cells.index)


def _from_parts(columns: dict[str, pd.Series]) -> pd.Series:
    """Dates of year, month, day …; an hour of 24 is the next midnight."""
    whole = {part: columns[part] for part in PARTS[:3] if part in columns}
    index = next(iter(columns.values())).index
    whole.setdefault("month", pd.Series(1, index=index))
    whole.setdefault("day", pd.Series(1, index=index))
    dates = pd.to_datetime(pd.DataFrame(whole), errors="coerce").astype(_UNIT)
    for part, limit, step in (("hour", 24, 3600), ("minute", 59, 60), ("second", 60, 1)):
        if part in columns:
            numbers = columns[part].where(columns[part].between(0, limit))
            seconds = pd.to_timedelta(numbers * step, unit="s").astype("timedelta64[us]")
            dates = dates + seconds
    return dates


def _time_of_day(cells: pd.Series) -> pd.Series:
    """Hours as numbers, or ``13:30`` and the like, as a stretch of time."""
    if cells.dtype.kind in "iuf":
        hours = cells.where(cells.between(0, 24))
        return pd.to_timedelta(hours * 3600, unit="s").astype("timedelta64[us]")
    text = cells.astype("str").str.strip()
    full = text.where(text.str.count(":") == 2, text + ":00")
    return pd.to_timedelta(full, errors="coerce").astype("timedelta64[us]")


def _zero_hour(match: re.Match[str]) -> str:
    return match.group().replace("24", "00", 1)


def _whole_text(cells: pd.Series) -> pd.Series:
    """Whole numbers as text without a fraction."""
    whole = cells.round() == cells
    text: pd.Series = cells.where(whole).astype("Int64").astype("str").where(whole)
    return text


def _are_texts(frame: pd.DataFrame, time: TimeSpec) -> bool:
    """Whether several columns are to be joined (a date and a time of day)."""
    return "%" in time.format or frame[time.columns[0]].dtype.kind not in "iuf"


def _joined(frame: pd.DataFrame, time: TimeSpec) -> pd.Series:
    cells: pd.Series = frame[time.columns[0]]
    if len(time.columns) == 1:
        return cells
    parts: list[pd.Series] = [frame[name] for name in time.columns]
    texts = [_whole_text(p) if p.dtype.kind in "iuf" else p.astype("str") for p in parts]
    joined: pd.Series = texts[0].str.strip()
    for part in texts[1:]:
        joined = joined + " " + part.str.strip()
    return joined


def _form(cells: pd.Series, time: TimeSpec) -> str:
    if time.format != "auto":
        return time.format
    text = _whole_text(cells) if cells.dtype.kind in "iuf" else cells
    style = find_date_style(text.dropna())
    if style is None and text.dropna().str.fullmatch(r"\d{4}").all():
        return "%Y"
    if style is None:
        raise _unreadable(0, str(text.iloc[0]) if len(text) else "", len(text))
    return style.format


def _unreadable(row: int, cell: str, rows: int) -> UserError:
    more = f", nor those of {rows - 1:,} other rows" if rows > 1 else ""
    what = f"cannot be read: {cell!r}" if cell else "is missing or cannot be read"
    return UserError(
        f"The date in row {row + 1:,} {what}{more}.",
        "Choose the date format or another date column, or none to number the rows.",
    )
