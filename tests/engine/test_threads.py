"""Threads are looked at again when steps become slow."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from tests.engine.conftest import CountingTask
from workbench.data.findings import Cancelled
from workbench.engine import devices, events, trainer, warmup
from workbench.engine.step import StepMaker
from workbench.engine.threads import REST, STRETCH, ThreadWatch
from workbench.experiment import Experiment


@pytest.fixture(autouse=True)
def threads_as_before() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def told(watch: ThreadWatch, seconds: float, steps: int = STRETCH) -> list[str]:
    return [words for _ in range(steps) if (words := watch.step(seconds))]


def test_one_thread_where_two_no_longer_pay() -> None:
    watch = ThreadWatch(2, free=True)
    assert told(watch, 0.01) == []
    assert told(watch, 0.011, 50) == [], "a little slower is nothing"
    assert told(watch, 1.0) == []
    assert torch.get_num_threads() == 1, "a few steps are tried with one"
    (words,) = told(watch, 0.02)
    assert "One CPU thread from here on" in words
    assert watch.threads == 1
    assert torch.get_num_threads() == 1
    assert told(watch, 5.0, 100) == [], "there is nothing left to try"


def test_two_threads_where_they_still_pay() -> None:
    watch = ThreadWatch(2, free=True)
    told(watch, 0.01)
    told(watch, 0.02)
    assert torch.get_num_threads() == 1
    assert told(watch, 0.027) == [], "one thread is 1.35 times slower still"
    assert (watch.threads, torch.get_num_threads()) == (2, 2)
    assert told(watch, 0.2, REST) == [], "not looked at again at once"
    assert torch.get_num_threads() == 2
    told(watch, 0.2)
    assert torch.get_num_threads() == 1


@pytest.mark.parametrize(("threads", "free"), [(2, False), (1, True)])
def test_what_was_asked_for_stays(threads: int, free: bool) -> None:
    watch = ThreadWatch(threads, free=free)
    told(watch, 0.01)
    assert told(watch, 10.0, 20) == []
    assert watch.threads == threads
    assert torch.get_num_threads() == 2, "untouched"


def test_a_run_says_it_and_goes_on(
    tiny: Experiment, tasks: list, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Steps take one second from the tenth on, but for those with one thread."""
    now = [0.0, 0]

    def clock() -> float:
        now[1] += 1
        slow = now[1] > 20 and torch.get_num_threads() > 1
        now[0] += 1.0 if slow else 0.001
        return now[0]

    monkeypatch.setattr(trainer, "clock", clock)
    monkeypatch.setattr(warmup, "pays_with_threads", lambda timed: (timed(1), timed(2)) and 2)
    experiment = tiny.with_value("training.threads", 0)
    found = list(trainer.train(experiment, runs_root=tmp_path))
    assert found[-1].state == "finished", found[-1]
    warmed = next(event for event in found if isinstance(event, events.WarmedUp))
    notes = [event.message for event in found if isinstance(event, events.Noted)]
    assert warmed.threads == 2
    assert sum("One CPU thread from here on" in note for note in notes) == 1
    assert isinstance(found[-1], events.RunEnded)
    assert found[-1].state == "finished"


# ---------------------------------------------------------------------- the first choice


def test_cores_that_others_use_are_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices.psutil, "cpu_count", lambda logical=True: 2)
    monkeypatch.setattr(devices, "_threads_stall", lambda _count: False)
    for others, most in ((0.0, 2), (0.2, 2), (0.9, 1), (2.0, 1)):
        monkeypatch.setattr(devices, "_cores_in_use_by_others", lambda used=others: used)
        assert devices.pays_with_threads(lambda count: 1 / count) == most


def test_threads_that_wait_for_each_other_are_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices.psutil, "cpu_count", lambda logical=True: 4)
    monkeypatch.setattr(devices, "_cores_in_use_by_others", lambda: 0.0)
    tried: list[int] = []

    def seconds(count: int) -> float:
        tried.append(count)
        return 1 / count

    real = devices.torch.mm

    def waiting(one: torch.Tensor, two: torch.Tensor) -> torch.Tensor:
        for _ in range(1 if torch.get_num_threads() == 1 else 50):
            found = real(one, two)
        return found

    monkeypatch.setattr(devices.torch, "mm", waiting)
    assert devices.pays_with_threads(seconds) == 1
    assert tried == [1]
    assert torch.get_num_threads() == 2, "as before"


# ---------------------------------------------------------------------- the warm-up


class Passes:
    """Stands for the model's own passes: each takes so long in float32 and in bfloat16."""

    def __init__(self, tiny: Experiment, single: float, half: float) -> None:
        task = CountingTask(tiny)
        model = task.build_model(torch.Generator().manual_seed(1))
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        self.task, self.now = task, 0.0
        self.maker = StepMaker(task, model, optimizer, tiny, True)
        self.seconds = {False: single, True: half}
        self.maker.gradients = self.gradients  # type: ignore[method-assign]  # test double

    def gradients(self, *_: object) -> tuple[float, int, None]:
        self.now += self.seconds[self.maker.bfloat16]
        return 0.0, 1, None


@pytest.mark.parametrize(("half", "kept"), [(0.006, True), (0.011, False)])
def test_bfloat16_is_kept_where_it_gains(
    tiny: Experiment, monkeypatch: pytest.MonkeyPatch, half: float, kept: bool
) -> None:
    passes = Passes(tiny, 0.01, half)
    monkeypatch.setattr(warmup, "clock", lambda: passes.now)
    done = warmup.warm_up(passes.maker, passes.task, 1, judge_precision=True)
    assert passes.maker.bfloat16 == kept
    assert done.step_s == pytest.approx(half if kept else 0.01)
    assert ("bfloat16: 1.67× as fast as float32." in done.message) == kept
    assert ("float32: bfloat16 is only 0.91× as fast." in done.message) != kept
    asked = warmup.warm_up(passes.maker, passes.task, 1)
    assert passes.maker.bfloat16 == kept, "what was asked for stays"
    assert "float32" not in asked.message


def test_a_stop_ends_the_warm_up(tiny: Experiment) -> None:
    passes = Passes(tiny, 0.01, 0.01)
    with pytest.raises(Cancelled):
        warmup.warm_up(passes.maker, passes.task, 1, cancelled=lambda: passes.now > 0.015)
