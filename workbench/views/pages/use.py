"""The Use page: what a trained model does, with its best or its last weights."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from workbench.app.job import Handlers
from workbench.app.latest_work import LatestWork
from workbench.app.using import ForecastPictures, InUse, Using, Wish, checkpoints
from workbench.errors import UserError
from workbench.runs import RunFolder, RunInfo
from workbench.specs import TaskName
from workbench.views.notice import Notice
from workbench.views.numbers import grouped
from workbench.views.pages.use_parts import MetricsPanel, WritingControls
from workbench.views.plots.coloured_text import ColouredText
from workbench.views.plots.forecast import ForecastChart
from workbench.views.splitter import HairlineSplitter
from workbench.views.theme import SPACING

if TYPE_CHECKING:
    from workbench.app.session import Session

Ready = tuple[bool, str, str, Callable[[], None] | None]


class UsePage(QWidget):
    """Text written by the run that is shown, or its forecasts; and every metric."""

    station = "use"

    def __init__(self, session: "Session", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("use_page")
        self.setAccessibleName(self.tr("Use"))
        self._session = session
        self._using = Using()
        self._info: RunInfo | None = None
        self._writing: Any = None
        self._evaluating: Any = None
        self._written: tuple[list[str], list[float]] = ([], [])
        self._prompt = ""
        self._drawn = ""
        self._forecasting = LatestWork(session, self)
        self._forecasting.done.connect(self._show_forecasts)
        self._forecasting.failed.connect(self._fail)
        self._build()
        session.run_changed.connect(self._show_run)
        session.runs_changed.connect(self._follow_run)
        self._show_run(session.run)

    # ------------------------------------------------------------------ parts

    def _build(self) -> None:
        self.title = QLabel()
        self.title.setObjectName("use_title")
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.title.setProperty("role", "heading")
        self.title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.in_use = QLabel()
        self.in_use.setObjectName("use_weights")
        self.in_use.setTextFormat(Qt.TextFormat.PlainText)
        self.in_use.setProperty("role", "muted")
        self.which = QComboBox()
        self.which.setObjectName("use_checkpoint")
        self.which.setAccessibleName(self.tr("Weights in use"))
        self.which.setToolTip(
            self.tr("best: of the epoch with the best validation; last: as training left them")
        )
        self.which.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.which.activated.connect(self._choose_weights)
        head = QHBoxLayout()
        head.setSpacing(SPACING)
        head.addWidget(self.title, 1)
        head.addWidget(self.in_use)
        head.addWidget(self.which)
        self.notice = Notice("use_notice")
        self.controls = WritingControls()
        self.controls.write_asked.connect(self._write)
        self.controls.stop_asked.connect(self._stop_writing)
        self.text = ColouredText(self.tr("The model's own writing"), name="use_text")
        self.forecast = ForecastChart(self.tr("Forecasts"), name="use_forecast")
        self.pictures = QStackedWidget()
        self.pictures.addWidget(self.text)
        self.pictures.addWidget(self.forecast)
        self.metrics = MetricsPanel()
        self.metrics.evaluate_asked.connect(self._evaluate)
        self.metrics.stop_asked.connect(self._stop_evaluating)
        parts = HairlineSplitter(Qt.Orientation.Vertical, "use_parts")
        parts.addWidget(self.pictures)
        parts.addWidget(self.metrics)
        parts.setSizes([380, 240])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * SPACING, 2 * SPACING, 2 * SPACING, 2 * SPACING)
        layout.setSpacing(SPACING)
        layout.addLayout(head)
        layout.addWidget(self.notice)
        layout.addWidget(self.controls)
        layout.addWidget(parts, 1)

    # ------------------------------------------------------------------ the page in the window

    def ready(self) -> Ready:
        """It needs a run with a checkpoint."""
        run = self._session.run
        if run is not None and checkpoints(run):
            return True, "", "", None
        if self._session.job.run_active:
            why = self.tr("The first checkpoint is not written yet: it comes with the first epoch.")
            return False, why, "", None
        why = self.tr("There is no trained model yet. Train one, or open a run.")
        return False, why, self.tr("Train"), self._session.start_training

    def settings_panel(self) -> None:
        """What can be set stands on the page."""
        return

    def showEvent(self, event: QShowEvent) -> None:
        """Draw the forecasts when somebody looks."""
        super().showEvent(event)
        self._follow_run()

    # ------------------------------------------------------------------ the run

    @Slot(object)
    def _show_run(self, run: RunFolder | None) -> None:
        """Begin with another run; what an older one still answers is dropped."""
        self._drop_work()
        self._using.forget()
        self._info = None
        self._drawn = ""
        self._written = ([], [])
        self.notice.clear()
        self.text.set_symbols((), ())
        self.text.set_empty(self.tr("Press Write: the model writes after the prompt."))
        self.forecast.set_windows(())
        self.forecast.set_empty(self.tr("Forecasts on held-out windows are drawn here."))
        self.metrics.clear(self.tr("Press Evaluate: every metric on every part of the data."))
        self.in_use.clear()
        if run is not None:
            self._follow_run()

    @Slot()
    def _follow_run(self) -> None:
        """Show what is known of the run; called again whenever it may have grown."""
        run = self._session.run
        if run is None:
            return
        try:
            info = run.info()
        except UserError as error:
            self.notice.show_error(error)
            return
        first = self._info is None
        self._info = info
        writes = info.task == TaskName.LANGUAGE_MODEL.value
        self.title.setText(f"{info.name} · {info.model} · {info.data}")
        self.controls.setVisible(writes)
        self.pictures.setCurrentWidget(self.text if writes else self.forecast)
        self._offer_weights(run)
        if first:
            preview = self._session.experiment.preview
            self.controls.temperature.setValue(preview.temperature)
            self._show_known()
        if not writes and self.isVisible():
            self._ask_forecasts()

    def _offer_weights(self, run: RunFolder) -> None:
        words = {"best": self.tr("best weights"), "last": self.tr("last weights")}
        epochs = self._session.history.epochs
        if epochs:
            words["best"] += self.tr(" (epoch {0})").format(epochs[-1].best_epoch)
            words["last"] += self.tr(" (epoch {0})").format(epochs[-1].epoch)
        chosen = self.which.currentData()
        self.which.clear()
        for name in checkpoints(run):
            self.which.addItem(words[name], name)
        self.which.setCurrentIndex(max(self.which.findData(chosen), 0))
        self.which.setVisible(self.which.count() > 0)

    @property
    def _weights(self) -> str:
        return self.which.currentData() or "best"

    @Slot()
    def _choose_weights(self) -> None:
        """Answers of the other weights leave the page."""
        self._drop_work()
        self._drawn = ""
        self.in_use.clear()
        self.text.set_symbols((), ())
        self.text.set_empty(self.tr("Press Write: the model writes after the prompt."))
        self.metrics.clear(self.tr("Press Evaluate: every metric on every part of the data."))
        if self._weights == "best":
            self._show_known()
        if self.pictures.currentWidget() is self.forecast:
            self._ask_forecasts()

    def _show_known(self) -> None:
        """What the run itself measured at its end, of its best weights."""
        history, info = self._session.history, self._info
        if history.ended is None or not history.ended.metrics or info is None:
            return
        warmed = history.warmed_up
        naive = {"validation": warmed.baselines} if warmed is not None else {}
        self.metrics.show_metrics(info.metric, history.ended.metrics, naive)

    def _show_in_use(self, used: InUse) -> None:
        words = self.tr("In use: {0}, after epoch {1}")
        self.in_use.setText(words.format(used.which, grouped(used.epoch)))

    def _drop_work(self) -> None:
        for ticket in (self._writing, self._evaluating):
            if ticket is not None:
                self._session.work.forget(ticket)
        self._writing = self._evaluating = None
        self.controls.set_writing(False)
        self.metrics.set_busy(False)

    @Slot(object)
    def _fail(self, error: Exception) -> None:
        self.notice.show_error(error)

    # ------------------------------------------------------------------ writing

    @Slot(object)
    def _write(self, wish: Wish) -> None:
        run, which, using = self._session.run, self._weights, self._using
        if run is None or self._writing is not None:
            return
        self.notice.clear()
        self._written = ([], [])
        self._prompt = wish.prompt
        self.controls.set_writing(True)
        handlers = Handlers(self._writing_done, self._writing_failed, self._take_text)
        self._writing = self._session.work.stream(
            lambda ticket: using.write(run, which, wish, ticket.is_cancelled), handlers
        )

    @Slot()
    def _stop_writing(self) -> None:
        if self._writing is not None:
            self._writing.cancel()

    def _take_text(self, pieces: list[Any]) -> None:
        """Show what was written since the last time."""
        symbols, probabilities = self._written
        for piece in pieces:
            if isinstance(piece, InUse):
                self._prompt = piece.prompt
                self.notice.say(piece.doubt)
                self._show_in_use(piece)
            else:
                symbols.append(piece.text)
                probabilities.append(piece.probability)
        self.text.set_symbols(symbols, probabilities, [self._prompt])

    def _writing_done(self, _result: Any) -> None:
        self._writing = None
        self.controls.set_writing(False)

    def _writing_failed(self, error: Exception) -> None:
        self._writing_done(None)
        self._fail(error)

    # ------------------------------------------------------------------ forecasts

    def _ask_forecasts(self) -> None:
        """Forecast the shown windows, once for each state of the weights."""
        run, which, using = self._session.run, self._weights, self._using
        if run is None or not checkpoints(run) or self._info is None:
            return
        state = f"{run.id} {which} {self._info.epoch} {self._info.state}"
        if state == self._drawn:
            return
        self._drawn = state
        self._forecasting.ask(lambda cancelled: (run.id, using.forecasts(run, which, cancelled)))

    @Slot(object)
    def _show_forecasts(self, found: tuple[str, ForecastPictures]) -> None:
        run, pictures = found
        if self._session.run is None or run != self._session.run.id:
            return
        self._show_in_use(pictures.in_use)
        parts = {"test": self.tr("test"), "validation": self.tr("validation")}
        part = parts.get(pictures.part, self.tr("training"))
        self.forecast.set_title(self.tr("Forecasts on {0} windows").format(part))
        self.forecast.set_windows(pictures.windows)

    # ------------------------------------------------------------------ metrics

    @Slot()
    def _evaluate(self) -> None:
        run, which, using = self._session.run, self._weights, self._using
        if run is None or self._evaluating is not None:
            return
        self.notice.clear()
        self.metrics.set_busy(True)
        self._evaluating = self._session.run_in_background(
            lambda cancelled: using.evaluate(run, which, cancelled),
            self._show_evaluation,
            self._evaluation_failed,
        )

    @Slot()
    def _stop_evaluating(self) -> None:
        if self._evaluating is not None:
            self._evaluating.cancel()

    def _show_evaluation(self, found: Any) -> None:
        self._evaluating = None
        self.metrics.set_busy(False)
        self._show_in_use(InUse(found.which, found.epoch))
        self.metrics.show_metrics(found.metric, found.metrics, found.baselines)

    def _evaluation_failed(self, error: Exception) -> None:
        self._evaluating = None
        self.metrics.set_busy(False)
        self._fail(error)
