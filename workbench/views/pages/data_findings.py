"""What was found in the data, doubted and mended: one row each, with the repair as a button."""

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from workbench.data.findings import Finding
from workbench.data.time_axis import REPAIRS, Repair
from workbench.views.engine_words import said
from workbench.views.pages.data_display import assignment_text, one_line, plain_tip, visible
from workbench.views.theme import SPACING, icon, theme

SHOWN = 60
"""Rows drawn at once; the rest is counted."""

ICON = 18

_ICONS = {
    "info": ("info", "text_muted"),
    "doubt": ("warning", "warning"),
    "problem": ("x-circle", "bad"),
    "repaired": ("wrench", "good"),
    "good": ("check-circle", "good"),
}
_ORDER = {"problem": 0, "doubt": 1, "repaired": 2, "info": 3}
_CHOICES = {"repeated dates": "duplicates", "missing dates": "gaps"}


def repairs_of(finding: Finding) -> tuple[Repair, ...]:
    """Every repair offered for a finding, the recommended one first.

    For repeated and missing dates all ways are offered, also where one was already chosen.
    """
    offered = REPAIRS.get(_CHOICES.get(finding.subject, ""), ())
    if not offered:
        offered = REPAIRS["order"] if finding.repair == REPAIRS["order"][0].assignment else ()
    if not finding.repair and not offered:
        return ()
    first = [item for item in offered if item.assignment == finding.repair]
    if finding.repair and not first:
        first = [Repair(assignment_text(finding.repair), finding.repair)]
    return (*first, *(item for item in offered if item not in first))


class FindingRow(QFrame):
    """One finding: sign, what, why, and the buttons that mend it."""

    repair_requested = Signal(str, str)
    """Dotted assignment, and what it does in words."""

    def __init__(self, finding: Finding, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.finding = finding
        self.setObjectName("finding")
        self._sign = QLabel()
        self._sign.setFixedSize(QSize(ICON, ICON))
        self._sign.setAccessibleName(self._level_text())
        what = QLabel(self._headline())
        what.setTextFormat(Qt.TextFormat.RichText)
        what.setWordWrap(True)
        what.setObjectName("finding_what")
        why = QLabel(visible(said(finding.why)), self)
        why.setTextFormat(Qt.TextFormat.PlainText)
        why.setWordWrap(True)
        why.setObjectName("finding_why")
        why.setProperty("role", "muted")
        why.setVisible(bool(finding.why))
        for label in (what, why):
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self.setAccessibleName(f"{self._level_text()}: {finding.subject}: {finding.found}")
        self.setAccessibleDescription(finding.why)
        layout = QGridLayout(self)
        layout.setContentsMargins(0, SPACING // 2, 0, SPACING // 2)
        layout.setHorizontalSpacing(SPACING)
        layout.setVerticalSpacing(2)
        layout.setColumnStretch(1, 1)
        layout.addWidget(self._sign, 0, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(what, 0, 1)
        layout.addWidget(why, 1, 1)
        buttons = self._make_buttons()
        if buttons:
            row = QHBoxLayout()
            row.setContentsMargins(0, SPACING // 2, 0, 0)
            row.setSpacing(SPACING)
            for button in buttons:
                row.addWidget(button)
            row.addStretch(1)
            layout.addLayout(row, 2, 1)
        self.restyle()

    def _level_text(self) -> str:
        return {
            "info": self.tr("Found"),
            "doubt": self.tr("Please look"),
            "problem": self.tr("Problem"),
            "repaired": self.tr("Mended"),
            "good": self.tr("In order"),
        }.get(self.finding.level, self.finding.level)

    def _headline(self) -> str:
        subject = one_line(self.finding.subject)
        found = escape(visible(said(self.finding.found)))
        return f"<b>{escape(subject[:1].upper() + subject[1:])}</b>&ensp;{found}"

    def _make_buttons(self) -> list[QPushButton]:
        offered = repairs_of(self.finding)
        buttons = []
        if self.finding.repair and offered:
            first = QPushButton(offered[0].label)
            first.setObjectName("finding_repair")
            first.setToolTip(plain_tip(offered[0].assignment.replace("=", " = ", 1)))
            first.clicked.connect(self._repair_first)
            buttons.append(first)
        others = offered[1:] if buttons else offered
        if others:
            chooser = QPushButton((self.tr("Other") if buttons else self.tr("Change")) + "   ")
            chooser.setObjectName("finding_repairs")
            menu = QMenu(chooser)
            menu.setObjectName("finding_menu")
            for item in others:
                menu.addAction(item.label).setData(item.assignment)
            menu.triggered.connect(self._repair)
            chooser.setMenu(menu)
            buttons.append(chooser)
        for button in buttons:
            button.setAccessibleName(f"{self.finding.subject}: {button.text().strip()}")
        return buttons

    @Slot()
    def _repair_first(self) -> None:
        first = repairs_of(self.finding)[0]
        self.repair_requested.emit(first.assignment, first.label)

    @Slot(QAction)
    def _repair(self, action: QAction) -> None:
        self.repair_requested.emit(str(action.data()), action.text())

    def restyle(self) -> None:
        """Take the theme's icon."""
        name, tone = _ICONS.get(self.finding.level, _ICONS["info"])
        ratio = self.devicePixelRatioF()
        self._sign.setPixmap(icon(name, tone).pixmap(QSize(ICON, ICON), ratio))


class FindingsPanel(QScrollArea):
    """The findings under each other, worst first; the leakage check stands on top."""

    repair_requested = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("findings_panel")
        self.setAccessibleName(self.tr("What was found"))
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._shown: tuple[object, ...] = ()
        self._rows: list[FindingRow] = []
        self._body = QWidget()
        self._body.setObjectName("findings_body")
        self._layout = QVBoxLayout(self._body)
        self._layout.setContentsMargins(0, 0, SPACING, SPACING)
        self._layout.setSpacing(0)
        self.setWidget(self._body)
        theme().changed.connect(self._restyle)

    def set_findings(self, groups: Sequence[tuple[str, Sequence[Finding]]]) -> None:
        """Show groups of findings, each under its title; those that changed nothing stay.

        Args:
            groups: Title and findings, in order; a group without findings is left out.
        """
        shown = tuple((title, tuple(findings)) for title, findings in groups)
        if shown == self._shown:
            return
        self._shown = shown
        place = self.verticalScrollBar().value()
        while self._layout.count():
            widget = self._layout.takeAt(0).widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._rows = []
        for title, findings in shown:
            if findings:
                self._add_group(title, findings)
        self._layout.addStretch(1)
        self.verticalScrollBar().setValue(place)

    def _add_group(self, title: str, findings: Sequence[Finding]) -> None:
        heading = QLabel(title)
        heading.setObjectName("findings_title")
        heading.setTextFormat(Qt.TextFormat.PlainText)
        heading.setProperty("role", "heading")
        heading.setContentsMargins(0, SPACING if self._rows else 0, 0, SPACING // 2)
        self._layout.addWidget(heading)
        ordered = sorted(findings, key=lambda item: _ORDER.get(item.level, 4))
        for finding in ordered[:SHOWN]:
            row = FindingRow(finding)
            row.repair_requested.connect(self.repair_requested)
            self._rows.append(row)
            self._layout.addWidget(row)
        if len(ordered) > SHOWN:
            more = QLabel(self.tr("and %1 more").replace("%1", f"{len(ordered) - SHOWN:,}"))
            more.setObjectName("findings_more")
            more.setProperty("role", "muted")
            self._layout.addWidget(more)

    def rows(self) -> list[FindingRow]:
        """The rows on show."""
        return list(self._rows)

    @Slot(object)
    def _restyle(self, _palette: object) -> None:
        for row in self._rows:
            row.restyle()
