"""How plausible a text is under each legacy code page.

No detector is right on short, mostly numeric files, so the code pages are weighed by the length
of the description of the foreign characters: a character that is usual in a language written with
that page is cheap, a symbol inside a word, a capital after a small letter or an unassigned place is
dear. The page with the shortest description stands first in the list.
"""

import codecs
import math
import re
from dataclasses import dataclass

_RARE, _SYMBOL, _WRONG = 9.0, 7.0, 14.0
_ZIPF = 2.2  # nats of the commonest letter of a language

_LATIN = {
    "cp1252": (
        "éèàêâçîôûïùëœæ", "äöüßé", "íóáéñúü¿¡º", "ãçáéíóõêâàúô", "àèìòùé", "åäöé", "øåæéö",
        "áíóéúöðæýþ",
    ),
    "cp1250": ("áíéěřčšžýůúňťďó", "ąęłóśżćńź", "áéöóüőíúű", "ăîâșțşţ", "čšžćđ", "áčéíľňóšťúýžäôŕĺ"),
    "cp1254": ("ışğİüöçâ",),
    "cp1257": ("ąčęėįšųūž", "āēīšņūļķģčž", "äõöüšž"),
}  # fmt: skip
_CYRILLIC = "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъёіїєґўј"
_GREEK = "αοιετσνηυρπκμλςωδγχθφάέίόύήώβξζψ"
_HEBREW = "יוהלאתרמבשנדםקעחטספגכזצןךףץ"
_ARABIC = "المينرتوبةعدسفهكقحجشطصخذزثءضئغظأإآىؤ"
_THAI = "าน่รอก้ัเงมีลวยดทสิะปตบคห็แจพุืชขใไูโซำณ์ถผ"
_PUNCTUATION = frozenset("°²³µ·±×§«»„“”‘’–—…€£%º½¼†•\u00a0")

_COMMON_HANGUL = frozenset(
    "이다는의에가을를로하고지사기시인도대한서자일월화수목금토요년시간상주전정보부동구가격"
)
_COMMON_HAN = frozenset(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下"
    "日月期时间价格温度数量名称编号城市地区天气星合计平均总额风向这"
    "時間價溫數編號區氣計總額風這為個國來們於對會銷售"
)  # fmt: skip
_COMMON_KANJI = frozenset(
    "日月年時分気温度数量名前曜金額価格東京大阪計合平均最高低風速降水県市区番号"
)


@dataclass(frozen=True)
class CodePage:
    """A legacy encoding that is tried.

    Attributes:
        name: Python's name of the codec.
        label: What it is called in a list.
        prior: Nats added for being less usual.
    """

    name: str
    label: str
    prior: float


CODE_PAGES: tuple[CodePage, ...] = (
    CodePage("cp1252", "Western European (Windows-1252)", 0.0),
    CodePage("cp1250", "Central European (Windows-1250)", 1.0),
    CodePage("cp1251", "Cyrillic (Windows-1251)", 0.5),
    CodePage("cp1253", "Greek (Windows-1253)", 1.0),
    CodePage("cp1254", "Turkish (Windows-1254)", 1.5),
    CodePage("cp1255", "Hebrew (Windows-1255)", 1.5),
    CodePage("cp1256", "Arabic (Windows-1256)", 1.5),
    CodePage("cp1257", "Baltic (Windows-1257)", 1.5),
    CodePage("cp874", "Thai (Windows-874)", 1.5),
    CodePage("cp932", "Japanese (Shift JIS)", 1.0),
    CodePage("euc-jp", "Japanese (EUC-JP)", 2.0),
    CodePage("gb18030", "Chinese, simplified (GB 18030)", 1.0),
    CodePage("big5", "Chinese, traditional (Big5)", 1.5),
    CodePage("cp949", "Korean (CP949)", 1.0),
    CodePage("iso-8859-2", "Central European (ISO 8859-2)", 3.0),
    CodePage("iso-8859-15", "Western European (ISO 8859-15)", 3.0),
    CodePage("koi8-r", "Cyrillic (KOI8-R)", 2.0),
    CodePage("iso-8859-5", "Cyrillic (ISO 8859-5)", 3.0),
    CodePage("cp866", "Cyrillic (DOS 866)", 2.5),
    CodePage("mac-cyrillic", "Cyrillic (Macintosh)", 4.0),
    CodePage("mac-roman", "Western European (Macintosh)", 2.5),
    CodePage("cp850", "Western European (DOS 850)", 3.0),
    CodePage("cp437", "Western European (DOS 437)", 4.0),
    CodePage("iso-8859-1", "Western European (ISO 8859-1)", 4.0),
)

# a bar is the second byte of some Chinese and Japanese characters: it separates nothing here
_PIECE = re.compile(rb"[^\x00-\x20,;\t\"]*[\x80-\xff][^\x00-\x1f,;\t\"]*")
_KANA_AND_LETTER = re.compile(r"[\uff61-\uff9f](?=[A-Za-z])|[A-Za-z](?=[\uff61-\uff9f])")
_WORD = re.compile(r"[^\W\d_]+")


def foreign_pieces(data: bytes, most_bytes: int = 8000) -> set[bytes]:
    """Different pieces of the cells that hold bytes beyond ASCII, as many as are weighed."""
    found: set[bytes] = set()
    size = 0
    for match in _PIECE.finditer(data):
        piece = match.group()
        if piece not in found:
            found.add(piece)
            size += len(piece)
        if size >= most_bytes:
            break
    return found


def rank_code_pages(pieces: set[bytes]) -> list[tuple[float, str]]:
    """Order the code pages by how plausibly they read the pieces.

    Args:
        pieces: As from ``foreign_pieces``.

    Returns:
        (nats per foreign byte, codec name), the most plausible first; pages that cannot decode
        the pieces are left out.
    """
    joined = b"\n".join(sorted(pieces))
    foreign = max(sum(byte > 127 for byte in joined), 1)
    scores = []
    for page in CODE_PAGES:
        try:
            text = codecs.decode(joined, page.name, "strict")
        except (UnicodeDecodeError, LookupError):
            continue
        scores.append((_cost(text, page.name) / foreign + page.prior / foreign, page.name))
    return sorted(scores)


def label_of(name: str) -> str:
    """The name of an encoding as shown in a list."""
    canonical = name.lower().replace("_", "-")
    found = next((page.label for page in CODE_PAGES if page.name == canonical), "")
    return found or name.replace("_", "-").upper().replace("-SIG", " with byte order mark")


def _cost(text: str, page: str) -> float:
    """Nats to describe the foreign characters of a text."""
    groups = _LATIN.get(_family(page))
    if groups is not None:
        tables = [_zipf(letters) for letters in groups]
        return min(_words_cost(text, table) for table in tables)
    table = {
        "cp1251": _CYRILLIC, "koi8-r": _CYRILLIC, "cp866": _CYRILLIC, "iso-8859-5": _CYRILLIC,
        "mac-cyrillic": _CYRILLIC, "cp1253": _GREEK, "cp1255": _HEBREW, "cp1256": _ARABIC,
    }.get(page)  # fmt: skip
    if page == "cp874":
        letters = _zipf(_THAI)
        return sum(letters.get(char, _RARE) for char in text if ord(char) > 127)
    if table is not None:
        return _words_cost(text, _zipf(table), own_script=True)
    cost = sum(_asian(char, page) for char in text if ord(char) > 127)
    return cost + _RARE * len(_KANA_AND_LETTER.findall(text))


def _family(page: str) -> str:
    western = ("iso-8859-1", "iso-8859-15", "mac-roman", "cp850", "cp437")
    return "cp1252" if page in western else "cp1250" if page == "iso-8859-2" else page


def _zipf(letters: str) -> dict[str, float]:
    """Nats of each letter of a language, the usual ones first."""
    return {letter: _ZIPF + 0.7 * math.log1p(rank) for rank, letter in enumerate(letters)}


def _words_cost(text: str, table: dict[str, float], own_script: bool = False) -> float:
    cost = 0.0
    inside: set[int] = set()
    for match in _WORD.finditer(text):
        word = match.group()
        inside.update(range(match.start(), match.end()))
        foreign = [char for char in word if ord(char) > 127]
        if not foreign:
            continue
        cost += sum(table.get(char, table.get(char.lower(), _RARE)) for char in foreign)
        cost += _case_cost(word)
        if text[max(match.start() - 1, 0)].isdigit() and text[match.end() :][:1].isdigit():
            cost += _RARE  # a blank between groups of digits, read as a letter
        if own_script and len(foreign) < len(word):
            cost += _RARE
    for position, char in enumerate(text):
        if ord(char) > 127 and position not in inside:
            cost += _sign_cost(text, position)
    return cost


def _case_cost(word: str) -> float:
    """Capitals within a word, and words that are odd in case."""
    if word.islower() or word.isupper():
        return 0.5 if word.isupper() and len(word) > 1 else 0.0
    wrong = sum(
        char.isupper() and word[position - 1].islower()
        for position, char in enumerate(word)
        if position
    )
    start = 0.5 if word[0].isupper() else 0.0
    rest = word[1:]
    mixed = not rest.islower() and rest.lower() != rest.upper() and wrong == 0
    return start + _RARE * wrong + (_RARE / 2 if mixed else 0.0)


def _sign_cost(text: str, position: int) -> float:
    """A sign that is no letter: dear within a word, dearer where it is a control character."""
    char = text[position]
    if not char.isprintable() and char != "\u00a0":
        return _WRONG
    between = (
        0 < position < len(text) - 1
        and text[position - 1].isalpha()
        and text[position + 1].isalpha()
    )
    if char == "\u00a0" and text[position - 1 : position].isdigit():
        return _ZIPF
    if char in "’‘'-" and between:
        return _ZIPF + 1
    usual = _SYMBOL / 2 if char in _PUNCTUATION else _SYMBOL + 1
    return usual + (_SYMBOL if between else 0.0)


def _asian(char: str, page: str) -> float:
    """Nats of one character of a double-byte page."""
    code = ord(char)
    if 0xE000 <= code <= 0xF8FF or not char.isprintable():
        return 2 * _WRONG
    if char in "、。，・「」（）：；！？　％℃年月日":
        return 5.0
    cost = 2 * _RARE
    if page == "cp949":
        cost = _hangul(char)
    elif page in ("cp932", "euc-jp"):
        if 0x3040 <= code <= 0x30FF:
            cost = 4.2
        elif 0xFF61 <= code <= 0xFF9F:
            cost = 6.0
        else:
            cost = _han(char, page, "cp932", _COMMON_KANJI, (0x889F, 0x9872))
    elif page == "gb18030":
        cost = _han(char, page, page, _COMMON_HAN, (0xB0A1, 0xD7F9))
    elif page == "big5":
        cost = _han(char, page, page, _COMMON_HAN, (0xA440, 0xC67E))
    return cost


def _hangul(char: str) -> float:
    if char in _COMMON_HANGUL:
        return 4.8
    if not 0xAC00 <= ord(char) <= 0xD7A3:
        return 2 * _RARE if ord(char) < 0x4E00 or ord(char) > 0x9FFF else 13.0
    try:
        char.encode("euc_kr")
    except UnicodeEncodeError:
        return 15.0
    return math.log(2350)


def _han(
    char: str, page: str, coded_in: str, common: frozenset[str], first_level: tuple[int, int]
) -> float:
    """Nats of a Chinese character; those of a standard's first level are the usual ones."""
    if char in common:
        return 5.0
    if not 0x4E00 <= ord(char) <= 0x9FFF:
        return 2 * _RARE
    try:
        code = int.from_bytes(char.encode(coded_in), "big")
    except UnicodeEncodeError:
        return 15.0
    return math.log(3755) if first_level[0] <= code <= first_level[1] else 12.0
