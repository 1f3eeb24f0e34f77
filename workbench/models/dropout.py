"""Dropout that draws from a generator of its own.

Torch's own dropout draws from the process-wide generator, which any other thread may move; a run
could then not be repeated. Here every mask comes from the generator the trainer seeds per step.
"""

import torch
from torch import Tensor, nn


class NoiseSource:
    """Holds the generator all masks of one model are drawn from.

    Attributes:
        generator: On the model's device; seeded by the trainer before each step.
    """

    def __init__(self) -> None:
        self.generator: torch.Generator | None = None

    def mask(self, like: Tensor, shape: tuple[int, ...], share: float) -> Tensor:
        """Return a mask of ``shape``: 0 with probability ``share``, else 1 / (1 − share)."""
        mask = torch.empty(shape, dtype=like.dtype, device=like.device)
        mask.bernoulli_(1.0 - share, generator=self.generator)
        return mask.div_(1.0 - share)


class Dropout(nn.Module):
    """Set a share of the values to zero while training.

    Args:
        share: Probability of a zero, 0 ≤ share < 1; may be changed while training.
        variational: One mask for all steps of a sequence (Gal and Ghahramani 2016).
        noise: Where masks are drawn from.
    """

    def __init__(self, share: float, variational: bool, noise: NoiseSource) -> None:
        super().__init__()
        self.share = share
        self.variational = variational
        self._noise = noise

    def forward(self, values: Tensor) -> Tensor:
        """Apply to ``values`` ``(B, T, C)``; the same shape comes back."""
        if not self.training or self.share == 0:
            return values
        batch, time, channels = values.shape
        shape = (batch, 1 if self.variational else time, channels)
        return values * self._noise.mask(values, shape, self.share)

    def describe(self) -> str:
        """``dropout 0.2``, or empty where it is off."""
        return f"dropout {self.share:g}" if self.share else ""

    def extra_repr(self) -> str:
        """Show the share in the printed module."""
        return f"share={self.share}, variational={self.variational}"
