"""The split as a bar: three parts by position, borders that can be dragged, a place to jump to."""

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.data.text_overview import percent_text
from workbench.views.theme import SPACING, theme

GRIP = 6
"""Pixels around a border that take hold of it."""

STEP = 0.005
"""Borders stop at every half per cent."""

SMALLEST = 0.01
"""Smallest share that dragging leaves to a part that is not empty."""


class SplitBar(QWidget):
    """Training, validation and test part of a whole, in their order.

    The borders are dragged with the mouse, or moved with the arrow keys (Up and Down choose the
    border); a click elsewhere asks to show that position.
    """

    split_changed = Signal(float, float, float)
    """Shares of training, validation and test part, after a drag or a key."""
    position_requested = Signal(float)
    """Where was clicked, 0…1."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("split_bar")
        self.setAccessibleName(self.tr("Split into training, validation and test part"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip(self.tr("Drag a border to move it; click elsewhere to see the text there."))
        self._borders = [0.8, 0.9]
        self._end = 1.0
        self._total = 0
        self._unit = ""
        self._shown = (0.0, 0.0)
        self._held: int | None = None
        self._chosen = 0
        theme().changed.connect(self._repaint)

    def sizeHint(self) -> QSize:
        """The size it asks for."""
        return QSize(60 * SPACING, self.fontMetrics().height() + 3 * SPACING)

    def set_split(self, train: float, validation: float, test: float) -> None:
        """Show these shares of the whole (their sum may be below 1: the rest is unused)."""
        if self._held is None:
            self._borders = [train, train + validation]
            self._end = min(train + validation + test, 1.0)
            self._describe()
            self.update()

    def set_total(self, total: int, unit: str) -> None:
        """What the whole holds, such as 1 115 394 characters."""
        self._total, self._unit = total, unit
        self._describe()
        self.update()

    def set_shown(self, start: float, end: float) -> None:
        """The stretch that is on the screen, 0…1."""
        self._shown = (start, end)
        self.update()

    def shares(self) -> tuple[float, float, float]:
        """Shares of training, validation and test part."""
        first, second = self._borders
        return first, second - first, self._end - second

    def _repaint(self, _palette: object) -> None:
        self.update()

    def _describe(self) -> None:
        names = (self.tr("training"), self.tr("validation"), self.tr("test"))
        both = zip(names, self.shares(), strict=True)
        self.setAccessibleDescription(
            ", ".join(f"{name} {percent_text(share)} %" for name, share in both)
        )

    # ------------------------------------------------------------------ drawing

    def _bar(self) -> QRectF:
        return QRectF(self.rect()).adjusted(1, SPACING / 2, -1, -SPACING / 2)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw."""
        palette = theme().palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        bar = self._bar()
        edges = [0.0, *self._borders, self._end]
        titles = (self.tr("Training"), self.tr("Validation"), self.tr("Test"))
        self._draw_unused(painter, bar)
        for place, title in enumerate(titles):
            left, right = (bar.left() + bar.width() * edge for edge in edges[place : place + 2])
            area = QRectF(left, bar.top(), max(right - left, 0.0), bar.height())
            painter.fillRect(area, part_colour(place))
            self._label(painter, area, title, edges[place + 1] - edges[place])
        painter.setPen(QPen(QColor(palette.border)))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(bar)
        self._draw_shown(painter, bar)
        for place, border in enumerate(self._borders):
            self._draw_border(painter, bar, border, self.hasFocus() and place == self._chosen)
        painter.end()

    def _label(self, painter: QPainter, area: QRectF, title: str, share: float) -> None:
        if area.width() < 12:
            return
        painter.setPen(QColor(theme().palette.text))
        percent = f"{percent_text(share)}\u202f%"
        count = f"{round(share * self._total):,}".replace(",", "\u202f")
        room = area.adjusted(SPACING, 0, -SPACING, 0)
        place = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        for text in (f"{title}  {percent} · {count} {self._unit}", f"{title}  {percent}", percent):
            if painter.fontMetrics().horizontalAdvance(text) <= room.width():
                painter.drawText(room, place, text)
                return

    def _draw_unused(self, painter: QPainter, bar: QRectF) -> None:
        area = QRectF(bar)
        area.setLeft(bar.left() + bar.width() * self._end + SPACING)
        painter.setPen(QColor(theme().palette.text_muted))
        if painter.fontMetrics().horizontalAdvance(self.tr("not used")) < area.width():
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, self.tr("not used"))

    def _draw_shown(self, painter: QPainter, bar: QRectF) -> None:
        start, end = self._shown
        if end <= start:
            return
        left = bar.left() + bar.width() * start
        width = max(bar.width() * (end - start), 3.0)
        painter.fillRect(
            QRectF(min(left, bar.right() - width), bar.bottom() - 3, width, 3),
            QColor(theme().palette.accent),
        )

    def _draw_border(self, painter: QPainter, bar: QRectF, border: float, chosen: bool) -> None:
        palette = theme().palette
        place = bar.left() + bar.width() * border
        painter.setPen(QPen(QColor(palette.accent if chosen else palette.text), 2.0))
        painter.drawLine(QPointF(place, bar.top()), QPointF(place, bar.bottom()))
        grip = QRectF(place - 3, bar.center().y() - 7, 6, 14)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(palette.accent if chosen else palette.text))
        painter.drawRoundedRect(grip, 3, 3)

    # ------------------------------------------------------------------ hands

    def _near(self, x: float) -> int | None:
        bar = self._bar()
        far = [abs(bar.left() + bar.width() * border - x) for border in self._borders]
        nearest = min(range(len(far)), key=far.__getitem__)
        return nearest if far[nearest] <= GRIP else None

    def _move(self, border: int, share: float) -> None:
        low = SMALLEST if border == 0 else self._borders[0] + SMALLEST
        high = self._borders[1] - SMALLEST if border == 0 else self._end
        self._borders[border] = round(min(max(round(share / STEP) * STEP, low), high), 4)
        self._describe()
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold, or jump."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        held = self._near(event.position().x())
        if held is not None:
            self._held = self._chosen = held
            self.update()
            return
        bar = self._bar()
        share = (event.position().x() - bar.left()) / max(bar.width(), 1.0)
        self.position_requested.emit(min(max(share, 0.0), 1.0))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag."""
        x = event.position().x()
        if self._held is None:
            shape = Qt.CursorShape
            self.setCursor(
                shape.PointingHandCursor if self._near(x) is None else shape.SplitHCursor
            )
            return
        bar = self._bar()
        self._move(self._held, (x - bar.left()) / max(bar.width(), 1.0))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        if event.button() == Qt.MouseButton.LeftButton and self._held is not None:
            self._held = None
            self.split_changed.emit(*self.shares())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move by keys."""
        step = 0.05 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 0.01
        key = event.key()
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._chosen = 1 - self._chosen
            self.update()
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            away = step if key == Qt.Key.Key_Right else -step
            self._move(self._chosen, self._borders[self._chosen] + away)
            self.split_changed.emit(*self.shares())
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide the focus."""
        super().focusOutEvent(event)
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the font."""
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()
        super().changeEvent(event)


def part_colour(part: int) -> QColor:
    """The tint of training (0), validation (1) and test part (2), light enough for text."""
    palette = theme().palette
    colour = QColor(palette.series[(0, 1, 2)[part] % len(palette.series)])
    colour.setAlpha(44)
    return colour
