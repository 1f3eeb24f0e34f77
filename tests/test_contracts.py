"""Each contract on imports catches a violation planted in a copy of the package."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]

PLANTED = [
    ("Imports go down only", "engine/seeding.py", "import workbench.app.session"),
    ("Imports go down only", "data/scaling.py", "import workbench.tasks.base"),
    ("Imports go down only", "data/scaling.py", "import workbench.cells.lstm"),
    ("Imports go down only", "files.py", "import workbench.runs"),
    ("Imports go down only", "cli/group.py", "import workbench.views.theme"),
    ("Imports go down only", "unplaced.py", "import os"),
    ("No Qt below the window", "engine/seeding.py", "import PySide6.QtCore"),
    ("No Qt below the window", "files.py", "from pyqtgraph import mkPen"),
    ("No Qt in the command line", "cli/group.py", "from PySide6.QtCore import QObject"),
    ("No pictures in the session", "app/selection.py", "import pyqtgraph"),
    ("No torch where none is needed", "runs.py", "import torch"),
    ("No torch where none is needed", "data/scaling.py", "def late():\n    import torch"),
    ("No torch where none is needed", "registry.py", "import workbench.models.recurrent"),
    ("Views compute nothing", "views/theme.py", "from torch import nn"),
    ("Nothing is pickled", "engine/checkpoint.py", "import pickle"),
    ("Nothing is pickled", "data/table.py", "from joblib import load"),
]


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


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("copy")
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(PROJECT / "workbench", folder / "workbench", ignore=ignore)
    shutil.copy(PROJECT / "pyproject.toml", folder)
    return folder


@pytest.mark.parametrize(("contract", "file", "line"), PLANTED)
def test_planted_violation_is_caught(copy: Path, file: str, line: str, contract: str) -> None:
    place = copy / "workbench" / file
    before = place.read_text(encoding="utf-8") if place.exists() else None
    place.write_text(f"{before or ''}\n{line}\n", encoding="utf-8")
    try:
        done = lint(copy)
    finally:
        place.unlink() if before is None else place.write_text(before, encoding="utf-8")
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{contract} BROKEN" in done.stdout


def test_the_package_itself_is_clean(copy: Path) -> None:
    done = lint(copy)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_contract_has_a_planted_violation() -> None:
    settings = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = {item["name"] for item in settings["tool"]["importlinter"]["contracts"]}
    assert contracts == {contract for contract, _, _ in PLANTED}
