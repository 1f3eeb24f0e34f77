"""Earlier runs behind the loss of this one."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from workbench.engine.history import History
from workbench.paths import runs_folder
from workbench.runs import RunFolder, RunInfo, list_runs
from workbench.views.theme import font

if TYPE_CHECKING:
    from workbench.app.session import Session
    from workbench.views.plots.loss import LossChart


class EarlierRuns(QObject):
    """A button in the title row of the loss chart: which runs are drawn behind it."""

    def __init__(self, session: "Session", chart: "LossChart", parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._chart = session, chart
        self._histories: dict[str, tuple[str, History]] = {}
        self.button = QToolButton(chart)
        self.button.setObjectName("earlier_runs")
        self.button.setText(self.tr("earlier runs"))
        self.button.setToolTip(self.tr("Draw the curves of earlier runs behind this one"))
        self.button.setAccessibleName(self.tr("Earlier runs"))
        self.button.setFont(font("small"))
        self.button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = QMenu(self.button)
        self._menu.setObjectName("earlier_runs_menu")
        self.button.setMenu(self._menu)
        chart.add_control(self.button)
        session.runs_changed.connect(self.look)
        session.run_changed.connect(self.look)

    def look(self, _run: object = None) -> None:
        """Look for runs, behind the window."""
        root = runs_folder()
        self._session.run_in_background(
            lambda _cancelled: list_runs(root), self._offer, self._session.report
        )

    def _offer(self, runs: list[RunInfo]) -> None:
        self._menu.clear()
        shown = self._session.run.id if self._session.run is not None else ""
        task = self._session.experiment.task.value
        others = [info for info in runs if info.id != shown and info.task == task and info.epoch]
        for info in others:
            action = self._menu.addAction(f"{info.name} · {info.model}".replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(info.id in self._histories)
            action.setData(info)
            action.setToolTip(str(info.folder))
            action.triggered.connect(self._toggled)
        if not others:
            self._menu.addAction(self.tr("There is no earlier run of this task")).setEnabled(False)
        there = {info.id for info in others}
        if not self._histories.keys() <= there:
            self._histories = {key: kept for key, kept in self._histories.items() if key in there}
            self._draw()

    def _toggled(self, checked: bool) -> None:
        action = self.sender()
        if not isinstance(action, QAction):
            return
        info: RunInfo = action.data()
        if not checked:
            self._histories.pop(info.id, None)
            self._draw()
            return
        self._session.run_in_background(
            lambda _cancelled: (info, History.load(RunFolder(info.folder))),
            self._loaded,
            self._session.report,
        )

    def _loaded(self, answer: tuple[RunInfo, History]) -> None:
        info, history = answer
        self._histories[info.id] = (info.name, history)
        self._draw()

    def _draw(self) -> None:
        self._chart.set_background_runs(list(self._histories.values()))
