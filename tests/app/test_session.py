import threading

from workbench.app.job import JobState
from workbench.app.loader import Loaded
from workbench.app.selection import Selection
from workbench.data.findings import Cancelled
from workbench.engine import events
from workbench.errors import UserError
from workbench.experiment import Experiment


def collect(signal):
    values = []
    signal.connect(values.append)
    return values


# ---------------------------------------------------------------------- editing


def test_an_edit_can_be_undone_and_made_again(session):
    seen = collect(session.experiment_changed)
    session.edit("model.hidden_size", 64)
    assert session.experiment.model.hidden_size == 64
    session.undo_stack.undo()
    assert session.experiment.model.hidden_size == 256
    session.undo_stack.redo()
    assert [item.model.hidden_size for item in seen] == [64, 256, 64]


def test_consecutive_edits_of_one_field_are_one_step(session):
    for size in (1, 12, 128):
        session.edit("model.hidden_size", size)
    session.edit("model.num_layers", 3)
    assert session.undo_stack.count() == 2
    session.undo_stack.undo()
    session.undo_stack.undo()
    assert session.experiment.model.hidden_size == 256


def test_an_edit_taken_back_by_hand_leaves_nothing_to_undo(session):
    session.edit("model.hidden_size", 64)
    session.edit("model.hidden_size", 256)
    assert session.undo_stack.count() == 0
    assert not session.editor.modified


def test_several_changes_are_one_step(session):
    session.edit_many({"model.cell": "gru", "model.num_layers": 1}, "Small GRU")
    assert session.undo_stack.undoText() == "Small GRU"
    session.undo_stack.undo()
    assert session.experiment.model.cell == "lstm"
    assert session.experiment.model.num_layers == 2


def test_what_is_not_allowed_is_said_and_changes_nothing(session):
    messages, seen = collect(session.message), collect(session.experiment_changed)
    session.edit("model.hidden_size", 0)
    assert seen == []
    assert session.undo_stack.count() == 0
    assert "odel.hidden_size is 0; it must be between 1 and 8192" in messages[0].what
    assert messages[0].level == "error"


def test_an_edit_to_the_same_value_is_no_step(session):
    session.edit("model.hidden_size", 256)
    assert session.undo_stack.count() == 0


def test_saving_and_opening_again_gives_the_same_experiment(session, tmp_path):
    data = tmp_path / "tiny.txt"
    data.write_text("words")
    session.edit("data.path", str(data))
    session.edit("model.hidden_size", 64)
    file = tmp_path / "tiny.toml"
    assert not session.save_experiment()
    assert session.save_experiment(file)
    assert not session.editor.modified
    assert 'path = "tiny.txt"' in file.read_text()
    assert Experiment.load(file) == session.experiment
    assert session.settings.recent_files == (str(file),)


def test_changes_in_no_file_are_put_aside_when_another_file_is_opened(session, qtbot, tmp_path):
    session.edit("model.hidden_size", 64)
    session.open_path(tmp_path / "other.csv")
    qtbot.waitUntil(lambda: session.experiment.name == "other")
    kept = session.settings.recent_files[1]
    assert kept.endswith("unsaved/tiny.toml")
    assert Experiment.load(kept).model.hidden_size == 64
    session.put_aside()
    assert len(session.settings.recent_files) == 2  # nothing was changed since


def test_a_folder_that_cannot_be_written_is_said(session, tmp_path):
    messages = collect(session.message)
    assert not session.save_experiment(tmp_path / "missing" / "tiny.toml")
    assert "Cannot write" in messages[0].what


# ---------------------------------------------------------------------- opening


def test_opening_shows_experiment_and_source_and_remembers_the_file(make_session, qtbot, tmp_path):
    session = make_session()
    shares, jobs = collect(session.loading_progress), collect(session.job_changed)
    session.open_path(tmp_path / "tiny.csv")
    assert session.job.state == "loading"
    qtbot.waitUntil(lambda: session.source is not None)
    assert session.source.path.name == "tiny.csv"
    assert session.experiment.name == "tiny"
    assert shares == [0.5]
    assert [job.state for job in jobs] == ["loading", "idle"]
    assert session.settings.recent_files[0].endswith("tiny.csv")
    assert session.undo_stack.count() == 0


def test_a_view_that_hears_of_the_source_sees_the_experiment_it_belongs_to(
    make_session, qtbot, tmp_path
):
    session, seen = make_session(), []
    session.source_changed.connect(
        lambda source: seen.append((source.path.name, session.experiment.name))
    )
    session.open_path(tmp_path / "tiny.csv")
    qtbot.waitUntil(lambda: bool(seen))
    assert seen == [("tiny.csv", "tiny")]


def test_a_file_that_cannot_be_read_is_said_and_leaves_what_was_open(session, make_session, qtbot):
    def load(_path, _loading):
        raise UserError("It is empty.", "Choose another.")

    session = make_session(load)
    session.editor.open(Experiment(name="before"), None)
    messages = collect(session.message)
    session.open_path("/nowhere/x.csv")
    qtbot.waitUntil(lambda: bool(messages))
    assert (messages[0].what, messages[0].todo) == ("It is empty.", "Choose another.")
    assert session.experiment.name == "before"
    assert session.job == JobState()


def test_a_cancelled_opening_changes_nothing_even_where_it_comes_to_its_end(make_session, qtbot):
    go = threading.Event()

    def load(path, loading):
        go.wait(10)
        if path.name == "stubborn.csv":
            return Loaded(path, Experiment(name="late"), source="late")
        raise Cancelled

    session = make_session(load)
    messages = collect(session.message)
    for name in ("stubborn.csv", "polite.csv"):
        session.open_path(f"/x/{name}")
        session.cancel_loading()
    assert session.job.state == "idle"
    go.set()
    qtbot.waitUntil(lambda: not session.work.busy)
    assert session.source is None
    assert messages == []


def test_the_later_of_two_openings_wins(make_session, qtbot):
    go = threading.Event()

    def load(path, _loading):
        if path.name == "first.csv":
            go.wait(10)
        return Loaded(path, Experiment(name=path.stem), source=path.name)

    session = make_session(load)
    session.open_path("/x/first.csv")
    session.open_path("/x/second.csv")
    qtbot.waitUntil(lambda: session.source == "second.csv")
    go.set()
    qtbot.waitUntil(lambda: not session.work.busy)
    assert session.source == "second.csv"


def test_the_head_of_a_large_file_is_shown_while_the_rest_is_read(make_session, qtbot):
    go = threading.Event()

    def load(path, loading):
        loading.preview(Loaded(path, Experiment(name="big"), source="head", complete=False))
        go.wait(10)
        return Loaded(path, Experiment(name="big"), source="whole")

    session = make_session(load)
    session.open_path("/x/big.csv")
    qtbot.waitUntil(lambda: session.source == "head")
    assert session.job.state == "loading"
    go.set()
    qtbot.waitUntil(lambda: session.source == "whole")
    assert session.job.state == "idle"


def test_an_experiment_whose_data_are_gone_is_open_all_the_same(make_session, qtbot):
    def load(path, _loading):
        problem = UserError("There is no data.csv.", "Put it back.")
        return Loaded(path, Experiment(name="kept"), problem=problem)

    session = make_session(load)
    messages = collect(session.message)
    session.open_path("/x/kept.toml", train=True)
    qtbot.waitUntil(lambda: bool(messages))
    assert session.experiment.name == "kept"
    assert not session.training.active


# ---------------------------------------------------------------------- training


def test_something_is_said_the_moment_train_is_pressed(session):
    session.start_training()
    assert session.job.state == "training"
    assert session.job.message


def test_a_run_from_start_to_keep(session, engine, qtbot):
    histories, runs = collect(session.history_changed), collect(session.run_changed)
    session.start_training()
    qtbot.waitUntil(lambda: len(session.history.steps) > 10)
    assert session.run.path.is_dir()
    assert runs[-1] is session.run
    assert histories[-1] is session.history
    assert session.job == JobState("training", "", session.run.id, run_active=True)
    session.stop_and_keep()
    assert session.job.state == "stopping"
    qtbot.waitUntil(lambda: session.job.state == "idle")
    assert session.history.ended.state == "stopped"
    assert session.job.message == "It stopped."
    assert engine.threads.isdisjoint({threading.get_ident()})
    assert engine.closed == 1


def test_events_are_told_in_batches_and_every_step_arrives(session, engine, qtbot):
    engine.total = 900
    histories = collect(session.history_changed)
    session.start_training()
    qtbot.waitUntil(lambda: session.history.ended is not None)
    assert session.history.steps.tolist() == list(range(1, 901))
    assert len(histories) < 60


def test_pause_and_go_on(session, qtbot):
    session.start_training()
    qtbot.waitUntil(lambda: len(session.history.steps) > 3)
    session.pause()
    assert session.job.state == "paused"
    qtbot.waitUntil(lambda: "after step" in session.job.message)
    session.resume()
    assert session.job.state == "training"
    session.pause()
    session.stop_and_keep()
    qtbot.waitUntil(lambda: session.job.state == "idle")
    assert session.history.ended.state == "stopped"


def test_late_news_does_not_take_back_that_it_is_stopping(session, qtbot):
    states = collect(session.job_changed)
    session.start_training()
    qtbot.waitUntil(lambda: len(session.history.steps) > 3)
    session.pause()
    session.stop_and_keep()
    qtbot.waitUntil(lambda: session.job.state == "idle")
    after = [job.state for job in states[[job.state for job in states].index("stopping") :]]
    assert set(after[:-1]) == {"stopping"}


def test_discard_leaves_no_run_on_the_screen(session, qtbot):
    messages = collect(session.message)
    session.start_training()
    qtbot.waitUntil(lambda: len(session.history.steps) > 3)
    session.discard()
    qtbot.waitUntil(lambda: session.job.state == "idle")
    assert session.run is None
    assert len(session.history.steps) == 0
    assert messages[-1].what == "It discarded."


def test_an_engine_that_breaks_is_a_message_with_details(session, engine, qtbot):
    engine.fail_at = 5
    messages = collect(session.message)
    session.start_training()
    qtbot.waitUntil(lambda: bool(messages))
    assert "the engine broke" in messages[0].what
    assert "Traceback" in messages[0].details
    assert session.job.state == "idle"
    assert not session.training.active


def test_a_run_that_failed_says_why_and_what_to_do(session, engine, qtbot):
    def start(_experiment, _control):
        yield events.RunEnded("r", 0, 0.0, state="failed", reason="Too short.", todo="Add text.")

    session.training._start = start
    messages = collect(session.message)
    session.start_training()
    qtbot.waitUntil(lambda: bool(messages))
    assert (messages[0].level, messages[0].what, messages[0].todo) == (
        "error", "Too short.", "Add text.",
    )  # fmt: skip


def test_what_a_run_notes_is_said(session, qtbot):
    def start(_experiment, _control):
        yield events.Noted("r", 3, 0.0, level="warning", message="Step 4 was dropped.")
        yield events.RunEnded("r", 4, 0.0, state="finished", reason="Done.")

    session.training._start = start
    messages = collect(session.message)
    session.start_training()
    qtbot.waitUntil(lambda: bool(messages))
    assert (messages[0].level, messages[0].what) == ("warning", "Step 4 was dropped.")


def test_train_while_data_are_read_starts_when_they_are(make_session, qtbot):
    go = threading.Event()

    def load(path, _loading):
        go.wait(10)
        experiment = Experiment(name="tiny").with_value("data.path", str(path))
        return Loaded(path, experiment, source="source")

    session = make_session(load)
    session.open_path("/x/tiny.csv")
    session.start_training()
    assert not session.training.active
    go.set()
    qtbot.waitUntil(lambda: session.training.active)


def test_train_without_data_says_what_to_do(make_session):
    session = make_session()
    messages = collect(session.message)
    session.start_training()
    assert messages[0].todo == "Open a CSV or a text first."
    assert session.job.state == "idle"


def test_a_second_start_while_a_run_goes_on_is_ignored(session, engine, qtbot):
    session.start_training()
    qtbot.waitUntil(lambda: session.run is not None)
    first = session.run
    session.start_training()
    assert session.run is first
    assert len(list(engine.root.iterdir())) == 1


def test_edits_of_live_settings_reach_the_run_and_undo_takes_them_back(session, engine, qtbot):
    session.start_training()
    qtbot.waitUntil(lambda: len(session.history.steps) > 3)
    session.edit("training.learning_rate", 0.5)
    session.edit("model.hidden_size", 64)
    session.undo_stack.undo()
    session.undo_stack.undo()
    qtbot.waitUntil(lambda: len(engine.requests) == 2)
    assert [request.values for request in engine.requests] == [
        {"name": "training.learning_rate", "value": 0.5},
        {"name": "training.learning_rate", "value": 0.002},
    ]


def test_edits_of_another_experiment_leave_the_run_alone(session, engine, qtbot, tmp_path):
    session.start_training()
    qtbot.waitUntil(lambda: len(session.history.steps) > 3)
    session.open_path(tmp_path / "other.csv")
    qtbot.waitUntil(lambda: session.experiment.name == "other")
    session.edit("training.learning_rate", 0.5)
    seen = len(session.history.steps)
    qtbot.waitUntil(lambda: len(session.history.steps) > seen or seen >= 999)
    assert engine.requests == []
    assert session.training.active


# ---------------------------------------------------------------------- runs


def test_resuming_puts_the_past_before_what_follows(session, engine, qtbot):
    engine.total = 50
    session.start_training()
    qtbot.waitUntil(lambda: session.history.ended is not None and not session.training.active)
    folder = session.run
    for event in (
        events.RunStarted(folder.id, 0, 0.0, folder=str(folder.path)),
        events.StepsDone(folder.id, 2, 0.0, first_step=1, loss=(9.0, 8.0), gradient_norm=(1, 1)),
    ):
        folder.append_event(event.to_json())
    folder.release()
    session.resume_run(folder.path)
    qtbot.waitUntil(lambda: session.history.ended is not None and not session.work.busy)
    assert engine.resumed == [folder.id]
    assert session.history.loss[:2].tolist() == [9.0, 8.0]
    assert len(session.history.steps) == 52
    assert session.run.path == folder.path


def test_another_run_is_shown_while_one_goes_on_and_the_live_one_again(session, engine, qtbot):
    other = engine.root / "other"
    engine.total = 5
    session.start_training()
    qtbot.waitUntil(lambda: not session.training.active and session.run is not None)
    other = session.run.path
    engine.total = 10**9
    session.start_training()
    qtbot.waitUntil(lambda: session.run is not None and len(session.history.steps) > 10)
    live = session.run
    session.show_run(other)
    qtbot.waitUntil(lambda: session.run is not None and session.run.path == other)
    shown = collect(session.history_changed)
    before = len(session.training.history.steps)
    qtbot.waitUntil(lambda: len(session.training.history.steps) > before or before >= 999)
    assert shown == []
    session.show_run(live.path)
    assert session.run is live
    assert session.history is session.training.history


def test_show_run_that_is_gone_is_said(session, qtbot, tmp_path):
    messages = collect(session.message)
    session.show_run(tmp_path / "gone")
    qtbot.waitUntil(lambda: bool(messages))
    assert "not a run folder" in messages[0].what


# ---------------------------------------------------------------------- the rest


def test_the_selection_is_told_once_per_change(session):
    seen = collect(session.selection_changed)
    session.select(unit=3)
    session.select(unit=3)
    session.select(step=7, quantity="cell")
    assert seen == [Selection(unit=3), Selection(unit=3, step=7, quantity="cell")]


def test_work_that_was_given_up_is_not_reported(session):
    messages = collect(session.message)
    session.report(Cancelled())
    session.report(ValueError("odd"))
    assert [message.what for message in messages] == ["ValueError: odd"]


def test_closing_while_it_trains_keeps_the_run_and_joins(session, engine, qtbot):
    session.start_training()
    qtbot.waitUntil(lambda: len(session.history.steps) > 3)
    session.close()
    assert engine.closed == 1
    assert not [t for t in threading.enumerate() if t.name.startswith("workbench-")]


def test_sixty_runs_leave_no_thread(session, engine, qtbot):
    for _ in range(60):
        session.start_training()
        session.stop_and_keep()
        qtbot.waitUntil(lambda: session.job.state == "idle", timeout=10_000)
    assert engine.closed == 60
    assert not [t for t in threading.enumerate() if t.name.startswith("workbench-")]
    assert not session.work.busy
