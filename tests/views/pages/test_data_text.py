"""The Data page for a text, with the real session."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractButton, QWidget
from pytestqt.qtbot import QtBot

from workbench.app.loader import Loaded, Loading
from workbench.app.session import Parts, Session
from workbench.data.text import open_text
from workbench.experiment import Experiment
from workbench.views.pages.data import DataPage
from workbench.views.pages.data_text import TextView

TEXT = "The cat sat on the mat.\nשלום עולם\n床前明月光，疑是地上霜。\n😀 <b>x</b>\n" * 200


def load(path: Path, loading: Loading) -> Loaded:
    experiment = Experiment().with_values(
        {"data.path": str(path), "training.batch_size": 4, "training.bptt_length": 16}
    )
    source = open_text(path, experiment.data.text, loading.progress, loading.cancelled)
    return Loaded(path, experiment, source)


@pytest.fixture
def session(qtbot: QtBot) -> Iterator[Session]:
    made = Session(parts=Parts(load=load))
    yield made
    made.close()


@pytest.fixture
def page(qtbot: QtBot, session: Session, tmp_path: Path) -> DataPage:
    file = tmp_path / "text.txt"
    file.write_text(TEXT, encoding="utf-8")
    made = DataPage(session)
    qtbot.addWidget(made)
    made.resize(900, 700)
    made.show()
    session.open_path(file)
    qtbot.waitUntil(lambda: shown(made))
    return made


def view_of(page: DataPage) -> TextView:
    view = page.findChild(TextView)
    assert view is not None
    return view


def shown(page: DataPage) -> bool:
    view = page.findChild(TextView)
    return view is not None and view.sample.isEnabled()


def test_one_sentence_says_what_was_found(page: DataPage, session: Session) -> None:
    words = view_of(page).headline.sentence.text()
    assert words.startswith("800 lines, ")
    assert words.endswith("80/10/10 split")
    marks = [mark.cursor.selectedText() for mark in view_of(page).pager.extraSelections()]
    assert "".join(marks).replace("\u2029", "\n") == TEXT[:17]


def test_a_dragged_border_is_an_edit_that_can_be_undone(
    qtbot: QtBot, page: DataPage, session: Session
) -> None:
    bar = view_of(page).split
    border = QPoint(round(bar.width() * 0.8), bar.height() // 2)
    target = QPoint(round(bar.width() * 0.6), bar.height() // 2)
    qtbot.mousePress(bar, Qt.MouseButton.LeftButton, pos=border)
    qtbot.mouseMove(bar, target)
    assert session.experiment.data.split.train == 0.8
    qtbot.mouseRelease(bar, Qt.MouseButton.LeftButton, pos=target)
    assert session.experiment.data.split.train == pytest.approx(0.6, abs=0.01)
    assert session.undo_stack.count() == 1
    words = view_of(page).headline.sentence
    qtbot.waitUntil(lambda: words.text().endswith("60/30/10 split"))
    session.undo_stack.undo()
    qtbot.waitUntil(lambda: words.text().endswith("80/10/10 split"))
    assert bar.shares()[0] == pytest.approx(0.8)


def test_selected_text_becomes_the_probe(qtbot: QtBot, page: DataPage, session: Session) -> None:
    view = view_of(page)
    assert not view.probe.pin.isEnabled()
    view.pager.setTextCursor(view.pager.document().find("明月"))
    qtbot.mouseClick(view.probe.pin, Qt.MouseButton.LeftButton)
    assert session.experiment.preview.probe == "明月"
    assert "明月" in view.probe.probe.text()
    qtbot.mouseClick(view.probe.clear_probe, Qt.MouseButton.LeftButton)
    assert session.experiment.preview.probe == ""
    view.pager.setTextCursor(view.pager.document().find("<b>x</b>"))
    view.pager.setFocus()
    view.probe.use.click()
    assert session.experiment.preview.prompt == "<b>x</b>"


def test_another_kind_of_symbols_changes_the_vocabulary(
    qtbot: QtBot, page: DataPage, session: Session
) -> None:
    vocabulary = view_of(page).vocabulary
    characters = vocabulary.model.rowCount()
    session.edit("data.text.symbols", "word")
    qtbot.waitUntil(lambda: vocabulary.model.rowCount() != characters)
    symbols = {vocabulary.model.symbol(row) for row in range(vocabulary.model.rowCount())}
    assert "עולם" in symbols
    assert vocabulary.table.isColumnHidden(1)


def test_next_sample_is_marked_where_the_last_one_ended(qtbot: QtBot, page: DataPage) -> None:
    view = view_of(page)
    qtbot.mouseClick(view.sample.after, Qt.MouseButton.LeftButton)
    assert view.sample.value() == 1
    marks = [mark.cursor.selectedText() for mark in view.pager.extraSelections()]
    assert "".join(marks).replace("\u2029", "\n") == TEXT[16:33]


def test_a_text_too_short_for_the_batch_says_so(
    page: DataPage, session: Session, qtbot: QtBot
) -> None:
    session.edit("training.batch_size", 8192)
    problem = view_of(page).headline.problem
    qtbot.waitUntil(problem.isVisible)
    session.undo_stack.undo()
    qtbot.waitUntil(lambda: not problem.isVisible())


def test_another_encoding_reads_the_file_again(
    qtbot: QtBot, page: DataPage, session: Session
) -> None:
    session.edit("data.text.encoding", "latin-1")
    qtbot.waitUntil(lambda: "×©" in view_of(page).pager.toPlainText())
    session.undo_stack.undo()
    qtbot.waitUntil(lambda: "שלום" in view_of(page).pager.toPlainText())


def test_settings_of_a_text_stand_in_the_dock(page: DataPage, session: Session) -> None:
    panel = page.settings_panel()
    form = panel.currentWidget()
    assert form.objectName() == "text_settings"
    assert form.findChild(QWidget, "field_data.text.symbols") is not None
    assert page.ready()[0]


def test_everything_has_a_name_and_takes_the_keyboard(page: DataPage) -> None:
    for widget in view_of(page).findChildren(QWidget):
        if isinstance(widget, QAbstractButton) and widget.isVisible():
            own = widget.objectName()
            assert widget.accessibleName() or widget.text() or own.startswith("qt_"), own
    reachable = {
        widget.objectName()
        for widget in view_of(page).findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
    }
    wanted = {"split_bar", "text_pager", "vocabulary_table", "vocabulary_search", "sample_number"}
    assert wanted <= reachable


def test_cancelling_goes_back_to_the_drop_area(qtbot: QtBot, tmp_path: Path) -> None:
    def endless(path: Path, loading: Loading) -> Loaded:
        while not loading.cancelled():
            loading.progress(0.25)
        return load(path, loading)

    session = Session(parts=Parts(load=endless))
    page = DataPage(session)
    qtbot.addWidget(page)
    page.show()
    assert page.drop.isVisible()
    session.open_path(tmp_path)
    assert page.loading.isVisible()
    qtbot.waitUntil(lambda: page.loading.bar.value() == 250)
    assert tmp_path.name in page.loading.words.text()
    qtbot.mouseClick(page.loading.cancel, Qt.MouseButton.LeftButton)
    assert page.drop.isVisible()
    session.close()
