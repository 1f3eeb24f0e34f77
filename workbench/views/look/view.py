"""What every view of the Look page is: pictures of one look, computed behind the window."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from workbench.app.latest_work import LatestWork
from workbench.app.looking import Look, Looking, Reading, on_look
from workbench.app.selection import Selection
from workbench.data.findings import Cancelled, Watch
from workbench.errors import UserError
from workbench.views.engine_words import said
from workbench.views.labels import plain_label
from workbench.views.numbers import one_symbol
from workbench.views.quantities import layer_words, quantity_kind, quantity_words
from workbench.views.theme import SPACING, icon

if TYPE_CHECKING:
    from workbench.analysis.survey import Survey
    from workbench.app.session import Session


_BEFORE, _READ = 80, 200
"""Symbols read before a place that is gone to, and altogether."""


class BusyRow(QWidget):
    """What goes on behind the window, how far it is, and a button that gives it up.

    Attributes:
        cancel_asked: The button was pressed.
    """

    cancel_asked = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"{name}_busy")
        self.words = plain_label(f"{name}_busy_words", role="small", wrap=False)
        self.bar = QProgressBar()
        self.bar.setObjectName(f"{name}_busy_bar")
        self.bar.setRange(0, 0)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Share that is done"))
        self.cancel = QToolButton()
        self.cancel.setObjectName(f"{name}_busy_cancel")
        self.cancel.setIcon(icon("x"))
        self.cancel.setToolTip(self.tr("Give it up"))
        self.cancel.setAccessibleName(self.tr("Give it up"))
        self.cancel.clicked.connect(self.cancel_asked)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACING)
        row.addWidget(self.words)
        row.addWidget(self.bar, 1)
        row.addWidget(self.cancel)
        self.hide()

    def begin(self, words: str) -> None:
        """Something begins."""
        self.words.setText(words)
        self.bar.setRange(0, 0)
        self.show()

    def set_share(self, share: float) -> None:
        """Show how far it is, 0…1."""
        self.bar.setRange(0, 1000)
        self.bar.setValue(round(1000 * share))


class LookView(QWidget):
    """Base of the views.

    A subclass puts its pictures into ``self.body``, draws a new look in ``refresh`` and what is
    selected in ``follow``; neither is called while nobody sees the view. What takes longer than a
    frame goes through ``compute``.

    Attributes:
        key: Name in the list of views, and of its help page.
        look: What is looked at, or None.
        body: Where the pictures go.
    """

    key: ClassVar[str] = ""

    def __init__(self, looking: Looking, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"look_{self.key}")
        self.looking = looking
        self.session: Session = looking.session
        self.look: Look | None = None
        self._stale = False
        self._work, self._beside = LatestWork(self.session, self), LatestWork(self.session, self)
        for work in (self._work, self._beside):
            work.done.connect(self._computed)
            work.failed.connect(self._failed)
        pictures = QWidget()
        self.body = QVBoxLayout(pictures)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(SPACING)
        self._why = plain_label(f"look_{self.key}_why", role="muted")
        self._again = QPushButton(self.tr("Back to the controls"))
        self._again.setObjectName(f"look_{self.key}_again")
        self._again.clicked.connect(lambda: self.cannot(""))
        instead = QWidget()
        column = QVBoxLayout(instead)
        column.setContentsMargins(4 * SPACING, 4 * SPACING, 4 * SPACING, 4 * SPACING)
        column.addStretch(1)
        column.addWidget(self._why)
        column.addWidget(self._again, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(2)
        self._pages = QStackedWidget()
        self._pages.addWidget(pictures)
        self._pages.addWidget(instead)
        self.busy = BusyRow(self.objectName(), self)
        for work in (self._work, self._beside):
            self.busy.cancel_asked.connect(work.cancel)
            work.progressed.connect(self.busy.set_share)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACING // 2)
        layout.addWidget(self._pages, 1)
        layout.addWidget(self.busy)
        self.session.selection_changed.connect(self._selected)

    # ------------------------------------------------------------------ for subclasses

    def refresh(self) -> None:
        """Draw the look; called when it is another one, while somebody sees the view."""

    def follow(self, selection: Selection) -> None:
        """Draw what is selected; called after ``refresh`` and whenever the selection changes."""

    def cannot(self, why: str, *, for_now: bool = False) -> None:
        """Say why there is nothing to draw; no words show the pictures again.

        Args:
            why: A sentence or two.
            for_now: Whether other settings of the view may help, so that there is a way back.
        """
        self._why.setText(why)
        self._again.setVisible(for_now)
        self._pages.setCurrentIndex(1 if why else 0)

    @property
    def cannot_text(self) -> str:
        """Why there is nothing to draw, or nothing."""
        return self._why.text()

    @property
    def computing(self) -> bool:
        """Whether an answer is still to come."""
        return self._work.busy or self._beside.busy

    def compute(
        self,
        words: str,
        function: Callable[[Look, Watch], Any],
        show: Callable[[Any], None],
        *,
        beside: bool = False,
    ) -> None:
        """Compute something of the look behind the window; the newest wish wins.

        Args:
            words: What goes on, such as ``Tracing the corpus``.
            function: Touches nothing of Qt; tells its ``Watch`` how far it is.
            show: Called with what it returned, unless the look is another one by then.
            beside: Whether it goes on beside other wishes, because it takes long.
        """
        if self.look is None:
            return
        self.cannot("")
        self.busy.begin(words)
        work = self._beside if beside else self._work
        made = on_look(self.look, function)
        work.ask_watched(lambda watch: (*made(watch), show))

    def give_up(self) -> None:
        """Want no answer any more of what was asked for."""
        self._work.forget()
        self._beside.forget()
        self.busy.hide()

    def select(self, **changes: Any) -> None:
        """Select something in all pictures."""
        self.session.select(**changes)

    def go_to(self, survey: "Survey", step: int) -> int:
        """Read the place of a survey's step, and select it; return the step in what is read."""
        if survey.part:
            first, step = survey.place(step, _BEFORE)
            self.looking.read(Reading(survey.part, first, _READ))
        self.select(step=step)
        return step

    # ------------------------------------------------------------------ followed

    def set_look(self, look: Look | None) -> None:
        """Look at something else."""
        if look is self.look:
            return
        self.look = look
        self._stale = True
        self.give_up()
        self._catch_up()

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what changed while nobody looked."""
        super().showEvent(event)
        self._catch_up()
        if self.look is not None:
            self.follow(self.session.selection)

    def _catch_up(self) -> None:
        if self._stale and self.look is not None and self.isVisible():
            self._stale = False
            self.cannot("")
            self.refresh()
            self.follow(self.session.selection)

    def _selected(self, selection: Selection) -> None:
        if self.isVisible() and self.look is not None and not self._stale:
            self.follow(selection)

    def _computed(self, answer: tuple[Look, Any, Callable[[Any], None]]) -> None:
        look, result, show = answer
        self.busy.setVisible(self.computing)
        if look is self.look:
            show(result)

    def _failed(self, error: Exception) -> None:
        self.busy.setVisible(self.computing)
        if isinstance(error, UserError):
            self.cannot(f"{said(error.what)} {said(error.todo)}".strip(), for_now=True)
        elif not isinstance(error, Cancelled):
            self.session.report(error)


@dataclass(frozen=True, eq=False)
class UnitLine:
    """The selected unit over what is read.

    Attributes:
        key: Layer, direction, quantity and unit.
        title: For people.
        values: ``(T,)``.
        kind: ``gate`` or ``signed``.
    """

    key: tuple[int, int, str, int]
    title: str
    values: np.ndarray
    kind: str

    @property
    def reach(self) -> tuple[float, float]:
        """A gate's fixed range; of a state at least −1…1."""
        if self.kind == "gate":
            return 0.0, 1.0
        size = max(1.0, float(np.abs(self.values).max(initial=0.0)))
        return -size, size


def selected_line(look: Look, selection: Selection) -> UnitLine | None:
    """The selected unit, as far as the model has it; None where no unit of it is selected."""
    layer, direction, name = look.place_of(selection)
    values = look.values(layer, direction, name)
    if not 0 <= selection.unit < values.shape[1]:
        return None
    words = QCoreApplication.translate("LookView", "Unit {0} · {1} · {2}")
    place = place_words(look, layer, direction).lower()
    title = words.format(selection.unit, quantity_words(name), place)
    line = values[:, selection.unit]
    return UnitLine((layer, direction, name, selection.unit), title, line, quantity_kind(name))


def place_words(look: Look, layer: int, direction: int) -> str:
    """``Layer 2``, or ``Layer 2 backward`` where the network reads both ways."""
    both = any(place[1] for place in look.places)
    return layer_words(layer, direction, both_ways=both)


def place_number(look: Look, layer: int, direction: int) -> str:
    """A layer in the cell of a table: ``2``, or ``2 ←`` for the direction that reads backwards."""
    both = any(place[1] for place in look.places)
    return f"{layer + 1} {'←' if direction else '→'}" if both else str(layer + 1)


def context_words(survey: "Survey", first: int, last: int, around: tuple[int, int]) -> str:
    """A stretch of a survey with what stands around it; of a series its dates.

    Args:
        survey: Where it is.
        first: First step.
        last: Step behind its end.
        around: Steps shown before and behind it.
    """
    if not survey.is_text:
        ends = survey.labels(first, first + 1) + survey.labels(last - 1, last)
        return " – ".join(dict.fromkeys(ends))
    before = survey.labels(max(0, first - around[0]), first)
    after = survey.labels(last, min(last + around[1], len(survey)))
    parts = (before, survey.labels(first, last), after)
    plain = ["".join(one_symbol(s) if s in "\n\t" else s for s in part) for part in parts]
    return f"{plain[0]}▸{plain[1]}◂{plain[2]}"


def muted(name: str, text: str = "") -> QLabel:
    """A line of muted words above a picture."""
    return plain_label(name, text, "muted")
