"""Built-in tracks, and the units that tell them, by hand."""

from pathlib import Path

import numpy as np
import pytest

from workbench.analysis.tracks import (
    Track,
    date_tracks,
    pattern_track,
    read_tracks,
    scores,
    strength,
    text_tracks,
)
from workbench.errors import UserError


def by_name(symbols: list[str]) -> dict[str, list[float]]:
    return {track.name: track.values.tolist() for track in text_tracks(symbols)}


def test_letters() -> None:
    found = by_name(list('A "b(7" x\ny'))
    #                     A      "  b  (  7  "     x \n  y
    assert found["inside quotes"] == [0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0]
    assert found["capital"] == [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    assert found["digit"] == [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0]
    assert found["white space"] == [0, 1, 0, 0, 0, 0, 0, 1, 0, 1, 0]
    assert found["start of a word"] == [1, 0, 1, 0, 0, 0, 0, 0, 1, 0, 1]
    assert found["depth of brackets"] == [0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1]
    assert found["place in the line"] == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0]
    assert found["place in the word"] == [0, 1, 0, 1, 2, 3, 4, 5, 0, 1, 0]


def test_brackets_never_go_below_the_ground() -> None:
    assert by_name(list("))(a)"))["depth of brackets"] == [0, 0, 0, 1, 0]


def test_quotes_of_other_languages_close_with_their_own() -> None:
    assert by_name(list('«a"b»c'))["inside quotes"] == [0, 1, 1, 1, 0, 0]


def test_words_end_their_line_with_a_sign() -> None:
    assert by_name(["the", "cat", "<eos>", "ran"])["place in the line"] == [0, 3, 6, 0]


def test_dates() -> None:
    time = np.arange("2024-01-01T22", "2024-01-03T02", dtype="M8[h]").astype("M8[us]")
    found = {track.name: track.values for track in date_tracks(time)}
    assert set(found) == {"hour", "weekday", "day of the month"}, "what never changes is left out"
    np.testing.assert_allclose(found["hour"][:4], [22, 23, 0, 1])
    assert found["weekday"][0] == 0  # a Monday
    assert found["day of the month"][-1] == 3
    week = np.arange("2024-01-01", "2024-01-15", dtype="M8[D]").astype("M8[us]")
    weekend = {track.name: track for track in date_tracks(week)}["weekend"]
    assert weekend.binary
    assert weekend.values.tolist() == [0, 0, 0, 0, 0, 1, 1] * 2


def test_a_quote_unit_is_found() -> None:
    rng = np.random.default_rng(1)
    symbols = list('he said "come here" and "go" then left it all behind him again ' * 4)
    inside = next(track for track in text_tracks(symbols) if track.name == "inside quotes")
    states = rng.normal(size=(len(symbols), 20))
    states[:, 7] = 2 * inside.values - 1 + rng.normal(0, 0.1, len(symbols))
    states[:, 11] = -states[:, 7]
    states[:, 13] = 1.0
    found = scores(inside, states)
    assert found[7] > 0.99
    assert found[11] < 0.01
    assert np.isnan(found[13])
    told = strength(inside, found)
    assert set(np.argsort(-told)[:2]) == {7, 11}
    assert told[13] == 0


@pytest.mark.parametrize("seed", range(3))
def test_areas_are_shares_of_pairs(seed: int) -> None:
    """With ties: half a point for each pair of equals."""
    rng = np.random.default_rng(seed)
    yes = rng.random(40) < 0.4
    states = rng.integers(0, 6, (40, 3)).astype(np.float32)
    found = scores(Track("x", yes.astype(float), True), states)
    for unit in range(3):
        high, low = states[yes, unit][:, None], states[~yes, unit][None]
        assert found[unit] == pytest.approx(((high > low) + 0.5 * (high == low)).mean())


def test_numbers_are_told_by_correlation() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=100)
    states = np.stack([values, -2 * values + 5, rng.normal(size=100), np.ones(100)], axis=1)
    found = scores(Track("place", values, False), states.astype(np.float32))
    np.testing.assert_allclose(found[:2], [1, -1], atol=1e-6)
    assert found[2] == pytest.approx(np.corrcoef(values, states[:, 2])[0, 1], abs=1e-6)
    assert np.isnan(found[3])


def test_a_track_of_one_s_own() -> None:
    found = pattern_track(list("KATE:\nI am\nPAGE:\nno"), r"^[A-Z]+:")
    assert "".join("x" if value else "." for value in found.values) == "xxxxx......xxxxx..."
    assert found.binary
    words = pattern_track(["the ", "grey ", "bell "], "re")
    assert words.values.tolist() == [0, 1, 0]
    with pytest.raises(UserError, match="no regular expression"):
        pattern_track(["a"], "(")


def test_a_pattern_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.analysis.tracks._PATIENCE_S", 0.05)
    with pytest.raises(UserError, match="takes too long"):
        pattern_track(["x"] * 4000, "(x+x+)+y")


def test_tracks_out_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / "speech.txt"
    file.write_text("NOUN\nVERB\nNOUN\n\nADJ\n", encoding="utf-8")
    found = read_tracks(file, 4)
    assert [track.name for track in found] == ["speech = NOUN", "speech = VERB"]
    assert found[0].values.tolist() == [1, 0, 1, 0]
    assert found[0].binary
    file.write_text("1.5\n\n-2\n")
    (numbers,) = read_tracks(file, 3)
    np.testing.assert_array_equal(numbers.values, [1.5, np.nan, -2])
    assert not numbers.binary
    file.write_text("1\n0\n0\n")
    assert read_tracks(file, 3)[0].binary
    with pytest.raises(UserError, match="has 3 lines; 9 steps"):
        read_tracks(file, 9)
    with pytest.raises(UserError, match="cannot be read"):
        read_tracks(tmp_path / "none.txt", 1)
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserError, match="cannot be read"):
        read_tracks(file, 1)
