"""What belongs to which run: edits, what is opened, what is put aside and thrown away."""

from tests.app.test_session import collect
from workbench.engine import events
from workbench.experiment import Experiment

# ---------------------------------------------------------------------- what belongs to which run


def test_edits_reach_the_run_only_where_its_own_experiment_is_open(
    session, engine, qtbot, tmp_path
):
    session.start_training()
    qtbot.waitUntil(lambda: session.training.folder is not None)
    assert session.training.following is session.experiment
    session.open_path(tmp_path / "other.csv")
    qtbot.waitUntil(lambda: session.experiment.name == "other")
    assert session.training.following is None
    marks = collect(session.training.drained)
    session.edit("training.learning_rate", 0.5)
    session.stop_and_keep()
    qtbot.waitUntil(lambda: not session.training.active)
    told = [event for events_ in marks for event in events_]
    assert not [event for event in told if isinstance(event, events.SettingChanged)]


def test_what_is_opened_says_where_it_is_seen(session, qtbot, tmp_path):
    seen = collect(session.arrived)
    session.open_path(tmp_path / "other.csv")
    qtbot.waitUntil(lambda: session.experiment.name == "other")
    assert seen == ["data"]


def test_other_data_put_an_earlier_run_away(session, engine, qtbot, tmp_path):
    session.start_training()
    qtbot.waitUntil(lambda: session.training.folder is not None)
    session.stop_and_keep()
    qtbot.waitUntil(lambda: not session.training.active)
    folder = session.run.path
    session.show_run(folder)
    session.training.folder = None  # as after a new start
    session.open_path(tmp_path / "other.csv")
    qtbot.waitUntil(lambda: session.experiment.name == "other")
    assert session.run is None
    assert not session.history.epochs


def test_a_new_experiment_is_kept_and_replaces_no_other_of_its_name(session, qtbot, tmp_path):
    for size in (32, 64):
        made = session.experiment.with_values({"name": "copy", "model.hidden_size": size})
        session.open_experiment(made.with_value("data.path", str(tmp_path / "tiny.txt")))
        qtbot.waitUntil(lambda size=size: session.experiment.model.hidden_size == size)
        assert session.editor.modified
    session.put_aside()
    session.put_aside()
    kept = sorted((session.settings.folder / "unsaved").glob("copy*.toml"))
    assert [file.name for file in kept] == ["copy 2.toml", "copy.toml"]
    assert {Experiment.load(file).model.hidden_size for file in kept} == {32, 64}


def test_a_run_that_ended_while_it_was_asked_about_can_be_discarded(session, engine, qtbot):
    session.start_training()
    qtbot.waitUntil(lambda: session.training.folder is not None)
    session.stop_and_keep()
    qtbot.waitUntil(lambda: not session.training.active)
    folder = session.training.folder
    session.discard_ended(folder)
    assert session.run is None
    qtbot.waitUntil(lambda: not folder.path.exists())


def test_a_field_that_cannot_be_taken_holds_training_back(session, engine, qtbot):
    messages = collect(session.message)
    session.note_problem("Epochs", "‘hello’ is no whole number.")
    session.start_training()
    assert not session.training.active
    assert messages[0].what == "Epochs: ‘hello’ is no whole number."
    session.note_problem("Epochs", "")
    session.start_training()
    assert session.training.active
