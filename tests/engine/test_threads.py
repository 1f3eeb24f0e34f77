"""Threads are looked at again when steps become slow."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from workbench.engine import events, trainer, warmup
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
