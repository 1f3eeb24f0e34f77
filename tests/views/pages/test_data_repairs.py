"""Repairs by one click: each changes the series as its button says, and undo takes it back."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QPushButton
from pytestqt.qtbot import QtBot

from workbench.app.session import Session
from workbench.data.series import Series
from workbench.views.pages.data import DataPage
from workbench.views.pages.data_findings import FindingRow
from workbench.views.pages.data_table import TableView

DAYS = 60
TIME = "data.table.time."


def rows() -> list[str]:
    """A day a row: the value is 10 for the first day, 11 for the second, and so on; 3 weekly."""
    return [f"{np.datetime64('2022-01-01') + day},{10 + day}.5,{day % 7}" for day in range(DAYS)]


def unsorted() -> list[str]:
    lines = rows()
    lines[20], lines[30] = lines[30], lines[20]
    return lines


def repeated() -> list[str]:
    lines = rows()
    date, _, week = lines[20].split(",")
    return [*lines[:21], f"{date},90.5,{week}", *lines[21:]]


def gap() -> list[str]:
    return [*rows()[:20], *rows()[24:]]


@pytest.fixture
def session(qtbot: QtBot) -> Iterator[Session]:
    made = Session()
    yield made
    made.close()


@pytest.fixture
def opened(
    qtbot: QtBot, session: Session, tmp_path: Path
) -> Callable[[list[str], dict[str, object]], TableView]:
    """Opens a table on the Data page, with some repairs set otherwise at first."""

    pages = []  # held until the test is over

    def open_lines(lines: list[str], first: dict[str, object]) -> TableView:
        file = tmp_path / "daily.csv"
        file.write_text("\n".join(["date,level,week", *lines]) + "\n", encoding="utf-8")
        page = DataPage(session)
        pages.append(page)
        qtbot.addWidget(page)
        page.resize(1100, 900)
        page.show()
        session.open_path(file)
        qtbot.waitUntil(lambda: page.findChild(TableView) is not None)
        view = page.findChild(TableView)
        assert view is not None
        session.edit_many({f"{TIME}{name}": value for name, value in first.items()}, "set up")
        settle(qtbot, session, view)
        session.undo_stack.clear()
        return view

    return open_lines


def settle(qtbot: QtBot, session: Session, view: TableView) -> None:
    qtbot.waitUntil(lambda: not session.work.busy and view._overview.prepared is not None)
    qtbot.waitUntil(lambda: not session.work.busy)


def row_of(view: TableView, subject: str) -> FindingRow:
    return next(row for row in view.findings.rows() if row.finding.subject == subject)


def click(qtbot: QtBot, row: FindingRow, label: str) -> None:
    """Press the button that says so, or choose it from the menu of the other one."""
    for button in row.findChildren(QPushButton):
        if button.text() == label:
            qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
            return
    menu = row.findChild(QMenu)
    assert menu is not None
    next(action for action in menu.actions() if action.text() == label).trigger()


def series_of(view: TableView) -> Series:
    prepared = view._overview.prepared
    assert prepared is not None
    (series,) = prepared.series
    return series


def level(view: TableView) -> list[float]:
    return series_of(view).values[:, 0].tolist()


def test_rows_out_of_order_are_sorted(qtbot: QtBot, session: Session, opened) -> None:
    view = opened(unsorted(), {"sort": False})
    row = next(row for row in view.findings.rows() if row.finding.repair == f"{TIME}sort=true")
    assert row.finding.level == "doubt"
    assert level(view)[20] == 40.5
    click(qtbot, row, "Sort by date")
    settle(qtbot, session, view)
    assert level(view) == [10.5 + day for day in range(DAYS)]
    assert not any(row.finding.repair == f"{TIME}sort=true" for row in view.findings.rows())
    session.undo_stack.undo()
    settle(qtbot, session, view)
    assert level(view)[20] == 40.5


@pytest.mark.parametrize(
    ("label", "value"),
    [("Take the mean", 60.5), ("Keep the first", 30.5), ("Keep the last", 90.5)],
)
def test_repeated_dates_become_one_row(
    qtbot: QtBot, session: Session, opened, label: str, value: float
) -> None:
    view = opened(repeated(), {"duplicates": "keep"})
    row = row_of(view, "repeated dates")
    assert row.finding.level == "doubt"
    assert len(level(view)) == DAYS + 1
    click(qtbot, row, label)
    settle(qtbot, session, view)
    assert len(level(view)) == DAYS
    assert level(view)[20] == value
    assert row_of(view, "repeated dates").finding.level == "repaired"
    session.undo_stack.undo()
    settle(qtbot, session, view)
    assert len(level(view)) == DAYS + 1
    assert row_of(view, "repeated dates").finding.level == "doubt"


@pytest.mark.parametrize(
    ("label", "filled"),
    [
        ("Fill by a straight line", [30.5, 31.5, 32.5, 33.5]),
        ("Fill with the last value", [29.5] * 4),
        ("Fill with zero", [0.0] * 4),
    ],
)
def test_missing_dates_are_filled(
    qtbot: QtBot, session: Session, opened, label: str, filled: list[float]
) -> None:
    view = opened(gap(), {"gaps": "leave"})
    row = row_of(view, "missing dates")
    assert row.finding.level == "doubt"
    assert len(level(view)) == DAYS - 4
    click(qtbot, row, label)
    settle(qtbot, session, view)
    assert level(view)[19:25] == [29.5, *filled, 34.5]
    assert np.diff(series_of(view).time).astype("m8[D]").astype(int).tolist() == [1] * (DAYS - 1)
    assert row_of(view, "missing dates").finding.level == "repaired"
    session.undo_stack.undo()
    settle(qtbot, session, view)
    assert len(level(view)) == DAYS - 4


def test_no_window_crosses_a_cut(qtbot: QtBot, session: Session, opened) -> None:
    view = opened(gap(), {"gaps": "leave"})
    before = {part: len(starts) for part, starts in view._overview.starts.items()}
    click(qtbot, row_of(view, "missing dates"), "Cut at the gaps")
    settle(qtbot, session, view)
    assert row_of(view, "missing dates").finding.level == "repaired"
    windows = session.experiment.data.table.windows
    (cut,) = np.flatnonzero(~series_of(view).usable)
    for starts in view._overview.starts.values():
        ends = starts[:, 1] + windows.window + windows.horizon
        assert not ((starts[:, 1] <= cut) & (cut < ends)).any()
    assert len(view._overview.starts["train"]) < before["train"]
    session.undo_stack.undo()
    settle(qtbot, session, view)
    assert {part: len(starts) for part, starts in view._overview.starts.items()} == before


def test_a_date_that_cannot_be_read_is_shown_and_its_row_left_out(
    qtbot: QtBot, session: Session, opened
) -> None:
    lines = rows()
    lines[20] = f"soon,{lines[20].partition(',')[2]}"
    view = opened(lines, {"gaps": "cut"})
    assert row_of(view, "column date").finding.why == "'soon' × 1; lines 22"
    assert len(level(view)) == DAYS
    assert np.flatnonzero(~series_of(view).usable).tolist() == [20]


def test_sentinels_are_taken_out_by_one_click(qtbot: QtBot, session: Session, opened) -> None:
    lines = rows()
    for day in (20, 41):
        date, _, week = lines[day].split(",")
        lines[day] = f"{date},-999,{week}"
    view = opened(lines, {})
    row = row_of(view, "column level")
    assert row.finding.found == "-999 may mean 'no value'"
    button = row.findChild(QPushButton, "finding_repair")
    assert button is not None
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    settle(qtbot, session, view)
    assert session.experiment.data.table.columns[1].sentinels == (-999.0,)
    assert level(view)[20] == 30.5
    session.undo_stack.undo()
    settle(qtbot, session, view)
    assert level(view)[20] == -999.0
