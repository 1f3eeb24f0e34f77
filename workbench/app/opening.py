"""Opening files behind the window: one at a time, with progress, cancel and an early preview."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from workbench.app.job import Handlers, Job, Ticket
from workbench.app.loader import Loaded, Loading
from workbench.data.findings import Cancelled


class Opening(QObject):
    """The file that is being opened, if any.

    Attributes:
        changed: Something is being opened, or no longer.
        progress: Share read, 0…1.
        previewed: A ``Loaded`` whose rest is still being read.
        opened: The whole ``Loaded``.
        failed: The ``UserError`` it ended with.
        message: What is being opened, in a sentence; empty where nothing is.
    """

    changed = Signal()
    progress = Signal(float)
    previewed = Signal(object)
    opened = Signal(object)
    failed = Signal(object)

    def __init__(self, job: Job, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._job = job
        self._ticket: Ticket | None = None
        self.message = ""

    @property
    def active(self) -> bool:
        """Whether something is being opened."""
        return self._ticket is not None

    def begin(self, function: Callable[[Loading], Loaded], message: str) -> None:
        """Open something; an opening that goes on is given up."""
        self.cancel()

        def work(ticket: Ticket) -> Loaded:
            return function(Loading(ticket.tell, ticket.tell, ticket.is_cancelled))

        self.message = message
        handlers = Handlers(self._done, self._failed, self._told, keep=(Cancelled,))
        self._ticket = self._job.run(work, handlers)
        self.changed.emit()

    def cancel(self) -> None:
        """Give up what is being opened; nothing more comes of it."""
        if self._ticket is not None:
            self._job.forget(self._ticket)
            self._end()

    def _end(self) -> None:
        self._ticket = None
        self.message = ""
        self.changed.emit()

    def _told(self, values: list[Any]) -> None:
        for value in values:
            if isinstance(value, Loaded):
                self.previewed.emit(value)
        shares = [value for value in values if not isinstance(value, Loaded)]
        if shares:
            self.progress.emit(float(shares[-1]))

    def _done(self, loaded: Loaded) -> None:
        self._end()
        self.opened.emit(loaded)

    def _failed(self, error: Exception) -> None:
        self._end()
        self.failed.emit(error)
