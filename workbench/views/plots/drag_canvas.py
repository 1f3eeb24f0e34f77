"""A plot with upright lines that can be dragged."""

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QMouseEvent

from workbench.views.plots.axes import PlainAxis
from workbench.views.plots.canvas import Canvas

REACH_PX = 6.0


class DragCanvas(Canvas):
    """Lets named places on the x axis be dragged; everything else pans as usual.

    Attributes:
        dragged: Name of the handle and its new place, while it is dragged.
        dropped: Name of the handle, when it is let go.
    """

    dragged = Signal(str, float)
    dropped = Signal(str)

    def __init__(self, bottom: PlainAxis | None = None, left: PlainAxis | None = None) -> None:
        self._handles: dict[str, float] = {}
        self._held = ""
        self._hold_offset = 0.0
        super().__init__(bottom, left)

    def set_handles(self, handles: dict[str, float]) -> None:
        """Tell what can be dragged: name → place on the x axis. Earlier ones win over later."""
        self._handles = dict(handles)

    @property
    def held(self) -> str:
        """The handle that is being dragged, or empty."""
        return self._held

    def handle_at(self, place: QPointF) -> str:
        """The handle under a place on the widget, or empty."""
        if not self.view.sceneBoundingRect().contains(self.mapToScene(place.toPoint())):
            return ""
        near = {
            name: abs(self.to_pixels(x, self.shown_y()[0]).x() - place.x())
            for name, x in self._handles.items()
        }
        found = min(near, key=lambda name: near[name], default="")
        return found if found and near[found] <= REACH_PX else ""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of a handle, else do as every plot."""
        self._held = (
            self.handle_at(event.position())
            if event.button() == Qt.MouseButton.LeftButton else ""
        )  # fmt: skip
        if self._held:
            self._hold_offset = self._handles[self._held] - self.to_numbers(event.position())[0]
            event.accept()
            return
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag what is held."""
        if self._held:
            self.dragged.emit(self._held, self.to_numbers(event.position())[0] + self._hold_offset)
            return
        over = self.handle_at(event.position())
        shape = Qt.CursorShape.SplitHCursor if over else Qt.CursorShape.ArrowCursor
        self.viewport().setCursor(shape)
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        if self._held:
            held, self._held = self._held, ""
            self.dropped.emit(held)
            return
        super().mouseReleaseEvent(event)
