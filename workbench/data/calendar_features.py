"""Where a date stands in the day, week, month and year, as sine and cosine."""

import numpy as np
from numpy.typing import NDArray

from workbench.data.frequency import DAY, Dates

_CYCLE_DAYS = {"hour": 1.0, "weekday": 7.0, "day": 31.0, "month": 366.0}
"""Length of each cycle in days."""

_SEEN = 1.9
"""How often the training part must hold a cycle."""

_PIECE = 1 << 20  # rows worked on at a time
_LARGEST_STEP_DAYS = {"hour": 0.5, "weekday": 2.0, "day": 2.0, "month": 100.0}
"""A step longer than this does not resolve the cycle."""


def choose_calendar(step_s: float, span_s: float) -> tuple[str, ...]:
    """Which cycles the dates of a series can tell.

    Args:
        step_s: Length of a step in seconds.
        span_s: Length of the training part in seconds.

    Returns:
        Of ``hour``, ``weekday``, ``day`` (of the month) and ``month`` (of the year), those that
        the step resolves and the training part holds (nearly) twice. Of one year alone a model
        learns what happened in its March, not what Marches have in common: on ETTh1 with one
        year of training the error is lower without the month.
    """
    step, span = step_s / 86_400, span_s / 86_400
    return tuple(
        name
        for name, cycle in _CYCLE_DAYS.items()
        if 0 < step <= _LARGEST_STEP_DAYS[name] and span >= _SEEN * cycle
    )


def calendar_features(dates: Dates, names: tuple[str, ...]) -> NDArray[np.float32]:
    """Sine and cosine of the place in each cycle.

    Args:
        dates: datetime64[us] ``(N,)``.
        names: Cycles, of ``hour``, ``weekday``, ``day``, ``month``.

    Returns:
        float32 ``(N, 2 × len(names))``: sine and cosine of the first cycle, and so on.
    """
    features = np.empty((len(dates), 2 * len(names)), dtype=np.float32)
    for start in range(0, len(dates), _PIECE):
        rows = slice(start, start + _PIECE)
        for place, name in enumerate(names):
            turn = 2 * np.pi * _share(dates[rows], name)
            features[rows, 2 * place] = np.sin(turn)
            features[rows, 2 * place + 1] = np.cos(turn)
    return features


def feature_names(names: tuple[str, ...]) -> tuple[str, ...]:
    """Names of the columns of ``calendar_features``."""
    return tuple(f"{name} {wave}" for name in names for wave in ("sine", "cosine"))


def _share(dates: Dates, name: str) -> NDArray[np.float64]:
    """How far through the cycle each date is, 0 … 1."""
    dates = dates.astype("M8[us]")
    days = dates.astype("M8[D]")
    if name == "hour":
        return np.asarray((dates - days).astype(np.int64) / DAY)
    if name == "weekday":
        return (days.astype(np.int64) + 3) % 7 / 7
    months = days.astype("M8[M]")
    into = (days - months.astype("M8[D]")).astype(np.int64)
    length = ((months + 1).astype("M8[D]") - months.astype("M8[D]")).astype(np.int64)
    if name == "day":
        return np.asarray(into / length)
    return np.asarray((months.astype(np.int64) % 12 + into / length) / 12)
