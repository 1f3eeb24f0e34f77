"""A text of any size, read-only: one stretch of it is held by the widget at a time."""

import unicodedata
from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QTextBlock,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextOption,
)
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QWidget

from workbench.data.text_overview import LINE_STEP, PARTS, Sample
from workbench.views.numbers import grouped
from workbench.views.pages.data_display import visible
from workbench.views.pages.data_split_bar import part_colour
from workbench.views.palette import Palette, mix
from workbench.views.paragraphs import ParagraphLayout
from workbench.views.theme import SPACING, colour, theme

PAGE = 12_000
"""Code points held by the widget at once."""


_SPECIAL = {
    0xFDD0: "\ufffd",
    0xFDD1: "\ufffd",
    0xFFFC: "\ufffd",
    0x2028: "\u2424",
    0x2029: "\u2424",
}
"""What Qt uses as marks of its own within a document."""
_JOINERS = "\u200d\ufe0e\ufe0f"


def page_start(text: str, position: int) -> int:
    """A place at or a little before ``position`` where a page may begin: a line, or a character."""
    if position <= 0:
        return 0
    line = text.rfind("\n", max(0, position - 2000), position)
    if line >= 0:
        return line + 1
    start = position
    while start > max(0, position - 64) and _joins(text, start):
        start -= 1
    return start


def _joins(text: str, place: int) -> bool:
    """Whether the character at ``place`` belongs to the one before it."""
    sign = text[place]
    return bool(unicodedata.combining(sign)) or sign in _JOINERS or text[place - 1] == "\u200d"


def sample_colour(palette: Palette) -> str:
    """The ground of a sample's input stretch, ``#rrggbb``."""
    return mix(palette.surface, palette.accent, 0.3 if palette.dark else 0.22)


class Positions:
    """Code points of a page ↔ the UTF-16 units that Qt counts in."""

    def __init__(self, page: str) -> None:
        codes = np.frombuffer(page.encode("utf-32-le", "surrogatepass"), dtype="<u4")
        wide = np.concatenate(([0], np.cumsum(codes > 0xFFFF)))
        self._units = np.arange(len(codes) + 1) + wide

    def unit(self, point: int) -> int:
        """The UTF-16 position of a code point; what lies outside goes to the nearest end."""
        return int(self._units[min(max(point, 0), len(self._units) - 1)])

    def point(self, unit: int) -> int:
        """The code point at a UTF-16 position."""
        return int(np.searchsorted(self._units, unit, side="right") - 1)


class _Gutter(QWidget):
    """Line numbers and the colour of the part, beside the text."""

    def __init__(self, pager: "TextPager") -> None:
        super().__init__(pager)
        self._pager = pager
        self.setObjectName("text_gutter")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the numbers of the lines on the screen."""
        pager, area = self._pager, event.rect()
        painter = QPainter(self)
        painter.fillRect(area, colour("surface"))
        painter.setPen(colour("text_muted"))
        block: QTextBlock = pager.firstVisibleBlock()
        top = pager.blockBoundingGeometry(block).translated(pager.contentOffset()).top()
        while block.isValid() and top <= area.bottom():
            height = pager.blockBoundingRect(block).height()
            if top + height >= area.top():
                self._draw_line(painter, QRectF(0, top, self.width(), height), block)
            top += height
            block = block.next()
        painter.end()

    def _draw_line(self, painter: QPainter, area: QRectF, block: QTextBlock) -> None:
        number, part = self._pager.line_at(block)
        if part is not None:
            tint = part_colour(part)
            tint.setAlpha(150)
            painter.fillRect(QRectF(area.right() - 4, area.top(), 3, area.height()), tint)
        room = QRectF(0, area.top(), area.width() - 2 * SPACING, self.fontMetrics().height())
        flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop
        painter.drawText(room, flags, grouped(number))


class TextPager(QPlainTextEdit):
    """Shows a text page by page as it is scrolled; marks the split and one training sample.

    Positions are code points of the whole text.
    """

    shown_changed = Signal(int, int)
    """First and last code point on the screen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("text_pager")
        self.setAccessibleName(self.tr("The text"))
        self.setReadOnly(True)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setTabChangesFocus(True)
        self.setUndoRedoEnabled(False)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        document = QTextDocument(self)
        self._layout = ParagraphLayout(document)  # held: Qt knows only its C++ half
        document.setDocumentLayout(self._layout)
        self.setDocument(document)
        option = self.document().defaultTextOption()
        option.setTextDirection(Qt.LayoutDirection.LayoutDirectionAuto)
        self.document().setDefaultTextOption(option)
        self.document().setDocumentMargin(SPACING)
        self._text = ""
        self._spans: Mapping[str, tuple[int, int]] = {}
        self._lines = np.zeros(1, dtype=np.int64)
        self._line_total = 1
        self._sample: Sample | None = None
        self._start, self._end, self._first_line = 0, 0, 1
        self._positions = Positions("")
        self._moving = False
        self._gutter = _Gutter(self)
        self.updateRequest.connect(self._scroll_gutter)
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        theme().changed.connect(self._restyle)

    # ------------------------------------------------------------------ what is shown

    def set_text(self, text: str, line_counts: np.ndarray) -> None:
        """Show another text from its beginning.

        Args:
            text: All of it.
            line_counts: int64: line breaks before code point ``k · LINE_STEP``, for k = 0, 1, …
        """
        self._text, self._lines = text, line_counts
        counted = (len(line_counts) - 1) * LINE_STEP
        self._line_total = int(line_counts[-1]) + text.count("\n", counted) + 1
        self._sample = None
        self._load(0)
        self.setViewportMargins(self.gutter_width(), 0, 0, 0)

    def set_spans(self, spans: Mapping[str, tuple[int, int]]) -> None:
        """Mark the parts: first code point and the one after the last, by name of the part."""
        self._spans = spans
        self.viewport().update()
        self._gutter.update()

    def set_sample(self, sample: Sample | None, *, show: bool = False) -> None:
        """Mark a training sample; ``show`` brings it on the screen."""
        self._sample = sample
        if show and sample is not None:
            self.show_position(sample.start)
        self._mark()

    def show_position(self, position: int) -> None:
        """Bring a code point of the text near the top of the screen."""
        position = min(max(position, 0), len(self._text))
        margin = 200
        if not (self._start + margin <= position <= self._end - margin) or self._end == 0:
            self._load(position - PAGE // 3)
        self._put_on_top(position)

    def selected_span(self) -> tuple[int, int]:
        """The selected code points of the whole text: first, and the one after the last."""
        cursor = self.textCursor()
        first = self._positions.point(cursor.selectionStart())
        last = self._positions.point(cursor.selectionEnd())
        return self._start + first, self._start + last

    def selected_text(self) -> str:
        """The selected stretch of the text as it is, not as it is shown."""
        first, last = self.selected_span()
        return self._text[first:last]

    def visible_span(self) -> tuple[int, int]:
        """The code points on the screen."""
        corner = self.viewport().rect().bottomRight()
        first = self.cursorForPosition(self.viewport().rect().topLeft()).position()
        last = self.cursorForPosition(corner).position()
        return (
            self._start + self._positions.point(first),
            self._start + self._positions.point(max(first, last)),
        )

    def _load(self, position: int) -> None:
        start = page_start(self._text, min(max(position, 0), max(len(self._text) - PAGE, 0)))
        end = min(start + PAGE, len(self._text))
        page = self._text[start:end]
        self._moving = True
        self._start, self._end = start, end
        step = start // LINE_STEP
        counted = int(self._lines[min(step, len(self._lines) - 1)])
        self._first_line = 1 + counted + self._text.count("\n", step * LINE_STEP, start)
        self._positions = Positions(page)
        self.setPlainText(visible(page, keep_breaks=True).translate(_SPECIAL))
        self._mark()
        self._moving = False

    def _put_on_top(self, position: int) -> None:
        self._moving = True
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        self.setTextCursor(cursor)  # coming from below, the place ends up on the first line
        cursor.setPosition(self._positions.unit(position - self._start))
        self.setTextCursor(cursor)
        bar = self.verticalScrollBar()
        bar.setValue(bar.maximum() if position >= len(self._text) else bar.value() - 2)
        self._moving = False
        self._tell()

    @Slot(int)
    def _scrolled(self, value: int) -> None:
        if self._moving:
            return
        bar = self.verticalScrollBar()
        down = value >= bar.maximum() and self._end < len(self._text)
        if down or (value <= bar.minimum() and self._start > 0):
            anchor, place = (self._start + self._positions.point(unit) for unit in self._cursor())
            top = self.visible_span()[0]
            self._load(top - PAGE // 2)
            self._put_on_top(top)
            self._restore(anchor, place)
        self._tell()

    def _cursor(self) -> tuple[int, int]:
        return self.textCursor().anchor(), self.textCursor().position()

    def _restore(self, anchor: int, place: int) -> None:
        """Put the selection back where it still lies within the page."""
        if self._start <= min(anchor, place) and max(anchor, place) <= self._end:
            self._moving = True
            kept = self.verticalScrollBar().value()
            cursor = self.textCursor()
            cursor.setPosition(self._positions.unit(anchor - self._start))
            keep = QTextCursor.MoveMode.KeepAnchor
            cursor.setPosition(self._positions.unit(place - self._start), keep)
            self.setTextCursor(cursor)
            self.verticalScrollBar().setValue(kept)
            self._moving = False

    def _tell(self) -> None:
        self.shown_changed.emit(*self.visible_span())

    # ------------------------------------------------------------------ marks

    @Slot(object)
    def _restyle(self, _palette: object) -> None:
        self._mark()
        self._gutter.update()

    def _mark(self) -> None:
        sample, marks = self._sample, []
        if sample is not None:
            palette = theme().palette
            given, target = QTextCharFormat(), QTextCharFormat()
            given.setBackground(QColor(sample_colour(palette)))
            target.setBackground(QColor(palette.accent))
            target.setForeground(QColor(palette.accent_text))
            marks = [
                self._selection(sample.start, sample.end, given),
                self._selection(sample.end, sample.target_end, target),
            ]
        self.setExtraSelections([mark for mark in marks if mark is not None])

    def _selection(
        self, start: int, end: int, style: QTextCharFormat
    ) -> QTextEdit.ExtraSelection | None:
        if end <= self._start or start >= self._end or end <= start:
            return None
        mark = QTextEdit.ExtraSelection()
        cursor = QTextCursor(self.document())
        cursor.setPosition(self._positions.unit(start - self._start))
        cursor.setPosition(self._positions.unit(end - self._start), QTextCursor.MoveMode.KeepAnchor)
        mark.cursor, mark.format = cursor, style
        return mark

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw."""
        super().paintEvent(event)
        borders = _borders(self._spans, self._start, self._end)
        if not borders:
            return
        painter = QPainter(self.viewport())
        titles = ("", self.tr("Validation part"), self.tr("Test part"))
        for position, part in borders:
            cursor = QTextCursor(self.document())
            cursor.setPosition(self._positions.unit(position - self._start))
            width = self.viewport().width()
            _draw_border(painter, self.cursorRect(cursor), width, titles[part], part)
        painter.end()

    # ------------------------------------------------------------------ gutter

    def gutter_width(self) -> int:
        """Pixels for the largest line number of the text."""
        return (
            self.fontMetrics().horizontalAdvance(grouped(max(self._line_total, 99))) + 3 * SPACING
        )

    def line_at(self, block: QTextBlock) -> tuple[int, int | None]:
        """The line's number within the whole text, and the part it begins in."""
        position = self._start + self._positions.point(block.position())
        for part, name in enumerate(PARTS):
            first, last = self._spans.get(name, (0, 0))
            if first <= position < last:
                return self._first_line + block.blockNumber(), part
        return self._first_line + block.blockNumber(), None

    @Slot(QRect, int)
    def _scroll_gutter(self, area: QRect, moved: int) -> None:
        if moved:
            self._gutter.scroll(0, moved)
        else:
            self._gutter.update(0, area.y(), self._gutter.width(), area.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay out anew."""
        super().resizeEvent(event)
        inner = self.contentsRect()
        self._gutter.setGeometry(inner.left(), inner.top(), self.gutter_width(), inner.height())
        self._tell()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move by keys."""
        if event.matches(QKeySequence.StandardKey.MoveToStartOfDocument):
            self.show_position(0)
        elif event.matches(QKeySequence.StandardKey.MoveToEndOfDocument):
            self.show_position(len(self._text))
        else:
            super().keyPressEvent(event)


def _draw_border(painter: QPainter, place: QRect, width: int, title: str, part: int) -> None:
    """A step along the border: under the line before it, over the line after it."""
    palette = theme().palette
    colour = QColor(palette.series[part % len(palette.series)])
    painter.setPen(QPen(colour, 2.0))
    corner = [
        QPointF(0, place.bottom() + 1),
        QPointF(place.left(), place.bottom() + 1),
        QPointF(place.left(), place.top()),
        QPointF(width, place.top()),
    ]
    painter.drawPolyline(corner[2:] if place.left() <= 2 * SPACING else corner)
    metrics = painter.fontMetrics()
    room = metrics.horizontalAdvance(title) + 2 * SPACING
    label = QRectF(width - room, place.top() - metrics.height() - 2, room, metrics.height() + 2)
    painter.fillRect(label, QColor(palette.surface))
    painter.setPen(QColor(palette.text_muted))
    painter.drawText(label, Qt.AlignmentFlag.AlignCenter, title)


def _borders(spans: Mapping[str, tuple[int, int]], first: int, last: int) -> list[tuple[int, int]]:
    """Places between ``first`` and ``last`` where validation (1) and test part (2) begin."""
    found = []
    for part, name in enumerate(PARTS):
        start, end = spans.get(name, (0, 0))
        if part and end > start and first <= start < last:
            found.append((start, part))
    return found
