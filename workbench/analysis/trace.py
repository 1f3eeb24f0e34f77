"""The trace: every gate and state of a model over given sequences, with what it predicted.

Shapes: B batch, T time, I input of the stack, H hidden units, V vocabulary.
"""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from workbench.cells.base import State
from workbench.models.base import SequenceModel
from workbench.models.replay import Key, Replay, replay

Floats = NDArray[np.floating[Any]]


class Rows(Protocol):
    """Traced quantities over many steps: a ``Trace``, or a longer one on disk."""

    @property
    def keys(self) -> list[Key]:
        """What there is of each step."""
        ...

    def rows(self, key: Key) -> Floats:
        """One quantity over all steps ``(N, H)``."""
        ...


@dataclass(frozen=True, eq=False)
class Trace:
    """Everything that happened inside a model.

    Attributes:
        quantities: ``(B, T, H)`` per layer, direction and quantity, in the model's precision; zero
            behind the end of a shorter sequence.
        inputs: What entered the stack ``(B, T, I)``: embeddings, or scaled channels.
        output: The model's output: logits ``(B, T, V)`` of a language model, a forecast
            ``(B, H, M, Q)`` in scaled units.
        lengths: int64 ``(B,)``: steps of each sequence.
        state: State after each sequence's last step, ``(L·D, B, H)`` for each of the cell.
    """

    quantities: dict[Key, Floats]
    inputs: Floats
    output: Floats
    lengths: NDArray[np.int64]
    state: tuple[Floats, ...]

    @property
    def keys(self) -> list[Key]:
        """What there is of each step."""
        return list(self.quantities)

    @property
    def inside(self) -> NDArray[np.bool_]:
        """Where a sequence has not ended: bool ``(B, T)``."""
        steps = np.arange(self.inputs.shape[1])
        return np.asarray(steps[None] < self.lengths[:, None])

    def rows(self, key: Key) -> Floats:
        """One quantity over all steps of all sequences, padding left out: ``(N, H)``."""
        return np.asarray(self.quantities[key][self.inside])


@torch.no_grad()
def trace_model(
    model: SequenceModel,
    *inputs: Tensor,
    state: State | None = None,
    lengths: Tensor | None = None,
) -> Trace:
    """Run a model as in evaluation mode, with everything kept.

    Args:
        model: In evaluation mode (its dropouts are part of the head).
        inputs: As the model's ``forward`` takes them, batch first, on its device.
        state: Initial state; None is zero.
        lengths: int64 ``(B,)``, 1…T; None is T for all.

    Raises:
        ValueError: Where the model is in training mode.
    """
    if model.training:
        raise ValueError("the model is in training mode; call model.eval() first")
    values = model.encode(*inputs)
    done = replay(model.stack, values, state, lengths)
    return gather(model, inputs, values, done, lengths)


def gather(
    model: SequenceModel,
    inputs: tuple[Tensor, ...],
    values: Tensor,
    done: Replay,
    lengths: Tensor | None = None,
) -> Trace:
    """Turn a replay into a trace: arrays, with the model's output.

    Args:
        model: Whose.
        inputs: As its ``forward`` takes them.
        values: What entered the stack.
        done: What happened inside.
        lengths: As for ``trace_model``.
    """
    batch, steps = values.shape[:2]
    given = torch.full((batch,), steps) if lengths is None else lengths
    return Trace(
        quantities={key: part.cpu().numpy() for key, part in done.quantities.items()},
        inputs=values.cpu().numpy(),
        output=model.decode(done.output, *inputs).float().cpu().numpy(),
        lengths=given.cpu().numpy().astype(np.int64),
        state=tuple(part.cpu().numpy() for part in done.state),
    )


def array_name(key: Key) -> str:
    """Name of a traced array in a file: ``layer1/forget_gate``, ``layer1/backward/hidden``."""
    side = "/backward" if key.direction else ""
    return f"layer{key.layer + 1}{side}/{key.quantity}"


@dataclass(frozen=True, eq=False)
class Predictions:
    """What a language model expected at each step.

    Attributes:
        likeliest: int64 ``(B, T, k)``: the k likeliest next symbols, the likeliest first.
        chances: float32 ``(B, T, k)``: their probabilities.
        given: float32 ``(B, T)``: probability of the symbol that did follow; NaN at the last step.
    """

    likeliest: NDArray[np.int64]
    chances: NDArray[np.float32]
    given: NDArray[np.float32]


def predictions(trace: Trace, symbols: NDArray[np.integer[Any]], count: int = 5) -> Predictions:
    """Likeliest next symbols, and the probability of the one that followed.

    Args:
        trace: Of a language model.
        symbols: What was read, ``(B, T)``.
        count: How many of the likeliest; at most V.
    """
    logits = torch.from_numpy(trace.output)
    chances = torch.softmax(logits, dim=-1)
    top = chances.topk(min(count, chances.shape[-1]), dim=-1)
    following = torch.from_numpy(np.asarray(symbols, dtype=np.int64))[:, 1:, None]
    given = np.full(logits.shape[:2], np.nan, dtype=np.float32)
    given[:, :-1] = chances[:, :-1].gather(-1, following)[..., 0].numpy()
    last = np.arange(given.shape[1])[None] >= trace.lengths[:, None] - 1
    given[last] = np.nan
    return Predictions(top.indices.numpy(), top.values.numpy(), given)
