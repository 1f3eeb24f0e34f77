"""Files that are no good table: each ends in one sentence and what to do, or opens with a doubt."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from workbench.data.dialect import MOST_COLUMNS
from workbench.data.series import prepare_series
from workbench.data.suggest import suggest_experiment
from workbench.data.table import TableSource, open_table, preview_table
from workbench.errors import UserError

HEAD = "date,a,b"


def _rows(count: int = 120) -> list[str]:
    days = pd.date_range("2020-01-01", periods=count).strftime("%Y-%m-%d")
    return [f"{day},{number % 7}.25,{number % 5}" for number, day in enumerate(days)]


def _write(folder: Path, lines: list[str], name: str = "table.csv") -> Path:
    path = folder / name
    path.write_text("\n".join((HEAD, *lines)) + "\n", encoding="utf-8")
    return path


def _refused(path: Path) -> str:
    with pytest.raises(UserError) as caught:
        open_table(path)
    assert caught.value.todo
    return caught.value.what


def _doubts(source: TableSource) -> str:
    return "\n".join(
        f"{item.subject}: {item.found} ({item.why})"
        for item in source.findings
        if item.level == "doubt"
    )


@pytest.mark.parametrize("cell", ["31.31.2020", "2020-02-30", "soon", ""])
@pytest.mark.parametrize("place", [0, 20, 59])
def test_one_date_that_cannot_be_read_leaves_out_its_row_and_says_so(
    tmp_path: Path, cell: str, place: int
):
    rows = _rows()
    rows[place] = f"{cell},1,2"
    experiment, source = suggest_experiment(_write(tmp_path, rows))
    assert isinstance(source, TableSource)
    assert source.rows == 120
    if cell:
        assert (
            f"1 cells are no dates and count as missing ({cell!r} × 1; lines {place + 2})"
            in _doubts(source)
        )
    prepared = prepare_series(
        source.frame, experiment.data.table, experiment.data.split, calendar=False
    )
    assert "1 rows without a date" in [item.found for item in prepared.findings]


def test_many_dates_that_cannot_be_read_are_refused_by_the_row(tmp_path: Path):
    frame = pd.DataFrame({"date": ["2020-01-01", "x", "y", "2020-01-04"], "a": [1.0, 2, 3, 5]})
    table = suggest_experiment(_write(tmp_path, _rows()))[0].data.table
    with pytest.raises(UserError, match=r"row 2 cannot be read: 'x', nor those of 1 other rows"):
        prepare_series(
            frame,
            table.model_copy(update={"columns": table.columns[:2]}),
            suggest_experiment(tmp_path / "table.csv")[0].data.split,
            calendar=False,
        )


def test_a_column_with_too_few_dates_says_why_it_is_text(tmp_path: Path):
    rows = [row if n % 3 else f"soon,{row.partition(',')[2]}" for n, row in enumerate(_rows())]
    source = open_table(_write(tmp_path, rows))
    assert source.time.columns == ()
    assert "67% of its cells look like dates, too few; others are 'soon'" in _doubts(source)


def test_the_end_sign_of_old_systems_takes_no_row_along(tmp_path: Path):
    path = _write(tmp_path, _rows())
    path.write_bytes(path.read_bytes() + b"\x1a")
    source = open_table(path)
    assert source.rows == 120
    assert source.reading.last_rows == 0


@pytest.mark.parametrize("line", ["x" * 100, "1.5," * 25])
def test_one_endless_line_is_named(tmp_path: Path, line: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("workbench.data.sample._LONGEST_LINE", 1 << 19)
    path = tmp_path / "line.csv"
    path.write_text(line * 10_000)
    assert "begins with a line of more than" in _refused(path)


@pytest.mark.parametrize("columns", [MOST_COLUMNS + 1, 300_000])
def test_too_many_columns_are_counted_and_refused(tmp_path: Path, columns: int):
    path = tmp_path / "wide.csv"
    path.write_text("\n".join(",".join("1" * columns) for _ in range(3)))
    assert f"{columns:,} columns; up to {MOST_COLUMNS:,}" in _refused(path)


def test_a_very_wide_table_within_the_limit_opens(tmp_path: Path):
    columns = 5_000
    path = tmp_path / "wide.csv"
    values = np.random.default_rng(0).random((12, columns)).round(3)
    pd.DataFrame(values, columns=[f"c{n}" for n in range(columns)]).to_csv(path, index=False)
    source = open_table(path)
    assert source.frame.shape == (12, columns)
    assert np.array_equal(source.frame.to_numpy(), values)


def test_numbers_no_network_can_hold_are_named(tmp_path: Path):
    rows = [row.replace(".25,", ".25e300,") for row in _rows()]
    experiment, source = suggest_experiment(_write(tmp_path, rows))
    assert isinstance(source, TableSource)
    assert [item.subject for item in source.findings if item.level == "problem"] == ["training"]
    with pytest.raises(UserError, match=r"Column 'a' holds the number 6\.25e\+300"):
        prepare_series(source.frame, experiment.data.table, experiment.data.split, calendar=False)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty (0 bytes)"),
        (b"\n\n \n", "holds no rows"),
        (b"\xef\xbb\xbf", "holds no rows"),
        (b"date,a,b\n", "has a header but no rows"),
        (bytes(4000), "is a binary file"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "is a PNG picture"),
        (b"PAR1" + bytes(range(256)), "is a Parquet file"),
        (b"SQLite format 3\0" + bytes(200), "is an SQLite database"),
        (b"<!DOCTYPE html><html><body>404</body></html>", "is a web page"),
        (b'[{"a": 1}, {"a": 2}]', "is a JSON file"),
    ],
)
def test_what_is_no_table_is_called_by_its_name(tmp_path: Path, data: bytes, words: str):
    path = tmp_path / "data.csv"
    path.write_bytes(data)
    assert words in _refused(path)
    with pytest.raises(UserError):
        preview_table(path)


@pytest.mark.parametrize(
    "text", ["a,b\nx,y\nz,w\nx,w\n" * 20, "date,a\n2020-01-01,5\n2020-01-02,5\n"]
)
def test_a_table_with_nothing_to_forecast_says_so(tmp_path: Path, text: str):
    path = tmp_path / "data.csv"
    path.write_text(text)
    with pytest.raises(UserError, match="no column of numbers that change"):
        suggest_experiment(path)


def test_paths_that_are_no_files_are_refused_without_being_opened(tmp_path: Path):
    (tmp_path / "folder.csv").mkdir()
    assert "is a folder" in _refused(tmp_path / "folder.csv")
    assert "There is no file" in _refused(tmp_path / "gone.csv")
    loop = tmp_path / "loop.csv"
    loop.symlink_to(loop)
    assert "Cannot read" in _refused(loop)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_or_device_is_refused_without_waiting_for_it(tmp_path: Path):
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    assert "is a pipe or a device" in _refused(pipe)
    device = tmp_path / "zero.csv"
    device.symlink_to("/dev/zero")
    assert "is a pipe or a device" in _refused(device)
