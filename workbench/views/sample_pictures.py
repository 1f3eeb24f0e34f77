"""Small pictures on the cards of the welcome page, drawn from the first lines of the sample itself.

Nothing heavy is imported: the first window shows them.
"""

import csv
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF

from workbench.views.palette import mix
from workbench.views.theme import colour, font, theme

_HEAD_BYTES = 48_000
_POINTS = 160
_UNITS = 7


@dataclass(frozen=True)
class Head:
    """The first lines of a sample.

    Attributes:
        text: Its first characters, for a text.
        series: Values of its most telling column, NaN where missing, for a table.
        cells: Its first rows as they are written, for a table.
    """

    text: str = ""
    series: tuple[float, ...] = ()
    cells: tuple[tuple[str, ...], ...] = ()


def read_head(path: Path) -> Head:
    """Read what a card's picture is drawn from; a file that cannot be read gives an empty head."""
    try:
        with path.open("rb") as file:
            text = file.read(_HEAD_BYTES).decode("utf-8-sig", "replace")
    except OSError:
        return Head()
    if path.suffix.lower() not in (".csv", ".tsv"):
        return Head(text=" ".join(text[:2000].split("\n", 60)[:60]))
    lines = [line for line in text.splitlines()[:-1] if line.strip()]
    if not lines:
        return Head()
    separator = max(";,\t|", key=lambda sign: min(line.count(sign) for line in lines[-50:]))
    rows = list(csv.reader(lines, delimiter=separator))
    width = len(rows[-1])
    body = [row for row in rows if len(row) == width]
    numbers = body[1:] if len(body) > 1 else body
    comma = separator != ","
    columns = [[_number(row[index], comma=comma) for row in numbers] for index in range(width)]
    best = max(columns, key=_telling)
    return Head(series=tuple(best[:2000]), cells=tuple(tuple(row[:3]) for row in body[:4]))


def _number(cell: str, *, comma: bool) -> float:
    text = cell.strip().replace(" ", "").replace("\u202f", "")
    if comma and "," in text:
        text = text.replace(".", "").replace(",", ".")
    try:
        value = float(text)
    except ValueError:
        return math.nan
    return value if math.isfinite(value) else math.nan


def _telling(values: Sequence[float]) -> float:
    """How much a column looks like a series: many numbers, many different ones, not just rising."""
    known = [value for value in values if not math.isnan(value)]
    if len(known) < 0.3 * len(values) or len(known) < 3:
        return 0.0
    turns = sum((b - a) * (c - b) < 0 for a, b, c in zip(known, known[1:], known[2:], strict=False))
    return len(set(known)) / len(known) + (1.0 if turns else 0.0) + 0.5 * len(known) / len(values)


# ---------------------------------------------------------------------- painting

Paint = Callable[[QPainter, QRectF], None]


def text_picture(head: Head) -> Paint:
    """Text whose symbols are shaded, above the hidden state of a few units over it."""

    def paint(painter: QPainter, room: QRectF) -> None:
        heat = QRectF(room.left(), room.bottom() - 0.5 * room.height(), room.width(), 0)
        heat.setBottom(room.bottom())
        words = QRectF(room.left() + 12, room.top() + 10, room.width() - 24, 0)
        words.setBottom(heat.top() - 4)
        _paint_symbols(painter, words, head.text or "…")
        _paint_states(painter, heat, head.text)

    return paint


def _paint_symbols(painter: QPainter, room: QRectF, text: str) -> None:
    painter.setFont(font("small"))
    metrics = QFontMetricsF(painter.font())
    line = metrics.height() + 3
    tint, ground = theme().palette.series[1], theme().palette.surface
    x, y, at = room.left(), room.top(), 0
    while y + line <= room.bottom() + 1 and at < len(text):
        sign = text[at]
        width = metrics.horizontalAdvance(sign)
        word = text[at:].partition(" ")[0][:40]
        begins = at == 0 or text[at - 1] == " "
        if x > room.left() and begins and x + metrics.horizontalAdvance(word) > room.right():
            x, y = room.left(), y + line
            continue
        surprise = _noise(at, ord(sign)) ** 4
        if sign.strip() and surprise > 0.12:
            box = QRectF(x, y, width, line - 1)
            painter.fillRect(box, QColor(mix(ground, tint, 0.6 * surprise)))
        painter.setPen(colour("text"))
        painter.drawText(QPointF(x, y + metrics.ascent() + 1), sign)
        x += width
        at += 1


def _paint_states(painter: QPainter, room: QRectF, text: str) -> None:
    """Units that each follow something of the text: words, vowels, capitals, position."""
    columns = 44
    width, height = room.width() / columns, room.height() / _UNITS
    state = [0.0] * _UNITS
    for column in range(columns):
        sign = text[column] if column < len(text) else " "
        drive = (
            1.0 if sign == " " else -0.3,
            1.0 if sign.lower() in "aeiou" else -0.8,
            1.0 if sign.isupper() else -0.1,
            1.0 if sign in ".,;:!?" else -0.05,
            math.sin(column / 3.1),
            math.sin(column / 9.0 + 1),
            2 * _noise(column, 7) - 1,
        )
        for unit in range(_UNITS):
            keep = (0.55, 0.2, 0.9, 0.94, 0.3, 0.6, 0.45)[unit]
            state[unit] = keep * state[unit] + (1 - keep) * 1.6 * drive[unit]
            box = QRectF(
                room.left() + column * width, room.top() + unit * height, width + 0.6, height + 0.6
            )
            painter.fillRect(box, _diverging(math.tanh(1.4 * state[unit])))


def series_picture(head: Head) -> Paint:
    """A series with its gaps, and a forecast fan on its last stretch."""

    def paint(painter: QPainter, room: QRectF) -> None:
        values = _thinned(head.series) or tuple(math.sin(i / 6) for i in range(_POINTS))
        inner = room.adjusted(12, 14, -12, -14)
        known = [value for value in values if not math.isnan(value)]
        low, high = min(known), max(known)
        scale = inner.height() / ((high - low) or 1.0)
        step = inner.width() / (len(values) - 1)

        def place(index: int, value: float) -> QPointF:
            return QPointF(inner.left() + index * step, inner.bottom() - (value - low) * scale)

        _paint_grid(painter, room)
        _paint_gaps(painter, room, values, (inner.left(), step))
        cut = round(0.78 * len(values))
        painter.setPen(QPen(colour("border_strong"), 1, Qt.PenStyle.DashLine))
        x = inner.left() + cut * step
        painter.drawLine(QLineF(x, room.top(), x, room.bottom()))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour("series_0"), 1.5))
        painter.drawPath(_path(values, 0, cut + 1, place))
        painter.setPen(QPen(colour("text_muted"), 1.2))
        painter.drawPath(_path(values, cut, len(values), place))
        _paint_fan(painter, values, cut, place)

    return paint


def _paint_fan(
    painter: QPainter,
    values: Sequence[float],
    cut: int,
    place: Callable[[int, float], QPointF],
) -> None:
    """The forecast beside the truth: smoother than it, its doubt growing."""
    known = [value for value in values if not math.isnan(value)]
    span = (max(known) - min(known)) or 1.0
    middle: list[float] = []
    last = next((v for v in reversed(values[: cut + 1]) if not math.isnan(v)), known[0])
    for index in range(cut, len(values)):
        near = [v for v in values[max(cut, index - 2) : index + 3] if not math.isnan(v)]
        target = sum(near) / len(near) if near else last
        last = 0.35 * last + 0.65 * target
        middle.append(last)
    steps = len(middle)
    doubt = [span * (0.02 + 0.16 * (index / steps) ** 0.7) for index in range(steps)]
    upper = [place(cut + i, m + d) for i, (m, d) in enumerate(zip(middle, doubt, strict=True))]
    lower = [place(cut + i, m - d) for i, (m, d) in enumerate(zip(middle, doubt, strict=True))]
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour("series_1", 0.22))
    painter.drawPolygon(QPolygonF([*upper, *reversed(lower)]))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(colour("series_1"), 1.8))
    painter.drawPath(_path(middle, 0, len(middle), lambda i, value: place(cut + i, value)))


def table_picture(head: Head) -> Paint:
    """A few cells as they are written, and the series they turn into."""

    def paint(painter: QPainter, room: QRectF) -> None:
        upper = QRectF(room.left(), room.top(), room.width(), 0.5 * room.height())
        lower = QRectF(room.left(), upper.bottom(), room.width(), room.bottom() - upper.bottom())
        series_picture(head)(painter, lower)
        painter.fillRect(upper, colour("raised"))
        painter.setFont(font("small"))
        metrics = QFontMetricsF(painter.font())
        rows = head.cells[:3]
        columns = max((len(row) for row in rows), default=1)
        width, height = upper.width() / columns, upper.height() / max(len(rows), 1)
        for at, row in enumerate(rows):
            for index, cell in enumerate(row):
                box = QRectF(upper.left() + index * width, upper.top() + at * height, width, height)
                painter.setPen(colour("border"))
                painter.drawRect(box)
                painter.setPen(colour("text" if at else "text_muted"))
                text = metrics.elidedText(cell.strip(), Qt.TextElideMode.ElideRight, width - 10)
                painter.drawText(box.adjusted(6, 0, -4, 0), Qt.AlignmentFlag.AlignVCenter, text)

    return paint


def _thinned(series: Sequence[float]) -> tuple[float, ...]:
    known = [value for value in series if not math.isnan(value)]
    if len(known) < 8:
        return ()
    every = max(1, min(3, len(series) // _POINTS))
    return tuple(series[: _POINTS * every : every])


def _paint_grid(painter: QPainter, room: QRectF) -> None:
    painter.setPen(QPen(colour("grid"), 1))
    for part in (0.25, 0.5, 0.75):
        y = room.top() + part * room.height()
        painter.drawLine(QLineF(room.left(), y, room.right(), y))


def _paint_gaps(
    painter: QPainter, room: QRectF, values: Sequence[float], axis: tuple[float, float]
) -> None:
    left, step = axis
    for index, value in enumerate(values):
        if math.isnan(value):
            box = QRectF(left + (index - 0.5) * step, room.top(), step + 0.5, room.height())
            painter.fillRect(box, colour("warning_soft"))


def _path(
    values: Sequence[float], first: int, last: int, place: Callable[[int, float], QPointF]
) -> QPainterPath:
    path, down = QPainterPath(), False
    for index in range(first, last):
        if math.isnan(values[index]):
            down = False
        elif down:
            path.lineTo(place(index, values[index]))
        else:
            path.moveTo(place(index, values[index]))
            down = True
    return path


def _noise(first: int, second: int) -> float:
    """A fixed number in 0…1 that looks like chance."""
    return ((first * 2654435761 + second * 40503) % 9973) / 9973


def _diverging(value: float) -> QColor:
    """A colour for −1…1 in the theme's two opposite tones."""
    palette = theme().palette
    tone = palette.series[0] if value < 0 else palette.series[1]
    return QColor(mix(palette.surface, tone, min(abs(value), 1.0) ** 0.8))
