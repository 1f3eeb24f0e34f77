"""Many steps of a part of the data, read by one model, to count and to search in.

Shapes: N steps, H hidden units, C channels.
"""

import shutil
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from workbench.analysis.column_tracks import column_tracks
from workbench.analysis.corpus import CorpusTrace, trace_corpus
from workbench.analysis.trace import Rows, Trace, trace_model
from workbench.analysis.tracks import Track, date_tracks, text_tracks
from workbench.data.findings import Watch
from workbench.engine.loading import Loaded
from workbench.errors import UserError
from workbench.models.language import LanguageModel
from workbench.models.replay import Key
from workbench.tasks.base import Probe
from workbench.tasks.forecast import ForecastTask
from workbench.tasks.forecast_pictures import time_text
from workbench.tasks.language_model import LanguageModelTask

_WINDOWS_AT_ONCE = 64
_MOST_TRACKED = 200_000
_NO_ROOM = 1 << 30


class HalfRows:
    """Rows kept in memory in half precision: of windows that were read one after the other."""

    def __init__(self, arrays: dict[Key, NDArray[np.float16]]) -> None:
        self._arrays = arrays

    @property
    def keys(self) -> list[Key]:
        """What there is of each step."""
        return list(self._arrays)

    def rows(self, key: Key) -> NDArray[np.float16]:
        """One quantity over all steps ``(N, H)``."""
        return self._arrays[key]


@dataclass(frozen=True, eq=False)
class Survey:
    """What was read and what happened inside.

    Attributes:
        source: The traced quantities.
        part: Part of the data; empty for a stretch that is shown.
        symbols: int ``(N,)`` of a text, else None.
        given: Probability of the symbol that followed, ``(N,)``; None for a series.
        texts: One text per step of a short stretch; empty where they are made from the symbols.
        times: datetime64 ``(N,)`` of a series, or row numbers where it has no dates; else None.
        values: Channels in their units ``(N, C)`` of a series, else None.
        names: Of the channels.
        columns: Tracks of columns that are not read.
        window: Steps after which the states begin anew; 0 where they go on throughout.
        windows: Number of each window in its part, ``(N / window,)``; None where they go on.
        vocabulary: Turns symbols into texts; None for a series.
    """

    source: Rows
    part: str = ""
    symbols: NDArray[Any] | None = None
    given: NDArray[np.floating[Any]] | None = None
    texts: tuple[str, ...] = ()
    times: NDArray[Any] | None = None
    values: NDArray[np.floating[Any]] | None = None
    names: tuple[str, ...] = ()
    columns: tuple[Track, ...] = ()
    window: int = 0
    windows: NDArray[np.intp] | None = None
    vocabulary: Any = None
    _tracks: dict[str, list[Track]] = field(default_factory=dict, repr=False)

    @property
    def keys(self) -> list[Key]:
        """What there is of each step."""
        return self.source.keys

    def rows(self, key: Key) -> NDArray[np.floating[Any]]:
        """One quantity over all steps ``(N, H)``."""
        return self.source.rows(key)

    def __len__(self) -> int:
        """Steps N."""
        return len(self.source.rows(self.keys[0]))

    def labels(self, first: int, last: int) -> list[str]:
        """One text per step from ``first`` up to ``last``."""
        if self.texts:
            return list(self.texts[first:last])
        if self.symbols is not None:
            return list(self.vocabulary.pieces(self.symbols[first:last].tolist()))
        assert self.times is not None
        return [time_text(time) for time in self.times[first:last]]

    def place(self, step: int, before: int) -> tuple[int, int]:
        """Where a step stands in its part.

        Args:
            step: Of this survey.
            before: Symbols of a text that are read before it.

        Returns:
            The first symbol or the number of the window to read, and the step in what is read.
        """
        if self.windows is not None:
            return int(self.windows[step // self.window]), step % self.window
        first = max(0, step - before)
        return first, step - first

    @property
    def is_text(self) -> bool:
        """Whether steps are symbols; else they are moments of a series."""
        return self.times is None

    def tracks(self, watch: Watch) -> list[Track]:
        """Built-in annotations of the first steps (200 000 of a text), made once.

        Of a text what is known of its symbols; of a series its dates, every channel and every
        other column of its table.
        """
        if "all" not in self._tracks:
            count = min(len(self), _MOST_TRACKED)
            watch.step(0.0)
            if self.is_text:
                found = text_tracks(self.labels(0, count))
            else:
                assert self.values is not None
                assert self.times is not None
                dated = self.times.dtype.kind == "M"
                found = date_tracks(self.times[:count]) if dated else []
                found += [
                    Track(name, np.asarray(self.values[:count, place], float), False)
                    for place, name in enumerate(self.names)
                ]
                found += [replace(track, values=track.values[:count]) for track in self.columns]
            self._tracks["all"] = found
        return self._tracks["all"]


def survey_of_trace(loaded: Loaded, trace: Trace, stretch: Probe) -> Survey:
    """A shown stretch as a survey.

    Args:
        loaded: Whose trace.
        trace: Of a batch of one.
        stretch: What was read.
    """
    labels = stretch.labels
    if isinstance(loaded.task, LanguageModelTask):
        return Survey(trace, texts=labels, vocabulary=loaded.task.vocabulary)
    assert isinstance(loaded.task, ForecastTask)
    codec = loaded.task.codec
    values = codec.decode(stretch.inputs[0][0].cpu().numpy())
    dated = loaded.task.prepared.series[0].time.dtype.kind == "M"
    times = np.array(labels, dtype="datetime64[us]" if dated else np.int64)
    columns = tuple(column_tracks(loaded.task.experiment, times, codec.names))
    return Survey(
        trace, texts=labels, times=times, values=values, names=codec.names, columns=columns
    )


def survey_part(loaded: Loaded, part: str, most: int, folder: Path, watch: Watch) -> Survey:
    """Read up to ``most`` steps of a part.

    Args:
        loaded: The model and its task.
        part: ``train``, ``validation`` or ``test``.
        most: Steps; of a series whole windows that do not overlap.
        folder: Where the trace of a text is written; one that stands there is used again.
        watch: Told how far it is.

    Raises:
        Cancelled: Where ``watch`` says so.
        UserError: Where the part is empty or the disk has no room.
    """
    task = loaded.task
    if isinstance(task, LanguageModelTask):
        assert isinstance(loaded.model, LanguageModel)
        ids = task.part_symbols(part)[:most]
        if len(ids) < 2:
            raise UserError(f"The {part} part is empty.", "Choose another part.")
        corpus = _kept(folder)
        if corpus is None:
            corpus = trace_corpus(loaded.model, ids, folder, watch)
        return Survey(
            corpus, part, symbols=corpus.symbols, given=corpus.given, vocabulary=task.vocabulary
        )
    assert isinstance(task, ForecastTask)
    return _survey_windows(loaded, task, part, most, watch)


def _kept(folder: Path) -> CorpusTrace | None:
    if not folder.exists():
        return None
    try:
        return CorpusTrace(folder)
    except UserError:
        shutil.rmtree(folder, ignore_errors=True)
        return None


def _survey_windows(
    loaded: Loaded, task: ForecastTask, part: str, most: int, watch: Watch
) -> Survey:
    total = task.windows(part)
    if not total:
        raise UserError(f"The {part} part has no window.", "Choose another part.")
    steps = task.experiment.data.table.windows.window
    stack = loaded.model.stack
    quantities = stack.num_layers * stack.directions * len(stack.cell.quantities)
    bounded = min(most, _NO_ROOM // (2 * stack.hidden_size * quantities))
    stride = max(1, steps // task.experiment.data.table.windows.stride)
    chosen = np.arange(0, total, stride)[: max(1, bounded // steps)]
    kept: dict[Key, list[NDArray[np.float16]]] = {}
    values, times = [], []
    for first in range(0, len(chosen), _WINDOWS_AT_ONCE):
        some = chosen[first : first + _WINDOWS_AT_ONCE]
        stretches = [task.stretch(part, int(window), 1) for window in some]
        inputs = tuple(
            torch.cat(parts) for parts in zip(*(s.inputs for s in stretches), strict=True)
        )
        trace = trace_model(loaded.model, *inputs)
        for key in trace.keys:
            kept.setdefault(key, []).append(trace.rows(key).astype(np.float16))
        values.append(task.codec.decode(inputs[0].flatten(0, 1).cpu().numpy()))
        times += [task.window_times(part, int(window)) for window in some]
        watch.step((first + len(some)) / len(chosen))
    return Survey(
        HalfRows({key: np.concatenate(parts) for key, parts in kept.items()}),
        part,
        times=np.concatenate(times),
        values=np.concatenate(values),
        names=task.codec.names,
        window=steps,
        windows=chosen,
        columns=tuple(column_tracks(task.experiment, np.concatenate(times), task.codec.names)),
    )
