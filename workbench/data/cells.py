"""The one place where pandas' C engine turns text into cells."""

import warnings
from typing import Any

import pandas as pd

from workbench.data.records import NO_SEPARATOR
from workbench.errors import UserError

_UNUSED = "\x01"  # stands in no text: everything is one column


class _Bytes:
    """Bytes that are read in pieces; unlike a file object they are not decoded on the way."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._place = 0

    def read(self, size: int = -1) -> bytes:
        end = len(self._data) if size < 0 else self._place + size
        piece = self._data[self._place : end]
        self._place += len(piece)
        return piece

    def __iter__(self) -> "_Bytes":
        return self

    def __next__(self) -> bytes:
        raise StopIteration


def parse_text(
    data: bytes, separator: str, columns: int, chosen: list[int] | None = None
) -> pd.DataFrame:
    """All cells as text, empty where nothing stands.

    Args:
        data: UTF-8 with line feeds, whole rows of at most ``columns`` cells.
        separator: As in ``scan_records``.
        columns: Cells of a full row.
        chosen: Numbers of the columns to read; None for all.

    Returns:
        One column of ``str`` per column, named by its number.
    """
    return _parse(data, separator, columns, chosen, {"dtype": "str", "na_filter": False}).fillna("")


def parse_objects(data: bytes, separator: str, columns: int) -> list[list[str]]:
    """Rows of cells as text, for looking at a few rows of a table that may be very wide.

    Args:
        data: As in ``parse_text``.
        separator: As in ``parse_text``.
        columns: Cells of a full row.
    """
    options = {"dtype": object, "na_filter": False}
    rows = _parse(data, separator, columns, None, options).to_numpy().tolist()
    return [[cell if isinstance(cell, str) else "" for cell in row] for row in rows]


def parse_mixed(
    data: bytes,
    separator: str,
    columns: int,
    *,
    texts: list[int],
    decimal: str,
    missing: tuple[str, ...],
) -> pd.DataFrame:
    """Cells as numbers where a whole column of the piece is numbers, else as text.

    Args:
        data: As in ``parse_text``.
        separator: As in ``parse_text``.
        columns: Cells of a full row.
        texts: Columns to be left as text whatever stands in them.
        decimal: Decimal mark.
        missing: Cells that mean 'no value'; not applied to ``texts``.
    """
    markers = list(dict.fromkeys((*missing, "")))
    as_text = set(texts)
    options: dict[str, Any] = {
        "dtype": dict.fromkeys(texts, "str"),
        "decimal": decimal,
        "na_values": {n: markers for n in range(columns) if n not in as_text} if texts else markers,
        "low_memory": False,
    }
    frame = _parse(data, separator, columns, None, options)
    for number in texts:
        frame[number] = frame[number].fillna("")
    return frame


def _parse(
    data: bytes,
    separator: str,
    columns: int,
    chosen: list[int] | None,
    options: dict[str, Any],
) -> pd.DataFrame:
    sign = {NO_SEPARATOR: _UNUSED, " ": r"\s+"}.get(separator, separator)
    try:
        with warnings.catch_warnings():
            # a piece with numbers above and text below is looked at again as text
            warnings.simplefilter("ignore", pd.errors.DtypeWarning)
            source: Any = _Bytes(data)
            frame: pd.DataFrame = pd.read_csv(
                source,
                sep=sign,
                header=None,
                names=list(range(columns)),
                usecols=chosen,
                index_col=False,
                keep_default_na=False,
                skip_blank_lines=False,
                skipinitialspace=separator not in ("\t", " ", NO_SEPARATOR),
                engine="c",
                **options,
            )
            return frame
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise UserError(
            f"The table cannot be cut into cells: {str(error).strip()}.",
            "Choose the separator by hand, or look at that place in a text editor.",
        ) from None
