"""What the Model page asks of the engine: answers follow the settings, data are read once."""

from collections.abc import Iterator

import pytest
import torch

from workbench.app.modelling import Modelling, check_size, data_part
from workbench.errors import UserError
from workbench.experiment import Experiment
from workbench.paths import sample_data_folder


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def experiment() -> Experiment:
    return Experiment().with_values(
        {
            "data.path": str(sample_data_folder() / "harbour_tales.txt"), "model.hidden_size": 16,
            "model.embedding_size": 8, "training.batch_size": 8, "training.bptt_length": 16,
            "training.threads": 1,
        }
    )  # fmt: skip


def going_on() -> bool:
    return False


def test_facts_follow_the_network_with_data_prepared_once(experiment: Experiment) -> None:
    asked = Modelling()
    first = asked.facts(experiment, going_on)
    assert first.input_size == 8
    assert first.estimate.input_shape == "8 × 16"
    assert first.estimate.parameters == sum(block.parameters for block in first.estimate.blocks)
    larger = asked.facts(
        experiment.with_values({"model.hidden_size": 32, "training.bptt_length": 8}), going_on
    )
    assert larger.estimate.parameters > first.estimate.parameters
    assert larger.estimate.input_shape == "8 × 8"
    assert asked.prepared == 1
    asked.facts(experiment.with_value("data.text.lowercase", True), going_on)
    asked.facts(experiment.with_value("training.batch_size", 4), going_on)
    assert asked.prepared == 3
    asked.forget()
    assert asked.facts(experiment, going_on).estimate == first.estimate
    assert asked.prepared == 4


def test_a_question_leaves_the_kept_task_as_it_was(experiment: Experiment) -> None:
    asked = Modelling()
    before = asked.facts(experiment, going_on)
    asked.epoch_time(experiment, going_on)
    asked.rate_curve(experiment, lambda _share: None, going_on)
    assert asked.facts(experiment, going_on).estimate == before.estimate
    assert asked.prepared == 1


def test_epoch_time_is_measured(experiment: Experiment) -> None:
    time = Modelling().epoch_time(experiment, going_on)
    assert 0 < time.seconds < 600
    assert time.where.startswith("cpu")
    assert "thread" in time.why


def test_the_finder_tells_its_progress_and_stops_when_asked(experiment: Experiment) -> None:
    shares: list[float] = []
    curve = Modelling().rate_curve(experiment, shares.append, lambda: len(shares) >= 5)
    assert len(curve.rates) == len(curve.losses) == 5
    assert shares == sorted(shares)


def test_a_network_beyond_all_memory_is_refused_before_it_is_built(
    experiment: Experiment,
) -> None:
    huge = experiment.with_values({"model.hidden_size": 8192, "model.num_layers": 64})
    with pytest.raises(UserError, match=r"GB are free") as caught:
        Modelling().facts(huge, going_on)
    assert "hidden size" in caught.value.todo
    check_size(experiment)


@pytest.mark.parametrize(
    ("name", "value", "same"),
    [
        ("model.cell", "gru", True), ("training.epochs", 3, True), ("preview.length", 9, True),
        ("seed", 5, True), ("training.batch_size", 9, False), ("model.calendar", False, False),
        ("data.split.train", 0.7, False), ("data.path", "other", False),
    ],
)  # fmt: skip
def test_what_counts_as_the_same_data(name: str, value: object, same: bool) -> None:
    before = Experiment()
    assert (data_part(before.with_value(name, value)) == data_part(before)) is same
