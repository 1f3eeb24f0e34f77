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


def test_not_finite_is_dropped_named_and_halved(
    tiny: Experiment, tmp_path: Path, tasks: list
) -> None:
    notes = []
    for event in train(tiny, runs_root=tmp_path):
        if isinstance(event, events.EpochDone) and event.epoch == 1:
            tasks[0].poison_at = tasks[0].asked + 5
        if isinstance(event, events.Noted):
            notes.append(event.message)
        if isinstance(event, events.SettingChanged):
            assert event.by == "program"
    assert len(notes) == 1
    assert "dropped" in notes[0]
    assert "halved" in notes[0]
    assert isinstance(event, events.RunEnded)
    assert event.state == "finished"


def test_dropped_step_does_not_count_in_the_epoch(
    tiny: Experiment, tmp_path: Path, tasks: list
) -> None:
    means, losses = [], []
    for event in train(tiny, runs_root=tmp_path):
        if isinstance(event, events.EpochDone):
            means.append(event.train_loss)
            tasks[0].poison_at = tasks[0].asked + 5 if event.epoch == 1 else None
        if isinstance(event, events.StepsDone):
            losses.append((event.epoch, event.loss))
    second = [loss for epoch, part in losses if 1 < epoch <= 2 for loss in part]
    assert len(second) == 39
    assert means[1] == pytest.approx(sum(second) / 39)


def test_rolled_back_run_goes_on_equal(
    tiny: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is gone back to is older than the checkpoint that was resumed."""
    from workbench.engine.step import StepMaker

    original = StepMaker.gradients

    def poisoned(self, batches, state, step):  # type: ignore[no-untyped-def]  # test double
        loss, items, end = original(self, batches, state, step)
        return (float("nan") if step == 70 else loss), items, end

    monkeypatch.setattr(StepMaker, "gradients", poisoned)
    straight = []
    for event in train(tiny, runs_root=tmp_path / "straight"):
        straight.append(event)
        if event.step == 71:
            break
    control = Control()
    folder = RunFolder.create(tmp_path / "cut", tiny)
    for event in train(tiny, folder, control):
        if event.step >= 60:
            control.stop()
    cut = []
    for event in resume(folder):
        cut.append(event)
        if event.step == 71:
            break
    assert any("dropped" in e.message for e in cut if isinstance(e, events.Noted))
    assert digest(folder.path) == digest(next((tmp_path / "straight").iterdir()))


def test_bad_weight_is_named_and_ends_after_three(
    tiny: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workbench.engine.step import StepMaker

    original = StepMaker.gradients

    def poisoned(self, batches, state, step):  # type: ignore[no-untyped-def]  # test double
        if step >= 10:
            with torch.no_grad():
                self.model.head.bias[0] = float("inf")
        return original(self, batches, state, step)

    monkeypatch.setattr(StepMaker, "gradients", poisoned)
    seen = list(train(tiny, runs_root=tmp_path))
    notes = [event.message for event in seen if isinstance(event, events.Noted)]
    assert len(notes) == 3
    assert all("weight head.bias is not finite" in note for note in notes)
    last = seen[-1]
    assert isinstance(last, events.RunEnded)
    assert last.state == "failed"
    assert "3 times" in last.reason


def test_out_of_memory_keeps_the_effective_batch(
    tiny: Experiment, tmp_path: Path, tasks: list
) -> None:
    experiment = tiny.with_values(
        {"model.dropout": 0.0, "model.output_dropout": 0.0, "model.weight_drop": 0.0}
    )
    whole = list(train(experiment, runs_root=tmp_path / "a"))
    notes, losses = [], []
    for event in train(experiment, runs_root=tmp_path / "b"):
        if isinstance(event, events.WarmedUp):
            tasks[1].memory_rows = 3
        if isinstance(event, events.Noted):
            notes.append(event.message)
        if isinstance(event, events.StepsDone):
            losses.extend(event.loss)
    assert "parts of 3" in notes[0]
    plain = [loss for e in whole if isinstance(e, events.StepsDone) for loss in e.loss]
    assert losses == pytest.approx(plain, rel=1e-3)


def test_out_of_memory_while_judging_cuts_batches(
    tiny: Experiment, tmp_path: Path, tasks: list
) -> None:
    values = []
    for place, rows in enumerate((None, 2)):
        found = []
        for event in train(tiny, runs_root=tmp_path / str(place)):
            if isinstance(event, events.WarmedUp):
                tasks[place].judged_rows = rows
            if isinstance(event, events.EpochDone):
                found.append(event.metrics["nats"])
        values.append(found)
    assert tasks[1].judged.count("validation") > tasks[0].judged.count("validation")
    assert values[1] == pytest.approx(values[0], rel=1e-5)


def test_memory_too_small_to_judge_one_sequence_is_said(
    tiny: Experiment, tmp_path: Path, tasks: list
) -> None:
    last = None
    for event in train(tiny, runs_root=tmp_path):
        last = event
        for task in tasks:
            task.judged_rows = 0
    assert isinstance(last, events.RunEnded)
    assert last.state == "failed"
    assert "while the model was judged" in last.reason


@pytest.mark.parametrize("way", ["stop", "discard"])
def test_stopped_while_the_best_is_judged(
    tiny: Experiment, tmp_path: Path, tasks: list, way: str
) -> None:
    control = Control()
    folder = RunFolder.create(tmp_path, tiny)
    last = None
    for event in train(tiny, folder, control):
        last = event
        if isinstance(event, events.Phase) and "best" in event.message:
            before = digest(folder.path)
            getattr(control, way)()
    assert isinstance(last, events.RunEnded)
    if way == "discard":
        assert last.state == "discarded"
        assert not folder.path.exists()
        return
    assert last.state == "stopped"
    assert digest(folder.path) == before  # of the last step, not of the best epoch
    again = list(resume(folder))[-1]
    assert isinstance(again, events.RunEnded)
    assert again.state == "finished"
    assert again.metrics["test"]


def test_job_that_cannot_start_leaves_no_run(
    tiny: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object, **_options: object) -> None:
        raise UserError("Too few rows.", "Give more.")

    monkeypatch.setattr("workbench.engine.trainer.prepare_task", refuse)
    folder = RunFolder.create(tmp_path, tiny)
    last = list(train(tiny, folder))[-1]
    assert isinstance(last, events.RunEnded)
    assert (last.state, last.reason) == ("unstarted", "Too few rows.")
    assert not folder.path.exists()


def test_resumed_run_that_cannot_start_is_kept(
    tiny: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = RunFolder.create(tmp_path, tiny)
    control = Control()
    control.stop()
    list(train(tiny, folder, control))

    def refuse(*_args: object, **_options: object) -> None:
        raise UserError("The file is gone.", "Put it back.")

    monkeypatch.setattr("workbench.engine.trainer.prepare_task", refuse)
    last = list(resume(folder))[-1]
    assert isinstance(last, events.RunEnded)
    assert last.state == "failed"
    assert folder.path.exists()


def test_unexpected_error_ends_with_reason_and_checkpoint(
    tiny: Experiment, tmp_path: Path, tasks: list, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workbench.engine.step import StepMaker

    def broken(self, *args):  # type: ignore[no-untyped-def]  # test double
        raise ZeroDivisionError("planted")

    seen = []
    for event in train(tiny, runs_root=tmp_path):
        seen.append(event)
        if isinstance(event, events.EpochDone):
            monkeypatch.setattr(StepMaker, "make", broken)
    last = seen[-1]
    assert isinstance(last, events.RunEnded)
    assert last.state == "failed"
    assert "planted" in last.reason
    assert "Traceback" in last.details
    assert (next(tmp_path.iterdir()) / "checkpoints" / "last.safetensors").exists()


def test_stopping_to_read_saves(tiny: Experiment, tmp_path: Path) -> None:
    for event in train(tiny, runs_root=tmp_path):
        if event.step > 50:
            break
    folder = RunFolder.open(next(tmp_path.iterdir()))
    assert folder.info().state == "stopped"
    assert (
        load_checkpoint(folder.path / "checkpoints" / "last.safetensors").state["progress"]["step"]
        > 50
    )


def test_early_stopping_counts(tiny: Experiment, tmp_path: Path) -> None:
    experiment = tiny.with_values(
        {"training.learning_rate": 1e-12, "training.patience": 2, "training.epochs": 50}
    )
    seen = list(train(experiment, runs_root=tmp_path))
    epochs = [event for event in seen if isinstance(event, events.EpochDone)]
    assert [event.waited for event in epochs][-1] == 2
    assert "Stopped early" in seen[-1].reason


def test_memory_that_runs_out_in_the_warm_up_halves_the_batch(
    tiny: Experiment, tmp_path: Path, tasks: list, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workbench.engine.step import StepMaker

    original, left = StepMaker.gradients, [1]

    def short(self, *given):  # type: ignore[no-untyped-def]  # test double
        if left and left.pop():
            raise RuntimeError("std::bad_alloc")
        return original(self, *given)

    monkeypatch.setattr(StepMaker, "gradients", short)
    seen = list(train(tiny, runs_root=tmp_path))
    warmed = next(event for event in seen if isinstance(event, events.WarmedUp))
    assert "parts of 3" in warmed.message
    assert isinstance(seen[-1], events.RunEnded)
    assert seen[-1].state == "finished"


def test_a_run_whose_best_could_not_be_written_is_not_finished(
    tiny: Experiment, tmp_path: Path, tasks: list, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workbench.engine import keeper
    from workbench.errors import UserError

    original = keeper.save_checkpoint

    def full(path: Path, *given, **named):  # type: ignore[no-untyped-def]  # test double
        if path.name == "best.safetensors":
            raise UserError("The disk is full.", "Make room.")
        original(path, *given, **named)

    monkeypatch.setattr(keeper, "save_checkpoint", full)
    *_, last = train(tiny, runs_root=tmp_path)
    assert isinstance(last, events.RunEnded)
    assert last.state == "failed"
    assert "best checkpoint could not be written" in last.reason
    monkeypatch.undo()


def test_a_run_that_gave_up_is_kept_as_it_was_before(
    tiny: Experiment, tmp_path: Path, tasks: list, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workbench.engine.checkpoint import load_newest
    from workbench.engine.step import StepMaker

    original = StepMaker.gradients

    def poisoned(self, batches, state, step):  # type: ignore[no-untyped-def]  # test double
        if step >= 60:
            with torch.no_grad():
                next(self.model.parameters()).view(-1)[0] = float("inf")
        return original(self, batches, state, step)

    monkeypatch.setattr(StepMaker, "gradients", poisoned)
    *_, last = train(tiny, runs_root=tmp_path)
    assert last.state == "failed"
    kept = load_newest(next(tmp_path.iterdir()) / "checkpoints")
    assert all(tensor.isfinite().all() for tensor in kept.part("model").values())
    assert kept.state["progress"]["step"] == 60
    assert kept.state["progress"]["rate_scale"] == 1 / 8
    assert kept.state["progress"]["bad_steps"] == 0
