"""Training from the command line."""

import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from workbench.cli.group import INTERRUPTED, JSON, MENDABLE, OUT, PATH, SET, commands, run_path
from workbench.cli.results import Writing, write_text
from workbench.errors import UserError
from workbench.experiment import Experiment
from workbench.paths import sample_data_folder
from workbench.terminal import RunPrinter, print_json, print_scores


@commands.command()
@click.argument("experiment", type=PATH)
@SET
@click.option("--device", help="auto, cpu, cuda, cuda:1 or mps.")
@OUT
@JSON
def train(
    experiment: Path, changes: tuple[str, ...], device: str | None, out: Path | None, as_json: bool
) -> int:
    """Train EXPERIMENT, a file made by 'workbench new'.

    Ctrl+C stops after the step and keeps the run; 'workbench resume' goes on with it.
    """
    if experiment.is_dir() or experiment.suffix.lower() not in (".toml", ""):
        raise UserError(
            f"{experiment} is no experiment file.",
            f"Make one with: workbench new {experiment} -o experiment.toml",
        )
    job = Experiment.load(experiment).with_text_values(list(changes))
    if device:
        job = job.with_value("training.device", device)
    return _train(job, out, as_json).code


@commands.command()
@click.argument("run_folder", metavar="RUN", type=PATH)
@JSON
def resume(run_folder: Path, as_json: bool) -> int:
    """Go on with a run that was stopped or cut off, as if it had never been.

    RUN is a run's folder, or its id as 'workbench runs' lists it.
    """
    from workbench.runs import RunFolder

    folder = RunFolder.open(run_path(run_folder))
    if folder.info().state == "finished":
        raise UserError(
            f"The run {folder.id} is finished; there is nothing left to train.",
            "To train longer, start a new run with more epochs.",
        )
    from workbench.engine.control import Control
    from workbench.engine.trainer import resume as go_on

    control = Control()
    return _follow(go_on(folder, control), control, as_json).code


@commands.command()
@click.option("--terminal", "where", flag_value="terminal", help="Train here, screen or not.")
@click.option("--window", "where", flag_value="window", help="Open the window, screen or not.")
@OUT
@JSON
def demo(where: str | None, out: Path | None, as_json: bool) -> int:
    """Open the bundled sample text and start training it.

    Where there is no screen it is trained in the terminal, in well under a minute.
    """
    from workbench.data.suggest import suggest_experiment
    from workbench.screen import why_no_screen

    sample = sample_data_folder() / "harbour_tales.txt"
    reason = "" if where or as_json else why_no_screen()
    if where == "window" or not (where or reason or as_json):
        from workbench.views.main_window import run_app

        return int(run_app([str(sample), "--train"]))
    if reason:
        click.echo(f"{reason} Training the sample in the terminal instead.")
    job, _ = suggest_experiment(sample)
    job = job.with_values(
        {
            "name": "demo", "training.epochs": 6, "model.hidden_size": 96,
            "training.schedule": "one_cycle", "training.learning_rate": 0.008,
            "model.dropout": 0.0, "model.output_dropout": 0.0,
        }
    )  # fmt: skip
    outcome = _train(job, out, as_json)
    if outcome.code == 0:
        if not as_json:
            click.echo("\nWritten by the model after training:\n")
        write_text(outcome.folder, "", Writing(400), as_json)
    return outcome.code


@dataclass(frozen=True)
class _Outcome:
    code: int
    folder: Path


def _train(job: Experiment, out: Path | None, as_json: bool) -> _Outcome:
    from workbench.engine.control import Control
    from workbench.engine.trainer import train as start

    control = Control()
    return _follow(start(job, None, control, runs_root=out), control, as_json)


def _follow(stream: Iterator[Any], control: Any, as_json: bool) -> _Outcome:
    """Print a run as it goes on; an interrupt stops it after the step and keeps it."""
    interrupted: list[int] = []

    def stop(number: int, _frame: Any) -> None:
        if interrupted:  # the second time: leave as a crash would, which a run survives
            os.write(2, b"\x1b[?25h\n" if sys.stderr.isatty() else b"\n")
            os._exit(INTERRUPTED)
        interrupted.append(number)
        os.write(2, b"\nStopping after this step; once more leaves at once.\n")
        control.stop()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        ended, folder = _print_stream(stream, as_json)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if ended["state"] in ("failed", "unstarted"):
        return _Outcome(MENDABLE, folder)
    stopped = interrupted and ended["state"] != "finished"
    return _Outcome(INTERRUPTED if stopped else 0, folder)


def _print_stream(stream: Iterator[Any], as_json: bool) -> tuple[dict[str, Any], Path]:
    ended: dict[str, Any] = {"state": "failed"}
    show = print_json if as_json else RunPrinter()
    folder = ""
    try:
        for event in stream:
            values = event.to_json()
            folder = values.get("folder", folder)
            show(values)
            if values["event"] == "run_ended":
                ended = values
    finally:
        if isinstance(show, RunPrinter):
            show.close()
    if not as_json:
        _print_end(ended, Path(folder))
    return ended, Path(folder)


def _print_end(ended: dict[str, Any], folder: Path) -> None:
    failed = ended["state"] in ("failed", "unstarted")
    click.echo(f"{ended['reason']} {ended['todo']}".strip(), err=failed)
    if ended["details"]:
        click.echo(ended["details"].rstrip(), err=True)
    print_scores(ended["metrics"])
    if folder.exists():
        click.echo(f"Run folder: {folder}")
        if ended["state"] != "finished":
            click.echo(f"Go on with: workbench resume {folder}")
