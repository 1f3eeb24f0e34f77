"""Reading: a table against ``pandas.read_csv``, text to numbers against a plain dict.

``python -m tests.benchmarks.bench_reading [--megabytes 100] [--rounds 3]``

The files are written first, always the same ones. Each reading of the table runs in a process of
its own, program and pandas in turn; peak memory is what the process grew by. Asked for at 100 MB:
opened in less than 2 s, in less than three times the file's size.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import psutil

from workbench.data.suggest import preview_experiment, suggest_experiment
from workbench.data.table import open_table
from workbench.data.vocabulary import build_vocabulary
from workbench.specs import TextSpec

_ROWS = 200_000
_WAYS: dict[str, Callable[[Path], object]] = {
    "preview": preview_experiment,
    "pandas": pd.read_csv,
    "open": open_table,
    "open and suggest": suggest_experiment,
}


@dataclass(frozen=True)
class Measured:
    """Seconds, and bytes the process grew by at its peak."""

    seconds: float
    grown: float


def write_table(path: Path, size: int) -> None:
    """A date a minute and seven columns of numbers, at least ``size`` bytes."""
    random = np.random.default_rng(0)
    start = 0
    with path.open("w", encoding="utf-8") as file:
        file.write("date,load,temperature,wind,a,b,c,d\n")
        while file.tell() < size:
            minute = np.arange(start, start + _ROWS)
            dates = np.datetime64("2000-01-01", "m") + minute
            columns = {
                "date": pd.Series(dates).dt.strftime("%Y-%m-%d %H:%M"),
                "load": 500 + 100 * np.sin(minute * 2 * np.pi / 1440) + random.normal(0, 10, _ROWS),
                "temperature": random.normal(10, 5, _ROWS),
                "wind": random.gamma(2, 3, _ROWS),
            }
            columns |= {name: random.normal(1000, 50, _ROWS) for name in "abcd"}
            frame = pd.DataFrame(columns).round(3)
            frame.to_csv(file, header=False, index=False, lineterminator="\n")
            start += _ROWS


def make_text(size: int) -> str:
    """Words of a made-up language, as unevenly frequent as those of a real one."""
    random = np.random.default_rng(0)
    letters = np.array(list("etaoinshrdlcumwfgypbvkéñüßжш"))
    words = ["".join(random.choice(letters, random.integers(2, 10))) for _ in range(30_000)]
    parts, length = [], 0
    while length < size:
        ranks = np.minimum(random.zipf(1.3, 200_000), len(words)) - 1
        lines = np.array(words, dtype=object)[ranks].reshape(-1, 10)
        parts.append("\n".join(" ".join(line) for line in lines) + "\n")
        length += len(parts[-1].encode())
    return "".join(parts)


def measure(way: str, path: Path) -> Measured:
    """One reading, in this process."""
    process = psutil.Process()
    start = peak = process.memory_info().rss
    done = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(0.005):
            peak = max(peak, process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    began = time.perf_counter()
    result = _WAYS[way](path)
    seconds = time.perf_counter() - began
    peak = max(peak, process.memory_info().rss)
    done.set()
    watcher.join()
    assert result is not None
    return Measured(seconds, peak - start)


def measure_apart(way: str, path: Path) -> Measured:
    """One reading, in a process of its own."""
    command = [sys.executable, "-m", __spec__.name, "--way", way, "--file", str(path)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return Measured(**json.loads(printed))


def read_tables(path: Path, rounds: int) -> None:
    """Print one line for each way to read the table."""
    size = path.stat().st_size
    found = {way: [measure_apart(way, path)] for way in _WAYS}
    for _ in range(rounds - 1):
        for way, measured in found.items():
            measured.append(measure_apart(way, path))
    bar = [item.seconds for item in found["pandas"]]
    for way, measured in found.items():
        seconds = [item.seconds for item in measured]
        ratio = statistics.median(ours / theirs for ours, theirs in zip(seconds, bar, strict=True))
        grown = statistics.median(item.grown for item in measured) / size
        print(
            f"{way}: {statistics.median(seconds):.2f} s "
            f"({min(seconds):.2f} … {max(seconds):.2f}); {ratio:.2f} × pandas.read_csv; "
            f"peak memory {grown:.2f} × the file",
            flush=True,
        )


def plain_numbers(symbols: list[str]) -> np.ndarray:
    """The plain way: count, order, look each symbol up in a dict."""
    ordered = [symbol for symbol, _ in Counter(symbols).most_common()]
    numbers = {symbol: number for number, symbol in enumerate(ordered)}
    return np.array([numbers[symbol] for symbol in symbols], dtype=np.int32)


def plain_subwords(text: str, spec: TextSpec) -> np.ndarray:
    """Byte-pair encoding of every line by the library itself."""
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(vocab_size=spec.vocabulary_size, show_progress=False)
    lines = text.splitlines(keepends=True)
    tokenizer.train_from_iterator(lines, trainer)
    encoded = tokenizer.encode_batch_fast(lines)
    return np.concatenate([np.array(line.ids, dtype=np.int32) for line in encoded])


def number_texts(text: str, rounds: int) -> None:
    """Print one line for each kind of symbol: vocabulary and numbers, program against plain."""
    for symbols in ("character", "word", "subword"):
        spec = TextSpec(symbols=symbols, vocabulary_size=8000 if symbols == "subword" else 50_000)
        plain: Callable[[], np.ndarray] = {
            "character": lambda: plain_numbers(list(text)),
            "word": lambda: plain_numbers(text.replace("\n", " \n ").split(" ")),
            "subword": lambda spec=spec: plain_subwords(text, spec),
        }[symbols]
        ours, theirs = [], []
        for _ in range(rounds):
            began = time.perf_counter()
            numbers = build_vocabulary(text, spec).encode(text)
            ours.append(time.perf_counter() - began)
            began = time.perf_counter()
            assert len(plain()) > 0
            assert len(numbers) > 0
            theirs.append(time.perf_counter() - began)
        ratio = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
        print(
            f"{symbols}s of {len(text.encode()) / 1e6:.0f} MB: {statistics.median(ours):.2f} s; "
            f"{ratio:.2f} × the plain way ({statistics.median(theirs):.2f} s)",
            flush=True,
        )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--way", choices=list(_WAYS), help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.way:
        print(json.dumps(vars(measure(options.way, options.file))))
        return
    size = options.megabytes * 1_000_000
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "table.csv"
        write_table(path, size)
        print(f"table of {path.stat().st_size / 1e6:.0f} MB", flush=True)
        read_tables(path, options.rounds)
    number_texts(make_text(min(size, 50_000_000)), options.rounds)


if __name__ == "__main__":
    main()
