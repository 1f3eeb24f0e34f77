"""What changes in an experiment when a column gets another role, or a finding is repaired."""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from workbench.data.findings import Finding
from workbench.errors import UserError
from workbench.experiment import Experiment
from workbench.specs import ColumnSpec, TableSpec

COLUMNS = "data.table.columns"
TIME = "data.table.time"


def column_changes(
    table: TableSpec, names: Sequence[str], field: str, value: Any
) -> dict[str, Any]:
    """Set one field of several columns, with what has to follow.

    A column that becomes a date joins the date columns of the time axis, one that stops being a
    date leaves them, and the format is found anew. There is one series id: an earlier one is
    ignored from then on. A target has to hold numbers: its kind follows.

    Args:
        table: The table as it stands.
        names: Columns to change; those that are not there are passed over.
        field: Field of ``ColumnSpec``.
        value: Its new value, as plain data.

    Returns:
        Dotted names and values for ``Experiment.with_values``; empty where nothing changes.
    """
    chosen = set(names)
    if field == "role" and value == "series_id" and len(chosen) > 1:
        chosen = {next(item.name for item in table.columns if item.name in chosen)}
    after = [_changed(item, field, value, chosen) for item in table.columns]
    changes = _assignments(table.columns, after)
    if field == "role":
        dates = _date_columns(table, after)
        if dates != table.time.columns:
            changes[f"{TIME}.columns"] = list(dates)
            changes[f"{TIME}.format"] = "auto"
    return changes


_COLUMN_REPAIR = re.compile(
    rf"{re.escape(COLUMNS)}\.(?P<name>.+)\.(?P<field>{'|'.join(ColumnSpec.model_fields)})="
    r"(?P<value>.*)",
    re.DOTALL,
)


def split_assignment(assignment: str) -> tuple[str, str, str]:
    """Take a repair apart, whatever signs the name of its column holds.

    Args:
        assignment: As in ``Finding.repair``: ``data.table.columns.a=b.role=input``.

    Returns:
        Column name (empty where it is about none), field or dotted name, and value as text.
    """
    found = _COLUMN_REPAIR.fullmatch(assignment)
    if found is not None:
        return found["name"], found["field"], found["value"].strip()
    dotted, _, value = assignment.partition("=")
    return "", dotted.strip(), value.strip()


def repair_changes(experiment: Experiment, assignment: str) -> dict[str, Any]:
    """What one click on a finding's repair sets.

    Args:
        experiment: As it stands.
        assignment: As in ``Finding.repair``.

    Returns:
        Dotted names and values for ``Experiment.with_values``.

    Raises:
        UserError: Where there is no such field or the value is not allowed.
    """
    name, field, text = split_assignment(assignment)
    if name:
        return column_changes(experiment.data.table, [name], field, _parse(text))
    after = experiment.with_text_values([assignment])
    return {field: after.value(field)}


def still_open(findings: Sequence[Finding], experiment: Experiment) -> tuple[Finding, ...]:
    """Findings as they stand now: one whose repair is in the experiment is mended.

    Args:
        findings: As they were when the file was read.
        experiment: As it stands.
    """
    return tuple(
        replace(item, level="repaired", repair="") if _is_done(item.repair, experiment) else item
        for item in findings
    )


def _is_done(repair: str, experiment: Experiment) -> bool:
    if not repair:
        return False
    try:
        changes = repair_changes(experiment, repair)
        return experiment.with_values(changes) == experiment
    except UserError:
        return False


def assigned(experiment: Experiment, assignments: Sequence[str]) -> Experiment:
    """Apply ``name=value`` texts as a person means them, with what has to follow.

    Another role or kind of a column changes what depends on it, and other date columns change the
    roles of columns, as by hand in the window.

    Args:
        experiment: As it stands.
        assignments: As on the command line.

    Raises:
        UserError: Where there is no such field or the value is not allowed.
    """
    known = {item.name for item in experiment.data.table.columns}
    taken = [(split_assignment(item), item) for item in assignments]
    columns = [parts for parts, _ in taken if parts[0] in known]
    changed = experiment.with_text_values([item for parts, item in taken if parts[0] not in known])
    dates = changed.data.table.time.columns
    if dates != experiment.data.table.time.columns:
        changed = changed.with_values(_dated(changed.data.table, dates))
        if not any(parts[1] == f"{TIME}.format" for parts, _ in taken):
            changed = changed.with_value(f"{TIME}.format", "auto")
    for name, field, text in columns:
        changes = column_changes(changed.data.table, [name], field, _parse(text))
        changed = changed.with_values(changes)
    return changed


def _dated(table: TableSpec, dates: Sequence[str]) -> dict[str, Any]:
    """Roles of columns where others are the dates."""
    after = []
    for item in table.columns:
        role = item.role
        if item.name in dates:
            role = "date"
        elif role == "date":
            role = "ignored"
        after.append(item.model_copy(update={"role": role}))
    return _assignments(table.columns, after)


def _parse(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _changed(item: ColumnSpec, field: str, value: Any, chosen: set[str]) -> ColumnSpec:
    if item.name not in chosen:
        if field == "role" and value == "series_id" and item.role == "series_id":
            return item.model_copy(update={"role": "ignored"})
        return item
    if field == "sentinels":
        value = tuple(float(number) for number in value)
    update = {field: value}
    if field == "role" and value == "target":
        update["kind"] = "number"
    return item.model_copy(update=update)


def _date_columns(table: TableSpec, after: list[ColumnSpec]) -> tuple[str, ...]:
    """Date columns in their order so far, new ones behind."""
    dates = {item.name for item in after if item.role == "date"}
    kept = [name for name in table.time.columns if name in dates]
    return (*kept, *(item.name for item in after if item.name in dates - set(kept)))


def _assignments(before: Sequence[ColumnSpec], after: Sequence[ColumnSpec]) -> dict[str, Any]:
    """Dotted assignments of what differs; the whole list where names with dots would clash."""
    differing = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    if len(differing) > 20 or not _unambiguous([old.name for old, _ in differing], before):
        return {COLUMNS: [item.model_dump(mode="json") for item in after]}
    changes: dict[str, Any] = {}
    for old, new in differing:
        was, now = old.model_dump(mode="json"), new.model_dump(mode="json")
        changes |= {
            f"{COLUMNS}.{old.name}.{field}": now[field] for field in now if now[field] != was[field]
        }
    return changes


def _unambiguous(names: list[str], columns: Sequence[ColumnSpec]) -> bool:
    """Whether each name is found first when it stands in a dotted name."""
    every = [item.name for item in columns]
    return all(
        name and not any(name.startswith(other + ".") for other in every if other != name)
        for name in names
    )
