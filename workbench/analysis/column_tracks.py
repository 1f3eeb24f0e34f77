"""Columns of a table that the model does not read, as tracks of the steps it does read."""

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.analysis.tracks import Track
from workbench.data.repair import Timeline
from workbench.data.table import load_table
from workbench.data.training_season import table_timeline
from workbench.errors import UserError
from workbench.experiment import Experiment

_MOST_LABELS = 8
_MOST_KEPT = 200 << 20
"""Bytes of a table that stays at hand from one question to the next."""
_kept: dict[tuple[object, ...], tuple[pd.DataFrame, Timeline]] = {}


def column_tracks(
    experiment: Experiment, times: NDArray[np.generic], known: tuple[str, ...]
) -> list[Track]:
    """Every other column at the steps that were read, found by their dates or row numbers.

    Args:
        experiment: Names the table and its columns.
        times: Of the steps ``(N,)``, as the task gives them.
        known: Columns that are tracks already.

    Returns:
        A number for each numeric column, NaN where a row was inserted; a yes/no for each of the
        most frequent labels of a text. Nothing where the file is gone, or holds several series,
        whose dates repeat.
    """
    try:
        frame, timeline = _read(experiment)
    except (OSError, UserError):
        return []
    table = experiment.data.table
    if len(timeline.names) > 1:
        return []
    moments = timeline.time[timeline.position]
    found: list[Track] = []
    read = {column.name for column in table.columns if column.role in ("date", "series_id")}
    for name in frame.columns:
        if name in known or name in read:
            continue
        rows = pd.Series(frame[name].to_numpy()[timeline.source], index=moments)
        rows = rows[~rows.index.duplicated()].reindex(times)
        if pd.api.types.is_numeric_dtype(rows.dtype):
            found.append(Track(str(name), rows.to_numpy(dtype=np.float64), False))
        elif not pd.api.types.is_datetime64_any_dtype(rows.dtype):
            labels = rows.astype(str)
            for label in labels.value_counts().index[:_MOST_LABELS]:
                yes = (labels == label).to_numpy(dtype=np.float64)
                found.append(Track(f"{name} = {label}", yes, True))
    return found


def _read(experiment: Experiment) -> tuple[pd.DataFrame, Timeline]:
    """The table and the order of its rows; the last one, where it is small, is read once."""
    path, table = Path(experiment.data.path), experiment.data.table
    key = (path, path.stat().st_mtime_ns, repr(table))
    known = _kept.get(key)
    if known is not None:
        return known
    frame = load_table(path, table)
    found = frame, table_timeline(frame, table)
    _kept.clear()
    if int(frame.memory_usage(deep=False).sum()) <= _MOST_KEPT:
        _kept[key] = found
    return found
