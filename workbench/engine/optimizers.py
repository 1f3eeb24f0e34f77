"""Optimisers by name, fused where torch has it."""

from collections.abc import Iterable

import torch
from torch import nn
from torch.optim import SGD, Adam, AdamW, Optimizer, RMSprop

from workbench.specs import TrainingSpec


def make_optimizer(
    spec: TrainingSpec, parameters: Iterable[nn.Parameter], device: torch.device
) -> Optimizer:
    """Make the optimiser of a run; the rate is set anew before every step."""
    given = list(parameters)
    fused = device.type in ("cpu", "cuda", "mps")
    if spec.optimizer == "adam":
        return Adam(given, lr=spec.learning_rate, weight_decay=spec.weight_decay, fused=fused)
    if spec.optimizer == "adamw":
        return AdamW(given, lr=spec.learning_rate, weight_decay=spec.weight_decay, fused=fused)
    if spec.optimizer == "sgd":
        return SGD(
            given,
            lr=spec.learning_rate,
            momentum=spec.momentum,
            weight_decay=spec.weight_decay,
            fused=fused,
        )
    return RMSprop(
        given,
        lr=spec.learning_rate,
        alpha=0.95,
        momentum=spec.momentum,
        weight_decay=spec.weight_decay,
        foreach=True,
    )
