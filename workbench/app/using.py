"""What the Use page asks of a trained run, each a function for a worker.

A loaded model is kept from one question to the next while its checkpoint stays the same.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.errors import UserError
from workbench.runs import RunFolder

if TYPE_CHECKING:
    from workbench.engine.evaluate import Evaluation
    from workbench.engine.generate import Written

SHOWN_WINDOWS = 8


@dataclass(frozen=True)
class Wish:
    """A text that is to be written.

    Attributes:
        prompt: What stands before; empty takes one from the validation part.
        length: Symbols to write.
        temperature: Above 0.
        seed: The same seed writes the same text.
    """

    prompt: str = ""
    length: int = 500
    temperature: float = 0.8
    seed: int = 1


@dataclass(frozen=True)
class InUse:
    """Whose weights answer.

    Attributes:
        which: ``best`` or ``last``.
        epoch: Epochs those weights had seen.
        prompt: What a text begins with.
        doubt: A sentence where the prompt holds what the model does not know.
    """

    which: str
    epoch: int
    prompt: str = ""
    doubt: str = ""


@dataclass(frozen=True, eq=False)
class ForecastPictures:
    """Forecasts on held-out windows.

    Attributes:
        in_use: Whose weights made them.
        part: ``test`` or ``validation``.
        windows: As in ``events.Forecasted``.
    """

    in_use: InUse
    part: str
    windows: tuple[dict[str, Any], ...]


def checkpoints(run: RunFolder) -> list[str]:
    """Which weights a run has, ``best`` first."""
    folder = run.path / "checkpoints"
    found = ["best"] if (folder / "best.safetensors").is_file() else []
    kept = any((folder / f"{name}.safetensors").is_file() for name in ("last", "previous"))
    return [*found, "last"] if kept else found


class Using:
    """Answers questions of one run after another."""

    def __init__(self) -> None:
        self._writer: tuple[tuple[object, ...], Any] | None = None
        self._loaded: tuple[tuple[object, ...], Any] | None = None

    def forget(self) -> None:
        """Let go of the loaded models."""
        self._writer = self._loaded = None

    def write(
        self, run: RunFolder, which: str, wish: Wish, cancelled: Callable[[], bool]
    ) -> "Iterator[InUse | Written]":
        """Say whose weights are in use and with what prompt, then write symbol by symbol.

        Raises:
            UserError: Where there is no checkpoint, the data is gone, or the prompt does not fit.
        """
        from workbench.engine.generate import Writer

        key, kept = _key(run, which), self._writer
        if kept is None or kept[0] != key:
            kept = (key, Writer(run, which))
            self._writer = kept
        writer: Writer = kept[1]
        prompt = writer.opening(wish.prompt)
        yield InUse(writer.which, writer.epoch, prompt, writer.doubt(wish.prompt))
        for piece in writer.write(prompt, wish.length, wish.temperature, wish.seed):
            yield piece
            if cancelled():
                return

    def evaluate(self, run: RunFolder, which: str, cancelled: Callable[[], bool]) -> "Evaluation":
        """Every metric by part, beside the naive rules.

        Raises:
            UserError: Where there is no checkpoint, or the data is gone or does not fit.
        """
        from workbench.engine.evaluate import evaluate_run

        found = evaluate_run(run, which=which, cancelled=cancelled)
        if cancelled():
            raise UserError("The evaluation was stopped.", "Press Evaluate to start again.")
        return found

    def forecasts(
        self, run: RunFolder, which: str, cancelled: Callable[[], bool]
    ) -> ForecastPictures:
        """Forecasts on windows spread evenly over the test part.

        Raises:
            UserError: Where there is no checkpoint, or the data is gone or does not fit.
        """
        import numpy as np

        from workbench.engine.loading import load_model
        from workbench.tasks.forecast import ForecastTask

        key, kept = _key(run, which), self._loaded
        if kept is None or kept[0] != key:
            kept = (key, load_model(run, which))
            self._loaded = kept
        loaded = kept[1]
        if not isinstance(loaded.task, ForecastTask):
            raise UserError("This run writes text; it makes no forecasts.", "Choose a forecast.")
        if cancelled():
            raise UserError("Stopped.", "")
        part = next((p for p in ("test", "validation") if loaded.task.batches(p)), "train")
        total = loaded.task.windows(part)
        count = min(SHOWN_WINDOWS, total)
        chosen = ((np.arange(count) + 0.5) * total / count).astype(np.int64)
        windows = loaded.task.forecast_windows(loaded.model, part, chosen)
        return ForecastPictures(InUse(loaded.which, loaded.epoch), part, windows)


def _key(run: RunFolder, which: str) -> tuple[object, ...]:
    """Changes whenever a checkpoint of the run is written."""
    folder = run.path / "checkpoints"
    files: list[Path] = sorted(folder.glob("*.safetensors"))
    return (run.path, which, *((file.name, file.stat().st_mtime_ns) for file in files))
