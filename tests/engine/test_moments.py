"""Weights along the way: kept where they are due, bounded, and equal to what was trained."""

from pathlib import Path
from typing import Any

import pytest
import torch

from workbench.engine import loading, moments
from workbench.engine.loading import load_model
from workbench.engine.moments import Album, gradient_norms
from workbench.engine.trainer import train
from workbench.errors import UserError
from workbench.experiment import Experiment
from workbench.models.language import LanguageModel
from workbench.runs import RunFolder, list_moments
from workbench.specs import ModelSpec


def write(album: Album, step: int, size: int = 4) -> LanguageModel:
    spec = ModelSpec(hidden_size=size, embedding_size=2, num_layers=1)
    model = LanguageModel(spec, 3, torch.Generator().manual_seed(1))
    model(torch.tensor([[0, 1, 2]]))[0].sum().backward()
    album.keep(model, step, {"progress": {"step": step}})
    return model


def test_moments_lie_closer_together_in_the_beginning(tmp_path: Path) -> None:
    album = Album(tmp_path, 0)
    for step in range(1000):
        if album.due(step, epoch_done=step % 100 == 0):
            write(album, step)
    steps = [moment.step for moment in list_moments(tmp_path)]
    assert steps[:4] == [0, 20, 30, 45]
    assert {100, 200, 500, 900} <= set(steps)
    assert len(steps) < 25


def test_too_many_moments_are_thinned_out_but_the_first_and_the_last_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moments, "MOST", 6)
    album = Album(tmp_path, 0)
    for step in (0, 20, 40, 80, 160, 161, 320, 640):
        write(album, step)
    steps = [moment.step for moment in list_moments(tmp_path)]
    assert len(steps) == 6
    assert steps[0] == 0
    assert steps[-1] == 640
    assert not {160, 161} <= set(steps)


def test_large_moments_are_fewer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moments, "MOST_BYTES", 4000)
    album = Album(tmp_path, 0)
    for step in (0, 20, 40, 80, 160):
        write(album, step, size=30)
    assert len(list_moments(tmp_path)) == 3


def test_what_a_run_that_was_cut_off_wrote_behind_its_checkpoint_is_removed(tmp_path: Path) -> None:
    album = Album(tmp_path, 0)
    for step in (0, 20, 40):
        write(album, step)
    again = Album(tmp_path, 25)
    assert [moment.step for moment in list_moments(tmp_path)] == [0, 20]
    assert again.due(30, epoch_done=False)
    assert not again.due(29, epoch_done=False)


def test_the_norm_of_each_gate_s_gradient_stands_beside_the_weights(tmp_path: Path) -> None:
    model = write(Album(tmp_path, 0), 3)
    norms = gradient_norms(list_moments(tmp_path)[0])
    assert set(norms) == set(dict(model.named_parameters()))
    weight = model.stack.layer_weights(0, 0).weight_hh
    assert weight.grad is not None
    wanted = [float(part.norm()) for part in weight.grad.chunk(4)]
    assert norms["stack.layers.0.weight_hh_l0"] == pytest.approx(wanted)
    assert norms["head.bias"] == pytest.approx((3**0.5 * 3,))
    (tmp_path / "moments" / "step-000000003.safetensors").write_bytes(b"cut")
    assert gradient_norms(list_moments(tmp_path)[0]) == {}


def test_a_run_keeps_moments_that_can_be_loaded(
    tiny: Experiment, tasks: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = RunFolder.create(tmp_path, tiny)
    list(train(tiny, folder))
    monkeypatch.setattr(loading, "prepare_task", lambda *_args, **_options: tasks[0])
    kept = list_moments(folder.path)
    first, last = load_model(folder, kept[0].name), load_model(folder, kept[-1].name)
    assert first.step == 0
    assert last.which == kept[-1].name
    assert last.step == kept[-1].step > 0
    end = load_model(folder, "last")
    assert torch.equal(last.model.stack.layer_weights(0, 0).weight_hh,
                       end.model.stack.layer_weights(0, 0).weight_hh)  # fmt: skip
    assert set(gradient_norms(kept[-1])) == set(dict(last.model.named_parameters()))
    with pytest.raises(UserError, match="step 999"):
        load_model(folder, "step-999")


def test_a_full_disk_is_said_and_training_goes_on(
    tiny: Experiment, tasks: list[Any], tmp_path: Path
) -> None:
    folder = RunFolder.create(tmp_path, tiny)
    (folder.path / "moments").write_text("a file where the folder belongs")
    events = list(train(tiny, folder))
    said = [event.message for event in events if event.kind == "noted"]
    assert any("not kept to look back at" in message for message in said)
    assert events[-1].state == "finished"
