"""What is said to the person, as plain values."""

from dataclasses import dataclass

from workbench.errors import UserError


@dataclass(frozen=True)
class Message:
    """One thing to say; a view shows it on the page, never in a dialog.

    Attributes:
        level: ``info``, ``warning`` or ``error``.
        what: One sentence about what happened.
        todo: One sentence about what to do, or empty.
        details: Longer text for a fold (a traceback), or empty.
    """

    level: str
    what: str
    todo: str = ""
    details: str = ""


def from_error(error: Exception) -> Message:
    """The message of an error, a person's to mend or not."""
    if isinstance(error, UserError):
        return Message("error", error.what, error.todo, error.details)
    return Message("error", f"{type(error).__name__}: {error}")
