"""Names of months, weekdays and parts of a date."""

import calendar

import pandas as pd
import pytest

from workbench.data.date_style import convert, find_date_style
from workbench.data.date_words import (
    has_names,
    is_date_name,
    month_number,
    name_of_part,
    numbers_for_names,
    place_of_name,
)


@pytest.mark.parametrize("number", range(1, 13))
def test_english_months_are_known_in_full_and_short(number: int):
    for name in (calendar.month_name[number], calendar.month_abbr[number]):
        for written in (name, name.upper(), name.lower(), f"{name}."):
            assert month_number(written) == f"{number:02d}"


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("Jänner", "01"), ("févr.", "02"), ("März", "03"), ("avril", "04"), ("mayo", "05"),
        ("giugno", "06"), ("juil.", "07"), ("août", "08"), ("setembro", "09"), ("Okt", "10"),
        ("noviembre", "11"), ("décembre", "12"), ("Smarch", ""), ("", ""),
    ],
)  # fmt: skip
def test_months_of_other_languages(name: str, number: str):
    assert month_number(name) == number


@pytest.mark.parametrize(
    ("cell", "plain"),
    [
        ("3. März 2024", "3. 03 2024"), ("Mon, 3rd of March 2024", "3 03 2024"),
        ("le 1er août 2021", "1 08 2021"), ("12 de enero de 2020", "12 01 2020"),
        ("Jan 5, 2020 3:04 PM", "01 5, 2020 3:04 PM"), ("5 Feb 2020 UTC", "5 02 2020 UTC"),
    ],
)  # fmt: skip
def test_names_become_numbers(cell: str, plain: str):
    assert numbers_for_names(pd.Series([cell])).tolist() == [plain]
    assert has_names(cell)


def test_the_place_of_the_name_is_that_among_day_month_and_year():
    assert place_of_name("5 March 2020") == 1
    assert place_of_name("March 5, 2020") == 0
    assert place_of_name("2020 5 mars") == 2
    assert not has_names("2020-05-03")


@pytest.mark.parametrize(
    ("cells", "first"),
    [
        (["3. März 2024", "14. Mai 2024"], "2024-03-03"),
        (["1er août 2021", "2 septembre 2021"], "2021-08-01"),
        (["Mon 05 Jan 2015", "Tue 06 Jan 2015"], "2015-01-05"),
        (["January 5, 2020", "May 25, 2020"], "2020-01-05"),
        (["5-ene-2020", "25-dic-2020"], "2020-01-05"),
    ],
)
def test_dates_with_names_are_read(cells: list[str], first: str):
    series = pd.Series(cells)
    style = find_date_style(series)
    assert style is not None
    dates = convert(series, style.format)
    assert dates.notna().all()
    assert dates.iloc[0] == pd.Timestamp(first)


@pytest.mark.parametrize("name", ["Date", "Zeit (UTC)", "start_time", "日期", "fecha", "ts"])
def test_names_of_date_columns(name: str):
    assert is_date_name(name)


@pytest.mark.parametrize("name", ["update", "temperature", "dates_total", "load", ""])
def test_other_names(name: str):
    assert not is_date_name(name)


@pytest.mark.parametrize(
    ("name", "part"),
    [("Year", "year"), ("MM", "month"), ("jour", "day"), ("Std", "hour"), ("sec", "second"),
     ("年", "year"), ("load", ""), ("minutes of play", "")],
)  # fmt: skip
def test_parts_of_a_date(name: str, part: str):
    assert name_of_part(name) == part
