"""Words and marks on a plot: named levels at the right edge, and settings changed on the way."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QPen

from workbench.views.numbers import grouped
from workbench.views.plots.canvas import Canvas, pen
from workbench.views.theme import colour, font

if TYPE_CHECKING:
    from workbench.engine.events import SettingChanged

_HEIGHTS = (0.96, 0.84, 0.72)
"""Where the words of marks that follow each other stand, so that neighbours can both be read."""


class EdgeLabels:
    """Dashed levels across a plot, each named at the right edge."""

    def __init__(self, canvas: Canvas, tone: str) -> None:
        self._canvas, self._tone = canvas, tone
        self._lines: dict[str, tuple[pg.InfiniteLine, pg.TextItem]] = {}
        self._levels: dict[str, float] = {}
        canvas.view.sigRangeChanged.connect(self._place)

    def show(self, levels: dict[str, float]) -> None:
        """Show these levels (name → place on the axis); those not finite are left out."""
        levels = {name: level for name, level in levels.items() if np.isfinite(level)}
        if levels == self._levels:
            return
        for name in [name for name in self._lines if name not in levels]:
            line, text = self._lines.pop(name)
            self._canvas.removeItem(line)
            self._canvas.remove(text)
        for name in levels:
            if name not in self._lines:
                line = pg.InfiniteLine(angle=0, pen=pen(self._tone, 1, 0.9, Qt.PenStyle.DashLine))
                self._canvas.addItem(line, ignoreBounds=True)
                text = self._canvas.add_text(self._tone)
                text.setText(name)
                self._lines[name] = line, text
        self._levels = levels
        for name, level in levels.items():
            self._lines[name][0].setPos(level)
        self._place()

    @property
    def levels(self) -> dict[str, float]:
        """What is shown."""
        return dict(self._levels)

    def recolour(self) -> None:
        """Take the colours of the theme in use."""
        for line, _ in self._lines.values():
            line.setPen(pen(self._tone, 1, 0.9, Qt.PenStyle.DashLine))

    def _place(self, *_: object) -> None:
        """Put the names at the right edge, under their line where two are close."""
        if not self._levels:
            return
        right = self._canvas.shown_x()[1]
        low, high = self._canvas.shown_y()
        line_height = 17 * (high - low) / self._canvas.plot_size()[1]
        ordered = sorted(self._levels, key=lambda name: -self._levels[name])
        above = np.inf
        for name in ordered:
            level, text = self._levels[name], self._lines[name][1]
            below = above - level < line_height or high - level < line_height
            text.setAnchor((1.0, 0.0 if below else 1.0))
            text.setPos(right, level)
            above = level - (line_height if below else 0)


class StepMarks:
    """Thin upright lines where a setting was changed while the run went on."""

    def __init__(self, canvas: Canvas, *, named: bool = True) -> None:
        self._canvas, self._named = canvas, named
        self._marks: tuple[SettingChanged, ...] = ()
        self._lines: list[pg.InfiniteLine] = []

    def show(self, marks: "Sequence[SettingChanged]") -> None:
        """Show these; what was changed at one step is said together."""
        if tuple(marks) == self._marks:
            return
        self._marks = tuple(marks)
        for line in self._lines:
            self._canvas.removeItem(line)
        self._lines = []
        steps = sorted({mark.step for mark in marks})
        for place, step in enumerate(steps):
            words = " · ".join(_short(mark) for mark in marks if mark.step == step)
            line = pg.InfiniteLine(
                pos=step, angle=90, pen=self._pen(), label=words if self._named else None,
                labelOpts={"position": _HEIGHTS[place % len(_HEIGHTS)],
                           "anchors": [(0.0, 0.0), (0.0, 0.0)]},
            )  # fmt: skip
            self._dress(line)
            self._canvas.addItem(line, ignoreBounds=True)
            self._lines.append(line)

    def near(self, step: float, reach: float) -> "SettingChanged | None":
        """The mark nearest to a step, within reach."""
        found = min(self._marks, key=lambda mark: abs(mark.step - step), default=None)
        return found if found is not None and abs(found.step - step) <= reach else None

    def recolour(self) -> None:
        """Take the colours of the theme in use."""
        for line in self._lines:
            line.setPen(self._pen())
            self._dress(line)

    def _pen(self) -> QPen:
        return pen("warning", 1, 0.9, Qt.PenStyle.DotLine)

    def _dress(self, line: pg.InfiniteLine) -> None:
        if self._named:
            line.label.setColor(colour("warning"))
            line.label.fill = QBrush(colour("surface", 0.8))
            line.label.setFont(font("small"))


def _short(mark: "SettingChanged") -> str:
    name = mark.name.rpartition(".")[2].replace("_", " ")
    # The label is a format string to pyqtgraph: braces of a name must not be read as fields.
    return f"{name} {grouped(mark.value, 3)}".replace("{", "{{").replace("}", "}}")
