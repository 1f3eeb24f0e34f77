"""What every picture stands in: title, read-out, legend, corner menu, words where it is empty."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from PySide6.QtCore import QElapsedTimer, QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QImage, QPainter, QPaintEvent, QRegion, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QScrollArea,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from workbench.views.palette import Palette
from workbench.views.plots import export
from workbench.views.plots.corner_menu import CornerMenu
from workbench.views.plots.legend import Legend, LegendEntry
from workbench.views.plots.title_row import TitleRow
from workbench.views.theme import SPACING, FollowTheme, colour, font, theme

FRAME_MS = 50
"""Least time between two drawings of one picture: at most 20 a second."""
Table = tuple[Sequence[str], Iterable[Sequence[object]]]


class PictureFrame(QFrame):
    """Base of all pictures.

    A subclass puts its widget in with ``set_picture``, draws in ``redraw`` and asks for a drawing
    with ``schedule``: drawings are at most 20 a second, and none happens while nobody can see it.

    Attributes:
        row: Title, read-out, small controls and the corner menu's button.
        failed: A ``UserError``, where a file could not be written; it is also said in the frame.
        drawings: How often the picture was drawn.
    """

    failed = Signal(object)

    def __init__(self, title: str = "", parent: QWidget | None = None, name: str = "") -> None:
        super().__init__(parent)
        self.drawings = 0
        self._due = False
        self._name = name or type(self).__name__.lower()
        self.setObjectName(self._name)
        self.setProperty("card", "true")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._draw_if_seen)
        self._since = QElapsedTimer()
        self._build(title)
        self._menu = CornerMenu(self, self._name)
        self.row.menu_button.setMenu(self._menu)
        self.set_title(title)

    # ------------------------------------------------------------------ parts

    def _build(self, title: str) -> None:
        self.row = TitleRow(title, self, self._name)
        self._legend = Legend(self)
        self._legend.setFont(font("small"))
        self._legend.setObjectName(f"{self._name}_legend")
        self._empty = QLabel(self)
        self._empty.setTextFormat(Qt.TextFormat.PlainText)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._empty.setProperty("role", "muted")
        self._empty.setObjectName(f"{self._name}_empty")
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self._empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACING + 4, SPACING // 2, SPACING // 2, SPACING // 2)
        layout.setSpacing(SPACING // 4)
        layout.addWidget(self.row)
        layout.addWidget(self._legend)
        layout.addWidget(self._stack, 1)

    def set_picture(self, widget: QWidget) -> None:
        """Put the picture in; until ``set_empty`` is called it is what is shown."""
        self._picture = widget
        self._stack.addWidget(widget)
        self._stack.setCurrentWidget(widget)
        self._follow = FollowTheme(self)

    def set_scrolled_picture(self, canvas: QWidget) -> None:
        """Put a picture in that may be larger than its frame."""
        area = QScrollArea(self)
        area.setObjectName(f"{self.objectName()}_scroll")
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(canvas)
        self.set_picture(area)

    def add_control(self, widget: QWidget) -> None:
        """Put a small control in the title row, before the corner menu."""
        self.row.add_control(widget)

    def add_toggle(
        self, name: str, text: str, tip: str, slot: Callable[[bool], None]
    ) -> QToolButton:
        """Put a small on/off button in the title row; as ``TitleRow.add_toggle``."""
        return self.row.add_toggle(name, text, tip, slot)

    # ------------------------------------------------------------------ words

    def set_title(self, title: str) -> None:
        """Name the picture."""
        self.row.set_title(title)
        self.setAccessibleName(title or self._name)

    @property
    def title(self) -> str:
        """The picture's name."""
        return self.row.title.text()

    def set_empty(self, text: str) -> None:
        """Show words instead of the picture, what to do to fill it; no words show the picture."""
        self._empty.setText(text)
        self._stack.setCurrentWidget(self._empty if text else self._picture)
        self._legend.setVisible(not text and bool(self._legend.entries))
        self._menu.set_filled(not text)

    @property
    def empty_text(self) -> str:
        """The words shown instead of the picture, or nothing."""
        return self._empty.text() if self._stack.currentWidget() is self._empty else ""

    def set_readout(self, text: str, role: str = "muted") -> None:
        """Show the numbers under the pointer, on the right of the title."""
        self.row.set_readout(text, role)

    @property
    def readout(self) -> str:
        """The numbers under the pointer."""
        return self.row.readout.text()

    def set_legend(self, entries: Sequence[LegendEntry]) -> None:
        """Explain lines and colours."""
        self._legend.set_entries(entries)
        if self.empty_text:
            self._legend.hide()

    # ------------------------------------------------------------------ drawing

    def schedule(self) -> None:
        """Ask for a drawing soon; asked while hidden, it happens when the picture is shown."""
        self._due = True
        if not self.isVisible() or self._timer.isActive():
            return
        past = self._since.elapsed() if self._since.isValid() else FRAME_MS
        self._timer.start(max(0, FRAME_MS - int(past)))

    def flush(self) -> None:
        """Draw now what was asked for, all of it: a picture that draws in parts completes them."""
        self._draw_due()

    def _draw_due(self) -> None:
        self._timer.stop()
        if self._due:
            self._due = False
            self._since.start()
            self.drawings += 1
            self.redraw()

    def _draw_if_seen(self) -> None:
        if self.isVisible() and not self.visibleRegion().isEmpty():
            self._draw_due()

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what was asked for while hidden."""
        super().showEvent(event)
        if self._due:
            self._timer.start(0)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Catch up where the picture was asked to draw while it was covered or scrolled away."""
        super().paintEvent(event)
        if self._due and not self._timer.isActive():
            self._timer.start(0)

    def theme_changed(self, palette: Palette) -> None:
        """Take the colours of a theme; a subclass extends it."""
        self.schedule()

    def redraw(self) -> None:
        """Draw from the data; overridden by each picture."""

    def reset_view(self) -> None:
        """Show everything again; overridden where there is a zoom."""

    def table(self) -> Table:
        """Return the picture's numbers: names of the columns, and rows."""
        return ((), ())

    # ------------------------------------------------------------------ taking it out

    def paint_all(self, painter: QPainter) -> None:
        """Paint title, legend and picture, for a file or the clipboard."""
        self.flush()
        painter.setPen(colour("text"))
        painter.setFont(font("normal", bold=True))
        top = SPACING + painter.fontMetrics().height() if self.title else 0
        if self.title:
            room = QRect(SPACING, SPACING // 2, self.width() - 2 * SPACING, top)
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, self.title)
        if self._legend.entries:
            self._legend.render(painter, QPoint(SPACING, top), QRegion(), _PARTS)
            top += self._legend.height()
        widget = self._stack.currentWidget()
        QWidget.render(widget, painter, QPoint(SPACING // 2, top), QRegion(), _PARTS)

    def _size(self) -> QSize:
        self.ensurePolished()
        self.layout().activate()
        self.flush()
        picture = self._stack.currentWidget().size()
        legend = self._legend.height() if self._legend.entries else 0
        title = 2 * SPACING + self.row.title.fontMetrics().height() if self.title else 0
        return QSize(picture.width() + SPACING, picture.height() + legend + title)

    def image(self) -> QImage:
        """The picture with title and legend, at twice its size on the screen."""
        return export.picture_image(self._size(), theme().palette.surface, self.paint_all)

    def save_png(self, path: Path) -> None:
        """Write the picture as PNG.

        Raises:
            UserError: Where the file cannot be written.
        """
        export.save_png(path, self._size(), theme().palette.surface, self.paint_all)

    def save_svg(self, path: Path) -> None:
        """Write the picture as SVG.

        Raises:
            UserError: Where the file cannot be written.
        """
        ground = theme().palette.surface
        export.save_svg(path, self._size(), self.title, ground, self.paint_all)

    def save_csv(self, path: Path) -> None:
        """Write the picture's numbers as CSV.

        Raises:
            UserError: Where the file cannot be written.
        """
        export.save_csv(path, *self.table())

    def copy(self) -> None:
        """Put the picture on the clipboard."""
        QGuiApplication.clipboard().setImage(self.image())
        self.set_readout(self.tr("Picture copied"))


_PARTS = QWidget.RenderFlag.DrawWindowBackground | QWidget.RenderFlag.DrawChildren
