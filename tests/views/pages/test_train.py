import numpy as np
import pytest
from PySide6.QtCore import Qt

from tests.views.conftest import pictures, trace
from workbench.app.session import Parts, Session
from workbench.app.settings import Settings
from workbench.engine import events
from workbench.engine.history import History
from workbench.experiment import Experiment
from workbench.runs import RunFolder
from workbench.views.pages.look import LookPage
from workbench.views.pages.train import TrainPage


@pytest.fixture
def session(picture_engine, tmp_path, qtbot):
    engine = picture_engine
    made = Session(Settings(tmp_path / "settings"), Parts(start=engine.start, resume=engine.resume))
    made.editor.open(Experiment(name="tiny").with_value("data.path", "/x/tiny.txt"), None)
    yield made
    made.close()
    made.deleteLater()


@pytest.fixture
def page(session, qtbot):
    made = TrainPage(session)
    qtbot.addWidget(made)
    made.resize(880, 730)
    made.show()
    return made


@pytest.fixture
def look(session, qtbot):
    made = LookPage(session)
    qtbot.addWidget(made)
    made.resize(1000, 730)
    made.show()
    return made


def recorded(session, *more):
    """Show a run that was recorded, without a worker."""
    folder = RunFolder.create(session.settings.folder.parent / "recorded", session.experiment)
    history = History()
    started = events.RunStarted(folder.id, 0, 0.0, folder=str(folder.path))
    warmed = events.WarmedUp(
        folder.id,
        0,
        0.0,
        device="cpu",
        steps_per_epoch=10,
        total_steps=100,
        metric="nats",
        parameters=1234,
        baselines={"pairs": 0.9, "last": 2.0},
    )
    steps = events.StepsDone(
        folder.id, 20, 1.0, epoch=2.0, first_step=1, loss=tuple(np.linspace(3, 1, 20).tolist()),
        gradient_norm=(1.0,) * 20, learning_rate=0.1, step_s=0.0123, throughput=41_234.0,
        throughput_unit="symbols/s", remaining_s=130.0,
    )  # fmt: skip
    for event in (started, warmed, steps, *pictures(folder.id, 20), *more):
        history.add(event)
    session.shown.show(folder, history)
    return history


# ---------------------------------------------------------------------- a live run


def test_everything_a_run_tells_is_shown_while_it_goes_on(page, session, qtbot):
    session.start_training()
    qtbot.waitUntil(lambda: page.preview.writing.text.text == "Once")
    qtbot.waitUntil(lambda: page.probe.heatmap.values.size > 0)
    qtbot.waitUntil(lambda: page.header.verdict.text() == "Plateau.")
    assert page.header.advice.text() == "Lower it."
    assert page.header.figures.patience.value.text() == "0 / 5"
    assert "epoch 1: nats 0.6" in page.header.figures.best.value.text()
    assert page.header.figures.weights.value.text() == "current weights"
    assert page.loss.empty_text == page.rates.empty_text == ""
    assert page.progress.isVisible()
    session.stop_and_keep()
    qtbot.waitUntil(lambda: not session.training.active)
    assert not page.progress.isVisible()
    assert "It stopped." in page.header.verdict.text()


def test_the_first_second_says_something(page, session):
    session.start_training()
    assert page.header.verdict.text() == "Starting: loading the engine"
    assert page.progress.isVisible()
    assert page.progress.maximum() == 0


def test_a_hidden_page_draws_nothing_and_catches_up(page, session, qtbot):
    page.hide()
    before = page.loss.drawings
    session.start_training()
    qtbot.waitUntil(lambda: len(session.history.probes) > 0)
    assert page.loss.drawings == before
    assert page.probe.heatmap.values.size == 0
    page.show()
    assert page.probe.heatmap.values.size > 0


def test_write_now_asks_the_run(page, session, picture_engine, qtbot):
    assert not page.preview.writing.write.isEnabled()
    session.start_training()
    qtbot.waitUntil(lambda: len(session.history.steps) > 3)
    page.preview.writing.prompt.setText("Once")
    page.preview.writing.temperature.setValue(1.5)
    qtbot.mouseClick(page.preview.writing.write, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(picture_engine.requests))
    assert picture_engine.requests[0].kind == "sample"
    assert picture_engine.requests[0].values["prompt"] == "Once"
    assert picture_engine.requests[0].values["temperature"] == 1.5


def test_the_form_changes_the_run_that_goes_on(page, session, picture_engine, qtbot):
    form = page.settings_panel()
    qtbot.addWidget(form)
    session.start_training()
    qtbot.waitUntil(lambda: len(session.history.steps) > 3)
    form.row("training.learning_rate").entered.emit(0.25)
    qtbot.waitUntil(lambda: bool(picture_engine.requests))
    assert picture_engine.requests[0].values == {"name": "training.learning_rate", "value": 0.25}


# ---------------------------------------------------------------------- a recorded run


def test_figures_in_words(page, session):
    recorded(session)
    figures = page.header.figures
    assert figures.epoch.value.text() == "2/10"
    assert figures.step.value.text().replace("\u202f", " ") == "12.3 ms"
    assert figures.speed.value.text().replace("\u202f", " ") == "41.2 k symbols/s"
    assert figures.device.value.text() == "cpu"
    assert figures.left.value.text() == "–"


def test_best_is_in_use_once_the_run_has_finished(page, session):
    ended = events.RunEnded(
        "r",
        20,
        1.0,
        state="finished",
        reason="Finished after 2 epochs.",
        metrics={"test": {"nats": 0.7}},
    )
    recorded(session, ended)
    assert page.header.figures.weights.value.text() == "best checkpoint"
    words = "Finished after 2 epochs. Best validation nats 0.6 (‘pairs’ 0.9); test 0.7."
    assert page.header.verdict.text() == words


def test_a_forecast_run_shows_its_windows(page, session):
    window = {
        "title": "Window 1", "target": "load", "unit": "MW", "past_x": ["1", "2"],
        "future_x": ["3", "4"], "past": [1.0, 2.0], "truth": [3.0, 4.0], "forecast": [3.1, 4.2],
        "naive": [2.0, 2.0], "naive_name": "last value", "quantiles": {},
    }  # fmt: skip
    recorded(session, events.Forecasted("r", 20, 1.0, windows=(window,)))
    assert page.preview.currentWidget() is page.preview.forecast
    assert page.preview.forecast.empty_text == ""


def test_nothing_is_left_of_a_run_that_was_discarded(page, session, qtbot):
    recorded(session)
    session.shown.show(None, History())
    qtbot.waitUntil(lambda: "Press Train" in page.header.verdict.text())
    assert page.preview.writing.text.empty_text
    assert page.probe.heatmap.empty_text
    assert page.loss.empty_text
    assert page.header.figures.best.value.text() == "–"


def test_the_state_of_a_failed_run_is_red_with_what_to_do(page, session):
    recorded(session, events.RunEnded("r", 20, 1.0, state="failed", reason="Broke.", todo="Mend."))
    assert page.header.verdict.text() == "Broke."
    assert page.header.advice.text() == "Mend."
    assert page.header.verdict.property("role") == "bad"


def test_notes_of_a_run_can_be_read_again(page, session):
    recorded(session)
    assert page.header.notes.isHidden()
    note = events.Noted("r", 20, 1.0, level="warning", message="Memory ran out: halved.")
    recorded(session, note)
    assert page.header.notes.text() == "1 note"
    assert page.header.notes.text_label.text() == "Step 20: Memory ran out: halved."
    recorded(session, note, note)
    assert page.header.notes.text() == "2 notes"


# ---------------------------------------------------------------------- the probe


def test_any_quantity_of_any_layer_can_be_chosen_and_is_the_one_selection(page, session, qtbot):
    recorded(session)
    panel = page.probe
    assert [panel.layer_box.itemText(i) for i in range(2)] == ["Layer 1", "Layer 2"]
    assert panel.quantity_box.currentText() == "Hidden state"
    panel.quantity_box.setCurrentIndex(panel.quantity_box.findText("Forget gate"))
    panel.quantity_box.activated.emit(panel.quantity_box.currentIndex())
    panel.layer_box.setCurrentIndex(1)
    panel.layer_box.activated.emit(1)
    assert (session.selection.layer, session.selection.quantity) == (1, "forget_gate")
    wanted = session.history.probes[0].quantities["layer 2 · forget_gate"]
    np.testing.assert_array_equal(panel.heatmap.values, wanted.T.astype(np.float32))
    assert (panel.heatmap.scale.low, panel.heatmap.scale.high) == (0.0, 1.0)
    assert "Forget gate" in panel.heatmap.title
    assert "layer 2" in panel.heatmap.title


def test_the_probe_shows_what_is_selected(page, session):
    recorded(session)
    session.select(layer=1, quantity="cell")
    assert page.probe.quantity_box.currentText() == "Cell state"
    assert page.probe.layer_box.currentText() == "Layer 2"
    assert "Cell state" in page.probe.heatmap.title


def test_states_beyond_one_keep_one_range_for_the_whole_replay(page, session):
    recorded(session, trace(30, scale=5.0), trace(40, scale=0.5))
    session.select(quantity="cell")
    assert page.probe.heatmap.scale.high == 1.0
    page.probe.slider.setValue(1)
    assert page.probe.heatmap.scale.high == 8.0
    page.probe.slider.setValue(2)
    assert page.probe.heatmap.scale.high == 8.0


def test_the_slider_replays_what_was_stored(page, session, qtbot):
    from safetensors.numpy import save_file

    first = trace(30)
    history = recorded(session)
    (session.run.path / "probe").mkdir(exist_ok=True)
    save_file(dict(first.quantities), session.run.path / "probe" / "30.safetensors")
    stored = events.ProbeTraced("r", 30, 1.0, labels=first.labels, file="probe/30.safetensors")
    history.add(stored)
    history.add(trace(50))
    session.history_changed.emit(history)
    panel = page.probe
    qtbot.waitUntil(lambda: panel.slider.maximum() == 2)
    assert panel.slider.value() == 2
    assert panel.live_button.isChecked()
    panel.slider.setValue(1)
    assert not panel.live_button.isChecked()
    wanted = first.quantities["layer 1 · hidden"].T.astype(np.float32)
    qtbot.waitUntil(lambda: np.array_equal(panel.heatmap.values, wanted))
    assert panel.moment.text() == "step 30 · 2 of 3"
    history.add(trace(60))
    session.history_changed.emit(history)
    qtbot.waitUntil(lambda: panel.slider.maximum() == 3)
    assert panel.slider.value() == 1  # what is looked at stays
    panel.live_button.setChecked(True)
    assert panel.slider.value() == 3
    assert "step 60" in panel.moment.text()


def test_drawing_is_paced(page, session, qtbot):
    history = recorded(session)
    drawn = []
    page._turns = tuple((lambda name=name: drawn.append(name)) for name in "abcd")
    for _ in range(50):
        session.history_changed.emit(history)
    assert len(drawn) <= 1
    qtbot.waitUntil(lambda: set(drawn) == set("abcd"))
    assert page._due == 0


def test_a_trace_whose_file_is_gone_is_said(page, session, qtbot):
    messages = []
    session.message.connect(messages.append)
    lost = events.ProbeTraced("r", 30, 1.0, labels=("a",), file="probe/gone.safetensors")
    recorded(session, lost, trace(50))
    page.probe.slider.setValue(1)
    qtbot.waitUntil(lambda: bool(messages))
    assert "gone.safetensors cannot be read" in messages[0].what


# ---------------------------------------------------------------------- looking


def test_look_says_what_to_do_without_a_run(look, session):
    ready, why, button, action = look.ready()
    assert (ready, button) == (False, "Train")
    assert "Train one" in why
    assert action == session.start_training


# ---------------------------------------------------------------------- earlier runs


def test_earlier_runs_can_be_drawn_behind_the_loss(page, session, picture_engine, qtbot):
    folder = RunFolder.create(picture_engine.root, Experiment(name="before"))
    step = events.StepsDone(folder.id, 1, 0.1, first_step=1, loss=(2.0,), gradient_norm=(1.0,))
    folder.append_event(step.to_json())
    folder.update(epoch=1)
    folder.release()
    page.earlier.look()
    qtbot.waitUntil(lambda: any(a.data() for a in page.earlier._menu.actions()))
    action = next(a for a in page.earlier._menu.actions() if a.data())
    assert action.text().startswith("before")
    action.trigger()
    qtbot.waitUntil(lambda: len(page.earlier._histories) == 1)
    assert page.loss._behind[0][0] == "before"
    action.trigger()
    assert page.loss._behind == []
