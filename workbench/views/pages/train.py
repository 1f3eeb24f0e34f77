"""The Train page: the run while it learns."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QProgressBar, QVBoxLayout, QWidget

from workbench.app.meters import Meters
from workbench.views import run_words
from workbench.views.field_words import station_names
from workbench.views.forms import SettingsForm
from workbench.views.open_dialog import ask_for_data
from workbench.views.pages.earlier_runs import EarlierRuns
from workbench.views.pages.preview_panel import PreviewPanel
from workbench.views.pages.probe_panel import ProbePanel
from workbench.views.pages.run_figures import RunHeader
from workbench.views.plots.loss import LossChart
from workbench.views.plots.rates import RateChart
from workbench.views.splitter import HairlineSplitter
from workbench.views.theme import SPACING

if TYPE_CHECKING:
    from workbench.app.session import Session
    from workbench.engine.history import History

Ready = tuple[bool, str, str, Callable[[], None] | None]
_METERS_MS = 1000
_TURN_MS, _LONGEST_TURN_MS = 150, 1500
"""Least and longest time between the drawing of one picture and the next."""
_SHARE = 0.08
"""Of one processor's time that the window may take while the run goes on and nobody touches it."""
_LIVE_DROPOUT = ["model.dropout", "model.embedding_dropout", "model.output_dropout"]


class TrainPage(QWidget):
    """Loss and rates on the left, what the model makes on the right, its states under both.

    The pictures are brought up to date in turn, each a few times a second at most, and only while
    the page is seen: drawing them at once holds the window up, and drawing more often takes the
    interpreter from the training while nobody sees the difference. Where drawing is slow, turns
    are further apart.
    """

    station = "train"

    def __init__(self, session: "Session", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("train_page")
        self.setAccessibleName(self.tr("Train"))
        self._session = session
        self._panel: SettingsForm | None = None
        self.header = RunHeader(session)
        self.progress = QProgressBar()
        self.progress.setObjectName("train_progress")
        self.progress.setAccessibleName(self.tr("Share of the run that is done"))
        self.progress.setTextVisible(False)
        self.loss = LossChart(self.tr("Loss"), self, "loss_chart")
        self.earlier = EarlierRuns(session, self.loss, self)
        self.rates = RateChart(self.tr("Learning rate and gradient norm"), self, "rate_chart")
        self.preview = PreviewPanel(session)
        self.probe = ProbePanel(session, "train_probe")
        self._arrange()
        self._meters = Meters()
        self._clock = QTimer(self)
        self._clock.setInterval(_METERS_MS)
        self._clock.timeout.connect(self._read_meters)
        self._turns = (self._show_loss, self._show_rates, self._show_loss, self._show_rest)
        self._due, self._turn = 0, 0
        self._shown: History | None = None
        self._pace = QTimer(self)
        self._pace.setSingleShot(True)
        self._spent = 0.0
        self._pace.timeout.connect(self._take_turn)
        session.history_changed.connect(self._history_changed)
        session.job_changed.connect(self._job_changed)
        session.experiment_changed.connect(self._history_changed)

    def _arrange(self) -> None:
        self.left = self._split(Qt.Orientation.Vertical, "train_left", (self.loss, self.rates))
        self.top = self._split(Qt.Orientation.Horizontal, "train_top", (self.left, self.preview))
        self.whole = self._split(Qt.Orientation.Vertical, "train_whole", (self.top, self.probe))
        self.rates.norm_canvas.bottom.set_title("")  # the loss above has the same axis
        self.rates.rate_canvas.left.set_title(self.tr("rate"))
        self.rates.norm_canvas.left.set_title(self.tr("norm"))
        self.left.setSizes([235, 215])
        self.top.setSizes([580, 420])
        self.whole.setSizes([470, 205])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACING, SPACING, SPACING, SPACING)
        layout.setSpacing(SPACING)
        layout.addWidget(self.header)
        layout.addWidget(self.progress)
        layout.addWidget(self.whole, 1)
        for splitter in (self.left, self.top, self.whole):
            state = self._session.settings.state(f"splitter/{splitter.objectName()}")
            if not state.isEmpty():
                splitter.restoreState(state)

    def _split(
        self, way: Qt.Orientation, name: str, parts: tuple[QWidget, QWidget]
    ) -> HairlineSplitter:
        splitter = HairlineSplitter(way, name)
        splitter.setHandleWidth(SPACING)
        for part in parts:
            splitter.addWidget(part)
        return splitter

    # ------------------------------------------------------------------ the page in the window

    def ready(self) -> Ready:
        """It needs data, or a run to look at."""
        session = self._session
        something = session.experiment.data.path or session.training.active or session.run
        if something or session.history.started is not None:
            return True, "", "", None
        why = self.tr("There is nothing to learn from yet: open a CSV or a text first.")
        return False, why, self.tr("Open data…"), self._open

    def settings_panel(self) -> QWidget:
        """Training and preview settings; those with a flash change a run that goes on."""
        if self._panel is None:
            self._panel = SettingsForm(self._session, [*station_names("train"), *_LIVE_DROPOUT])
            self._panel.setObjectName("train_settings")
        return self._panel

    def _open(self) -> None:
        ask_for_data(self, self._session)

    # ------------------------------------------------------------------ following the run

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while nobody looked."""
        super().showEvent(event)
        self.earlier.look()
        self._read_meters()
        self._clock.start()
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        """Remember how the page was divided."""
        super().hideEvent(event)
        self._clock.stop()
        for splitter in (self.left, self.top, self.whole):
            name = f"splitter/{splitter.objectName()}"
            self._session.settings.keep(name, splitter.saveState())

    def _history_changed(self, _history: object) -> None:
        if self.isVisible() and self._session.history is not self._shown:
            self.refresh()
        elif self.isVisible():
            self._due = len(self._turns)
            if not self._pace.isActive():
                self._take_turn()

    def _take_turn(self) -> None:
        """Bring one picture up to date, until each has seen what came last."""
        if self._due and self.isVisible():
            self._rest()
            self._due -= 1
            self._turn = (self._turn + 1) % len(self._turns)
            self._turns[self._turn]()

    def _job_changed(self, _job: object) -> None:
        if self.isVisible():
            self._show_header()

    def refresh(self) -> None:
        """Show the run as it is now, all of it."""
        self._due, self._shown = 0, self._session.history
        for show in self._turns[1:]:
            show()
        self._rest()

    def _rest(self) -> None:
        """Wait for the next turn, the longer the more the last one took of this thread."""
        spent = time.thread_time()
        wait = 1000 * (spent - self._spent) / _SHARE
        self._spent = spent
        self._pace.start(round(min(max(wait, _TURN_MS), _LONGEST_TURN_MS)))

    def _show_loss(self) -> None:
        history = self._session.history
        self._show_header()
        self.loss.set_history(history if history.started else None)
        if self._waiting and not (len(history.steps) or history.epochs):
            self.loss.set_empty(self.tr("The first batches are under way."))

    def _show_rates(self) -> None:
        history = self._session.history
        self.rates.set_history(history if history.started else None, run_words.clip_norm(history))
        if self._waiting and not len(history.steps):
            self.rates.set_empty(self.tr("The first batches are under way."))

    def _show_rest(self) -> None:
        history = self._session.history
        self.preview.show_history(history, waiting=self._waiting)
        self.probe.set_history(history if history.probes else None)
        if self._waiting and not history.probes:
            self.probe.heatmap.set_empty(self.tr("The states appear after a few steps."))

    @property
    def _waiting(self) -> bool:
        """Whether the run that is shown goes on."""
        training = self._session.training
        return training.active and training.history is self._session.history

    def _show_header(self) -> None:
        session, history = self._session, self._session.history
        active = session.training.active and session.training.history is history
        self.header.show_history(history, active=active)
        self._show_progress(history, active=active)

    def _read_meters(self) -> None:
        warmed = self._session.training.history.warmed_up if self._session.training.active else None
        self.header.show_usage(self._meters.read(warmed.device if warmed else ""))

    def _show_progress(self, history: "History", *, active: bool) -> None:
        latest, warmed = history.latest, history.warmed_up
        policy = self.progress.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.progress.setSizePolicy(policy)
        self.progress.setVisible(active)
        if latest is None or warmed is None or not warmed.total_steps:
            self.progress.setRange(0, 0)
        else:
            self.progress.setRange(0, 1000)
            self.progress.setValue(round(1000 * latest.step / warmed.total_steps))
