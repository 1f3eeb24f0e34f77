"""The message bar: sentence, what to do, details to copy, closing."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from workbench.app.messages import Message
from workbench.views.messages import MessageBar

BROKEN = Message("error", "The disk is full.", "Free some space.", "Traceback\n  line 3")
CAREFUL = Message("warning", "<b>Two</b> columns repeat.", "Choose one.")
SAVED = Message("info", "Saved.")


@pytest.fixture
def bar(qtbot: QtBot) -> MessageBar:
    made = MessageBar()
    qtbot.addWidget(made)
    made.resize(900, 100)
    return made


def test_hidden_until_there_is_something_to_say(bar: MessageBar) -> None:
    assert bar.isHidden()
    bar.show_message(BROKEN)
    assert bar.isVisible()
    assert bar.what.text() == "The disk is full."
    assert bar.todo.text() == "Free some space."
    assert bar.property("tone") == "bad"
    assert bar.accessibleDescription() == "The disk is full. Free some space."


def test_words_of_others_stay_plain(bar: MessageBar) -> None:
    bar.show_message(CAREFUL)
    assert bar.what.textFormat() == Qt.TextFormat.PlainText
    assert bar.what.text().startswith("<b>")
    assert bar.details_button.isHidden()


def test_details_unfold_and_are_copied_whole(qtbot: QtBot, bar: MessageBar) -> None:
    bar.show_message(BROKEN)
    assert bar.details.isHidden()
    qtbot.keyClick(bar.details_button, Qt.Key.Key_Space)
    assert bar.details.isVisible()
    assert "line 3" in bar.details.toPlainText()
    bar.copy_button.click()
    assert QGuiApplication.clipboard().text() == (
        "The disk is full.\nFree some space.\nTraceback\n  line 3"
    )


def test_closing_shows_the_one_before(qtbot: QtBot, bar: MessageBar) -> None:
    bar.show_message(CAREFUL)
    bar.show_message(SAVED)
    bar.show_message(BROKEN)
    assert bar.count.text() == "1 more"  # what only informed has gone
    qtbot.keyClick(bar.close_button, Qt.Key.Key_Escape)
    assert bar.shown == CAREFUL
    bar.close_button.click()
    assert bar.isHidden()


def test_what_was_asked_for_and_done_is_put_away(bar: MessageBar) -> None:
    bar.show_message(BROKEN)
    bar.show_message(CAREFUL)
    bar.settle()
    assert bar.shown == BROKEN
    bar.close_message()
    bar.show_message(CAREFUL)
    bar.settle()
    assert bar.isHidden()


def test_the_same_twice_is_one(bar: MessageBar) -> None:
    bar.show_message(BROKEN)
    bar.show_message(BROKEN)
    bar.close_message()
    assert bar.shown is None


def test_only_plain_news_goes_by_itself(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.setGeometry(300, 300, 900, 200)  # away from the pointer
    page, bar = QLineEdit(), MessageBar()
    layout = QVBoxLayout(window)
    layout.addWidget(bar)
    layout.addWidget(page)
    window.show()
    page.setFocus()
    bar.show_message(BROKEN)
    assert not bar._timer.isActive()
    bar.clear()
    bar.show_message(SAVED)
    assert bar._timer.isActive()
    bar._timer.start(1)
    qtbot.waitUntil(bar.isHidden)
