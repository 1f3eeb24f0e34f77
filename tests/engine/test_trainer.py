"""The trainer: what it does between the first event and the last."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from workbench.engine import events
from workbench.engine.checkpoint import load_checkpoint
from workbench.engine.control import Control
from workbench.engine.history import History
from workbench.engine.trainer import resume, train
from workbench.errors import UserError
from workbench.experiment import Experiment
from workbench.runs import RunFolder

pytestmark = pytest.mark.usefixtures("tasks")


def digest(folder: Path) -> str:
    """Hash of every tensor and of the position in the last checkpoint."""
    checkpoint = load_checkpoint(folder / "checkpoints" / "last.safetensors")
    total = hashlib.sha256()
    for name in sorted(checkpoint.tensors):
        total.update(name.encode())
        total.update(checkpoint.tensors[name].contiguous().view(-1).view(torch.uint8).numpy())
    progress = {k: v for k, v in checkpoint.state["progress"].items() if not k.endswith("_s")}
    total.update(repr(sorted(progress.items())).encode())
    total.update(repr(sorted(checkpoint.state["optimizer"].items())).encode())
    return total.hexdigest()


def curve(folder: Path) -> list[tuple[float, float]]:
    history = History.load(RunFolder.open(folder))
    return list(zip(history.steps.tolist(), history.loss.tolist(), strict=True))


def run_to_end(experiment: Experiment, root: Path) -> Path:
    last = list(train(experiment, runs_root=root))[-1]
    assert isinstance(last, events.RunEnded)
    assert last.state == "finished", last.reason
    return next(path for path in root.iterdir() if path.is_dir())


def test_learns_and_tells(tiny: Experiment, tmp_path: Path) -> None:
    experiment = tiny.with_values({"model.dropout": 0.0, "model.weight_drop": 0.0})
    seen = list(train(experiment, runs_root=tmp_path))
    kinds = [type(event) for event in seen]
    assert kinds[0] is events.RunStarted
    assert kinds[-1] is events.RunEnded
    epochs = [event for event in seen if isinstance(event, events.EpochDone)]
    assert [event.epoch for event in epochs] == [1, 2, 3]
    assert epochs[-1].metrics["nats"] < 1.2  # uniform is 1.609
    steps = [loss for event in seen if isinstance(event, events.StepsDone) for loss in event.loss]
    assert len(steps) == 120
    assert {"sampled", "probe_traced", "verdict", "warmed_up"} <= {event.kind for event in seen}
    assert {event.run for event in seen} == {next(tmp_path.iterdir()).name}


def test_a_short_run_is_traced_after_every_epoch_and_at_its_end(
    tiny: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workbench.engine import previewing

    monkeypatch.setattr(previewing, "_CLOSEST_S", 0.0)
    monkeypatch.setattr(previewing, "_LARGEST_SHARE", 1e9)
    experiment = tiny.with_value("preview.every_s", 3600)
    traced = [
        event.step
        for event in train(experiment, runs_root=tmp_path)
        if isinstance(event, events.ProbeTraced)
    ]
    assert traced[-3:] == [40, 80, 120]


def test_same_seed_same_run(tiny: Experiment, tmp_path: Path) -> None:
    one = run_to_end(tiny, tmp_path / "a")
    two = run_to_end(tiny, tmp_path / "b")
    other = run_to_end(tiny.with_value("seed", 2), tmp_path / "c")
    assert digest(one) == digest(two) != digest(other)
    assert curve(one) == curve(two)


@pytest.mark.parametrize("stop_at", [1, 39, 40, 41, 77])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"training.optimizer": "sgd", "training.momentum": 0.9, "training.schedule": "plateau"},
        {"training.optimizer": "rmsprop", "training.accumulation": 3, "model.cell": "gru"},
    ],
    ids=["adam", "sgd", "rmsprop"],
)
def test_resumed_equals_uninterrupted(
    tiny: Experiment, tmp_path: Path, stop_at: int, changes: dict[str, object]
) -> None:
    experiment = tiny.with_values(changes)
    straight = run_to_end(experiment, tmp_path / "straight")
    control = Control()
    folder = RunFolder.create(tmp_path / "cut", experiment)
    for event in train(experiment, folder, control):
        if event.step >= stop_at // experiment.training.accumulation:
            control.stop()
    assert folder.info().state == "stopped"
    last = list(resume(folder))[-1]
    assert isinstance(last, events.RunEnded)
    assert last.state == "finished"
    assert digest(folder.path) == digest(straight)
    assert curve(folder.path) == curve(straight)


def test_drawing_random_numbers_elsewhere_changes_nothing(tiny: Experiment, tmp_path: Path) -> None:
    one = run_to_end(tiny, tmp_path / "a")
    for event in train(tiny, runs_root=tmp_path / "b"):
        torch.rand(event.step % 7 + 1)
    assert digest(one) == digest(next((tmp_path / "b").iterdir()))


def test_divergence_is_said_within_the_epoch(
    tiny: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workbench.engine import reporter
    from workbench.engine.step import StepMaker

    original = StepMaker.make

    def exploding(self, batches, state, step, rate):  # type: ignore[no-untyped-def]  # test double
        done = original(self, batches, state, step, rate)
        return replace(done, loss=100.0) if step >= 65 else done

    monkeypatch.setattr(StepMaker, "make", exploding)
    monkeypatch.setattr(reporter, "INTERVAL_S", 0.0)
    seen = list(train(tiny, runs_root=tmp_path))
    said = [(event.state, event.step) for event in seen if isinstance(event, events.Verdict)]
    assert said[0] == ("starting", 1)
    assert ("diverging", 75) in said


def test_stopping_on_a_full_disk_is_no_stopped_and_kept(
    tiny: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workbench.engine import keeper

    def full(*_args: object, **_options: object) -> None:
        raise UserError("The disk is full.", "Make room.")

    control = Control()
    last = None
    for event in train(tiny, control=control, runs_root=tmp_path):
        last = event
        if event.step >= 10:
            monkeypatch.setattr(keeper, "save_checkpoint", full)
            control.stop()
    assert isinstance(last, events.RunEnded)
    assert last.state == "failed"
    assert "could not be written" in last.reason


def test_live_changes_are_marks(tiny: Experiment, tmp_path: Path) -> None:
    control = Control()
    marks = []
    rates = []
    for event in train(tiny, control=control, runs_root=tmp_path):
        if isinstance(event, events.EpochDone) and event.epoch == 1:
            control.set_value("training.learning_rate", 0.0001)
        if isinstance(event, events.SettingChanged):
            marks.append((event.name, event.value, event.by))
        if isinstance(event, events.StepsDone):
            rates.append(event.learning_rate)
    assert marks == [("training.learning_rate", 0.0001, "user")]
    folder = RunFolder.open(next(tmp_path.iterdir()))
    assert folder.experiment_now().training.learning_rate == 0.0001
    assert rates[-1] < 0.0001


def test_pause_waits_and_answers(tiny: Experiment, tmp_path: Path) -> None:
    control = Control()
    seen: list[str] = []
    for event in train(tiny, control=control, runs_root=tmp_path):
        seen.append(event.kind)
        if isinstance(event, events.EpochDone) and event.epoch == 1:
            control.pause()
        if isinstance(event, events.Paused):
            control.request_sample(prompt="x")
        if isinstance(event, events.ProbeTraced) and "paused" in seen:
            control.resume()
    start, end = seen.index("paused"), seen.index("continued")
    assert seen[start + 1 : end] == ["sampled", "probe_traced"]
    assert seen[-1] == "run_ended"


def test_discard_moves_the_folder_away(tiny: Experiment, tmp_path: Path) -> None:
    control = Control()
    folder = RunFolder.create(tmp_path, tiny)
    last = None
    for event in train(tiny, folder, control):
        last = event
        if event.step > 5:
            control.discard()
    assert isinstance(last, events.RunEnded)
    assert last.state == "discarded"
    assert not folder.path.exists()


def test_what_a_run_has_become_is_shown_at_its_end(tiny: Experiment, tmp_path: Path) -> None:
    experiment = tiny.with_value("preview.every_s", 3600)
    seen = list(train(experiment, runs_root=tmp_path))
    for kind in (events.Sampled, events.ProbeTraced):
        steps = [event.step for event in seen if isinstance(event, kind)]
        assert steps[-1] == 120
        assert len(set(steps)) == len(steps)
