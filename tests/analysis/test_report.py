"""``workbench trace``: what it writes of a text and of a series."""

import json
from pathlib import Path

import numpy as np
import pytest

from workbench.analysis.further import FURTHER
from workbench.cli import run
from workbench.runs import list_runs

SAMPLES = Path(__file__).resolve().parents[2] / "sample_data"


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A run of each task, a few steps long: folder by name."""
    root = tmp_path_factory.mktemp("trained")
    small = ["training.epochs=1", "model.hidden_size=8", "model.num_layers=2"]
    found = {}
    for name in ("harbour_tales.txt", "museum_visitors.csv"):
        file = root / f"{name}.toml"
        options = [part for change in small for part in ("--set", change)]
        assert run(["new", str(SAMPLES / name), "-o", str(file), *options]) == 0
        assert run(["train", str(file), "--out", str(root / name)]) == 0
        found[name] = str(list_runs(root / name)[0].folder)
    return found


def arrays(file: Path) -> dict[str, np.ndarray]:
    with np.load(file, allow_pickle=False) as loaded:
        return dict(loaded)


def test_a_text(trained: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    file = tmp_path / "trace.npz"
    assert run(["trace", trained["harbour_tales.txt"], "-o", str(file), "--steps", "300"]) == 0
    assert "layer2/forget_gate/half_life" in capsys.readouterr().out
    found = arrays(file)
    assert found["labels"].shape == (300,)
    for layer in (1, 2):
        for name in ("hidden", "cell", "input_gate", "forget_gate", "candidate", "output_gate"):
            assert found[f"layer{layer}/{name}"].shape == (300, 8)
    gate = found["layer1/forget_gate"]
    np.testing.assert_allclose(found["layer1/forget_gate/shut"], (gate < 0.1).mean(0))
    assert found["chances"].shape == (300, 5)
    assert np.isnan(found["given"][-1])
    assert (found["given"][:-1] > 0).all()
    capital = [label.isupper() for label in found["labels"].tolist()]
    assert found["tracks/capital"].tolist() == [float(item) for item in capital]
    assert found["tracks/capital/layer1"].shape == (8,)


def test_a_text_of_one_s_own(trained: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "trace.npz"
    folder = trained["harbour_tales.txt"]
    assert run(["trace", folder, "-o", str(file), "--text", 'He said "go".', "--json"]) == 0
    assert "".join(arrays(file)["labels"]) == 'He said "go".'
    assert not [name for name in arrays(file) if name.endswith("gradient")]


def test_gradients_of_the_first_symbols(trained: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "trace.npz"
    folder = trained["harbour_tales.txt"]
    assert run(["trace", folder, "-o", str(file), "--gradients", "12", "--json"]) == 0
    table = arrays(file)["layer2/cell/gradient"]
    assert table.shape == (12, 12)
    assert (np.diagonal(table) > 0).all()
    assert not np.triu(table, 1).any()


def test_a_window(trained: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    file = tmp_path / "trace.npz"
    folder = trained["museum_visitors.csv"]
    assert run(["trace", folder, "-o", str(file), "--part", "test", "--first", "3", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["arrays"]["layer1/cell"] == [56, 8]
    assert arrays(file)["output"].shape[0] == 14


def test_every_further_analysis(trained: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "trace.npz"
    names = [part for name in FURTHER for part in ("--with", name)]
    options = ["--steps", "120", "--match", "40", "43", "--json", *names]
    assert run(["trace", trained["harbour_tales.txt"], "-o", str(file), *options]) == 0
    found = arrays(file)
    assert found["memory/mean"].shape == (120,)
    assert found["connectivity"].shape == (120, 120)
    assert found["layer2/ablation"].shape == (8,)
    assert found["layer1/plane"].shape == (120, 2)
    assert found["layer1/neighbours"].shape == (120, 2)
    assert found["layer1/fixed_points"].shape[1] == 16
    assert found["layer2/forget_gate/eigenvalues"].dtype == complex
    assert found["layer1/response/mean"].shape[1] == 8
    assert found["ngrams/nats"].shape == (10,)
    wrong = (found["given"][:-1] < 0.5).sum()
    assert sum(len(part) for name, part in found.items() if name.startswith("errors/")) == wrong
    assert {"layer1/match/units", "layer1/match/starts"} <= set(found)


def test_further_analyses_of_a_series(
    trained: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    file = tmp_path / "trace.npz"
    folder = trained["museum_visitors.csv"]
    options = [part for name in ("memory", "connectivity", "ablation", "eigenvalues")
               for part in ("--with", name)]  # fmt: skip
    assert run(["trace", folder, "-o", str(file), "--gradients", "5", *options]) == 0
    found = arrays(file)
    assert found["connectivity"].shape == (14, 56)
    assert found["layer1/cell/gradient"].shape == (14, 56)
    assert run(["trace", folder, "-o", str(file), "--with", "errors"]) == 2
    assert "n-grams count symbols" in capsys.readouterr().err
    assert run(["trace", folder, "-o", str(file), "--with", "dreams"]) == 2
    assert "There is no analysis 'dreams'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("museum_visitors.csv", ["--first", "99999"], "there is no window 99,999"),
        ("museum_visitors.csv", ["--text", "hello"], "it reads no text"),
        ("harbour_tales.txt", ["--first", "9999999"], "there is none from 9,999,999 on"),
    ],
)
def test_what_is_not_there_is_said(
    trained: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture,
    name: str, options: list[str], said: str,
) -> None:  # fmt: skip
    assert run(["trace", trained[name], "-o", str(tmp_path / "t.npz"), *options]) == 2
    assert said in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_is_said(
    trained: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    file = tmp_path / "missing" / "t.npz"
    assert run(["trace", trained["harbour_tales.txt"], "-o", str(file), "--steps", "9"]) == 2
    assert "Cannot write" in capsys.readouterr().err
