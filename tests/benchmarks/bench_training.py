"""Time of a training step: the whole program, headless, against the plainest torch loop.

``python -m tests.benchmarks.bench_training [--rounds 6] [--seconds 5] [--precision auto]``

Program and bare loop take turns in one process. The program's time is wall time over steps, with
events, probes, previews, snapshots and checkpoints in it. At most 1.00 is asked for.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import torch

from tests.benchmarks.jobs import Job, make_jobs
from workbench.engine import events
from workbench.engine.trainer import train


def bare_seconds(step: Callable[[], float], budget: float) -> float:
    """Seconds per step of the bare loop over about ``budget`` seconds."""
    began, count = time.perf_counter(), 0
    while time.perf_counter() - began < budget:
        step()
        count += 1
    return (time.perf_counter() - began) / count


class Program:
    """The program's run, pulled for a while at a time."""

    def __init__(self, job: Job, folder: Path) -> None:
        self.stream: Iterator[events.Event] = train(job.experiment, runs_root=folder)
        self.step = 0
        self.warmed_up: events.WarmedUp | None = None
        for event in self.stream:
            if isinstance(event, events.WarmedUp):
                self.warmed_up = event
            if isinstance(event, events.RunEnded):
                raise RuntimeError(event.reason + event.details)
            if isinstance(event, events.StepsDone):
                self.step = event.step
                break

    def seconds(self, budget: float) -> float:
        """Seconds per step over about ``budget`` seconds."""
        began, first = time.perf_counter(), self.step
        for event in self.stream:
            if isinstance(event, events.StepsDone):
                self.step = event.step
                if time.perf_counter() - began >= budget:
                    break
        return (time.perf_counter() - began) / (self.step - first)


def main() -> None:
    """Measure and print one line a job."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--precision", default="auto")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        for job in make_jobs(Path(name), options.precision):
            program = Program(job, Path(name) / "runs")
            assert program.warmed_up is not None
            torch.set_num_threads(program.warmed_up.threads)
            bare = job.bare()
            bare()
            ratios, ours, theirs = [], [], []
            for _ in range(options.rounds):
                ours.append(program.seconds(options.seconds))
                theirs.append(bare_seconds(bare, options.seconds))
                ratios.append(ours[-1] / theirs[-1])
            print(
                f"{job.name}: program / bare = {statistics.median(ratios):.2f} "
                f"({min(ratios):.2f} … {max(ratios):.2f}); "
                f"{1e3 * statistics.median(ours):.1f} / {1e3 * statistics.median(theirs):.1f} ms "
                f"a step; {program.warmed_up.threads} threads, {program.warmed_up.precision}",
                flush=True,
            )


if __name__ == "__main__":
    main()
