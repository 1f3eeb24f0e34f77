"""What is asked of a run that goes on; the trainer looks between steps."""

import threading
from collections import deque
from dataclasses import dataclass
from typing import Any

from workbench.errors import UserError
from workbench.experiment import fields


@dataclass(frozen=True)
class Request:
    """One thing asked for.

    Attributes:
        kind: ``value``, ``sample``, ``probe`` or ``checkpoint``.
        values: What goes with it.
    """

    kind: str
    values: dict[str, Any]


class Control:
    """Thread-safe: any thread asks, the trainer answers with events at a step boundary."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._requests: deque[Request] = deque()
        self._paused = False
        self._stopping = False
        self._discarding = False

    @property
    def paused(self) -> bool:
        """Whether the run waits."""
        return self._paused

    @property
    def stopping(self) -> bool:
        """Whether the run is to end after this step."""
        return self._stopping

    @property
    def discarding(self) -> bool:
        """Whether it is to be thrown away."""
        return self._discarding

    def pause(self) -> None:
        """Wait after this step."""
        with self._condition:
            self._paused = True
            self._condition.notify_all()

    def resume(self) -> None:
        """Go on."""
        with self._condition:
            self._paused = False
            self._condition.notify_all()

    def stop(self) -> None:
        """End after this step and keep everything."""
        with self._condition:
            self._stopping = True
            self._condition.notify_all()

    def discard(self) -> None:
        """End after this step and throw the run away."""
        with self._condition:
            self._stopping = self._discarding = True
            self._condition.notify_all()

    def set_value(self, name: str, value: float) -> None:
        """Change a live setting such as ``training.learning_rate``.

        Raises:
            UserError: Where the field is not live or the value is out of range.
        """
        known = {item.name: item for item in fields() if item.live}
        if name not in known:
            raise UserError(
                f"{name} cannot change while a run goes on.", f"These can: {', '.join(known)}."
            )
        if not known[name].admits(value):
            raise UserError(
                f"{name} is {value:g}; it must be {known[name].allowed}.",
                "Choose a value in that range.",
            )
        self._ask("value", name=name, value=float(value))

    def request_sample(
        self,
        prompt: str | None = None,
        temperature: float | None = None,
        length: int | None = None,
    ) -> None:
        """Ask for a preview now; its settings stay for the following ones."""
        self._ask("sample", prompt=prompt, temperature=temperature, length=length)

    def request_probe(self) -> None:
        """Ask for the probe's states now."""
        self._ask("probe")

    def request_checkpoint(self) -> None:
        """Ask for a checkpoint now."""
        self._ask("checkpoint")

    def _ask(self, kind: str, **values: Any) -> None:
        with self._condition:
            self._requests.append(Request(kind, values))
            self._condition.notify_all()

    def take(self) -> list[Request]:
        """All requests since the last call (the trainer's side)."""
        if not self._requests:
            return []
        with self._condition:
            taken = list(self._requests)
            self._requests.clear()
        return taken

    def wait_while_paused(self) -> None:
        """Return when there is something to do: continued, stopped, or a request."""
        with self._condition:
            self._condition.wait_for(lambda: not self._paused or self._stopping or self._requests)
