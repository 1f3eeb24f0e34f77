"""The codec of series: raw columns ↔ the numbers a model takes."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.data.calendar_features import feature_names
from workbench.data.scaling import Scaler
from workbench.errors import UserError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Channel:
    """One channel of numbers a model reads.

    Attributes:
        name: ``Temp`` or, of a category, ``wind=NW``.
        column: The table's column.
        category: The value this channel marks with 1, or None for a number.
        target: Whether it is forecast.
        scaler: Fitted on the training part.
    """

    name: str
    column: str
    category: str | None
    target: bool
    scaler: Scaler


@dataclass(frozen=True)
class SeriesCodec:
    """Raw columns ↔ the numbers a model takes; fitted on the training part only.

    Attributes:
        channels: The C channels of a window, targets among them.
        known: Channels of known-future columns.
        calendar: Cycles of the date given as sine and cosine, after the known-future channels.
    """

    channels: tuple[Channel, ...]
    known: tuple[Channel, ...] = ()
    calendar: tuple[str, ...] = ()

    @cached_property
    def target_indices(self) -> tuple[int, ...]:
        """Places of the M targets among the channels."""
        return tuple(place for place, item in enumerate(self.channels) if item.target)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the C channels."""
        return tuple(item.name for item in self.channels)

    @property
    def target_names(self) -> tuple[str, ...]:
        """Names of the M targets."""
        return tuple(self.channels[place].name for place in self.target_indices)

    @property
    def known_names(self) -> tuple[str, ...]:
        """Names of the K channels known at forecast time."""
        return (*(item.name for item in self.known), *feature_names(self.calendar))

    @property
    def target_scalers(self) -> tuple[Scaler, ...]:
        """Scalers of the M targets."""
        return tuple(self.channels[place].scaler for place in self.target_indices)

    def encode(self, values: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
        """Scale channels.

        Args:
            values: ``(…, C)`` in the columns' units.

        Returns:
            float32 ``(…, C)``.
        """
        return _encode(values, self.channels)

    def decode(self, values: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """Undo ``encode``: ``(…, C)`` in the columns' units, float64."""
        centre, scale = _vectors(tuple(item.scaler for item in self.channels))
        return np.asarray(np.asarray(values, dtype=np.float64) * scale + centre)

    def decode_targets(
        self, values: NDArray[np.floating[Any]], axis: int = -1
    ) -> NDArray[np.float64]:
        """Scaled targets into the columns' units.

        Args:
            values: Any shape with the M targets along ``axis``.
            axis: Where the targets lie.

        Returns:
            float64 of the same shape.
        """
        centre, scale = _vectors(self.target_scalers)
        moved = np.moveaxis(np.asarray(values, dtype=np.float64), axis, -1)
        return np.asarray(np.moveaxis(moved * scale + centre, -1, axis))

    def to_json(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "channels": [_channel_json(item) for item in self.channels],
            "known": [_channel_json(item) for item in self.known],
            "calendar": list(self.calendar),
        }

    @classmethod
    def from_json(cls, values: Any) -> "SeriesCodec":
        """Rebuild from ``to_json``.

        Raises:
            UserError: Where the values are not those of a codec.
        """
        try:
            channels = tuple(_channel(item) for item in values["channels"])
            known = tuple(_channel(item) for item in values["known"])
            calendar = tuple(str(item) for item in values["calendar"])
        except (KeyError, TypeError) as error:
            raise _damaged(str(error)) from None
        if any(name not in ("hour", "weekday", "day", "month") for name in calendar):
            raise _damaged(f"calendar {calendar}")
        if not any(item.target for item in channels):
            raise _damaged("no target")
        return cls(channels, known, calendar)


def _damaged(reason: str) -> UserError:
    return UserError(
        "The stored description of the columns is not valid.",
        "The file it is stored in is damaged; use another checkpoint or train again.",
        reason,
    )


def _vectors(scalers: tuple[Scaler, ...]) -> tuple[Floats, Floats]:
    centre = np.array([item.centre for item in scalers], dtype=np.float64)
    return centre, np.array([item.scale for item in scalers], dtype=np.float64)


def _encode(
    values: NDArray[np.floating[Any]], channels: tuple[Channel, ...]
) -> NDArray[np.float32]:
    centre, scale = _vectors(tuple(item.scaler for item in channels))
    given = np.asarray(values)
    scaled = np.empty(given.shape, dtype=np.float32)
    for place in range(given.shape[-1]):  # a column at a time: no float64 copy of the whole
        column = given[..., place].astype(np.float64)
        scaled[..., place] = (column - centre[place]) / scale[place]
    return scaled


def _channel_json(item: Channel) -> dict[str, Any]:
    return {
        "name": item.name,
        "column": item.column,
        "category": item.category,
        "target": item.target,
        "scaler": item.scaler.to_json(),
    }


def _channel(values: Any) -> Channel:
    category = values["category"]
    return Channel(
        str(values["name"]),
        str(values["column"]),
        None if category is None else str(category),
        bool(values["target"]),
        Scaler.from_json(values["scaler"]),
    )
