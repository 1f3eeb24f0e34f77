"""Weights: every matrix by gate, its spread, its norms over training, its eigenvalues."""

from typing import Any

import numpy as np
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QWidget

from workbench.app.looking import Look, Looking
from workbench.app.selection import Selection
from workbench.data.findings import Watch
from workbench.runs import list_moments
from workbench.views.look.rows_table import Column, RowsTable
from workbench.views.look.view import LookView, place_number, place_words
from workbench.views.numbers import grouped
from workbench.views.plots.bars import Bars
from workbench.views.plots.lines import Line, Lines
from workbench.views.plots.scatter import Group, Scatter
from workbench.views.quantities import quantity_words
from workbench.views.splitter import HairlineSplitter

KIND_WORDS = {
    "input weights": QCoreApplication.translate("Weights", "input weights"),
    "recurrent weights": QCoreApplication.translate("Weights", "recurrent weights"),
    "input bias": QCoreApplication.translate("Weights", "input bias"),
    "recurrent bias": QCoreApplication.translate("Weights", "recurrent bias"),
}
_CIRCLE = np.linspace(0, 2 * np.pi, 200)


class WeightsView(LookView):
    """A table of parts; of the chosen one everything else."""

    key = "weights"

    def __init__(self, looking: Looking, parent: QWidget | None = None) -> None:
        super().__init__(looking, parent)
        self._parts: list[Any] = []
        self._eigenvalues: dict[tuple[int, int], dict[str, np.ndarray]] = {}
        self._moments: list[Any] = []
        self._known: dict[int, Any] = {}
        self._run: object = None
        self._no_moments = ""
        self._part = 0
        self.table = RowsTable(
            (
                Column(self.tr("layer")),
                Column(self.tr("gate")),
                Column(self.tr("weights")),
                Column(self.tr("size")),
                Column(self.tr("norm"), self.tr("Square root of the sum of squares")),
                Column(self.tr("spread"), self.tr("Standard deviation")),
                Column(
                    self.tr("tiny %"), self.tr("Share smaller than a thousandth of the largest")
                ),
            ),
            "look_weights",
            self.tr("Parts of the network's matrices"),
        )
        self.table.row_chosen.connect(self._choose)
        self.table.failed.connect(self.session.report)
        self.histogram = Bars(self.tr("Spread"), self, "look_weights_histogram")
        self.training = Lines(self.tr("Over training"), self, "look_weights_training")
        self.training.set_titles(self.tr("step of the training"), self.tr("norm"))
        self.training.set_log(True)
        self.circle = Scatter(self.tr("Eigenvalues"), self, "look_weights_eigenvalues")
        self.circle.set_titles(self.tr("real part"), self.tr("imaginary part"))
        self.circle.set_equal_scales()
        self.circle.set_line(np.cos(_CIRCLE), np.sin(_CIRCLE))
        self.radius = Lines(self.tr("Largest eigenvalue"), self, "look_weights_radius")
        self.radius.set_titles(self.tr("step of the training"), self.tr("size"))
        top = HairlineSplitter(Qt.Orientation.Horizontal, "look_weights_top")
        top.addWidget(self.histogram)
        top.addWidget(self.training)
        bottom = HairlineSplitter(Qt.Orientation.Horizontal, "look_weights_bottom")
        bottom.addWidget(self.circle)
        bottom.addWidget(self.radius)
        right = HairlineSplitter(Qt.Orientation.Vertical, "look_weights_pictures")
        right.addWidget(top)
        right.addWidget(bottom)
        parts = HairlineSplitter(Qt.Orientation.Horizontal, "look_weights_parts")
        parts.addWidget(self.table)
        parts.addWidget(right)
        parts.setSizes([400, 600])
        self.body.addWidget(parts, 1)

    def refresh(self) -> None:
        """Look at other weights."""
        look = self.look
        assert look is not None
        if self._run != look.run.path:
            self._run, self._known, self._moments = look.run.path, {}, []
        known = self._known
        self._no_moments = self.tr("The weights along the way are being read.")

        def now(look: Look, _watch: Watch) -> object:
            from workbench.analysis.weights import recurrent_eigenvalues, weight_parts

            eigenvalues = {
                place: recurrent_eigenvalues(look.loaded.model.stack, *place)
                for place in look.places
            }
            return weight_parts(look.loaded.model), eigenvalues

        def over(look: Look, watch: Watch) -> object:
            from workbench.analysis.weights_over_training import over_training

            return over_training(look.loaded, list_moments(look.run.path), known, watch)

        self.compute(self.tr("Reading the weights"), now, self._show)
        words = self.tr("Reading the weights of every moment")
        self.compute(words, over, self._show_training, beside=True)

    def _show_training(self, moments: list[Any]) -> None:
        self._moments = moments
        self._no_moments = self.tr("This run keeps no weights from along its way.")
        if self._parts:
            self._draw_training(self._parts[self._part])

    def _show(self, answer: tuple[list[Any], dict[tuple[int, int], Any]]) -> None:
        look = self.look
        assert look is not None
        self._parts, self._eigenvalues = answer
        rows = []
        for part in self._parts:
            inside = part.layer >= 0
            rows.append(
                (
                    place_number(look, part.layer, part.direction) if inside else "–",
                    quantity_words(part.gate) if part.gate else "–",
                    KIND_WORDS.get(part.kind, part.kind),
                    "×".join(str(size) for size in part.values.shape),
                    part.norm, float(part.values.std()), 100 * part.tiny,
                )
            )  # fmt: skip
        self.table.set_rows(rows)
        self._part = min(self._part, len(self._parts) - 1)
        self._draw()

    def _choose(self, row: int) -> None:
        self._part = row
        self._draw()
        part = self._parts[row]
        if part.layer >= 0:
            self.select(layer=part.layer, direction=part.direction)

    def _draw(self) -> None:
        look = self.look
        if look is None or not self._parts:
            return
        part = self._parts[self._part]
        self.table.choose(self._part)
        name = self._name(look, part)
        counts, edges = part.histogram()
        self.histogram.set_title(self.tr("Spread of {0}").format(name))
        centres = (edges[:-1] + edges[1:]) / 2
        self.histogram.set_bars(counts, [grouped(float(centre), 2) for centre in centres])
        self.training.set_title(self.tr("Norms of {0} over training").format(name))
        self._draw_eigenvalues(look, part)
        self._draw_training(part)

    def _draw_training(self, part: Any) -> None:
        """Norms of a part, and the largest eigenvalues of its layer, at every moment."""
        assert self.look is not None
        key = (part.parameter, part.block)
        steps = np.array([moment.step for moment in self._moments], float)
        norms = np.array([moment.norms[key] for moment in self._moments])
        pulled = [(m.step, m.gradients[key]) for m in self._moments if key in m.gradients]
        lines = [Line(self.tr("weights"), steps, norms)]
        if pulled:
            lines.append(Line(self.tr("gradient"), *np.array(pulled, float).T))
        self.training.set_lines(lines)
        place = (max(part.layer, 0), part.direction)
        radii = [
            Line(
                quantity_words(gate),
                steps,
                np.array([m.radii[*place, gate] for m in self._moments]),
            )
            for gate in self._eigenvalues[place]
        ]
        self.radius.set_lines(radii)
        if not len(steps):
            self.training.set_empty(self._no_moments)
            self.radius.set_empty(self._no_moments)
        self.radius.set_cross(self.look.loaded.step)
        self.training.set_cross(self.look.loaded.step)

    def _name(self, look: Look, part: Any) -> str:
        if part.layer < 0:
            return str(part.kind)
        place = place_words(look, part.layer, part.direction).lower()
        return f"{place} · {quantity_words(part.gate).lower()} · {KIND_WORDS[part.kind]}"

    def _draw_eigenvalues(self, look: Look, part: Any) -> None:
        place = (max(part.layer, 0), part.direction)
        gates = self._eigenvalues[place]
        words = place_words(look, *place).lower()
        self.circle.set_title(self.tr("Eigenvalues of the recurrent matrices · {0}").format(words))
        self.circle.set_groups(
            [
                Group(
                    quantity_words(gate), values.real, values.imag,
                    [grouped(float(abs(value)), 3) for value in values], size=5,
                )
                for gate, values in gates.items()
            ]
        )  # fmt: skip

    def follow(self, selection: Selection) -> None:
        """The gate that is selected is the part that is shown."""
        if not self._parts:
            return
        part = self._parts[self._part]
        place = (selection.layer, selection.direction)
        if (part.layer, part.direction) != place:
            row = next(
                (
                    row for row, other in enumerate(self._parts)
                    if (other.layer, other.direction) == place
                    and (other.gate, other.kind) == (part.gate, part.kind)
                ),
                -1,
            )  # fmt: skip
            if row >= 0:
                self._part = row
                self._draw()
