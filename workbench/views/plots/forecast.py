"""Forecast against truth on held-out windows, with the naive forecast it has to beat."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLabel, QToolButton, QWidget

from workbench.views.numbers import isolated, with_unit
from workbench.views.palette import Palette
from workbench.views.plots.axes import DateAxis, date_text, seconds
from workbench.views.plots.canvas import make_plot, pen
from workbench.views.plots.fan import Fan, finite_numbers, intervals
from workbench.views.plots.frame import PictureFrame, Table
from workbench.views.plots.legend import LegendEntry
from workbench.views.theme import font, icon


class ForecastChart(PictureFrame):
    """One window at a time: past, truth, forecast with its quantiles, naive forecast.

    The arrow keys and the buttons in the title row turn to other windows.

    Attributes:
        window_changed: Number of the window shown.
    """

    window_changed = Signal(int)

    def __init__(self, title: str = "", parent: QWidget | None = None, name: str = "") -> None:
        super().__init__(title, parent, name or "forecast")
        self._windows: tuple[dict[str, Any], ...] = ()
        self._shown = 0
        self._zoomed = False
        self._summary = ""
        self._x = np.empty(0)
        self._make_canvas()
        self._add_pager()
        self.set_picture(self.canvas)
        self.set_empty(self.tr("Press Train: forecasts on held-out windows are drawn here."))

    def _make_canvas(self) -> None:
        self._axis = DateAxis(dated=False)
        self.canvas = make_plot(self, f"{self.objectName()}_plot", bottom=self._axis)
        self._fan = Fan(self.canvas)
        self._origin = pg.InfiniteLine(angle=90)
        self.canvas.addItem(self._origin, ignoreBounds=True)
        self.past_line = self.canvas.add_line("text_muted", width=1.5)
        self.naive_line = self.canvas.add_line("text_muted", width=1.5, style=Qt.PenStyle.DashLine)
        self.truth_line = self.canvas.add_line("series_0", width=2)
        self.forecast_line = self.canvas.add_line("series_1", width=2)
        self.canvas.hovered.connect(self._hover)
        self.canvas.reset_asked.connect(self.reset_view)
        self.canvas.zoomed.connect(self._user_zoomed)

    def _add_pager(self) -> None:
        self.back_button = self._turn_button("caret-left", "back", self.tr("Window before"), -1)
        self._count = QLabel(self)
        self._count.setObjectName(f"{self.objectName()}_count")
        self._count.setFont(font("small"))
        self._count.setTextFormat(Qt.TextFormat.PlainText)
        self.row.add_control(self._count)
        self.next_button = self._turn_button("caret-right", "next", self.tr("Next window"), 1)

    def _turn_button(self, sign: str, name: str, text: str, by: int) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(f"{self.objectName()}_{name}")
        button.setIcon(icon(sign))
        button.setAccessibleName(text)
        button.setToolTip(text)
        button.clicked.connect(self._back if by < 0 else self._next)
        self.row.add_control(button)
        return button

    # ------------------------------------------------------------------ what is shown

    def set_windows(self, windows: Sequence[dict[str, Any]]) -> None:
        """Show windows; the one in view stays in view.

        Args:
            windows: As in ``Forecasted.windows``: ``title``, ``target``, ``unit``, ``past_x``,
                ``future_x``, ``past``, ``truth``, ``forecast``, ``naive``, ``naive_name``,
                ``quantiles``.
        """
        self._windows = tuple(windows)
        self._shown = min(self._shown, max(0, len(self._windows) - 1))
        self.set_empty(
            "" if self._windows
            else self.tr("Press Train: forecasts on held-out windows are drawn here.")
        )  # fmt: skip
        self._tell_page()
        self.schedule()

    def show_window(self, number: int) -> None:
        """Turn to a window; beyond the ends it stays at the last or first."""
        number = min(max(0, number), max(0, len(self._windows) - 1))
        if number != self._shown:
            self._shown, self._zoomed = number, False
            self.window_changed.emit(number)
            self._tell_page()
            self.schedule()

    @property
    def shown(self) -> int:
        """Number of the window in view, from 0."""
        return self._shown

    def _back(self) -> None:
        self.show_window(self._shown - 1)

    def _next(self) -> None:
        self.show_window(self._shown + 1)

    def _tell_page(self) -> None:
        several = len(self._windows) > 1
        for widget in (self.back_button, self._count, self.next_button):
            widget.setVisible(several)
        self._count.setText(f"{self._shown + 1} / {len(self._windows)}")
        self.back_button.setEnabled(self._shown > 0)
        self.next_button.setEnabled(self._shown < len(self._windows) - 1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Turn to other windows."""
        if event.key() == Qt.Key.Key_Left:
            self._back()
        elif event.key() == Qt.Key.Key_Right:
            self._next()
        else:
            super().keyPressEvent(event)

    # ------------------------------------------------------------------ drawing

    def theme_changed(self, palette: Palette) -> None:
        """Take the colours of a theme."""
        self.canvas.wear(palette)
        self._origin.setPen(pen("border_strong"))
        super().theme_changed(palette)

    def _user_zoomed(self) -> None:
        self._zoomed = True

    def reset_view(self) -> None:
        """Show the whole window again."""
        self._zoomed = False
        self.schedule()

    def redraw(self) -> None:
        """Draw the window in view."""
        if not self._windows:
            return
        window = self._windows[self._shown]
        self._place(window)
        past = finite_numbers(window.get("past", ()))
        cut = len(past)
        future = {
            key: finite_numbers(window.get(key, ())) for key in ("truth", "forecast", "naive")
        }
        self.past_line.setData(self._x[:cut], past)
        lines = {"truth": self.truth_line, "forecast": self.forecast_line, "naive": self.naive_line}
        for key, line in lines.items():
            x, y = self._x[cut : cut + len(future[key])], future[key]
            if key == "truth" and cut and len(y):
                x, y = np.append(self._x[cut - 1], x), np.append(past[-1], y)
            line.setData(x[: len(y)], y[: len(x)])
        fan = self._fan.draw(self._x[cut:], window.get("quantiles") or {})
        if 0 < cut < len(self._x):
            self._origin.setPos((self._x[cut - 1] + self._x[cut]) / 2)
        if not self._zoomed:
            self._fit([past, *future.values(), *fan])
        self._name_axis(window)
        self._explain(window)
        self._summarise(window, future)

    def _place(self, window: dict[str, Any]) -> None:
        texts = [str(text) for text in (*window.get("past_x", ()), *window.get("future_x", ()))]
        self._x, dated = _positions(texts)
        self._axis.set_dated(dated)

    def _fit(self, lines: list[np.ndarray]) -> None:
        self.canvas.fit_height(np.concatenate(lines))
        if len(self._x):
            low, high = float(self._x[0]), float(self._x[-1])
            room = 0.01 * (high - low)
            self.canvas.show_range((low - room, high + room), None)

    # ------------------------------------------------------------------ words

    def _name_axis(self, window: dict[str, Any]) -> None:
        target, unit = str(window.get("target", "")), str(window.get("unit", ""))
        wanted = f"{target} ({unit})" if unit else target
        if self.canvas.left.title != wanted:
            self.canvas.left.set_title(target, unit)
        step = "" if self._axis.dated else self.tr("step")
        if self._axis.title != step:
            self._axis.set_title(step)

    def _explain(self, window: dict[str, Any]) -> None:
        naive = str(window.get("naive_name", ""))
        text = self.tr("naive: {0}").format(naive) if naive else self.tr("naive")
        entries = [
            LegendEntry(self.tr("past"), "text_muted"),
            LegendEntry(self.tr("truth"), "series_0"),
            LegendEntry(self.tr("forecast"), "series_1"),
            LegendEntry(text, "text_muted", "dashed"),
        ]
        for _, _, share in intervals(window.get("quantiles") or {}):
            text = self.tr("{0:g} % interval").format(round(100 * share, 1))
            entries.append(LegendEntry(text, "series_1", "area"))
        self.set_legend(entries)

    def _summarise(self, window: dict[str, Any], future: dict[str, np.ndarray]) -> None:
        """Say what is shown and how far forecast and naive forecast are off on this window."""
        errors = _mean_errors(future, str(window.get("unit", "")))
        parts = []
        if len(errors) == 2:
            parts.append(self.tr("error {forecast}, naive {naive}").format(**errors))
        if window.get("title"):
            parts.append(isolated(str(window["title"])))
        self._summary = " · ".join(parts)
        self.set_readout(self._summary)

    def _hover(self, place: tuple[float, float] | None) -> None:
        if place is None or not self._windows or not len(self._x):
            self.set_readout(self._summary)
            return
        window = self._windows[self._shown]
        row = int(np.abs(self._x - place[0]).argmin())
        when = date_text(float(self._x[row])) if self._axis.dated else f"{self._x[row]:g}"
        unit, cut = str(window.get("unit", "")), len(window.get("past", ()))
        parts = [when]
        if row < cut:
            parts.append(with_unit(finite_numbers(window["past"])[row], unit))
        else:
            names = {
                "truth": self.tr("truth"),
                "forecast": self.tr("forecast"),
                "naive": self.tr("naive"),
            }
            for key, name in names.items():
                values = finite_numbers(window.get(key, ()))
                if row - cut < len(values):
                    parts.append(f"{name} {with_unit(float(values[row - cut]), unit)}")
        self.set_readout(" · ".join(parts))

    # ------------------------------------------------------------------ numbers

    def table(self) -> Table:
        """One row per step of each window."""
        levels = sorted({level for w in self._windows for level in w.get("quantiles") or {}})
        header = ["window", "target", "unit", "x", "past", "truth", "forecast", "naive"]
        return ([*header, *(f"quantile {level}" for level in levels)], _rows(self._windows, levels))


def _rows(windows: Sequence[dict[str, Any]], levels: list[str]) -> Iterator[list[object]]:
    for window in windows:
        names = [window.get("title", ""), window.get("target", ""), window.get("unit", "")]
        for x, value in zip(window.get("past_x", ()), window.get("past", ()), strict=False):
            yield [*names, x, value, "", "", "", *("" for _ in levels)]
        quantiles = window.get("quantiles") or {}
        columns = [window.get(key, ()) for key in ("truth", "forecast", "naive")]
        columns += [quantiles.get(level, ()) for level in levels]
        for row, x in enumerate(window.get("future_x", ())):
            cells = [column[row] if row < len(column) else "" for column in columns]
            yield [*names, x, "", *cells]


def _positions(texts: list[str]) -> tuple[np.ndarray, bool]:
    """Places on the axis of ISO dates, of numbers, or of neither (then 0, 1, 2 …)."""
    try:
        return np.array([float(text) for text in texts]), False
    except ValueError:
        pass
    try:
        found = seconds(np.array([np.datetime64(text) for text in texts], "datetime64[us]"))
    except ValueError:
        return np.arange(len(texts), dtype=float), False
    if np.isfinite(found).all() and (np.diff(found) >= 0).all():
        return found, True
    return np.arange(len(texts), dtype=float), False


def _mean_errors(future: dict[str, np.ndarray], unit: str) -> dict[str, str]:
    """Mean absolute error of ``forecast`` and ``naive`` on the window, with unit."""
    errors = {}
    for key in ("forecast", "naive"):
        both = min(len(future[key]), len(future["truth"]))
        off = np.abs(future[key][:both] - future["truth"][:both])
        if np.isfinite(off).any():
            errors[key] = with_unit(float(np.nanmean(off)), unit, 3)
    return errors
