"""N-grams by hand, and classes of errors."""

from collections import Counter

import numpy as np
import pytest

from workbench.analysis import ngrams
from workbench.analysis.error_classes import error_classes, words_of
from workbench.analysis.ngrams import cross_entropies, ngram_probabilities


def by_hand(train: list[int], context: list[int], symbol: int, vocabulary: int) -> float:
    """Witten-Bell, written as it is defined."""
    if not context:
        lower = 1 / vocabulary
        seen = train.count(symbol)
        total, kinds = len(train), len(set(train))
        return (seen + kinds * lower) / (total + kinds)
    lower = by_hand(train, context[1:], symbol, vocabulary)
    size = len(context)
    after = [
        train[at + size] for at in range(len(train) - size) if train[at : at + size] == context
    ]
    if not after:
        return lower
    kinds = len(set(after))
    return (after.count(symbol) + kinds * lower) / (len(after) + kinds)


@pytest.mark.parametrize("seed", range(4))
def test_against_the_definition(seed: int) -> None:
    generator = np.random.default_rng(seed)
    train = generator.integers(0, 3, 60)
    held = generator.integers(0, 4, 25)  # 3 never stands in the training part
    found = ngram_probabilities(train, held, 4, 4)
    for order in range(1, 5):
        for step in range(25):
            context = held[max(0, step - order + 1) : step].tolist()
            wanted = by_hand(train.tolist(), context, int(held[step]), 4)
            assert found[order - 1, step] == pytest.approx(wanted, rel=1e-12), (order, step)


@pytest.mark.parametrize("size", [1, 2, 3])
def test_a_training_part_shorter_than_the_contexts(size: int) -> None:
    train, held = [0, 1, 0][:size], np.array([0, 1, 2, 0])
    found = ngram_probabilities(np.array(train), held, 3, 6)
    for order in range(1, 7):
        for step in range(4):
            context = held[max(0, step - order + 1) : step].tolist()
            wanted = by_hand(train, context, int(held[step]), 3)
            assert found[order - 1, step] == pytest.approx(wanted, rel=1e-12), (order, step)
    nothing = ngram_probabilities(np.empty(0, int), held, 3, 6)
    np.testing.assert_allclose(nothing, 1 / 3)  # nothing is known: equal chances


def test_chances_add_up_to_one() -> None:
    generator = np.random.default_rng(9)
    train = generator.integers(0, 5, 200)
    total = np.zeros(3)
    for symbol in range(5):
        held = np.array([1, 3, 2, symbol])
        total += ngram_probabilities(train, held, 5, 3)[:, 3]
    np.testing.assert_allclose(total, 1.0, rtol=1e-12)


def test_longer_contexts_help_where_there_is_something_to_know() -> None:
    cycle = np.tile([0, 1, 0, 2], 100)
    found = cross_entropies(ngram_probabilities(cycle, cycle[:80], 3, 4))
    assert (np.diff(found) < 0).sum() >= 2
    assert found[2] < 0.1 < found[1]


def test_only_so_much_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ngrams, "MOST_COUNTED", 50)
    train = np.concatenate((np.zeros(500, int), np.tile([1, 2], 25)))
    assert ngram_probabilities(train, np.array([0]), 3, 1)[0, 0] < 0.1


def test_errors_are_peeled_in_order() -> None:
    text = "the cat. The cat sat: zyx"
    texts = list(text)
    given = np.full(len(texts), 0.9)
    grams = np.zeros((2, len(texts)))
    wrong = {
        1: "n-gram",  # the second letter of "the"
        14: "memory 100",  # inside the second "cat"
        23: "rare word",  # inside "zyx"
        9: "start of a word",  # T of "The"
        20: "punctuation",
        18: "boost 0.2",  # inside "sat"
        19: "rest",
    }
    for step in wrong:
        given[step] = 0.05
    given[18] = 0.35
    grams[1, 1] = 0.8
    given[4] = np.nan
    known = Counter({"the": 50, "The": 50, "cat": 50, "sat": 50})
    found = {item.name: item.places.tolist() for item in error_classes(given, grams, texts, known)}
    for step, name in wrong.items():
        assert step in found[name], (step, name, found)
    assert sum(map(len, found.values())) == len(wrong)


def test_words() -> None:
    assert words_of(list("It's a cat's 9, no")) == ["It's", "a", "cat's", "9", "no"]
    assert words_of(["the ", "cat ", "\n", "sat "]) == ["the", "cat", "sat"]
    assert words_of([" the", " cat", "s", " sat", "."]) == ["the", "cats", "sat"]
    assert words_of([]) == []


def test_a_model_of_words_has_no_starts() -> None:
    texts = ["the ", "cat ", "sat "]
    found = error_classes(np.full(3, 0.05), np.zeros((1, 3)), texts, Counter({"the": 9, "cat": 9}))
    sizes = {item.name: len(item.places) for item in found}
    assert sizes["start of a word"] == 0
    assert sizes["rare word"] == 1
    assert sizes["rest"] == 2
