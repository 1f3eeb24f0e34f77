"""The probe and the prompt of a text: what is pinned now, and buttons that pin the selection."""

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from workbench.views.numbers import isolated
from workbench.views.pages.data_display import one_line, plain_tip
from workbench.views.pages.data_text_view import TextPager
from workbench.views.theme import SPACING, icon

LONGEST = 1000
"""Characters of a pinned probe or prompt."""


class ElidedLabel(QLabel):
    """One line of plain text, cut with dots where there is no room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._whole = ""

    def set_whole(self, text: str) -> None:
        """Show as much of a text as fits; all of it is in the tooltip."""
        self._whole = text
        self.setToolTip(plain_tip(text) if text else "")
        self.setAccessibleDescription(text)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Cut anew."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        end = Qt.TextElideMode.ElideRight
        self.setText(self.fontMetrics().elidedText(self._whole, end, max(self.width() - 2, 0)))


class ProbePanel(QWidget):
    """Two rows: the probe whose hidden states are drawn, the prompt that samples start with."""

    edit_requested = Signal(str, object)
    """Dotted name and text."""

    def __init__(self, pager: TextPager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("probe_panel")
        self._pager = pager
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(SPACING)
        self._grid.setVerticalSpacing(SPACING // 2)
        self._grid.setColumnStretch(1, 1)
        self.probe, self.clear_probe, self.pin = self._row(
            "probe",
            self.tr("Probe"),
            self.tr("Pin as probe"),
            self.tr("Draw the hidden states of the selected text while the model trains"),
        )
        self.prompt, self.clear_prompt, self.use = self._row(
            "prompt",
            self.tr("Prompt"),
            self.tr("Use as prompt"),
            self.tr("Start the text that the model writes with the selected text"),
        )
        self.pin.clicked.connect(self._pin)
        self.use.clicked.connect(self._use)
        self.clear_probe.clicked.connect(self._drop_probe)
        self.clear_prompt.clicked.connect(self._drop_prompt)
        for button, keys in ((self.pin, "Ctrl+Shift+P"), (self.use, "Ctrl+Shift+M")):
            action = QAction(button.text(), pager)
            action.setShortcut(keys)
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            action.triggered.connect(button.click)
            pager.addAction(action)
        pager.selectionChanged.connect(self._show_selection)
        self.set_texts("", "")

    def _row(
        self, name: str, title: str, words: str, tip: str
    ) -> tuple[ElidedLabel, QToolButton, QPushButton]:
        row = self._grid.rowCount()
        text = ElidedLabel()
        text.setObjectName(f"{name}_text")
        text.setAccessibleName(title)
        clear = QToolButton()
        clear.setObjectName(f"clear_{name}")
        clear.setIcon(icon("x"))
        clear.setIconSize(QSize(14, 14))
        clear.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        cleared = self.tr("%1: take it from the validation part").replace("%1", title)
        clear.setToolTip(cleared)
        clear.setAccessibleName(cleared)
        button = QPushButton(words)
        button.setObjectName(f"pin_{name}")
        button.setAccessibleName(words)
        button.setToolTip(tip)
        heading = QLabel(title)
        heading.setProperty("role", "muted")
        for column, widget in enumerate((heading, text, clear, button)):
            self._grid.addWidget(widget, row, column)
        return text, clear, button

    def set_texts(self, probe: str, prompt: str) -> None:
        """Show what is pinned; empty: taken from the validation part."""
        automatic = self.tr("from the validation part")
        for label, clear, text in (
            (self.probe, self.clear_probe, probe),
            (self.prompt, self.clear_prompt, prompt),
        ):
            label.set_whole(isolated(f"“{one_line(text)}”") if text else automatic)
            clear.setVisible(bool(text))
        self._show_selection()

    @Slot()
    def _show_selection(self) -> None:
        first, last = self._pager.selected_span()
        chosen = 0 < last - first <= LONGEST
        self.pin.setEnabled(chosen)
        self.use.setEnabled(chosen)

    @Slot()
    def _pin(self) -> None:
        self.edit_requested.emit("preview.probe", self._pager.selected_text())

    @Slot()
    def _use(self) -> None:
        self.edit_requested.emit("preview.prompt", self._pager.selected_text())

    @Slot()
    def _drop_probe(self) -> None:
        self.edit_requested.emit("preview.probe", "")

    @Slot()
    def _drop_prompt(self) -> None:
        self.edit_requested.emit("preview.prompt", "")
