"""The terms of one unit's step: formula, number to change, bar."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from workbench.views.numbers import grouped
from workbench.views.theme import SPACING, colour, font

_NAME, _VALUE, _BAR = range(3)
_BAR_ROLE = int(Qt.ItemDataRole.UserRole)
_LARGEST = 3.0
"""Size at which a bar fills its half."""


@dataclass(frozen=True)
class TermLine:
    """One line.

    Attributes:
        name: Formula.
        role: ``before``, ``given``, ``term``, ``sum``, ``gate`` or ``state``.
        value: At the chosen unit.
        changed: Whether it was put in by hand.
    """

    name: str
    role: str
    value: float
    changed: bool


class _BarDelegate(QStyledItemDelegate):
    """Draws a value as a bar from the middle."""

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw the ground and the bar."""
        value, role = index.data(_BAR_ROLE) or (0.0, "")
        room = QRectF(option.rect).adjusted(4, 5, -4, -5)
        tone = {"gate": "series_2", "state": "series_1"}.get(role, "series_0")
        middle = room.left() if role == "gate" else room.center().x()
        reach = room.width() if role == "gate" else room.width() / 2
        size = max(-1.0, min(1.0, value if role == "gate" else value / _LARGEST)) * reach
        painter.setPen(QColor(colour("border_strong")))
        painter.drawLine(round(middle), option.rect.top(), round(middle), option.rect.bottom())
        left = min(middle, middle + size)
        painter.fillRect(QRectF(left, room.top(), abs(size), room.height()), colour(tone, 0.8))


class TermsTable(QTableWidget):
    """Every term in the order of computation; a number that is typed in stays until cleared.

    Attributes:
        edited: Name of a term and its new value.
    """

    edited = Signal(str, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, 3, parent)
        self.setObjectName("look_terms")
        self.setAccessibleName(self.tr("Terms of the step"))
        self.setHorizontalHeaderLabels([self.tr("term"), self.tr("value"), ""])
        self.setItemDelegateForColumn(_BAR, _BarDelegate(self))
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(3 * SPACING)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        header = self.horizontalHeader()
        header.setSectionResizeMode(_NAME, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(_VALUE, QHeaderView.ResizeMode.Fixed)
        header.resizeSection(_VALUE, 11 * SPACING)
        header.setSectionResizeMode(_BAR, QHeaderView.ResizeMode.Stretch)
        self._lines: tuple[TermLine, ...] = ()
        self.itemChanged.connect(self._changed)

    def set_lines(self, lines: Sequence[TermLine]) -> None:
        """Show terms."""
        self.blockSignals(True)
        self._lines = tuple(lines)
        self.setRowCount(len(lines))
        for row, line in enumerate(lines):
            name = QTableWidgetItem(line.name)
            name.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
            name.setFont(font("normal", bold=line.role in ("gate", "state")))
            value = QTableWidgetItem(grouped(line.value))
            value.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            value.setToolTip(self.tr("Type another number: what follows moves with it"))
            if line.changed:
                value.setForeground(colour("accent"))
                value.setFont(font("normal", bold=True))
            bar = QTableWidgetItem()
            bar.setFlags(Qt.ItemFlag.ItemIsEnabled)
            bar.setData(_BAR_ROLE, (line.value, line.role))
            for column, item in enumerate((name, value, bar)):
                self.setItem(row, column, item)
        self.blockSignals(False)

    def _changed(self, item: QTableWidgetItem) -> None:
        line = self._lines[item.row()]
        text = item.text().replace("\u202f", "").replace("−", "-").replace(",", ".")
        try:
            value = float(text)
        except ValueError:
            self.set_lines(self._lines)  # what is no number is put back
            return
        if abs(value) < 1e6:
            self.edited.emit(line.name, value)
        else:
            self.set_lines(self._lines)
