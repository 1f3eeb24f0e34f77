"""Errors: the model beside n-grams, and what is still wrong, class by class."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from workbench.app.looking import Look, Looking
from workbench.data.findings import Watch
from workbench.views.look.rows_table import Column, RowsTable
from workbench.views.look.survey_bar import SurveyBar
from workbench.views.look.view import LookView, context_words, muted
from workbench.views.numbers import grouped, share
from workbench.views.plots.bars import Bars
from workbench.views.plots.lines import Line, Lines
from workbench.views.splitter import HairlineSplitter

_ORDERS = 10
_LISTED = 400
_AROUND = 30

_CLASS_WORDS = {
    "n-gram": QCoreApplication.translate("Errors", "n-gram"),
    "rare word": QCoreApplication.translate("Errors", "rare word"),
    "start of a word": QCoreApplication.translate("Errors", "start of a word"),
    "punctuation": QCoreApplication.translate("Errors", "punctuation"),
    "rest": QCoreApplication.translate("Errors", "rest"),
}


@dataclass(frozen=True, eq=False)
class _Found:
    """What a worker brings: entropies, classes, and what they were counted over."""

    nats: float
    entropies: np.ndarray
    classes: list[Any]
    survey: Any
    given: np.ndarray
    judged: int


class ErrorsView(LookView):
    """Cross-entropy beside n-grams of growing order; classes of errors; their places."""

    key = "errors"

    def __init__(self, looking: Looking, parent: QWidget | None = None) -> None:
        super().__init__(looking, parent)
        self._found: _Found | None = None
        self._places = np.empty(0, np.int64)
        self.survey = SurveyBar(self, self._ask)
        self.words = muted("look_errors_words")
        head = QHBoxLayout()
        head.addWidget(self.survey)
        head.addWidget(self.words, 1)
        self.entropy = Lines(self.tr("Against n-grams"), self, "look_errors_entropy")
        self.entropy.set_titles(self.tr("n"), self.tr("nats per symbol"))
        self.classes = Bars(self.tr("What is still wrong"), self, "look_errors_classes")
        self.classes.set_titles("", self.tr("errors"))
        self.classes.bar_clicked.connect(self._open_class)
        self.table = RowsTable(
            (
                Column(self.tr("step")),
                Column(self.tr("given"), self.tr("Probability of the symbol that stands there")),
                Column(self.tr("where")),
            ),
            "look_errors_places",
            self.tr("Places of the chosen class"),
        )
        self.table.row_chosen.connect(self._go)
        self.table.failed.connect(self.session.report)
        left = HairlineSplitter(Qt.Orientation.Vertical, "look_errors_left")
        left.addWidget(self.entropy)
        left.addWidget(self.classes)
        parts = HairlineSplitter(Qt.Orientation.Horizontal, "look_errors_parts")
        parts.addWidget(left)
        parts.addWidget(self.table)
        parts.setSizes([560, 420])
        self.body.addLayout(head)
        self.body.addWidget(parts, 1)

    def refresh(self) -> None:
        """Judge other weights."""
        look = self.look
        assert look is not None
        self._found = None
        if not look.writes:
            self.cannot(
                self.tr(
                    "N-grams count symbols; this run forecasts numbers. Its errors beside the "
                    "naive forecast stand on the Use page."
                )
            )
            return
        self.survey.begin()

    def _ask(self, *_: object) -> None:
        look = self.look
        if look is None or not look.writes:
            return
        length = self.survey.length

        def judge(look: Look, watch: Watch) -> object:
            from workbench.analysis.error_classes import count_words, error_classes
            from workbench.analysis.ngrams import cross_entropies, ngram_probabilities

            survey = self.survey.rows(look, length, watch)
            symbols = look.symbols if survey.symbols is None else np.asarray(survey.symbols)
            assert look.expected is not None
            ahead = look.expected.given[0] if survey.given is None else np.asarray(survey.given)
            given = np.append(np.nan, ahead[:-1])  # of each symbol, not of the one behind it
            train = look.task.part_symbols("train")
            size = look.task.vocabulary.size
            grams = ngram_probabilities(train, symbols, size, _ORDERS, watch)
            known = np.isfinite(given)
            nats = float(-np.log(np.maximum(given[known], 1e-30)).mean())
            texts = survey.labels(0, len(symbols))
            classes = error_classes(given, grams, texts, count_words(look.task))
            entropies = cross_entropies(grams[:, known])
            return _Found(nats, entropies, classes, survey, given, int(known.sum()))

        self.compute(self.tr("Counting n-grams of the training part"), judge, self._show)

    def _show(self, found: _Found) -> None:
        self._found = found
        orders = np.arange(1, len(found.entropies) + 1)
        self.entropy.set_lines(
            [
                Line(self.tr("n-grams"), orders, found.entropies),
                Line(
                    self.tr("this model"), orders[[0, -1]], np.full(2, found.nats),
                    tone="series_1",
                ),
            ]
        )  # fmt: skip
        names = [_class_words(item.name) for item in found.classes]
        counts = np.array([len(item.places) for item in found.classes])
        self.classes.set_bars(counts, names)
        best = int(found.entropies.argmin())
        words = self.tr("{0} nats per symbol; the best n-gram (n = {1}) needs {2}. {3} are wrong.")
        self.words.setText(
            words.format(
                grouped(found.nats, 3), best + 1, grouped(float(found.entropies[best]), 3),
                share(float(counts.sum() / max(found.judged, 1))),
            )
        )  # fmt: skip
        if counts.any():
            self.classes.choose(int(counts.argmax()))
            self._open_class(int(counts.argmax()))

    def _open_class(self, bar: int) -> None:
        found = self._found
        if found is None:
            return
        self._places = found.classes[bar].places[:_LISTED]
        around = (_AROUND, _AROUND // 2)
        self.table.set_rows(
            [
                (
                    step,
                    float(found.given[step]),
                    context_words(found.survey, step, step + 1, around),
                )
                for step in self._places.tolist()
            ]
        )

    def _go(self, row: int) -> None:
        """Read the place that was chosen."""
        if self._found is not None:
            self.go_to(self._found.survey, int(self._places[row]))


def _class_words(name: str) -> str:
    """The name of a class for people."""
    kind, _, number = name.partition(" ")
    if kind == "memory":
        return QCoreApplication.translate("Errors", "word within {0}").format(number)
    if kind == "boost":
        return QCoreApplication.translate("Errors", "within {0}").format(number)
    return _CLASS_WORDS[name]
