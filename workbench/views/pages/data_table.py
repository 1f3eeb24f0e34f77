"""The Data page for a table: what was found, the series with its split and windows, the columns."""

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QSplitter, QTabWidget, QVBoxLayout, QWidget

from workbench.app.latest_work import LatestWork
from workbench.data.findings import Finding
from workbench.data.overrule import reread
from workbench.data.roles import column_changes, repair_changes, still_open
from workbench.data.table_overview import TableOverview, describe_columns, look_at_table
from workbench.data.text_overview import count_text
from workbench.experiment import Experiment
from workbench.views.numbers import grouped
from workbench.views.pages.data_chart import ChartPanel
from workbench.views.pages.data_columns import ColumnsPanel
from workbench.views.pages.data_dates import DatesPanel
from workbench.views.pages.data_findings import FindingsPanel
from workbench.views.pages.data_parts import Headline
from workbench.views.pages.data_preview import PreviewTable
from workbench.views.splitter import HairlineSplitter
from workbench.views.theme import SPACING

if TYPE_CHECKING:
    from workbench.app.session import Session
    from workbench.data.encoding import Candidate
    from workbench.data.table import TableSource


class TableView(QWidget):
    """Shows a ``TableSource`` through the session's experiment; every choice is an edit of it."""

    def __init__(self, session: "Session", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("table_view")
        self._session = session
        self._source: TableSource | None = None
        self._overview = TableOverview("")
        self._looked_with: object = None
        self._described_with: object = None
        self._settings: Any = None
        self._look = self._worker(self._show_overview)
        self._describe = self._worker(self._show_facts)
        self._reread = self._worker(self._take_reading)
        self.headline = Headline()
        self.chart = ChartPanel(session)
        self.chart.role_requested.connect(self._edit_role)
        self.findings = FindingsPanel()
        self.findings.repair_requested.connect(self._repair)
        self.preview = PreviewTable()
        self.columns = ColumnsPanel()
        self.columns.edit_requested.connect(self._edit_columns)
        self.dates = DatesPanel()
        self.dates.edit_requested.connect(self._session.edit)
        self.dates.place_requested.connect(self._show_fault)
        self.tabs = QTabWidget()
        self.tabs.setObjectName("table_tabs")
        self.tabs.setAccessibleName(self.tr("Rows, columns and dates of the table"))
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(self.preview, self.tr("Rows"))
        self.tabs.addTab(self.columns, self.tr("Columns"))
        self.tabs.addTab(self.dates, self.tr("Dates"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * SPACING, 2 * SPACING, 2 * SPACING, SPACING)
        layout.setSpacing(SPACING)
        layout.addWidget(self.headline)
        layout.addWidget(self._halves(), 1)

    def _worker(self, done: Any) -> LatestWork:
        work = LatestWork(self._session, self)
        work.done.connect(done)
        work.failed.connect(self._show_failure)
        return work

    def _halves(self) -> QSplitter:
        below = HairlineSplitter(Qt.Orientation.Horizontal, "table_below")
        below.addWidget(self.findings)
        below.addWidget(self.tabs)
        below.setStretchFactor(0, 2)
        below.setStretchFactor(1, 3)
        below.setSizes([330, 560])
        halves = HairlineSplitter(Qt.Orientation.Vertical, "table_halves")
        halves.addWidget(self.chart)
        halves.addWidget(below)
        halves.setStretchFactor(0, 4)
        halves.setStretchFactor(1, 3)
        halves.setSizes([400, 280])
        return halves

    # ------------------------------------------------------------------ what is shown

    def set_source(self, source: "TableSource", experiment: Experiment) -> None:
        """Show a table: its head at once, the rest as it is read."""
        same = self._source is not None and self._source.path == source.path
        self._source = source
        self._looked_with = self._described_with = None
        if not same:
            self._overview = TableOverview("")
            self.chart.clear()
        self.preview.set_frame(source.frame, experiment.data.table.columns or source.columns)
        self.headline.set_sentence(
            f"{count_text(source.rows, 'row')}, {count_text(len(source.frame.columns), 'column')}"
        )
        self.set_experiment(experiment)

    def set_experiment(self, experiment: Experiment) -> None:
        """Follow an edit: what it changes of the overview is computed behind the window."""
        source = self._source
        if source is None:
            return
        table = experiment.data.table
        self.preview.preview.set_columns(table.columns)
        self.columns.set_columns(table.columns)
        self.chart.set_experiment(experiment)
        self._show_reading(experiment)
        key = (table, experiment.data.split, experiment.model.calendar)
        if key != self._looked_with:
            self._looked_with = key
            self._look.ask(partial(look_at_table, experiment, source.frame))
        sentinels = tuple(item.sentinels for item in table.columns)
        if sentinels != self._described_with:
            self._described_with = sentinels
            self._describe.ask(partial(describe_columns, source.frame, table.columns))

    def settings(self) -> QWidget:
        """What the settings dock shows for a table; made when it is first asked for."""
        if self._settings is None:
            from workbench.views.pages.data_settings import TableSettings

            self._settings = TableSettings(self._session)
            self._settings.reading.override_requested.connect(self.overrule)
            self._settings.reading.edit_requested.connect(self._session.edit)
            self._show_reading(self._session.experiment)
        return self._settings

    def _show_reading(self, experiment: Experiment) -> None:
        if self._settings is not None:
            table = experiment.data.table
            self._settings.reading.set_reading(table.reading, table.time, self._encodings())

    def _encodings(self) -> "tuple[Candidate, ...]":
        return () if self._source is None else self._source.encodings

    @Slot(object)
    def _show_facts(self, facts: Any) -> None:
        self.columns.set_facts(facts)

    @Slot(object)
    def _show_overview(self, overview: TableOverview) -> None:
        if self._source is None:
            return
        self._overview = overview
        experiment = self._session.experiment
        self.headline.set_sentence(overview.sentence)
        self.headline.set_problem(overview.problem)
        self.dates.set_report(overview.time, experiment.data.table.time)
        faults = self.dates.model.rowCount()
        words = self.tr("Dates (%1)") if faults else self.tr("Dates")
        self.tabs.setTabText(2, words.replace("%1", grouped(faults)))
        self.findings.set_findings(
            [
                (self.tr("Leakage check"), self._leakage()),
                (
                    self.tr("What was found"),
                    still_open((*self._source.findings, *overview.findings), experiment),
                ),
            ]
        )
        self.chart.set_overview(overview, self._source, experiment)

    def _leakage(self) -> tuple[Finding, ...]:
        if self._overview.leakage or self._overview.prepared is None:
            return self._overview.leakage
        return (
            Finding(
                self.tr("no leak found"),
                "",
                self.tr(
                    "No target among what is known ahead, scalers fitted on the training part "
                    "only, no window across the split, no repeated rows."
                ),
                "good",
            ),
        )

    @Slot(object)
    def _show_failure(self, error: object) -> None:
        self._looked_with = None
        self._session.report(error)

    # ------------------------------------------------------------------ hands

    @Slot(object, str, object)
    def _edit_columns(self, names: tuple[str, ...], field: str, value: object) -> None:
        changes = column_changes(self._session.experiment.data.table, names, field, value)
        if changes:
            self._session.edit_many(changes, self.tr("Change columns"))

    @Slot(str, str)
    def _edit_role(self, name: str, role: str) -> None:
        self._edit_columns((name,), "role", role)

    @Slot(str, str)
    def _repair(self, assignment: str, words: str) -> None:
        changes = repair_changes(self._session.experiment, assignment)
        if changes:
            self._session.edit_many(changes, words)

    @Slot(object)
    def overrule(self, changes: dict[str, Any]) -> None:
        """Read the file another way; the experiment changes when the head could be read so."""
        if self._source is not None:
            table = self._session.experiment.data.table
            self._reread.ask(partial(_reread, self._source.path, table, changes))

    @Slot(object)
    def _take_reading(self, found: "tuple[TableSource, dict[str, Any]]") -> None:
        source, changes = found
        self.preview.set_frame(source.frame, source.columns)
        self._session.edit_many(changes, self.tr("Read the file another way"))

    @Slot(object)
    def _show_fault(self, fault: Any) -> None:
        self.chart.show_time(fault.start, fault.end, fault.series)


def _reread(path: Any, table: Any, changes: dict[str, Any], _cancelled: Any) -> Any:
    return reread(path, table, changes)
