"""Orders of units for a heatmap, so that what belongs together stands together.

Shapes: T steps, H units.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering
from scipy.spatial.distance import squareform

from workbench.analysis.trace import Floats

_MOST_OPTIMAL = 300
"""Units up to which the leaves of the tree are turned for the best order; it is cubic."""


def by_activity(values: Floats) -> NDArray[np.intp]:
    """The most active first, by the mean of their absolute values ``(T, H)`` → ``(H,)``."""
    return np.argsort(-np.abs(values).mean(axis=0), kind="stable")


def by_step(values: Floats, step: int) -> NDArray[np.intp]:
    """From the highest to the lowest value at one step ``(T, H)`` → ``(H,)``."""
    return np.argsort(-np.asarray(values[step]), kind="stable")


def by_similarity(values: Floats) -> NDArray[np.intp]:
    """Units that move alike beside each other: leaves of a tree by correlation.

    Args:
        values: ``(T, H)``.

    Returns:
        ``(H,)``; units that never change stand last.

    Source:
        Bar-Joseph, Gifford and Jaakkola (2001), Fast optimal leaf ordering.
    """
    given = np.asarray(values, dtype=np.float64)
    moving = np.flatnonzero(np.ptp(given, axis=0) > 0)
    still = np.setdiff1d(np.arange(given.shape[1]), moving)
    if len(moving) <= 2:
        return np.concatenate((moving, still))
    apart: NDArray[Any] = np.clip(1 - np.corrcoef(given[:, moving].T), 0, 2)
    np.fill_diagonal(apart, 0)
    distances = squareform(apart, checks=False)
    tree = linkage(distances, "average")
    if len(moving) <= _MOST_OPTIMAL:
        tree = optimal_leaf_ordering(tree, distances)
    return np.concatenate((moving[leaves_list(tree)], still))
