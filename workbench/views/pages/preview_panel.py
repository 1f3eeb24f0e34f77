"""What the model makes while it learns: its own writing, or forecasts against the truth."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from workbench.engine.events import Forecasted, Sampled
from workbench.specs import TaskName
from workbench.views.plots.coloured_text import ColouredText
from workbench.views.plots.forecast import ForecastChart
from workbench.views.theme import SPACING

if TYPE_CHECKING:
    from workbench.app.session import Session
    from workbench.engine.history import History


class WritingPanel(QWidget):
    """Text the model writes, shaded by probability, with prompt and temperature."""

    def __init__(self, session: "Session", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("writing_panel")
        self._session = session
        self.text = ColouredText(self.tr("The model's own writing"), self, "sample_text")
        self.prompt = QLineEdit()
        self.prompt.setObjectName("sample_prompt")
        self.prompt.setAccessibleName(self.tr("Prompt"))
        self.prompt.setPlaceholderText(self.tr("Prompt"))
        self.prompt.setToolTip(
            self.tr("What the sample starts with; empty takes the start of a validation line")
        )
        self.prompt.setClearButtonEnabled(True)
        self.temperature = QDoubleSpinBox()
        self.temperature.setObjectName("sample_temperature")
        self.temperature.setAccessibleName(self.tr("Temperature"))
        self.temperature.setToolTip(self.tr("Temperature: below 1 safer text, above 1 wilder text"))
        self.temperature.setRange(0.05, 5.0)
        self.temperature.setSingleStep(0.1)
        self.temperature.setDecimals(2)
        self.write = QPushButton(self.tr("Write now"))
        self.write.setObjectName("sample_write")
        self.write.clicked.connect(self.ask)
        self.prompt.returnPressed.connect(self.ask)
        self.temperature.setPrefix(self.tr("T = "))
        row = QHBoxLayout()
        row.setSpacing(SPACING)
        row.addWidget(self.prompt, 1)
        row.addWidget(self.temperature)
        row.addWidget(self.write)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACING)
        layout.addWidget(self.text, 1)
        layout.addLayout(row)
        self._followed: tuple[str, float] | None = None
        session.job_changed.connect(self._follow_job)
        session.experiment_changed.connect(self._follow_experiment)
        session.training.started.connect(self._begin)
        self._follow_job()
        self._follow_experiment()

    def _follow_experiment(self, _experiment: object = None) -> None:
        """Show the experiment's prompt and temperature where they are others now."""
        preview = self._session.experiment.preview
        now = (preview.prompt, preview.temperature)
        if now != self._followed:
            self._followed = now
            self.prompt.setText(preview.prompt)
            self.temperature.setValue(preview.temperature)

    def _begin(self, _run: object) -> None:
        """A new run writes with what its experiment says."""
        self._followed = None
        self._follow_experiment()

    def ask(self) -> None:
        """Ask the run to write with this prompt at this temperature, now and from now on."""
        self._session.training.request_sample(self.prompt.text(), self.temperature.value())

    def _follow_job(self, _job: object = None) -> None:
        active = self._session.training.active
        self.write.setEnabled(active)
        self.write.setToolTip(
            self.tr("Ask the model to write now; later samples use the same prompt")
            if active
            else self.tr("While a run goes on, it can be asked to write")
        )


class PreviewPanel(QStackedWidget):
    """Writing for a text, forecasts for a table."""

    def __init__(self, session: "Session", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("preview_panel")
        self._session = session
        self._shown: object = None
        self.writing = WritingPanel(session)
        self.forecast = ForecastChart(self.tr("Forecast"), self, "forecast_chart")
        self.addWidget(self.writing)
        self.addWidget(self.forecast)
        session.experiment_changed.connect(self._follow_task)
        self._follow_task()

    def show_history(self, history: "History", *, waiting: bool = False) -> None:
        """Show what the run made last; nothing where it is on the screen already.

        Args:
            history: The run.
            waiting: It goes on: where it has made nothing yet, it will.
        """
        preview = history.preview
        if preview is self._shown and preview is not None:
            return
        self._shown = preview
        match preview:
            case Sampled():
                self.writing.text.set_symbols(
                    preview.symbols, preview.probability, tuple(preview.prompt)
                )
                self.setCurrentWidget(self.writing)
            case Forecasted():
                self.forecast.set_windows(preview.windows)
                self.setCurrentWidget(self.forecast)
            case None:
                self._follow_task()
                self.writing.text.set_empty(
                    self.tr("The model writes here after its first steps.") if waiting
                    else self.tr("Press Train: the model's own writing appears here.")
                )  # fmt: skip
                self.forecast.set_windows(())
                if waiting:
                    self.forecast.set_empty(self.tr("Forecasts appear after the first steps."))

    def _follow_task(self, _experiment: object = None) -> None:
        if self._shown is None:
            text = self._session.experiment.task is TaskName.LANGUAGE_MODEL
            self.setCurrentWidget(self.writing if text else self.forecast)
