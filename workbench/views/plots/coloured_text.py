"""Text whose symbols are shaded by the probability the model gave them."""

import math
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QGuiApplication,
    QPainter,
    QPaintEvent,
    QTextLayout,
    QTextLine,
    QTextOption,
)
from PySide6.QtWidgets import QWidget

from workbench.views.numbers import TURNING, grouped, isolated, one_symbol, share
from workbench.views.palette import Palette, mix
from workbench.views.plots.frame import PictureFrame, Table
from workbench.views.plots.legend import LegendEntry
from workbench.views.plots.symbol_area import SymbolArea
from workbench.views.theme import colour, font, theme

_STRONGEST = {"light": 0.55, "dark": 0.36}
"""Share of the tint in the ground of the least likely symbol; words stay readable on it."""
_LEVELS = 16
_MARGIN = 10.0
_LEADING = 1.35


_RAREST = 2.0**-10
"""Probability from which on the ground is strongest."""


def shade(probability: float, palette: Palette) -> str:
    """Ground of a symbol: none where it was certain, the stronger the less likely it was.

    Args:
        probability: 0…1; NaN has no shade.
        palette: Colours of the theme.
    """
    if not np.isfinite(probability):
        return palette.surface
    bits = -math.log2(min(max(probability, _RAREST), 1.0))
    unlikely = bits / -math.log2(_RAREST)  # by bits, so that words differ as well as letters do
    level = round(unlikely * (_LEVELS - 1)) / (_LEVELS - 1)
    return mix(palette.surface, palette.series[1], level * _STRONGEST[palette.name])


@dataclass(frozen=True)
class _Line:
    """A laid-out paragraph and the symbols in it."""

    layout: QTextLayout
    top: float
    height: float
    first: int
    boxes: tuple[tuple[int, QRectF], ...]


class TextCanvas(SymbolArea):
    """Lays out and paints the symbols; each paragraph has its own direction."""

    def __init__(self, parent: QWidget, name: str) -> None:
        super().__init__(parent, name)
        self._symbols: tuple[str, ...] = ()
        self._probability = np.empty(0)
        self._plain = 0
        self._lines: list[_Line] = []
        self._laid_out: tuple[object, float] = ((), -1.0)

    def set_symbols(
        self, symbols: tuple[str, ...], probability: np.ndarray, plain: int = 0
    ) -> None:
        """Show symbols; the first ``plain`` of them (the prompt) are not shaded but muted."""
        same = symbols == self._symbols and plain == self._plain
        self._symbols, self._probability, self._plain = symbols, probability, plain
        if not same:
            self._laid_out = ((), -1.0)
            self._over = -1
        self.viewport().update()

    # ------------------------------------------------------------------ layout

    def lay_out(self) -> None:
        """Break paragraphs into lines for the width there is; nothing where neither changed."""
        width = max(40.0, self.viewport().width() - 2 * _MARGIN)
        if self._laid_out == (self._symbols, width):
            return
        self._laid_out = (self._symbols, width)
        self._lines = []
        top = _MARGIN / 2
        for first, symbols in _paragraphs(self._symbols):
            line = self._lay_out_paragraph(first, symbols, width, top)
            self._lines.append(line)
            top += line.height
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, round(top + _MARGIN) - self.viewport().height()))
        bar.setPageStep(self.viewport().height())
        bar.setSingleStep(round(QFontMetricsF(self.font()).height() * _LEADING))

    def _lay_out_paragraph(
        self, first: int, symbols: Sequence[str], width: float, top: float
    ) -> _Line:
        text = "".join(symbols)
        layout = QTextLayout(text, self.font())
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        option.setTextDirection(Qt.LayoutDirection.LayoutDirectionAuto)
        if _runs_from_right(text):
            option.setTextDirection(Qt.LayoutDirection.RightToLeft)
            option.setAlignment(Qt.AlignmentFlag.AlignRight)
        layout.setTextOption(option)
        step = QFontMetricsF(self.font()).height() * _LEADING
        layout.beginLayout()
        y = 0.0
        while True:
            row = layout.createLine()
            if not row.isValid():
                break
            row.setLineWidth(width)
            row.setPosition(QPointF(0, y))
            y += max(step, row.height() * _LEADING)
        layout.endLayout()
        boxes = tuple(self._boxes(layout, symbols, step))
        return _Line(layout, top, max(y, step), first, boxes)

    @staticmethod
    def _boxes(
        layout: QTextLayout, symbols: Sequence[str], step: float
    ) -> Iterator[tuple[int, QRectF]]:
        """Rectangles of each symbol: more than one where it is broken over lines."""
        rows = [layout.lineAt(index) for index in range(layout.lineCount())]
        ends = [row.textStart() + row.textLength() for row in rows]
        place, row = 0, 0
        for number, symbol in enumerate(symbols):
            end = place + _utf16(symbol)
            while place < end and row < len(rows):
                here = min(end, ends[row])
                # Edges of its own first and last sign: at a turn of direction, the place between
                # two signs has two sides.
                last = max(place, layout.previousCursorPosition(here))
                left = rows[row].cursorToX(place, QTextLine.Edge.Leading)[0]
                right = rows[row].cursorToX(last, QTextLine.Edge.Trailing)[0]
                pad = (rows[row].height() * _LEADING - rows[row].height()) / 2
                height = rows[row].height() + pad
                box = QRectF(min(left, right), rows[row].y() - pad / 2, abs(right - left), height)
                yield number, box
                place = here
                if place >= ends[row] and place < end:
                    row += 1
            place = end
            while row < len(rows) - 1 and place >= ends[row]:
                row += 1

    # ------------------------------------------------------------------ painting

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw grounds first, then the words over them, of what is in view."""
        self.lay_out()
        painter = QPainter(self.viewport())
        palette = theme().palette
        painter.fillRect(self.viewport().rect(), colour("surface"))
        painter.translate(_MARGIN, -self.verticalScrollBar().value())
        low = self.verticalScrollBar().value()
        high = low + self.viewport().height()
        for line in self._lines:
            if line.top + line.height < low or line.top > high:
                continue
            for number, box in line.boxes:
                self._paint_ground(painter, line, number, box, palette)
            painter.setPen(colour("text"))
            line.layout.draw(painter, QPointF(0, line.top))

    def _paint_ground(
        self, painter: QPainter, line: _Line, number: int, box: QRectF, palette: Palette
    ) -> None:
        symbol = line.first + number
        place = box.translated(0, line.top)
        if symbol < self._plain:
            painter.fillRect(place, colour("hover"))
        elif symbol < len(self._probability):
            ground = shade(float(self._probability[symbol]), palette)
            if ground != palette.surface:
                painter.fillRect(place, QColor(ground))
        if symbol == self._over:
            painter.setPen(colour("accent"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(place.adjusted(0.5, 0.5, -0.5, -0.5))

    def symbol_at(self, place: QPointF) -> int:
        """Number of the symbol at a place on the viewport, −1 for none."""
        self.lay_out()
        x, y = place.x() - _MARGIN, place.y() + self.verticalScrollBar().value()
        for line in self._lines:
            if line.top <= y < line.top + line.height:
                for number, box in line.boxes:
                    if box.translated(0, line.top).contains(QPointF(x, y)):
                        return line.first + number
        return -1

    def sizeHint(self) -> QSize:
        """A few lines of text."""
        return QSize(320, 120)


class ColouredText(PictureFrame):
    """What the model wrote: the less likely a symbol was, the stronger its ground.

    Attributes:
        symbol_hovered: Number of the symbol under the pointer, −1 for none.
    """

    symbol_hovered = Signal(int)

    def __init__(self, title: str = "", parent: QWidget | None = None, name: str = "") -> None:
        super().__init__(title, parent, name or "coloured_text")
        self._symbols: tuple[str, ...] = ()
        self._probability = np.empty(0)
        self._prompt = 0
        self._summary = ""
        self.canvas = TextCanvas(self, f"{self.objectName()}_text")
        self.canvas.setFont(font("normal"))
        self.canvas.symbol_hovered.connect(self._hover)
        self._menu.rename_copy(self.tr("Copy text"))
        self.set_picture(self.canvas)
        self.set_empty(self.tr("Press Train: the model's own writing appears here."))

    def set_symbols(
        self, symbols: Sequence[str], probability: Sequence[float], prompt: Sequence[str] = ()
    ) -> None:
        """Show a text.

        Args:
            symbols: What was written, one display text per symbol; always taken as plain text.
            probability: Probability of each under the model, 0…1.
            prompt: What the model was given, shown before it without shade.

        Raises:
            ValueError: Where there is not one probability for each symbol.
        """
        if len(symbols) != len(probability):
            raise ValueError(f"{len(symbols)} symbols have {len(probability)} probabilities")
        given = tuple(_drawable(symbol) for symbol in prompt)
        self._symbols = given + tuple(_drawable(symbol) for symbol in symbols)
        self._prompt = len(given)
        unknown = np.full(len(given), np.nan)
        self._probability = np.append(unknown, np.asarray(probability, float))
        self.set_empty("" if self._symbols else self.tr("Nothing was written."))
        self._describe()
        self.schedule()

    @property
    def text(self) -> str:
        """Everything shown, as plain text."""
        return "".join(self._symbols)

    def _describe(self) -> None:
        written = self._probability[self._prompt :]
        known = written[np.isfinite(written) & (written > 0)]
        self._summary = ""
        if len(known):
            mean = float(np.exp(np.log(known).mean()))
            text = self.tr("{0} symbols · typical probability {1}")
            self._summary = text.format(grouped(len(written)), share(mean))
        self.set_readout(self._summary)
        self.canvas.setAccessibleName(self.title)
        self.canvas.setAccessibleDescription(self.text[:2000])
        entries = [LegendEntry(self.tr("the stronger, the less likely"), "series_1", "area")]
        if self._prompt:
            entries.append(LegendEntry(self.tr("prompt"), "text_muted", "area"))
        self.set_legend(entries)

    def theme_changed(self, palette: Palette) -> None:
        """Take the colours of a theme."""
        self.canvas.viewport().update()
        super().theme_changed(palette)

    def redraw(self) -> None:
        """Lay out what is new."""
        self.canvas.set_symbols(self._symbols, self._probability, self._prompt)
        self.canvas.lay_out()

    def copy(self) -> None:
        """Put the text on the clipboard; for a picture of it there are PNG and SVG."""
        QGuiApplication.clipboard().setText(self.text)
        self.set_readout(self.tr("Text copied"))

    def _hover(self, symbol: int) -> None:
        self.symbol_hovered.emit(symbol)
        if not 0 <= symbol < len(self._symbols):
            self.set_readout(self._summary)
            return
        shown = isolated(one_symbol(self._symbols[symbol]))
        if symbol < self._prompt:
            self.set_readout(self.tr("{0} · prompt").format(shown))
            return
        number = grouped(symbol - self._prompt + 1)
        text = self.tr("symbol {0} · {1} · probability {2}")
        self.set_readout(text.format(number, shown, share(float(self._probability[symbol]))))

    def table(self) -> Table:
        """One row per symbol."""
        probability = ["" if np.isnan(p) else float(p) for p in self._probability]
        rows = zip(range(len(self._symbols)), self._symbols, probability, strict=True)
        return (["symbol number", "symbol", "probability"], rows)


def _paragraphs(symbols: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Cut at symbols that end a line; yields the number of the first symbol, and the symbols."""
    first, held = 0, []
    for number, symbol in enumerate(symbols):
        # A break inside a longer symbol is drawn as a sign; the symbol still ends the line.
        held.append(symbol.replace("\r\n", "\n").replace("\n", "↵" if len(symbol) > 1 else " "))
        if symbol.endswith("\n"):
            yield first, held
            first, held = number + 1, []
    if held:
        yield first, held


def _runs_from_right(text: str) -> bool:
    """Whether the first letter with a direction belongs to a script written from the right."""
    kinds = (unicodedata.bidirectional(sign) for sign in text)
    return next((kind for kind in kinds if kind in ("L", "R", "AL")), "L") != "L"


def _utf16(text: str) -> int:
    return len(text) + sum(sign > "\uffff" for sign in text)


def _drawable(symbol: str) -> str:
    """Lone surrogates cannot be drawn, and control characters would turn or break the text."""
    return "".join(
        sign if sign in ("\n", "\t", "\r") or (ord(sign) >= 0x20 and sign not in TURNING)
        else one_symbol(sign)
        for sign in symbol.encode("utf-16", "replace").decode("utf-16", "replace")
    )  # fmt: skip
