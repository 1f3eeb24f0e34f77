"""Grapheme clusters: what people see as one character.

Symbols of a character model are code points, but a text is never cut inside a cluster: a combining
mark or a joined emoji stays with what it belongs to.
"""

from collections.abc import Iterator

import regex

_CLUSTER = regex.compile(r"\X")
_AROUND = 64  # code points looked at on each side; clusters of text are far shorter
_FURTHEST = 4096


def clusters(text: str) -> Iterator[tuple[int, int]]:
    """Yield the span of each grapheme cluster, first code point and the one after the last."""
    for match in _CLUSTER.finditer(text):
        yield match.span()


def _begins(sign: str) -> bool:
    """Whether a character surely begins a cluster: a letter or sign that never joins another."""
    if sign.isascii():
        return sign != "\n"  # which may belong to a carriage return
    return "\u4e00" <= sign <= "\u9fff" or (sign < "\u0900" and sign.isalpha())


def boundary_at(text: str, position: int) -> int:
    """The first grapheme boundary at or after a position, by code points."""
    if position <= 0 or position >= len(text):
        return max(0, min(position, len(text)))
    start = max(0, position - _AROUND)
    furthest = max(0, position - _FURTHEST)
    while start > furthest and not _begins(text[start]):
        start -= 1  # a row of flags, say, is cut in pairs from its first one on
    ends = (start + last for _, last in clusters(text[start : position + _AROUND]))
    return next((end for end in ends if end >= position), position)
