"""The built wheel holds everything, and runs the main job away from the checkout."""

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--outdir", str(folder), str(PROJECT)],
        check=True, capture_output=True,
    )  # fmt: skip
    return next(folder.glob("*.whl"))


def test_resources_and_samples_are_in_it(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert "workbench/_sample_data/harbour_tales.txt" in names
    assert any(name.startswith("workbench/_resources/style/") for name in names)
    assert not any(name.startswith("tests/") for name in names)


def test_it_runs_the_main_job_from_another_folder(wheel: Path, tmp_path: Path) -> None:
    """The environment holds the wheel and, beside it, the libraries installed here."""
    home = tmp_path / "env"
    venv.create(home, with_pip=False)
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    site = Path(
        subprocess.run(
            [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
            check=True, capture_output=True, text=True,
        ).stdout.strip()
    )  # fmt: skip
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(site)
    libraries = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    paths = [line for library in libraries for line in (library,)]
    (site / "libraries.pth").write_text("\n".join(paths), encoding="utf-8")
    away = tmp_path / "away"
    away.mkdir()
    environment = os.environ | {
        "QT_QPA_PLATFORM": "offscreen", "WORKBENCH_RUNS": str(tmp_path / "runs"),
    }  # fmt: skip
    environment.pop("PYTHONPATH", None)
    done = subprocess.run(
        [python, "-m", "workbench", "demo"],
        cwd=away, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "There is no screen here" in done.stdout
    assert "Written by the model" in done.stdout
    where = subprocess.run(
        [python, "-c", "import workbench; print(workbench.__file__)"],
        cwd=away, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert Path(where.stdout.strip()).is_relative_to(site)
