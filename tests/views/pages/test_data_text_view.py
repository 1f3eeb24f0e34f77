"""The text of any size on the Data page, and the bar of its split."""

import time

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from workbench.data.text_overview import Sample, line_counts
from workbench.views.pages.data_split_bar import SplitBar
from workbench.views.pages.data_text_view import PAGE, Positions, TextPager


def make_pager(qtbot: QtBot, text: str) -> TextPager:
    pager = TextPager()
    qtbot.addWidget(pager)
    pager.resize(600, 400)
    pager.show()
    pager.set_text(text, line_counts(text))
    return pager


def marked(pager: TextPager) -> list[str]:
    return [mark.cursor.selectedText() for mark in pager.extraSelections()]


def test_sample_is_marked_in_place_whatever_the_script(qtbot: QtBot) -> None:
    text = "a😀b\r\nשלום עולם\n床前明月光\u2028x\x00👩‍👩‍👧z"
    pager = make_pager(qtbot, text)
    assert len(pager.toPlainText().encode("utf-16-le")) == len(text.encode("utf-16-le"))
    start = text.index("床")
    pager.set_sample(Sample(start, start + 3, start + 4))
    assert marked(pager) == ["床前明", "月"]
    pager.set_sample(Sample(1, 2, 3))
    assert marked(pager) == ["😀", "b"]
    pager.set_sample(None)
    assert marked(pager) == []


@pytest.mark.parametrize("text", ["", "\ud800 alone", "\ufdd0\ufffc", "\n\n\n", "x" * 3])
def test_odd_texts_are_shown(qtbot: QtBot, text: str) -> None:
    pager = make_pager(qtbot, text)
    pager.grab()
    assert len(pager.toPlainText()) == len(text)


def test_a_large_text_is_held_a_page_at_a_time(qtbot: QtBot) -> None:
    text = "\n".join(f"line {number}" for number in range(3_000_000))
    held = len(text) - 50_000
    place = text.index("line 2000000\n")
    started = time.perf_counter()
    pager = make_pager(qtbot, text)
    pager.set_spans({"train": (0, held), "validation": (held, len(text))})
    assert len(pager.toPlainText()) <= PAGE + 1
    pager.show_position(place)
    assert "line 2000000\n" in pager.toPlainText()
    first, last = pager.visible_span()
    assert first <= place <= last
    block = pager.document().find("line 2000000").block()
    assert pager.line_at(block) == (2_000_001, 0)
    pager.grab()
    assert time.perf_counter() - started < 3


def test_one_endless_line_does_not_hang(qtbot: QtBot) -> None:
    text = "字" * 4_000_000
    started = time.perf_counter()
    pager = make_pager(qtbot, text)
    pager.show_position(2_000_000)
    pager.grab()
    first, last = pager.visible_span()
    assert first <= 2_000_000 <= last
    assert time.perf_counter() - started < 3


def test_scrolling_passes_the_ends_of_a_page(qtbot: QtBot) -> None:
    text = "\n".join(f"line {number}" for number in range(20_000))
    pager = make_pager(qtbot, text)
    bar = pager.verticalScrollBar()
    seen = pager.visible_span()[0]
    for _ in range(3):
        bar.setValue(bar.maximum())
        now = pager.visible_span()[0]
        assert now > seen
        seen = now
    bar.setValue(bar.minimum())
    assert pager.visible_span()[0] < seen
    pager.setFocus()
    qtbot.keyClick(pager, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    assert pager.visible_span()[1] >= len(text) - 1
    qtbot.keyClick(pager, Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier)
    assert pager.visible_span()[0] == 0


def test_selection_is_given_in_code_points(qtbot: QtBot) -> None:
    text = "😀😀 pin me 😀\n" + "x\n" * 9000
    pager = make_pager(qtbot, text)
    cursor = pager.document().find("pin me")
    pager.setTextCursor(cursor)
    first, last = pager.selected_span()
    assert text[first:last] == "pin me"


def test_positions_agree_with_utf_16() -> None:
    page = "a😀b👩‍👧"
    positions = Positions(page)
    for point in range(len(page) + 1):
        unit = len(page[:point].encode("utf-16-le")) // 2
        assert positions.unit(point) == unit
        assert positions.point(unit) == point
    assert positions.unit(10**9) == positions.unit(len(page))


def test_border_is_dragged_and_moved_by_keys(qtbot: QtBot) -> None:
    bar = SplitBar()
    qtbot.addWidget(bar)
    bar.resize(1000, 32)
    bar.set_split(0.8, 0.1, 0.1)
    bar.set_total(1000, "characters")
    bar.show()
    with qtbot.waitSignal(bar.split_changed) as changed:
        qtbot.mousePress(bar, Qt.MouseButton.LeftButton, pos=QPoint(800, 16))
        qtbot.mouseMove(bar, QPoint(700, 16))
        qtbot.mouseRelease(bar, Qt.MouseButton.LeftButton, pos=QPoint(700, 16))
    train, validation, test = changed.args
    assert train == pytest.approx(0.7, abs=0.01)
    assert train + validation == pytest.approx(0.9)
    assert test == pytest.approx(0.1)
    with qtbot.waitSignal(bar.split_changed) as changed:
        qtbot.keyClick(bar, Qt.Key.Key_Left)
    assert changed.args[0] == pytest.approx(train - 0.01)
    with qtbot.waitSignal(bar.position_requested) as asked:
        qtbot.mouseClick(bar, Qt.MouseButton.LeftButton, pos=QPoint(250, 16))
    assert asked.args[0] == pytest.approx(0.25, abs=0.01)
    assert "training 69" in bar.accessibleDescription()


def test_borders_cannot_cross(qtbot: QtBot) -> None:
    bar = SplitBar()
    qtbot.addWidget(bar)
    bar.set_split(0.5, 0.25, 0.25)
    for _ in range(60):
        qtbot.keyClick(bar, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert bar.shares()[1] > 0
    qtbot.keyClick(bar, Qt.Key.Key_Down)
    for _ in range(60):
        qtbot.keyClick(bar, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert bar.shares()[2] == pytest.approx(0)
