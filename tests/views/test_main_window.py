import re
import subprocess
import sys

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QScrollArea,
    QToolButton,
    QWidget,
)

from workbench.experiment import Experiment
from workbench.paths import sample_data_folder
from workbench.runs import RunFolder
from workbench.views.main_window import MainWindow
from workbench.views.pages.welcome import LEFT_RUN
from workbench.views.stations import STATIONS
from workbench.views.theme import theme

FIRST_WINDOW = """
import sys, time
started = time.monotonic()
from PySide6.QtWidgets import QApplication
app = QApplication([])
from workbench.app.session import Session
from workbench.views.main_window import MainWindow
from workbench.views.theme import theme
theme().apply(app)
window = MainWindow(Session())
window.show()
shown = [name for name in ("torch", "pandas", "pyqtgraph", "tokenizers") if name in sys.modules]
print("shown", shown, round(time.monotonic() - started, 2), flush=True)
window.preload.ready.connect(window.keep_and_close)
window.closed.connect(app.quit)
app.exec()
print("behind", all(name in sys.modules for name in ("torch", "torch._dynamo", "pandas")))
"""


def test_the_first_window_needs_no_heavy_library_and_they_come_behind_it():
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", FIRST_WINDOW],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("shown []"), lines
    assert lines[1] == "behind True"


# ---------------------------------------------------------------------- stations


def test_six_stations_with_keys(window, qtbot):
    assert [station.name for station in STATIONS] == [
        "data", "model", "train", "look", "use", "runs",
    ]  # fmt: skip
    qtbot.keyClick(window, Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
    assert window.station == "train"
    assert window.rail.buttons["train"].isChecked()
    qtbot.mouseClick(window.rail.buttons["look"], Qt.MouseButton.LeftButton)
    assert window.pages.currentWidget() is window.hosts["look"]


def test_a_page_is_built_when_it_is_first_shown(window):
    assert window.hosts["train"].page is None
    window.show_station("train")
    page = window.hosts["train"].page
    assert page is not None
    window.show_station("look")
    window.show_station("train")
    assert window.hosts["train"].page is page


def test_pages_with_pictures_wait_until_their_library_is_there(session, qtbot):
    window = MainWindow(session)
    window.preload.start = lambda: None
    qtbot.addWidget(window)
    window.show()
    window.show_station("train")
    assert window.hosts["train"].page is None
    assert window.hosts["train"].currentWidget().text() == "Getting ready…"
    window.preload._done(None)
    assert window.hosts["train"].currentWidget() is window.hosts["train"].page


def test_a_station_that_is_not_ready_says_why_and_what_makes_it_ready(make_session, qtbot):
    session = make_session()
    window = MainWindow(session)
    window.preload.start, window.preload.pictures = (lambda: None), True
    qtbot.addWidget(window)
    window.show()
    window.show_station("train")
    host = window.hosts["train"]
    assert "open a CSV or a text first" in host._not_ready.why.text()
    assert host._not_ready.button.text() == "Open data…"
    assert host._not_ready.button.isEnabled()
    assert "open a CSV" in window.rail.buttons["train"].waits
    session.open_path("/x/tiny.csv")
    qtbot.waitUntil(lambda: session.source is not None)
    window.show_station("train")
    assert host.currentWidget() is host.page
    assert window.rail.buttons["train"].waits == ""


def test_look_offers_to_train(window, session, qtbot):
    window.show_station("look")
    host = window.hosts["look"]
    assert host._not_ready.button.text() == "Train"
    qtbot.mouseClick(host._not_ready.button, Qt.MouseButton.LeftButton)
    assert session.training.active
    assert window.station == "train"


# ---------------------------------------------------------------------- run controls


def button(window, name):
    return window.findChild(QToolButton, f"button_{name}")


def test_the_controls_follow_the_run_on_every_page(window, session, qtbot):
    names = ("train", "pause", "stop", "discard")
    assert [button(window, name).isEnabled() for name in names] == [True, False, False, False]
    qtbot.keyClick(window, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert session.training.active
    qtbot.waitUntil(lambda: len(session.history.steps) > 3)
    for station in ("train", "look", "data"):
        window.show_station(station)
        assert [button(window, name).isEnabled() for name in names] == [False, True, True, True]
    qtbot.mouseClick(button(window, "pause"), Qt.MouseButton.LeftButton)
    assert session.training.state == "paused"
    assert button(window, "pause").text().strip() == "Continue"
    qtbot.mouseClick(button(window, "pause"), Qt.MouseButton.LeftButton)
    assert button(window, "pause").text().strip() == "Pause"
    qtbot.mouseClick(button(window, "stop"), Qt.MouseButton.LeftButton)
    assert not button(window, "stop").isEnabled()
    qtbot.waitUntil(lambda: not session.training.active)
    assert [button(window, name).isEnabled() for name in names] == [True, False, False, False]


def test_train_says_something_at_once(window, session):
    session.start_training()
    assert window.station == "train"
    assert window.status.verdict.text() == "Starting: loading the engine"


def test_space_pauses_unless_something_wants_it(window, session, qtbot):
    session.start_training()
    qtbot.waitUntil(lambda: len(session.history.steps) > 3)
    qtbot.keyClick(window, Qt.Key.Key_Space)
    assert session.training.state == "paused"
    qtbot.keyClick(window, Qt.Key.Key_Space)
    assert session.training.state == "training"
    prompt = window.hosts["train"].page.preview.writing.prompt
    window.activateWindow()
    prompt.setFocus()
    qtbot.keyClick(prompt, Qt.Key.Key_Space)
    assert session.training.state == "training"
    assert prompt.text() == " "


def answer(kind):
    """Press a button of the next question, by the end of its name."""

    def press():
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        QTest.mouseClick(
            box.findChild(QPushButton, f"{box.objectName()}_{kind}"), Qt.MouseButton.LeftButton
        )

    QTimer.singleShot(0, press)


def test_discard_asks_once_and_names_what_is_lost(window, session, qtbot):
    session.start_training()
    qtbot.waitUntil(lambda: len(session.history.steps) > 3)
    seen = []
    QTimer.singleShot(0, lambda: seen.append(QApplication.activeModalWidget().informativeText()))
    answer("no")
    qtbot.mouseClick(button(window, "discard"), Qt.MouseButton.LeftButton)
    assert session.training.active
    assert session.run.id in seen[0]
    answer("yes")
    qtbot.mouseClick(button(window, "discard"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not session.training.active)
    assert session.run is None


# ---------------------------------------------------------------------- closing


def test_closing_without_a_run_closes(window, qtbot):
    with qtbot.waitSignal(window.closed):
        window.close()
    assert not window.isVisible()


def test_closing_while_a_run_goes_on_asks_and_may_go_on(window, session, qtbot):
    session.start_training()
    qtbot.waitUntil(lambda: len(session.history.steps) > 3)
    answer("no")
    window.close()
    assert window.isVisible()
    assert session.training.active


def test_closing_keeps_the_run_behind_a_notice(window, session, engine, qtbot):
    session.start_training()
    qtbot.waitUntil(lambda: len(session.history.steps) > 3)
    answer("yes")
    with qtbot.waitSignal(window.closed):
        window.close()
        assert window.isVisible()
        assert window._notice.isVisible()
        assert window._notice.words.text() == "Saving the run…"
    assert not window.isVisible()
    assert session.history.ended.state == "stopped"
    assert not session.work.busy


def test_a_page_that_needs_data_is_no_place_to_start(window, session, qtbot):
    window.show_station("train")
    with qtbot.waitSignal(window.closed):
        window.close()
    again = MainWindow(session)
    qtbot.addWidget(again)
    assert again.station == "data"


def test_the_window_comes_back_as_it_was(window, session, qtbot):
    window.show_station("runs")
    window.splitter.setSizes([700, 400])
    window.actions_.settings.setChecked(False)
    with qtbot.waitSignal(window.closed):
        window.close()
    again = MainWindow(session)
    qtbot.addWidget(again)
    assert again.station == "runs"
    assert again.splitter.saveState() == window.splitter.saveState()
    assert not again.actions_.settings.isChecked()


def test_a_run_stopped_by_closing_is_offered_at_the_next_start(make_window, engine, qtbot):
    folder = RunFolder.create(engine.root, Experiment(name="tiny"))
    folder.update(state="stopped", epoch=2, time_s=70.0)
    window = make_window()
    window.session.settings.keep(LEFT_RUN, folder.id)
    window._list_cut_off()
    qtbot.waitUntil(window.cut_off.isVisible)
    assert "was stopped by closing the window" in window.cut_off.words.text()
    window.cut_off.later.click()
    assert window.session.settings.text(LEFT_RUN, "") == ""
    window.cut_off.offer([folder.info()])
    assert not window.cut_off.isVisible()


def test_a_run_that_was_cut_off_is_offered_at_the_next_start(make_window, engine, qtbot):
    folder = RunFolder.create(engine.root, Experiment(name="tiny"))
    folder.update(state="running", pid=2**22 + 1, process_started=1.0, epoch=3, time_s=130)
    window = make_window()
    qtbot.waitUntil(window.cut_off.isVisible)
    assert "cut off after 02:10 of training, at epoch 3" in window.cut_off.words.text()
    qtbot.mouseClick(window.cut_off.resume, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: engine.resumed == [folder.id])
    assert not window.cut_off.isVisible()


# ---------------------------------------------------------------------- files


def dropped(path):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    return data


def test_a_file_can_be_dropped_anywhere(window, session, qtbot, tmp_path):
    data = dropped(tmp_path / "shop.csv")
    args = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier)  # fmt: skip
    entered = QDragEnterEvent(QPoint(600, 400), *args)
    entered.ignore()
    QApplication.sendEvent(window, entered)
    assert entered.isAccepted()
    QApplication.sendEvent(window, QDropEvent(QPointF(600, 400), *args))
    qtbot.waitUntil(lambda: session.experiment.name == "shop")


def test_words_that_are_dragged_are_not_a_file(window):
    data = QMimeData()
    data.setText("words")
    entered = QDragEnterEvent(
        QPoint(600, 400),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    entered.ignore()
    QApplication.sendEvent(window, entered)
    assert not entered.isAccepted()


def test_text_fields_leave_dropped_files_to_the_window(window):
    window.show_station("train")
    window._show_panel()
    host = window.hosts["train"]
    fields = [*host.page.findChildren(QLineEdit), *host.settings_panel().findChildren(QLineEdit)]
    assert len(fields) > 5
    assert not any(field.acceptDrops() for field in fields)


def test_the_title_names_experiment_and_data_and_unsaved_changes(window, session):
    session.edit("name", "My try")
    assert window.windowTitle() == "My try · tiny.txt[*] – Sequence Workbench"
    assert window.isWindowModified()
    assert window.toolbar.title.text() == "My try · tiny.txt (not saved)"
    session.undo_stack.undo()
    assert not window.isWindowModified()


def test_undo_is_in_the_toolbar_with_its_words(window, session, qtbot):
    assert not button(window, "undo").isEnabled()
    session.edit("model.num_layers", 3)
    assert "model.num_layers" in button(window, "undo").toolTip()
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert session.experiment.model.num_layers == 2
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(window, Qt.Key.Key_Z, both)
    assert session.experiment.model.num_layers == 3


def test_recent_files_are_in_the_menu_and_open(window, session, qtbot):
    session.settings.add_recent("/data/R&D.csv")
    window.toolbar._fill_recent()
    action = next(a for a in window.toolbar.recent_menu.actions() if a.data() == "/data/R&D.csv")
    assert "R&&D.csv" in action.text()
    action.trigger()
    qtbot.waitUntil(lambda: session.experiment.name == "R&D")


def test_save_writes_where_it_was_saved_before(window, session, tmp_path, qtbot):
    file = tmp_path / "job.toml"
    session.save_experiment(file)
    session.edit("model.num_layers", 1)
    qtbot.keyClick(window, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert Experiment.load(file).model.num_layers == 1
    assert not window.isWindowModified()


# ---------------------------------------------------------------------- words


def test_every_shortcut_is_listed(window, qtbot):
    qtbot.keyClick(window, Qt.Key.Key_F1)
    dialog = window.findChild(QWidget, "shortcuts_dialog")
    words = [label.text() for label in dialog.findChildren(QLabel)]
    for keys in ("Ctrl+O", "Ctrl+S", "Ctrl+Z", "Ctrl+Shift+Z", "Ctrl+Return", "Space", "F1",
                 *(f"Ctrl+{number}" for number in range(1, 7))):  # fmt: skip
        assert keys in words
    assert "Stop & keep" in words
    dialog.close()


def test_messages_stand_above_the_page(window, session):
    session.say("warning", "The disk is nearly full.", "Free some space.")
    assert window.messages.isVisible()
    assert window.messages.what.text() == "The disk is nearly full."


def test_loading_shows_progress_and_a_way_out(window, session, qtbot):
    session.opening.begin(lambda loading: loading.progress(0.25) or pause(loading), "Reading x")
    qtbot.waitUntil(lambda: window.status.loading.maximum() == 1000)
    assert window.status.loading.value() == 250
    assert window.status.verdict.text() == "Reading x"
    qtbot.mouseClick(window.status.cancel, Qt.MouseButton.LeftButton)
    assert session.job.state == "idle"
    assert not window.status.loading.isVisible()


def pause(loading):
    while not loading.cancelled():
        pass


def test_the_theme_is_chosen_and_remembered(window, session):
    dark = next(action for action in window.actions_.themes.actions() if action.data() == "dark")
    dark.trigger()
    assert theme().palette.name == "dark"
    assert session.settings.theme == "dark"
    theme().set_mode("light")


def test_the_settings_beside_the_page_can_be_hidden(window, qtbot):
    window.show_station("train")
    qtbot.waitUntil(window.dock.isVisible)
    qtbot.keyClick(window, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    assert not window.dock.isVisible()
    window.show_station("look")
    qtbot.keyClick(window, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    assert not window.dock.isVisible()  # the page has none
    window.show_station("train")
    qtbot.waitUntil(window.dock.isVisible)


def test_pages_are_made_ahead_a_piece_at_a_time(window, session, qtbot):
    window._idle.setInterval(0)
    window._idle.start()
    qtbot.waitUntil(lambda: not window._idle.isActive(), timeout=30_000)
    assert all(host.page is not None for host in window.hosts.values())
    assert "There is no run to look into yet" in window.rail.buttons["look"].waits


def test_no_page_is_made_ahead_while_a_run_makes_steps(window, session, qtbot):
    session.start_training()
    qtbot.waitUntil(lambda: session.history.latest is not None)
    window._idle.setInterval(0)
    window._idle.start()
    qtbot.waitUntil(lambda: not window._idle.isActive())
    assert window.hosts["runs"].page is None


def test_everything_that_can_be_pressed_has_a_name(window):
    for station in ("train", "look", "runs"):
        window.show_station(station)
    for kind in (QAbstractButton, QComboBox, QLineEdit):
        for widget in window.findChildren(kind):
            inner = isinstance(widget.parent(), QLineEdit | QAbstractSpinBox)
            if inner or not widget.isVisibleTo(window):
                continue
            named = widget.accessibleName() or (
                isinstance(widget, QAbstractButton) and widget.text()
            )
            assert named, (widget.objectName(), widget.parent().objectName())
            assert widget.objectName() or not isinstance(widget, QAbstractButton), widget


@pytest.mark.parametrize("size", [(900, 600), (1280, 800)])
def test_the_status_line_fits(window, session, size, qtbot):
    window.resize(*size)
    session.start_training()
    qtbot.waitUntil(lambda: window.status.progress.text() != "")
    assert window.width() == size[0]
    assert re.match(r"epoch \d+/10 · step .+ left", window.status.progress.text())
    assert "cpu" in window.status.machine.text()


def test_a_close_event_that_comes_twice_is_harmless(window):
    for _ in range(2):
        QApplication.sendEvent(window, QCloseEvent())


def test_a_form_is_never_cut_at_its_side(window, session, qtbot):
    session.open_path(sample_data_folder() / "museum_visitors.csv")
    qtbot.waitUntil(lambda: session.source is not None)
    window.show_station("train")
    name = "train_settings_scroll"
    qtbot.waitUntil(lambda: window.dock.findChild(QScrollArea, name) is not None)
    area = window.dock.findChild(QScrollArea, name)
    qtbot.waitUntil(area.isVisible)
    for button in area.findChildren(QToolButton):
        if "more setting" in button.text():
            button.click()
    window.splitter.setSizes([5000, 10])
    qtbot.waitUntil(lambda: area.widget().width() <= area.viewport().width())
