"""What the Look page waits for: a corpus on disk, matches in it, a held unit, gradients.

``python -m tests.benchmarks.bench_look [--steps 1000000] [--threads 2]``

An untrained LSTM of 256 units reads random symbols (one layer for the corpus, two for the rest);
asked for: matches on a million steps within 0.5 s, 200 symbols with a held unit within 0.2 s.
"""

import argparse
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import numpy as np
import torch

from workbench.analysis.ablation import ablate
from workbench.analysis.connectivity import connectivity_table
from workbench.analysis.corpus import MEMORY_BYTES, CorpusTrace, corpus_bytes, trace_corpus
from workbench.analysis.intervention import Intervention, write_changed
from workbench.analysis.matching import find_matches
from workbench.analysis.ordering import by_similarity
from workbench.analysis.through_time import gradient_table
from workbench.analysis.tracks import score_all, text_tracks
from workbench.engine.devices import keep_freed_memory
from workbench.models.language import LanguageModel
from workbench.models.replay import Key
from workbench.specs import ModelSpec

_VOCABULARY = 65


def model_of(layers: int) -> LanguageModel:
    """An untrained LSTM of 256 units."""
    spec = ModelSpec(cell="lstm", num_layers=layers, hidden_size=256, embedding_size=128)
    return LanguageModel(spec, _VOCABULARY, torch.Generator().manual_seed(1)).eval()


def timed(what: str, function: Callable[[], object], rounds: int = 5) -> None:
    """Print the median and the slowest of some calls."""
    function()
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        function()
        taken.append(time.perf_counter() - began)
    print(f"{what}: median {statistics.median(taken):.3f} s, slowest {max(taken):.3f} s")


def main() -> None:
    """Print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=1_000_000)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    keep_freed_memory()
    symbols = np.random.default_rng(0).integers(0, _VOCABULARY, options.steps).astype(np.int32)
    with tempfile.TemporaryDirectory() as folder:
        corpus = _corpus(symbols, Path(folder) / "corpus")
        _matches(corpus)
        _tracks(corpus)
    _inside()


def _corpus(symbols: np.ndarray, folder: Path) -> CorpusTrace:
    model = model_of(1)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    corpus = trace_corpus(model, symbols, folder)
    taken = time.perf_counter() - began
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(
        f"corpus of {len(corpus):,} steps × 256 units × {len(corpus.keys)} quantities: "
        f"{taken:.1f} s, {corpus_bytes(model, len(corpus)) / 1e9:.2f} GB on disk; the process grew "
        f"by {grown:.0f} MB, pages of the files included (bound of what is computed: "
        f"{MEMORY_BYTES >> 20} MB)"
    )
    return corpus


def _matches(corpus: CorpusTrace) -> None:
    states = corpus.rows(Key(0, 0, "hidden"))
    units = np.argsort(-np.abs(states[:2000].astype(np.float32)).mean(axis=0))[:10]
    near = float(np.quantile(states[:2000, units].astype(np.float32), 0.6))
    thresholds = iter(np.linspace(0.8 * near, 1.2 * near, 50).tolist())
    timed(
        f"matches of 10 units on {len(states):,} × 256, another threshold each time",
        lambda: find_matches(states, units, next(thresholds)),
    )


def _tracks(corpus: CorpusTrace) -> None:
    text = [chr(32 + symbol) for symbol in corpus.symbols[:10_000].tolist()]
    tracks = text_tracks(text)
    states = corpus.rows(Key(0, 0, "hidden"))[:10_000]
    timed(f"{len(tracks)} tracks ranked by 256 units over 10 000 steps",
          lambda: score_all(tracks, states))  # fmt: skip


def _inside() -> None:
    model = model_of(2)
    prompt = torch.randint(_VOCABULARY, (1, 100), generator=torch.Generator().manual_seed(1))
    held = [Intervention(1, 5, value=1.0)]

    def write() -> None:
        generator = torch.Generator().manual_seed(1)
        list(islice(write_changed(model, prompt, held, 0.8, generator), 200))

    timed("200 symbols written by 2×256 with a unit held, after 100 read", write)
    ids = torch.randint(_VOCABULARY, (1, 301), generator=torch.Generator().manual_seed(2))
    timed("cost of all 256 units of a layer of 2×256 over 300 symbols",
          lambda: ablate(model, (ids[:, :-1],), ids[:, 1:], (1, 0)), 3)  # fmt: skip
    timed("gradients of 100 losses by all states, 2×256",
          lambda: gradient_table(model, ids[:, :100], ids[:, 1:101], 0))  # fmt: skip
    timed("gradients of 200 outputs by all inputs, 2×256",
          lambda: connectivity_table(model, (ids[:, :200],)), 3)  # fmt: skip
    values = np.random.default_rng(3).normal(size=(1000, 1024))
    timed("1 024 units × 1 000 steps ordered by similarity", lambda: by_similarity(values), 3)


if __name__ == "__main__":
    main()
