"""A tiny task with every feature the trainer uses, in milliseconds."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from workbench.experiment import Experiment
from workbench.models.language import LanguageModel
from workbench.tasks.base import Batch, Preview, PreviewRequest, Probe


class CountingTask:
    """Learn the cycle 0 1 2 3 4 0 …, on a language model."""

    name = "language_model"
    metric = "nats"
    throughput_unit = "symbols/s"
    carries_state = True
    message = "a cycle of five"

    def __init__(self, experiment: Experiment) -> None:
        self.experiment = experiment
        self.poison_at: int | None = None
        self.memory_rows: int | None = None
        self.judged_rows: int | None = None
        rows = experiment.training.batch_size
        count = torch.arange(rows * 401) % 5
        noise = torch.randint(0, 5, count.shape, generator=torch.Generator().manual_seed(0))
        flip = torch.rand(count.shape, generator=torch.Generator().manual_seed(1)) < 0.1
        ids = torch.where(flip, noise, count)
        self.ids = ids.view(rows, 401)
        self.asked = 0
        self.judged: list[str] = []

    def build_model(self, generator: torch.Generator) -> LanguageModel:
        return LanguageModel(self.experiment.model, 5, generator)

    def to(self, device: torch.device) -> None: ...

    def batches(self, part: str) -> int:
        return 40 if part == "train" else 4

    def batch(self, part: str, epoch: int, index: int) -> Batch:
        start = index * 10
        piece = self.ids[:, start : start + 11]
        return Batch((piece[:, :-1],), piece[:, 1:], piece[:, 1:].numel())

    def loss(self, output: Tensor, targets: Tensor) -> Tensor:
        if self.memory_rows is not None and targets.shape[0] > self.memory_rows:
            raise torch.OutOfMemoryError("out of memory")
        loss = functional.cross_entropy(output.flatten(0, 1).float(), targets.flatten())
        self.asked += 1
        if self.poison_at is not None and self.asked >= self.poison_at and loss.requires_grad:
            self.poison_at = None
            return loss * float("nan")
        return loss

    def reported_loss(self, loss: float, batch: Batch) -> float:
        return loss

    @property
    def most_splits(self) -> int:
        return self.experiment.training.batch_size

    def evaluate(
        self, model: LanguageModel, part: str, cancelled: Callable[[], bool], splits: int = 1
    ) -> dict[str, float]:
        self.judged.append(part)
        total = 0.0
        batch = self.batch(part, 0, 0)
        for rows in torch.arange(len(batch.targets)).split(-(-len(batch.targets) // splits)):
            if cancelled():
                return {}
            if self.judged_rows is not None and len(rows) > self.judged_rows:
                raise torch.OutOfMemoryError("out of memory")
            with torch.no_grad():
                output, _ = model(batch.inputs[0][rows])
                flat = output.flatten(0, 1), batch.targets[rows].flatten()
                total += float(functional.cross_entropy(*flat)) * len(rows)
        return {"nats": total / len(batch.targets)}

    def baselines(self, part: str) -> dict[str, float]:
        return {"uniform": 1.609}

    def preview(
        self, model: LanguageModel, request: PreviewRequest, generator: torch.Generator
    ) -> Preview:
        return Preview(
            "sampled",
            {"prompt": request.prompt or "0", "symbols": ("1",), "probability": (0.5,)},
        )

    def probe(self) -> Probe:
        return Probe((self.ids[:1, :12],), tuple(str(int(i)) for i in self.ids[0, :12]))

    def stretch(self, part: str, first: int, count: int) -> Probe:
        return self.probe()

    def doubts(self) -> tuple[str, ...]:
        return ()

    def codec_json(self) -> dict[str, Any]:
        return {}


@pytest.fixture
def tiny() -> Experiment:
    """A job of 3 epochs × 40 steps with dropout, so that every generator matters."""
    return Experiment.from_dict(
        {
            "name": "tiny",
            "model": {
                "hidden_size": 8, "embedding_size": 4, "num_layers": 2,
                "dropout": 0.2, "output_dropout": 0.1, "weight_drop": 0.1,
            },
            "training": {
                "epochs": 3, "batch_size": 6, "learning_rate": 0.01, "threads": 1,
                "precision": "float32", "device": "cpu",
            },
        }
    )  # fmt: skip


@pytest.fixture
def tasks(monkeypatch: pytest.MonkeyPatch) -> list[CountingTask]:
    """The trainer prepares counting tasks; those made are in the list."""
    made: list[CountingTask] = []

    def prepare(experiment: Experiment, *_args: object, **_options: object) -> CountingTask:
        made.append(CountingTask(experiment))
        return made[-1]

    monkeypatch.setattr("workbench.engine.trainer.prepare_task", prepare)
    return made
