"""A scrolled text whose symbols are told as the pointer passes over them."""

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget


class SymbolArea(QAbstractScrollArea):
    """Base of what draws symbols: a subclass lays them out and finds the one at a place.

    Attributes:
        symbol_hovered: Number of the symbol under the pointer, −1 for none.
    """

    symbol_hovered = Signal(int)

    def __init__(self, parent: QWidget, name: str) -> None:
        super().__init__(parent)
        self._over = -1
        self.setObjectName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setStyleSheet("QAbstractScrollArea { border: none; border-radius: 0; }")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.viewport().setMouseTracking(True)

    def lay_out(self) -> None:
        """Place the symbols for the width there is; overridden by each."""

    def symbol_at(self, place: QPointF) -> int:
        """Number of the symbol at a place on the viewport, −1 for none; overridden by each."""
        del place
        return -1

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell the symbol under the pointer."""
        self._point(self.symbol_at(event.position()))

    def _point(self, symbol: int) -> None:
        if symbol != self._over:
            self._over = symbol
            self.viewport().update()
            self.symbol_hovered.emit(symbol)

    def viewportEvent(self, event: QEvent) -> bool:
        """Follow the pointer as it comes and leaves."""
        if event.type() == QEvent.Type.Enter:
            self._point(self.symbol_at(event.position()))
        elif event.type() == QEvent.Type.Leave:
            self._point(-1)
        return super().viewportEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break the lines again."""
        super().resizeEvent(event)
        self.lay_out()
