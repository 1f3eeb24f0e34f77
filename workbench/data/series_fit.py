"""Fitting the codec of series on their training part."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.data.calendar_features import choose_calendar
from workbench.data.findings import Finding
from workbench.data.repair import Bools, Floats
from workbench.data.scaling import Scaler
from workbench.data.series_codec import Channel, SeriesCodec
from workbench.data.series_columns import TimedColumns
from workbench.errors import UserError
from workbench.specs import ColumnSpec

MOST_CATEGORIES = 50
"""Values of a category column that get a channel of their own: the most frequent ones."""

_LARGE_OFFSET = 2e5


def fit_codec(
    columns: TimedColumns, train: Bools, *, calendar: bool
) -> tuple[SeriesCodec, tuple[Finding, ...]]:
    """Fit scalers, categories and calendar on the training rows.

    Args:
        columns: The used columns.
        train: bool ``(N,)``: rows of the training part.
        calendar: Whether calendar features of the dates are made.

    Returns:
        The codec, and what was left out or is doubtful.

    Raises:
        UserError: Where the training part is empty, a target has no value in it, or every target
            is constant in it.
    """
    return _Fitting(columns, train).fit(calendar)


class _Fitting:
    def __init__(self, columns: TimedColumns, train: Bools) -> None:
        self._columns = columns
        self._train = train
        self._findings: list[Finding] = []

    def fit(self, calendar: bool) -> tuple[SeriesCodec, tuple[Finding, ...]]:
        if not self._train.any():
            raise UserError(
                f"The training part is empty: the table has {len(self._train):,} rows.",
                "Make data.split.train larger or use a longer table.",
            )
        channels: list[Channel] = []
        known: list[Channel] = []
        for name, given in ((name, self._columns.column(name)) for name in self._columns.names):
            item = self._columns.specs[name]
            made = (
                self._fit_categories(item, given)
                if given.dtype == object
                else self._fit_number(item, np.asarray(given, dtype=np.float64))
            )
            (known if item.role == "known_future" else channels).extend(made)
        targets = [item.column for item in channels if item.target]
        if all(self._is_constant(self._columns.column(name)) for name in targets):
            raise UserError(
                "Every target is constant in the training part: there is nothing to learn.",
                "Choose another target column, or another part to train on.",
            )
        cycles = self._calendar() if calendar else ()
        return SeriesCodec(tuple(channels), tuple(known), cycles), tuple(self._findings)

    def _is_constant(self, given: NDArray[np.generic]) -> bool:
        seen = np.asarray(given, dtype=np.float64)[self._train]
        seen = seen[np.isfinite(seen)]
        return len(seen) == 0 or seen.min() == seen.max()

    def _fit_number(self, item: ColumnSpec, given: Floats) -> list[Channel]:
        seen = given[self._train]
        seen = seen[np.isfinite(seen)]
        target = item.role == "target"
        if len(seen) == 0:
            if target:
                anywhere = "the table" if not np.isfinite(given).any() else "the training part"
                raise UserError(
                    f"The target {item.name!r} has no value in {anywhere}.",
                    f"Set its role to ignored (data.table.columns.{item.name}.role=ignored) or "
                    "choose another part to train on.",
                )
            self._drop(item, "has no value in the training part")
            return []
        if seen.min() == seen.max():
            if not target:
                self._drop(item, f"is always {seen[0]:g} in the training part")
                return []
            self._findings.append(
                Finding(
                    f"column {item.name}", "constant target",
                    f"always {seen[0]:g} in the training part: nothing to learn of it", "doubt",
                    f"data.table.columns.{item.name}.role=ignored",
                )
            )  # fmt: skip
        scaler = Scaler.fit(seen, item.scaler)
        if abs(float(seen.mean())) > _LARGE_OFFSET * scaler.deviation:
            self._findings.append(
                Finding(
                    f"column {item.name}", "small changes of a large number",
                    f"about {seen.mean():.6g} ± {scaler.deviation:.3g}: single precision loses "
                    "part of them; a column of differences would be better", "doubt",
                )
            )  # fmt: skip
        return [Channel(item.name, item.name, None, target, scaler)]

    def _drop(self, item: ColumnSpec, why: str) -> None:
        self._findings.append(
            Finding(
                f"column {item.name}", "left out", f"it {why}", "doubt",
                f"data.table.columns.{item.name}.role=ignored",
            )
        )  # fmt: skip

    def _fit_categories(self, item: ColumnSpec, given: NDArray[np.generic]) -> list[Channel]:
        counts = pd.Series(given[self._train]).value_counts()
        counts = counts.sort_index().sort_values(ascending=False, kind="stable")
        if item.kind == "text" and len(counts) > MOST_CATEGORIES:
            raise UserError(
                f"Column {item.name!r} holds {len(counts):,} different texts; as an input at most "
                f"{MOST_CATEGORIES} are possible.",
                "Set its role to ignored, or its kind to category to keep the most frequent ones.",
            )
        if len(counts) < 2:
            self._drop(item, "has fewer than two different values in the training part")
            return []
        if len(counts) > MOST_CATEGORIES:
            self._findings.append(
                Finding(
                    f"column {item.name}", f"{len(counts):,} categories",
                    f"the {MOST_CATEGORIES} most frequent are told apart, the rest count as none",
                    "doubt",
                )
            )  # fmt: skip
        return [
            Channel(f"{item.name}={value}", item.name, str(value), False, Scaler())
            for value in counts.index[:MOST_CATEGORIES]
        ]

    def _calendar(self) -> tuple[str, ...]:
        timeline = self._columns.timeline
        time = timeline.time
        if time.dtype.kind != "M":
            return ()
        seen = time[self._train].astype("M8[us]").astype(np.int64)
        step = timeline.frequency.seconds if timeline.frequency else 0.0
        if timeline.frequency is None:
            steps = np.diff(np.unique(seen))
            step = float(np.median(steps)) / 1e6 if len(steps) else 0.0
        return choose_calendar(step, float(seen.max() - seen.min()) / 1e6 + step)
