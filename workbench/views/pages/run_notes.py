"""What happened to a run besides its losses: fallbacks, dropped steps, batches that were cut."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu, QToolButton, QVBoxLayout, QWidget, QWidgetAction

from workbench.views.engine_words import said
from workbench.views.labels import selectable_label
from workbench.views.numbers import grouped
from workbench.views.theme import SPACING, font

if TYPE_CHECKING:
    from workbench.engine.history import History

_WIDTH = 460


class RunNotes(QToolButton):
    """A button that says how many notes there are, and unfolds them; hidden without any."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("run_notes")
        self.setAccessibleName(self.tr("Notes of this run"))
        self.setToolTip(self.tr("What the program noted while it trained"))
        self.setFont(font("small"))
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.text_label = selectable_label("run_notes_text")
        self.text_label.setFixedWidth(_WIDTH)
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(SPACING, SPACING, SPACING, SPACING)
        layout.addWidget(self.text_label)
        action = QWidgetAction(self)
        action.setDefaultWidget(page)
        menu = QMenu(self)
        menu.setObjectName("run_notes_menu")
        menu.addAction(action)
        self.setMenu(menu)
        self._shown: tuple[int, int] = (0, 0)
        self.hide()

    def show_history(self, history: "History") -> None:
        """Show a run's notes, the newest last."""
        notes = history.notes
        state = (id(history), len(notes))
        if state == self._shown:
            return
        self._shown = state
        self.setVisible(bool(notes))
        several = self.tr("{0} notes").format(len(notes))
        self.setText(several if len(notes) > 1 else self.tr("1 note"))
        words = self.tr("Step {0}: {1}")
        lines = [words.format(grouped(note.step), said(note.message)) for note in notes]
        self.text_label.setText("\n\n".join(lines))
