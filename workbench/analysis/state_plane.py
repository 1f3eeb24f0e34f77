"""The path of a state in two dimensions, and the fixed points it moves between.

Shapes: T steps, H hidden units, S numbers of a whole state (H, or 2·H of an LSTM: hidden, cell).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from workbench.analysis.trace import Floats, Trace
from workbench.data.findings import Watch
from workbench.errors import UserError
from workbench.models.base import SequenceModel
from workbench.models.replay import Key

MOST_TSNE = 2_000
"""Steps that t-SNE places at most; more are thinned out evenly."""
_FEWEST_TSNE = 8
_STARTS = 48
_ITERATIONS = 300
_SETTLED = 500
_POLISHED = 12
_NEWTON = 40
_SLOW = 1e-9
"""Speed q below which a point counts as fixed."""
_SAME = 0.05


@dataclass(frozen=True, eq=False)
class Plane:
    """Two directions in the space of states.

    Attributes:
        mean: ``(H,)``.
        directions: ``(2, H)``, of length 1.
        shares: Part of the variance along each, ``(2,)``, 0…1.
    """

    mean: NDArray[np.float64]
    directions: NDArray[np.float64]
    shares: NDArray[np.float64]

    def place(self, states: Floats) -> NDArray[np.float64]:
        """Where states ``(N, H)`` lie in the plane ``(N, 2)``."""
        return np.asarray((np.asarray(states, dtype=np.float64) - self.mean) @ self.directions.T)


def principal_plane(states: Floats) -> Plane:
    """The plane in which states ``(T, H)`` vary most; T ≥ 2, H ≥ 2.

    Raises:
        UserError: Where there are fewer steps or units.
    """
    given = np.asarray(states, dtype=np.float64)
    if min(given.shape) < 2:
        raise UserError("Fewer than two steps or units have no plane.", "Read more steps.")
    mean = given.mean(axis=0)
    _, sizes, directions = np.linalg.svd(given - mean, full_matrices=False)
    power = sizes**2
    total = float(power.sum()) or 1.0
    # The sign of a direction is arbitrary: its largest entry is made positive.
    signs = np.sign(directions[np.arange(2), np.abs(directions[:2]).argmax(axis=1)])
    return Plane(mean, directions[:2] * signs[:, None], power[:2] / total)


def neighbour_plane(states: Floats, seed: int = 1) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Steps placed so that neighbours stay neighbours (t-SNE).

    Args:
        states: ``(T, H)``.
        seed: The same seed gives the same picture.

    Returns:
        Places ``(N, 2)``, and which steps they are ``(N,)``.

    Raises:
        UserError: Where there are fewer than eight steps.

    Source:
        van der Maaten and Hinton (2008), Visualizing data using t-SNE.
    """
    from sklearn.manifold import TSNE

    if len(states) < _FEWEST_TSNE:
        raise UserError(f"{len(states)} steps are too few for t-SNE.", "Read more steps.")
    if not np.ptp(np.asarray(states, dtype=np.float64), axis=0).any():
        raise UserError("The states never change; they have no neighbours.", "Read something else.")
    chosen = np.unique(np.linspace(0, len(states) - 1, MOST_TSNE).round().astype(np.intp))
    perplexity = min(30.0, (len(chosen) - 1) / 3)
    made = TSNE(perplexity=perplexity, init="pca", random_state=seed)
    return np.asarray(made.fit_transform(np.asarray(states, np.float64)[chosen])), chosen


@dataclass(frozen=True, eq=False)
class FixedPoint:
    """A state that a constant input hardly moves.

    Attributes:
        state: ``(S,)``.
        speed: q = ½‖F(s) − s‖².
        eigenvalues: Of the step's derivative at it, complex ``(S,)``, the largest first.
    """

    state: NDArray[np.float64]
    speed: float
    eigenvalues: NDArray[np.complex128]

    @property
    def outward(self) -> int:
        """Directions in which the state moves away from it."""
        return int((np.abs(self.eigenvalues) > 1).sum())

    @property
    def stable(self) -> bool:
        """Whether the state is drawn to it from all sides."""
        return self.outward == 0


def layer_input(model: SequenceModel, trace: Trace, layer: int) -> NDArray[np.float64]:
    """What a layer reads at every step of a batch of one, ``(T, I)``."""
    with torch.no_grad():
        values = torch.from_numpy(np.asarray(trace.inputs))
        for below in range(layer):
            parts = [
                trace.quantities[Key(below, direction, "hidden")]
                for direction in range(model.stack.directions)
            ]
            outputs = torch.from_numpy(np.concatenate(parts, axis=-1))
            device = next(model.parameters()).device
            values = model.stack.combine(below, values.to(device), outputs.to(device)).cpu()
    return np.asarray(values[0].double().numpy())


def fixed_points(
    model: SequenceModel,
    trace: Trace,
    place: tuple[int, int],
    constant: Floats | None = None,
    watch: Watch | None = None,
) -> list[FixedPoint]:
    """Find fixed points of one layer under a constant input, from the states of a trace on.

    Args:
        model: In evaluation mode.
        trace: Of a batch of one: its states are where the search begins.
        place: Layer and direction.
        constant: What the layer reads, ``(I,)``; None is the mean of what it read.
        watch: Told how far it is.

    Returns:
        Those found, the slowest first; points closer than 0.05 (root mean square) count as one.

    Raises:
        Cancelled: Where ``watch`` says so.

    Source:
        Sussillo and Barak (2013), Opening the black box.
    """
    stack, (layer, direction) = model.stack, place
    weights = stack.layer_weights(layer, direction)
    into, back, bias_ih, bias_hh = (
        part.detach().double().cpu()
        for part in (weights.weight_ih, weights.weight_hh, weights.bias_ih, weights.bias_hh)
    )
    read = layer_input(model, trace, layer).mean(axis=0) if constant is None else constant
    projected = into @ torch.from_numpy(np.asarray(read, np.float64)) + bias_ih
    size = stack.hidden_size

    def step(state: Tensor) -> Tensor:
        parts = torch.split(state, size, dim=-1)
        row = projected.expand(*state.shape[:-1], -1)
        _, after = stack.cell.step(row, parts, back.t(), bias_hh)
        return torch.cat(after, dim=-1)

    keys = [Key(layer, direction, name) for name in stack.cell.states]
    states = np.concatenate([trace.quantities[key][0] for key in keys], axis=-1)
    chosen = np.unique(np.linspace(0, len(states) - 1, _STARTS).round().astype(int))
    start = torch.from_numpy(states[chosen]).double()
    ends, speeds = _polished(step, _candidates(step, start, watch or Watch()), watch or Watch())
    found: list[FixedPoint] = []
    for number in torch.argsort(speeds).tolist():
        end = ends[number]
        if speeds[number] > _SLOW:
            break
        if any(_near(end.numpy(), point.state) for point in found):
            continue
        jacobian = torch.func.jacrev(step)(end)
        values = np.linalg.eigvals(jacobian.numpy())
        order = np.argsort(-np.abs(values), kind="stable")
        found.append(
            FixedPoint(end.numpy().copy(), float(speeds[number]), values[order].astype(complex))
        )
    return found


def _near(one: NDArray[np.float64], other: NDArray[np.float64]) -> bool:
    return bool(np.sqrt(np.square(one - other).mean()) < _SAME)


def _candidates(step: Callable[[Tensor], Tensor], start: Tensor, watch: Watch) -> Tensor:
    """States worth polishing: where the step moves least, and where it ends by itself."""
    settled = start[:: max(1, len(start) // _POLISHED)]
    for _ in range(_SETTLED):
        settled = step(settled)
    with torch.enable_grad():
        state = start.clone().requires_grad_()
        optimizer = torch.optim.Adam([state], lr=0.05)
        schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.99)
        for iteration in range(_ITERATIONS):
            watch.step(0.5 * iteration / _ITERATIONS)
            optimizer.zero_grad()
            torch.autograd.backward(_speed(step, state).sum())
            optimizer.step()
            schedule.step()
    slow = state.detach()
    best = torch.argsort(_speed(step, slow))[:_POLISHED]
    return torch.cat((settled[: _POLISHED // 2], slow[best]))


def _speed(step: Callable[[Tensor], Tensor], state: Tensor) -> Tensor:
    return 0.5 * (step(state) - state).square().sum(dim=-1)


def _polished(
    step: Callable[[Tensor], Tensor], states: Tensor, watch: Watch
) -> tuple[Tensor, Tensor]:
    """Newton's method from each state, a step halved until it helps; states and speeds."""
    found = []
    for number, state in enumerate(states):
        watch.step(0.5 + 0.5 * number / len(states))
        speed = float(_speed(step, state))
        for _ in range(_NEWTON):
            if speed < _SLOW / 100:
                break
            derivative = torch.func.jacrev(step)(state) - torch.eye(len(state)).to(state)
            move = torch.linalg.lstsq(derivative, (state - step(state))[:, None]).solution[:, 0]
            share = 1.0
            while share > 1e-3 and float(_speed(step, state + share * move)) >= speed:
                share /= 2
            if share <= 1e-3:
                break
            state = state + share * move
            speed = float(_speed(step, state))
        found.append((state, speed))
    return torch.stack([item[0] for item in found]), torch.tensor([item[1] for item in found])
