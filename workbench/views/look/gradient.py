"""Gradient through time: how far back the loss of each step still reaches."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QSpinBox, QWidget

from workbench.app.looking import Look, Looking
from workbench.app.selection import Selection
from workbench.data.findings import Watch
from workbench.views.look.choosers import PlaceChooser, combo
from workbench.views.look.view import LookView, muted
from workbench.views.numbers import grouped
from workbench.views.plots.bars import Bars
from workbench.views.plots.heatmap import Heatmap
from workbench.views.plots.lines import Line, Lines
from workbench.views.splitter import HairlineSplitter
from workbench.views.theme import inset

_STEPS = 60
_FRESH = "fresh"


@dataclass(frozen=True)
class _Table:
    """What the worker brings: tables, and curves of other models to compare with."""

    table: Any
    others: list[tuple[str, np.ndarray]]


class GradientView(LookView):
    """Table, decay by distance, bands by distance; other models' curves beside it."""

    key = "gradient"

    def __init__(self, looking: Looking, parent: QWidget | None = None) -> None:
        super().__init__(looking, parent)
        self._found: _Table | None = None
        self._row = -1
        self.place = PlaceChooser(self.session, "look_gradient_place")
        self.state = combo("look_gradient_state", self.tr("Whose gradient"))
        self.state.activated.connect(self._draw)
        self.steps = QSpinBox()
        self.steps.setObjectName("look_gradient_steps")
        self.steps.setAccessibleName(self.tr("Steps"))
        self.steps.setRange(5, 300)
        self.steps.setValue(_STEPS)
        self.steps.setSuffix(self.tr(" steps"))
        self.steps.setKeyboardTracking(False)
        inset(self.steps)
        self.steps.valueChanged.connect(self._ask)
        self.beside = combo("look_gradient_beside", self.tr("What is drawn beside it"))
        self.beside.activated.connect(self._ask)
        looking.peers_changed.connect(self._offer_others)
        self.share = QCheckBox(self.tr("as share of the nearest"))
        self.share.setObjectName("look_gradient_share")
        self.share.setChecked(True)
        self.share.toggled.connect(self._draw)
        self.words = muted("look_gradient_words")
        head = QHBoxLayout()
        for part in (self.place, self.state, self.steps, self.beside, self.share):
            head.addWidget(part)
        head.addStretch(1)
        self.heatmap = Heatmap(self.tr("Gradient"), self, "look_gradient_table")
        self.heatmap.set_titles(self.tr("step of the state"), self.tr("step of the loss"))
        self.heatmap.set_words(self.tr("loss at {0}"), self.tr("state at {0}"))
        self.heatmap.value_hovered.connect(self._hovered)
        self.heatmap.clicked.connect(self._clicked)
        self.decay = Lines(self.tr("Decay by distance"), self, "look_gradient_decay")
        self.decay.set_titles(self.tr("steps between state and loss"), self.tr("gradient"))
        self.decay.set_log(True)
        self.bands = Bars(self.tr("Gradient that reaches each step"), self, "look_gradient_bands")
        self.bands.set_titles(self.tr("step of the state"), self.tr("gradient"))
        right = HairlineSplitter(Qt.Orientation.Vertical, "look_gradient_right")
        right.addWidget(self.decay)
        right.addWidget(self.bands)
        parts = HairlineSplitter(Qt.Orientation.Horizontal, "look_gradient_parts")
        parts.addWidget(self.heatmap)
        parts.addWidget(right)
        parts.setSizes([480, 520])
        self.body.addLayout(head)
        self.body.addWidget(self.words)
        self.body.addWidget(parts, 1)

    # ------------------------------------------------------------------ computing

    def refresh(self) -> None:
        """Compute the table of another look."""
        look = self.look
        assert look is not None
        self.place.set_look(look)
        chosen = self.state.currentText()
        self.state.clear()
        names = {"hidden": self.tr("hidden state"), "cell": self.tr("cell state")}
        for name in look.loaded.model.stack.cell.states:
            self.state.addItem(names[name], name)
        if self.state.count() > 1 and not chosen:
            self.state.setCurrentIndex(1)  # an LSTM's long memory runs through its cell state
        elif chosen:
            self.state.setCurrentIndex(max(self.state.findText(chosen), 0))
        self._offer_others()
        self._ask()

    def _offer_others(self) -> None:
        look = self.look
        if look is None:
            return
        chosen = self.beside.currentData()
        self.beside.clear()
        self.beside.addItem(self.tr("alone"), "")
        self.beside.addItem(self.tr("beside a fresh RNN, LSTM and GRU"), _FRESH)
        for info in self.looking.other_runs(look):
            words = self.tr("beside {0} · {1}").format(info.name, info.model)
            self.beside.addItem(words, str(info.folder))
        self.beside.setCurrentIndex(max(self.beside.findData(chosen), 0))

    def _ask(self, *_: object) -> None:
        look = self.look
        if look is None:
            return
        layer, _direction = self.place.place
        steps, beside = self.steps.value(), self.beside.currentData()
        other = next((r for r in [beside] if r and r != _FRESH), "")
        tracer = self.looking.tracer

        def compute(look: Look, watch: Watch) -> object:
            from workbench.analysis.through_time import decay, table_of, untrained_curves

            table = table_of(look.loaded, look.probe, steps, layer)
            others: list[tuple[str, np.ndarray]] = []
            if beside == _FRESH:
                size = look.loaded.model.stack.hidden_size
                others = list(untrained_curves(size, table.norms["hidden"].shape[1], 1).items())
            elif other:
                others = _curves_of(tracer, look, other, (steps, layer), decay)
            return _Table(table, others)

        self.compute(self.tr("Following every loss back"), compute, self._show)

    def _show(self, found: _Table) -> None:
        self._found = found
        self._draw()

    # ------------------------------------------------------------------ drawing

    def _draw(self, *_: object) -> None:
        from workbench.analysis.through_time import BANDS, bands, decay

        look, found = self.look, self._found
        if look is None or found is None:
            return
        name = self.state.currentData()
        norms = found.table.norms.get(name, next(iter(found.table.norms.values())))
        rows, steps = norms.shape
        shown = np.where(norms > 0, norms, np.nan)
        labels = look.labels[-steps:] if not look.writes else look.labels[:steps]
        words = {"hidden": self.tr("hidden state"), "cell": self.tr("cell state")}
        title = self.tr("Gradient of each loss by the {0}").format(words[name])
        self.heatmap.set_data(shown, labels, "log", title)
        curves = [(words[name], decay(norms, found.table.distances))]
        others = [(other, norm) for other, norm in found.others]
        self._draw_decay(curves + others)
        parts = [
            self.tr("own step") if not high else
            self.tr("{0} ahead").format(f"{low}" if low == high else f"{low}–{high or ''}")
            for low, high in BANDS
        ]  # fmt: skip
        parts[-1] = self.tr("more than 20 ahead")
        heights = (
            bands(norms, found.table.distances)
            if self._row < 0
            else norms[None, min(self._row, rows - 1)]
        )
        title = self.tr("Gradient that reaches each step, by how far ahead its loss lies")
        if self._row >= 0:
            title = self.tr("One loss flowing back: step {0}").format(self._row)
        self.bands.set_title(title)
        names = [label if len(label) < 3 else str(at) for at, label in enumerate(labels)]
        self.bands.set_bars(heights, names, parts if self._row < 0 else (), shaded=True)
        self.words.setText(self._sentence(curves[0][1], found.others))

    def _draw_decay(self, curves: list[tuple[str, np.ndarray]]) -> None:
        lines = []
        for place, (name, curve) in enumerate(curves):
            near = next((value for value in curve if value > 0), 1.0)
            heights = curve / near if self.share.isChecked() else curve
            lines.append(Line(name, np.arange(len(curve)), heights, dashed=place > 0))
        self.decay.set_titles(
            self.tr("steps between state and loss"),
            self.tr("share of the nearest") if self.share.isChecked() else self.tr("gradient"),
        )
        if self.share.isChecked():
            last = max(len(curve) for _name, curve in curves) - 1
            low = np.full(2, 0.01)
            ends = np.array([0, max(last, 1)])
            lines.append(Line(self.tr("1 %"), ends, low, tone="border_strong"))
        self.decay.set_lines(lines)

    def _sentence(self, curve: np.ndarray, others: list[tuple[str, np.ndarray]]) -> str:
        from workbench.analysis.through_time import grows, horizon

        def words(found: np.ndarray) -> str:
            if grows(found):
                return self.tr("explodes: it grows with distance")
            steps = horizon(found)
            if steps is None:
                return self.tr("stays above 1 % over all {0} steps").format(grouped(len(found)))
            return self.tr("falls below 1 % after {0} steps").format(grouped(steps))

        said = [self.tr("The gradient {0}.").format(words(curve))]
        said += [f"{name}: {words(other)}." for name, other in others]
        return " ".join(said)

    # ------------------------------------------------------------------ pointing

    def _hovered(self, row: int, step: int) -> None:
        if row != self._row:
            self._row = row
            self._draw_row()
        if step >= 0 and self.look is not None and self.look.writes:
            self.select(step=step)

    def _draw_row(self) -> None:
        self._draw()

    def _clicked(self, _row: int, step: int) -> None:
        self.select(step=step)

    def follow(self, selection: Selection) -> None:
        """Another layer has a table of its own."""
        found = self._found
        places = self.look.places if self.look is not None else []
        place = (selection.layer, selection.direction)
        if found is not None and selection.layer != found.table.layer and place in places:
            self._ask()


def _curves_of(
    tracer: Any, look: Look, folder: str, wanted: tuple[int, int], decay: Any
) -> list[tuple[str, np.ndarray]]:
    """Decay curves of another run on what is read now."""
    from pathlib import Path

    from workbench.analysis.through_time import table_of
    from workbench.app.looking import BEST, Reading, read
    from workbench.runs import RunFolder

    steps, layer = wanted
    loaded = tracer.load(RunFolder(Path(folder)), BEST)
    reading = look.reading
    if look.writes and not reading.text:
        reading = Reading(text="".join(look.labels[: steps + 1]))
    probe = read(loaded, reading)
    stack = loaded.model.stack
    table = table_of(loaded, probe, steps, min(layer, stack.num_layers - 1))
    name = loaded.experiment.name
    long = {"hidden": "h", "cell": "c"}
    return [
        (f"{name} {stack.cell.label} {long[state]}", decay(norms, table.distances))
        for state, norms in table.norms.items()
    ]
