"""Saturation: how often each gate is open and shut, and what each unit does with its state."""

import numpy as np
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from workbench.app.looking import Look, Looking
from workbench.app.selection import Selection
from workbench.data.findings import Watch
from workbench.views.look.rows_table import Column, RowsTable
from workbench.views.look.survey_bar import SurveyBar
from workbench.views.look.view import LookView, place_number, place_words
from workbench.views.numbers import share
from workbench.views.plots.scatter import Group, Scatter
from workbench.views.quantities import quantity_words
from workbench.views.splitter import HairlineSplitter
from workbench.views.theme import SPACING

_JITTER = 0.012
_DIAGONAL = np.array([0.0, 1.0])

LABELS = {
    "integrator": QCoreApplication.translate("Saturation", "integrator"),
    "pass-through": QCoreApplication.translate("Saturation", "pass-through"),
    "dead": QCoreApplication.translate("Saturation", "dead"),
    "stuck open": QCoreApplication.translate("Saturation", "stuck open"),
    "stuck shut": QCoreApplication.translate("Saturation", "stuck shut"),
    "": "",
}


class SaturationView(LookView):
    """One scatter per gate, colour by layer; and a table of units."""

    key = "saturation"

    def __init__(self, looking: Looking, parent: QWidget | None = None) -> None:
        super().__init__(looking, parent)
        self.survey = SurveyBar(self, self._ask)
        self.panels: dict[str, Scatter] = {}
        self._found: list[object] = []
        self._points: dict[str, list[tuple[int, int]]] = {}
        self._memory: list[object] = []
        self._grid_widget = QWidget()
        self._grid = QGridLayout(self._grid_widget)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(SPACING)
        self.table = RowsTable(
            (
                Column(self.tr("unit"), self.tr("Number of the unit in its layer")),
                Column(self.tr("layer"), self.tr("1 is next to the input")),
                Column(self.tr("mean"), self.tr("Mean of that gate, 0…1")),
                Column(self.tr("shut %"), self.tr("Share of steps in which it is below 0.1")),
                Column(self.tr("open %"), self.tr("Share of steps in which it is above 0.9")),
                Column(
                    self.tr("half-life"),
                    self.tr("Steps after which half of the state is left, by the gate's mean"),
                ),
                Column(self.tr("label"), self.tr("What the unit does with its state")),
            ),
            "look_saturation_units",
            self.tr("Units by what their keeping gate does"),
        )
        self.table.row_chosen.connect(self._row_chosen)
        self.table.failed.connect(self.session.report)
        parts = HairlineSplitter(Qt.Orientation.Horizontal, "look_saturation_parts")
        parts.addWidget(self._grid_widget)
        parts.addWidget(self.table)
        parts.setSizes([540, 460])
        self.body.addWidget(self.survey)
        self.body.addWidget(parts, 1)

    def refresh(self) -> None:
        """Count over what is read now."""
        self.survey.begin()

    def _ask(self) -> None:
        """Count over the chosen stretch."""
        length = self.survey.length

        def count(look: Look, watch: Watch) -> object:
            from workbench.analysis.saturation import gate_saturation, unit_memory

            rows = self.survey.rows(look, length, watch)
            return gate_saturation(rows), unit_memory(rows)

        self.compute(self.tr("Counting open and shut gates"), count, self._show)

    def _show(self, found: tuple[list[object], list[object]]) -> None:
        look = self.look
        assert look is not None
        self._found, self._memory = found
        if not self._found:
            self.cannot(
                self.tr("A plain RNN has no gates: choose an LSTM or a GRU to see them saturate.")
            )
            return
        gates = list(dict.fromkeys(item.key.quantity for item in self._found))
        for name in [name for name in self.panels if name not in gates]:
            self.panels.pop(name).deleteLater()
        for place, name in enumerate(gates):
            panel = self.panels.get(name) or self._make_panel(name)
            self._grid.addWidget(panel, place // 2, place % 2)
            self._grid.setRowStretch(place // 2, 1)
            self._grid.setColumnStretch(place % 2, 1)
            self._fill(panel, name, look)
        self.table.set_rows(
            [
                (
                    item.unit, place_number(look, item.layer, item.direction),
                    item.mean, 100 * item.shut, 100 * item.open,
                    item.half_life, LABELS[item.label],
                )
                for item in self._memory
            ]
        )  # fmt: skip
        self.follow(self.session.selection)

    def _make_panel(self, name: str) -> Scatter:
        panel = Scatter(quantity_words(name), self._grid_widget, f"look_saturation_{name}")
        panel.set_titles(self.tr("share of steps above 0.9"), self.tr("share below 0.1"))
        panel.set_line(_DIAGONAL, 1 - _DIAGONAL)
        panel.point_clicked.connect(
            lambda group, point, name=name: self._point_clicked(name, group, point)
        )
        self.panels[name] = panel
        return panel

    def _fill(self, panel: Scatter, name: str, look: Look) -> None:
        groups = []
        generator = np.random.default_rng(0)  # ties at the corners lie beside each other
        for item in self._found:
            if item.key.quantity != name:
                continue
            units = len(item.open)
            jitter = generator.uniform(-_JITTER, _JITTER, (2, units))
            names = [
                self.tr("unit {0} · open {1} · shut {2}").format(
                    unit, share(float(item.open[unit])), share(float(item.shut[unit]))
                )
                for unit in range(units)
            ]
            words = place_words(look, item.key.layer, item.key.direction)
            groups.append(Group(words, item.open + jitter[0], item.shut + jitter[1], names))
        panel.set_groups(groups, ((-0.04, 1.04), (-0.04, 1.04)))

    # ------------------------------------------------------------------ the one selection

    def _keys(self, name: str) -> list[tuple[int, int]]:
        return [
            (item.key.layer, item.key.direction)
            for item in self._found
            if item.key.quantity == name
        ]

    def _point_clicked(self, name: str, group: int, point: int) -> None:
        layer, direction = self._keys(name)[group]
        self.select(layer=layer, direction=direction, unit=point, quantity=name)

    def _row_chosen(self, row: int) -> None:
        item = self._memory[row]
        self.select(layer=item.layer, direction=item.direction, unit=item.unit, quantity=item.gate)

    def follow(self, selection: Selection) -> None:
        """Ring the selected unit everywhere."""
        place = (selection.layer, selection.direction)
        for name, panel in self.panels.items():
            keys = self._keys(name)
            group = keys.index(place) if place in keys else -1
            panel.choose(group, selection.unit if group >= 0 else -1)
        rows = [(item.layer, item.direction, item.unit) for item in self._memory]
        wanted = (*place, selection.unit)
        self.table.choose(rows.index(wanted) if wanted in rows else -1)
