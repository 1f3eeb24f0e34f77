"""Columns of a table that the model does not read, as tracks of the steps it does read."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.analysis.tracks import Track
from workbench.data.table import load_table
from workbench.data.training_season import table_timeline
from workbench.errors import UserError
from workbench.experiment import Experiment

_MOST_LABELS = 8


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
        table = experiment.data.table
        frame = load_table(experiment.data.path, table)
        timeline = table_timeline(frame, table)
    except UserError:
        return []
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
