"""Vocabularies: text to numbers and back, by characters, words or sub-words.

Symbols are ordered by falling count, then by code point, so that the order depends on nothing but
the text.
"""

import codecs
import re
from collections.abc import Iterable, Iterator
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers

from workbench.data.findings import Watch
from workbench.data.graphemes import boundary_at
from workbench.errors import UserError
from workbench.specs import SplitSpec, TextSpec

UNKNOWN = "<unk>"
LINE_END = "<eos>"
"""The line break in word mode, as in the Penn Treebank."""

_REPLACEMENT = "\ufffd"
_CHUNK = 1 << 22  # characters handled at once, to bound memory
_BPE_SAMPLE = 10_000_000  # characters that byte-pair merges are learned from
_ALONE = Watch()
_PRETOKEN = r"\n|[^\S\n]*[^\s]+|[^\S\n]+"


class Vocabulary(Protocol):
    """What every vocabulary offers.

    Attributes:
        symbols: Every symbol; its index is its number.
        counts: How often each stands in the training part.
        unknown: Number of the symbol that stands for unseen ones, or None.
    """

    symbols: tuple[str, ...]
    counts: tuple[int, ...]
    unknown: int | None

    @property
    def size(self) -> int:
        """Number of symbols."""
        ...

    def encode(self, text: str, watch: Watch = _ALONE) -> NDArray[np.int32]:
        """Numbers of a text ``(T,)``; ``watch`` is told and asked between stretches."""
        ...

    def decode(self, ids: NDArray[np.integer[Any]]) -> str:
        """The text of numbers ``(T,)``."""
        ...

    def pieces(self, ids: Iterable[int]) -> Iterator[str]:
        """What each number adds to the text; numbers may come one by one."""
        ...

    def opening(self, text: str) -> str:
        """A text as it stands before the pieces of what follows it."""
        ...

    def unseen(self, text: str) -> tuple[str, ...]:
        """What of a text the vocabulary does not know, each once, in order."""
        ...

    def to_json(self) -> dict[str, Any]:
        """Plain values; ``vocabulary_from_json`` gives an equal vocabulary back."""
        ...


class CharacterVocabulary:
    """One symbol per code point; unseen ones become ``<unk>``.

    Args:
        symbols: ``<unk>`` first, then single code points.
        counts: Count of each.
        lowercase: Whether text is lower-cased first.
    """

    unknown: int | None = 0

    def __init__(self, symbols: Iterable[str], counts: Iterable[int], lowercase: bool) -> None:
        self.symbols = tuple(symbols)
        self.counts = tuple(counts)
        self.lowercase = lowercase
        self._table = np.zeros(0x110000, dtype=np.int32)
        self._table[[ord(symbol) for symbol in self.symbols[1:]]] = np.arange(1, self.size)

    @property
    def size(self) -> int:
        """Number of symbols."""
        return len(self.symbols)

    @classmethod
    def fit(cls, text: str, spec: TextSpec, watch: Watch = _ALONE) -> "CharacterVocabulary":
        """Count the code points of a text."""
        counts = np.zeros(0x110000, dtype=np.int64)
        for chunk in _chunks(text, watch):
            counts += np.bincount(_code_points(chunk, spec.lowercase), minlength=0x110000)
        present = np.flatnonzero(counts)
        kept = present[counts[present] >= spec.minimum_count]
        kept = kept[np.lexsort((kept, -counts[kept]))]
        lost = int(counts[present].sum() - counts[kept].sum())
        symbols = [UNKNOWN, *(chr(code) for code in kept)]
        return cls(symbols, [lost, *counts[kept].tolist()], spec.lowercase)

    def encode(self, text: str, watch: Watch = _ALONE) -> NDArray[np.int32]:
        """Numbers of a text, one per code point."""
        parts = [self._table[_code_points(chunk, self.lowercase)] for chunk in _chunks(text, watch)]
        return np.concatenate(parts) if parts else np.empty(0, dtype=np.int32)

    def decode(self, ids: NDArray[np.integer[Any]]) -> str:
        """The text; ``<unk>`` becomes the replacement character."""
        return "".join(self.pieces(ids.tolist()))

    def pieces(self, ids: Iterable[int]) -> Iterator[str]:
        """One code point each."""
        return (self.symbols[index] if index else _REPLACEMENT for index in ids)

    def opening(self, text: str) -> str:
        """The text as it is."""
        return text

    def unseen(self, text: str) -> tuple[str, ...]:
        """Letters that did not stand in the training part, or too seldom."""
        return tuple(
            dict.fromkeys(
                char for char in _folded(text, self.lowercase) if not self._table[ord(char)]
            )
        )

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "kind": "character", "symbols": list(self.symbols), "counts": list(self.counts),
            "lowercase": self.lowercase,
        }  # fmt: skip


class WordVocabulary:
    """One symbol per word between white space, and one for the line break.

    Args:
        symbols: All of them; ``<unk>`` is among them.
        counts: Count of each.
        lowercase: Whether text is lower-cased first.
    """

    def __init__(self, symbols: Iterable[str], counts: Iterable[int], lowercase: bool) -> None:
        self.symbols = tuple(symbols)
        self.counts = tuple(counts)
        self.lowercase = lowercase
        self._index = {symbol: number for number, symbol in enumerate(self.symbols)}
        self.unknown: int | None = self._index[UNKNOWN]

    @property
    def size(self) -> int:
        """Number of symbols."""
        return len(self.symbols)

    @classmethod
    def fit(cls, text: str, spec: TextSpec, watch: Watch = _ALONE) -> "WordVocabulary":
        """Count the words of a text; the most frequent are kept."""
        counts: dict[str, int] = {}
        for words in _words(text, spec.lowercase, watch):
            counted = pc.value_counts(words)
            names = counted.field(0).to_pylist()
            for name, count in zip(names, counted.field(1).to_pylist(), strict=True):
                counts[name] = counts.get(name, 0) + count
        literal = counts.pop(UNKNOWN, 0)
        ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        kept = [item for item in ranked if item[1] >= spec.minimum_count]
        kept = kept[: spec.vocabulary_size - 1]
        lost = sum(counts.values()) - sum(count for _, count in kept) + literal
        kept.append((UNKNOWN, lost))
        kept.sort(key=lambda item: (-item[1], item[0]))
        return cls([name for name, _ in kept], [count for _, count in kept], spec.lowercase)

    def encode(self, text: str, watch: Watch = _ALONE) -> NDArray[np.int32]:
        """Numbers of the words and line breaks of a text."""
        parts = []
        for words in _words(text, self.lowercase, watch):
            coded = words.dictionary_encode()
            ids = [self._index.get(word, self.unknown) for word in coded.dictionary.to_pylist()]
            parts.append(np.array(ids, dtype=np.int32)[coded.indices.to_numpy()])
        return np.concatenate(parts) if parts else np.empty(0, dtype=np.int32)

    def decode(self, ids: NDArray[np.integer[Any]]) -> str:
        """Words joined by blanks; a line break stands without one before it."""
        return "".join(self.pieces(ids.tolist())).replace(" \n", "\n")

    def pieces(self, ids: Iterable[int]) -> Iterator[str]:
        """The word with a blank after it, or a line break."""
        words = (self.symbols[index] for index in ids)
        return ("\n" if word == LINE_END else word + " " for word in words)

    def opening(self, text: str) -> str:
        """With a blank after its last word."""
        return text + " " if text and not text[-1].isspace() else text

    def unseen(self, text: str) -> tuple[str, ...]:
        """Words that did not stand in the training part, or too seldom."""
        words = _folded(text, self.lowercase).split()
        return tuple(dict.fromkeys(word for word in words if word not in self._index))

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "kind": "word", "symbols": list(self.symbols), "counts": list(self.counts),
            "lowercase": self.lowercase,
        }  # fmt: skip


class SubwordVocabulary:
    """Byte-pair encoding over bytes: every text can be written, nothing is unknown.

    Args:
        tokenizer: As learned.
        counts: Count of each symbol.
        lowercase: Whether text is lower-cased first.

    Source: Sennrich, Haddow and Birch (2016).
    """

    unknown: int | None = None

    def __init__(self, tokenizer: Tokenizer, counts: Iterable[int], lowercase: bool) -> None:
        self._tokenizer = tokenizer
        self.counts = tuple(counts)
        self.lowercase = lowercase
        size = tokenizer.get_vocab_size()
        names = [tokenizer.id_to_token(index) or "" for index in range(size)]
        to_byte = _byte_alphabet()
        self._bytes = [bytes(to_byte[char] for char in name) for name in names]
        self.symbols = tuple(raw.decode("utf-8", "backslashreplace") for raw in self._bytes)

    @property
    def size(self) -> int:
        """Number of symbols."""
        return len(self.symbols)

    @classmethod
    def fit(cls, text: str, spec: TextSpec, watch: Watch = _ALONE) -> "SubwordVocabulary":
        """Learn merges from the first ten million characters of a text."""
        tokenizer = Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
            [
                pre_tokenizers.Split(Regex(_PRETOKEN), "isolated"),
                pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
            ]
        )
        trainer = trainers.BpeTrainer(
            vocab_size=max(spec.vocabulary_size, 257),
            min_frequency=max(spec.minimum_count, 2),
            initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
            show_progress=False,
        )
        sample = _folded(text[:_BPE_SAMPLE], spec.lowercase)
        tokenizer.train_from_iterator(_chunks(sample, watch), trainer)
        empty = cls(tokenizer, (), spec.lowercase)
        counts = np.bincount(empty.encode(text, watch), minlength=empty.size)
        return cls(tokenizer, counts.tolist(), spec.lowercase)

    def encode(self, text: str, watch: Watch = _ALONE) -> NDArray[np.int32]:
        """Numbers of the sub-words; each distinct word is cut once."""
        parts = [np.empty(0, dtype=np.int32)]
        for chunk in _chunks(_folded(text, self.lowercase), watch):
            words = pa.array(re.findall(_PRETOKEN, chunk), type=pa.large_string())
            coded = words.dictionary_encode()
            pieces = self._tokenizer.encode_batch(coded.dictionary.to_pylist())
            lengths = np.array([len(piece.ids) for piece in pieces], dtype=np.int64)
            flat = np.fromiter((i for piece in pieces for i in piece.ids), dtype=np.int32)
            chosen = coded.indices.to_numpy()
            starts = np.concatenate(([0], np.cumsum(lengths)[:-1])) if len(lengths) else lengths
            counts = lengths[chosen]
            within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
            parts.append(flat[np.repeat(starts[chosen], counts) + within])
        return np.concatenate(parts)

    def decode(self, ids: NDArray[np.integer[Any]]) -> str:
        """The text; bytes that make no character become the replacement character."""
        return b"".join(self._bytes[index] for index in ids.tolist()).decode("utf-8", "replace")

    def pieces(self, ids: Iterable[int]) -> Iterator[str]:
        """What each sub-word adds: a character spread over several comes with its last byte."""
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        for index in ids:
            yield decoder.decode(self._bytes[index])

    def opening(self, text: str) -> str:
        """The text as it is."""
        return text

    def unseen(self, text: str) -> tuple[str, ...]:
        """Nothing: every text is written in bytes."""
        del text
        return ()

    def to_json(self) -> dict[str, Any]:
        """Plain values, with the merges as the tokenizer's own JSON."""
        return {
            "kind": "subword", "tokenizer": self._tokenizer.to_str(), "counts": list(self.counts),
            "lowercase": self.lowercase,
        }  # fmt: skip


def build_vocabulary(train_text: str, spec: TextSpec, watch: Watch = _ALONE) -> Vocabulary:
    """Fit a vocabulary on the training part of a text.

    Args:
        train_text: The part.
        spec: Kind of symbols and which are kept.
        watch: Told how far it is, and asked whether to go on.

    Raises:
        Cancelled: Where ``watch`` says it is not wanted any more.
        UserError: Where fewer than two symbols are left.
    """
    kinds: dict[str, Any] = {
        "character": CharacterVocabulary, "word": WordVocabulary, "subword": SubwordVocabulary,
    }  # fmt: skip
    vocabulary: Vocabulary = kinds[spec.symbols].fit(train_text, spec, watch)
    if sum(1 for count in vocabulary.counts if count) < 2:
        raise UserError(
            f"Only one symbol is left of {len(train_text):,} characters with "
            f"data.text.minimum_count {spec.minimum_count}.",
            "Lower the minimum count or use a longer text.",
        )
    return vocabulary


def vocabulary_from_json(values: dict[str, Any]) -> Vocabulary:
    """Rebuild a vocabulary from ``to_json``.

    Raises:
        UserError: Where the kind is unknown or values are missing.
    """
    try:
        counts, lowercase = values["counts"], bool(values["lowercase"])
        if values["kind"] == "character":
            return CharacterVocabulary(values["symbols"], counts, lowercase)
        if values["kind"] == "word":
            return WordVocabulary(values["symbols"], counts, lowercase)
        if values["kind"] == "subword":
            return SubwordVocabulary(Tokenizer.from_str(values["tokenizer"]), counts, lowercase)
    except (KeyError, TypeError, ValueError) as error:
        raise UserError(
            f"The stored vocabulary is damaged: {error!r}.", "Train the model again."
        ) from None
    raise UserError(
        f"The stored vocabulary is of the unknown kind {values['kind']!r}.", "Update the program."
    )


def split_text(text: str, split: SplitSpec) -> dict[str, tuple[int, int]]:
    """Cut a text by position into training, validation and test part.

    Args:
        text: The whole text.
        split: By fraction, or by rows, which are code points here.

    Returns:
        For each part the first code point and the one after the last; no grapheme is cut.

    Raises:
        UserError: Where the parts do not fit the text.
    """
    if split.unit == "months":
        raise UserError("A text has no months to split by.", "Set data.split.unit to fraction.")
    scale = len(text) if split.unit == "fraction" else 1
    sizes = [round(share * scale) for share in (split.train, split.validation, split.test)]
    if split.unit == "fraction" and abs(split.train + split.validation + split.test - 1) < 1e-9:
        sizes[2 if split.test else 1] = len(text) - sum(sizes[: 2 if split.test else 1])
    spans: dict[str, tuple[int, int]] = {}
    start = 0
    for part, size in zip(("train", "validation", "test"), sizes, strict=True):
        end = boundary_at(text, start + size)
        spans[part] = (start, end)
        start = boundary_at(text, end + split.gap) if split.gap else end
    if sum(sizes) > len(text) or spans["validation"][1] <= spans["validation"][0]:
        raise UserError(
            f"The split asks for {sum(sizes):,} of {len(text):,} characters.",
            "Make the parts of data.split smaller, or use fractions.",
        )
    return spans


def _folded(text: str, lowercase: bool) -> str:
    return text.lower() if lowercase else text


def _chunks(text: str, watch: Watch) -> Iterable[str]:
    """Cut at line breaks where there are some, so that no word is torn."""
    start = 0
    while start < len(text):
        watch.step(start / len(text))
        end = min(start + _CHUNK, len(text))
        if end < len(text):
            line = text.rfind("\n", start, end)
            end = line + 1 if line >= start else end
        yield text[start:end]
        start = end


def _code_points(chunk: str, lowercase: bool) -> NDArray[np.uint32]:
    return np.frombuffer(
        _folded(chunk, lowercase).encode("utf-32-le", "surrogatepass"), dtype=np.uint32
    )


def _words(text: str, lowercase: bool, watch: Watch) -> Iterable[Any]:
    """Arrow arrays of the words and line ends of a text."""
    for chunk in _chunks(text, watch):
        spaced = _folded(chunk, lowercase).replace("\n", f" {LINE_END} ").strip()
        if spaced:
            lines = pa.array([spaced], type=pa.large_string())
            yield pc.utf8_split_whitespace(lines).flatten()


def _byte_alphabet() -> dict[str, int]:
    """The printable stand-in of each byte in byte-level tokenizers, turned round.

    Printable Latin-1 bytes stand for themselves, the others for code points from 256 on.
    """
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in plain]
    return {chr(byte): byte for byte in plain} | {
        chr(256 + offset): byte for offset, byte in enumerate(others)
    }
