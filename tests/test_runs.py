"""Run folders: what is on disk, who may write it, and what is read back from a damaged one."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from workbench import runs
from workbench.errors import UserError
from workbench.experiment import Experiment
from workbench.runs import RunFolder, difference, list_runs


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return RunFolder.create(tmp_path / "runs", Experiment(name="Tides & gales / 日本"))


@pytest.fixture
def no_bin(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_path: Path) -> None:
        raise OSError("this system has no bin")

    monkeypatch.setattr(runs, "send2trash", refuse)


def change_json(run: RunFolder, **changes: object) -> None:
    file = run.path / "run.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | changes), encoding="utf-8")


def test_a_new_run_holds_what_repeats_it(run: RunFolder) -> None:
    info = run.info()
    assert info.name == "Tides & gales / 日本"
    assert "Tides-gales" in info.id
    assert "/" not in info.id
    assert info.state == "created"
    assert info.model == "LSTM 2×256"
    assert info.versions["python"].count(".") == 2
    assert run.experiment() == Experiment(name="Tides & gales / 日本")
    assert {path.name for path in run.path.iterdir()} == {
        "run.json", "experiment.toml", "checkpoints", "probe",
    }  # fmt: skip


def test_runs_of_one_second_and_name_get_folders_of_their_own(tmp_path: Path) -> None:
    made = {RunFolder.create(tmp_path, Experiment()).path for _ in range(4)}
    assert len(made) == 4
    assert {info.folder for info in list_runs(tmp_path)} == made


@pytest.mark.parametrize("name", ["CON", "x" * 250, "..", "Ärger 🚢", " ", "a\nb"])
def test_any_name_makes_a_folder(tmp_path: Path, name: str) -> None:
    run = RunFolder.create(tmp_path, Experiment(name=name))
    assert run.path.parent == tmp_path
    assert run.info().name == name


def test_a_run_appears_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, _data: object) -> None:
        if path.name == "run.json":
            raise UserError("Cannot write: the disk is full.")

    monkeypatch.setattr(runs, "write_atomic", refuse)
    with pytest.raises(UserError, match="disk is full"):
        RunFolder.create(tmp_path, Experiment())
    assert not list(tmp_path.iterdir())


# ---------------------------------------------------------------------- states


@pytest.mark.parametrize("state", ["created", "running", "paused"])
def test_a_run_whose_process_is_gone_is_interrupted(run: RunFolder, state: str) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    run.update(state=state)
    assert run.info().state == state
    run.update(pid=gone.pid)
    assert run.info().state == "interrupted"
    assert run.info().resumable


def test_another_process_with_the_same_number_is_not_the_one_that_ran_it(run: RunFolder) -> None:
    run.update(state="running", process_started=1.0)
    assert run.info().state == "interrupted"


def test_the_list_is_newest_first_and_passes_over_what_is_no_run(tmp_path: Path) -> None:
    old, new = (RunFolder.create(tmp_path, Experiment(name=name)) for name in ("old", "new"))
    old.update(created="2020-01-01T00:00:00+00:00")
    (tmp_path / "letters").mkdir()
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "run.json").write_text("{")
    (tmp_path / "note.txt").write_text("not a run")
    assert [info.folder for info in list_runs(tmp_path)] == [new.path, old.path]
    assert list_runs(tmp_path / "nowhere") == []


@pytest.mark.parametrize("text", ["", "[]", "{", "\0" * 10, "[" * 100_000, '"run"'])
def test_damaged_run_json_is_one_sentence(run: RunFolder, text: str) -> None:
    (run.path / "run.json").write_text(text, encoding="utf-8")
    with pytest.raises(UserError):
        RunFolder.open(run.path)


def test_values_of_a_wrong_type_are_left_out(run: RunFolder) -> None:
    change_json(run, best="low", name=["x"], metrics=3, epoch=1.5, time_s=float("nan"), pid=None)
    change_json(run, baseline=2, unknown="field")
    info = run.info()
    assert (info.best, info.name, info.metrics, info.epoch, info.time_s) == (None, run.id, {}, 0, 0)
    assert info.baseline == 2.0


# ---------------------------------------------------------------------- format version


def test_a_newer_format_is_refused_with_what_to_do(run: RunFolder) -> None:
    change_json(run, format_version=99)
    with pytest.raises(UserError, match="format 99; this program reads up to 1") as caught:
        RunFolder.open(run.path)
    assert "Update" in caught.value.todo


def test_an_older_format_is_brought_up_step_by_step(
    run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_json(run, remark="kept")
    monkeypatch.setattr(runs, "FORMAT_VERSION", 3)
    monkeypatch.setitem(runs._MIGRATIONS, 1, lambda old: old | {"comment": old["remark"]})
    monkeypatch.setitem(runs._MIGRATIONS, 2, lambda old: old | {"notes": old["comment"]})
    assert run.info().notes == "kept"
    assert run.info().format_version == 3
    run.rename("other")
    assert json.loads((run.path / "run.json").read_text())["format_version"] == 3


# ---------------------------------------------------------------------- one at a time


def test_a_second_process_is_told_who_trains_it(run: RunFolder) -> None:
    run.acquire()
    code = (
        "import sys; from workbench.runs import RunFolder; from workbench.errors import UserError\n"
        "try: RunFolder.open(sys.argv[1]).acquire()\n"
        "except UserError as error: print(error)"
    )
    command = [sys.executable, "-c", code, str(run.path)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert f"being trained by process {os.getpid()}" in told
    run.release()
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == ""


def test_the_same_process_cannot_take_it_twice(run: RunFolder) -> None:
    run.acquire()
    with pytest.raises(UserError, match="being trained by this program"):
        RunFolder.open(run.path).acquire()
    run.release()
    again = RunFolder.open(run.path)
    again.acquire()
    again.release()


def test_a_killed_process_leaves_no_lock_and_no_rubbish(run: RunFolder) -> None:
    code = (
        "import os, sys; from workbench.runs import RunFolder\n"
        "run = RunFolder.open(sys.argv[1]); run.acquire(); run.update(state='running')\n"
        "run.append_event({'event': 'noted', 'step': 1}); run.flush()\n"
        "(run.path / 'checkpoints' / '.last.safetensors.ab12.tmp').write_bytes(b'half')\n"
        "os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code, str(run.path)], check=False)
    assert run.info().state == "interrupted"
    run.acquire()
    assert not list(run.path.rglob("*.tmp"))
    assert list(run.events()) == [{"event": "noted", "step": 1}]
    run.release()


def test_notes_written_while_it_is_trained_are_kept(run: RunFolder) -> None:
    """The window changes name and notes while the trainer changes scores."""
    errors: list[Exception] = []

    def score() -> None:
        try:
            for epoch in range(40):
                RunFolder(run.path).update(epoch=epoch, time_s=float(epoch))
        except Exception as error:
            errors.append(error)

    trainer = threading.Thread(target=score)
    trainer.start()
    for number in range(40):
        run.set_notes(f"note {number}")
        assert run.info().notes == f"note {number}"
    trainer.join()
    assert not errors
    assert run.info().epoch == 39


# ---------------------------------------------------------------------- what a user does


def test_rename_keeps_the_folder(run: RunFolder) -> None:
    run.rename("  Storms ")
    assert run.info().name == "Storms"
    run.rename("   ")
    assert run.info().name == run.id


@pytest.mark.usefixtures("no_bin")
def test_without_a_bin_runs_go_beside_the_others_and_off_the_list(tmp_path: Path) -> None:
    run = RunFolder.create(tmp_path, Experiment())
    run.acquire()
    run.discard()
    assert not run.path.exists()
    assert list_runs(tmp_path) == []
    kept = next((tmp_path / ".bin").iterdir())
    assert RunFolder.open(kept).info().name == "experiment"


def test_with_a_bin_it_goes_there(run: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    bin_folder = run.path.parent / "system-bin"
    monkeypatch.setattr(runs, "send2trash", lambda path: Path(path).rename(bin_folder))
    run.discard()
    assert (bin_folder / "run.json").is_file()
    assert not (run.path.parent / ".bin").exists()


def test_difference_names_fields_and_columns() -> None:
    first = Experiment.from_dict(
        {"task": "forecast", "data": {"table": {"columns": [{"name": "wind", "role": "input"}]}}}
    )
    second = first.with_values(
        {"model.num_layers": 3, "data.table.columns.wind.role": "target", "seed": 2}
    )
    assert difference(first, first) == []
    assert sorted(difference(first, second)) == [
        ("data.table.columns.wind.role", "input", "target"),
        ("model.num_layers", 2, 3),
        ("seed", 1, 2),
    ]


def test_settings_changed_while_it_ran_are_in_the_experiment_as_it_is_now(
    tmp_path: Path,
) -> None:
    folder = RunFolder.create(tmp_path, Experiment(name="tiny"))
    before = folder.experiment()
    assert folder.experiment_now() == before
    folder.update(values={"training.learning_rate": 0.0123})
    assert folder.experiment_now() == before.with_value("training.learning_rate", 0.0123)
    assert folder.experiment() == before
    folder.update(values={"nonsense": 1.0})
    assert folder.experiment_now() == before, "what cannot be read costs the change, not the run"
