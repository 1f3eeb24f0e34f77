"""What a job will need, before it is started."""

from dataclasses import dataclass

from torch import nn

from workbench.engine.devices import choose_device, keep_freed_memory, wants_bfloat16
from workbench.engine.optimizers import make_optimizer
from workbench.engine.seeding import make_generator
from workbench.engine.step import StepMaker
from workbench.engine.warmup import peak_memory_bytes, warm_up
from workbench.experiment import Experiment
from workbench.tasks.base import Task


@dataclass(frozen=True)
class Block:
    """One box of the network's diagram.

    Attributes:
        name: For people: ``Embedding``, ``LSTM layer 1``.
        detail: A second line, such as its dropout.
        shape: Shape of what leaves it, ``B × 64 × 256``.
        parameters: Trained numbers in it.
    """

    name: str
    detail: str
    shape: str
    parameters: int


@dataclass(frozen=True)
class Estimate:
    """What is known without training.

    Attributes:
        parameters: Trained numbers.
        peak_memory_bytes: Estimate of the job's peak memory.
        input_shape: Shape of one batch of inputs.
        blocks: The network from input to output.
        steps_per_epoch: Optimiser steps.
    """

    parameters: int
    peak_memory_bytes: int
    input_shape: str
    blocks: tuple[Block, ...]
    steps_per_epoch: int


def estimate(experiment: Experiment, task: Task) -> Estimate:
    """Describe the model of an experiment.

    Args:
        experiment: The job.
        task: As ``prepare_task`` made it from the same experiment.
    """
    model = task.build_model(make_generator(experiment.seed, "weights"))
    batch = task.batch("train", 0, 0)
    return Estimate(
        parameters=_count(model),
        peak_memory_bytes=peak_memory_bytes(model, task, experiment.training.optimizer),
        input_shape=" × ".join(str(size) for size in batch.inputs[0].shape),
        blocks=_blocks(
            model, batch.inputs[0].shape[0], batch.inputs[0].shape[1], tuple(batch.targets.shape)
        ),
        steps_per_epoch=task.batches("train") // experiment.training.accumulation,
    )


def measure_epoch_time(experiment: Experiment, task: Task) -> tuple[float, str]:
    """Run a short warm-up; return seconds per epoch and a sentence on threads and precision.

    Raises:
        UserError: Where the device's name means nothing.
    """
    keep_freed_memory()
    device = choose_device(experiment.training.device)
    model = task.build_model(make_generator(experiment.seed, "weights")).to(device.torch)
    task.to(device.torch)
    bfloat16 = wants_bfloat16(experiment, device.torch)
    optimizer = make_optimizer(experiment.training, model.parameters(), device.torch)
    maker = StepMaker(task, model, optimizer, experiment, bfloat16)
    model.train()
    done = warm_up(maker, task, experiment.training.threads)
    precision = "bfloat16" if bfloat16 else "float32"
    return done.step_s * task.batches("train"), f"{done.message} {precision} on {device.label}."


def _count(module: nn.Module | None) -> int:
    return 0 if module is None else sum(p.numel() for p in module.parameters())


def _blocks(model: nn.Module, rows: int, steps: int, target: tuple[int, ...]) -> tuple[Block, ...]:
    stack = model.stack
    found = []
    if hasattr(model, "embedding"):
        width = model.embedding.embedding_dim
        found.append(
            Block("Embedding", _share("dropout", model.embedding_dropout.share),
                  f"{rows} × {steps} × {width}", _count(model.embedding))
        )  # fmt: skip
    else:
        level = {
            "none": "none",
            "last_value": "minus last value",
            "mean_std": "mean 0, deviation 1",
        }
        width = stack.layers[0].input_size
        found.append(
            Block("Window level", level[model.instance_norm], f"{rows} × {steps} × {width}", 0)
        )
    for index, layer in enumerate(stack.layers):
        details = ["both directions"] if stack.directions == 2 else []
        if stack.residual:
            details.append("residual")
        if isinstance(stack.norms[index], nn.LayerNorm):
            details.append("layer norm")
        if index < len(stack.between):
            details.append(_share("dropout", stack.between[index].share))
        found.append(
            Block(
                f"{stack.cell.label} layer {index + 1}",
                ", ".join(part for part in details if part),
                f"{rows} × {steps} × {stack.output_size}",
                _count(layer) + _count(stack.norms[index]),
            )
        )
    found.append(_head(model, rows, steps, target))
    return tuple(found)


def _head(model: nn.Module, rows: int, steps: int, target: tuple[int, ...]) -> Block:
    if hasattr(model, "embedding"):
        tied = model.head.weight is model.embedding.weight
        parameters = model.head.bias.numel() if tied else _count(model.head)
        detail = "tied to the embedding" if tied else _share("dropout", model.output_dropout.share)
        return Block(
            "Linear to symbols", detail, f"{rows} × {steps} × {model.head.out_features}", parameters
        )
    parts = [_share("dropout", model.output_dropout.share)]
    if model.known_head is not None:
        parts.append("+ known future")
    if model.shortcut is not None:
        parts.append("+ linear shortcut")
    shape = " × ".join(
        str(size) for size in (*target, *([model.outputs] if model.outputs > 1 else []))
    )
    parameters = _count(model.head) + _count(model.known_head) + _count(model.shortcut)
    return Block("Linear to horizon", " ".join(part for part in parts if part), shape, parameters)


def _share(name: str, share: float) -> str:
    return f"{name} {share:g}" if share else ""
