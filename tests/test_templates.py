"""The templates are valid and say what they are for."""

import pytest

from workbench.engine.schedules import schedule_factor
from workbench.experiment import Experiment
from workbench.paths import resources_folder

TEMPLATES = sorted((resources_folder() / "templates").glob("*.toml"))


def test_there_are_templates() -> None:
    assert {"ptb-small", "characters"} <= {path.stem for path in TEMPLATES}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_each_loads_and_survives_a_round_trip(path) -> None:
    experiment = Experiment.load(path)
    assert experiment.name == path.stem
    assert Experiment.from_toml(experiment.to_toml()) == experiment


def test_the_treebank_recipe_is_the_published_one() -> None:
    experiment = Experiment.load(resources_folder() / "templates" / "ptb-small.toml")
    training = experiment.training
    rates = [schedule_factor(training, epoch) for epoch in range(training.epochs)]
    assert rates[:7] == [1, 1, 1, 1, 0.5, 0.25, 0.125]
    assert (training.batch_size, training.bptt_length, training.clip_norm) == (20, 20, 5.0)
    assert training.loss_sum_over_time
