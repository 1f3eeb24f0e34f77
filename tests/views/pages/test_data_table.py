"""The Data page for a table, with the real session and the real readers."""

import math
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from workbench.app.session import Session
from workbench.views.pages.data import DataPage
from workbench.views.pages.data_table import TableView

ODD = "<img src=x>"
GONE = (50, 51, 120)
TWICE = 80


def lines() -> Iterator[str]:
    """A daily table: semicolons, decimal commas, a gap of two days and one of one, a repeat."""
    yield f"Tag;Last;{ODD};Art"
    for day in range(300):
        if day in GONE:
            continue
        when = (date(2022, 1, 1) + timedelta(days=day)).strftime("%d.%m.%Y")
        load = 50 + 10 * math.sin(day / 7 * 2 * math.pi) + day % 3 / 10
        numbers = f"{load:.2f};{day * 1.5:.1f}".replace(".", ",")
        row = f"{when};{numbers};{'ab'[day % 2]}"
        yield row
        if day == TWICE:
            yield row


@pytest.fixture
def session(qtbot: QtBot) -> Iterator[Session]:
    made = Session()
    yield made
    made.close()


def shown(page: DataPage) -> bool:
    view = page.findChild(TableView)
    return view is not None and "to forecast" in view.headline.sentence.text()


@pytest.fixture
def page(qtbot: QtBot, session: Session, tmp_path: Path) -> DataPage:
    file = tmp_path / "daily.csv"
    file.write_text("\n".join(lines()) + "\n", encoding="utf-8")
    made = DataPage(session)
    qtbot.addWidget(made)
    made.resize(1000, 760)
    made.settings_panel()
    made.show()
    session.open_path(file)
    qtbot.waitUntil(lambda: shown(made))
    roles = {"Last": "target", ODD: "input"}
    session.edit_many({f"data.table.columns.{name}.role": role for name, role in roles.items()}, "")
    session.undo_stack.clear()
    qtbot.waitUntil(lambda: not session.work.busy)
    return made


def view_of(page: DataPage) -> TableView:
    view = page.findChild(TableView)
    assert view is not None
    return view


def texts(view: TableView, row: int) -> list[str]:
    model = view.preview.preview
    return [model.index(row, column).data() for column in range(model.columnCount())]


def test_one_sentence_and_the_first_rows(page: DataPage) -> None:
    view = view_of(page)
    words = view.headline.sentence.text()
    assert words.startswith("298 rows, 4 columns; one a day, 2022-01-01 to 2022-10-27")
    assert texts(view, 0) == ["2022-01-01", "50", "0", "a"]


def test_gaps_and_repeats_are_found_listed_and_drawn(page: DataPage) -> None:
    view = view_of(page)
    rows = [
        [view.dates.model.index(row, column).data() for column in (0, 1, 3)] for row in range(3)
    ]
    assert rows == [
        ["Gap", "2022-02-19", "2 steps missing"],
        ["Repeated date", "2022-03-22", "2 rows"],
        ["Gap", "2022-04-30", "1 step missing"],
    ]
    assert view.tabs.tabText(2) == "Dates (3)"
    found = {row.finding.subject: row.finding.level for row in view.findings.rows()}
    assert found["missing dates"] == "repaired"
    assert found["repeated dates"] == "repaired"


def test_a_clicked_repair_edits_and_undo_restores(
    qtbot: QtBot, page: DataPage, session: Session
) -> None:
    view = view_of(page)
    row = next(row for row in view.findings.rows() if row.finding.subject == "missing dates")
    chooser = row.findChild(QPushButton, "finding_repairs")
    cut = next(item for item in chooser.menu().actions() if item.text() == "Cut at the gaps")
    cut.trigger()
    assert session.experiment.data.table.time.gaps == "cut"
    assert session.undo_stack.undoText() == "Cut at the gaps"
    qtbot.waitUntil(lambda: view.dates.gaps.currentText() == "Cut at the gaps")
    session.undo_stack.undo()
    assert session.experiment.data.table.time.gaps == "interpolate"
    qtbot.waitUntil(lambda: view.dates.gaps.currentText() == "Fill by a straight line")


def test_overruling_the_separator_reads_again_and_undo_restores(
    qtbot: QtBot, page: DataPage, session: Session
) -> None:
    view = view_of(page)
    reading = view.settings().reading
    box = reading.separator
    box.setCurrentIndex(box.findData(","))
    box.activated.emit(box.currentIndex())
    qtbot.waitUntil(lambda: session.experiment.data.table.reading.separator == ",")
    qtbot.waitUntil(lambda: session.source.reading.separator == ",")
    assert [column.name for column in session.experiment.data.table.columns] != ["Tag", "Last"]
    assert session.undo_stack.count() == 1
    session.undo_stack.undo()
    qtbot.waitUntil(lambda: texts(view, 0)[1:2] == ["50"])
    assert box.currentData() == ";"
    qtbot.waitUntil(lambda: view.headline.sentence.text().endswith("to forecast: Last"))


def test_an_override_that_cannot_be_read_changes_nothing(
    qtbot: QtBot, page: DataPage, session: Session
) -> None:
    before = session.experiment
    with qtbot.waitSignal(session.message):
        view_of(page).overrule({"encoding": "no-such-encoding"})
    assert session.experiment == before
    assert session.undo_stack.count() == 0


def test_dragging_asks_for_edits_that_can_be_undone(
    qtbot: QtBot, page: DataPage, session: Session
) -> None:
    picture = view_of(page).chart.picture
    qtbot.waitUntil(lambda: picture.parts is not None)
    picture.split_changed.emit(0.6, 0.2, 0.2)
    assert session.experiment.data.split.train == 0.6
    qtbot.waitUntil(lambda: picture.parts.cuts[0] == 180)
    picture.windows_changed.emit(28, 7, 2)
    windows = session.experiment.data.table.windows
    assert (windows.window, windows.horizon, windows.stride) == (28, 7, 2)
    session.undo_stack.undo()
    session.undo_stack.undo()
    assert session.experiment.data.split.train != 0.6
    qtbot.waitUntil(lambda: picture.parts.cuts[0] != 180)


def test_role_of_an_oddly_named_column(qtbot: QtBot, page: DataPage, session: Session) -> None:
    view = view_of(page)
    view.columns.edit_requested.emit((ODD,), "role", "known_future")
    roles = {column.name: column.role for column in session.experiment.data.table.columns}
    assert roles[ODD] == "known_future"
    session.undo_stack.undo()
    view.columns.edit_requested.emit(("Last", ODD), "role", "ignored")
    qtbot.waitUntil(view.headline.problem.isVisible)
    session.undo_stack.undo()
    qtbot.waitUntil(lambda: not view.headline.problem.isVisible())


def test_a_column_is_drawn_and_made_a_target(
    qtbot: QtBot, page: DataPage, session: Session
) -> None:
    chart = view_of(page).chart
    chart.column.setCurrentIndex(chart.column.findText(ODD))
    qtbot.waitUntil(lambda: chart.forecast.isVisible() and not chart.forecast.isChecked())
    chart.forecast.click()
    roles = {column.name: column.role for column in session.experiment.data.table.columns}
    assert roles[ODD] == "target"
    assert roles["Last"] == "target"


def test_a_fault_chosen_in_the_list_is_shown_on_the_chart(qtbot: QtBot, page: DataPage) -> None:
    view = view_of(page)
    picture = view.chart.picture
    qtbot.waitUntil(lambda: picture.parts is not None)
    view.dates.table.selectRow(2)
    low, high = picture.canvas.shown_x()
    assert (high - low) / 86_400 < 60


def test_a_window_that_fits_nowhere_says_so(qtbot: QtBot, page: DataPage, session: Session) -> None:
    view = view_of(page)
    session.edit("data.table.windows.window", 5000)
    qtbot.waitUntil(view.headline.problem.isVisible)
    session.undo_stack.undo()
    qtbot.waitUntil(lambda: not view.headline.problem.isVisible())


def test_everything_has_a_name_and_takes_the_keyboard(page: DataPage) -> None:
    view = view_of(page)
    for widget in view.findChildren(QAbstractButton):
        if widget.isVisible() and not widget.objectName().startswith("qt_"):
            assert widget.accessibleName() or widget.text(), widget.objectName()
    reachable = {
        widget.objectName()
        for widget in view.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
    }
    wanted = {"preview_table", "columns_table", "dates_table", "chart_column", "columns_search"}
    assert wanted <= reachable


@pytest.mark.parametrize(
    ("file", "start", "target"),
    [
        ("messy-csv-dev/weather_2012.csv", "8\u202f784 rows", "Temp (C)"),
        ("messy-csv-dev/us_gasoline.csv", "", "Gasoline"),
        ("etth1/ETTh1.csv", "17\u202f420 rows", "HUFL"),
    ],
)
def test_real_tables_are_shown(
    qtbot: QtBot, session: Session, shared_data: Path, file: str, start: str, target: str
) -> None:
    page = DataPage(session)
    qtbot.addWidget(page)
    page.resize(900, 700)
    page.show()
    session.open_path(shared_data / file)
    qtbot.waitUntil(lambda: shown(page), timeout=20_000)
    words = view_of(page).headline.sentence.text()
    assert words.startswith(start)
    assert target in words
    qtbot.waitUntil(lambda: view_of(page).chart.picture.parts is not None, timeout=20_000)
