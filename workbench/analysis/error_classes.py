"""What a language model still gets wrong, class by class.

Shapes: N symbols.

Source:
    Karpathy, Johnson and Fei-Fei (2015), Visualizing and understanding recurrent networks.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.analysis.ngrams import MOST_COUNTED
from workbench.tasks.language_model import LanguageModelTask

WRONG = 0.5
"""A symbol is an error where the model gave it less."""
MEMORIES = (100, 500, 1_000, 5_000)
"""How far back a word that stands there counts as remembered, in symbols."""
RARE = 5
"""A word seen so often in training, or less, is rare."""
BOOSTS = (0.1, 0.2, 0.3, 0.4)
"""What would have been added to make it right."""


@dataclass(frozen=True, eq=False)
class ErrorClass:
    """Errors of one kind, those of the kinds before it taken away.

    Attributes:
        name: ``n-gram``, ``memory 100`` …, ``rare word``, ``start of a word``, ``punctuation``,
            ``boost 0.1`` … or ``rest``.
        places: Steps, rising ``(n,)``.
    """

    name: str
    places: NDArray[np.int64]


def error_classes(
    given: NDArray[np.floating[Any]],
    ngrams: NDArray[np.floating[Any]],
    texts: Sequence[str],
    training_words: Counter[str],
) -> list[ErrorClass]:
    """Sort errors into classes, each taken away before the next is looked at.

    Args:
        given: Probability of every symbol under the model ``(N,)``; NaN where it is unknown.
        ngrams: The same of n-grams ``(orders, N)``.
        texts: Of every symbol; words and sub-words count as one symbol each.
        training_words: How often each word stands in the training part.

    Returns:
        Every class, empty ones too. Where symbols are words or sub-words the class of starts is
        empty, and how far back a word stood is counted in those.
    """
    left = np.asarray(given, dtype=np.float64) < WRONG  # NaN is no error
    letters = max(map(len, texts), default=1) <= 2
    words = _Words(texts)
    found: list[ErrorClass] = []

    def peel(name: str, inside: NDArray[np.bool_]) -> None:
        chosen = left & inside
        found.append(ErrorClass(name, np.flatnonzero(chosen)))
        left[chosen] = False

    peel("n-gram", np.asarray((np.asarray(ngrams) > WRONG).any(axis=0)))
    for reach in MEMORIES:
        peel(f"memory {reach}", words.stood_within(reach))
    peel("rare word", words.rare(training_words))
    peel("start of a word", words.starts if letters else np.zeros(len(texts), dtype=bool))
    peel("punctuation", np.array([not any(sign.isalpha() for sign in text) for text in texts]))
    for boost in BOOSTS:
        peel(f"boost {boost:g}", np.asarray(given, dtype=np.float64) + boost >= WRONG)
    peel("rest", np.ones(len(texts), dtype=bool))
    return found


def count_words(task: LanguageModelTask) -> Counter[str]:
    """How often each word stands in the training part (its last ``MOST_COUNTED`` symbols)."""
    symbols = task.part_symbols("train")[-MOST_COUNTED:]
    return Counter(words_of(list(task.vocabulary.pieces(symbols.tolist()))))


def words_of(texts: Sequence[str]) -> list[str]:
    """The words of a text, in order: runs of letters and digits."""
    return [word for word in _Words(texts).names if word]


class _Words:
    """Which word every symbol belongs to.

    Attributes:
        names: The word of every symbol in order, one entry per word.
        starts: Whether a symbol begins a word ``(N,)``.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self.starts = np.zeros(len(texts), dtype=bool)
        self._word = np.full(len(texts), -1, dtype=np.int64)
        self._first: list[int] = []
        self.names: list[str] = []
        parts: list[str] = []
        inside = False
        for step, text in enumerate(texts):
            body = text.strip()
            inside = inside and not text[:1].isspace()  # sub-words bring their blank with them
            belongs = bool(body) and (body[0].isalnum() or (inside and body in "'’"))
            ends = bool(body) and text != body and text[-1:].isspace()
            if belongs and not inside:
                if parts:
                    self.names[-1] = "".join(parts)
                parts = []
                self.starts[step] = True
                self._first.append(step)
                self.names.append("")
            if belongs:
                parts.append(body)
                self._word[step] = len(self.names) - 1
            inside = belongs and not ends
        if parts:
            self.names[-1] = "".join(parts)

    def stood_within(self, reach: int) -> NDArray[np.bool_]:
        """Whether the word a symbol belongs to stood in the last ``reach`` symbols before it."""
        known = np.zeros(len(self.names), dtype=bool)
        last: dict[str, int] = {}
        for number, (name, first) in enumerate(zip(self.names, self._first, strict=True)):
            before = last.get(name)
            known[number] = before is not None and first - before <= reach
            last[name] = first
        return self._spread(known)

    def rare(self, training_words: Counter[str]) -> NDArray[np.bool_]:
        """Whether the word a symbol belongs to is rare in training."""
        return self._spread(np.array([training_words[name] <= RARE for name in self.names], bool))

    def _spread(self, of_words: NDArray[np.bool_]) -> NDArray[np.bool_]:
        if not len(of_words):
            return np.zeros(len(self._word), dtype=bool)
        return np.asarray((self._word >= 0) & of_words[self._word])
