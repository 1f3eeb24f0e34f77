"""Over how much a view counts: what is read now, or a long stretch of a part."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from workbench.app.looking import NEWEST, Look
from workbench.data.findings import Watch
from workbench.views.look.choosers import combo
from workbench.views.numbers import grouped
from workbench.views.theme import SPACING

if TYPE_CHECKING:
    from workbench.analysis.survey import Survey
    from workbench.views.look.view import LookView

_LENGTHS = (0, 10_000, 100_000, 1_000_000)


class SurveyBar(QWidget):
    """A combo box: this reading, or 10 000, 100 000, 1 000 000 steps of a part.

    A long stretch is traced behind the window once for all views, and kept on disk.

    Args:
        view: Whose bar it is.
        ask: Called when another stretch is chosen.
    """

    def __init__(self, view: "LookView", ask: Callable[[], None]) -> None:
        super().__init__()
        self.setObjectName(f"look_{view.key}_survey")
        self._view = view
        self._ask = ask
        self.box = combo(f"look_{view.key}_over", self.tr("Steps that are counted"), self)
        label = QLabel(self.tr("over"))
        label.setProperty("role", "muted")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACING)
        row.addWidget(label)
        row.addWidget(self.box)
        row.addStretch(1)
        self.box.activated.connect(lambda _index: ask())

    def begin(self) -> None:
        """A new look: offer what there is of it, and ask."""
        look = self._view.look
        assert look is not None
        chosen = self.box.currentData()
        self.box.clear()
        text = self.tr("what is read now ({0})")
        self.box.addItem(text.format(grouped(look.steps)), 0)
        for length in _LENGTHS[1:]:
            words = self.tr("{0} steps of validation")
            self.box.addItem(words.format(grouped(length)), length)
        if chosen is None:
            chosen = _LENGTHS[1]
        self.box.setCurrentIndex(max(self.box.findData(chosen), 0))
        self._ask()

    @property
    def length(self) -> int:
        """Steps that are wanted; 0 is what is read now.

        While a run goes on and its newest weights are followed, at most 10 000: every new weights
        are traced again, beside the training.
        """
        wanted = self.box.currentData() or 0
        looking = self._view.looking
        live = looking.session.training.active and looking.which == NEWEST
        return min(wanted, _LENGTHS[1]) if live else wanted

    def rows(self, look: Look, length: int, watch: Watch) -> "Survey":
        """So many steps, as ``length`` was when the work was asked for; for a worker.

        Raises:
            Cancelled: Where ``watch`` says so.
            UserError: Where the disk has no room.
        """
        return self._view.looking.survey(look, length, watch)
