"""Text written by a trained language model."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, tee
from pathlib import Path

from workbench.data.vocabulary import UNKNOWN
from workbench.engine.loading import Loaded, load_model
from workbench.engine.seeding import make_generator
from workbench.errors import UserError
from workbench.models.language import LanguageModel
from workbench.runs import RunFolder
from workbench.tasks.language_model import LanguageModelTask, write


@dataclass(frozen=True)
class Written:
    """One written symbol.

    Attributes:
        text: What it adds to the text.
        probability: Its probability under the model, 0…1.
    """

    text: str
    probability: float


class Writer:
    """A language model ready to write.

    Args:
        folder: The run.
        which: ``best`` or ``last``.

    Attributes:
        which: Whose weights are used.
        epoch: Epochs those weights had seen.

    Raises:
        UserError: Where the run is no language model or has no checkpoint.
    """

    def __init__(self, folder: RunFolder | Path, which: str = "best") -> None:
        loaded: Loaded = load_model(folder, which)
        if not isinstance(loaded.task, LanguageModelTask):
            raise UserError(
                "This run forecasts series; it cannot write text.", "Choose a language model."
            )
        assert isinstance(loaded.model, LanguageModel)
        self._task, self._model = loaded.task, loaded.model
        self.which, self.epoch = loaded.which, loaded.epoch
        self.temperature = loaded.experiment.preview.temperature

    def opening(self, prompt: str) -> str:
        """How the text begins: with a prompt, or with words of the validation part."""
        return self._task.vocabulary.opening(prompt or self._task.default_prompt())

    def doubt(self, prompt: str) -> str:
        """A sentence where a prompt holds what the model does not know, else empty."""
        unseen = self._task.vocabulary.unseen(prompt)
        if not unseen:
            return ""
        shown = ", ".join(map(repr, unseen[:5])) + (" …" if len(unseen) > 5 else "")
        return f"The model never saw {shown}; it reads that as {UNKNOWN}."

    def write(
        self, prompt: str, length: int = 500, temperature: float | None = None, seed: int = 1
    ) -> Iterator[Written]:
        """Write ``length`` symbols after ``prompt``.

        Args:
            prompt: What stands before, as ``opening`` made it.
            length: Symbols to write, ≥ 1.
            temperature: > 0; None is the experiment's.
            seed: The same seed writes the same text on the same device.
        """
        chosen = self.temperature if temperature is None else temperature
        if chosen <= 0:
            raise UserError(
                f"temperature is {chosen:g}; it must be above 0.", "0.5 to 1.2 is usual."
            )
        given = self._task.encode_prompt(prompt)
        symbols = write(self._model, given, chosen, make_generator(seed, "text"))
        drawn, read = tee(islice(symbols, length))
        pieces = self._task.vocabulary.pieces(symbol for symbol, _ in drawn)
        for text, (_, probability) in zip(pieces, read, strict=True):
            yield Written(text, probability)
