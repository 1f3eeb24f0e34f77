"""The Look page over small trained runs."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QComboBox
from pytestqt.qtbot import QtBot

from workbench.app.session import Session
from workbench.app.settings import Settings
from workbench.engine.history import History
from workbench.runs import RunFolder
from workbench.views.look.view import LookView
from workbench.views.pages.look import LookPage
from workbench.views.theme import theme

Open = Callable[..., LookView]


@pytest.fixture(autouse=True)
def _themed(qapp: QApplication) -> None:
    theme().set_mode("light")
    if not qapp.styleSheet():
        theme().apply(qapp)


@pytest.fixture
def session(qapp: QApplication, tmp_path: Path) -> Iterator[Session]:
    made = Session(Settings(tmp_path / "settings"))
    yield made
    made.close()
    made.deleteLater()


@pytest.fixture
def page(session: Session, qtbot: QtBot) -> LookPage:
    made = LookPage(session)
    qtbot.addWidget(made)
    made.resize(1100, 760)
    made.show()
    return made


@pytest.fixture
def show_run(
    session: Session, small_runs: dict[str, Path], tmp_path: Path
) -> Callable[[str], RunFolder]:
    """Show a copy of a small run by its name."""

    def show(name: str) -> RunFolder:
        folder = RunFolder(tmp_path / small_runs[name].name)
        if not folder.path.exists():
            shutil.copytree(small_runs[name], folder.path)
        session.shown.show(folder, History.load(folder))
        return folder

    return show


@pytest.fixture
def open_view(page: LookPage, show_run: Callable[[str], RunFolder], qtbot: QtBot) -> Open:
    """Show a run and a view of it, and wait until it is drawn."""

    def opened(run: str, key: str) -> LookView:
        show_run(run)
        qtbot.waitUntil(lambda: page.looking.look is not None, timeout=20_000)
        page.show_view(key)
        settled(page.view, qtbot)
        return page.view

    return opened


def choose(box: QComboBox, what: str) -> None:
    """Choose, as a person does, the entry with this data, or the first with these words."""
    place = box.findData(what)
    if place < 0:
        place = next(place for place in range(box.count()) if what in box.itemText(place))
    box.setCurrentIndex(place)
    box.activated.emit(place)


def settled(view: LookView, qtbot: QtBot) -> None:
    """Wait until a view computes nothing any more."""
    qtbot.waitUntil(
        lambda: not view.computing and not view.looking.busy and view.look is view.looking.look,
        timeout=60_000,
    )
