"""Keeps a run's state: checkpoints on disk, and the last good state in memory."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

from workbench.engine import events
from workbench.engine.checkpoint import (
    Checkpoint,
    load_checkpoint,
    load_optimizer,
    load_weights,
    model_tensors,
    optimizer_parts,
    save_checkpoint,
)
from workbench.engine.devices import clock
from workbench.engine.journal import Journal
from workbench.engine.moments import Album
from workbench.engine.progress import Progress
from workbench.errors import UserError
from workbench.models.base import SequenceModel
from workbench.tasks.base import State

MOMENT = "moment"
"""What ``events.Saved`` calls weights that are kept to look back at."""


@dataclass
class Memory:
    """What a run remembers besides its weights.

    Attributes:
        progress: Position and counters.
        carried: Recurrent state after the last step, where the task carries it.
        epochs: All validations.
        losses: Recent training losses.
    """

    progress: Progress
    carried: State | None = None
    epochs: list[events.EpochDone] = field(default_factory=list)
    losses: deque[float] = field(default_factory=lambda: deque(maxlen=300))


@dataclass(frozen=True)
class _Snapshot:
    step: int
    weights: dict[str, Tensor]
    moments: dict[str, Tensor]
    scalars: dict[str, Any]
    carried: State | None


class Keeper:
    """Saves and restores one run.

    Args:
        folder: The run's ``checkpoints`` folder.
        model: Its model.
        optimizer: Its optimiser.
        memory: What else it remembers.
        journal: For the offset of its events, and to say what was saved.
        data: What belongs to the data, stored with every checkpoint: ``codec``, ``fingerprint``.

    Attributes:
        unwritten: ``best`` and ``last``, where the disk refused the newest one.
    """

    def __init__(
        self,
        folder: Path,
        model: SequenceModel,
        optimizer: Optimizer,
        memory: Memory,
        journal: Journal,
        data: dict[str, Any],
    ) -> None:
        self._folder = folder
        self._model = model
        self._optimizer = optimizer
        self._memory = memory
        self._journal = journal
        self._data = data
        self._saved = clock()
        self._snapshot: _Snapshot | None = None
        self._album = Album(folder.parent, memory.progress.step)
        self.unwritten: set[str] = set()

    @property
    def age_s(self) -> float:
        """Seconds since the last checkpoint was tried."""
        return clock() - self._saved

    def save_last(self) -> Iterator[events.Event]:
        """Write the last checkpoint; a disk that refuses is said, and training goes on."""
        self._saved = clock()
        tensors = model_tensors(self._model)
        moments, scalars = optimizer_parts(self._optimizer)
        tensors |= moments
        tensors |= _carried(self._memory.carried)
        state = {
            "progress": self._memory.progress.to_json(),
            "optimizer": scalars,
            "snapshot": self._older_snapshot(tensors),
            "epochs": [done.to_json() for done in self._memory.epochs],
            "losses": list(self._memory.losses),
            "events": self._journal.offset(),
            **self._data,
        }
        yield from self._write("last", Checkpoint(tensors, state))

    def _older_snapshot(self, tensors: dict[str, Tensor]) -> dict[str, Any] | None:
        """Add the state to go back to, where it is not the present one, for a run that goes on."""
        kept = self._snapshot
        if kept is None or kept.step == self._memory.progress.step:
            return None
        parts = kept.weights | kept.moments | _carried(kept.carried)
        tensors |= {f"snapshot.{name}": tensor for name, tensor in parts.items()}
        return {"step": kept.step, "optimizer": kept.scalars}

    def save_best(self) -> Iterator[events.Event]:
        """Write the best weights; a disk that refuses is said, and training goes on."""
        state = {"progress": self._memory.progress.to_json(), **self._data}
        yield from self._write("best", Checkpoint(model_tensors(self._model), state))

    def save_moment(self, *, epoch_done: bool = False) -> Iterator[events.Event]:
        """Write the weights to look back at, where they are due; a disk that refuses is said."""
        step = self._memory.progress.step
        if not self._album.due(step, epoch_done=epoch_done):
            return
        state = {"progress": self._memory.progress.to_json(), **self._data}
        try:
            path = self._album.keep(self._model, step, state)
        except UserError as error:
            message = f"The weights of step {step:,} are not kept to look back at. {error.what}"
            yield self._journal.note(events.Noted, level="warning", message=message)
        else:
            file = path.relative_to(self._folder.parent).as_posix()
            yield self._journal.note(events.Saved, which=MOMENT, file=file)

    def _write(self, which: str, checkpoint: Checkpoint) -> Iterator[events.Event]:
        name = f"{which}.safetensors"
        try:
            save_checkpoint(self._folder / name, checkpoint, keep_previous=which == "last")
        except UserError as error:
            self.unwritten.add(which)
            message = f"{error.what} {error.todo}"
            yield self._journal.note(events.Noted, level="error", message=message)
        else:
            self.unwritten.discard(which)
            yield self._journal.note(events.Saved, which=which, file=f"checkpoints/{name}")

    def load(self, checkpoint: Checkpoint) -> None:
        """Put a ``last`` checkpoint back into model, optimiser and memory."""
        load_weights(self._model, checkpoint.part("model"))
        load_optimizer(self._optimizer, checkpoint.part("optimizer"), checkpoint.state["optimizer"])
        self._memory.carried = self._state(checkpoint.part("carried"))
        self.remember()
        if older := checkpoint.state.get("snapshot"):
            kept = Checkpoint(checkpoint.part("snapshot"), {})
            weights = {f"model.{name}": part for name, part in kept.part("model").items()}
            moments = {f"optimizer.{name}": part for name, part in kept.part("optimizer").items()}
            carried = self._state(kept.part("carried"))
            self._snapshot = _Snapshot(older["step"], weights, moments, older["optimizer"], carried)
        self._memory.losses.extend(checkpoint.state["losses"])
        for values in checkpoint.state["epochs"]:
            event = events.from_json(values)
            if isinstance(event, events.EpochDone):
                self._memory.epochs.append(event)

    def _state(self, parts: dict[str, Tensor]) -> State | None:
        """A carried state as stored, on the model's device."""
        device = next(self._model.parameters()).device
        names = sorted(parts, key=int)
        return tuple(parts[name].to(device) for name in names) or None

    def load_best(self) -> None:
        """Put the best weights into the model, where a validation has been made."""
        best = self._folder / "best.safetensors"
        if best.exists():
            load_weights(self._model, load_checkpoint(best).part("model"))

    def remember(self) -> None:
        """Keep the present state in memory, to go back to."""
        moments, scalars = optimizer_parts(self._optimizer)
        self._snapshot = _Snapshot(
            self._memory.progress.step,
            model_tensors(self._model),
            moments,
            scalars,
            self._memory.carried,
        )

    @torch.no_grad()
    def go_back(self) -> None:
        """Restore the state last remembered."""
        assert self._snapshot is not None
        kept = Checkpoint(self._snapshot.weights | self._snapshot.moments, {})
        load_weights(self._model, kept.part("model"))
        load_optimizer(self._optimizer, kept.part("optimizer"), self._snapshot.scalars)
        self._memory.carried = self._snapshot.carried


def _carried(state: State | None) -> dict[str, Tensor]:
    """A recurrent state as named tensors on the CPU."""
    return {f"carried.{index}": part.cpu().clone() for index, part in enumerate(state or ())}
