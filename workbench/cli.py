"""The command line: every command, and how it prints."""

import json
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from workbench import __version__
from workbench.errors import UserError
from workbench.experiment import Experiment, fields
from workbench.paths import runs_folder, sample_data_folder

INTERRUPTED = 130
_JSON = click.option("--json", "as_json", is_flag=True, help="Print what a program can read.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="workbench")
def commands() -> None:
    """Train an RNN, LSTM or GRU on your own CSV or text.

    Without a command the window opens.
    """


def run(arguments: list[str]) -> int:
    """Run one command; return its exit code: 0, 2 (yours to mend) or 130 (interrupted)."""
    try:
        result = commands.main(args=arguments, prog_name="workbench", standalone_mode=False)
    except UserError as error:
        click.echo(f"{error.what} {error.todo}".strip(), err=True)
        return 2
    except click.ClickException as error:
        error.show()
        return 2
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    return result if isinstance(result, int) else 0


# ---------------------------------------------------------------------- before training


@commands.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Where to write it.")
@click.option("--set", "changes", multiple=True, metavar="NAME=VALUE", help="Change a field.")
@_JSON
def new(file: Path, output: Path | None, changes: tuple[str, ...], as_json: bool) -> None:
    """Find out what FILE holds and write an experiment for it."""
    from workbench.data.suggest import suggest_experiment
    from workbench.files import write_atomic

    experiment, source = suggest_experiment(file)
    experiment = experiment.with_text_values(list(changes))
    if output:
        write_atomic(output.resolve(), experiment.to_toml())
    if as_json:
        found = [vars(finding) for finding in source.findings]
        _print_json({"experiment": experiment.to_dict(), "findings": found})
        return
    for finding in source.findings:
        mark = {"doubt": "?", "problem": "!", "repaired": "*"}.get(finding.level, " ")
        line = f"{mark} {finding.subject}: {finding.found} ({finding.why})"
        click.echo(line, err=not output)
    if output:
        click.echo(f"Wrote {output}. Train it with: workbench train {output}")
    else:
        click.echo(experiment.to_toml())


@commands.command(name="fields")
@click.argument("prefix", default="")
@_JSON
def list_fields(prefix: str, as_json: bool) -> None:
    """List every field that --set reaches, with default, range and help."""
    found = fields(prefix)
    if as_json:
        _print_json([vars(item) for item in found])
        return
    for item in found:
        default = json.dumps(item.default, default=str)
        click.echo(f"{item.name} = {default}  [{item.range}{' ' + item.unit if item.unit else ''}]")
        click.echo(f"    {item.help}")


# ---------------------------------------------------------------------- training


@commands.command()
@click.argument("experiment", type=click.Path(path_type=Path))
@click.option("--set", "changes", multiple=True, metavar="NAME=VALUE", help="Change a field.")
@click.option("--device", help="auto, cpu, cuda, cuda:1 or mps.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder the run is made in.")
@_JSON
def train(
    experiment: Path, changes: tuple[str, ...], device: str | None, out: Path | None, as_json: bool
) -> int:
    """Train EXPERIMENT (a .toml file)."""
    job = Experiment.load(experiment).with_text_values(list(changes))
    if device:
        job = job.with_value("training.device", device)
    return _train(job, out, as_json)


@commands.command()
@click.argument("run_folder", type=click.Path(path_type=Path))
@_JSON
def resume(run_folder: Path, as_json: bool) -> int:
    """Go on with a run that was stopped or cut off."""
    from workbench.engine.control import Control
    from workbench.engine.trainer import resume as go_on

    control = Control()
    return _follow(go_on(_run_path(run_folder), control), control, as_json)


@commands.command()
@click.option("--terminal", is_flag=True, help="Train in the terminal, screen or not.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder the run is made in.")
def demo(terminal: bool, out: Path | None) -> int:
    """Open the bundled sample text and start training it."""
    from workbench.data.suggest import suggest_experiment
    from workbench.screen import why_no_screen

    sample = sample_data_folder() / "harbour_tales.txt"
    reason = "" if terminal else why_no_screen()
    if not terminal and not reason:
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
    code = _train(job, out, as_json=False)
    if code == 0:
        newest = max(_runs(out), key=lambda info: info.created)
        click.echo(f"\nWritten by the model after training ({newest.folder}):\n")
        _write_text(newest.folder, None, 400, None, 1)
        click.echo("")
    return code


def _train(job: Experiment, out: Path | None, as_json: bool) -> int:
    from workbench.engine.control import Control
    from workbench.engine.trainer import train as start

    control = Control()
    return _follow(start(job, None, control, runs_root=out), control, as_json)


def _follow(stream: Iterator[Any], control: Any, as_json: bool) -> int:
    """Print a run as it goes on; an interrupt stops it after the step and keeps it."""
    interrupted: list[int] = []

    def stop(number: int, _frame: Any) -> None:
        interrupted.append(number)
        control.stop()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        last = _print_stream(stream, as_json)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if last is None or last["state"] == "failed":
        return 2
    if interrupted:
        return INTERRUPTED
    return 0


def _print_stream(stream: Iterator[Any], as_json: bool) -> dict[str, Any] | None:
    ended: dict[str, Any] | None = None
    show = _print_json if as_json else _Progress()
    folder = ""
    try:
        for event in stream:
            values = event.to_json()
            folder = values.get("folder", folder)
            show(values)
            if values["event"] == "run_ended":
                ended = values
    finally:
        if isinstance(show, _Progress):
            show.close()
    if ended and not as_json:
        click.echo(f"{ended['reason']} {ended['todo']}".strip(), err=ended["state"] == "failed")
        for part, metrics in ended["metrics"].items():
            click.echo(f"  {part}: " + ", ".join(f"{k} {v:.4g}" for k, v in metrics.items()))
        if ended["state"] != "discarded":
            click.echo(f"Run folder: {folder}")
            if ended["state"] == "stopped":
                click.echo(f"Go on with: workbench resume {folder}")
    return ended


class _Progress:
    """A progress bar with time left, and one line an epoch."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self._console = Console()
        self._progress = Progress(
            TextColumn("epoch {task.fields[epoch]:.1f}"),
            BarColumn(),
            TextColumn("{task.completed}/{task.total} steps"),
            TimeRemainingColumn(),
            TextColumn("loss {task.fields[loss]:.3f}"),
            console=self._console,
        )
        self._task: Any = None

    def close(self) -> None:
        """Leave the bar as it is."""
        self._progress.stop()

    def __call__(self, values: dict[str, Any]) -> None:
        """Show one event."""
        kind = values["event"]
        if kind == "warmed_up":
            size = f"{values['parameters']:,} parameters"
            self._line(f"{size} on {values['device']}. {values['message']}")
            self._task = self._progress.add_task(
                "", total=values["total_steps"], epoch=0.0, loss=float("nan")
            )
            self._progress.start()
        elif kind == "steps_done" and self._task is not None:
            self._progress.update(
                self._task, completed=values["step"], epoch=values["epoch"], loss=values["loss"][-1]
            )
        elif kind == "epoch_done":
            metric = values["metric"]
            best = " (best)" if values["is_best"] else ""
            text = f"epoch {values['epoch']}: training loss {values['train_loss']:.4f}, "
            self._line(f"{text}validation {metric} {values['metrics'][metric]:.4f}{best}")
        elif kind in ("phase", "verdict", "noted") and values.get("message"):
            self._line(values["message"])

    def _line(self, text: str) -> None:
        self._console.print(text, highlight=False, markup=False)


# ---------------------------------------------------------------------- after training


@commands.command()
@click.argument("run_folder", type=click.Path(path_type=Path))
@click.option("--data", type=click.Path(path_type=Path), help="Evaluate on this file instead.")
@click.option("--checkpoint", type=click.Choice(["best", "last"]), default="best")
@_JSON
def evaluate(run_folder: Path, data: Path | None, checkpoint: str, as_json: bool) -> None:
    """Print every metric of a run by part of the data, beside the naive rules."""
    from workbench.engine.evaluate import evaluate_run

    found = evaluate_run(_run_path(run_folder), data, checkpoint)
    if as_json:
        _print_json(vars(found))
        return
    click.echo(f"Weights: {found.which}, epoch {found.epoch}")
    for part, metrics in found.metrics.items():
        click.echo(f"{part}:")
        for name, value in metrics.items():
            click.echo(f"  {name}: {value:.6g}")
        for name, value in found.baselines[part].items():
            click.echo(f"  {found.metric} of the naive rule '{name}': {value:.6g}")


@commands.command()
@click.argument("run_folder", type=click.Path(path_type=Path))
@click.option("--prompt", help="What the text starts with.")
@click.option("--length", default=500, show_default=True, type=click.IntRange(1, 1_000_000))
@click.option("--temperature", type=click.FloatRange(0, 10, min_open=True))
@click.option("--seed", default=1, show_default=True)
@_JSON
def generate(
    run_folder: Path,
    prompt: str | None,
    length: int,
    temperature: float | None,
    seed: int,
    as_json: bool,
) -> None:
    """Let a trained language model write."""
    written = _write_text(
        _run_path(run_folder), prompt, length, temperature, seed, echo=not as_json
    )
    if as_json:
        _print_json(written)
    else:
        click.echo("")


def _write_text(
    folder: Path,
    prompt: str | None,
    length: int,
    temperature: float | None,
    seed: int,
    *,
    echo: bool = True,
) -> dict[str, Any]:
    from workbench.engine.generate import Writer

    writer = Writer(folder)
    start = prompt or writer.default_prompt()
    if echo:
        click.echo(start, nl=False)
    symbols, probabilities = [], []
    for piece in writer.write(start, length, temperature, seed):
        symbols.append(piece.text)
        probabilities.append(piece.probability)
        if echo:
            click.echo(piece.text, nl=False)
    return {
        "prompt": start, "text": "".join(symbols), "symbols": symbols,
        "probability": probabilities, "checkpoint": writer.which,
    }  # fmt: skip


@commands.command(name="runs")
@click.option("--out", type=click.Path(path_type=Path), help="Folder the runs are in.")
@_JSON
def list_all_runs(out: Path | None, as_json: bool) -> None:
    """List all runs."""
    found = _runs(out)
    if as_json:
        _print_json([vars(info) | {"folder": str(info.folder)} for info in found])
        return
    if not found:
        click.echo("There are no runs yet. Make one with: workbench demo")
    for info in found:
        best = "–" if info.best is None else f"{info.metric} {info.best:.4g}"
        click.echo(
            f"{info.id}  {info.state:<11}  {info.data}  {info.model}  {best}  {info.time_s:.0f} s"
        )


def _runs(out: Path | None) -> list[Any]:
    from workbench.runs import list_runs

    return list_runs(out or runs_folder())


def _run_path(given: Path) -> Path:
    """A run by its path, or by its id among the user's runs."""
    if not given.exists() and (runs_folder() / given).is_dir():
        return runs_folder() / given
    return given


def _print_json(values: Any) -> None:
    """One JSON object on one line."""
    click.echo(json.dumps(values, ensure_ascii=False, default=str))
    sys.stdout.flush()
