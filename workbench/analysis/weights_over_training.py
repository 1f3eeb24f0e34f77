"""How norms and eigenvalues of the weights moved while a model learned.

Shapes: M moments of the training.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.analysis.weights import recurrent_eigenvalues
from workbench.data.findings import Watch
from workbench.engine.checkpoint import load_checkpoint, load_weights
from workbench.engine.loading import Loaded
from workbench.engine.moments import gradient_norms
from workbench.engine.seeding import make_generator
from workbench.runs import Moment


@dataclass(frozen=True, eq=False)
class OverTraining:
    """Numbers of every moment.

    Attributes:
        steps: Optimiser steps ``(M,)``.
        norms: Norm of every matrix ``(M,)``, by its name in the model.
        gradients: Norm of its gradient in the step before, NaN where there is none ``(M,)``.
        radii: Size of the largest eigenvalue of every recurrent matrix ``(M,)``, by layer,
            direction and gate.
    """

    steps: NDArray[np.float64]
    norms: dict[str, NDArray[np.float64]]
    gradients: dict[str, NDArray[np.float64]]
    radii: dict[tuple[int, int, str], NDArray[np.float64]]


def over_training(loaded: Loaded, moments: list[Moment], watch: Watch) -> OverTraining:
    """Read every moment of a run.

    Args:
        loaded: The run's task and any of its models; it is not changed.
        moments: Of the same run, the earliest first.
        watch: Told how far it is.

    Raises:
        Cancelled: Where ``watch`` says so.
        UserError: Where a moment cannot be read.
    """
    model = loaded.task.build_model(make_generator(loaded.experiment.seed, "weights")).eval()
    names = [name for name, _weight in model.named_parameters()]
    norms: dict[str, list[float]] = {name: [] for name in names}
    gradients: dict[str, list[float]] = {name: [] for name in names}
    radii: dict[tuple[int, int, str], list[float]] = {}
    for number, moment in enumerate(moments):
        watch.step(number / len(moments))
        load_weights(model, load_checkpoint(moment.path).part("model"))
        known = gradient_norms(moment)
        for name, weight in model.named_parameters():
            norms[name].append(float(weight.detach().double().norm()))
            gradients[name].append(known.get(name, float("nan")))
        for layer in range(model.stack.num_layers):
            for direction in range(model.stack.directions):
                found = recurrent_eigenvalues(model.stack, layer, direction)
                for gate, values in found.items():
                    radii.setdefault((layer, direction, gate), []).append(float(abs(values[0])))
    return OverTraining(
        np.array([float(moment.step) for moment in moments]),
        {name: np.array(values) for name, values in norms.items()},
        {name: np.array(values) for name, values in gradients.items()},
        {key: np.array(values) for key, values in radii.items()},
    )
