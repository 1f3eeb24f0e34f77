"""The dialogs that ask for a file."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFileDialog, QWidget

if TYPE_CHECKING:
    from workbench.app.session import Session


def ask_for_data(parent: QWidget, session: "Session") -> None:
    """Ask for a data file or an experiment and open it."""
    kinds = ";;".join((
        _tr("Data and experiments (*.csv *.tsv *.txt *.dat *.data *.toml *.md *.json *.py)"),
        _tr("All files (*)"),
    ))  # fmt: skip
    path, _ = QFileDialog.getOpenFileName(parent, _tr("Open data"), _start(session), kinds)
    if path:
        session.open_path(path)


def ask_for_folder(parent: QWidget, session: "Session") -> None:
    """Ask for a folder of texts, or a run, and open it."""
    path = QFileDialog.getExistingDirectory(
        parent, _tr("Open a folder of texts, or a run"), _start(session)
    )
    if path:
        session.open_path(path)


def ask_where_to_save(parent: QWidget, session: "Session") -> None:
    """Ask where the experiment is to be saved, and save it."""
    proposed = session.editor.file or Path(_start(session)) / f"{_file_name(session)}.toml"
    path, _ = QFileDialog.getSaveFileName(
        parent, _tr("Save experiment"), str(proposed), _tr("Experiments (*.toml)")
    )
    if path:
        session.save_experiment(path if Path(path).suffix else f"{path}.toml")


def _start(session: "Session") -> str:
    """Where a dialog begins: beside the last file."""
    recent = session.settings.recent_files
    folder = Path(recent[0]).parent if recent else Path.home()
    return str(folder if folder.is_dir() else Path.home())


def _file_name(session: "Session") -> str:
    signs = (sign if sign.isalnum() or sign in " -_" else "_" for sign in session.experiment.name)
    return "".join(signs) or "experiment"


def _tr(text: str) -> str:
    return QCoreApplication.translate("OpenDialog", text)
