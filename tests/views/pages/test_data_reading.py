"""Overruling how a table is read."""

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QWidget
from pytestqt.qtbot import QtBot

from workbench.data.encoding import Candidate
from workbench.specs import ReadingSpec, TimeSpec
from workbench.views.pages.data_reading import ReadingPanel

FOUND = ReadingSpec(
    encoding="cp949", separator=";", decimal=",", thousands=".", header="yes", skip_rows=2,
    date_order="dmy",
)  # fmt: skip

CANDIDATES = (
    Candidate("cp949", "가격"), Candidate("gb18030", "啊拜"), Candidate("euc-jp", fits=False),
)  # fmt: skip


@pytest.fixture
def panel(qtbot: QtBot) -> ReadingPanel:
    made = ReadingPanel()
    qtbot.addWidget(made)
    made.set_reading(FOUND, TimeSpec(columns=("day",), format="%d.%m.%Y"), CANDIDATES)
    made.show()
    return made


def choose(qtbot: QtBot, panel: ReadingPanel, box: QComboBox, value: str) -> dict[str, Any]:
    place = box.findData(value)
    assert place >= 0
    with qtbot.waitSignal(panel.override_requested) as asked:
        box.setCurrentIndex(place)
        box.activated.emit(place)
    return asked.args[0]


def test_what_was_found_is_shown(panel: ReadingPanel) -> None:
    shown = {
        "encoding": panel.encoding.currentData(),
        "separator": panel.separator.currentData(),
        "decimal": panel.decimal.currentData(),
        "thousands": panel.thousands.currentData(),
        "header": panel.header.currentData(),
        "date_order": panel.date_order.currentData(),
        "skip_rows": panel.skip_rows.value(),
    }
    assert all(getattr(FOUND, name) == value for name, value in shown.items())
    assert panel.date_format.currentText() == "%d.%m.%Y"


def test_likely_encodings_stand_first_with_what_they_read(panel: ReadingPanel) -> None:
    box = panel.encoding
    offered = [box.itemData(place) for place in range(box.count())]
    assert offered[:3] == ["auto", "cp949", "gb18030"]
    assert box.itemText(1) == "CP949  Korean (CP949):  가격"
    assert offered[3] is None  # a line between what fits and the usual others
    assert {"utf-8", "utf-16", "cp1252", "koi8-r", "euc-jp"} < set(offered[4:])
    assert len(set(offered)) == len(offered)
    panel.set_reading(FOUND.model_copy(update={"encoding": "cp037"}), TimeSpec(), CANDIDATES)
    assert box.currentData() == "cp037"


def test_each_choice_asks_for_one_override(qtbot: QtBot, panel: ReadingPanel) -> None:
    assert choose(qtbot, panel, panel.encoding, "utf-8") == {"encoding": "utf-8"}
    assert choose(qtbot, panel, panel.separator, "\t") == {"separator": "\t"}
    assert choose(qtbot, panel, panel.decimal, ".") == {"decimal": "."}
    assert choose(qtbot, panel, panel.header, "no") == {"header": "no"}
    with qtbot.waitSignal(panel.override_requested) as asked:
        panel.skip_rows.setValue(0)
    assert asked.args[0] == {"skip_rows": 0}
    with qtbot.waitSignal(panel.override_requested) as asked:
        panel.markers.setFocus()
        panel.markers.selectAll()
        qtbot.keyClicks(panel.markers, "NA  x")
        qtbot.keyClick(panel.markers, Qt.Key.Key_Return)
    assert asked.args[0] == {"missing_markers": ["", "NA", "x"]}


def test_an_unlisted_separator_is_shown(panel: ReadingPanel) -> None:
    panel.set_reading(ReadingSpec(separator="#"), TimeSpec())
    assert panel.separator.currentData() == "#"
    assert not panel.date_format.isEnabled()


def test_date_format_is_typed(qtbot: QtBot, panel: ReadingPanel) -> None:
    line = panel.date_format.lineEdit()
    line.selectAll()
    with qtbot.waitSignal(panel.edit_requested) as asked:
        qtbot.keyClicks(line, "%Y week %W")
        qtbot.keyClick(line, Qt.Key.Key_Return)
    assert asked.args == ["data.table.time.format", "%Y week %W"]


def test_showing_a_reading_asks_for_nothing(qtbot: QtBot, panel: ReadingPanel) -> None:
    with qtbot.assertNotEmitted(panel.override_requested):
        panel.set_reading(ReadingSpec(), TimeSpec())


def test_detecting_again_asks_for_everything(qtbot: QtBot, panel: ReadingPanel) -> None:
    with qtbot.waitSignal(panel.override_requested) as asked:
        panel.detect.click()
    assert asked.args[0]["separator"] == "auto"
    assert asked.args[0]["skip_rows"] == -1


def test_every_control_has_a_name(panel: ReadingPanel) -> None:
    for editor in (panel.encoding, panel.separator, panel.skip_rows, panel.markers, panel.detect):
        assert isinstance(editor, QWidget)
        assert editor.objectName()
        assert editor.accessibleName() or editor.text()
        assert editor.focusPolicy() & Qt.FocusPolicy.TabFocus
