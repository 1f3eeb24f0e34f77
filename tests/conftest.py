"""Fixtures shared by all tests."""

import gc
import itertools
import math
import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from workbench.experiment import Experiment

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

PROJECT = Path(__file__).resolve().parent.parent
_tests_run = itertools.count(1)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data sets; tests that need it are skipped where it is absent."""
    folder = Path(os.environ.get("WORKBENCH_DATA", PROJECT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"the real data sets are not at {folder} (set WORKBENCH_DATA)")
    return folder


@pytest.fixture(autouse=True)
def _cycles_are_freed_between_tests() -> Iterator[None]:
    """As in the program: never in the middle of what Qt does (see ``workbench.app.garbage``)."""
    gc.disable()
    yield
    gc.collect(2 if next(_tests_run) % 50 == 0 else 1)


@pytest.fixture(autouse=True)
def _private_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the user's own runs and settings."""
    monkeypatch.setenv("WORKBENCH_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("WORKBENCH_SETTINGS", str(tmp_path / "settings"))


@pytest.fixture(scope="session")
def small_runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Small finished runs by name: ``tale`` (LSTM), ``plain`` (RNN) and ``both`` (GRU reading both
    ways) on texts and series; ``load`` forecasts one target, ``both`` two. Not to be changed."""
    import torch

    from workbench.engine.trainer import train

    torch.set_num_threads(1)
    root = tmp_path_factory.mktemp("small_runs")
    found = {}
    for experiment in _small_experiments(root):
        events = list(train(experiment, runs_root=root / "runs"))
        assert events[-1].state == "finished", events[-1]
        found[experiment.name] = Path(events[0].folder)
    return found


def _small_experiments(root: Path) -> list["Experiment"]:
    from workbench.experiment import Experiment
    from workbench.specs import ColumnSpec

    text = root / "tale.txt"
    text.write_text("The bell rang over the grey harbour and nobody came.\n" * 80)
    table = root / "load.csv"
    start = datetime(2024, 1, 1)
    rows = [
        f"{start + timedelta(hours=i):%Y-%m-%d %H:%M},{50 + 9 * math.sin(i / 3.8):.3f}"
        for i in range(900)
    ]
    table.write_text("time,load\n" + "\n".join(rows) + "\n")
    columns = [
        ColumnSpec(name="time", role="date", kind="date").model_dump(),
        ColumnSpec(name="load", role="target").model_dump(),
    ]
    second = root / "load_and_tide.csv"
    tides = [f"{row},{3 + math.cos(i / 2):.3f}" for i, row in enumerate(rows)]
    second.write_text("time,load,tide\n" + "\n".join(tides) + "\n")
    targets = [*columns, ColumnSpec(name="tide", role="target").model_dump()]
    quick = {"training.epochs": 1, "training.threads": 1, "training.precision": "float32"}
    writes = {
        "data.path": str(text), "model.hidden_size": 8, "model.num_layers": 1,
        "model.embedding_size": 4, "training.batch_size": 8, "training.bptt_length": 16, **quick,
    }  # fmt: skip
    forecasts = {
        "task": "forecast", "data.path": str(table), "model.hidden_size": 8,
        "model.num_layers": 1, "data.table.columns": columns,
        "data.table.time.columns": ["time"], "data.table.windows.window": 24,
        "data.table.windows.horizon": 6, "model.quantiles": [0.1, 0.9], **quick,
    }  # fmt: skip
    changes = (
        {"name": "tale", **writes},
        {"name": "plain", **writes, "model.cell": "rnn_tanh"},
        {"name": "load", **forecasts},
        {"name": "both", **forecasts, "model.cell": "gru", "model.bidirectional": True,
         "data.path": str(second), "data.table.columns": targets},
    )  # fmt: skip
    return [Experiment().with_values(values) for values in changes]
