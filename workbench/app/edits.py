"""Changes of the experiment as steps that can be undone, and the file it is kept in."""

from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from workbench.app.loader import save_experiment
from workbench.errors import UserError
from workbench.experiment import Experiment

_FIELD_EDIT = 1


class Edit(QUndoCommand):
    """One change of the experiment; consecutive changes of the same single field become one."""

    def __init__(
        self,
        before: Experiment,
        after: Experiment,
        names: tuple[str, ...],
        text: str,
        show: Callable[[Experiment], None],
    ) -> None:
        super().__init__(text)
        self.before = before
        self.after = after
        self.names = names
        self._show = show

    def id(self) -> int:
        """Same number: may be merged."""
        return _FIELD_EDIT if len(self.names) == 1 else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        """Take in a following change of the same field."""
        if not isinstance(other, Edit) or other.names != self.names:
            return False
        self.after = other.after
        self.setObsolete(self.after == self.before)
        return True

    def redo(self) -> None:
        """Make the change."""
        self._show(self.after)

    def undo(self) -> None:
        """Take it back."""
        self._show(self.before)


class Editor(QObject):
    """The experiment that is set up, its undo steps and its file.

    Attributes:
        changed: Emitted with the new ``Experiment``.
        refused: Emitted with the ``UserError`` of a change that is not allowed.
        experiment: The job as it is set up now.
        file: Where it is saved, or None.
        undo_stack: Its changes.
    """

    changed = Signal(object)
    refused = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.experiment = Experiment()
        self.file: Path | None = None
        self._aside: Path | None = None
        self.undo_stack = QUndoStack(self)

    def edit(self, changes: dict[str, Any], text: str) -> None:
        """Change fields as one step; what is not allowed is refused and changes nothing."""
        try:
            after = self.experiment.with_values(changes)
        except UserError as error:
            self.refused.emit(error)
            return
        self.replace(after, text, tuple(changes))

    def replace(self, after: Experiment, text: str, names: tuple[str, ...] = ()) -> None:
        """Put another experiment in the place of this one as one step."""
        if after != self.experiment:
            self.undo_stack.push(Edit(self.experiment, after, names, text, self._show))

    def open(self, experiment: Experiment, file: Path | None, *, saved: bool = True) -> None:
        """Begin with another experiment; nothing is emitted, and nothing is left to undo.

        Args:
            experiment: Which.
            file: Where it is saved, or None.
            saved: False where it would be lost if it were not kept.
        """
        self.experiment, self.file, self._aside = experiment, file, None
        self.undo_stack.clear()
        if not saved:
            self.undo_stack.resetClean()

    def save(self, path: Path | None = None) -> bool:
        """Write the experiment to ``path``, or to where it was saved before; True where it was."""
        file = path or self.file
        if file is None:
            return False
        try:
            save_experiment(self.experiment, file)
        except UserError as error:
            self.refused.emit(error)
            return False
        self.file = file
        self.undo_stack.setClean()
        self.changed.emit(self.experiment)
        return True

    @property
    def modified(self) -> bool:
        """Whether there are changes that are in no file."""
        return not self.undo_stack.isClean()

    def put_aside(self, folder: Path) -> Path | None:
        """Write changes that are in no file to ``folder``; None where there are none.

        A disk that refuses costs the copy, never what comes next.
        """
        if not self.modified or not self.experiment.data.path:
            return None
        slug = "".join(sign if sign.isalnum() else "_" for sign in self.experiment.name)[:60]
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if self.file is not None and self.file.parent == folder:
                self._aside = self.file
            self._aside = self._aside or _unused(folder, slug or "experiment")
            save_experiment(self.experiment, self._aside)
        except (OSError, UserError):
            return None
        return self._aside

    def _show(self, experiment: Experiment) -> None:
        self.experiment = experiment
        self.changed.emit(experiment)


def _unused(folder: Path, stem: str) -> Path:
    """A file that is not there yet, so that no experiment put aside replaces another."""
    names = (f"{stem}.toml" if number == 1 else f"{stem} {number}.toml" for number in count(1))
    return next(folder / name for name in names if not (folder / name).exists())
