"""Scatter, lines, bars, boxes, cells of a text, a window that is read: any numbers and theme."""

import csv

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from workbench.views.palette import mix
from workbench.views.plots.bars import Bars
from workbench.views.plots.boxes import Boxes
from workbench.views.plots.lines import Line, Lines
from workbench.views.plots.raster import Scale
from workbench.views.plots.scatter import Group, Scatter
from workbench.views.plots.series_reading import SeriesReading
from workbench.views.plots.symbol_grid import Expected, SymbolGrid
from workbench.views.plots.unit_chart import UnitChart
from workbench.views.theme import theme

WILD = {
    "none": [],
    "one": [1.0],
    "nan": [np.nan] * 4,
    "inf": [np.inf, 1.0, -np.inf],
    "huge": [1e308, -1e308, 0.0],
    "constant": [2.0] * 5,
}


@pytest.mark.parametrize("values", WILD.values(), ids=WILD)
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_any_numbers_can_be_drawn(show, values, mode):
    theme().set_mode(mode)
    y = np.array(values, float)
    x = np.arange(len(y), dtype=float)
    scatter, lines, bars, series = Scatter(), Lines(), Bars(), SeriesReading()
    scatter.set_groups([Group("a", x, y), Group("b", y, x, shade=np.linspace(0, 1, len(y)))])
    lines.set_lines([Line("a", x, y, y - 1, y + 1)])
    lines.set_log(True)
    bars.set_bars(y, [str(v) for v in y])
    series.set_series(y, [str(v) for v in y], [("forecast", y)])
    for picture in (scatter, lines, bars, series):
        show(picture)
        picture.grab()
        for low, high in (picture.canvas.shown_x(), picture.canvas.shown_y()):
            assert np.isfinite([low, high]).all()
            assert high > low
        assert len(list(picture.table()[1])) >= len(y)


def test_a_click_tells_the_nearest_point(show, qtbot):
    scatter = show(Scatter("points"))
    x, y = np.array([0.1, 0.9]), np.array([0.2, 0.8])
    scatter.set_groups([Group("a", x, y), Group("b", y, x, ["first", "second"])], ((0, 1), (0, 1)))
    with qtbot.waitSignal(scatter.point_clicked) as told:
        place = scatter.canvas.to_pixels(0.8, 0.9).toPoint()
        qtbot.mouseClick(scatter.canvas.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert told.args == [1, 1]
    assert scatter.chosen == (1, 1)
    scatter.canvas.hovered.emit((0.8, 0.9))
    assert scatter.readout.startswith("second")
    assert scatter.nearest((0.5, 0.5)) == (-1, -1)


def test_points_are_painted_in_their_colour(show):
    scatter = show(Scatter())
    scatter.set_groups([Group("a", np.array([0.5]), np.array([0.5]), size=20)], ((0, 1), (0, 1)))
    place = scatter.canvas.to_pixels(0.5, 0.5).toPoint()
    painted = scatter.canvas.grab().toImage().pixelColor(place)
    palette = theme().palette
    wanted = mix(palette.surface, palette.series[0], 0.65)
    assert abs(painted.red() - int(wanted[1:3], 16)) < 8
    assert abs(painted.blue() - int(wanted[5:7], 16)) < 8


def test_lines_tell_their_values_and_their_level(show, qtbot):
    lines = show(Lines("lines"))
    x = np.arange(5.0)
    lines.set_lines([Line("one", x, x**2), Line("two", x, -x, dashed=True)])
    lines.canvas.hovered.emit((3.2, 0.0))
    assert "one 9" in lines.readout
    assert "two −3" in lines.readout
    lines.set_level(2.0)
    with qtbot.waitSignal(lines.level_dragged) as told:
        lines._level.setPos(3.5)
        lines._level.sigDragged.emit(lines._level)
    assert told.args == [3.5]
    lines.set_log(True)
    assert lines.canvas.shown_y()[1] == pytest.approx(np.log10(16), abs=0.3)


def test_stacked_bars_and_their_clicks(show, qtbot):
    bars = show(Bars("bars"))
    bars.set_bars(np.array([[1.0, 2.0], [3.0, 4.0]]), ["x", "y"], ["low", "high"])
    assert bars.canvas.shown_y()[1] > 6
    with qtbot.waitSignal(bars.bar_clicked) as told:
        place = bars.canvas.to_pixels(1, 3).toPoint()
        qtbot.mouseClick(bars.canvas.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert told.args == [1]
    bars.canvas.hovered.emit((0.2, 1.0))
    assert bars.readout == "x · low 1 · high 3"
    assert list(bars.table()[1]) == [["x", 1.0, 3.0], ["y", 2.0, 4.0]]


def test_boxes(show, qtbot, tmp_path):
    boxes = show(Boxes("boxes"))
    quantiles = np.array([[-2.0, -1], [-1, 0], [1, 2], [2, 3]])
    boxes.set_boxes(["a", "<b>"], np.array([0.0, 1.0]), quantiles)
    boxes.grab()
    low, high = boxes.canvas.shown_y()
    assert low < -2
    assert high > 3
    boxes.canvas.hovered.emit((0.9, 0.0))
    assert "<b> · mean 1" in boxes.readout
    boxes.save_csv(tmp_path / "boxes.csv")
    with (tmp_path / "boxes.csv").open(encoding="utf-8-sig") as file:
        assert [row["name"] for row in csv.DictReader(file)] == ["a", "<b>"]
    boxes.set_boxes([], np.empty(0), np.empty((4, 0)))
    assert boxes.empty_text


def test_cells_of_a_text(show, qtbot):
    grid = show(SymbolGrid(None, "cells"), 300, 200)
    text = (*"one\ntwo 中文 ", "a longer word ")
    colours = ["#ff0000"] + ["#00ff00"] * (len(text) - 1)
    grid.set_symbols(text, colours)
    assert grid.cell(4).top() > grid.cell(2).top()  # the text's own line
    corner = grid.cell(0).topLeft().toPoint() + QPoint(1, 1)
    assert grid.viewport().grab().toImage().pixelColor(corner).name() == "#ff0000"
    clicked, brushed = [], []
    grid.clicked.connect(clicked.append)
    grid.brushed.connect(lambda first, last: brushed.append((first, last)))
    centre = grid.cell(5).center().toPoint()
    qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=centre)
    assert clicked == [5]
    qtbot.mousePress(grid.viewport(), Qt.MouseButton.LeftButton, pos=centre)
    end = grid.cell(7).center().toPoint()
    qtbot.mouseRelease(grid.viewport(), Qt.MouseButton.LeftButton, pos=end)
    assert brushed == [(5, 8)]
    chances = np.full((len(text), 2), 0.4)
    followed = np.zeros(len(text), int)
    before = grid.cell(0).height()
    grid.set_symbols(
        text, colours, Expected([["x", "longest word"]] * len(text), chances, followed)
    )
    assert grid.cell(0).height() > before
    grid.grab()
    grid.set_symbols((), ())
    assert grid.symbol_at(centre) == -1


def test_a_long_text_scrolls_to_a_step(show):
    grid = show(SymbolGrid(None, "cells"), 300, 120)
    text = tuple("abcdefghij" * 200)
    grid.set_symbols(text, ["#ffffff"] * len(text))
    assert grid.cell(1900).top() > 120
    grid.show_step(1900)
    assert 0 < grid.cell(1900).top() < 120


def test_a_point_is_pulled_with_the_mouse(show, qtbot):
    series = show(SeriesReading("window"))
    series.set_series(np.array([1.0, 2.0, 3.0, 2.0]), list("abcd"), [("forecast", np.ones(2))])
    series.set_shades(np.array([0.0, 0.5, 1.0, 0.2]), Scale())
    series.flush()
    told = []
    series.pulled.connect(lambda step, value: told.append((step, value)))
    canvas = series.canvas
    there, above = canvas.to_pixels(1, 2.0).toPoint(), canvas.to_pixels(1, 2.6).toPoint()
    qtbot.mousePress(canvas.viewport(), Qt.MouseButton.LeftButton, pos=there)
    qtbot.mouseMove(canvas.viewport(), above)
    qtbot.mouseRelease(canvas.viewport(), Qt.MouseButton.LeftButton, pos=above)
    assert told
    assert told[-1][0] == 1
    assert told[-1][1] == pytest.approx(2.6, abs=0.05)
    series.set_crosshair(2)
    assert series.readout == "step 2 · \u2068c\u2069 · 3"


@pytest.mark.parametrize("reach", [1e-3, 2.0, 256.0, 1e5])
def test_every_point_is_hit_where_it_is(show, reach):
    scatter = show(Scatter(), 600, 300)
    x = np.linspace(0, reach, 60)
    y = reach * np.sin(np.arange(60.0)) / 100
    scatter.set_groups([Group("a", x, y)])
    found = [scatter.nearest((x[point], y[point])) for point in range(60)]
    assert found == [(0, point) for point in range(60)]


def test_pictures_follow_other_numbers(show):
    lines, scatter = show(Lines()), show(Scatter())
    x = np.arange(5.0)
    lines.set_lines([Line("a", x, x)], (0, 1))
    lines.set_lines([Line("a", x, 40 * x)], (0, 50))
    assert lines.canvas.shown_y() == pytest.approx((0, 50))
    scatter.set_groups([Group("a", x, x)])
    scatter.set_groups([Group("a", 100 + x, x)])
    assert scatter.canvas.shown_x()[0] > 99


def test_a_unit_s_line_follows_its_range(show):
    chart = show(UnitChart("unit"))
    chart.set_unit(np.array([0.1, 0.9]), "ab", "gate", (0.0, 1.0))
    chart.set_unit(np.array([-5.0, 4.0]), "ab", "cell", (-5.0, 5.0))
    assert chart.canvas.shown_y() == pytest.approx((-6, 6))
    chart.set_crosshair(1)
    assert chart.readout.startswith("step 1")
    assert chart.readout.endswith("4")
