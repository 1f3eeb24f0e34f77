"""Imports the heavy libraries behind the window that is already shown."""

import importlib

from PySide6.QtCore import QObject, Signal

from workbench.app.job import Handlers, Job, Ticket

PICTURES = ("numpy", "pyqtgraph")
"""What the pages with pictures need."""
ENGINE = ("pandas", "torch", "torch._dynamo")
"""What data and training need; the optimisers import ``torch._dynamo`` on first use."""


class Preload(QObject):
    """Imports libraries in the background, so that the first page and the first Train are quick.

    Attributes:
        pictures_ready: Pages with pictures can be made.
        ready: Everything is imported.
        pictures: True once ``pictures_ready`` was emitted.
        started: True once it has begun.
    """

    pictures_ready = Signal()
    ready = Signal()

    def __init__(self, job: Job, more: tuple[str, ...] = (), parent: QObject | None = None) -> None:
        """Prepare, without starting.

        Args:
            job: Does the work.
            more: Further modules to import after the libraries.
            parent: As for every QObject.
        """
        super().__init__(parent)
        self._job, self._more = job, more
        self.pictures = False
        self.started = False

    def start(self) -> None:
        """Begin, once; call it when the window has been painted."""
        if self.started:
            return
        self.started = True
        more = self._more
        handlers = Handlers(self._done, self._failed, self._told)
        self._job.run(lambda ticket: _import_all(ticket, more), handlers)

    def _told(self, _values: list[object]) -> None:
        self._open_pictures()

    def _done(self, _result: object) -> None:
        self._open_pictures()
        self.ready.emit()

    def _failed(self, _error: Exception) -> None:
        """A library that cannot be imported is reported by the work that needs it."""
        self._open_pictures()

    def _open_pictures(self) -> None:
        if not self.pictures:
            self.pictures = True
            self.pictures_ready.emit()


def _import_all(ticket: Ticket, more: tuple[str, ...]) -> None:
    for name in PICTURES:
        importlib.import_module(name)
    ticket.tell("pictures")
    for name in (*ENGINE, *more):
        if ticket.is_cancelled():
            return
        importlib.import_module(name)
