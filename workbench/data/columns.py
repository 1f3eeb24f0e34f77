"""What one column holds, decided from its cells, and turning its cells into values."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.data.date_style import COMPACT, EPOCHS, EXCEL, convert, find_date_style
from workbench.data.date_words import is_date_name, name_of_part
from workbench.data.number_style import Decimal, Thousands, find_style, to_numbers
from workbench.specs import ColumnSpec, ReadingSpec

Kind = Literal["number", "category", "date", "text"]

FEW_VALUES = 20
"""Different texts up to which a column is taken as a category."""

_DATED_AT_FIRST = 0.9  # share of the first cells that hold a digit in a column of dates
_EXACT = 2.0**53
_SINGLE = 1e38  # largest number of single precision, about
_LIKE_A_DATE = r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[T ,].*)?"
_ODD_LISTED = 1000


@dataclass(frozen=True)
class ColumnPlan:
    """How the cells of a column are turned into values.

    Attributes:
        name: The column's name.
        kind: What its cells hold; ``category`` and ``text`` are read alike.
        decimal: Decimal mark of numbers.
        thousands: Thousands mark of numbers.
        form: Form of dates, as in ``date_style.convert``; empty where it is no date.
        plain: True where the parser may turn cells into numbers itself.
        why: Reason in a line, or empty.
        doubt: What is not certain, or empty.
        order: Order of day, month and year, or empty.
        odd: Cells that are no values of this kind, with counts.
        open: True where the cells seen so far do not settle it.
    """

    name: str
    kind: Kind
    decimal: Decimal = "."
    thousands: Thousands = "none"
    form: str = ""
    plain: bool = True
    why: str = ""
    doubt: str = ""
    order: str = ""
    odd: dict[str, int] = field(default_factory=dict)
    odd_total: int = 0
    open: bool = False
    has_fraction: bool = False

    def spec(self) -> ColumnSpec:
        """The column as stored in an experiment, without a role yet."""
        missing: Literal["interpolate", "forward"] = (
            "forward" if self.kind == "category" else "interpolate"
        )
        return ColumnSpec(
            name=self.name, kind=self.kind, decimal=self.decimal, thousands=self.thousands,
            missing=missing,
        )  # fmt: skip


def examine_column(
    name: str, cells: pd.Series, reading: ReadingSpec, *, place: int = 0, hint: str = ""
) -> ColumnPlan:
    """Decide what a column holds.

    Args:
        name: Its name.
        cells: Its cells as text, empty where nothing stands.
        reading: Marks and orders asked for, and the cells that mean 'no value'.
        place: Number of the column, from 0: the first is often the date.
        hint: Decimal mark of other columns, or empty.
    """
    text = cells.str.strip()
    given = text[~text.isin((*reading.missing_markers, ""))]
    if given.empty:
        return ColumnPlan(name, "number", open=True)
    style = find_style(given, reading.decimal, reading.thousands, hint)
    date = _date_plan(name, given, reading, place, style is not None)
    if date is not None:
        return date
    if style is not None:
        return ColumnPlan(
            name, "number", style.decimal, style.thousands, plain=style.plain, why=style.note,
            doubt=style.doubt, odd=style.odd, odd_total=style.odd_total, open=bool(style.doubt),
            has_fraction=style.has_fraction,
        )  # fmt: skip
    few = given.nunique() <= FEW_VALUES and given.nunique() < max(len(given), 2)
    return ColumnPlan(name, "category" if few else "text", plain=False, why=_why_text(given))


def _why_text(given: pd.Series) -> str:
    """Why a column that looks like numbers or dates is text."""
    counts = given.value_counts()
    values = counts.index.to_series()
    dated = values.str.fullmatch(_LIKE_A_DATE).to_numpy(dtype=bool)
    if dated.any() and (share := counts.to_numpy()[dated].sum() / counts.sum()) > 0.3:
        others = ", ".join(repr(cell) for cell in values[~dated].head(3))
        return f"{share:.0%} of its cells look like dates, too few; others are {others}"
    whole = values.str.fullmatch(r"-?\d+").to_numpy(dtype=bool)
    if not whole.any():
        return ""
    share = counts.to_numpy()[whole].sum() / counts.sum()
    if share > 0.9 and values[whole].str.match(r"-?0\d").any():
        return "whole numbers with leading zeros are names, and stay as they are"
    if share > 0.9:
        return "whole numbers this long would be rounded, and stay as they are"
    return f"{share:.0%} of its cells are whole numbers, too few for numbers" if share > 0.3 else ""


def _date_plan(
    name: str, given: pd.Series, reading: ReadingSpec, place: int, numeric: bool
) -> ColumnPlan | None:
    """The column as dates, or None."""
    if numeric:
        form = number_date_form(name, given, place)
        if not form:
            return None
        why = {EXCEL: "days counted as in spreadsheets", "%Y": "years"}.get(form, "")
        why = "time counted from 1970 in UTC" if form in EPOCHS else why
        return ColumnPlan(
            name, "date", form=form, plain=False, why=why or "written without a sign between",
            order="ymd",
        )  # fmt: skip
    if given.iloc[:50].str.contains(r"\d", regex=True).mean() < _DATED_AT_FIRST:
        return None
    style = find_date_style(given, reading.date_order)
    if style is None:
        return None
    return ColumnPlan(
        name, "date", form=style.format, plain=False, why=style.why,
        doubt=style.why if style.ambiguous else "", order=style.order,
        odd_total=style.unreadable, open=style.ambiguous,
    )  # fmt: skip


def number_date_form(name: str, given: pd.Series, place: int) -> str:
    """The form of dates written as plain numbers (20190103, 1885, 1325376000), or empty."""
    head = given.iloc[:1000]
    if not head.str.fullmatch(r"\d{4,19}(\.\d+)?").all():
        return ""
    named = is_date_name(name)
    lengths = set(head.str.len())
    if len(lengths) == 1 and head.str.match("(?:1[89]|20)").all():
        form = COMPACT.get(next(iter(lengths)), "")
        if form and bool(convert(given, form).notna().all()):
            return form
    if name_of_part(name) not in ("", "year"):
        return ""
    numbers = pd.to_numeric(given, errors="coerce").to_numpy(dtype=np.float64)
    steps = np.diff(numbers)
    rising = len(steps) > 1 and bool((steps >= 0).all() or (steps <= 0).all())
    even = rising and len(np.unique(np.abs(steps))) <= 2
    if lengths == {4} and ((numbers >= 1500) & (numbers <= 2200)).all():
        once = bool((steps != 0).all())
        return "%Y" if once and (named or (place == 0 and rising)) else ""
    if lengths == {6} and (named or (place == 0 and rising)):
        return "%Y%m" if bool(convert(given, "%Y%m").notna().all()) else ""
    return _counted_form(numbers, named, even and place == 0)


def _counted_form(numbers: NDArray[np.float64], named: bool, even: bool) -> str:
    """Seconds since 1970 and the like, and days of a spreadsheet."""
    low, high = numbers.min(), numbers.max()
    if named and low >= 20_000 and high <= 80_000:
        return EXCEL
    if not (named or even):
        return ""
    for form, scale in (("epoch-s", 1.0), ("epoch-ms", 1e3), ("epoch-us", 1e6), ("epoch-ns", 1e9)):
        if 1e8 * scale <= low and high <= 5e9 * scale:
            return form
    return ""


# ---------------------------------------------------------------------- collecting values


class ColumnStore:
    """Collects the values of one column, block by block.

    Attributes:
        plan: How the cells are read.
        odd: Cells that are no values of this kind, with counts.
        odd_lines: The first lines they stand in.
        missing: Cells that hold no value.
        contradicts: Why the plan does not hold for all cells, or empty.
    """

    def __init__(self, plan: ColumnPlan, reading: ReadingSpec, *, compact: bool = False) -> None:
        self.plan = plan
        self.odd: Counter[str] = Counter()
        self.odd_lines: list[int] = []
        self.missing = 0
        self.contradicts = ""
        self._markers = frozenset((*reading.missing_markers, ""))
        self._values = _Growing()
        self._parts: list[pd.Series] = []
        self._compact = compact

    def add_numbers(self, values: pd.Series, lines: NDArray[np.int64]) -> None:
        """Take numbers as the parser made them."""
        whole = values.dtype.kind in "iu"
        numbers = values.to_numpy(dtype=np.float64)
        if not whole:
            strange = np.isinf(numbers)
            if strange.any():
                self._note_odd(pd.Series("inf", index=range(int(strange.sum()))), lines[strange])
                numbers = np.where(strange, np.nan, numbers)
            self.missing += int(np.isnan(numbers).sum()) - int(strange.sum())
        if len(numbers) and np.nanmax(np.abs(numbers), initial=0.0) >= _EXACT:
            self.contradicts = "long"
        self._keep(numbers)

    def add_cells(self, cells: pd.Series, lines: NDArray[np.int64]) -> None:
        """Take cells as text."""
        if self.plan.kind == "date":
            dates = convert(cells, self.plan.form)
            if not dates.isna().any():
                self._values.add(dates.to_numpy())
                return
        text = cells.str.strip()
        missing = text.isin(self._markers).to_numpy(dtype=bool)
        self.missing += int(missing.sum())
        if self.plan.kind in ("category", "text"):
            filled = text.mask(missing)
            self._parts.append(filled.astype("category") if self._compact else filled)
            return
        if self.plan.kind == "number":
            numbers = to_numbers(text.mask(missing), self.plan.decimal, self.plan.thousands)
            unread = np.isnan(numbers) & ~missing
            if bool((np.abs(numbers) >= _EXACT).any()):
                self.contradicts = "long"
            self._keep(numbers)
        else:
            dates = dates.mask(missing)
            unread = dates.isna().to_numpy() & ~missing
            self._values.add(dates.to_numpy())
        if unread.any():
            self._note_odd(cells[unread], lines[unread])

    def finish(self) -> pd.Series:
        """All values; the parts are given up."""
        parts, self._parts = self._parts, []
        values, self._values = self._values, _Growing()
        if self.plan.kind in ("number", "date"):
            return pd.Series(values.finish(), name=self.plan.name, copy=False)
        if not parts:
            return pd.Series([], dtype="str", name=self.plan.name)
        if self._compact:
            return _joined_categories(parts, self.plan.name)
        return pd.concat(parts, ignore_index=True).rename(self.plan.name)

    def _keep(self, numbers: NDArray[np.float64]) -> None:
        if self._compact and _fits_single(numbers):
            self._values.add(numbers.astype(np.float32))
        else:
            self._values.add(numbers)

    def _note_odd(self, cells: pd.Series, lines: NDArray[np.int64]) -> None:
        self.odd.update(dict(cells.str.strip().value_counts().head(_ODD_LISTED)))
        room = 20 - len(self.odd_lines)
        self.odd_lines += [int(line) for line in lines[: max(room, 0)]]


def _fits_single(numbers: NDArray[np.float64]) -> bool:
    """Whether single precision keeps what counts: whole numbers exactly, others to 7 digits."""
    if np.fmax.reduce(np.abs(numbers), initial=0.0) > _SINGLE:
        return False
    off = numbers.astype(np.float32) != numbers
    return not (off & (numbers == np.rint(numbers))).any()


class _Growing:
    """An array that grows at its end.

    Memory behind the end is asked for but never touched, so that it takes no place; the values
    themselves are never copied together from blocks.
    """

    def __init__(self) -> None:
        self._array: NDArray[np.generic] = np.empty(0, dtype=np.float64)
        self._size = 0

    def add(self, values: NDArray[np.generic]) -> None:
        """Put values behind those there are."""
        size = self._size + len(values)
        kind = values.dtype
        if self._size:
            kind = np.promote_types(self._array.dtype, values.dtype)
        if size > len(self._array) or kind != self._array.dtype:
            longer = np.empty(max(2 * size, len(self._array)), dtype=kind)
            longer[: self._size] = self._array[: self._size]
            self._array = longer
        self._array[self._size : size] = values
        self._size = size

    def finish(self) -> NDArray[np.generic]:
        """The values added."""
        return self._array[: self._size]


def _joined_categories(parts: list[pd.Series], name: str) -> pd.Series:
    """One categorical column; categories in the order of their first row."""
    categories: dict[str, int] = {}
    codes = []
    for part in parts:
        known = part.cat.categories
        place = [categories.setdefault(str(value), len(categories)) for value in known]
        table = np.append(np.array(place, dtype=np.int32), np.int32(-1))
        codes.append(table[part.cat.codes.to_numpy()])
    values = pd.Categorical.from_codes(
        np.concatenate(codes), categories=pd.Index(list(categories), dtype="str")
    )
    return pd.Series(values, name=name)
