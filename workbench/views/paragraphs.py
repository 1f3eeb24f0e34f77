"""Lays out a plain text so that each paragraph stands on the side its script begins on."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QTextBlock
from PySide6.QtWidgets import QPlainTextDocumentLayout


class ParagraphLayout(QPlainTextDocumentLayout):
    """As Qt lays out plain text, with the lines of right-to-left paragraphs at the right.

    Qt orders the words of such paragraphs rightly by itself, but leaves their lines at the left.
    """

    def blockBoundingRect(self, block: QTextBlock) -> QRectF:
        """The place of a paragraph, laid out where that is not done yet."""
        area = super().blockBoundingRect(block)
        if block.isValid() and block.textDirection() == Qt.LayoutDirection.RightToLeft:
            margin = self.document().documentMargin()
            layout = block.layout()
            for number in range(layout.lineCount()):
                line = layout.lineAt(number)
                room = max(line.width() - line.naturalTextWidth(), 0.0)
                place = QPointF(margin + room, line.y())
                if line.position() != place:
                    line.setPosition(place)
        return area
