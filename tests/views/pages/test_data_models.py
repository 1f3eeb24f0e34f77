"""The tables of the Data page: rows, columns, vocabulary."""

import time
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from workbench.data.table_overview import ColumnFacts, describe_columns
from workbench.specs import ColumnSpec
from workbench.views.pages.data_columns import ColumnsModel, ColumnsPanel
from workbench.views.pages.data_preview import COLUMN_ROLE, PreviewModel, PreviewTable
from workbench.views.pages.data_vocabulary import VocabularyModel, symbol_name, symbol_text

HTML = "<img src=x>"


@pytest.fixture
def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "when": pd.to_datetime(["2024-01-01 00:00", "2024-01-01 01:00", None]),
            HTML: [1.5, float("nan"), -3.0],
            "城市": ["北京", None, "a\tb\u2028c"],
            "count": pd.array([1, None, 2**40], dtype="Int64"),
        }
    )


COLUMNS = (
    ColumnSpec(name="when", role="date", kind="date"),
    ColumnSpec(name=HTML, role="target"),
    ColumnSpec(name="城市", role="ignored", kind="text"),
    ColumnSpec(name="count", role="input"),
)


@pytest.fixture
def columns_model(qtbot: QtBot) -> Iterator[ColumnsModel]:
    model = ColumnsModel()
    model.set_columns(COLUMNS)
    yield model
    model.deleteLater()


def test_preview_shows_cells_as_read(qtbot: QtBot, frame: pd.DataFrame) -> None:
    model = PreviewModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
    model.set_frame(frame, COLUMNS)
    texts = [[model.index(row, column).data() for column in range(4)] for row in range(3)]
    assert texts[0] == ["2024-01-01 00:00:00", "1.5", "北京", "1"]
    assert texts[1] == ["2024-01-01 01:00:00", "missing", "missing", "missing"]
    assert texts[2] == ["missing", "−3", "a␉b␤c", str(2**40)]


def test_preview_header_carries_role_and_escapes_names(qtbot: QtBot, frame: pd.DataFrame) -> None:
    model = PreviewModel()
    model.set_frame(frame, COLUMNS)
    across = Qt.Orientation.Horizontal
    assert model.headerData(1, across) == HTML
    assert model.headerData(1, across, COLUMN_ROLE).role == "target"
    assert HTML not in model.headerData(1, across, Qt.ItemDataRole.ToolTipRole)
    model.set_columns([column.model_copy(update={"role": "input"}) for column in COLUMNS])
    assert model.headerData(1, across, COLUMN_ROLE).role == "input"


def test_very_wide_and_long_tables_show_at_once(qtbot: QtBot) -> None:
    wide = pd.DataFrame(np.zeros((3, 100_000)), columns=[f"c{i}" for i in range(100_000)])
    specs = [ColumnSpec(name=name) for name in wide.columns]
    table = PreviewTable()
    qtbot.addWidget(table)
    table.resize(900, 300)
    panel = ColumnsPanel()
    qtbot.addWidget(panel)
    started = time.perf_counter()
    table.set_frame(wide, specs)
    table.show()
    table.grab()
    table.scrollTo(table.model().index(2, 99_999))
    table.grab()
    panel.model.set_columns(specs)
    panel.model.set_filter("c9999")
    panel.grab()
    assert time.perf_counter() - started < 5
    assert panel.model.rowCount() == 11
    table.set_frame(pd.DataFrame({"a": np.arange(2_000_000)}), [])
    started = time.perf_counter()
    table.scrollToBottom()
    table.grab()
    assert time.perf_counter() - started < 2


def test_columns_model_is_sound_and_asks_for_edits(
    qtbot: QtBot, columns_model: ColumnsModel
) -> None:
    tester = QAbstractItemModelTester.FailureReportingMode.Fatal
    QAbstractItemModelTester(columns_model, tester, columns_model)
    columns_model.set_facts({HTML: ColumnFacts("−3 … 1.5", 1)})
    assert columns_model.index(1, 3).data() == "−3 … 1.5"
    with qtbot.waitSignal(columns_model.edit_requested) as edit:
        assert columns_model.setData(columns_model.index(1, 1), "input")
    assert edit.args == [(HTML,), "role", "input"]
    with qtbot.waitSignal(columns_model.edit_requested) as edit:
        assert columns_model.setData(columns_model.index(1, 6), "−200; 9999")
    assert edit.args == [(HTML,), "sentinels", [-200.0, 9999.0]]
    assert not columns_model.setData(columns_model.index(1, 6), "many")
    assert not columns_model.setData(columns_model.index(1, 1), "target")
    columns_model.set_filter("城")
    assert columns_model.rowCount() == 1


def test_settings_that_mean_nothing_cannot_be_edited(columns_model: ColumnsModel) -> None:
    editable = Qt.ItemFlag.ItemIsEditable
    scaler = columns_model.columnCount() - 1
    assert columns_model.flags(columns_model.index(1, scaler)) & editable
    assert not columns_model.flags(columns_model.index(0, scaler)) & editable
    assert not columns_model.flags(columns_model.index(2, scaler)) & editable
    assert not columns_model.flags(columns_model.index(1, 0)) & editable


def test_role_of_many_columns_by_key(qtbot: QtBot) -> None:
    panel = ColumnsPanel()
    qtbot.addWidget(panel)
    panel.model.set_columns(COLUMNS)
    with qtbot.waitActive(panel):
        panel.show()
    panel.table.setFocus()
    panel.table.selectAll()
    assert panel.chosen_names() == tuple(column.name for column in COLUMNS)
    with qtbot.waitSignal(panel.edit_requested) as edit:
        qtbot.keyClick(panel.table, Qt.Key.Key_6, Qt.KeyboardModifier.AltModifier)
    assert edit.args[1:] == ["role", "ignored"]
    assert len(edit.args[0]) == 4


def test_choice_is_edited_in_a_drop_down(qtbot: QtBot) -> None:
    panel = ColumnsPanel()
    qtbot.addWidget(panel)
    panel.model.set_columns(COLUMNS)
    panel.show()
    panel.table.edit(panel.model.index(3, 1))
    box = panel.table.findChild(QComboBox)
    assert box is not None
    assert box.currentText() == "Input"
    with qtbot.waitSignal(panel.edit_requested) as edit:
        box.setCurrentIndex(box.findData("known_future"))
        box.activated.emit(box.currentIndex())
    assert edit.args == [("count",), "role", "known_future"]


def test_columns_are_described_in_words(frame: pd.DataFrame) -> None:
    facts = describe_columns(frame, COLUMNS)
    assert facts[HTML] == ColumnFacts("−3 … 1.5", 1)
    assert facts["when"] == ColumnFacts("2024-01-01 … 2024-01-01 01:00", 1)
    marked = (COLUMNS[1].model_copy(update={"sentinels": (-3.0,)}),)
    assert describe_columns(frame, marked)[HTML] == ColumnFacts("always 1.5", 2)


def test_vocabulary_sorts_filters_and_shows_what_is_invisible(qtbot: QtBot) -> None:
    model = VocabularyModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
    model.set_vocabulary((" ", "e", "\n", "é", "字"), (50, 30, 10, 1, 9))
    assert [model.index(row, 0).data().strip("\u2068\u2069") for row in range(5)] == [
        "␣",
        "e",
        "↵",
        "字",
        "é",
    ]
    assert model.index(0, 3).data() == "50.00\u202f%"
    assert model.index(0, 1).data() == "U+0020 space"
    model.sort(2, Qt.SortOrder.AscendingOrder)
    assert model.symbol(0) == "é"
    model.set_filter("e")
    found = {model.symbol(row) for row in range(model.rowCount())}
    assert found == {sign for sign in " e\né字" if "e" in symbol_name(sign)}
    model.set_filter("line feed")
    assert [model.symbol(row) for row in range(model.rowCount())] == ["\n"]


@pytest.mark.parametrize(
    ("symbol", "shown"),
    [(" ", "␣"), ("\t", "⇥"), ("\u0301", "◌\u0301"), ("\u200d", "U+200D"), ("\x00", "␀"),
     ("\ud800", "\ufffd"), ("the ", "the␣"), (HTML, "<img␣src=x>")],
)  # fmt: skip
def test_symbols_have_a_visible_form(symbol: str, shown: str) -> None:
    assert symbol_text(symbol) == shown


def test_half_a_million_words_stay_quick(qtbot: QtBot) -> None:
    words = tuple(f"w{i}" for i in range(500_000))
    model = VocabularyModel()
    started = time.perf_counter()
    model.set_vocabulary(words, np.arange(500_000))
    model.sort(2, Qt.SortOrder.DescendingOrder)
    assert time.perf_counter() - started < 1
    assert model.symbol(0) == "w499999"
