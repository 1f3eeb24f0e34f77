"""Everything that can be done from anywhere in the window, each with its key."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QWidget

from workbench.views.stations import STATIONS
from workbench.views.theme import MODES, icon, theme

if TYPE_CHECKING:
    from workbench.app.session import Session

Key = QKeySequence | QKeySequence.StandardKey | str


class Actions(QObject):
    """The window's actions.

    Attributes:
        train: Start a run.
        pause: Let it wait, or go on.
        stop: End and keep it.
        discard: End and throw it away.
        stations: Show a station, by its name.
        themes: System, light and dark.
        all: Every action in the order of the list of shortcuts.
    """

    def __init__(self, window: QWidget, session: "Session") -> None:
        super().__init__(window)
        self._window, self._session = window, session
        self.all: list[QAction] = []
        self._make_file_actions()
        self._make_run_actions()
        self._make_view_actions()
        session.training.changed.connect(self._follow_run)
        self._follow_run()

    def _make_file_actions(self) -> None:
        stack = self._session.undo_stack
        self.open = self._add(
            "open", self.tr("Open…"), "folder-open", QKeySequence.StandardKey.Open,
            self.tr("Open a CSV, a text or an experiment"),
        )  # fmt: skip
        self.open_folder = self._add(
            "open_folder", self.tr("Open folder…"), "folder", "Ctrl+Shift+O",
            self.tr("Open a folder of texts, or a run"),
        )  # fmt: skip
        self.save = self._add(
            "save", self.tr("Save experiment"), "floppy-disk", QKeySequence.StandardKey.Save,
            self.tr("Save the experiment as a file that opens here and on the command line"),
        )  # fmt: skip
        self.save_as = self._add(
            "save_as", self.tr("Save experiment as…"), "floppy-disk", "Ctrl+Shift+S",
            self.tr("Save the experiment under another name"),
        )  # fmt: skip
        self.undo = self._add(
            "undo", self.tr("Undo"), "arrow-u-up-left", QKeySequence.StandardKey.Undo,
            self.tr("Take the last change of a setting back"),
        )  # fmt: skip
        self.redo = self._add(
            "redo", self.tr("Redo"), "arrow-u-up-right", "Ctrl+Shift+Z",
            self.tr("Make the change again"),
        )  # fmt: skip
        self.undo.triggered.connect(stack.undo)
        self.redo.triggered.connect(stack.redo)
        stack.canUndoChanged.connect(self.undo.setEnabled)
        stack.canRedoChanged.connect(self.redo.setEnabled)
        stack.undoTextChanged.connect(self._name_undo)
        stack.redoTextChanged.connect(self._name_redo)
        self.undo.setEnabled(stack.canUndo())
        self.redo.setEnabled(stack.canRedo())

    def _make_run_actions(self) -> None:
        session = self._session
        self.train = self._add(
            "train", self.tr("Train"), "play", "Ctrl+Return",
            self.tr("Train the experiment as it is set up now"), session.start_training,
        )  # fmt: skip
        self.pause = self._add(
            "pause", self.tr("Pause"), "pause", "", self.tr("Let the run wait after this step"),
        )  # fmt: skip
        self.pause.setProperty("shown_key", "Space")
        self.stop = self._add(
            "stop", self.tr("Stop && keep"), "stop", "Ctrl+.",
            self.tr("End the run after this step; everything it learned is kept"),
            session.stop_and_keep,
        )  # fmt: skip
        self.discard = self._add(
            "discard", self.tr("Discard"), "trash", "",
            self.tr("End the run and move it to the bin: its curves and weights are gone"),
        )  # fmt: skip
        self.pause.triggered.connect(self.pause_or_go_on)

    def _make_view_actions(self) -> None:
        self.stations: dict[str, QAction] = {}
        for number, station in enumerate(STATIONS, 1):
            action = self._add(
                f"show_{station.name}", self.tr("Show {0}").format(station.words), "",
                f"Ctrl+{number}", station.tip,
            )  # fmt: skip
            action.setData(station.name)
            self.stations[station.name] = action
        self.settings = self._add(
            "settings", self.tr("Settings beside the page"), "sliders-horizontal", "Ctrl+B",
            self.tr("Show or hide the settings of the page"),
        )  # fmt: skip
        self.settings.setCheckable(True)
        self.settings.setChecked(True)
        self.shortcuts = self._add(
            "shortcuts", self.tr("Keyboard shortcuts"), "keyboard",
            QKeySequence.StandardKey.HelpContents, self.tr("List all shortcuts"),
        )  # fmt: skip
        self.shortcuts.setShortcut(QKeySequence("F1"))
        self.quit = self._add(
            "quit", self.tr("Quit"), "sign-out", "Ctrl+Q", self.tr("Close the window")
        )
        self.themes = QActionGroup(self)
        words = {"system": self.tr("Like the system"), "light": self.tr("Light"),
                 "dark": self.tr("Dark")}  # fmt: skip
        for mode in MODES:
            action = self.themes.addAction(words[mode])
            action.setObjectName(f"theme_{mode}")
            action.setData(mode)
            action.setCheckable(True)
            action.setChecked(mode == theme().mode)
        self.themes.triggered.connect(self._choose_theme)

    def _add(
        self, name: str, text: str, sign: str, key: Key, tip: str,
        slot: Callable[[], None] | None = None,
    ) -> QAction:  # fmt: skip
        action = QAction(text, self._window)
        action.setObjectName(f"action_{name}")
        _name(action, text)
        if sign:
            action.setIcon(icon(sign, "accent_text" if name == "train" else "text"))
        if key:
            action.setShortcut(QKeySequence(key))
        shown = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        action.setToolTip(f"{tip} ({shown})" if shown else tip)
        action.setStatusTip("")
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        if slot is not None:
            action.triggered.connect(slot)
        self._window.addAction(action)
        self.all.append(action)
        return action

    # ------------------------------------------------------------------ following

    def pause_or_go_on(self) -> None:
        """Pause the run, or let it go on."""
        if self._session.training.state == "paused":
            self._session.resume()
        else:
            self._session.pause()

    def _follow_run(self) -> None:
        state = self._session.training.state
        active, paused = self._session.training.active, state == "paused"
        steerable = active and state != "stopping"
        self.train.setEnabled(not active)
        self.pause.setEnabled(steerable)
        _name(self.pause, self.tr("Continue") if paused else self.tr("Pause"))
        self.pause.setIcon(icon("play" if paused else "pause"))
        tip = self.tr("Go on with the run") if paused else self.tr("Let the run wait")
        self.pause.setToolTip(self.tr("{0} (Space)").format(tip))
        self.stop.setEnabled(steerable)
        self.discard.setEnabled(steerable)

    def _name_undo(self, text: str) -> None:
        words = self.tr("Undo: {0}").format(text) if text else self.tr("Nothing to undo")
        self.undo.setToolTip(f"{words} ({_keys(self.undo)})")

    def _name_redo(self, text: str) -> None:
        words = self.tr("Redo: {0}").format(text) if text else self.tr("Nothing to redo")
        self.redo.setToolTip(f"{words} ({_keys(self.redo)})")

    def _choose_theme(self, action: QAction) -> None:
        self._session.settings.theme = action.data()
        theme().set_mode(action.data())


def _name(action: QAction, text: str) -> None:
    """Name an action; on a button its words keep a distance from the icon."""
    action.setText(text)
    action.setIconText(f" {text.rstrip('…')}")


def _keys(action: QAction) -> str:
    return action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)


def shortcut_list(actions: Actions) -> list[tuple[str, str]]:
    """Every shortcut as keys and meaning, for the dialog that lists them."""
    rows = []
    for action in actions.all:
        keys = _keys(action) or action.property("shown_key") or ""
        if keys:
            rows.append((keys, action.text().replace("&&", "&").rstrip("…")))
    return rows
