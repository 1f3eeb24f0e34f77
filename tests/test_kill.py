"""A run killed at any moment resumes, and equals one that never stopped, bit for bit."""

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from workbench.engine.checkpoint import load_checkpoint
from workbench.engine.history import History
from workbench.experiment import Experiment
from workbench.runs import RunFolder, list_runs

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this harness forks")

PROJECT = Path(__file__).resolve().parents[1]
SEED = 20


class Server:
    """Runs commands in processes that are killed."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(PROJECT / "tests" / "kill_server.py")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def run(self, arguments: list[str], *, kill_after: int = 0, crash: int | None = None) -> int:
        """Run one command; kill it once it has printed so many events. Return its exit code."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps([arguments, crash]) + "\n")
        self.process.stdin.flush()
        pid, seen = 0, 0
        for line in self.process.stdout:
            try:
                values = json.loads(line)
            except ValueError:  # torn by the kill
                continue
            if values["event"] == "forked":
                pid = values["pid"]
            elif values["event"] == "gone":
                return int(values["code"])
            else:
                seen += 1
            if kill_after and pid and seen >= kill_after:
                os.kill(pid, signal.SIGKILL)
                kill_after = 0
        raise AssertionError("the server died")

    def close(self) -> None:
        self.process.communicate(timeout=60)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two epochs of 122 steps with dropout, momentum and a schedule."""
    folder = tmp_path_factory.mktemp("job")
    letters = random.Random(1).choices("abcde ", k=5400)
    (folder / "text.txt").write_text("".join(letters), encoding="utf-8")
    experiment = Experiment.from_dict(
        {
            "name": "kill",
            "data": {
                "path": "text.txt", "split": {"train": 0.9, "validation": 0.1, "test": 0.0},
            },
            "model": {"hidden_size": 8, "embedding_size": 4, "num_layers": 2, "dropout": 0.2},
            "training": {
                "epochs": 2, "batch_size": 4, "bptt_length": 10, "threads": 1,
                "precision": "float32", "device": "cpu", "patience": 0,
            },
            "preview": {"length": 3, "every_s": 0.5},
        }
    )  # fmt: skip
    file = folder / "experiment.toml"
    file.write_text(experiment.to_toml(), encoding="utf-8")
    return file


def facts(folder: Path) -> dict[str, Any]:
    """All that must be equal: weights, optimiser, position, generators, curve, validations."""
    found: dict[str, Any] = {}
    for which in ("last", "best"):
        checkpoint = load_checkpoint(folder / "checkpoints" / f"{which}.safetensors")
        total = hashlib.sha256()
        for name, tensor in sorted(checkpoint.tensors.items()):
            total.update(name.encode() + tensor.contiguous().numpy().tobytes())
        state = checkpoint.state
        progress = {k: v for k, v in state["progress"].items() if not k.endswith("_s")}
        found[which] = (total.hexdigest(), progress, state.get("optimizer"))
    history = History.load(RunFolder.open(folder))
    found["steps"] = history.steps.tolist()
    found["loss"] = history.loss.tolist()
    found["epochs"] = [(done.epoch, done.train_loss, done.metrics) for done in history.epochs]
    info = RunFolder.open(folder).info()
    found["end"] = (info.state, info.best, info.metrics)
    return found


@pytest.fixture(scope="module")
def straight(server: Server, job: Path) -> tuple[dict[str, Any], int]:
    """The run that is never killed, and how many events it had."""
    root = job.parent / "straight"
    assert server.run(["train", str(job), "--out", str(root), "--json"]) == 0
    folder = list_runs(root)[0].folder
    events = sum(1 for _ in RunFolder.open(folder).events())
    found = facts(folder)
    assert len(found["steps"]) > 200
    assert found["steps"] == list(range(1, len(found["steps"]) + 1))
    return found, events


def finish(server: Server, root: Path, chance: random.Random, events: int) -> Path:
    """Resume until it is finished, killing now and then; return the run's folder."""
    runs = list_runs(root)
    assert len(runs) == 1
    folder = runs[0].folder
    for _ in range(2):
        if chance.random() < 0.4:
            server.run(["resume", str(folder), "--json"], kill_after=chance.randint(1, events))
    if RunFolder.open(folder).info().state != "finished":
        assert RunFolder.open(folder).info().resumable
        assert server.run(["resume", str(folder), "--json"]) == 0
    assert not list(folder.rglob("*.tmp"))
    return folder


@pytest.mark.parametrize("trial", range(6))
def test_killed_at_random_moments(
    server: Server, job: Path, straight: tuple[dict[str, Any], int], tmp_path: Path, trial: int
) -> None:
    expected, events = straight
    chance = random.Random(f"{SEED}/{trial}")
    moment = chance.randint(1, events)
    server.run(["train", str(job), "--out", str(tmp_path), "--json"], kill_after=moment)
    assert facts(finish(server, tmp_path, chance, events)) == expected


@pytest.mark.parametrize("number", [2, 13, 14, 17, 30, 33, 38, 41, 42, 43, 60])
def test_killed_around_every_write(
    server: Server, job: Path, straight: tuple[dict[str, Any], int], tmp_path: Path, number: int
) -> None:
    """Before and after an fsync or rename: of a new folder, of run.json, of swapped checkpoints."""
    code = server.run(["train", str(job), "--out", str(tmp_path), "--json"], crash=number)
    assert code == -signal.SIGKILL
    if not list_runs(tmp_path):  # it had no whole folder yet: nothing was lost
        assert number <= 13
        assert not [path for path in tmp_path.iterdir() if not path.name.startswith(".")]
        return
    assert facts(finish(server, tmp_path, random.Random(0), 1)) == straight[0]
