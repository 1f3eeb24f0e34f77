"""The language model: embedding, recurrent stack, a score for every next symbol."""

import torch
from torch import Tensor, nn

from workbench.cells.base import State
from workbench.experiment import ModelSpec
from workbench.models.dropout import Dropout, NoiseSource
from workbench.models.initialise import initialise_embedding, initialise_linear, initialise_stack
from workbench.models.recurrent import RecurrentStack


class LanguageModel(nn.Module):
    """Symbols in, logits of the next symbol out.

    Args:
        spec: The network's description.
        vocabulary: Number of symbols V.
        generator: CPU generator the weights are drawn from.

    Attributes:
        noise: Where dropout masks are drawn from; the trainer sets its generator.
    """

    def __init__(self, spec: ModelSpec, vocabulary: int, generator: torch.Generator) -> None:
        super().__init__()
        self.noise = NoiseSource()
        size = spec.hidden_size if spec.tie_weights else spec.embedding_size
        self.embedding = nn.Embedding(vocabulary, size)
        self.embedding_dropout = Dropout(
            spec.embedding_dropout, spec.variational_dropout, self.noise
        )
        self.stack = RecurrentStack(spec, size, self.noise)
        self.output_dropout = Dropout(spec.output_dropout, spec.variational_dropout, self.noise)
        self.head = nn.Linear(self.stack.output_size, vocabulary)
        initialise_embedding(self.embedding, spec, generator)
        initialise_stack(self.stack, spec, generator)
        initialise_linear(self.head, spec, generator)
        if spec.tie_weights:
            self.head.weight = self.embedding.weight

    def encode(self, symbols: Tensor) -> Tensor:
        """What enters the recurrent stack: ``(B, T)`` int64 → ``(B, T, E)``."""
        return self.embedding_dropout(self.embedding(symbols))

    def forward(self, symbols: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Logits ``(B, T, V)`` of the next symbol at each step, and the state after the last."""
        hidden, end = self.stack(self.encode(symbols), state)
        return self.head(self.output_dropout(hidden)), end
