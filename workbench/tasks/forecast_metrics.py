"""How good forecasts are: in the z-scored unit of benchmarks and in the user's own units."""

from dataclasses import dataclass

import torch
from torch import Tensor

from workbench.data.scaling import Scaler

Tally = dict[str, Tensor]
"""Sums over windows and steps, one number per target, float64 ``(M,)`` on the CPU."""


@dataclass(frozen=True)
class TargetScale:
    """What is needed to speak of M targets in units.

    Attributes:
        names: Of the targets.
        scalers: Their scalers.
        naive_error: Mean absolute error of the seasonal naive rule on the training part (last
            value where there is no season), in the user's units; the denominator of MASE; NaN
            where it is 0 or unknown.
        levels: Quantiles forecast besides the point forecast, rising.
    """

    names: tuple[str, ...]
    scalers: tuple[Scaler, ...]
    naive_error: tuple[float, ...]
    levels: tuple[float, ...] = ()

    def vector(self, field: str, like: Tensor | None = None) -> Tensor:
        """``centre``, ``scale`` or ``deviation`` of all targets ``(M,)``."""
        values = [getattr(scaler, field) for scaler in self.scalers]
        if like is None:
            return torch.tensor(values, dtype=torch.float64)
        return torch.tensor(values, dtype=like.dtype, device=like.device)


def tally_errors(
    forecast: Tensor, truth: Tensor, weight: Tensor | None, scale: TargetScale
) -> Tally:
    """Sum the errors of a batch.

    Args:
        forecast: Scaled ``(B, H, M, Q)``; entry 0 of the last dimension is the point forecast,
            the others the quantiles ``scale.levels``.
        truth: Scaled ``(B, H, M)``.
        weight: 1 where the truth was measured, 0 elsewhere ``(B, H, M)``; None is 1 everywhere.
        scale: Units.
    """
    forecast = forecast.float()
    point = forecast[..., 0]
    if weight is None:
        weight = torch.ones_like(truth)
    error = torch.where(weight > 0, point - truth, 0.0)
    centre, size = scale.vector("centre", truth), scale.vector("scale", truth)
    true_size = (truth * size + centre).abs()
    both = true_size + (point * size + centre).abs()
    relative = (error * size).abs() / both.clamp_min(torch.finfo(both.dtype).tiny)
    sums = {
        "count": weight,
        "squared": error**2,
        "absolute": error.abs(),
        "relative": relative * weight,
    }
    if scale.levels:
        # quantiles may cross; sorting them never makes them worse (Chernozhukov et al. 2010)
        quantiles = forecast[..., 1:].sort(dim=-1).values
        inside = (truth >= quantiles[..., 0]) & (truth <= quantiles[..., -1])
        sums["inside"] = inside * weight
        levels = torch.tensor(scale.levels, dtype=truth.dtype, device=truth.device)
        sums["pinball"] = pinball(quantiles, truth, levels).mean(dim=-1) * weight
    return {name: part.sum(dim=(0, 1)).cpu().double() for name, part in sums.items()}


def add_tallies(tallies: list[Tally]) -> Tally:
    """Add up the tallies of several batches; empty where there are none."""
    if not tallies:
        return {}
    return {name: torch.stack([tally[name] for tally in tallies]).sum(0) for name in tallies[0]}


def finish_metrics(tally: Tally, scale: TargetScale) -> dict[str, float]:
    """Metrics of summed errors.

    Returns:
        ``mse`` and ``mae_scaled`` on z-scored values (errors in standard deviations of the
        training part; the convention of the ETT benchmark), averaged over all values.
        In the user's units ``rmse`` and ``mae``; ``smape`` in percent; ``mase`` (below 1: better
        than the naive rule was on the training part): each the mean over targets, and with
        several targets also each one's own, as in ``mae[OT]``. With quantiles ``coverage`` (share
        of truths between lowest and highest, 0…1) and ``pinball`` (scaled). Targets that were
        never measured are left out; empty where nothing was measured.
    """
    if not tally or float(tally["count"].sum()) == 0:
        return {}
    count = tally["count"]
    seen = count > 0
    every = count.sum()
    size = scale.vector("scale")
    unit = size / scale.vector("deviation")  # from the scaler's unit to standard deviations
    metrics = {
        "mse": float((tally["squared"] * unit**2).sum() / every),
        "mae_scaled": float((tally["absolute"] * unit).sum() / every),
    }
    mae = tally["absolute"] / count * size
    own = {
        "rmse": (tally["squared"] / count).sqrt() * size,
        "mae": mae,
        "smape": 200 * tally["relative"] / count,
        "mase": mae / torch.tensor(scale.naive_error, dtype=torch.float64),
    }
    for name, values in own.items():
        known = values[seen & values.isfinite()]
        if len(known):
            metrics[name] = float(known.mean())
    if scale.levels:
        metrics["coverage"] = float(tally["inside"].sum() / every)
        metrics["pinball"] = float(tally["pinball"].sum() / every)
    if len(scale.names) > 1:
        own["mse"] = tally["squared"] / count * unit**2
        if scale.levels:
            own["coverage"] = tally["inside"] / count
        for name, values in own.items():
            for target, value in zip(scale.names, values.tolist(), strict=True):
                if torch.isfinite(torch.tensor(value)):
                    metrics[f"{name}[{target}]"] = value
    return metrics


def pinball(quantiles: Tensor, truth: Tensor, levels: Tensor) -> Tensor:
    """Pinball loss of each quantile.

    Args:
        quantiles: ``(…, Q)``.
        truth: ``(…)``.
        levels: ``(Q,)``, each between 0 and 1.

    Returns:
        ``(…, Q)``, ≥ 0; its mean is least at the true quantiles.

    Source:
        Koenker and Bassett (1978).
    """
    error = truth.unsqueeze(-1) - quantiles
    return torch.maximum(levels * error, (levels - 1) * error)


def forecast_loss(
    forecast: Tensor,
    truth: Tensor,
    weight: Tensor | None,
    kind: str,
    levels: tuple[float, ...],
) -> Tensor:
    """Training loss of a batch, a scalar.

    Args:
        forecast: Scaled ``(B, H, M, Q)``, as in ``tally_errors``.
        truth: Scaled ``(B, H, M)``.
        weight: As in ``tally_errors``.
        kind: ``auto``, ``mse``, ``mae`` or ``huber`` (quadratic up to one scaled unit, then
            linear) for the point forecast. ``auto`` is ``mse``, or with quantiles the pinball
            loss of the median.
        levels: Quantiles; their mean pinball loss, doubled (so that the median's would be the
            absolute error), is added.
    """
    forecast = forecast.float()
    error = forecast[..., 0] - truth
    if kind == "mse" or (kind == "auto" and not levels):
        each = error**2
    elif kind == "huber":
        each = torch.nn.functional.huber_loss(forecast[..., 0], truth, reduction="none")
    else:
        each = error.abs()
    if levels:
        wanted = torch.tensor(levels, dtype=truth.dtype, device=truth.device)
        each = each + 2 * pinball(forecast[..., 1:], truth, wanted).mean(dim=-1)
    if weight is None:
        return each.mean()
    return (each * weight).sum() / weight.sum().clamp_min(1.0)
