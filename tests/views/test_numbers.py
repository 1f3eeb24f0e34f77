"""Numbers, times and sizes as people read them."""

import pytest

from workbench.views.numbers import (
    clock,
    grouped,
    isolated,
    memory,
    one_symbol,
    share,
    span,
    with_unit,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"), (1, "1"), (3412, "3 412"), (1234567.0, "1 234 567"), (0.8312345, "0.8312"),
        (-3.5, "−3.5"), (0.0001, "0.0001"), (0.00001234, "1.234e−5"), (1e13, "1e13"),
        (99.99999, "100"), (float("nan"), "no number"), (float("-inf"), "−∞"), (-1e-30, "−1e−30"),
    ],
)  # fmt: skip
def test_grouped(value, text):
    assert grouped(value).replace("\u202f", " ") == text


def test_unit_is_joined_without_a_break():
    assert with_unit(21.5, "°C") == "21.5\u202f°C"
    assert with_unit(21.5, "") == "21.5"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "00:00"), (130, "02:10"), (3725, "1:02:05"), (183_720, "2 d 03:02"), (-1, "–"),
     (float("nan"), "–"), (59.7, "01:00")],
)  # fmt: skip
def test_clock(seconds, text):
    assert clock(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(345_600, "4 d"), (86_400, "1 d"), (28_800, "8 h"), (129_600, "36 h"), (90, "90 s"),
     (0.5, "0.5 s")],
)  # fmt: skip
def test_span(seconds, text):
    assert span(seconds).replace("\u202f", " ") == text


@pytest.mark.parametrize(
    ("size", "text"), [(999, "999 B"), (1_200_000_000, "1.2 GB"), (999_600, "1 MB")]
)
def test_memory(size, text):
    assert memory(size).replace("\u202f", " ") == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.834, "83 %"), (0.0, "0 %"), (1.0, "100 %"), (0.012, "1.2 %"), (0.00001, "< 0.01 %")],
)
def test_share(value, text):
    assert share(value).replace("\u202f", " ") == text


def test_symbols_that_cannot_be_seen_get_signs():
    assert [one_symbol(s) for s in (" ", "\n", "\t", "", "a")] == ["␣", "↵", "⇥", "∅", "a"]
    assert one_symbol("a\x00b") == "a␀b"
    assert one_symbol("\ud800") == "\ufffd"
    assert "\u202e" not in one_symbol("\u202eevil")
    assert one_symbol("x" * 100) == "x" * 23 + "…"


def test_isolation_closes_what_it_opens():
    assert isolated("שלום") == "\u2068שלום\u2069"
