"""The Look page: inside the network, large: states and gates of the probe, and one unit's line."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from workbench.app.selection import Selection
from workbench.views.open_dialog import ask_for_data
from workbench.views.pages.probe_panel import ProbePanel
from workbench.views.pages.unit_chart import UnitChart
from workbench.views.quantities import layer_words
from workbench.views.splitter import HairlineSplitter
from workbench.views.theme import SPACING

if TYPE_CHECKING:
    from workbench.app.session import Session

Ready = tuple[bool, str, str, Callable[[], None] | None]


class LookPage(QWidget):
    """The probe's states over the whole page; a click on a row shows that unit's line."""

    station = "look"

    def __init__(self, session: "Session", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("look_page")
        self.setAccessibleName(self.tr("Look"))
        self._session = session
        self.words = QLabel()
        self.words.setObjectName("look_words")
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setProperty("role", "muted")
        self.words.setWordWrap(True)
        self.probe = ProbePanel(session, "look_probe")
        self.unit = UnitChart(self.tr("One unit"), self, "unit_chart")
        self.splitter = HairlineSplitter(Qt.Orientation.Vertical, "look_splitter")
        self.splitter.addWidget(self.probe)
        self.splitter.addWidget(self.unit)
        self.splitter.setSizes([520, 200])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACING, SPACING, SPACING, SPACING)
        layout.setSpacing(SPACING)
        layout.addWidget(self.words)
        layout.addWidget(self.splitter, 1)
        self.probe.shown_changed.connect(self._show_unit)
        self.unit.step_hovered.connect(self._hover)
        session.selection_changed.connect(self._follow)
        session.history_changed.connect(self._history_changed)

    # ------------------------------------------------------------------ the page in the window

    def ready(self) -> Ready:
        """It needs a run that has traced its probe."""
        session = self._session
        if session.history.probes or session.training.active:
            return True, "", "", None
        if session.experiment.data.path:
            why = self.tr(
                "There is no run to look into yet. Train one: the states of its probe appear "
                "after a few steps, and they stay to be looked at when it has ended."
            )
            return False, why, self.tr("Train"), session.start_training
        why = self.tr("There is no run to look into yet: open a CSV or a text, then train.")
        return False, why, self.tr("Open data…"), self._open

    def settings_panel(self) -> None:
        """What is looked at is chosen in the pictures themselves."""
        return

    def _open(self) -> None:
        ask_for_data(self, self._session)

    # ------------------------------------------------------------------ following

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while nobody looked."""
        super().showEvent(event)
        self.refresh()

    def _history_changed(self, _history: object) -> None:
        if self.isVisible():
            self.refresh()

    def refresh(self) -> None:
        """Show the run as it is now."""
        history = self._session.history
        self.probe.set_history(history if history.probes else None)
        self._say()

    def _say(self) -> None:
        unit = self._session.selection.unit
        words = (
            self.tr("Click a row to follow that unit; the slider replays how it learned.")
            if unit < 0
            else self.tr("Unit {0}: its line is below. Click another row to follow that one.")
            .format(unit)
        )  # fmt: skip
        if words != self.words.text():
            self.words.setText(words)

    def _follow(self, selection: Selection) -> None:
        self.unit.set_crosshair(selection.step)
        self._show_unit()

    def _show_unit(self) -> None:
        self._say()
        shown, unit = self.probe.shown, self._session.selection.unit
        values = self.probe.values
        heatmap = self.probe.heatmap
        self.unit.align(heatmap.canvas.left.width(), heatmap.bar.width())
        if shown is None or not 0 <= unit < values.shape[-1]:
            self.unit.set_empty(
                self.tr("Click a row of the picture above: that unit is drawn here.")
            )
            return
        scale = self.probe.heatmap.scale
        low = 0.0 if shown.kind == "gate" else scale.low
        place = layer_words(shown.layer, shown.direction, both_ways=bool(shown.direction))
        title = self.tr("Unit {0} · {1} · {2}").format(unit, shown.words, place.lower())
        self.unit.set_unit(values[:, unit], self.probe.labels, title, (low, scale.high))
        self.unit.set_crosshair(self._session.selection.step)

    def _hover(self, step: int) -> None:
        self._session.select(step=step)
