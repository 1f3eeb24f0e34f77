"""Frame and canvas: saving, copying, empty pictures, hidden pictures, foreign text."""

import csv
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QAction, QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog, QMessageBox, QToolButton

from workbench.errors import UserError
from workbench.views.plots.canvas import Dots, make_plot
from workbench.views.plots.coloured_text import ColouredText
from workbench.views.plots.diagram import NetworkDiagram
from workbench.views.plots.equations import EquationsView
from workbench.views.plots.forecast import ForecastChart
from workbench.views.plots.heatmap import Heatmap
from workbench.views.plots.loss import LossChart
from workbench.views.plots.meter import ValueBars
from workbench.views.plots.rates import FinderChart, RateChart
from workbench.views.plots.series import SeriesChart
from workbench.views.theme import theme

PICTURES = (
    Heatmap, LossChart, RateChart, FinderChart, SeriesChart, ForecastChart, ColouredText,
    NetworkDiagram, EquationsView, ValueBars,
)  # fmt: skip
EVERY = pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.__name__)


def ink(image):
    """How many different colours a picture has."""
    scaled = image.scaled(120, 90)
    return len({scaled.pixel(x, y) for x in range(120) for y in range(90)})


def fill_bars(frame):
    frame.set_values(["<b>bold</b>", "b"], [1.5, -2.0])


@EVERY
def test_an_empty_picture_says_what_to_do_and_can_be_shown_in_both_themes(picture, show):
    frame = show(picture("<b>Title</b>"))
    if picture is Heatmap:
        frame.set_data(np.empty((0, 0)))
    assert len(frame.empty_text) > 10
    theme().set_mode("dark")
    frame.flush()
    assert frame.accessibleName() == "<b>Title</b>"
    assert not frame.findChild(QAction, f"{frame.objectName()}_png").isEnabled()


@EVERY
def test_everything_in_the_title_row_has_names(picture, qtbot):
    frame = picture("Title", name="mine")
    qtbot.addWidget(frame)
    for button in frame.findChildren(QToolButton):
        if button.objectName().startswith("mine"):
            assert button.accessibleName(), button.objectName()
            assert button.focusPolicy() != Qt.FocusPolicy.NoFocus


def test_png_shows_the_picture_at_twice_its_size(show, tmp_path):
    frame = show(ValueBars("Counts"))
    fill_bars(frame)
    frame.save_png(tmp_path / "a.png")
    image = QImage(str(tmp_path / "a.png"))
    assert image.width() > 1.8 * frame.canvas.width()
    assert ink(image) > 5


def test_svg_keeps_words_as_words_and_escapes_them(show, tmp_path):
    frame = show(ValueBars("Counts & <more>"))
    fill_bars(frame)
    frame.save_svg(tmp_path / "a.svg")
    root = ET.parse(tmp_path / "a.svg").getroot()
    words = "".join(root.itertext())
    assert "Counts & <more>" in words
    assert "<b>bold</b>" in words
    assert not root.findall(".//{*}image")


def test_svg_of_a_plot_keeps_lines_as_lines(show, tmp_path, grown_history):
    chart = show(LossChart("Loss"))
    chart.set_history(grown_history())
    chart.save_svg(tmp_path / "a.svg")
    root = ET.parse(tmp_path / "a.svg").getroot()
    assert len(root.findall(".//{*}path") + root.findall(".//{*}polyline")) > 3
    assert "loss · nats" in "".join(root.itertext())


def test_csv_has_header_full_precision_and_any_script(show, tmp_path):
    frame = show(ValueBars("Counts"))
    frame.set_values(['שלום, "x"\n', "\ud800"], [0.1 + 0.2, float("nan")])
    frame.save_csv(tmp_path / "a.csv")
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["name", "value"]
    assert rows[1] == ['שלום, "x"\n', "0.30000000000000004"]
    assert rows[2] == ["?", "nan"]


@pytest.mark.parametrize("save", ["save_png", "save_svg", "save_csv"])
def test_a_file_that_cannot_be_written_is_one_sentence(show, tmp_path, save, capfd):
    frame = show(ValueBars("Counts"))
    fill_bars(frame)
    with pytest.raises(UserError, match="cannot be written") as caught:
        getattr(frame, save)(tmp_path / "no" / "such" / "folder.x")
    assert caught.value.todo


def test_menu_saves_where_the_user_says_and_says_so(show, tmp_path, monkeypatch, qtbot):
    frame = show(ValueBars("My counts", name="bars"))
    fill_bars(frame)
    asked = []

    def answer(_parent, _title, proposed, _kinds):
        asked.append(proposed)
        return str(tmp_path / "chosen"), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", answer)
    frame.findChild(QAction, "bars_csv").trigger()
    assert asked == ["My counts.csv"]
    assert (tmp_path / "chosen.csv").is_file()
    assert "chosen.csv" in frame.readout


def test_menu_says_a_failure_in_the_frame_without_a_dialog(show, tmp_path, monkeypatch, qtbot):
    frame = show(ValueBars("Counts", name="bars"))
    fill_bars(frame)
    monkeypatch.setattr(
        QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "no" / "x.png"), "")
    )
    monkeypatch.setattr(QMessageBox, "exec", lambda _self: pytest.fail("a dialog was opened"))
    with qtbot.waitSignal(frame.failed) as failed:
        frame.findChild(QAction, "bars_png").trigger()
    assert isinstance(failed.args[0], UserError)
    assert "cannot be written" in frame.readout


def test_copy_puts_the_picture_on_the_clipboard(show):
    frame = show(ValueBars("Counts", name="bars"))
    fill_bars(frame)
    frame.findChild(QAction, "bars_copy").trigger()
    assert ink(QGuiApplication.clipboard().image()) > 5


def test_a_hidden_picture_costs_nothing_and_catches_up_when_shown(show, qtbot, grown_history):
    chart = show(LossChart("Loss"))
    history = grown_history()
    chart.set_history(history)
    chart.flush()
    chart.hide()
    before = chart.drawings
    for _ in range(50):
        chart.set_history(history)
    qtbot.waitUntil(lambda: not chart._timer.isActive())
    assert chart.drawings == before
    chart.show()
    qtbot.waitUntil(lambda: chart.drawings == before + 1)


def test_many_requests_are_one_drawing(show, qtbot, grown_history):
    chart = show(LossChart("Loss"))
    chart.set_history(grown_history())
    chart.flush()
    before = chart.drawings
    for _ in range(200):
        chart.schedule()
    qtbot.waitUntil(lambda: chart.drawings > before)
    assert chart.drawings == before + 1


def test_readout_and_title_are_cut_not_pushing(show):
    frame = show(ValueBars("Counts"), 300, 200)
    frame.set_readout("a very long read-out " * 40)
    frame.set_title("title " * 60)
    assert frame.minimumSizeHint().width() < 300


def test_curves_are_down_sampled_and_clipped_whatever_they_were_made_with(show):
    canvas = show(make_plot(None, "plot"))
    line = canvas.add_line("series_0")
    assert line.opts["autoDownsample"] is True
    assert line.opts["downsampleMethod"] == "peak"
    assert line.opts["clipToView"] is True
    canvas.show_range((0, 1_000_000), (-1, 10))
    y = np.zeros(1_000_000)
    y[123_456] = 9.0
    line.setData(np.arange(1_000_000.0), y)
    canvas.grab()
    drawn = line.curve.getData()[1]
    assert len(drawn) < 20_000
    assert drawn.max() == 9.0


@pytest.mark.parametrize(
    "values",
    [[], [1.0], [np.nan] * 5, [np.inf, 1.0, -np.inf], [1e308, -1e308, 0.0], [5.0] * 100],
    ids=["none", "one", "nan", "inf", "huge", "constant"],
)
def test_any_numbers_can_be_drawn(show, values):
    canvas = show(make_plot(None, "plot"))
    y = np.array(values, float)
    canvas.add_line("series_0").setData(np.arange(len(y), dtype=float), y)
    dots = Dots("series_0")
    canvas.addItem(dots, ignoreBounds=True)
    dots.set_points(np.arange(len(y), dtype=float), y)
    finite = y[np.isfinite(y)]
    if len(finite):
        canvas.show_range((0, len(y)), (float(finite.min()), float(finite.max())))
    canvas.grab()
    low, high = canvas.shown_y()
    assert np.isfinite([low, high]).all()
    assert high > low


def test_a_dot_is_painted_where_its_number_is(show):
    canvas = show(make_plot(None, "plot"))
    dots = Dots("series_1", size=9, alpha=1)
    canvas.addItem(dots, ignoreBounds=True)
    canvas.show_range((0, 10), (0, 10))
    dots.set_points(np.array([7.0]), np.array([2.0]))
    place = canvas.to_pixels(7, 2).toPoint()
    assert canvas.grab().toImage().pixelColor(place).name() == theme().palette.series[1]


def test_places_and_numbers_are_each_others_inverse(show):
    canvas = show(make_plot(None, "plot"))
    canvas.show_range((-5, 20), (1, 3))
    x, y = canvas.to_numbers(canvas.to_pixels(12, 1.5))
    assert x == pytest.approx(12, abs=0.1)
    assert y == pytest.approx(1.5, abs=0.02)
    assert canvas.to_pixels(0, 2) != QPointF(0, 0)


def test_wheel_zooms_and_double_click_shows_everything_again(show, qtbot, grown_history):
    chart = show(LossChart("Loss"))
    chart.set_history(grown_history())
    chart.flush()
    whole = chart.canvas.shown_x()
    chart.canvas.view.scale_by(0.25)
    chart.flush()
    assert chart.canvas.shown_x()[1] - chart.canvas.shown_x()[0] < (whole[1] - whole[0]) / 3
    viewport = chart.canvas.viewport()
    qtbot.mouseDClick(viewport, Qt.MouseButton.LeftButton, pos=viewport.rect().center())
    chart.flush()
    assert chart.canvas.shown_x() == pytest.approx(whole)
