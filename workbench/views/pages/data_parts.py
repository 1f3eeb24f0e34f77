"""Small parts that the table and the text view of the Data page share."""

import re

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from workbench.data.findings import Finding
from workbench.views.engine_words import said
from workbench.views.labels import selectable_label
from workbench.views.numbers import grouped
from workbench.views.pages.data_display import visible
from workbench.views.theme import SPACING, icon, restyle

_DOTTED = re.compile(r" \((?:data|model|training|preview)\.[^()]*\)")
"""Names of fields as the command line needs them; here they stand in the settings."""


class Headline(QWidget):
    """One sentence on what the data is; under it, where there is one, what stands in the way."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("data_headline")
        self.sentence = self._label("data_sentence", "heading")
        self.sentence.setAccessibleName(self.tr("What was found, in a sentence"))
        self._what = self._label("data_problem", "heading")
        self._todo = self._label("data_todo", "")
        self.problem = QFrame()
        self.problem.setObjectName("data_problem_frame")
        self.problem.setProperty("tone", "bad")
        inner = QVBoxLayout(self.problem)
        inner.setContentsMargins(SPACING, SPACING // 2, SPACING, SPACING // 2)
        inner.setSpacing(2)
        inner.addWidget(self._what)
        inner.addWidget(self._todo)
        self.problem.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACING)
        layout.addWidget(self.sentence)
        layout.addWidget(self.problem)

    def _label(self, name: str, role: str) -> QLabel:
        label = selectable_label(name, role)
        label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        return label

    def set_sentence(self, sentence: str) -> None:
        """Show the sentence."""
        self.sentence.setText(visible(said(sentence)))

    def set_problem(self, problem: Finding | None, tone: str = "bad") -> None:
        """Show what stands in the way of training and what to do, or nothing.

        Args:
            problem: The finding; None hides the line.
            tone: ``bad``, ``warning`` or ``info``.
        """
        self.problem.setVisible(problem is not None)
        if problem is None:
            return
        self._what.setText(visible(_DOTTED.sub("", said(problem.found))))
        self._todo.setText(visible(_DOTTED.sub("", said(problem.why))))
        self._todo.setVisible(bool(problem.why))
        self.problem.setProperty("tone", tone)
        restyle(self.problem)


class SampleChooser(QWidget):
    """Which training sample is drawn: its number, and buttons to the one before and after."""

    number_changed = Signal(int)
    """The sample, counted from 0."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sample_chooser")
        label = QLabel(self.tr("Training sample"))
        self.number = QSpinBox()
        self.number.setObjectName("sample_number")
        self.number.setAccessibleName(self.tr("Number of the training sample"))
        self.number.setKeyboardTracking(False)
        self.number.setRange(1, 1)
        self.number.setGroupSeparatorShown(True)
        self.number.lineEdit().setTextMargins(SPACING // 2, 0, 0, 0)
        self.number.valueChanged.connect(self._changed)
        label.setBuddy(self.number)
        self.total = QLabel()
        self.total.setObjectName("sample_total")
        self.total.setProperty("role", "muted")
        self.before = self._button("sample_before", "caret-left", self.tr("Previous sample"))
        self.before.clicked.connect(self.number.stepDown)
        self.after = self._button("sample_after", "caret-right", self.tr("Next sample"))
        self.after.clicked.connect(self.number.stepUp)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACING // 2)
        for widget in (label, self.before, self.number, self.after, self.total):
            layout.addWidget(widget)
        self.set_total(0)

    def _button(self, name: str, sign: str, words: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName(name)
        button.setIcon(icon(sign))
        button.setIconSize(QSize(16, 16))
        button.setToolTip(words)
        button.setAccessibleName(words)
        button.setAutoRepeat(True)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return button

    def set_total(self, total: int) -> None:
        """How many samples there are; the number stays where it still exists."""
        blocker = QSignalBlocker(self.number)
        self.number.setRange(1 if total else 0, max(total, 0))
        blocker.unblock()
        self.setEnabled(total > 0)
        self.total.setText(self.tr("of %1").replace("%1", grouped(total)))

    def value(self) -> int:
        """The sample on show, counted from 0."""
        return max(self.number.value() - 1, 0)

    @Slot(int)
    def _changed(self, number: int) -> None:
        self.number_changed.emit(max(number - 1, 0))
