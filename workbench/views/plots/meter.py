"""Small bars: a meter for CPU, memory and GPU, and a list of values."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.views.numbers import grouped
from workbench.views.palette import Palette
from workbench.views.plots.frame import PictureFrame, Table
from workbench.views.theme import FollowTheme, colour, font

_HIGH = 0.9
_ROW = 22


class Meter(QWidget):
    """A name, a thin bar and a text, such as ``cpu ▂▂▂ 1.2 GB``."""

    def __init__(self, label: str, parent: QWidget | None = None, name: str = "") -> None:
        super().__init__(parent)
        self.setObjectName(name or f"meter_{label.lower()}")
        self._label, self._text, self._share = label, "", 0.0
        self.setFont(font("small"))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(label)
        self._follow = FollowTheme(self)

    def set_value(self, share: float, text: str) -> None:
        """Show a value.

        Args:
            share: Filled part of the bar, 0…1; NaN is empty.
            text: The value in words, with its unit.
        """
        share = float(np.clip(share, 0, 1)) if np.isfinite(share) else 0.0
        if (share, text) == (self._share, self._text):
            return
        wider = len(text) != len(self._text)
        self._share, self._text = share, text
        self.setAccessibleDescription(text)
        self.setToolTip("")
        if wider:
            self.updateGeometry()
        self.update()

    @property
    def share(self) -> float:
        """Filled part of the bar."""
        return self._share

    @property
    def text(self) -> str:
        """The value in words."""
        return self._text

    def theme_changed(self, _palette: Palette) -> None:
        """Take the colours of a theme."""
        self.update()

    def sizeHint(self) -> QSize:
        """Room for name, bar and text."""
        metrics = self.fontMetrics()
        words = metrics.horizontalAdvance(self._label) + metrics.horizontalAdvance(self._text)
        return QSize(words + 56 + 14, metrics.height() + 4)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw name, bar and text."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = self.fontMetrics()
        left = metrics.horizontalAdvance(self._label) + 6
        middle = self.height() / 2
        painter.setPen(colour("text_muted"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, self._label)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour("pressed"))
        painter.drawRoundedRect(QRectF(left, middle - 3, 56, 6), 3, 3)
        painter.setBrush(colour("warning" if self._share >= _HIGH else "accent"))
        painter.drawRoundedRect(QRectF(left, middle - 3, max(3.0, 56 * self._share), 6), 3, 3)
        painter.setPen(colour("text"))
        room = QRectF(left + 62, 0, self.width() - left - 62, self.height())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, self._text)


class BarsCanvas(QWidget):
    """Paints one bar a row."""

    def __init__(self, parent: QWidget, name: str) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._names: tuple[str, ...] = ()
        self._values = np.empty(0)

    def set_bars(self, names: tuple[str, ...], values: np.ndarray) -> None:
        """Show these."""
        self._names, self._values = names, values
        self.setMinimumHeight(len(names) * _ROW + 8)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows in view; zero is a line where there are negative values."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = self.fontMetrics()
        finite = self._values[np.isfinite(self._values)]
        if not len(finite):
            return
        low, high = min(0.0, float(finite.min())), max(0.0, float(finite.max()))
        span = high - low or 1.0
        names = max(metrics.horizontalAdvance(name) for name in self._names)
        left = min(names + 4, self.width() // 3) + 10
        numbers = max(metrics.horizontalAdvance(grouped(v)) for v in finite.tolist()) + 8
        room = max(20.0, self.width() - left - numbers - 8)
        zero = left + room * -low / span
        first = max(0, (event.rect().top() - 4) // _ROW)
        last = min(len(self._names), event.rect().bottom() // _ROW + 1)
        for row in range(first, last):
            top, value = 4 + row * _ROW, float(self._values[row])
            painter.setPen(colour("text"))
            name = metrics.elidedText(self._names[row], Qt.TextElideMode.ElideRight, left - 7)
            painter.drawText(QRectF(0, top, left - 8, _ROW), Qt.AlignmentFlag.AlignVCenter, name)
            if np.isfinite(value):
                width = room * abs(value) / span
                bar = QRectF(zero if value >= 0 else zero - width, top + 5, width, _ROW - 10)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(colour("series_0" if value >= 0 else "series_1", 0.75))
                painter.drawRoundedRect(bar, 2, 2)
            painter.setPen(colour("text_muted"))
            words = QRectF(self.width() - numbers, top, numbers - 4, _ROW)
            right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
            painter.drawText(words, right, grouped(value))


class ValueBars(PictureFrame):
    """Named values as horizontal bars, in the order given."""

    def __init__(self, title: str = "", parent: QWidget | None = None, name: str = "") -> None:
        super().__init__(title, parent, name or "bars")
        self._names: tuple[str, ...] = ()
        self._values = np.empty(0)
        self.canvas = BarsCanvas(self, f"{self.objectName()}_canvas")
        self.set_scrolled_picture(self.canvas)
        self.set_empty(self.tr("No values yet."))

    def set_values(self, names: Sequence[str], values: Sequence[float]) -> None:
        """Show values.

        Args:
            names: Plain text, one for each value.
            values: NaN has no bar.

        Raises:
            ValueError: Where there is not one name for each value.
        """
        if len(names) != len(values):
            raise ValueError(f"{len(names)} names have {len(values)} values")
        self._names, self._values = tuple(names), np.asarray(values, float)
        self.set_empty("" if len(names) else self.tr("No values yet."))
        self.schedule()

    def redraw(self) -> None:
        """Bring the values to the canvas."""
        self.canvas.set_bars(self._names, self._values)

    def table(self) -> Table:
        """One row per value."""
        return (["name", "value"], zip(self._names, self._values.tolist(), strict=True))
