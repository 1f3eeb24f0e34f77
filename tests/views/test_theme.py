"""The theme: contrast, colour tables, following the system, icons."""

import re

import numpy as np
import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication, QIcon
from PySide6.QtWidgets import QComboBox, QLabel, QSpinBox

from workbench.paths import resources_folder
from workbench.views.colormaps import HIGHEST, LOWEST, MIDDLE, MISSING, lightness, lookup_table
from workbench.views.palette import DARK, LIGHT, contrast, mix
from workbench.views.theme import colormap, font, icon, inset, style_sheet, theme

PALETTES = pytest.mark.parametrize("palette", [LIGHT, DARK], ids=lambda palette: palette.name)


@pytest.fixture(autouse=True)
def _light_again(qapp):
    yield
    theme().set_mode("light")


def test_contrast_of_known_pairs():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert mix("#000000", "#ffffff", 0.5) == "#808080"


@PALETTES
@pytest.mark.parametrize("words", ["text", "text_muted", "accent", "good", "warning", "bad"])
def test_words_are_readable_on_every_ground(palette, words):
    for ground in ("window", "surface", "raised", "hover", "accent_soft"):
        assert contrast(getattr(palette, words), getattr(palette, ground)) >= 4.5, ground


@PALETTES
def test_words_on_coloured_grounds_are_readable(palette):
    assert contrast(palette.accent_text, palette.accent) >= 4.5
    assert contrast(palette.accent_text, palette.accent_hover) >= 4.5
    assert contrast(palette.text, palette.pressed) >= 4.5
    for tone in ("good", "warning", "bad"):
        ground = getattr(palette, f"{tone}_soft")
        assert contrast(palette.text, ground) >= 4.5
        assert contrast(getattr(palette, tone), ground) >= 4.5


@PALETTES
def test_lines_stand_out_from_the_picture(palette):
    assert all(contrast(line, palette.surface) >= 3 for line in palette.series)


@PALETTES
@pytest.mark.parametrize("kind", ["sequential", "diverging"])
def test_colour_tables_have_256_entries_that_differ(palette, kind):
    table = lookup_table(kind, palette.name)
    assert table.shape == (256, 4)
    assert table.dtype == np.uint8
    steps = np.abs(np.diff(table[LOWEST:, :3].astype(int), axis=0)).sum(axis=1)
    assert steps.max() <= 24, "a jump would look like an edge in the data"
    missing = np.abs(table[LOWEST:, :3].astype(int) - table[MISSING, :3]).sum(axis=1)
    assert missing.min() > 20, "a missing value must not look like a number"


@PALETTES
def test_sequential_table_reads_on_grey_paper(palette):
    steps = np.diff(lightness(lookup_table("sequential", palette.name))[LOWEST:])
    assert (steps > -0.001).all() or (steps < 0.001).all()
    assert abs(steps.sum()) > 0.6


@PALETTES
def test_diverging_table_is_centred_and_its_sides_differ_for_colour_blind_readers(palette):
    table = lookup_table("diverging", palette.name)
    light = lightness(table)
    towards = np.sign(light[HIGHEST] - light[MIDDLE])
    assert (np.diff(light[MIDDLE:]) * towards > -0.001).all()
    assert (np.diff(light[LOWEST : MIDDLE + 1]) * towards < 0.001).all()
    red, green, blue = table[MIDDLE, :3].astype(int)
    assert max(red, green, blue) - min(red, green, blue) <= 12, "zero has no hue"
    # Blue against yellow is the axis that red-green blindness keeps.
    for distance in (40, 80, 120):
        low, high = table[MIDDLE - distance].astype(int), table[MIDDLE + distance].astype(int)
        assert low[2] > low[0] + 30
        assert high[0] > high[2] + 30


def test_forcing_a_theme_tells_everyone_and_dresses_the_application(qapp, qtbot):
    theme().apply(qapp)
    theme().set_mode("light")
    with qtbot.waitSignal(theme().changed) as told:
        theme().set_mode("dark")
    assert told.args == [DARK]
    assert theme().palette is DARK
    assert qapp.palette().window().color().name() == DARK.window
    assert DARK.surface in qapp.styleSheet()
    np.testing.assert_array_equal(colormap("sequential"), lookup_table("sequential", "dark"))


def test_system_mode_follows_the_system(qapp, qtbot, monkeypatch):
    hints = QGuiApplication.styleHints()
    theme().set_mode("system")
    scheme = Qt.ColorScheme.Dark
    monkeypatch.setattr(type(hints), "colorScheme", lambda _self: scheme)
    hints.colorSchemeChanged.emit(scheme)
    assert theme().palette is DARK
    scheme = Qt.ColorScheme.Light
    hints.colorSchemeChanged.emit(scheme)
    assert theme().palette is LIGHT


def test_another_mode_is_refused(qapp):
    with pytest.raises(ValueError, match="'sepia'"):
        theme().set_mode("sepia")


@PALETTES
def test_style_sheet_is_whole_and_its_marks_exist(qapp, palette):
    text = style_sheet(palette, qapp.font())
    assert "$" not in text
    marks = re.findall(r'url\("([^"]+)"\)', text)
    folder = resources_folder() / "style" / palette.name
    assert marks
    for mark in marks:
        assert (folder / mark.rpartition("/")[2]).is_file(), mark


def test_style_sheet_leaves_no_complaint_and_styles_a_combo_box(qapp, qtbot, capfd):
    theme().apply(qapp)
    box = QComboBox()
    box.addItems(["LSTM", "GRU"])
    spin = QSpinBox()
    for widget in (box, spin):
        qtbot.addWidget(widget)
        widget.show()
        widget.grab()
    assert "Could not parse" not in capfd.readouterr().err


def test_numbers_of_spin_boxes_keep_off_the_border(qapp, qtbot):
    theme().apply(qapp)
    box = QSpinBox()
    qtbot.addWidget(box)
    inset(box)
    box.setValue(42)
    box.show()
    assert box.lineEdit().textMargins().left() >= 4


def test_icons_change_colour_with_the_theme(qapp):
    theme().set_mode("light")
    play = icon("play")
    in_light = play.pixmap(QSize(32, 32)).toImage()
    theme().set_mode("dark")
    in_dark = play.pixmap(QSize(32, 32)).toImage()
    assert in_light != in_dark
    off = play.pixmap(QSize(32, 32), QIcon.Mode.Disabled).toImage()
    assert off != in_dark


def test_an_unknown_icon_is_named():
    with pytest.raises(KeyError, match="no-such-icon"):
        icon("no-such-icon")


def test_three_sizes_of_one_typeface(qapp, qtbot):
    sizes = [font(name).pointSizeF() for name in ("small", "normal", "large")]
    assert sizes == sorted(sizes)
    assert len({font(name).family() for name in ("small", "large")}) == 1
    title = QLabel("x")
    title.setProperty("role", "title")
    qtbot.addWidget(title)
    theme().apply(qapp)
    title.ensurePolished()
    assert title.font().pointSizeF() == pytest.approx(sizes[2], rel=0.05)
