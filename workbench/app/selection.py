"""The one selection that all pictures of the window share."""

from dataclasses import dataclass, replace
from typing import Any, Self


@dataclass(frozen=True)
class Selection:
    """What is looked at; hovering and clicking in one picture moves it in all.

    Attributes:
        layer: Recurrent layer, from 0.
        direction: 0 forward, 1 backward.
        unit: Hidden unit, from 0; −1 is none.
        step: Time step of the sequence, from 0; −1 is none.
        sequence: Which sequence (probe, window), from 0.
        quantity: ``hidden``, ``cell``, or a gate by its name.
        checkpoint: ``newest``, ``best`` or a moment such as ``step-120``.
    """

    layer: int = 0
    direction: int = 0
    unit: int = -1
    step: int = -1
    sequence: int = 0
    quantity: str = "hidden"
    checkpoint: str = "newest"

    def with_values(self, **changes: Any) -> Self:
        """Return a changed copy.

        Raises:
            TypeError: For a name that is not a part of the selection.
        """
        return replace(self, **changes)
