"""The series: faults drawn, borders and bars dragged with the mouse, the right numbers told."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from workbench.views.plots.series import SeriesChart
from workbench.views.plots.series_data import Parts, picture_of
from workbench.views.plots.window_bars import Sample
from workbench.views.theme import theme

DATES = np.datetime64("2016-07-01T00", "h") + np.arange(1000)


def drag(qtbot, widget, start, end):
    qtbot.mousePress(widget, Qt.MouseButton.LeftButton, pos=start)
    for part in (0.3, 0.7, 1.0):
        there = start + (end - start) * part
        qtbot.mouseMove(widget, QPoint(round(there.x()), round(there.y())))
    qtbot.mouseRelease(widget, Qt.MouseButton.LeftButton, pos=end)


@pytest.fixture
def chart(show):
    chart = show(SeriesChart("Series"), 900, 600)
    values = np.sin(np.arange(1000) / 4)
    chart.set_series(DATES, {"OT": values}, units={"OT": "°C"})
    chart.set_split((600, 800, 1000), unit="fraction")
    chart.set_windows(96, 24, 8)
    chart.flush()
    return chart


def drag_border(qtbot, chart, part, row):
    chart.flush()
    canvas = chart.canvas
    middle = sum(canvas.shown_y()) / 2
    start = canvas.to_pixels(canvas._handles[part], middle).toPoint()
    end = canvas.to_pixels(float(chart._series.x[row]), middle).toPoint()
    drag(qtbot, canvas.viewport(), start, end)


def test_dragging_a_border_tells_the_new_split_once(chart, qtbot):
    told = []
    chart.split_changed.connect(lambda *sizes: told.append(sizes))
    drag_border(qtbot, chart, "train", 500)
    assert len(told) == 1
    train, validation, test = told[0]
    assert train == pytest.approx(0.5, abs=0.004)
    assert train + validation == pytest.approx(0.8)
    assert test == pytest.approx(0.2)
    assert sum(told[0]) <= 1 + 1e-9


def test_borders_cannot_pass_each_other(chart, qtbot):
    drag_border(qtbot, chart, "validation", 100)
    first, second, third = chart.parts.cuts
    assert first < second <= third
    drag_border(qtbot, chart, "test", 10)
    assert chart.parts.cuts[2] >= chart.parts.cuts[1]


@pytest.mark.parametrize(
    ("unit", "expected"), [("rows", (500, 300, 200)), ("months", (0.69, 0.42, 0.28))]
)
def test_split_is_told_in_its_own_unit(chart, qtbot, unit, expected):
    chart.set_split((600, 800, 1000), unit=unit, rows_per_month=720)
    with qtbot.waitSignal(chart.split_changed) as told:
        drag_border(qtbot, chart, "train", 500)
    assert told.args == pytest.approx(expected, abs=4 if unit == "rows" else 0.01)
    if unit == "rows":
        assert all(size == int(size) for size in told.args)


def test_gaps_between_parts_are_left_out():
    parts = Parts((500, 700, 900), gap=10, unit="rows")
    assert parts.spans() == ((0, 500), (510, 700), (710, 900))
    assert parts.sizes(1000) == (500, 190, 190)
    assert parts.moved(0, 695, 1000).cuts == (689, 700, 900)
    assert parts.moved(2, 5000, 1000).cuts == (500, 700, 1000)


@pytest.mark.parametrize(
    ("name", "by", "expected"),
    [("window", -20, (116, 24, 8)), ("window", 30, (66, 24, 8)), ("horizon", 12, (96, 36, 8)),
     ("horizon", -500, (96, 1, 8)), ("stride", 16, (96, 24, 24)), ("stride", -60, (96, 24, 1))],
)  # fmt: skip
def test_dragging_a_bar_tells_window_horizon_and_stride(chart, qtbot, name, by, expected):
    bars = chart.sample_view.bars
    start = bars.handle(name)
    sample = chart.sample
    row = {"window": sample.start, "horizon": sample.end, "stride": sample.start + sample.stride}
    end = QPoint(round(bars._pixel(row[name] + by)), round(start.y()))
    told = []
    chart.windows_changed.connect(lambda *sizes: told.append(sizes))
    drag(qtbot, bars, start.toPoint(), end)
    assert len(told) == 1
    assert told[0] == pytest.approx(expected, abs=1)
    assert chart.sample.window == told[0][0]


def test_dragging_the_middle_moves_the_sample_only(chart, qtbot):
    bars = chart.sample_view.bars
    start = bars.bar("window").center().toPoint()
    before = chart.sample
    with (
        qtbot.waitSignal(chart.sample_moved) as moved,
        qtbot.assertNotEmitted(chart.windows_changed),
    ):
        drag(qtbot, bars, start, start + QPoint(60, 0))
    assert moved.args[0] > before.start
    assert chart.sample.window == before.window


def test_clicking_the_series_moves_the_sample_there(chart, qtbot):
    place = chart.canvas.to_pixels(float(chart._series.x[850]), 0).toPoint()
    with qtbot.waitSignal(chart.sample_moved):
        qtbot.mouseClick(chart.canvas.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert chart.sample.origin == pytest.approx(850, abs=4)


def test_keyboard_changes_the_bars(chart, qtbot):
    bars = chart.sample_view.bars
    with qtbot.waitSignal(chart.windows_changed) as told:
        qtbot.keyClick(bars, Qt.Key.Key_Right)
    assert told.args == [97, 24, 8]
    qtbot.keyClick(bars, Qt.Key.Key_Down)
    with qtbot.waitSignal(chart.windows_changed) as told:
        qtbot.keyClick(bars, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert told.args == [97, 14, 8]


def test_a_sample_stays_within_the_series():
    assert Sample(990, 96, 24, 1).held_in(1000) == Sample(880, 96, 24, 1)
    assert Sample(0, 5000, 24, 1).held_in(100) == Sample(0, 99, 1, 1)
    assert Sample(-5, 0, 0, 0).held_in(10) == Sample(0, 1, 1, 1)


def test_faults_are_named_and_drawn(show):
    chart = show(SeriesChart("Series"), 900, 600)
    values = np.ones(1000)
    values[100:110] = np.nan
    chart.set_series(DATES, {"a": values}, gaps=[(DATES[300], DATES[400])], repeated=[DATES[700]])
    chart.flush()
    names = [entry.name for entry in chart._legend.entries]
    assert "missing steps: 1 gaps" in names
    assert "missing values: 10 rows" in names
    assert "repeated dates: 1" in names
    image = chart.canvas.grab().toImage()
    in_gap = chart.canvas.to_pixels(float(chart._series.x[350]), chart.canvas.shown_y()[1])
    plain = chart.canvas.to_pixels(float(chart._series.x[600]), chart.canvas.shown_y()[1])
    colours = [image.pixelColor(p.toPoint() + QPoint(0, 12)) for p in (in_gap, plain)]
    assert colours[0] != colours[1]
    x, y = chart._series.line("a")
    assert np.isnan(y[np.searchsorted(x, chart._series.x[400])])


def test_descending_dates_are_drawn_ascending_and_missing_dates_left_out():
    times = np.array(["2016-03-01", "2016-02-01", "NaT", "2016-01-01"], "datetime64[D]")
    found = picture_of(times, {"a": np.array([3.0, 2.0, 9.0, 1.0])})
    assert found.columns["a"].tolist() == [1, 2, 3]
    assert found.step_s == 30 * 86_400
    with pytest.raises(ValueError, match="'a' has 2 rows"):
        picture_of(times, {"a": np.zeros(2)})


def test_row_numbers_and_dates_can_follow_each_other(chart):
    chart.set_series(np.arange(500), {"x": np.arange(500.0), "y": np.arange(500.0) * 1e6})
    chart.flush()
    assert chart.canvas.bottom.title == "row"
    assert chart.scale_button.isVisible()
    assert chart.canvas.left.title == "each column on its own range"
    chart.scale_button.click()
    chart.flush()
    assert chart.canvas.shown_y()[1] > 1e6
    theme().set_mode("dark")
    chart.set_series(DATES, {"OT": np.ones(1000)})
    chart.flush()
    chart.grab()
    assert chart.canvas.bottom.title == ""


@pytest.mark.parametrize("rows", [0, 1, 2, 3])
def test_short_series_are_safe(show, rows):
    chart = show(SeriesChart("Series"))
    chart.set_split((0, 0, 0))
    chart.set_windows(96, 24, 1)
    chart.set_series(DATES[:rows], {"a": np.full(rows, np.nan)})
    chart.flush()
    chart.grab()
    assert bool(chart.empty_text) == (rows == 0)


def test_pointing_tells_date_and_values_with_units(chart, qtbot):
    chart.canvas.hovered.emit((float(chart._series.x[25]), 0.0))
    assert "2016-07-02 01:00" in chart.readout
    assert "°C" in chart.readout


def test_a_million_rows_are_drawn_within_pixels(show):
    chart = show(SeriesChart("Series"), 900, 600)
    values = np.zeros(1_000_000)
    values[777_777] = 5.0
    chart.set_series(np.arange(1_000_000), {"a": values})
    chart.flush()
    x, y = chart.canvas.lines["a"].getData()
    assert len(x) <= 2 * chart.width()
    assert y.max() == 5.0


def test_table_has_every_row(chart):
    header, rows = chart.table()
    rows = list(rows)
    assert list(header) == ["date", "OT"]
    assert rows[1] == ["2016-07-01 01:00", pytest.approx(np.sin(0.25))]
    assert len(rows) == 1000
