"""A line on the page that says what stands in the way, and what to do about it."""

from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QVBoxLayout, QWidget

from workbench.errors import UserError
from workbench.views.engine_words import said
from workbench.views.labels import selectable_label
from workbench.views.theme import SPACING, restyle


class Notice(QFrame):
    """Two sentences in a coloured field; hidden while there is nothing to say."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.what = self._label(f"{name}_what", "heading")
        self.todo = self._label(f"{name}_todo", "")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACING + 4, SPACING, SPACING, SPACING)
        layout.setSpacing(2)
        layout.addWidget(self.what)
        layout.addWidget(self.todo)
        self.hide()

    def _label(self, name: str, role: str) -> QLabel:
        label = selectable_label(name, role)
        label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        return label

    def say(self, what: str, todo: str = "", tone: str = "info") -> None:
        """Show sentences.

        Args:
            what: What happened or holds; empty hides the line.
            todo: What to do, or empty.
            tone: ``info``, ``good``, ``warning`` or ``bad``.
        """
        self.setVisible(bool(what))
        self.what.setText(what)
        self.todo.setText(todo)
        self.todo.setVisible(bool(todo))
        self.setAccessibleDescription(f"{what} {todo}".strip())
        if self.property("tone") != tone:
            self.setProperty("tone", tone)
            restyle(self)

    def show_error(self, error: Exception) -> None:
        """Show what went wrong."""
        if isinstance(error, UserError):
            self.say(said(error.what), said(error.todo), "bad")
        else:
            self.say(str(error), "", "bad")

    def clear(self) -> None:
        """Hide the line."""
        self.say("")
