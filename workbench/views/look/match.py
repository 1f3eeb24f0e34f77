"""Match: draw over a stretch, see which units are on exactly there, and where else they are."""

from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QSpinBox, QVBoxLayout, QWidget

from workbench.app.looking import Look, Looking
from workbench.app.selection import Selection
from workbench.data.findings import Watch
from workbench.views.look.choosers import PlaceChooser
from workbench.views.look.coloured import unit_grounds
from workbench.views.look.rows_table import Column, RowsTable
from workbench.views.look.survey_bar import SurveyBar
from workbench.views.look.view import LookView, context_words, muted
from workbench.views.numbers import grouped, isolated, one_symbol
from workbench.views.plots.bars import Bars
from workbench.views.plots.frame import PictureFrame, Table
from workbench.views.plots.lines import Line, Lines
from workbench.views.plots.symbol_grid import SymbolGrid
from workbench.views.splitter import HairlineSplitter
from workbench.views.theme import SPACING, inset, theme

_THRESHOLD = 0.3
_DRAWN = 12
_AROUND = 16
_BINS = 24


class CountedText(PictureFrame):
    """A text shaded by how many of the selected units are on; a stretch can be drawn over."""

    def __init__(self, title: str = "", parent: QWidget | None = None, name: str = "") -> None:
        super().__init__(title, parent, name)
        self.grid = SymbolGrid(self, f"{name}_grid")
        self._labels: tuple[str, ...] = ()
        self._counts = np.empty(0)
        self.set_picture(self.grid)

    def set_counts(self, labels: tuple[str, ...], counts: np.ndarray) -> None:
        """Show counts ``(T,)``."""
        self._labels, self._counts = labels, counts
        self.set_empty("")
        self.schedule()

    def redraw(self) -> None:
        """Shade and lay out."""
        most = float(self._counts.max(initial=0)) or 1.0
        grounds = unit_grounds(self._counts / most, "gate", theme().palette)
        self.grid.set_symbols(self._labels, grounds)

    def table(self) -> Table:
        """One row per step."""
        pairs = enumerate(zip(self._labels, self._counts, strict=True))
        rows = ([step, label, int(count)] for step, (label, count) in pairs)
        return (["step", "label", "units on"], rows)


class MatchView(LookView):
    """The stretch, the units, and the places, redrawn while the threshold is dragged."""

    key = "match"

    def __init__(self, looking: Looking, parent: QWidget | None = None) -> None:
        super().__init__(looking, parent)
        self._stretch = (0, 0)
        self._units = np.empty(0, np.intp)
        self._matches: Any = None
        self._survey: Any = None
        self._searched: tuple[object, ...] = ()
        self.place = PlaceChooser(self.session, "look_match_place", quantities=True)
        self.survey = SurveyBar(self, self._search)
        self.words = muted("look_match_words")
        self._make_fields()
        self._make_pictures()
        self._lay_out()

    def _make_fields(self) -> None:
        self.threshold = QDoubleSpinBox()
        self.threshold.setRange(-20, 20)
        self.threshold.setSingleStep(0.05)
        self.threshold.setValue(_THRESHOLD)
        self.threshold.setPrefix("≥ ")
        self._name(self.threshold, "threshold", self.tr("A unit is on from this value on"))
        self.before, self.behind = QSpinBox(), QSpinBox()
        for box, name, words in (
            (self.before, "before", self.tr("Steps before the stretch at which units are off")),
            (self.behind, "behind", self.tr("Steps behind the stretch at which units are off")),
        ):
            box.setRange(0, 5)
            self._name(box, name, words)
        self.before.setValue(1)
        self.before.setPrefix(self.tr("off before "))
        self.behind.setPrefix(self.tr("behind "))
        for box in (self.threshold, self.before, self.behind):
            box.valueChanged.connect(self._search)

    def _make_pictures(self) -> None:
        self.text = CountedText(self.tr("Draw over a stretch"), self, "look_match_text")
        self.text.grid.brushed.connect(self.brush)
        self.text.grid.clicked.connect(lambda step: self.select(step=step))
        self.lines = Lines(self.tr("Units"), self, "look_match_lines", labelled=True)
        self.lines.level_dragged.connect(self._dragged)
        self.table = RowsTable(
            (
                Column(self.tr("common"), self.tr("Selected units that are on exactly there")),
                Column(self.tr("alike"), self.tr("Common units by all that are on in either")),
                Column(self.tr("steps"), self.tr("Length of the stretch")),
                Column(self.tr("where")),
            ),
            "look_matches",
            self.tr("Places where the same units are on"),
        )
        self.table.row_chosen.connect(self._go)
        self.table.failed.connect(self.session.report)
        self.lengths = Bars(self.tr("Length of the matches"), self, "look_match_lengths")
        self.lengths.set_titles(self.tr("steps"), self.tr("matches"))

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        for part in (self.place, self.threshold, self.before, self.behind, self.survey):
            head.addWidget(part)
        head.addStretch(1)
        left = HairlineSplitter(Qt.Orientation.Vertical, "look_match_left")
        left.addWidget(self.text)
        left.addWidget(self.lines)
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACING)
        column.addWidget(self.table, 3)
        column.addWidget(self.lengths, 2)
        parts = HairlineSplitter(Qt.Orientation.Horizontal, "look_match_parts")
        parts.addWidget(left)
        parts.addWidget(right)
        parts.setSizes([520, 460])
        self.body.addLayout(head)
        self.body.addWidget(self.words)
        self.body.addWidget(parts, 1)

    def _name(self, box: Any, name: str, words: str) -> None:
        box.setObjectName(f"look_match_{name}")
        box.setAccessibleName(words)
        box.setToolTip(words)
        inset(box)

    # ------------------------------------------------------------------ searching

    def refresh(self) -> None:
        """Take the stretch to another look."""
        look = self.look
        assert look is not None
        self.place.set_look(look)
        if self._stretch[1] > look.steps or self._stretch == (0, 0):
            middle = look.steps // 2
            self._stretch = (middle, min(middle + 3, look.steps))
        self.survey.begin()

    def brush(self, first: int, last: int) -> None:
        """Take a stretch: its first step, and the step behind it."""
        self._stretch = (first, last)
        self._search()

    def _dragged(self, height: float) -> None:
        self.threshold.setValue(height)

    def _search(self, *_: object) -> None:
        look = self.look
        if look is None:
            return
        place, name = self.place.place, self.place.quantity
        first, last = self._stretch
        threshold = self.threshold.value()
        beside = (self.before.value(), self.behind.value())
        length = self.survey.length

        def search(look: Look, watch: Watch) -> object:
            from workbench.analysis.matching import find_matches, selected_units
            from workbench.models.replay import Key

            values = look.values(*place, name)
            units = selected_units(values, first, last, threshold, beside)
            survey = self.survey.rows(look, length, watch)
            found = find_matches(
                survey.rows(Key(*place, name)), units, threshold, beside, watch, survey.window
            )
            return units, survey, found

        self.compute(self.tr("Searching where the same units are on"), search, self._show)

    def _show(self, answer: tuple[np.ndarray, Any, Any]) -> None:
        look = self.look
        assert look is not None
        self._units, self._survey, self._matches = answer
        found, first, last = self._matches, *self._stretch
        values = look.values(*self.place.place, self.place.quantity)
        on = values[:, self._units] >= self.threshold.value()
        self.text.set_counts(look.labels, on.sum(axis=1))
        self.text.grid.set_stretch(first, last)
        self._draw_lines(look, values)
        rows = []
        for start, length, common, alike in zip(
            found.starts.tolist(), found.lengths.tolist(), found.common.tolist(),
            found.jaccard.tolist(), strict=True,
        ):  # fmt: skip
            where = context_words(self._survey, start, start + length, (_AROUND, _AROUND))
            rows.append((common, alike, length, where))
        self.table.set_rows(rows)
        longest = int(found.all_lengths.max(initial=1))
        bins = np.arange(1, min(longest, _BINS) + 1)
        both = np.stack([
            np.bincount(np.minimum(part, bins[-1]), minlength=bins[-1] + 1)[1:]
            for part in (found.full_lengths, found.all_lengths)
        ])  # fmt: skip
        both[1] -= both[0]
        parts = (self.tr("all units"), self.tr("some units"))
        self.lengths.set_bars(both, [str(size) for size in bins], parts)
        drawn = look.labels[first:last]
        if look.writes:
            stretch = isolated("".join(one_symbol(symbol) for symbol in drawn[:20]))
        else:
            stretch = " – ".join(dict.fromkeys((drawn[0], drawn[-1])))
        words = self.tr("{0} units are on exactly in {1}: {2}. {3} stretches like it were found.")
        if not len(self._units):
            words = self.tr("No unit is on exactly in {1}: lower the threshold or draw another.")
        names = ", ".join(str(unit) for unit in self._units[:_DRAWN].tolist())
        names += " …" if len(self._units) > _DRAWN else ""
        self.words.setText(
            words.format(len(self._units), stretch, names, grouped(len(found.all_lengths)))
        )

    def _draw_lines(self, look: Look, values: np.ndarray) -> None:
        steps = np.append(np.arange(look.steps, dtype=float), np.nan)
        padded = np.concatenate((values, np.full((1, values.shape[1]), np.nan)))
        every = np.tile(steps, values.shape[1])
        lines = [Line("", every, padded.T.ravel(), tone="text_muted", alpha=0.12)]
        for unit in self._units[:_DRAWN].tolist():
            words = self.tr("unit {0}").format(unit)
            lines.append(Line(words, np.arange(look.steps), values[:, unit]))
        size = max(1.0, float(np.abs(values).max(initial=0.0)))
        low = -size if (values < 0).any() else 0.0
        self.lines.set_labels(look.labels)
        self.lines.set_lines(lines, (1.05 * low, 1.05 * size))
        self.lines.set_level(self.threshold.value())

    def _go(self, row: int) -> None:
        """Read the place that was chosen."""
        if self._matches is None or self._survey is None or self.look is None:
            return
        step = self.go_to(self._survey, int(self._matches.starts[row]))
        if self._survey.part:
            self._stretch = (step, step + int(self._matches.lengths[row]))

    def follow(self, selection: Selection) -> None:
        """Mark the selected step; another layer or quantity is searched anew."""
        self.text.grid.set_step(selection.step)
        self.lines.set_cross(selection.step if selection.step >= 0 else None)
        place = (*self.place.place, self.place.quantity)
        if self._searched and place != self._searched:
            self._search()
        self._searched = place
