"""What the network reads: the pinned probe, a stretch of a part, or a text of one's own."""

from dataclasses import replace

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from workbench.app.looking import Look, Looking, Reading
from workbench.views.look.choosers import combo
from workbench.views.theme import SPACING, inset

OWN = "own"
"""Data of the entry that lets one type."""


class ReadingBar(QWidget):
    """Chooses what is read; typing over the text is read at once."""

    def __init__(self, looking: Looking, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("look_reading")
        self._looking = looking
        self._labels: tuple[str, ...] = ()
        self.part = combo("look_part", self.tr("What the network reads"), self)
        self.first = self._spin("look_first", self.tr("First symbol, or the window's number"))
        self.count = self._spin("look_count", self.tr("Symbols"))
        self.count.setRange(2, 5000)
        self.count.setValue(Reading().count)
        self.count.setSuffix(self.tr(" symbols"))
        self.text = QPlainTextEdit()
        self.text.setObjectName("look_text_input")
        self.text.setAccessibleName(self.tr("Text that is read"))
        self.text.setPlaceholderText(self.tr("Type what the network is to read."))
        self.text.setFixedHeight(9 * SPACING)
        self.text.setTabChangesFocus(True)
        self.text.hide()
        self.text.installEventFilter(self)
        self._from = QLabel(self.tr("from"))
        self._from.setProperty("role", "muted")
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACING // 2)
        for widget in (self.part, self._from, self.first, self.count):
            row.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACING // 2)
        layout.addLayout(row)
        self._offer(writes=True)
        self.part.activated.connect(self._choose)
        self.first.valueChanged.connect(self._numbers_changed)
        self.count.valueChanged.connect(self._numbers_changed)
        self.text.textChanged.connect(self._typed)
        looking.changed.connect(self._show_look)

    def _spin(self, name: str, words: str) -> QSpinBox:
        box = QSpinBox()
        box.setObjectName(name)
        box.setAccessibleName(words)
        box.setToolTip(words)
        box.setRange(0, 2_000_000_000)
        box.setGroupSeparatorShown(True)
        box.setKeyboardTracking(False)
        inset(box)
        return box

    def _offer(self, *, writes: bool) -> None:
        chosen = self.part.currentData()
        self.part.clear()
        self.part.addItem(self.tr("The pinned probe"), "")
        self.part.addItem(self.tr("Validation part"), "validation")
        self.part.addItem(self.tr("Training part"), "train")
        self.part.addItem(self.tr("Test part"), "test")
        if writes:
            self.part.addItem(self.tr("A text of your own"), OWN)
        self.part.setCurrentIndex(max(self.part.findData(chosen), 0))
        self._show_fields(writes)

    def _show_fields(self, writes: bool) -> None:
        part = self.part.currentData()
        ranged = part not in ("", OWN)
        for widget in (self._from, self.first):
            widget.setVisible(ranged)
        self._from.setText(self.tr("from") if writes else self.tr("window"))
        self.count.setVisible(ranged and writes)
        self.text.setVisible(part == OWN)

    def _show_look(self, look: Look | None) -> None:
        if look is None:
            self.part.setCurrentIndex(0)
            self._show_fields(writes=True)
            return
        self._labels = look.labels
        own = self.part.findData(OWN) >= 0
        if own != look.writes:
            self._offer(writes=look.writes)
        reading = self._looking.reading
        wanted = OWN if reading.text else reading.part
        if self.part.currentData() not in (wanted, OWN):
            self.part.setCurrentIndex(max(self.part.findData(wanted), 0))
        if self.part.currentData() == reading.part and reading.part:
            for box, value in ((self.first, reading.first), (self.count, reading.count)):
                box.blockSignals(True)
                box.setValue(value)
                box.blockSignals(False)
        self._show_fields(look.writes)

    def _choose(self, _index: int) -> None:
        look = self._looking.look
        writes = look is None or look.writes
        self._show_fields(writes)
        if self.part.currentData() == OWN:
            if not self.text.toPlainText():
                self.text.setPlainText("".join(self._labels))
            self.text.setFocus(Qt.FocusReason.OtherFocusReason)
            self._typed()
        else:
            self._numbers_changed()

    def _numbers_changed(self) -> None:
        part = self.part.currentData()
        if part != OWN:
            first = self.first.value() if part else 0
            self._looking.read(Reading(part, first, self.count.value()))

    def _typed(self) -> None:
        text = self.text.toPlainText()
        if self.part.currentData() == OWN and text:
            self._looking.read(replace(Reading(), text=text))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Escape leaves the text and goes back to the probe."""
        if watched is self.text and isinstance(event, QKeyEvent):
            pressed = event.type() == QEvent.Type.KeyPress
            if pressed and event.key() == Qt.Key.Key_Escape:
                self.part.setCurrentIndex(0)
                self._choose(0)
                return True
        return super().eventFilter(watched, event)
