"""Clamp and ablate: change units and see at once what the network writes or forecasts."""

from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QStackedWidget, QVBoxLayout, QWidget

from workbench.app.looking import Look, Looking, Reading, read
from workbench.app.selection import Selection
from workbench.data.findings import Watch
from workbench.errors import UserError
from workbench.views.look.choosers import TargetChooser
from workbench.views.look.rows_table import Column, RowsTable
from workbench.views.look.touch_controls import TouchControls
from workbench.views.look.view import LookView, place_number, place_words
from workbench.views.plots.coloured_text import ColouredText
from workbench.views.plots.series_reading import SeriesReading
from workbench.views.splitter import HairlineSplitter
from workbench.views.theme import SPACING

_LENGTH = 200
_PROMPT = 100
_ABLATED = 300

Written = tuple[list[str], list[float]]


class TouchView(LookView):
    """A unit on a slider; beside it the output as it is and as it becomes."""

    key = "touch"

    def __init__(self, looking: Looking, parent: QWidget | None = None) -> None:
        super().__init__(looking, parent)
        self._plain: tuple[tuple[object, ...], Written] | None = None
        self._changed: np.ndarray | None = None
        self._costs: list[tuple[int, int, int]] = []
        self.controls = TouchControls()
        self.controls.changed.connect(self._redraw)
        self.before = ColouredText(self.tr("As it is"), self, "look_touch_before")
        self.after = ColouredText(self.tr("Changed"), self, "look_touch_after")
        self.series = SeriesReading(self.tr("Forecast"), self, "look_touch_series")
        self.target = TargetChooser("look_touch_target")
        self.target.activated.connect(self._draw_forecast)
        self.series.add_control(self.target)
        texts = HairlineSplitter(Qt.Orientation.Vertical, "look_touch_texts")
        texts.addWidget(self.before)
        texts.addWidget(self.after)
        self.outputs = QStackedWidget()
        self.outputs.addWidget(texts)
        self.outputs.addWidget(self.series)
        self.table = RowsTable(
            (
                Column(self.tr("unit")),
                Column(self.tr("layer")),
                Column(self.tr("cost"), self.tr("Loss added when the unit is held at its mean")),
                Column(self.tr("mean"), self.tr("What it was held at")),
            ),
            "look_ablation",
            self.tr("Units by the loss each costs"),
        )
        self.table.row_chosen.connect(self._row_chosen)
        self.table.failed.connect(self.session.report)
        self.ablate_button = QPushButton(self.tr("What does each unit cost?"))
        self.ablate_button.setObjectName("look_ablate")
        self.ablate_button.setToolTip(
            self.tr("Holds every unit at its mean, one after the other, and measures the loss")
        )
        self.ablate_button.clicked.connect(self._ablate)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACING)
        column.addWidget(self.controls)
        column.addWidget(self.ablate_button)
        column.addWidget(self.table, 1)
        parts = HairlineSplitter(Qt.Orientation.Horizontal, "look_touch_parts")
        parts.addWidget(left)
        parts.addWidget(self.outputs)
        parts.setSizes([340, 640])
        self.body.addWidget(parts, 1)

    # ------------------------------------------------------------------ what is changed

    def refresh(self) -> None:
        """Begin with another look; what is held stays held."""
        look = self.look
        assert look is not None
        self.outputs.setCurrentIndex(0 if look.writes else 1)
        self.target.set_look(look)
        self._changed = None
        said = self.tr("Both texts go on after the last {0} symbols that are read.")
        hint = said.format(min(_PROMPT, look.steps)) if look.writes else ""
        self.controls.offer(look.loaded.model.stack.cell.states, hint, writes=look.writes)
        self.table.set_rows([])
        self._costs = []
        self._redraw()

    def follow(self, selection: Selection) -> None:
        """Take the selected unit in hand."""
        look = self.look
        if look is None:
            return
        chosen = (selection.layer, selection.direction, selection.unit)
        known = 0 <= selection.unit < look.loaded.model.stack.hidden_size
        place = place_words(look, selection.layer, selection.direction).lower()
        words = self.tr("Unit {0} of {1}").format(selection.unit, place)
        self.controls.take_in_hand(chosen if known else None, words)
        self.table.choose(self._costs.index(chosen) if chosen in self._costs else -1)

    def _redraw(self, *_: object) -> None:
        look = self.look
        if look is None:
            return
        changes = self.controls.changes()
        seed, other = self.controls.seed.value(), self.controls.other.text()
        if look.writes:
            key = (look, seed)
            plain = self._plain[1] if self._plain is not None and self._plain[0] == key else None

            def write(look: Look, _watch: Watch) -> object:
                swaps = _swaps(look, other)
                before = plain or _write(look, [], seed)
                touched = changes or swaps
                return key, before, _write(look, [*swaps, *changes], seed) if touched else before

            self.compute(self.tr("Writing"), write, self._show_texts)
        else:

            def forecast(look: Look, _watch: Watch) -> object:
                from workbench.analysis.intervention import run_changed

                touched = [*_swaps(look, other), *changes]
                trace = run_changed(look.loaded.model, *look.probe.inputs, interventions=touched)
                points = trace.output[0][..., 0]
                return look.task.codec.decode_targets(points) if touched else None

            self.compute(self.tr("Forecasting"), forecast, self._show_forecast)

    def _show_texts(self, found: tuple[tuple[object, ...], Written, Written]) -> None:
        look = self.look
        assert look is not None
        key, before, after = found
        self._plain = (key, before)
        prompt = ["".join(look.labels[-30:])]
        self.before.set_symbols(*before, prompt)
        self.after.set_symbols(*after, prompt)
        same = next(
            (at for at, (a, b) in enumerate(zip(before[0], after[0], strict=True)) if a != b), -1
        )
        words = self.tr("Changed") if same >= 0 else self.tr("Changed (nothing differs yet)")
        if same >= 0:
            words = self.tr("Changed: other from symbol {0} on").format(same + 1)
        self.after.set_title(words)

    def _show_forecast(self, changed: np.ndarray | None) -> None:
        self._changed = changed
        self._draw_forecast()

    def _draw_forecast(self, _index: int = 0) -> None:
        look, changed = self.look, self._changed
        if look is None:
            return
        target = self.target.target
        lines = [(self.tr("as it is"), look.forecast_in_units()[:, target])]
        if changed is not None:
            lines = [(self.tr("changed"), changed[:, target]), *lines]
        read = look.window_in_units()[:, look.task.codec.target_indices[target]]
        self.series.set_series(read, look.labels, lines, self.target.currentText())

    # ------------------------------------------------------------------ ablation

    def _ablate(self) -> None:
        look = self.look
        if look is None:
            return

        def ablate(look: Look, watch: Watch) -> object:
            from workbench.analysis.ablation import ablate

            inputs, targets = _judged(look)
            return [
                ablate(
                    look.loaded.model, inputs, targets, place,
                    Watch(_share_of(watch, number, len(look.places)), watch.cancelled),
                )
                for number, place in enumerate(look.places)
            ]  # fmt: skip

        words = self.tr("Holding every unit at its mean")
        self.compute(words, ablate, self._show_costs, beside=True)

    def _show_costs(self, found: list[Any]) -> None:
        look = self.look
        assert look is not None
        rows = [(item.costs[unit], item, unit) for item in found for unit in range(len(item.costs))]
        rows.sort(key=lambda row: -row[0])
        self._costs = [(item.layer, item.direction, unit) for _cost, item, unit in rows]
        self.table.set_rows(
            [
                (
                    unit, place_number(look, item.layer, item.direction), float(cost),
                    float(item.means[unit]),
                )
                for cost, item, unit in rows
            ]
        )  # fmt: skip
        self.follow(self.session.selection)

    def _row_chosen(self, row: int) -> None:
        layer, direction, unit = self._costs[row]
        self.select(layer=layer, direction=direction, unit=unit)


def _write(look: Look, changes: list[Any], seed: int) -> Written:
    """What the model writes after the last symbols that are read, with its own randomness."""
    from workbench.analysis.intervention import write_changed
    from workbench.engine.seeding import make_generator

    prompt = look.probe.inputs[0][:, -_PROMPT:]
    skipped = look.steps - prompt.shape[1]  # steps are counted from the first that is shown
    changes = [replace(change, first=max(0, change.first - skipped)) for change in changes]
    temperature = look.loaded.experiment.preview.temperature
    generator = make_generator(seed, "text")
    symbols = write_changed(look.loaded.model, prompt, changes, temperature, generator)
    found = list(islice(symbols, _LENGTH))
    pieces = look.loaded.task.vocabulary.pieces([symbol for symbol, _chance in found])
    return list(pieces), [chance for _symbol, chance in found]


def _swaps(look: Look, other: str) -> list[Any]:
    """Take over each layer's states after another text or window; nothing where none is named."""
    from workbench.analysis.intervention import Intervention
    from workbench.analysis.trace import trace_model

    if not other:
        return []
    reading = Reading(text=other)
    if not look.writes:
        if not other.strip().isdecimal():
            raise UserError(f"{other} is no window's number.", "Type a whole number.")
        reading = Reading(look.reading.part or "validation", int(other))
    probe = read(look.loaded, reading)
    end = trace_model(look.loaded.model, *probe.inputs).state
    directions = look.loaded.model.stack.directions
    return [
        Intervention(
            row // directions, -1, row % directions, look.steps - 1, "swap",
            other=tuple(part[row, 0] for part in end),
        )
        for row in range(len(end[0]))
    ]  # fmt: skip


def _judged(look: Look) -> tuple[Any, Any]:
    """Inputs and targets to measure the loss on."""
    if look.writes:
        ids = look.probe.inputs[0][:, : _ABLATED + 1]
        return (ids[:, :-1],), ids[:, 1:]
    return look.probe.inputs, look.probe.truth


def _share_of(watch: Watch, number: int, count: int) -> Any:
    """Progress of one of several equal pieces of work."""

    def tell(share: float) -> None:
        if watch.progress is not None:
            watch.progress((number + share) / count)

    return tell
