"""Coloured input: every symbol or step shaded by one unit, or by how likely it was."""

from dataclasses import replace

import numpy as np
from PySide6.QtWidgets import QStackedWidget, QWidget

from workbench.app.looking import Look, Looking
from workbench.app.selection import Selection
from workbench.views.colormaps import lookup_table
from workbench.views.look.choosers import PlaceChooser, combo
from workbench.views.look.view import LookView, selected_line
from workbench.views.numbers import grouped, isolated, one_symbol, share
from workbench.views.palette import Palette, mix
from workbench.views.plots.coloured_text import shade
from workbench.views.plots.frame import PictureFrame, Table
from workbench.views.plots.raster import choose_scale
from workbench.views.plots.series_reading import SeriesReading
from workbench.views.plots.symbol_grid import Expected, SymbolGrid
from workbench.views.theme import theme

UNIT, PROBABILITY = "unit", "probability"

_TINT = 0.62
"""Share of a unit's colour in the ground of its symbol; words stay readable on it."""


def unit_grounds(values: np.ndarray, kind: str, palette: Palette) -> list[str]:
    """Grounds of symbols by the values of a unit.

    Args:
        values: ``(T,)``.
        kind: ``gate`` or ``signed``.
        palette: Of the theme.
    """
    scale = choose_scale(values, kind)
    table = lookup_table(scale.colours, palette.name)
    entries = scale.entries(np.asarray(values, np.float32))
    hexes = [f"#{r:02x}{g:02x}{b:02x}" for r, g, b, _alpha in table.tolist()]
    return [mix(palette.surface, hexes[entry], _TINT) for entry in entries.tolist()]


class ColouredSymbols(PictureFrame):
    """A text in cells, shaded, with what was expected under it."""

    def __init__(self, title: str = "", parent: QWidget | None = None, name: str = "") -> None:
        super().__init__(title, parent, name)
        self.grid = SymbolGrid(self, f"{name}_grid")
        self._look: Look | None = None
        self._unit_values: np.ndarray | None = None
        self._kind = "signed"
        self._below = True
        self._texts: list[list[str]] = []
        self._followed = np.empty(0, np.int64)
        self.set_picture(self.grid)

    def set_look(self, look: Look) -> None:
        """Show another text."""
        self._look = look
        vocabulary = look.loaded.task.vocabulary
        expected = look.expected
        assert expected is not None
        likeliest = expected.likeliest[0]
        self._texts = [[next(vocabulary.pieces([int(s)]), "") for s in row] for row in likeliest]
        after = np.append(look.symbols[1:], -1)
        hit = likeliest == after[:, None]
        self._followed = np.where(hit.any(axis=1), hit.argmax(axis=1), -1)
        self.set_empty("")
        self.schedule()

    def set_shading(self, values: np.ndarray | None, kind: str) -> None:
        """Shade by a unit's values ``(T,)``; None shades by probability."""
        self._unit_values, self._kind = values, kind
        self.schedule()

    def set_below(self, below: bool) -> None:
        """Show the five likeliest next symbols or not."""
        self._below = below
        self.schedule()

    def set_step(self, step: int) -> None:
        """Frame a step and tell what is known of it."""
        self.grid.set_step(step)
        look = self._look
        if look is None or look.expected is None or not 0 <= step < look.steps:
            self.set_readout("")
            return
        words = [self.tr("step {0} · {1}").format(grouped(step), _shown(look.labels[step]))]
        if self._unit_values is not None:
            words.append(grouped(float(self._unit_values[step])))
        given = np.append(np.nan, look.expected.given[0][:-1])[step]
        if np.isfinite(given):
            words.append(self.tr("probability {0}").format(share(float(given))))
        chances = look.expected.chances[0][step]
        words += [
            f"{_shown(text)} {share(float(chance))}"
            for text, chance in zip(self._texts[step][:3], chances, strict=False)
        ]
        self.set_readout(" · ".join(words))

    def redraw(self) -> None:
        """Shade and lay out."""
        look = self._look
        if look is None or look.expected is None:
            return
        palette = theme().palette
        if self._unit_values is None:
            given = np.append(np.nan, look.expected.given[0][:-1])
            grounds = [shade(float(chance), palette) for chance in given]
        else:
            grounds = unit_grounds(self._unit_values, self._kind, palette)
        below = None
        if self._below:
            below = Expected(self._texts, look.expected.chances[0], self._followed)
        self.grid.set_symbols(look.labels, grounds, below)

    def table(self) -> Table:
        """One row per symbol."""
        look = self._look
        if look is None or look.expected is None:
            return ((), ())
        given = np.append(np.nan, look.expected.given[0][:-1])
        values = self._unit_values if self._unit_values is not None else np.full(look.steps, np.nan)
        header = ["step", "symbol", "unit", "probability", *(f"next {n + 1}" for n in range(5))]
        rows = (
            [step, look.labels[step], float(values[step]), float(given[step]), *self._texts[step]]
            for step in range(look.steps)
        )
        return header, rows


class ColouredView(LookView):
    """The text in cells, or the series with its forecast."""

    key = "coloured"

    def __init__(self, looking: Looking, parent: QWidget | None = None) -> None:
        super().__init__(looking, parent)
        self.text = ColouredSymbols(self.tr("Coloured text"), self, "look_coloured_text")
        self.series = SeriesReading(self.tr("Coloured series"), self, "look_coloured_series")
        self.by = combo("look_coloured_by", self.tr("What shades the symbols"), self)
        self.by.addItem(self.tr("by the chosen unit"), UNIT)
        self.by.addItem(self.tr("by probability"), PROBABILITY)
        self.by.activated.connect(self._redraw)
        self.text_place = PlaceChooser(self.session, "look_coloured_place", quantities=True)
        self.text.add_control(self.by)
        self.text.add_control(self.text_place)
        tip = self.tr("The five likeliest next symbols under each; bold: the one that followed")
        self.below = self.text.add_toggle("likeliest", self.tr("next"), tip, self.text.set_below)
        self.below.setChecked(True)
        self.channel = combo("look_coloured_channel", self.tr("Channel"), self)
        self.channel.activated.connect(self._redraw)
        self.series_place = PlaceChooser(self.session, "look_series_place", quantities=True)
        self.series.add_control(self.channel)
        self.series.add_control(self.series_place)
        tip = self.tr("Take back every point that was pulled")
        self.undo = self.series.add_toggle("undo", self.tr("undo pulls"), tip, lambda _on: None)
        self.undo.setCheckable(False)
        self.undo.clicked.connect(self._forget_pulls)
        self._before: np.ndarray | None = None
        for picture in (self.text.grid,):
            picture.symbol_hovered.connect(self._hovered)
            picture.clicked.connect(self._hovered)
        self.series.step_hovered.connect(self._hovered)
        self.series.step_clicked.connect(self._hovered)
        self.series.pulled.connect(self._pull)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.text)
        self._stack.addWidget(self.series)
        self.body.addWidget(self._stack)

    def refresh(self) -> None:
        """Show another text or window."""
        look = self.look
        assert look is not None
        self._stack.setCurrentWidget(self.text if look.writes else self.series)
        if look.writes:
            self.text_place.set_look(look)
            self.text.set_look(look)
            return
        self.series_place.set_look(look)
        names = list(look.loaded.task.codec.names)
        if [self.channel.itemText(place) for place in range(self.channel.count())] != names:
            self.channel.clear()
            for name in names:
                self.channel.addItem(name)
            targets = look.loaded.task.codec.target_indices
            self.channel.setCurrentIndex(targets[0] if targets else 0)
        if not look.reading.pulled:
            self._before = look.forecast_in_units()
        self.undo.setVisible(bool(look.reading.pulled))

    def follow(self, selection: Selection) -> None:
        """Shade by what is selected."""
        self._redraw()
        self.text.set_step(selection.step)
        self.series.set_crosshair(selection.step)

    def _redraw(self, *_: object) -> None:
        look, selection = self.look, self.session.selection
        if look is None:
            return
        line = selected_line(look, selection)
        if look.writes:
            if line is not None and self.by.currentData() == UNIT:
                self.text.set_title(line.title)
                self.text.set_shading(line.values, line.kind)
            else:
                self.text.set_title(self.tr("Probability of each symbol"))
                self.text.set_shading(None, "gate")
            return
        self._draw_series(look)
        self.series.set_title(self.tr("The window that is read") if line is None else line.title)
        shades = np.empty(0) if line is None else line.values
        self.series.set_shades(shades, choose_scale(shades, "gate" if line is None else line.kind))

    # ------------------------------------------------------------------ series

    def _draw_series(self, look: Look) -> None:
        channel = max(self.channel.currentIndex(), 0)
        targets = list(look.loaded.task.codec.target_indices)
        lines = []
        if channel in targets:
            place = targets.index(channel)
            lines.append((self.tr("forecast"), look.forecast_in_units()[:, place]))
            if look.reading.pulled and self._before is not None:
                lines.append((self.tr("forecast before"), self._before[:, place]))
        read, name = look.window_in_units()[:, channel], self.channel.currentText()
        self.series.set_series(read, look.labels, lines, name)

    def _pull(self, step: int, height: float) -> None:
        look = self.look
        if look is None:
            return
        channel = max(self.channel.currentIndex(), 0)
        scaler = look.loaded.task.codec.channels[channel].scaler
        value = float(scaler.encode(np.array([height]))[0])
        reading = self.looking.reading
        kept = tuple(pull for pull in reading.pulled if pull[:2] != (step, channel))
        self.looking.read(replace(reading, pulled=(*kept, (step, channel, value))))

    def _forget_pulls(self) -> None:
        self.looking.read(replace(self.looking.reading, pulled=()))

    def _hovered(self, step: int) -> None:
        if step >= 0:
            self.select(step=step)


def _shown(symbol: str) -> str:
    return isolated(one_symbol(symbol))
