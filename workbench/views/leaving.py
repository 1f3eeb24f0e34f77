"""Asking before something is lost, and waiting behind a notice while the window closes."""

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QFrame, QLabel, QMessageBox, QProgressBar, QVBoxLayout, QWidget

from workbench.views.theme import SPACING


def ask_discard(parent: QWidget, run: str, step: int) -> bool:
    """Ask once before a run is thrown away; True to go ahead."""
    return _ask(
        parent,
        "discard_dialog",
        (_tr("Discard this run?"),
         _tr("Its weights, curves and notes after {0} steps go to the bin: {1}.")
         .format(step, run or _tr("the run that is starting")),
         _tr("Discard"), _tr("Go on training")),
    )  # fmt: skip


def ask_close(parent: QWidget) -> bool:
    """Ask once whether to keep the run and close; True to close."""
    return _ask(
        parent,
        "close_dialog",
        (_tr("A run goes on."),
         _tr("Closing stops it after this step and keeps everything; it can be resumed later."),
         _tr("Keep and close"), _tr("Go on training")),
    )  # fmt: skip


def _ask(parent: QWidget, name: str, words: tuple[str, str, str, str]) -> bool:
    """Show a question with two named answers; Escape is the harmless one."""
    what, consequence, yes, no = words
    box = QMessageBox(parent)
    box.setObjectName(name)
    box.setIcon(QMessageBox.Icon.Question)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(what)
    box.setInformativeText(consequence)
    accept = box.addButton(yes, QMessageBox.ButtonRole.DestructiveRole)
    accept.setObjectName(f"{name}_yes")
    stay = box.addButton(no, QMessageBox.ButtonRole.RejectRole)
    stay.setObjectName(f"{name}_no")
    for button in (accept, stay):  # bold, or with room around it, a label is wider than Qt thinks
        button.setMinimumWidth(button.fontMetrics().horizontalAdvance(button.text()) + 6 * SPACING)
    box.setDefaultButton(stay)
    box.setEscapeButton(stay)
    box.exec()
    return box.clickedButton() is accept


class ClosingNotice(QFrame):
    """Covers the window while what runs behind it comes to its end."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("closing_notice")
        self.setAutoFillBackground(True)
        self.words = QLabel()
        self.words.setProperty("role", "heading")
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        bar = QProgressBar()
        bar.setRange(0, 0)
        bar.setTextVisible(False)
        bar.setFixedWidth(30 * SPACING)
        layout = QVBoxLayout(self)
        layout.setSpacing(2 * SPACING)
        layout.addStretch(1)
        layout.addWidget(self.words)
        layout.addWidget(bar, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(1)
        self.hide()

    def cover(self, words: str) -> None:
        """Show the notice over the whole window."""
        self.words.setText(words)
        self.setGeometry(self.parentWidget().rect())
        self.show()
        self.raise_()


def _tr(text: str) -> str:
    return QCoreApplication.translate("Leaving", text)
