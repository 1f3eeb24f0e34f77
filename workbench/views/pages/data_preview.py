"""The rows of a table as they were read: lazy model, header with role and kind, view."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QHeaderView, QStyle, QStyleOptionHeader, QTableView, QWidget

from workbench.specs import ColumnSpec
from workbench.views.numbers import grouped
from workbench.views.pages.data_display import (
    column_text,
    is_missing,
    number_text,
    one_line,
    plain_tip,
)
from workbench.views.theme import SPACING, colour, font, theme

if TYPE_CHECKING:
    import pandas as pd

Index = QModelIndex | QPersistentModelIndex

COLUMN_ROLE = Qt.ItemDataRole.UserRole + 1
"""Header data: the ``ColumnSpec`` of the section, or None."""

_CACHED = 512
_SAMPLED = 100


class _Column:
    """One column of the frame, ready to be asked cell by cell."""

    def __init__(self, frame: "pd.DataFrame", place: int) -> None:
        values = frame.iloc[:, place]
        self.values = values.array
        self.dated = values.dtype.kind == "M"
        self.number = values.dtype.kind in "iuf"
        head = values.iloc[:1000]
        self.timed = self.dated and bool((head.dropna() != head.dropna().dt.normalize()).any())

    def text(self, row: int) -> str | None:
        value = self.values[row]
        if is_missing(value):
            return None
        if self.dated:
            return value.strftime("%Y-%m-%d %H:%M:%S" if self.timed else "%Y-%m-%d")
        return number_text(value) if self.number else str(value)


class PreviewModel(QAbstractTableModel):
    """A DataFrame, read cell by cell: nothing of it is copied or converted beforehand."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._frame: pd.DataFrame | None = None
        self._names: list[str] = []
        self._columns: dict[str, ColumnSpec] = {}
        self._cache: dict[int, _Column] = {}
        role = Qt.ItemDataRole
        self._readers = {
            role.DisplayRole: self._shown,
            role.AccessibleTextRole: self._shown,
            role.TextAlignmentRole: self._alignment,
            role.ForegroundRole: self._colour,
            role.FontRole: self._font,
            role.ToolTipRole: self._tip,
        }

    def set_frame(self, frame: "pd.DataFrame | None", columns: Sequence[ColumnSpec]) -> None:
        """Show another frame.

        Args:
            frame: Typed columns; None shows nothing.
            columns: Their roles, matched by name.
        """
        self.beginResetModel()
        self._frame = frame
        self._names = [] if frame is None else [str(name) for name in frame.columns]
        self._columns = {column.name: column for column in columns}
        self._cache = {}
        self.endResetModel()

    def set_columns(self, columns: Sequence[ColumnSpec]) -> None:
        """Show other roles over the same cells."""
        self._columns = {column.name: column for column in columns}
        if self._names:
            last = len(self._names) - 1
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, last)
            rows = self.rowCount()
            if rows:
                self.dataChanged.emit(self.index(0, 0), self.index(rows - 1, last))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own signature)
        """Rows on show."""
        return 0 if self._frame is None or parent.isValid() else len(self._frame)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own signature)
        """Sections on show."""
        return 0 if parent.isValid() else len(self._names)

    def _cell(self, index: Index) -> str | None:
        place = index.column()
        column = self._cache.get(place)
        if column is None:
            assert self._frame is not None
            if len(self._cache) >= _CACHED:
                self._cache.clear()
            column = self._cache[place] = _Column(self._frame, place)
        return column.text(index.row())

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell shows and says."""
        reader = self._readers.get(role)
        return reader(index) if index.isValid() and reader is not None else None

    def _shown(self, index: Index) -> str:
        text = self._cell(index)
        return self.tr("missing") if text is None else one_line(text)

    def _alignment(self, index: Index) -> Qt.AlignmentFlag:
        self._cell(index)
        number = self._cache[index.column()].number
        side = Qt.AlignmentFlag.AlignRight if number else Qt.AlignmentFlag.AlignLeft
        return side | Qt.AlignmentFlag.AlignVCenter

    def _colour(self, index: Index) -> QColor | None:
        column = self._columns.get(self._names[index.column()])
        ignored = column is not None and column.role == "ignored"
        muted = ignored or self._cell(index) is None
        return QColor(theme().palette.text_muted) if muted else None

    def _font(self, index: Index) -> QFont | None:
        if self._cell(index) is not None:
            return None
        slanted = font()
        slanted.setItalic(True)
        return slanted

    def _tip(self, index: Index) -> str | None:
        text = self._cell(index)
        if text is None:
            return None
        column = self._cache[index.column()]
        if column.number:
            return plain_tip(repr(column.values[index.row()].item()))
        return plain_tip(text) if len(text) > 24 else None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Titles of the sections."""
        if orientation == Qt.Orientation.Vertical:
            return grouped(section + 1) if role == Qt.ItemDataRole.DisplayRole else None
        if not 0 <= section < len(self._names):
            return None
        name = self._names[section]
        column = self._columns.get(name)
        if role == Qt.ItemDataRole.DisplayRole:
            return one_line(name)
        if role == COLUMN_ROLE:
            return column
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            text = name if column is None else f"{name}\n{column_text(column)}"
            return plain_tip(text) if role == Qt.ItemDataRole.ToolTipRole else text
        return None


class RoleHeader(QHeaderView):
    """A horizontal header of two lines: the name, and under it role and kind."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setSectionsClickable(True)
        self.setHighlightSections(False)

    def sizeHint(self) -> QSize:
        """The size it asks for."""
        line = self.fontMetrics().height()
        return QSize(super().sizeHint().width(), 2 * line + SPACING + 4)

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        """Draw one section of the header."""
        if not rect.isValid():
            return
        option = QStyleOptionHeader()
        self.initStyleOption(option)
        option.rect = rect
        option.section = section
        painter.save()
        self.style().drawControl(QStyle.ControlElement.CE_HeaderSection, option, painter, self)
        painter.restore()
        column = self.model().headerData(section, Qt.Orientation.Horizontal, COLUMN_ROLE)
        name = self.model().headerData(section, Qt.Orientation.Horizontal) or ""
        inner = rect.adjusted(SPACING, 4, -SPACING, -4)
        half = inner.height() // 2
        above = QRect(inner.left(), inner.top(), inner.width(), half)
        below = QRect(inner.left(), inner.bottom() - half, inner.width(), half)
        target = column is not None and column.role == "target"
        used = column is not None and column.role != "ignored"
        painter.save()
        painter.setFont(font(bold=target))
        painter.setPen(colour("text" if used else "text_muted"))
        self._line(painter, above, name)
        if column is not None:
            painter.setFont(font("small"))
            painter.setPen(colour("accent" if target else "text_muted"))
            self._line(painter, below, column_text(column))
        if target:
            stripe = QRect(rect.left(), rect.bottom() - 1, rect.width() - 1, 2)
            painter.fillRect(stripe, colour("accent"))
        painter.restore()

    @staticmethod
    def _line(painter: QPainter, rect: QRect, text: str) -> None:
        metrics = QFontMetrics(painter.font())
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(rect, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)


class PreviewTable(QTableView):
    """The rows of a table; fast whatever its size, because every section has a fixed height."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("preview_table")
        self.setAccessibleName(self.tr("First rows of the table"))
        self.preview = PreviewModel(self)
        header = RoleHeader(self)
        self.setHorizontalHeader(header)
        self.setModel(self.preview)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setAlternatingRowColors(False)
        self.setHorizontalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QTableView.EditTrigger.NoEditTriggers)
        line = self.fontMetrics().height()
        self.verticalHeader().setDefaultSectionSize(line + SPACING)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultAlignment(
            Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        )
        header.setDefaultSectionSize(13 * self.fontMetrics().averageCharWidth() + 2 * SPACING)
        header.setMinimumSectionSize(6 * SPACING)

    def set_frame(self, frame: "pd.DataFrame | None", columns: Sequence[ColumnSpec]) -> None:
        """Show a frame and give its first columns the width their cells ask for."""
        self.preview.set_frame(frame, columns)
        metrics = self.fontMetrics()
        rows = range(min(self.preview.rowCount(), 12))
        for place in range(min(self.preview.columnCount(), _SAMPLED)):
            texts = [self.preview.index(row, place).data() for row in rows]
            texts.append(self.preview.headerData(place, Qt.Orientation.Horizontal) + "  ")
            spec = self.preview.headerData(place, Qt.Orientation.Horizontal, COLUMN_ROLE)
            texts.append(column_text(spec) if spec is not None else "")
            width = max(metrics.horizontalAdvance(text) for text in texts) + 3 * SPACING
            self.setColumnWidth(place, min(width, 28 * SPACING))
