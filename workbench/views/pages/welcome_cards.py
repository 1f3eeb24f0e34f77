"""What stands on the welcome page: a card for a sample, a line for a recent file."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, QEvent, QRectF, QSize, Qt, Slot
from PySide6.QtGui import (
    QEnterEvent,
    QFontMetricsF,
    QKeyEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from workbench.paths import sample_data_folder
from workbench.views.sample_pictures import (
    Paint,
    read_head,
    series_picture,
    table_picture,
    text_picture,
)
from workbench.views.theme import SPACING, colour, font, icon, theme

CARD_WIDTH = 28 * SPACING
_PICTURE_SHARE = 0.56
"""Height of a picture for its width."""
_WORDS_HEIGHT = 10 * SPACING
_TEXTS = (".txt", ".md")
_TABLES = (".csv", ".tsv")


@dataclass(frozen=True)
class Sample:
    """A bundled file one click away.

    Attributes:
        path: The file.
        task: What it is for, in two words.
        title: Its name for people.
        words: What will be seen, in a sentence.
        messy: Whether reading it is the point.
    """

    path: Path
    task: str
    title: str
    words: str
    messy: bool = False


def find_samples(folder: Path | None = None) -> list[Sample]:
    """The bundled samples, texts first; only tasks that work have any."""
    place = folder or sample_data_folder()
    if not place.is_dir():
        return []
    files = sorted(path for path in place.iterdir() if path.is_file())
    texts = [path for path in files if path.suffix in _TEXTS and path.stem.lower() != "readme"]
    tables = [path for path in files if path.suffix in _TABLES]
    known = list(_WORDS)
    tables.sort(key=lambda path: known.index(path.stem) if path.stem in known else len(known))
    return [_describe(path) for path in (*texts, *tables)]


_MESSY = ("messy", "water_levels")
_WORDS = {
    "town_energy": QT_TRANSLATE_NOOP(
        "Samples", "Hourly load of a town: forecast tomorrow, and beat “same as yesterday”."
    ),
    "museum_visitors": QT_TRANSLATE_NOOP(
        "Samples", "Daily visitors with missing and repeated days: mended, then forecast."
    ),
    "water_levels": QT_TRANSLATE_NOOP(
        "Samples", "Semicolons, decimal commas, newest first: read without a single setting."
    ),
}


def _is_messy(path: Path) -> bool:
    return any(word in path.stem.lower() for word in _MESSY)


def _describe(path: Path) -> Sample:
    def tr(text: str) -> str:
        return QCoreApplication.translate("Samples", text)

    title = path.stem.replace("_", " ").replace("-", " ").capitalize()
    if path.suffix in _TEXTS:
        words = tr("Watch a network learn to write, letter by letter, and look at its memory.")
        return Sample(path, tr("Language model"), title, words)
    words = tr(_WORDS.get(path.stem, ""))
    return Sample(path, tr("Forecast"), title, words, messy=_is_messy(path))


def picture_of(sample: Sample) -> Paint:
    """What paints a sample's picture, read from the file's first lines once."""
    head = read_head(sample.path)
    if head.text:
        return text_picture(head)
    return table_picture(head) if sample.messy else series_picture(head)


class _Pressable(QAbstractButton):
    """A button painted by hand, pressed with Space and with Return."""

    def __init__(self, name: str, words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(words)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        theme().changed.connect(self._restyle)

    @Slot(object)
    def _restyle(self, _palette: object) -> None:
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return presses too."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        super().keyPressEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show that it can be pressed."""
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Back to its usual look."""
        super().leaveEvent(event)
        self.update()


class SampleCard(_Pressable):
    """A small picture of what a sample will show, its name, and a sentence."""

    def __init__(self, sample: Sample, parent: QWidget | None = None) -> None:
        super().__init__(f"sample_{sample.path.stem}", f"{sample.task}: {sample.title}", parent)
        self.sample = sample
        self.setAccessibleDescription(sample.words)
        self.setToolTip(str(sample.path.name))
        self._paint: Callable[[QPainter, QRectF], None] = picture_of(sample)
        self.set_width(CARD_WIDTH)

    def set_width(self, width: int) -> None:
        """Take a width; the picture keeps its proportions, three lines of words have room."""
        self.setFixedSize(width, round(_PICTURE_SHARE * width) + _WORDS_HEIGHT)

    def sizeHint(self) -> QSize:
        """The size it was given."""
        return self.minimumSize()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw ground, picture, words, and the outline of hover and focus."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        outline = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        shape = QPainterPath()
        shape.addRoundedRect(outline, 8, 8)
        painter.fillPath(shape, colour("hover" if self.isDown() else "surface"))
        painter.save()
        painter.setClipPath(shape)
        height = round(_PICTURE_SHARE * self.width())
        room = QRectF(outline.left(), outline.top(), outline.width(), height)
        self._paint(painter, room)
        painter.restore()
        line = QRectF(outline.left(), room.bottom(), outline.width(), 1)
        painter.fillRect(line, colour("border"))
        self._paint_words(painter, outline.adjusted(12, height + 8, -12, -4))
        lit = self.underMouse() or self.hasFocus()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour("accent" if lit else "border"), 2 if self.hasFocus() else 1))
        painter.drawPath(shape)

    def _paint_words(self, painter: QPainter, room: QRectF) -> None:
        painter.setFont(font("normal", bold=True))
        line = QFontMetricsF(painter.font()).height()
        painter.setPen(colour("text"))
        top = QRectF(room.left(), room.top(), room.width(), line)
        task_font = font("small")
        task_width = QFontMetricsF(task_font).horizontalAdvance(self.sample.task)
        title = QFontMetricsF(painter.font()).elidedText(
            self.sample.title, Qt.TextElideMode.ElideRight, room.width() - task_width - 8
        )
        painter.drawText(top, Qt.AlignmentFlag.AlignVCenter, title)
        painter.setFont(task_font)
        painter.setPen(colour("accent"))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(top, right, self.sample.task)
        painter.setPen(colour("text_muted"))
        rest = room.adjusted(0, line + 4, 0, 0)
        painter.drawText(rest, Qt.TextFlag.TextWordWrap, self.sample.words)


class RecentFile(_Pressable):
    """A file opened before: its name, and where it lies."""

    def __init__(self, path: str, number: int, parent: QWidget | None = None) -> None:
        self.path = Path(path)
        super().__init__(f"recent_{number}", self.path.name, parent)
        self.setAccessibleDescription(str(self.path.parent))
        self.setToolTip(f"<p>{_escaped(path)}</p>")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._sign = icon(self._sign_name(), "text_muted")

    def _sign_name(self) -> str:
        if self.path.suffix in _TABLES:
            return "table"
        if self.path.suffix == ".toml":
            return "flask"
        return "file-text" if self.path.suffix else "folder"

    def sizeHint(self) -> QSize:
        """Two lines of words."""
        return QSize(30 * SPACING, 5 * SPACING + 2)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw sign, name and folder."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        outline = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        if self.underMouse() or self.isDown():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour("pressed" if self.isDown() else "hover"))
            painter.drawRoundedRect(outline, 6, 6)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colour("accent"), 1))
            painter.drawRoundedRect(outline, 6, 6)
        self._sign.paint(painter, 8, (self.height() - 18) // 2, 18, 18)
        words = outline.adjusted(34, 3, -8, -3)
        half = words.height() / 2
        upper, lower = words.adjusted(0, 0, 0, -half), words.adjusted(0, half, 0, 0)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(font("normal"))
        painter.setPen(colour("text"))
        metrics = QFontMetricsF(painter.font())
        name = metrics.elidedText(self.path.name, Qt.TextElideMode.ElideMiddle, words.width())
        painter.drawText(upper, middle, name)
        painter.setFont(font("small"))
        painter.setPen(colour("text_muted"))
        metrics = QFontMetricsF(painter.font())
        folder = metrics.elidedText(
            str(self.path.parent), Qt.TextElideMode.ElideMiddle, words.width()
        )
        painter.drawText(lower, middle, folder)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
