"""Text as people see it: grapheme clusters, and visible forms of what cannot be seen.

Symbols of a character model are code points; what is shown is grouped into grapheme clusters, so
that a combining mark or a joined emoji is never torn from what it belongs to.
"""

from collections.abc import Iterator, Sequence

import regex

_CLUSTER = regex.compile(r"\X")

_VISIBLE = {
    "\n": "⏎", "\r": "␍", "\t": "⇥", " ": "␣", "\u00a0": "⍽", "\u202f": "⍽", "\u2028": "⏎",
    "\u2029": "⏎", "\u0085": "⏎", "\u200b": "‹ZWSP›", "\u200c": "‹ZWNJ›", "\u200d": "‹ZWJ›",
    "\u200e": "‹LRM›", "\u200f": "‹RLM›", "\u202a": "‹LRE›", "\u202b": "‹RLE›",
    "\u202c": "‹PDF›", "\u202d": "‹LRO›", "\u202e": "‹RLO›", "\u2066": "‹LRI›",
    "\u2067": "‹RLI›", "\u2068": "‹FSI›", "\u2069": "‹PDI›", "\ufeff": "‹BOM›",
}  # fmt: skip

FIRST_STRONG_ISOLATE, POP_ISOLATE = "\u2068", "\u2069"


def clusters(text: str) -> Iterator[tuple[int, int]]:
    """Yield the span of each grapheme cluster, first code point and the one after the last."""
    for match in _CLUSTER.finditer(text):
        yield match.span()


def boundary_at(text: str, position: int) -> int:
    """The nearest grapheme boundary at or after a position, by code points."""
    if position <= 0 or position >= len(text):
        return max(0, min(position, len(text)))
    start = max(0, position - 64)
    for first, last in clusters(text[start : position + 64]):
        if start + first >= position:
            return start + first
        if start + last >= position and start + last != position:
            continue
    return position


def visible(symbol: str) -> str:
    """A form of a symbol that can be seen: ⏎ for a line break, ␣ for a space, ‹U+0007› for BEL."""
    if symbol in _VISIBLE:
        return _VISIBLE[symbol]
    return "".join(
        _VISIBLE[char] if char in _VISIBLE and char != " " else _printable(char) for char in symbol
    )


def _printable(char: str) -> str:
    if regex.match(r"[\p{Cc}\p{Cs}\p{Cn}\p{Co}]", char):
        return f"‹U+{ord(char):04X}›"
    if regex.match(r"\p{M}", char):  # a mark alone needs something to stand on
        return "◌" + char
    return char


def isolated(text: str) -> str:
    """The text between direction isolates, so that it cannot turn what stands beside it."""
    return f"{FIRST_STRONG_ISOLATE}{text}{POP_ISOLATE}"


def group_pieces(pieces: Sequence[str]) -> list[tuple[int, int]]:
    """Group consecutive pieces so that no group ends inside a grapheme cluster.

    Returns:
        For each group the first piece and the one after the last.
    """
    ends = {last for _, last in clusters("".join(pieces))}
    groups, start, position = [], 0, 0
    for index, piece in enumerate(pieces, start=1):
        position += len(piece)
        if position in ends:
            groups.append((start, index))
            start = index
    if start < len(pieces):
        groups.append((start, len(pieces)))
    return groups
