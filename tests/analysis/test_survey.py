"""Many steps of a part, of a text and of a series."""

from pathlib import Path

import numpy as np
import pytest

from workbench.analysis.survey import survey_of_trace, survey_part
from workbench.analysis.trace import trace_model
from workbench.data.findings import Watch
from workbench.engine.loading import load_model
from workbench.engine.trainer import train
from workbench.experiment import Experiment
from workbench.models.replay import Key
from workbench.specs import ColumnSpec


def test_a_text(small_runs: dict[str, Path], tmp_path: Path) -> None:
    loaded = load_model(small_runs["tale"])
    told: list[float] = []
    found = survey_part(loaded, "validation", 300, tmp_path / "t", Watch(told.append))
    assert len(found) == 300
    assert "".join(found.labels(0, 300)) in (small_runs["tale"].parents[1] / "tale.txt").read_text()
    assert [track.name for track in found.tracks(Watch())][1] == "capital"
    capital = next(track for track in found.tracks(Watch()) if track.name == "capital")
    assert capital.values.tolist() == [float(s.isupper()) for s in found.labels(0, 300)]
    assert told
    told.clear()
    again = survey_part(loaded, "validation", 300, tmp_path / "t", Watch(told.append))
    assert not told  # what stands there is used again
    np.testing.assert_array_equal(again.rows(again.keys[0]), found.rows(found.keys[0]))


@pytest.mark.parametrize("name", ["load", "both"])
def test_a_series(name: str, small_runs: dict[str, Path], tmp_path: Path) -> None:
    loaded = load_model(small_runs[name])
    found = survey_part(loaded, "train", 100, tmp_path / "t", Watch())
    assert len(found) == 96  # four windows of 24 steps
    assert found.times is not None
    hours = np.diff(found.times) / np.timedelta64(1, "h")
    assert (hours == 1).all()  # they follow each other without a gap
    window = loaded.task.stretch("train", 0, 1)
    trace = trace_model(loaded.model, *window.inputs)
    key = trace.keys[-1]
    np.testing.assert_allclose(found.rows(key)[:24].astype(float), trace.rows(key), atol=2e-3)
    names = [track.name for track in found.tracks(Watch())]
    assert names[0] == "hour"
    assert "load" in names
    assert found.values is not None
    assert found.values[:, 0].mean() == pytest.approx(50, abs=5)


def test_a_shown_stretch(small_runs: dict[str, Path]) -> None:
    loaded = load_model(small_runs["load"])
    probe = loaded.task.probe()
    trace = trace_model(loaded.model, *probe.inputs)
    found = survey_of_trace(loaded, trace, probe)
    assert len(found) == 24
    assert found.values is not None
    wanted = loaded.task.codec.decode(probe.inputs[0][0].numpy())
    np.testing.assert_allclose(found.values, wanted, rtol=1e-5)
    assert "hour" in [track.name for track in found.tracks(Watch())]
    text = load_model(small_runs["tale"])
    ids = text.task.probe()
    shown = survey_of_trace(text, trace_model(text.model, *ids.inputs), ids)
    assert len(shown.tracks(Watch())) == 8
    assert shown.rows(Key(0, 0, "hidden")).shape == (len(ids.labels), 8)


@pytest.mark.parametrize("dated", [True, False], ids=["with dates", "without"])
def test_other_columns_are_tracks(dated: bool, tmp_path: Path) -> None:
    hours = np.arange("2024-01-01T00", "2024-01-26T00", dtype="datetime64[h]")
    wind = np.where(np.arange(len(hours)) % 3, "north", "south")
    load = np.round(np.sin(np.arange(len(hours)) / 4), 4)
    heads = (["time"] if dated else []) + ["load", "rain", "wind"]
    rows = [
        ([str(hour)] if dated else []) + [str(value), str(number % 7), name]
        for number, (hour, value, name) in enumerate(zip(hours, load, wind, strict=True))
    ]
    file = tmp_path / "load.csv"
    file.write_text("\n".join(",".join(row) for row in [heads, *rows]) + "\n")
    columns = [
        ColumnSpec(name="load", role="target").model_dump(),
        ColumnSpec(name="rain", role="ignored").model_dump(),
        ColumnSpec(name="wind", role="ignored", kind="category").model_dump(),
    ]
    times = {"data.table.time.columns": ["time"]} if dated else {}
    if dated:
        columns.insert(0, ColumnSpec(name="time", role="date", kind="date").model_dump())
    experiment = Experiment().with_values(
        {
            "name": "load", "task": "forecast", "data.path": str(file), "model.hidden_size": 4,
            "model.num_layers": 1, "data.table.columns": columns, **times,
            "data.table.windows.window": 24, "data.table.windows.horizon": 3,
            "training.epochs": 1, "training.threads": 1, "training.precision": "float32",
        }
    )  # fmt: skip
    events = list(train(experiment, runs_root=tmp_path / "runs"))
    assert events[-1].state == "finished", events[-1]
    loaded = load_model(Path(events[0].folder))
    found = survey_part(loaded, "train", 200, tmp_path / "t", Watch())
    tracks = {track.name: track for track in found.tracks(Watch())}
    assert ("hour" in tracks) == dated
    assert {"load", "rain", "wind = north", "wind = south"} <= set(tracks)
    start = round(float(tracks["rain"].values[0]))
    np.testing.assert_array_equal(tracks["rain"].values, (start + np.arange(len(found))) % 7)
    np.testing.assert_array_equal(tracks["wind = south"].values, np.arange(len(found)) % 3 == 0)
    probe = loaded.task.probe()
    shown = survey_of_trace(loaded, trace_model(loaded.model, *probe.inputs), probe)
    assert ("hour" in [track.name for track in shown.tracks(Watch())]) == dated
    own = {track.name: track for track in shown.tracks(Watch())}
    rain = own["rain"].values
    np.testing.assert_array_equal(rain, (round(float(rain[0])) + np.arange(24)) % 7)
