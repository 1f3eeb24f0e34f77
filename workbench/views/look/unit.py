"""One unit: what it follows, where it fires, how long it remembers."""

import math
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from workbench.app.looking import Look, Looking
from workbench.app.selection import Selection
from workbench.data.findings import Watch
from workbench.views.labels import plain_label
from workbench.views.look.ranking import TRACK_WORDS
from workbench.views.look.rows_table import Column, RowsTable
from workbench.views.look.saturation import LABELS
from workbench.views.look.survey_bar import SurveyBar
from workbench.views.look.view import LookView, context_words, place_words, selected_line
from workbench.views.numbers import grouped
from workbench.views.quantities import quantity_words
from workbench.views.splitter import HairlineSplitter
from workbench.views.theme import SPACING

_AROUND = 24
"""Steps shown on each side of a place where it fires."""


class UnitView(LookView):
    """Facts of the selected unit, the tracks it follows, and places to go to."""

    key = "unit"

    def __init__(self, looking: Looking, parent: QWidget | None = None) -> None:
        super().__init__(looking, parent)
        self._report: Any = None
        self._asked: tuple[object, ...] = ()
        self._survey: Any = None
        self.survey = SurveyBar(self, self._ask)
        self.title = plain_label("look_unit_title", role="title")
        self.facts = plain_label("look_unit_facts")
        self.tracks = RowsTable(
            (
                Column(self.tr("track")),
                Column(self.tr("score"), self.tr("Area under the curve, or correlation")),
                Column(self.tr("strength"), self.tr("0 tells nothing, 1 tells all")),
            ),
            "look_unit_tracks",
            self.tr("Tracks by how well this unit tells them"),
        )
        self.places = RowsTable(
            (
                Column(self.tr("step")),
                Column(self.tr("value")),
                Column(self.tr("where it fires")),
            ),
            "look_unit_places",
            self.tr("Places where this unit fires strongest"),
        )
        self.places.row_chosen.connect(self._go)
        for table in (self.tracks, self.places):
            table.failed.connect(self.session.report)
        parts = HairlineSplitter(Qt.Orientation.Horizontal, "look_unit_parts")
        parts.addWidget(self.tracks)
        parts.addWidget(self.places)
        parts.setSizes([360, 620])
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.survey)
        column = QVBoxLayout()
        column.setSpacing(SPACING)
        column.addLayout(head)
        column.addWidget(self.facts)
        self.body.addLayout(column)
        self.body.addWidget(parts, 1)

    def refresh(self) -> None:
        """Look at the unit with other weights."""
        self._asked = ()
        self.survey.begin()

    def follow(self, selection: Selection) -> None:
        """Look at another unit."""
        del selection
        self._ask()

    def _ask(self) -> None:
        look, selection = self.look, self.session.selection
        if look is None:
            return
        line = selected_line(look, selection)
        if line is None:
            self.title.setText(self.tr("No unit is chosen"))
            self.facts.setText(self.tr("Click a row or a point in any picture to choose one."))
            self.tracks.set_rows([])
            self.places.set_rows([])
            self._asked = ()
            return
        layer, direction, name, unit = line.key
        asked = (look, layer, direction, unit, name, self.survey.length)
        if asked == self._asked:
            return
        self._asked = asked
        length = self.survey.length

        def report(look: Look, watch: Watch) -> object:
            from workbench.analysis.unit_report import unit_report
            from workbench.models.replay import Key

            survey = self.survey.rows(look, length, watch)
            found = unit_report(survey, Key(layer, direction, name), unit, watch)
            contexts = [
                context_words(survey, place, place + 1, (_AROUND, _AROUND // 2))
                for place in found.places.tolist()
            ]
            return asked, survey, found, contexts

        self.compute(self.tr("Looking for what the unit follows"), report, self._show)

    def _show(self, answer: tuple[Any, Any, Any, list[Any]]) -> None:
        look = self.look
        assert look is not None
        (_look, layer, direction, unit, name, _length), self._survey, found, contexts = answer
        self._report = found
        words = self.tr("Unit {0} of {1} · {2}")
        place = place_words(look, layer, direction).lower()
        self.title.setText(words.format(unit, place, quantity_words(name).lower()))
        self.facts.setText(self._facts(found))
        self.tracks.set_rows(
            [
                (TRACK_WORDS.get(track, track), score, strong)
                for track, score, strong in found.tracks
            ]
        )
        places = zip(found.places.tolist(), found.values.tolist(), contexts, strict=True)
        self.places.set_rows(list(places))

    def _facts(self, found: Any) -> str:
        said = []
        if math.isfinite(found.half_life) and found.gate:
            words = self.tr("Its {0} is {1} on average: half of its state is left after {2} steps.")
            said.append(
                words.format(
                    quantity_words(found.gate).lower(), grouped(found.mean, 3),
                    grouped(found.half_life, 3),
                )
            )  # fmt: skip
        elif not found.gate:
            said.append(self.tr("A plain RNN has no gate that keeps a state."))
        if found.label:
            said.append(self.tr("It is a unit of the kind ‘{0}’.").format(LABELS[found.label]))
        if found.tracks and found.tracks[0][2] > 0:
            track, score, _strength = found.tracks[0]
            words = self.tr("It follows ‘{0}’ best, with a score of {1}.")
            said.append(words.format(TRACK_WORDS.get(track, track), grouped(score, 2)))
        return " ".join(said)

    def _go(self, row: int) -> None:
        """Read the place that was chosen."""
        if self._report is not None and self._survey is not None:
            self.go_to(self._survey, int(self._report.places[row]))
