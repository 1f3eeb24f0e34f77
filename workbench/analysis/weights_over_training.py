"""How norms and eigenvalues of the weights moved while a model learned."""

from dataclasses import dataclass

from workbench.analysis.weights import recurrent_eigenvalues, weight_parts
from workbench.data.findings import Watch
from workbench.engine.checkpoint import load_checkpoint, load_weights
from workbench.engine.loading import Loaded
from workbench.engine.moments import gradient_norms
from workbench.engine.seeding import make_generator
from workbench.runs import Moment

PartKey = tuple[str, int]
"""A matrix by its name in the model, and which of its gates."""


@dataclass(frozen=True)
class MomentNumbers:
    """Numbers of the weights at one moment.

    Attributes:
        step: Optimiser steps done.
        norms: Norm of every part.
        gradients: Norm of its gradient in the step before; a part that had none is left out.
        radii: Size of the largest eigenvalue of every recurrent matrix, by layer, direction and
            gate.
    """

    step: int
    norms: dict[PartKey, float]
    gradients: dict[PartKey, float]
    radii: dict[tuple[int, int, str], float]


def over_training(
    loaded: Loaded, moments: list[Moment], known: dict[int, MomentNumbers], watch: Watch
) -> list[MomentNumbers]:
    """Read the moments of a run that are not known yet.

    Args:
        loaded: The run's task and any of its models; it is not changed.
        moments: Of the same run, the earliest first.
        known: By step; what is read is added.
        watch: Told how far it is.

    Returns:
        Numbers of every moment, the earliest first.

    Raises:
        Cancelled: Where ``watch`` says so; what was read until then is known.
        UserError: Where a moment cannot be read.
    """
    model = loaded.task.build_model(make_generator(loaded.experiment.seed, "weights")).eval()
    for number, moment in enumerate(moments):
        if moment.step in known:
            continue
        watch.step(number / len(moments))
        load_weights(model, load_checkpoint(moment.path).part("model"))
        radii = {
            (layer, direction, gate): float(abs(values[0]))
            for layer in range(model.stack.num_layers)
            for direction in range(model.stack.directions)
            for gate, values in recurrent_eigenvalues(model.stack, layer, direction).items()
        }
        gradients = {
            (name, block): norm
            for name, norms in gradient_norms(moment).items()
            for block, norm in enumerate(norms)
        }
        norms = {(part.parameter, part.block): part.norm for part in weight_parts(model)}
        known[moment.step] = MomentNumbers(moment.step, norms, gradients, radii)
    return [known[moment.step] for moment in moments]
