"""Weights along the way: how the model looked at moments of its training, to look back at.

A moment is a file like ``best.safetensors``, with the norm of each weight's gradient beside the
weights. Moments lie closer together in the beginning, where most changes, and their number and
size are bounded.
"""

import json
import math
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from torch import Tensor

from workbench.engine.checkpoint import Checkpoint, model_tensors, save_checkpoint
from workbench.files import cannot_write
from workbench.models.base import SequenceModel
from workbench.runs import MOMENTS, Moment, list_moments

MOST = 32
"""Moments kept of a run."""
MOST_BYTES = 512 << 20
"""Bytes all of them may take; a large model keeps fewer, but never less than three."""

_FEWEST = 3
_FIRST = 20
_APART, _EPOCHS_APART = 1.5, 1.1


def gradient_norms(moment: Moment) -> dict[str, tuple[float, ...]]:
    """Norms of each weight's gradient in the step before a moment, by the weight's name.

    Returns:
        As the optimiser got them, after clipping: one for each gate's block of a recurrent layer's
        weight, else one. Empty for the untrained model and for a file that cannot be read.
    """
    try:
        with safe_open(moment.path, framework="np") as file:
            header = json.loads((file.metadata() or {})["workbench"])
            norms = header["state"].get("gradient_norms", {})
            return {str(name): tuple(map(float, parts)) for name, parts in norms.items()}
    except (OSError, SafetensorError, KeyError, TypeError, ValueError, AttributeError):
        return {}


class Album:
    """Writes moments of one run.

    Args:
        run: The run's folder.
        step: Optimiser steps done; what a run that was cut off wrote behind it is removed.
    """

    def __init__(self, run: Path, step: int) -> None:
        self._run = run
        for moment in list_moments(run):
            if moment.step > step:
                moment.path.unlink(missing_ok=True)
        kept = list_moments(run)
        self._last = kept[-1].step if kept else -1

    def due(self, step: int, *, epoch_done: bool) -> bool:
        """Whether the weights after ``step`` are worth keeping."""
        if self._last < 0:
            return True
        apart = _EPOCHS_APART if epoch_done else _APART
        return step >= max(_FIRST if not epoch_done else 1, math.ceil(apart * self._last))

    def keep(self, model: SequenceModel, step: int, state: dict[str, Any]) -> Path:
        """Write a moment, and drop the one that is missed least where there are too many.

        Args:
            model: Whose weights and last gradients.
            step: Optimiser steps done.
            state: Plain values stored with it: ``progress``, ``codec``.

        Raises:
            UserError: Where the disk refuses.
        """
        norms = {
            name: _block_norms(weight.grad, _blocks(model, name))
            for name, weight in model.named_parameters()
            if weight.grad is not None
        }
        self._last = step  # also where the disk refuses: the next try comes later
        path = self._run / MOMENTS / f"step-{step:09}.safetensors"
        try:
            path.parent.mkdir(exist_ok=True)
        except OSError as error:
            raise cannot_write(path, error) from None
        checkpoint = Checkpoint(model_tensors(model), {**state, "gradient_norms": norms})
        save_checkpoint(path, checkpoint)
        self._thin_out(path.stat().st_size)
        return path

    def _thin_out(self, size: int) -> None:
        most = max(_FEWEST, min(MOST, MOST_BYTES // max(size, 1)))
        moments = list_moments(self._run)
        while len(moments) > most:
            closest = min(
                range(1, len(moments) - 1),
                key=lambda place: (
                    (moments[place + 1].step + _FIRST) / (moments[place - 1].step + _FIRST)
                ),
            )
            moments.pop(closest).path.unlink(missing_ok=True)


def _blocks(model: SequenceModel, name: str) -> int:
    """Gates that a weight holds below each other."""
    return model.stack.cell.blocks if name.startswith("stack.layers.") else 1


def _block_norms(gradient: Tensor, blocks: int) -> list[float]:
    norms: list[float] = gradient.reshape(blocks, -1).norm(dim=1).tolist()
    return norms
