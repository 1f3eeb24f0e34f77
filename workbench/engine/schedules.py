"""The learning rate as a pure function of the position in the run.

Without a state of its own a schedule resumes exactly and can be combined with changes made while
the run goes on.
"""

import math

from workbench.specs import TrainingSpec


def schedule_factor(spec: TrainingSpec, progress: float) -> float:
    """Factor on the base rate.

    Args:
        spec: The training description.
        progress: Epochs done as a fraction, 0 ≤ progress ≤ ``spec.epochs``.

    Returns:
        A number > 0. ``plateau`` gives 1: its reductions depend on what was measured.

    Source:
        one-cycle: Smith and Topin (2018); the rate rises over the first 30 % and falls to 1/10,000.
    """
    share = min(max(progress / spec.epochs, 0.0), 1.0)
    if spec.schedule == "cosine":
        return 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * share))
    if spec.schedule == "one_cycle":
        if share < 0.3:
            return 0.04 + 0.96 * 0.5 * (1 - math.cos(math.pi * share / 0.3))
        return 1e-4 + (1 - 1e-4) * 0.5 * (1 + math.cos(math.pi * (share - 0.3) / 0.7))
    if spec.schedule == "step":
        late = int(progress) - spec.schedule_start
        return spec.schedule_factor ** max(
            0, math.floor(late / spec.schedule_every) + 1 if late >= 0 else 0
        )
    return 1.0
