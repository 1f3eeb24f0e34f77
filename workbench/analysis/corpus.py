"""The trace of a long text on disk: a memory-mapped file for each quantity, in half precision.

Shapes: N steps, H hidden units, S streams read beside each other.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.lib.format import open_memmap
from numpy.typing import NDArray
from torch import Tensor

from workbench.analysis.trace import array_name
from workbench.cells.base import State
from workbench.data.findings import Watch
from workbench.errors import UserError
from workbench.files import cannot_write, write_atomic
from workbench.models.language import LanguageModel
from workbench.models.replay import Key, replay

FORMAT_VERSION = 1
MEMORY_BYTES = 192 << 20
"""Bytes that a stretch of all streams may take in memory while it is computed."""
STREAMS = 64
"""Most streams a text is cut into; each is at least ``SHORTEST`` steps long."""
SHORTEST = 1_000
WARM_STEPS = 200
"""Steps before its own that a stream reads first, so that it does not begin from nothing."""

_HEADER = "corpus.json"
_ACROSS = 4
"""Copies of a quantity that exist while it is computed: product, state, output, half precision."""


class CorpusTrace:
    """A finished trace on disk, opened for reading.

    Args:
        folder: Where ``trace_corpus`` wrote it.

    Attributes:
        folder: The same.
        keys: What is kept of each step.
        symbols: What was read, int32 ``(N,)``.
        given: Probability of the symbol that followed, float32 ``(N,)``; NaN at the end of a
            stream.

    Raises:
        UserError: Where it is unfinished, of a newer format, or damaged.
    """

    def __init__(self, folder: Path) -> None:
        todo = "Trace the text again."
        try:
            header = json.loads((folder / _HEADER).read_text(encoding="utf-8"))
            if header["format_version"] > FORMAT_VERSION:
                raise UserError(f"The trace {folder.name} was made by a newer program.", todo)
            self.keys = [Key(*key) for key in header["keys"]]
            self._arrays = {key: _open(folder / _file(key)) for key in self.keys}
            self.symbols: NDArray[np.int32] = _open(folder / "symbols.npy")
            self.given: NDArray[np.float32] = _open(folder / "given.npy")
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UserError(f"The trace {folder.name} cannot be read: {error}.", todo) from None
        self.folder = folder

    def __len__(self) -> int:
        """Steps N."""
        return len(self.symbols)

    def rows(self, key: Key) -> NDArray[np.float16]:
        """One quantity over all steps ``(N, H)``, memory-mapped, read-only.

        Raises:
            KeyError: Where it was not kept.
        """
        found: NDArray[np.float16] = self._arrays[key]
        return found


def _open(path: Path) -> Any:
    return np.load(path, mmap_mode="r")


def _file(key: Key) -> str:
    return array_name(key).replace("/", ".") + ".npy"


def corpus_bytes(model: LanguageModel, steps: int) -> int:
    """Bytes on disk that the trace of so many steps takes."""
    stack = model.stack
    kept = stack.num_layers * stack.directions * len(stack.cell.quantities)
    return steps * (2 * stack.hidden_size * kept + 8)


def trace_corpus(
    model: LanguageModel,
    symbols: NDArray[np.integer[Any]],
    folder: Path,
    watch: Watch | None = None,
    streams: int | None = None,
) -> CorpusTrace:
    """Trace a long text to disk.

    The text is cut into streams that are read beside each other; each first reads the
    ``WARM_STEPS`` symbols before its own, so that its first states are nearly those of reading
    everything in one go. At most ``MEMORY_BYTES`` (or one step of all streams) are in memory.

    Args:
        model: In evaluation mode; one direction.
        symbols: int ``(N,)``, N ≥ 2; up to S − 1 at its end are left out where S does not divide N.
        folder: Is made, must not exist; removed again where the work is cancelled or fails.
        watch: Told how far it is.
        streams: S; None chooses, 1 reads everything in one go.

    Raises:
        Cancelled: Where ``watch`` says it is not wanted any more.
        UserError: Where the disk has no room, the folder exists already (it is left as it is), or
            the model reads in both directions.
    """
    if model.stack.directions != 1:
        raise UserError(
            "A network that reads in both directions needs the whole text at once.",
            "Look at a stretch of some thousand steps instead.",
        )
    count = streams or max(1, min(STREAMS, len(symbols) // SHORTEST))
    length = len(symbols) // count
    _check_room(model, count * length, folder)
    _make(folder)
    try:
        _Writer(model, np.asarray(symbols[: count * length]), folder, count).run(watch or Watch())
        header = {
            "format_version": FORMAT_VERSION,
            "keys": [[key.layer, key.direction, key.quantity] for key in _keys(model)],
        }
        write_atomic(folder / _HEADER, json.dumps(header))
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise cannot_write(folder, error) from None
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return CorpusTrace(folder)


def _make(folder: Path) -> None:
    """Make a folder that is nobody else's, so that removing it takes nothing from anybody."""
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        raise UserError(
            f"Something stands at {folder} already.", "Choose another place for the trace."
        ) from None
    except OSError as error:
        raise cannot_write(folder, error) from None


def _check_room(model: LanguageModel, steps: int, folder: Path) -> None:
    need = corpus_bytes(model, steps)
    home = next(place for place in folder.parents if place.exists())
    free = shutil.disk_usage(home).free
    if need > free:
        raise UserError(
            f"The trace takes {need / 1e9:.1f} GB; the disk has {free / 1e9:.1f} GB left.",
            "Trace fewer steps, or free some space.",
        )


def _keys(model: LanguageModel) -> list[Key]:
    stack = model.stack
    return [
        Key(layer, 0, name) for layer in range(stack.num_layers) for name in stack.cell.quantities
    ]


class _Writer:
    """Reads all streams a stretch at a time and writes what happened inside."""

    def __init__(
        self, model: LanguageModel, symbols: NDArray[Any], folder: Path, streams: int
    ) -> None:
        self._model = model
        self._symbols = symbols
        self._streams = streams
        self._length = len(symbols) // streams
        self._device = next(model.parameters()).device
        shape = (len(symbols), model.stack.hidden_size)
        self._arrays = {
            key: open_memmap(folder / _file(key), mode="w+", dtype=np.float16, shape=shape)
            for key in _keys(model)
        }
        self._given = open_memmap(
            folder / "given.npy", mode="w+", dtype=np.float32, shape=(len(symbols),)
        )
        kept = open_memmap(folder / "symbols.npy", mode="w+", dtype=np.int32, shape=(len(symbols),))
        kept[:] = symbols
        kept.flush()

    @torch.no_grad()
    def run(self, watch: Watch) -> None:
        state = self._warm_up()
        done = 0
        for first, last in self._stretches():
            state = self._stretch(first, last, state)
            done += last - first
            watch.step(done / self._length)
        for array in (*self._arrays.values(), self._given):
            array.flush()

    def _stretches(self) -> Iterator[tuple[int, int]]:
        stack, vocabulary = self._model.stack, self._model.head.out_features
        numbers = stack.hidden_size * len(stack.cell.quantities) * stack.num_layers
        step_bytes = 4 * self._streams * (_ACROSS * numbers + 2 * vocabulary)
        steps = max(1, MEMORY_BYTES // step_bytes)
        for first in range(0, self._length, steps):
            yield first, min(first + steps, self._length)

    def _read(self, first: int, last: int) -> Tensor:
        """Symbols ``(S, last − first)`` of all streams."""
        part = self._symbols.reshape(self._streams, self._length)[:, first:last]
        return torch.from_numpy(part.astype(np.int64)).to(self._device)

    def _warm_up(self) -> State | None:
        """Let every stream but the first read what stands before it."""
        if self._streams == 1:
            return None
        before = self._read(max(0, self._length - WARM_STEPS), self._length)[:-1]
        ends = replay(self._model.stack, self._model.encode(before)).state
        blank = self._model.stack.initial_state(1)
        return tuple(torch.cat(parts, dim=1) for parts in zip(blank, ends, strict=True))

    def _stretch(self, first: int, last: int, state: State | None) -> State:
        given = self._read(first, last)
        done = replay(self._model.stack, self._model.encode(given), state)
        for key, part in done.quantities.items():
            half = part.cpu().numpy().astype(np.float16)
            self._arrays[key].reshape(self._streams, self._length, -1)[:, first:last] = half
        following = self._read(first + 1, last + 1)
        logits = self._model.decode(done.output, given)[:, : following.shape[1]].float()
        chances = torch.log_softmax(logits, dim=-1).gather(-1, following[..., None])[..., 0].exp()
        rows = self._given.reshape(self._streams, self._length)
        rows[:, first : first + following.shape[1]] = chances.cpu().numpy()
        if last == self._length:
            rows[:, -1] = np.nan
        return done.state
