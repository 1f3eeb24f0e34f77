"""From a file to an experiment that can be trained as it is."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from workbench.data.findings import Finding
from workbench.data.table import TableSource, load_table, open_table, preview_table
from workbench.data.text import TextSource, open_text
from workbench.data.training_season import season_of_table
from workbench.data.windows import suggest_windows
from workbench.errors import UserError
from workbench.experiment import Experiment
from workbench.specs import ColumnSpec, DataSpec, SplitSpec, TableSpec, WindowSpec

Source = TableSource | TextSource
Progress = Callable[[float], None] | None
Cancel = Callable[[], bool] | None

TABLE_SPLIT = SplitSpec(train=0.7, validation=0.15, test=0.15)

_TABLES = {".csv", ".tsv", ".tab", ".dat"}


def is_table(path: Path) -> bool:
    """Whether a file is read as a table: by its ending."""
    return path.suffix.lower() in _TABLES


def suggest_experiment(
    path: str | Path,
    data: DataSpec | None = None,
    *,
    progress: Progress = None,
    cancelled: Cancel = None,
) -> tuple[Experiment, Source]:
    """Open a file or folder and describe a job that suits it.

    Args:
        path: A table, a text, or a folder of texts.
        data: How it is to be read, as far as that is known; what is ``auto`` there is found out.
        progress: Told the share read, 0…1.
        cancelled: Asked while reading.

    Raises:
        UserError: Where it cannot be read, or holds nothing to learn from.
        Cancelled: Where ``cancelled()`` said True.
    """
    place = Path(path)
    if not place.exists():
        raise UserError(f"There is no {place}.", "Check the path.")
    known = data or DataSpec()
    if is_table(place):
        source = open_table(place, known.table.reading, progress=progress, cancelled=cancelled)
        return _table_experiment(place, source)
    text = open_text(place, known.text, progress, cancelled)
    return _text_experiment(place, text, known.text.encoding), text


def preview_experiment(path: str | Path) -> tuple[Experiment, Source] | None:
    """The same from the head of a large table; None for what is no table."""
    place = Path(path)
    if not is_table(place):
        return None
    return _table_experiment(place, preview_table(place))


def open_source(
    experiment: Experiment, progress: Progress = None, cancelled: Cancel = None
) -> Source:
    """Read the data of an experiment, as the experiment says.

    Raises:
        UserError: Where it cannot be read.
        Cancelled: Where ``cancelled()`` said True.
    """
    path, data = Path(experiment.data.path), experiment.data
    if experiment.task.value == "language_model":
        return open_text(path, data.text, progress, cancelled)
    table = data.table
    source = open_table(
        path, table.reading, progress=_part(progress, 0.0, 0.9), cancelled=cancelled
    )
    if not table.columns:
        return source
    frame = source.frame
    if _reads_the_same(source, table):
        known = {column.name for column in table.columns}
        frame = frame[[name for name in frame.columns if name in known]]
    else:
        frame = load_table(path, table, progress=_part(progress, 0.9, 0.1), cancelled=cancelled)
    return replace(
        source,
        frame=frame,
        reading=table.reading,
        columns=table.columns,
        time=table.time,
        rows=len(frame),
    )


def _part(progress: Progress, start: float, size: float) -> Progress:
    """The progress of one of two passes; mostly one is enough."""
    return None if progress is None else lambda share: progress(start + size * share)


def _reads_the_same(source: TableSource, table: TableSpec) -> bool:
    """Whether what was found out is what a description says, so that one pass is enough."""
    found = {column.name: column for column in source.columns}
    for column in table.columns:
        there = found.get(column.name)
        if there is None:
            if column.role != "ignored":
                return False
            continue
        if _cells(there) != _cells(column):
            return False
        dated = column.kind == "date" and column.name in table.time.columns
        if dated and source.time.format != table.time.format:
            return False
    return True


def _cells(column: ColumnSpec) -> tuple[str, ...]:
    if column.kind == "number":
        return column.kind, column.decimal, column.thousands
    return ("text" if column.kind == "category" else column.kind,)


def _text_experiment(path: Path, source: TextSource, encoding: str) -> Experiment:
    values: dict[str, Any] = {
        "name": path.stem or path.name,
        "task": "language_model",
        "data": {
            "path": str(path.resolve()),
            "fingerprint": source.fingerprint,
            "text": {"encoding": encoding},
            "split": {"train": 0.9, "validation": 0.1, "test": 0.0},
        },
    }
    values |= text_recipe(len(source.text))
    return Experiment.from_dict(values)


def text_recipe(characters: int) -> dict[str, Any]:
    """Model and training for a character model of a text of so many characters.

    Larger texts bear larger networks and need fewer passes. From a million characters on: two
    layers of 512 with half of the values dropped, about the largest that a desktop processor
    trains within half an hour.
    """
    if characters < 20_000:
        size, dropout, epochs, batch, length = 64, 0.1, 60, 8, 32
    elif characters < 200_000:
        size, dropout, epochs, batch, length = 128, 0.1, 40, 16, 64
    elif characters < 800_000:
        size, dropout, epochs, batch, length = 256, 0.3, 25, 32, 64
    else:
        size, dropout, epochs, batch, length = 512, 0.5, 16, 64, 64
    return {
        "model": {
            "cell": "lstm", "num_layers": 2, "hidden_size": size, "embedding_size": min(size, 128),
            "dropout": dropout, "output_dropout": dropout,
        },
        "training": {
            "epochs": epochs, "batch_size": batch, "bptt_length": length, "learning_rate": 2e-3,
            "schedule": "cosine", "optimizer": "adam",
        },
    }  # fmt: skip


def _table_experiment(path: Path, source: TableSource) -> tuple[Experiment, TableSource]:
    if not any(column.role == "target" for column in source.columns):
        raise UserError(
            f"{path.name} has no column of numbers that change: there is nothing to forecast.",
            "Choose a table with at least one column of numbers, or open it as a text.",
        )
    table = TableSpec(reading=source.reading, columns=source.columns, time=source.time)
    source, rows, windows = _windows(source, table)
    table = table.model_copy(update={"windows": windows})
    experiment = Experiment.from_dict(
        {
            "name": path.stem,
            "task": "forecast",
            "data": {
                "path": str(path.resolve()),
                "fingerprint": source.fingerprint,
                "table": table.model_dump(mode="json"),
                "split": TABLE_SPLIT.model_dump(mode="json"),
            },
            **forecast_recipe(rows),
        }
    )
    return experiment, source


def forecast_recipe(rows: int) -> dict[str, Any]:
    """Model and training for series of so many rows."""
    size, batch = (16, 8) if rows < 300 else (32, 32) if rows < 5_000 else (64, 64)
    return {
        "model": {"cell": "lstm", "num_layers": 1, "hidden_size": size},
        "training": {
            "epochs": 60 if rows < 5_000 else 15, "batch_size": batch, "learning_rate": 1e-3,
            "schedule": "cosine", "patience": 8 if rows < 5_000 else 4, "optimizer": "adamw",
        },
        "preview": {"every_s": 1.5},
    }  # fmt: skip


def _windows(source: TableSource, table: TableSpec) -> tuple[TableSource, int, WindowSpec]:
    """Rows of a typical series, and windows that suit it; a problem joins the findings."""
    ids = next((c.name for c in source.columns if c.role == "series_id"), None)
    rows = source.rows if ids is None else int(source.frame[ids].value_counts().median())
    try:
        season, frequency = season_of_table(source.frame, table, TABLE_SPLIT)
    except UserError as error:  # it opens all the same, so that it can be mended there
        problem = Finding("training", error.what, error.todo, "problem")
        source = replace(source, findings=(*source.findings, problem))
        season = frequency = None
    return source, rows, suggest_windows(rows, season, frequency)
