"""The network's diagram, the cells' equations, meters and bars."""

from types import SimpleNamespace

import numpy as np
import pytest

from workbench.cells.catalogue import CELLS
from workbench.cells.equations import EQUATIONS, sizes
from workbench.views.palette import DARK, LIGHT
from workbench.views.plots import equations
from workbench.views.plots.diagram import NetworkDiagram
from workbench.views.plots.equations import EquationsView, in_tone, plain, typeset
from workbench.views.plots.meter import Meter, ValueBars
from workbench.views.theme import theme


def block(name, detail="", shape="64 × 64 × 256", parameters=0):
    return SimpleNamespace(name=name, detail=detail, shape=shape, parameters=parameters)


BLOCKS = (
    block("Embedding", "dropout 0.1", "64 × 64 × 128", 8320),
    block("LSTM layer 1", "both directions", parameters=395_264),
    block("LSTM layer 2", "residual, layer norm, dropout 0.2", parameters=526_336),
    block("Linear to symbols", shape="64 × 64 × 65", parameters=16_705),
)


def svg_words(picture, path):
    picture.save_svg(path)
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize(("width", "height"), [(420, 640), (1400, 240), (260, 200)])
def test_every_shape_and_part_is_on_the_diagram(show, tmp_path, width, height):
    diagram = show(NetworkDiagram("Network"), width, height)
    diagram.set_blocks("64 × 64", BLOCKS)
    words = svg_words(diagram, tmp_path / "a.svg")
    wanted = ["Input", "64 × 64 × 128", "LSTM layer 1", "dropout 0.1", "64 × 64 × 256", "t−1"]
    assert all(word in words for word in wanted)
    assert "946\u202f625 parameters" in diagram.readout


def test_many_layers_scroll_instead_of_vanishing(show, qtbot):
    diagram = show(NetworkDiagram("Network"), 400, 300)
    diagram.set_blocks("8 × 9", [block(f"GRU layer {n}", parameters=5) for n in range(1, 40)])
    diagram.flush()
    qtbot.waitUntil(lambda: diagram.canvas.height() > 1500)


def test_diagram_reads_as_words(show):
    diagram = show(NetworkDiagram("Network"))
    diagram.set_blocks("64 × 64", BLOCKS)
    assert "64 × 64 → Embedding 64 × 64 × 128 →" in diagram.canvas.accessibleDescription()
    rows = list(diagram.table()[1])
    assert rows[3] == ["LSTM layer 2", "residual, layer norm, dropout 0.2", "64 × 64 × 256",
                       526_336]  # fmt: skip


@pytest.mark.parametrize("cell", sorted(CELLS))
def test_every_cell_has_equations_with_its_real_sizes(show, cell):
    equations = [*EQUATIONS[cell], *sizes(cell, 128, 256)]
    lines = [(line.latex, line.meaning) for line in equations]
    view = show(EquationsView("Equations"))
    view.set_equations([*lines, ("", "words alone")])
    view.flush()
    assert view.canvas.typeset_lines == len(lines), "the last line is words"
    words = view.canvas.accessibleDescription()
    assert "256 × 128" in words
    assert "\\" not in words, "nothing of LaTeX is left for a screen reader"
    assert len(CELLS[cell].gates) <= len(lines)


def test_equations_take_the_colour_of_the_theme(show):
    view = show(EquationsView("Equations"))
    view.set_equations(["h_t = c_t"])
    view.flush()
    before = view.canvas.grab().toImage()
    theme().set_mode("dark")
    view.flush()
    assert view.canvas.grab().toImage() != before
    for palette in (LIGHT, DARK):
        assert palette.text in in_tone(typeset("h_t = c_t"), palette.text).decode()


def test_equations_are_typeset_a_line_a_turn(show, qtbot, monkeypatch):
    asked = []
    monkeypatch.setattr(equations, "typeset", lambda latex: asked.append(latex) or "")
    view = show(EquationsView("Equations"))
    view.set_equations(["h_t = c_t", "c_t = h_t", "x_t"])
    view.redraw()
    assert asked == [], "nothing is typeset while it is asked for"
    qtbot.waitUntil(lambda: asked == ["h_t = c_t", "c_t = h_t", "x_t"])


def test_an_equation_that_cannot_be_typeset_is_plain_text(show, monkeypatch):
    monkeypatch.setattr(equations, "typeset", lambda _: "")
    view = show(EquationsView("Equations"))
    view.set_equations([r"h_t = o_t \odot \tanh(c_t)"])
    view.flush()
    view.grab()
    assert view.canvas.typeset_lines == 0
    assert plain(r"h_t = o_t \odot \tanh(c_t)") == "ht = ot ⊙ tanh(ct)"
    typeset.cache_clear()
    assert typeset(r"\frac{") == ""


def test_meter_shows_share_and_text(show):
    meter = show(Meter("cpu"), 200, 24)
    meter.set_value(0.5, "50 %")
    assert meter.accessibleDescription() == "50 %"
    meter.set_value(float("nan"), "–")
    assert meter.share == 0
    meter.set_value(7, "700 %")
    assert meter.share == 1
    meter.grab()


def test_bars_are_as_long_as_their_values(show):
    bars = show(ValueBars("Counts"), 400, 200)
    bars.set_values(["a", "b", "c"], [10.0, 5.0, float("nan")])
    bars.flush()
    image = bars.canvas.grab().toImage()
    ground = image.pixelColor(image.width() - 1, image.height() - 1)
    lengths = []
    for row in range(2):
        y = 4 + row * 22 + 11
        blue = [x for x in range(60, image.width() - 60)
                if image.pixelColor(x, y).blue() > image.pixelColor(x, y).red() + 60]  # fmt: skip
        lengths.append(len(blue))
    assert ground.isValid()
    assert lengths[0] > 1.5 * lengths[1] > 0
    with pytest.raises(ValueError, match="1 names have 2 values"):
        bars.set_values(["a"], [1, 2])
    bars.set_values([], np.empty(0))
    assert bars.empty_text
