"""Texts and vocabularies."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.data.graphemes import clusters
from workbench.data.text import open_text
from workbench.data.vocabulary import build_vocabulary, split_text, vocabulary_from_json
from workbench.errors import UserError
from workbench.specs import SplitSpec, TextSpec

WORLD = "שלום עולם\n中文诗歌。\n👩‍👩‍👧‍👦 e\u0301te\u0301\r\n\u2028\u0085\u202eevil\u202c ok\n" * 3


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=2, max_size=300))
@settings(max_examples=60, deadline=None)
def test_characters_round_trip(text: str) -> None:
    vocabulary = build_vocabulary(text + "ab", TextSpec())
    ids = vocabulary.encode(text)
    assert len(ids) == len(text)
    assert vocabulary.decode(ids) == text
    again = vocabulary_from_json(vocabulary.to_json())
    assert np.array_equal(again.encode(text), ids)


def test_subwords_round_trip_any_script() -> None:
    vocabulary = build_vocabulary(WORLD, TextSpec(symbols="subword", vocabulary_size=300))
    unseen = "Ωmega ✓ " + WORLD
    assert vocabulary.decode(vocabulary.encode(unseen)) == unseen
    assert "".join(vocabulary.pieces(vocabulary.encode(unseen))) == unseen
    again = vocabulary_from_json(vocabulary.to_json())
    assert np.array_equal(again.encode(unseen), vocabulary.encode(unseen))


def test_words_count_and_order() -> None:
    vocabulary = build_vocabulary("b a b\nc b a\n", TextSpec(symbols="word"))
    assert vocabulary.symbols == ("b", "<eos>", "a", "c", "<unk>")
    assert vocabulary.counts == (3, 2, 2, 1, 0)
    assert vocabulary.decode(vocabulary.encode("a b\nz\n")) == "a b\n<unk>\n"


def test_minimum_count_makes_rare_symbols_unknown() -> None:
    vocabulary = build_vocabulary("aaabbc", TextSpec(minimum_count=2))
    assert vocabulary.symbols == ("<unk>", "a", "b")
    assert vocabulary.decode(vocabulary.encode("abc")) == "ab\ufffd"


def test_penn_treebank_files_are_the_split(shared_data: Path) -> None:
    source = open_text(shared_data / "ptb", TextSpec(symbols="word"))
    names = [file.name for file in source.files]
    assert names == ["ptb.train.txt", "ptb.valid.txt", "ptb.test.txt"]
    assert source.spans is not None
    parts = {part: source.text[first:last] for part, (first, last) in source.spans.items()}
    vocabulary = build_vocabulary(parts["train"], TextSpec(symbols="word"))
    assert vocabulary.size == 10_000
    counted = {part: len(vocabulary.encode(text)) for part, text in parts.items()}
    assert counted == {"train": 929_589, "validation": 73_760, "test": 82_430}


def test_tinyshakespeare_has_65_symbols_and_its_last_tenth(shared_data: Path) -> None:
    source = open_text(shared_data / "tinyshakespeare" / "input.txt", TextSpec())
    spans = split_text(source.text, SplitSpec(train=0.9, validation=0.1, test=0))
    assert spans["train"][1] == 1_003_855
    assert build_vocabulary(source.text, TextSpec()).size == 65 + 1


def test_a_split_cuts_no_grapheme() -> None:
    text = "a" * 9 + "👩‍👩‍👧‍👦" + "b" * 9
    ends = {last for _, last in clusters(text)} | {0}
    for train in range(1, len(text) - 2):
        spans = split_text(text, SplitSpec(unit="rows", train=train, validation=1, test=1))
        assert spans["train"][1] in ends


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_encodings_are_found_and_bytes_kept(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "x.txt"
    text = "Grüße aus Köln\r\nzweite Zeile\n" * 20
    file.write_bytes(text.encode(encoding))
    assert open_text(file, TextSpec()).text == text


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (b"  \n ", "no text"),
        (b"abc\x00\x00\x01def" * 50, "NUL"),
        (b"abc \xed\xa0\x80 def", "lone surrogate"),
    ],
)
def test_what_is_no_text_is_said(tmp_path: Path, data: bytes, message: str) -> None:
    file = tmp_path / "x.txt"
    file.write_bytes(data)
    with pytest.raises(UserError, match=message):
        open_text(file, TextSpec())


def test_a_folder_without_text(tmp_path: Path) -> None:
    (tmp_path / "x.bin").write_bytes(b"\x00\x01")
    with pytest.raises(UserError, match="holds no text file"):
        open_text(tmp_path, TextSpec())


def test_subwords_that_come_one_by_one_make_whole_characters() -> None:
    vocabulary = build_vocabulary(WORLD, TextSpec(symbols="subword", vocabulary_size=260))
    ids = vocabulary.encode("清香").tolist()
    assert len(ids) > 2, "a character is spread over several"
    coming = vocabulary.pieces(iter(ids))
    assert "".join(coming) == "清香"
