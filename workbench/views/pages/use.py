"""The Use station: let a trained model write, or judge its forecasts."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from workbench.views.plots.coloured_text import ColouredText
from workbench.views.theme import SPACING, inset

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.app.session import Session


class UsePage(QWidget):
    """What the model of the shown run does: text with its probabilities, or every metric.

    Attributes:
        station: Name of the station.
    """

    station = "use"

    def __init__(self, session: "Session", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("use_page")
        self._session = session
        self._ticket: Any = None
        self._weights = QLabel()
        self._weights.setTextFormat(Qt.TextFormat.PlainText)
        self._weights.setProperty("role", "muted")
        self._weights.setObjectName("use_weights")
        self._text = ColouredText(self.tr("The model's own writing"), self, "use_text")
        self._text.set_empty(self.tr("Press Write: the model writes after the prompt."))
        self._metrics = self._make_metrics()
        self._writing = self._make_controls()
        self._judge = self._button("use_evaluate", self.tr("Evaluate"), self._evaluate)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACING, 2 * SPACING, SPACING, 2 * SPACING)
        layout.setSpacing(SPACING)
        layout.addWidget(self._weights)
        layout.addWidget(self._writing)
        layout.addWidget(self._text, 3)
        row = QHBoxLayout()
        row.addWidget(self._judge)
        row.addStretch()
        layout.addLayout(row)
        layout.addWidget(self._metrics, 2)
        session.run_changed.connect(self._show_run)
        self._show_run(session.run)

    # ------------------------------------------------------------------ parts

    def _button(self, name: str, text: str, action: "Callable[[], None]") -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(name)
        button.setAccessibleName(text)
        button.clicked.connect(action)
        return button

    def _make_controls(self) -> QWidget:
        box = QWidget()
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACING)
        self._prompt = QLineEdit()
        self._prompt.setObjectName("use_prompt")
        self._prompt.setAccessibleName(self.tr("Prompt"))
        self._prompt.setPlaceholderText(self.tr("Prompt; empty takes one from the held-out text"))
        self._prompt.returnPressed.connect(self._write)
        self._length = QSpinBox()
        self._length.setRange(1, 10_000)
        self._length.setValue(500)
        self._length.setSuffix(self.tr(" symbols"))
        self._length.setObjectName("use_length")
        self._length.setAccessibleName(self.tr("Length"))
        self._temperature = QDoubleSpinBox()
        self._temperature.setRange(0.05, 10.0)
        self._temperature.setSingleStep(0.1)
        self._temperature.setValue(0.8)
        self._temperature.setPrefix("T = ")
        self._temperature.setObjectName("use_temperature")
        self._temperature.setAccessibleName(self.tr("Temperature"))
        self._seed = QSpinBox()
        self._seed.setRange(0, 2**31 - 1)
        self._seed.setValue(1)
        self._seed.setPrefix(self.tr("seed "))
        self._seed.setObjectName("use_seed")
        self._seed.setAccessibleName(self.tr("Seed"))
        self._go = self._button("use_write", self.tr("Write"), self._write)
        self._go.setProperty("tone", "primary")
        row.addWidget(self._prompt, 1)
        for spin in (self._length, self._temperature, self._seed):
            inset(spin)
            row.addWidget(spin)
        row.addWidget(self._go)
        return box

    def _make_metrics(self) -> QTableWidget:
        table = QTableWidget(0, 4)
        table.setObjectName("use_metrics")
        table.setAccessibleName(self.tr("Metrics by part"))
        table.setHorizontalHeaderLabels(
            [self.tr("Metric"), self.tr("Training"), self.tr("Validation"), self.tr("Test")]
        )
        table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        table.verticalHeader().hide()
        table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        return table

    # ------------------------------------------------------------------ as a page

    def settings_panel(self) -> None:
        """It has none: what can be set stands on the page."""

    def ready(self) -> "tuple[bool, str, str, Callable[[], None] | None]":
        """It needs a run with a checkpoint."""
        run = self._session.run
        if run is not None and any((run.path / "checkpoints").glob("*.safetensors")):
            return True, "", "", None
        why = self.tr("There is no trained model yet. Train one: it can be used from then on.")
        return False, why, self.tr("Train"), self._session.start_training

    def _show_run(self, run: Any) -> None:
        writes = run is not None and run.info().task == "language_model"
        self._writing.setVisible(writes)
        self._text.setVisible(writes)
        self._text.set_symbols((), ())
        self._metrics.setRowCount(0)
        self._weights.setText("")

    # ------------------------------------------------------------------ work

    def _write(self) -> None:
        run = self._session.run
        if run is None:
            return
        prompt, length = self._prompt.text(), self._length.value()
        temperature, seed = self._temperature.value(), self._seed.value()

        def work(cancelled: "Callable[[], bool]") -> tuple[str, list[Any], str, int]:
            from workbench.engine.generate import Writer

            writer = Writer(run)
            start = prompt or writer.default_prompt()
            written = []
            for piece in writer.write(start, length, temperature, seed):
                written.append(piece)
                if cancelled():
                    break
            return start, written, writer.which, writer.epoch

        self._start(work, self._show_text)

    def _show_text(self, found: tuple[str, list[Any], str, int]) -> None:
        start, written, which, epoch = found
        self._done(which, epoch)
        self._text.set_symbols(
            [piece.text for piece in written], [piece.probability for piece in written], [start]
        )

    def _evaluate(self) -> None:
        run = self._session.run
        if run is None:
            return

        def work(cancelled: "Callable[[], bool]") -> Any:
            from workbench.engine.evaluate import evaluate_run

            return evaluate_run(run, cancelled=cancelled)

        self._start(work, self._show_metrics)

    def _show_metrics(self, found: Any) -> None:
        self._done(found.which, found.epoch)
        parts = ("train", "validation", "test")
        names = list(next(iter(found.metrics.values()), {}))
        rows = [(name, [found.metrics.get(p, {}).get(name) for p in parts]) for name in names]
        rules = list(next(iter(found.baselines.values()), {}))
        for rule in rules:
            label = self.tr("{0} of the naive rule '{1}'").format(found.metric, rule)
            rows.insert(1, (label, [found.baselines.get(p, {}).get(rule) for p in parts]))
        self._metrics.setRowCount(len(rows))
        for row, (name, values) in enumerate(rows):
            self._metrics.setItem(row, 0, QTableWidgetItem(name))
            for column, value in enumerate(values, start=1):
                item = QTableWidgetItem("–" if value is None else f"{value:.4g}")
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self._metrics.setItem(row, column, item)

    def _start(
        self, work: "Callable[[Callable[[], bool]], Any]", done: "Callable[[Any], None]"
    ) -> None:
        self._weights.setText(self.tr("Working…"))
        self._set_busy(True)
        self._ticket = self._session.run_in_background(work, done, self._failed)

    def _done(self, which: str, epoch: int) -> None:
        self._set_busy(False)
        words = self.tr("Weights in use: {0}, after epoch {1}.")
        self._weights.setText(words.format(which, epoch))

    def _failed(self, error: Exception) -> None:
        self._set_busy(False)
        self._weights.setText(str(error))

    def _set_busy(self, busy: bool) -> None:
        self._go.setEnabled(not busy)
        self._judge.setEnabled(not busy)
