"""Which columns hold the dates: one, a day and its time of day, or year, month and so on."""

from typing import Literal

import pandas as pd

from workbench.data.columns import ColumnPlan
from workbench.data.date_style import find_parts, part_numbers
from workbench.data.date_words import PARTS, name_of_part
from workbench.data.findings import Finding
from workbench.specs import TimeSpec


def find_date_columns(
    plans: list[ColumnPlan], frame: pd.DataFrame
) -> tuple[TimeSpec, list[Finding]]:
    """The time axis: a column of dates, or several that make one together.

    Args:
        plans: How each column is read.
        frame: The table, read so.

    Returns:
        The columns with their format, none where rows are numbered; and what was found.
    """
    dates = [plan for plan in plans if plan.kind == "date"]
    parts = find_parts([plan.name for plan in plans if _may_be_part(plan, frame)])
    if dates:
        best = dates[0]
        if len(dates) > 1:
            best = max(dates, key=lambda plan: (frame[plan.name].nunique(), -plans.index(plan)))
        level: Literal["doubt", "info"] = "doubt" if best.doubt else "info"
        notes = [Finding("dates", f"{best.name}: {best.form}", best.why, level)]
        if len(dates) > 1:
            others = ", ".join(plan.name for plan in dates if plan is not best)
            notes.append(
                Finding("dates", f"{len(dates)} columns hold dates", f"not used: {others}", "doubt")
            )
        names = (best.name, *_time_of_day(frame, best.name, plans))
        if len(names) > 1:
            notes.append(Finding("dates", " + ".join(names), "a date and its time of day"))
        return TimeSpec(columns=names, format=best.form), notes
    if parts and _make_dates(frame, parts):
        note = Finding("dates", " + ".join(parts), "columns that make a date together")
        return TimeSpec(columns=parts), [note]
    return TimeSpec(), [Finding("dates", "none", "no column holds dates: rows are numbered")]


def _time_of_day(frame: pd.DataFrame, date: str, plans: list[ColumnPlan]) -> tuple[str, ...]:
    """The column that holds the time of day where dates are days that repeat."""
    days = frame[date]
    for part in (days.head(1000), days):
        if bool((part != part.dt.floor("D")).any()) or part.is_unique:
            return ()
    for plan in plans:
        cells = frame[plan.name]
        if plan.kind == "number":
            if name_of_part(plan.name) == "hour" and cells.between(0, 24).all():
                return (plan.name,)
        elif (
            plan.kind != "date"
            and bool(cells.notna().all())
            and bool(cells.str.fullmatch(r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?").all())
        ):
            return (plan.name,)
    return ()


def _may_be_part(plan: ColumnPlan, frame: pd.DataFrame) -> bool:
    """Whether a column may be the year, the month and so on: numbers, or names of months."""
    if plan.kind == "number":
        return True
    return (
        plan.kind == "category"
        and name_of_part(plan.name) == "month"
        and (bool(part_numbers(frame[plan.name], "month").notna().all()))
    )


def _make_dates(frame: pd.DataFrame, parts: tuple[str, ...]) -> bool:
    """Whether year, month and so on make dates that differ."""
    limits = {1: (1, 12), 2: (1, 31), 3: (0, 24), 4: (0, 59), 5: (0, 60)}
    for place, (part, name) in enumerate(zip(PARTS, parts, strict=False)):
        low, high = limits.get(place, (1, 9999))
        if not part_numbers(frame[name], part).between(low, high).all():
            return False
    return True
