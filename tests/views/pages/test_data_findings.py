"""Findings with their repairs, and the list of gaps and repeated dates."""

import pandas as pd
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from workbench.data.findings import Finding
from workbench.data.time_axis import examine_time
from workbench.specs import TimeSpec
from workbench.views.pages.data_dates import DatesPanel, FaultsModel
from workbench.views.pages.data_findings import SHOWN, FindingsPanel, repairs_of

GAPS = Finding("missing dates", "2 steps missing", "filled", "repaired")
SENTINEL = Finding(
    "column <img src=x>", "12 times −200", "it stands far off the rest", "doubt",
    "data.table.columns.<img src=x>.sentinels=[-200]",
)  # fmt: skip


def panel(qtbot: QtBot, *findings: Finding) -> FindingsPanel:
    made = FindingsPanel()
    qtbot.addWidget(made)
    made.resize(320, 300)
    made.set_findings([("What was found", findings)])
    made.show()
    return made


def test_worst_comes_first_and_names_are_plain(qtbot: QtBot) -> None:
    made = panel(qtbot, Finding("encoding", "UTF-8", ""), GAPS, SENTINEL)
    assert [row.finding.level for row in made.rows()] == ["doubt", "repaired", "info"]
    headline = made.rows()[0].findChild(QLabel, "finding_what")
    assert "<img" not in headline.text()
    assert "&lt;img src=x&gt;" in headline.text()
    assert "<img src=x>" in made.rows()[0].accessibleName()


def test_one_click_asks_for_the_repair(qtbot: QtBot) -> None:
    made = panel(qtbot, SENTINEL)
    button = made.rows()[0].findChild(QPushButton, "finding_repair")
    assert button.text() == "Treat −200 as missing"
    assert button.focusPolicy() & Qt.FocusPolicy.TabFocus
    with qtbot.waitSignal(made.repair_requested) as asked:
        qtbot.keyClick(button, Qt.Key.Key_Space)
    assert asked.args == [SENTINEL.repair, "Treat −200 as missing"]


def test_a_mended_gap_can_be_mended_otherwise(qtbot: QtBot) -> None:
    made = panel(qtbot, GAPS)
    chooser = made.rows()[0].findChild(QPushButton, "finding_repairs")
    texts = [action.text() for action in chooser.menu().actions()]
    assert "Cut at the gaps" in texts
    with qtbot.waitSignal(made.repair_requested) as asked:
        chooser.menu().actions()[texts.index("Cut at the gaps")].trigger()
    assert asked.args == ["data.table.time.gaps=cut", "Cut at the gaps"]


def test_recommended_repair_stands_on_the_button(qtbot: QtBot) -> None:
    doubt = Finding("missing dates", "400 missing", "much", "doubt", "data.table.time.gaps=cut")
    assert repairs_of(doubt)[0].label == "Cut at the gaps"
    made = panel(qtbot, doubt)
    others = made.rows()[0].findChild(QPushButton, "finding_repairs").menu().actions()
    assert "Cut at the gaps" not in [action.text() for action in others]
    with qtbot.waitSignal(made.repair_requested) as asked:
        made.rows()[0].findChild(QPushButton, "finding_repair").click()
    assert asked.args[0] == "data.table.time.gaps=cut"


def test_many_findings_are_counted(qtbot: QtBot) -> None:
    made = panel(qtbot, *(Finding(f"column {i}", "constant", "", "doubt") for i in range(500)))
    assert len(made.rows()) == SHOWN
    assert "440" in made.findChild(QLabel, "findings_more").text()


@pytest.fixture
def dates() -> pd.Series:
    days = pd.Series(pd.date_range("2024-01-01", periods=30, freq="D"))
    return pd.concat([days.drop([5, 6, 20]), days.iloc[[10]]], ignore_index=True)


def test_faults_are_listed_in_order(qtbot: QtBot, dates: pd.Series) -> None:
    model = FaultsModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
    model.set_report(examine_time(dates))
    rows = [[model.index(row, column).data() for column in range(4)] for row in range(3)]
    assert rows == [
        ["Gap", "2024-01-05", "2024-01-08", "2 steps missing"],
        ["Repeated date", "2024-01-11", "2024-01-11", "2 rows"],
        ["Gap", "2024-01-20", "2024-01-22", "1 step missing"],
    ]
    model.set_report(None)
    assert model.rowCount() == 0


def test_choosing_a_repair_asks_for_an_edit(qtbot: QtBot, dates: pd.Series) -> None:
    made = DatesPanel()
    qtbot.addWidget(made)
    made.set_report(examine_time(dates), TimeSpec(gaps="cut"))
    assert made.gaps.currentText() == "Cut at the gaps"
    assert "3 missing steps in 2 gaps" in made.summary.text()
    place = made.duplicates.findText("Keep the last")
    made.duplicates.setCurrentIndex(place)
    with qtbot.waitSignal(made.edit_requested) as asked:
        made.duplicates.activated.emit(place)
    assert asked.args == ["data.table.time.duplicates", "last"]
    with qtbot.waitSignal(made.place_requested) as shown:
        made.table.selectRow(2)
    assert shown.args[0].start == pd.Timestamp("2024-01-20")


def test_without_dates_it_says_what_to_do(qtbot: QtBot) -> None:
    made = DatesPanel()
    qtbot.addWidget(made)
    made.set_report(None, TimeSpec())
    assert "Columns" in made.summary.text()
    assert not made.gaps.isEnabled()
