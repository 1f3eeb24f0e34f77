"""Annotations of a sequence, and which units tell them.

A track is a number or a yes/no for every step. Shapes: N steps, H units.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import regex
from numpy.typing import NDArray
from scipy.stats import rankdata

from workbench.errors import UserError

Floats = NDArray[np.floating[Any]]

_PATIENCE_S = 3.0
_MOST_LABELS = 20
_OPENING, _CLOSING = "([{", ")]}"
_QUOTES = {'"': '"', "“": "”", "«": "»", "„": "“"}


@dataclass(frozen=True, eq=False)
class Track:
    """An annotation of every step.

    Attributes:
        name: For people, such as ``inside quotes``.
        values: float64 ``(N,)``; 0 and 1 where it is a yes/no.
        binary: Whether it is a yes/no.
    """

    name: str
    values: NDArray[np.float64]
    binary: bool


def text_tracks(symbols: list[str]) -> list[Track]:
    """What is known of every symbol of a text without any annotation.

    Args:
        symbols: What each step reads: letters, words or sub-words.

    Returns:
        Yes/no: inside quotes, capital, digit, white space, start of a word; numbers: depth of
        brackets, place in the line, place in the word (both count what was read before).
    """
    count = len(symbols)
    values = {name: np.zeros(count) for name in (*_YES_NO, *_NUMBERS)}
    depth, line, word, closing = 0, 0, 0, ""
    for step, symbol in enumerate(symbols):
        first = symbol[:1]
        space = symbol.isspace() or symbol == "<eos>"
        if first in _CLOSING and first:
            depth = max(0, depth - 1)
        inside = bool(closing)
        if closing and first == closing:
            closing, inside = "", False
        elif not closing and first in _QUOTES:
            closing = _QUOTES[first]
        values["inside quotes"][step] = inside
        values["capital"][step] = first.isupper()
        values["digit"][step] = first.isdigit()
        values["white space"][step] = space
        values["start of a word"][step] = not space and word == 0
        values["depth of brackets"][step] = depth
        values["place in the line"][step] = line
        values["place in the word"][step] = word
        if first in _OPENING and first:
            depth += 1
        ends = "\n" in symbol or symbol == "<eos>"
        line = 0 if ends else line + len(symbol)
        word = 0 if space else word + len(symbol)
    return [Track(name, values[name], name in _YES_NO) for name in values]


_YES_NO = ("inside quotes", "capital", "digit", "white space", "start of a word")
_NUMBERS = ("depth of brackets", "place in the line", "place in the word")


def date_tracks(time: NDArray[np.datetime64]) -> list[Track]:
    """Hour, weekday, day of the month and month of dates; those that never change are left out.

    Args:
        time: datetime64 ``(N,)``.
    """
    days, months = time.astype("M8[D]"), time.astype("M8[M]")
    found = {
        "hour": (time - days) / np.timedelta64(1, "h"),
        "weekday": ((days.astype(np.int64) + 3) % 7).astype(np.float64),  # 1970-01-01: a Thursday
        "day of the month": ((days - months) / np.timedelta64(1, "D")) + 1,
        "month": (months.astype(np.int64) % 12 + 1).astype(np.float64),
    }
    numbers = [Track(name, np.asarray(v, float), False) for name, v in found.items()]
    weekend = Track("weekend", (found["weekday"] >= 5).astype(float), True)
    return [track for track in (*numbers, weekend) if len(np.unique(track.values)) > 1]


def pattern_track(symbols: Sequence[str], pattern: str) -> Track:
    """A track of one's own: yes at every symbol that belongs to a match of a regular expression.

    Args:
        symbols: What each step reads; matched as one text.
        pattern: As in ``^[A-Z]+:``, with ``^`` at every line; matches may go over several symbols.

    Raises:
        UserError: Where it is no regular expression, or takes too long to match.
    """
    text = "".join(symbols)
    inside = np.zeros(len(text), dtype=bool)
    try:
        found = regex.finditer(pattern, text, flags=regex.MULTILINE, timeout=_PATIENCE_S)
        for match in found:
            inside[match.start() : match.end()] = True
    except regex.error as error:
        raise UserError(
            f"{pattern} is no regular expression: {error}.", "Try a plain word first."
        ) from None
    except TimeoutError:
        raise UserError(
            f"Matching {pattern} takes too long.", "Use a simpler expression."
        ) from None
    starts = np.cumsum([0, *(len(symbol) for symbol in symbols[:-1])])
    values = np.array(
        [inside[at : at + len(symbol)].any() for at, symbol in zip(starts, symbols, strict=True)]
    )
    return Track(pattern, values.astype(np.float64), True)


def read_tracks(path: Path, steps: int) -> list[Track]:
    """Annotations of one's own out of a file: one line per step, a number or a label.

    Args:
        path: Text in UTF-8. Numbers make one track (an empty line is unknown), labels such as parts
            of speech a yes/no for each of the most frequent ones.
        steps: N; lines behind them are not used.

    Raises:
        UserError: Where it cannot be read, or has fewer lines than steps.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeError) as error:
        raise UserError(f"{path.name} cannot be read: {error}.", "Save it as UTF-8 text.") from None
    if len(lines) < steps:
        raise UserError(
            f"{path.name} has {len(lines):,} lines; {steps:,} steps are counted.",
            "Write one line for every step, or count over fewer.",
        )
    cells = [line.strip() for line in lines[:steps]]
    try:
        numbers = np.array([float(cell) if cell else np.nan for cell in cells])
    except ValueError:
        found = Counter(cell for cell in cells if cell).most_common(_MOST_LABELS)
        return [
            Track(f"{path.stem} = {label}", np.array([float(c == label) for c in cells]), True)
            for label, _count in found
        ]
    return [Track(path.stem, numbers, bool(set(np.unique(numbers)) == {0.0, 1.0}))]


def scores(track: Track, states: Floats) -> NDArray[np.float64]:
    """How well each unit alone tells a track; as ``score_all`` of one."""
    return np.asarray(score_all([track], states)[0])


def score_all(tracks: Sequence[Track], states: Floats) -> NDArray[np.float64]:
    """How well each unit alone tells each track; one matrix product for all of them.

    Args:
        tracks: Of the N steps.
        states: ``(N, H)``.

    Returns:
        ``(tracks, H)``. For a yes/no the area under the ROC curve, 0…1: 0.5 tells nothing, 0 and 1
        tell all (Mann–Whitney). For a number Pearson's correlation, −1…1. NaN where the track or
        the unit does not vary; steps at which a track is NaN do not count.
    """
    found = np.full((len(tracks), states.shape[1]), np.nan)
    whole = [place for place, track in enumerate(tracks) if np.isfinite(track.values).all()]
    yes_no = [place for place in whole if tracks[place].binary]
    numbers = [place for place in whole if not tracks[place].binary]
    if yes_no:
        found[yes_no] = _areas(np.stack([tracks[place].values for place in yes_no]), states)
    if numbers:
        values = np.stack([tracks[place].values for place in numbers])
        found[numbers] = _correlations(values, states)
    for place in set(range(len(tracks))) - set(whole):
        known = np.isfinite(tracks[place].values)
        if known.any():
            part = Track(tracks[place].name, tracks[place].values[known], tracks[place].binary)
            found[place] = score_all([part], states[known])[0]
    return found


def _correlations(values: NDArray[np.float64], states: Floats) -> NDArray[np.float64]:
    """Pearson's correlation of ``(tracks, N)`` with ``(N, H)``."""
    given = np.asarray(states, dtype=np.float64)
    given = given - given.mean(axis=0)
    wanted = values - values.mean(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        sizes = np.sqrt((wanted**2).sum(axis=1)[:, None] * (given**2).sum(axis=0))
        return np.asarray(wanted @ given / np.where(sizes > 0, sizes, np.nan))


def _areas(values: NDArray[np.float64], states: Floats) -> NDArray[np.float64]:
    """Area under the curve of ``(tracks, N)`` by ``(N, H)``, ties counted half."""
    yes = (values > 0.5).astype(np.float64)
    positives = yes.sum(axis=1, keepdims=True)
    negatives = yes.shape[1] - positives
    ranks = rankdata(states, axis=0)
    above = yes @ ranks - positives * (positives + 1) / 2
    with np.errstate(invalid="ignore", divide="ignore"):
        areas = above / (positives * negatives)
    constant = (states.max(axis=0) == states.min(axis=0))[None]
    unknown = constant | (positives == 0) | (negatives == 0)
    return np.where(unknown, np.nan, areas)


def strength(track: Track, found: NDArray[np.float64]) -> NDArray[np.float64]:
    """How much scores tell, whichever the sign: 0 nothing, 1 all; NaN counts as nothing."""
    size = np.abs(2 * found - 1) if track.binary else np.abs(found)
    return np.nan_to_num(size)
