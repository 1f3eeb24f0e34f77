"""What is found in real and made-up table files."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from workbench.data.table import load_table, open_table, preview_table
from workbench.errors import UserError
from workbench.experiment import TableSpec

SAMPLES = Path(__file__).resolve().parents[2] / "sample_data"

# file: rows, encoding, separator, date columns, date format, targets, first and last date
FOUND = {
    "messy-csv-dev/bikes.csv": (310, "cp1252", ";", ("Date",), "%d/%m/%Y", 7),
    "messy-csv-dev/weather_2012.csv": (8784, "utf-8", ",", ("Date/Time",), "%Y-%m-%d %H:%M:%S", 6),
    "messy-csv-dev/pollution.csv": (
        43824, "utf-8", ",", ("year", "month", "day", "hour"), "auto", 1,
    ),
    "messy-csv-dev/us_gasoline.csv": (1578, "utf-8", ",", ("Week",), "%m/%d/%Y", 1),
    "messy-csv-dev/monthly-milk-incomplete.csv": (155, "utf-8", ",", ("Month",), "%Y-%m", 1),
    "messy-csv-dev/USD_KRW.csv": (1043, "utf-8-sig", ",", ("date",), "%Y-%m-%d", 5),
    "messy-csv-dev/garak_market_price.CSV": (11026, "utf-8-sig", ",", ("Date",), "%Y%m%d", 3),
    "messy-csv-dev/air.3.csv": (153, "cp949", ",", (), "auto", 1),
    "ts-classic/airline-passengers.csv": (144, "utf-8", ",", ("Month",), "%Y-%m", 1),
    "ts-classic/daily-max-temperatures.csv": (3650, "utf-8", ",", ("Date",), "%Y-%m-%d", 1),
    "ts-classic/daily-min-temperatures.csv": (3650, "utf-8", ",", ("Date",), "%Y-%m-%d", 1),
    "ts-classic/daily-total-female-births.csv": (365, "utf-8", ",", ("Date",), "%Y-%m-%d", 1),
    "ts-classic/monthly-car-sales.csv": (108, "utf-8", ",", ("Month",), "%Y-%m", 1),
    "ts-classic/monthly-mean-temp.csv": (240, "utf-8", ",", ("Month",), "%Y-%m", 1),
    "ts-classic/monthly-robberies.csv": (118, "utf-8", ",", ("Month",), "%Y-%m", 1),
    "ts-classic/monthly-sunspots.csv": (2820, "utf-8", ",", ("Month",), "%Y-%m", 1),
    "ts-classic/monthly-writing-paper-sales.csv": (147, "utf-8", ",", ("Month",), "year-number", 1),
    "ts-classic/monthly_champagne_sales.csv": (105, "utf-8", ",", ("Month",), "%Y-%m", 1),
    "ts-classic/shampoo.csv": (36, "utf-8", ",", ("Month",), "year-number", 1),
    "ts-classic/yearly-water-usage.csv": (79, "utf-8", ",", ("Year",), "%Y", 1),
    "etth1/ETTh1.csv": (17420, "utf-8", ",", ("date",), "%Y-%m-%d %H:%M:%S", 7),
    "exchange-rate/exchange_rate.csv": (7588, "utf-8", ",", (), "auto", 8),
    "opsd-germany/opsd_germany_daily.csv": (4383, "utf-8", ",", ("Date",), "%Y-%m-%d", 4),
}


@pytest.mark.parametrize("name", sorted(FOUND))
def test_real_files_open_without_a_hand(name: str, shared_data: Path) -> None:
    rows, encoding, separator, dates, form, targets = FOUND[name]
    source = open_table(shared_data / name)
    assert (source.rows, source.reading.encoding, source.reading.separator) == (
        rows, encoding, separator,
    )  # fmt: skip
    assert source.reading.header == "yes"
    assert source.time.columns == dates
    assert source.time.format == form
    roles = [column.role for column in source.columns]
    assert roles.count("target") == targets
    for column in source.columns:
        cells = source.frame[column.name]
        if column.role == "target":
            assert cells.dtype == "float64"
            assert cells.notna().any()
        if column.role == "date" and len(dates) == 1:
            assert cells.dtype.kind == "M"
            assert cells.notna().all()
    table = TableSpec(reading=source.reading, columns=source.columns, time=source.time)
    again = load_table(shared_data / name, table)
    pd.testing.assert_frame_equal(again, source.frame)


def test_what_stands_in_the_messy_ones(shared_data: Path) -> None:
    folder = shared_data / "messy-csv-dev"
    gasoline = open_table(folder / "us_gasoline.csv").frame
    assert gasoline["Week"].iloc[3] == pd.Timestamp("2021-04-09")
    assert gasoline["Gasoline"].iloc[0] == 8864
    pollution = open_table(folder / "pollution.csv")
    assert int(pollution.frame["pm2.5"].isna().sum()) == 2067
    kinds = {column.name: (column.kind, column.role) for column in pollution.columns}
    assert kinds["cbwd"] == ("category", "input")
    assert kinds["No"] == ("number", "ignored")
    bikes = open_table(folder / "bikes.csv")
    assert "Côte-Sainte-Catherine" in bikes.frame
    assert bikes.frame["Date"].iloc[-1] == pd.Timestamp("2012-11-05")
    korean = open_table(folder / "air.3.csv").frame
    assert korean["Weekday"].iloc[0] == "화요일"
    market = open_table(folder / "garak_market_price.CSV")
    assert market.frame["ProductName"].iloc[0] == "고구마"
    shampoo = open_table(shared_data / "ts-classic" / "shampoo.csv").frame
    assert shampoo["Month"].dt.month.tolist()[:3] == [1, 2, 3]
    assert shampoo["Month"].is_monotonic_increasing


def test_the_messy_sample() -> None:
    source = open_table(SAMPLES / "water_levels.csv")
    assert source.reading.skip_rows == 1
    assert source.frame["Durchfluss (m³/h)"].iloc[0] == 2895.8
    assert source.frame["Datum"].iloc[-1] == pd.Timestamp("2018-01-01")
    assert any("-200" in finding.found for finding in source.findings)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (b"\n\n\n", "no rows"),
        (b"a,b\n", "no rows"),
        (b"\x89PNG\r\n\x1a\n0000", "PNG picture"),
        (b"PK\x03\x04xxxx", "Excel"),
        (b'{"a": 1}', "JSON"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b"a,b\n1,2\x00\n3,4\n", "NUL"),
    ],
)
def test_what_is_no_table_is_said(tmp_path: Path, data: bytes, message: str) -> None:
    file = tmp_path / "x.csv"
    file.write_bytes(data)
    with pytest.raises(UserError, match=message):
        open_table(file)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="Cannot read"):
        open_table(tmp_path / "gone.csv")


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


def test_a_table_of_too_many_columns_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    header = ",".join(f"c{number}" for number in range(100_000))
    file.write_text(f"{header}\n" + ",".join(["1"] * 100_000) + "\n", encoding="utf-8")
    with pytest.raises(UserError, match="100,000 columns"):
        open_table(file)


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
