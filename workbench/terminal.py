"""What the command line prints: aligned columns, scores, and a run as it goes on."""

import json
import math
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click

_BAR = 20


def print_json(values: Any) -> None:
    """Print one JSON value on one line, in plain ASCII, at once."""
    click.echo(json.dumps(values, default=str))
    sys.stdout.flush()


def print_columns(rows: Sequence[Sequence[str]], numbers: Iterable[int] = ()) -> None:
    """Print rows in aligned columns.

    Args:
        rows: Cells as text; all rows are equally long.
        numbers: Columns set flush right.
    """
    right = set(numbers)
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = [
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        click.echo("  ".join(cells).rstrip())


def print_scores(
    metrics: dict[str, dict[str, float]],
    baselines: dict[str, dict[str, float]] | None = None,
    metric: str = "",
    *,
    by_column: bool = False,
) -> None:
    """Print metrics as a table: one row a metric, one column a part of the data.

    Args:
        metrics: Part → metric → value.
        baselines: Part → naive rule → value of ``metric``, printed below it.
        metric: The metric that counts.
        by_column: Also those of single columns, such as ``rmse[wind]``.
    """
    parts = list(metrics)
    if not parts:
        return
    names = [name for name in metrics[parts[0]] if by_column or "[" not in name]
    rows = [["", *parts]]
    for name in names:
        rows.append([name, *(_number(metrics[part].get(name)) for part in parts)])
        if name == metric and baselines:
            rules = list(baselines.get(parts[-1], {}))
            rows += [
                [f"  naive: {rule}", *(_number(baselines[part].get(rule)) for part in parts)]
                for rule in rules
            ]
    print_columns(rows, numbers=range(1, len(parts) + 1))


def _number(value: float | None) -> str:
    return "–" if value is None or math.isnan(value) else f"{value:.5g}"


def time_text(seconds: float) -> str:
    """``0:07``, ``12:30`` or ``3:05:00``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@contextmanager
def reading_bar(what: str) -> Iterator[Callable[[float], None]]:
    """A bar on stderr while a file is read, where somebody looks; yields what is told the share."""
    if not sys.stderr.isatty():
        yield _nothing
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=1.0)

        def tell(share: float) -> None:
            progress.update(task, completed=share)

        yield tell


def _nothing(_share: float) -> None:
    """Nobody looks."""


class RunPrinter:
    """Prints a run for people: a bar with time left, and a line an epoch.

    Where the output is no terminal, each epoch's line carries the bar.
    """

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        self._console = Console()
        self._live = self._console.is_terminal
        self._progress = Progress(
            TextColumn("epoch {task.fields[epoch]:.1f} of {task.fields[epochs]}"),
            BarColumn(),
            TextColumn("{task.completed:,}/{task.total:,} steps · {task.fields[left]} left"),
            TextColumn("· loss {task.fields[loss]:.3f}"),
            console=self._console,
            disable=not self._live,
        )
        self._task: Any = None
        self._epochs = self._total = 0
        self._left = ""

    def close(self) -> None:
        """Leave the bar as it is."""
        if self._task is not None:
            self._progress.stop()

    def __call__(self, values: dict[str, Any]) -> None:
        """Show one event."""
        show = getattr(self, f"_{values['event']}", None)
        if show is not None:
            show(values)

    def _warmed_up(self, values: dict[str, Any]) -> None:
        self._total = values["total_steps"]
        self._epochs = round(self._total / max(values["steps_per_epoch"], 1))
        self._left = time_text(values["seconds_per_epoch"] * self._epochs)
        message = f"{values['parameters']:,} parameters on {values['device']}. {values['message']}"
        self._line(message.strip())
        for rule, value in values["baselines"].items():
            self._line(f"To beat: {values['metric']} {value:.4g} of the naive rule '{rule}'.")
        self._line(f"About {self._left} for {self._epochs} epochs. Ctrl+C stops and keeps the run.")

    def _steps_done(self, values: dict[str, Any]) -> None:
        self._left = time_text(values["remaining_s"])
        given = {"epoch": values["epoch"], "left": self._left, "loss": values["loss"][-1]}
        if self._task is None:
            self._task = self._progress.add_task(
                "", total=self._total, epochs=self._epochs, **given
            )
            self._progress.start()
        self._progress.update(self._task, completed=values["step"], **given)

    def _epoch_done(self, values: dict[str, Any]) -> None:
        metric, epoch = values["metric"], values["epoch"]
        text = (
            f"epoch {epoch} of {self._epochs}: training loss {values['train_loss']:.4f}, "
            f"validation {metric} {values['metrics'][metric]:.4f}"
        )
        if values["is_best"]:
            text += " (best)"
        elif values["patience"]:
            text += f" (patience {values['waited']}/{values['patience']})"
        if not self._live:
            done = round(_BAR * epoch / max(self._epochs, epoch))
            text = f"[{'#' * done}{'.' * (_BAR - done)}] {self._left} left · {text}"
        self._line(text)

    def _say(self, values: dict[str, Any]) -> None:
        if values.get("message"):
            self._line(values["message"])

    _phase = _verdict = _noted = _setting_changed = _say

    def _line(self, text: str) -> None:
        self._console.print(text, highlight=False, markup=False, soft_wrap=not self._live)
