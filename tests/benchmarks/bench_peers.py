"""Time of a training step: the program against other libraries doing the same job.

``python -m tests.benchmarks.bench_peers [--rounds 3] [--seconds 4] [--threads 1] [--jobs ABC]``

The libraries are an environment of their own: ``pip install . -r tests/benchmarks/peers.txt``; one
that is not installed is said and left out. Each row is a process of its own in which the plainest
torch loop, the program and the library take turns. The program counts everything it does (events,
probes, previews, checkpoints); the library counts its own loop. Where the program chooses
bfloat16, its run in float32, as all others compute, takes part too: the last column. Ratios are
medians of rounds; on a machine that others use, look at the ratio of the quickest turns
(``best/best``), or count the process's CPU time with ``--cpu`` (one thread).
"""

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.benchmarks import peers

Times = dict[str, list[float]]
"""Seconds per step of ``bare``, ``program``, ``float32`` (the program's) and ``peer``, by round."""


def counted(seconds: Callable[[], float], cpu: bool) -> float:
    """Wall seconds per step as measured by a function, or the share of them on a CPU."""
    wall, used = time.perf_counter(), time.process_time()
    found = seconds()
    if not cpu:
        return found
    return found * (time.process_time() - used) / (time.perf_counter() - wall)


def measure(name: str, kind: str, options: argparse.Namespace) -> Times:
    """Let them take turns; seconds per step of each, a number a round."""
    peers.limit_threads(options.threads)
    import torch

    from tests.benchmarks.bench_training import Program, bare_seconds
    from tests.benchmarks.jobs import Job, make_jobs

    peers.silence()
    if options.cpu:
        peers.Clock.now = staticmethod(time.process_time)
    run = peers.PEERS[name].run
    found: Times = {"bare": [], "program": [], "float32": [], "peer": []}

    def start(precision: str) -> Program:
        place = Path(folder) / precision
        place.mkdir()
        job = make_jobs(place, precision)["ABC".index(kind)]
        experiment = job.experiment.with_value("training.threads", options.threads)
        return Program(Job(job.name, experiment, job.bare), place / "runs")

    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(sys.stderr):
        os.chdir(folder)  # the libraries write their logs where they are
        programs = {"program": start("auto")}
        warmed_up = programs["program"].warmed_up
        if warmed_up is not None and warmed_up.precision != "float32":
            programs["float32"] = start("float32")
        torch.set_num_threads(options.threads)
        bare = make_jobs(Path(folder), "float32")["ABC".index(kind)].bare()
        bare_seconds(bare, 0.5)
        steps = peers.WARM + max(20, int(options.seconds / run(kind, peers.WARM + 5)))
        for _ in range(options.rounds):
            torch.set_num_threads(options.threads)
            turn = partial(bare_seconds, bare, options.seconds)
            found["bare"].append(counted(turn, options.cpu))
            for which, program in programs.items():
                turn = partial(program.seconds, options.seconds)
                found[which].append(counted(turn, options.cpu))
            torch.set_num_threads(options.threads)
            found["peer"].append(run(kind, steps))
    found["float32"] = found["float32"] or found["program"]
    return found


def in_own_process(name: str, kind: str, options: argparse.Namespace) -> Times:
    """The same, with nothing of another library imported.

    Raises:
        RuntimeError: With the last line it printed, where it failed.
    """
    command = [sys.executable, "-m", "tests.benchmarks.bench_peers", "--only", name, "--jobs", kind]
    for option in ("rounds", "seconds", "threads"):
        command += [f"--{option}", str(getattr(options, option))]
    command += ["--cpu"] * options.cpu
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.strip().split("\n")[-1])
    found: Times = json.loads(done.stdout.strip().split("\n")[-1])
    return found


def described(found: Times) -> str:
    """The numbers of a row."""

    def ratio(upper: str, lower: str) -> list[float]:
        return [a / b for a, b in zip(found[upper], found[lower], strict=True)]

    middle = statistics.median
    against = ratio("program", "peer")
    return (
        f"{1000 * middle(found['bare']):8.1f} {middle(ratio('peer', 'bare')):10.2f} "
        f"{middle(ratio('program', 'bare')):13.2f} {middle(against):13.2f} "
        f"({min(against):.2f} … {max(against):.2f}) "
        f"{min(found['program']) / min(found['peer']):10.2f} "
        f"{middle(ratio('float32', 'peer')):10.2f}"
    )


def main() -> None:
    """Measure and print a row a peer and job."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4.0, help="of each turn")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--cpu", action="store_true", help="CPU time instead of wall time")
    parser.add_argument("--jobs", default="ABC")
    parser.add_argument("--only", default="", help="one row, as JSON")
    options = parser.parse_args()
    if options.only:
        print(json.dumps(measure(options.only, options.jobs, options)))
        return
    print(
        f"{'library':29} job  bare ms  peer/bare  program/bare  program/peer (low … high)  "
        f"best/best  in float32   {options.threads} threads"
    )
    for name, peer in peers.PEERS.items():
        missing = peer.missing()
        if missing:
            print(f"{name:29} left out: {missing} is not installed")
            continue
        for kind in sorted(set(peer.jobs) & set(options.jobs)):
            try:
                row = described(in_own_process(name, kind, options))
            except RuntimeError as error:
                row = f"could not run: {error}"
            print(f"{name:29} {kind}  {row}", flush=True)


if __name__ == "__main__":
    main()
