"""The trainer where something goes wrong: numbers, memory, disk, data; and ways to end."""

from pathlib import Path

import pytest
import torch

from tests.engine.test_trainer import digest
from workbench.engine import events
from workbench.engine.checkpoint import load_checkpoint
from workbench.engine.control import Control
from workbench.engine.trainer import resume, train
from workbench.errors import UserError
from workbench.experiment import Experiment
from workbench.runs import RunFolder

pytestmark = pytest.mark.usefixtures("tasks")


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
