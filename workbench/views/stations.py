"""The six stations of the window, in the order of the work."""

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget


@dataclass(frozen=True)
class Station:
    """One entry of the rail.

    Attributes:
        name: As pages call themselves.
        label: Source text of what the rail shows.
        help: Source text of its tooltip.
        icon: Of the icon family.
        page: ``module:class`` of its page, imported when it is first shown.
    """

    name: str
    label: str
    help: str
    icon: str
    page: str

    @property
    def words(self) -> str:
        """What the rail shows, translated."""
        return QCoreApplication.translate("Stations", self.label)

    @property
    def tip(self) -> str:
        """Its tooltip, translated."""
        return QCoreApplication.translate("Stations", self.help)


STATIONS = (
    Station(
        "data",
        QT_TRANSLATE_NOOP("Stations", "Data"),
        QT_TRANSLATE_NOOP("Stations", "What is learned from: read, mended, split"),
        "table",
        "workbench.views.pages.data:DataPage",
    ),
    Station(
        "model",
        QT_TRANSLATE_NOOP("Stations", "Model"),
        QT_TRANSLATE_NOOP("Stations", "The network, its shapes and equations"),
        "tree-structure",
        "workbench.views.pages.model:ModelPage",
    ),
    Station(
        "train",
        QT_TRANSLATE_NOOP("Stations", "Train"),
        QT_TRANSLATE_NOOP("Stations", "The run while it learns"),
        "chart-line",
        "workbench.views.pages.train:TrainPage",
    ),
    Station(
        "look",
        QT_TRANSLATE_NOOP("Stations", "Look"),
        QT_TRANSLATE_NOOP("Stations", "Inside the network: states and gates"),
        "eye",
        "workbench.views.pages.look:LookPage",
    ),
    Station(
        "use",
        QT_TRANSLATE_NOOP("Stations", "Use"),
        QT_TRANSLATE_NOOP("Stations", "What the trained model does with new input"),
        "magic-wand",
        "workbench.views.pages.use:UsePage",
    ),
    Station(
        "runs",
        QT_TRANSLATE_NOOP("Stations", "Runs"),
        QT_TRANSLATE_NOOP("Stations", "All runs: compare, rename, resume, delete"),
        "list-bullets",
        "workbench.views.pages.runs:RunsPage",
    ),
)
"""The rail from top to bottom."""
WELCOME = "workbench.views.pages.welcome:WelcomePage"
"""Stands in the Data station until something is open."""


def make_page(place: str, session: Any) -> "QWidget":
    """Import and build the page at ``module:class``."""
    module, _, name = place.partition(":")
    page: QWidget = getattr(importlib.import_module(module), name)(session)
    return page
