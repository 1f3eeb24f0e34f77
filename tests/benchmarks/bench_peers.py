"""Time of a training step: the program against other libraries doing the same job.

``python -m tests.benchmarks.bench_peers [--rounds 3] [--seconds 4] [--threads 1] [--jobs ABC]``

The libraries are an environment of their own: ``pip install . -r tests/benchmarks/peers.txt``; one
that is not installed is said and left out. Each row is a process of its own in which the plainest
torch loop, the program and the library take turns. The program counts everything it does (events,
probes, previews, checkpoints); the library counts its own loop.
"""

import argparse
import contextlib
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks import peers


def measure(name: str, kind: str, options: argparse.Namespace) -> dict[str, list[float]]:
    """Seconds per step of bare loop, program and library, a number a round."""
    import torch

    from tests.benchmarks.bench_training import Program, bare_seconds
    from tests.benchmarks.jobs import make_jobs

    peers.silence()
    function = peers.PEERS[name][2]
    found: dict[str, list[float]] = {"bare": [], "program": [], "peer": []}
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)  # the libraries write their logs where they are
        job = make_jobs(Path(folder), options.precision)["ABC".index(kind)]
        job = type(job)(
            job.name, job.experiment.with_value("training.threads", options.threads), job.bare
        )
        program = Program(job, Path(folder) / "runs")
        torch.set_num_threads(options.threads)
        bare = job.bare()
        steps = peers.WARM + max(20, int(options.seconds / bare_seconds(bare, 1.0)))
        with contextlib.redirect_stdout(sys.stderr):
            for _ in range(options.rounds):
                found["bare"].append(bare_seconds(bare, options.seconds))
                found["program"].append(program.seconds(options.seconds))
                torch.set_num_threads(options.threads)
                found["peer"].append(function(kind, steps))
    return found


def in_own_process(name: str, kind: str, options: argparse.Namespace) -> dict[str, list[float]]:
    """The same, with nothing of another library imported."""
    command = [sys.executable, "-m", "tests.benchmarks.bench_peers", "--only", name, "--jobs", kind]
    for option in ("rounds", "seconds", "threads", "precision"):
        command += [f"--{option}", str(getattr(options, option))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.strip().split("\n")[-1])
    return json.loads(done.stdout.strip().split("\n")[-1])


def main() -> None:
    """Measure and print a row a peer and job."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4.0, help="of each turn")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--precision", default="auto", help="of the program; the others: float32")
    parser.add_argument("--jobs", default="ABC")
    parser.add_argument("--only", default="", help="one row, as JSON")
    options = parser.parse_args()
    if options.only:
        print(json.dumps(measure(options.only, options.jobs, options)))
        return
    print(f"{'library':31} job  bare ms  peer/bare  program/bare  program/peer (lowest … highest)")
    for name, kind in peers.rows():
        package = peers.PEERS[name][0]
        if kind not in options.jobs:
            continue
        if importlib.util.find_spec(package) is None:
            print(f"{name:31} {kind}    {package} is not installed")
            continue
        try:
            found = in_own_process(name, kind, options)
        except RuntimeError as error:
            print(f"{name:31} {kind}    could not run: {error}", flush=True)
            continue
        ratio = {
            pair: [a / b for a, b in zip(found[pair[0]], found[pair[1]], strict=True)]
            for pair in (("peer", "bare"), ("program", "bare"), ("program", "peer"))
        }
        middle = {pair: statistics.median(values) for pair, values in ratio.items()}
        against = ratio["program", "peer"]
        print(
            f"{name:31} {kind} {1000 * statistics.median(found['bare']):10.1f} "
            f"{middle['peer', 'bare']:10.2f} {middle['program', 'bare']:13.2f} "
            f"{middle['program', 'peer']:13.2f} ({min(against):.2f} … {max(against):.2f})",
            flush=True,
        )


if __name__ == "__main__":
    main()
