"""What the Model page asks of the engine, each a function for a worker.

A prepared task is kept from one question to the next, so that changing a size of the network does
not read the data again.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psutil

from workbench.cells.equations import weight_count
from workbench.data.findings import Watch
from workbench.errors import UserError
from workbench.experiment import Experiment
from workbench.specs import ModelSpec, PreviewSpec, TrainingSpec

if TYPE_CHECKING:
    from workbench.engine.estimate import Estimate
    from workbench.engine.lr_finder import RateCurve

Cancelled = Callable[[], bool]


@dataclass(frozen=True)
class NetworkFacts:
    """What is known of a network before it is trained.

    Attributes:
        estimate: Blocks, parameters, memory, steps.
        input_size: Numbers that enter the first recurrent layer at one step.
        message: One sentence on the data.
    """

    estimate: "Estimate"
    input_size: int
    message: str


@dataclass(frozen=True)
class EpochTime:
    """What a short warm-up measured.

    Attributes:
        seconds: Of one epoch.
        where: Device, threads and precision, in a few words.
        why: Why these threads and this precision, in a sentence or two.
    """

    seconds: float
    where: str
    why: str


class Modelling:
    """Answers questions about an experiment's network.

    Several workers may ask at once: at worst the data are prepared twice.

    Attributes:
        prepared: How often the data were read and prepared.
    """

    def __init__(self) -> None:
        self._kept: tuple[Experiment, Any] | None = None
        self.prepared = 0

    def forget(self) -> None:
        """Let go of the prepared data."""
        self._kept = None

    def facts(self, experiment: Experiment, cancelled: Cancelled) -> NetworkFacts:
        """Describe the network of an experiment.

        Raises:
            UserError: Where data and experiment do not fit.
        """
        from workbench.engine.estimate import estimate

        check_size(experiment)
        task = self._task_for(experiment, cancelled)
        found = estimate(experiment, task)
        first = found.blocks[0].shape.rpartition("×")[2].strip()
        return NetworkFacts(found, int(first), task.message)

    def epoch_time(self, experiment: Experiment, cancelled: Cancelled) -> EpochTime:
        """Measure how long an epoch takes, by a short warm-up.

        Raises:
            UserError: Where data and experiment do not fit, or the device is not there.
        """
        from workbench.engine.estimate import measure_epoch_time

        task = self._task_for(experiment, cancelled)
        return EpochTime(*measure_epoch_time(experiment, task, cancelled))

    def rate_curve(
        self,
        experiment: Experiment,
        progress: Callable[[float], None],
        cancelled: Cancelled,
    ) -> "RateCurve":
        """Run the learning-rate finder.

        Raises:
            UserError: Where data and experiment do not fit.
        """
        from workbench.engine.lr_finder import find_rate

        task = self._task_for(experiment, cancelled)
        return find_rate(experiment, task, progress=progress, cancelled=cancelled)

    def _task_for(self, experiment: Experiment, cancelled: Cancelled) -> Any:
        """A task of its own for each question, prepared anew only where the data may differ."""
        from workbench.engine.prepare import prepare_task

        key, kept = data_part(experiment), self._kept
        if kept is None or kept[0] != key:
            self.forget()
            kept = (key, prepare_task(experiment, Watch(cancelled=cancelled)))
            self._kept = kept
            self.prepared += 1
        task: Any = copy.copy(kept[1])
        task.experiment = experiment
        return task


def check_size(experiment: Experiment) -> None:
    """Refuse a network that cannot be built in the memory there is.

    Raises:
        UserError: With its size, what is free, and what to lower.
    """
    model = experiment.model
    directions = 2 if model.bidirectional else 1
    first = weight_count(model.cell, model.hidden_size, model.hidden_size)
    later = weight_count(model.cell, directions * model.hidden_size, model.hidden_size)
    weights = directions * (first + (model.num_layers - 1) * later)
    needed, free = 4 * 4 * weights, psutil.virtual_memory().available
    if needed > free:
        raise UserError(
            f"The recurrent layers alone hold {weights:,} numbers; training them needs "
            f"{needed / 1e9:,.0f} GB, and {free / 1e9:,.0f} GB are free.",
            "Lower the hidden size or the number of layers.",
        )


def data_part(experiment: Experiment) -> Experiment:
    """The experiment with everything at its default that does not change the prepared data."""
    model, training = experiment.model, experiment.training
    return experiment.model_copy(
        update={
            "name": "",
            "seed": 0,
            "preview": PreviewSpec(),
            "model": ModelSpec(calendar=model.calendar, quantiles=model.quantiles),
            "training": TrainingSpec(batch_size=training.batch_size),
        }
    )
