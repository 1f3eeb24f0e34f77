"""Tracks: annotations under the sequence, and the units ranked by how well they tell one."""

import contextlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from workbench.app.looking import Look, Looking
from workbench.app.selection import Selection
from workbench.data.findings import Watch
from workbench.errors import UserError
from workbench.views.look.coloured import ColouredSymbols
from workbench.views.look.rows_table import Column, RowsTable
from workbench.views.look.survey_bar import SurveyBar
from workbench.views.look.view import LookView, muted, place_number, place_words, selected_line
from workbench.views.numbers import grouped
from workbench.views.plots.lines import Line, Lines
from workbench.views.splitter import HairlineSplitter
from workbench.views.theme import SPACING, icon

_RANKED = 200
_STATES = {
    "hidden": QCoreApplication.translate("Tracks", "hidden"),
    "cell": QCoreApplication.translate("Tracks", "cell"),
}

TRACK_WORDS = {
    "inside quotes": QCoreApplication.translate("Tracks", "inside quotes"),
    "capital": QCoreApplication.translate("Tracks", "capital"),
    "digit": QCoreApplication.translate("Tracks", "digit"),
    "white space": QCoreApplication.translate("Tracks", "white space"),
    "start of a word": QCoreApplication.translate("Tracks", "start of a word"),
    "depth of brackets": QCoreApplication.translate("Tracks", "depth of brackets"),
    "place in the line": QCoreApplication.translate("Tracks", "place in the line"),
    "place in the word": QCoreApplication.translate("Tracks", "place in the word"),
    "hour": QCoreApplication.translate("Tracks", "hour"),
    "weekday": QCoreApplication.translate("Tracks", "weekday"),
    "weekend": QCoreApplication.translate("Tracks", "weekend"),
    "day of the month": QCoreApplication.translate("Tracks", "day of the month"),
    "month": QCoreApplication.translate("Tracks", "month"),
}


class RankingView(LookView):
    """Choose a track; every unit of every layer is ranked by it."""

    key = "ranking"

    def __init__(self, looking: Looking, parent: QWidget | None = None) -> None:
        super().__init__(looking, parent)
        self._tracks: list[Any] = []
        self._keys: list[Any] = []
        self._scores: list[np.ndarray] = []
        self._ranked: list[tuple[int, int]] = []
        self._shown: list[Any] = []
        self._own: list[Any] = []
        self._of: Look | None = None
        self._chosen = ""
        self._file: Path | None = None
        self.survey = SurveyBar(self, self._ask)
        self.words = muted("look_ranking_words")
        self._make_tracks()
        self._make_table()
        self._lay_out()

    def _make_tracks(self) -> None:
        self.tracks = QListWidget()
        self.tracks.setObjectName("look_tracks")
        self.tracks.setAccessibleName(self.tr("Tracks"))
        self.tracks.currentRowChanged.connect(self._track_chosen)
        self.pattern = QLineEdit()
        self.pattern.setObjectName("look_track_pattern")
        self.pattern.setAccessibleName(self.tr("A track of your own: a regular expression"))
        self.pattern.setPlaceholderText(self.tr("Your own track: a regular expression"))
        self.pattern.setToolTip(
            self.tr("Yes at every symbol inside a match, such as ^[A-Z ]+: or [aeiou]; Return adds")
        )
        self.pattern.setClearButtonEnabled(True)
        self.pattern.returnPressed.connect(self._add_pattern)
        self.load = QToolButton()
        self.load.setObjectName("look_track_load")
        self.load.setIcon(icon("folder-open"))
        self.load.setToolTip(
            self.tr("Load a track: a text file with one line per step, a number or a label")
        )
        self.load.setAccessibleName(self.tr("Load a track"))
        self.load.clicked.connect(self._choose_file)

    def _make_table(self) -> None:
        self.table = RowsTable(
            (
                Column(self.tr("unit")),
                Column(self.tr("layer")),
                Column(self.tr("state"), self.tr("Hidden state, or cell state of an LSTM")),
                Column(
                    self.tr("score"),
                    self.tr(
                        "Yes/no: area under the ROC curve, 0.5 tells nothing, 0 and 1 tell all; "
                        "numbers: correlation"
                    ),
                ),
                Column(self.tr("strength"), self.tr("0 tells nothing, 1 tells all")),
            ),
            "look_ranking_units",
            self.tr("Units by how well they tell the track"),
        )
        self.table.row_chosen.connect(self._unit_chosen)
        self.table.failed.connect(self.session.report)

    def _lay_out(self) -> None:
        self.lines = Lines(self.tr("Unit and track"), self, "look_ranking_lines", labelled=True)
        self.lines.clicked.connect(lambda x: self.select(step=round(x)))
        self.text = ColouredSymbols(self.tr("Unit"), self, "look_ranking_text")
        self.text.set_below(False)
        self.text.grid.symbol_hovered.connect(self._hovered)
        self.text.grid.clicked.connect(self._hovered)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACING)
        column.addWidget(self.tracks, 2)
        own = QHBoxLayout()
        own.addWidget(self.pattern, 1)
        own.addWidget(self.load)
        column.addLayout(own)
        column.addWidget(self.table, 3)
        right = HairlineSplitter(Qt.Orientation.Vertical, "look_ranking_pictures")
        right.addWidget(self.text)
        right.addWidget(self.lines)
        parts = HairlineSplitter(Qt.Orientation.Horizontal, "look_ranking_parts")
        parts.addWidget(left)
        parts.addWidget(right)
        parts.setSizes([300, 640])
        head = QHBoxLayout()
        head.addWidget(self.survey)
        head.addWidget(self.words, 1)
        self.body.addLayout(head)
        self.body.addWidget(parts, 1)

    # ------------------------------------------------------------------ computing

    def refresh(self) -> None:
        """Rank again: other weights, other units."""
        assert self.look is not None
        self.text.setVisible(self.look.writes)
        self.pattern.setVisible(self.look.writes)
        self.load.setVisible(self.look.writes)
        if self.look.writes:
            self.text.set_look(self.look)
        same = self._of is not None and self._of.loaded is self.look.loaded
        if not (same and self.survey.length and self._scores):
            self.survey.begin()
        self._annotate()

    def _add_pattern(self) -> None:
        """Rank by a track of one's own too; it is the one that is shown."""
        self._chosen = self.pattern.text() or self._chosen
        self._annotate()
        self._ask()

    def _choose_file(self) -> None:
        answer, _ = QFileDialog.getOpenFileName(
            self, self.tr("Load a track"), "", self.tr("Text (*.txt *.csv *.tsv);;All files (*)")
        )
        if answer:
            self.add_file(Path(answer))

    def add_file(self, path: Path) -> None:
        """Rank by the tracks of a file too: its lines are the steps that are counted."""
        self._file = path
        self._chosen = path.stem
        self._ask()

    def _ask(self) -> None:
        pattern, file = self.pattern.text(), self._file
        length = self.survey.length

        def rank(look: Look, watch: Watch) -> object:
            from workbench.analysis.tracks import pattern_track, read_tracks, score_all

            survey = self.survey.rows(look, length, watch)
            tracks, own = list(survey.tracks(watch)), []
            if pattern and look.writes:
                tracked = len(tracks[0].values)
                tracks.append(pattern_track(survey.labels(0, tracked), pattern))
            if file is not None and look.writes:
                own = read_tracks(file, len(tracks[0].values))
            tracks += own
            keys = [key for key in survey.keys if key.quantity in ("hidden", "cell")]
            scores = []
            for place, key in enumerate(keys):
                watch.step(place / len(keys))
                rows = survey.rows(key)[: len(tracks[0].values)] if tracks else survey.rows(key)
                scores.append(score_all(tracks, rows))
            return look, tracks, own, keys, scores

        self.compute(self.tr("Ranking the units by every track"), rank, self._show)

    def _show(self, found: tuple[Look, list[Any], list[Any], list[Any], list[np.ndarray]]) -> None:
        self._of, self._tracks, self._own, self._keys, self._scores = found
        if self._own:
            self._annotate()
        self._fill_tracks()

    def _fill_tracks(self) -> None:
        from workbench.analysis.tracks import strength

        wanted = self._chosen
        self.tracks.blockSignals(True)
        self.tracks.clear()
        best = []
        for place, track in enumerate(self._tracks):
            values = np.concatenate([strength(track, s[place]) for s in self._scores])
            best.append(float(values.max(initial=0.0)))
            words = TRACK_WORDS.get(track.name, track.name)
            text = self.tr("{0} · best unit {1}").format(words, grouped(best[-1], 2))
            if not best[-1]:
                text = self.tr("{0} · does not vary here").format(words)
            item = QListWidgetItem(text)
            item.setData(Qt.ItemDataRole.UserRole, track.name)
            self.tracks.addItem(item)
        self.tracks.blockSignals(False)
        names = [track.name for track in self._tracks]
        if wanted not in names:  # of a file with labels, its first
            wanted = next((name for name in names if name.startswith(f"{wanted} = ")), wanted)
        if wanted not in names and best:
            wanted = names[int(np.argmax(best))]
        if names:
            self.tracks.setCurrentRow(names.index(wanted))
            self._track_chosen(names.index(wanted))

    def _annotate(self) -> None:
        """The tracks of what is read now, to be drawn beside the unit."""
        pattern = self.pattern.text()

        def annotate(look: Look, watch: Watch) -> object:
            from workbench.analysis.tracks import pattern_track

            tracks = list(self.looking.survey(look, 0, watch).tracks(watch))
            if pattern and look.writes:
                with contextlib.suppress(UserError):  # said where the units are ranked
                    tracks.append(pattern_track(look.labels, pattern))
            return tracks

        words = self.tr("Annotating what is read")
        self.compute(words, annotate, self._show_annotated, beside=True)

    def _show_annotated(self, tracks: list[Any]) -> None:
        look = self.look
        assert look is not None
        reading, part = look.reading, "validation" if self.survey.length else ""
        first = reading.first if reading.part else 0
        self._shown = list(tracks)
        for track in self._own:  # its lines are known where what is read lies among them
            values = track.values[first : first + look.steps]
            if reading.part == part and not reading.text and len(values) == look.steps:
                self._shown.append(replace(track, values=values))
        self.follow(self.session.selection)

    # ------------------------------------------------------------------ choosing

    def _track_chosen(self, row: int) -> None:
        from workbench.analysis.tracks import strength

        look = self._of
        if look is None or not 0 <= row < len(self._tracks):
            return
        track = self._tracks[row]
        self._chosen = track.name
        found = []
        for place, scores in enumerate(self._scores):
            strong = strength(track, scores[row])
            found += [
                (place, unit, float(scores[row][unit]), float(strong[unit]))
                for unit in range(len(strong))
            ]
        found.sort(key=lambda item: -item[3])
        found = found[:_RANKED]
        self._ranked = [item[:2] for item in found]
        rows = []
        for place, unit, score, strong_ in found:
            key = self._keys[place]
            number = place_number(look, key.layer, key.direction)
            rows.append((unit, number, _STATES[key.quantity], score, strong_))
        self.table.set_rows(rows)
        if found:
            place, unit, score, _strength = found[0]
            key = self._keys[place]
            kind = self.tr("AUC") if track.binary else self.tr("correlation")
            self.words.setText(
                self.tr("Unit {0} of {1} tells ‘{2}’ best: {3} {4}.").format(
                    unit, place_words(look, key.layer, key.direction).lower(),
                    TRACK_WORDS.get(track.name, track.name), kind, grouped(score, 2),
                )
            )  # fmt: skip
        self.follow(self.session.selection)

    def _unit_chosen(self, row: int) -> None:
        place, unit = self._ranked[row]
        key = self._keys[place]
        self.select(layer=key.layer, direction=key.direction, unit=unit, quantity=key.quantity)

    def _hovered(self, step: int) -> None:
        if step >= 0:
            self.select(step=step)

    def follow(self, selection: Selection) -> None:
        """Draw the selected unit with the chosen track."""
        look = self.look
        if look is None:
            return
        line = selected_line(look, selection)
        track = next((t for t in self._shown if t.name == self._chosen), None)
        steps, lines = np.arange(look.steps), []
        low, high = (-1.0, 1.0) if line is None else line.reach
        if line is not None:
            lines.append(Line(line.title, steps, line.values))
            if look.writes:
                self.text.set_title(line.title)
                self.text.set_shading(line.values, line.kind)
        elif look.writes:
            self.text.set_title(self.tr("Choose a unit: the text is shaded by it"))
        if track is not None:
            heights = low + (high - low) * _share_of_range(track.values)  # the unit's own swing
            words = TRACK_WORDS.get(track.name, track.name)
            lines.append(Line(words, steps, heights, dashed=True, tone="series_1"))
        self.lines.set_labels(look.labels)
        room = 0.1 * (high - low)
        self.lines.set_lines(lines, (low - room, high + room))
        self.lines.set_cross(selection.step if selection.step >= 0 else None)
        self.text.set_step(selection.step)
        places = [(key.layer, key.direction, key.quantity) for key in self._keys]
        row = -1
        if line is not None and line.key[:3] in places:
            wanted = (places.index(line.key[:3]), line.key[3])
            row = self._ranked.index(wanted) if wanted in self._ranked else -1
        self.table.choose(row)


def _share_of_range(values: np.ndarray) -> np.ndarray:
    """Where a track lies between its lowest and highest value, 0…1."""
    known = values[np.isfinite(values)]
    if not known.size:
        return values
    low, high = float(known.min()), float(known.max())
    return np.full(len(values), 0.5) if high == low else (values - low) / (high - low)
