"""The figures of a run: time per step, throughput, time left, patience, best, meters."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from workbench.errors import UserError
from workbench.views import run_words
from workbench.views.engine_words import said
from workbench.views.labels import plain_label, selectable_label
from workbench.views.numbers import THIN_SPACE, clock, grouped, memory
from workbench.views.pages.run_notes import RunNotes
from workbench.views.plots.meter import Meter
from workbench.views.theme import SPACING, restyle

if TYPE_CHECKING:
    from workbench.app.meters import Usage
    from workbench.app.session import Session
    from workbench.engine.history import History
    from workbench.runs import RunFolder


class Figure(QWidget):
    """A small caption above a number."""

    def __init__(self, name: str, caption: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"figure_{name}")
        self.setToolTip(f"<p>{tip}</p>")
        self.setAccessibleName(caption)
        self._caption = QLabel(caption)
        self._caption.setProperty("role", "small")
        self.value = QLabel("–")
        self.value.setTextFormat(Qt.TextFormat.PlainText)
        self.value.setObjectName(f"figure_{name}_value")
        self.value.setProperty("role", "value")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._caption)
        layout.addWidget(self.value)

    def show_text(self, text: str) -> None:
        """Show a value; nothing shows a dash."""
        text = text or "–"
        if text != self.value.text():
            self.value.setText(text)
            self.setAccessibleDescription(text)


class RunFigures(QWidget):
    """One row of figures."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("run_figures")
        self.step = Figure("step", self.tr("Time per step"), self.tr("Mean of the last 50 steps."))
        self.speed = Figure(
            "speed", self.tr("Speed"), self.tr("Symbols, or windows, learned from per second.")
        )
        self.left = Figure(
            "left", self.tr("Time left"),
            self.tr("At this speed, if the run does not stop early."),
        )  # fmt: skip
        self.epoch = Figure("epoch", self.tr("Epoch"), self.tr("Passes over the training part."))
        self.patience = Figure(
            "patience", self.tr("Patience"),
            self.tr("Validations without improvement, of those after which the run stops early."),
        )  # fmt: skip
        self.best = Figure(
            "best", self.tr("Best"), self.tr("Epoch with the best validation, and its value.")
        )
        self.weights = Figure(
            "weights", self.tr("Weights in use"),
            self.tr("What previews and final metrics are made with; best and last are both kept."),
        )  # fmt: skip
        self.device = Figure("device", self.tr("Device"), self.tr("Where it is computed."))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * SPACING)
        for figure in self.all():
            row.addWidget(figure)
        row.addStretch(1)

    def all(self) -> tuple[Figure, ...]:
        """Every figure from left to right."""
        return (self.epoch, self.left, self.speed, self.step, self.best, self.patience,
                self.weights, self.device)  # fmt: skip

    def show_history(self, history: "History", *, active: bool) -> None:
        """Show a run's figures."""
        latest, warmed = history.latest, history.warmed_up
        words = run_words.epoch_words(history).partition(" ")[2]
        self.epoch.show_text(words)
        if latest is not None:
            self.step.show_text(run_words.milliseconds(latest.step_s))
            speed = f"{run_words.rate(latest.throughput)} {latest.throughput_unit}"
            self.speed.show_text(speed)
        else:
            self.step.show_text("")
            self.speed.show_text("")
        self.left.show_text(clock(latest.remaining_s) if latest is not None and active else "")
        self.best.show_text(run_words.best_words(history))
        self.patience.show_text(run_words.patience_words(history))
        self.weights.show_text(run_words.checkpoint_words(history, active=active))
        self.device.show_text(_device(warmed.device, warmed.threads) if warmed else "")
        if warmed is not None:
            parameters = self.tr("{0} parameters.").format(grouped(warmed.parameters))
            self.device.setToolTip(f"<p>{said(warmed.message)} {parameters}</p>")


def _device(device: str, threads: int) -> str:
    short = device.partition(" ")[0]
    return f"{short} · {threads}" if short == "cpu" and threads > 1 else short


class RunHeader(QFrame):
    """Verdict and advice, with the meters beside them and the figures below."""

    def __init__(self, session: "Session", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("run_header")
        self._session = session
        self.verdict = selectable_label("train_verdict", "heading")
        self.advice = selectable_label("train_advice", "muted")
        self.cpu = Meter(self.tr("cpu"), self, "meter_cpu")
        self.memory = Meter(self.tr("memory"), self, "meter_memory")
        self.gpu = Meter(self.tr("gpu"), self, "meter_gpu")
        self.gpu.hide()
        self.run_name = plain_label("train_run_name", role="small", wrap=False)
        self.notes = RunNotes()
        self.figures = RunFigures()
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.run_name)
        words.addWidget(self.verdict)
        words.addWidget(self.advice)
        words.addStretch(1)
        meters = QGridLayout()
        meters.setSpacing(2)
        for line, meter in enumerate((self.cpu, self.memory, self.gpu)):
            meters.addWidget(meter, line, 0, Qt.AlignmentFlag.AlignRight)
        top = QHBoxLayout()
        top.setSpacing(2 * SPACING)
        top.addLayout(words, 1)
        top.addWidget(self.notes, 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(meters)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACING // 2, 0, SPACING // 2, 0)
        layout.setSpacing(SPACING)
        layout.addLayout(top)
        layout.addWidget(self.figures)
        self._name_run(session.run)
        session.run_changed.connect(self._name_run)
        session.experiment_changed.connect(self._experiment_changed)

    def _name_run(self, run: "RunFolder | None") -> None:
        """Name the run that is shown where its experiment is not the one that is open."""
        try:
            name = run.info().name if run is not None else ""
        except UserError:  # it went to the bin meanwhile
            name = ""
        other = bool(name) and name != self._session.experiment.name
        self.run_name.setText(self.tr("Run “{0}”").format(name) if other else "")
        self.run_name.setVisible(other)

    def _experiment_changed(self, _experiment: object) -> None:
        self._name_run(self._session.run)

    def show_history(self, history: "History", *, active: bool) -> None:
        """Show a run's verdict and figures."""
        words = run_words.sentence(history, self._session.job) if active or history.started else ""
        words = words or self.tr("No run yet. Press Train to start one.")
        if words != self.verdict.text():
            self.verdict.setText(words)
        advice = run_words.advice(history)
        if advice != self.advice.text():
            self.advice.setText(advice)
        tone = run_words.tone(history) if not active or not self._session.job.message else ""
        role = tone if tone in ("bad", "warning") else "heading"
        if role != self.verdict.property("role"):
            self.verdict.setProperty("role", role)
            restyle(self.verdict)
        self.notes.show_history(history)
        self.figures.show_history(history, active=active)

    def show_usage(self, usage: "Usage") -> None:
        """Show processor, memory and GPU."""
        self.cpu.set_value(usage.cpu, f"{round(100 * usage.cpu)}{THIN_SPACE}%")
        self.memory.set_value(usage.memory_share, memory(usage.memory))
        self.gpu.setVisible(bool(usage.gpu))
        if usage.gpu:
            self.gpu.set_value(usage.gpu_share, memory(usage.gpu_memory))
