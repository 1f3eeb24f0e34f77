"""Schedules, verdicts, control, history, estimate and the learning-rate finder."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.engine.conftest import CountingTask
from workbench.engine import events
from workbench.engine.control import Control
from workbench.engine.estimate import estimate, measure_epoch_time
from workbench.engine.events import EpochDone, from_json
from workbench.engine.history import History, load_probe
from workbench.engine.lr_finder import find_rate
from workbench.engine.schedules import schedule_factor
from workbench.engine.seeding import make_generator, mixed_seed
from workbench.engine.trainer import train
from workbench.engine.verdict import judge
from workbench.errors import UserError
from workbench.experiment import Experiment
from workbench.runs import RunFolder
from workbench.specs import TrainingSpec


def test_step_schedule_halves_from_the_fifth_epoch_on() -> None:
    spec = TrainingSpec(
        schedule="step", schedule_factor=0.5, schedule_start=4, schedule_every=1, epochs=13
    )
    factors = [schedule_factor(spec, epoch + 0.5) for epoch in range(7)]
    assert factors == [1, 1, 1, 1, 0.5, 0.25, 0.125]


@pytest.mark.parametrize("name", ["cosine", "one_cycle", "step", "plateau", "constant"])
def test_factors_are_positive_and_at_most_one(name: str) -> None:
    spec = TrainingSpec(schedule=name, epochs=10)
    factors = [schedule_factor(spec, progress) for progress in np.linspace(0, 10, 101)]
    assert all(0 < factor <= 1 for factor in factors)
    if name in ("cosine", "one_cycle"):
        assert factors[-1] < 0.02


def done(epoch: int, value: float, train_loss: float, best: float, best_epoch: int) -> EpochDone:
    return EpochDone(
        "r", epoch, 0.0, epoch=epoch, train_loss=train_loss, metrics={"nats": value},
        metric="nats", best=best, best_epoch=best_epoch, is_best=best_epoch == epoch,
        waited=epoch - best_epoch,
    )  # fmt: skip


def test_verdict_follows_the_facts() -> None:
    naive = {"pairs of symbols": 2.5, "symbol frequencies": 3.3}
    assert judge([], naive, []).state == "starting"
    worse = [done(1, 3.0, 3.1, 3.0, 1), done(2, 2.9, 3.0, 2.9, 2)]
    verdict = judge(worse, naive, [])
    assert verdict.state == "no_better_than_naive"
    assert "‘pairs of symbols’" in verdict.message
    better = [done(1, 2.0, 2.1, 2.0, 1), done(2, 1.8, 1.9, 1.8, 2)]
    assert judge(better, naive, []).state == "improving"
    over = [*better, done(3, 1.9, 1.7, 1.8, 2), done(4, 2.0, 1.5, 1.8, 2)]
    assert judge(over, naive, []).state == "overfitting"
    flat = [*better, done(3, 1.81, 1.9, 1.8, 2), done(4, 1.81, 1.9, 1.8, 2)]
    assert judge(flat, naive, []).state == "plateau"
    assert judge(better, naive, [1.0] * 80 + [50.0] * 10).state == "diverging"


def test_verdict_says_what_is_so() -> None:
    """Rising is not staying, one worse epoch is not improving, noise is neither."""
    rising = [done(n, value, value, 2.0, 1) for n, value in enumerate((2.0, 3.0, 4.2, 5.4), 1)]
    worse = judge(rising, {}, [])
    assert worse.state == "diverging"
    assert "has risen to 5.4 in 3 epochs" in worse.message
    one = judge(
        [done(1, 2.0, 2.0, 2.0, 1), done(2, 1.5, 1.5, 1.5, 2), done(3, 1.9, 1.4, 1.5, 2)], {}, []
    )
    assert one.message.startswith("One epoch without improvement: validation nats 1.9, best 1.5")
    noise = [done(1, 2.0, 2.0, 2.0, 1), done(2, 1.5, 1.52, 1.5, 2)]
    noise += [done(3, 1.501, 1.51, 1.5, 2), done(4, 1.5005, 1.5, 1.5, 2)]
    assert judge(noise, {}, []).state == "plateau"
    creeping = [done(n, 0.3 - n * 1e-6, 0.3, 0.3 - n * 1e-6, n) for n in range(1, 6)]
    assert judge(creeping, {}, []).state == "plateau"
    assert "has stayed near 0.3 for 4 epochs" in judge(creeping, {}, []).message


def test_control_refuses_what_cannot_change() -> None:
    control = Control()
    with pytest.raises(UserError, match="hidden_size cannot change"):
        control.set_value("model.hidden_size", 3)
    for share in (2, 1, math.nan):
        with pytest.raises(UserError, match="it must be at least 0 and below 1"):
            control.set_value("model.dropout", share)


def test_seeds_differ_by_purpose_and_position() -> None:
    seeds = {mixed_seed(1, purpose, step) for purpose in ("a", "b") for step in range(100)}
    assert len(seeds) == 200
    one, two = make_generator(1, "a", 3), make_generator(1, "a", 3)
    assert torch.equal(torch.rand(5, generator=one), torch.rand(5, generator=two))


@pytest.mark.usefixtures("tasks")
def test_history_from_the_folder_equals_the_live_one(tiny: Experiment, tmp_path: Path) -> None:
    live = History()
    for event in train(tiny, runs_root=tmp_path):
        live.add(event)
    folder = RunFolder.open(next(tmp_path.iterdir()))
    read = History.load(folder)
    assert np.array_equal(read.steps, live.steps)
    assert np.array_equal(read.loss, live.loss)
    assert read.epochs == live.epochs
    assert read.warmed_up == live.warmed_up
    assert read.verdict == live.verdict
    assert [probe.file for probe in read.probes] == [probe.file for probe in live.probes]
    arrays = load_probe(folder.path, read.probes[-1].file)
    assert arrays["layer 2 · forget_gate"].shape == (12, 8)
    assert all(0 <= value <= 1 for value in arrays["layer 1 · input_gate"].ravel())
    live_arrays = live.probes[-1].quantities
    assert all(np.array_equal(arrays[name], live_arrays[name]) for name in arrays)


def test_unknown_event_is_passed_over() -> None:
    assert from_json({"event": "from_the_future"}) is None
    event = events.Noted("r", 1, 2.0, level="info", message="m")
    assert from_json(event.to_json()) == event


def test_estimate_counts_and_describes(tiny: Experiment) -> None:
    task = CountingTask(tiny)
    found = estimate(tiny, task)
    model = task.build_model(make_generator(1, "weights"))
    assert found.parameters == sum(p.numel() for p in model.parameters())
    assert found.parameters == sum(block.parameters for block in found.blocks)
    assert [block.name for block in found.blocks] == [
        "Embedding", "LSTM layer 1", "LSTM layer 2", "Linear to symbols",
    ]  # fmt: skip
    assert found.blocks[-1].shape == "6 × 10 × 5"
    seconds, where, why = measure_epoch_time(tiny, task)
    assert seconds > 0
    assert where == "cpu · float32"
    assert "as asked for" in why


def test_rate_finder_finds_a_rate_that_trains(tiny: Experiment) -> None:
    experiment = tiny.with_values({"model.dropout": 0.0, "model.weight_drop": 0.0})
    curve = find_rate(experiment, CountingTask(experiment), steps=80)
    assert curve.suggestion is not None
    assert 1e-3 < curve.suggestion < 0.5
    assert np.all(np.diff(curve.rates) > 0)
    assert math.isfinite(float(curve.losses.min()))


def test_a_device_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    from workbench.engine.devices import choose_device, set_determinism

    with pytest.raises(UserError, match="must be auto, cpu"):
        choose_device("tpu")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert "No CUDA device" in choose_device("cuda").message
    assert "trained on cuda:0" in choose_device("cpu", "cuda:0 (a card)").message
    assert choose_device("cpu", "cpu").message == ""
    for wanted in (True, False):
        set_determinism(torch.device("cpu"), wanted)
        assert torch.backends.cudnn.deterministic is wanted


@pytest.mark.usefixtures("tasks")
def test_probe_and_checkpoint_come_when_asked(tiny: Experiment, tmp_path: Path) -> None:
    control = Control()
    seen: list[str] = []
    for event in train(tiny, control=control, runs_root=tmp_path):
        seen.append(event.kind)
        if isinstance(event, EpochDone) and event.epoch == 1:
            seen.clear()
            control.request_probe()
            control.request_checkpoint()
    assert seen.index("probe_traced") < seen.index("steps_done")
    assert "saved" in seen[: seen.index("steps_done")]


@pytest.mark.usefixtures("tasks")
def test_live_dropout_reaches_every_place(tiny: Experiment) -> None:
    model = CountingTask(tiny).build_model(make_generator(1, "weights"))
    for name in ("dropout", "embedding_dropout", "output_dropout"):
        model.set_dropout(name, 0.4)
    assert [part.share for part in model.stack.dropouts()] == [0.4]
    assert model.embedding_dropout.share == model.output_dropout.share == 0.4


@pytest.mark.parametrize(
    ("cell", "units", "batch", "native", "wanted"),
    [
        ("lstm", 64, 32, True, True),
        ("lstm", 32, 32, True, False),
        ("lstm", 64, 8, True, False),
        ("lstm", 64, 32, False, False),
        ("gru", 128, 32, True, False),
        ("gru", 256, 32, True, True),
        ("rnn_tanh", 128, 32, True, False),
    ],
)
def test_bfloat16_is_taken_where_it_gains(
    monkeypatch: pytest.MonkeyPatch, cell: str, units: int, batch: int, native: bool, wanted: bool
) -> None:
    from workbench.engine import devices

    monkeypatch.setattr(devices, "native_bfloat16", lambda: native)
    experiment = Experiment().with_values(
        {"model.cell": cell, "model.hidden_size": units, "training.batch_size": batch}
    )
    assert devices.wants_bfloat16(experiment, torch.device("cpu")) is wanted
    always = experiment.with_value("training.precision", "bfloat16")
    assert devices.wants_bfloat16(always, torch.device("cpu"))


def test_noise_before_anything_is_learned_suggests_no_rate() -> None:
    from workbench.engine.lr_finder import _suggestion

    rates = list(np.geomspace(1e-6, 1, 100))
    noise = np.random.default_rng(1).normal(0, 0.002, 100)
    noise[3] = -0.02  # the steepest slope of all
    curve = 1 - 0.6 / (1 + np.exp(-2 * (np.log10(rates) + 3))) + noise
    found = _suggestion(rates, curve.tolist())
    assert found is not None
    assert 1e-4 < found < 1e-2
    assert _suggestion(rates, (1 + noise).tolist()) is None
