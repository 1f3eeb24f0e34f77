"""One symbol at a time on a hand-kept state: what text generation runs on.

The first layer's input product is looked up in a table (embedding × W_ih) instead of computed, and
nothing of a prompt is ever run twice.
"""

import torch
from torch import Tensor

from workbench.cells.base import State
from workbench.models.language import LanguageModel
from workbench.models.replay import Change


class Stepper:
    """A language model advanced symbol by symbol.

    The weights are copied when the stepper is made; later training does not reach it.

    Args:
        model: A language model (one direction).
        batch: Sequences advanced in parallel.

    Attributes:
        state: Current state, as ``RecurrentStack.initial_state``.
        steps: Symbols read so far.
        change: Called after each layer's step as in ``replay``; None changes nothing.
    """

    @torch.no_grad()
    def __init__(self, model: LanguageModel, batch: int = 1) -> None:
        self._stack = model.stack
        self._embedding = model.embedding.weight.clone()
        layers = [model.stack.layer_weights(index, 0) for index in range(model.stack.num_layers)]
        self._into = [layer.weight_ih.t().contiguous() for layer in layers]  # (I, G·H)
        self._bias_ih = [layer.bias_ih.clone() for layer in layers]
        self._recurrent = [layer.weight_hh.t().contiguous() for layer in layers]  # (H, G·H)
        self._bias_hh = [layer.bias_hh.clone() for layer in layers]
        self._table = torch.addmm(self._bias_ih[0], self._embedding, self._into[0])  # (V, G·H)
        self._head = model.head.weight.t().contiguous()
        self._head_bias = model.head.bias.clone()
        self.state: State = model.stack.initial_state(batch)
        self.steps = 0
        self.change: Change | None = None

    @torch.no_grad()
    def step(self, symbols: Tensor) -> Tensor:
        """Advance by one symbol per sequence.

        Args:
            symbols: int64 ``(B,)``.

        Returns:
            Logits ``(B, V)`` of the next symbol.
        """
        values = self._embedding[symbols]
        ends: list[tuple[Tensor, ...]] = []
        for layer, recurrent in enumerate(self._recurrent):
            if layer == 0:
                projected = self._table[symbols]
            else:
                projected = torch.addmm(self._bias_ih[layer], values, self._into[layer])
            start = tuple(part[layer] for part in self.state)
            end = tuple(torch.empty_like(part)[None] for part in start)
            self._stack.cell.unroll(projected[None], start, recurrent, self._bias_hh[layer], end)
            now = tuple(part[0] for part in end)
            if self.change is not None:
                self.change(layer, 0, self.steps, projected, now)
            ends.append(now)
            values = self._stack.combine(layer, values, ends[-1][0])
        self.steps += 1
        self.state = tuple(torch.stack(parts) for parts in zip(*ends, strict=True))
        return torch.addmm(self._head_bias, values, self._head)

    def read(self, symbols: Tensor) -> Tensor:
        """Advance over a prompt ``(B, T)``, T ≥ 1; return the logits after its last symbol."""
        for column in symbols.unbind(1)[:-1]:
            self.step(column)
        return self.step(symbols[:, -1])
