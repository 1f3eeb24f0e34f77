"""The heatmap: colours are values, no event vanishes, pointing works."""

import numpy as np
import pytest
from PySide6.QtCore import Qt

from workbench.views.colormaps import MISSING
from workbench.views.plots.heatmap import Heatmap
from workbench.views.theme import colormap, theme


def pixel(heatmap, row, step):
    heatmap.flush()
    image = heatmap.canvas.grab().toImage()
    colour = image.pixelColor(heatmap.canvas.to_pixels(step, row).toPoint())
    return [colour.red(), colour.green(), colour.blue()]


def table_colour(heatmap, value):
    entry = int(heatmap.scale.entries(np.array([value]))[0])
    return colormap(heatmap.scale.colours)[entry, :3].tolist()


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize(("kind", "low"), [("gate", 0.0), ("signed", -1.0), ("log", 1e-4)])
def test_a_pixel_has_the_colour_of_its_value(show, mode, kind, low):
    theme().set_mode(mode)
    values = np.random.default_rng(1).uniform(low, 1, (6, 8))
    heatmap = show(Heatmap("x"))
    heatmap.set_data(values.astype(np.float16), kind=kind)
    heatmap.flush()
    for row, step in ((0, 0), (5, 7), (2, 3)):
        expected = table_colour(heatmap, float(np.float16(values[row, step])))
        assert pixel(heatmap, row, step) == expected


def test_missing_values_have_their_own_colour_and_are_named_on_the_bar(show):
    values = np.zeros((4, 4))
    values[1, 2] = np.nan
    heatmap = show(Heatmap("x"))
    heatmap.set_data(values, kind="gate")
    assert pixel(heatmap, 1, 2) == colormap("sequential")[MISSING, :3].tolist()
    assert pixel(heatmap, 1, 1) != pixel(heatmap, 1, 2)


@pytest.mark.parametrize("value", [1.0, -1.0])
def test_one_spike_among_a_hundred_thousand_columns_is_seen(show, value):
    values = np.zeros((8, 100_000), np.float32)
    values[3, 61_803] = value
    heatmap = show(Heatmap("x"))
    heatmap.set_data(values, kind="signed")
    heatmap.flush()
    shown = heatmap.image_item.image
    assert shown.dtype == np.uint8
    assert shown.shape[1] <= heatmap.canvas.plot_size()[0]
    image = heatmap.canvas.grab().toImage()
    wanted = table_colour(heatmap, value)
    at = heatmap.canvas.to_pixels(61_803, 3).toPoint()
    near = [image.pixelColor(at.x() + dx, at.y()) for dx in range(-3, 4)]
    assert wanted in [[c.red(), c.green(), c.blue()] for c in near]


def test_zooming_into_a_long_sequence_shows_single_steps(show):
    values = np.tile(np.array([0.0, 1.0], np.float32), (4, 50_000))
    heatmap = show(Heatmap("x"))
    heatmap.set_data(values, kind="gate")
    heatmap.flush()
    heatmap.canvas.show_range((1000, 1020), None)
    heatmap.schedule()
    assert pixel(heatmap, 1, 1010) == table_colour(heatmap, 0.0)
    assert pixel(heatmap, 1, 1011) == table_colour(heatmap, 1.0)


def test_pointing_tells_unit_step_label_and_value(show, qtbot):
    values = np.arange(12.0).reshape(3, 4) / 12
    heatmap = show(Heatmap("x"))
    heatmap.set_data(values, list("ab c"), "gate")
    heatmap.flush()
    place = heatmap.canvas.to_pixels(2, 1).toPoint()
    with qtbot.waitSignal(heatmap.value_hovered) as told:
        qtbot.mouseMove(heatmap.canvas.viewport(), place)
    assert told.args == [1, 2]
    assert "unit 1" in heatmap.readout
    assert "step 2" in heatmap.readout
    assert "␣" in heatmap.readout
    assert "0.5" in heatmap.readout
    assert heatmap.crosshair() == (1, 2)
    with qtbot.waitSignal(heatmap.clicked) as clicked:
        qtbot.mouseClick(heatmap.canvas.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert clicked.args == [1, 2]


def test_sorted_units_keep_their_numbers(show, qtbot):
    values = np.array([[0.1], [0.9], [0.5]]) * np.ones((1, 5))
    heatmap = show(Heatmap("x"))
    heatmap.set_data(values, kind="gate")
    heatmap.set_order(np.array([1, 2, 0]))
    assert pixel(heatmap, 0, 2) == table_colour(heatmap, 0.9)
    with qtbot.waitSignal(heatmap.clicked) as clicked:
        place = heatmap.canvas.to_pixels(2, 2).toPoint()
        qtbot.mouseClick(heatmap.canvas.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert clicked.args == [0, 2]
    with pytest.raises(ValueError, match="each of the 3 units"):
        heatmap.set_order(np.array([0, 0, 1]))


def test_keyboard_moves_the_crosshair_and_clicks(show, qtbot):
    heatmap = show(Heatmap("x"))
    heatmap.set_data(np.zeros((30, 40)), kind="signed")
    seen = []
    heatmap.value_hovered.connect(lambda unit, step: seen.append((unit, step)))
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Left):
        qtbot.keyClick(heatmap, key)
    assert seen == [(0, 1), (1, 1), (1, 0), (1, 0)]
    qtbot.keyClick(heatmap, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert heatmap.crosshair() == (11, 0)
    with qtbot.waitSignal(heatmap.clicked) as clicked:
        qtbot.keyClick(heatmap, Qt.Key.Key_Return)
    assert clicked.args == [11, 0]


def test_a_crosshair_set_from_outside_is_shown_but_not_told(show, qtbot):
    heatmap = show(Heatmap("x"))
    heatmap.set_data(np.zeros((3, 4)), kind="signed")
    with qtbot.assertNotEmitted(heatmap.value_hovered):
        heatmap.set_crosshair(2, 3)
    assert heatmap.crosshair() == (2, 3)
    heatmap.set_crosshair(9, 9)
    assert heatmap.crosshair() == (-1, -1)
    assert heatmap.readout == ""


def test_new_values_of_the_same_shape_keep_the_zoom(show):
    heatmap = show(Heatmap("x"))
    heatmap.set_data(np.zeros((10, 100)), kind="signed")
    heatmap.canvas.show_range((10, 30), None)
    heatmap.set_data(np.ones((10, 100)), kind="signed")
    assert heatmap.canvas.shown_x() == pytest.approx((10, 30))
    heatmap.reset_view()
    assert heatmap.canvas.shown_x() == pytest.approx((-0.5, 99.5))
    heatmap.canvas.show_range((10, 30), None)
    heatmap.set_data(np.ones((10, 50)), kind="signed")
    assert heatmap.canvas.shown_x() == pytest.approx((-0.5, 49.5))


@pytest.mark.parametrize(
    "values",
    [np.full((3, 4), np.nan), np.full((2, 2), np.inf), np.zeros((1, 1)), np.full((3, 5), 1e300)],
    ids=["nan", "inf", "one", "huge"],
)
@pytest.mark.parametrize("kind", ["gate", "signed", "log"])
def test_any_numbers_can_be_shown(show, values, kind):
    heatmap = show(Heatmap("x"))
    with np.errstate(over="ignore"):
        heatmap.set_data(values.astype(np.float32), kind=kind)
    heatmap.flush()
    heatmap.set_log(True)
    heatmap.flush()
    heatmap.grab()
    assert heatmap.empty_text == ""


def test_vectors_are_refused(qtbot):
    heatmap = Heatmap("x")
    qtbot.addWidget(heatmap)
    with pytest.raises(ValueError, match="1 dimensions"):
        heatmap.set_data(np.zeros(4))


def test_table_has_a_row_per_step(show):
    heatmap = show(Heatmap("x"))
    heatmap.set_data(np.array([[0.25, 0.5], [0.75, 1.0]]), ["a", "b"], "gate")
    header, rows = heatmap.table()
    assert list(header) == ["step", "label", "unit 0", "unit 1"]
    assert list(rows) == [[0, "a", 0.25, 0.75], [1, "b", 0.5, 1.0]]
