"""Reference cycles are freed in the window's thread, between two events, and nowhere else.

Left alone, Python frees cycles in whichever thread happens to allocate, in the middle of whatever
it does. A worker would destroy widgets; and the window's own thread has been seen to wait for ever,
where the collector ran inside ``QObject::disconnect`` and destroyed an object whose lock that call
held already.
"""

import gc

from PySide6.QtCore import QObject, QTimer

EVERY_MS = 1_000
"""Time between two looks at what has gathered."""


class Garbage(QObject):
    """Frees cycles from a timer, by Python's own thresholds, while Python's own timing is off."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._was_on = gc.isenabled()
        gc.disable()
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self.collect)
        self._timer.start()

    def collect(self) -> None:
        """Free what has gathered: mostly the young, seldom everything."""
        counts, limits = gc.get_count(), gc.get_threshold()
        for generation in (2, 1, 0):
            due = zip(counts[: generation + 1], limits, strict=False)
            if all(count > limit for count, limit in due):
                gc.collect(generation)
                return

    def settle(self) -> None:
        """The libraries are imported: what they are made of is not looked through again."""
        gc.freeze()

    def stop(self) -> None:
        """Leave it to Python again."""
        self._timer.stop()
        if self._was_on:
            gc.enable()
