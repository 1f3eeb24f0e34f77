"""Checkpoints: one safetensors file with everything a run needs to go on.

Tensors hold weights, optimiser moments and the carried state; one JSON text in the file's metadata
holds the rest, with a SHA-256 of each tensor. Nothing in it can run code. A checkpoint is written
to a temporary file, flushed, read back and renamed; the one before is kept beside it.
"""

import hashlib
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn
from torch.optim import Optimizer

from workbench.errors import UserError
from workbench.files import write_atomic

FORMAT_VERSION = 1
_KEY = "workbench"
_NOT_FINITE = "not_finite"


@dataclass(frozen=True)
class Checkpoint:
    """What a file holds.

    Attributes:
        tensors: All tensors by name: ``model.*``, ``optimizer.*``, ``carried.*``.
        state: Plain values: position, counters, settings changed on the way, optimiser scalars.
    """

    tensors: dict[str, Tensor]
    state: dict[str, Any]

    def part(self, prefix: str) -> dict[str, Tensor]:
        """The tensors whose names start with ``prefix.``, without it."""
        start = prefix + "."
        return {
            name[len(start) :]: tensor
            for name, tensor in self.tensors.items()
            if name.startswith(start)
        }


def model_tensors(model: nn.Module) -> dict[str, Tensor]:
    """Copies of the weights by name, on the CPU; tied weights appear once."""
    return {
        f"model.{name}": tensor.detach().cpu().clone() for name, tensor in model.named_parameters()
    }


def load_weights(model: nn.Module, weights: dict[str, Tensor]) -> None:
    """Put weights into a model.

    Raises:
        UserError: Where names or shapes do not fit.
    """
    own = dict(model.named_parameters())
    if own.keys() != weights.keys():
        odd = sorted(own.keys() ^ weights.keys())[0]
        raise UserError(
            f"The checkpoint does not fit the model: {odd} is on one side only.",
            "Use the experiment the checkpoint was made with.",
        )
    with torch.no_grad():
        for name, parameter in own.items():
            if parameter.shape != weights[name].shape:
                raise UserError(
                    f"The checkpoint does not fit the model: {name} is "
                    f"{tuple(weights[name].shape)}, the model has {tuple(parameter.shape)}.",
                    "Use the experiment the checkpoint was made with.",
                )
            parameter.copy_(weights[name])


def optimizer_parts(optimizer: Optimizer) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Split an optimiser's state into tensors and plain values."""
    tensors: dict[str, Tensor] = {}
    scalars: dict[str, Any] = {}
    for index, values in optimizer.state_dict()["state"].items():
        for key, value in values.items():
            if isinstance(value, Tensor):
                tensors[f"optimizer.{index}.{key}"] = value.detach().cpu().clone()
            elif value is not None:
                scalars[f"{index}.{key}"] = value
    return tensors, scalars


def load_optimizer(
    optimizer: Optimizer, tensors: dict[str, Tensor], scalars: dict[str, Any]
) -> None:
    """Put back what ``optimizer_parts`` took apart (names without the ``optimizer.`` prefix)."""
    state: dict[int, dict[str, Any]] = {}
    for name, value in (*tensors.items(), *scalars.items()):
        index, _, key = name.partition(".")
        state.setdefault(int(index), {})[key] = value
    full = optimizer.state_dict()
    optimizer.load_state_dict({"state": state, "param_groups": full["param_groups"]})


def save_checkpoint(path: Path, checkpoint: Checkpoint, keep_previous: bool = False) -> None:
    """Write a checkpoint so that at any moment a whole one is on disk.

    Args:
        path: Where to.
        checkpoint: What.
        keep_previous: Rename the file that stands there to ``previous.safetensors`` first.

    Raises:
        UserError: Where the disk is full, read-only or gone; what stood there is untouched.
    """
    tensors = {name: tensor.contiguous() for name, tensor in checkpoint.tensors.items()}
    header = {
        "format_version": FORMAT_VERSION,
        "state": _strict(checkpoint.state),
        "sha256": {name: _digest(tensor) for name, tensor in tensors.items()},
    }
    data = save(tensors, metadata={_KEY: json.dumps(header, allow_nan=False)})
    fresh = path.with_name(path.stem + ".new.safetensors")
    write_atomic(fresh, data)
    if fresh.stat().st_size != len(data) or _file_digest(fresh) != hashlib.sha256(data).digest():
        fresh.unlink(missing_ok=True)
        raise UserError(
            f"The checkpoint {path.name} read back differently from what was written.",
            "Check the disk; the checkpoint before is untouched.",
        )
    if keep_previous and path.exists():
        path.replace(path.with_name("previous.safetensors"))
    fresh.replace(path)


def _strict(value: Any) -> Any:
    """Plain values without NaN and infinity, which JSON has no words for."""
    if isinstance(value, dict):
        return {key: _strict(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_strict(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return {_NOT_FINITE: str(value)}
    return value


def _as_it_was(values: dict[str, Any]) -> Any:
    return float(values[_NOT_FINITE]) if values.keys() == {_NOT_FINITE} else values


def load_checkpoint(path: Path) -> Checkpoint:
    """Read and verify a checkpoint.

    Raises:
        UserError: Where it is missing, cut off, of a newer format, or a tensor's bytes changed.
    """
    todo = "Use the other checkpoint of the run."
    try:
        with safe_open(path, framework="pt") as file:
            header = json.loads((file.metadata() or {})[_KEY], object_hook=_as_it_was)
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
    except FileNotFoundError:
        raise UserError(f"There is no checkpoint {path}.", todo) from None
    except (SafetensorError, KeyError, ValueError, OSError, RecursionError) as error:
        raise UserError(f"The checkpoint {path.name} cannot be read: {error}.", todo) from None
    if header.get("format_version", 0) > FORMAT_VERSION:
        raise UserError(
            f"The checkpoint {path.name} has format {header['format_version']}; this program reads "
            f"up to {FORMAT_VERSION}.",
            "Update the program.",
        )
    for name, tensor in tensors.items():
        if header["sha256"].get(name) != _digest(tensor):
            raise UserError(
                f"The checkpoint {path.name} is damaged: the bytes of {name} changed.", todo
            )
    return Checkpoint(tensors, header["state"])


def load_newest(folder: Path) -> Checkpoint:
    """The last checkpoint of a run's ``checkpoints`` folder, or the one before where it is bad.

    Raises:
        UserError: Where none can be read.
    """
    first: UserError | None = None
    for name in ("last.safetensors", "last.new.safetensors", "previous.safetensors"):
        try:
            return load_checkpoint(folder / name)
        except UserError as error:
            first = first or error
    assert first is not None
    raise first


def _digest(tensor: Tensor) -> str:
    return hashlib.sha256(tensor.contiguous().view(-1).view(torch.uint8).numpy().data).hexdigest()


def _file_digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
