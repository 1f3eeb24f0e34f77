"""Any table in any dialect: what was written is what is read."""

import csv
import io
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.data.suggest import open_source, suggest_experiment
from workbench.data.table import TableSource, load_table, open_table
from workbench.experiment import Experiment
from workbench.specs import DataSpec, TableSpec

WORDS = {
    "cp1252": ("Größe", "Übergang", "Straße", "Wärmezähler", "fünf", "Öl"),
    "cp1250": ("żółty", "źródło", "święto", "miesiąc", "część", "łódź"),
    "cp1251": ("погода", "ветер", "температура", "давление", "снег", "дождь"),
    "shift_jis": ("気温", "最高気温", "東京", "降水量", "平均風速", "日付"),
    "utf-8": ("Größe", "погода", "気温", "مطر", "🌧 rain", "naïve"),
}
ENCODINGS = {
    "utf-8": "utf-8", "utf-8-sig": "utf-8", "utf-16": "utf-8", "utf-16-le": "cp1251",
    "cp1252": "cp1252", "cp1250": "cp1250", "cp1251": "cp1251", "shift_jis": "shift_jis",
}  # fmt: skip
"""The words a file in each encoding is written with."""

DATES = (
    "%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y%m%d",
    "%d %b %Y", "%B %d, %Y", "%d.%m.%y",
)  # fmt: skip


@dataclass(frozen=True)
class Dialect:
    """How a table is written."""

    encoding: str
    separator: str
    decimal: str
    thousands: str
    line_end: str
    header: bool
    quoting: int
    date: str
    missing: str


@st.composite
def dialects(draw: st.DrawFn) -> Dialect:
    decimal, thousands = draw(
        st.sampled_from(
            [
                (".", ""), (",", ""), (".", ","), (",", "."), (",", " "), (".", "'"),
                (",", "\u00a0"), (",", "\u202f"), (".", " "),
            ]
        )
    )  # fmt: skip
    encoding = draw(st.sampled_from(list(ENCODINGS)))
    legacy = not encoding.startswith("utf")
    if (thousands == "\u202f" and legacy) or (thousands == "\u00a0" and encoding == "shift_jis"):
        thousands = " "
    return Dialect(
        encoding=encoding,
        separator=draw(st.sampled_from([",", ";", "\t", "|"])),
        decimal=decimal,
        thousands=thousands,
        line_end=draw(st.sampled_from(["\n", "\r\n", "\r"])),
        header=draw(st.booleans()),
        quoting=draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])),
        date=draw(st.sampled_from(DATES)),
        missing=draw(st.sampled_from(["", "NA", "n/a"])),
    )


@st.composite
def tables(draw: st.DrawFn) -> pd.DataFrame:
    """Dates a day apart, measurements to the hundredth, counts, and places for words."""
    rows = draw(st.integers(30, 90))
    first = draw(st.dates(pd.Timestamp("1975-01-01").date(), pd.Timestamp("2030-01-01").date()))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    scale = draw(st.sampled_from([1, 1000, 1_000_000]))
    level = np.round(random.normal(0, scale, rows), 2)
    holes = random.random(rows) < draw(st.sampled_from([0.0, 0.1]))
    counts = random.integers(0, draw(st.sampled_from([9, 5000, 3_000_000])), rows)
    return pd.DataFrame(
        {
            "day": pd.date_range(first, periods=rows).astype("datetime64[us]"),
            "level": np.where(holes, np.nan, level),
            "count": counts.astype(np.float64),
            "word": random.integers(0, 6, rows),
        }
    )


def _number(value: float, places: int, dialect: Dialect) -> str:
    if np.isnan(value):
        return dialect.missing
    plain = f"{value:,.{places}f}"
    marks = {",": dialect.thousands, ".": dialect.decimal}
    return "".join(marks.get(sign, sign) for sign in plain)


def _names(dialect: Dialect) -> list[str]:
    words = WORDS[ENCODINGS[dialect.encoding]]
    return ["day", f"{words[0]} (level)", "count", words[1]]


def _write(frame: pd.DataFrame, dialect: Dialect) -> bytes:
    words = WORDS[ENCODINGS[dialect.encoding]]
    text = io.StringIO(newline="")
    writer = csv.writer(
        text, delimiter=dialect.separator, quoting=dialect.quoting,
        lineterminator=dialect.line_end,
    )  # fmt: skip
    if dialect.header:
        writer.writerow(_names(dialect))
    for row in frame.itertuples(index=False):
        writer.writerow(
            [
                row.day.strftime(dialect.date), _number(row.level, 2, dialect),
                _number(row.count, 0, dialect), words[row.word],
            ]
        )  # fmt: skip
    return text.getvalue().encode(dialect.encoding)


def _expected(frame: pd.DataFrame, dialect: Dialect) -> pd.DataFrame:
    words = WORDS[ENCODINGS[dialect.encoding]]
    expected = frame.assign(word=[words[place] for place in frame["word"]])
    expected["word"] = expected["word"].astype("str")
    names = _names(dialect) if dialect.header else [f"column {n}" for n in range(1, 5)]
    return expected.set_axis(names, axis=1)


@settings(max_examples=60, deadline=None)
@given(frame=tables(), dialect=dialects())
def test_the_identical_table_is_read_back(frame: pd.DataFrame, dialect: Dialect):
    expected = _expected(frame, dialect)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        path.write_bytes(_write(frame, dialect))
        source = open_table(path)
        pd.testing.assert_frame_equal(source.frame, expected, check_column_type=False)
        assert source.time.columns == (expected.columns[0],)
        table = TableSpec(reading=source.reading, columns=source.columns, time=source.time)
        again = load_table(path, table)
        pd.testing.assert_frame_equal(again, expected, check_column_type=False)


@settings(max_examples=10, deadline=None)
@given(frame=tables(), dialect=dialects())
def test_a_saved_experiment_opens_to_the_identical_table(frame: pd.DataFrame, dialect: Dialect):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        path.write_bytes(_write(frame, dialect))
        experiment, source = suggest_experiment(path, DataSpec())
        assert isinstance(source, TableSource)
        saved = Experiment.from_toml(experiment.to_toml())
        assert saved == experiment
        opened = open_source(saved)
        assert isinstance(opened, TableSource)
        pd.testing.assert_frame_equal(opened.frame, source.frame)
        assert opened.fingerprint == source.fingerprint
