"""The vocabulary of a text: every symbol with its count and share; sortable, filterable."""

import unicodedata
from collections.abc import Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRectF,
    Qt,
    QTimer,
    Slot,
)
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from workbench.views.numbers import grouped, isolated
from workbench.views.pages.data_display import one_line, plain_tip, visible
from workbench.views.theme import SPACING, theme

Index = QModelIndex | QPersistentModelIndex

SHARE_ROLE = Qt.ItemDataRole.UserRole + 1
"""Item data of the share column: the count over the largest count, 0…1."""

_SIGNS = {" ": "␣", "\n": "↵", "\t": "⇥", "\u00a0": "⍽", "\u3000": "□"}


def symbol_text(symbol: str) -> str:
    """A symbol so that it can be seen: signs for space, line break and control characters."""
    if symbol in _SIGNS:
        return _SIGNS[symbol]
    shown = visible("".join(_SIGNS.get(sign, sign) for sign in symbol))
    if shown and unicodedata.combining(shown[0]):
        return "◌" + shown
    if shown and unicodedata.category(shown[0]) == "Cf" and len(shown) == 1:
        return f"U+{ord(shown):04X}"
    return one_line(shown)


def symbol_name(symbol: str) -> str:
    """The Unicode name of a single character, or its number of characters."""
    if len(symbol) != 1:
        return ""
    names = {"\n": "LINE FEED", "\t": "TAB", "\r": "CARRIAGE RETURN"}
    name = names.get(symbol) or unicodedata.name(symbol, "")
    code = f"U+{ord(symbol):04X}"
    if name.endswith(f"-{ord(symbol):04X}"):  # CJK UNIFIED IDEOGRAPH-5EDF says nothing more
        return code
    return f"{code} {name.lower()}" if name else code


class VocabularyModel(QAbstractTableModel):
    """Symbols and counts, sorted and filtered by number only: half a million words stay quick."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._symbols: Sequence[str] = ()
        self._counts = np.zeros(0, dtype=np.int64)
        self._total = 1
        self._most = 1
        self._order = np.zeros(0, dtype=np.int64)
        self._filter = ""
        self._sorting = (2, Qt.SortOrder.DescendingOrder)
        self._titles = (
            self.tr("Symbol"), self.tr("Character"), self.tr("Count"), self.tr("Share"),
        )  # fmt: skip
        role = Qt.ItemDataRole
        self._readers = {
            role.DisplayRole: self._shown,
            role.AccessibleTextRole: self._said,
            SHARE_ROLE: self._length,
            role.TextAlignmentRole: self._alignment,
            role.ForegroundRole: self._colour,
            role.ToolTipRole: self._tip,
        }

    def set_vocabulary(self, symbols: Sequence[str], counts: Sequence[int]) -> None:
        """Show these symbols with their counts in the training part."""
        self.beginResetModel()
        self._symbols = symbols
        self._counts = np.asarray(counts, dtype=np.int64)
        self._total = max(int(self._counts.sum()), 1)
        self._most = max(int(self._counts.max(initial=0)), 1)
        self._order = self._ordered()
        self.endResetModel()

    def set_filter(self, text: str) -> None:
        """Show only symbols that contain ``text`` (in themselves, as shown, or in their name)."""
        self.beginResetModel()
        self._filter = text
        self._order = self._ordered()
        self.endResetModel()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a section."""
        self.beginResetModel()
        self._sorting = (column, order)
        self._order = self._ordered()
        self.endResetModel()

    def _ordered(self) -> np.ndarray:
        places = np.arange(len(self._symbols))
        if self._filter:
            wanted = self._filter.casefold()
            named = len(self._symbols) <= 20_000
            keep = [
                wanted in symbol.casefold()
                or self._filter == symbol_text(symbol)
                or (named and wanted in symbol_name(symbol))
                for symbol in self._symbols
            ]
            places = places[np.asarray(keep, dtype=bool)]
        column, order = self._sorting
        if column in (0, 1):
            places = np.array(sorted(places, key=self._symbols.__getitem__), dtype=np.int64)
        else:
            places = places[np.argsort(self._counts[places], kind="stable")]
        return places[::-1] if order == Qt.SortOrder.DescendingOrder else places

    def symbol(self, row: int) -> str:
        """The symbol in a shown row."""
        return self._symbols[int(self._order[row])]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own signature)
        """Rows on show."""
        return 0 if parent.isValid() else len(self._order)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own signature)
        """Sections on show."""
        return 0 if parent.isValid() else len(self._titles)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell shows and says."""
        reader = self._readers.get(role)
        if not index.isValid() or reader is None:
            return None
        return reader(int(self._order[index.row()]), index.column())

    def _shown(self, place: int, column: int) -> str:
        symbol, count = self._symbols[place], int(self._counts[place])
        if column == 0:
            return isolated(symbol_text(symbol))
        if column == 1:
            return symbol_name(symbol)
        return grouped(count) if column == 2 else _share(count / self._total)

    def _said(self, place: int, column: int) -> str:
        name = symbol_name(self._symbols[place])
        return name if column == 0 and name else self._shown(place, column)

    def _length(self, place: int, column: int) -> float | None:
        return int(self._counts[place]) / self._most if column == 3 else None

    def _alignment(self, _place: int, column: int) -> Qt.AlignmentFlag:
        side = Qt.AlignmentFlag.AlignRight if column >= 2 else Qt.AlignmentFlag.AlignLeft
        return side | Qt.AlignmentFlag.AlignVCenter

    def _colour(self, _place: int, column: int) -> QColor | None:
        return QColor(theme().palette.text_muted) if column == 1 else None

    def _tip(self, place: int, column: int) -> str | None:
        symbol = self._symbols[place]
        if column > 1:
            return None
        return plain_tip(f"{symbol_text(symbol)}\n{symbol_name(symbol)}".strip())

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Titles of the sections."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self._titles):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._titles[section]
        return self._alignment(0, section) if role == Qt.ItemDataRole.TextAlignmentRole else None


def _share(share: float) -> str:
    if share >= 0.0005 or share == 0:
        return f"{100 * share:.2f}\u202f%"
    return f"{1e6 * share:.3g}\u202fppm"


class ShareDelegate(QStyledItemDelegate):
    """Draws a bar behind the share, as long as the symbol is frequent."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw a cell."""
        share = index.data(SHARE_ROLE)
        if share:
            colour = QColor(theme().palette.accent)
            colour.setAlpha(56)
            area = QRectF(option.rect).adjusted(2, 3, -2, -3)
            width = max(1.0, area.width() * float(share))
            painter.fillRect(QRectF(area.right() - width, area.top(), width, area.height()), colour)
        super().paint(painter, option, index)


class VocabularyPanel(QWidget):
    """The table of symbols under a search field and a line that says how many there are."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("vocabulary_panel")
        self.model = VocabularyModel(self)
        self.summary = QLabel()
        self.summary.setObjectName("vocabulary_summary")
        self.summary.setTextFormat(Qt.TextFormat.PlainText)
        self.summary.setWordWrap(True)
        self.search = QLineEdit()
        self.search.setObjectName("vocabulary_search")
        self.search.setPlaceholderText(self.tr("Find a symbol"))
        self.search.setAccessibleName(self.tr("Find a symbol"))
        self.search.setClearButtonEnabled(True)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(150)
        self._typing.timeout.connect(self._filter)
        self.search.textChanged.connect(self._typing.start)
        self.table = self._make_table()
        bar = QHBoxLayout()
        bar.setContentsMargins(0, 0, 0, 0)
        bar.addWidget(self.search)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACING)
        layout.addWidget(self.summary)
        layout.addLayout(bar)
        layout.addWidget(self.table, 1)

    def _make_table(self) -> QTableView:
        table = QTableView(self)
        table.setObjectName("vocabulary_table")
        table.setAccessibleName(self.tr("Vocabulary with counts"))
        table.setModel(self.model)
        table.setItemDelegateForColumn(3, ShareDelegate(table))
        table.setSortingEnabled(True)
        table.sortByColumn(2, Qt.SortOrder.DescendingOrder)
        table.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        table.setTabKeyNavigation(False)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.verticalHeader().hide()
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        table.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + SPACING)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        letter = self.fontMetrics().averageCharWidth()
        for section, letters in ((0, 11), (2, 10), (3, 11)):
            header.resizeSection(section, letters * letter + SPACING)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        return table

    def set_vocabulary(
        self, symbols: Sequence[str], counts: Sequence[int], summary: str, *, characters: bool
    ) -> None:
        """Show a vocabulary.

        Args:
            symbols: Every symbol.
            counts: How often each stands in the training part.
            summary: One sentence on it.
            characters: Whether symbols are single characters, which have names.
        """
        self.summary.setText(summary)
        self.model.set_vocabulary(symbols, counts)
        header = self.table.horizontalHeader()
        self.table.setColumnHidden(1, not characters)
        named = QHeaderView.ResizeMode.Interactive if characters else QHeaderView.ResizeMode.Stretch
        header.setSectionResizeMode(0, named)

    @Slot()
    def _filter(self) -> None:
        self.model.set_filter(self.search.text())
