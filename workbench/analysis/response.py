"""How symbols move units: expected response, its spread, and groups of both.

Shapes: N steps, H units, K symbols (the most frequent ones).

Source:
    Ming et al. (2017), RNNVis; co-clusters: Dhillon (2001).
"""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.data.findings import Watch
from workbench.errors import UserError

Floats = NDArray[np.floating[Any]]

QUANTILES = (0.09, 0.25, 0.75, 0.91)
"""Whiskers and edges of the boxes."""

_MOST = 300
_AT_ONCE = 8_000_000
"""Numbers of the change that are in memory at once."""
_FEWEST = 4
"""Times a symbol must be read to have a spread."""


@dataclass(frozen=True, eq=False)
class Response:
    """Change of every unit when a symbol is read.

    Attributes:
        symbols: The most frequent first, int64 ``(K,)``.
        counts: How often each was read ``(K,)``.
        mean: Mean change of each unit at each symbol ``(K, H)``.
        quantiles: Of the change, ``(4, K, H)``, at ``QUANTILES``.
    """

    symbols: NDArray[np.int64]
    counts: NDArray[np.int64]
    mean: NDArray[np.float64]
    quantiles: NDArray[np.float64]

    def of_unit(self, unit: int, each: int = 4) -> NDArray[np.intp]:
        """Places in ``symbols`` of those with the lowest and the highest mean at a unit."""
        order = np.argsort(self.mean[:, unit], kind="stable")
        if len(order) <= 2 * each:
            return order
        return np.concatenate((order[:each], order[-each:]))

    def of_symbol(self, place: int) -> NDArray[np.intp]:
        """Units from the lowest to the highest mean at a symbol ``(H,)``."""
        return np.argsort(self.mean[place], kind="stable")


def expected_response(
    states: Floats, symbols: NDArray[np.integer[Any]], watch: Watch | None = None,
    most: int = _MOST,
) -> Response:  # fmt: skip
    """Mean and spread of the change of every unit at every frequent symbol.

    Args:
        states: ``(N, H)``; the change at the first step is unknown and left out.
        symbols: What was read at each step ``(N,)``.
        watch: Told how far it is.
        most: Symbols that are looked at.

    Raises:
        Cancelled: Where ``watch`` says so.
        UserError: Where hardly a symbol was read more than once.
    """
    kinds, counts = np.unique(np.asarray(symbols)[1:], return_counts=True)
    order = np.argsort(-counts, kind="stable")[:most]
    order = order[counts[order] >= _FEWEST]
    if len(order) < 2:
        raise UserError(
            "Hardly a symbol is read often enough to say how units answer to it.",
            "Count over more steps.",
        )
    chosen, counts = kinds[order].astype(np.int64), counts[order].astype(np.int64)
    mean = np.empty((len(chosen), states.shape[1]))
    quantiles = np.empty((len(QUANTILES), *mean.shape))
    rows = np.argsort(np.asarray(symbols)[1:], kind="stable") + 1
    read = np.asarray(symbols)[rows]
    for place, symbol in enumerate(chosen.tolist()):
        (watch or Watch()).step(place / len(chosen))
        first, last = np.searchsorted(read, (symbol, symbol + 1))
        steps = rows[first:last]
        size = max(1, _AT_ONCE // len(steps))
        for unit in range(0, states.shape[1], size):
            part = slice(unit, unit + size)
            change = states[steps, part].astype(np.float32)
            change -= states[steps - 1, part]
            mean[place, part] = change.mean(axis=0, dtype=np.float64)
            quantiles[:, place, part] = np.quantile(change, QUANTILES, axis=0, overwrite_input=True)
    return Response(chosen, counts, mean, quantiles)


@dataclass(frozen=True, eq=False)
class CoClusters:
    """Groups of symbols and of units that answer to each other.

    Attributes:
        symbols: Group of each symbol ``(K,)``.
        units: Group of each unit ``(H,)``.
        links: Mean response of the units of a group to the symbols of a group
            ``(groups, groups)``: symbols in rows, units in columns.
    """

    symbols: NDArray[np.int64]
    units: NDArray[np.int64]
    links: NDArray[np.float64]


def co_clusters(response: Response, clusters: int = 8, seed: int = 1) -> CoClusters:
    """Group symbols and units together by the size of the response.

    Args:
        response: Of symbols and units.
        clusters: Groups; fewer where there are fewer symbols or units.
        seed: The same seed gives the same groups.

    Raises:
        UserError: Where there are too few symbols, or nothing answers to anything.
    """
    from sklearn.cluster import SpectralCoclustering

    weight = np.abs(response.mean)
    size = min(clusters, *(edge - 1 for edge in weight.shape))
    if size < 2 or not weight.max() > 0:
        raise UserError("There are too few symbols or units to group.", "Count over more steps.")
    weight = weight + 1e-9 * weight.max()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an empty group is no fault here
        made = SpectralCoclustering(n_clusters=size, random_state=seed).fit(weight)
    rows, columns = made.row_labels_.astype(np.int64), made.column_labels_.astype(np.int64)
    links = np.zeros((size, size))
    for row in range(size):
        for column in range(size):
            part = response.mean[np.ix_(rows == row, columns == column)]
            links[row, column] = part.mean() if part.size else 0.0
    return CoClusters(rows, columns, links)
