"""A table file in blocks of whole rows, whatever the size of the blocks."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.data.blocks import BlockReader, Layout, to_line_feeds
from workbench.errors import UserError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data.csv"


def _read(path: Path, layout: Layout, size: int = 1 << 22) -> tuple[bytes, list[int], BlockReader]:
    reader = BlockReader(path, layout, size)
    text, lines = b"", []
    for block in reader:
        assert block.rows == len(block.line_numbers)
        text += block.data
        lines += block.line_numbers.tolist()
    return text, lines, reader


TEXT = 'a,b,c\n1,2,3\n4,"5\n5",6\n\n7,8\n9,10,11,12\n13,14,15,,\nä,€,😀\n"q ""r""",17,18\n'


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 11, 1000])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32"])
def test_blocks_of_any_size_hold_the_same_rows(file: Path, size: int, line_end: str, encoding: str):
    file.write_bytes(TEXT.replace("\n", line_end).encode(encoding))
    text, lines, reader = _read(file, Layout(encoding, ",", 3, lines_above=1), size)
    assert text.decode() == ('1,2,3\n4,"5\n5",6\n7,8\n13,14,15\nä,€,😀\n"q ""r""",17,18\n')
    assert lines == [2, 3, 6, 8, 9, 10]
    report = reader.report
    assert (report.rows, report.blank_lines) == (6, 1)
    assert (report.long_rows, report.long_lines) == (1, [7])
    assert (report.short_rows, report.short_lines, report.shortest) == (1, [6], 2)
    assert reader.fingerprint == hashlib.sha256(file.read_bytes()).hexdigest()
    assert reader.share == 1.0


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.tuples(st.integers(0, 99), st.sampled_from(["x", "é", "😀"])), max_size=30),
    below=st.integers(0, 4),
    size=st.integers(1, 40),
)
def test_rows_below_the_table_are_left_out_wherever_blocks_end(rows, below, size, tmp_path_factory):
    file = tmp_path_factory.mktemp("blocks") / "data.csv"
    lines = [f"{number},{sign}\n" for number, sign in rows]
    file.write_text("".join(lines), encoding="utf-8", newline="")
    text, numbers, reader = _read(file, Layout("utf-8", ",", 2, rows_below=below), size)
    kept = lines[: max(len(lines) - below, 0)]
    assert text.decode() == "".join(kept)
    assert numbers == list(range(1, len(kept) + 1))
    assert reader.report.rows == len(kept)


def test_empty_lines_of_one_column_are_missing_values_but_for_those_at_the_end(file: Path):
    file.write_bytes(b"v\n1\n\n\n2\n\n\n")
    for size in (1, 3, 100):
        text, lines, _ = _read(file, Layout("utf-8", "none", 1, lines_above=1), size)
        assert (text, lines) == (b"1\n\n\n2\n", [2, 3, 4, 5])


def test_zero_bytes_damage_and_open_marks_are_counted(file: Path):
    file.write_bytes(b'1,2\n3,\x004\n5,\xff\n6,"7\n8,9\n')
    text, _, reader = _read(file, Layout("utf-8", ",", 2))
    assert text.decode() == "1,2\n3,4\n5,\ufffd\n6,7\n8,9\n"
    report = reader.report
    assert (report.zero_bytes, report.damaged, report.unclosed_lines) == (1, 1, [4])


def test_columns_of_codes_are_noticed(file: Path):
    file.write_bytes(b'007,0.5,"01",0\n1,0,2,0\n')
    (block,) = BlockReader(file, Layout("utf-8", ",", 4))
    assert block.zero_led == {0, 2}


@pytest.mark.parametrize("change", ["grows", "shrinks", "vanishes", "is written anew"])
def test_a_file_that_changes_while_it_is_read_is_named(file: Path, change: str):
    file.write_bytes(b"1,2\n" * 1000)
    blocks = iter(BlockReader(file, Layout("utf-8", ",", 2), 64))
    next(blocks)
    if change == "grows":
        with file.open("ab") as more:
            more.write(b"3,4\n" * 100)
    elif change == "shrinks":
        with file.open("r+b") as less:
            less.truncate(200)
    elif change == "vanishes":
        file.unlink()
    else:
        file.write_bytes(b"5,6\n" * 1000)
    with pytest.raises(UserError) as caught:
        list(blocks)
    assert "data.csv" in caught.value.what
    assert caught.value.todo


def test_an_unknown_encoding_is_a_sentence(file: Path):
    file.write_bytes(b"1,2\n")
    with pytest.raises(UserError, match="no encoding named 'klingon'"):
        list(BlockReader(file, Layout("klingon", ",", 2)))


def test_any_bytes_become_utf_8_with_line_feeds():
    assert to_line_feeds("ä\r\nb\rc\n".encode("utf-16"), "utf-16") == "ä\nb\nc\n".encode()
    assert to_line_feeds(b"\xef\xbb\xbfa\x00b\r", "utf-8") == b"ab\n"
    assert to_line_feeds(b"\xe4", "utf-8").decode() == "\ufffd"
