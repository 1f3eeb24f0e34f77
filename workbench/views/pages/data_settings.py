"""What the settings dock holds for the Data page: one panel for a table, one for a text."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from workbench.views.forms import SettingsForm
from workbench.views.pages.data_reading import ReadingPanel
from workbench.views.theme import SPACING

if TYPE_CHECKING:
    from workbench.app.session import Session

TABLE_FIELDS = {
    "windows": ("data.table.windows.window", "data.table.windows.horizon",
                "data.table.windows.stride"),
    "split": ("data.split.unit", "data.split.train", "data.split.validation", "data.split.test",
              "data.split.gap"),
    "time": ("data.table.time.frequency", "data.table.time.sort", "data.table.time.duplicates",
             "data.table.time.gaps"),
}  # fmt: skip
TEXT_FIELDS = {
    "symbols": ("data.text.symbols", "data.text.minimum_count", "data.text.vocabulary_size",
                "data.text.lowercase", "data.text.encoding"),
    "split": ("data.split.unit", "data.split.train", "data.split.validation", "data.split.test",
              "data.split.gap"),
    "preview": ("preview.probe", "preview.prompt"),
}  # fmt: skip


class _Settings(QScrollArea):
    """Titled forms under each other."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        body = QWidget()
        self._layout = QVBoxLayout(body)
        self._layout.setContentsMargins(2 * SPACING, 2 * SPACING, 2 * SPACING, 2 * SPACING)
        self._layout.setSpacing(SPACING)
        self._layout.addStretch(1)
        self.setWidget(body)

    def add(self, title: str, widget: QWidget) -> None:
        """Put a form under the others, with its title."""
        heading = QLabel(title)
        heading.setProperty("role", "heading")
        first = self._layout.count() == 1
        heading.setContentsMargins(0, 0 if first else SPACING, 0, 0)
        place = self._layout.count() - 1
        self._layout.insertWidget(place, heading)
        self._layout.insertWidget(place + 1, widget)


class TableSettings(_Settings):
    """Reading, windows, split and time axis of a table."""

    def __init__(self, session: "Session") -> None:
        super().__init__("table_settings")
        self.reading = ReadingPanel()
        self.add(self.tr("Reading"), self.reading)
        titles = {
            "windows": self.tr("Windows"),
            "split": self.tr("Split"),
            "time": self.tr("Time axis"),
        }
        for key, names in TABLE_FIELDS.items():
            self.add(titles[key], SettingsForm(session, names=list(names)))


class TextSettings(_Settings):
    """Symbols, split, probe and prompt of a text."""

    def __init__(self, session: "Session") -> None:
        super().__init__("text_settings")
        titles = {
            "symbols": self.tr("Symbols"),
            "split": self.tr("Split"),
            "preview": self.tr("While it trains"),
        }
        for key, names in TEXT_FIELDS.items():
            self.add(titles[key], SettingsForm(session, names=list(names)))
