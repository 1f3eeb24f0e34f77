"""Records of a delimited text, against Python's own reader."""

import csv
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.data.records import NO_SEPARATOR, scan_records

CELL = st.text(alphabet="ab1 \n\"',;é😀", max_size=6)


def _written(rows: list[list[str]], separator: str) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(
        rows
    )
    return text.getvalue()


@settings(max_examples=150, deadline=None)
@given(
    rows=st.lists(st.lists(CELL, min_size=1, max_size=5), min_size=1, max_size=8),
    separator=st.sampled_from([",", ";", "\t", "|"]),
)
def test_records_and_cells_are_those_that_were_written(rows: list[list[str]], separator: str):
    text = _written(rows, separator)
    data = text.encode()
    found = scan_records(data, separator, final=True)
    assert found.counts.tolist() == [len(row) for row in rows]
    assert found.end == len(data)
    assert found.unclosed == ()
    for number, row in enumerate(rows):
        part = data[found.starts[number] : found.ends[number]].decode()
        assert next(csv.reader(io.StringIO(part, newline=""), delimiter=separator)) == row
        assert found.lines[number] == part.count("\n")
        places = np.array([found.cell_start(number, column) for column in range(len(row))])
        assert found.columns_of(places).tolist() == list(range(len(row)))


@settings(max_examples=100, deadline=None)
@given(rows=st.lists(st.lists(CELL, min_size=1, max_size=4), min_size=1, max_size=6))
def test_a_cut_anywhere_leaves_whole_records(rows: list[list[str]]):
    data = _written(rows, ",").encode()
    every = scan_records(data, ",", final=True)
    for cut in range(len(data)):
        found = scan_records(data[:cut], ",", final=False)
        whole = [int(end) for end in every.ends if end <= cut]
        assert found.ends.tolist()[: len(whole)] == whole


@pytest.mark.parametrize(
    ("text", "separator", "counts"),
    [
        ("a,b\n\nc\n", ",", [2, 1, 1]),
        ("a  b\tc\n  d e \n\n", " ", [3, 2, 0]),
        ("a,b\n1;2", NO_SEPARATOR, [1, 1]),
        ("a¦b¦c\n", "¦", [3]),
        ('5" pipe,2\n6" pipe,3\n', ",", [2, 2]),
        ('"a ""b"" c",2\n', ",", [2]),
        ('"a\nb",2\n3,4\n', ",", [2, 2]),
        ("a,b", ",", [2]),
        ("", ",", []),
    ],
)
def test_cells_are_counted(text: str, separator: str, counts: list[int]):
    assert scan_records(text.encode(), separator, final=True).counts.tolist() == counts


@pytest.mark.parametrize(
    ("text", "unclosed"),
    [
        ('1,"2\n3,4\n5,"6"\n', (2,)),
        ('1,2\n3,"4', (6,)),
        ('1,"2,3"\n', ()),
    ],
)
def test_a_mark_that_is_never_closed_is_found(text: str, unclosed: tuple[int, ...]):
    found = scan_records(text.encode(), ",", final=True)
    assert found.unclosed == unclosed
    assert len(found.ends) == len(text.splitlines())
