"""The run the pages show: the one that goes on, or an earlier one."""

from PySide6.QtCore import QObject, Signal

from workbench.app.training import Training
from workbench.engine.history import History
from workbench.runs import RunFolder


class ShownRun(QObject):
    """Follows the run that goes on until another is shown.

    Attributes:
        run_changed: Another run is shown; its ``RunFolder``, or None.
        history_changed: Its ``History`` grew, or is another.
        run: Folder of the run, or None.
        history: Its history (empty where no run is shown).
    """

    run_changed = Signal(object)
    history_changed = Signal(object)

    def __init__(self, training: Training, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._training = training
        self.run: RunFolder | None = None
        self.history = History()
        training.started.connect(self._started)
        training.drained.connect(self._drained)

    def show(self, run: RunFolder | None, history: History) -> None:
        """Show a run; the one that goes on brings its own, growing history."""
        if self._training.is_of(run):
            run, history = self._training.folder, self._training.history
        self.run, self.history = run, history
        self.run_changed.emit(run)
        self.history_changed.emit(history)

    def show_live(self) -> None:
        """Show the run that has just been started, before it has a folder."""
        self.show(None, self._training.history)

    def _started(self, folder: RunFolder) -> None:
        self.run = folder
        self.run_changed.emit(folder)

    def _drained(self, _events: object) -> None:
        if self.run is self._training.folder:
            self.history = self._training.history
            self.history_changed.emit(self.history)
