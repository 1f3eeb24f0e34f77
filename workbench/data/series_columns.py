"""The used columns of a table on its timeline: numbers with NaN, or texts; and their filling."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.data.findings import Finding
from workbench.data.repair import Bools, Floats, Timeline, fill, mark_missing
from workbench.data.series_codec import Channel, SeriesCodec
from workbench.errors import UserError
from workbench.specs import ColumnSpec, TableSpec

Column = Floats | NDArray[np.object_]
"""Numbers with NaN, or texts with None, ``(N,)``."""

ROLES = ("target", "input", "known_future")

_LARGEST = 1e30
_KEPT_CELLS = 1 << 25
"""Numbers kept at hand, at most; those of a larger table are brought onto the timeline anew."""


class TimedColumns:
    """Columns brought onto the timeline, before scaling.

    Args:
        frame: The table in file order.
        table: Roles, kinds and policies.
        timeline: Where each row goes.
        codec: One already fitted, whose columns are to be read; None reads all that are used.

    Attributes:
        specs: The columns by name.
        names: The used columns, in the order of the table.
        usable: bool ``(N,)``: False where no window may touch.
        findings: Missing values and what is done with them.

    Raises:
        UserError: Where a column's cells do not suit its role.
    """

    def __init__(
        self,
        frame: pd.DataFrame,
        table: TableSpec,
        timeline: Timeline,
        codec: SeriesCodec | None,
    ) -> None:
        self.timeline = timeline
        self.specs = {item.name: item for item in table.columns}
        self.usable = timeline.usable.copy()
        self.findings: list[Finding] = []
        self._frame = frame
        self._gaps = table.time.gaps
        self._kept: dict[str, Column] = {}
        used = self._used(codec)
        self._keeps_numbers = len(used) * len(timeline.time) <= _KEPT_CELLS
        self.names = tuple(item.name for item in used)
        for item in used:
            self._look_at(item)

    def _used(self, codec: SeriesCodec | None) -> list[ColumnSpec]:
        used = [item for item in self.specs.values() if item.role in ROLES]
        if codec is not None:
            names = {item.column for item in (*codec.channels, *codec.known)}
            missing = sorted(names - {item.name for item in used})
            if missing:
                raise UserError(
                    f"The model was trained with column {missing[0]!r}, which has no role here.",
                    "Give it the role it had in training, or use a file that has it.",
                )
            used = [item for item in used if item.name in names]
        return used

    def column(self, name: str) -> Column:
        """A used column on the timeline; of a large table it is brought there anew each time."""
        if name in self._kept:
            return self._kept[name]
        given = self._read_column(self.specs[name])
        if self._keeps_numbers or given.dtype == object:
            self._kept[name] = given
        return given

    def _look_at(self, item: ColumnSpec) -> None:
        """Check a column, and note what is missing in it."""
        given = self.column(item.name)
        if given.dtype == object:
            return
        numbers = np.asarray(given, dtype=np.float64)
        _check_size(item.name, numbers)
        known = np.isfinite(numbers)
        self._note_missing(item, int((~known & ~self.timeline.inserted).sum()))
        if item.missing == "cut":
            self.usable &= known | self.timeline.inserted

    def _read_column(self, item: ColumnSpec) -> Column:
        column = self._frame[item.name]
        if item.kind in ("category", "text"):
            return self._read_texts(item, column)
        if item.kind == "date":
            raise UserError(
                f"Column {item.name!r} holds dates and has the role {item.role}.",
                "Set its role to date or ignored.",
            )
        if not (pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column)):
            example = next((str(cell) for cell in column.dropna().head(1)), "")
            raise UserError(
                f"Column {item.name!r} has the role {item.role} but holds text: {example!r}.",
                "Set its kind to category, its role to ignored, or correct its decimal mark.",
            )
        numbers = column.to_numpy(dtype=np.float64, na_value=np.nan)
        return self.timeline.numbers(mark_missing(numbers, item.sentinels))

    def _read_texts(self, item: ColumnSpec, column: pd.Series) -> NDArray[np.object_]:
        texts = column.astype("string").astype(object).to_numpy(dtype=object, copy=True)
        texts[column.isna().to_numpy()] = None
        source = self.timeline.first_source()
        # a row that was put in goes on with the category before it
        before = np.maximum.accumulate(np.where(source >= 0, np.arange(len(source)), 0))
        return np.asarray(texts[source[before]], dtype=object)

    def _note_missing(self, item: ColumnSpec, count: int) -> None:
        if count == 0:
            return
        done = "no window touches them" if item.missing == "cut" else f"filled: {item.missing}"
        if item.role == "target" and item.missing not in ("zero", "cut"):
            done += "; as inputs only, never as truth"
        self.findings.append(
            Finding(
                f"column {item.name}",
                f"{count:,} missing value{'s' if count > 1 else ''}",
                f"of {len(self.timeline.time):,}; {done}",
                "repaired",
            )
        )

    def numbers(self, channel: Channel) -> Floats:
        """One channel's raw numbers, float64 ``(N,)``, NaN where missing."""
        given = self.column(channel.column)
        if channel.category is None:
            if given.dtype == object:
                raise UserError(
                    f"Column {channel.column!r} held numbers in training and holds text here.",
                    "Use a file with the same columns as the training data.",
                )
            return np.asarray(given, dtype=np.float64)
        texts = given if given.dtype == object else given.astype(str)
        return np.asarray(texts == channel.category, dtype=np.float64)

    def truth(self, name: str) -> Floats:
        """A target's values where they count as truth, float64 ``(N,)``, NaN elsewhere."""
        given = np.asarray(self.column(name), dtype=np.float64)
        if np.isfinite(given).all():
            return given
        made = np.zeros(len(given), dtype=bool)
        if self.specs[name].missing == "zero":
            made |= ~self.timeline.inserted
        if self._gaps == "zero":
            made |= self.timeline.inserted
        return np.where(np.isfinite(given), given, np.where(made, 0.0, np.nan))

    def counts_as_truth(self, channel: Channel) -> Bools:
        """Which rows of a target are measured, or zero because nothing was counted, ``(N,)``."""
        return np.isfinite(self.truth(channel.column))

    def filled(self, channel: Channel, train: Bools) -> Floats:
        """One channel without missing values, float64 ``(N,)``.

        Args:
            channel: Which one.
            train: bool ``(N,)``: rows of the training part, for the policy ``mean``.
        """
        given = self.numbers(channel)
        if np.isfinite(given).all():
            return given
        policy = self.specs[channel.column].missing
        mean = channel.scaler.centre
        if policy == "mean":
            seen = given[train & np.isfinite(given)]
            mean = float(seen.mean()) if len(seen) else mean
        offsets, inserted = self.timeline.offsets, self.timeline.inserted
        filled = fill(given, offsets, policy, mean)
        if inserted.any():
            filled = np.where(inserted, fill(given, offsets, self._gaps, mean), filled)
        return filled


def _check_size(name: str, numbers: Floats) -> None:
    """Refuse what single precision, in which networks compute, cannot hold."""
    if not len(numbers):
        return
    low, high = np.fmin.reduce(numbers), np.fmax.reduce(numbers)
    if max(abs(low), abs(high)) > _LARGEST:
        far = low if abs(low) > abs(high) else high
        raise UserError(
            f"Column {name!r} holds the number {far:.3g}; a network computes with numbers up to "
            f"{_LARGEST:.1g}.",
            "Set the column's role to ignored, list such numbers as its sentinels, or give it in a "
            "larger unit.",
        )
