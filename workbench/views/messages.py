"""The message bar: what happened in one sentence, what to do in another, details in a fold."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QFontDatabase, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from workbench.views.engine_words import said
from workbench.views.labels import selectable_label
from workbench.views.theme import SPACING, FollowTheme, icon, restyle

if TYPE_CHECKING:
    from workbench.app.session import Message

_LOOKS = {
    "info": ("info", "info", "accent"),
    "warning": ("warning", "warning", "warning"),
    "error": ("bad", "warning-circle", "bad"),
}
_INFO_STAYS_MS = 8000
_MOST_KEPT = 20


class MessageBar(QFrame):
    """Shows the newest message above the page; older ones that were not closed wait behind it.

    Attributes:
        shown_changed: A message came or went.
    """

    shown_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("message_bar")
        self.setAccessibleName(self.tr("Message"))
        self._waiting: list[Message] = []
        self._sign = QLabel()
        self._sign.setObjectName("message_sign")
        self._sign.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.what = self._label("message_what", "heading")
        self.todo = self._label("message_todo", "")
        self.count = QLabel()
        self.count.setObjectName("message_count")
        self.count.setProperty("role", "small")
        self.details_button = self._button("message_details_button", self.tr("Details"))
        self.details_button.setCheckable(True)
        self.details_button.toggled.connect(self._unfold)
        self.copy_button = self._button("message_copy", self.tr("Copy"))
        self.copy_button.clicked.connect(self._copy)
        self.close_button = QToolButton()
        self.close_button.setObjectName("message_close")
        self.close_button.setIcon(icon("x"))
        self.close_button.setIconSize(QSize(14, 14))
        self.close_button.setToolTip(self.tr("Close (Esc)"))
        self.close_button.setAccessibleName(self.tr("Close this message"))
        self.close_button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.close_button.clicked.connect(self.close_message)
        self.details = QPlainTextEdit()
        self.details.setObjectName("message_details")
        self.details.setAccessibleName(self.tr("Details"))
        self.details.setReadOnly(True)
        self.details.setTabChangesFocus(True)
        self.details.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.details.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.details.setFixedHeight(20 * SPACING)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._time_is_up)
        self._arrange()
        self._follow = FollowTheme(self)
        self.hide()

    def _label(self, name: str, role: str) -> QLabel:
        label = selectable_label(name, role)
        label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        return label

    def _button(self, name: str, text: str) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(name)
        button.setProperty("tone", "link")
        return button

    def _arrange(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.what)
        words.addWidget(self.todo)
        top = QHBoxLayout()
        top.setSpacing(SPACING)
        top.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(words, 1)
        for part in (self.count, self.details_button, self.copy_button, self.close_button):
            top.addWidget(part, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACING + 4, SPACING, SPACING, SPACING)
        layout.setSpacing(SPACING)
        layout.addLayout(top)
        layout.addWidget(self.details)
        self.details.hide()

    # ------------------------------------------------------------------ messages

    @Slot(object)
    def show_message(self, message: "Message") -> None:
        """Show a message; the same one twice in a row is one."""
        if self._waiting and self._waiting[-1] == message:
            self._start_clock(message)
            return
        self._waiting = [item for item in self._waiting if item.level != "info"][-_MOST_KEPT:]
        self._waiting.append(message)
        self._show_last()

    @property
    def shown(self) -> "Message | None":
        """The message that can be read, or None."""
        return self._waiting[-1] if self._waiting else None

    @Slot()
    def close_message(self) -> None:
        """Put the message away; the one before it comes back."""
        if self._waiting:
            self._waiting.pop()
        self._show_last()

    @Slot()
    def settle(self) -> None:
        """Put away what was said before something else was opened: all but faults to report."""
        kept = [item for item in self._waiting if item.details]
        if kept != self._waiting:
            self._waiting = kept
            self._show_last()

    def clear(self) -> None:
        """Put every message away."""
        self._waiting = []
        self._show_last()

    def _show_last(self) -> None:
        message = self.shown
        self.setVisible(message is not None)
        if message is not None:
            self._fill(message)
        self.shown_changed.emit()

    def _fill(self, message: "Message") -> None:
        tone, _, _ = _LOOKS.get(message.level, _LOOKS["error"])
        self.what.setText(said(message.what))
        self.todo.setText(said(message.todo))
        self.todo.setVisible(bool(message.todo))
        self.details.setPlainText(message.details)
        self.details_button.setChecked(False)
        self.details_button.setVisible(bool(message.details))
        self.copy_button.setVisible(bool(message.details))
        more = len(self._waiting) - 1
        self.count.setText(self.tr("{0} more").format(more))
        self.count.setVisible(more > 0)
        self.setAccessibleDescription(f"{message.what} {message.todo}".strip())
        self.setProperty("tone", tone)
        restyle(self)
        self._draw_sign()
        self._start_clock(message)

    def _start_clock(self, message: "Message") -> None:
        """Only what needs nothing done goes away by itself."""
        self._timer.stop()
        if message.level == "info" and not message.details:
            self._timer.start(_INFO_STAYS_MS)

    @Slot()
    def _time_is_up(self) -> None:
        """Stay while somebody reads it."""
        focus = QApplication.focusWidget()
        if self.underMouse() or (focus is not None and self.isAncestorOf(focus)):
            self._timer.start(_INFO_STAYS_MS)
        else:
            self.close_message()

    # ------------------------------------------------------------------ parts

    @Slot(bool)
    def _unfold(self, shown: bool) -> None:
        self.details.setVisible(shown)
        self.details_button.setText(self.tr("Hide details") if shown else self.tr("Details"))

    @Slot()
    def _copy(self) -> None:
        """Copy the whole message, so that it can be reported."""
        message = self.shown
        if message is not None:
            parts = [message.what, message.todo, message.details]
            QGuiApplication.clipboard().setText("\n".join(part for part in parts if part))
            self.copy_button.setText(self.tr("Copied"))
            QTimer.singleShot(1500, self, self._copied)

    @Slot()
    def _copied(self) -> None:
        self.copy_button.setText(self.tr("Copy"))

    def theme_changed(self, _palette: object) -> None:
        """Draw the sign in the theme's colours."""
        self._draw_sign()

    def _draw_sign(self) -> None:
        if self.shown is not None:
            _, sign, tone = _LOOKS.get(self.shown.level, _LOOKS["error"])
            size = QSize(18, 18)
            self._sign.setPixmap(icon(sign, tone).pixmap(size, self.devicePixelRatioF()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape closes it."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_message()
            return
        super().keyPressEvent(event)
