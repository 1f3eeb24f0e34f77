"""Parts of the Runs page: asking before a deletion, curves and difference of what is chosen."""

from collections import Counter
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from workbench.app.latest_work import LatestWork
from workbench.engine.history import History
from workbench.errors import UserError
from workbench.experiment import Experiment
from workbench.runs import RunFolder, RunInfo, difference
from workbench.views import field_words
from workbench.views.numbers import clock, isolated
from workbench.views.pages.runs_model import DifferenceModel, best_words
from workbench.views.plots.loss import LossChart
from workbench.views.theme import SPACING

if TYPE_CHECKING:
    from workbench.app.session import Session

MOST_CURVES = 8
_Compared = tuple[list[tuple[str, str, str, str]], tuple[str, str], tuple[str, str]]
"""Rows of label, dotted name and both values; names and ids of both runs."""


class DeleteStrip(QFrame):
    """Names what will be lost, and asks once.

    Attributes:
        confirmed: The runs (a list of ``RunInfo``) are to go to the bin.
        closed: The question was answered, either way.
    """

    confirmed = Signal(object)
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("runs_delete_strip")
        self.setProperty("tone", "warning")
        self._runs: list[RunInfo] = []
        self.words = QLabel()
        self.words.setObjectName("runs_delete_words")
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setWordWrap(True)
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.yes = QPushButton(self.tr("Move to the bin"))
        self.yes.setObjectName("runs_delete_yes")
        self.yes.setProperty("tone", "danger")
        self.yes.clicked.connect(self._confirm)
        self.no = QPushButton(self.tr("Keep"))
        self.no.setObjectName("runs_delete_no")
        self.no.clicked.connect(self._close)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(SPACING + 4, SPACING, SPACING, SPACING)
        layout.setSpacing(SPACING)
        layout.addWidget(self.words, 1)
        layout.addWidget(self.yes)
        layout.addWidget(self.no)
        self.hide()

    def ask(self, runs: list[RunInfo]) -> None:
        """Ask about these."""
        self._runs = list(runs)
        if len(runs) == 1:
            info = runs[0]
            words = self.tr(
                "Delete “{0}”: its weights and curves of {1} epochs, {2} of training, best {3}?"
            ).format(isolated(info.name), info.epoch, clock(info.time_s), best_words(info))
        else:
            names = ", ".join(f"“{isolated(info.name)}”" for info in runs[:3])
            names += self.tr(" and {0} more").format(len(runs) - 3) if len(runs) > 3 else ""
            total = sum(info.time_s for info in runs)
            words = self.tr(
                "Delete {0} runs with their weights and curves, {1} of training: {2}?"
            ).format(len(runs), clock(total), names)
        self.words.setText(words)
        self.setAccessibleDescription(words)
        self.show()
        self.no.setFocus()

    @Slot()
    def _confirm(self) -> None:
        self.confirmed.emit(self._runs)
        self._close()

    @Slot()
    def _close(self) -> None:
        self.hide()
        self._runs = []
        self.closed.emit()


class CurvesPanel(QWidget):
    """The curves of the chosen runs in one picture."""

    def __init__(self, session: "Session", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("runs_curves_panel")
        self._session = session
        self._kept: dict[tuple[str, int, float], History] = {}
        self._asked: list[str] = []
        self._left_out = 0
        self.chart = LossChart(self.tr("Curves"), name="runs_curves")
        self.chart.set_empty(self.tr("Choose a run: its curve is drawn here."))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.chart)
        self._work = LatestWork(session, self)
        self._work.done.connect(self._show)
        self._work.failed.connect(session.report)

    def show_runs(self, runs: list[RunInfo]) -> None:
        """Draw these, at most ``MOST_CURVES``."""
        chosen = runs[:MOST_CURVES]
        self._asked = [info.id for info in chosen]
        self._left_out = len(runs) - len(chosen)
        if not chosen:
            self.chart.set_background_runs([])
            self.chart.set_history(None)
            self.chart.set_title(self.tr("Curves"))
            self.chart.set_empty(self.tr("Choose a run: its curve is drawn here."))
            return
        kept = dict(self._kept)
        self._work.ask(lambda cancelled: _histories(chosen, kept, cancelled))

    @Slot(object)
    def _show(self, found: "list[tuple[RunInfo, tuple[str, int, float], History]]") -> None:
        if [info.id for info, _, _ in found] != self._asked:
            return
        self._kept = {key: history for _, key, history in found}
        metrics = Counter(info.metric for info, _, _ in found if info.metric)
        if len(found) == 1:
            self.chart.set_background_runs([])
            self.chart.set_history(found[0][2])
            self.chart.set_title(found[0][0].name)
        else:
            commonest = metrics.most_common(1)
            self.chart.set_history(None, unit=commonest[0][0] if commonest else None)
            names = _told_apart([info for info, _, _ in found])
            histories = [history for _, _, history in found]
            self.chart.set_background_runs(list(zip(names, histories, strict=True)))
            words = self.tr("Validation of {0} runs").format(len(found))
            if self._left_out:
                total = len(found) + self._left_out
                words = self.tr("Validation of {0} of {1} runs").format(len(found), total)
            if len(metrics) > 1:
                words = self.tr("Curves in different metrics: {0}").format(
                    ", ".join(sorted(metrics))
                )
            self.chart.set_title(words)
        if not any(len(history.steps) or history.epochs for _, _, history in found):
            self.chart.set_empty(self.tr("Nothing was trained in this run yet."))


def _told_apart(runs: list[RunInfo]) -> list[str]:
    """Names of runs; those that are the same with the time they were made."""
    counts = Counter(info.name for info in runs)
    return [
        f"{info.name} · {info.created[5:16].replace('T', ' ')}" if counts[info.name] > 1
        else info.name
        for info in runs
    ]  # fmt: skip


def _histories(
    runs: list[RunInfo], kept: dict[tuple[str, int, float], History], cancelled: Any
) -> "list[tuple[RunInfo, tuple[str, int, float], History]]":
    """Histories of runs, read again only where they grew (in the worker)."""
    found = []
    for info in runs:
        folder = RunFolder(info.folder)
        key = (info.id, folder.event_offset, info.time_s)
        if cancelled():
            break
        found.append((info, key, kept.get(key) or History.load(folder)))
    return found


class DifferencePanel(QFrame):
    """Settings in which two runs differ."""

    def __init__(self, session: "Session", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("runs_difference")
        self.setProperty("card", "true")
        title = QLabel(self.tr("Difference"))
        title.setProperty("role", "heading")
        self.words = QLabel()
        self.words.setObjectName("runs_difference_words")
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setWordWrap(True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.words.setProperty("role", "muted")
        self.model = DifferenceModel(self)
        self.table = QTableView()
        self.table.setObjectName("runs_difference_table")
        self.table.setAccessibleName(self.tr("Settings in which the two runs differ"))
        self.table.setModel(self.model)
        self.table.verticalHeader().hide()
        self.table.setShowGrid(False)
        self.table.setAlternatingRowColors(True)
        self.table.setTabKeyNavigation(False)
        self.table.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.table.horizontalHeader().setHighlightSections(False)
        self.table.horizontalHeader().setDefaultAlignment(
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        )
        self._stack = QStackedWidget()
        self._stack.addWidget(self.words)
        self._stack.addWidget(self.table)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACING + 4, SPACING, SPACING, SPACING)
        layout.setSpacing(SPACING)
        layout.addWidget(title)
        layout.addWidget(self._stack, 1)
        self._work = LatestWork(session, self)
        self._work.done.connect(self._show)
        self._work.failed.connect(self._fail)
        self.show_runs([])

    def show_runs(self, runs: list[RunInfo]) -> None:
        """Compare these where they are two; otherwise say how to choose two."""
        self._asked = tuple(info.id for info in runs)
        if len(runs) != 2:
            self._say(self.tr("Choose two runs (Ctrl or Shift) to see what differs."))
            return
        first, second = runs
        self._work.ask(lambda _cancelled: _compared(first, second))

    def _say(self, words: str) -> None:
        self.words.setText(words)
        self._stack.setCurrentWidget(self.words)

    @Slot(object)
    def _show(self, found: _Compared) -> None:
        rows, names, ids = found
        if ids != self._asked:
            return
        self.model.set_rows(rows, names)
        if rows:
            self._stack.setCurrentWidget(self.table)
        else:
            self._say(self.tr("Both runs have the same settings."))

    @Slot(object)
    def _fail(self, error: Exception) -> None:
        self._say(str(error))


def _compared(first: RunInfo, second: RunInfo) -> _Compared:
    """What differs between two runs, in words (in the worker)."""
    one, two = _experiment_of(first), _experiment_of(second)
    rows = []
    for dotted, left, right in difference(one, two):
        if dotted == "name":
            continue
        rows.append((field_words.label_of_name(dotted), dotted,
                     field_words.words_of_value(dotted, left),
                     field_words.words_of_value(dotted, right)))  # fmt: skip
    names = _told_apart([first, second])
    return rows, (names[0], names[1]), (first.id, second.id)


def _experiment_of(info: RunInfo) -> Experiment:
    try:
        return RunFolder(info.folder).experiment_now()
    except OSError as error:
        raise UserError(f"Cannot read the run {info.name}: {error}.", "Look again.") from None
