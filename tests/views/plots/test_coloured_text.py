"""The model's writing: shaded symbols, any script, no mark-up, quick."""

import time

import numpy as np
import pytest
import regex
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtGui import QGuiApplication

from workbench.views.palette import DARK, LIGHT, contrast
from workbench.views.plots.coloured_text import ColouredText, shade

MIXED = "שלום עולם, mixed.\nمرحبا بكم\n今日は👩‍👩‍👧‍👦 é नमस्ते\nA <b>bold</b> &amp; \ttab\n"


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_words_are_readable_on_every_shade(palette):
    shades = [shade(p, palette) for p in np.linspace(0, 1, 101)]
    assert all(contrast(palette.text, ground) >= 4.5 for ground in shades)
    assert shades[-1] == palette.surface
    assert contrast(shades[0], palette.surface) > 1.3
    assert shade(float("nan"), palette) == palette.surface


def test_a_symbol_has_the_ground_of_its_probability(show):
    text = show(ColouredText("Text"))
    text.set_symbols(list("    "), [1.0, 0.0, 1.0, 0.5])
    text.flush()
    image = text.canvas.viewport().grab().toImage()
    for number, probability in enumerate((1.0, 0.0, 1.0, 0.5)):
        box = text.canvas._lines[0].boxes[number][1]
        place = box.translated(10, text.canvas._lines[0].top).center().toPoint()
        assert image.pixelColor(place).name() == shade(probability, LIGHT)


def test_pointing_finds_every_symbol_of_any_script(show):
    symbols = regex.findall(r"\X", MIXED)
    text = show(ColouredText("Text"))
    text.set_symbols(symbols, np.full(len(symbols), 0.5))
    text.flush()
    found = set()
    for line in text.canvas._lines:
        for number, box in line.boxes:
            if box.width() > 2:
                place = box.translated(10, line.top).center()
                assert text.canvas.symbol_at(place) == line.first + number
                found.add(line.first + number)
    assert len(found) > 0.9 * len(symbols)
    assert text.canvas.symbol_at(QPointF(-5, -5)) == -1


def test_mark_up_stays_text_and_nothing_turns_the_words_around(show):
    text = show(ColouredText("Text"))
    symbols = ["<b>", "x", "</b>", "\u202e", "evil", "\x00", "\ud800", "\u2028"]
    text.set_symbols(symbols, [0.5] * len(symbols))
    text.flush()
    assert text.text.startswith("<b>x</b>")
    for sign in ("\u202e", "\x00", "\ud800", "\u2028"):
        assert sign not in text.text
    text.canvas.symbol_hovered.emit(3)
    assert "\u202e" not in text.readout


def test_right_to_left_paragraphs_stand_on_the_right(show):
    text = show(ColouredText("Text"))
    text.set_symbols(list("abc\nשלום"), [0.5] * 8)
    text.flush()
    first, second = text.canvas._lines
    assert min(box.left() for _, box in second.boxes) > max(box.right() for _, box in first.boxes)


def test_hovering_tells_symbol_and_probability(show, qtbot):
    text = show(ColouredText("Text"))
    text.set_symbols(["a", " ", "\n"], [0.834, 0.5, 0.01], prompt=["X"])
    text.flush()
    box = text.canvas._lines[0].boxes[1][1].translated(10, text.canvas._lines[0].top)
    told = []
    text.symbol_hovered.connect(told.append)
    qtbot.mouseMove(text.canvas.viewport(), QPoint(300, 200))
    qtbot.mouseMove(text.canvas.viewport(), box.center().toPoint())
    qtbot.waitUntil(lambda: told == [1])
    assert "symbol 1" in text.readout
    assert "83\u202f%" in text.readout
    text.canvas.symbol_hovered.emit(0)
    assert "prompt" in text.readout
    text.canvas.symbol_hovered.emit(2)
    assert "␣" in text.readout


def test_two_thousand_symbols_are_shown_within_a_frame_or_two(show):
    text = show(ColouredText("Text"), 600, 400)
    rng = np.random.default_rng(0)
    times = []
    for _ in range(7):
        symbols = list(rng.choice(list("etaoin shrdlu  \n"), 2000))
        begin = time.perf_counter()
        text.set_symbols(symbols, rng.uniform(size=2000))
        text.flush()
        text.canvas.viewport().repaint()
        times.append(time.perf_counter() - begin)
    assert sorted(times)[3] < 0.1


def test_equal_text_is_not_laid_out_again(show):
    text = show(ColouredText("Text"))
    text.set_symbols(list("abc"), [0.1, 0.2, 0.3])
    text.flush()
    lines = text.canvas._lines
    text.set_symbols(list("abc"), [0.3, 0.2, 0.1])
    text.flush()
    assert text.canvas._lines is lines


def test_copy_gives_the_text(show):
    text = show(ColouredText("Text"))
    text.set_symbols(list("שלום <b>"), [0.5] * 8)
    text.copy()
    assert QGuiApplication.clipboard().text() == "שלום <b>"


def test_each_symbol_needs_a_probability(qtbot):
    text = ColouredText("Text")
    qtbot.addWidget(text)
    with pytest.raises(ValueError, match="2 symbols have 1"):
        text.set_symbols(["a", "b"], [0.5])


def test_nothing_written_and_no_probabilities(show):
    text = show(ColouredText("Text"))
    text.set_symbols([], [])
    assert text.empty_text
    text.set_symbols(["a"], [float("nan")])
    text.flush()
    assert text.empty_text == ""
    assert list(text.table()[1]) == [(0, "a", "")]
