"""Choosers that views share: which layer, which quantity; both are parts of the one selection."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QComboBox, QHBoxLayout, QWidget

from workbench.app.looking import Look
from workbench.app.selection import Selection
from workbench.views.look.view import place_words
from workbench.views.quantities import quantity_words
from workbench.views.theme import SPACING

if TYPE_CHECKING:
    from workbench.app.session import Session


def combo(name: str, words: str, parent: QWidget | None = None) -> QComboBox:
    """Make a combo box that grows with its entries."""
    box = QComboBox(parent)
    name_box(box, name, words)
    return box


def name_box(box: QComboBox, name: str, words: str) -> None:
    """Name a combo box, say what it chooses, and let it grow with its entries."""
    box.setObjectName(name)
    box.setAccessibleName(words)
    box.setToolTip(words)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)


class TargetChooser(QComboBox):
    """Chooses one of a forecast's targets; shown only where there are several."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        name_box(self, name, self.tr("Target that is drawn"))

    def set_look(self, look: Look) -> None:
        """Offer the targets of a look; the one that was chosen stays."""
        names = () if look.writes else look.task.codec.target_names
        if tuple(self.itemText(place) for place in range(self.count())) != names:
            self.clear()
            self.addItems(names)
        self.setVisible(len(names) > 1)

    @property
    def target(self) -> int:
        """Number of the chosen target."""
        return max(self.currentIndex(), 0)


class PlaceChooser(QWidget):
    """Chooses layer and, where asked for, quantity of the one selection.

    Args:
        session: Its selection is changed and followed.
        name: Object name.
        quantities: Whether a quantity is chosen too.
    """

    def __init__(
        self, session: "Session", name: str, *, quantities: bool = False,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.setObjectName(name)
        self._session = session
        self.layer_box = combo(f"{name}_layer", self.tr("Layer"), self)
        self.quantity_box = combo(f"{name}_quantity", self.tr("Quantity"), self)
        self.quantity_box.setVisible(quantities)
        self.layer_box.activated.connect(self._choose)
        self.quantity_box.activated.connect(self._choose)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACING // 2)
        row.addWidget(self.layer_box)
        if quantities:
            row.addWidget(self.quantity_box)
        session.selection_changed.connect(self._follow)

    def set_look(self, look: Look) -> None:
        """Offer the layers and quantities of a look."""
        self.layer_box.clear()
        for layer, direction in look.places:
            self.layer_box.addItem(place_words(look, layer, direction), f"{layer}/{direction}")
        self.quantity_box.clear()
        for name in look.quantities:
            self.quantity_box.addItem(quantity_words(name), name)
        self._follow(self._session.selection)

    @property
    def place(self) -> tuple[int, int]:
        """Layer and direction that are shown: the selected ones, or the first there are."""
        return self._place_at(self._layer_row(self._session.selection))

    @property
    def quantity(self) -> str:
        """The quantity that is shown: the selected one, or the first there is."""
        row = self._quantity_row(self._session.selection)
        return self.quantity_box.itemData(row) or "hidden"

    def _place_at(self, row: int) -> tuple[int, int]:
        data = self.layer_box.itemData(row)
        if data is None:
            return 0, 0
        layer, direction = data.split("/")
        return int(layer), int(direction)

    def _layer_row(self, selection: Selection) -> int:
        return max(self.layer_box.findData(f"{selection.layer}/{selection.direction}"), 0)

    def _quantity_row(self, selection: Selection) -> int:
        return max(self.quantity_box.findData(selection.quantity), 0)

    def _choose(self, _index: int) -> None:
        layer, direction = self._place_at(self.layer_box.currentIndex())
        changes = {"layer": layer, "direction": direction}
        if self.quantity_box.isVisibleTo(self):
            changes["quantity"] = self.quantity_box.currentData()
        self._session.select(**changes)

    def _follow(self, selection: Selection) -> None:
        self.layer_box.setCurrentIndex(self._layer_row(selection))
        self.quantity_box.setCurrentIndex(self._quantity_row(selection))
