"""One time step of one layer, term by term; numbers can be changed and the rest follows.

Shapes: H hidden units, T time steps.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from workbench.analysis.intervention import Intervention, run_changed
from workbench.analysis.state_plane import layer_input
from workbench.analysis.trace import Floats, Trace
from workbench.cells.terms import BEFORE, LETTERS, RULES, given_names
from workbench.models.base import SequenceModel
from workbench.models.replay import Key

Overrides = Mapping[tuple[str, int], float]
"""Values by name of the term and unit."""


@dataclass(frozen=True, eq=False)
class Term:
    """One term of the equations.

    Attributes:
        name: Formula in plain signs.
        role: ``before``, ``given``, ``term``, ``sum``, ``gate`` or ``state``.
        quantity: Gate or state it is, or empty.
        values: Of every unit ``(H,)``.
    """

    name: str
    role: str
    quantity: str
    values: NDArray[np.float64]


class Steps:
    """The steps of a sequence.

    Args:
        model: In evaluation mode.
        inputs: A batch of one.
        trace: Of the same.
    """

    def __init__(self, model: SequenceModel, inputs: tuple[Tensor, ...], trace: Trace) -> None:
        self._model = model
        self._inputs = inputs
        self._trace = trace
        self._read: dict[int, NDArray[np.float64]] = {}

    @property
    def count(self) -> int:
        """Steps T."""
        return int(self._trace.inputs.shape[1])

    def at(
        self, place: tuple[int, int], step: int, overrides: Overrides | None = None
    ) -> list[Term]:
        """Every term of a step, in the order of computation.

        Args:
            place: Layer and direction.
            step: 0…T−1, in time.
            overrides: Numbers that are put in the place of computed ones.
        """
        changed = overrides or {}
        stack = self._model.stack
        weights = stack.layer_weights(*place)
        known: dict[str, Tensor] = {}
        found: list[Term] = []

        def take(name: str, values: Tensor, role: str, quantity: str = "") -> None:
            values = values.detach().double().cpu().clone()
            for (term, unit), value in changed.items():
                if term == name:
                    values[unit] = value
            known[name] = values
            found.append(Term(name, role, quantity, values.numpy()))

        for quantity, before in zip(stack.cell.states, self._before(place, step), strict=True):
            take(BEFORE[quantity], before, "before", quantity)
        read = torch.from_numpy(self._layer_input(place[0])[step])
        with torch.no_grad():
            into = weights.weight_ih.double().cpu() @ read
            back = weights.weight_hh.double().cpu() @ known[BEFORE["hidden"]]
        size = stack.hidden_size
        for number, names in enumerate(given_names(LETTERS[stack.cell.name])):
            block = slice(number * size, (number + 1) * size)
            parts = (into[block], weights.bias_ih[block], back[block], weights.bias_hh[block])
            for name, part in zip(names, parts, strict=True):
                take(name, part, "given")
        for rule in RULES[stack.cell.name]:
            take(rule.name, rule.compute(known), rule.role, rule.quantity)
        return found

    def output(
        self, place: tuple[int, int], step: int, terms: list[Term]
    ) -> NDArray[np.floating[Any]]:
        """What the model puts out when the layer's state after the step is that of the terms.

        Args:
            place: Layer and direction.
            step: In time.
            terms: As from ``at``.

        Returns:
            Of a language model the logits ``(V,)`` at the step; else the forecast ``(H, M, Q)``.
        """
        states = {term.quantity: term.values for term in terms if term.role == "state"}
        other = tuple(states[name] for name in self._model.stack.cell.states)
        first = self.count - 1 - step if place[1] else step
        swap = Intervention(place[0], direction=place[1], first=first, kind="swap", other=other)
        trace = run_changed(self._model, *self._inputs, interventions=[swap])
        return np.asarray(trace.output[0][step] if trace.output.ndim == 3 else trace.output[0])

    def _before(self, place: tuple[int, int], step: int) -> list[Tensor]:
        """States of the step before, in the order in which the direction reads."""
        at = step + 1 if place[1] else step - 1
        found = []
        for name in self._model.stack.cell.states:
            values = self._trace.quantities[Key(*place, name)][0]
            row = values[at] if 0 <= at < self.count else np.zeros(values.shape[1])
            found.append(torch.from_numpy(np.asarray(row, dtype=np.float64)))
        return found

    def _layer_input(self, layer: int) -> NDArray[np.float64]:
        if layer not in self._read:
            self._read[layer] = layer_input(self._model, self._trace, layer)
        return self._read[layer]


def next_crossing(line: Floats, level: float, start: int, *, forwards: bool = True) -> int:
    """The next step at which a value is on the other side of a level than the step before it.

    Args:
        line: ``(T,)``.
        level: The value that is crossed.
        start: Where the search begins; it is not itself an answer.
        forwards: Towards the end, or back towards the beginning.

    Returns:
        The step, −1 where there is none.
    """
    above = np.asarray(line) >= level
    crossings = np.flatnonzero(above[1:] != above[:-1]) + 1
    wanted = crossings[crossings > start] if forwards else crossings[crossings < start][::-1]
    return int(wanted[0]) if len(wanted) else -1


def next_label(labels: tuple[str, ...], text: str, start: int) -> int:
    """The next step behind ``start`` whose label holds a text, or with which it begins.

    A text may go over several labels: a word of a model that reads letters. −1 where there is none.
    """
    for step in range(start + 1, len(labels)):
        behind = "".join(labels[step : step + len(text)])
        if text in labels[step] or behind.startswith(text):
            return step
    return -1
