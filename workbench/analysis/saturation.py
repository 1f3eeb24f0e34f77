"""How often each gate is shut or open, and how long each unit remembers.

Shapes: N steps, H units.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.analysis.trace import Rows
from workbench.models.replay import Key

SHUT, OPEN = 0.1, 0.9
"""Gates below and above count as saturated (Karpathy, Johnson and Fei-Fei 2015)."""

KEEPERS = ("forget_gate", "update_gate")
"""Gates that decide how much of the state is kept; near 1 keeps, in torch's convention."""

_NEARLY_ALWAYS, _DEAD = 0.95, 1e-3
_INTEGRATES, _PASSES = 0.5, 0.5


@dataclass(frozen=True, eq=False)
class Saturation:
    """One gate of one layer over many steps.

    Attributes:
        key: Which gate.
        mean: Mean activation of each unit ``(H,)``, 0…1.
        shut: Share of steps below 0.1 ``(H,)``.
        open: Share of steps above 0.9 ``(H,)``.
    """

    key: Key
    mean: NDArray[np.float64]
    shut: NDArray[np.float64]
    open: NDArray[np.float64]


def saturation(key: Key, gates: NDArray[np.floating[Any]]) -> Saturation:
    """Count how often a gate is shut and open.

    Args:
        key: Which gate it is.
        gates: Activations ``(N, H)``, 0…1; N ≥ 1.

    Source:
        Karpathy, Johnson and Fei-Fei (2015), Visualizing and understanding recurrent networks.
    """
    return Saturation(
        key,
        gates.mean(axis=0, dtype=np.float64),
        (gates < SHUT).mean(axis=0),
        (gates > OPEN).mean(axis=0),
    )


def gate_saturation(trace: Rows) -> list[Saturation]:
    """Saturation of every gate of every layer and direction; empty for a plain RNN."""
    return [
        saturation(key, trace.rows(key)) for key in trace.keys if key.quantity.endswith("_gate")
    ]


def half_life(keep: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Steps after which half of a state is left, ``ln ½ / ln keep``.

    Args:
        keep: Mean of the forget gate (or of a GRU's update gate) ``(H,)``, 0…1.

    Returns:
        ``(H,)``: 0 where nothing is kept, infinity where everything is.
    """
    given = np.asarray(keep, dtype=np.float64)
    with np.errstate(divide="ignore"):
        steps = math.log(0.5) / np.log(np.clip(given, 0.0, 1.0))
    return np.where(given >= 1, np.inf, np.maximum(steps, 0.0))


@dataclass(frozen=True)
class UnitMemory:
    """What one unit does with its state.

    Attributes:
        layer: 0 is next to the input.
        direction: 0 forward, 1 backward.
        unit: Its number in the layer.
        gate: The gate that keeps: ``forget_gate`` or ``update_gate``.
        mean: Mean of that gate, 0…1.
        shut: Share of steps in which it is below 0.1.
        open: Share of steps in which it is above 0.9.
        half_life: Steps after which half of the state is left.
        label: ``integrator``, ``pass-through``, ``dead``, ``stuck open``, ``stuck shut`` or empty.
    """

    layer: int
    direction: int
    unit: int
    gate: str
    mean: float
    shut: float
    open: float
    half_life: float
    label: str


def unit_memory(trace: Rows) -> list[UnitMemory]:
    """What each unit keeps, by the gate that keeps it; empty for a plain RNN."""
    found = []
    for counted in gate_saturation(trace):
        if counted.key.quantity not in KEEPERS:
            continue
        layer, direction = counted.key.layer, counted.key.direction
        size = np.abs(trace.rows(Key(layer, direction, "hidden"))).max(axis=0)
        lives = half_life(counted.mean)
        for unit in range(len(counted.mean)):
            shares = float(counted.shut[unit]), float(counted.open[unit])
            found.append(
                UnitMemory(
                    layer, direction, unit, counted.key.quantity, float(counted.mean[unit]),
                    *shares, float(lives[unit]), label_of(*shares, float(size[unit])),
                )
            )  # fmt: skip
    return found


def label_of(shut: float, open_: float, largest: float) -> str:
    """Name what a unit does.

    Args:
        shut: Share of steps in which its keeping gate is below 0.1.
        open_: Share of steps in which it is above 0.9.
        largest: Largest absolute hidden state.

    Returns:
        ``dead`` where the hidden state stays near 0; ``stuck open`` and ``stuck shut`` where the
        gate hardly ever leaves that side; ``integrator`` where it is open, ``pass-through`` where
        it is shut, in most steps; else empty.
    """
    if largest < _DEAD:
        return "dead"
    if open_ > _NEARLY_ALWAYS:
        return "stuck open"
    if shut > _NEARLY_ALWAYS:
        return "stuck shut"
    if open_ > _INTEGRATES:
        return "integrator"
    return "pass-through" if shut > _PASSES else ""
