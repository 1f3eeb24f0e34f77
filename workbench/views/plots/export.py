"""Pictures and their numbers as files: PNG, SVG and CSV."""

import csv
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QRect, QSize
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtSvg import QSvgGenerator

from workbench.errors import UserError

Paint = Callable[[QPainter], None]
PNG_SCALE = 2


def picture_image(size: QSize, ground: str, paint: Paint, scale: int = PNG_SCALE) -> QImage:
    """Paint a picture of ``size`` logical pixels into an image of ``scale`` times as many."""
    image = QImage(size * scale, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(scale)
    image.fill(QColor(ground))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
    paint(painter)
    painter.end()
    return image


def save_png(path: Path, size: QSize, ground: str, paint: Paint) -> None:
    """Write a PNG at twice the size on the screen.

    Raises:
        UserError: Where the file cannot be written.
    """
    if not picture_image(size, ground, paint).save(str(path), "PNG"):
        raise _cannot_write(path)


def save_svg(path: Path, size: QSize, title: str, ground: str, paint: Paint) -> None:
    """Write an SVG whose lines and words stay lines and words.

    Raises:
        UserError: Where the file cannot be written.
    """
    generator = QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)
    generator.setFileName(str(path))
    generator.setSize(size)
    generator.setViewBox(QRect(0, 0, size.width(), size.height()))
    generator.setResolution(96)
    generator.setTitle(title)
    painter = QPainter()
    if not painter.begin(generator):
        raise _cannot_write(path)
    painter.fillRect(QRect(0, 0, size.width(), size.height()), QColor(ground))
    paint(painter)
    painter.end()


def save_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write numbers as CSV (UTF-8, comma, full precision).

    Raises:
        UserError: Where the file cannot be written.
    """
    try:
        with path.open("w", encoding="utf-8", newline="", errors="replace") as file:
            writer = csv.writer(file)
            writer.writerow(header)
            writer.writerows(rows)
    except OSError as error:
        raise _cannot_write(path, error.strerror or "") from None


def _cannot_write(path: Path, reason: str = "") -> UserError:
    what = QCoreApplication.translate("PictureFrame", "{path} cannot be written").format(path=path)
    return UserError(
        f"{what}: {reason}." if reason else f"{what}.",
        QCoreApplication.translate("PictureFrame", "Choose another folder or name."),
    )
