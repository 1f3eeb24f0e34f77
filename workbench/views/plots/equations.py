"""Equations, typeset from LaTeX, in the colours of the theme."""

import warnings
from collections.abc import Sequence
from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from workbench.views.plots.frame import PictureFrame, Table
from workbench.views.theme import colour, font, theme

with warnings.catch_warnings():
    # ziamath asks importlib.resources in a way that Python 3.11 deprecates.
    warnings.simplefilter("ignore", DeprecationWarning)
    import ziamath

ziamath.config.svg2 = False  # Qt reads SVG 1.2: paths, no symbols with view boxes
_GAP = 10.0
_LEFT = 10.0
_BESIDE = 24.0
_POINTS = 16
_PLAIN = {
    r"\odot": "⊙", r"\sigma": "σ", r"\tanh": "tanh", r"\max": "max", r"\in": "∈", r"\quad": "  ",
    r"\,": " ", r"\;": " ", r"\mathbb": "", r"\mathrm": "", r"\times": "×", r"\ast": "*",
    "{": "", "}": "",
}  # fmt: skip


_TONE = "#010203"
"""Stands for the colour of the text until the equation is drawn."""


@lru_cache(maxsize=512)
def typeset(latex: str) -> str:
    """Return an equation as SVG in the colour ``_TONE``, or nothing where it cannot be typeset.

    Typesetting a long line takes about 20 ms; the same line is typeset once.

    Args:
        latex: One line of mathematics.
    """
    try:
        return str(ziamath.Latex(latex, size=_POINTS, color=_TONE).svg())
    except Exception:
        return ""


def in_tone(svg: str, tone: str) -> bytes:
    """Return the SVG of an equation in a colour ``#rrggbb``."""
    return svg.replace(_TONE, tone).encode()


def plain(latex: str) -> str:
    """Return an equation as plain text, for screen readers and where typesetting fails."""
    for sign, text in _PLAIN.items():
        latex = latex.replace(sign, text)
    return " ".join(latex.replace("_", "").split())


class EquationsCanvas(QWidget):
    """Paints equations under each other, captions beside them or below where it is narrow."""

    def __init__(self, parent: QWidget, name: str) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._lines: list[tuple[str, str]] = []
        self._drawn: list[QSvgRenderer | None] = []
        self._next: list[tuple[str, str]] = []
        self._typeset: list[str] = []
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._typeset_one)

    def set_lines(self, lines: list[tuple[str, str]]) -> None:
        """Show LaTeX and captions once all lines are typeset, one a turn of the event loop.

        Until then what was shown before stays, or the lines as plain text.
        """
        self._next, self._typeset = lines, []
        if not self._lines:
            self._lines, self._drawn = lines, [None] * len(lines)
            self.update()
        self._timer.start()

    def finish(self) -> None:
        """Typeset at once what is still to come."""
        while self._timer.isActive():
            self._typeset_one()

    def _typeset_one(self) -> None:
        if len(self._typeset) < len(self._next):
            latex, _ = self._next[len(self._typeset)]
            self._typeset.append(typeset(latex) if latex else "")
        if len(self._typeset) == len(self._next):
            self._timer.stop()
            self._show()

    def _show(self) -> None:
        tone = theme().palette.text
        self._lines, self._drawn = self._next, []
        for svg in self._typeset:
            drawn = QSvgRenderer(QByteArray(in_tone(svg, tone))) if svg else None
            self._drawn.append(drawn if drawn is not None and drawn.isValid() else None)
        self.updateGeometry()
        self.setMinimumHeight(round(self._height(max(self.width(), 200))))
        self.update()

    @property
    def typeset_lines(self) -> int:
        """How many lines are typeset rather than plain text."""
        return sum(drawn is not None for drawn in self._drawn)

    def _formula(self, index: int) -> tuple[float, float]:
        drawn = self._drawn[index]
        if drawn is not None:
            box = drawn.viewBoxF()
            return box.width(), box.height()
        metrics = self.fontMetrics()
        if not self._lines[index][0]:
            return 0.0, 0.0
        return float(metrics.horizontalAdvance(plain(self._lines[index][0]))), metrics.height()

    def _beside(self, width: float) -> bool:
        widest = max((self._formula(i)[0] for i in range(len(self._lines))), default=0.0)
        metrics = self.fontMetrics()
        captions = [metrics.horizontalAdvance(text) for latex, text in self._lines if latex]
        return _LEFT + widest + _BESIDE + min(max(captions, default=0), 240) <= width

    def _height(self, width: float) -> float:
        beside, total, line = self._beside(width), _GAP, self.fontMetrics().height()
        for index, (latex, caption) in enumerate(self._lines):
            total += self._formula(index)[1] + _GAP
            if caption and not (beside and latex):
                total += line
        return total

    def sizeHint(self) -> QSize:
        """Room for all lines."""
        return QSize(360, round(self._height(max(self.width(), 360))))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw formulas and captions."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        beside, y, line = self._beside(self.width()), _GAP, self.fontMetrics().height()
        widest = max((self._formula(i)[0] for i in range(len(self._lines))), default=0.0)
        for index, (latex, caption) in enumerate(self._lines):
            width, height = self._formula(index)
            shrink = min(1.0, (self.width() - 2 * _LEFT) / max(width, 1.0))
            room = QRectF(_LEFT, y, width * shrink, height * shrink)
            drawn = self._drawn[index]
            if drawn is not None:
                drawn.render(painter, room)
            elif latex:
                painter.setPen(colour("text"))
                painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, plain(latex))
            painter.setPen(colour("text_muted"))
            if beside and latex:
                left = _LEFT + widest + _BESIDE
                words = QRectF(left, y, self.width() - left - 4, max(height, line))
                self._paint_caption(painter, words, caption)
            elif caption:
                y += height * shrink
                words = QRectF(_LEFT, y, self.width() - 2 * _LEFT, line)
                self._paint_caption(painter, words, caption)
                y += line - height * shrink
            y += height * shrink + _GAP

    def _paint_caption(self, painter: QPainter, room: QRectF, caption: str) -> None:
        cut = self.fontMetrics().elidedText(
            caption, Qt.TextElideMode.ElideRight, round(room.width())
        )
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, cut)


class EquationsView(PictureFrame):
    """Equations of a cell, each with a caption."""

    def __init__(self, title: str = "", parent: QWidget | None = None, name: str = "") -> None:
        super().__init__(title, parent, name or "equations")
        self._lines: list[tuple[str, str]] = []
        self.canvas = EquationsCanvas(self, f"{self.objectName()}_canvas")
        self.canvas.setFont(font("small"))
        area = QScrollArea(self)
        area.setObjectName(f"{self.objectName()}_scroll")
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self.canvas)
        self.set_picture(area)
        self.set_empty(self.tr("Choose a cell: its equations are shown here."))

    def set_equations(self, equations: Sequence[str | tuple[str, str]]) -> None:
        """Show equations.

        Args:
            equations: LaTeX, or LaTeX (may be empty) and a plain-text caption.
        """
        self._lines = [line if isinstance(line, tuple) else (line, "") for line in equations]
        words = "; ".join(f"{plain(latex)} {caption}".strip() for latex, caption in self._lines)
        self.canvas.setAccessibleName(self.title or self.tr("Equations"))
        self.canvas.setAccessibleDescription(words)
        empty = self.tr("Choose a cell: its equations are shown here.")
        self.set_empty("" if self._lines else empty)
        self.schedule()

    def redraw(self) -> None:
        """Typeset what is new."""
        self.canvas.set_lines(self._lines)

    def flush(self) -> None:
        """Draw now what is due, all lines of it."""
        super().flush()
        self.canvas.finish()

    def table(self) -> Table:
        """One row per equation."""
        rows = [[latex, plain(latex), caption] for latex, caption in self._lines]
        return (["latex", "text", "caption"], rows)
