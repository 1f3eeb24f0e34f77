"""Response: how symbols move units, both ways, and groups of both."""

from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSpinBox, QWidget

from workbench.app.looking import Look, Looking
from workbench.app.selection import Selection
from workbench.data.findings import Watch
from workbench.views.look.choosers import PlaceChooser, combo
from workbench.views.look.survey_bar import SurveyBar
from workbench.views.look.view import LookView
from workbench.views.numbers import one_symbol
from workbench.views.plots.boxes import Boxes
from workbench.views.plots.heatmap import Heatmap
from workbench.views.plots.lines import Line, Lines
from workbench.views.splitter import HairlineSplitter
from workbench.views.theme import inset

_LISTED = 8


class ResponseView(LookView):
    """Boxes of the selected unit over symbols, of a symbol over units, and co-clusters."""

    key = "response"

    def __init__(self, looking: Looking, parent: QWidget | None = None) -> None:
        super().__init__(looking, parent)
        self._response: Any = None
        self._groups: Any = None
        self._names: list[str] = []
        self._place: tuple[object, ...] = ()
        self.place = PlaceChooser(self.session, "look_response_place", quantities=True)
        self.clusters = QSpinBox()
        self.clusters.setObjectName("look_response_clusters")
        self.clusters.setAccessibleName(self.tr("Groups"))
        self.clusters.setRange(2, 20)
        self.clusters.setValue(8)
        self.clusters.setSuffix(self.tr(" groups"))
        inset(self.clusters)
        self.clusters.valueChanged.connect(self._ask)
        self.survey = SurveyBar(self, self._ask)
        head = QHBoxLayout()
        for part in (self.place, self.clusters, self.survey):
            head.addWidget(part)
        head.addStretch(1)
        self.unit = Boxes(self.tr("Unit"), self, "look_response_unit")
        self.unit.set_titles(self.tr("symbol"), self.tr("change of the unit"))
        self.unit.box_clicked.connect(self._symbol_clicked)
        self.symbol_box = combo("look_response_symbol", self.tr("Symbol"))
        self.symbol_box.activated.connect(self._draw_symbol)
        self.symbol = Lines(self.tr("Symbol"), self, "look_response_symbol_lines")
        self.symbol.set_titles(self.tr("units, lowest mean first"), self.tr("change"))
        self.symbol.add_control(self.symbol_box)
        self.symbol.clicked.connect(self._unit_clicked)
        self.groups = Heatmap(self.tr("Groups"), self, "look_response_groups")
        self.groups.set_titles(self.tr("group of symbols"), self.tr("group of units"))
        self.groups.set_words(self.tr("units of group {0}"), self.tr("symbols of group {0}"))
        self.groups.clicked.connect(self._group_clicked)
        left = HairlineSplitter(Qt.Orientation.Vertical, "look_response_left")
        left.addWidget(self.unit)
        left.addWidget(self.symbol)
        parts = HairlineSplitter(Qt.Orientation.Horizontal, "look_response_parts")
        parts.addWidget(left)
        parts.addWidget(self.groups)
        parts.setSizes([560, 420])
        self.body.addLayout(head)
        self.body.addWidget(parts, 1)

    def refresh(self) -> None:
        """Measure other weights."""
        look = self.look
        assert look is not None
        self._response = None
        if not look.writes:
            self.cannot(
                self.tr(
                    "Responses are counted by symbol; this run reads numbers. Look at Tracks: it "
                    "tells which units follow a column or a date."
                )
            )
            return
        self.place.set_look(look)
        self.survey.begin()

    def _ask(self, *_: object) -> None:
        look = self.look
        if look is None or not look.writes:
            return
        place, name, size = self.place.place, self.place.quantity, self.clusters.value()
        self._place = (*place, name)
        length = self.survey.length

        def measure(look: Look, watch: Watch) -> object:
            from workbench.analysis.response import co_clusters, expected_response
            from workbench.models.replay import Key

            survey = self.survey.rows(look, length, watch)
            symbols = look.symbols if survey.symbols is None else survey.symbols
            response = expected_response(survey.rows(Key(*place, name)), symbols, watch)
            return response, co_clusters(response, size)

        self.compute(self.tr("Measuring how symbols move units"), measure, self._show)

    def _show(self, answer: tuple[Any, Any]) -> None:
        look = self.look
        assert look is not None
        self._response, self._groups = answer
        pieces = look.task.vocabulary.pieces
        self._names = [
            one_symbol(next(pieces([symbol]), "")) for symbol in self._response.symbols.tolist()
        ]
        chosen = self.symbol_box.currentText()
        self.symbol_box.clear()
        self.symbol_box.addItems(self._names)
        self.symbol_box.setCurrentIndex(max(self.symbol_box.findText(chosen), 0))
        names = [
            " ".join(self._names[place] for place in np.flatnonzero(self._groups.symbols == group))
            for group in range(len(self._groups.links))
        ]
        short = [
            name if len(name) <= 2 * _LISTED else name[: 2 * _LISTED - 1] + "…" for name in names
        ]
        limit = float(np.abs(self._groups.links).max()) or 1.0
        self.groups.set_data(self._groups.links.T, short, "signed", limit=limit)
        self._draw_symbol()
        self._draw_unit()

    def _draw_unit(self) -> None:
        response, unit = self._response, self.session.selection.unit
        if response is None:
            return
        if not 0 <= unit < response.mean.shape[1]:
            self.unit.set_empty(self.tr("Choose a unit in any picture."))
            return
        places = response.of_unit(unit)
        self.unit.set_title(self.tr("Unit {0}: symbols that lower and raise it").format(unit))
        self.unit.set_boxes(
            [self._names[place] for place in places],
            response.mean[places, unit],
            response.quantiles[:, places, unit],
        )

    def _draw_symbol(self, *_: object) -> None:
        response, place = self._response, self.symbol_box.currentIndex()
        if response is None or place < 0:
            return
        order = response.of_symbol(place)
        x = np.arange(len(order))
        low, first, third, high = (part[place, order] for part in response.quantiles)
        self.symbol.set_title(self.tr("Symbol {0}: every unit").format(self._names[place]))
        self.symbol.set_lines(
            [
                Line("", x, response.mean[place, order], low, high),
                Line(self.tr("mean"), x, response.mean[place, order], first, third),
            ]
        )
        at = np.flatnonzero(order == self.session.selection.unit)
        self.symbol.set_cross(float(at[0]) if len(at) else None)

    # ------------------------------------------------------------------ pointing

    def _symbol_clicked(self, box: int) -> None:
        places = self._response.of_unit(self.session.selection.unit)
        self.symbol_box.setCurrentIndex(int(places[box]))
        self._draw_symbol()

    def _unit_clicked(self, x: float) -> None:
        place = self.symbol_box.currentIndex()
        if self._response is None or place < 0:
            return
        order = self._response.of_symbol(place)
        self.select(unit=int(order[min(max(round(x), 0), len(order) - 1)]))

    def _group_clicked(self, units: int, symbols: int) -> None:
        """The unit of the group that answers most to the group of symbols."""
        rows = self._groups.symbols == symbols
        columns = np.flatnonzero(self._groups.units == units)
        if len(columns) and rows.any():
            strong = np.abs(self._response.mean[rows][:, columns].mean(axis=0))
            self.select(unit=int(columns[strong.argmax()]))

    def follow(self, selection: Selection) -> None:
        """Draw the selected unit; another layer or quantity is measured anew."""
        del selection
        if self._response is None:
            return
        if self._place != (*self.place.place, self.place.quantity):
            self._ask()
            return
        self._draw_unit()
        self._draw_symbol()
