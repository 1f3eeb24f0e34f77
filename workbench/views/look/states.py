"""States: units × time of one quantity, large, or of all of them, small."""

import numpy as np
from PySide6.QtWidgets import QGridLayout, QScrollArea, QStackedWidget, QWidget

from workbench.app.looking import Look, Looking
from workbench.app.selection import Selection
from workbench.data.findings import Watch
from workbench.views.look.choosers import PlaceChooser, combo
from workbench.views.look.view import LookView, place_words
from workbench.views.plots.heatmap import Heatmap
from workbench.views.plots.raster import Levels
from workbench.views.quantities import quantity_kind, quantity_words
from workbench.views.theme import SPACING

INDEX, ACTIVITY, SIMILARITY, STEP = "index", "activity", "similarity", "step"
_LARGE = 1_000_000
"""From so many values on, a matrix is made ready for the picture behind the window."""


class StatesView(LookView):
    """Heatmaps of states and gates; a click chooses unit and step in all pictures."""

    key = "states"

    def __init__(self, looking: Looking, parent: QWidget | None = None) -> None:
        super().__init__(looking, parent)
        self._order_key: tuple[object, ...] = ()
        self._drawn: tuple[object, ...] = ()
        self._pointing = False
        self._sorted_by = -1
        self.heatmap = Heatmap(self.tr("States"), self, "look_heatmap")
        self.heatmap.set_titles("", self.tr("unit"))
        self.chooser = PlaceChooser(self.session, "look_states_place", quantities=True)
        self.order_box = combo("look_order", self.tr("Order of the units"), self)
        for words, order in (
            (self.tr("in order"), INDEX),
            (self.tr("by activity"), ACTIVITY),
            (self.tr("by similarity"), SIMILARITY),
            (self.tr("by the chosen step"), STEP),
        ):
            self.order_box.addItem(words, order)
        self.order_box.activated.connect(self._order_chosen)
        self.heatmap.add_control(self.chooser)
        self.heatmap.add_control(self.order_box)
        tip = self.tr("Every state and gate of the layer beside each other, small")
        self.all_button = self.heatmap.add_toggle("all", self.tr("all"), tip, self._show_all)
        self.heatmap.clicked.connect(self._clicked)
        self.heatmap.value_hovered.connect(self._hovered)
        self.small: dict[str, Heatmap] = {}
        self._grid_widget = QWidget()
        self._grid = QGridLayout(self._grid_widget)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(SPACING)
        area = QScrollArea()
        area.setObjectName("look_small_scroll")
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidget(self._grid_widget)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.heatmap)
        self._stack.addWidget(area)
        self.body.addWidget(self._stack)

    # ------------------------------------------------------------------ drawing

    def refresh(self) -> None:
        """Draw the quantity that is selected."""
        assert self.look is not None
        self.chooser.set_look(self.look)
        self._order_key = ()
        self._draw()

    def follow(self, selection: Selection) -> None:
        """Mark what is selected; draw another quantity where that is."""
        self._draw()
        self._mark(selection)

    def _mark(self, selection: Selection) -> None:
        for picture in (self.heatmap, *self.small.values()):
            picture.mark_unit(selection.unit)
            if not self._pointing:
                picture.set_crosshair(-1, selection.step)

    def _draw(self) -> None:
        look = self.look
        if look is None:
            return
        if self._stack.currentIndex() == 1:
            self._draw_small(look)
            return
        layer, direction = self.chooser.place
        name = self.chooser.quantity
        key = (look, layer, direction, name)
        order = self.order_box.currentData()
        step = self._sorted_by if order == STEP else -1
        if (*key, order, step) == self._order_key:
            return
        self._order_key = (*key, order, step)
        values = look.values(layer, direction, name)
        words = self.tr("{0} · {1}")
        title = words.format(quantity_words(name), place_words(look, layer, direction).lower())

        def show_values(matrix: np.ndarray | Levels) -> None:
            self._drawn = key
            self.heatmap.set_data(matrix, look.labels, quantity_kind(name), title)

        large = key != self._drawn and values.size > _LARGE
        if key != self._drawn and not large:
            show_values(values.T)
        sorts = order != INDEX and not (order == STEP and step < 0)
        if not (large or sorts):
            self.give_up()  # a sort that goes on would be applied later
            self.heatmap.set_order(None)
            return

        def prepare(_look: Look, _watch: Watch) -> object:
            levels = Levels(values.T).prepared() if large else None
            return levels, _sorted(values, order, step) if sorts else None

        def show(found: tuple[Levels | None, np.ndarray | None]) -> None:
            if found[0] is not None:
                show_values(found[0])
            self.heatmap.set_order(found[1])
            self._mark(self.session.selection)

        self.compute(self.tr("Arranging the picture"), prepare, show)

    def _order_chosen(self, _index: int) -> None:
        self._sorted_by = self.session.selection.step
        self._draw()

    # ------------------------------------------------------------------ all quantities

    def _show_all(self, every: bool) -> None:
        self._stack.setCurrentIndex(1 if every else 0)
        self._order_key = ()
        self._draw()
        self.follow(self.session.selection)

    def _draw_small(self, look: Look) -> None:
        layer, direction = self.chooser.place
        key = (look, layer, direction, "all")
        if key == self._order_key:
            return
        self._order_key = key
        for name in [name for name in self.small if name not in look.quantities]:
            self.small.pop(name).deleteLater()
        for place, name in enumerate(look.quantities):
            picture = self.small.get(name) or self._make_small(name)
            self._grid.addWidget(picture, place // 2, place % 2)
            self._grid.setColumnStretch(place % 2, 1)
            words = self.tr("{0} · {1}")
            title = words.format(quantity_words(name), place_words(look, layer, direction).lower())
            values = look.values(layer, direction, name)
            picture.set_data(values.T, look.labels, quantity_kind(name), title)

    def _make_small(self, name: str) -> Heatmap:
        picture = Heatmap(quantity_words(name), self._grid_widget, f"look_small_{name}")
        picture.set_titles("", self.tr("unit"))
        picture.setMinimumHeight(24 * SPACING)
        picture.clicked.connect(lambda unit, step: self._clicked_small(name, unit, step))
        picture.value_hovered.connect(self._hovered)
        tip = self.tr("Show this one large")
        button = picture.add_toggle("large", self.tr("large"), tip, lambda _on: None)
        button.setCheckable(False)
        button.clicked.connect(lambda: self._enlarge(name))
        self.small[name] = picture
        return picture

    def _enlarge(self, name: str) -> None:
        self.select(quantity=name)
        self.all_button.setChecked(False)

    # ------------------------------------------------------------------ pointing

    def _clicked(self, unit: int, step: int) -> None:
        layer, direction = self.chooser.place
        self._sorted_by = step  # hovering must not sort the rows away under the pointer
        self._point(layer=layer, direction=direction, unit=unit, step=step)

    def _clicked_small(self, name: str, unit: int, step: int) -> None:
        layer, direction = self.chooser.place
        self._point(layer=layer, direction=direction, unit=unit, step=step, quantity=name)

    def _hovered(self, _unit: int, step: int) -> None:
        self._point(step=step)

    def _point(self, **changes: object) -> None:
        """Tell what is pointed at; the picture under the pointer has its crosshair already."""
        self._pointing = self.sender() is self.heatmap
        self.select(**changes)
        self._pointing = False


def _sorted(values: np.ndarray, order: str, step: int) -> np.ndarray:
    """Units from the top of the picture."""
    from workbench.analysis import ordering

    if order == ACTIVITY:
        return ordering.by_activity(values)
    if order == SIMILARITY:
        return ordering.by_similarity(values)
    return ordering.by_step(values, min(step, len(values) - 1))
