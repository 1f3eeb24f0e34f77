"""The Use page on runs that were really trained: writing, stopping, weights, forecasts, metrics."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QComboBox, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from workbench.app.session import Session
from workbench.app.using import InUse, Using, Wish, checkpoints
from workbench.errors import UserError
from workbench.runs import RunFolder
from workbench.views.metric_words import metric_label, metric_meaning, metric_value
from workbench.views.pages.use import UsePage
from workbench.views.pages.use_parts import MetricsPanel

QUICK = {"training.epochs": 1, "training.threads": 1, "training.precision": "float32"}


@pytest.fixture(scope="module")
def trained(
    small_runs: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    """A small run of each task, to be spoilt."""
    root = tmp_path_factory.mktemp("trained")
    return {
        name: Path(shutil.copytree(small_runs[name], root / small_runs[name].name))
        for name in ("tale", "load")
    }


@pytest.fixture
def session(qapp: QApplication) -> Iterator[Session]:
    made = Session()
    yield made
    made.close()


def make_page(qtbot: QtBot, session: Session, folder: Path) -> UsePage:
    page = UsePage(session)
    qtbot.addWidget(page)
    page.resize(1100, 700)
    page.show()
    session.show_run(folder)
    qtbot.waitUntil(lambda: session.run is not None)
    return page


def never() -> bool:
    return False


# ---------------------------------------------------------------------- the worker's side


def test_the_same_wish_writes_the_same_text(trained: dict[str, Path]) -> None:
    using, run = Using(), RunFolder(trained["tale"])
    wish = Wish("The bell", 20, 0.7, 3)
    first = list(using.write(run, "best", wish, never))
    again = list(using.write(run, "best", wish, never))
    other = list(using.write(run, "best", Wish("The bell", 20, 0.7, 4), never))
    assert first == again
    assert first != other
    assert first[0] == InUse("best", 1, "The bell")
    assert len(first) == 21
    assert all(0 < piece.probability <= 1 for piece in first[1:])


def test_an_empty_prompt_takes_one_from_the_data(trained: dict[str, Path]) -> None:
    used, *_ = Using().write(RunFolder(trained["tale"]), "last", Wish(length=1), never)
    assert used.which == "last"
    assert used.prompt


def test_forecasts_are_of_the_test_part_and_carry_the_naive_rule(
    trained: dict[str, Path],
) -> None:
    found = Using().forecasts(RunFolder(trained["load"]), "best", never)
    assert found.part == "test"
    assert 1 < len(found.windows) <= 8
    window = found.windows[0]
    assert len(window["forecast"]) == len(window["truth"]) == len(window["naive"]) == 6
    assert window["naive_name"]
    assert set(window["quantiles"]) == {"0.1", "0.9"}
    with pytest.raises(UserError, match="makes no forecasts"):
        Using().forecasts(RunFolder(trained["tale"]), "best", never)


def test_weights_that_there_are(trained: dict[str, Path], tmp_path: Path) -> None:
    assert checkpoints(RunFolder(trained["tale"])) == ["best", "last"]
    assert checkpoints(RunFolder(tmp_path)) == []


def test_a_stopped_evaluation_gives_no_half_numbers(trained: dict[str, Path]) -> None:
    with pytest.raises(UserError, match="stopped"):
        Using().evaluate(RunFolder(trained["tale"]), "best", lambda: True)


# ---------------------------------------------------------------------- the page


def test_without_a_trained_model_it_says_so(qtbot: QtBot, session: Session) -> None:
    page = UsePage(session)
    qtbot.addWidget(page)
    ready, why, button, action = page.ready()
    assert not ready
    assert "no trained model" in why
    assert button == "Train"
    assert callable(action)


def test_it_writes_after_the_prompt_and_says_with_what(
    qtbot: QtBot, session: Session, trained: dict[str, Path]
) -> None:
    page = make_page(qtbot, session, trained["tale"])
    assert page.ready()[0]
    page.controls.length.setValue(30)
    page.controls.prompt.setText("The bell")
    qtbot.keyClick(page.controls.prompt, Qt.Key.Key_Return)
    assert page.controls.go.text() == "Stop"
    qtbot.waitUntil(lambda: page.controls.go.text() == "Write")
    assert page.text.text.startswith("The bell")
    assert len(page.text.text) == len("The bell") + 30
    assert "best" in page.in_use.text()
    assert "epoch 1" in page.in_use.text()
    first = page.text.text
    page.controls.dice.click()
    qtbot.waitUntil(lambda: page.controls.go.text() == "Write")
    assert page.controls.seed.value() == 2
    assert page.text.text != first


def test_writing_stops_when_asked(qtbot: QtBot, session: Session, trained: dict[str, Path]) -> None:
    page = make_page(qtbot, session, trained["tale"])
    page.controls.length.setValue(10_000)
    page.controls.go.click()
    qtbot.waitUntil(lambda: len(page._written[0]) > 0)
    page.controls.go.click()
    qtbot.waitUntil(lambda: page.controls.go.text() == "Write")
    assert 0 < len(page._written[0]) < 10_000


def test_other_weights_can_be_chosen_and_old_answers_go(
    qtbot: QtBot, session: Session, trained: dict[str, Path]
) -> None:
    page = make_page(qtbot, session, trained["tale"])
    words = [page.which.itemText(i) for i in range(page.which.count())]
    assert [word.split()[0] for word in words] == ["best", "last"]
    page.controls.length.setValue(5)
    page.controls.go.click()
    qtbot.waitUntil(lambda: page.controls.go.text() == "Write")
    page.which.setCurrentIndex(1)
    page.which.activated.emit(1)
    assert page.in_use.text() == ""
    assert page.text.text == ""
    page.controls.go.click()
    qtbot.waitUntil(lambda: "last" in page.in_use.text())


def test_metrics_stand_beside_the_naive_rules(
    qtbot: QtBot, session: Session, trained: dict[str, Path]
) -> None:
    page = make_page(qtbot, session, trained["tale"])
    table = page.metrics.table
    assert table.item(0, 2).text() != "–"  # what the run measured itself, at once
    assert table.item(0, 1).text() == "–"
    page.metrics.button.click()
    assert page.metrics.button.text() == "Stop"
    qtbot.waitUntil(lambda: page.metrics.button.text() == "Evaluate")
    assert table.item(0, 0).text() == "Cross-entropy (nats)"
    for column in (1, 2, 3):
        assert float(table.item(0, column).text()) > 0
    labels = [table.item(row, 0).text() for row in range(table.rowCount())]
    assert any("naive rule" in label for label in labels)
    assert "naive rule" in page.metrics.sentence.text()


def test_forecasts_are_drawn_without_asking(
    qtbot: QtBot, session: Session, trained: dict[str, Path]
) -> None:
    page = make_page(qtbot, session, trained["load"])
    qtbot.waitUntil(lambda: not page.forecast.empty_text)
    assert page.controls.isHidden()
    assert "test" in page.forecast.title
    assert "best" in page.in_use.text()


def test_data_that_is_gone_is_said_on_the_page(
    qtbot: QtBot, session: Session, trained: dict[str, Path], tmp_path: Path
) -> None:
    copy = tmp_path / "runs" / "copy"
    shutil.copytree(trained["tale"], copy)
    toml = (copy / "experiment.toml").read_text()
    (copy / "experiment.toml").write_text(toml.replace("tale.txt", "gone.txt"))
    page = make_page(qtbot, session, copy)
    page.controls.go.click()
    qtbot.waitUntil(page.notice.isVisible)
    assert "gone.txt" in page.notice.what.text()
    assert page.controls.go.text() == "Write"
    page.metrics.button.click()
    qtbot.waitUntil(lambda: page.metrics.button.text() == "Evaluate")


def test_another_run_drops_what_the_first_still_answers(
    qtbot: QtBot, session: Session, trained: dict[str, Path]
) -> None:
    page = make_page(qtbot, session, trained["tale"])
    page.controls.length.setValue(10_000)
    page.controls.go.click()
    session.show_run(trained["load"])
    qtbot.waitUntil(lambda: session.run.path == trained["load"])
    qtbot.waitUntil(lambda: not session.work.busy)
    assert page.text.text == ""
    assert page.controls.go.text() == "Write"


def test_every_control_has_a_name(qtbot: QtBot, session: Session) -> None:
    page = UsePage(session)
    qtbot.addWidget(page)
    for kind in (QPushButton, QComboBox, QAbstractSpinBox):
        for control in page.findChildren(kind):
            assert control.objectName()
            assert control.accessibleName() or control.text()
    assert page.findChild(QLineEdit, "use_prompt").accessibleName() == "Prompt"
    assert page.settings_panel() is None


# ---------------------------------------------------------------------- words


def test_metrics_in_words() -> None:
    assert metric_label("mae[Load <MW>]") == "MAE · Load <MW>"
    assert metric_label("unheard_of") == "unheard_of"
    assert metric_value("accuracy", 0.25) == "25\u202f%"
    assert metric_value("smape", 7.0) == "7.0\u202f%"
    assert metric_value("mse", None) == "–"
    assert "standard deviations" in metric_meaning("mse")


@pytest.mark.parametrize(("value", "says"), [(0.3, "25\u202f% below"), (0.5, "not beaten")])
def test_the_sentence_says_whether_the_naive_rule_is_beaten(
    qtbot: QtBot, value: float, says: str
) -> None:
    panel = MetricsPanel()
    qtbot.addWidget(panel)
    rules = {"last value": 0.9, "same hour yesterday": 0.4}
    panel.show_metrics("mse", {"test": {"mse": value}}, {"test": rules})
    assert says in panel.sentence.text()
    assert "same hour yesterday" in panel.sentence.text()
    assert panel.table.rowCount() == 3
