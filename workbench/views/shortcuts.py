"""The dialog that lists every shortcut."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from workbench.views.theme import SPACING


class ShortcutsDialog(QDialog):
    """Keys and what they do, in two columns."""

    def __init__(self, rows: list[tuple[str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("shortcuts_dialog")
        self.setWindowTitle(self.tr("Keyboard shortcuts"))
        pictures = [
            ("← → ↑ ↓", self.tr("In a picture: move the crosshair (ten at a time with Shift)")),
            ("+  −", self.tr("In a picture: zoom in and out")),
            ("Home", self.tr("In a picture: show everything again")),
            ("Ctrl+C", self.tr("In a picture: copy it")),
            ("Ctrl+F", self.tr("In settings: search")),
            ("Esc", self.tr("Close a message")),
            ("F2", self.tr("In Runs: rename")),
            ("Del", self.tr("In Runs: move to the bin")),
            ("Return", self.tr("In Runs: open")),
        ]
        body = QWidget()
        grid = QGridLayout(body)
        grid.setContentsMargins(2 * SPACING, SPACING, 2 * SPACING, SPACING)
        grid.setHorizontalSpacing(3 * SPACING)
        grid.setVerticalSpacing(SPACING)
        for line, (keys, meaning) in enumerate([*rows, *pictures]):
            for column, text in enumerate((keys, meaning)):
                label = QLabel(text)
                label.setTextFormat(Qt.TextFormat.PlainText)
                label.setProperty("role", "value" if column == 0 else "")
                label.setWordWrap(column == 1)
                grid.addWidget(label, line, column)
        grid.setColumnStretch(1, 1)
        area = QScrollArea()
        area.setObjectName("shortcuts_list")
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(body)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(area)
        layout.addWidget(buttons)
        self.resize(64 * SPACING, 72 * SPACING)
