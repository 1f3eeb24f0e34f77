"""The forecasting model: a window in, the next H values at once out (direct multi-horizon)."""

import torch
from torch import Tensor, nn

from workbench.cells.base import State
from workbench.models.base import Block, SequenceModel, count_parameters
from workbench.models.dropout import Dropout, NoiseSource
from workbench.models.initialise import initialise_stack
from workbench.models.recurrent import RecurrentStack
from workbench.specs import ModelSpec


class ForecastModel(SequenceModel):
    """A window of channels and what is known of the future in, forecasts out.

    Each window's targets are first put on their own level (``instance_norm``) and the forecast is
    put back on it, so that a drifting level needs no relearning. All heads start at zero: before
    training, the model forecasts the level itself.

    Args:
        spec: The network's description.
        channels: Channels C of the window.
        known: Channels K known at forecast time (calendar, known-future columns).
        targets: Indices of the M target channels.
        window: Steps W of the window.
        horizon: Steps H forecast at once.
        generator: CPU generator the weights are drawn from.

    Source:
        Level per window: Kim et al. (2022), RevIN; linear shortcut: Zeng et al. (2023), NLinear.
    """

    def __init__(
        self,
        spec: ModelSpec,
        *,
        channels: int,
        known: int,
        targets: list[int],
        window: int,
        horizon: int,
        generator: torch.Generator,
    ) -> None:
        super().__init__()
        self.noise = NoiseSource()
        self.instance_norm = spec.instance_norm
        self.horizon = horizon
        self.outputs = 1 + len(spec.quantiles)
        self.targets = list(targets)
        self._only_targets = self.targets == list(range(channels))
        self.embedding_dropout = Dropout(
            spec.embedding_dropout, spec.variational_dropout, self.noise
        )
        self.stack = RecurrentStack(spec, channels + known, self.noise)
        self.output_dropout = Dropout(spec.output_dropout, spec.variational_dropout, self.noise)
        size = horizon * len(targets) * self.outputs
        self.head = nn.Linear(self.stack.output_size, size)
        self.known_head = nn.Linear(horizon * known, size, bias=False) if known else None
        self.shortcut = nn.Linear(window, horizon * self.outputs) if spec.linear_shortcut else None
        initialise_stack(self.stack, spec, generator)
        for head in (self.head, self.known_head, self.shortcut):
            if head is not None:
                for weight in head.parameters():
                    nn.init.zeros_(weight)

    def encode(self, *inputs: Tensor) -> Tensor:
        """What enters the recurrent stack: ``(B, W, C)``, ``(B, W+H, K)`` → ``(B, W, C+K)``."""
        values, known = inputs
        return self._join(self._level(values)[0], known)

    def _join(self, levelled: Tensor, known: Tensor) -> Tensor:
        if known.shape[-1]:
            levelled = torch.cat((levelled, known[:, : levelled.shape[1]]), dim=-1)
        dropped: Tensor = self.embedding_dropout(levelled)
        return dropped

    def _level(self, values: Tensor) -> tuple[Tensor, Tensor | None, Tensor | None]:
        """Take each window's own level off its targets; return values, level and scale.

        Level and scale ``(B, 1, M)`` are None where nothing is taken off, or nothing scaled.
        """
        if self.instance_norm == "none":
            return values, None, None
        own = self._targets_of(values)
        scale = None
        if self.instance_norm == "mean_std":
            level = own.mean(dim=1, keepdim=True)
            scale = own.std(dim=1, keepdim=True, correction=0) + 1e-3
            own = (own - level) / scale
        else:
            level = own[:, -1:]
            own = own - level
        if self._only_targets:
            return own, level, scale
        levelled = values.clone()
        levelled[..., self.targets] = own
        return levelled, level, scale

    def _targets_of(self, values: Tensor) -> Tensor:
        """The target channels ``(B, W, M)``; no copy where there are no others."""
        return values if self._only_targets else values[..., self.targets]

    def forward(self, *inputs: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Forecast.

        Args:
            inputs: Scaled channels ``(B, W, C)`` and known-future channels ``(B, W+H, K)``; K may
                be 0.
            state: Initial state of the stack; None is zero.

        Returns:
            Forecast ``(B, H, M, Q)`` in scaled units (Q = 1 point forecast + quantiles), and the
            state after the window.
        """
        values, known = inputs
        levels = self._level(values)
        hidden, end = self.stack(self._join(levels[0], known), state)
        return self._head(hidden, known, levels), end

    def decode(self, hidden: Tensor, *inputs: Tensor) -> Tensor:
        """Forecast ``(B, H, M, Q)`` in scaled units from the states over the window."""
        return self._head(hidden, inputs[1], self._level(inputs[0]))

    def _head(
        self, hidden: Tensor, known: Tensor, levels: tuple[Tensor, Tensor | None, Tensor | None]
    ) -> Tensor:
        levelled, level, scale = levels
        last = hidden[:, -1]
        if self.stack.directions == 2:  # the backward direction has read all of it at step 0
            size = self.stack.hidden_size
            last = torch.cat((hidden[:, -1, :size], hidden[:, 0, size:]), dim=-1)
        flat: Tensor = self.head(self.output_dropout(last[:, None])[:, 0])
        if self.known_head is not None:
            flat = flat + self.known_head(known[:, hidden.shape[1] :].flatten(1))
        forecast: Tensor = flat.view(-1, self.horizon, len(self.targets), self.outputs)
        if self.shortcut is not None:
            own = self._targets_of(levelled).transpose(1, 2)  # (B, M, W)
            lines = self.shortcut(own).view(*own.shape[:2], self.horizon, self.outputs)
            forecast = forecast + lines.transpose(1, 2)
        if scale is not None:
            forecast = forecast * scale[..., None]
        if level is not None:
            forecast = forecast + level[..., None]
        return forecast

    def blocks(self, batch: int, steps: int) -> list[Block]:
        """Window level, recurrent layers, and the map to the horizon."""
        level = {
            "none": "as it is",
            "last_value": "minus the last value",
            "mean_std": "mean 0, deviation 1",
        }
        details = [
            self.output_dropout.describe(),
            "known future" if self.known_head is not None else "",
            "linear shortcut" if self.shortcut is not None else "",
        ]
        shape = f"{batch} × {self.horizon} × {len(self.targets)}"
        width = self.stack.layers[0].input_size
        parameters = sum(map(count_parameters, (self.head, self.known_head, self.shortcut)))
        return [
            Block("Window level", level[self.instance_norm], f"{batch} × {steps} × {width}", 0),
            *self.stack_blocks(batch, steps),
            Block(
                "Linear to horizon",
                ", ".join(part for part in details if part),
                shape if self.outputs == 1 else f"{shape} × {self.outputs}",
                parameters,
            ),
        ]

    def kept_outputs(self, steps: int) -> int:
        """The forecast and its gradient."""
        return 2 * self.horizon * len(self.targets) * self.outputs
