"""A long trace on disk: equal to the trace in memory, bounded, and gone where it was given up."""

import json
import tracemalloc
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from tests.analysis.models import VOCABULARY, language_model
from workbench.analysis import corpus
from workbench.analysis.corpus import CorpusTrace, corpus_bytes, trace_corpus
from workbench.analysis.trace import trace_model
from workbench.data.findings import Cancelled, Watch
from workbench.errors import UserError
from workbench.models.replay import Key


def text(steps: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, VOCABULARY, steps).astype(np.int32)


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn_tanh"])
@pytest.mark.parametrize("bound", [1, 100_000, 1 << 30])
def test_one_stream_equals_the_trace_in_memory(
    cell: str, bound: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corpus, "MEMORY_BYTES", bound)
    model, given = language_model(cell=cell, num_layers=2), text(137)
    found = trace_corpus(model, given, tmp_path / "t", streams=1)
    whole = trace_model(model, torch.from_numpy(given.astype(np.int64))[None])
    assert found.keys == whole.keys
    for key in whole.keys:
        np.testing.assert_allclose(
            found.rows(key).astype(np.float32), whole.rows(key), atol=2e-3, err_msg=str(key)
        )
        assert found.rows(key).dtype == np.float16
    chances = torch.softmax(torch.from_numpy(whole.output[0]), -1).numpy()
    wanted = chances[np.arange(136), given[1:]]
    np.testing.assert_allclose(found.given[:-1], wanted, atol=1e-5)
    assert np.isnan(found.given[-1])
    assert found.symbols.tolist() == given.tolist()


def test_streams_begin_as_if_what_stands_before_had_been_read(tmp_path: Path) -> None:
    model, given = language_model(cell="rnn_tanh"), text(1003)
    one = trace_corpus(model, given, tmp_path / "one", streams=1)
    four = trace_corpus(model, given, tmp_path / "four", streams=4)
    assert len(four) == 1000  # the last three do not fill a row of streams
    key = Key(0, 0, "hidden")
    np.testing.assert_allclose(
        four.rows(key).astype(float), one.rows(key)[:1000].astype(float), atol=3e-3
    )
    ends = np.isnan(four.given)
    assert np.flatnonzero(ends).tolist() == [249, 499, 749, 999]


def test_memory_stays_within_its_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bound = 4 << 20
    monkeypatch.setattr(corpus, "MEMORY_BYTES", bound)
    model, given = language_model(hidden_size=64), text(40_000)
    tracemalloc.start()
    found = trace_corpus(model, given, tmp_path / "t")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.rows(found.keys[0]).nbytes * len(found.keys) > 4 * bound
    assert peak < 2 * bound


def test_giving_up_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpus, "MEMORY_BYTES", 1)
    asked = []

    def cancelled() -> bool:
        asked.append(1)
        return len(asked) > 3

    with pytest.raises(Cancelled):
        trace_corpus(language_model(), text(50), tmp_path / "t", Watch(None, cancelled))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("free", [10, 1 << 40])
def test_what_stands_there_already_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int
) -> None:
    monkeypatch.setattr(corpus.shutil, "disk_usage", lambda _path: SimpleNamespace(free=free))
    note = tmp_path / "t" / "note.txt"
    note.parent.mkdir()
    note.write_text("mine")
    with pytest.raises(UserError, match="already" if free > 10 else "the disk has"):
        trace_corpus(language_model(), text(50), note.parent)
    assert note.read_text() == "mine"
    assert list(note.parent.iterdir()) == [note]


def test_a_disk_without_room_is_said_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = language_model()
    assert corpus_bytes(model, 1000) == 1000 * (2 * 9 * 6 * model.stack.num_layers + 8)
    monkeypatch.setattr(corpus.shutil, "disk_usage", lambda _path: SimpleNamespace(free=10))
    with pytest.raises(UserError, match="the disk has"):
        trace_corpus(model, text(50), tmp_path / "t")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("spoil", ["unfinished", "newer", "cut", "no json"])
def test_what_is_not_whole_is_refused(tmp_path: Path, spoil: str) -> None:
    folder = tmp_path / "t"
    trace_corpus(language_model(), text(50), folder)
    header = folder / "corpus.json"
    if spoil == "unfinished":
        header.unlink()
    elif spoil == "newer":
        header.write_text(json.dumps({"format_version": 99, "keys": []}))
    elif spoil == "no json":
        header.write_text("{")
    else:
        whole = (folder / "layer1.hidden.npy").read_bytes()
        (folder / "layer1.hidden.npy").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UserError):
        CorpusTrace(folder)


def test_both_directions_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="both directions"):
        trace_corpus(language_model(bidirectional=True), text(50), tmp_path / "t")
