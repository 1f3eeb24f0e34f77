"""Encodings, decided from the bytes."""

import codecs
from pathlib import Path

import pytest

from workbench.data import encoding as module
from workbench.data.code_pages import CODE_PAGES, foreign_pieces, label_of, rank_code_pages
from workbench.data.encoding import Utf8Check, find_encoding, guess_code_page, unfinished_bytes
from workbench.data.findings import Cancelled
from workbench.data.text_encoding import decode_text
from workbench.errors import UserError

SENTENCES = {
    "cp1252": "Die Wärme stieg über fünf Grad; größere Übergänge, schöne Straßen. Déjà vu, garçon.",
    "cp1250": "Zażółć gęślą jaźń; święto, źródło, część. Příliš žluťoučký kůň.",
    "cp1251": "Сегодня погода хорошая, завтра будет дождь и сильный ветер",
    "koi8-r": "Сегодня погода хорошая, завтра будет дождь и сильный ветер",
    "cp866": "Сегодня погода хорошая, завтра будет дождь и сильный ветер",
    "cp1253": "Σήμερα ο καιρός είναι καλός και αύριο θα βρέξει",
    "cp1255": "מזג האוויר היום טוב ומחר יהיה גשם",
    "cp1256": "الطقس اليوم جيد وغدا سيكون هناك مطر",
    "cp932": "東京の最高気温は平均より高い。降水量と風速の合計",
    "gb18030": "今天的天气很好，明天会下雨。城市的平均温度和风向",
    "big5": "今天的天氣很好，明天會下雨。城市的平均溫度與風向",
    "cp949": "오늘의 날씨는 좋고 내일은 비가 온다. 서울의 가격과 시간",
    "euc-jp": "東京の最高気温は平均より高い。降水量と風速の合計です",
    "mac-roman": "Die Wärme stieg über fünf Grad; größere Übergänge, schöne Straßen",
    "cp850": "Die Wärme stieg über fünf Grad; größere Übergänge, schöne Straßen",
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data.csv"


@pytest.mark.parametrize("name", SENTENCES)
def test_a_sentence_tells_its_code_page(file: Path, name: str):
    text = f"a,b\n1,{SENTENCES[name]}\n2,x\n"
    file.write_bytes(text.encode(name))
    found = find_encoding(file)
    assert text.encode(name).decode(found.name) == text
    assert not found.name.startswith("utf")
    first = found.candidates[0]
    assert first.name == found.name
    assert first.reads in text
    assert first.fits


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"), ("utf-16-be", "utf-16-be"), ("utf-32", "utf-32"),
        ("utf-32-le", "utf-32-le"), ("utf-32-be", "utf-32-be"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("words", ["Größe\u00a0°C", "погода 12", "a,b"])
def test_unicode_is_known_by_mark_or_zero_bytes(file: Path, name: str, told: str, words: str):
    text = f"{words}\n1 234,5\n" * 40
    file.write_bytes(text.encode(name))
    found = find_encoding(file)
    assert (found.name, found.sure) == (told, True)
    assert file.read_bytes().decode(found.name) == text


def test_a_mark_in_front_of_the_big_endian_kinds(file: Path):
    for mark, name in ((codecs.BOM_UTF16_BE, "utf-16-be"), (codecs.BOM_UTF32_BE, "utf-32-be")):
        file.write_bytes(mark + "a,b\n1,2\n".encode(name))
        assert file.read_bytes().decode(find_encoding(file).name) == "a,b\n1,2\n"


def test_bytes_far_into_a_file_decide(file: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "CHUNK", 1 << 12)
    rows = b"2020-01-01,1.5,x\n" * 5000
    file.write_bytes(rows + "Größe".encode("cp1252") + b"\n" + rows)
    assert find_encoding(file).name == "cp1252"
    assert find_encoding(file, whole=False).name in ("utf-8", "cp1252")


@pytest.mark.parametrize("name", ["cp932", "big5", "gb18030"])
def test_a_page_of_two_bytes_is_found_however_chunks_cut_it(
    file: Path, monkeypatch: pytest.MonkeyPatch, name: str
):
    file.write_bytes("".join(f"{n},{SENTENCES[name]}\n" for n in range(20)).encode(name))
    for size in range(200, 210):
        monkeypatch.setattr(module, "CHUNK", size)
        assert find_encoding(file).name == name


def test_a_character_cut_by_a_chunk_is_whole(file: Path, monkeypatch: pytest.MonkeyPatch):
    text = "€😀é" * 500
    file.write_bytes(text.encode())
    for size in range(1, 9):
        monkeypatch.setattr(module, "CHUNK", size)
        found = find_encoding(file)
        assert found.name == "utf-8"
        assert "1,500 characters are beyond ASCII" in found.why


def test_a_little_damage_leaves_utf_8(file: Path):
    file.write_bytes("größer\n".encode() * 500 + b"\xff\xfe\n" + "über\n".encode() * 500)
    found = find_encoding(file)
    assert (found.name, found.sure, found.damaged) == ("utf-8", False, 2)


def test_progress_rises_to_the_end_and_giving_up_is_heard(
    file: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "CHUNK", 1000)
    file.write_bytes(b"a,b\n1,2\n" * 1000)
    shares: list[float] = []
    find_encoding(file, progress=shares.append)
    assert shares == sorted(shares)
    assert (len(shares), shares[-1]) == (8, 1.0)
    with pytest.raises(Cancelled):
        find_encoding(file, cancelled=lambda: True)


def test_valid_and_invalid_sequences_are_counted_over_chunks():
    check = Utf8Check()
    data = "aé€😀".encode() + b"\xff" + "ß".encode()
    for place in range(len(data)):
        check.feed(data[place : place + 1])
    check.finish()
    assert (check.good, check.bad) == (4, 1)


@pytest.mark.parametrize("sign", ["é", "€", "😀"])
def test_unfinished_bytes(sign: str):
    data = b"ab" + sign.encode()
    assert unfinished_bytes(data) == 0
    for missing in range(1, len(sign.encode())):
        assert unfinished_bytes(data[:-missing]) == len(sign.encode()) - missing


# ---------------------------------------------------------------------- code pages


def test_pages_that_cannot_read_the_bytes_are_left_out():
    data = "Größe".encode("cp1252")
    ranked = [name for _, name in rank_code_pages(foreign_pieces(data))]
    assert ranked[0] == "cp1252"
    assert set(ranked) < {page.name for page in CODE_PAGES}
    assert all(data.decode(name) for name in ranked)


def test_a_blank_between_thousands_is_no_letter():
    rows = "\n".join(f"{n}\u00a0{n * 37 % 900 + 100};Öl" for n in range(1, 40))
    found = guess_code_page(rows.encode("cp1252"))
    assert rows.encode("cp1252").decode(found.name) == rows


def test_pages_that_do_not_fit_stand_behind_and_say_so():
    found = guess_code_page("東京の最高気温".encode("cp932"))
    fits = [item.fits for item in found.candidates]
    assert fits == sorted(fits, reverse=True)
    assert len({item.name for item in found.candidates}) == len(found.candidates)
    assert not found.candidates[-1].fits


def test_only_foreign_cells_are_weighed_and_only_so_many():
    data = b"plain,cells\n" * 100 + "Größe;Öl\n".encode("cp1252") * 100
    assert foreign_pieces(data) == {"Größe".encode("cp1252"), "Öl".encode("cp1252")}
    many = b"".join(bytes([200 + n % 50, 65 + n // 50 % 26, 44]) for n in range(5000))
    assert sum(map(len, foreign_pieces(many, 300))) < 310


def test_labels_are_words():
    assert label_of("CP1252") == "Western European (Windows-1252)"
    assert label_of("utf-8-sig") == "UTF-8 with byte order mark"
    assert label_of("utf_16") == "UTF-16"


# ---------------------------------------------------------------------- texts


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"abc \xed\xa0\x80 def\n", "half of a character (a lone surrogate) in line 1"),
        (b"line\n\x00\x01\n", "NUL bytes, the first in line 2"),
        (codecs.BOM_UTF16_LE + b"a\0\x00\xd8b\0", "half of a character (a lone surrogate) stands"),
        (codecs.BOM_UTF16_LE + b"a\0b", "it ends in the middle of a character"),
    ],
)
def test_a_text_that_cannot_be_read_says_where(file: Path, data: bytes, words: str):
    file.write_bytes(data)
    with pytest.raises(UserError) as caught:
        decode_text(data, "auto", file)
    assert words in caught.value.what
    assert caught.value.todo


def test_an_encoding_that_is_asked_for_is_kept_to():
    assert decode_text(b"\xe4", "cp1252", Path("a.txt")) == ("ä", "cp1252", "as chosen")
    with pytest.raises(UserError, match="the bytes E4 at byte 3 mean nothing"):
        decode_text(b"ab\xe4\nc", "utf-8", Path("a.txt"))
    with pytest.raises(UserError, match="no encoding named 'klingon'"):
        decode_text(b"ab", "klingon", Path("a.txt"))
