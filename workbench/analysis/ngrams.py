"""N-gram models: what the last n − 1 symbols alone would predict.

Shapes: N symbols that are judged, V vocabulary.

Source:
    Witten and Bell (1991), the zero-frequency problem.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.data.findings import Watch

MOST_COUNTED = 2_000_000
"""Symbols of the training part that are counted at most, its last ones."""

Ints = NDArray[np.integer[Any]]


def ngram_probabilities(
    train: Ints, held: Ints, vocabulary: int, orders: int, watch: Watch | None = None
) -> NDArray[np.float64]:
    """Probability of every held-out symbol by n-grams of growing order.

    Each order is interpolated with the one below it by the weight of Witten and Bell: the more
    different symbols followed a context, the less it is trusted. Order 1 is interpolated with equal
    chances.

    Args:
        train: Symbols that are counted; at most ``MOST_COUNTED``.
        held: Symbols that are judged ``(N,)``.
        vocabulary: V.
        orders: Highest n, at least 1.
        watch: Told how far it is.

    Returns:
        ``(orders, N)``; at the first symbols, which have no full context, the highest order they
        have one for.

    Raises:
        Cancelled: Where ``watch`` says so.
    """
    counted = np.asarray(train[-MOST_COUNTED:], dtype=np.int64)
    judged = np.asarray(held, dtype=np.int64)
    found = np.empty((orders, len(judged)))
    lower = np.full(len(judged), 1.0 / vocabulary)
    # Contexts by number: those that end at each symbol, −1 where it was never seen in training.
    in_train: Ints = np.zeros(len(counted), dtype=np.int64)
    in_held: Ints = np.zeros(len(judged), dtype=np.int64)
    for order in range(1, orders + 1):
        (watch or Watch()).step((order - 1) / orders)
        lower = _order(
            (in_train, counted, order), (in_held, judged), vocabulary, lower
        )  # fmt: skip
        found[order - 1] = lower
        in_train, in_held = _longer((in_train, counted, order), (in_held, judged), vocabulary)
    return found


def _order(
    train: tuple[Ints, Ints, int], held: tuple[Ints, Ints], vocabulary: int,
    lower: NDArray[np.float64],
) -> NDArray[np.float64]:  # fmt: skip
    """Interpolate one order: counts of (context, symbol) and of contexts."""
    contexts, symbols, order = train
    grams, counts = np.unique(contexts[order - 1 :] * vocabulary + symbols[order - 1 :],
                              return_counts=True)  # fmt: skip
    owners, kinds = np.unique(grams // vocabulary, return_counts=True)
    totals = np.add.reduceat(counts, np.searchsorted(grams // vocabulary, owners))
    context, symbol = held
    wanted = context * vocabulary + symbol
    seen = _looked_up(grams, counts, wanted)
    total, kind = _looked_up(owners, totals, context), _looked_up(owners, kinds, context)
    known = (context >= 0) & (total > 0)
    known[: order - 1] = False
    both = (seen + kind * lower) / np.maximum(total + kind, 1)
    return np.where(known, both, lower)


def _looked_up(keys: Ints, values: Ints, wanted: Ints) -> Ints:
    """Values of sorted keys; 0 where a key is not there."""
    if not len(keys):
        return np.zeros(len(wanted), dtype=np.int64)
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[place] == wanted, values[place], 0)


def _longer(
    train: tuple[Ints, Ints, int], held: tuple[Ints, Ints], vocabulary: int
) -> tuple[Ints, Ints]:
    """Number the contexts that are one symbol longer, for the symbol after each."""
    contexts, symbols, order = train
    pairs = contexts * vocabulary + symbols
    known, numbers = np.unique(pairs[order - 1 :], return_inverse=True)
    after_train = np.full(len(symbols), -1, dtype=np.int64)
    after_train[order:] = numbers[:-1]
    context, symbol = held
    wanted = np.where(context >= 0, context * vocabulary + symbol, -1)
    found = _looked_up(known, np.arange(1, len(known) + 1), wanted) - 1
    after_held = np.full(len(symbol), -1, dtype=np.int64)
    after_held[1:] = found[:-1]
    return after_train, after_held


def cross_entropies(probabilities: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Nats per symbol of every order ``(orders, N)`` → ``(orders,)``."""
    return np.asarray(-np.log(np.maximum(probabilities, 1e-300)).mean(axis=1))
