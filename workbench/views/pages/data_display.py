"""How cells, columns, roles and findings are written on the Data page."""

from html import escape
from typing import Any

import numpy as np
from PySide6.QtCore import QCoreApplication

from workbench.data.roles import split_assignment
from workbench.experiment import fields
from workbench.specs import ColumnSpec

LONGEST_CELL = 200
"""Characters of a cell that are drawn; the rest is in the tooltip."""

LONGEST_TIP = 2000


def _tr(text: str) -> str:
    return QCoreApplication.translate("DataPage", text)


def plain_tip(text: str) -> str:
    """A tooltip that shows ``text`` as it is: Qt would otherwise read mark-up in a column name."""
    cut = text if len(text) <= LONGEST_TIP else text[:LONGEST_TIP] + "…"
    return f"<p style='white-space:pre-wrap'>{escape(visible(cut, keep_breaks=True))}</p>"


_PICTURES = {code: chr(0x2400 + code) for code in range(0x20)} | {0x7F: "\u2421"}
_BREAKS = {0x2028: "\u2424", 0x2029: "\u2424"}
_WITHOUT_BREAKS = {code: sign for code, sign in _PICTURES.items() if code not in (9, 10)}


def visible(text: str, *, keep_breaks: bool = False) -> str:
    """The text with a visible sign for every control character, one for one.

    Lone surrogates, which no widget can draw, become U+FFFD. The length in code points stays.
    """
    shown = text.translate(_WITHOUT_BREAKS if keep_breaks else _PICTURES | _BREAKS)
    if shown.isascii() or not any("\ud800" <= sign <= "\udfff" for sign in shown):
        return shown
    return "".join("\ufffd" if "\ud800" <= sign <= "\udfff" else sign for sign in shown)


def one_line(text: str) -> str:
    """A name or cell on one line, cut to what can be drawn."""
    return visible(text[:LONGEST_CELL]) + ("…" if len(text) > LONGEST_CELL else "")


def is_missing(value: Any) -> bool:
    """Whether a cell of a typed frame holds no value."""
    if value is None:
        return True
    if isinstance(value, str):
        return False
    try:
        return bool(np.isnan(value))
    except TypeError:
        return type(value).__name__ in ("NaTType", "NAType")
    except ValueError:
        return False


def number_text(value: float) -> str:
    """A number of the data: whole ones in full, others to eight digits; no grouping."""
    if isinstance(value, (int, np.integer)):
        return str(int(value)).replace("-", "−")
    whole = float(value).is_integer() and abs(value) < 1e15
    return (f"{value:.0f}" if whole else f"{value:.8g}").replace("-", "−")


def role_text(role: str) -> str:
    """The role of a column in words."""
    return {
        "target": _tr("Target"),
        "input": _tr("Input"),
        "known_future": _tr("Known future"),
        "series_id": _tr("Series id"),
        "date": _tr("Date"),
        "ignored": _tr("Ignored"),
    }.get(role, role)


def role_help(role: str) -> str:
    """What a role means, in one line."""
    return {
        "target": _tr("To be forecast. Its past is an input too."),
        "input": _tr("Known up to the moment of the forecast."),
        "known_future": _tr("Known for the forecast steps too: a holiday, a price list."),
        "series_id": _tr("Tells several series in one file apart."),
        "date": _tr("The time axis, or a part of it."),
        "ignored": _tr("Not used."),
    }.get(role, "")


def kind_text(kind: str) -> str:
    """The kind of a column's cells in words."""
    return {
        "number": _tr("number"),
        "category": _tr("category"),
        "date": _tr("date"),
        "text": _tr("text"),
    }.get(kind, kind)


def missing_text(policy: str) -> str:
    """What is done where a value is missing, in words."""
    return {
        "interpolate": _tr("Straight line"),
        "forward": _tr("Last value"),
        "zero": _tr("Zero"),
        "mean": _tr("Training mean"),
        "cut": _tr("Cut there"),
    }.get(policy, policy)


def scaler_text(scaler: str) -> str:
    """The scaler in words."""
    return {
        "standard": _tr("Mean 0, deviation 1"),
        "minmax": _tr("0 … 1"),
        "robust": _tr("Median, quartiles"),
        "none": _tr("None"),
    }.get(scaler, scaler)


def separator_text(separator: str) -> str:
    """A separator in words."""
    return {
        "auto": _tr("Automatic"),
        ",": _tr("Comma  ,"),
        ";": _tr("Semicolon  ;"),
        "\t": _tr("Tab"),
        "|": _tr("Bar  |"),
        " ": _tr("Spaces"),
        "none": _tr("None: one column"),
    }.get(separator, separator)


def column_text(column: ColumnSpec) -> str:
    """Role and kind of a column: ``Target · number``."""
    return f"{role_text(column.role)} · {kind_text(column.kind)}"


def sentinels_text(sentinels: tuple[float, ...]) -> str:
    """Sentinels as typed: ``−200; 9999``."""
    return "; ".join(number_text(value) for value in sentinels)


def parse_sentinels(text: str) -> tuple[float, ...]:
    """Read sentinels back from ``sentinels_text`` or what a person types.

    Raises:
        ValueError: Where a part is not a number.
    """
    parts = text.replace("−", "-").replace(";", " ").split()
    return tuple(dict.fromkeys(float(part.rstrip(",").replace(",", ".")) for part in parts))


def assignment_text(assignment: str) -> str:
    """What a repair does, for the button that applies it."""
    column, field, value = split_assignment(assignment)
    if column and field == "sentinels":
        return _tr("Treat %1 as missing").replace("%1", value.strip(" []").replace("-", "−"))
    if column and field == "role":
        return _tr("Make it “%1”").replace("%1", role_text(value))
    if column and field == "missing":
        return _tr("Fill missing values: %1").replace("%1", missing_text(value).lower())
    dotted = f"data.table.columns.<name>.{field}" if column else field
    label = next((item.label for item in fields(dotted)), field.rpartition(".")[2])
    return _tr("Set “%1” to %2").replace("%1", label).replace("%2", value)
