"""Each contract on imports catches a violation planted in a copy of the package."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); "
        "from importlinter.cli import lint_imports; "
        "sys.exit(lint_imports(config_filename=sys.argv[1] + '/pyproject.toml', no_cache=True))"
    )
    return subprocess.run(
        [sys.executable, "-P", "-c", code, str(folder)],
        capture_output=True, text=True, check=False, cwd=folder,
    )  # fmt: skip


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(PROJECT / "workbench", tmp_path / "workbench")
    shutil.copy(PROJECT / "pyproject.toml", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("engine/seeding.py", "import workbench.app.session", "Imports go down only"),
        ("data/scaling.py", "import workbench.tasks.base", "Imports go down only"),
        ("engine/seeding.py", "import PySide6.QtCore", "No Qt below the window"),
        ("runs.py", "import torch", "No torch where none is needed"),
        ("views/theme.py", "import torch", "No torch where none is needed"),
        ("engine/checkpoint.py", "import pickle", "Nothing is pickled"),
    ],
)
def test_planted_violation_is_caught(copy: Path, file: str, line: str, contract: str) -> None:
    place = copy / "workbench" / file
    place.write_text(place.read_text(encoding="utf-8") + f"\n{line}\n", encoding="utf-8")
    done = lint(copy)
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{contract} BROKEN" in done.stdout


def test_the_package_itself_is_clean(copy: Path) -> None:
    done = lint(copy)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "word",
    ["pickle.load", "weights_only=False", "allow_pickle=True", "torch.manual_seed", "DataLoader("],
)
def test_forbidden_words_stand_nowhere(word: str) -> None:
    for file in (PROJECT / "workbench").rglob("*.py"):
        assert word not in file.read_text(encoding="utf-8"), file


def test_samples_are_made_as_they_are(tmp_path: Path) -> None:
    script = PROJECT / "sample_data" / "make_samples.py"
    subprocess.run([sys.executable, str(script), str(tmp_path)], check=True)
    made = sorted(tmp_path.iterdir())
    assert len(made) == 4
    for file in made:
        assert file.read_bytes() == (PROJECT / "sample_data" / file.name).read_bytes()


def test_no_reference_is_lost_per_call() -> None:
    from PySide6.QtCore import QRectF

    box = QRectF()
    before = sys.getrefcount(None)
    for _ in range(500):
        box.setLeft(3)
    assert abs(sys.getrefcount(None) - before) < 50
