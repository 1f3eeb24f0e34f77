"""The Model page: the network with its shapes, its equations, and what training it will cost."""

from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, Qt, QTimer, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from workbench.app.latest_work import LatestWork
from workbench.app.modelling import EpochTime, Modelling, NetworkFacts
from workbench.cells.equations import EQUATIONS, sizes, weight_count
from workbench.experiment import Experiment
from workbench.views.engine_words import said
from workbench.views.field_words import choice_words, station_names
from workbench.views.forms import SettingsPanel
from workbench.views.notice import Notice
from workbench.views.numbers import clock, grouped, memory
from workbench.views.open_dialog import ask_for_data
from workbench.views.pages.model_parts import Figure, FinderPanel, PresetBar
from workbench.views.plots.diagram import NetworkDiagram
from workbench.views.plots.equations import EquationsView
from workbench.views.splitter import HairlineSplitter
from workbench.views.theme import SPACING

if TYPE_CHECKING:
    from workbench.app.session import Session

Ready = tuple[bool, str, str, Callable[[], None] | None]
_REST_MS = 350
"""How long settings rest before the network is worked out anew."""


class ModelPage(QWidget):
    """Diagram, equations and figures of the experiment's network; they follow every setting."""

    station = "model"

    def __init__(self, session: "Session", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("model_page")
        self.setAccessibleName(self.tr("Model"))
        self._session = session
        self._modelling = Modelling()
        self._facts: NetworkFacts | None = None
        self._described: Experiment | None = None
        self._timed: Experiment | None = None
        self._panel: SettingsPanel | None = None
        self._describing = LatestWork(session, self)
        self._describing.done.connect(self._show_facts)
        self._describing.failed.connect(self._show_problem)
        self._timing = LatestWork(session, self)
        self._timing.done.connect(self._show_time)
        self._timing.failed.connect(self._show_no_time)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_REST_MS)
        self._pause.timeout.connect(self._describe)
        self._build()
        session.experiment_changed.connect(self._experiment_changed)
        session.source_changed.connect(self._source_changed)
        session.job_changed.connect(self._job_changed)
        self._show_equations(session.experiment)

    # ------------------------------------------------------------------ parts

    def _build(self) -> None:
        self.notice = Notice("model_notice")
        self.diagram = NetworkDiagram(self.tr("Network"), name="model_diagram")
        self.equations = EquationsView(self.tr("Equations"), name="model_equations")
        self.finder = FinderPanel(self._session, self._modelling)
        self.finder.running_changed.connect(self._measure_if_due)
        right = HairlineSplitter(Qt.Orientation.Vertical, "model_right")
        right.addWidget(self.equations)
        right.addWidget(self.finder)
        right.setStretchFactor(0, 3)
        right.setStretchFactor(1, 2)
        right.setSizes([380, 260])
        pictures = HairlineSplitter(Qt.Orientation.Horizontal, "model_pictures")
        pictures.addWidget(self.diagram)
        pictures.addWidget(right)
        pictures.setSizes([350, 500])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * SPACING, 2 * SPACING, 2 * SPACING, 2 * SPACING)
        layout.setSpacing(SPACING)
        layout.addWidget(self._make_figures())
        layout.addWidget(self.notice)
        layout.addWidget(pictures, 1)

    def _make_figures(self) -> QFrame:
        self.parameters = Figure("model_parameters", self.tr("Parameters"))
        self.memory = Figure("model_memory", self.tr("Peak memory"))
        self.epoch = Figure("model_epoch", self.tr("Time per epoch"))
        self.total = Figure("model_total", self.tr("Whole run"))
        self.measure = QPushButton(self.tr("Measure"))
        self.measure.setObjectName("model_measure")
        self.measure.setProperty("tone", "link")
        self.measure.setAccessibleName(self.tr("Measure the time per epoch again"))
        self.measure.clicked.connect(self._measure)
        strip = QFrame()
        strip.setObjectName("model_figures")
        strip.setProperty("card", "true")
        row = QHBoxLayout(strip)
        row.setContentsMargins(2 * SPACING, SPACING, 2 * SPACING, SPACING)
        row.setSpacing(3 * SPACING)
        for part in (self.parameters, self.memory, self.epoch, self.total):
            row.addWidget(part, 1)
        row.addWidget(PresetBar(self._session), 0, Qt.AlignmentFlag.AlignTop)
        self.epoch.layout().addWidget(self.measure, 0, Qt.AlignmentFlag.AlignLeft)
        self.measure.hide()
        return strip

    # ------------------------------------------------------------------ the page in the window

    def ready(self) -> Ready:
        """Shapes come from the data, so data must be open."""
        if self._session.experiment.data.path:
            return True, "", "", None
        why = self.tr("Open data first: the network's shapes come from it.")
        return False, why, self.tr("Open data…"), self._choose_file

    def settings_panel(self) -> SettingsPanel:
        """The network's settings."""
        if self._panel is None:
            title = self.tr("Settings of the network")
            self._panel = SettingsPanel(self._session, station_names("model"), title)
        return self._panel

    @Slot()
    def _choose_file(self) -> None:
        ask_for_data(self, self._session)

    # ------------------------------------------------------------------ when to work out what

    def showEvent(self, event: QShowEvent) -> None:
        """Work out the network when somebody looks."""
        super().showEvent(event)
        self._describe()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks: nothing is worked out."""
        super().hideEvent(event)
        self._pause.stop()

    @Slot(object)
    def _experiment_changed(self, experiment: Experiment) -> None:
        self._show_equations(experiment)
        self._show_total()
        if self.isVisible():
            self._pause.start()

    @Slot(object)
    def _source_changed(self, _source: Any) -> None:
        self._modelling.forget()
        self._described = self._timed = None
        self._seconds = 0.0
        self._timing.forget()
        for figure in (self.epoch, self.total):
            figure.show_value("–")
        self.finder.forget()
        if self.isVisible():
            self._pause.start()

    @Slot(object)
    def _job_changed(self, job: Any) -> None:
        self.finder.find.setEnabled(not job.run_active)
        self.measure.setEnabled(not job.run_active)
        if job.run_active:
            self.finder.stop()
            self._modelling.forget()
        elif self.isVisible():
            self._pause.start()

    @Slot()
    def _describe(self) -> None:
        experiment = self._session.experiment
        loading = self._session.job.state == "loading"
        if not experiment.data.path or loading or experiment == self._described:
            self._measure_if_due()
            return
        self._described = experiment
        modelling = self._modelling
        self._describing.ask(lambda cancelled: modelling.facts(experiment, cancelled))

    @Slot()
    def _measure_if_due(self, _running: bool = False) -> None:
        """Measure where the network is known, at rest, and nothing else computes."""
        if self._facts is not None and self._timed != self._described and self.isVisible():
            self._measure()

    @Slot()
    def _measure(self) -> None:
        busy = self._session.job.run_active or self.finder.running or self._describing.busy
        if self._facts is None or busy:
            if self._session.job.run_active:
                self.epoch.show_value("–", self.tr("measured when no run goes on"))
            return
        experiment = self._timed = self._described
        self.epoch.show_value("…", self.tr("a short warm-up is measured"))
        self.measure.hide()
        modelling = self._modelling
        self._timing.ask(lambda cancelled: modelling.epoch_time(experiment, cancelled))

    # ------------------------------------------------------------------ what is shown

    def _show_equations(self, experiment: Experiment) -> None:
        model = experiment.model
        wide = self._facts.input_size if self._facts is not None else model.hidden_size

        def words(text: str) -> str:
            return QCoreApplication.translate("Equations", text)

        lines = [(line.latex, words(line.meaning)) for line in EQUATIONS[model.cell]]
        if self._facts is not None:
            lines += [
                (line.latex, words(line.meaning))
                for line in sizes(model.cell, wide, model.hidden_size)
            ]
            count = grouped(weight_count(model.cell, wide, model.hidden_size))
            lines.append(("", self.tr("{0} numbers in the first layer").format(count)))
        self.equations.set_title(
            self.tr("Equations of the {0}").format(choice_words("model.cell", model.cell))
        )
        self.equations.set_equations(lines)

    @Slot(object)
    def _show_facts(self, facts: NetworkFacts) -> None:
        self._facts = facts
        found = facts.estimate
        self.notice.clear()
        self.diagram.set_blocks(found.input_shape, found.blocks)
        self.parameters.show_value(
            grouped(found.parameters),
            self.tr("{0} steps per epoch").format(grouped(found.steps_per_epoch)),
        )
        self._show_memory(found.peak_memory_bytes)
        self._show_equations(self._session.experiment)
        self._measure_if_due()

    def _show_memory(self, needed: int) -> None:
        import psutil

        free = psutil.virtual_memory().available
        tight = needed > 0.8 * free
        note = self.tr("{0} free").format(memory(free))
        if tight:
            note = self.tr("only {0} free: the batch may be halved").format(memory(free))
        self.memory.show_value(f"≈ {memory(needed)}", note, bad=tight)

    @Slot(object)
    def _show_problem(self, error: Exception) -> None:
        self._facts = None
        self.notice.show_error(error)
        self.diagram.set_blocks("", ())
        self.diagram.set_empty(self.tr("The network is drawn when data and settings fit."))
        for figure in (self.parameters, self.memory, self.epoch, self.total):
            figure.show_value("–")
        self._show_equations(self._session.experiment)

    @Slot(object)
    def _show_time(self, time: EpochTime) -> None:
        self._seconds = time.seconds
        words = clock(time.seconds) if time.seconds >= 1 else self.tr("under 1 s")
        self.epoch.show_value(f"≈ {words}" if time.seconds >= 1 else words, time.where)
        self.epoch.note.setToolTip(f"<p>{escape(said(time.why))}</p>")
        self.measure.setVisible(not time.seconds)
        self._show_total()
        if self._timed != self._described:
            self._measure_if_due()

    @Slot(object)
    def _show_no_time(self, error: Exception) -> None:
        self.epoch.show_value("–", str(error))
        self.measure.show()

    _seconds = 0.0

    def _show_total(self) -> None:
        epochs = self._session.experiment.training.epochs
        patience = self._session.experiment.training.patience
        if not self._seconds:
            return
        note = self.tr("{0} epochs").format(grouped(epochs))
        if patience:
            note = self.tr("at most {0} epochs").format(grouped(epochs))
        self.total.show_value(f"≈ {clock(self._seconds * epochs)}", note)
