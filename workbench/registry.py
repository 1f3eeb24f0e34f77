"""What there is by name, as a table of strings: nothing is imported until it is used."""

from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

TASKS = {
    "language_model": "workbench.tasks.language_model:prepare_language_model",
    "forecast": "workbench.tasks.forecast:prepare_forecast",
}
"""How each task is prepared: functions called with the arguments of ``engine.prepare.prepare_task``
in their order. Installed packages add theirs as entry points ``workbench.tasks``."""


def load_task(name: str) -> Any:
    """The function that prepares a task.

    Raises:
        KeyError: Where there is no such task.
    """
    if name in TASKS:
        module, _, attribute = TASKS[name].partition(":")
        return getattr(import_module(module), attribute)
    for entry in entry_points(group="workbench.tasks"):
        if entry.name == name:
            return entry.load()
    raise KeyError(name)
