"""The names of traced arrays: which layer, which direction, which quantity."""

import re
from dataclasses import dataclass

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

_LABEL = re.compile(r"layer (\d+)(?: (forward|backward))? · (\w+)")
_WORDS = {
    "hidden": QT_TRANSLATE_NOOP("Quantities", "Hidden state"),
    "cell": QT_TRANSLATE_NOOP("Quantities", "Cell state"),
    "input_gate": QT_TRANSLATE_NOOP("Quantities", "Input gate"),
    "forget_gate": QT_TRANSLATE_NOOP("Quantities", "Forget gate"),
    "output_gate": QT_TRANSLATE_NOOP("Quantities", "Output gate"),
    "reset_gate": QT_TRANSLATE_NOOP("Quantities", "Reset gate"),
    "update_gate": QT_TRANSLATE_NOOP("Quantities", "Update gate"),
    "candidate": QT_TRANSLATE_NOOP("Quantities", "Candidate"),
}


@dataclass(frozen=True)
class Quantity:
    """One traced array.

    Attributes:
        label: Its key in a trace, such as ``layer 1 · forget_gate``.
        layer: From 0.
        direction: 0 forward, 1 backward.
        name: ``hidden``, ``cell``, or a gate.
    """

    label: str
    layer: int
    direction: int
    name: str

    @property
    def kind(self) -> str:
        """How a heatmap colours it: gates lie in 0…1, everything else has a sign."""
        return quantity_kind(self.name)

    @property
    def words(self) -> str:
        """Its name for people."""
        return quantity_words(self.name)


def quantity_words(name: str) -> str:
    """The name of a state or gate for people: ``Forget gate``."""
    known = _WORDS.get(name)
    if known is None:
        return name.replace("_", " ").capitalize()
    return QCoreApplication.translate("Quantities", known)


def quantity_kind(name: str) -> str:
    """How a heatmap colours it: gates lie in 0…1, everything else has a sign."""
    return "gate" if name.endswith("_gate") else "signed"


def parse(labels: list[str]) -> list[Quantity]:
    """Read the keys of a trace; those of another shape are passed over."""
    found = []
    for label in labels:
        match = _LABEL.fullmatch(label)
        if match:
            direction = 1 if match[2] == "backward" else 0
            found.append(Quantity(label, int(match[1]) - 1, direction, match[3]))
    return found


def layer_words(layer: int, direction: int, *, both_ways: bool) -> str:
    """``Layer 2``, or ``Layer 2 backward`` where the network reads both ways."""
    words = QCoreApplication.translate("Quantities", "Layer {0}").format(layer + 1)
    if not both_ways:
        return words
    forward = QCoreApplication.translate("Quantities", "forward")
    backward = QCoreApplication.translate("Quantities", "backward")
    return f"{words} {backward if direction else forward}"
