"""The program with a window: from the arguments to the last thread."""

import signal
import sys
import traceback
from types import FrameType, TracebackType

from PySide6.QtCore import QCoreApplication, QEvent, QTimer, Signal
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication

from workbench.app.messages import Message
from workbench.app.session import Session
from workbench.app.settings import Settings
from workbench.views.main_window import MainWindow
from workbench.views.theme import theme


class Application(QApplication):
    """Knows files that the system asks it to open (macOS sends them as events).

    Attributes:
        file_asked: Path of such a file.
    """

    file_asked = Signal(str)

    def event(self, event: QEvent) -> bool:
        """Take files the system asks for."""
        if event.type() == QEvent.Type.FileOpen and isinstance(event, QFileOpenEvent):
            self.file_asked.emit(event.file())
            return True
        return super().event(event)


def run(arguments: list[str]) -> int:
    """Show the window and stay until it is closed; return the exit code.

    Args:
        arguments: At most one path to open, and ``--train`` to train it at once.
    """
    app = Application(sys.argv[:1])
    app.setApplicationName("sequence-workbench")
    app.setApplicationDisplayName("")
    app.setDesktopFileName("sequence-workbench")
    app.setQuitOnLastWindowClosed(False)
    settings = Settings()
    theme().set_mode(settings.theme)
    theme().apply(app)
    session = Session(settings)
    window = MainWindow(session)
    window.closed.connect(app.quit)
    app.file_asked.connect(session.open_path)
    _end_on_signals(window)
    _say_what_fails(session)
    window.show()
    paths = [item for item in arguments if not item.startswith("-")]
    if paths:
        session.open_path(paths[0], train="--train" in arguments)
    code = app.exec()
    session.close()
    return code


def _end_on_signals(window: MainWindow) -> None:
    """Ctrl+C in the terminal keeps the run and closes, without a question."""

    def end(_number: int, _frame: FrameType | None) -> None:
        QTimer.singleShot(0, window, window.keep_and_close)

    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGTERM, end)


def _say_what_fails(session: Session) -> None:
    """Show an error that nothing expected as a sentence in the window, and in the terminal."""

    def show(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        sys.__excepthook__(kind, error, trace)
        words = QCoreApplication.translate("Application", "An unexpected error: {0}: {1}.")
        todo = QCoreApplication.translate(
            "Application", "Nothing you entered is lost. Copy the details to report it."
        )
        details = "".join(traceback.format_exception(kind, error, trace))
        session.message.emit(Message("error", words.format(kind.__name__, error), todo, details))

    sys.excepthook = show
