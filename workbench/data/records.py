"""Records of a delimited text: where each ends, and how many cells it has.

Vectorised over bytes: only the few quotation marks that matter are looked at one by one. The rules
are those of pandas' C engine: a quoted cell starts right behind a separator, doubled marks stand
for one, a mark inside an unquoted cell is a plain character.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

NO_SEPARATOR = "none"
NEWLINE, QUOTE, SPACE, TAB = 10, 34, 32, 9
_OPENS, _CLOSES, _TURNS = 1, 2, 3


@dataclass(frozen=True, eq=False)
class Records:
    """What a stretch of text holds.

    Attributes:
        ends: Position behind each complete record, its line break included ``(R,)``.
        counts: Cells of each record ``(R,)``.
        starts: Position of the first character of each record ``(R,)``.
        inner: Position of the first character of each cell that is not the first of its record
            ``(sum of counts − 1,)``.
        lines: Lines of text each record takes ``(R,)``; more than one where a quoted cell holds
            line breaks.
        unclosed: Positions of quotation marks that are opened and never closed.
    """

    ends: Ints
    counts: Ints
    starts: Ints
    inner: Ints
    lines: Ints
    unclosed: tuple[int, ...]

    @property
    def end(self) -> int:
        """Position behind the last complete record."""
        return int(self.ends[-1]) if len(self.ends) else 0

    def columns_of(self, positions: Ints) -> Ints:
        """Number of the column, from 0, in which each position stands."""
        row_starts = self.starts[np.searchsorted(self.starts, positions, side="right") - 1]
        before_row = np.searchsorted(self.inner, row_starts, side="right")
        return np.searchsorted(self.inner, positions, side="right") - before_row

    def cell_start(self, row: int, column: int) -> int:
        """Position of the first character of a cell."""
        if column == 0:
            return int(self.starts[row])
        first = int(np.searchsorted(self.inner, self.starts[row], side="right"))
        return int(self.inner[first + column - 1])


def scan_records(data: bytes, separator: str, *, final: bool) -> Records:
    """Find the records of a text that starts at the beginning of one.

    Args:
        data: UTF-8 with line feeds only.
        separator: One character; a space stands for any run of blanks; ``none`` for one column.
        final: True where the text ends here, so that a mark still open is never closed.
    """
    array = np.frombuffer(data, dtype=np.uint8)
    breaks = np.flatnonzero(array == NEWLINE)
    if final and len(data) and data[-1] != NEWLINE:
        breaks = np.append(breaks, len(data))
    marks = _separators(array, separator)
    unclosed: tuple[int, ...] = ()
    line_of_break = np.arange(1, len(breaks) + 1)
    if b'"' in data:
        places, effect = _quotes(array, separator)
        unclosed = _never_closed(places, effect, breaks, final)
        if unclosed:
            kept = ~np.isin(places, unclosed)
            places, effect = places[kept], effect[kept]
        if len(places):
            marks = marks[~_inside(places, effect, marks)]
            outside = ~_inside(places, effect, breaks)
            breaks, line_of_break = breaks[outside], line_of_break[outside]
    lines = np.diff(line_of_break, prepend=0)
    ends = np.minimum(breaks + 1, len(data))
    starts = np.concatenate(([0], ends[:-1])) if len(ends) else ends
    if separator == " ":
        counts, inner = _blank_cells(array, breaks, marks)
        return Records(ends, counts, starts, inner, lines, unclosed)
    marks = marks[: int(np.searchsorted(marks, ends[-1]))] if len(ends) else marks[:0]
    counts = np.diff(np.searchsorted(marks, breaks), prepend=0) + 1
    return Records(ends, counts, starts, marks + 1, lines, unclosed)


def _separators(array: NDArray[np.uint8], separator: str) -> Ints:
    if separator == NO_SEPARATOR:
        return np.empty(0, dtype=np.int64)
    if separator == " ":
        return np.flatnonzero((array == SPACE) | (array == TAB))
    code = separator.encode()
    found = np.flatnonzero(array == code[0])
    for offset in range(1, len(code)):  # a separator beyond ASCII takes several bytes
        found = found[found + offset < len(array)]
        found = found[array[found + offset] == code[offset]]
    return found


def _blank_cells(array: NDArray[np.uint8], breaks: Ints, marks: Ints) -> tuple[Ints, Ints]:
    """Cells told apart by runs of blanks; blanks at both ends of a line do not count."""
    separates = np.zeros(len(array) + 1, dtype=bool)
    separates[marks] = True
    separates[breaks] = True
    starts = ~separates[:-1] & np.concatenate(([True], separates[:-2]))
    cell_starts = np.flatnonzero(starts)
    if len(breaks):
        cell_starts = cell_starts[cell_starts < breaks[-1]]
    upto = np.searchsorted(cell_starts, breaks)
    counts = np.diff(upto, prepend=0)
    inner = np.ones(len(cell_starts), dtype=bool)
    inner[(upto - counts)[counts > 0]] = False
    return counts.astype(np.int64), cell_starts[inner]


def _quotes(array: NDArray[np.uint8], separator: str) -> tuple[Ints, NDArray[np.int8]]:
    """Positions of the marks that open or close a cell, and which of both they do.

    Marks next to each other are one run: an even number stands for marks within a cell.
    """
    places = np.flatnonzero(array == QUOTE)
    new = np.concatenate(([True], np.diff(places) > 1))
    first = places[new]
    lengths = np.diff(np.append(np.flatnonzero(new), len(places)))
    last = first + lengths - 1
    border = np.zeros(len(array) + 2, dtype=bool)  # one sign before and one behind the text
    border[0] = border[-1] = True
    border[np.flatnonzero(array == NEWLINE) + 1] = True
    marks = _separators(array, separator)
    border[marks + 1] = True
    before = border[first]
    blank = (first > 0) & (array[np.maximum(first - 1, 0)] == SPACE)
    before |= blank & border[np.maximum(first - 1, 0)]
    behind = border[last + 2]
    odd = lengths % 2 == 1
    effect = np.zeros(len(first), dtype=np.int8)
    effect[odd & before & ~behind] = _OPENS
    effect[odd & behind & ~before] = _CLOSES
    effect[odd & before & behind] = _TURNS
    matters = effect > 0
    where = np.where(effect == _CLOSES, last, first)
    return where[matters].astype(np.int64), _resolve_turns(effect[matters])


def _resolve_turns(effect: NDArray[np.int8]) -> NDArray[np.int8]:
    """Marks that could do both do what the state before them asks for."""
    for index in np.flatnonzero(effect == _TURNS):
        inside = index > 0 and effect[index - 1] == _OPENS
        effect[index] = _CLOSES if inside else _OPENS
    return effect


def _never_closed(
    places: Ints, effect: NDArray[np.int8], breaks: Ints, final: bool
) -> tuple[int, ...]:
    """Opening marks followed by another opening mark on a later line, or by the end."""
    opens = effect == _OPENS
    if not opens.any():
        return ()
    lines = np.searchsorted(breaks, places)
    wrong = opens[:-1] & opens[1:] & (lines[:-1] < lines[1:])
    found = [int(place) for place in places[:-1][wrong]]
    if final and opens[-1]:
        found.append(int(places[-1]))
    return tuple(found)


def _inside(places: Ints, effect: NDArray[np.int8], positions: Ints) -> Bools:
    """Which positions stand within quotation marks."""
    before = np.searchsorted(places, positions) - 1
    return np.asarray((before >= 0) & (effect[before] == _OPENS), dtype=bool)
