"""Analyses that ``workbench trace --with`` adds to a report, each as named arrays.

Every name here is one picture's numbers; what they mean stands where they are computed.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.analysis.ablation import ablate
from workbench.analysis.connectivity import connectivity_table
from workbench.analysis.error_classes import count_words, error_classes
from workbench.analysis.matching import THRESHOLD, find_matches, selected_units
from workbench.analysis.memory_test import memory_test
from workbench.analysis.ngrams import cross_entropies, ngram_probabilities
from workbench.analysis.response import co_clusters, expected_response
from workbench.analysis.state_plane import fixed_points, neighbour_plane, principal_plane
from workbench.analysis.trace import Trace, array_name, predictions
from workbench.analysis.weights import recurrent_eigenvalues
from workbench.engine.loading import Loaded
from workbench.errors import UserError
from workbench.models.replay import Key
from workbench.tasks.base import Probe
from workbench.tasks.language_model import LanguageModelTask

Arrays = dict[str, NDArray[Any]]
Further = Callable[[Loaded, Probe, Trace], Arrays]

_ORDERS = 10


def further(loaded: Loaded, stretch: Probe, trace: Trace, names: tuple[str, ...]) -> Arrays:
    """Carry out analyses by their names in ``FURTHER``.

    Raises:
        UserError: Where one makes no sense for the model, or its name is not known.
    """
    found: Arrays = {}
    for name in names:
        if name not in FURTHER:
            raise UserError(f"There is no analysis {name!r}.", f"Choose {', '.join(FURTHER)}.")
        found |= FURTHER[name](loaded, stretch, trace)
    return found


def matches(trace: Trace, first: int, last: int, threshold: float = THRESHOLD) -> Arrays:
    """Units on exactly in a stretch, and where else in the trace they are on, of each layer."""
    found: Arrays = {}
    for key in _hidden(trace):
        values = trace.rows(key)
        units = selected_units(values, first, last, threshold)
        made = find_matches(values, units, threshold)
        name = f"{_place(key)}/match"
        found |= {f"{name}/units": units, f"{name}/starts": made.starts}
        found |= {f"{name}/lengths": made.lengths, f"{name}/jaccard": made.jaccard}
    return found


def _memory(loaded: Loaded, stretch: Probe, trace: Trace) -> Arrays:
    del trace
    test = memory_test(loaded.model, stretch.inputs)
    return {
        "memory/distance": test.distances, "memory/mean": test.mean, "memory/low": test.low,
        "memory/high": test.high,
    }  # fmt: skip


def _connectivity(loaded: Loaded, stretch: Probe, trace: Trace) -> Arrays:
    del trace
    return {"connectivity": connectivity_table(loaded.model, stretch.inputs)}


def _ablation(loaded: Loaded, stretch: Probe, trace: Trace) -> Arrays:
    inputs, targets = stretch.inputs, stretch.truth
    if targets is None:
        inputs, targets = (stretch.inputs[0][:, :-1],), stretch.inputs[0][:, 1:]
    found: Arrays = {}
    for key in _hidden(trace):
        made = ablate(loaded.model, inputs, targets, (key.layer, key.direction))
        found[f"{_place(key)}/ablation"] = made.costs
    return found


def _plane(loaded: Loaded, stretch: Probe, trace: Trace) -> Arrays:
    del loaded, stretch
    found: Arrays = {}
    for key in _hidden(trace):
        states = trace.rows(key)
        plane = principal_plane(states)
        places, steps = neighbour_plane(states)
        name = _place(key)
        found |= {f"{name}/plane": plane.place(states), f"{name}/plane/shares": plane.shares}
        found |= {f"{name}/neighbours": places, f"{name}/neighbours/steps": steps}
    return found


def _fixed_points(loaded: Loaded, stretch: Probe, trace: Trace) -> Arrays:
    del stretch
    found: Arrays = {}
    for key in _hidden(trace):
        points = fixed_points(loaded.model, trace, (key.layer, key.direction))
        size = loaded.model.stack.hidden_size * len(loaded.model.stack.cell.states)
        name = f"{_place(key)}/fixed_points"
        found[name] = np.array([point.state for point in points]).reshape(-1, size)
        eigenvalues = np.array([point.eigenvalues for point in points], dtype=complex)
        found[f"{name}/eigenvalues"] = eigenvalues.reshape(-1, size)
    return found


def _eigenvalues(loaded: Loaded, stretch: Probe, trace: Trace) -> Arrays:
    del stretch
    return {
        f"{_place(key)}/{gate}/eigenvalues": values
        for key in _hidden(trace)
        for gate, values in recurrent_eigenvalues(
            loaded.model.stack, key.layer, key.direction
        ).items()
    }


def _response(loaded: Loaded, stretch: Probe, trace: Trace) -> Arrays:
    _text(loaded, "responses are counted by symbol")
    symbols = stretch.inputs[0][0].cpu().numpy()
    found: Arrays = {}
    for key in _hidden(trace):
        made = expected_response(trace.rows(key), symbols)
        groups = co_clusters(made)
        name = f"{_place(key)}/response"
        found |= {f"{name}/symbols": made.symbols, f"{name}/mean": made.mean}
        found |= {f"{name}/quantiles": made.quantiles, f"{name}/symbol_groups": groups.symbols}
        found |= {f"{name}/unit_groups": groups.units, f"{name}/links": groups.links}
    return found


def _errors(loaded: Loaded, stretch: Probe, trace: Trace) -> Arrays:
    task = _text(loaded, "n-grams count symbols")
    symbols = stretch.inputs[0][0].cpu().numpy()
    train = task.part_symbols("train")
    grams = ngram_probabilities(train, symbols, task.vocabulary.size, _ORDERS)
    given = np.append(np.nan, predictions(trace, symbols[None]).given[0][:-1])
    classes = error_classes(given, grams, stretch.labels, count_words(task))
    found: Arrays = {"ngrams/nats": cross_entropies(grams[:, 1:]), "ngrams/given": grams}
    return found | {f"errors/{item.name}": item.places for item in classes}


def _text(loaded: Loaded, why: str) -> LanguageModelTask:
    if not isinstance(loaded.task, LanguageModelTask):
        raise UserError(f"This run forecasts series; {why}.", "Leave it out.")
    return loaded.task


def _hidden(trace: Trace) -> list[Key]:
    return [key for key in trace.keys if key.quantity == "hidden"]


def _place(key: Key) -> str:
    return array_name(Key(key.layer, key.direction, "")).rstrip("/")


FURTHER: dict[str, Further] = {
    "memory": _memory,
    "connectivity": _connectivity,
    "ablation": _ablation,
    "plane": _plane,
    "fixed-points": _fixed_points,
    "eigenvalues": _eigenvalues,
    "response": _response,
    "errors": _errors,
}
"""Analyses by name."""
