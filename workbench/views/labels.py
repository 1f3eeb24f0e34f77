"""Labels that show text as it is: Qt would otherwise read mark-up in a column's name."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel


def plain_label(name: str, text: str = "", role: str = "", *, wrap: bool = True) -> QLabel:
    """Make a label for plain text.

    Args:
        name: Its object name.
        text: What it shows.
        role: Role in the style sheet (``title``, ``heading``, ``muted``, ``small`` …), or empty.
        wrap: Whether long text goes on in the next line.
    """
    label = QLabel(text)
    label.setObjectName(name)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(wrap)
    if role:
        label.setProperty("role", role)
    return label


def selectable_label(name: str, role: str = "") -> QLabel:
    """Make a label for plain text that can be marked and copied with the mouse."""
    label = plain_label(name, role=role)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
