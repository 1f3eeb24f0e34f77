"""Two models, moments or inputs beside each other: which units are the same, and where they part.

Shapes: N steps, A and B units.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from workbench.analysis.trace import Floats

MATCHED, CHANGED = 0.9, 0.5
"""Sizes of the correlation from which on a pair is the same, or the same but changed."""

_FEWEST = 3


@dataclass(frozen=True)
class Pair:
    """A unit and its partner.

    Attributes:
        first: Unit of the first model; −1 where the other is new.
        second: Unit of the second model; −1 where the first is lost.
        correlation: Of the two, −1…1; NaN without a partner.
        label: ``matched``, ``changed``, ``lost`` or ``new``.
    """

    first: int
    second: int
    correlation: float
    label: str


def match_units(first: Floats, second: Floats) -> list[Pair]:
    """Give every unit one partner, so that all correlations together are as large as they can be.

    Args:
        first: States ``(N, A)``.
        second: States ``(N, B)`` on the same input.

    Returns:
        Pairs in the order of the first model's units, then what is new. Units that never change
        have no partner.

    Raises:
        ValueError: Where the steps differ, or are fewer than three.

    Source:
        Hungarian method: Kuhn (1955).
    """
    if len(first) != len(second) or len(first) < _FEWEST:
        raise ValueError(f"{len(first)} and {len(second)} steps cannot be compared")
    alike = _correlations(first, second)
    rows, columns = linear_sum_assignment(-np.abs(alike))
    partner = dict(zip(rows.tolist(), columns.tolist(), strict=True))
    found: list[Pair] = []
    taken: set[int] = set()
    for unit in range(first.shape[1]):
        other = partner.get(unit, -1)
        value = float(alike[unit, other]) if other >= 0 else 0.0
        if abs(value) < CHANGED:
            found.append(Pair(unit, -1, float("nan"), "lost"))
            continue
        taken.add(other)
        found.append(Pair(unit, other, value, "matched" if abs(value) >= MATCHED else "changed"))
    rest = [unit for unit in range(second.shape[1]) if unit not in taken]
    return found + [Pair(-1, unit, float("nan"), "new") for unit in rest]


def _correlations(first: Floats, second: Floats) -> NDArray[np.float64]:
    """Pearson's correlation of all units with all ``(A, B)``; 0 where one never changes."""
    one, other = (np.asarray(part, dtype=np.float64) for part in (first, second))
    one, other = one - one.mean(axis=0), other - other.mean(axis=0)
    sizes = np.sqrt(np.outer((one**2).sum(axis=0), (other**2).sum(axis=0)))
    constant = np.outer(np.ptp(first, axis=0) == 0, np.ones(second.shape[1], bool))
    constant |= (np.ptp(second, axis=0) == 0)[None]
    with np.errstate(divide="ignore", invalid="ignore"):
        found = one.T @ other / sizes
    return np.where(constant | ~np.isfinite(found), 0.0, found)


def state_distance(first: Floats, second: Floats) -> NDArray[np.float64]:
    """Distance of two states of one model at every step ``(N, H)`` → ``(N,)``: root mean square."""
    apart = np.asarray(first, dtype=np.float64) - np.asarray(second, dtype=np.float64)
    return np.asarray(np.sqrt(np.square(apart).mean(axis=1)))


def prediction_distance(
    first: NDArray[np.floating[Any]], second: NDArray[np.floating[Any]]
) -> NDArray[np.float64]:
    """Total variation between two models' next symbols, from logits ``(N, V)`` → ``(N,)``, 0…1."""
    one, other = (_chances(part) for part in (first, second))
    return np.asarray(np.abs(one - other).sum(axis=1) / 2)


def _chances(logits: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    given = np.asarray(logits, dtype=np.float64)
    raised = np.exp(given - given.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))
