"""A stack of recurrent layers on torch's fused modules.

Each layer is a fused module of its own: that costs nothing on a CPU, and gives one place between
layers for dropout with a private generator, residual connections and layer norm.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.func import functional_call

from workbench.cells.base import Cell, State
from workbench.cells.catalogue import CELLS
from workbench.models.dropout import Dropout, NoiseSource
from workbench.specs import ModelSpec


@dataclass(frozen=True)
class LayerWeights:
    """Weights of one layer and direction.

    Attributes:
        weight_ih: ``(G·H, I)``.
        weight_hh: ``(G·H, H)``.
        bias_ih: ``(G·H,)``.
        bias_hh: ``(G·H,)``.
    """

    weight_ih: Tensor
    weight_hh: Tensor
    bias_ih: Tensor
    bias_hh: Tensor


class RecurrentStack(nn.Module):
    """Recurrent layers on top of each other.

    Args:
        spec: The network's description.
        input_size: Channels of the input.
        noise: Where dropout masks are drawn from.

    Attributes:
        cell: The kind of cell.
        directions: 1 or 2.
        output_size: Channels of the output, ``D·H``.
    """

    def __init__(self, spec: ModelSpec, input_size: int, noise: NoiseSource) -> None:
        super().__init__()
        self.cell: Cell = CELLS[spec.cell]
        self.hidden_size = spec.hidden_size
        self.directions = 2 if spec.bidirectional else 1
        self.output_size = self.hidden_size * self.directions
        self.residual = spec.residual
        self.weight_drop = spec.weight_drop
        self._noise = noise
        self._input_sizes = sizes = [input_size] + [self.output_size] * (spec.num_layers - 1)
        self.layers = nn.ModuleList(
            self.cell.module(
                size,
                spec.hidden_size,
                batch_first=True,
                bidirectional=spec.bidirectional,
                **self.cell.module_options,
            )
            for size in sizes
        )
        self.norms = nn.ModuleList(
            nn.LayerNorm(self.output_size) if spec.layer_norm else nn.Identity() for _ in sizes
        )
        self.between = nn.ModuleList(
            Dropout(spec.dropout, spec.variational_dropout, noise) for _ in sizes[1:]
        )

    @property
    def num_layers(self) -> int:
        """Layers in the stack."""
        return len(self.layers)

    def initial_state(self, batch: int) -> State:
        """Zero state: one ``(L·D, B, H)`` tensor per state of the cell, on the model's device."""
        like = next(self.parameters())
        shape = (self.num_layers * self.directions, batch, self.hidden_size)
        return tuple(like.new_zeros(shape) for _ in self.cell.states)

    def layer_weights(self, layer: int, direction: int) -> LayerWeights:
        """The live weights of one layer and direction."""
        module = self.layers[layer]
        suffix = "_l0_reverse" if direction else "_l0"
        return LayerWeights(
            *(
                module.get_parameter(f"{name}{suffix}")
                for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            )
        )

    def dropouts(self) -> list[Dropout]:
        """The dropouts between layers, one fewer than layers."""
        return [part for part in self.between if isinstance(part, Dropout)]

    def has_residual(self, layer: int) -> bool:
        """Whether a layer's input is added to its output: where the sizes agree."""
        return self.residual and self._input_sizes[layer] == self.output_size

    def combine(self, layer: int, inputs: Tensor, outputs: Tensor) -> Tensor:
        """What follows a layer's recurrence: residual connection, then layer norm."""
        if self.has_residual(layer):
            outputs = outputs + inputs
        normalised: Tensor = self.norms[layer](outputs)
        return normalised

    def forward(self, values: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Run all layers.

        Args:
            values: Input ``(B, T, I)``, T ≥ 1.
            state: As from ``initial_state``; None is zero.

        Returns:
            Output ``(B, T, D·H)`` of the last layer, and the state after the last step.
        """
        if state is None:
            state = self.initial_state(values.shape[0])
        ends: list[tuple[Tensor, ...]] = []
        for index, layer in enumerate(self.layers):
            rows = slice(index * self.directions, (index + 1) * self.directions)
            outputs, end = self._run_layer(layer, values, tuple(part[rows] for part in state))
            ends.append(end)
            values = self.combine(index, values, outputs)
            if index < self.num_layers - 1:
                values = self.between[index](values)
        return values, tuple(torch.cat(parts) for parts in zip(*ends, strict=True))

    def _run_layer(self, layer: nn.Module, values: Tensor, state: State) -> tuple[Tensor, State]:
        given = state if len(state) > 1 else state[0]
        if self.training and self.weight_drop > 0:
            dropped = {
                name: weight * self._noise.mask(weight, tuple(weight.shape), self.weight_drop)
                for name, weight in layer.named_parameters()
                if name.startswith("weight_hh")
            }
            outputs, end = functional_call(layer, dropped, (values, given))
        else:
            outputs, end = layer(values, given)
        return outputs, end if isinstance(end, tuple) else (end,)
