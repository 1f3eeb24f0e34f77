"""Where a run stands: the plain values that, with the weights, make it resumable."""

import math
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from workbench.specs import TrainingSpec


@dataclass
class Progress:
    """Position and counters of a run; stored with every checkpoint.

    Attributes:
        step: Optimiser steps done.
        epoch: Whole epochs done (and validated).
        index: Batches done within the epoch.
        time_s: Training time without pauses, across resumes.
        epoch_loss: Sum of the training losses of this epoch's batches.
        epoch_batches: Batches in it: those of dropped steps are not.
        best: Best validation value, or None.
        best_epoch: When it was reached.
        waited: Validations without improvement.
        rate_scale: Factor on the learning rate after bad steps.
        plateau_scale: Factor on the learning rate by the plateau schedule.
        plateau_waited: Validations without improvement since its last reduction.
        values: Live settings changed on the way, by dotted name.
        bad_steps: Steps dropped because something was not finite.
        splits: Parts each batch is cut into after memory ran out.
        device: Label of the device.
        threads: CPU threads inside one operation.
        precision: ``float32`` or ``bfloat16``.
    """

    step: int = 0
    epoch: int = 0
    index: int = 0
    time_s: float = 0.0
    epoch_loss: float = 0.0
    epoch_batches: int = 0
    best: float | None = None
    best_epoch: int = 0
    waited: int = 0
    rate_scale: float = 1.0
    plateau_scale: float = 1.0
    plateau_waited: int = 0
    values: dict[str, float] = field(default_factory=dict)
    bad_steps: int = 0
    splits: int = 1
    device: str = ""
    threads: int = 0
    precision: str = ""

    def finish_epoch(self, value: float, spec: TrainingSpec) -> None:
        """Count an epoch whose validation gave ``value``; what is not finite is never better."""
        self.epoch += 1
        self.index = 0
        self.epoch_loss, self.epoch_batches = 0.0, 0
        if math.isfinite(value) and (self.best is None or value < self.best):
            self.best, self.best_epoch = value, self.epoch
            self.waited = self.plateau_waited = 0
            return
        self.waited += 1
        self.plateau_waited += 1
        if spec.schedule == "plateau" and self.plateau_waited >= spec.schedule_every:
            self.plateau_scale *= spec.schedule_factor
            self.plateau_waited = 0

    @property
    def mean_loss(self) -> float:
        """Mean training loss of the epoch so far; NaN where every step of it was dropped."""
        return self.epoch_loss / self.epoch_batches if self.epoch_batches else math.nan

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Progress":
        """From plain values; unknown names are ignored."""
        known = {item.name for item in fields(cls)}
        return cls(**{key: value for key, value in values.items() if key in known})
