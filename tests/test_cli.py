"""The command line, as a person types it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from workbench.cli import run
from workbench.experiment import Experiment, fields
from workbench.runs import RunFolder, list_runs

SAMPLES = Path(__file__).resolve().parents[1] / "sample_data"


def command(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "workbench", *arguments],
        capture_output=True, text=True, check=False, **options,  # type: ignore[call-overload]  # options vary
    )  # fmt: skip


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["fields"],
        ["runs"],
        ["train", "--help"],
        ["new", str(SAMPLES / "town_energy.csv")],
    ],
    ids=["help", "fields", "runs", "train-help", "new"],
)
def test_light_commands_import_no_torch_and_no_qt(arguments: list[str]) -> None:
    code = (
        "import sys; from workbench.cli import run; code = run(sys.argv[1:]); "
        "bad = {'torch', 'PySide6', 'pyqtgraph'} & set(sys.modules); "
        "sys.exit(f'imported {bad}' if bad else code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_new_writes_an_experiment_that_trains(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    file = tmp_path / "e.toml"
    sample = str(SAMPLES / "museum_visitors.csv")
    assert run(["new", sample, "-o", str(file), "--set", "training.epochs=2"]) == 0
    assert Experiment.load(file).training.epochs == 2
    capsys.readouterr()
    assert run(["train", str(file), "--out", str(tmp_path / "r"), "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines[0]["event"] == "run_started"
    assert lines[-1]["event"] == "run_ended"
    assert lines[-1]["metrics"]["test"]["mse"] > 0
    folder = lines[0]["folder"]
    assert run(["evaluate", folder, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found["metrics"]) == {"train", "validation", "test"}
    assert found["metrics"]["test"]["mse"] == pytest.approx(lines[-1]["metrics"]["test"]["mse"])
    assert "same day last week" in found["baselines"]["test"]
    assert run(["runs", "--out", str(tmp_path / "r"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["state"] == "finished"


def test_text_trains_and_writes(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    file = tmp_path / "e.toml"
    changes = ["training.epochs=1", "model.hidden_size=16", "model.embedding_size=8"]
    options = [part for change in changes for part in ("--set", change)]
    assert run(["new", str(SAMPLES / "harbour_tales.txt"), "-o", str(file), *options]) == 0
    assert run(["train", str(file), "--out", str(tmp_path)]) == 0
    folder = str(list_runs(tmp_path)[0].folder)
    capsys.readouterr()
    assert run(["generate", folder, "--length", "50", "--seed", "3", "--json"]) == 0
    one = json.loads(capsys.readouterr().out)
    assert run(["generate", folder, "--length", "50", "--seed", "3", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == one
    assert len(one["symbols"]) == 50
    assert (one["checkpoint"], one["epoch"], one["doubt"]) == ("best", 1, "")
    assert all(0 <= chance <= 1 for chance in one["probability"])


def test_another_file_is_judged_as_a_whole(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    file, later = tmp_path / "e.toml", tmp_path / "later.csv"
    rows = (SAMPLES / "museum_visitors.csv").read_text(encoding="utf-8").splitlines()
    later.write_text("\n".join([rows[0], *rows[-120:]]), encoding="utf-8")
    changes = ["--set", "training.epochs=1"]
    run(["new", str(SAMPLES / "museum_visitors.csv"), "-o", str(file), *changes])
    run(["train", str(file), "--out", str(tmp_path / "r")])
    folder = str(list_runs(tmp_path / "r")[0].folder)
    capsys.readouterr()
    assert run(["evaluate", folder, "--data", str(later), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found["metrics"]) == set(found["baselines"]) == {"file"}
    assert found["metrics"]["file"]["mse"] > 0


def test_writing_says_with_what_and_what_it_cannot_read(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    file = tmp_path / "e.toml"
    changes = ["training.epochs=1", "model.hidden_size=8", "data.text.symbols=word"]
    options = [part for change in changes for part in ("--set", change)]
    run(["new", str(SAMPLES / "harbour_tales.txt"), "-o", str(file), *options])
    run(["train", str(file), "--out", str(tmp_path)])
    folder = str(list_runs(tmp_path)[0].folder)
    capsys.readouterr()
    assert run(["generate", folder, "--prompt", "the qwertz", "--length", "5"]) == 0
    told = capsys.readouterr()
    assert "best weights, after 1 epoch, at temperature 0.8" in told.err
    assert "never saw 'qwertz'" in told.err
    assert told.out.startswith("the qwertz ")


def test_a_job_that_cannot_start_leaves_nothing_to_resume(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    file = tmp_path / "e.toml"
    changes = ["--set", "data.table.windows.window=5000"]
    run(["new", str(SAMPLES / "museum_visitors.csv"), "-o", str(file), *changes])
    capsys.readouterr()
    assert run(["train", str(file), "--out", str(tmp_path / "r")]) == 2
    told = capsys.readouterr()
    assert "data.table.windows.window to at most" in told.err
    assert "resume" not in told.out + told.err
    assert list_runs(tmp_path / "r") == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "nowhere.toml"], "Cannot read the experiment"),
        (["new", "nowhere.csv"], "There is no nowhere.csv"),
        (["resume", "nowhere"], "There is no run nowhere"),
        (["nonsense"], "No such command"),
    ],
)
def test_what_the_user_can_mend_is_one_message(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture
) -> None:
    assert run(arguments) == 2
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error


def test_fields_lists_every_field(capsys: pytest.CaptureFixture) -> None:
    assert run(["fields", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == len(fields())


def test_interrupt_keeps_the_run_and_resumes(tmp_path: Path) -> None:
    file = tmp_path / "e.toml"
    run(["new", str(SAMPLES / "harbour_tales.txt"), "-o", str(file)])
    process = subprocess.Popen(
        [sys.executable, "-m", "workbench", "train", str(file), "--json", "--out", str(tmp_path)],
        stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    assert process.stdout is not None
    for line in process.stdout:
        if json.loads(line)["event"] == "steps_done":
            process.send_signal(signal.SIGINT)
            break
    rest = process.stdout.read()
    process.stdout.close()
    assert process.wait(60) == 130
    assert json.loads(rest.splitlines()[-1])["state"] == "stopped"
    info = list_runs(tmp_path)[0]
    assert info.state == "stopped"
    assert info.resumable


def test_a_killed_run_is_offered_and_equals_one_that_was_not(tmp_path: Path) -> None:
    from tests.engine.test_trainer import curve, digest
    from workbench.engine.trainer import resume, train

    file = tmp_path / "e.toml"
    changes = [
        "training.epochs=2", "model.hidden_size=16", "model.dropout=0.3", "training.autosave_s=1",
        "training.threads=1",
    ]  # fmt: skip
    options = [part for change in changes for part in ("--set", change)]
    run(["new", str(SAMPLES / "harbour_tales.txt"), "-o", str(file), *options])
    list(train(Experiment.load(file), runs_root=tmp_path / "straight"))
    straight = next((tmp_path / "straight").iterdir())
    for steps in (30, 200):
        root = tmp_path / f"killed{steps}"
        process = subprocess.Popen(
            [sys.executable, "-m", "workbench", "train", str(file), "--json", "--out", str(root)],
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert process.stdout is not None
        for line in process.stdout:
            if json.loads(line)["step"] >= steps:
                process.kill()
                break
        process.wait(60)
        process.stdout.close()
        info = list_runs(root)[0]
        assert info.state == "interrupted"
        list(resume(RunFolder.open(info.folder)))
        assert digest(info.folder) == digest(straight)
        assert curve(info.folder) == curve(straight)


def test_changed_data_is_not_resumed(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    text = tmp_path / "t.txt"
    text.write_bytes((SAMPLES / "harbour_tales.txt").read_bytes())
    file = tmp_path / "e.toml"
    changes = ["training.epochs=2", "model.hidden_size=8", "model.embedding_size=4"]
    options = [part for change in changes for part in ("--set", change)]
    run(["new", str(text), "-o", str(file), *options])
    from workbench.engine.control import Control
    from workbench.engine.trainer import train

    control = Control()
    for event in train(Experiment.load(file), None, control, runs_root=tmp_path / "r"):
        if event.step > 20:
            control.stop()
    folder = list_runs(tmp_path / "r")[0].folder
    before = (folder / "checkpoints" / "last.safetensors").read_bytes()
    text.write_bytes(text.read_bytes().replace(b"Mira", b"Nira", 1))
    capsys.readouterr()
    assert run(["resume", str(folder)]) == 2
    assert "t.txt has changed since this run began" in capsys.readouterr().err
    assert (folder / "checkpoints" / "last.safetensors").read_bytes() == before


def test_data_changed_before_a_run_is_said(tmp_path: Path) -> None:
    text = tmp_path / "t.txt"
    text.write_bytes((SAMPLES / "harbour_tales.txt").read_bytes())
    file = tmp_path / "e.toml"
    changes = ["training.epochs=1", "model.hidden_size=8", "model.embedding_size=4"]
    run(["new", str(text), "-o", str(file), *[w for c in changes for w in ("--set", c)]])
    from workbench.engine import events
    from workbench.engine.control import Control
    from workbench.engine.trainer import train

    def notes() -> list[str]:
        control, found = Control(), []
        for event in train(Experiment.load(file), None, control, runs_root=tmp_path / "r"):
            if isinstance(event, events.Noted):
                found.append(event.message)
            if isinstance(event, events.WarmedUp):
                control.stop()
        return found

    assert not any("has changed" in note for note in notes())
    text.write_bytes(text.read_bytes().replace(b"Mira", b"Nira", 1))
    assert any(note.startswith("t.txt has changed since") for note in notes())


def test_an_experiment_without_data_is_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    file = tmp_path / "e.toml"
    file.write_text('name = "nothing"\n', encoding="utf-8")
    assert run(["train", str(file), "--out", str(tmp_path / "r")]) == 2
    assert "This experiment names no data." in capsys.readouterr().err


def test_new_says_gaps_leaks_and_follows_another_reading(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    import numpy as np
    import pandas as pd

    walk = np.cumsum(np.random.default_rng(1).normal(size=400))
    frame = pd.DataFrame({"date": pd.date_range("2024-01-01", periods=400), "y": walk})
    frame["x"] = frame["y"].shift(-1).fillna(0.0)
    file = tmp_path / "t.csv"
    frame.drop(index=range(100, 110)).to_csv(file, index=False, sep="|")
    out = tmp_path / "e.toml"
    assert run(["new", str(file), "-o", str(out), "--set", "data.table.columns.x.role=input"]) == 0
    said = capsys.readouterr().out
    assert "missing" in said.lower()
    assert "it holds the target y of 1 step later" in said
    other = tmp_path / "o.toml"
    assert run(["new", str(file), "-o", str(other), "--set", "data.table.reading.header=no"]) == 0
    assert "column 1" in Experiment.load(other).to_toml()


def test_an_experiment_that_is_written_over_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    file = tmp_path / "e.toml"
    sample = str(SAMPLES / "museum_visitors.csv")
    run(["new", sample, "-o", str(file)])
    file.write_text("# by hand\n" + file.read_text(encoding="utf-8"), encoding="utf-8")
    run(["new", sample, "-o", str(file), "--set", "training.epochs=3"])
    assert "is kept as" in capsys.readouterr().err
    assert (tmp_path / "e.toml.before").read_text(encoding="utf-8").startswith("# by hand")
    assert Experiment.load(file).training.epochs == 3


def test_a_run_is_found_by_its_name(
    tmp_path: Path, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_RUNS", str(tmp_path))
    for name in ("one", "two", "two"):
        folder = RunFolder.create(tmp_path, Experiment(name=name))
    folder.update(state="running", pid=0)
    assert run(["evaluate", "one"]) == 2
    assert "no checkpoint yet" in capsys.readouterr().err
    assert run(["evaluate", "two"]) == 2
    assert "2 runs are called two" in capsys.readouterr().err
    assert run(["runs"]) == 0
    assert "cut off" in capsys.readouterr().out


def test_a_wrong_call_is_json_too(capsys: pytest.CaptureFixture) -> None:
    assert run(["train", "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["event"] == "error"
