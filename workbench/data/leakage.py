"""Leaks: ways in which a model sees what it is asked to forecast, looked for before training."""

import math

import numpy as np
from numpy.typing import NDArray

from workbench.data.findings import Finding
from workbench.data.frequency import Ints
from workbench.data.scaling import Scaler
from workbench.data.series import PreparedSeries, Series
from workbench.data.windows import window_starts
from workbench.experiment import Experiment
from workbench.specs import ColumnSpec

_ROWS = 20_000
"""Rows of the longest series in which copies of the target are looked for, the newest."""

_LEADS = 200
_COPY = 1e-3
_ALIKE = 0.9
_LOOKED_AT = 1000
_BLOCK = 12
_PIECE = 1 << 18  # rows worked on at a time

Bools = NDArray[np.bool_]


def check_leakage(experiment: Experiment, prepared: PreparedSeries) -> list[Finding]:
    """Look for leaks between inputs and targets, and between the parts.

    Args:
        experiment: The job: windows, roles, policies.
        prepared: Its data.

    Returns:
        One finding for each leak: a target among the inputs at the forecast step; scalers fitted
        on more than the training part; windows of training that reach into validation or test,
        or dates of training after those; rows of training repeated there; and inputs filled by a
        line to a value that is still to be forecast. Empty where there is none.
    """
    return [
        *_copies(experiment, prepared),
        *_scalers(experiment, prepared),
        *_overlaps(experiment, prepared),
        *_dates(prepared),
        *_repeats(prepared),
        *_lines_to_the_future(experiment, prepared),
    ]


# ---------------------------------------------------------------------- target among the inputs


def _copies(experiment: Experiment, prepared: PreparedSeries) -> list[Finding]:
    horizon = min(experiment.data.table.windows.horizon, _LEADS)
    series = max(prepared.series, key=lambda item: len(item.time))
    codec = prepared.codec
    seen = series.observed.all(axis=1) & series.usable
    rows = max(1000, min(_ROWS, 2_000_000 // (len(codec.channels) + len(codec.known))))
    targets = series.values[-rows:, list(codec.target_indices)].astype(np.float64)
    seen = seen[-rows:]
    found = []
    known = series.known[-rows:, : len(codec.known)].astype(np.float64)
    leads = range(1 - horizon, horizon + 1)
    for place, target, lead in _shifted_copies(known, targets, seen, leads):
        column, name = codec.known[place].column, codec.target_names[target]
        found.append(
            Finding(
                f"column {column}",
                f"the target {name}{_shift_text(lead)} is known at forecast time",
                f"{column} (known-future) is a straight-line copy of it",
                "problem",
                f"data.table.columns.{column}.role={'input' if lead <= 0 else 'ignored'}",
            )
        )
    inputs = [place for place, item in enumerate(codec.channels) if not item.target]
    given = series.values[-rows:, inputs].astype(np.float64)
    for place, target, lead in _shifted_copies(given, targets, seen, range(1, horizon + 1)):
        column, name = codec.channels[inputs[place]].column, codec.target_names[target]
        found.append(
            Finding(
                f"column {column}",
                f"it holds the target {name}{_shift_text(lead)}",
                "an input must not know what is to be forecast",
                "doubt",
                f"data.table.columns.{column}.role=ignored",
            )
        )
    return found


def _shift_text(lead: int) -> str:
    if lead == 0:
        return ""
    steps = f"{abs(lead)} step{'s' if abs(lead) > 1 else ''}"
    return f" of {steps} {'later' if lead > 0 else 'before'}"


def _shifted_copies(
    given: NDArray[np.float64], targets: NDArray[np.float64], seen: Bools, leads: range
) -> list[tuple[int, int, int]]:
    """Columns that are straight-line copies of a target shifted by a lead.

    Args:
        given: ``(T, C)``.
        targets: ``(T, M)``.
        seen: bool ``(T,)``: rows whose targets were measured.
        leads: Steps by which a column may be ahead of the target.

    Returns:
        Column, target and lead of each copy: where what a straight line leaves unexplained in nine
        of ten rows is below a thousandth of the target's changes from step to step. A few wrong
        or filled cells do not hide a copy.
    """
    if given.shape[1] == 0 or seen.sum() < 20:
        return []
    given, targets = _within_usual(given), _within_usual(targets)
    best: dict[tuple[int, int], tuple[float, int]] = {}
    for lead in leads:
        size = len(targets) - abs(lead)
        if size < 20:
            continue
        ahead = slice(max(lead, 0), max(lead, 0) + size)
        behind = slice(max(-lead, 0), max(-lead, 0) + size)
        rows = seen[ahead]
        if rows.sum() < 20:
            continue
        wanted, column = targets[ahead][rows], given[behind][rows]
        wanted, column = wanted - wanted.mean(0), column - column.mean(0)
        spread = np.sqrt((wanted**2).mean(0))  # (M,)
        width = np.sqrt((column**2).mean(0))  # (C,)
        with np.errstate(invalid="ignore", divide="ignore"):
            r = column.T @ wanted / len(wanted) / np.outer(width, spread)  # (C, M)
        some = slice(None, None, max(1, len(wanted) // _LOOKED_AT))
        changes = (np.diff(wanted, axis=0) ** 2).mean(0)
        for place, target in np.argwhere(r**2 > _ALIKE).tolist():
            left = _left_unexplained(column[some, place], wanted[some, target])
            value = left / changes[target] if changes[target] > 0 else math.inf
            if value < min(_COPY, best.get((place, target), (np.inf, 0))[0]):
                best[place, target] = (value, lead)
    return [(place, target, lead) for (place, target), (_, lead) in sorted(best.items())]


def _within_usual(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Hold wild values at the edge of the usual ones: a single one would outweigh all others."""
    low, middle, high = np.percentile(values, [25, 50, 75], axis=0)
    reach = np.where(high > low, 3 * (high - low), np.abs(values - middle).max(axis=0))
    return np.asarray(np.clip(values, middle - reach, middle + reach))


def _left_unexplained(given: NDArray[np.float64], wanted: NDArray[np.float64]) -> float:
    """Square of what a line through the bulk leaves in nine of ten rows at most.

    The line is fitted again without the rows far from it.
    """
    rows = np.ones(len(given), dtype=bool)
    for _ in range(4):
        x, y = given[rows] - given[rows].mean(), wanted[rows] - wanted[rows].mean()
        slope = float(x @ y / (x @ x))
        away = np.abs(wanted - wanted[rows].mean() - slope * (given - given[rows].mean()))
        rows = away <= max(3 * float(np.median(away)), 1e-12)
        if rows.sum() < 20 or np.ptp(given[rows]) == 0:
            return math.inf
    return float(np.quantile(away, 0.9)) ** 2


# ---------------------------------------------------------------------- scalers


def _scalers(experiment: Experiment, prepared: PreparedSeries) -> list[Finding]:
    """Scalers nearer to those of all rows than to those of the training rows."""
    spans = prepared.splits["train"].tolist()
    wrong = []
    for place, channel in enumerate(prepared.codec.channels):
        every = [series.values[:, place] for series in prepared.series]
        train = [values[start:end] for values, (start, end) in zip(every, spans, strict=True)]
        if channel.category is not None or not any(map(len, train)):
            continue
        kind = channel.scaler.kind
        right = _distance(channel.scaler, Scaler.fit(np.concatenate(train), kind))
        other = _distance(channel.scaler, Scaler.fit(np.concatenate(every), kind))
        if right > 0.01 and other < 0.2 * right:
            wrong.append(channel.name)
    if not wrong:
        return []
    return [
        Finding(
            "scaler",
            "fitted on all rows",
            f"{', '.join(wrong[:5])}: validation and test have shaped the numbers the model is "
            "trained on; fit on the training part only",
            "problem",
        )
    ]


def _distance(scaler: Scaler, other: Scaler) -> float:
    shift = abs(scaler.centre - other.centre) / other.deviation
    return shift + abs(math.log(scaler.scale / other.scale))


# ---------------------------------------------------------------------- parts


def _first_rows(experiment: Experiment, prepared: PreparedSeries) -> dict[str, Ints]:
    """First row of each window, counted over all series one after another, by part."""
    lengths = [len(series.time) for series in prepared.series]
    offsets = np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)
    usable = [series.usable for series in prepared.series]
    starts = window_starts(prepared.splits, usable, experiment.data.table.windows)
    return {part: offsets[pairs[:, 0]] + pairs[:, 1] for part, pairs in starts.items()}


def _touched(firsts: Ints, length: int, rows: int) -> Bools:
    """Rows within ``length`` steps of any of ``firsts``, bool ``(rows,)``."""
    begun = np.bincount(firsts, minlength=rows + 1)
    ended = np.bincount(np.minimum(firsts + length, rows), minlength=rows + 1)
    return np.asarray(np.cumsum(begun - ended)[:-1] > 0)


def _overlaps(experiment: Experiment, prepared: PreparedSeries) -> list[Finding]:
    """Steps to be forecast in one part that lie in windows of an earlier part."""
    spec = experiment.data.table.windows
    rows = sum(len(series.time) for series in prepared.series)
    firsts = _first_rows(experiment, prepared)
    forecast = {part: _touched(firsts[part] + spec.window, spec.horizon, rows) for part in firsts}
    seen = forecast | {"train": _touched(firsts["train"], spec.window + spec.horizon, rows)}
    found = []
    for earlier, later in (("train", "validation"), ("train", "test"), ("validation", "test")):
        common = int((seen[earlier] & forecast[later]).sum())
        if common:
            found.append(
                Finding(
                    "split",
                    f"windows of {earlier} reach into {later}",
                    f"{common:,} steps to be forecast in {later} are in windows of {earlier}",
                    "problem",
                )
            )
    return found


def _dates(prepared: PreparedSeries) -> list[Finding]:
    """Rows of an earlier part dated at or after the first row of a later one."""
    if prepared.series[0].time.dtype.kind != "M":
        return []
    found = []
    for earlier, later in (("train", "validation"), ("validation", "test")):
        after = _times(prepared, later)
        before = _times(prepared, earlier)
        if len(after) == 0 or len(before) == 0:
            continue
        late = int((before >= after.min()).sum())
        if late:
            found.append(
                Finding(
                    "split",
                    f"{later} does not lie after {earlier}",
                    f"{late:,} rows of {earlier} are dated at or after the first row of {later}",
                    "problem",
                    "data.table.time.sort=true",
                )
            )
    return found


def _times(prepared: PreparedSeries, part: str) -> NDArray[np.int64]:
    return np.concatenate(
        [
            series.time[start:end].astype("M8[us]").astype(np.int64)
            for series, (start, end) in zip(prepared.series, prepared.splits[part], strict=True)
        ]
    )


# ---------------------------------------------------------------------- repeated rows


def _repeats(prepared: PreparedSeries) -> list[Finding]:
    """Rows (or, where single rows repeat by nature, stretches) of training met again later.

    Values are compared exactly, without dates.
    """
    ranges = prepared.splits
    width = prepared.series[0].values.shape[1] if prepared.series else 0
    weights = np.random.Generator(np.random.PCG64(1)).integers(1, 2**63, width, dtype=np.uint64)
    codes = [_codes(series, weights) for series in prepared.series]
    train = _gather(codes, ranges["train"], 1)
    if len(train) < 2 * _BLOCK:
        return []
    known = np.sort(train)
    own = (1 + int((np.diff(known) != 0).sum())) / len(train)
    chance = 3 * (1 - own)  # what repeats within training repeats by nature
    length = 1 if own >= 0.999 else _BLOCK
    if length > 1:
        known, chance = np.sort(_gather(codes, ranges["train"], length)), 0.0
    if len(known) == 0:
        return []
    found = []
    for part in ("validation", "test"):
        given = _gather(codes, ranges[part], length)
        place = np.minimum(np.searchsorted(known, given), len(known) - 1)
        again = int((known[place] == given).sum())
        if again > max(1, chance * len(given)):
            what = "rows" if length == 1 else f"stretches of {length} rows"
            found.append(
                Finding(
                    "split",
                    f"{part} repeats training",
                    f"{again:,} of {len(given):,} {what} in {part} stand in training too, value "
                    "for value",
                    "doubt",
                )
            )
    return found


def _codes(series: Series, weights: NDArray[np.uint64]) -> tuple[NDArray[np.uint64], Bools]:
    """A number for each row's values, and whether the row was measured."""
    codes = np.empty(len(series.values), dtype=np.uint64)
    for start in range(0, len(codes), _PIECE):
        rows = slice(start, start + _PIECE)
        bits = np.ascontiguousarray(series.values[rows]).view(np.uint64)
        mixed = (bits + np.uint64(0x9E3779B97F4A7C15)) * weights
        mixed ^= mixed >> np.uint64(29)
        codes[rows] = (mixed * np.uint64(0xBF58476D1CE4E5B9)).sum(axis=1)
    return codes, np.asarray(series.observed.all(axis=1))


def _within(marks: Bools, length: int) -> Ints:
    """How many of each ``length`` marks in a row are set."""
    counted = np.concatenate(([0], np.cumsum(marks)))
    return np.asarray(counted[length:] - counted[:-length])


def _gather(
    codes: list[tuple[NDArray[np.uint64], Bools]], ranges: Ints, length: int
) -> NDArray[np.uint64]:
    """Codes of all measured stretches of ``length`` rows in a part that hold enough change."""
    lists = []
    for (given, measured), (start, end) in zip(codes, ranges, strict=True):
        rows = given[start:end]
        if len(rows) < length:
            continue
        if length == 1:
            lists.append(rows[measured[start:end]])
            continue
        size = len(rows) - length + 1
        powers = np.uint64(6364136223846793005) ** np.arange(length, dtype=np.uint64)
        stretches = np.zeros(size, dtype=np.uint64)
        for step, power in enumerate(powers):
            stretches += rows[step : step + size] * power
        good = _within(measured[start:end], length) == length
        good &= _within(np.diff(rows) != 0, length - 1) >= length // 2
        lists.append(stretches[good])
    return np.concatenate(lists) if lists else np.empty(0, dtype=np.uint64)


# ---------------------------------------------------------------------- filled inputs


def _lines_to_the_future(experiment: Experiment, prepared: PreparedSeries) -> list[Finding]:
    """Held-out windows whose last input was drawn as a line to a value still to be forecast."""
    columns: dict[str, ColumnSpec] = {item.name: item for item in experiment.data.table.columns}
    channels = prepared.codec.channels
    lined = [
        place
        for place, target in enumerate(prepared.codec.target_indices)
        if columns[channels[target].column].missing == "interpolate"
    ]
    if not lined:
        return []
    spec = experiment.data.table.windows
    observed = np.concatenate([series.observed[:, lined].all(axis=1) for series in prepared.series])
    if observed.all():
        return []
    starts = _first_rows(experiment, prepared)
    firsts = np.concatenate((starts["validation"], starts["test"]))
    count, total = int((~observed[firsts + spec.window - 1]).sum()), len(firsts)
    if count == 0:
        return []
    name = channels[prepared.codec.target_indices[lined[0]]].column
    return [
        Finding(
            "missing values",
            "inputs filled by a line to a later value",
            f"in {count:,} of {total:,} held-out windows the last input is missing, and the line "
            "that fills it ends in a value to be forecast; the score is a little too good",
            "doubt" if count > 0.02 * total else "info",
            f"data.table.columns.{name}.missing=forward",
        )
    ]
