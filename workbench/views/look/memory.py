"""Memory: half-lives by the gates, and the memory test from outside."""

from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from workbench.app.looking import Look, Looking
from workbench.app.selection import Selection
from workbench.data.findings import Watch
from workbench.views.look.survey_bar import SurveyBar
from workbench.views.look.view import LookView, muted, place_words
from workbench.views.numbers import grouped
from workbench.views.plots.lines import Line, Lines
from workbench.views.plots.scatter import Group, Scatter
from workbench.views.splitter import HairlineSplitter

_LONGEST = 10_000.0
"""Half-lives are drawn up to this many steps."""
_FAINT = 0.01


class MemoryView(LookView):
    """Half-life of every unit against the steps read; change of the output by distance."""

    key = "memory"

    def __init__(self, looking: Looking, parent: QWidget | None = None) -> None:
        super().__init__(looking, parent)
        self._units: list[tuple[tuple[int, int], np.ndarray]] = []
        self.survey = SurveyBar(self, self._ask)
        self.words = muted("look_memory_words")
        self.lives = Scatter(self.tr("Half-life of every unit"), self, "look_memory_lives")
        self.lives.set_titles(self.tr("units, longest first"), self.tr("log₁₀ of steps"))
        self.lives.point_clicked.connect(self._clicked)
        self.test = Lines(self.tr("Memory test: change of the output"), self, "look_memory_test")
        self.test.set_titles(self.tr("steps back"), self.tr("change"))
        parts = HairlineSplitter(Qt.Orientation.Vertical, "look_memory_parts")
        parts.addWidget(self.lives)
        parts.addWidget(self.test)
        self.body.addWidget(self.survey)
        self.body.addWidget(self.words)
        self.body.addWidget(parts, 1)

    def refresh(self) -> None:
        """Measure other weights."""
        self.survey.begin()

    def _ask(self) -> None:
        length = self.survey.length

        def measure(look: Look, watch: Watch) -> object:
            from workbench.analysis.memory_test import memory_test
            from workbench.analysis.saturation import KEEPERS, gate_saturation, half_life

            rows = self.survey.rows(look, length, watch)
            lives = [
                ((found.key.layer, found.key.direction), half_life(found.mean))
                for found in gate_saturation(rows)
                if found.key.quantity in KEEPERS
            ]
            return lives, memory_test(look.loaded.model, look.probe.inputs, watch=watch)

        self.compute(self.tr("Changing inputs and watching the output"), measure, self._show)

    def _show(self, found: tuple[list[Any], Any]) -> None:
        look = self.look
        assert look is not None
        lives, test = found
        self._units = [(place, np.argsort(-values, kind="stable")) for place, values in lives]
        groups = []
        for (layer, direction), values in lives:
            order = np.argsort(-values, kind="stable")
            drawn = np.log10(np.clip(values[order], 0.01, _LONGEST))
            names = [
                self.tr("unit {0}: {1} steps").format(unit, grouped(float(values[unit]), 3))
                for unit in order.tolist()
            ]
            words = place_words(look, layer, direction)
            groups.append(Group(words, np.arange(len(order)), drawn, names))
        self.lives.clear_lines()
        if groups:
            ends = np.array([0, len(groups[0].x)])
            self.lives.set_line(ends, np.full(2, np.log10(look.steps)), "series_3")
        self.lives.set_groups(groups)
        if not groups:
            self.lives.set_empty(self.tr("A plain RNN has no gate that keeps a state."))
        unit = self.tr("total variation") if look.writes else self.tr("scaled units")
        self.test.set_titles(
            self.tr("steps between the changed input and the output"),
            unit,
        )
        self.test.set_lines(
            [Line(self.tr("mean"), test.distances, test.mean, test.low, test.high)],
            (0.0, float(test.high.max()) * 1.05 or 1.0),
        )
        self.words.setText(self._sentence(look, lives, test))
        self.follow(self.session.selection)

    def _sentence(self, look: Look, lives: list[Any], test: Any) -> str:
        said = []
        if lives:
            longest = max(float(values.max()) for _place, values in lives)
            words = self.tr("The longest half-life is {0} steps; {1} steps are read.")
            said.append(words.format(grouped(longest, 3), grouped(look.steps)))
        over = np.flatnonzero(test.mean >= _FAINT * test.mean[0])
        far = int(test.distances[over[-1]]) if len(over) else 0
        words = self.tr(
            "An input moves the output by more than 1 % of the nearest up to {0} steps."
        )
        if over[-1:].size and over[-1] == len(test.mean) - 1:
            words = self.tr("Even an input {0} steps back moves the output.")
        said.append(words.format(grouped(far)))
        return " ".join(said)

    def _clicked(self, group: int, point: int) -> None:
        (layer, direction), order = self._units[group]
        self.select(layer=layer, direction=direction, unit=int(order[point]))

    def follow(self, selection: Selection) -> None:
        """Ring the selected unit."""
        for group, (place, order) in enumerate(self._units):
            if place == (selection.layer, selection.direction):
                found = np.flatnonzero(order == selection.unit)
                self.lives.choose(group if len(found) else -1, int(found[0]) if len(found) else -1)
