"""The time axis in detail: every gap and every repeated date, and what is done about them."""

from dataclasses import dataclass
from typing import Any

import pandas as pd
from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHeaderView,
    QLabel,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from workbench.data.time_axis import LISTED, REPAIRS, TimeReport, date_text
from workbench.specs import TimeSpec
from workbench.views.numbers import grouped
from workbench.views.pages.data_display import one_line
from workbench.views.theme import SPACING

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class Fault:
    """A gap or a repeated date.

    Attributes:
        kind: ``gap`` or ``repeat``.
        start: The last date before the gap, or the repeated date.
        end: The first date after the gap, or the repeated date.
        count: Missing steps, or rows with that date.
        series: Name of the series.
    """

    kind: str
    start: pd.Timestamp
    end: pd.Timestamp
    count: int
    series: str


def faults_of(report: TimeReport | None) -> list[Fault]:
    """All listed gaps and repeats in order of date."""
    if report is None:
        return []
    gaps = [Fault("gap", item.start, item.end, item.missing, item.series) for item in report.gaps]
    repeats = [
        Fault("repeat", item.date, item.date, item.count, item.series) for item in report.duplicates
    ]
    return sorted((*gaps, *repeats), key=lambda item: (item.series, item.start))


class FaultsModel(QAbstractTableModel):
    """Gaps and repeated dates, one a row."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._faults: list[Fault] = []
        self._titles = (
            self.tr("What"),
            self.tr("From"),
            self.tr("To"),
            self.tr("How many"),
            self.tr("Series"),
        )

    def set_report(self, report: TimeReport | None) -> None:
        """Show the faults of another time axis; the same ones stay where they are."""
        faults = faults_of(report)
        if faults == self._faults:
            return
        self.beginResetModel()
        self._faults = faults
        self.endResetModel()

    def fault(self, row: int) -> Fault:
        """The gap or repeat in a row."""
        return self._faults[row]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own signature)
        """Faults on show."""
        return 0 if parent.isValid() else len(self._faults)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own signature)
        """Sections on show."""
        return 0 if parent.isValid() else len(self._titles)

    def _text(self, fault: Fault, column: int) -> str:
        if column == 0:
            return self.tr("Gap") if fault.kind == "gap" else self.tr("Repeated date")
        if column in (1, 2):
            return date_text(fault.start if column == 1 else fault.end)
        if column == 4:
            return one_line(fault.series)
        if fault.kind == "gap":
            steps = self.tr("1 step missing") if fault.count == 1 else self.tr("%1 steps missing")
            return steps.replace("%1", grouped(fault.count))
        return self.tr("%1 rows").replace("%1", grouped(fault.count))

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell shows and says."""
        if index.isValid() and role == Qt.ItemDataRole.DisplayRole:
            return self._text(self._faults[index.row()], index.column())
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Titles of the sections."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self._titles):
            return None
        return self._titles[section] if role == Qt.ItemDataRole.DisplayRole else None


class DatesPanel(QWidget):
    """What is done about repeated and missing dates, above the list of them."""

    edit_requested = Signal(str, object)
    """Dotted name and value."""
    place_requested = Signal(object)
    """The fault that was chosen in the list."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("dates_panel")
        self.model = FaultsModel(self)
        self.summary = QLabel()
        self.summary.setObjectName("dates_summary")
        self.summary.setTextFormat(Qt.TextFormat.PlainText)
        self.summary.setWordWrap(True)
        self.duplicates = self._chooser("duplicates", self.tr("Repeated dates"))
        self.gaps = self._chooser("gaps", self.tr("Missing dates"))
        choices = QGridLayout()
        choices.setHorizontalSpacing(SPACING)
        for place, (title, box) in enumerate(
            ((self.tr("Repeated dates"), self.duplicates), (self.tr("Missing dates"), self.gaps))
        ):
            label = QLabel(title)
            label.setBuddy(box)
            choices.addWidget(label, 0, 2 * place)
            choices.addWidget(box, 0, 2 * place + 1)
        choices.setColumnStretch(4, 1)
        self.table = self._make_table()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, SPACING, 0, 0)
        layout.setSpacing(SPACING)
        layout.addWidget(self.summary)
        layout.addLayout(choices)
        layout.addWidget(self.table, 1)

    def _chooser(self, field: str, title: str) -> QComboBox:
        box = QComboBox()
        box.setObjectName(f"dates_{field}")
        box.setAccessibleName(title)
        for repair in REPAIRS[field]:
            dotted, _, value = repair.assignment.partition("=")
            box.addItem(repair.label, (dotted, value))
        box.activated.connect(self._chosen)
        return box

    def _make_table(self) -> QTableView:
        table = QTableView()
        table.setObjectName("dates_table")
        table.setAccessibleName(self.tr("Gaps and repeated dates"))
        table.setModel(self.model)
        table.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        table.setTabKeyNavigation(False)
        table.setShowGrid(False)
        table.verticalHeader().hide()
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        table.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + SPACING)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setStretchLastSection(True)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        width = self.fontMetrics().averageCharWidth()
        for section, letters in enumerate((19, 20, 20, 20)):
            table.setColumnWidth(section, letters * width)
        table.selectionModel().currentRowChanged.connect(self._show_place)
        return table

    def set_report(self, report: TimeReport | None, time: TimeSpec) -> None:
        """Show a time axis and what was chosen for its faults."""
        self.model.set_report(report)
        several = report is not None and len(report.series) > 1
        self.table.setColumnHidden(4, not several)
        for box, value in ((self.duplicates, time.duplicates), (self.gaps, time.gaps)):
            box.setEnabled(report is not None)
            for place in range(box.count()):
                if box.itemData(place)[1] == value:
                    box.setCurrentIndex(place)
        self.summary.setText(self._summary(report))

    def _summary(self, report: TimeReport | None) -> str:
        if report is None:
            return self.tr(
                "No column is a date, so rows are numbered. Give one the role Date in Columns."
            )
        if not report.gaps and not report.duplicates:
            return self.tr("No step is missing and no date stands twice.")
        parts = []
        if report.gaps:
            text = self.tr("%1 missing steps in %2 gaps")
            more = "+" if len(report.gaps) >= LISTED else ""
            text = text.replace("%1", grouped(report.missing_steps))
            parts.append(text.replace("%2", grouped(len(report.gaps)) + more))
        if report.duplicates:
            text = self.tr("%1 rows repeat a date")
            parts.append(text.replace("%1", grouped(report.duplicate_rows)))
        return "; ".join(parts)

    @Slot()
    def _chosen(self) -> None:
        box = self.sender()
        assert isinstance(box, QComboBox)
        dotted, value = box.currentData()
        self.edit_requested.emit(dotted, value)

    @Slot(QModelIndex, QModelIndex)
    def _show_place(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if current.isValid():
            self.place_requested.emit(self.model.fault(current.row()))
