"""The language model: embedding, recurrent stack, a score for every next symbol."""

import torch
from torch import Tensor, nn

from workbench.cells.base import State
from workbench.models.base import Block, SequenceModel, count_parameters
from workbench.models.dropout import Dropout, NoiseSource
from workbench.models.initialise import initialise_embedding, initialise_linear, initialise_stack
from workbench.models.recurrent import RecurrentStack
from workbench.specs import ModelSpec


class LanguageModel(SequenceModel):
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

    def encode(self, *inputs: Tensor) -> Tensor:
        """What enters the recurrent stack: symbols ``(B, T)`` int64 → ``(B, T, E)``."""
        embedded: Tensor = self.embedding_dropout(self.embedding(inputs[0]))
        return embedded

    def forward(self, *inputs: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Logits ``(B, T, V)`` of the next symbol at each step, and the state after the last."""
        hidden, end = self.stack(self.encode(*inputs), state)
        return self.decode(hidden, *inputs), end

    def decode(self, hidden: Tensor, *inputs: Tensor) -> Tensor:
        """Logits ``(B, T, V)`` of the next symbol at each step."""
        del inputs
        logits: Tensor = self.head(self.output_dropout(hidden))
        return logits

    def blocks(self, batch: int, steps: int) -> list[Block]:
        """Embedding, recurrent layers, and the map to symbols."""
        tied = self.head.weight is self.embedding.weight
        width = self.embedding.embedding_dim
        details = [self.output_dropout.describe(), "tied to the embedding" if tied else ""]
        return [
            Block(
                "Embedding",
                self.embedding_dropout.describe(),
                f"{batch} × {steps} × {width}",
                count_parameters(self.embedding),
            ),
            *self.stack_blocks(batch, steps),
            Block(
                "Linear to symbols",
                ", ".join(part for part in details if part),
                f"{batch} × {steps} × {self.head.out_features}",
                self.head.bias.numel() if tied else count_parameters(self.head),
            ),
        ]

    def kept_outputs(self, steps: int) -> int:
        """Logits, their softmax and their gradient."""
        return 3 * steps * self.head.out_features
