"""The states of the pinned probe, units × time, at any moment of the run."""

from collections import OrderedDict
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from workbench.app.latest_work import LatestWork
from workbench.app.selection import Selection
from workbench.engine.history import load_probe
from workbench.views.numbers import grouped
from workbench.views.plots.heatmap import Heatmap
from workbench.views.quantities import Quantity, layer_words, parse
from workbench.views.theme import SPACING, font, icon

if TYPE_CHECKING:
    from workbench.app.session import Session
    from workbench.engine.events import ProbeTraced
    from workbench.engine.history import History

_MOST_KEPT = 48
"""Moments whose arrays are kept in memory while the slider moves."""


class ProbePanel(QWidget):
    """Heatmap of one quantity of the probe, with the choice of quantity and a slider over the run.

    While it follows the run, the newest trace is shown; moving the slider stops following.

    Attributes:
        shown_changed: Another array is shown; ``values`` and ``labels`` are those.
    """

    shown_changed = Signal()

    def __init__(self, session: "Session", name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._session = session
        self._history: History | None = None
        self._kept: OrderedDict[tuple[int, int], dict[str, np.ndarray]] = OrderedDict()
        self._arrays: dict[str, np.ndarray] = {}
        self._choices: list[Quantity] = []
        self._limits: dict[str, float] = {}
        self._wanted: tuple[int, int] | None = None
        self._drawn: tuple[str, tuple[int, int] | None] = ("", None)
        self._pointing = False
        self._work = LatestWork(session, self)
        self._work.done.connect(self._loaded)
        self._work.failed.connect(session.report)
        self.labels: tuple[str, ...] = ()
        self.heatmap = Heatmap(self.tr("Hidden state of the probe"), self, f"{name}_heatmap")
        self.heatmap.set_titles("", self.tr("unit"))
        self._build(name)
        self.heatmap.clicked.connect(self._clicked)
        self.heatmap.value_hovered.connect(self._hovered)
        session.selection_changed.connect(self._follow_selection)
        self.set_history(None)

    def _build(self, name: str) -> None:
        self.layer_box = self._combo(f"{name}_layer", self.tr("Layer"))
        self.quantity_box = self._combo(f"{name}_quantity", self.tr("Quantity"))
        self.layer_box.activated.connect(self._choose)
        self.quantity_box.activated.connect(self._choose)
        self.live_button = QToolButton(self)
        self.live_button.setObjectName(f"{name}_live")
        self.live_button.setText(self.tr("Newest"))
        self.live_button.setIcon(icon("skip-forward"))
        self.live_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.live_button.setToolTip(self.tr("Follow the run: always show the newest states"))
        self.live_button.setAccessibleName(self.tr("Follow the run"))
        self.live_button.setFont(font("small"))
        self.live_button.setCheckable(True)
        self.live_button.setChecked(True)
        self.live_button.toggled.connect(self._live_toggled)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setObjectName(f"{name}_slider")
        self.slider.setAccessibleName(self.tr("Moment of the run"))
        self.slider.setToolTip(self.tr("Replay how the states changed while it learned"))
        self.slider.valueChanged.connect(self._moved)
        self.moment = QLabel()
        self.moment.setObjectName(f"{name}_moment")
        self.moment.setProperty("role", "small")
        self.moment.setMinimumWidth(26 * SPACING)
        tip = self.tr("Look inside: the chosen unit's own page and every other picture")
        self.inside = self.heatmap.add_toggle("inside", self.tr("look inside"), tip, lambda _: None)
        self.inside.setCheckable(False)
        self.inside.clicked.connect(lambda: self._session.arrived.emit("look"))
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACING)
        self.live_button.setMaximumHeight(3 * SPACING)
        row.addWidget(self.live_button)
        row.addWidget(self.slider, 1)
        row.addWidget(self.moment)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACING // 2)
        layout.addWidget(self.heatmap, 1)
        layout.addLayout(row)

    def _combo(self, name: str, words: str) -> QComboBox:
        box = QComboBox(self)
        box.setObjectName(name)
        box.setAccessibleName(words)
        box.setToolTip(words)
        box.setFont(font("small"))
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.heatmap.add_control(box)
        return box

    # ------------------------------------------------------------------ which moment

    def set_history(self, history: "History | None") -> None:
        """Show a run; called again whenever it grew."""
        if history is not self._history:
            self._history = history
            self._kept.clear()
            self._limits.clear()
            self._arrays, self._wanted = {}, None
            self.live_button.setChecked(True)
        count = len(history.probes) if history is not None else 0
        for part in (self.slider, self.live_button, self.moment):
            part.setVisible(count > 0)
        for box in (self.layer_box, self.quantity_box):
            box.setVisible(bool(count))
        if not count:
            self.heatmap.set_empty(
                self.tr("Press Train: the states of the probe are drawn here, units × time.")
            )
            return
        self.slider.blockSignals(True)
        self.slider.setRange(0, count - 1)
        if self.live_button.isChecked():
            self.slider.setValue(count - 1)
        self.slider.blockSignals(False)
        self._show_moment()

    def _live_toggled(self, live: bool) -> None:
        if live:
            self.slider.setValue(self.slider.maximum())
            self._show_moment()

    def _moved(self, number: int) -> None:
        if number != self.slider.maximum():
            self.live_button.setChecked(False)
        self._show_moment()

    def _show_moment(self) -> None:
        """Show the trace under the slider, read from its file where it is not at hand."""
        history, number = self._history, self.slider.value()
        if history is None or number >= len(history.probes):
            return
        probe = history.probes[number]
        self._describe(number, probe)
        key = (number, probe.step)
        if key == self._wanted:
            return
        self._wanted = key
        if probe.quantities:
            self._keep(key, probe.quantities)
            self._take(probe.quantities)
        elif key in self._kept:
            self._kept.move_to_end(key)
            self._take(self._kept[key])
        elif probe.file and self._session.run is not None:
            folder, file = self._session.run.path, probe.file
            self._work.ask(lambda _cancelled: (key, load_probe(folder, file)))

    def _loaded(self, answer: tuple[tuple[int, int], dict[str, np.ndarray]]) -> None:
        key, arrays = answer
        self._keep(key, arrays)
        if key == self._wanted:
            self._take(arrays)

    def _keep(self, key: tuple[int, int], arrays: dict[str, np.ndarray]) -> None:
        self._kept[key] = arrays
        while len(self._kept) > _MOST_KEPT:
            self._kept.popitem(last=False)

    def _describe(self, number: int, probe: "ProbeTraced") -> None:
        words = self.tr("step {0} · {1} of {2}").format(
            grouped(probe.step), number + 1, self.slider.maximum() + 1
        )
        if words != self.moment.text():
            self.moment.setText(words)

    # ------------------------------------------------------------------ which quantity

    def _take(self, arrays: dict[str, np.ndarray]) -> None:
        if list(arrays) != list(self._arrays):
            self._choices = parse(list(arrays))
            self._fill_boxes()
        self._arrays = arrays
        self._draw()

    def _fill_boxes(self) -> None:
        both = any(item.direction for item in self._choices)
        places = list(dict.fromkeys((item.layer, item.direction) for item in self._choices))
        self.layer_box.clear()
        for layer, direction in places:
            words = layer_words(layer, direction, both_ways=both)
            self.layer_box.addItem(words, _place(layer, direction))
        self.quantity_box.clear()
        for item in dict.fromkeys((item.name, item.words) for item in self._choices):
            self.quantity_box.addItem(item[1], item[0])
        self._follow_selection(self._session.selection)

    @property
    def shown(self) -> Quantity | None:
        """The quantity that is shown, or None."""
        selection = self._session.selection
        wanted = (selection.layer, selection.direction, selection.quantity)
        for item in self._choices:
            if (item.layer, item.direction, item.name) == wanted:
                return item
        return self._choices[0] if self._choices else None

    @property
    def values(self) -> np.ndarray:
        """What is shown, ``(T, H)``; empty where there is nothing."""
        shown = self.shown
        return np.empty((0, 0)) if shown is None else self._arrays[shown.label]

    def _draw(self) -> None:
        shown = self.shown
        history = self._history
        if shown is None or history is None or shown.label not in self._arrays:
            return
        values = self._arrays[shown.label]
        self._drawn = (shown.label, self._wanted)
        self.labels = history.probes[min(self.slider.value(), len(history.probes) - 1)].labels
        limit = self._limit(shown, values) if shown.kind == "signed" else None
        both = any(item.direction for item in self._choices)
        place = layer_words(shown.layer, shown.direction, both_ways=both)
        title = self.tr("{0} of the probe · {1}").format(shown.words, place.lower())
        self.heatmap.set_data(values.T, self.labels, shown.kind, title, limit=limit)
        self.heatmap.mark_unit(self._session.selection.unit)
        if self.heatmap.crosshair() == (-1, -1):
            self.heatmap.set_crosshair(-1, self._session.selection.step)
        self.shown_changed.emit()

    def _limit(self, shown: Quantity, values: np.ndarray) -> float:
        """A range that holds the whole run: a power of two, never smaller than it was."""
        largest = float(np.abs(values, dtype=np.float32).max(initial=0.0))
        limit = self._limits.get(shown.label, 1.0)
        while np.isfinite(largest) and limit < largest:
            limit *= 2
        self._limits[shown.label] = limit
        return limit

    # ------------------------------------------------------------------ the one selection

    def _choose(self, _index: int) -> None:
        layer, direction = (int(part) for part in self.layer_box.currentData().split("/"))
        self._session.select(
            layer=layer, direction=direction, quantity=self.quantity_box.currentData()
        )

    def _clicked(self, unit: int, step: int) -> None:
        self._point(unit=unit, step=step)

    def _hovered(self, _unit: int, step: int) -> None:
        self._point(step=step)

    def _point(self, **changes: int) -> None:
        """Tell what is pointed at; this picture has its crosshair there already."""
        self._pointing = True
        self._session.select(**changes)
        self._pointing = False

    def _follow_selection(self, selection: Selection) -> None:
        shown = self.shown
        if shown is not None:
            place = _place(shown.layer, shown.direction)
            self.layer_box.setCurrentIndex(self.layer_box.findData(place))
            self.quantity_box.setCurrentIndex(self.quantity_box.findData(shown.name))
            self._draw_if_other(shown)
        self.heatmap.mark_unit(selection.unit)
        if not self._pointing:
            self.heatmap.set_crosshair(-1, selection.step)

    def _draw_if_other(self, shown: Quantity) -> None:
        """Draw where the selection means another array than the one on the screen."""
        key = (shown.label, self._wanted)
        if self._arrays and key != self._drawn:
            self._draw()


def _place(layer: int, direction: int) -> str:
    """A layer's key in the combo box: Qt finds text, but no tuples."""
    return f"{layer}/{direction}"
