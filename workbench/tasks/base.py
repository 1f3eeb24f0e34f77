"""What every task offers the trainer, which knows no task.

Shapes: B batch, T time, C channels, V vocabulary, H hidden, L layers, D directions. Batch first.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import torch
from torch import Tensor

from workbench.models.base import SequenceModel

State = tuple[Tensor, ...]
"""Recurrent state: one tensor ``(L·D, B, H)`` for RNN and GRU, two for an LSTM (h, c)."""


@dataclass(frozen=True)
class Batch:
    """One batch, on the training device.

    Attributes:
        inputs: Tensors passed to the model in order, each with the batch in its first dimension.
        targets: What is to be predicted; the batch in its first dimension.
        items: Symbols or windows in it, for the throughput.
    """

    inputs: tuple[Tensor, ...]
    targets: Tensor
    items: int


@dataclass(frozen=True)
class Probe:
    """The pinned example whose states are drawn.

    Attributes:
        inputs: As in ``Batch``, batch of one.
        labels: One text per time step.
        truth: What a forecast is held against, scaled ``(1, H, M)``, NaN where nothing was
            measured; None for a text, whose next symbols are the truth.
    """

    inputs: tuple[Tensor, ...]
    labels: tuple[str, ...]
    truth: Tensor | None = None


@dataclass(frozen=True)
class PreviewRequest:
    """What the window asks to see; empty values take the experiment's own."""

    prompt: str | None = None
    temperature: float | None = None
    length: int | None = None


@dataclass(frozen=True)
class Preview:
    """What a model makes right now.

    Attributes:
        kind: ``sampled`` or ``forecasted``: the event it becomes.
        values: The fields of that event.
    """

    kind: str
    values: dict[str, Any] = field(default_factory=dict)


class Task(Protocol):
    """A prepared job: data read, codec fitted on the training part, split and ready to batch.

    ``batch`` is a pure function of its arguments and the experiment's seed: no hidden position,
    so that a resumed run sees exactly the batches the uninterrupted one would have seen.
    """

    name: str
    metric: str
    """Validation metric that decides what is best; lower is better."""
    throughput_unit: str
    carries_state: bool
    """True where the state of one batch is the start of the next."""
    message: str
    """One sentence on what the data is: '3 412 lines, 61 symbols, 90/10 split'."""

    @property
    def most_splits(self) -> int:
        """As many parts as an evaluation batch can be cut into."""
        ...

    def build_model(self, generator: torch.Generator) -> SequenceModel:
        """Make the model with weights drawn from ``generator`` (CPU), on the CPU, float32."""
        ...

    def to(self, device: torch.device) -> None:
        """Keep the encoded data on ``device``; batches are sliced there."""
        ...

    def batches(self, part: str) -> int:
        """Batches in one pass over ``train``, ``validation`` or ``test``."""
        ...

    def batch(self, part: str, epoch: int, index: int) -> Batch:
        """Batch ``index`` of pass ``epoch``; training order is drawn from (seed, epoch)."""
        ...

    def loss(self, output: Tensor, targets: Tensor) -> Tensor:
        """Scalar training loss, averaged over the batch."""
        ...

    def reported_loss(self, loss: float, batch: Batch) -> float:
        """The training loss in the unit it is drawn in."""
        ...

    def evaluate(
        self, model: SequenceModel, part: str, cancelled: Callable[[], bool], splits: int = 1
    ) -> dict[str, float]:
        """Metrics of ``part`` in the user's units; the model is in evaluation mode.

        Args:
            model: Whose.
            part: ``train``, ``validation`` or ``test``.
            cancelled: Asked between batches; True gives up.
            splits: Parts each batch is cut into, where memory is short.

        Returns:
            Values by metric; empty where it was given up or the part holds nothing.
        """
        ...

    def baselines(self, part: str) -> dict[str, float]:
        """The metric of each naive rule on ``part``, by the rule's name."""
        ...

    def preview(
        self, model: SequenceModel, request: PreviewRequest, generator: torch.Generator
    ) -> Preview:
        """Show what the model makes: sampled text or forecasts on held-out windows."""
        ...

    def probe(self) -> Probe:
        """The pinned example, on the device."""
        ...

    def stretch(self, part: str, first: int, count: int) -> Probe:
        """A piece of a part to look at.

        Args:
            part: ``train``, ``validation`` or ``test``.
            first: First symbol of a text, or the number of a window.
            count: Symbols of a text; a window is one.

        Raises:
            UserError: Where the part does not reach so far.
        """
        ...

    def doubts(self) -> tuple[str, ...]:
        """What makes the result doubtful, such as a leak: each one sentence or two."""
        ...

    def codec_json(self) -> dict[str, Any]:
        """The fitted codec as plain JSON, stored with every checkpoint."""
        ...
