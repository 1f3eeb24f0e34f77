"""Window, horizon and stride as three bars under the series, each dragged at its end."""

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.views.numbers import grouped, span
from workbench.views.plots.canvas import Canvas
from workbench.views.theme import colour, font

_LANE = 22
_HANDLE_PX = 7.0
_TONES = {"window": "series_0", "horizon": "series_1", "stride": "series_2"}


@dataclass(frozen=True)
class Sample:
    """One training sample on the series.

    Attributes:
        start: Row of its first step.
        window: Steps the model sees.
        horizon: Steps it forecasts.
        stride: Steps to the start of the next sample.
    """

    start: int
    window: int
    horizon: int
    stride: int

    @property
    def origin(self) -> int:
        """Row of the first forecast step."""
        return self.start + self.window

    @property
    def end(self) -> int:
        """Row after the last forecast step."""
        return self.origin + self.horizon

    def held_in(self, rows: int) -> "Sample":
        """The same within a series of so many rows."""
        window = min(max(1, self.window), max(1, rows - 1))
        horizon = min(max(1, self.horizon), max(1, rows - window))
        start = min(max(0, self.start), max(0, rows - window - horizon))
        return Sample(start, window, horizon, max(1, self.stride))


class WindowBars(QWidget):
    """Three bars aligned with the plot above them.

    Drag the left end of the window, the right end of horizon and stride; drag the window's middle
    to move the sample. With the keyboard: arrows up and down choose a bar, left and right change
    it (ten steps with Shift).

    Attributes:
        changed: The new ``Sample`` while it is dragged.
        finished: The new ``Sample`` when it is let go.
    """

    changed = Signal(object)
    finished = Signal(object)

    def __init__(self, canvas: Canvas, parent: QWidget, name: str) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._canvas = canvas
        self._x = np.empty(0)
        self._step_s = 0.0
        self._sample = Sample(0, 1, 1, 1)
        self._held, self._held_row = "", 0
        self._chosen = "window"
        self.setFont(font("small"))
        self.setFixedHeight(3 * _LANE + 6)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Window, horizon and stride"))
        canvas.view.sigRangeChanged.connect(self._follow)
        canvas.resized.connect(self.update)

    def _follow(self, *_: object) -> None:
        self.update()

    def sizeHint(self) -> QSize:
        """Three lanes."""
        return QSize(320, 3 * _LANE + 6)

    def set_series(self, x: np.ndarray, step_s: float) -> None:
        """Tell the place of each row on the axis ``(n,)`` and the step in seconds (0: unknown)."""
        self._x, self._step_s = x, step_s
        self.update()

    def set_sample(self, sample: Sample) -> None:
        """Show a sample."""
        self._sample = sample
        self.setAccessibleDescription("; ".join(self._words(name) for name in _TONES))
        self.update()

    @property
    def sample(self) -> Sample:
        """The sample shown."""
        return self._sample

    # ------------------------------------------------------------------ places

    def _pixel(self, row: int) -> float:
        x = self._canvas.to_pixels(_place(self._x, row), self._canvas.shown_y()[0])
        return float(self.mapFromGlobal(self._canvas.mapToGlobal(x)).x())

    def _row(self, pixel: float) -> int:
        there = self._canvas.mapFromGlobal(self.mapToGlobal(QPointF(pixel, 0)))
        x = self._canvas.to_numbers(there)[0]
        if len(self._x) < 2:
            return 0
        step = (self._x[-1] - self._x[0]) / (len(self._x) - 1)
        if x > self._x[-1]:
            return len(self._x) - 1 + round((x - self._x[-1]) / step)
        if x < self._x[0]:
            return round((x - self._x[0]) / step)
        return int(np.abs(self._x - x).argmin())

    def bar(self, name: str) -> QRectF:
        """Where the bar of ``window``, ``horizon`` or ``stride`` lies on this widget."""
        sample = self._sample
        rows = {
            "window": (sample.start, sample.origin),
            "horizon": (sample.origin, sample.end),
            "stride": (sample.start, sample.start + sample.stride),
        }[name]
        left, right = self._pixel(rows[0]), self._pixel(rows[1])
        lane = list(_TONES).index(name)
        return QRectF(left, 3 + lane * _LANE + 3, max(2.0, right - left), _LANE - 6)

    def handle(self, name: str) -> QPointF:
        """The end of a bar that is dragged."""
        bar = self.bar(name)
        x = bar.left() if name == "window" else bar.right()
        return QPointF(x, bar.center().y())

    def _under(self, place: QPointF) -> str:
        for name in _TONES:
            handle = self.handle(name)
            same_lane = abs(place.y() - handle.y()) <= _LANE / 2
            if same_lane and abs(place.x() - handle.x()) <= _HANDLE_PX:
                return name
        for name in ("window", "horizon"):
            if self.bar(name).contains(place):
                return "sample"
        return ""

    # ------------------------------------------------------------------ the hand

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of an end, or of the sample."""
        if event.button() != Qt.MouseButton.LeftButton or len(self._x) < 2:
            return
        self._held = self._under(event.position())
        self._held_row = self._row(event.position().x()) - self._sample.start
        if self._held in _TONES:
            self._chosen = self._held
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag what is held."""
        if not self._held:
            over = self._under(event.position())
            shapes = {"": Qt.CursorShape.ArrowCursor, "sample": Qt.CursorShape.OpenHandCursor}
            self.setCursor(shapes.get(over, Qt.CursorShape.SplitHCursor))
            return
        moved = self._moved(self._row(event.position().x()))
        if moved != self._sample:
            self.set_sample(moved)
            self.changed.emit(moved)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        if event.button() == Qt.MouseButton.LeftButton and self._held:
            self._held = ""
            self.finished.emit(self._sample)

    def _moved(self, row: int) -> Sample:
        now, rows = self._sample, len(self._x)
        if self._held == "window":
            start = min(max(0, row), now.origin - 1)
            return Sample(start, now.origin - start, now.horizon, now.stride)
        if self._held == "horizon":
            horizon = min(max(1, row - now.origin), rows - now.origin)
            return Sample(now.start, now.window, horizon, now.stride)
        if self._held == "stride":
            return Sample(now.start, now.window, now.horizon, max(1, row - now.start))
        start = row - self._held_row
        return Sample(start, now.window, now.horizon, now.stride).held_in(rows)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose a bar, and change it."""
        names, key = list(_TONES), event.key()
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            place = names.index(self._chosen) + (1 if key == Qt.Key.Key_Down else -1)
            self._chosen = names[min(max(place, 0), 2)]
            self.update()
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and len(self._x) > 1:
            far = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
            self._change(far if key == Qt.Key.Key_Right else -far)
        else:
            super().keyPressEvent(event)

    def _change(self, by: int) -> None:
        now = self._sample
        values = {"window": now.window, "horizon": now.horizon, "stride": now.stride}
        values[self._chosen] = max(1, values[self._chosen] + by)
        start = now.origin - values["window"] if self._chosen == "window" else now.start
        moved = Sample(start, **values).held_in(len(self._x))
        if moved != now:
            self.set_sample(moved)
            self.changed.emit(moved)
            self.finished.emit(moved)

    # ------------------------------------------------------------------ drawing

    def _words(self, name: str) -> str:
        steps = getattr(self._sample, name)
        label = {
            "window": self.tr("window"),
            "horizon": self.tr("horizon"),
            "stride": self.tr("stride"),
        }[name]
        unit = self.tr("step") if steps == 1 else self.tr("steps")
        text = f"{label} {grouped(steps)} {unit}"
        return f"{text} · {span(steps * self._step_s)}" if self._step_s > 0 else text

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the bars with their words inside, or beside them where they are short."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if len(self._x) < 2:
            return
        for name, tone in _TONES.items():
            bar = self.bar(name)
            painter.setPen(QPen(colour(tone, 0.9), 1))
            painter.setBrush(colour(tone, 0.22))
            painter.drawRoundedRect(bar, 3, 3)
            self._paint_handle(painter, name, tone)
            text = self._words(name)
            width = painter.fontMetrics().horizontalAdvance(text)
            room = QRectF(bar.left() + 9, bar.top(), width + 4, bar.height())
            if width + 18 > bar.width():
                right = bar.right() + 10
                fits = right + width < self.width()
                room.moveLeft(right if fits else bar.left() - width - 12)
            painter.setPen(colour("text"))
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)

    def _paint_handle(self, painter: QPainter, name: str, tone: str) -> None:
        place = self.handle(name)
        held = self._held == name or (self.hasFocus() and self._chosen == name)
        painter.setPen(QPen(colour("accent" if held else "surface"), 2 if held else 1))
        painter.setBrush(colour(tone))
        painter.drawRoundedRect(QRectF(place.x() - 3.5, place.y() - 8, 7, 16), 2.5, 2.5)


def _place(x: np.ndarray, row: int) -> float:
    """Place of a row on the axis; beyond the last row the mean step goes on."""
    if 0 <= row < len(x):
        return float(x[row])
    step = (x[-1] - x[0]) / max(1, len(x) - 1)
    return float(x[-1] + (row - len(x) + 1) * step if row >= len(x) else x[0] + row * step)
