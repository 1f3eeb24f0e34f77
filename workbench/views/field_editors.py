"""The inputs of a form, one per kind of field, all spoken to in the same way.

Each has ``entered(value)`` and ``refused(sentence)``, and ``show_value(value)``, which never emits.
A refused text stays where it is, so that nothing a person typed is lost; Escape takes it back.
"""

from typing import Any

from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    QObject,
    QSignalBlocker,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QFocusEvent, QKeyEvent, QResizeEvent, QValidator, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QStyle,
    QStyleOptionSpinBox,
    QWidget,
)

from workbench.experiment import FieldDescription
from workbench.views.field_values import (
    next_value,
    parse_number,
    parse_numbers,
    parse_texts,
    texts_line,
)
from workbench.views.field_words import SUGGESTIONS, choice_words, number_text
from workbench.views.theme import SPACING, font, restyle


def _tr(text: str) -> str:
    return QCoreApplication.translate("Editors", text)


# ---------------------------------------------------------------------- inputs


class _Unwheeled(QObject):
    """Keeps the wheel from changing an input that the pointer only passes while scrolling."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Hand the wheel on where the input has not the focus."""
        passing = isinstance(watched, QWidget) and not watched.hasFocus()
        if event.type() == QEvent.Type.Wheel and passing:
            event.ignore()
            return True
        return super().eventFilter(watched, event)


class NumberBox(QAbstractSpinBox):
    """A whole or broken number, exact, in any usual notation, with its unit inside."""

    entered = Signal(object)
    refused = Signal(str)

    def __init__(self, info: FieldDescription, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._info = info
        self._value: int | float = 0
        self._shown = ""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._unit = QLabel(info.unit, self)
        self._unit.setFont(font("small"))
        self._unit.setProperty("role", "muted")
        self._unit.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.editingFinished.connect(self._take)

    def show_value(self, value: int | float) -> None:
        """Show a value; what was typed and not taken gives way."""
        self._value = value
        self._shown = number_text(value)
        if self.lineEdit().text() != self._shown:
            self.lineEdit().setText(self._shown)
        self.lineEdit().setCursorPosition(0)
        self.update()

    def text_is_open(self) -> bool:
        """Whether something was typed that is not the value."""
        return self.lineEdit().text() != self._shown

    def open_value(self) -> int | float | None:
        """What was typed, as a value; None where it is none."""
        try:
            return parse_number(self.lineEdit().text(), whole=self._info.kind == "int")
        except ValueError:
            return None

    def value(self) -> int | float:
        """The value last shown."""
        return self._value

    def sizeHint(self) -> QSize:
        """Room for a number of ten digits."""
        return QSize(17 * SPACING, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Room for a short number."""
        return QSize(9 * SPACING, super().minimumSizeHint().height())

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        """Let everything be typed; it is judged, in words, when it is finished."""
        return QValidator.State.Acceptable, text, position

    def stepEnabled(self) -> QAbstractSpinBox.StepEnabledFlag:
        """Which arrows can be pressed."""
        flags = QAbstractSpinBox.StepEnabledFlag.StepNone
        if self._info.maximum is None or self._value < self._info.maximum:
            flags |= QAbstractSpinBox.StepEnabledFlag.StepUpEnabled
        if self._info.minimum is None or self._value > self._info.minimum:
            flags |= QAbstractSpinBox.StepEnabledFlag.StepDownEnabled
        return flags

    def stepBy(self, steps: int) -> None:
        """Go up or down from what stands there."""
        start = self._value
        try:
            start = parse_number(self.lineEdit().text(), whole=self._info.kind == "int")
        except ValueError:
            self._take()
            return
        self.entered.emit(next_value(self._info, start, steps))
        self.selectAll()

    @Slot()
    def _take(self) -> None:
        if not self.text_is_open():
            return
        try:
            value = parse_number(self.lineEdit().text(), whole=self._info.kind == "int")
        except ValueError as error:
            self.refused.emit(str(error))
            return
        self.entered.emit(value)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape takes back what was typed."""
        if event.key() == Qt.Key.Key_Escape and self.text_is_open():
            self.entered.emit(self._value)
            return
        super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The wheel steps only where the input has the focus."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the unit at the right, before the arrows."""
        super().resizeEvent(event)
        option = QStyleOptionSpinBox()
        self.initStyleOption(option)
        field = self.style().subControlRect(
            QStyle.ComplexControl.CC_SpinBox, option, QStyle.SubControl.SC_SpinBoxEditField, self
        )
        self._unit.adjustSize()
        width = self._unit.width() if self._info.unit else 0
        self._unit.move(
            field.right() - width - 1, field.center().y() - self._unit.height() // 2 + 1
        )
        self.lineEdit().setTextMargins(6, 0, width + 4 if width else 0, 0)


class _LineBox(QLineEdit):
    """A line of text that is taken when it is finished."""

    entered = Signal(object)
    refused = Signal(str)

    def __init__(self, info: FieldDescription, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._info = info
        self._shown = ""
        self.editingFinished.connect(self._take)

    def show_value(self, value: Any) -> None:
        """Show a value; what was typed and not taken gives way."""
        self._shown = self._write(value)
        if self.text() != self._shown:
            self.setText(self._shown)
        if not self.hasFocus():
            self.setCursorPosition(0)

    def text_is_open(self) -> bool:
        """Whether something was typed that is not the value."""
        return self.text() != self._shown

    def open_value(self) -> Any:
        """What was typed, as a value; None where it is none."""
        try:
            return self._read(self.text())
        except ValueError:
            return None

    @Slot()
    def _take(self) -> None:
        if not self.text_is_open():
            return
        try:
            value = self._read(self.text())
        except ValueError as error:
            self.refused.emit(str(error))
            return
        self.entered.emit(value)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape takes back what was typed."""
        if event.key() == Qt.Key.Key_Escape and self.text_is_open():
            self.setText(self._shown)
            self.entered.emit(self._read(self._shown))
            return
        super().keyPressEvent(event)

    def _write(self, value: Any) -> str:
        return str(value)

    def _read(self, text: str) -> object:
        return text


class TextBox(_LineBox):
    """Any text on one line."""


class NumbersBox(_LineBox):
    """A list of numbers."""

    def __init__(self, info: FieldDescription, parent: QWidget | None = None) -> None:
        super().__init__(info, parent)
        self.setPlaceholderText(_tr("none"))

    def _write(self, value: Any) -> str:
        return ", ".join(number_text(item) for item in value)

    def _read(self, text: str) -> list[float]:
        return parse_numbers(text)


class TextsBox(_LineBox):
    """A list of texts with commas between; ``""`` is the empty text."""

    def __init__(self, info: FieldDescription, parent: QWidget | None = None) -> None:
        super().__init__(info, parent)
        self.setPlaceholderText(_tr("none"))

    def _write(self, value: Any) -> str:
        return texts_line(list(value))

    def _read(self, text: str) -> list[str]:
        return parse_texts(text)


class CheckBox(QCheckBox):
    """Yes or no; its text is the field's label."""

    entered = Signal(object)
    refused = Signal(str)

    def __init__(self, info: FieldDescription, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.clicked.connect(self._take)

    @Slot(bool)
    def _take(self, checked: bool) -> None:
        self.entered.emit(checked)

    def show_value(self, value: bool) -> None:
        """Show a value."""
        self.setChecked(value)

    def text_is_open(self) -> bool:
        """A tick is always taken at once."""
        return False

    def open_value(self) -> None:
        """Nothing is ever open."""


class ChoiceBox(QComboBox):
    """One of a few values, in words."""

    entered = Signal(object)
    refused = Signal(str)

    def __init__(self, info: FieldDescription, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        for choice in info.choices:
            self.addItem(choice_words(info.name, choice), choice)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)
        self.installEventFilter(_Unwheeled(self))
        self.activated.connect(self._take)

    def show_value(self, value: str) -> None:
        """Show a value."""
        blocker = QSignalBlocker(self)
        self.setCurrentIndex(self.findData(str(value)))
        blocker.unblock()

    def text_is_open(self) -> bool:
        """A choice is always taken at once."""
        return False

    def open_value(self) -> None:
        """Nothing is ever open."""

    @Slot(int)
    def _take(self, index: int) -> None:
        self.entered.emit(self.itemData(index))


class SuggestBox(QComboBox):
    """Any text, with the usual ones offered."""

    entered = Signal(object)
    refused = Signal(str)

    def __init__(self, info: FieldDescription, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown = ""
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.addItems(SUGGESTIONS[info.name.rpartition(".")[2]])
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)
        self.installEventFilter(_Unwheeled(self))
        self.activated.connect(self._take)
        self.lineEdit().editingFinished.connect(self._take)

    def show_value(self, value: str) -> None:
        """Show a value; what was typed and not taken gives way."""
        self._shown = value.replace("\t", "\\t")
        blocker = QSignalBlocker(self)
        self.setCurrentIndex(self.findText(self._shown))
        self.setEditText(self._shown)
        blocker.unblock()

    def text_is_open(self) -> bool:
        """Whether something was typed that is not the value."""
        return self.currentText() != self._shown

    def open_value(self) -> str:
        """What was typed, as a value."""
        return self.currentText().strip().replace("\\t", "\t")

    @Slot()
    def _take(self) -> None:
        if self.text_is_open():
            self.entered.emit(self.open_value())

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take what was typed."""
        super().focusOutEvent(event)
        self._take()


Editor = NumberBox | TextBox | NumbersBox | TextsBox | CheckBox | ChoiceBox | SuggestBox

_BY_KIND: dict[str, type[Editor]] = {
    "int": NumberBox,
    "float": NumberBox,
    "bool": CheckBox,
    "choice": ChoiceBox,
    "numbers": NumbersBox,
    "texts": TextsBox,
    "str": TextBox,
}


def make_editor(info: FieldDescription, parent: QWidget | None = None) -> Editor:
    """The input for a field."""
    if info.kind == "str" and info.name.rpartition(".")[2] in SUGGESTIONS:
        return SuggestBox(info, parent)
    return _BY_KIND[info.kind](info, parent)


def mark(editor: Editor, *, bad: bool) -> None:
    """Give an input the look of a refused value, or its usual one."""
    tone = "bad" if bad else ""
    if (editor.property("tone") or "") != tone:
        editor.setProperty("tone", tone)
        restyle(editor)


def fill_row(editor: Editor) -> bool:
    """Whether an input needs the whole width, under its label."""
    return isinstance(editor, TextBox | NumbersBox | TextsBox)


def let_stretch(editor: Editor) -> None:
    """Let an input take the width it is given."""
    editor.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
