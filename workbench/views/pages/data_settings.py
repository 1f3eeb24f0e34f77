"""What the settings dock holds for the Data page: one panel for a table, one for a text."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from workbench.views.forms import PANEL_WIDTH, SettingsForm
from workbench.views.pages.data_reading import ReadingPanel
from workbench.views.theme import SPACING

if TYPE_CHECKING:
    from workbench.app.session import Session

TABLE_FIELDS = (
    "data.table.windows", "data.split", "data.table.time.frequency", "data.table.time.sort",
    "data.table.time.duplicates", "data.table.time.gaps", "preview.probe_window",
)  # fmt: skip

TEXT_FIELDS = ("data.text", "data.split", "preview.probe", "preview.prompt")


class _Panel(QScrollArea):
    """Widgets under each other with room around them."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def fill(self, *widgets: QWidget) -> None:
        """Put widgets under each other."""
        body = QWidget()
        layout = QVBoxLayout(body)
        layout.setContentsMargins(2 * SPACING, 2 * SPACING, 2 * SPACING, 2 * SPACING)
        layout.setSpacing(2 * SPACING)
        for widget in widgets:
            layout.addWidget(widget)
        layout.addStretch(1)
        self.setWidget(body)

    def sizeHint(self) -> QSize:
        """The usual width of the dock."""
        return QSize(PANEL_WIDTH, 60 * SPACING)


class TableSettings(_Panel):
    """How the file is read; under it windows, split and time axis."""

    def __init__(self, session: "Session") -> None:
        super().__init__("table_settings")
        self.setAccessibleName(self.tr("Settings of the table"))
        self.form = SettingsForm(session, list(TABLE_FIELDS))
        self.reading = ReadingPanel()
        part = QWidget()
        column = QVBoxLayout(part)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACING)
        heading = QLabel(self.tr("Reading"))
        heading.setProperty("role", "heading")
        column.addWidget(heading)
        column.addWidget(self.reading)
        self.fill(part, self.form)


class TextSettings(_Panel):
    """Symbols, split, probe and prompt of a text."""

    def __init__(self, session: "Session") -> None:
        super().__init__("text_settings")
        self.setAccessibleName(self.tr("Settings of the text"))
        self.form = SettingsForm(session, list(TEXT_FIELDS))
        self.fill(self.form)
