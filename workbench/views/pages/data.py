"""The Data page: what the file holds, and how it is read, split and cut into samples."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from workbench.specs import TaskName
from workbench.views.pages.data_empty import DropArea, LoadingPanel
from workbench.views.theme import SPACING

if TYPE_CHECKING:
    from workbench.app.session import Session
    from workbench.experiment import Experiment

Ready = tuple[bool, str, str, Callable[[], None] | None]


def reading_key(experiment: "Experiment") -> object:
    """What decides how the file is read: where it differs, the file is read again."""
    data = experiment.data
    if experiment.task is TaskName.LANGUAGE_MODEL:
        return data.path, data.text.encoding
    cells = tuple((c.name, c.kind, c.decimal, c.thousands) for c in data.table.columns)
    time = data.table.time
    return data.path, data.table.reading, time.columns, time.format, cells


def _read_again(experiment: "Experiment", loading: Any) -> Any:
    from workbench.app.loader import read_again

    return read_again(experiment, loading)


class LoadingStrip(QWidget):
    """A thin line above a preview: the rest is still being read."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("loading_strip")
        self.words = QLabel()
        self.words.setObjectName("loading_strip_words")
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setProperty("role", "muted")
        self.bar = QProgressBar()
        self.bar.setObjectName("loading_strip_progress")
        self.bar.setAccessibleName(self.tr("Share read"))
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 1000)
        self.cancel = QPushButton(self.tr("Cancel"))
        self.cancel.setObjectName("loading_strip_cancel")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(2 * SPACING, SPACING, 2 * SPACING, 0)
        layout.setSpacing(SPACING)
        layout.addWidget(self.words)
        layout.addWidget(self.bar, 1)
        layout.addWidget(self.cancel)


class DataPage(QWidget):
    """Chooses what to show by the session's source: nothing, reading, a table, or a text."""

    station = "data"

    def __init__(self, session: "Session", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("data_page")
        self.setAccessibleName(self.tr("Data"))
        self._session = session
        self._views: dict[str, QWidget] = {}
        self._shown: Any = None
        self._read_with: object = None
        self._panel: QStackedWidget | None = None
        self.empty = QWidget()
        inner = QVBoxLayout(self.empty)
        inner.setContentsMargins(4 * SPACING, 4 * SPACING, 4 * SPACING, 4 * SPACING)
        self.drop = DropArea()
        self.drop.path_chosen.connect(session.open_path)
        inner.addWidget(self.drop)
        self.loading = LoadingPanel()
        self.loading.cancel_requested.connect(session.cancel_loading)
        self.strip = LoadingStrip()
        self.strip.cancel.clicked.connect(session.cancel_loading)
        self.strip.hide()
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.loading)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.strip)
        layout.addWidget(self._stack, 1)
        session.source_changed.connect(self._show_source)
        session.experiment_changed.connect(self._show_experiment)
        session.job_changed.connect(self._show_job)
        session.loading_progress.connect(self._show_progress)
        self._show_source(session.source)

    # ------------------------------------------------------------------ the page in the window

    def ready(self) -> Ready:
        """The page is always ready: without data it is the place to open some."""
        return True, "", "", None

    def settings_panel(self) -> QWidget:
        """What the settings dock shows: how the file is read, windows, split."""
        if self._panel is None:
            self._panel = QStackedWidget()
            self._panel.setObjectName("data_settings")
            nothing = QLabel(self.tr("Open data to see how it is read."))
            nothing.setProperty("role", "muted")
            nothing.setWordWrap(True)
            nothing.setAlignment(Qt.AlignmentFlag.AlignTop)
            nothing.setContentsMargins(2 * SPACING, 2 * SPACING, 2 * SPACING, 2 * SPACING)
            self._panel.addWidget(nothing)
            self._show_settings()
        return self._panel

    # ------------------------------------------------------------------ what is shown

    @Slot(object)
    def _show_source(self, source: Any) -> None:
        self._shown = source
        self._read_with = reading_key(self._session.experiment)
        if source is None:
            self._stack.setCurrentWidget(self.empty)
            self._show_job(self._session.job)
            self._show_settings()
            return
        view = self._view("table" if hasattr(source, "frame") else "text")
        view.set_source(source, self._session.experiment)
        self._stack.setCurrentWidget(view)
        self._show_job(self._session.job)
        self._show_settings()

    def _view(self, kind: str) -> Any:
        """The view of a kind of data, made when it is first needed."""
        if kind not in self._views:
            if kind == "table":
                from workbench.views.pages.data_table import TableView as View
            else:
                from workbench.views.pages.data_text import TextView as View
            self._views[kind] = View(self._session)
            self._stack.addWidget(self._views[kind])
        return self._views[kind]

    @Slot(object)
    def _show_experiment(self, experiment: "Experiment") -> None:
        view = self._stack.currentWidget()
        if self._shown is None or view not in self._views.values():
            return
        view.set_experiment(experiment)
        key = reading_key(experiment)
        if key != self._read_with:
            self._read_with = key
            words = self.tr("Reading %1 again").replace("%1", Path(experiment.data.path).name)
            self._session.opening.begin(partial(_read_again, experiment), words)

    @Slot(object)
    def _show_job(self, job: Any) -> None:
        loading = job is not None and job.state == "loading"
        self.strip.setVisible(loading and self._shown is not None)
        if self._shown is None:
            if loading and self._stack.currentWidget() is not self.loading:
                self.loading.start(job.message)
            self._stack.setCurrentWidget(self.loading if loading else self.empty)
        if loading:
            self.loading.words.setText(job.message)
            self.strip.words.setText(job.message)

    @Slot(float)
    def _show_progress(self, share: float) -> None:
        self.loading.set_progress(share)
        self.strip.bar.setValue(round(1000 * share))

    def _show_settings(self) -> None:
        if self._panel is None:
            return
        view = self._stack.currentWidget()
        if view not in self._views.values():
            self._panel.setCurrentIndex(0)
            return
        form = view.settings()
        if self._panel.indexOf(form) < 0:
            self._panel.addWidget(form)
        self._panel.setCurrentWidget(form)
