"""Compare: two inputs, two moments or two runs side by side, unit by unit."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from workbench.app.looking import BEST, Look, Looking, Reading
from workbench.app.selection import Selection
from workbench.data.findings import Watch
from workbench.errors import UserError
from workbench.runs import RunFolder
from workbench.views.look.choosers import PlaceChooser, combo
from workbench.views.look.rows_table import Column, RowsTable
from workbench.views.look.view import LookView, muted
from workbench.views.numbers import grouped
from workbench.views.plots.heatmap import Heatmap
from workbench.views.plots.lines import Line, Lines
from workbench.views.splitter import HairlineSplitter

INPUT = "input"
_LABELS = {
    "matched": QCoreApplication.translate("Compare", "matched"),
    "changed": QCoreApplication.translate("Compare", "changed"),
    "lost": QCoreApplication.translate("Compare", "lost"),
    "new": QCoreApplication.translate("Compare", "new"),
}


@dataclass(frozen=True, eq=False)
class _Found:
    """What a worker brings.

    Attributes:
        other: The look beside this one.
        pairs: Units and their partners; of two inputs every unit with itself.
        apart: Distance at every step: of states (two inputs), or of predictions; may be empty.
    """

    other: Look
    pairs: list[Any]
    apart: np.ndarray


class CompareView(LookView):
    """Both pictures, the pairs, and where the two part."""

    key = "compare"

    def __init__(self, looking: Looking, parent: QWidget | None = None) -> None:
        super().__init__(looking, parent)
        self._found: _Found | None = None
        self._place: tuple[int, int] = (-1, -1)
        self.place = PlaceChooser(self.session, "look_compare_place")
        self.other = combo("look_compare_other", self.tr("What stands beside it"))
        self.other.activated.connect(self._chosen)
        looking.peers_changed.connect(self._offer_others)
        self.text = QLineEdit()
        self.text.setObjectName("look_compare_text")
        self.text.setAccessibleName(self.tr("The other input"))
        self.text.setPlaceholderText(self.tr("The other text"))
        self.text.textChanged.connect(self._ask)
        self.words = muted("look_compare_words")
        head = QHBoxLayout()
        head.addWidget(self.place)
        head.addWidget(self.other)
        head.addWidget(self.text, 1)
        self.first = Heatmap(self.tr("This"), self, "look_compare_first")
        self.second = Heatmap(self.tr("The other"), self, "look_compare_second")
        for picture in (self.first, self.second):
            picture.set_titles("", self.tr("unit"))
            picture.value_hovered.connect(self._hovered)
        self.first.clicked.connect(self._first_clicked)
        self.second.clicked.connect(self._second_clicked)
        self.table = RowsTable(
            (
                Column(self.tr("this"), self.tr("Unit of this model")),
                Column(self.tr("other"), self.tr("Its partner in the other")),
                Column(self.tr("r"), self.tr("Correlation of the two")),
                Column(self.tr("label")),
            ),
            "look_compare_units",
            self.tr("Units and their partners"),
        )
        self.table.row_chosen.connect(self._row_chosen)
        self.table.failed.connect(self.session.report)
        self.lines = Lines(self.tr("Pair"), self, "look_compare_lines", labelled=True)
        self.apart = Lines(self.tr("Where they part"), self, "look_compare_apart", labelled=True)
        pictures = HairlineSplitter(Qt.Orientation.Horizontal, "look_compare_pictures")
        pictures.addWidget(self.first)
        pictures.addWidget(self.second)
        below = HairlineSplitter(Qt.Orientation.Horizontal, "look_compare_below")
        for part in (self.table, self.lines, self.apart):
            below.addWidget(part)
        below.setSizes([280, 360, 360])
        parts = HairlineSplitter(Qt.Orientation.Vertical, "look_compare_parts")
        parts.addWidget(pictures)
        parts.addWidget(below)
        self.body.addLayout(head)
        self.body.addWidget(self.words)
        self.body.addWidget(parts, 1)

    # ------------------------------------------------------------------ what stands beside it

    def refresh(self) -> None:
        """Compare another look."""
        assert self.look is not None
        self.place.set_look(self.look)
        self._offer_others()
        self._ask()

    def _offer_others(self) -> None:
        look = self.look
        if look is None:
            return
        chosen = self.other.currentData()
        self.other.clear()
        for name in self.looking.moments[:-1]:
            self.other.addItem(self.tr("this run at {0}").format(name.replace("-", " ")), name)
        self.other.addItem(self.tr("this run, best weights"), BEST)
        if look.writes:
            self.other.addItem(self.tr("another text"), INPUT)
        for info in self.looking.other_runs(look):
            self.other.addItem(f"{info.name} · {info.model}", str(info.folder))
        self.other.setCurrentIndex(max(self.other.findData(chosen), 0))
        self.text.setVisible(self.other.currentData() == INPUT)

    def _chosen(self, _index: int) -> None:
        look = self.look
        wants_text = self.other.currentData() == INPUT
        self.text.setVisible(wants_text)
        if wants_text and look is not None and not self.text.text():
            self.text.setText("".join(look.labels).replace("\n", " "))  # asks
        else:
            self._ask()

    def _ask(self, *_: object) -> None:
        look = self.look
        if look is None:
            return
        place, other, text = self.place.place, self.other.currentData(), self.text.text()
        self._place = place
        tracer = self.looking.tracer

        def compare(look: Look, _watch: Watch) -> object:
            beside = _look_beside(tracer, look, other, text)
            return _compare(look, beside, place, same_model=other == INPUT)

        self.compute(self.tr("Comparing unit by unit"), compare, self._show)

    # ------------------------------------------------------------------ drawing

    def _show(self, found: _Found) -> None:
        look = self.look
        assert look is not None
        self._found = found
        layer, direction = self.place.place
        values = look.values(layer, direction, "hidden")
        others = found.other.values(layer, direction, "hidden")
        order = [pair.first for pair in found.pairs if pair.first >= 0]
        partner = [pair.second for pair in found.pairs if pair.second >= 0]
        rest = [unit for unit in range(others.shape[1]) if unit not in set(partner)]
        self.first.set_data(values.T, look.labels, "signed", self.tr("This"))
        self.first.set_order(np.array(order))
        self.second.set_data(others.T, found.other.labels, "signed", self.other.currentText())
        self.second.set_order(np.array(partner + rest))
        rows = []
        for pair in found.pairs:
            first = pair.first if pair.first >= 0 else "–"
            second = pair.second if pair.second >= 0 else "–"
            rows.append((first, second, pair.correlation, _LABELS[pair.label]))
        self.table.set_rows(rows)
        counts = {label: sum(p.label == label for p in found.pairs) for label in _LABELS}
        words = self.tr("{0} units matched, {1} changed, {2} lost, {3} new.")
        self.words.setText(words.format(*(grouped(counts[label]) for label in _LABELS)))
        steps = np.arange(len(found.apart))
        self.apart.set_labels(look.labels)
        self.apart.set_lines([Line("", steps, found.apart)] if len(steps) else [])
        if not len(steps):
            self.apart.set_empty(
                self.tr("Forecasts come once, behind the window: compare them on the Runs page.")
            )
        self.follow(self.session.selection)

    def follow(self, selection: Selection) -> None:
        """Draw the selected unit with its partner."""
        look, found = self.look, self._found
        if look is None or found is None:
            return
        if self.place.place != self._place:
            self._ask()
            return
        row = next((r for r, p in enumerate(found.pairs) if p.first == selection.unit), -1)
        self.table.choose(row)
        for picture in (self.first, self.second):
            picture.set_crosshair(-1, selection.step)
        pair = found.pairs[row] if row >= 0 and selection.unit >= 0 else None
        self.first.mark_unit(pair.first if pair is not None else -1)
        self.second.mark_unit(pair.second if pair is not None else -1)
        self.lines.set_labels(look.labels)
        if pair is None:
            self.lines.set_lines([])
            self.lines.set_empty(self.tr("Choose a unit: it is drawn with its partner."))
            return
        layer, direction = self.place.place
        one = look.values(layer, direction, "hidden")[:, pair.first]
        lines = [Line(self.tr("this, unit {0}").format(pair.first), np.arange(len(one)), one)]
        if pair.second >= 0:
            two = found.other.values(layer, direction, "hidden")[:, pair.second]
            words = self.tr("other, unit {0}").format(pair.second)
            lines.append(Line(words, np.arange(len(two)), two))
        self.lines.set_lines(lines, (-1.1, 1.1))

    # ------------------------------------------------------------------ pointing

    def _hovered(self, _unit: int, step: int) -> None:
        if step >= 0:
            self.select(step=step)

    def _first_clicked(self, unit: int, step: int) -> None:
        self._select_unit(unit, step=step)

    def _second_clicked(self, unit: int, step: int) -> None:
        pairs = self._found.pairs if self._found is not None else []
        partner = next((pair.first for pair in pairs if pair.second == unit), -1)
        self._select_unit(partner, step=step)

    def _row_chosen(self, row: int) -> None:
        if self._found is not None:
            self._select_unit(self._found.pairs[row].first)

    def _select_unit(self, unit: int, **changes: int) -> None:
        layer, direction = self.place.place
        self.select(layer=layer, direction=direction, unit=unit, **changes)


def _look_beside(tracer: Any, look: Look, other: str, text: str) -> Look:
    """The other look: this run's moment, another text, or another run on the same input."""
    if other == INPUT:
        return tracer.look(look.run, look.loaded.which, Reading(text=text or " "))
    run = look.run if other == BEST or other.startswith("step-") else RunFolder(Path(other))
    which = other if run is look.run else BEST
    reading = look.reading
    if run is not look.run and look.writes:
        reading = Reading(text="".join(look.labels))
    return tracer.look(run, which, reading)


def _compare(look: Look, beside: Look, place: tuple[int, int], *, same_model: bool) -> _Found:
    from workbench.analysis.comparing import (
        Pair,
        match_units,
        prediction_distance,
        state_distance,
    )

    if place not in beside.places:
        raise UserError(
            f"The other model has no layer {place[0] + 1} like this one.", "Choose another layer."
        )
    if look.writes and look.labels != beside.labels and not same_model:
        raise UserError(
            "The other model cuts the text into other symbols; their steps are not the same.",
            "Choose a run with the same vocabulary.",
        )
    one, two = look.values(*place, "hidden"), beside.values(*place, "hidden")
    steps = min(len(one), len(two))
    if same_model:
        pairs = [Pair(unit, unit, float("nan"), "matched") for unit in range(one.shape[1])]
        return _Found(beside, pairs, state_distance(one[:steps], two[:steps]))
    pairs = match_units(one[:steps], two[:steps])
    apart = np.empty(0)
    if look.writes and look.task.vocabulary.symbols == beside.task.vocabulary.symbols:
        outputs = look.trace.output[0][:steps], beside.trace.output[0][:steps]
        apart = prediction_distance(*outputs)
    return _Found(beside, pairs, apart)
