"""Parts of the Model page: figures in a row, sizes to choose from, the learning-rate finder."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, Signal, Slot
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from workbench.experiment import Experiment
from workbench.specs import TaskName
from workbench.views.labels import plain_label
from workbench.views.numbers import grouped
from workbench.views.plots.legend import ElidedLabel
from workbench.views.plots.rates import FinderChart
from workbench.views.theme import SPACING, font, restyle

if TYPE_CHECKING:
    from workbench.app.modelling import Modelling
    from workbench.app.session import Session


class Figure(QFrame):
    """One number with its caption and a line that says what it means."""

    def __init__(self, name: str, caption: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(caption)
        self._caption = plain_label(f"{name}_caption", role="small", wrap=False)
        self._caption.setText(caption)
        self.value = plain_label(f"{name}_value", role="title", wrap=False)
        self.note = ElidedLabel("", self)
        self.note.setObjectName(f"{name}_note")
        self.note.setProperty("role", "small")
        self.note.setFont(font("small"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        for part in (self._caption, self.value, self.note):
            layout.addWidget(part)
        self.show_value("–")

    def show_value(self, value: str, note: str = "", *, bad: bool = False) -> None:
        """Show a number and what it means."""
        self.value.setText(value)
        self.note.setText(note)
        self.note.setToolTip(note)
        role = "bad" if bad else "small"
        if self.note.property("role") != role:
            self.note.setProperty("role", role)
            restyle(self.note)
        self.setAccessibleDescription(f"{value}. {note}".strip())


# ---------------------------------------------------------------------- sizes to choose from


@dataclass(frozen=True)
class Preset:
    """A usual size of network.

    Attributes:
        name: Its key.
        label: Its name, untranslated.
        text: Fields for a language model.
        series: Fields for a forecast.
    """

    name: str
    label: str
    text: dict[str, Any]
    series: dict[str, Any]

    def changes(self, task: TaskName) -> dict[str, Any]:
        """Dotted names and values for a task."""
        return self.text if task is TaskName.LANGUAGE_MODEL else self.series

    def matches(self, experiment: Experiment) -> bool:
        """Whether an experiment has this size."""
        changes = self.changes(experiment.task)
        return all(experiment.value(name) == value for name, value in changes.items())


def _sizes(layers: int, hidden: int, embedding: int, dropout: float) -> dict[str, Any]:
    sizes: dict[str, Any] = {
        "model.num_layers": layers,
        "model.hidden_size": hidden,
        "model.dropout": dropout,
    }
    return sizes | ({"model.embedding_size": embedding} if embedding else {})


PRESETS = (
    Preset("small", QT_TRANSLATE_NOOP("Presets", "Small"),
           _sizes(1, 128, 64, 0.0), _sizes(1, 32, 0, 0.0)),
    Preset("medium", QT_TRANSLATE_NOOP("Presets", "Medium"),
           _sizes(2, 256, 128, 0.0), _sizes(2, 64, 0, 0.0)),
    Preset("large", QT_TRANSLATE_NOOP("Presets", "Large"),
           _sizes(3, 512, 256, 0.2), _sizes(2, 128, 0, 0.1)),
)  # fmt: skip
"""Sizes that suit most data of a few hundred kB to a few MB."""


class PresetBar(QWidget):
    """Buttons for the usual sizes; the one in use is pressed."""

    def __init__(self, session: "Session", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("model_presets")
        self.setAccessibleName(self.tr("Size of the network"))
        self._session = session
        self._group = QButtonGroup(self)
        caption = QLabel(self.tr("Size"))
        caption.setProperty("role", "small")
        row = QHBoxLayout()
        row.setSpacing(SPACING // 2)
        for number, preset in enumerate(PRESETS):
            words = QCoreApplication.translate("Presets", preset.label)
            button = QPushButton(words)
            button.setObjectName(f"preset_{preset.name}")
            button.setAccessibleName(self.tr("Size: {0}").format(words))
            button.setCheckable(True)
            self._group.addButton(button, number)
            row.addWidget(button)
        self._group.setExclusive(False)
        self._group.idClicked.connect(self._choose)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(caption)
        layout.addLayout(row)
        layout.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        session.experiment_changed.connect(self.show_experiment)
        self.show_experiment(session.experiment)

    @Slot(object)
    def show_experiment(self, experiment: Experiment) -> None:
        """Press the button whose size the experiment has, if any."""
        for number, preset in enumerate(PRESETS):
            button = self._group.button(number)
            button.setChecked(preset.matches(experiment))
            changes = preset.changes(experiment.task)
            words = self.tr("{0} × {1} units").format(
                changes["model.num_layers"], changes["model.hidden_size"]
            )
            if "model.embedding_size" in changes:
                words += self.tr(", embedding {0}").format(changes["model.embedding_size"])
            words += self.tr(", dropout {0}").format(f"{changes['model.dropout']:g}")
            button.setToolTip(words)
            button.setAccessibleDescription(words)

    @Slot(int)
    def _choose(self, number: int) -> None:
        preset = PRESETS[number]
        words = QCoreApplication.translate("Presets", preset.label)
        changes = preset.changes(self._session.experiment.task)
        self._session.edit_many(changes, self.tr("Size: {0}").format(words))
        self.show_experiment(self._session.experiment)


# ---------------------------------------------------------------------- learning-rate finder


class FinderPanel(QWidget):
    """Runs the learning-rate finder, draws its curve and offers its suggestion.

    Attributes:
        running_changed: The finder began or ended.
    """

    running_changed = Signal(bool)

    def __init__(
        self, session: "Session", modelling: "Modelling", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("finder_panel")
        self._session, self._modelling = session, modelling
        self._ticket: Any = None
        self._suggestion: float | None = None
        self.chart = FinderChart(self.tr("Learning rate"), name="finder")
        self.find = QPushButton(self.tr("Find learning rate"))
        self.find.setObjectName("finder_find")
        self.find.setToolTip(
            self.tr("Trains a throw-away copy for 100 steps while the rate rises.")
        )
        self.find.clicked.connect(self._toggle)
        self.use = QPushButton()
        self.use.setObjectName("finder_use")
        self.use.setProperty("tone", "primary")
        self.use.clicked.connect(self._use)
        self.use.hide()
        self.bar = QProgressBar()
        self.bar.setObjectName("finder_progress")
        self.bar.setAccessibleName(self.tr("Share of the finder's steps done"))
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 1000)
        self.bar.hide()
        self.words = ElidedLabel("", self)
        self.words.setObjectName("finder_words")
        self.words.setProperty("role", "muted")
        for part in (self.find, self.use):
            part.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout()
        row.setSpacing(SPACING)
        row.addWidget(self.find)
        row.addWidget(self.use)
        row.addWidget(self.bar, 1)
        row.addWidget(self.words, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACING)
        layout.addWidget(self.chart, 1)
        layout.addLayout(row)

    @property
    def running(self) -> bool:
        """Whether the finder is at work."""
        return self._ticket is not None

    def stop(self) -> None:
        """End it early; the curve so far is drawn."""
        if self._ticket is not None:
            self._ticket.cancel()

    def forget(self) -> None:
        """Drop the curve and its suggestion: they are of other data."""
        if self._ticket is not None:
            self._session.work.forget(self._ticket)
            self._rest()
        self._suggestion = None
        self.chart.forget()
        self.find.setText(self.tr("Find learning rate"))
        self.words.setText("")
        self.use.hide()

    @Slot()
    def _toggle(self) -> None:
        if self._ticket is not None:
            self.stop()
            return
        from workbench.app.job import Handlers

        experiment, modelling = self._session.experiment, self._modelling

        def work(ticket: Any) -> Any:
            return modelling.rate_curve(experiment, ticket.tell, ticket.is_cancelled)

        self.use.hide()
        self.words.setText("")
        self.words.hide()
        self.bar.setValue(0)
        self.bar.show()
        self.find.setText(self.tr("Stop"))
        self.chart.set_empty(self.tr("The rate rises step by step: the curve follows at the end."))
        handlers = Handlers(self._done, self._failed, self._told)
        self._ticket = self._session.work.run(work, handlers)
        self.running_changed.emit(True)

    def _told(self, shares: list[float]) -> None:
        self.bar.setValue(round(1000 * shares[-1]))

    def _rest(self) -> None:
        self._ticket = None
        self.bar.hide()
        self.words.show()
        self.find.setText(self.tr("Find again"))
        self.running_changed.emit(False)

    def _done(self, curve: Any) -> None:
        self._rest()
        self._suggestion = curve.suggestion
        self.chart.set_curve(curve.rates, curve.losses, curve.suggestion)
        if curve.suggestion is None:
            self.words.setText(self.tr("The loss never fell: no rate to suggest."))
            return
        self.use.setText(self.tr("Use {0}").format(grouped(curve.suggestion, 2)))
        self.use.setAccessibleName(
            self.tr("Use learning rate {0}").format(grouped(curve.suggestion, 2))
        )
        self.use.show()
        now = grouped(self._session.experiment.training.learning_rate, 3)
        self.words.setText(self.tr("It is {0} now.").format(now))

    def _failed(self, error: Exception) -> None:
        self._rest()
        self._session.report(error)

    @Slot()
    def _use(self) -> None:
        if self._suggestion is not None:
            self._session.edit("training.learning_rate", self._suggestion)
            self.words.setText(self.tr("Learning rate set; undo takes it back."))
            self.use.hide()
