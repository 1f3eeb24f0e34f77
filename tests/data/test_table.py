"""What is found in real and made-up table files."""

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from workbench.data.date_style import parse_dates
from workbench.data.table import TableSource, load_table, open_table, preview_table
from workbench.specs import TableSpec

SAMPLES = Path(__file__).resolve().parents[2] / "sample_data"

# file: rows, encoding, separator, date columns, date format, targets, first and last date
FOUND = {
    "messy-csv-dev/bikes.csv": (
        310, "cp1252", ";", ("Date",), "%d/%m/%Y", 7, "2012-01-01", "2012-11-05",
    ),
    "messy-csv-dev/weather_2012.csv": (
        8784, "utf-8", ",", ("Date/Time",), "%Y-%m-%d %H:%M:%S", 6,
        "2012-01-01", "2012-12-31 23:00",
    ),
    "messy-csv-dev/pollution.csv": (
        43824, "utf-8", ",", ("year", "month", "day", "hour"), "auto", 1,
        "2010-01-01", "2014-12-31 23:00",
    ),
    "messy-csv-dev/us_gasoline.csv": (
        1578, "utf-8", ",", ("Week",), "%m/%d/%Y", 1, "2021-04-30", "1991-02-08",
    ),
    "messy-csv-dev/monthly-milk-incomplete.csv": (
        155, "utf-8", ",", ("Month",), "%Y-%m", 1, "1962-01-01", "1975-12-01",
    ),
    "messy-csv-dev/USD_KRW.csv": (
        1043, "utf-8-sig", ",", ("date",), "%Y-%m-%d", 1, "2019-12-31", "2016-01-01",
    ),
    "messy-csv-dev/garak_market_price.CSV": (
        11026, "utf-8-sig", ",", ("Date",), "%Y%m%d", 1, "2019-01-03", "2019-12-31",
    ),
    "messy-csv-dev/air.3.csv": (153, "cp949", ",", (), "auto", 1, "", ""),
    "ts-classic/airline-passengers.csv": (
        144, "utf-8", ",", ("Month",), "%Y-%m", 1, "1949-01-01", "1960-12-01",
    ),
    "ts-classic/daily-max-temperatures.csv": (
        3650, "utf-8", ",", ("Date",), "%Y-%m-%d", 1, "1981-01-01", "1990-12-31",
    ),
    "ts-classic/daily-min-temperatures.csv": (
        3650, "utf-8", ",", ("Date",), "%Y-%m-%d", 1, "1981-01-01", "1990-12-31",
    ),
    "ts-classic/daily-total-female-births.csv": (
        365, "utf-8", ",", ("Date",), "%Y-%m-%d", 1, "1959-01-01", "1959-12-31",
    ),
    "ts-classic/monthly-car-sales.csv": (
        108, "utf-8", ",", ("Month",), "%Y-%m", 1, "1960-01-01", "1968-12-01",
    ),
    "ts-classic/monthly-mean-temp.csv": (
        240, "utf-8", ",", ("Month",), "%Y-%m", 1, "1920-01-01", "1939-12-01",
    ),
    "ts-classic/monthly-robberies.csv": (
        118, "utf-8", ",", ("Month",), "%Y-%m", 1, "1966-01-01", "1975-10-01",
    ),
    "ts-classic/monthly-sunspots.csv": (
        2820, "utf-8", ",", ("Month",), "%Y-%m", 1, "1749-01-01", "1983-12-01",
    ),
    "ts-classic/monthly-writing-paper-sales.csv": (
        147, "utf-8", ",", ("Month",), "year-number", 1, "2001-01-01", "2013-03-01",
    ),
    "ts-classic/monthly_champagne_sales.csv": (
        105, "utf-8", ",", ("Month",), "%Y-%m", 1, "1964-01-01", "1972-09-01",
    ),
    "ts-classic/shampoo.csv": (
        36, "utf-8", ",", ("Month",), "year-number", 1, "2001-01-01", "2003-12-01",
    ),
    "ts-classic/yearly-water-usage.csv": (
        79, "utf-8", ",", ("Year",), "%Y", 1, "1885-01-01", "1963-01-01",
    ),
    "etth1/ETTh1.csv": (
        17420, "utf-8", ",", ("date",), "%Y-%m-%d %H:%M:%S", 7, "2016-07-01", "2018-06-26 19:00",
    ),
    "exchange-rate/exchange_rate.csv": (7588, "utf-8", ",", (), "auto", 8, "", ""),
    "opsd-germany/opsd_germany_daily.csv": (
        4383, "utf-8", ",", ("Date",), "%Y-%m-%d", 1, "2006-01-01", "2017-12-31",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(FOUND))
def test_real_files_open_without_a_hand(name: str, shared_data: Path) -> None:
    rows, encoding, separator, dates, form, targets, first, last = FOUND[name]
    source = open_table(shared_data / name)
    assert (source.rows, source.reading.encoding, source.reading.separator) == (
        rows, encoding, separator,
    )  # fmt: skip
    assert source.reading.header == "yes"
    assert "auto" not in source.reading.model_dump().values()
    assert source.time.columns == dates
    assert source.time.format == form
    roles = [column.role for column in source.columns]
    assert roles.count("target") == targets
    for column in source.columns:
        if column.role == "target":
            assert source.frame[column.name].dtype == "float64"
            assert source.frame[column.name].notna().any()
    if dates:
        parsed = parse_dates(source.frame, source.time)
        assert (parsed.iloc[0], parsed.iloc[-1]) == (pd.Timestamp(first), pd.Timestamp(last))
    table = TableSpec(reading=source.reading, columns=source.columns, time=source.time)
    pd.testing.assert_frame_equal(load_table(shared_data / name, table), source.frame)
    again = open_table(shared_data / name, source.reading)
    assert (again.reading, again.columns, again.time) == (
        source.reading, source.columns, source.time,
    )  # fmt: skip
    data = (shared_data / name).read_bytes()
    assert source.fingerprint == hashlib.sha256(data).hexdigest()
    head = preview_table(shared_data / name, rows=50)
    assert [c.kind for c in head.columns] == [c.kind for c in source.columns]
    pd.testing.assert_frame_equal(head.frame, source.frame.head(50), check_dtype=False)


def roles_of(source: TableSource) -> dict[str, tuple[str, str]]:
    return {column.name: (column.kind, column.role) for column in source.columns}


def test_what_stands_in_the_messy_ones(shared_data: Path) -> None:
    folder = shared_data / "messy-csv-dev"
    gasoline = open_table(folder / "us_gasoline.csv")
    assert gasoline.frame["Week"].iloc[3] == pd.Timestamp("2021-04-09")
    assert gasoline.frame["Gasoline"].iloc[0] == 8864
    assert any(f.why.startswith("month first") for f in gasoline.findings)
    pollution = open_table(folder / "pollution.csv")
    assert int(pollution.frame["pm2.5"].isna().sum()) == 2067
    assert any("2,067 of 43,824" in finding.found for finding in pollution.findings)
    roles = roles_of(pollution)
    assert roles["cbwd"] == ("category", "input")
    assert roles["No"] == ("number", "ignored")
    assert roles["pm2.5"] == ("number", "target")
    assert roles["DEWP"] == ("number", "input")
    bikes = open_table(folder / "bikes.csv")
    assert "Côte-Sainte-Catherine" in bikes.frame
    assert roles_of(bikes)["Brébeuf (données non disponibles)"] == ("number", "ignored")
    assert any("295 with fewer cells" in finding.found for finding in bikes.findings)
    air = open_table(folder / "air.3.csv")
    assert air.frame["Weekday"].iloc[0] == "화요일"
    assert roles_of(air)["Weekday"] == ("category", "known_future")
    assert roles_of(air)["Ozone"] == ("number", "target")
    market = open_table(folder / "garak_market_price.CSV")
    assert market.frame["ProductName"].iloc[0] == "고구마"
    assert roles_of(market)["ProductName"] == ("category", "series_id")
    weather = open_table(folder / "weather_2012.csv")
    assert roles_of(weather)["Weather"] == ("text", "ignored")
    assert weather.frame["Weather"].iloc[2] == "Freezing Drizzle,Fog"
    korea = open_table(folder / "USD_KRW.csv")
    assert roles_of(korea)["close"] == ("number", "target")


def test_a_wide_table_with_a_series_a_row_is_doubted(shared_data: Path) -> None:
    source = open_table(shared_data / "m4-hourly" / "Hourly-train.csv")
    assert source.frame.shape == (414, 961)
    assert source.frame["V2"].iloc[0] == 605
    assert int(source.frame["V961"].notna().sum()) == 245
    assert any(f.subject == "layout" and "414 series" in f.found for f in source.findings)


def test_the_messy_sample() -> None:
    source = open_table(SAMPLES / "water_levels.csv")
    assert source.reading.skip_rows == 1
    assert source.frame["Durchfluss (m³/h)"].iloc[0] == 2895.8
    assert source.frame["Datum"].iloc[-1] == pd.Timestamp("2018-01-01")
    assert any("-200" in finding.found for finding in source.findings)


def test_rows_that_are_too_long_are_listed(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    lines = ["a,b"] + [f"{number},{number * 2}" for number in range(50)]
    lines[7] = "6,12,99"
    file.write_text("\n".join(lines), encoding="utf-8")
    source = open_table(file)
    assert source.rows == 49
    assert any("lines 8" in finding.why for finding in source.findings)


def test_repeated_names_are_made_different(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text("v,v,v\n" + "\n".join("1,2,3" for _ in range(9)), encoding="utf-8")
    assert list(open_table(file).frame.columns) == ["v", "v (2)", "v (3)"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize(
    ("separator", "decimal"), [(",", "."), (";", ","), ("\t", "."), ("|", ".")]
)
def test_any_dialect_gives_the_same_frame(
    tmp_path: Path, encoding: str, separator: str, decimal: str
) -> None:
    days = pd.date_range("2024-01-01", periods=60)
    values = np.round(np.linspace(-5, 2000, 60), 2)
    rows = [separator.join(["Tag", "Größe"])]
    for day, value in zip(days, values, strict=True):
        rows.append(separator.join([f"{day:%d.%m.%Y}", f"{value:.2f}".replace(".", decimal)]))
    file = tmp_path / "x.csv"
    file.write_bytes(("\r\n".join(rows) + "\r\n").encode(encoding))
    frame = open_table(file).frame
    assert frame["Tag"].tolist() == list(days)
    assert np.allclose(frame["Größe"], values)


def test_codes_with_leading_zeros_stay_text(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    rows = [f"00{number:03d},{number}.5" for number in range(40)]
    file.write_text("id,v\n" + "\n".join(rows), encoding="utf-8")
    assert open_table(file).frame["id"].iloc[3] == "00003"


def test_one_column_is_a_table(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    rows = "\n".join(f"0.{number}3" for number in range(30))
    file.write_text(f"value\n{rows}", encoding="utf-8")
    source = open_table(file)
    assert list(source.frame.columns) == ["value"]
    assert source.frame["value"].iloc[2] == 0.23


def test_a_preview_reads_the_head_only(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text("a,b\n" + "\n".join(f"{n},{n}" for n in range(5000)), encoding="utf-8")
    source = preview_table(file, rows=100)
    assert not source.complete
    assert source.rows <= 100
    assert open_table(file).rows == 5000


@pytest.mark.parametrize("form", ["{0}-W{1:02d}", "{0}W{1:02d}", "{0}-W{1:02d}-1"])
def test_weeks_of_iso_8601_are_their_mondays(tmp_path: Path, form: str) -> None:
    days = pd.date_range("2023-12-25", periods=60, freq="7D")
    weeks = [form.format(*day.isocalendar()[:2]) for day in days]
    file = tmp_path / "x.csv"
    rows = "\n".join(f"{week},{number}.5" for number, week in enumerate(weeks))
    file.write_text(f"week,v\n{rows}", encoding="utf-8")
    source = open_table(file)
    assert source.time.columns == ("week",)
    assert source.frame["week"].tolist() == list(days)


def test_year_and_name_of_the_month_make_a_date(tmp_path: Path) -> None:
    days = pd.date_range("2019-01-01", periods=48, freq="MS")
    file = tmp_path / "x.csv"
    rows = "\n".join(f"{day.year},{day:%B},{place}.5" for place, day in enumerate(days))
    file.write_text(f"Year,Month,sales\n{rows}", encoding="utf-8")
    source = open_table(file)
    assert source.time.columns == ("Year", "Month")
    assert parse_dates(source.frame, source.time).tolist() == list(days)


@pytest.mark.parametrize(("odd", "suggested"), [(-999, True), (99, False)])
def test_one_number_far_from_all_others_may_mean_no_value(
    tmp_path: Path, odd: int, suggested: bool
) -> None:
    values = [f"{20 + number % 7}.{number % 10}" for number in range(80)]
    values[40] = str(odd)
    file = tmp_path / "x.csv"
    file.write_text(
        "day,v\n" + "\n".join(f"{n},{v}" for n, v in enumerate(values)), encoding="utf-8"
    )
    repairs = [finding.repair for finding in open_table(file).findings]
    assert any("sentinels=[-999" in repair for repair in repairs) == suggested
