"""What the Data page shows before there is data: a place to drop a file, or how far reading is."""

from pathlib import Path

from PySide6.QtCore import QMimeData, QSize, Qt, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from workbench.views.theme import SPACING, colour, icon, theme


def dropped_path(data: QMimeData) -> str:
    """The first local file or folder of what is dragged; empty where there is none."""
    return next((url.toLocalFile() for url in data.urls() if url.isLocalFile()), "")


class DropArea(QFrame):
    """A dashed field: drop a file here, or choose one."""

    path_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("drop_area")
        self.setAccessibleName(self.tr("Drop a file here"))
        self.setAcceptDrops(True)
        self._over = False
        self._sign = QLabel()
        self._sign.setAlignment(Qt.AlignmentFlag.AlignCenter)
        title = QLabel(self.tr("Drop a CSV or a text here"))
        title.setProperty("role", "title")
        title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        words = QLabel(
            self.tr(
                "Encoding, separator, numbers and dates are found and shown; nothing is changed in "
                "your file. A folder of texts works too."
            )
        )
        words.setProperty("role", "muted")
        words.setWordWrap(True)
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        words.setFixedWidth(52 * SPACING)
        middle = QHBoxLayout()  # a nested layout keeps the height that wrapped words need
        middle.addStretch(1)
        middle.addWidget(words)
        middle.addStretch(1)
        self.open_file = QPushButton(self.tr("Open data…"))
        self.open_file.setObjectName("data_open_file")
        self.open_file.setProperty("tone", "primary")
        self.open_file.clicked.connect(self._choose_file)
        self.open_folder = QPushButton(self.tr("Open folder…"))
        self.open_folder.setObjectName("data_open_folder")
        self.open_folder.clicked.connect(self._choose_folder)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACING)
        buttons.addStretch(1)
        buttons.addWidget(self.open_file)
        buttons.addWidget(self.open_folder)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setSpacing(2 * SPACING)
        layout.addStretch(1)
        layout.addWidget(self._sign)
        layout.addWidget(title)
        layout.addLayout(middle)
        layout.addLayout(buttons)
        layout.addStretch(1)
        theme().changed.connect(self._restyle)
        self._restyle(None)

    @Slot(object)
    def _restyle(self, _palette: object) -> None:
        self._sign.setPixmap(
            icon("file-arrow-down", "text_muted").pixmap(QSize(48, 48), self.devicePixelRatioF())
        )
        self.update()

    @Slot()
    def _choose_file(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self,
            self.tr("Open data"),
            str(Path.home()),
            self.tr("Data and experiments (*.csv *.tsv *.txt *.dat *.toml);;All files (*)"),
        )
        if path:
            self.path_chosen.emit(path)

    @Slot()
    def _choose_folder(self) -> None:
        path = QFileDialog.getExistingDirectory(
            self, self.tr("Open a folder of texts"), str(Path.home())
        )
        if path:
            self.path_chosen.emit(path)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the dashed outline."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(colour("accent" if self._over else "border_strong"), 1.5)
        pen.setDashPattern([5, 4])
        painter.setPen(pen)
        painter.setBrush(colour("accent_soft" if self._over else "surface"))
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -2, -2), 10, 10)
        painter.end()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files and folders."""
        if dropped_path(event.mimeData()):
            self._over = True
            self.update()
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Nothing is held over it any more."""
        self._over = False
        self.update()
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        self._over = False
        self.update()
        path = dropped_path(event.mimeData())
        if path:
            event.acceptProposedAction()
            self.path_chosen.emit(path)


class LoadingPanel(QWidget):
    """What is being read, how far, and a way out."""

    cancel_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("loading_panel")
        self.words = QLabel()
        self.words.setObjectName("loading_words")
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setWordWrap(True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.bar = QProgressBar()
        self.bar.setObjectName("loading_progress")
        self.bar.setAccessibleName(self.tr("Share read"))
        self.bar.setRange(0, 0)
        self.bar.setTextVisible(False)
        self.share = QLabel()
        self.share.setProperty("role", "muted")
        self.share.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.cancel = QPushButton(self.tr("Cancel"))
        self.cancel.setObjectName("loading_cancel")
        self.cancel.clicked.connect(self.cancel_requested)
        inner = QWidget()
        inner.setFixedWidth(50 * SPACING)
        column = QVBoxLayout(inner)
        column.setSpacing(SPACING)
        for widget in (self.words, self.bar, self.share):
            column.addWidget(widget)
        column.addWidget(self.cancel, 0, Qt.AlignmentFlag.AlignHCenter)
        layout = QVBoxLayout(self)
        layout.addStretch(1)
        layout.addWidget(inner, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(1)

    def start(self, words: str) -> None:
        """Begin anew with a sentence."""
        self.words.setText(words)
        self.bar.setRange(0, 0)
        self.share.clear()

    @Slot(float)
    def set_progress(self, share: float) -> None:
        """Show the share read, 0…1."""
        self.bar.setRange(0, 1000)
        self.bar.setValue(round(1000 * min(max(share, 0.0), 1.0)))
        self.share.setText(f"{100 * min(max(share, 0.0), 1.0):.0f}\u202f%")
