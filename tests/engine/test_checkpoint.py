"""Checkpoints: round trip, damage, and disks that refuse."""

from pathlib import Path

import pytest
import torch

from workbench.engine.checkpoint import Checkpoint, load_checkpoint, load_newest, save_checkpoint
from workbench.errors import UserError


@pytest.fixture
def checkpoint() -> Checkpoint:
    return Checkpoint(
        {
            "model.a": torch.arange(6.0).view(2, 3),
            "model.half": torch.ones(3, dtype=torch.bfloat16),
            "optimizer.0.step": torch.tensor(7.0),
            "carried.0": torch.zeros(0),
        },
        {"progress": {"step": 7, "best": 0.1 + 0.2}},
    )


def test_round_trip_is_exact(tmp_path: Path, checkpoint: Checkpoint) -> None:
    save_checkpoint(tmp_path / "last.safetensors", checkpoint)
    back = load_checkpoint(tmp_path / "last.safetensors")
    assert back.state == checkpoint.state
    assert back.tensors.keys() == checkpoint.tensors.keys()
    for name, tensor in checkpoint.tensors.items():
        assert back.tensors[name].dtype == tensor.dtype
        assert torch.equal(back.tensors[name], tensor)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["last.safetensors"]


def test_every_truncation_is_refused(tmp_path: Path, checkpoint: Checkpoint) -> None:
    file = tmp_path / "last.safetensors"
    save_checkpoint(file, checkpoint)
    data = file.read_bytes()
    for length in range(0, len(data), 7):
        file.write_bytes(data[:length])
        with pytest.raises(UserError, match=r"last\.safetensors"):
            load_checkpoint(file)


def test_a_flipped_bit_names_its_tensor(tmp_path: Path, checkpoint: Checkpoint) -> None:
    file = tmp_path / "last.safetensors"
    save_checkpoint(file, checkpoint)
    data = bytearray(file.read_bytes())
    place = data.rindex(torch.tensor([5.0]).numpy().tobytes())
    data[place] ^= 1
    file.write_bytes(data)
    with pytest.raises(UserError, match=r"bytes of model\.a changed"):
        load_checkpoint(file)


def test_the_one_before_serves_where_the_last_is_bad(
    tmp_path: Path, checkpoint: Checkpoint
) -> None:
    file = tmp_path / "last.safetensors"
    save_checkpoint(file, checkpoint, keep_previous=True)
    later = Checkpoint(checkpoint.tensors, {"progress": {"step": 8}})
    save_checkpoint(file, later, keep_previous=True)
    assert load_newest(tmp_path).state["progress"]["step"] == 8
    file.write_bytes(file.read_bytes()[:100])
    assert load_newest(tmp_path).state["progress"]["step"] == 7


def test_a_folder_that_is_gone_is_said(tmp_path: Path, checkpoint: Checkpoint) -> None:
    with pytest.raises(UserError, match="folder is gone"):
        save_checkpoint(tmp_path / "nowhere" / "last.safetensors", checkpoint)


def test_numbers_that_are_not_finite_come_back(tmp_path: Path) -> None:
    state = {"epochs": [{"loss": float("inf")}, {"loss": -float("inf")}], "best": 1.5, "none": None}
    save_checkpoint(tmp_path / "last.safetensors", Checkpoint({"a": torch.zeros(1)}, state))
    assert load_checkpoint(tmp_path / "last.safetensors").state == state
