"""Axes of the pictures: grouped numbers, powers of ten, dates, and one label per step."""

from collections.abc import Sequence
from html import escape

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QLocale
from PySide6.QtGui import QFontMetricsF

from workbench.views.numbers import grouped, one_symbol
from workbench.views.theme import font, theme

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_MONTH, _YEAR = 30.4 * _DAY, 365.25 * _DAY
_STEPS = (
    1, 5, 15, 30, _MINUTE, 5 * _MINUTE, 15 * _MINUTE, 30 * _MINUTE, _HOUR, 3 * _HOUR, 6 * _HOUR,
    12 * _HOUR, _DAY, 2 * _DAY, 7 * _DAY, 14 * _DAY,
)  # fmt: skip
_TICK_PX = 28.0
_LEAST_PX = 15.0
_LINE_PX = 24.0
_MARGIN_PX = 10.0
_BETWEEN = ((3.0,), (2.0, 5.0), tuple(range(2, 10)), tuple(np.arange(1.5, 10, 0.5)))
_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 2400, 6000, 12_000)


def seconds(times: np.ndarray) -> np.ndarray:
    """Return datetime64 ``(n,)`` as float64 seconds since 1970; NaT becomes NaN."""
    whole = times.astype("datetime64[us]")
    found = whole.astype(np.int64) / 1e6
    found[np.isnat(whole)] = np.nan
    return found


def moment(second: float) -> np.datetime64:
    """Return seconds since 1970 as a datetime64 in seconds."""
    return np.datetime64(round(second), "s")


def date_text(second: float, step_s: float = 1.0) -> str:
    """Write a moment as ISO date, with the time of day where the series has one.

    Args:
        second: Seconds since 1970.
        step_s: Step of the series in seconds.
    """
    if not np.isfinite(second):
        return "–"
    text = str(moment(second)).replace("T", " ")
    if step_s >= _DAY and text.endswith("00:00:00"):
        return text[:10]
    return text[:-3] if text.endswith(":00") else text


class PlainAxis(pg.AxisItem):
    """An axis with grouped numbers, a plain-text title and no multiplying prefixes."""

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation, maxTickLength=0)
        self.enableAutoSIPrefix(False)
        self.setStyle(
            tickFont=font("small"), tickTextOffset=6, autoReduceTextSpace=False,
            hideOverlappingLabels=44, tickAlpha=255,
        )  # fmt: skip
        self.title = ""

    def setMaximumWidth(self, width: float) -> None:
        """Change the width only where it differs: while painting it asks for another painting."""
        if width != self.maximumWidth():
            super().setMaximumWidth(width)

    def setMinimumWidth(self, width: float) -> None:
        """Change the width only where it differs."""
        if width != self.minimumWidth():
            super().setMinimumWidth(width)

    def set_title(self, title: str, unit: str = "") -> None:
        """Name the quantity and its unit; both are taken as plain text."""
        self.title = f"{title} ({unit})" if unit else title
        self._write_title()

    def recolour(self) -> None:
        """Take the colours of the theme in use."""
        palette = theme().palette
        self.setPen(pg.mkPen(palette.border))
        self.setTickPen(pg.mkPen(palette.grid))
        self.setTextPen(pg.mkPen(palette.text_muted))
        self._write_title()

    def _write_title(self) -> None:
        size = font("small").pointSizeF()
        style = {"color": theme().palette.text_muted}
        if size > 0:
            style["font-size"] = f"{size:g}pt"
        self.setLabel(text=escape(self.title), **style)
        self.showLabel(bool(self.title))

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        """Put ticks on round numbers, one level of them: each is labelled and has a grid line."""
        low, high = sorted((low, high))
        if self.logMode:
            return self.logTickValues(low, high, size, [])
        if not (np.isfinite(low) and np.isfinite(high)) or high <= low or size <= 0:
            return []
        apart = _TICK_PX if self.orientation == "left" else 2.2 * _TICK_PX
        step = _round_step_float((high - low) * apart / size)
        first, last = np.ceil(low / step), np.floor(high / step)
        if last - first < 1 and size >= 2 * _LEAST_PX:  # one tick says nothing of the scale
            step = _round_step_float((high - low) * _LEAST_PX / size)
            first, last = np.ceil(low / step), np.floor(high / step)
        places = np.clip(np.arange(first, last + 1) * step, low, high)
        return [(step, [float(place) for place in places])]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """Write tick values with as many digits as their spacing needs."""
        if self.logMode:
            return self.logTickStrings(values, scale, spacing)
        digits = 4
        largest = max((abs(value) for value in values), default=0.0)
        if spacing > 0 and largest > 0:
            digits = max(1, int(np.ceil(np.log10(largest / spacing) - 1e-9)) + 1)
        return [grouped(0.0 if abs(v) < spacing * 1e-6 else v, min(digits, 12)) for v in values]

    def logTickStrings(self, values: Sequence[float], _scale: float, _spacing: float) -> list[str]:
        """Write 10 to the power of each tick."""
        return [grouped(float(10.0 ** min(value, 300)), 3) for value in values]

    def logTickValues(
        self, low: float, high: float, size: float, levels: list
    ) -> list[tuple[float | None, list[float]]]:
        """Put ticks on powers of ten and on round numbers between them, where there is room."""
        if not (np.isfinite(low) and np.isfinite(high)) or high <= low or high - low > 600:
            return []
        line = _LINE_PX if self.orientation == "left" else 2.4 * _LINE_PX
        apart = line * (high - low) / max(size, 1.0)
        decades = np.arange(np.floor(low), np.ceil(high) + 1)
        if apart > 1:
            return [(1.0, list(decades[:: int(np.ceil(apart))]))]
        best = decades
        for between in _BETWEEN:
            ticks = np.unique(np.append((decades[:, None] + np.log10(between)).ravel(), decades))
            ticks = ticks[(ticks >= low) & (ticks <= high)]
            if len(ticks) > 1 and np.diff(ticks).min() < apart:
                break
            best = ticks
        if (best > low).sum() < 2 and high - low < 2:
            step = _round_step_float((10.0**high - 10.0**low) * line / max(size, 1.0))
            whole = np.arange(np.ceil(10.0**low / step), np.floor(10.0**high / step) + 1) * step
            best = np.log10(whole[whole > 0])
        return [(1.0, [float(tick) for tick in best])]


class DateAxis(PlainAxis):
    """An axis over seconds since 1970 (no time zone), ticks on round moments; or over numbers."""

    def __init__(self, orientation: str = "bottom", *, dated: bool = True) -> None:
        super().__init__(orientation)
        self._dated = dated

    @property
    def dated(self) -> bool:
        """Whether the numbers are seconds since 1970."""
        return self._dated

    def set_dated(self, dated: bool) -> None:
        """Read the numbers as dates, or as plain numbers."""
        if dated != self._dated:
            self._dated = dated
            self.picture = None
            self.update()

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        """Put ticks on round seconds, minutes, hours, days, months or years."""
        if not self._dated:
            return super().tickValues(low, high, size)
        low, high = sorted((low, high))
        if not (np.isfinite(low) and np.isfinite(high)) or high <= low or size <= 0:
            return []
        if abs(low) > 1e14 or abs(high) > 1e14:
            return []
        wanted = (high - low) * 88 / size
        for step in _STEPS:
            if step >= wanted:
                offset = 4 * _DAY if step in (7 * _DAY, 14 * _DAY) else 0
                first = np.ceil((low - offset) / step) * step + offset
                return [(float(step), list(np.arange(first, high, step)))]
        months = next((m for m in _MONTHS if m * _MONTH >= wanted), _MONTHS[-1])
        begin = (moment(low).astype("datetime64[M]").astype(int) // months) * months
        end = moment(high).astype("datetime64[M]").astype(int) + 1
        marks = np.arange(begin, end + months, months).astype("datetime64[M]")
        places = seconds(marks)
        return [(months * _MONTH, [float(p) for p in places if low <= p <= high])]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """Write each tick in the unit that changes, with the larger one where it turns."""
        if not self._dated:
            return super().tickStrings(values, scale, spacing)
        found, before = [], None
        for value in values:
            now = moment(value)
            found.append(_tick_text(now, before, spacing))
            before = now
        return found


def _tick_text(now: np.datetime64, before: np.datetime64 | None, spacing: float) -> str:
    year = str(now)[:4] if not str(now).startswith("-") else str(now)[:5]
    if spacing >= 11.9 * _MONTH:
        return year
    month = QLocale().standaloneMonthName(
        int(now.astype("datetime64[M]").astype(int) % 12) + 1, QLocale.FormatType.ShortFormat
    )
    if spacing >= 0.9 * _MONTH:
        turned = before is None or _differs(now, before, "Y")
        return f"{month} {year}" if turned else month
    day = f"{str(now)[8:10].lstrip('0')} {month}"
    if spacing >= _DAY:
        turned = before is None or _differs(now, before, "Y")
        return f"{day} {year}" if turned else day
    time = str(now)[11:16] if spacing >= _MINUTE else str(now)[11:19]
    if before is not None and not _differs(now, before, "D"):
        return time
    return day if str(now)[11:19] == "00:00:00" else f"{day}, {time}"


def _differs(now: np.datetime64, before: np.datetime64, unit: str) -> bool:
    return bool(now.astype(f"datetime64[{unit}]") != before.astype(f"datetime64[{unit}]"))


def _round_step(need: float) -> int:
    """Return the smallest of 1, 2, 5, 10, 20 … that is at least ``need``."""
    return next(
        (k * 10**power for power in range(18) for k in (1, 2, 5) if k * 10**power >= need), 1
    )


def _round_step_float(need: float) -> float:
    """Return 1, 2 or 5 times a power of ten that is at least ``need``."""
    power = 10.0 ** np.floor(np.log10(max(need, 1e-300)))
    return float(next(k * power for k in (1, 2, 5, 10) if k * power >= need * (1 - 1e-9)))


class StepAxis(PlainAxis):
    """An axis over steps 0, 1, 2 … that writes each step's symbol or date where there is room."""

    def __init__(self, orientation: str = "bottom") -> None:
        super().__init__(orientation)
        self._labels: tuple[str, ...] = ()
        self._width = 0.0

    def set_labels(self, labels: Sequence[str]) -> None:
        """Give one text per step; none numbers the steps."""
        self._labels = tuple(one_symbol(label) for label in labels)
        metrics = QFontMetricsF(font("small"))
        sample = self._labels[:: max(1, len(self._labels) // 500)]
        self._width = max((metrics.horizontalAdvance(label) for label in sample), default=0.0)
        self.picture = None
        self.update()

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        """Put ticks on whole steps, as close as the labels are wide."""
        low, high = sorted((low, high))
        if not (np.isfinite(low) and np.isfinite(high)) or high <= low or size <= 0:
            return []
        room = self._width + (4 if self._width < 14 else 12) if self._labels else 54.0
        need = room * (high - low) / size
        step = _round_step(need)
        first = int(np.ceil(max(low, 0) / step) * step)
        last = min(high, len(self._labels) - 1) if self._labels else high
        # A label is centred on its step: one that would leave the picture is not written.
        last = min(last, high - (self._width / 2 - _MARGIN_PX) * (high - low) / size)
        return [(float(step), [float(v) for v in range(first, int(np.floor(last)) + 1, step)])]

    def tickStrings(self, values: Sequence[float], _scale: float, _spacing: float) -> list[str]:
        """Write the label of each step, or its number."""
        if not self._labels:
            return [grouped(value) for value in values]
        return [self._labels[int(v)] if 0 <= v < len(self._labels) else "" for v in values]


class RowAxis(PlainAxis):
    """An axis over rows 0, 1, 2 … that writes the number of the unit in each row."""

    def __init__(self) -> None:
        super().__init__("left")
        self._names: tuple[str, ...] = ()

    def set_names(self, names: Sequence[str]) -> None:
        """Give the name of each row, from the top."""
        self._names = tuple(names)
        self.picture = None
        self.update()

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        """Put ticks on whole rows, at least a line of text apart."""
        low, high = sorted((low, high))
        if not (np.isfinite(low) and np.isfinite(high)) or high <= low or size <= 0:
            return []
        step = _round_step(20 * (high - low) / size)
        first = int(np.ceil(max(low, 0) / step) * step)
        last = int(np.floor(min(high, len(self._names) - 1)))
        return [(float(step), [float(v) for v in range(first, last + 1, step)])]

    def tickStrings(self, values: Sequence[float], _scale: float, _spacing: float) -> list[str]:
        """Write the name of each row."""
        return [self._names[int(v)] if 0 <= v < len(self._names) else "" for v in values]
