"""The settings form: every field, its input and range; editing, undo, reset, refusal, search."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QLabel, QScrollArea, QToolButton
from pytestqt.qtbot import QtBot

from workbench.app.job import JobState
from workbench.app.session import Session
from workbench.experiment import Experiment, FieldDescription, fields
from workbench.specs import TaskName
from workbench.views import field_words
from workbench.views.field_editors import (
    CheckBox,
    ChoiceBox,
    NumberBox,
    NumbersBox,
    SuggestBox,
    TextBox,
    TextsBox,
)
from workbench.views.field_values import (
    next_value,
    parse_number,
    parse_numbers,
    parse_texts,
    texts_line,
)
from workbench.views.forms import SettingsForm, SettingsPanel

ELSEWHERE = {"format_version", "task", "data.path", "data.fingerprint"}
"""Fields that are never typed: the program sets them when something is opened."""
FORM_FIELDS = [info for info in fields() if "<name>" not in info.name]
NAMES = [info.name for info in FORM_FIELDS if info.name not in ELSEWHERE]
INPUTS = {
    "int": NumberBox, "float": NumberBox, "bool": CheckBox, "choice": ChoiceBox, "str": TextBox,
    "numbers": NumbersBox, "texts": TextsBox,
}  # fmt: skip
SUGGESTED = {"device", "encoding", "separator", "frequency", "format"}


@pytest.fixture
def session(qapp: QApplication) -> Iterator[Session]:
    made = Session()
    yield made
    made.close()


@pytest.fixture(autouse=True)
def _gone(qapp: QApplication) -> Iterator[None]:
    """Forms of the test before are really gone; without an event loop Qt keeps them waiting."""
    yield
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def make_form(qtbot: QtBot, session: Session, *names: str) -> SettingsForm:
    form = SettingsForm(session, list(names))
    qtbot.addWidget(form)
    form.resize(288, 600)
    form.show()
    return form


def type_in(qtbot: QtBot, box: NumberBox | TextBox, text: str) -> None:
    box.setFocus()
    box.selectAll()
    qtbot.keyClicks(box, text)
    qtbot.keyClick(box, Qt.Key.Key_Return)


# ---------------------------------------------------------------------- every field


@pytest.mark.parametrize("info", FORM_FIELDS, ids=lambda info: info.name)
def test_every_field_has_its_one_place(info: FieldDescription) -> None:
    places = [section for section in field_words.SECTIONS if info.name in section.names]
    assert len(places) == (0 if info.name in ELSEWHERE else 1)
    for section in places:
        stem = {"data": "data.", "model": "model."}.get(section.station)
        assert stem is None or info.name.startswith(stem)


@pytest.mark.parametrize("name", NAMES)
def test_input_and_range_of_every_field(qtbot: QtBot, session: Session, name: str) -> None:
    form = make_form(qtbot, session, name)
    row = form.row(name)
    info = row.info
    last = name.rpartition(".")[2]
    wanted = SuggestBox if info.kind == "str" and last in SUGGESTED else INPUTS[info.kind]
    assert type(row.editor) is wanted
    assert row.editor.objectName() == f"field_{name}"
    assert row.editor.accessibleName() == info.label
    assert info.help in row.editor.accessibleDescription()
    assert row.editor.focusPolicy() & Qt.FocusPolicy.TabFocus
    tip = row.toolTip()
    assert field_words.label_of(info) in tip
    assert name in tip
    if info.choices:
        offered = [row.editor.itemData(i) for i in range(row.editor.count())]
        assert tuple(offered) == info.choices
        words = [row.editor.itemText(i) for i in range(row.editor.count())]
        assert len(set(words)) == len(words)
        assert not any("_" in word for word in words)
    if isinstance(row.editor, NumberBox):
        for bound in (info.minimum, info.maximum):
            if bound is not None:
                beyond = bound - 1 if bound == info.minimum else bound + 1
                row.entered.emit(int(beyond) if info.kind == "int" else beyond)
                assert row.problem.text()
                assert session.experiment == Experiment()


@pytest.mark.parametrize("task", list(TaskName))
@pytest.mark.parametrize("name", NAMES)
def test_fields_of_the_other_task_are_hidden(
    qtbot: QtBot, session: Session, name: str, task: TaskName
) -> None:
    session.edit("task", task.value)
    form = make_form(qtbot, session, name)
    info = form.row(name).info
    other = info.task not in ("", task.value)
    other |= name.startswith("data.text.") and task is TaskName.FORECAST
    other |= name.startswith("data.table.") and task is TaskName.LANGUAGE_MODEL
    group = form.row(name).parentWidget()
    assert group.isHidden() == other


def test_prefixes_and_unknown_names(qtbot: QtBot, session: Session) -> None:
    form = make_form(qtbot, session, "data.table.windows", "seed")
    assert list(form.rows()) == [
        "data.table.windows.window", "data.table.windows.horizon", "data.table.windows.stride",
        "seed",
    ]  # fmt: skip
    with pytest.raises(KeyError, match=r"model\.hiden"):
        SettingsForm(session, ["model.hiden"])


# ---------------------------------------------------------------------- editing


def test_typing_edits_and_undo_returns(qtbot: QtBot, session: Session) -> None:
    form = make_form(qtbot, session, "model")
    box = form.row("model.hidden_size").editor
    type_in(qtbot, box, "1 024")
    assert session.experiment.model.hidden_size == 1024
    session.undo_stack.undo()
    assert session.experiment.model.hidden_size == 256
    assert box.lineEdit().text() == "256"
    session.undo_stack.redo()
    assert box.lineEdit().text() == "1\u202f024"


def test_every_kind_of_input_edits(qtbot: QtBot, session: Session) -> None:
    session.edit("task", "forecast")
    form = make_form(qtbot, session, "model", "training", "name", "data.table.reading")
    form.row("model.calendar").editor.click()
    assert session.experiment.model.calendar is False
    combo = form.row("model.cell").editor
    combo.setFocus()
    qtbot.keyClick(combo, Qt.Key.Key_Down)
    assert session.experiment.model.cell == "gru"
    type_in(qtbot, form.row("model.quantiles").editor, "0,1; 0,9")
    assert session.experiment.model.quantiles == (0.1, 0.9)
    type_in(qtbot, form.row("name").editor, "my run")
    assert session.experiment.name == "my run"
    device = form.row("training.device").editor
    type_in(qtbot, device.lineEdit(), "cuda:1")
    assert session.experiment.training.device == "cuda:1"
    type_in(qtbot, form.row("data.table.reading.missing_markers").editor, '"", x, "a,b"')
    assert session.experiment.data.table.reading.missing_markers == ("", "x", "a,b")


def test_arrow_keys_step_in_the_field_s_own_way(qtbot: QtBot, session: Session) -> None:
    form = make_form(qtbot, session, "training", "model")
    for name, up in [
        ("training.learning_rate", 0.005), ("model.hidden_size", 512), ("training.epochs", 21),
        ("model.dropout", 0.05),
    ]:  # fmt: skip
        box = form.row(name).editor
        box.setFocus()
        qtbot.keyClick(box, Qt.Key.Key_Up)
        assert session.experiment.value(name) == pytest.approx(up)
        qtbot.keyClick(box, Qt.Key.Key_Down)
        assert session.experiment.value(name) == Experiment().value(name)


def test_one_field_stepped_often_is_one_undo(qtbot: QtBot, session: Session) -> None:
    form = make_form(qtbot, session, "training")
    box = form.row("training.epochs").editor
    for _ in range(5):
        box.stepUp()
    assert session.experiment.training.epochs == 25
    session.undo_stack.undo()
    assert session.experiment.training.epochs == 20


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("training.epochs", "0", "0 is not allowed; it must be 1 …"),
        ("training.epochs", "2.5", "not a whole number"),
        ("training.learning_rate", "fast", "“fast” is not a number"),
        ("training.learning_rate", "0", "must be above 0"),
        ("training.learning_rate", "inf", "not a finite number"),
        ("model.dropout", "1", "must be below 1"),
        ("model.hidden_size", "", "number is needed"),
        ("model.hidden_size", "9000", "1 … 8"),
    ],
)
def test_what_is_refused_stays_and_is_explained(
    qtbot: QtBot, session: Session, name: str, text: str, says: str
) -> None:
    before = session.experiment
    told: list[object] = []
    session.message.connect(told.append)
    form = make_form(qtbot, session, name.partition(".")[0])
    row = form.row(name)
    box = row.editor
    box.setFocus()
    box.selectAll()
    qtbot.keyClick(box, Qt.Key.Key_Delete)
    qtbot.keyClicks(box, text)
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert box.lineEdit().text() == text
    assert says in row.problem.text()
    assert row.problem.isVisible()
    assert says in box.accessibleDescription()
    assert session.experiment == before
    assert told == []
    session.edit("seed", 7)  # a change elsewhere loses nothing either
    assert box.lineEdit().text() == text
    qtbot.keyClick(box, Qt.Key.Key_Escape)
    assert row.problem.isHidden()
    assert not box.text_is_open()


def test_values_that_only_fit_together_are_taken_together(qtbot: QtBot, session: Session) -> None:
    form = make_form(qtbot, session, "data.split")
    train, validation = form.row("data.split.train"), form.row("data.split.validation")
    type_in(qtbot, train.editor, "0.85")
    assert "at most 1" in train.problem.text()
    assert session.experiment.data.split.train == 0.8
    type_in(qtbot, validation.editor, "0.05")
    assert session.experiment.data.split.train == 0.85
    assert session.experiment.data.split.validation == 0.05
    assert train.problem.isHidden()
    assert not train.editor.text_is_open()


def test_months_can_be_chosen_where_fractions_stood(qtbot: QtBot, session: Session) -> None:
    form = make_form(qtbot, session, "data.split")
    unit = form.row("data.split.unit").editor
    unit.activated.emit(unit.findData("months"))
    type_in(qtbot, form.row("data.split.train").editor, "12")
    assert session.experiment.data.split.unit == "months"
    assert session.experiment.data.split.train == 12


def test_changes_from_elsewhere_are_shown_without_an_echo(qtbot: QtBot, session: Session) -> None:
    form = make_form(qtbot, session, "model", "training", "name")
    session.edit_many(
        {
            "model.cell": "gru", "training.learning_rate": 1e-5, "name": "x",
            "model.tie_weights": True,
        },
        "several",
    )  # fmt: skip
    assert session.undo_stack.count() == 1
    assert form.row("model.cell").editor.currentText() == "GRU"
    assert form.row("training.learning_rate").editor.lineEdit().text() == "1e-5"
    assert form.row("name").editor.text() == "x"
    assert form.row("model.tie_weights").editor.isChecked()


# ---------------------------------------------------------------------- reset, effect, search


def test_reset_of_one_and_of_all(qtbot: QtBot, session: Session) -> None:
    form = make_form(qtbot, session, "training")
    button = form.findChild(QToolButton, "reset_training.epochs")
    assert button.isHidden()
    assert not form.reset_all.isEnabled()
    session.edit("training.epochs", 3)
    session.edit("training.momentum", 0.5)
    assert button.isVisible()
    assert "20" in button.accessibleName()
    button.click()
    assert session.experiment.training.epochs == 20
    session.edit("training.patience", 9)
    form.reset_all.click()
    assert session.experiment.training == Experiment().training
    session.undo_stack.undo()
    assert session.experiment.training.momentum == 0.5
    assert session.experiment.training.patience == 9


def test_fields_without_effect_say_why(qtbot: QtBot, session: Session) -> None:
    form = make_form(qtbot, session, "training", "model")
    row = form.row("training.momentum")
    assert not row.editor.isEnabled()
    assert "Only for SGD and RMSprop" in row.toolTip()
    session.edit("training.optimizer", "sgd")
    assert row.editor.isEnabled()
    assert "Only for" not in row.toolTip()
    session.edit("model.cell", "gru")
    assert "forget gate" in form.row("model.forget_gate_bias").toolTip()


def test_search_finds_by_label_help_choice_and_name(qtbot: QtBot, session: Session) -> None:
    form = make_form(qtbot, session, "model", "training")

    def found() -> set[str]:
        return {name for name, row in form.rows().items() if row.isVisible()}

    form.search.setText("forget bias")
    assert found() == {"model.forget_gate_bias"}
    form.search.setText("one cycle")
    assert "training.schedule" in found()
    form.search.setText("clip_norm")
    assert found() == {"training.clip_norm"}
    form.search.setText("no such thing")
    assert found() == set()
    assert "no such thing" in form.findChild(QLabel, "form_nothing").text()
    form.search.clear()
    assert "model.cell" in found()
    assert "model.weight_drop" not in found()


def test_advanced_fields_fold(qtbot: QtBot, session: Session) -> None:
    names = ("training.optimizer", "training.momentum", "training.weight_decay")
    form = make_form(qtbot, session, *names)
    folded = form.row("training.momentum")
    assert not folded.isVisible()
    fold = folded.parentWidget().fold
    assert "2 more settings" in fold.text()
    fold.setFocus()
    qtbot.keyClick(fold, Qt.Key.Key_Space)
    assert folded.isVisible()


def test_a_running_run_is_said(qtbot: QtBot, session: Session) -> None:
    form = make_form(qtbot, session, "training")
    words = form.findChild(QLabel, "form_running")
    assert words.isHidden()
    session.job_changed.emit(JobState("training", "", "run", True))
    assert "nothing here changes it" in words.text(), "what is open is not what is trained"
    session.training.following = session.experiment
    session.job_changed.emit(JobState("training", "", "run", True))
    assert "flash" in words.text()
    assert words.isVisible()
    assert form.findChild(QLabel, "live_training.learning_rate").isVisible()
    assert not form.findChild(QLabel, "live_training.epochs").isVisible()


# ---------------------------------------------------------------------- hands


def test_tab_reaches_every_input_in_order(qtbot: QtBot, session: Session) -> None:
    form = make_form(qtbot, session, "data.split")
    with qtbot.waitActive(form):
        form.activateWindow()
    form.row("data.split.unit").editor.setFocus()
    order = []
    for _ in range(5):
        order.append(QApplication.focusWidget().objectName())
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    names = ("unit", "train", "validation", "test", "gap")
    assert order == [f"field_data.split.{name}" for name in names]


def test_the_wheel_scrolls_and_changes_nothing(qtbot: QtBot, session: Session) -> None:
    panel = SettingsPanel(session, ["training"], "Training")
    qtbot.addWidget(panel)
    panel.resize(320, 200)
    panel.show()
    assert isinstance(panel, QScrollArea)
    for name in ("training.epochs", "training.optimizer", "training.device"):
        editor = panel.form.row(name).editor
        middle = QPointF(editor.rect().center())
        event = QWheelEvent(
            middle, editor.mapToGlobal(middle), QPointF(0, -240).toPoint(),
            QPointF(0, -240).toPoint(), Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(editor, event)
    assert session.experiment == Experiment()


def test_a_closed_form_leaves_nothing_behind(qapp: QApplication, session: Session) -> None:
    before = len(QApplication.allWidgets())
    for _ in range(3):
        form = SettingsForm(session, ["training"])
        form.show()
        form.close()
        form.deleteLater()
        del form
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    session.edit("seed", 3)
    assert len(QApplication.allWidgets()) <= before


def test_nothing_is_wider_than_the_dock(qtbot: QtBot, session: Session) -> None:
    for station in ("data", "model", "train"):
        panel = SettingsPanel(session, field_words.station_names(station), station)
        qtbot.addWidget(panel)
        assert panel.widget().minimumSizeHint().width() <= 320 - 12


# ---------------------------------------------------------------------- texts and numbers


@pytest.mark.parametrize(
    ("text", "whole", "value"),
    [
        ("256", True, 256), ("10 000", True, 10_000), ("10,000", True, 10_000),
        ("1e4", True, 10_000),
        ("−1", True, -1), ("0.002", False, 0.002), ("0,002", False, 0.002), ("2e-3", False, 0.002),
        ("1\u202f000.5", False, 1000.5), ("9007199254740993", True, 9007199254740993),
    ],
)  # fmt: skip
def test_numbers_as_people_type_them(text: str, whole: bool, value: float) -> None:
    assert parse_number(text, whole=whole) == value


@pytest.mark.parametrize("value", [0.002, 1e-6, 1.5e-7, 0.1, 1, 1000.0, 256, 3e16, -0.25])
def test_a_number_written_is_the_number_read(value: float) -> None:
    assert parse_number(field_words.number_text(value), whole=False) == value


def test_lists_as_people_type_them() -> None:
    assert parse_numbers("0.1, 0.5 0.9") == [0.1, 0.5, 0.9]
    assert parse_numbers("") == []
    with pytest.raises(ValueError, match="“x”"):
        parse_numbers("0.1, x")
    markers = ["", "NA", 'say "no"', "a,b", " "]
    assert parse_texts(texts_line(markers)) == markers


def test_steps_stay_in_range() -> None:
    by_name = {info.name: info for info in fields()}
    assert next_value(by_name["model.dropout"], 0.98, 1) == 1.0
    assert next_value(by_name["model.num_layers"], 1, -1) == 1
    assert next_value(by_name["training.learning_rate"], 0.003, -1) == pytest.approx(0.002)
    assert next_value(by_name["training.clip_norm"], 0.0, 1) == pytest.approx(1e-4)
    assert next_value(by_name["data.split.train"], 12.0, 1) == 13.0
