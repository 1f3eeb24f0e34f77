"""The Model page: figures, diagram and equations follow the settings; presets; the rate finder."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from workbench.app.modelling import EpochTime, Modelling
from workbench.app.session import Session
from workbench.engine.lr_finder import RateCurve
from workbench.errors import UserError
from workbench.experiment import Experiment
from workbench.paths import sample_data_folder
from workbench.specs import TaskName
from workbench.views.field_words import station_names
from workbench.views.pages.model import ModelPage
from workbench.views.pages.model_parts import PRESETS

SMALL = {
    "model.hidden_size": 16, "model.embedding_size": 8, "training.batch_size": 8,
    "training.bptt_length": 16, "training.threads": 1, "training.epochs": 10,
}  # fmt: skip


@pytest.fixture
def session(qapp: QApplication) -> Iterator[Session]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    made = Session()
    path = sample_data_folder() / "harbour_tales.txt"
    made.editor.open(Experiment().with_values({"data.path": str(path), **SMALL}), None)
    yield made
    made.close()
    torch.set_num_threads(before)


@pytest.fixture
def timed(monkeypatch: pytest.MonkeyPatch) -> list[Experiment]:
    """A warm-up that takes no time."""
    asked: list[Experiment] = []

    def epoch_time(_self: Modelling, experiment: Experiment, _cancelled: Any) -> EpochTime:
        asked.append(experiment)
        return EpochTime(12.0, "cpu · float32", "One CPU thread.")

    monkeypatch.setattr(Modelling, "epoch_time", epoch_time)
    return asked


def make_page(qtbot: QtBot, session: Session) -> ModelPage:
    page = ModelPage(session)
    qtbot.addWidget(page)
    page.resize(900, 650)
    page.show()
    return page


def test_without_data_it_says_what_to_do(qtbot: QtBot, qapp: QApplication) -> None:
    session = Session()
    page = ModelPage(session)
    qtbot.addWidget(page)
    ready, why, button, action = page.ready()
    assert not ready
    assert why
    assert button
    assert callable(action)
    session.close()


def test_figures_diagram_and_equations_are_there_before_training(
    qtbot: QtBot, session: Session, timed: list[Experiment]
) -> None:
    page = make_page(qtbot, session)
    assert page.ready()[0]
    qtbot.waitUntil(lambda: page.total.value.text() == "≈ 02:00")
    blocks = page.diagram.table()[1]
    shapes = [row[2] for row in blocks]
    assert shapes[0] == "8 × 16"
    assert "8 × 16 × 16" in shapes
    total = sum(row[3] for row in page.diagram.table()[1])
    assert page.parameters.value.text().replace("\u202f", "") == str(total)
    assert "B" in page.memory.value.text()
    assert page.epoch.value.text() == "≈ 00:12"
    text = page.equations.canvas.accessibleDescription()
    assert "forget gate" in text
    assert "16×8" in text.replace(r"\times", "×").replace(" ", "")


def test_they_follow_a_setting(qtbot: QtBot, session: Session, timed: list[Experiment]) -> None:
    page = make_page(qtbot, session)
    qtbot.waitUntil(lambda: page.total.value.text() == "≈ 02:00")
    before = page.parameters.value.text()
    session.edit("model.cell", "gru")
    qtbot.waitUntil(lambda: page.parameters.value.text() != before)
    assert "GRU" in page.equations.title
    assert "update gate" in page.equations.canvas.accessibleDescription()
    qtbot.waitUntil(lambda: timed[-1].model.cell == "gru")
    session.edit("training.epochs", 5)
    assert page.total.value.text() == "≈ 01:00"


def test_what_does_not_fit_is_said_on_the_page_and_mended(
    qtbot: QtBot, session: Session, timed: list[Experiment]
) -> None:
    told: list[object] = []
    session.message.connect(told.append)
    page = make_page(qtbot, session)
    session.edit("training.batch_size", 65_536)
    qtbot.waitUntil(page.notice.isVisible)
    assert "needs at least" in page.notice.what.text()
    assert page.parameters.value.text() == "–"
    assert told == []
    session.undo_stack.undo()
    qtbot.waitUntil(lambda: page.notice.isHidden() and page.parameters.value.text() != "–")


@pytest.mark.parametrize("task", list(TaskName))
def test_presets_are_one_step_and_show_what_is_in_use(
    qtbot: QtBot, session: Session, task: TaskName
) -> None:
    session.edit("task", task.value)
    before = session.undo_stack.count()
    page = ModelPage(session)
    qtbot.addWidget(page)
    for preset in PRESETS:
        button = page.findChild(QPushButton, f"preset_{preset.name}")
        assert not button.isChecked()
        qtbot.keyClick(button, Qt.Key.Key_Space)
        assert button.isChecked()
        assert preset.matches(session.experiment)
        assert button.accessibleDescription()
    steps = session.undo_stack.count()
    session.undo_stack.undo()
    assert PRESETS[1].matches(session.experiment)
    assert steps == before + len(PRESETS)


def test_the_finder_draws_and_its_suggestion_is_used(
    qtbot: QtBot, session: Session, timed: list[Experiment], monkeypatch: pytest.MonkeyPatch
) -> None:
    def rate_curve(_self: Modelling, _experiment: Any, progress: Any, _cancelled: Any) -> RateCurve:
        progress(0.5)
        return RateCurve(np.array([1e-4, 1e-3, 1e-2]), np.array([4.0, 2.0, 3.0]), 0.0012)

    monkeypatch.setattr(Modelling, "rate_curve", rate_curve)
    page = make_page(qtbot, session)
    qtbot.mouseClick(page.finder.find, Qt.MouseButton.LeftButton)
    assert page.finder.running
    qtbot.waitUntil(page.finder.use.isVisible)
    assert "0.0012" in page.finder.use.text()
    assert len(list(page.finder.chart.table()[1])) == 3
    page.finder.use.click()
    assert session.experiment.training.learning_rate == 0.0012
    session.undo_stack.undo()
    assert session.experiment.training.learning_rate == 2e-3


def test_a_finder_without_a_suggestion_says_so(
    qtbot: QtBot, session: Session, timed: list[Experiment], monkeypatch: pytest.MonkeyPatch
) -> None:
    flat = RateCurve(np.array([1e-4, 1e-3]), np.array([4.0, 4.0]), None)
    monkeypatch.setattr(Modelling, "rate_curve", lambda *_given: flat)
    page = make_page(qtbot, session)
    page.finder.find.click()
    qtbot.waitUntil(lambda: not page.finder.running)
    assert "never fell" in page.finder.words.text()
    assert page.finder.use.isHidden()

    def fails(*_given: Any) -> None:
        raise UserError("No such device.", "Choose cpu.")

    monkeypatch.setattr(Modelling, "rate_curve", fails)
    with qtbot.waitSignal(session.message) as said:
        page.finder.find.click()
    assert said.args[0].what == "No such device."
    assert not page.finder.running


def test_nothing_is_measured_while_a_run_goes_on(
    qtbot: QtBot, session: Session, timed: list[Experiment]
) -> None:
    from workbench.app.job import JobState

    session.job = JobState("training", "", "run", True)
    page = make_page(qtbot, session)
    session.job_changed.emit(session.job)
    qtbot.waitUntil(lambda: page.parameters.value.text() != "–")
    qtbot.waitUntil(lambda: "no run goes on" in page.epoch.note.text())
    assert timed == []
    assert not page.finder.find.isEnabled()
    session.job = JobState()
    session.job_changed.emit(session.job)
    qtbot.waitUntil(lambda: len(timed) == 1)


def test_settings_hold_the_network_s_fields(qtbot: QtBot, session: Session) -> None:
    page = ModelPage(session)
    qtbot.addWidget(page)
    panel = page.settings_panel()
    assert list(panel.form.rows()) == station_names("model")
    assert page.settings_panel() is panel


def test_every_control_has_a_name(qtbot: QtBot, session: Session) -> None:
    page = ModelPage(session)
    qtbot.addWidget(page)
    for button in page.findChildren(QPushButton):
        assert button.objectName()
        assert button.accessibleName() or button.text() or button is page.finder.use
