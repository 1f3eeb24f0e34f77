"""What reading a file found, doubted and mended, one line each."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Watch:
    """Who is told how far a long work is, and asked whether it is still wanted.

    Attributes:
        progress: Told the share done, 0…1.
        cancelled: True gives up.
    """

    progress: Callable[[float], None] | None = None
    cancelled: Callable[[], bool] | None = None

    def step(self, share: float) -> None:
        """Tell the share done.

        Raises:
            Cancelled: Where the work is not wanted any more.
        """
        if self.cancelled is not None and self.cancelled():
            raise Cancelled
        if self.progress is not None:
            self.progress(share)


class Cancelled(Exception):  # noqa: N818 - not an error: the person asked for it
    """Reading was given up because ``cancelled()`` said True."""


@dataclass(frozen=True)
class Finding:
    """One line of the report on a file.

    Attributes:
        subject: What it is about: ``encoding``, ``separator``, ``column pm2.5``, ``dates``.
        found: What was found: ``UTF-8 with byte order mark``.
        why: The reason in a line, with counts.
        level: ``info``, ``doubt`` (please look), ``problem`` (will stop training) or ``repaired``.
        repair: Assignment for ``Experiment.with_text_values`` that mends it by one click, such as
            ``data.table.time.gaps=interpolate``; empty where there is none.
    """

    subject: str
    found: str
    why: str
    level: str = "info"
    repair: str = ""
