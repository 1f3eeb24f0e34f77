"""What each column of a table is likely for."""

import pandas as pd

from workbench.data.findings import Finding
from workbench.experiment import ColumnSpec


def suggest_roles(
    columns: list[ColumnSpec],
    raw: pd.DataFrame,
    date_columns: tuple[str, ...],
    findings: list[Finding],
) -> tuple[ColumnSpec, ...]:
    """Give every column a role.

    Date columns are the time axis. Empty, constant and text columns and plain row numbers are
    ignored. Where the dates repeat, the first column that tells the rows of a date apart is the
    series id. Every other number is a target, unless one column alone has gaps while the rest are
    whole (a measurement among its conditions): then that one is the target and the rest are
    inputs. Few-valued text is an input.
    """
    roles: dict[str, str] = {}
    for column in columns:
        cells = raw[column.name]
        if column.name in date_columns:
            roles[column.name] = "date"
        elif column.kind in ("text", "date"):
            roles[column.name] = "ignored"
        elif cells.nunique() <= 1:
            roles[column.name] = "ignored"
            state = "is empty" if (cells == "").all() else "holds one value only"
            findings.append(Finding(f"column {column.name}", "ignored", f"it {state}"))
        elif _counts_rows(cells):
            roles[column.name] = "ignored"
            findings.append(Finding(f"column {column.name}", "ignored", "it only counts the rows"))
    series = _series_id(columns, raw, date_columns, roles)
    if series:
        roles[series] = "series_id"
        why = "dates repeat, once for each of it"
        findings.append(Finding(f"column {series}", "series id", why))
    numbers = [c.name for c in columns if c.kind == "number" and c.name not in roles]
    target = _measured(numbers, raw)
    for column in columns:
        if column.name not in roles:
            only = target is not None and column.name != target
            roles[column.name] = "input" if column.kind != "number" or only else "target"
    return tuple(c.model_copy(update={"role": roles[c.name]}) for c in columns)


def _counts_rows(cells: pd.Series) -> bool:
    numbers = pd.to_numeric(cells, errors="coerce")
    return len(cells) > 2 and bool((numbers.diff().iloc[1:] == 1).all())


def _measured(numbers: list[str], raw: pd.DataFrame) -> str | None:
    gaps = [name for name in numbers if raw[name].str.strip().isin(["", "NA", "NaN", "?"]).any()]
    return gaps[0] if len(gaps) == 1 and len(numbers) > 1 else None


def _series_id(
    columns: list[ColumnSpec],
    raw: pd.DataFrame,
    dates: tuple[str, ...],
    roles: dict[str, str],
) -> str | None:
    if not dates or not raw.duplicated(list(dates)).mean() > 0.5:
        return None
    free = [c.name for c in columns if c.name not in roles]
    for name in free:
        if 1 < raw[name].nunique() < len(raw) / 10:
            return name
    return None
