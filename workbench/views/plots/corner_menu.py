"""The menu in every picture's corner: save it, copy it, show it whole again."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QFileDialog, QMenu

from workbench.errors import UserError
from workbench.views.theme import icon

if TYPE_CHECKING:
    from workbench.views.plots.frame import PictureFrame


class CornerMenu(QMenu):
    """What can be done with a picture as a whole."""

    def __init__(self, picture: "PictureFrame", name: str) -> None:
        super().__init__(picture)
        self._picture = picture
        self._name = name
        self.setObjectName(f"{name}_actions")
        self._add("image", self.tr("Save as PNG…"), "png", self._ask_png)
        self._add("file-dotted", self.tr("Save as SVG…"), "svg", self._ask_svg)
        self._add("table", self.tr("Save the numbers as CSV…"), "csv", self._ask_csv)
        self._copy_action = copy = self._add("copy", self.tr("Copy picture"), "copy", self._copy)
        copy.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        self.addSeparator()
        reset = self._add("arrows-out", self.tr("Reset view"), "reset", self._reset)
        reset.setShortcut(QKeySequence(Qt.Key.Key_Home))
        for action in (copy, reset):
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            picture.addAction(action)

    def set_filled(self, filled: bool) -> None:
        """Offer the actions only where there is something to act on."""
        for action in self.actions():
            action.setEnabled(filled)

    def rename_copy(self, text: str) -> None:
        """Say what is copied, where it is not the picture."""
        self._copy_action.setText(text)

    def _add(self, sign: str, text: str, name: str, slot: Callable[[], None]) -> QAction:
        action = self.addAction(icon(sign), text)
        action.setObjectName(f"{self._name}_{name}")
        action.triggered.connect(slot)
        return action

    def _copy(self) -> None:
        self._picture.copy()

    def _reset(self) -> None:
        self._picture.reset_view()

    def _ask_png(self) -> None:
        self._ask(self.tr("PNG picture (*.png)"), ".png", self._picture.save_png)

    def _ask_svg(self) -> None:
        self._ask(self.tr("SVG picture (*.svg)"), ".svg", self._picture.save_svg)

    def _ask_csv(self) -> None:
        self._ask(self.tr("CSV table (*.csv)"), ".csv", self._picture.save_csv)

    def _ask(self, kinds: str, suffix: str, save: Callable[[Path], None]) -> None:
        title = self._picture.title
        proposed = "".join(c if c.isalnum() or c in " -_" else "_" for c in title).strip()
        answer, _ = QFileDialog.getSaveFileName(
            self._picture, self.tr("Save"), (proposed or self._name) + suffix, kinds
        )
        if not answer:
            return
        path = Path(answer)
        path = path if path.suffix else path.with_suffix(suffix)
        try:
            save(path)
        except UserError as error:
            self._picture.set_readout(f"{error.what} {error.todo}", "bad")
            self._picture.failed.emit(error)
        else:
            self._picture.set_readout(self.tr("Saved {0}").format(path.name))
