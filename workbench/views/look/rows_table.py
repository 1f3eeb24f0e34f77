"""A table of findings: sorted by a click on a column, filtered by words, saved as CSV."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from workbench.errors import UserError
from workbench.views.numbers import grouped
from workbench.views.plots.export import save_csv
from workbench.views.theme import SPACING, icon

Index = QModelIndex | QPersistentModelIndex
_SORT = int(Qt.ItemDataRole.UserRole)
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        title: Its head.
        tip: What it is, in a sentence.
        digits: Significant digits of numbers.
    """

    title: str
    tip: str = ""
    digits: int = 3


class _Model(QAbstractTableModel):
    def __init__(self, columns: Sequence[Column], parent: QObject) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self.rows: list[tuple[Any, ...]] = []

    def replace(self, rows: Sequence[tuple[Any, ...]]) -> None:
        self.beginResetModel()
        self.rows = list(rows)
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.columns)

    def headerData(
        self, section: int, orientation: Qt.Orientation,
        role: int = int(Qt.ItemDataRole.DisplayRole),
    ) -> Any:  # fmt: skip
        if orientation == Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.columns[section].title
        return self.columns[section].tip if role == Qt.ItemDataRole.ToolTipRole else None

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        value = self.rows[index.row()][index.column()]
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if role == Qt.ItemDataRole.DisplayRole:
            return grouped(value, self.columns[index.column()].digits) if number else str(value)
        if role == _SORT:
            return -math.inf if number and math.isnan(value) else value
        if role == Qt.ItemDataRole.TextAlignmentRole and number:
            return int(_RIGHT)
        return None


class _Proxy(QSortFilterProxyModel):
    """Keeps rows in which any cell holds the words that were typed."""

    wanted = ""

    def want(self, words: str) -> None:
        """Keep rows with these words, taken as they are."""
        self.wanted = words.casefold()
        self.setFilterFixedString(words)  # filters again

    def filterAcceptsRow(self, row: int, _parent: Index) -> bool:
        wanted = self.wanted
        model = self.sourceModel()
        if not wanted or not isinstance(model, _Model):
            return True
        return any(wanted in str(cell).casefold() for cell in model.rows[row])


class RowsTable(QWidget):
    """Rows of plain values.

    Attributes:
        row_chosen: Number of the row, as given to ``set_rows``, that was clicked or moved to.
        failed: A ``UserError`` where the CSV could not be written.
    """

    row_chosen = Signal(int)
    failed = Signal(object)

    def __init__(
        self, columns: Sequence[Column], name: str, words: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._following = False
        self._told = -1
        self._model = _Model(columns, self)
        self._proxy = _Proxy(self)
        self._proxy.setSourceModel(self._model)
        self._proxy.setSortRole(_SORT)
        self.filter = QLineEdit()
        self.filter.setObjectName(f"{name}_filter")
        self.filter.setPlaceholderText(self.tr("Filter"))
        self.filter.setAccessibleName(self.tr("Show only rows with these words"))
        self.filter.setClearButtonEnabled(True)
        self.filter.textChanged.connect(self._proxy.want)
        self.save = QToolButton()
        self.save.setObjectName(f"{name}_save")
        self.save.setIcon(icon("table"))
        self.save.setToolTip(self.tr("Save the table as CSV…"))
        self.save.setAccessibleName(self.tr("Save the table as CSV"))
        self.save.clicked.connect(self._ask_csv)
        self.view = QTableView()
        self.view.setObjectName(f"{name}_table")
        self.view.setAccessibleName(words)
        self.view.setModel(self._proxy)
        self.view.setSortingEnabled(True)
        self.view.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        self.view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.view.setShowGrid(False)
        self.view.setWordWrap(False)
        self.view.verticalHeader().hide()
        self.view.verticalHeader().setDefaultSectionSize(3 * SPACING)
        header = self.view.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)
        self.view.selectionModel().currentRowChanged.connect(self._moved)
        self.view.clicked.connect(self._clicked)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACING // 2)
        row.addWidget(self.filter, 1)
        row.addWidget(self.save)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACING // 2)
        layout.addLayout(row)
        layout.addWidget(self.view, 1)

    def set_rows(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Show rows; the order that was clicked stays."""
        self._following = True
        self._model.replace(rows)
        self._following = False

    def choose(self, row: int) -> None:
        """Mark a row by its number, without telling; −1 marks none."""
        self._following = True
        if 0 <= row < self._model.rowCount():
            index = self._proxy.mapFromSource(self._model.index(row, 0))
            self.view.setCurrentIndex(index)
            self.view.scrollTo(index)
        else:
            self.view.setCurrentIndex(QModelIndex())
        self._following = False

    @property
    def chosen(self) -> int:
        """Number of the marked row, −1 for none."""
        index = self.view.currentIndex()
        return self._proxy.mapToSource(index).row() if index.isValid() else -1

    def _moved(self, index: QModelIndex, _before: QModelIndex) -> None:
        if index.isValid() and not self._following:
            self._told = self._proxy.mapToSource(index).row()
            self.row_chosen.emit(self._told)

    def _clicked(self, index: QModelIndex) -> None:
        """A click on the row that is marked already chooses it again: it may lead to a place."""
        row = self._proxy.mapToSource(index).row()
        told, self._told = self._told, -1
        if row != told:
            self.row_chosen.emit(row)

    def save_csv(self, path: Path) -> None:
        """Write the rows that are shown, in their order.

        Raises:
            UserError: Where the file cannot be written.
        """
        order = [
            self._proxy.mapToSource(self._proxy.index(row, 0)).row()
            for row in range(self._proxy.rowCount())
        ]
        heads = [column.title for column in self._model.columns]
        save_csv(path, heads, (self._model.rows[row] for row in order))

    def _ask_csv(self) -> None:
        answer, _ = QFileDialog.getSaveFileName(
            self, self.tr("Save"), f"{self.objectName()}.csv", self.tr("CSV table (*.csv)")
        )
        if not answer:
            return
        try:
            self.save_csv(Path(answer))
        except UserError as error:
            self.failed.emit(error)
