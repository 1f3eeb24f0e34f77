"""The welcome page: samples, recent files, dropping, a run that was cut off."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QImage, QPainter
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from workbench.app.session import Session
from workbench.experiment import Experiment
from workbench.paths import runs_folder
from workbench.runs import RunFolder
from workbench.views.pages import welcome_cards
from workbench.views.pages.welcome import WelcomePage
from workbench.views.pages.welcome_cards import RecentFile, find_samples, picture_of
from workbench.views.sample_pictures import read_head
from workbench.views.theme import theme


@pytest.fixture
def samples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "samples"
    folder.mkdir()
    (folder / "fables.txt").write_text("A fox saw a crow. It spoke of cheese.\n" * 50)
    rows = [f"2024-01-{1 + i % 28:02d},{i % 24},{50 + i % 12 + i / 100}" for i in range(400)]
    (folder / "load.csv").write_text("date,hour,load\n" + "\n".join(rows) + "\n")
    messy = [f"{1 + i % 28:02d}.01.2024;{i % 7},5;" for i in range(100)]
    (folder / "messy_meter.csv").write_text("Zähler 7\n\nTag;Wert;\n" + "\n".join(messy) + "\n")
    (folder / "README.md").write_text("How they were made.")
    monkeypatch.setattr(welcome_cards, "sample_data_folder", lambda: folder)
    return folder


@pytest.fixture
def session(qapp: QApplication) -> Iterator[Session]:
    made = Session()
    yield made
    made.close()


@pytest.fixture
def opened(session: Session, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    paths: list[str] = []
    monkeypatch.setattr(session, "open_path", lambda path: paths.append(str(path)))
    return paths


def make_page(qtbot: QtBot, session: Session) -> WelcomePage:
    page = WelcomePage(session)
    qtbot.addWidget(page)
    page.resize(1200, 700)
    page.show()
    return page


def test_one_card_for_each_sample_texts_first(samples: Path) -> None:
    found = find_samples()
    assert [sample.path.name for sample in found] == ["fables.txt", "load.csv", "messy_meter.csv"]
    assert [sample.messy for sample in found] == [False, False, True]
    assert find_samples(samples / "none") == []


def test_heads_are_read_from_the_files(samples: Path) -> None:
    assert read_head(samples / "fables.txt").text.startswith("A fox")
    load = read_head(samples / "load.csv")
    assert load.series[:3] == (50.0, 51.01, 52.02)
    assert read_head(samples / "messy_meter.csv").series[:2] == (0.5, 1.5)
    assert read_head(samples / "gone.csv").series == ()


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_pictures_are_not_empty(samples: Path, qapp: QApplication, mode: str) -> None:
    theme().set_mode(mode)
    for sample in find_samples():
        image = QImage(220, 120, QImage.Format.Format_RGB32)
        image.fill(Qt.GlobalColor.white)
        painter = QPainter(image)
        picture_of(sample)(painter, image.rect().toRectF())
        painter.end()
        colours = {image.pixel(x, y) for x in range(0, 220, 3) for y in range(0, 120, 3)}
        assert len(colours) > 6, sample.path.name
    theme().set_mode("light")


def test_a_card_opens_its_sample_with_mouse_and_keys(
    qtbot: QtBot, session: Session, samples: Path, opened: list[str]
) -> None:
    page = make_page(qtbot, session)
    qtbot.mouseClick(page.cards[0], Qt.MouseButton.LeftButton)
    qtbot.keyClick(page.cards[1], Qt.Key.Key_Return)
    qtbot.keyClick(page.cards[2], Qt.Key.Key_Space)
    assert opened == [str(card.sample.path) for card in page.cards]
    assert all(card.accessibleName() and card.objectName() for card in page.cards)


@pytest.mark.parametrize("width", [900, 1200, 1848])
def test_cards_fit_the_page(qtbot: QtBot, session: Session, samples: Path, width: int) -> None:
    page = make_page(qtbot, session)
    page.resize(width, 700)

    def fit() -> bool:
        ends = [card.mapTo(page.widget(), card.rect().topRight()).x() for card in page.cards]
        room = page.viewport().width()
        return width - 20 < room and max(ends) < room and page.widget().width() <= room

    qtbot.waitUntil(fit)


def test_recent_files_open_and_are_forgotten(
    qtbot: QtBot, session: Session, samples: Path, opened: list[str]
) -> None:
    for number in range(7):
        session.settings.add_recent(f"/data/file {number}.csv")
    page = make_page(qtbot, session)

    def shown() -> list[RecentFile]:
        return [line for line in page.findChildren(RecentFile) if line.isVisible()]

    qtbot.waitUntil(lambda: len(shown()) == 5)
    names = [line.path.name for line in shown()]
    assert names == [f"file {number}.csv" for number in (6, 5, 4, 3, 2)]
    qtbot.keyClick(shown()[0], Qt.Key.Key_Return)
    assert opened == [str(Path("/data/file 6.csv"))]
    page.findChild(type(page._clear), "recent_clear").click()
    assert session.settings.recent_files == ()
    assert page._clear.isHidden()


def test_dropping_opens(
    qtbot: QtBot, session: Session, samples: Path, opened: list[str], tmp_path: Path
) -> None:
    page = make_page(qtbot, session)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "mine.csv"))])
    event = QDropEvent(
        QPointF(10, 10), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    page.drop.dropEvent(event)
    assert [Path(path) for path in opened] == [tmp_path / "mine.csv"]


def test_a_run_that_was_cut_off_is_offered(
    qtbot: QtBot, session: Session, samples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = RunFolder.create(runs_folder(), Experiment(name="tides"))
    run.update(state="running", pid=2**22 + 1, epoch=3, time_s=130.0)
    RunFolder.create(runs_folder(), Experiment(name="whole")).update(state="finished")
    resumed: list[Path] = []
    monkeypatch.setattr(session, "resume_run", resumed.append)
    page = make_page(qtbot, session)
    qtbot.waitUntil(page.cut_off.isVisible)
    assert "tides" in page.cut_off.words.text()
    assert "02:10" in page.cut_off.words.text()
    page.cut_off.resume.click()
    assert resumed == [run.path]
    assert page.cut_off.isHidden()


def test_without_such_a_run_nothing_is_offered(
    qtbot: QtBot, session: Session, samples: Path
) -> None:
    RunFolder.create(runs_folder(), Experiment(name="whole")).update(state="finished")
    page = make_page(qtbot, session)
    with qtbot.waitSignal(session.work.idle):
        session.runs_changed.emit()
    assert page.cut_off.isHidden()
