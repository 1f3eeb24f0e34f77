"""Jobs A, B and C as one writes them with other libraries, each in the way its own guide shows.

Every peer is a function ``(kind, steps) -> seconds per step``: it trains for that many batches in
the library's own loop, on data in memory, and times them from the tenth batch on. The recurrent
libraries get the model of the bare loop, with its state carried from batch to batch.
"""

# The libraries are not there where the types are checked, so their classes are of any type.
# mypy: disable-error-code="import-not-found,misc"

import importlib.util
import os
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

WARM = 10
"""Batches at the start that are not timed."""
SIZES = {"A": (65, 128, 256, 64, 64), "B": (10_000, 200, 200, 20, 20)}
"""Vocabulary, embedding, units, streams and steps of the language models."""
WINDOW, HORIZON, COLUMNS, UNITS, BATCH = 96, 24, 7, 64, 32
"""Job C."""


class Clock:
    """Seconds between the ends of batches.

    Attributes:
        now: Wall time, or the process's CPU time.
    """

    now: Callable[[], float] = staticmethod(time.perf_counter)

    def __init__(self) -> None:
        self._times: list[float] = []

    def tick(self) -> None:
        """A batch has ended."""
        self._times.append(Clock.now())

    @property
    def seconds(self) -> float:
        """Mean seconds per batch after the first ones."""
        return (self._times[-1] - self._times[WARM]) / (len(self._times) - 1 - WARM)


class Network(nn.Module):
    """The model of the bare loop; a language model keeps its state."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.text = kind in SIZES
        self.state: tuple[torch.Tensor, torch.Tensor] | None = None
        if self.text:
            vocabulary, embedding, units, _, _ = SIZES[kind]
            self.embedding = nn.Embedding(vocabulary, embedding)
            self.lstm = nn.LSTM(embedding, units, 2, batch_first=True)
            self.head = nn.Linear(units, vocabulary)
        else:
            self.lstm = nn.LSTM(COLUMNS, UNITS, batch_first=True)
            self.head = nn.Linear(UNITS, HORIZON * COLUMNS)

    def forward(self, given: torch.Tensor) -> torch.Tensor:
        """Logits ``(B, T, V)``, or forecasts ``(B, 24, 7)``."""
        if not self.text:
            output, _ = self.lstm(given)
            forecast: torch.Tensor = self.head(output[:, -1])
            return forecast.view(-1, HORIZON, COLUMNS)
        output, (hidden, cell) = self.lstm(self.embedding(given), self.state)
        self.state = hidden.detach(), cell.detach()
        logits: torch.Tensor = self.head(output)
        return logits


def loss_of(made: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Cross-entropy of a language model, squared error of a forecast."""
    if made.dim() == 3 and target.dim() == 2:
        return functional.cross_entropy(made.flatten(0, 1), target.flatten())
    return functional.mse_loss(made, target)


def optimizer_of(kind: str) -> tuple[Callable[..., torch.optim.Optimizer], float]:
    """The optimiser of a job and its rate."""
    if kind == "B":
        return torch.optim.SGD, 1.0
    return torch.optim.Adam, 2e-3 if kind == "A" else 1e-3


def clip_of(kind: str) -> float:
    """The largest gradient norm of a job."""
    return 5.0 if kind == "B" else 1.0


def tensors(kind: str, steps: int) -> tuple[torch.Tensor, torch.Tensor]:
    """What goes in and what is wanted, a batch after the other along the first axis."""
    torch.manual_seed(1)
    if kind in SIZES:
        vocabulary, _, _, streams, length = SIZES[kind]
        ids = torch.randint(0, vocabulary, (steps * streams, length + 1))
        return ids[:, :-1].contiguous(), ids[:, 1:].contiguous()
    values = torch.randn(steps * BATCH + WINDOW + HORIZON, COLUMNS)
    windows = values.unfold(0, WINDOW + HORIZON, 1).transpose(1, 2)[: steps * BATCH]
    return windows[:, :WINDOW], windows[:, WINDOW:]


def batch_size(kind: str) -> int:
    """Rows of a batch."""
    return SIZES[kind][3] if kind in SIZES else BATCH


def loader(kind: str, steps: int) -> torch.utils.data.DataLoader[tuple[torch.Tensor, ...]]:
    """The usual way: a dataset of tensors in a loader."""
    dataset = torch.utils.data.TensorDataset(*tensors(kind, steps))
    return torch.utils.data.DataLoader(dataset, batch_size(kind), shuffle=kind not in SIZES)


def _lightning(kind: str, steps: int, *, lean: bool) -> float:
    import lightning

    clock = Clock()

    class Module(lightning.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.network = Network(kind)

        def training_step(self, batch: list[torch.Tensor], _index: int) -> torch.Tensor:
            loss = loss_of(self.network(batch[0]), batch[1])
            if not lean:
                self.log("loss", loss)
            return loss

        def configure_optimizers(self) -> torch.optim.Optimizer:
            made, rate = optimizer_of(kind)
            return made(self.parameters(), lr=rate)

        def on_train_batch_end(self, *_: object) -> None:
            clock.tick()

    extras = ["logger", "enable_checkpointing", "enable_progress_bar", "enable_model_summary"]
    off = dict.fromkeys(extras, False) if lean else {}
    trainer = lightning.Trainer(
        max_epochs=1, accelerator="cpu", gradient_clip_val=clip_of(kind), **off
    )
    trainer.fit(Module(), loader(kind, steps))
    return clock.seconds


def lightning_default(kind: str, steps: int) -> float:
    """PyTorch Lightning as it comes: logger, progress bar, checkpoints."""
    return _lightning(kind, steps, lean=False)


def lightning_lean(kind: str, steps: int) -> float:
    """PyTorch Lightning with all extras off."""
    return _lightning(kind, steps, lean=True)


def skorch(kind: str, steps: int) -> float:
    """Skorch with its own loader, progress and history."""
    from skorch import NeuralNet
    from skorch.callbacks import Callback, GradientNormClipping

    clock = Clock()

    class Timer(Callback):
        def on_batch_end(self, _net: object, **_: object) -> None:
            clock.tick()

    made, rate = optimizer_of(kind)
    net = NeuralNet(
        Network(kind), criterion=_Loss, optimizer=made, lr=rate, max_epochs=1,
        batch_size=batch_size(kind), iterator_train__shuffle=kind not in SIZES, train_split=None,
        callbacks=[("clip", GradientNormClipping(clip_of(kind))), ("timer", Timer())], verbose=0,
    )  # fmt: skip
    given, wanted = tensors(kind, steps)
    net.fit(given, wanted)
    return clock.seconds


class _Loss(nn.Module):
    def forward(self, made: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        return loss_of(made, target)


def fastai(kind: str, steps: int) -> float:
    """Fastai's Learner with its recorder."""
    from fastai.callback.core import Callback
    from fastai.callback.training import GradientClip
    from fastai.data.core import DataLoaders
    from fastai.learner import Learner
    from fastai.optimizer import SGD, Adam

    clock = Clock()

    class Timer(Callback):
        def after_batch(self) -> None:
            clock.tick()

    data = DataLoaders(loader(kind, steps), loader(kind, 1))
    made = SGD if kind == "B" else Adam
    learner = Learner(
        data, Network(kind), loss_func=loss_of, opt_func=made, cbs=[Timer(),
        GradientClip(clip_of(kind))],
    )  # fmt: skip
    with learner.no_bar(), learner.no_logging():
        learner.fit(1, lr=optimizer_of(kind)[1])
    return clock.seconds


def _keras(kind: str, steps: int, backend: str) -> float:
    os.environ["KERAS_BACKEND"] = backend
    import keras as library

    clock = Clock()

    class Timer(library.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: object = None) -> None:
            clock.tick()

    layers = library.layers
    if kind in SIZES:
        vocabulary, embedding, units, _, _ = SIZES[kind]
        model = library.Sequential(
            [
                layers.Embedding(vocabulary, embedding),
                layers.LSTM(units, return_sequences=True),
                layers.LSTM(units, return_sequences=True),
                layers.Dense(vocabulary),
            ]
        )
        loss = library.losses.SparseCategoricalCrossentropy(from_logits=True)
    else:
        model = library.Sequential(
            [
                layers.LSTM(UNITS),
                layers.Dense(HORIZON * COLUMNS),
                layers.Reshape((HORIZON, COLUMNS)),
            ]
        )
        loss = "mse"
    made = library.optimizers.SGD if kind == "B" else library.optimizers.Adam
    model.compile(made(optimizer_of(kind)[1], clipnorm=clip_of(kind)), loss)
    given, wanted = (part.numpy() for part in tensors(kind, steps))
    model.fit(
        given, wanted, batch_size=batch_size(kind), epochs=1, shuffle=kind not in SIZES,
        callbacks=[Timer()], verbose=0,
    )  # fmt: skip
    return clock.seconds


def keras_torch(kind: str, steps: int) -> float:
    """Keras 3 on torch; its LSTM starts every batch from zero."""
    return _keras(kind, steps, "torch")


def keras_jax(kind: str, steps: int) -> float:
    """Keras 3 on JAX; compiling falls into the batches that are not timed."""
    return _keras(kind, steps, "jax")


def keras_tensorflow(kind: str, steps: int) -> float:
    """Keras 3 on TensorFlow; tracing falls into the batches that are not timed."""
    return _keras(kind, steps, "tensorflow")


def _quiet_trainer(clock: Clock, steps: int) -> dict[str, Any]:
    import pytorch_lightning

    class Timer(pytorch_lightning.Callback):
        def on_train_batch_end(self, *_: object) -> None:
            clock.tick()

    return {
        "accelerator": "cpu", "callbacks": [Timer()], "max_steps": steps, "logger": False,
        "enable_progress_bar": False, "enable_checkpointing": False, "gradient_clip_val": 1.0,
    }  # fmt: skip


def _darts(name: str, steps: int, **sizes: int) -> float:
    from darts import TimeSeries, models

    clock = Clock()
    values = np.random.default_rng(1).normal(size=(steps * BATCH + 240, COLUMNS))
    series = TimeSeries.from_values(values.astype(np.float32))
    model = getattr(models, name)(
        model="LSTM", input_chunk_length=WINDOW, hidden_dim=UNITS, n_rnn_layers=1,
        batch_size=BATCH, n_epochs=1, optimizer_kwargs={"lr": 1e-3},
        pl_trainer_kwargs=_quiet_trainer(clock, steps), **sizes,
    )  # fmt: skip
    model.fit(series, verbose=False)
    return clock.seconds


def darts_block(_kind: str, steps: int) -> float:
    """Darts' BlockRNNModel: 24 steps at once."""
    return _darts("BlockRNNModel", steps, output_chunk_length=HORIZON)


def darts_recurrent(_kind: str, steps: int) -> float:
    """Darts' RNNModel: step by step over window and horizon."""
    return _darts("RNNModel", steps, training_length=WINDOW + HORIZON)


def neuralforecast(_kind: str, steps: int) -> float:
    """NeuralForecast's LSTM on its own windows: 32 of a single column each, not of all seven."""
    import pandas as pd
    from neuralforecast import NeuralForecast
    from neuralforecast.models import LSTM

    clock = Clock()
    trainer = _quiet_trainer(clock, steps)
    length = 9500
    frame = pd.DataFrame(
        {
            "unique_id": np.repeat([f"c{number}" for number in range(COLUMNS)], length),
            "ds": np.tile(pd.date_range("2020-01-01", periods=length, freq="h"), COLUMNS),
            "y": np.random.default_rng(1).normal(size=COLUMNS * length),
        }
    )
    model = LSTM(
        h=HORIZON, input_size=WINDOW, encoder_hidden_size=UNITS, encoder_n_layers=1,
        windows_batch_size=BATCH, learning_rate=1e-3, **trainer,
    )  # fmt: skip
    NeuralForecast([model], freq="h").fit(frame)
    return clock.seconds


@dataclass(frozen=True)
class Peer:
    """A row of the table.

    Attributes:
        packages: What must be installed.
        jobs: Letters of the jobs it can do.
        run: Trains for so many batches of a job and returns seconds per step.
    """

    packages: tuple[str, ...]
    jobs: str
    run: Callable[[str, int], float]

    def missing(self) -> str:
        """The first package that is not installed, or nothing."""
        absent = (name for name in self.packages if importlib.util.find_spec(name) is None)
        return next(absent, "")


PEERS: dict[str, Peer] = {
    "PyTorch Lightning, default": Peer(("lightning",), "ABC", lightning_default),
    "PyTorch Lightning, extras off": Peer(("lightning",), "ABC", lightning_lean),
    "skorch": Peer(("skorch",), "ABC", skorch),
    "fastai": Peer(("fastai",), "ABC", fastai),
    "Keras 3 on torch": Peer(("keras",), "ABC", keras_torch),
    "Keras 3 on JAX": Peer(("keras", "jax"), "ABC", keras_jax),
    "Keras 3 on TensorFlow": Peer(("keras", "tensorflow"), "ABC", keras_tensorflow),
    "Darts, block": Peer(("darts",), "C", darts_block),
    "Darts, recurrent": Peer(("darts",), "C", darts_recurrent),
    "NeuralForecast LSTM": Peer(("neuralforecast",), "C", neuralforecast),
}
"""By the name in the table."""


def limit_threads(count: int) -> None:
    """Tell the libraries that read it from the environment; before any of them is imported."""
    os.environ["OMP_NUM_THREADS"] = str(count)
    os.environ["TF_NUM_INTRAOP_THREADS"] = os.environ["TF_NUM_INTEROP_THREADS"] = str(count)
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    os.environ["NPROC"] = str(count)  # XLA's pool
    if count == 1:
        os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"


def silence() -> None:
    """Keep the libraries' own advice out of the table."""
    import logging

    warnings.simplefilter("ignore")
    for name in ("lightning", "lightning.pytorch", "pytorch_lightning", "lightning_fabric"):
        logging.getLogger(name).setLevel(logging.ERROR)
