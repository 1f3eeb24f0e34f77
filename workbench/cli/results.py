"""What a run has come to: metrics, text, traces, the list of all runs."""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from workbench.cli.group import CHECKPOINT, JSON, OUT, PATH, commands, run_path
from workbench.errors import UserError
from workbench.paths import runs_folder
from workbench.terminal import print_columns, print_json, print_scores, time_text


@commands.command()
@click.argument("run_folder", metavar="RUN", type=PATH)
@click.option("--data", type=PATH, metavar="FILE", help="Evaluate on this file instead.")
@CHECKPOINT
@JSON
def evaluate(run_folder: Path, data: Path | None, checkpoint: str, as_json: bool) -> None:
    """Print every metric of RUN by part of the data, beside the naive rules."""
    from workbench.engine.evaluate import evaluate_run

    found = evaluate_run(run_path(run_folder), data, checkpoint)
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
class Writing:
    """How a text is to be written.

    Attributes:
        length: Symbols.
        temperature: Above 0; None is the experiment's.
        seed: The same seed writes the same text.
        checkpoint: ``best`` or ``last``.
    """

    length: int
    temperature: float | None = None
    seed: int = 1
    checkpoint: str = "best"


@commands.command()
@click.argument("run_folder", metavar="RUN", type=PATH)
@click.option("--prompt", default="", help="What the text starts with.")
@click.option(
    "--length", default=500, show_default=True, type=click.IntRange(1, 1_000_000), help="Symbols."
)
@click.option(
    "--temperature", type=click.FloatRange(0, 10, min_open=True),
    help="Below 1 safer, above 1 wilder; none: the experiment's.",
)  # fmt: skip
@click.option("--seed", default=1, show_default=True, help="The same seed writes the same text.")
@CHECKPOINT
@JSON
def generate(run_folder: Path, prompt: str, as_json: bool, **wishes: Any) -> None:
    """Let RUN, a trained language model, write."""
    write_text(run_path(run_folder), prompt, Writing(**wishes), as_json)


def write_text(folder: Path, prompt: str, wish: Writing, as_json: bool) -> None:
    """Print what a run writes after a prompt, and with whose weights."""
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


@commands.command()
@click.argument("run_folder", metavar="RUN", type=PATH)
@click.option("-o", "--output", type=PATH, required=True, help="File to write, such as trace.npz.")
@click.option("--text", default="", help="What a language model reads; none: a part of its data.")
@click.option(
    "--part", type=click.Choice(["train", "validation", "test"]), default="validation",
    show_default=True, help="Part of the data that is read.",
)  # fmt: skip
@click.option("--first", type=click.IntRange(0), default=0, help="First symbol, or the window.")
@click.option(
    "--steps", type=click.IntRange(1, 1_000_000), default=1000, show_default=True, help="Symbols."
)
@click.option(
    "--gradients", type=click.IntRange(0, 500), default=0, show_default=True,
    help="First symbols that get a table of gradients through time.",
)  # fmt: skip
@click.option(
    "--with", "further", multiple=True, metavar="NAME",
    help="A further analysis: memory, connectivity, ablation, plane, fixed-points, eigenvalues, "
    "response or errors. May be repeated.",
)  # fmt: skip
@click.option(
    "--match", type=(int, int), default=None, metavar="FIRST LAST",
    help="Steps of a stretch: which units are on exactly there, and where else they are.",
)  # fmt: skip
@CHECKPOINT
@JSON
def trace(run_folder: Path, output: Path, as_json: bool, **wishes: Any) -> None:
    """Write every gate and state of RUN over a stretch of its data, with what is found in them.

    The file is read with numpy.load: an array for each quantity, layer and analysis.
    """
    import numpy as np

    from workbench.analysis.further import matches
    from workbench.analysis.report import report
    from workbench.analysis.trace import trace_model
    from workbench.engine.loading import load_model
    from workbench.files import write_atomic
    from workbench.tasks.base import Probe
    from workbench.tasks.language_model import LanguageModelTask

    loaded = load_model(run_path(run_folder), wishes["checkpoint"])
    stretch = loaded.task.stretch(wishes["part"], wishes["first"], wishes["steps"])
    if wishes["text"]:
        if not isinstance(loaded.task, LanguageModelTask):
            raise UserError("This run forecasts series; it reads no text.", "Leave --text out.")
        ids = loaded.task.encode_prompt(wishes["text"])
        stretch = Probe((ids,), tuple(loaded.task.vocabulary.pieces(ids[0].tolist())))
    arrays = report(loaded, stretch, wishes["gradients"], wishes["further"])
    if wishes["match"] is not None:
        arrays |= matches(trace_model(loaded.model, *stretch.inputs), *wishes["match"])
    packed = io.BytesIO()
    np.savez_compressed(packed, **arrays)  # type: ignore[arg-type]  # the stub reads a name as a flag
    write_atomic(output.resolve(), packed.getvalue())
    if as_json:
        shapes = {name: list(part.shape) for name, part in arrays.items()}
        print_json({"written": str(output), "checkpoint": loaded.which, "arrays": shapes})
        return
    click.echo(f"Of the {_weights(loaded)}, over {len(stretch.labels):,} steps.")
    print_columns([[name, "×".join(map(str, part.shape))] for name, part in arrays.items()])
    click.echo(f"Wrote {output}.")


@commands.command(name="runs")
@OUT
@JSON
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
