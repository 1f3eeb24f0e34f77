"""When to show what the model makes and how its states look, without disturbing the run."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from workbench.engine.devices import clock
from workbench.engine.seeding import make_generator
from workbench.experiment import Experiment
from workbench.models.base import SequenceModel
from workbench.models.replay import replay
from workbench.tasks.base import PreviewRequest, Task

_LARGEST_SHARE = 0.04
"""Share of the training time that previews may take, and traces after epochs."""
_CLOSEST_S = 0.3
"""Training time between two traces of the probe after epochs, at least."""


class Previewer:
    """Makes previews and probe traces at a bearable rate.

    Everything runs in evaluation mode without gradients on generators of its own: the run's
    numbers are the same with and without it.
    """

    def __init__(self, task: Task, model: SequenceModel, experiment: Experiment) -> None:
        self._task = task
        self._model = model
        self._experiment = experiment
        self._request = PreviewRequest()
        self._probe = task.probe()
        self._next = clock()
        self._shown_at = self._traced_at = -math.inf
        self._tracing_s = 0.0

    def ask(self, request: PreviewRequest) -> None:
        """Use these settings from now on and show at once."""
        self._request = request
        self._next = clock()

    def now(self) -> None:
        """Show at the next opportunity."""
        self._next = clock()

    @property
    def due(self) -> bool:
        """Whether it is time."""
        return clock() >= self._next

    def make(self, step: int, time_s: float) -> Iterator[tuple[str, dict[str, Any]]]:
        """Make a preview and a probe trace.

        Args:
            step: Steps done; what is drawn depends on (seed, step).
            time_s: Training time so far; the longer a run, the rarer the previews.

        Yields:
            Kind of event and its values.
        """
        started = clock()
        was_training = self._model.training
        self._model.eval()
        try:
            with torch.no_grad():
                generator = make_generator(self._experiment.seed, "preview", step)
                preview = self._task.preview(self._model, self._request, generator)
                yield preview.kind, preview.values
                if time_s > self._traced_at:
                    yield self._traced()
                self._shown_at = self._traced_at = time_s
        finally:
            self._model.train(was_training)
        taken = clock() - started
        interval = max(self._experiment.preview.every_s, time_s / 40, taken / _LARGEST_SHARE)
        self._next = clock() + interval

    def after_epoch(
        self, step: int, time_s: float, *, last: bool = False
    ) -> Iterator[tuple[str, Any]]:
        """Trace the probe once more, so that a replay shows every epoch of a short run.

        Args:
            step: Steps done.
            time_s: Training time so far; the longer a run, the rarer the traces.
            last: The run is over: what it has become is shown, as ``make`` does.

        Yields:
            Kind of event and its values; nothing where it would come too often or cost too much.
        """
        if last:
            if time_s > self._shown_at:
                yield from self.make(step, time_s)
            return
        often = time_s - self._traced_at < max(_CLOSEST_S, time_s / 40)
        dear = self._tracing_s > _LARGEST_SHARE * time_s
        if often or dear:
            return
        started = clock()
        was_training = self._model.training
        self._model.eval()
        try:
            traced = self._traced()
        finally:
            self._model.train(was_training)
        self._traced_at = time_s
        self._tracing_s += clock() - started
        yield traced

    def _traced(self) -> tuple[str, dict[str, Any]]:
        return "probe_traced", {"labels": self._probe.labels, "quantities": self._trace()}

    @torch.no_grad()
    def _trace(self) -> dict[str, np.ndarray]:
        """All gates and states of the probe: ``"layer 1 · hidden"`` → float16 ``(T, H)``."""
        model = self._model
        values = model.encode(*self._probe.inputs)
        traced = replay(model.stack, values)
        return {
            quantity_label(key.layer, key.direction, key.quantity, model.stack.directions): part[0]
            .to(torch.float16)
            .cpu()
            .numpy()
            .copy()
            for key, part in traced.quantities.items()
        }


def quantity_label(layer: int, direction: int, quantity: str, directions: int = 1) -> str:
    """The name of a traced array: ``layer 1 · forget_gate``, ``layer 2 backward · hidden``."""
    side = "" if directions == 1 else (" backward" if direction else " forward")
    return f"layer {layer + 1}{side} · {quantity}"
