"""The place of one station: builds its page when it is first needed, or says what it waits for."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QStackedWidget,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from workbench.views.stations import WELCOME, Station, make_page
from workbench.views.theme import SPACING, FollowTheme, icon

if TYPE_CHECKING:
    from workbench.app.preload import Preload
    from workbench.app.session import Session

Ready = tuple[bool, str, str, Callable[[], None] | None]


class NotReady(QWidget):
    """Says why a station cannot be used yet, with the button that makes it ready."""

    def __init__(self, station: Station, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"not_ready_{station.name}")
        self._icon = station.icon
        self._action: Callable[[], None] | None = None
        self._sign = QLabel()
        self._sign.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.why = QLabel()
        self.why.setObjectName(f"not_ready_{station.name}_why")
        self.why.setTextFormat(Qt.TextFormat.PlainText)
        self.why.setWordWrap(True)
        self.why.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.why.setMinimumWidth(50 * SPACING)
        self.button = QPushButton()
        self.button.setObjectName(f"not_ready_{station.name}_button")
        self.button.setProperty("tone", "primary")
        self.button.clicked.connect(self._act)
        column = QVBoxLayout(self)
        column.setSpacing(2 * SPACING)
        column.addStretch(2)
        for part in (self._sign, self.why, self.button):
            column.addWidget(part, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)
        self._follow = FollowTheme(self)

    def show_reason(self, why: str, button: str, action: Callable[[], None] | None) -> None:
        """Show a reason and what to do about it."""
        self.why.setText(why)
        self._action = action
        self.button.setText(button)
        self.button.setVisible(bool(button) and action is not None)

    def theme_changed(self, _palette: object) -> None:
        """Draw the sign in the theme's colours."""
        sign = icon(self._icon, "text_muted")
        self._sign.setPixmap(sign.pixmap(QSize(40, 40), self.devicePixelRatioF()))

    def _act(self) -> None:
        if self._action is not None:
            self._action()


class PageHost(QStackedWidget):
    """One station's place in the window.

    Attributes:
        panel_changed: The settings that belong here are others now.
        readiness_changed: Whether the station can be used, or why not, is other now.
    """

    panel_changed = Signal()
    readiness_changed = Signal(str)

    def __init__(
        self, station: Station, session: "Session", preload: "Preload",
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.setObjectName(f"host_{station.name}")
        self.station = station
        self._session, self._preload = session, preload
        self.page: QWidget | None = None
        self._welcome: QWidget | None = None
        self._panel: QWidget | None = None
        self._panel_made = False
        self._waiting = QLabel(self.tr("Getting ready…"))
        self._waiting.setObjectName(f"waiting_{station.name}")
        self._waiting.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._waiting.setProperty("role", "muted")
        self._not_ready = NotReady(station)
        self.addWidget(self._waiting)
        self.addWidget(self._not_ready)
        for signal in (
            session.source_changed, session.experiment_changed, session.run_changed,
            session.job_changed,
        ):  # fmt: skip
            signal.connect(self._something_changed)
        preload.pictures_ready.connect(self._something_changed)

    # ------------------------------------------------------------------ what is shown

    def showEvent(self, event: QShowEvent) -> None:
        """Build what is needed now that somebody looks."""
        super().showEvent(event)
        self.refresh()

    def _something_changed(self, _value: object = None) -> None:
        if self.isVisible():
            self.refresh()
        elif self.page is not None:
            self._tell_readiness(self.page.ready())

    def refresh(self) -> None:
        """Show the page, or what it waits for."""
        if self._needs_welcome():
            self._show(self._make_welcome())
            return
        if self.page is None:
            if not self._preload.pictures:
                self._show(self._waiting)
                return
            self._make_page()
        ready = self.page.ready()
        self._tell_readiness(ready)
        if ready[0]:
            self._show(self.page)
        else:
            self._not_ready.show_reason(*ready[1:])
            self._show(self._not_ready)

    def _make_page(self) -> None:
        self.page = make_page(self.station.page, self._session)
        self.addWidget(self.page)
        _leave_drops_to_the_window(self.page)

    def prepare(self) -> bool:
        """Make what is missing, the page or its settings, one a call; False where nothing is."""
        if self.page is None:
            self._make_page()
            self._tell_readiness(self.page.ready())
        elif not self._panel_made:
            self._make_panel()
        else:
            return False
        return True

    def _needs_welcome(self) -> bool:
        """The Data station greets until something is open or being opened."""
        session = self._session
        empty = session.source is None and not session.experiment.data.path
        return self.station.name == "data" and empty and session.job.state != "loading"

    @property
    def welcoming(self) -> bool:
        """Whether the welcome page is what is shown."""
        return self._welcome is not None and self.currentWidget() is self._welcome

    def _make_welcome(self) -> QWidget:
        if self._welcome is None:
            self._welcome = make_page(WELCOME, self._session)
            self.addWidget(self._welcome)
        return self._welcome

    def _show(self, widget: QWidget) -> None:
        if self.currentWidget() is not widget:
            self.setCurrentWidget(widget)
        self.panel_changed.emit()

    def _tell_readiness(self, ready: Ready) -> None:
        self.readiness_changed.emit("" if ready[0] else ready[1])

    # ------------------------------------------------------------------ settings

    @property
    def panel_made(self) -> bool:
        """Whether ``settings_panel`` answers at once."""
        return self._panel_made or self.currentWidget() is not self.page

    def settings_panel(self) -> QWidget | None:
        """The settings of what is shown; None where it has none."""
        if self.page is None or self.currentWidget() is not self.page:
            return None
        if not self._panel_made:
            self._make_panel()
        return self._panel

    def _make_panel(self) -> None:
        self._panel_made = True
        self._panel = self.page.settings_panel()
        if self._panel is not None:
            _leave_drops_to_the_window(self._panel)


def _leave_drops_to_the_window(page: QWidget) -> None:
    """Let files that are dropped on a text field reach the window, which opens them."""
    for kind in (QLineEdit, QTextEdit, QPlainTextEdit):
        for field in page.findChildren(kind):
            field.setAcceptDrops(False)
            if not isinstance(field, QLineEdit):
                field.viewport().setAcceptDrops(False)
