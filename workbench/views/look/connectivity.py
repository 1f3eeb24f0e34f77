"""Connectivity: which inputs moved an output."""

from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from workbench.app.looking import Look, Looking
from workbench.app.selection import Selection
from workbench.data.findings import Watch
from workbench.views.look.choosers import combo
from workbench.views.look.coloured import unit_grounds
from workbench.views.look.view import LookView, muted
from workbench.views.numbers import grouped, isolated, one_symbol, share
from workbench.views.plots.bars import Bars
from workbench.views.plots.frame import PictureFrame, Table
from workbench.views.plots.heatmap import Heatmap
from workbench.views.plots.symbol_grid import SymbolGrid
from workbench.views.splitter import HairlineSplitter
from workbench.views.theme import theme

GRADIENT = "gradient"
_MOST_STEPS = 300


class MovedText(PictureFrame):
    """A text in which every symbol is shaded by how much it moved one output."""

    def __init__(self, title: str = "", parent: QWidget | None = None, name: str = "") -> None:
        super().__init__(title, parent, name)
        self.grid = SymbolGrid(self, f"{name}_grid")
        self._labels: tuple[str, ...] = ()
        self._values = np.empty(0)
        self.set_picture(self.grid)

    def set_values(self, labels: tuple[str, ...], values: np.ndarray) -> None:
        """Show values ``(T,)``; they are divided by the largest size."""
        self._labels, self._values = labels, values
        self.set_empty("" if len(labels) else self.tr("Nothing is read."))
        self.schedule()

    def redraw(self) -> None:
        """Shade and lay out."""
        size = float(np.abs(self._values).max(initial=0.0)) or 1.0
        kind = "signed" if (self._values < 0).any() else "gate"
        grounds = unit_grounds(self._values / size, kind, theme().palette)
        self.grid.set_symbols(self._labels, grounds)

    def table(self) -> Table:
        """One row per symbol."""
        rows = (
            [step, label, float(value)]
            for step, (label, value) in enumerate(zip(self._labels, self._values, strict=True))
        )
        return (["step", "symbol", "moved by"], rows)


class ConnectivityView(LookView):
    """The text (or the window) shaded for one output, and the table of all outputs."""

    key = "connectivity"

    def __init__(self, looking: Looking, parent: QWidget | None = None) -> None:
        super().__init__(looking, parent)
        self._table: np.ndarray | None = None
        self._row = 0
        self._own: tuple[int, str, np.ndarray] | None = None
        self.method = combo("look_connectivity_method", self.tr("How it is measured"))
        for name in (GRADIENT, "saliency", "integrated gradients", "input × gradient"):
            self.method.addItem(name, name)
        self.method.activated.connect(self._method_chosen)
        self.words = muted("look_connectivity_words")
        head = QHBoxLayout()
        head.addWidget(self.method)
        head.addWidget(self.words, 1)
        self.text = MovedText(self.tr("What moved the output"), self, "look_connectivity_text")
        self.text.grid.symbol_hovered.connect(self._hovered)
        self.text.grid.clicked.connect(self._clicked)
        self.bars = Bars(self.tr("What moved the forecast"), self, "look_connectivity_bars")
        self.bars.bar_clicked.connect(lambda step: self.select(step=step))
        self.heatmap = Heatmap(self.tr("All outputs"), self, "look_connectivity_table")
        self.heatmap.set_titles(self.tr("input step"), self.tr("output step"))
        self.heatmap.set_words(self.tr("output {0}"), self.tr("input {0}"))
        self.heatmap.clicked.connect(self._cell_clicked)
        self.heatmap.value_hovered.connect(self._cell_hovered)
        parts = HairlineSplitter(Qt.Orientation.Vertical, "look_connectivity_parts")
        for picture in (self.text, self.bars, self.heatmap):
            parts.addWidget(picture)
        self.body.addLayout(head)
        self.body.addWidget(parts, 1)

    def _name_methods(self, *, writes: bool) -> None:
        """Say how it is measured, and of a text also of which output."""
        names = [
            self.tr("length of the gradient"), self.tr("saliency"),
            self.tr("integrated gradients"), self.tr("input × gradient"),
        ]  # fmt: skip
        if writes:
            followed = self.tr("{0} of what followed")
            names = [self.tr("{0}, likeliest output").format(names[0])] + [
                followed.format(name) for name in names[1:]
            ]
        for place, name in enumerate(names):
            self.method.setItemText(place, name)

    def refresh(self) -> None:
        """Differentiate every output of another look."""
        look = self.look
        assert look is not None
        self._table = self._own = None
        self._name_methods(writes=look.writes)
        self.text.setVisible(look.writes)
        self.bars.setVisible(not look.writes)
        if look.steps > _MOST_STEPS:
            words = self.tr("Gradients of {0} steps take too long: read at most {1}.")
            self.cannot(words.format(grouped(look.steps), _MOST_STEPS))
            return

        def compute(look: Look, _watch: Watch) -> object:
            from workbench.analysis.connectivity import connectivity_table

            return connectivity_table(look.loaded.model, look.probe.inputs)

        self.compute(self.tr("Differentiating every output"), compute, self._show)

    def _show(self, table: np.ndarray) -> None:
        look = self.look
        assert look is not None
        self._table = table
        shown = np.where(table > 0, table, np.nan)
        self.heatmap.set_data(shown, look.labels, "log")
        step = self.session.selection.step
        last = len(table) - 1
        self._row = min(step, last) if step >= 0 and look.writes else last if look.writes else 0
        self._draw()
        self._attribute()

    # ------------------------------------------------------------------ one output

    def _choose(self, row: int) -> None:
        if self._table is not None and 0 <= row < len(self._table) and row != self._row:
            self._row = row
            self._draw()
            self._attribute()

    def _method_chosen(self, _index: int) -> None:
        self._draw()
        self._attribute()

    def _attribute(self) -> None:
        """Ask the attribution library for the chosen output."""
        look, method, row = self.look, self.method.currentData(), self._row
        if look is None or method == GRADIENT or self._table is None:
            return

        def compute(look: Look, _watch: Watch) -> object:
            from workbench.analysis.connectivity import attribute

            entry = _followed(look, row) if look.writes else 0
            values = attribute(look.loaded.model, look.probe.inputs, (row, entry), method)
            return row, method, values

        self.compute(self.tr("Attributing the output to its inputs"), compute, self._show_own)

    def _show_own(self, found: tuple[int, str, np.ndarray]) -> None:
        self._own = found
        self._draw()

    def _draw(self) -> None:
        look, table = self.look, self._table
        if look is None or table is None:
            return
        values, row = table[self._row], self._row
        method = self.method.currentData()
        known = True
        if method != GRADIENT:
            known = self._own is not None and self._own[:2] == (row, method)
            values = self._own[2] if known and self._own is not None else np.zeros_like(values)
        if look.writes:
            self.text.set_values(look.labels, values)
            self.text.grid.set_step(row)
        else:
            self.bars.set_bars(values, look.labels)
        self.heatmap.mark_unit(row)
        self.words.setText(self._sentence(look, row, values) if known else "")

    def _sentence(self, look: Look, row: int, values: np.ndarray) -> str:
        strongest = int(np.abs(values).argmax())
        if not look.writes:
            words = self.tr("Step {0} of the horizon is moved most by {1}.")
            return words.format(row + 1, look.labels[strongest])
        pieces = look.task.vocabulary.pieces
        if self.method.currentData() != GRADIENT:
            name = next(pieces([_followed(look, row)]), "")
            words = self.tr("After step {0} ({1}) came {2}; step {3} ({4}) moves that most.")
            return words.format(
                grouped(row), _shown(look.labels[row]), _shown(name), grouped(strongest),
                _shown(look.labels[strongest]),
            )  # fmt: skip
        best = look.expected.likeliest[0][row, 0] if look.expected is not None else 0
        name = next(pieces([int(best)]), "")
        chance = look.expected.chances[0][row, 0] if look.expected is not None else 0.0
        words = self.tr(
            "After step {0} ({1}) it expects {2} ({3}); step {4} ({5}) moves that most."
        )
        return words.format(
            grouped(row), _shown(look.labels[row]), _shown(name), share(float(chance)),
            grouped(strongest), _shown(look.labels[strongest]),
        )  # fmt: skip

    # ------------------------------------------------------------------ pointing

    def _hovered(self, step: int) -> None:
        if step >= 0 and self.method.currentData() == GRADIENT:
            self._choose(step)
            self.select(step=step)

    def _clicked(self, step: int) -> None:
        self._choose(step)
        self.select(step=step)

    def _cell_hovered(self, row: int, _step: int) -> None:
        if row >= 0 and self.method.currentData() == GRADIENT:
            self._choose(row)

    def _cell_clicked(self, row: int, step: int) -> None:
        self._choose(row)
        writes = self.look is not None and self.look.writes
        self.select(step=row if writes else step)

    def follow(self, selection: Selection) -> None:
        """Show the output at the selected step."""
        if self.look is not None and self.look.writes and selection.step >= 0:
            self._choose(selection.step)


def _followed(look: Look, row: int) -> int:
    """The symbol that followed a step; at the end the likeliest."""
    symbols = look.symbols
    if row + 1 < len(symbols):
        return int(symbols[row + 1])
    expected: Any = look.expected
    return int(expected.likeliest[0][row, 0])


def _shown(symbol: str) -> str:
    return isolated(one_symbol(symbol))
