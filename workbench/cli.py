"""The command line: every command of the program."""

import io
import json
import os
import signal
import sys
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from workbench import __version__
from workbench.errors import UserError
from workbench.experiment import Experiment, fields
from workbench.paths import runs_folder, sample_data_folder
from workbench.terminal import (
    RunPrinter,
    print_columns,
    print_json,
    print_scores,
    reading_bar,
    time_text,
)

MENDABLE, INTERRUPTED = 2, 130
"""Exit codes: something the user can mend; interrupted (a run is kept and can be resumed)."""

_READING = ("data.table.reading.", "data.text.encoding")
_PATH = click.Path(path_type=Path)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print what a program can read.")
_SET = click.option(
    "--set", "changes", multiple=True, metavar="NAME=VALUE",
    help="Change a field, as in model.num_layers=1; see 'workbench fields'. May be repeated.",
)  # fmt: skip
_OUT = click.option("--out", type=_PATH, metavar="DIR", help="Folder that holds the runs.")
_CHECKPOINT = click.option(
    "--checkpoint", type=click.Choice(["best", "last"]), default="best", show_default=True,
    help="Whose weights to use.",
)  # fmt: skip


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="workbench")
def commands() -> None:
    """Train an RNN, LSTM or GRU on your own CSV or text.

    Without a command the window opens; with a file or a run folder it opens on that.

    Exit codes: 0; 2 for something you can mend, said in one message; 130 where it was interrupted
    (a run is kept and can be resumed).
    """


def run(arguments: list[str]) -> int:
    """Run one command; return its exit code: 0, 2 (yours to mend) or 130 (interrupted)."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a console that knows few letters
            stream.reconfigure(errors="backslashreplace")
    try:
        result = commands.main(args=arguments, prog_name="workbench", standalone_mode=False)
    except click.ClickException as error:
        _say_usage(error, arguments)
        if "--json" in arguments:
            told = {"what": error.format_message(), "todo": "See --help.", "details": ""}
            print_json({"event": "error", **told})
        return MENDABLE
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        return INTERRUPTED
    except Exception as error:
        return _refuse(error, "--json" in arguments)
    return result if isinstance(result, int) else 0


def _say_usage(error: click.ClickException, arguments: list[str]) -> None:
    """As click says it; a single word that looks like a path is taken for one."""
    if len(arguments) == 1 and Path(arguments[0]).suffix:
        click.echo(f"There is no {arguments[0]}. Check the path.", err=True)
    else:
        error.show()


def _refuse(error: Exception, as_json: bool) -> int:
    """Say what went wrong; the details follow where there are any."""
    if isinstance(error, BrokenPipeError):  # what read the output is gone, as after '| head'
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    code = MENDABLE
    if not isinstance(error, UserError):
        code = 1
        error = UserError(
            f"An unexpected error stopped this: {type(error).__name__}: {error}.",
            "This is a fault of the program; please report it with the details.",
            "".join(traceback.format_exception(error)),
        )
    click.echo(f"{error.what} {error.todo}".strip(), err=True)
    if error.details:
        click.echo(error.details.rstrip(), err=True)
    if as_json:
        told = {"what": error.what, "todo": error.todo, "details": error.details}
        print_json({"event": "error", **told})
    return code


# ---------------------------------------------------------------------- before training


@commands.command()
@click.argument("file", type=_PATH)
@click.option("-o", "--output", type=_PATH, help="Experiment file to write; none: print it.")
@_SET
@_JSON
def new(file: Path, output: Path | None, changes: tuple[str, ...], as_json: bool) -> None:
    """Find out what FILE holds and write an experiment for it.

    FILE is a table (.csv, .tsv), a text, or a folder of texts. Lines with a question mark are
    worth a look: what was found there is doubtful.
    """
    from workbench.data.roles import assigned
    from workbench.data.suggest import suggest_experiment
    from workbench.data.table import TableSource
    from workbench.data.table_overview import look_at_table

    # Columns and dates follow from how the file is read; what else is set counts after that.
    reading = [change for change in changes if change.startswith(_READING)]
    known = Experiment().with_text_values(reading).data
    with reading_bar(f"Reading {file.name}") as progress:
        experiment, source = suggest_experiment(file, known, progress=progress)
    experiment = assigned(experiment, [change for change in changes if change not in reading])
    findings = list(source.findings)
    if isinstance(source, TableSource):
        seen = look_at_table(experiment, source.frame)
        findings += [*seen.findings, *seen.leakage, *([seen.problem] if seen.problem else [])]
    if output:
        _write_experiment(output, experiment)
    if as_json:
        found = [vars(finding) for finding in findings]
        written = str(output) if output else None
        print_json({"experiment": experiment.to_dict(), "findings": found, "written": written})
        return
    for finding in findings:
        mark = {"doubt": "?", "problem": "!", "repaired": "*"}.get(finding.level, " ")
        line = f"{mark} {finding.subject}: {finding.found} ({finding.why})"
        click.echo(line, err=not output)
    if output:
        click.echo(f"Wrote {output}. Train it with: workbench train {output}")
    else:
        click.echo(experiment.to_toml())


def _write_experiment(file: Path, experiment: Experiment) -> None:
    """Write an experiment; one that stands there is kept beside it, anything else is left alone."""
    from workbench.files import write_atomic

    if file.exists():
        try:
            before = Experiment.load(file)
        except UserError:
            raise UserError(
                f"{file} exists and is no experiment; it is left as it is.",
                "Name another file with -o, such as experiment.toml.",
            ) from None
        if before != experiment:
            kept = file.with_name(f"{file.name}.before")
            file.replace(kept)
            click.echo(f"The experiment that stood in {file} is kept as {kept}.", err=True)
    write_atomic(file.resolve(), experiment.to_toml())


@commands.command(name="fields")
@click.argument("prefix", default="")
@_JSON
def list_fields(prefix: str, as_json: bool) -> None:
    """List every field that --set reaches, with default, range and help.

    PREFIX lists a part of them, as in 'workbench fields model'.
    """
    found = fields(prefix)
    if not found:
        raise UserError(
            f"No field begins with {prefix!r}.", "Begin with data, model, training or preview."
        )
    if as_json:
        print_json([vars(item) | {"range": item.range} for item in found])
        return
    for item in found:
        allowed = ", ".join(map(_shown, item.choices)) or item.range
        unit = f" {item.unit}" if item.unit else ""
        remarks = [f"for {item.task} only"] if item.task else []
        remarks += ["may change while it trains"] if item.live else []
        text = f"{item.help} {'; '.join(remarks)}".strip()
        default = json.dumps(item.default, default=str, ensure_ascii=False)
        click.echo(f"{item.name} = {default}  [{allowed}{unit}]")
        click.echo(click.wrap_text(text, _width(), "    ", "    "))


def _shown(choice: str) -> str:
    return choice if choice.replace("_", "").isalnum() else repr(choice)


def _width() -> int:
    import shutil

    return min(shutil.get_terminal_size((100, 24)).columns, 100)


# ---------------------------------------------------------------------- training


@commands.command()
@click.argument("experiment", type=_PATH)
@_SET
@click.option("--device", help="auto, cpu, cuda, cuda:1 or mps.")
@_OUT
@_JSON
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
@click.argument("run_folder", metavar="RUN", type=_PATH)
@_JSON
def resume(run_folder: Path, as_json: bool) -> int:
    """Go on with a run that was stopped or cut off, as if it had never been.

    RUN is a run's folder, or its id as 'workbench runs' lists it.
    """
    from workbench.runs import RunFolder

    folder = RunFolder.open(_run_path(run_folder))
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
@_OUT
@_JSON
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
        _generate(outcome.folder, "", _Writing(400), as_json)
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


# ---------------------------------------------------------------------- after training


@commands.command()
@click.argument("run_folder", metavar="RUN", type=_PATH)
@click.option("--data", type=_PATH, metavar="FILE", help="Evaluate on this file instead.")
@_CHECKPOINT
@_JSON
def evaluate(run_folder: Path, data: Path | None, checkpoint: str, as_json: bool) -> None:
    """Print every metric of RUN by part of the data, beside the naive rules."""
    from workbench.engine.evaluate import evaluate_run

    found = evaluate_run(_run_path(run_folder), data, checkpoint)
    if as_json:
        print_json(vars(found))
        return
    click.echo(f"Of the {_weights(found)}; lower {found.metric} is better.")
    print_scores(found.metrics, found.baselines, found.metric, by_column=True)


def _weights(used: Any) -> str:
    """Whose weights were used, of what has ``which`` and ``epoch``."""
    epochs = "1 epoch" if used.epoch == 1 else f"{used.epoch} epochs"
    return f"{used.which} weights, after {epochs}"


@dataclass(frozen=True)
class _Writing:
    length: int
    temperature: float | None = None
    seed: int = 1
    checkpoint: str = "best"


@commands.command()
@click.argument("run_folder", metavar="RUN", type=_PATH)
@click.option("--prompt", default="", help="What the text starts with.")
@click.option(
    "--length", default=500, show_default=True, type=click.IntRange(1, 1_000_000), help="Symbols."
)
@click.option(
    "--temperature", type=click.FloatRange(0, 10, min_open=True),
    help="Below 1 safer, above 1 wilder; none: the experiment's.",
)  # fmt: skip
@click.option("--seed", default=1, show_default=True, help="The same seed writes the same text.")
@_CHECKPOINT
@_JSON
def generate(run_folder: Path, prompt: str, as_json: bool, **wishes: Any) -> None:
    """Let RUN, a trained language model, write."""
    _generate(_run_path(run_folder), prompt, _Writing(**wishes), as_json)


def _generate(folder: Path, prompt: str, wish: _Writing, as_json: bool) -> None:
    from workbench.engine.generate import Writer

    writer = Writer(folder, wish.checkpoint)
    start, doubt = writer.opening(prompt), writer.doubt(prompt)
    if doubt:
        click.echo(doubt, err=True)
    if not as_json:
        warmth = writer.temperature if wish.temperature is None else wish.temperature
        click.echo(f"Written with the {_weights(writer)}, at temperature {warmth:g}.", err=True)
        click.echo(start, nl=False)
    symbols, probabilities = [], []
    for piece in writer.write(start, wish.length, wish.temperature, wish.seed):
        symbols.append(piece.text)
        probabilities.append(piece.probability)
        if not as_json:
            click.echo(piece.text, nl=False)
    if as_json:
        written = {"prompt": start, "text": "".join(symbols), "symbols": symbols}
        used = {"checkpoint": writer.which, "epoch": writer.epoch, "doubt": doubt}
        print_json({**written, "probability": probabilities, **used})
    else:
        click.echo("")


@commands.command(name="runs")
@_OUT
@_JSON
def list_all_runs(out: Path | None, as_json: bool) -> None:
    """List all runs, the newest first."""
    from workbench.runs import list_runs

    root = out or runs_folder()
    found = list_runs(root)
    if as_json:
        print_json([vars(info) | {"resumable": info.resumable} for info in found])
        return
    if not found:
        click.echo(f"There are no runs in {root} yet. Make one with: workbench demo")
        return
    rows = [["run", "name", "state", "data", "model", "best", "naive", "epochs", "time"]]
    for info in found:
        best = "–" if info.best is None else f"{info.metric} {info.best:.4g}"
        naive = "–" if info.baseline is None else f"{info.baseline:.4g}"
        time = time_text(info.time_s)
        state = "cut off" if info.state == "interrupted" else info.state
        what = [info.id, info.name, state, info.data, info.model]
        rows.append([*what, best, naive, str(info.epoch), time])
    print_columns(rows, numbers=(7, 8))
    cut_off = next((info for info in found if info.state == "interrupted"), None)
    if cut_off:
        click.echo(f"Cut off; go on with: workbench resume {cut_off.folder}")


def _run_path(given: Path) -> Path:
    """A run by its path, or by its id or name among the user's runs."""
    from workbench.runs import list_runs

    for place in (given, runs_folder() / given):
        if place.is_dir():
            return place
    named = [info for info in list_runs(runs_folder()) if info.name == str(given)]
    if len(named) == 1:
        return named[0].folder
    if named:
        ids = ", ".join(info.id for info in named[:5])
        raise UserError(f"{len(named)} runs are called {given}.", f"Name one by its id: {ids}.")
    raise UserError(f"There is no run {given}.", "See 'workbench runs' for all of them.")
