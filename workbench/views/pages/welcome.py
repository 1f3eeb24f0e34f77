"""The welcome page: open data, recent files, samples, and a run that was cut off."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from workbench.paths import runs_folder
from workbench.runs import RunInfo, list_runs
from workbench.views.labels import plain_label
from workbench.views.numbers import clock, isolated
from workbench.views.pages.data_empty import DropArea
from workbench.views.pages.welcome_cards import (
    CARD_WIDTH,
    RecentFile,
    SampleCard,
    find_samples,
)
from workbench.views.theme import SPACING

if TYPE_CHECKING:
    from workbench.app.session import Session

Ready = tuple[bool, str, str, Callable[[], None] | None]
_RECENT_SHOWN = 5
_WIDEST = 172 * SPACING
_WIDEST_CARD = 43 * SPACING


LEFT_RUN = "window/left_run"
"""Setting: id of the run that was stopped when the window was closed last."""


class CutOffRun(QFrame):
    """Offers a run that was cut off for resume."""

    def __init__(self, session: "Session", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("cut_off_run")
        self.setProperty("tone", "info")
        self._session = session
        self._info: RunInfo | None = None
        self.words = plain_label("cut_off_words", "", "")
        self.resume = QPushButton(self.tr("Resume"))
        self.resume.setObjectName("cut_off_resume")
        self.resume.setProperty("tone", "primary")
        self.resume.clicked.connect(self._resume)
        self.look = QPushButton(self.tr("Open"))
        self.look.setObjectName("cut_off_open")
        self.look.clicked.connect(self._open)
        self.later = QPushButton(self.tr("Not now"))
        self.later.setObjectName("cut_off_later")
        self.later.setProperty("tone", "flat")
        self.later.clicked.connect(self._not_now)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(2 * SPACING, SPACING, SPACING, SPACING)
        layout.setSpacing(SPACING)
        layout.addWidget(self.words, 1)
        for button in (self.resume, self.look, self.later):
            layout.addWidget(button)
        self.hide()

    def offer(self, runs: list[RunInfo]) -> None:
        """Offer the newest run that was cut off, or stopped by closing the window; else hide."""
        left = self._session.settings.text(LEFT_RUN, "")
        cut = [
            info for info in runs
            if info.state == "interrupted" or (info.state == "stopped" and info.id == left)
        ]  # fmt: skip
        self._info = cut[0] if cut else None
        self.setVisible(self._info is not None)
        if self._info is None:
            return
        words = self.tr("“{0}” was cut off after {1} of training, at epoch {2}.")
        if self._info.state == "stopped":
            words = self.tr("“{0}” was stopped by closing the window, after {1}, at epoch {2}.")
        words = words.format(isolated(self._info.name), clock(self._info.time_s), self._info.epoch)
        if len(cut) > 1:
            words += " " + self.tr("{0} more are listed under Runs.").format(len(cut) - 1)
        self.words.setText(words)
        self.resume.setAccessibleName(self.tr("Resume {0}").format(self._info.name))

    @Slot()
    def _not_now(self) -> None:
        self._session.settings.keep(LEFT_RUN, "")
        self.hide()

    @Slot()
    def _resume(self) -> None:
        if self._info is not None:
            self.hide()
            self._session.resume_run(self._info.folder)

    @Slot()
    def _open(self) -> None:
        if self._info is not None:
            self._session.open_path(self._info.folder)


class WelcomePage(QScrollArea):
    """What the window shows before anything is open."""

    station = "welcome"

    def __init__(self, session: "Session", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("welcome_page")
        self.setAccessibleName(self.tr("Welcome"))
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._session = session
        self._asked = False
        self.cut_off = CutOffRun(session)
        self.drop = DropArea()
        self.drop.setFixedHeight(30 * SPACING)
        self.drop.path_chosen.connect(session.open_path)
        self.cards = [SampleCard(sample) for sample in find_samples()]
        for card in self.cards:
            card.clicked.connect(self._open_sample)
        self._build()
        session.runs_changed.connect(self._ask_runs)
        session.source_changed.connect(self._show_recent)
        self._show_recent()

    def _build(self) -> None:
        body = QWidget()
        self.setWidget(body)
        self._column = QWidget()
        self._column.setMaximumWidth(_WIDEST)
        outer = QHBoxLayout(body)
        outer.setContentsMargins(4 * SPACING, 4 * SPACING, 4 * SPACING, 4 * SPACING)
        outer.addStretch(1)
        outer.addWidget(self._column, 100)
        outer.addStretch(1)
        layout = QVBoxLayout(self._column)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACING)
        layout.addStretch(1)
        layout.addWidget(plain_label("welcome_title", self.tr("Sequence Workbench"), "title"))
        words = self.tr(
            "Train an RNN, LSTM or GRU on your own CSV or text, and look inside it while it learns."
        )
        layout.addWidget(plain_label("welcome_words", words, "muted"))
        layout.addSpacing(SPACING)
        layout.addWidget(self.cut_off)
        layout.addLayout(self._make_top())
        layout.addSpacing(2 * SPACING)
        heading = plain_label("samples_heading", self.tr("Try a sample"), "heading")
        heading.setVisible(bool(self.cards))
        layout.addWidget(heading)
        self._grid = QGridLayout()
        self._grid.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self._grid.setSpacing(2 * SPACING)
        layout.addLayout(self._grid)
        layout.addStretch(3)
        self._columns = 0
        self._lay_cards()

    def _make_top(self) -> QHBoxLayout:
        self._recent = QVBoxLayout()
        self._recent.setSpacing(2)
        self._clear = QPushButton(self.tr("Clear"))
        self._clear.setObjectName("recent_clear")
        self._clear.setAccessibleName(self.tr("Forget the recent files"))
        self._clear.setProperty("tone", "link")
        self._clear.clicked.connect(self._forget_recent)
        head = QHBoxLayout()
        head.addWidget(plain_label("recent_heading", self.tr("Recent"), "heading"), 1)
        head.addWidget(self._clear)
        right = QVBoxLayout()
        right.setSpacing(SPACING)
        right.addLayout(head)
        right.addLayout(self._recent)
        right.addStretch(1)
        self._right = QWidget()
        self._right.setLayout(right)
        right.setContentsMargins(SPACING, 0, 0, 0)
        self._right.setFixedWidth(38 * SPACING)
        top = QHBoxLayout()
        top.setSpacing(2 * SPACING)
        top.addWidget(self.drop, 1)
        top.addWidget(self._right)
        return top

    # ------------------------------------------------------------------ the page in the window

    def ready(self) -> Ready:
        """It is always ready."""
        return True, "", "", None

    def settings_panel(self) -> None:
        """There is nothing to set before something is open."""
        return

    # ------------------------------------------------------------------ samples

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put as many cards beside each other as fit."""
        super().resizeEvent(event)
        self._lay_cards()

    def _lay_cards(self) -> None:
        room = min(self.viewport().width() - 8 * SPACING, _WIDEST)
        gap = 2 * SPACING
        most = max(1, (room + gap) // (CARD_WIDTH + gap))
        count = max(len(self.cards), 1)
        columns = -(-count // -(-count // most))
        width = min((room - (columns - 1) * gap) // columns, _WIDEST_CARD)
        for index, card in enumerate(self.cards):
            card.set_width(width)
            if columns != self._columns:
                self._grid.addWidget(card, index // columns, index % columns)
        self._columns = columns

    @Slot()
    def _open_sample(self) -> None:
        card = self.sender()
        if isinstance(card, SampleCard):
            self._session.open_path(card.sample.path)

    # ------------------------------------------------------------------ recent files

    @Slot()
    def _show_recent(self, _source: Any = None) -> None:
        while self._recent.count():
            widget = self._recent.takeAt(0).widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        files = self._session.settings.recent_files
        for number, path in enumerate(files[:_RECENT_SHOWN], start=1):
            line = RecentFile(path, number)
            line.clicked.connect(self._open_recent)
            self._recent.addWidget(line)
        if not files:
            words = self.tr("Files you open are listed here.")
            self._recent.addWidget(plain_label("recent_none", words, "muted"))
        self._clear.setVisible(bool(files))

    @Slot()
    def _open_recent(self) -> None:
        line = self.sender()
        if isinstance(line, RecentFile):
            self._session.open_path(line.path)

    @Slot()
    def _forget_recent(self) -> None:
        self._session.settings.clear_recent()
        self._show_recent()

    # ------------------------------------------------------------------ a run that was cut off

    def showEvent(self, event: QShowEvent) -> None:
        """Look for runs that were cut off, behind the window, when the page is first seen."""
        super().showEvent(event)
        self._show_recent()
        if not self._asked:
            self._asked = True
            self._ask_runs()

    @Slot()
    def _ask_runs(self) -> None:
        root: Path = runs_folder()
        self._session.run_in_background(
            lambda _cancelled: list_runs(root), self.cut_off.offer, self._session.report
        )
