import pytest

from workbench.app.loader import Loading, load, save_experiment
from workbench.data.table import TableSource
from workbench.data.text import TextSource
from workbench.engine import events
from workbench.errors import UserError
from workbench.experiment import Experiment
from workbench.runs import RunFolder

ROWS = "\n".join(f"2024-01-{day:02d},{day * 1.5},{day % 7}" for day in range(1, 31))


@pytest.fixture
def loading():
    told = []
    return Loading(told.append, told.append, lambda: False), told


@pytest.fixture
def table(tmp_path):
    file = tmp_path / "shop.csv"
    file.write_text(f"date,sales,weekday\n{ROWS}\n")
    return file


def test_a_table_becomes_an_experiment_and_a_source(table, loading):
    loaded = load(table, loading[0])
    assert isinstance(loaded.source, TableSource)
    assert loaded.experiment.task == "forecast"
    assert loaded.complete


def test_a_text_becomes_an_experiment_and_a_source(tmp_path, loading):
    file = tmp_path / "tale.txt"
    file.write_text("Once upon a time. " * 100)
    loaded = load(file, loading[0])
    assert isinstance(loaded.source, TextSource)
    assert loaded.experiment.task == "language_model"


def test_the_head_of_a_large_table_is_told_first(table, loading, monkeypatch):
    monkeypatch.setattr("workbench.app.loader.PREVIEW_ABOVE_BYTES", 10)
    load(table, loading[0])
    heads = [value for value in loading[1] if not isinstance(value, float)]
    assert heads[0].complete is False
    assert heads[0].source is not None


def test_an_experiment_file_brings_its_data(table, tmp_path, loading):
    experiment = load(table, loading[0]).experiment
    file = tmp_path / "shop.toml"
    save_experiment(experiment, file)
    loaded = load(file, loading[0])
    assert loaded.experiment == experiment
    assert loaded.experiment_file == file
    assert isinstance(loaded.source, TableSource)


def test_an_experiment_whose_data_are_gone_keeps_its_settings(table, tmp_path, loading):
    file = tmp_path / "shop.toml"
    save_experiment(load(table, loading[0]).experiment, file)
    table.unlink()
    loaded = load(file, loading[0])
    assert loaded.experiment is not None
    assert loaded.source is None
    assert "shop.csv" in loaded.problem.what


def test_a_run_folder_brings_experiment_data_and_history(table, tmp_path, loading):
    experiment = load(table, loading[0]).experiment
    folder = RunFolder.create(tmp_path / "runs", experiment)
    step = events.StepsDone(folder.id, 1, 0.1, first_step=1, loss=(2.0,), gradient_norm=(1.0,))
    folder.append_event(step.to_json())
    folder.release()
    loaded = load(folder.path, loading[0])
    assert loaded.run.id == folder.id
    assert loaded.history.loss.tolist() == [2.0]
    assert isinstance(loaded.source, TableSource)


def test_what_does_not_exist_is_said(tmp_path, loading):
    with pytest.raises(UserError, match=r"nothing\.csv does not exist"):
        load(tmp_path / "nothing.csv", loading[0])


def test_data_elsewhere_are_saved_with_their_whole_path(tmp_path):
    (tmp_path / "there").mkdir()
    elsewhere = tmp_path / "data.csv"
    experiment = Experiment().with_value("data.path", str(elsewhere))
    save_experiment(experiment, tmp_path / "there" / "job.toml")
    assert Experiment.load(tmp_path / "there" / "job.toml").data.path == str(elsewhere)
