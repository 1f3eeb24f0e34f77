"""Work behind the window for a view that only ever wants the newest answer."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from workbench.data.findings import Watch

if TYPE_CHECKING:
    from workbench.app.session import Session


class LatestWork(QObject):
    """Runs a function in the background; an answer that was overtaken by a newer wish is dropped.

    While one function runs, only the newest of those asked for meanwhile waits for its turn, so
    that dragging never piles up work.
    """

    done = Signal(object)
    """What the function returned."""
    failed = Signal(object)
    """The exception it ended with."""
    progressed = Signal(float)
    """Share done, 0…1, of a function asked for with ``ask_watched``."""

    def __init__(self, session: "Session", parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._running: Any = None
        self._unwanted = False
        self._next: Callable[[Watch], Any] | None = None

    @property
    def busy(self) -> bool:
        """Whether an answer is still to come."""
        return self._next is not None or (self._running is not None and not self._unwanted)

    def ask(self, function: Callable[[Callable[[], bool]], Any]) -> None:
        """Run ``function(cancelled)``; what runs already is told to stop and its answer dropped."""
        self.ask_watched(lambda watch: function(watch.cancelled or (lambda: False)))

    def ask_watched(self, function: Callable[[Watch], Any]) -> None:
        """As ``ask``, for a function that also tells how far it is."""
        if self._running is not None:
            self._next = function
            self._running.cancel()
            return
        self._running = self._session.run_watched(
            function, self._finish, self._fail, self._tell_progress
        )

    def cancel(self) -> None:
        """Give up what runs; it ends with ``failed``, by ``Cancelled``."""
        self._next = None
        if self._running is not None:
            self._running.cancel()

    def forget(self) -> None:
        """Want no answer any more; what is asked for next waits until what runs has ended."""
        self._next = None
        if self._running is not None:
            self._unwanted = True
            self._running.cancel()

    def _go_on(self) -> bool:
        """Start what waits; True where the answer at hand is out of date."""
        unwanted, self._unwanted, self._running = self._unwanted, False, None
        function, self._next = self._next, None
        if function is not None:
            self.ask_watched(function)
        return unwanted or function is not None

    def _finish(self, result: Any) -> None:
        if not self._go_on():
            self.done.emit(result)

    def _fail(self, error: Exception) -> None:
        if not self._go_on():
            self.failed.emit(error)

    def _tell_progress(self, shares: list[float]) -> None:
        self.progressed.emit(shares[-1])
