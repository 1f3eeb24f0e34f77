"""Reading all rows of a table once its layout and columns are known."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from workbench.data.blocks import Block, BlockReader, Layout, RowReport
from workbench.data.cells import parse_mixed, parse_text
from workbench.data.columns import ColumnPlan, ColumnStore, examine_column
from workbench.data.findings import Cancelled
from workbench.specs import ReadingSpec

COMPACT_FROM = 500_000_000
"""Bytes of a file from which numbers are kept as float32 and texts as categories."""

_GROUP = 4  # columns read as text at a time where a file is large

Progress = Callable[[float], None] | None
Cancel = Callable[[], bool] | None


@dataclass(frozen=True, eq=False)
class Reading:
    """A file, its layout, and who is told and asked while it is read."""

    path: Path
    layout: Layout
    spec: ReadingSpec
    size: int
    progress: Progress = None
    cancelled: Cancel = None

    @property
    def compact(self) -> bool:
        """Whether values are kept in half the memory."""
        return self.size >= COMPACT_FROM

    def blocks(
        self, reader: BlockReader, share: float = 1.0, start: float = 0.0
    ) -> Iterator[Block]:
        """A pass over the file that tells its progress and can be given up.

        Args:
            reader: A fresh one.
            share: Part of the progress this pass is.
            start: Progress before it.

        Raises:
            UserError: Where the file cannot be read, or changes meanwhile.
            Cancelled: Where the person gave up.
        """
        for block in reader:
            if self.cancelled and self.cancelled():
                raise Cancelled
            yield block
            if self.progress:
                self.progress(start + share * reader.share)


@dataclass(frozen=True, eq=False)
class ReadColumns:
    """All rows of a table.

    Attributes:
        stores: One per column, filled.
        report: What was noticed of the rows.
        fingerprint: SHA-256 of the file's bytes.
        plans: The plans as they were in the end.
    """

    stores: list[ColumnStore]
    report: RowReport
    fingerprint: str

    @property
    def plans(self) -> list[ColumnPlan]:
        """How each column was read."""
        return [store.plan for store in self.stores]

    def frame(self) -> pd.DataFrame:
        """The table; the stores are emptied."""
        columns = {store.plan.name: store.finish() for store in self.stores}
        return pd.DataFrame(columns, copy=False)


def read_columns(reading: Reading, plans: list[ColumnPlan], share: float = 1.0) -> ReadColumns:
    """Read every row as planned.

    Raises:
        UserError: Where the file cannot be read.
        Cancelled: Where the person gave up.
    """
    common, texts = _split(plans)
    stores = [ColumnStore(plan, reading.spec, compact=reading.compact) for plan in plans]
    reader = BlockReader(reading.path, reading.layout)
    for block in reading.blocks(reader, share):
        _take(block, _parse(block, reading, texts, common), reading, stores, texts)
        for number in block.zero_led.difference(texts):
            stores[number].contradicts = stores[number].contradicts or "zeros"
    return ReadColumns(stores, reader.report, reader.fingerprint)


def read_text(reading: Reading, plans: list[ColumnPlan], text: bytes, rows: int) -> ReadColumns:
    """Turn a sample's rows into values in the same way."""
    common, texts = _split(plans)
    stores = [ColumnStore(plan, reading.spec) for plan in plans]
    block = Block(text, rows, np.arange(1, rows + 1), frozenset())
    _take(block, _parse(block, reading, texts, common), reading, stores, texts)
    return ReadColumns(stores, RowReport(rows=rows), "")


def _parse(block: Block, reading: Reading, texts: list[int], common: str) -> pd.DataFrame:
    return parse_mixed(
        block.data, reading.layout.separator, reading.layout.columns, texts=texts,
        decimal=common, missing=reading.spec.missing_markers,
    )  # fmt: skip


def _split(plans: list[ColumnPlan]) -> tuple[str, list[int]]:
    """The commonest decimal mark, and the columns that have to be read as text."""
    marks = Counter(plan.decimal for plan in plans if plan.kind == "number" and plan.has_fraction)
    common = marks.most_common(1)[0][0] if marks else "."
    texts = [
        number
        for number, plan in enumerate(plans)
        if plan.kind != "number" or not _is_plain(plan, common)
    ]
    return common, texts


def _is_plain(plan: ColumnPlan, common: str) -> bool:
    """Whether the parser may make the numbers itself, with the commonest decimal mark."""
    if plan.thousands != "none":
        return False
    if plan.decimal == common:
        return plan.plain or plan.decimal == ","
    return plan.plain and not plan.has_fraction and plan.decimal == "."


def _take(
    block: Block,
    frame: pd.DataFrame,
    reading: Reading,
    stores: list[ColumnStore],
    texts: list[int],
) -> None:
    separator, columns = reading.layout.separator, reading.layout.columns
    as_text = set(texts)
    again = []
    for number, store in enumerate(stores):
        cells = frame[number]
        if number in as_text:
            store.add_cells(cells, block.line_numbers)
        elif cells.dtype.kind in "iuf":
            store.add_numbers(cells, block.line_numbers)
        else:
            again.append(number)
    if again:
        as_cells = parse_text(block.data, separator, columns, again)
        for number in again:
            stores[number].add_cells(as_cells[number], block.line_numbers)


def settle(
    reading: Reading, read: ReadColumns, hint: str, start: float, *, whole: bool
) -> ReadColumns:
    """Look again, at all cells, at columns whose rows contradict what a sample suggested.

    Args:
        reading: The file.
        read: After a first pass.
        hint: Decimal mark of most columns, or empty.
        start: Share of the progress done.
        whole: True where the sample was the whole file, so that nothing can contradict it.
    """
    doubtful = [
        number
        for number, store in enumerate(read.stores)
        if store.contradicts or (not whole and (store.plan.open or store.odd))
    ]
    stores = list(read.stores)
    group = _GROUP if reading.size > 200_000_000 else max(len(doubtful), 1)
    groups = [doubtful[place : place + group] for place in range(0, len(doubtful), group)]
    for index, chosen in enumerate(groups):
        share = (1 - start) / len(groups)
        cells, lines = _all_cells(reading, chosen, share, start + index * share)
        for number in chosen:
            plan = read.stores[number].plan
            fresh = examine_column(plan.name, cells[number], reading.spec, place=number, hint=hint)
            store = ColumnStore(replace(fresh, open=False), reading.spec, compact=reading.compact)
            store.add_cells(cells.pop(number), lines)
            stores[number] = store
    return ReadColumns(stores, read.report, read.fingerprint)


def _all_cells(
    reading: Reading, chosen: list[int], share: float, start: float
) -> tuple[dict[int, pd.Series], np.ndarray]:
    """All cells of some columns as text, and the line of each row."""
    parts: dict[int, list[pd.Series]] = {number: [] for number in chosen}
    lines = []
    reader = BlockReader(reading.path, reading.layout)
    for block in reading.blocks(reader, share, start):
        frame = parse_text(
            block.data, reading.layout.separator, reading.layout.columns, sorted(chosen)
        )
        lines.append(block.line_numbers)
        for number in chosen:
            parts[number].append(frame[number])
    joined = {number: pd.concat(found, ignore_index=True) for number, found in parts.items()}
    return joined, np.concatenate(lines)
