"""Opening data: a large CSV, and a large text turned into numbers.

``python -m tests.benchmarks.bench_reading [--megabytes 100] [--text-megabytes 20] [--rounds 3]``

The CSV has a date and six measured columns, an hour a row. Its bar is ``pandas.read_csv``, told
everything that the program finds out by itself (separator, dates). The text is made of words drawn
by Zipf's law; the bar for its characters is a dictionary and a list, for its words ``split``, a
counter and a dictionary. Every measurement is a process of its own, in turns; memory is the
highest it had beyond what it began with. Asked for: 100 MB of CSV in under 2 s and three times its
size, 1 GB in bounded memory.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

START = """
import json, resource, sys, threading, time
import psutil
path = sys.argv[1]
seconds = {}
def measure(name, action):
    began = time.perf_counter()
    result = action()
    seconds[name] = time.perf_counter() - began
    return result
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
"""
END = """
print(json.dumps({"seconds": seconds, "memory": peak() - before}))
"""
PROGRAM = f"""{START}
from pathlib import Path
from workbench.data.table import open_table, preview_table
before = psutil.Process().memory_info().rss
measure("preview", lambda: preview_table(Path(path)))
measure("open", lambda: open_table(Path(path)))
{END}"""
PANDAS = f"""{START}
import pandas
before = psutil.Process().memory_info().rss
measure("open", lambda: pandas.read_csv(path, parse_dates=["date"]))
{END}"""
TEXT = f"""{START}
from pathlib import Path
from workbench.data.vocabulary import build_vocabulary
from workbench.specs import TextSpec
text = Path(path).read_text(encoding="utf-8")
before = psutil.Process().memory_info().rss
kind = sys.argv[2]
spec = TextSpec(symbols=kind)
vocabulary = measure("vocabulary", lambda: build_vocabulary(text, spec))
measure("encode", lambda: vocabulary.encode(text))
{END}"""
BY_HAND = f"""{START}
from collections import Counter
from pathlib import Path
text = Path(path).read_text(encoding="utf-8")
before = psutil.Process().memory_info().rss
parts = text if sys.argv[2] == "character" else text.split()
counts = measure("vocabulary", lambda: Counter(parts))
numbers = {{part: number for number, part in enumerate(counts)}}
measure("encode", lambda: [numbers[part] for part in parts])
{END}"""


def write_csv(path: Path, size: int) -> int:
    """Write a CSV of about ``size`` bytes from a seeded generator; returns its rows."""
    generator = np.random.default_rng(1)
    first, rows = np.datetime64("1900-01-01T00", "s"), 0
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write("date,load,wind,solar,price,level,flow\n")
        while file.tell() < size:
            count = 50_000
            dates = first + 3600 * np.arange(rows, rows + count)
            values = generator.normal(100, 30, (count, 6)).round(3)
            lines = (
                f"{date},{','.join(map(repr, row))}\n"
                for date, row in zip(dates.astype(str), values.tolist(), strict=True)
            )
            file.write("".join(lines).replace("T", " "))
            rows += count
    return rows


def write_text(path: Path, size: int) -> None:
    """Write a text of about ``size`` bytes: lines of words by Zipf's law."""
    generator = np.random.default_rng(2)
    letters = np.array(list("etaoinshrdlucmfwypvbgkjqxz"))
    words = np.array(["".join(generator.choice(letters, 2 + n % 9)) for n in range(30_000)])
    with path.open("w", encoding="utf-8", newline="") as file:
        while file.tell() < size:
            drawn = words[np.minimum(generator.zipf(1.3, 100_000), len(words)) - 1]
            lines = (" ".join(drawn[at : at + 12]) for at in range(0, len(drawn), 12))
            file.write("\n".join(lines) + "\n")


def measured(code: str, *arguments: str) -> dict:
    """Run one measurement in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        raise SystemExit("The measurement failed.")
    return json.loads(done.stdout)


def in_turns(rounds: int, *measurements: Callable[[], dict]) -> list[dict]:
    """The median of each measurement, made in turns."""
    found: list[list[dict]] = [[] for _ in measurements]
    for _ in range(rounds):
        for kept, measure in zip(found, measurements, strict=True):
            kept.append(measure())
    return [
        {
            "seconds": {
                name: statistics.median(one["seconds"][name] for one in kept)
                for name in kept[0]["seconds"]
            },
            "memory": max(one["memory"] for one in kept),
        }
        for kept in found
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--megabytes", type=int, default=100, help="of the CSV; 0 leaves it out")
    parser.add_argument("--text-megabytes", type=int, default=20, help="0 leaves it out")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if arguments.megabytes:
            path = Path(folder) / "large.csv"
            rows = write_csv(path, arguments.megabytes * 1_000_000)
            size = path.stat().st_size
            own, bar = in_turns(
                arguments.rounds,
                lambda: measured(PROGRAM, str(path)),
                lambda: measured(PANDAS, str(path)),
            )
            print(f"CSV of {size / 1e6:.0f} MB, {rows:,} rows")
            print(
                f"  program: preview {own['seconds']['preview']:.2f} s, open "
                f"{own['seconds']['open']:.2f} s, memory {own['memory'] / size:.2f} × its size\n"
                f"  pandas.read_csv: {bar['seconds']['open']:.2f} s, memory "
                f"{bar['memory'] / size:.2f} × its size\n"
                f"  program over pandas: {own['seconds']['open'] / bar['seconds']['open']:.2f}"
            )
        if arguments.text_megabytes:
            path = Path(folder) / "large.txt"
            write_text(path, arguments.text_megabytes * 1_000_000)
            size = path.stat().st_size
            print(f"text of {size / 1e6:.0f} MB, vocabulary and numbers")
            for kind in ("character", "word", "subword"):
                hand = "word" if kind == "subword" else kind
                own, bar = in_turns(
                    arguments.rounds,
                    lambda kind=kind: measured(TEXT, str(path), kind),
                    lambda hand=hand: measured(BY_HAND, str(path), hand),
                )
                took, plain = sum(own["seconds"].values()), sum(bar["seconds"].values())
                print(
                    f"  {kind:9} {took:.2f} s, memory {own['memory'] / size:.1f} × its size; "
                    f"by hand ({hand}s) {plain:.2f} s; ratio {took / plain:.2f}"
                )


if __name__ == "__main__":
    main()
