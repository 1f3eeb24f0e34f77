"""The status line: the verdict in one sentence, how far the run is, what the machine does."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton, QSizePolicy, QStatusBar, QWidget

from workbench.app.meters import Meters, Usage
from workbench.views.labels import plain_label
from workbench.views.numbers import THIN_SPACE, memory
from workbench.views.plots.legend import ElidedLabel
from workbench.views.run_words import progress_words, sentence
from workbench.views.theme import SPACING

if TYPE_CHECKING:
    from workbench.app.session import Session

_WORDS_MS = 250
"""Numbers that change faster cannot be read."""
_METERS_MS = 1000


class StatusLine(QStatusBar):
    """Follows the session; redrawn at most four times a second.

    Attributes:
        usage: The last reading of the meters.
    """

    def __init__(self, session: "Session", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("status_line")
        self.setSizeGripEnabled(False)
        self.setContentsMargins(SPACING, 0, SPACING, 0)
        self._session = session
        self._meters = Meters()
        self.usage: Usage | None = None
        self.verdict = ElidedLabel()
        self.verdict.setObjectName("status_verdict")
        self.verdict.setAccessibleName(self.tr("Verdict"))
        self.verdict.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.loading = QProgressBar()
        self.loading.setObjectName("status_loading")
        self.loading.setAccessibleName(self.tr("Share read"))
        self.loading.setFixedWidth(18 * SPACING)
        self.loading.setTextVisible(False)
        self.cancel = QPushButton(self.tr("Cancel"))
        self.cancel.setObjectName("status_cancel")
        self.cancel.setProperty("tone", "link")
        self.cancel.clicked.connect(session.cancel_loading)
        self.progress = self._label("status_progress", self.tr("Progress"))
        self.machine = self._label("status_machine", self.tr("Processor and memory"))
        self.addWidget(self.verdict, 1)
        for part in (self.loading, self.cancel, self.progress, self.machine):
            self.addPermanentWidget(part)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_WORDS_MS)
        self._soon.timeout.connect(self.refresh)
        self._clock = QTimer(self)
        self._clock.setInterval(_METERS_MS)
        self._clock.timeout.connect(self.read_meters)
        self._clock.start()
        session.training.drained.connect(self._later)
        session.history_changed.connect(self._later)
        session.job_changed.connect(self._job_changed)
        session.loading_progress.connect(self._show_loading)
        self._job_changed()
        self.read_meters()

    def _label(self, name: str, words: str) -> QLabel:
        label = plain_label(name, role="muted", wrap=False)
        label.setAccessibleName(words)
        label.setContentsMargins(SPACING, 0, SPACING, 0)
        return label

    # ------------------------------------------------------------------ following

    def _later(self, _value: object = None) -> None:
        if not self._soon.isActive():
            self._soon.start()

    def _job_changed(self, _job: object = None) -> None:
        loading = self._session.job.state == "loading"
        if loading and not self.loading.isVisibleTo(self):
            self.loading.setRange(0, 0)
        self.loading.setVisible(loading)
        self.cancel.setVisible(loading)
        self.refresh()

    def _show_loading(self, done: float) -> None:
        self.loading.setRange(0, 1000)
        self.loading.setValue(round(1000 * done))

    def refresh(self) -> None:
        """Say how things stand."""
        session = self._session
        active = session.job.run_active
        history = session.training.history if active else session.history
        words = sentence(history, session.job)
        if words != self.verdict.text():
            self.verdict.setText(words)
            self.verdict.setToolTip(f"<p>{_escaped(words)}</p>" if words else "")
            self.verdict.setAccessibleDescription(words)
        progress = progress_words(history, active=active)
        if progress != self.progress.text():
            self.progress.setText(progress)
        self.progress.setVisible(bool(progress))

    def read_meters(self) -> None:
        """Read processor, memory and GPU."""
        session = self._session
        warmed = session.training.history.warmed_up if session.job.run_active else None
        self.usage = self._meters.read(warmed.device if warmed else "")
        busy = f"{round(100 * self.usage.cpu)}{THIN_SPACE}%"
        words = self.tr("cpu {0} · {1}").format(busy, memory(self.usage.memory))
        if self.usage.gpu:
            words += self.tr(" · gpu {0}").format(memory(self.usage.gpu_memory))
        self.machine.setText(words)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
