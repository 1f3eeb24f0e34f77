"""The Runs page on real run folders: values, sorting, names, notes, bin, curves, differences."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from workbench.app.job import JobState
from workbench.app.session import Session
from workbench.engine.trainer import train
from workbench.experiment import Experiment
from workbench.paths import runs_folder
from workbench.runs import RunFolder, RunInfo, list_runs
from workbench.views.pages import runs_model as columns
from workbench.views.pages.runs import RunsPage
from workbench.views.pages.runs_model import RunsModel, RunsProxy

CHANGES = {
    "first": {},
    "second": {"model.cell": "gru", "training.learning_rate": 0.01},
    "third": {"training.epochs": 1, "model.hidden_size": 12},
}


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three small runs, trained once."""
    torch.set_num_threads(1)
    root = tmp_path_factory.mktemp("trained")
    text = root / "tale.txt"
    text.write_text("The bell rang over the grey harbour and nobody came to the boats. " * 60)
    base = Experiment().with_values(
        {
            "data.path": str(text), "model.hidden_size": 8, "model.embedding_size": 4,
            "model.num_layers": 1, "training.batch_size": 8, "training.bptt_length": 16,
            "training.epochs": 2, "training.threads": 1, "training.precision": "float32",
        }
    )  # fmt: skip
    for name, changes in CHANGES.items():
        for _ in train(base.with_values({"name": name, **changes}), runs_root=root / "runs"):
            pass
    return root / "runs"


@pytest.fixture
def runs(trained: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, RunInfo]:
    """A copy of the runs for one test, and no system bin."""
    shutil.copytree(trained, runs_folder())

    def no_bin(_path: object) -> None:
        raise OSError

    monkeypatch.setattr("workbench.runs.send2trash", no_bin)
    return {info.name: info for info in list_runs(runs_folder())}


@pytest.fixture
def session(qapp: QApplication) -> Iterator[Session]:
    made = Session()
    yield made
    made.close()


def make_page(qtbot: QtBot, session: Session, rows: int = 3) -> RunsPage:
    page = RunsPage(session)
    qtbot.addWidget(page)
    page.resize(1200, 700)
    with qtbot.waitActive(page):
        page.show()
        page.activateWindow()
    qtbot.waitUntil(lambda: page.proxy.rowCount() == rows)
    return page


def names(page: RunsPage) -> list[str]:
    return [page.proxy.index(row, columns.NAME).data() for row in range(page.proxy.rowCount())]


def cell(page: RunsPage, info: RunInfo, column: int) -> str:
    for row in range(page.proxy.rowCount()):
        if page.proxy.index(row, 0).data(columns.INFO_ROLE).id == info.id:
            return page.proxy.index(row, column).data()
    raise AssertionError(info.id)


def info(name: str, **values: object) -> RunInfo:
    return RunInfo(id=name, name=name, folder=Path(name), **values)


# ---------------------------------------------------------------------- reading


def test_every_run_is_told_in_words(
    qtbot: QtBot, session: Session, runs: dict[str, RunInfo]
) -> None:
    page = make_page(qtbot, session)
    second = runs["second"]
    assert set(names(page)) == set(CHANGES)
    assert cell(page, second, columns.DATA) == "tale.txt"
    assert cell(page, second, columns.MODEL) == "GRU 1×8"
    assert cell(page, second, columns.BEST).endswith(" nats")
    assert cell(page, second, columns.STATE) == "finished"
    assert cell(page, second, columns.EPOCH) == "2"
    assert cell(page, second, columns.NAIVE).endswith("%")
    assert page.count.text() == "3 runs"


def test_no_runs_says_how_to_make_one(qtbot: QtBot, session: Session) -> None:
    page = make_page(qtbot, session, rows=0)
    qtbot.waitUntil(lambda: "press Train" in page._empty.text())
    assert page._empty.isVisible()


def test_the_model_keeps_qt_s_rules(qtbot: QtBot) -> None:
    model = RunsModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.set_runs([info("a", best=1.0, metric="mse"), info("b")])
    model.set_runs([info("a", best=0.5, metric="mse"), info("b")])
    assert model.index(0, columns.BEST).data() == "0.5 MSE"
    model.set_runs([])


def test_sorting_is_by_value_with_the_unknown_last(qtbot: QtBot) -> None:
    model, proxy = RunsModel(), RunsProxy()
    proxy.setSourceModel(model)
    model.set_runs([info("ten", best=10.0), info("none"), info("two", best=2.0), info("no")])
    for order, wanted in (
        (Qt.SortOrder.AscendingOrder, ["two", "ten"]),
        (Qt.SortOrder.DescendingOrder, ["ten", "two"]),
    ):
        proxy.sort(columns.BEST, order)
        assert [proxy.index(row, 0).data() for row in range(4)][:2] == wanted


def test_naive_share_has_a_sign() -> None:
    assert columns.naive_words(info("a", best=0.3, baseline=0.4)) == "−25\u202f%"
    assert columns.naive_words(info("a", best=0.5, baseline=0.4)) == "+25\u202f%"
    assert columns.naive_words(info("a", best=0.5)) == "–"


def test_filter_finds_any_word(qtbot: QtBot, session: Session, runs: dict[str, RunInfo]) -> None:
    page = make_page(qtbot, session)
    qtbot.keyClicks(page.filter, "gru")
    assert names(page) == ["second"]
    assert page.count.text() == "1 of 3 runs"
    page.filter.setText("no such run")
    assert "no such run" in page._empty.text()
    page.filter.clear()
    assert len(names(page)) == 3


def test_words_of_others_are_plain_in_tooltips(qtbot: QtBot) -> None:
    model = RunsModel()
    model.set_runs([info("<img src=x>", notes="a <b> c")])
    for column in (columns.NAME, columns.NOTES):
        tip = model.index(0, column).data(Qt.ItemDataRole.ToolTipRole)
        assert "<img" not in tip
        assert "<b>" not in tip


# ---------------------------------------------------------------------- names and notes


def type_into_cell(qtbot: QtBot, page: RunsPage, text: str) -> None:
    field = page.table.findChild(QLineEdit)
    assert field is not None
    field.setText(text)
    qtbot.keyClick(field, Qt.Key.Key_Return)


def test_rename_and_note_with_the_keyboard(
    qtbot: QtBot, session: Session, runs: dict[str, RunInfo]
) -> None:
    page = make_page(qtbot, session)
    page.choose(runs["first"].id)
    page.table.setFocus()
    qtbot.keyClick(page.table, Qt.Key.Key_F2)
    type_into_cell(qtbot, page, "baseline")
    folder = RunFolder(runs["first"].folder)
    qtbot.waitUntil(lambda: folder.info().name == "baseline")
    qtbot.waitUntil(lambda: "baseline" in names(page))
    page.actions_["note"].trigger()
    type_into_cell(qtbot, page, "too small")
    qtbot.waitUntil(lambda: folder.info().notes == "too small")
    assert folder.path.is_dir()
    assert [chosen.id for chosen in page.chosen()] == [runs["first"].id]


def test_an_empty_name_changes_nothing(
    qtbot: QtBot, session: Session, runs: dict[str, RunInfo]
) -> None:
    page = make_page(qtbot, session)
    page.choose(runs["first"].id)
    written: list[tuple[object, ...]] = []
    page.model.written.connect(lambda *given: written.append(given))
    for text in ("   ", "first"):
        page.actions_["rename"].trigger()
        type_into_cell(qtbot, page, text)
    assert written == []
    assert RunFolder(runs["first"].folder).info().name == "first"


# ---------------------------------------------------------------------- the bin


def test_deleting_names_what_is_lost_and_asks_once(
    qtbot: QtBot, session: Session, runs: dict[str, RunInfo]
) -> None:
    page = make_page(qtbot, session)
    page.choose(runs["third"].id)
    page.table.setFocus()
    qtbot.keyClick(page.table, Qt.Key.Key_Delete)
    assert page.strip.isVisible()
    assert "third" in page.strip.words.text()
    assert "nats" in page.strip.words.text()
    page.strip.no.click()
    assert page.strip.isHidden()
    assert runs["third"].folder.is_dir()
    page.actions_["delete"].trigger()
    page.strip.yes.click()
    qtbot.waitUntil(lambda: len(names(page)) == 2)
    assert not runs["third"].folder.exists()
    assert any((runs_folder() / ".bin").iterdir())


def test_several_go_to_the_bin_together(
    qtbot: QtBot, session: Session, runs: dict[str, RunInfo]
) -> None:
    page = make_page(qtbot, session)
    page.choose(runs["first"].id, runs["second"].id)
    page.actions_["delete"].trigger()
    assert "2 runs" in page.strip.words.text()
    page.strip.yes.click()
    qtbot.waitUntil(lambda: names(page) == ["third"])


def test_a_run_that_goes_on_cannot_be_deleted(
    qtbot: QtBot, session: Session, runs: dict[str, RunInfo]
) -> None:
    import psutil

    process = psutil.Process()
    RunFolder(runs["first"].folder).update(
        state="running", pid=process.pid, process_started=process.create_time()
    )
    page = make_page(qtbot, session)
    page.choose(runs["first"].id)
    assert not page.actions_["delete"].isEnabled()
    assert "stop it first" in page.buttons["delete"].toolTip()


# ---------------------------------------------------------------------- curves, differences


def test_one_run_then_several_curves(
    qtbot: QtBot, session: Session, runs: dict[str, RunInfo]
) -> None:
    page = make_page(qtbot, session)
    assert len(page.chosen()) == 1  # the newest: the page is never without a picture
    page.table.clearSelection()
    assert page.curves.chart.empty_text
    page.choose(runs["first"].id)
    qtbot.waitUntil(lambda: page.curves.chart.title == "first")
    qtbot.waitUntil(lambda: not page.curves.chart.empty_text)
    steps = list(page.curves.chart.table()[1])
    assert len(steps) > 10
    page.choose(*(run.id for run in runs.values()))
    qtbot.waitUntil(lambda: "3 runs" in page.curves.chart.title)


def test_two_runs_show_their_difference(
    qtbot: QtBot, session: Session, runs: dict[str, RunInfo]
) -> None:
    page = make_page(qtbot, session)
    page.choose(runs["first"].id, runs["second"].id)
    qtbot.waitUntil(lambda: page.difference.model.rowCount() == 2)
    model = page.difference.model
    rows = {
        model.index(row, 0).data(): {model.index(row, 1).data(), model.index(row, 2).data()}
        for row in range(2)
    }
    assert rows == {"Cell": {"LSTM", "GRU"}, "Learning rate": {"0.002", "0.01"}}
    assert page.difference.table.isVisible()
    page.choose(*(run.id for run in runs.values()))
    assert page.difference.words.isVisible()


def test_a_late_difference_of_an_older_choice_is_not_shown(
    qtbot: QtBot, session: Session, runs: dict[str, RunInfo]
) -> None:
    page = make_page(qtbot, session)
    page.choose(runs["first"].id, runs["second"].id)
    page.choose(runs["first"].id)
    qtbot.waitUntil(lambda: not session.work.busy)
    assert page.difference.words.isVisible()


# ---------------------------------------------------------------------- opening, resuming


def test_open_resume_and_folder(
    qtbot: QtBot, session: Session, runs: dict[str, RunInfo], monkeypatch: pytest.MonkeyPatch
) -> None:
    RunFolder(runs["third"].folder).update(state="running", pid=2**22 + 1)
    done: list[tuple[str, Path]] = []
    monkeypatch.setattr(session, "open_path", lambda path: done.append(("open", path)))
    monkeypatch.setattr(session, "resume_run", lambda path: done.append(("resume", path)))

    def open_url(url: QUrl) -> bool:
        done.append(("folder", Path(url.toLocalFile())))
        return True

    monkeypatch.setattr(QDesktopServices, "openUrl", open_url)
    page = make_page(qtbot, session)
    third = runs["third"]
    page.choose(third.id)
    assert cell(page, third, columns.STATE) == "cut off"
    page.table.setFocus()
    qtbot.keyClick(page.table, Qt.Key.Key_Return)
    page.buttons["resume"].click()
    page.buttons["folder"].click()
    assert done == [("open", third.folder), ("resume", third.folder), ("folder", third.folder)]
    page.choose(runs["first"].id)
    assert not page.buttons["resume"].isEnabled()
    assert "finished" in page.buttons["resume"].toolTip()


def test_nothing_resumes_while_a_run_goes_on(
    qtbot: QtBot, session: Session, runs: dict[str, RunInfo]
) -> None:
    RunFolder(runs["third"].folder).update(state="stopped")
    page = make_page(qtbot, session)
    page.choose(runs["third"].id)
    assert page.buttons["resume"].isEnabled()
    session.job = JobState("training", "", "x", True)
    session.job_changed.emit(session.job)
    assert not page.buttons["resume"].isEnabled()
    assert "goes on already" in page.buttons["resume"].toolTip()
    session.job = JobState()
    session.job_changed.emit(session.job)


def test_duplicate_begins_an_experiment_that_overwrites_nothing(
    qtbot: QtBot, session: Session, runs: dict[str, RunInfo]
) -> None:
    before = (runs["second"].folder / "experiment.toml").read_text()
    page = make_page(qtbot, session)
    page.choose(runs["second"].id)
    with qtbot.waitSignal(session.source_changed):
        page.buttons["duplicate"].click()
    assert session.experiment.name == "second copy"
    assert session.experiment.model.cell == "gru"
    assert session.editor.file is None
    assert session.source is not None
    assert (runs["second"].folder / "experiment.toml").read_text() == before


def test_a_run_that_vanished_is_said(
    qtbot: QtBot, session: Session, runs: dict[str, RunInfo]
) -> None:
    page = make_page(qtbot, session)
    page.choose(runs["second"].id)
    qtbot.waitUntil(lambda: not session.work.busy)
    shutil.rmtree(runs["second"].folder)
    with qtbot.waitSignal(session.message) as said:
        page.buttons["duplicate"].click()
    assert said.args[0].level == "error"
    session.runs_changed.emit()
    qtbot.waitUntil(lambda: len(names(page)) == 2)


def test_every_control_has_a_name(qtbot: QtBot, session: Session) -> None:
    page = make_page(qtbot, session, rows=0)
    for button in page.findChildren(QPushButton):
        assert button.objectName()
        assert button.text() or button.accessibleName()
    assert page.ready()[0]
    assert page.settings_panel() is None
