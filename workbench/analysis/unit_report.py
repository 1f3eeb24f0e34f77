"""All that is known of one unit: what it follows, where it fires, how long it remembers."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.analysis.saturation import KEEPERS, half_life, label_of, saturation
from workbench.analysis.survey import Survey
from workbench.analysis.tracks import score_all, strength
from workbench.data.findings import Watch
from workbench.models.replay import Key

_APART = 5
"""Steps between two places at which it fires; nearer ones are one place."""


@dataclass(frozen=True, eq=False)
class UnitReport:
    """What was found of one unit.

    Attributes:
        steps: Steps that were looked at.
        tracks: Name, score and strength of every track, the strongest first.
        places: Steps at which it fires strongest, either sign, the strongest first ``(n,)``.
        values: Its values there ``(n,)``.
        gate: The gate that keeps its state; empty for a plain RNN.
        mean: Mean of that gate; NaN without one.
        half_life: Steps after which half of its state is left; NaN without a gate.
        label: As ``saturation.label_of``.
    """

    steps: int
    tracks: tuple[tuple[str, float, float], ...]
    places: NDArray[np.int64]
    values: NDArray[np.float64]
    gate: str
    mean: float
    half_life: float
    label: str


def unit_report(survey: Survey, key: Key, unit: int, watch: Watch, count: int = 30) -> UnitReport:
    """Look at one unit over a survey.

    Args:
        survey: Many steps.
        key: Its layer and direction, and the quantity that is looked at.
        unit: Its number.
        watch: Told how far it is.
        count: Places where it fires.

    Raises:
        Cancelled: Where ``watch`` says so.
    """
    line = np.asarray(survey.rows(key)[:, unit], dtype=np.float64)
    tracks = survey.tracks(watch)
    told = []
    if tracks:
        length = len(tracks[0].values)
        for track, found in zip(tracks, score_all(tracks, line[:length, None]), strict=True):
            told.append((track.name, float(found[0]), float(strength(track, found)[0])))
    told.sort(key=lambda item: -item[2])
    places = _peaks(line, count)
    gate, mean, life, label = _memory(survey, key, unit)
    return UnitReport(
        len(line), tuple(told), places, line[places], gate, mean, life, label
    )  # fmt: skip


def _peaks(line: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    """The strongest steps, none nearer to a stronger one than some steps."""
    free = np.ones(len(line), dtype=bool)
    found: list[int] = []
    for step in np.argsort(-np.abs(line), kind="stable").tolist():
        if free[step]:
            found.append(step)
            free[max(0, step - _APART) : step + _APART + 1] = False
        if len(found) == count:
            break
    return np.array(found, dtype=np.int64)


def _memory(survey: Survey, key: Key, unit: int) -> tuple[str, float, float, str]:
    hidden = survey.rows(Key(key.layer, key.direction, "hidden"))[:, unit]
    for gate in KEEPERS:
        wanted = Key(key.layer, key.direction, gate)
        if wanted in survey.keys:
            values = np.asarray(survey.rows(wanted)[:, unit : unit + 1], dtype=np.float32)
            counted = saturation(wanted, values)
            mean = float(counted.mean[0])
            largest = float(np.abs(hidden).max())
            label = label_of(float(counted.shut[0]), float(counted.open[0]), largest)
            return gate, mean, float(half_life(counted.mean)[0]), label
    return "", float("nan"), float("nan"), ""
