"""The one place where plots are made, so that each is fast, calm and follows the theme."""

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget

from workbench.views.palette import Palette
from workbench.views.plots.axes import DateAxis, PlainAxis
from workbench.views.theme import colour, font

pg.setConfigOptions(imageAxisOrder="row-major", antialias=False, background=None)

FURTHEST = 1e15
"""Numbers beyond it are drawn at it: painting breaks down for larger coordinates."""


class CalmViewBox(pg.ViewBox):
    """Pans with the left button, zooms in x with the wheel (both axes with Ctrl), no menu."""

    zoomed = Signal()

    def __init__(self) -> None:
        super().__init__(enableMenu=False, defaultPadding=0.0)
        self.setMouseMode(pg.ViewBox.PanMode)
        self.disableAutoRange()

    def wheelEvent(self, event: QWheelEvent, axis: int | None = None) -> None:
        """Zoom in x only, in both directions with Ctrl held."""
        both = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        super().wheelEvent(event, axis if axis is not None or both else 0)
        self.zoomed.emit()

    def mouseDragEvent(self, event: object, axis: int | None = None) -> None:
        """Pan with the left or middle button; the right one does nothing."""
        if event.button() == Qt.MouseButton.RightButton:
            event.ignore()
            return
        super().mouseDragEvent(event, axis)
        self.zoomed.emit()

    def scale_by(self, factor: float) -> None:
        """Zoom in x about the middle of what is shown; a factor below 1 comes nearer."""
        self.scaleBy((factor, 1.0))
        self.zoomed.emit()


class Canvas(pg.PlotWidget):
    """A plot with the program's axes, colours and limits.

    Attributes:
        hovered: Place under the pointer in the plot's own numbers (x, y); None when it left.
        clicked: The same for a click.
        reset_asked: A double click: show everything again.
        zoomed: The user panned or zoomed.
        resized: The canvas has another size.
    """

    hovered = Signal(object)
    clicked = Signal(object)
    reset_asked = Signal()
    zoomed = Signal()
    resized = Signal()

    def __init__(self, bottom: PlainAxis | None = None, left: PlainAxis | None = None) -> None:
        self.bottom = bottom or PlainAxis("bottom")
        self.left = left or PlainAxis("left")
        self.view = CalmViewBox()
        self._items: list[tuple[object, str, float, float, Qt.PenStyle]] = []
        self._texts: list[tuple[pg.TextItem, str]] = []
        super().__init__(viewBox=self.view, axisItems={"bottom": self.bottom, "left": self.left})
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(120, 60)
        self.setStyleSheet("border: none; border-radius: 0;")
        plot = self.getPlotItem()
        plot.hideButtons()
        plot.setMenuEnabled(False)
        # addItem() gives every curve the plot's own settings, whatever the curve was made with.
        plot.setDownsampling(auto=True, mode="peak")
        plot.setClipToView(True)
        plot.layout.setContentsMargins(2, 8, 30 if isinstance(bottom, DateAxis) else 14, 2)
        for axis in (self.bottom, self.left):
            axis.setZValue(-1)  # grid lines run behind words and curves
        self.viewport().setMouseTracking(True)
        self.view.zoomed.connect(self.zoomed)

    # ------------------------------------------------------------------ what is on it

    def add_line(
        self, tone: str, *, width: float = 1.0, alpha: float = 1.0,
        style: Qt.PenStyle = Qt.PenStyle.SolidLine, thinned: bool = False,
    ) -> pg.PlotDataItem:  # fmt: skip
        """Put an empty line on the plot, in a palette colour.

        Lines wider than a pixel are smoothed, and only for few points: a hundred thousand take
        55 ms.

        Args:
            tone: Name of the colour in the palette.
            width: In pixels.
            alpha: Opacity, 0 to 1.
            style: Of the pen.
            thinned: The caller brings a few points for each pixel of what is shown; they are
                neither thinned nor cut again at every change of the view.
        """
        item = pg.PlotDataItem(connect="finite", skipFiniteCheck=False, antialias=width > 1)
        self.addItem(item)
        if thinned:
            item.setDownsampling(auto=False)
            item.setClipToView(False)
        self._items.append((item, tone, width, alpha, style))
        item.setPen(pen(tone, width, alpha, style))
        return item

    def add_text(self, tone: str, anchor: tuple[float, float] = (0.0, 0.0)) -> pg.TextItem:
        """Put a short plain text on the plot."""
        item = pg.TextItem(anchor=anchor)
        item.setFont(font("small"))
        item.setColor(colour(tone))
        item.fill = QBrush(colour("surface", 0.55))
        self.addItem(item, ignoreBounds=True)
        self._texts.append((item, tone))
        return item

    def remove(self, item: object) -> None:
        """Take a line or text off the plot again."""
        self._items = [kept for kept in self._items if kept[0] is not item]
        self._texts = [kept for kept in self._texts if kept[0] is not item]
        self.removeItem(item)

    def recolour(self, item: object, tone: str) -> None:
        """Give a line another palette colour."""
        for index, (known, _, width, alpha, style) in enumerate(self._items):
            if known is item:
                self._items[index] = (item, tone, width, alpha, style)
                item.setPen(pen(tone, width, alpha, style))

    def set_grid(self, *, x: bool = False, y: bool = True) -> None:
        """Show hairlines at the ticks."""
        self.bottom.setGrid(255 if x else False)
        self.left.setGrid(255 if y else False)

    def wear(self, palette: Palette) -> None:
        """Take the colours of a theme."""
        self.setBackground(palette.surface)
        for axis in (self.bottom, self.left):
            axis.recolour()
        for item, tone, width, alpha, style in self._items:
            item.setPen(pen(tone, width, alpha, style))
        for item, tone in self._texts:
            item.setColor(colour(tone))
            item.fill = QBrush(colour("surface", 0.8))
            item.update()

    # ------------------------------------------------------------------ what is shown of it

    def show_range(self, x: tuple[float, float] | None, y: tuple[float, float] | None) -> None:
        """Show exactly these numbers; an empty range gets a width, wild ones are held in."""
        box = self.view
        if x is not None:
            box.setXRange(*_held(x), padding=0)
        if y is not None:
            box.setYRange(*_held(y), padding=0)
        # Left to the painting, the items' answer to it would ask for a second painting.
        box.updateMatrix()

    def fit_height(self, values: np.ndarray) -> None:
        """Show all finite values with some room over and under them."""
        finite = values[np.isfinite(values)]
        if len(finite):
            low, high = float(finite.min()), float(finite.max())
            room = 0.08 * (high - low) or abs(high) * 0.1 or 1.0
            self.show_range(None, (low - room, high + room))

    def hold_within(self, x: tuple[float, float], y: tuple[float, float]) -> None:
        """Let no pan or zoom leave these numbers, nor come nearer than a few steps."""
        self.view.setLimits(
            xMin=x[0], xMax=x[1], yMin=y[0], yMax=y[1],
            minXRange=min(4, x[1] - x[0]), minYRange=min(2, y[1] - y[0]),
        )  # fmt: skip

    def shown_x(self) -> tuple[float, float]:
        """What is shown in x."""
        low, high = self.view.viewRange()[0]
        return float(low), float(high)

    def shown_y(self) -> tuple[float, float]:
        """What is shown in y."""
        low, high = self.view.viewRange()[1]
        return float(low), float(high)

    def plot_size(self) -> tuple[int, int]:
        """Width and height of the inner plot in pixels, at least 1."""
        area = self.view.sceneBoundingRect()
        return max(1, round(area.width())), max(1, round(area.height()))

    def to_numbers(self, place: QPointF) -> tuple[float, float]:
        """Turn a place on the widget into the plot's numbers."""
        found = self.view.mapSceneToView(self.mapToScene(place.toPoint()))
        return float(found.x()), float(found.y())

    def to_pixels(self, x: float, y: float) -> QPointF:
        """Turn the plot's numbers into a place on the widget."""
        return QPointF(self.mapFromScene(self.view.mapViewToScene(QPointF(x, y))))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint while holding the window: were it collected just now, the interpreter would die."""
        window = self.window()
        super().paintEvent(event)
        del window

    # ------------------------------------------------------------------ the hand

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell what is under the pointer."""
        super().mouseMoveEvent(event)
        area = self.view.sceneBoundingRect()
        inside = area.contains(self.mapToScene(event.position().toPoint()))
        self.hovered.emit(self.to_numbers(event.position()) if inside else None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remember where a click began."""
        self._pressed_at = event.position()
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Tell a click that did not become a drag."""
        super().mouseReleaseEvent(event)
        began = getattr(self, "_pressed_at", None)
        if event.button() != Qt.MouseButton.LeftButton or began is None:
            return
        if (event.position() - began).manhattanLength() < 4:
            self.clicked.emit(self.to_numbers(event.position()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Ask to show everything again."""
        super().mouseDoubleClickEvent(event)
        self.reset_asked.emit()

    def leaveEvent(self, event: QEvent) -> None:
        """Tell that the pointer left."""
        super().leaveEvent(event)
        self.hovered.emit(None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tell the new size."""
        super().resizeEvent(event)
        if hasattr(self, "view"):
            self.resized.emit()


def make_plot(
    owner: QWidget, name: str, *, bottom: PlainAxis | None = None, left: PlainAxis | None = None
) -> Canvas:
    """Make a plot. Every plot of the program comes from here.

    Args:
        owner: Widget it becomes part of.
        name: Object name.
        bottom: Axis of x; numbers where none is given.
        left: Axis of y; numbers where none is given.
    """
    canvas = Canvas(bottom, left)
    canvas.setParent(owner)
    canvas.setObjectName(name)
    canvas.set_grid()
    return canvas


def pen(
    tone: str, width: float = 1.0, alpha: float = 1.0,
    style: Qt.PenStyle = Qt.PenStyle.SolidLine,
) -> QPen:  # fmt: skip
    """Return a pen of constant width on the screen in a palette colour."""
    made = QPen(colour(tone, alpha), width, style)
    made.setCosmetic(True)
    return made


def drawable(values: np.ndarray) -> np.ndarray:
    """Numbers that can be painted: infinite ones become NaN, which is a gap; huge ones are held in.

    Args:
        values: Any float ``(n,)``.
    """
    given = np.asarray(values, dtype=np.float64)
    return np.clip(np.where(np.isfinite(given), given, np.nan), -FURTHEST, FURTHEST)


def _held(bounds: tuple[float, float]) -> tuple[float, float]:
    low, high = (float(np.clip(np.nan_to_num(bound), -FURTHEST, FURTHEST)) for bound in bounds)
    if high - low <= abs(high) * 1e-12:
        pad = max(abs(high) * 0.05, 0.5)
        return low - pad, high + pad
    return low, high


class Dots(pg.GraphicsObject):
    """Many small round dots in one colour, far cheaper than a scatter plot.

    The caller brings at most a few thousand; nothing is thinned here.
    """

    def __init__(self, tone: str, *, size: float = 2.5, alpha: float = 0.4) -> None:
        super().__init__()
        self._tone, self._size, self._alpha = tone, size, alpha
        self._points = np.empty((0, 2))

    def set_points(self, x: np.ndarray, y: np.ndarray) -> None:
        """Show dots at finite places."""
        keep = np.isfinite(x) & np.isfinite(y)
        self._points = np.stack((x[keep], y[keep]), axis=1).clip(-FURTHEST, FURTHEST)
        self.prepareGeometryChange()
        self.update()

    @property
    def points(self) -> np.ndarray:
        """What is shown ``(n, 2)``."""
        return self._points

    def boundingRect(self) -> QRectF:
        """Everything that is shown of the plot: dots are few, and clipped by the view."""
        return self.viewRect() if self.getViewBox() is not None else QRectF()

    def viewTransformChanged(self) -> None:
        """Follow a pan or zoom."""
        super().viewTransformChanged()
        self.prepareGeometryChange()

    def paint(self, painter: QPainter, *_: object) -> None:
        """Draw the dots at a constant size on the screen."""
        if not len(self._points):
            return
        change = painter.worldTransform()
        x = self._points[:, 0] * change.m11() + change.dx()
        y = self._points[:, 1] * change.m22() + change.dy()
        painter.save()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shade = QColor(colour(self._tone, self._alpha))
        dot = QPen(shade, self._size)
        dot.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(dot)
        painter.drawPoints(pg.functions.arrayToQPolygonF(x, y))
        painter.restore()
