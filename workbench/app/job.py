"""The only file with threads: work runs behind the window, its results arrive in the window.

A worker is a plain Python thread that fills a queue; it touches no Qt object and emits no signal.
A timer of the window drains the queue at most 30 times a second and calls the handlers there.
"""

import queue
import sys
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, Qt, QTimer, Signal
from shiboken6 import isValid

from workbench.errors import UserError

DRAIN_MS = 33
"""Time between two drainings of the queue."""
STACK_BYTES = 16 << 20
"""Stack of a worker; the 512 kB that macOS gives crash inside linear algebra."""
SWITCH_INTERVAL_S = 0.0005
"""How long a busy worker keeps the interpreter from the window."""


@dataclass(frozen=True)
class JobState:
    """What goes on behind the window.

    Attributes:
        state: ``idle``, ``loading``, ``training``, ``paused`` or ``stopping``.
        message: One sentence on it, or empty.
        run: Id of the run that goes on, or empty.
        run_active: True while a run goes on, also where ``state`` says ``loading``.
    """

    state: str = "idle"
    message: str = ""
    run: str = ""
    run_active: bool = False


@dataclass(frozen=True)
class Handlers:
    """What is called in the window's thread.

    Attributes:
        done: Called once with what the function returned (None for a stream).
        failed: Called once, instead of ``done``, with the exception: a ``UserError``, or what
            ``keep`` names.
        told: Called with everything the worker told meanwhile, oldest first, in one list.
        keep: Exceptions handed over as they are.
    """

    done: Callable[[Any], None]
    failed: Callable[[Exception], None]
    told: Callable[[list[Any]], None] | None = None
    keep: tuple[type[Exception], ...] = ()


class Ticket:
    """One piece of work behind the window: cancel it, or tell the window how far it is.

    Attributes:
        number: Its id; results of a forgotten number are dropped.
    """

    def __init__(self, number: int, messages: "queue.SimpleQueue[tuple[int, str, Any]]") -> None:
        self.number = number
        self._messages = messages
        self._cancelled = threading.Event()
        self._on_cancel: Callable[[], None] | None = None

    def cancel(self) -> None:
        """Ask it to end; thread-safe, returns at once."""
        self._cancelled.set()
        if self._on_cancel is not None:
            self._on_cancel()

    def on_cancel(self, function: Callable[[], None]) -> None:
        """Name what else ``cancel`` calls, such as a run's ``Control.stop``."""
        self._on_cancel = function
        if self._cancelled.is_set():
            function()

    def is_cancelled(self) -> bool:
        """Whether it was asked to end; the work looks at it often."""
        return self._cancelled.is_set()

    def tell(self, value: Any) -> None:
        """Send a value to the window (from the worker)."""
        self._messages.put((self.number, "told", value))


@dataclass
class _Call:
    ticket: Ticket
    thread: threading.Thread
    handlers: Handlers | None


class Job(QObject):
    """Runs functions and streams of events behind the window.

    Attributes:
        idle: Emitted when the last piece of work has ended and its thread is gone.
    """

    idle = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._messages: queue.SimpleQueue[tuple[int, str, Any]] = queue.SimpleQueue()
        self._calls: dict[int, _Call] = {}
        self._deliveries: deque[Callable[[], None]] = deque()
        self._last_number = 0
        self._usual_interval: float | None = None
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(DRAIN_MS)
        self._timer.timeout.connect(self._drain)

    # ------------------------------------------------------------------ starting

    @property
    def busy(self) -> bool:
        """Whether anything runs."""
        return bool(self._calls)

    def run(self, function: Callable[[Ticket], Any], handlers: Handlers) -> Ticket:
        """Run ``function(ticket)`` behind the window; its result or error goes to ``handlers``."""
        self._last_number += 1
        ticket = Ticket(self._last_number, self._messages)
        thread = threading.Thread(
            target=_work, args=(function, ticket, self._messages),
            name=f"workbench-{ticket.number}", daemon=False,
        )  # fmt: skip
        if self._usual_interval is None:
            self._usual_interval = sys.getswitchinterval()
            sys.setswitchinterval(SWITCH_INTERVAL_S)
        self._calls[ticket.number] = _Call(ticket, thread, handlers)
        usual = threading.stack_size(STACK_BYTES)
        try:
            thread.start()
        finally:
            threading.stack_size(usual)
        self._timer.start()
        return ticket

    def stream(self, make: Callable[[Ticket], Iterable[Any]], handlers: Handlers) -> Ticket:
        """Iterate ``make(ticket)`` behind the window; everything it yields goes to ``told``.

        Cancelling does not tear the stream: it calls what ``ticket.on_cancel`` was given, and the
        stream ends by itself.
        """

        def pump(ticket: Ticket) -> None:
            for item in make(ticket):
                ticket.tell(item)

        return self.run(pump, handlers)

    def forget(self, ticket: Ticket) -> None:
        """Cancel a piece of work and drop whatever still comes of it."""
        call = self._calls.get(ticket.number)
        if call is not None:
            call.handlers = None
        ticket.cancel()

    # ------------------------------------------------------------------ delivering

    def _drain(self) -> None:
        """Deliver what has come: one call of ``told`` per piece of work, then its end."""
        told: dict[int, list[Any]] = {}
        for _ in range(self._messages.qsize()):
            number, kind, value = self._messages.get_nowait()
            if kind == "told":
                if number not in told:
                    told[number] = []
                    self._deliveries.append(_bind(self._deliver_told, number, told[number]))
                told[number].append(value)
            else:
                told.pop(number, None)
                self._deliveries.append(_bind(self._deliver_end, number, (kind, value)))
        while self._deliveries:
            self._deliveries.popleft()()

    def _deliver_told(self, number: int, values: list[Any]) -> None:
        call = self._calls.get(number)
        handlers = call.handlers if call else None
        if handlers is not None and handlers.told is not None and _alive(handlers.told):
            handlers.told(values)

    def _deliver_end(self, number: int, end: tuple[str, Any]) -> None:
        call = self._calls.pop(number, None)
        if call is None:
            return
        call.thread.join()
        try:
            if call.handlers is not None:
                _hand_over(call.handlers, end)
        finally:
            if not self._calls:
                self._rest()

    def _rest(self) -> None:
        self._timer.stop()
        if self._usual_interval is not None:
            sys.setswitchinterval(self._usual_interval)
            self._usual_interval = None
        self.idle.emit()

    # ------------------------------------------------------------------ closing

    def cancel_all(self) -> None:
        """Ask everything to end; results still arrive."""
        for call in list(self._calls.values()):
            call.ticket.cancel()

    def close(self) -> None:
        """Ask everything to end, drop its results and wait until every thread is gone."""
        calls = list(self._calls.values())
        for call in calls:
            self.forget(call.ticket)
        for call in calls:
            call.thread.join()
        self._deliveries.clear()
        if calls:
            self._calls.clear()
            self._rest()


def _bind(function: Callable[[int, Any], None], number: int, value: Any) -> Callable[[], None]:
    return lambda: function(number, value)


def _hand_over(handlers: Handlers, end: tuple[str, Any]) -> None:
    kind, value = end
    if kind == "done":
        handler = handlers.done
    else:
        handler = handlers.failed
        error, details = value
        value = _for_people(error, details, handlers.keep)
    if _alive(handler):
        handler(value)


def _alive(handler: Callable[..., None]) -> bool:
    """Whether the Qt object a handler belongs to still exists."""
    owner = getattr(handler, "__self__", None)
    return not isinstance(owner, QObject) or isValid(owner)


def _work(
    function: Callable[[Ticket], Any],
    ticket: Ticket,
    messages: "queue.SimpleQueue[tuple[int, str, Any]]",
) -> None:
    """The worker: whatever happens, exactly one end is told."""
    try:
        result = function(ticket)
    except BaseException as error:
        details = "".join(traceback.format_exception(error))
        error.__traceback__ = error.__context__ = None  # they would keep the worker's arrays alive
        messages.put((ticket.number, "failed", (error, details)))
    else:
        messages.put((ticket.number, "done", result))


def _for_people(
    error: BaseException, details: str, keep: tuple[type[Exception], ...]
) -> BaseException:
    """Keep what a user can mend; give anything else a sentence, with the traceback beside it."""
    if isinstance(error, (UserError, *keep)):
        return error
    words = QCoreApplication.translate("Job", "An unexpected error stopped this: {0}: {1}.")
    todo = QCoreApplication.translate(
        "Job", "Try again; where it happens again, copy the details and report them."
    )
    return UserError(words.format(type(error).__name__, error), todo, details)
