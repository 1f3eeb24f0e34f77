"""What a picture of a forecast shows: plain values in the user's units, ready for an event."""

import math
import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.data.series import PreparedSeries
from workbench.specs import WindowSpec

_LEAST_PAST = 48


def window_picture(
    prepared: PreparedSeries, spec: WindowSpec, place: tuple[int, int], target: int
) -> dict[str, Any]:
    """Past and truth of one window and target.

    Args:
        prepared: The series.
        spec: Window and horizon.
        place: Series and first step of the window.
        target: Which target.

    Returns:
        ``title``, ``target``, ``unit``, ``past_x``, ``future_x``, ``past`` and ``truth`` as
        described at ``events.Forecasted``; the past is no longer than three horizons or 48 steps,
        whichever is more; a truth that was never measured is None.
    """
    series, first = prepared.series[place[0]], place[1]
    name = prepared.codec.target_names[target]
    column = prepared.codec.target_indices[target]
    begin, end = first + spec.window, first + spec.window + spec.horizon
    shown = max(first, begin - max(3 * spec.horizon, _LEAST_PAST))
    truth = series.values[begin:end, column].astype(np.float64)
    truth[~series.observed[begin:end, target]] = np.nan
    titles = [part for part in (series.name, name, time_text(series.time[begin])) if part]
    unit = re.search(r"[(\[]([^()\[\]]{1,12})[)\]]\s*$", name)
    return {
        "title": " · ".join(titles),
        "target": name,
        "unit": unit[1] if unit else "",
        "past_x": [time_text(moment) for moment in series.time[shown:begin]],
        "future_x": [time_text(moment) for moment in series.time[begin:end]],
        "past": short_numbers(series.values[shown:begin, column]),
        "truth": short_numbers(truth),
    }


def forecast_lines(forecast: NDArray[np.float64], levels: tuple[float, ...]) -> dict[str, Any]:
    """``forecast`` and ``quantiles`` of a window and target.

    Args:
        forecast: ``(H, Q)``: the point forecast, then the quantiles, in the user's units.
        levels: The quantiles; where they cross they are sorted.
    """
    fan = np.sort(forecast[:, 1:], axis=-1)
    return {
        "forecast": short_numbers(forecast[:, 0]),
        "quantiles": {
            f"{level:g}": short_numbers(fan[:, place]) for place, level in enumerate(levels)
        },
    }


def short_numbers(values: NDArray[np.floating[Any]]) -> list[float | None]:
    """Numbers with six digits, enough for a picture; None where a value is not finite (JSON)."""
    return [float(f"{value:.6g}") if math.isfinite(value) else None for value in values.tolist()]


def time_text(moment: Any) -> str:
    """A date as ISO text (without what is zero), or a row's number."""
    if not isinstance(moment, np.datetime64):
        return str(int(moment))
    text = str(moment.astype("M8[us]")).replace("T", " ")
    return text.removesuffix(".000000").removesuffix(":00").removesuffix(" 00:00")
