"""The page: views, one selection, what is read, whose weights."""

from threading import Event

import numpy as np
import pytest
from PySide6.QtCore import Qt

from tests.views.look.conftest import choose, settled
from workbench.app import looking
from workbench.app.looking import BEST, NEWEST, Reading, Tracer
from workbench.errors import UserError
from workbench.paths import resources_folder
from workbench.runs import RunFolder, list_moments
from workbench.views.look.catalogue import ENTRIES

RUNS = ("tale", "plain", "load", "both")
SAID_WHY = {
    ("plain", "saturation"): "no gates",
    ("both", "gradient"): "both directions",
    ("load", "response"): "reads numbers",
    ("both", "response"): "reads numbers",
    ("load", "errors"): "forecasts",
    ("both", "errors"): "forecasts",
}
"""What cannot be drawn of a run, and a word of the reason it gives."""


@pytest.mark.parametrize("key", ENTRIES)
@pytest.mark.parametrize("run", RUNS)
def test_every_view_draws_every_run_or_says_why(open_view, session, qtbot, run, key):
    messages = []
    session.message.connect(messages.append)
    view = open_view(run, key)
    session.select(unit=3, step=5)
    settled(view, qtbot)
    view.grab()
    assert messages == []
    why = SAID_WHY.get((run, key))
    assert (why in view.cannot_text) if why else (view.cannot_text == "")


@pytest.mark.parametrize("key", ENTRIES)
def test_every_view_has_a_help_page(key):
    text = (resources_folder() / "help" / "look" / f"{key}.md").read_text(encoding="utf-8")
    assert text.startswith("# ")
    for heading in ("## What it shows", "## How to read it", "## Where it comes from"):
        assert heading in text, heading


def test_a_click_in_one_view_is_selected_in_the_others(open_view, page, session, qtbot):
    view = open_view("tale", "states")
    view.heatmap.clicked.emit(3, 5)
    assert (session.selection.unit, session.selection.step) == (3, 5)
    values = view.look.values(0, 0, "hidden")
    np.testing.assert_allclose(page.unit._values, values[:, 3], rtol=1e-6)
    assert "Unit 3 · Hidden state · layer 1" in page.unit.title
    page.show_view("saturation")
    settled(page.view, qtbot)
    assert page.view.panels["forget_gate"].chosen == (0, 3)
    page.show_view("ranking")
    settled(page.view, qtbot)
    page.view.table.row_chosen.emit(0)
    _place, unit = page.view._ranked[0]
    assert session.selection.unit == unit
    page.show_view("states")
    assert view.heatmap._marked == unit


def test_hovering_the_unit_s_line_moves_the_crosshair(open_view, page, session):
    view = open_view("tale", "states")
    view.heatmap.clicked.emit(3, 5)
    page.unit.step_hovered.emit(7)
    assert session.selection.step == 7
    assert view.heatmap.crosshair()[1] == 7


def test_a_unit_that_the_run_does_not_have_is_not_drawn(open_view, page, session):
    session.select(unit=500)
    open_view("tale", "states")
    assert "Click a unit" in page.unit.empty_text


def test_the_slider_replays_the_training(open_view, page, session, qtbot):
    view = open_view("tale", "states")
    after = view.look.values(0, 0, "hidden").copy()
    page.weights.slider.setValue(0)
    qtbot.waitUntil(lambda: page.looking.look.loaded.step == 0)
    assert session.selection.checkpoint == "step-0"
    assert page.weights.moment.text() == "step 0 · after epoch 0"
    assert np.abs(view.look.values(0, 0, "hidden") - after).max() > 1e-3
    np.testing.assert_allclose(view.heatmap.values.T, view.look.values(0, 0, "hidden"))
    qtbot.mouseClick(page.weights.newest, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.looking.look.loaded.step > 0)
    np.testing.assert_array_equal(view.look.values(0, 0, "hidden"), after)
    assert page.looking.which == NEWEST
    qtbot.mouseClick(page.weights.best, Qt.MouseButton.LeftButton)
    assert page.looking.which == BEST


def test_typing_over_the_text_is_read_at_once(open_view, page, qtbot):
    view = open_view("tale", "coloured")
    choose(page.reading.part, "own")
    assert page.reading.text.toPlainText() == "".join(view.look.labels)
    page.reading.text.setPlainText("The grey bell")
    qtbot.waitUntil(lambda: "".join(page.looking.look.labels) == "The grey bell")
    qtbot.waitUntil(lambda: view.text.grid._symbols == tuple("The grey bell"))
    assert not page.notice.isVisible()
    page.reading.text.setPlainText("The 中 bell")
    qtbot.waitUntil(page.notice.isVisible)
    assert "never saw '中'" in page.notice.what.text()
    qtbot.keyClick(page.reading.text, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: page.looking.look.reading == Reading())


def test_a_stretch_of_a_part_can_be_read(open_view, page, qtbot):
    open_view("tale", "states")
    choose(page.reading.part, "train")
    page.reading.first.setValue(10)
    page.reading.count.setValue(20)
    qtbot.waitUntil(lambda: page.looking.look.steps == 20)
    task = page.looking.look.task
    assert page.looking.look.symbols.tolist() == task.part_symbols("train")[10:30].tolist()
    page.reading.first.setValue(2_000_000)
    qtbot.waitUntil(page.notice.isVisible)
    assert "there is none from" in page.notice.what.text()


def test_nothing_is_traced_while_nobody_looks(page, show_run, session):
    page.hide()
    show_run("tale")
    assert not page.looking.busy
    assert page.looking.look is None


def test_another_run_is_looked_at_as_soon_as_it_is_shown(open_view, page, show_run, qtbot):
    open_view("tale", "states")
    folder = show_run("load")
    qtbot.waitUntil(lambda: page.looking.look is not None)
    assert page.looking.look.run.path == folder.path
    assert page.reading.part.findData("own") < 0
    assert page.reading.count.isVisibleTo(page.reading) is False


def test_a_run_without_weights_waits_for_them(page, show_run, session):
    folder = show_run("tale")
    for file in (folder.path / "checkpoints").iterdir():
        file.unlink()
    session.run_changed.emit(folder)
    assert not page.weights.isEnabled()
    assert "on their way" in page.unit.empty_text


def test_all_quantities_beside_each_other(open_view, session):
    view = open_view("tale", "states")
    view.all_button.setChecked(True)
    assert list(view.small) == view.look.quantities
    np.testing.assert_allclose(
        view.small["cell"].values.T, view.look.values(0, 0, "cell"), rtol=1e-6
    )
    view.small["cell"].clicked.emit(2, 4)
    assert session.selection.quantity == "cell"
    view._enlarge("forget_gate")
    assert not view.all_button.isChecked()
    assert "Forget gate" in view.heatmap.title


@pytest.mark.parametrize("order", ["activity", "similarity", "step"])
def test_units_are_sorted(open_view, session, qtbot, order):
    view = open_view("tale", "states")
    session.select(step=4)
    choose(view.order_box, order)
    settled(view, qtbot)
    assert sorted(view.heatmap._order) == list(range(8))
    values = view.look.values(0, 0, "hidden")
    if order == "step":
        np.testing.assert_array_equal(view.heatmap._order, np.argsort(-values[4], kind="stable"))
    if order == "activity":
        activity = np.abs(values).mean(axis=0)[view.heatmap._order]
        assert (np.diff(activity) <= 0).all()


def test_what_stood_in_the_way_leaves_a_way_back(open_view, qtbot, monkeypatch):
    view = open_view("tale", "saturation")

    def full(*_args, **_options):
        raise UserError("The trace takes 9 GB; the disk has 1 GB left.", "Trace fewer steps.")

    monkeypatch.setattr(view.looking, "survey", full)
    view.survey.box.activated.emit(2)
    settled(view, qtbot)
    assert "the disk has 1 GB left. Trace fewer steps." in view.cannot_text
    qtbot.mouseClick(view._again, Qt.MouseButton.LeftButton)
    assert view.survey.isVisible()
    monkeypatch.undo()
    view.survey.box.activated.emit(0)
    settled(view, qtbot)
    assert view.cannot_text == ""


def test_work_can_be_given_up(open_view, qtbot):
    view = open_view("tale", "saturation")
    begun, go_on = Event(), Event()

    def wait(_look, watch):
        begun.set()
        go_on.wait(10)
        watch.step(0.5)

    shown = []
    view.compute("Waiting", wait, shown.append)
    assert begun.wait(10)
    assert view.busy.isVisible()
    qtbot.mouseClick(view.busy.cancel, Qt.MouseButton.LeftButton)
    go_on.set()
    settled(view, qtbot)
    assert not view.busy.isVisible()
    assert shown == []
    assert view.cannot_text == ""


def test_a_run_that_goes_on_is_counted_over_few_steps(open_view, monkeypatch):
    view = open_view("tale", "saturation")
    view.survey.box.setCurrentIndex(view.survey.box.findData(1_000_000))
    assert view.survey.length == 1_000_000
    training = type(view.session.training)
    monkeypatch.setattr(training, "active", property(lambda _self: True))
    assert view.survey.length == 10_000
    view.session.select(checkpoint=BEST)
    assert view.survey.length == 1_000_000
    monkeypatch.undo()


def test_large_models_are_let_go_of(small_runs, monkeypatch):
    monkeypatch.setattr(looking, "_MOST_BYTES", 1)
    tracer, run = Tracer(), RunFolder(small_runs["tale"])
    names = [moment.name for moment in list_moments(run.path)][:4]
    for name in names:
        tracer.load(run, name)
    assert len(tracer._loaded) == 2
    assert tracer.load(run, names[-1]).which == names[-1]


def test_a_selection_that_another_model_lacks_falls_to_what_it_has(open_view, page, session):
    session.select(layer=1, quantity="forget_gate", unit=2)
    view = open_view("plain", "states")
    assert page.unit.title == "Unit 2 · Hidden state · layer 1"
    np.testing.assert_allclose(page.unit._values, view.look.values(0, 0, "hidden")[:, 2], rtol=1e-6)
