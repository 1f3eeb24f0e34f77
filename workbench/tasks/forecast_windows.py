"""Scaled series on the training device, and windows sliced from them."""

import numpy as np
import torch
from torch import Tensor

from workbench.data.frequency import Ints
from workbench.data.series import PreparedSeries
from workbench.specs import WindowSpec


class WindowStore:
    """All series one after another as three matrices, read through overlapping windows.

    Args:
        prepared: The series.
        starts: Windows of each part, int64 ``(N, 2)``: series and first step.
        spec: Window W, horizon H.

    Attributes:
        firsts: Row of the first step of each window, by part, int64 ``(N,)``, on the device.
        device: Where the data is.
    """

    def __init__(self, prepared: PreparedSeries, starts: dict[str, Ints], spec: WindowSpec) -> None:
        self._spec = spec
        codec = prepared.codec
        lengths = [len(series.time) for series in prepared.series]
        offsets = np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)
        self._values = torch.from_numpy(
            np.concatenate([codec.encode(series.values) for series in prepared.series])
        )
        self._known = torch.from_numpy(np.concatenate([item.known for item in prepared.series]))
        self._own = self._values[:, list(codec.target_indices)].contiguous()
        self._targets = self._own
        observed = np.concatenate([series.observed for series in prepared.series])
        if not observed.all():
            weights = torch.from_numpy(observed).float()
            self._targets = torch.cat((self._own * weights, weights), dim=1)
        self.firsts = {
            part: torch.from_numpy(offsets[pairs[:, 0]] + pairs[:, 1])
            for part, pairs in starts.items()
        }
        self._series_start = torch.from_numpy(np.repeat(offsets[:-1], lengths))
        usable = np.concatenate([series.usable for series in prepared.series])
        self._blocked = torch.from_numpy(np.concatenate(([0], np.cumsum(~usable))).astype(np.int64))
        self.device = torch.device("cpu")

    def to(self, device: torch.device) -> None:
        """Keep everything on ``device``."""
        self._values = self._values.to(device)
        self._known = self._known.to(device)
        self._own = self._own.to(device)
        self._targets = self._targets.to(device)
        self._series_start = self._series_start.to(device)
        self._blocked = self._blocked.to(device)
        self.firsts = {part: firsts.to(device) for part, firsts in self.firsts.items()}
        self.device = device

    def slice(self, firsts: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Windows that begin at these rows.

        Args:
            firsts: int64 ``(B,)``.

        Returns:
            Values ``(B, W, C)``, known ``(B, W+H, K)``, targets ``(B, H, M)`` or with weights
            ``(B, H, 2M)``; copies.
        """
        window, horizon = self._spec.window, self._spec.horizon
        return (
            _stretches(self._values, firsts, window),
            _stretches(self._known, firsts, window + horizon),
            _stretches(self._targets, firsts + window, horizon),
        )

    def naive(self, firsts: Tensor, season: int) -> Tensor:
        """The forecast of a naive rule, scaled ``(B, H, M)``.

        Args:
            firsts: int64 ``(B,)``.
            season: Steps after which values are repeated; 0 repeats the last value. Values from
                before the window count as known; where the series does not reach back that far,
                or a cut lies between, the last value stands in.
        """
        begin = (firsts + self._spec.window)[:, None]  # (B, 1)
        last = begin - 1
        rows = last.expand(-1, self._spec.horizon)
        if season > 0:
            ahead = torch.arange(self._spec.horizon, device=firsts.device)
            wanted = begin + ahead - season * (ahead // season + 1)
            floor = self._series_start[firsts][:, None]
            reachable = wanted >= floor
            safe = torch.maximum(wanted, floor)
            reachable &= self._blocked[safe] == self._blocked[begin]
            rows = torch.where(reachable, safe, rows)
        return self._own[rows]


def _stretches(matrix: Tensor, firsts: Tensor, length: int) -> Tensor:
    """Copy ``length`` rows of ``(N, C)`` from each of ``(B,)`` rows on: ``(B, length, C)``."""
    rows, width = matrix.shape
    if width == 0:
        return matrix.new_empty((len(firsts), length, 0))
    if matrix.device.type == "mps":  # overlapping views are not gathered from there
        steps = torch.arange(length, device=matrix.device)
        return matrix[firsts[:, None] + steps]
    view = torch.as_strided(matrix, (rows - length + 1, length, width), (width, width, 1))
    return view.index_select(0, firsts)
