"""Find the season of a series: after how many steps it repeats."""

import numpy as np
from numpy.typing import NDArray

from workbench.data.frequency import Frequency

LONGEST = 60_000
"""Steps looked at, the newest; enough for seven years of hours."""

_CYCLES = 3
"""Seasons a series must hold before one is believed."""

_FAR_BETTER = 0.3
"""Share of a calendar season's error below which another season is taken instead."""

_COLUMNS = 16
"""Columns looked at, the first ones that hold enough values."""

_DAYS = {"day": 1.0, "week": 7.0, "year": 365.2425}


def season_candidates(frequency: Frequency | None) -> dict[int, str]:
    """Seasons the calendar suggests: length in steps → what is repeated (``day``, ``week`` …)."""
    if frequency is None:
        return {}
    if frequency.unit == "month":
        return {12 // frequency.count: "year"} if frequency.count in (1, 2, 3, 4, 6) else {}
    if frequency.unit == "business":
        return {5: "week", 261: "year"} if frequency.count == 1 else {}
    step = frequency.seconds / 86_400
    found = {}
    for name, days in _DAYS.items():
        length = round(days / step)
        exact = abs(length * step - days) < 1e-6 * days or name == "year"
        if length >= 2 and exact:
            found[length] = name
    return found


def season_name(season: int, frequency: Frequency | None) -> str:
    """The naive rule of a season: ``same hour yesterday``, ``same month last year``."""
    cycle = season_candidates(frequency).get(season)
    if cycle is None or frequency is None:
        return f"{season} steps before"
    when = {"day": "yesterday", "week": "last week", "year": "last year"}[cycle]
    step = {"business": "day", "month": {1: "month", 3: "quarter"}.get(frequency.count, "part")}
    what = step.get(frequency.unit) or {86_400.0: "day", 3600.0: "hour", 604_800.0: "week"}.get(
        frequency.seconds, "time"
    )
    return f"same {what} {when}"


def find_season(values: NDArray[np.floating], frequency: Frequency | None) -> int | None:
    """Find after how many steps a series repeats.

    What is compared is the mean squared difference between values a lag apart (the error of the
    naive rule of that lag), which a drifting level does not fool: a season is a lag where, in at
    least one column, it falls well below what lies between, and again at twice the lag. Of
    several the one with the least error over all columns is taken.

    Args:
        values: ``(T,)`` or ``(T, M)`` for several series of one axis, NaN where missing.
        frequency: The step of the axis; its calendar's seasons are tried first. None tries all.

    Returns:
        The season in steps (≥ 2), or None where there is none, or too little data to tell.
    """
    columns = np.asarray(values, dtype=np.float64)
    columns = (columns[:, None] if columns.ndim == 1 else columns)[-LONGEST:]
    curves = _differences(columns)
    if curves is None:
        return None
    every = curves.mean(axis=1)
    longest = min(len(columns) // _CYCLES, len(curves) // 2)
    other = _any_season(every, min(len(columns) // 4, len(curves) - 1, 1000), 0.4)
    found = [
        lag
        for lag in season_candidates(frequency)
        if lag <= longest and any(_repeats(curve, lag) for curve in curves.T)
    ]
    if found:
        least = min(every[lag] for lag in found)
        usual = min(lag for lag in found if every[lag] <= 1.1 * least)
        if other is None or every[other] > _FAR_BETTER * least:
            return usual
    return other


def _differences(columns: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Mean squared difference at every lag ``(L, M)`` of detrended, standardised columns.

    Columns that are constant or mostly missing are left out, as are the lags from the first one
    on at which a column has no pair of values. Lag 0 is 0. None where no column is left.
    """
    size = len(columns)
    if size < 6:
        return None
    known = np.isfinite(columns)
    enough = known.sum(axis=0) >= max(6, size // 3)
    columns, known = columns[:, enough][:, :_COLUMNS], known[:, enough][:, :_COLUMNS]
    if columns.shape[1] == 0:
        return None
    largest = np.abs(np.where(known, columns, 0.0)).max(axis=0)
    columns = columns / np.where(largest > 0, largest, 1.0)  # squares of any number stay finite
    steps = np.arange(size) - (size - 1) / 2
    with np.errstate(invalid="ignore", divide="ignore"):
        centred = np.where(known, columns - np.nanmean(columns, axis=0), 0.0)
        slope = steps @ centred / (steps**2 @ known)
        flat = np.where(known, centred - steps[:, None] * slope, 0.0)
        deviation = np.sqrt((flat**2).sum(axis=0) / known.sum(axis=0))
    moving = deviation > 1e-9 * np.maximum(np.abs(columns[known]).max(initial=0.0), 1e-300)
    if not moving.any():
        return None
    flat, known = flat[:, moving] / deviation[moving], known[:, moving]
    length = 1 << (2 * size - 1).bit_length()
    spectrum = np.fft.rfft(flat, length, axis=0)
    mask = np.fft.rfft(known.astype(np.float64), length, axis=0)
    squares = np.fft.rfft(flat**2, length, axis=0)
    cross = np.fft.irfft(np.abs(spectrum) ** 2, length, axis=0)[:size]
    both = np.fft.irfft(squares * mask.conj() + squares.conj() * mask, length, axis=0)[:size]
    pairs = np.rint(np.fft.irfft(np.abs(mask) ** 2, length, axis=0)[:size])
    curves: NDArray[np.float64] = np.maximum(both - 2 * cross, 0.0) / np.maximum(pairs, 1)
    curves[0] = 0.0
    lags = np.flatnonzero((pairs == 0).any(axis=1))
    return curves[: lags[0]] if len(lags) else curves


def _repeats(curve: NDArray[np.float64], lag: int) -> bool:
    """Whether one column's curve falls deep enough at a lag, and again at twice the lag."""
    depth = _depth(curve, lag)
    return depth is not None and depth < _deep_enough(curve, lag) and _comes_again(curve, lag)


def _depth(curve: NDArray[np.float64], lag: int) -> float | None:
    """How far the curve falls at a lag: its value over the largest before it; None if no dip."""
    width = max(1, lag // 50)
    dip = float(np.min(curve[max(lag - width, 1) : lag + width + 1]))
    if lag < 3:
        around = float(np.min((curve[lag - 1], curve[min(lag + 1, len(curve) - 1)])))
        return dip / around if around > 0 and dip < around else None
    top = float(np.max(curve[1:lag]))
    after = curve[lag + 1 : lag + lag // 2 + 2]
    if top <= 0 or len(after) == 0 or not dip < float(np.max(after)):
        return None
    return dip / top


def _deep_enough(curve: NDArray[np.float64], lag: int) -> float:
    """What a dip must fall below: few pairs of values dip by chance."""
    return float(0.8 - 2.0 / np.sqrt(max(len(curve) - lag, 1)))


def _comes_again(curve: NDArray[np.float64], lag: int) -> bool:
    """Whether the curve falls at twice the lag too; a walk that came back by chance does not."""
    width = max(1, lag // 25)
    dip = curve[2 * lag - width : 2 * lag + width + 1]
    between = curve[lag + 1 : 2 * lag]
    if len(dip) == 0 or len(between) == 0:
        return len(between) == 0
    return bool(np.min(dip) < 0.8 * np.max(between))


def _any_season(curve: NDArray[np.float64], longest: int, deepest: float) -> int | None:
    """The first lag that is a deep local dip, of all lags up to ``longest``."""
    if longest < 4:
        return None
    part = curve[: longest + 1]
    tops = np.maximum.accumulate(part)
    with np.errstate(invalid="ignore", divide="ignore"):
        depth = part / np.maximum(tops, 1e-300)
    inner = np.arange(3, longest)
    dips = inner[(part[inner] <= part[inner - 1]) & (part[inner] <= part[inner + 1])]
    dips = dips[depth[dips] < deepest]
    dips = np.array([lag for lag in dips.tolist() if _comes_again(curve, lag)], dtype=np.int64)
    if len(dips) == 0:
        return None
    best = float(depth[dips].min())
    return int(dips[depth[dips] <= best + 0.1][0])
