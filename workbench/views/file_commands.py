"""Opening and saving from anywhere in the window."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QObject
from PySide6.QtWidgets import QWidget

from workbench.views.actions import Actions
from workbench.views.open_dialog import ask_for_data, ask_for_folder, ask_where_to_save

if TYPE_CHECKING:
    from workbench.app.session import Session


def dropped_file(data: QMimeData) -> str:
    """The first local file or folder of what is dragged, or nothing."""
    return next((url.toLocalFile() for url in data.urls() if url.isLocalFile()), "")


class FileCommands(QObject):
    """Does what the actions for files ask for."""

    def __init__(self, window: QWidget, actions: Actions, session: "Session") -> None:
        super().__init__(window)
        self._window, self._session = window, session
        actions.open.triggered.connect(self.open_data)
        actions.open_folder.triggered.connect(self.open_folder)
        actions.save.triggered.connect(self.save)
        actions.save_as.triggered.connect(self.save_as)

    def open_data(self) -> None:
        """Ask for a data file or an experiment and open it."""
        ask_for_data(self._window, self._session)

    def open_folder(self) -> None:
        """Ask for a folder of texts, or a run, and open it."""
        ask_for_folder(self._window, self._session)

    def save(self) -> None:
        """Save the experiment where it was saved before; the first time, ask where."""
        if self._session.editor.file is None:
            self.save_as()
        else:
            self._session.save_experiment()

    def save_as(self) -> None:
        """Ask where to save the experiment, and save it."""
        ask_where_to_save(self._window, self._session)
