"""The views of the Look page, in groups, in the order of the list beside them."""

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

if TYPE_CHECKING:
    from workbench.app.looking import Looking
    from workbench.views.look.view import LookView


@dataclass(frozen=True)
class Entry:
    """One view.

    Attributes:
        key: Its name, also of its help page.
        label: Source text of its line in the list.
        tip: Source text of its tooltip.
        view: Its class, in the module of its key, imported when it is first shown.
    """

    key: str
    label: str
    tip: str
    view: str

    @property
    def words(self) -> str:
        """Its line in the list, translated."""
        return QCoreApplication.translate("LookViews", self.label)

    @property
    def help(self) -> str:
        """Its tooltip, translated."""
        return QCoreApplication.translate("LookViews", self.tip)


GROUPS: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    (
        QT_TRANSLATE_NOOP("LookViews", "States"),
        (
            Entry(
                "states",
                QT_TRANSLATE_NOOP("LookViews", "States and gates"),
                QT_TRANSLATE_NOOP("LookViews", "Units × time of every state and gate"),
                "StatesView",
            ),
            Entry(
                "unit",
                QT_TRANSLATE_NOOP("LookViews", "One unit"),
                QT_TRANSLATE_NOOP(
                    "LookViews",
                    "What the chosen unit follows, where it fires, how long it remembers",
                ),
                "UnitView",
            ),
            Entry(
                "coloured",
                QT_TRANSLATE_NOOP("LookViews", "Coloured input"),
                QT_TRANSLATE_NOOP("LookViews", "The input shaded by a unit or by its probability"),
                "ColouredView",
            ),
            Entry(
                "saturation",
                QT_TRANSLATE_NOOP("LookViews", "Saturation"),
                QT_TRANSLATE_NOOP("LookViews", "How often each gate is open and shut"),
                "SaturationView",
            ),
            Entry(
                "weights",
                QT_TRANSLATE_NOOP("LookViews", "Weights"),
                QT_TRANSLATE_NOOP("LookViews", "Every matrix by gate, its norm over training"),
                "WeightsView",
            ),
        ),
    ),
    (
        QT_TRANSLATE_NOOP("LookViews", "Memory"),
        (
            Entry(
                "memory",
                QT_TRANSLATE_NOOP("LookViews", "Memory"),
                QT_TRANSLATE_NOOP(
                    "LookViews", "How long units remember, and how far back input matters"
                ),
                "MemoryView",
            ),
            Entry(
                "gradient",
                QT_TRANSLATE_NOOP("LookViews", "Gradient through time"),
                QT_TRANSLATE_NOOP("LookViews", "How far back each loss still teaches"),
                "GradientView",
            ),
            Entry(
                "connectivity",
                QT_TRANSLATE_NOOP("LookViews", "Connectivity"),
                QT_TRANSLATE_NOOP("LookViews", "Which inputs moved this output"),
                "ConnectivityView",
            ),
        ),
    ),
    (
        QT_TRANSLATE_NOOP("LookViews", "Meaning"),
        (
            Entry(
                "ranking",
                QT_TRANSLATE_NOOP("LookViews", "Tracks"),
                QT_TRANSLATE_NOOP("LookViews", "Which units follow an annotation"),
                "RankingView",
            ),
            Entry(
                "match",
                QT_TRANSLATE_NOOP("LookViews", "Match"),
                QT_TRANSLATE_NOOP("LookViews", "Where else the same units switch on"),
                "MatchView",
            ),
            Entry(
                "response",
                QT_TRANSLATE_NOOP("LookViews", "Response"),
                QT_TRANSLATE_NOOP("LookViews", "How units answer to symbols"),
                "ResponseView",
            ),
            Entry(
                "plane",
                QT_TRANSLATE_NOOP("LookViews", "State plane"),
                QT_TRANSLATE_NOOP("LookViews", "The path of the state, fixed points, eigenvalues"),
                "PlaneView",
            ),
            Entry(
                "errors",
                QT_TRANSLATE_NOOP("LookViews", "Errors"),
                QT_TRANSLATE_NOOP("LookViews", "Against n-grams, and what is still wrong"),
                "ErrorsView",
            ),
        ),
    ),
    (
        QT_TRANSLATE_NOOP("LookViews", "Touch"),
        (
            Entry(
                "steps",
                QT_TRANSLATE_NOOP("LookViews", "Step by step"),
                QT_TRANSLATE_NOOP("LookViews", "Every term of one step, to change and see"),
                "StepsView",
            ),
            Entry(
                "touch",
                QT_TRANSLATE_NOOP("LookViews", "Clamp and ablate"),
                QT_TRANSLATE_NOOP("LookViews", "Hold a unit and see the output change"),
                "TouchView",
            ),
            Entry(
                "compare",
                QT_TRANSLATE_NOOP("LookViews", "Compare"),
                QT_TRANSLATE_NOOP(
                    "LookViews", "Two inputs, two models or two moments side by side"
                ),
                "CompareView",
            ),
        ),
    ),
)
"""Groups with their views."""

ENTRIES = {entry.key: entry for _title, entries in GROUPS for entry in entries}
"""All views by name."""


def group_words(title: str) -> str:
    """The title of a group, translated."""
    return QCoreApplication.translate("LookViews", title)


def make_view(entry: Entry, looking: "Looking") -> "LookView":
    """Import and build a view."""
    module = importlib.import_module(f"workbench.views.look.{entry.key}")
    view: LookView = getattr(module, entry.view)(looking)
    return view
