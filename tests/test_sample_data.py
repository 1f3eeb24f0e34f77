"""The sample files are what their script makes."""

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "sample_data"


def test_samples_are_made_as_they_are(tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(FOLDER / "make_samples.py"), str(tmp_path)], check=True)
    made = sorted(file.name for file in tmp_path.iterdir())
    assert made == sorted(f.name for f in FOLDER.iterdir() if f.suffix in (".csv", ".txt"))
    for name in made:
        assert (tmp_path / name).read_bytes() == (FOLDER / name).read_bytes()


def test_the_text_is_long_enough_to_learn_from() -> None:
    assert (FOLDER / "harbour_tales.txt").stat().st_size >= 100_000
