from PySide6.QtCore import QByteArray

from workbench.app.settings import MOST_RECENT, Settings


def test_values_survive_a_restart(tmp_path):
    first = Settings(tmp_path)
    first.keep("window/station", "train")
    first.keep("window/geometry", QByteArray(b"\x01\x02"))
    first.keep("window/settings", False)
    first.theme = "dark"
    first.flush()
    again = Settings(tmp_path)
    assert again.text("window/station") == "train"
    assert again.state("window/geometry") == QByteArray(b"\x01\x02")
    assert again.flag("window/settings", default=True) is False
    assert again.theme == "dark"


def test_recent_files_are_newest_first_without_repeats_and_few(tmp_path):
    settings = Settings(tmp_path)
    for number in range(MOST_RECENT + 3):
        settings.add_recent(f"/data/{number}.csv")
    settings.add_recent("/data/5.csv")
    assert settings.recent_files[0] == "/data/5.csv"
    assert len(settings.recent_files) == MOST_RECENT == len(set(settings.recent_files))


def test_one_recent_file_survives_a_restart(tmp_path):
    first = Settings(tmp_path)
    first.add_recent("/data/only, one.csv")
    first.flush()
    assert Settings(tmp_path).recent_files == ("/data/only, one.csv",)
    first.clear_recent()
    first.flush()
    assert Settings(tmp_path).recent_files == ()


def test_a_damaged_file_gives_the_defaults(tmp_path):
    (tmp_path / "window.ini").write_bytes(b"\x00\xff[window\ngeometry=@Broken(\x00\ntheme=purple")
    settings = Settings(tmp_path)
    assert settings.theme == "system"
    assert settings.state("window/geometry").isEmpty()
    assert settings.recent_files == ()
    assert settings.flag("window/settings", default=True) is True
