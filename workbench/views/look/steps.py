"""Step by step: every term of one time step, to change and to see the rest move."""

from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QToolButton,
    QWidget,
)

from workbench.app.looking import Look, Looking
from workbench.app.selection import Selection
from workbench.data.findings import Watch
from workbench.views.look.choosers import PlaceChooser, TargetChooser, combo
from workbench.views.look.terms_table import TermLine, TermsTable
from workbench.views.look.view import LookView, muted
from workbench.views.numbers import isolated, one_symbol
from workbench.views.plots.bars import Bars
from workbench.views.plots.heatmap import Heatmap
from workbench.views.plots.lines import Line, Lines
from workbench.views.quantities import quantity_words
from workbench.views.splitter import HairlineSplitter
from workbench.views.theme import icon, inset

_LIKELIEST = 8
_WIDEST = 4.0
"""Largest size with a colour of its own: beyond it gates are open or shut anyway."""


class StepsView(LookView):
    """Terms of the chosen unit as numbers and bars, of all units as strips; the output below."""

    key = "steps"

    def __init__(self, looking: Looking, parent: QWidget | None = None) -> None:
        super().__init__(looking, parent)
        self._overrides: dict[tuple[str, int], float] = {}
        self._steps: Any = None
        self._found: tuple[np.ndarray, np.ndarray] | None = None
        self._terms: list[Any] = []
        self._drawn: tuple[object, ...] = ()
        self.place = PlaceChooser(self.session, "look_steps_place")
        self._make_fields()
        self.words = muted("look_steps_words")
        self.terms = TermsTable()
        self.terms.edited.connect(self._edited)
        self.units = Heatmap(self.tr("All units"), self, "look_steps_units")
        self.units.set_titles(self.tr("unit"), "")
        self.units.set_words("{0}", self.tr("unit {0}"))
        self.units.clicked.connect(self._unit_clicked)
        self.output = Bars(self.tr("Next symbol"), self, "look_steps_output")
        self.output.set_titles("", self.tr("probability"))
        self.forecast = Lines(self.tr("Forecast"), self, "look_steps_forecast")
        self.forecast.set_titles(self.tr("step of the horizon"), "")
        self.target = TargetChooser("look_steps_target")
        self.target.activated.connect(self._draw_forecast)
        self.forecast.add_control(self.target)
        self._lay_out()

    def _make_fields(self) -> None:
        self.step = QSpinBox()
        self.step.setObjectName("look_steps_step")
        self.step.setAccessibleName(self.tr("Step"))
        self.step.setPrefix(self.tr("step "))
        self.step.setKeyboardTracking(False)
        inset(self.step)
        self.back = self._tool("back", "caret-left", self.tr("One step back"))
        self.next = self._tool("next", "caret-right", self.tr("One step forward"))
        self.gate = combo("look_steps_gate", self.tr("State or gate that is watched"))
        self.level = QDoubleSpinBox()
        self.level.setObjectName("look_steps_level")
        self.level.setAccessibleName(self.tr("Value that is crossed"))
        self.level.setRange(-20, 20)
        self.level.setSingleStep(0.1)
        self.level.setValue(0.5)
        inset(self.level)
        self.run = QPushButton(self.tr("Run until it crosses"))
        self.run.setObjectName("look_steps_run")
        self.run.clicked.connect(self._run_until)
        self.run_back = self._tool(
            "run_back", "caret-double-left", self.tr("Run back until it crosses")
        )
        self.run_back.setAutoRepeat(False)
        self.run_back.clicked.connect(lambda: self._run_until(forwards=False))
        self.symbol = QLineEdit()
        self.symbol.setObjectName("look_steps_symbol")
        self.symbol.setAccessibleName(self.tr("Symbol or date to run to; Return runs"))
        self.symbol.setPlaceholderText(self.tr("run to …"))
        self.symbol.setMaximumWidth(96)
        self.symbol.returnPressed.connect(self._run_to)
        self.reset = QPushButton(self.tr("Reset numbers"))
        self.reset.setObjectName("look_steps_reset")
        self.reset.clicked.connect(self._forget)
        self.step.valueChanged.connect(self._step_chosen)
        self.back.clicked.connect(lambda: self.step.setValue(self.step.value() - 1))
        self.next.clicked.connect(lambda: self.step.setValue(self.step.value() + 1))

    def _tool(self, name: str, sign: str, words: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName(f"look_steps_{name}")
        button.setIcon(icon(sign))
        button.setToolTip(words)
        button.setAccessibleName(words)
        button.setAutoRepeat(True)
        return button

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        for part in (
            self.place, self.back, self.step, self.next, self.symbol, self.gate, self.level,
            self.run_back, self.run, self.reset,
        ):  # fmt: skip
            head.addWidget(part)
        head.addStretch(1)
        right = HairlineSplitter(Qt.Orientation.Vertical, "look_steps_right")
        right.addWidget(self.units)
        right.addWidget(self.output)
        right.addWidget(self.forecast)
        right.setSizes([340, 180, 180])
        parts = HairlineSplitter(Qt.Orientation.Horizontal, "look_steps_parts")
        parts.addWidget(self.terms)
        parts.addWidget(right)
        parts.setSizes([400, 580])
        self.body.addLayout(head)
        self.body.addWidget(self.words)
        self.body.addWidget(parts, 1)

    # ------------------------------------------------------------------ which step

    def refresh(self) -> None:
        """Begin with another look; numbers that were changed are forgotten."""
        look = self.look
        assert look is not None
        from workbench.analysis.stepping import Steps

        self.place.set_look(look)
        self._steps = Steps(look.loaded.model, look.probe.inputs, look.trace)
        self._overrides.clear()
        self._drawn, self._found = (), None
        self.step.blockSignals(True)
        self.step.setRange(0, look.steps - 1)
        self.step.blockSignals(False)
        chosen = self.gate.currentData()
        self.gate.clear()
        for name in look.quantities:
            self.gate.addItem(quantity_words(name), name)
        self.gate.setCurrentIndex(max(self.gate.findData(chosen), 0))
        self.target.set_look(look)
        self.output.setVisible(look.writes)
        self.forecast.setVisible(not look.writes)

    def follow(self, selection: Selection) -> None:
        """Show the selected step, layer and unit."""
        look = self.look
        if look is None or self._steps is None:
            return
        step = min(max(selection.step, 0), look.steps - 1)
        place = self.place.place
        if (place, step) != self._drawn[:2]:
            self._overrides.clear()
            self.step.blockSignals(True)
            self.step.setValue(step)
            self.step.blockSignals(False)
        self._draw()

    def _step_chosen(self, step: int) -> None:
        self.select(step=step)

    def _unit(self) -> int:
        size = self.look.loaded.model.stack.hidden_size if self.look is not None else 1
        unit = self.session.selection.unit
        return unit if 0 <= unit < size else 0

    def _draw(self) -> None:
        look = self.look
        if look is None:
            return
        place, step, unit = self.place.place, self.step.value(), self._unit()
        key = (place, step, unit, tuple(self._overrides.items()))
        if key == self._drawn:
            return
        before = self._drawn[:2]
        again = key[3] != (self._drawn[3] if len(self._drawn) > 3 else None)
        self._drawn = key
        if before != (place, step) or again:
            self._terms = self._steps.at(place, step, self._overrides)
            self._draw_units()
            self._ask_output(place, step)
        self.terms.set_lines(
            [
                TermLine(
                    term.name, term.role, float(term.values[unit]),
                    (term.name, unit) in self._overrides,
                )
                for term in self._terms
            ]
        )  # fmt: skip
        words = self.tr("Unit {0} at step {1}, reading ‘{2}’. Type over any number.")
        shown = isolated(one_symbol(look.labels[step]))
        self.words.setText(words.format(unit, step, shown))
        self.units.set_crosshair(-1, unit)
        self.reset.setEnabled(bool(self._overrides))

    def _draw_units(self) -> None:
        shown = [term for term in self._terms if term.role in ("before", "sum", "gate", "state")]
        values = np.stack([term.values for term in shown])
        self.units.set_data(values, (), "signed", limit=_rounded(values))
        self.units.set_row_names([term.name for term in shown])

    # ------------------------------------------------------------------ the output

    def _ask_output(self, place: tuple[int, int], step: int) -> None:
        steps, terms, overridden = self._steps, self._terms, bool(self._overrides)

        def put_out(look: Look, _watch: Watch) -> object:
            plain = look.trace.output[0]
            plain = plain[step] if look.writes else plain
            return plain, steps.output(place, step, terms) if overridden else plain

        self.compute(self.tr("Running on from here"), put_out, self._show_output)

    def _show_output(self, found: tuple[np.ndarray, np.ndarray]) -> None:
        look = self.look
        assert look is not None
        self._found = found
        plain, changed = found
        if not look.writes:
            self._draw_forecast()
            return
        before, after = _chances(plain), _chances(changed)
        likeliest = np.argsort(-np.maximum(before, after), kind="stable")[:_LIKELIEST]
        pieces = look.task.vocabulary.pieces
        names = [one_symbol(next(pieces([symbol]), "")) for symbol in likeliest.tolist()]
        pairs = [(before[s], after[s]) for s in likeliest.tolist()]
        if changed is plain:
            self.output.set_title(self.tr("Next symbol"))
            self.output.set_bars(np.array([one for one, _two in pairs]), names)
            return
        self.output.set_title(self.tr("Next symbol: as it is, and changed (′)"))
        both = [name for single in names for name in (single, f"{single}′")]
        self.output.set_bars(np.array(pairs).ravel(), both)

    def _draw_forecast(self, _index: int = 0) -> None:
        look = self.look
        if look is None or self._found is None:
            return
        plain, changed = self._found
        steps, target = np.arange(1, len(plain) + 1), self.target.target
        decode = look.task.codec.decode_targets
        lines = [
            Line(words, steps, decode(part[..., 0])[:, target], dashed=part is plain)
            for words, part in ((self.tr("changed"), changed), (self.tr("as it is"), plain))
        ]
        self.forecast.set_lines(lines if changed is not plain else lines[1:])

    # ------------------------------------------------------------------ the hand

    def _edited(self, name: str, value: float) -> None:
        self._overrides[name, self._unit()] = value
        self._draw()

    def _forget(self) -> None:
        self._overrides.clear()
        self._draw()

    def _unit_clicked(self, _row: int, unit: int) -> None:
        self.select(unit=unit)

    def _run_until(self, _checked: bool = False, *, forwards: bool = True) -> None:
        from workbench.analysis.stepping import next_crossing

        look = self.look
        if look is None:
            return
        line = look.values(*self.place.place, self.gate.currentData())[:, self._unit()]
        found = next_crossing(line, self.level.value(), self.step.value(), forwards=forwards)
        words = self.tr("It does not cross {0} behind this step.")
        if not forwards:
            words = self.tr("It does not cross {0} before this step.")
        self._run_on(found, words.format(self.level.text()))

    def _run_to(self) -> None:
        from workbench.analysis.stepping import next_label

        look, text = self.look, self.symbol.text().replace("↵", "\n").replace("\\n", "\n")
        if look is None or not text:
            return
        found = next_label(look.labels, text, self.step.value())
        self._run_on(found, self.tr("There is no such symbol behind this step."))

    def _run_on(self, step: int, none: str) -> None:
        if step < 0:
            self.words.setText(none)
        else:
            self.step.setValue(step)


def _chances(logits: np.ndarray) -> np.ndarray:
    raised = np.exp(np.asarray(logits, float) - float(np.max(logits)))
    return np.asarray(raised / raised.sum())


def _rounded(values: np.ndarray) -> float:
    return min(_WIDEST, max(1.0, float(np.ceil(np.percentile(np.abs(values), 99)))))
