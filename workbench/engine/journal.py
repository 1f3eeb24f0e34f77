"""Writes the events of a run to its folder as they happen."""

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

import numpy as np
from safetensors.numpy import save

from workbench.engine import events
from workbench.engine.checkpoint import Checkpoint
from workbench.engine.progress import Progress
from workbench.errors import UserError
from workbench.files import write_atomic
from workbench.runs import RunFolder

E = TypeVar("E", bound=events.Event)


class Journal:
    """Stamps events with run, step and time, and appends them to ``events.jsonl``."""

    def __init__(self, folder: RunFolder, progress: Progress) -> None:
        self._folder = folder
        self._progress = progress

    def stamp(self) -> dict[str, Any]:
        """Run, step and time of an event that happens now."""
        return {
            "run": self._folder.id,
            "step": self._progress.step,
            "time_s": round(self._progress.time_s, 6),
        }

    def note(self, kind: type[E], **values: Any) -> E:
        """Make an event that happens now and write it."""
        return self.write(kind(**self.stamp(), **values))

    def write(self, event: E) -> E:
        """Write an event."""
        self._folder.append_event(event.to_json())
        return event

    def show(self, kind: str, values: dict[str, Any]) -> events.Event:
        """Write a preview or a probe trace; its arrays go to a file of their own."""
        if kind == "probe_traced":
            file = self._store(values["quantities"])
            return self.note(events.ProbeTraced, **values, file=file)
        if kind == "sampled":
            return self.note(events.Sampled, **values)
        return self.note(events.Forecasted, **values)

    def show_all(self, made: Iterable[tuple[str, dict[str, Any]]]) -> Iterator[events.Event]:
        """``show`` each, of what a ``Previewer`` made."""
        for kind, values in made:
            yield self.show(kind, values)

    def _store(self, arrays: dict[str, np.ndarray]) -> str:
        name = f"probe/{self._progress.step:09d}.safetensors"
        try:
            write_atomic(self._folder.path / name, save(arrays))
        except UserError:  # a full disk costs the history of the probe, never the run
            return ""
        return name

    def end(
        self,
        state: str,
        reason: str,
        todo: str = "",
        **values: Any,
    ) -> events.RunEnded:
        """Write the last event and close the books; ``values`` are further fields of it."""
        ended = self.note(events.RunEnded, state=state, reason=reason, todo=todo, **values)
        self._folder.update(
            state=state, reason=reason, metrics=ended.metrics, time_s=self._progress.time_s
        )
        self._folder.flush()
        return ended

    def offset(self) -> int:
        """Bytes written so far: what lies behind is cut off when a checkpoint is resumed."""
        self._folder.flush()
        return self._folder.event_offset

    def rewind(self, checkpoint: Checkpoint | None) -> None:
        """Cut off what was written after a checkpoint (all of it where there is none)."""
        self._folder.truncate_events(checkpoint.state["events"] if checkpoint else 0)
