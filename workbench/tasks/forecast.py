"""Forecasting: the next H values of one or several series from a window of the last W."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from workbench.data.findings import Watch
from workbench.data.frequency import Ints
from workbench.data.leakage import check_leakage
from workbench.data.season import season_name
from workbench.data.series import PreparedSeries, SeriesCodec, prepare_series
from workbench.data.table import load_table
from workbench.data.windows import window_starts
from workbench.errors import UserError
from workbench.experiment import Experiment
from workbench.models.base import SequenceModel
from workbench.models.forecast import ForecastModel
from workbench.specs import WindowSpec
from workbench.tasks.base import Batch, Preview, PreviewRequest, Probe
from workbench.tasks.forecast_metrics import (
    Tally,
    TargetScale,
    add_tallies,
    finish_metrics,
    forecast_loss,
    tally_errors,
)
from workbench.tasks.forecast_pictures import (
    forecast_lines,
    short_numbers,
    time_text,
    window_picture,
)
from workbench.tasks.forecast_windows import WindowStore

LAST_VALUE = "last value"
"""Name of the naive rule that repeats the last value."""

_EVALUATED_STEPS = 65_536
"""Steps of input and horizon in one evaluation batch."""

_SHOWN = 12
"""Forecasts drawn at once (windows × targets), about."""

_ALONE = Watch()


class ForecastTask:
    """Series, scaled and cut into windows; several targets are forecast at once.

    Model inputs are ``values (B, W, C)``, scaled channels, and ``known (B, W+H, K)``, what is
    known of the future. Targets are ``(B, H, M)`` scaled; where some were never measured they are
    ``(B, H, 2M)``: the values, then a weight of 1 or 0 for each.

    Args:
        experiment: The job.
        prepared: Its data.
        stored: What ``codec_json`` gave when the model was trained, to evaluate it on other data;
            None when training.
        whole: Whether all rows are one part, ``test``, to judge a trained model on.

    Raises:
        UserError: Where there are too few rows for the window.
    """

    most_splits = 512

    name = "forecast"
    metric = "mse"
    throughput_unit = "windows/s"
    carries_state = False

    def __init__(
        self,
        experiment: Experiment,
        prepared: PreparedSeries,
        stored: dict[str, Any] | None = None,
        *,
        whole: bool = False,
    ) -> None:
        self.experiment = experiment
        self.prepared = prepared
        self.codec = prepared.codec
        self.season = prepared.season if stored is None else stored.get("season")
        self._spec = experiment.data.table.windows
        self._starts = window_starts(
            prepared.splits,
            [series.usable for series in prepared.series],
            self._spec,
            [np.asarray(series.observed.any(axis=1)) for series in prepared.series],
        )
        if whole:
            _check_judged(prepared, self._starts, self._spec)
        elif stored is None:
            _check_enough(prepared, self._starts, experiment)
        self._store = WindowStore(prepared, self._starts, self._spec)
        naive = (
            naive_error(prepared, self.season)
            if stored is None
            else _numbers(stored["naive_error"])
        )
        self.scale = TargetScale(
            names=self.codec.target_names,
            scalers=self.codec.target_scalers,
            naive_error=naive,
            levels=experiment.model.quantiles,
        )
        self._baselines: dict[str, dict[str, float]] = {}
        self._order: tuple[int, Tensor] = (-1, torch.empty(0, dtype=torch.int64))
        self.message = _describe(prepared, self._starts, self._spec)

    # ------------------------------------------------------------------ training

    def build_model(self, generator: torch.Generator) -> ForecastModel:
        """A ``ForecastModel`` of this data's sizes."""
        return ForecastModel(
            self.experiment.model,
            channels=len(self.codec.channels),
            known=len(self.codec.known_names),
            targets=list(self.codec.target_indices),
            window=self._spec.window,
            horizon=self._spec.horizon,
            generator=generator,
        )

    def to(self, device: torch.device) -> None:
        """Keep the scaled series on ``device``."""
        self._store.to(device)
        self._order = (self._order[0], self._order[1].to(device))

    def _size(self, part: str) -> int:
        if part == "train":
            return self.experiment.training.batch_size
        most = _EVALUATED_STEPS // (self._spec.window + self._spec.horizon)
        return max(1, min(512, most), min(self.experiment.training.batch_size, most))

    def batches(self, part: str) -> int:
        """Batches in one pass, the last one possibly smaller."""
        return -(-len(self._starts[part]) // self._size(part))

    def windows(self, part: str) -> int:
        """Windows whose horizon lies in a part."""
        return len(self._starts[part])

    def batch(self, part: str, epoch: int, index: int) -> Batch:
        """Windows of a batch; training windows in an order drawn from (seed, epoch)."""
        size = self._size(part)
        stretch = slice(index * size, (index + 1) * size)
        firsts = self._store.firsts[part]
        firsts = firsts[self._permutation(epoch)[stretch]] if part == "train" else firsts[stretch]
        return self._batch(firsts)

    def _batch(self, firsts: Tensor) -> Batch:
        values, known, targets = self._store.slice(firsts)
        return Batch((values, known), targets, len(firsts))

    def _permutation(self, epoch: int) -> Tensor:
        if self._order[0] != epoch:
            generator = torch.Generator()
            generator.manual_seed((self.experiment.seed * 1_000_003 + epoch) % 2**63)
            order = torch.randperm(len(self._starts["train"]), generator=generator)
            self._order = (epoch, order.to(self._store.device))
        return self._order[1]

    def _truth(self, targets: Tensor) -> tuple[Tensor, Tensor | None]:
        """Split targets into values and weights."""
        count = len(self.codec.target_indices)
        if targets.shape[-1] == count:
            return targets, None
        return targets[..., :count], targets[..., count:]

    def loss(self, output: Tensor, targets: Tensor) -> Tensor:
        """The chosen loss in scaled units, over measured targets only."""
        truth, weight = self._truth(targets)
        kind = self.experiment.training.loss
        return forecast_loss(output, truth, weight, kind, self.experiment.model.quantiles)

    def reported_loss(self, loss: float, batch: Batch) -> float:
        """The loss as it is."""
        del batch
        return loss

    # ------------------------------------------------------------------ judging

    @torch.no_grad()
    def evaluate(
        self, model: SequenceModel, part: str, cancelled: Callable[[], bool], splits: int = 1
    ) -> dict[str, float]:
        """All metrics of ``forecast_metrics.finish_metrics``; empty without windows."""
        size = math.ceil(self._size(part) / splits)
        return self._judge(
            part, size, self.scale, lambda batch, _: model(*batch.inputs)[0], cancelled
        )

    def _judge(
        self,
        part: str,
        size: int,
        scale: TargetScale,
        forecast: Callable[[Batch, Tensor], Tensor],
        cancelled: Callable[[], bool],
    ) -> dict[str, float]:
        tallies: list[Tally] = []
        for chosen in torch.split(self._store.firsts[part], size):
            if cancelled():
                return {}
            batch = self._batch(chosen)
            truth, weight = self._truth(batch.targets)
            tallies.append(tally_errors(forecast(batch, chosen), truth, weight, scale))
        return finish_metrics(add_tallies(tallies), scale)

    @property
    def naive_rules(self) -> dict[str, int]:
        """Naive rules by name, with the season they repeat (0: the last value)."""
        rules = {LAST_VALUE: 0}
        if self.season:
            rules[season_name(self.season, self.prepared.frequency)] = self.season
        return rules

    def baseline_metrics(self, part: str) -> dict[str, dict[str, float]]:
        """Every metric of each naive rule, on the windows the model is judged on."""
        size = self._size(part)
        scale = TargetScale(self.scale.names, self.scale.scalers, self.scale.naive_error)
        return {
            name: metrics
            for name, season in self.naive_rules.items()
            if (metrics := self._judge(part, size, scale, self._naive(season), lambda: False))
        }

    def _naive(self, season: int) -> Callable[[Batch, Tensor], Tensor]:
        return lambda _, firsts: self._store.naive(firsts, season)[..., None]

    def baselines(self, part: str) -> dict[str, float]:
        """``mse`` of each naive rule."""
        if part not in self._baselines:
            metrics = self.baseline_metrics(part)
            self._baselines[part] = {name: values["mse"] for name, values in metrics.items()}
        return dict(self._baselines[part])

    def best_naive(self) -> tuple[str, int]:
        """The naive rule that is best on validation, with the season it repeats."""
        scores = self.baselines("validation")
        name = min(scores, key=lambda rule: scores[rule]) if scores else LAST_VALUE
        return name, self.naive_rules[name]

    # ------------------------------------------------------------------ showing

    @torch.no_grad()
    def preview(
        self, model: SequenceModel, request: PreviewRequest, generator: torch.Generator
    ) -> Preview:
        """Forecasts on a few validation windows, spread evenly, in the user's units."""
        del request, generator
        part = "validation" if len(self._starts["validation"]) else "train"
        targets = len(self.codec.target_indices)
        count = min(max(_SHOWN // targets, 2), 4, len(self._starts[part]))
        chosen = ((np.arange(count) + 0.5) * len(self._starts[part]) / count).astype(np.int64)
        return Preview("forecasted", {"windows": self.forecast_windows(model, part, chosen)})

    @torch.no_grad()
    def forecast_windows(
        self, model: SequenceModel, part: str, chosen: np.ndarray
    ) -> tuple[dict[str, Any], ...]:
        """Forecast some windows of a part.

        Args:
            model: In evaluation mode.
            part: ``train``, ``validation`` or ``test``.
            chosen: int64 ``(n,)``: which windows, by their place in the part.

        Returns:
            For each window and target a dict as described at ``events.Forecasted``.
        """
        firsts = self._store.firsts[part][torch.from_numpy(chosen).to(self._store.device)]
        batch = self._batch(firsts)
        forecast = self._units(model(*batch.inputs)[0])  # (n, H, M, Q)
        naive_name, season = self.best_naive()
        naive = self._units(self._store.naive(firsts, season)[..., None])[..., 0]
        levels = self.experiment.model.quantiles
        return tuple(
            window_picture(self.prepared, self._spec, (series, first), target)
            | forecast_lines(forecast[place, :, target], levels)
            | {"naive": short_numbers(naive[place, :, target]), "naive_name": naive_name}
            for place, (series, first) in enumerate(self._starts[part][chosen].tolist())
            for target in range(len(self.codec.target_indices))
        )

    def _units(self, scaled: Tensor) -> np.ndarray:
        return self.codec.decode_targets(scaled.float().cpu().numpy(), axis=2)

    def probe(self) -> Probe:
        """The pinned validation window (the last one where the number is too high)."""
        part = "validation" if len(self._starts["validation"]) else "train"
        place = min(self.experiment.preview.probe_window, len(self._starts[part]) - 1)
        return self.stretch(part, place, 1)

    def stretch(self, part: str, first: int, count: int) -> Probe:
        """Window number ``first`` of a part; there is one."""
        del count
        if first >= len(self._starts[part]):
            raise UserError(
                f"The {part} part has {len(self._starts[part]):,} windows; there is no window "
                f"{first:,}.",
                "Choose a smaller number, or another part.",
            )
        batch = self._batch(self._store.firsts[part][first : first + 1])
        times = self.window_times(part, first)
        truth, weight = self._truth(batch.targets)
        if weight is not None:
            truth = truth.masked_fill(weight == 0, float("nan"))
        return Probe(batch.inputs, tuple(time_text(moment) for moment in times), truth)

    def window_times(self, part: str, number: int) -> np.ndarray:
        """When a window's values were measured: datetime64 ``(W,)``."""
        series, start = self._starts[part][number].tolist()
        return np.asarray(self.prepared.series[series].time[start : start + self._spec.window])

    def doubts(self) -> tuple[str, ...]:
        """Leaks by which the model sees what it is asked to forecast, but for slight ones."""
        found = check_leakage(self.experiment, self.prepared)
        leaks = [leak for leak in found if leak.level != "info"]
        sentences = (f"{leak.subject}: {leak.found}; {leak.why}." for leak in leaks)
        return tuple(words[:1].upper() + words[1:] for words in sentences)

    def codec_json(self) -> dict[str, Any]:
        """Channels with their scalers, the season and the naive errors."""
        return {
            "series": self.codec.to_json(),
            "season": self.season,
            "naive_error": [None if np.isnan(e) else e for e in self.scale.naive_error],
        }


def _numbers(values: Any) -> tuple[float, ...]:
    return tuple(float("nan") if value is None else float(value) for value in values)


def naive_error(prepared: PreparedSeries, season: int | None) -> tuple[float, ...]:
    """Mean absolute error of a naive rule on the training part, the denominator of MASE.

    Args:
        prepared: The series.
        season: Steps after which values are repeated; None repeats the last value.

    Returns:
        For each target, in the user's units; NaN where it is 0 or nothing was measured.
    """
    lag = season or 1
    targets = list(prepared.codec.target_indices)
    total = np.zeros(len(targets))
    count = np.zeros(len(targets), dtype=np.int64)
    for series, (start, end) in zip(prepared.series, prepared.splits["train"], strict=True):
        given = series.values[start:end, targets].astype(np.float64)
        given[~(series.observed[start:end] & series.usable[start:end, None])] = np.nan
        steps = np.abs(given[lag:] - given[:-lag])
        total += np.nansum(steps, axis=0)
        count += np.isfinite(steps).sum(axis=0)
    known = (count > 0) & (total > 0)
    return tuple(np.where(known, total / np.maximum(count, 1), np.nan).tolist())


def _describe(prepared: PreparedSeries, starts: dict[str, Ints], spec: WindowSpec) -> str:
    rows = sum(len(series.time) for series in prepared.series)
    count = len(prepared.series)
    several = f" in {count:,} series" if count > 1 else ""
    every = f", one every {prepared.frequency.words}" if prepared.frequency is not None else ""
    windows = " / ".join(f"{len(pairs):,}" for pairs in starts.values())
    targets, channels = len(prepared.codec.target_indices), len(prepared.codec.channels)
    return (
        f"{rows:,} rows{several}{every}; {channels} channel{'s' if channels > 1 else ''}, "
        f"{targets} target{'s' if targets > 1 else ''}; window {spec.window} → {spec.horizon}; "
        f"{windows} windows to train, validate, test"
    )


def _check_enough(
    prepared: PreparedSeries, starts: dict[str, Ints], experiment: Experiment
) -> None:
    """Raise where training or validation has no window."""
    spec = experiment.data.table.windows
    longest = {
        part: int((ranges[:, 1] - ranges[:, 0]).max()) for part, ranges in prepared.splits.items()
    }
    several = " in the longest series" if len(prepared.series) > 1 else ""
    need = spec.window + spec.horizon
    have = longest["train"]
    if have < need:
        room = have - spec.horizon
        todo = (
            f"Set data.table.windows.window to at most {room}"
            if room >= 1
            else f"Set data.table.windows.horizon to at most {max(have // 2, 1)} and window to "
            f"at most {max(have - have // 2, 1)}"
        )
        raise UserError(
            f"{have:,} rows in training{several}; window {spec.window} + horizon {spec.horizon} "
            f"needs {need:,}.",
            f"{todo}, or give the training part more rows.",
        )
    if longest["validation"] < spec.horizon:
        raise UserError(
            f"{longest['validation']:,} rows in validation{several}; horizon {spec.horizon} needs "
            f"{spec.horizon:,}.",
            f"Set data.table.windows.horizon to at most {max(longest['validation'], 1)}, or make "
            "data.split.validation larger.",
        )
    for part in ("train", "validation"):
        if len(starts[part]) == 0:
            raise UserError(
                f"No window of {need:,} steps fits into the {part} part: every one touches a cut "
                "or has no measured target.",
                "Fill the gaps instead of cutting (data.table.time.gaps=interpolate, missing "
                "policy of the columns), or set a shorter window.",
            )


def _check_judged(prepared: PreparedSeries, starts: dict[str, Ints], spec: WindowSpec) -> None:
    """Raise where a file to be judged has no window."""
    if len(starts["test"]):
        return
    rows = max(len(series.time) for series in prepared.series)
    raise UserError(
        f"No window of {spec.window} + {spec.horizon} steps fits into these {rows:,} rows.",
        "Give a file with more rows, without gaps that are cut, in which the target was measured.",
    )


def prepare_forecast(
    experiment: Experiment,
    watch: Watch = _ALONE,
    codec: dict[str, Any] | None = None,
    whole: bool = False,
) -> ForecastTask:
    """Read the table of an experiment and prepare it for forecasting.

    Args:
        experiment: The job.
        watch: Told how far it is, and asked whether to go on.
        codec: What ``codec_json`` gave when the model was trained; None fits anew.
        whole: Whether all rows are one part, ``test``.

    Raises:
        Cancelled: Where ``watch`` says it is not wanted any more.
        UserError: Where data or experiment do not fit.
    """
    spec = experiment.data
    frame = load_table(spec.path, spec.table, progress=watch.progress, cancelled=watch.cancelled)
    fitted = None if codec is None else SeriesCodec.from_json(codec.get("series"))
    prepared = prepare_series(
        frame,
        spec.table,
        None if whole else spec.split,
        calendar=experiment.model.calendar,
        codec=fitted,
        watch=Watch(cancelled=watch.cancelled),  # the share told is that of reading
    )
    return ForecastTask(experiment, prepared, codec, whole=whole)
