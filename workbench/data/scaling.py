"""Scalers: one column's numbers onto a scale a network learns well on, and back."""

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.errors import UserError

KINDS = ("standard", "minmax", "robust", "none")
_NORMAL_QUARTILES = 1.3489795003921634
"""Distance of the quartiles of a normal distribution in standard deviations."""


@dataclass(frozen=True)
class Scaler:
    """``scaled = (value − centre) / scale``.

    Attributes:
        kind: ``standard`` (mean, standard deviation), ``minmax`` (minimum, range), ``robust``
            (median, quartile distance / 1.349) or ``none``.
        centre: In the column's unit.
        scale: In the column's unit, > 0; 1 where the column is constant.
        deviation: Standard deviation of the fitted values, whatever the kind; 1 where constant.
            Errors divided by it are comparable between kinds.
    """

    kind: str = "none"
    centre: float = 0.0
    scale: float = 1.0
    deviation: float = 1.0

    @classmethod
    def fit(cls, values: NDArray[np.floating[Any]], kind: str) -> "Scaler":
        """Fit to the finite values of ``(n,)``; without any, nothing is scaled.

        Raises:
            ValueError: Where ``kind`` is not one of ``KINDS``.
        """
        if kind not in KINDS:
            raise ValueError(f"kind is {kind!r}; it must be one of {', '.join(KINDS)}")
        known = np.asarray(values, dtype=np.float64)
        known = known[np.isfinite(known)]
        if len(known) == 0:
            return cls(kind)
        mean = float(known.mean())
        deviation = float(known.std())
        tiny = 1e-9 * max(abs(mean), float(np.abs(known).max()))
        if deviation <= tiny:
            return cls(kind, 0.0 if kind == "none" else mean)
        if kind == "standard":
            return cls(kind, mean, deviation, deviation)
        if kind == "minmax":
            low = float(known.min())
            return cls(kind, low, float(known.max()) - low, deviation)
        if kind == "robust":
            low, middle, high = (float(q) for q in np.quantile(known, (0.25, 0.5, 0.75)))
            spread = (high - low) / _NORMAL_QUARTILES
            # more than half of the values equal (rain, sales): the quartiles say nothing
            return cls(kind, middle, spread if spread > tiny else deviation, deviation)
        return cls(kind, 0.0, 1.0, deviation)

    def encode(self, values: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
        """Scale; float32 of the same shape, NaN stays NaN."""
        away = np.asarray(values, dtype=np.float64) - self.centre
        return (away / self.scale).astype(np.float32)

    def decode(self, values: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """Undo ``encode``; float64 in the column's unit."""
        return np.asarray(np.asarray(values, dtype=np.float64) * self.scale + self.centre)

    def to_json(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Any) -> "Scaler":
        """Rebuild from ``to_json``.

        Raises:
            UserError: Where the values are not those of a scaler.
        """
        try:
            scaler = cls(
                str(values["kind"]),
                float(values["centre"]),
                float(values["scale"]),
                float(values["deviation"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise _damaged(str(error)) from None
        numbers = (scaler.centre, scaler.scale, scaler.deviation)
        if scaler.kind not in KINDS or not all(map(math.isfinite, numbers)):
            raise _damaged(f"kind {scaler.kind!r}, numbers {numbers}")
        if scaler.scale <= 0 or scaler.deviation <= 0:
            raise _damaged(f"scale {scaler.scale:g}, deviation {scaler.deviation:g}")
        return scaler


def _damaged(reason: str) -> UserError:
    return UserError(
        "A stored scaler is not valid: its kind must be known and its numbers finite, with scale "
        "and deviation above 0.",
        "The file it is stored in is damaged; use another checkpoint or train again.",
        reason,
    )
