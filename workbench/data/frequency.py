"""The step of a time axis: inferred from dates, read from a pandas alias, and its arithmetic.

Every step is turned into whole numbers (ticks), so that gaps, repeats and reindexing are integer
arithmetic whatever the calendar: a day, a business day and a month are all one tick.
"""

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from workbench.errors import UserError

Dates = NDArray[np.datetime64]
Ints = NDArray[np.int64]

SECOND = 1_000_000
DAY = 86_400 * SECOND
_FIXED = {
    "us": 1, "ms": 1000, "s": SECOND, "min": 60 * SECOND, "h": 3600 * SECOND, "D": DAY,
    "W": 7 * DAY,
}  # fmt: skip
_OLD_NAMES = {"H": "h", "T": "min", "S": "s", "L": "ms", "U": "us", "d": "D", "M": "ME", "Q": "QE",
              "A": "YE", "Y": "YE", "AS": "YS", "BM": "BME"}  # fmt: skip
_MONTHS = {"MS": 1, "ME": 1, "BMS": 1, "BME": 1, "QS": 3, "QE": 3, "YS": 12, "YE": 12}
_WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
_WORDS = {"us": "microsecond", "ms": "millisecond", "s": "second", "min": "minute", "h": "hour",
          "D": "day", "W": "week", "B": "business day"}  # fmt: skip
_WANTED_SHARE = 0.5
_JITTER = 0.1


@dataclass(frozen=True)
class Frequency:
    """One step of a time axis.

    Attributes:
        alias: The pandas offset alias, such as ``h``, ``15min``, ``B``, ``W-FRI``, ``MS``.
        unit: ``fixed`` (microseconds), ``business`` (weekdays) or ``month``.
        count: Microseconds, business days or months in one step.
    """

    alias: str
    unit: Literal["fixed", "business", "month"]
    count: int

    @property
    def seconds(self) -> float:
        """Mean length of a step in seconds."""
        if self.unit == "fixed":
            return self.count / SECOND
        if self.unit == "business":
            return self.count * 86_400 * 7 / 5
        return self.count * 86_400 * 365.2425 / 12

    @property
    def words(self) -> str:
        """The step in words: ``hour``, ``15 minutes``, ``month``, ``quarter``."""
        number, name = _split(self.alias)
        if self.unit == "month":
            names = {1: "month", 3: "quarter", 12: "year"}
            if self.count in names:
                return names[self.count]
            return f"{self.count // 12} years" if self.count % 12 == 0 else f"{self.count} months"
        word = _WORDS[name.split("-")[0]]
        return word if number == 1 else f"{number} {word}s"

    def ticks(self, dates: Dates, origin: Dates) -> Ints:
        """Whole steps from ``origin`` to each date.

        Args:
            dates: datetime64[us] ``(N,)``.
            origin: datetime64[us], one or ``(N,)``: the date of tick 0.

        Returns:
            int64 ``(N,)``; fixed steps are rounded to the nearest, months and business days are
            those the date lies in.
        """
        if self.unit == "fixed":
            away = (dates - origin).astype(np.int64)
            return np.floor_divide(away + self.count // 2, self.count)
        if self.unit == "business":
            counted = np.busday_count(origin.astype("M8[D]"), dates.astype("M8[D]"))
            return np.floor_divide(counted, self.count).astype(np.int64)
        months = dates.astype("M8[M]").astype(np.int64) - origin.astype("M8[M]").astype(np.int64)
        return np.floor_divide(months, self.count)

    def dates(self, ticks: Ints, origin: Dates) -> Dates:
        """The dates of ticks: the inverse of ``ticks`` for dates on the grid of ``origin``."""
        if self.unit == "fixed":
            return np.asarray(origin + (ticks * self.count).astype("m8[us]"))
        day = origin.astype("M8[D]")
        clock = origin - day.astype("M8[us]")
        if self.unit == "business":
            found = np.busday_offset(day, ticks * self.count, roll="forward")
        else:
            month = origin.astype("M8[M]") + (ticks * self.count).astype("m8[M]")
            last = (month + 1).astype("M8[D]") - month.astype("M8[D]") - 1
            within = np.minimum(day - origin.astype("M8[M]").astype("M8[D]"), last)
            if _split(self.alias)[1].split("-")[0].endswith("E"):
                within = last
            found = month.astype("M8[D]") + within
        return np.asarray(found.astype("M8[us]") + clock)

    def off_grid(self, dates: Dates, origin: Dates) -> NDArray[np.bool_]:
        """Which dates are not where the grid has a step (by more than a thousandth of a step)."""
        if self.unit == "month":
            return np.zeros(len(dates), dtype=bool)
        if self.unit == "business":
            return ~np.is_busday(dates.astype("M8[D]"))
        away = np.abs((dates - self.dates(self.ticks(dates, origin), origin)).astype(np.int64))
        return np.asarray(away > self.count // 1000)

    def floor(self, dates: Dates) -> Dates:
        """The start of the calendar step each date lies in (days at midnight, weeks on Monday)."""
        if self.unit == "month":
            months = dates.astype("M8[M]").astype(np.int64)
            return (months // self.count * self.count).astype("M8[M]").astype("M8[us]")
        if self.unit == "business":
            return dates.astype("M8[D]").astype("M8[us]")
        shift = 4 * DAY if self.count % (7 * DAY) == 0 else 0  # 1970-01-01 was a Thursday
        numbers = dates.astype("M8[us]").astype(np.int64) - shift
        return (numbers // self.count * self.count + shift).astype("M8[us]")


def _split(alias: str) -> tuple[int, str]:
    match = re.fullmatch(r"(\d*)\s*([A-Za-z]+(?:-[A-Z]{3})?)", alias.strip())
    if match is None:
        return 0, ""
    name, dash, anchor = match[2].partition("-")
    return int(match[1] or 1), _OLD_NAMES.get(name, name) + dash + anchor


def parse_frequency(alias: str) -> Frequency:
    """Read a pandas offset alias.

    Args:
        alias: A count and a unit: ``us ms s min h D B W MS ME QS QE YS YE``, the last seven with
            or without an anchor (``W-FRI``, ``QS-OCT``).

    Raises:
        UserError: Where it is none of these.
    """
    number, name = _split(alias)
    base = name.split("-")[0]
    canonical = f"{number if number > 1 else ''}{name}"
    if number > 0 and base in _FIXED:
        return Frequency(canonical, "fixed", number * _FIXED[base])
    if number > 0 and base == "B":
        return Frequency(canonical, "business", number)
    if number > 0 and base in _MONTHS:
        return Frequency(canonical, "month", number * _MONTHS[base])
    raise UserError(
        f"The frequency {alias!r} is not known; allowed are a number and one of s, min, h, D, B, "
        "W, MS, ME, QS, QE, YS, YE.",
        "Set data.table.time.frequency to one of these, such as 15min, or to auto.",
    )


def infer_frequency(dates: Dates, series: Ints) -> Frequency | None:
    """Find the step that most rows keep.

    Args:
        dates: datetime64[us] ``(N,)``, ascending within each series, without NaT.
        series: int64 ``(N,)``: which series each row belongs to, ascending.

    Returns:
        The frequency, or None where fewer than half of the steps agree.
    """
    steps = np.diff(dates).astype(np.int64)
    steps = steps[(np.diff(series) == 0) & (steps > 0)]
    if len(steps) == 0:
        return None
    typical = int(np.median(steps))
    if typical >= 27 * DAY:
        months = _infer_months(dates, series)
        if months is not None:
            return months
    sizes, counts = np.unique(steps, return_counts=True)
    commonest = int(sizes[counts.argmax()])
    if _is_business(dates, sizes, counts):
        return Frequency("B", "business", 1)
    kept = counts[sizes % commonest == 0].sum() / len(steps)
    if counts.max() / len(steps) >= _WANTED_SHARE or (kept >= 0.9 and counts.max() > 1):
        return _name_fixed(commonest, dates)
    return _infer_jittered(steps, typical, dates)


def _is_business(dates: Dates, sizes: Ints, counts: Ints) -> bool:
    """Whether days go on from Friday to Monday and no row lies on a weekend."""
    if int(sizes[counts.argmax()]) != DAY or not np.isin(3 * DAY, sizes):
        return False
    return bool(np.is_busday(dates.astype("M8[D]")).all())


def _infer_months(dates: Dates, series: Ints) -> Frequency | None:
    months = dates.astype("M8[M]")
    day = (dates.astype("M8[D]") - months.astype("M8[D]")).astype(np.int64) + 1
    length = ((months + 1).astype("M8[D]") - months.astype("M8[D]")).astype(np.int64)
    wanted = int(day.max())
    same_day = bool((day == np.minimum(wanted, length)).all())
    at_end = bool((day >= length - 3).all())
    if not (same_day or at_end):
        return None
    steps = np.diff(months.astype(np.int64))
    steps = steps[(np.diff(series) == 0) & (steps > 0)]
    sizes, counts = np.unique(steps, return_counts=True)
    count = int(sizes[counts.argmax()])
    if counts.max() / len(steps) < _WANTED_SHARE:
        return None
    exact = bool((day == length).all())
    start = "E" if at_end and (exact or day.min() < day.max()) else "S"
    base, per = ("Y", 12) if count % 12 == 0 else ("Q", 3) if count % 3 == 0 else ("M", 1)
    number = count // per
    return Frequency(f"{number if number > 1 else ''}{base}{start}", "month", count)


def _name_fixed(count: int, dates: Dates) -> Frequency:
    for unit in ("W", "D", "h", "min", "s", "ms", "us"):
        if count % _FIXED[unit] == 0:
            number = count // _FIXED[unit]
            name = unit
            if unit == "W":
                days = dates.astype("M8[D]").astype(np.int64)
                name = f"W-{_WEEKDAYS[int(np.bincount((days + 3) % 7, minlength=7).argmax())]}"
            return Frequency(f"{number if number > 1 else ''}{name}", "fixed", count)
    raise AssertionError("a microsecond divides every step")


def _infer_jittered(steps: Ints, typical: int, dates: Dates) -> Frequency | None:
    """Steps that waver a little around one length: the nearest round length."""
    candidates = np.array(
        [1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 10_800, 14_400,
         21_600, 43_200, 86_400, 604_800]
    ) * SECOND  # fmt: skip
    nearest = int(candidates[np.abs(np.log(candidates / max(typical, 1))).argmin()])
    if abs(nearest / typical - 1) > _JITTER:
        return None
    whole = np.rint(steps / nearest)
    near = np.abs(steps / nearest - whole) < 2 * _JITTER
    if ((whole > 0) & near).mean() < 0.9:
        return None
    return _name_fixed(nearest, dates)
