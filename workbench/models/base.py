"""What every model has, so that the trainer, the probe and the diagram can use it."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from torch import Tensor, nn

from workbench.cells.base import State
from workbench.models.dropout import Dropout, NoiseSource
from workbench.models.recurrent import RecurrentStack


@dataclass(frozen=True)
class Block:
    """One box of the network's diagram.

    Attributes:
        name: For people: ``Embedding``, ``LSTM layer 1``.
        detail: A second line, such as its dropout.
        shape: Shape of what leaves it, such as ``64 × 64 × 256`` (batch × time × channels).
        parameters: Trained numbers in it.
    """

    name: str
    detail: str
    shape: str
    parameters: int


class SequenceModel(nn.Module, ABC):
    """A network around one recurrent stack.

    Attributes:
        noise: Where dropout masks are drawn from; the trainer sets its generator.
        stack: The recurrent layers.
        embedding_dropout: Dropout on what enters the stack.
        output_dropout: Dropout on what leaves it.
    """

    noise: NoiseSource
    stack: RecurrentStack
    embedding_dropout: Dropout
    output_dropout: Dropout

    @abstractmethod
    def encode(self, *inputs: Tensor) -> Tensor:
        """What enters the recurrent stack ``(B, T, I)``, from the model's own inputs."""

    @abstractmethod
    def decode(self, hidden: Tensor, *inputs: Tensor) -> Tensor:
        """The model's output from what leaves the stack ``(B, T, D·H)`` and its own inputs."""

    @abstractmethod
    def forward(self, *inputs: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """The model's output and the state after the last step."""

    @abstractmethod
    def blocks(self, batch: int, steps: int) -> list[Block]:
        """The network from input to output, with the shapes of a batch ``(batch, steps)``."""

    @abstractmethod
    def kept_outputs(self, steps: int) -> int:
        """Numbers per sequence that the head keeps for the backward pass."""

    def set_dropout(self, name: str, share: float) -> None:
        """Change a dropout while training.

        Args:
            name: ``dropout``, ``embedding_dropout`` or ``output_dropout``.
            share: 0 ≤ share < 1.
        """
        own = {"embedding_dropout": self.embedding_dropout, "output_dropout": self.output_dropout}
        for part in self.stack.dropouts() if name == "dropout" else [own[name]]:
            part.share = share

    def stack_blocks(self, batch: int, steps: int) -> list[Block]:
        """The recurrent layers of ``blocks``."""
        stack = self.stack
        found = []
        for index, layer in enumerate(stack.layers):
            details = ["both directions"] if stack.directions == 2 else []
            if stack.has_residual(index):
                details.append("residual")
            if isinstance(stack.norms[index], nn.LayerNorm):
                details.append("layer norm")
            if index < len(stack.between):
                details.append(stack.dropouts()[index].describe())
            found.append(
                Block(
                    f"{stack.cell.label} layer {index + 1}",
                    ", ".join(part for part in details if part),
                    f"{batch} × {steps} × {stack.output_size}",
                    count_parameters(layer) + count_parameters(stack.norms[index]),
                )
            )
        return found


def count_parameters(module: nn.Module | None) -> int:
    """Trained numbers in a module; 0 for None."""
    return 0 if module is None else sum(p.numel() for p in module.parameters())
