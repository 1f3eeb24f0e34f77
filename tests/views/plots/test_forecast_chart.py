"""Forecasts: dates, units, fan, paging."""

import numpy as np
import pytest
from PySide6.QtCore import Qt

from workbench.views.plots.forecast import ForecastChart


def window(number=0, **changes):
    dates = [f"2018-02-{1 + hour // 24:02d} {hour % 24:02d}" for hour in range(120)]
    values = {
        "title": f"window {number}", "target": "OT <b>", "unit": "°C",
        "past_x": dates[:96], "future_x": dates[96:], "past": [1.0] * 96, "truth": [2.0] * 24,
        "forecast": [2.5] * 24, "naive": [1.0] * 24, "naive_name": "last value",
        "quantiles": {"0.1": [1.5] * 24, "0.9": [3.5] * 24, "0.5": [2.5] * 24},
    }  # fmt: skip
    return values | changes


def test_all_lines_are_drawn_in_place(show):
    chart = show(ForecastChart("Forecast"))
    chart.set_windows([window()])
    chart.flush()
    assert len(chart.past_line.getData()[0]) == 96
    x, y = chart.forecast_line.getData()
    assert len(x) == 24
    assert x[0] > chart.past_line.getData()[0][-1]
    assert np.diff(x) == pytest.approx(3600)
    assert set(y) == {2.5}
    assert chart.truth_line.getData()[0][0] == chart.past_line.getData()[0][-1]
    names = [entry.name for entry in chart._legend.entries]
    assert "naive: last value" in names
    assert "80 % interval" in names
    assert chart.canvas.left.title == "OT <b> (°C)"
    low, high = chart.canvas.shown_y()
    assert low < 1.0
    assert high > 3.5


def test_errors_of_forecast_and_naive_are_said_in_the_users_unit(show):
    chart = show(ForecastChart("Forecast"))
    chart.set_windows([window()])
    chart.flush()
    assert "error 0.5\u202f°C, naive 1\u202f°C" in chart.readout


def test_pages_with_buttons_and_keys_and_stays_while_new_forecasts_come(show, qtbot):
    chart = show(ForecastChart("Forecast"))
    chart.set_windows([window(n) for n in range(3)])
    with qtbot.waitSignal(chart.window_changed) as told:
        chart.next_button.click()
    assert told.args == [1]
    qtbot.keyClick(chart, Qt.Key.Key_Right)
    qtbot.keyClick(chart, Qt.Key.Key_Right)
    assert chart.shown == 2
    assert not chart.next_button.isEnabled()
    chart.set_windows([window(n) for n in range(3)])
    assert chart.shown == 2
    chart.flush()
    assert "window 2" in chart.readout
    chart.set_windows([window()])
    assert chart.shown == 0
    assert not chart.next_button.isVisible()


def test_pointing_tells_what_is_there(show):
    chart = show(ForecastChart("Forecast"))
    chart.set_windows([window()])
    chart.flush()
    chart.canvas.hovered.emit((float(chart._x[100]), 2.0))
    assert "2018-02-05 04:00" in chart.readout
    assert "forecast 2.5\u202f°C" in chart.readout
    chart.canvas.hovered.emit(None)
    assert "window 0" in chart.readout


@pytest.mark.parametrize(
    "changes",
    [
        {"past_x": [str(n) for n in range(96)], "future_x": [str(n) for n in range(96, 120)]},
        {"past_x": ["?"] * 96, "future_x": ["?"] * 24},
        {"truth": [float("nan")] * 24, "quantiles": {}},
        {"truth": [None] * 24, "forecast": [float("inf")] * 24},
        {"past": [], "past_x": []},
        {"truth": [], "naive": [], "quantiles": None},
        {"forecast": [], "truth": [], "naive": [], "past": [], "past_x": [], "future_x": []},
    ],
    ids=["rows", "no dates", "no truth", "none and inf", "no past", "only forecast", "nothing"],
)
def test_whatever_is_missing_the_rest_is_drawn(show, changes):
    chart = show(ForecastChart("Forecast"))
    chart.set_windows([window(), window(**changes)])
    chart.show_window(1)
    chart.flush()
    chart.grab()
    chart.show_window(0)
    chart.flush()
    chart.grab()
    assert np.isfinite(chart.canvas.shown_y()).all()


def test_table_has_every_step_of_every_window(show):
    chart = show(ForecastChart("Forecast"))
    chart.set_windows([window(0), window(1, quantiles={})])
    header, rows = chart.table()
    rows = list(rows)
    assert len(rows) == 240
    assert header[-3:] == ["quantile 0.1", "quantile 0.5", "quantile 0.9"]
    assert all(len(row) == len(header) for row in rows)
    assert rows[96][:8] == ["window 0", "OT <b>", "°C", "2018-02-05 00", "", 2.0, 2.5, 1.0]
