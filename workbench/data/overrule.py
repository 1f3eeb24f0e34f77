"""Reading a table another way than was detected: what changes in the experiment."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.errors import UserError
from workbench.specs import ColumnSpec, ReadingSpec, TableSpec

if TYPE_CHECKING:
    from workbench.data.table import TableSource

_FOLLOWS = {
    "encoding": (
        "separator", "decimal", "thousands", "header", "skip_rows", "unit_rows", "last_rows",
    ),
    "separator": ("decimal", "thousands", "header", "skip_rows", "unit_rows", "last_rows"),
    "skip_rows": ("header", "decimal", "thousands", "unit_rows", "last_rows"),
    "header": ("decimal", "thousands", "unit_rows"),
}  # fmt: skip
"""What is found anew when a setting is overruled, unless it is overruled at the same time."""

_KEPT = ("role", "missing", "sentinels", "scaler")
"""What a person chose for a column and a column of the same name keeps."""


def overruled(reading: ReadingSpec, changes: dict[str, Any]) -> ReadingSpec:
    """The reading with some settings overruled and those that depend on them found anew.

    Raises:
        UserError: Where a value is not allowed.
    """
    values = reading.model_dump()
    defaults = ReadingSpec().model_dump()
    for field in changes:
        values |= {name: defaults[name] for name in _FOLLOWS.get(field, ())}
    values |= changes
    try:
        return ReadingSpec.model_validate(values)
    except ValueError as error:
        raise UserError(
            f"The table cannot be read like this: {error}.", "Choose another value."
        ) from None


def reread(
    path: str | Path,
    table: TableSpec,
    changes: dict[str, Any],
    preview: "Callable[[str | Path, ReadingSpec], TableSource] | None" = None,
) -> "tuple[TableSource, dict[str, Any]]":
    """Read the head of a file another way.

    Args:
        path: The file.
        table: As set up so far; what was chosen for columns that are still there stays.
        changes: Fields of ``ReadingSpec`` and their new values.
        preview: Reads the head; None takes ``preview_table``.

    Returns:
        What was read, and the dotted assignments that make the experiment read it so.

    Raises:
        UserError: Where the file cannot be read like this.
    """
    if preview is None:
        from workbench.data.table import preview_table

        preview = preview_table
    source = preview(path, overruled(table.reading, changes))
    columns = merge_columns(table.columns, source.columns)
    return source, {
        "data.table.reading": source.reading.model_dump(mode="json"),
        "data.table.columns": [item.model_dump(mode="json") for item in columns],
        "data.table.time": _merge_time(table, source, columns),
    }


def merge_columns(
    before: Sequence[ColumnSpec], found: Sequence[ColumnSpec]
) -> tuple[ColumnSpec, ...]:
    """Columns as newly found, with what was chosen for those that were there before.

    Roles are kept only where a target is among them: otherwise the suggestion is better.
    """
    chosen = {item.name: item for item in before}
    kept = [item.name for item in found if item.name in chosen]
    roles = any(
        chosen[item.name].role == "target" and item.kind == "number"
        for item in found
        if item.name in chosen
    )
    merged = []
    for item in found:
        if item.name not in kept:
            merged.append(item)
            continue
        old = chosen[item.name]
        update = {field: getattr(old, field) for field in _KEPT if field != "role" or roles}
        if item.kind == "date" or old.role == "date":
            update["role"] = item.role
        if update.get("role") == "target" and item.kind != "number":
            update["role"] = item.role
        merged.append(item.model_copy(update=update))
    return tuple(merged)


def _merge_time(
    table: TableSpec, source: "TableSource", columns: Sequence[ColumnSpec]
) -> dict[str, Any]:
    """The time axis as newly found, with the repairs that were chosen."""
    found = source.time.model_dump(mode="json")
    chosen = table.time.model_dump(mode="json")
    found |= {name: chosen[name] for name in ("sort", "duplicates", "gaps")}
    names = {item.name for item in columns}
    found["columns"] = [name for name in found["columns"] if name in names]
    return found
