"""What is done to a unit: how, how much, from where on; and the changes that are kept."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QPushButton,
    QSlider,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from workbench.views.labels import plain_label
from workbench.views.look.choosers import combo
from workbench.views.numbers import grouped
from workbench.views.quantities import quantity_words
from workbench.views.theme import SPACING, inset

_STEPS = 100
"""Places of the slider on each side of 0."""


class TouchControls(QWidget):
    """A slider for the unit in hand.

    Attributes:
        changed: What is to be done is another.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("look_touch_controls")
        self._unit: tuple[int, int, int] | None = None
        self._kept: list[Any] = []
        self.words = plain_label("look_touch_unit", role="heading")
        self.hint = plain_label("look_touch_hint", role="muted")
        self._make_fields()
        self._make_buttons()
        self._lay_out()
        self._connect()

    def _make_fields(self) -> None:
        self.kind = combo("look_touch_kind", self.tr("What is done to the unit"))
        self.kind.addItem(self.tr("hold at"), "hold")
        self.kind.addItem(self.tr("scale by"), "scale")
        self.kind.addItem(self.tr("add"), "add")
        self.quantity = combo("look_touch_quantity", self.tr("State that is changed"))
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setObjectName("look_touch_slider")
        self.slider.setAccessibleName(self.tr("Value"))
        self.slider.setRange(-_STEPS, _STEPS)
        self.value = QDoubleSpinBox()
        self.value.setRange(-20, 20)
        self.value.setSingleStep(0.1)
        self.first, self.seed = QSpinBox(), QSpinBox()
        for box, name, words in (
            (self.value, "value", self.tr("Value")),
            (self.first, "first", self.tr("From this step on")),
            (self.seed, "seed", self.tr("Seed of both texts")),
        ):
            self._name(box, name, words)
        self.first.setRange(0, 1_000_000)
        self.seed.setRange(0, 1_000_000)
        self.seed.setValue(1)
        self.other = QLineEdit()
        self.other.setObjectName("look_touch_other")
        self.other.setAccessibleName(self.tr("Another text whose last state is taken over"))
        self.other.setToolTip(
            self.tr(
                "The state after this text (or this window of the part) replaces that after what "
                "is read; empty: none"
            )
        )
        self.other.setPlaceholderText(self.tr("another text"))

    def _name(self, box: QAbstractSpinBox, name: str, words: str) -> None:
        box.setObjectName(f"look_touch_{name}")
        box.setAccessibleName(words)
        box.setToolTip(words)
        inset(box)

    def _make_buttons(self) -> None:
        self.on = self._button("on", self.tr("Hold it"), self.tr("Change the chosen unit"))
        self.on.setCheckable(True)
        tip = self.tr("Keep this change and choose a further unit")
        self.keep = self._button("keep", self.tr("Keep"), tip)
        tip = self.tr("Take every change back")
        self.clear = self._button("clear", self.tr("Clear"), tip)
        self.kept = QListWidget()
        self.kept.setObjectName("look_touch_kept")
        self.kept.setAccessibleName(self.tr("Changes that are kept"))
        self.kept.setMaximumHeight(9 * SPACING)
        self.kept.hide()

    def _button(self, name: str, text: str, tip: str) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(f"look_touch_{name}")
        button.setToolTip(tip)
        return button

    def _lay_out(self) -> None:
        what, buttons = QHBoxLayout(), QHBoxLayout()
        for part in (self.kind, self.value):
            what.addWidget(part)
        for button in (self.on, self.keep, self.clear):
            buttons.addWidget(button)
        self._form = QFormLayout()
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.addRow(self.tr("state"), self.quantity)
        self._form.addRow(self.tr("from step"), self.first)
        self._form.addRow(self.tr("seed"), self.seed)
        self._form.addRow(self.tr("state of"), self.other)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACING)
        layout.addWidget(self.words)
        layout.addWidget(self.slider)
        layout.addLayout(what)
        layout.addLayout(self._form)
        layout.addLayout(buttons)
        layout.addWidget(self.kept)
        layout.addWidget(self.hint)

    def _connect(self) -> None:
        self.slider.valueChanged.connect(self._slid)
        self.value.valueChanged.connect(self._typed)
        self.kind.activated.connect(self._other)
        self.quantity.activated.connect(self._other)
        self.on.toggled.connect(self._other)
        self.first.valueChanged.connect(self._other)
        self.seed.valueChanged.connect(self._other)
        self.other.textChanged.connect(self._other)
        self.keep.clicked.connect(self._keep)
        self.clear.clicked.connect(self._clear)

    # ------------------------------------------------------------------ what is done

    def offer(self, states: Sequence[str], hint: str, *, writes: bool) -> None:
        """Offer the states of a cell, and what only a text has."""
        chosen = self.quantity.currentData()
        self.quantity.clear()
        for name in states:
            self.quantity.addItem(quantity_words(name), name)
        self.quantity.setCurrentIndex(max(self.quantity.findData(chosen), 0))
        self._form.setRowVisible(self.seed, writes)
        self.other.setPlaceholderText(
            self.tr("another text") if writes else self.tr("a window's number")
        )
        self.hint.setText(hint)
        self.hint.setVisible(bool(hint))

    def take_in_hand(self, unit: tuple[int, int, int] | None, words: str) -> None:
        """Take another unit: layer, direction and number; None is none."""
        if unit is None:
            words = self.tr("Choose a unit in any picture, or in the list below.")
        other = unit != self._unit
        self._unit = unit
        self.words.setText(words)
        if other and self.on.isChecked():
            self.changed.emit()

    def changes(self) -> list[Any]:
        """Interventions that are kept, and the one in hand where it is on."""
        chosen = self._chosen() if self.on.isChecked() else None
        return [*self._kept, *([chosen] if chosen is not None else [])]

    def _chosen(self) -> Any:
        from workbench.analysis.intervention import Intervention

        if self._unit is None:
            return None
        layer, direction, unit = self._unit
        return Intervention(
            layer, unit, direction, self.first.value(), self.kind.currentData(),
            self.value.value(), self.quantity.currentData() or "hidden",
        )  # fmt: skip

    def _slid(self, place: int) -> None:
        self.value.blockSignals(True)
        self.value.setValue(place / _STEPS)
        self.value.blockSignals(False)
        self._switch_on()

    def _typed(self, value: float) -> None:
        self.slider.blockSignals(True)
        self.slider.setValue(round(value * _STEPS))
        self.slider.blockSignals(False)
        self._switch_on()

    def _switch_on(self) -> None:
        if self.on.isChecked():
            self.changed.emit()
        else:
            self.on.setChecked(True)

    def _other(self, _value: object) -> None:
        self.changed.emit()

    def _keep(self) -> None:
        chosen = self._chosen()
        if chosen is None:
            return
        self._kept.append(chosen)
        words = self.tr("unit {0} of layer {1}: {2} {3}")
        done = self.kind.currentText()
        self.kept.addItem(words.format(chosen.unit, chosen.layer + 1, done, grouped(chosen.value)))
        self.kept.show()
        self.on.setChecked(False)

    def _clear(self) -> None:
        self._kept.clear()
        self.kept.clear()
        self.kept.hide()
        self.other.clear()
        self.on.setChecked(False)
        self.changed.emit()
