"""The Look page by mouse alone: ``python -m tests.benchmarks.look_walk RUN OTHER DIR``.

RUN is a character model (LSTM) trained in the program, OTHER a plain RNN of the same size on the
same text, beside it in the same folder. With real mouse events the walk finds the unit that
follows the place in the line by track ranking, holds it on the clamp slider, draws the RNN's
gradient beside the LSTM's and clicks a forget gate of long memory in the saturation plot. Each
picture is saved, and what was seen is printed.
"""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

SETTLE_MS = 300
MOST_MS = 60_000


def main(run: Path, other: Path, folder: Path) -> int:
    """Walk; return the exit code."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        os.environ["WORKBENCH_RUNS"] = str(run.parent)
        os.environ["WORKBENCH_SETTINGS"] = str(Path(home) / "settings")
        return _Walk(run, other, folder).start()


class _Walk:
    """A window, and a list of things a hand does in it."""

    def __init__(self, run: Path, other: Path, folder: Path) -> None:
        from workbench.app.session import Session
        from workbench.app.settings import Settings
        from workbench.views.application import Application
        from workbench.views.main_window import MainWindow
        from workbench.views.theme import theme

        self.app = Application(sys.argv[:1])
        theme().apply(self.app)
        theme().set_mode("light")
        self.session = Session(Settings())
        self.window = MainWindow(self.session)
        self.window.resize(1280, 800)
        self.run, self.other, self.folder = run, other, folder
        self.failed = False

    def start(self) -> int:
        from PySide6.QtCore import QTimer

        self.window.show()
        self.session.open_path(self.run)
        steps = self._steps()
        waited = 0

        def go_on() -> None:
            nonlocal waited
            if self._busy() and waited < MOST_MS:
                waited += SETTLE_MS
                QTimer.singleShot(SETTLE_MS, go_on)
                return
            waited = 0
            try:
                next(steps)
            except StopIteration:
                self.app.quit()
                return
            except Exception as error:
                print(f"failed: {error!r}")
                self.failed = True
                self.app.quit()
                return
            QTimer.singleShot(SETTLE_MS, go_on)

        QTimer.singleShot(3000, go_on)
        self.app.exec()
        self.session.close()
        return 1 if self.failed else 0

    def _busy(self) -> bool:
        return self.session.work.busy

    # ------------------------------------------------------------------ the hand

    def click(self, widget: object, place: object = None) -> None:
        """A real click: at a place of the widget, or in its middle."""
        from PySide6.QtCore import Qt
        from PySide6.QtTest import QTest

        where = place if place is not None else widget.rect().center()
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, where)

    def click_row(self, view: object, row: int) -> None:
        """Click a row of a list or table."""
        index = view.model().index(row, 0)
        view.scrollTo(index)
        self.click(view.viewport(), view.visualRect(index).center())

    def choose(self, box: object, row: int) -> Iterator[None]:
        """Open a combo box with the mouse and click one of its lines."""
        self.click(box)
        yield
        popup = box.view()
        place = popup.visualRect(popup.model().index(row, 0)).center()
        yield  # a popup takes no click in its first moment: it may be the end of a double click
        self.click(popup.viewport(), place)
        yield

    def drag(self, slider: object, share: float) -> None:
        """Drag a slider's handle to a share of its way."""
        from PySide6.QtCore import QPoint, Qt
        from PySide6.QtTest import QTest
        from PySide6.QtWidgets import QStyle, QStyleOptionSlider

        option = QStyleOptionSlider()
        slider.initStyleOption(option)
        handle = slider.style().subControlRect(
            QStyle.ComplexControl.CC_Slider, option, QStyle.SubControl.SC_SliderHandle, slider
        )
        end = QPoint(round(share * (slider.width() - 1)), handle.center().y())
        QTest.mousePress(
            slider, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, handle.center()
        )
        for part in range(1, 6):
            QTest.mouseMove(slider, handle.center() + (end - handle.center()) * part / 5)
        QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, end)

    def view(self, key: str) -> Callable[[], object]:
        """Click a view's line in the list."""
        from PySide6.QtCore import Qt

        page = self.page
        for row in range(page.list.count()):
            if page.list.item(row).data(Qt.ItemDataRole.UserRole) == key:
                self.click_row(page.list, row)
        return page.view

    @property
    def page(self) -> object:
        """The Look page."""
        return self.window.hosts["look"].page

    def save(self, name: str) -> None:
        """Save a picture of the window."""
        path = self.folder / f"look_{name}.png"
        self.window.grab().save(str(path))
        print(f"saved {path.name}")

    # ------------------------------------------------------------------ the walk

    def _steps(self) -> Iterator[None]:
        from PySide6.QtCore import Qt

        self.click(self.window.rail.buttons["look"])
        yield
        yield from self.choose(self.page.reading.part, 1)  # a stretch of the validation part
        ranking = self.view("ranking")
        yield
        names = [
            ranking.tracks.item(row).data(Qt.ItemDataRole.UserRole)
            for row in range(ranking.tracks.count())
        ]
        self.click_row(ranking.tracks, names.index("place in the line"))
        yield
        rows = ranking.table._model.rows
        row = next(at for at, cells in enumerate(rows) if cells[1] == "2" and cells[2] == "cell")
        self.click_row(ranking.table.view, row)
        yield
        unit, layer, state, score, _strength = rows[row]
        print(f"place in the line: unit {unit} of layer {layer}, {state} state, r = {score:.2f}")
        self.save("tracks")
        touch = self.view("touch")
        yield
        self.drag(touch.controls.slider, 0.0)
        yield
        yield from self._lines(touch, "held at −1")
        self.save("clamp")
        self.drag(touch.controls.slider, 1.0)
        yield
        yield from self._lines(touch, "held at +1")
        gradient = self.view("gradient")
        yield
        folders = [gradient.beside.itemData(row) for row in range(gradient.beside.count())]
        yield from self.choose(gradient.beside, folders.index(str(self.other)))
        print(gradient.words.text())
        self.save("gradient")
        saturation = self.view("saturation")
        yield
        panel = saturation.panels["forget_gate"]
        group = panel._groups[1]
        upper = [item for item in saturation._memory if item.layer == 1]
        point = max(upper, key=lambda item: item.half_life).unit
        place = panel.canvas.to_pixels(float(group.x[point]), float(group.y[point]))
        self.click(panel.canvas.viewport(), place.toPoint())
        yield
        chosen = self.session.selection
        lives = [item for item in saturation._memory
                 if (item.layer, item.unit) == (chosen.layer, chosen.unit)]  # fmt: skip
        print(
            f"forget gate of unit {chosen.unit}, layer {chosen.layer + 1}: open in "
            f"{lives[0].open:.0%} of the steps, half-life {lives[0].half_life:.0f} steps"
        )
        self.save("saturation")

    def _lines(self, touch: object, what: str) -> Iterator[None]:
        yield
        before, after = touch.before.text, touch.after.text
        mean = [len(text) / max(text.count("\n"), 1) for text in (before, after)]
        print(f"{what}: {mean[0]:.0f} symbols a line became {mean[1]:.0f}")
        if before == after:
            raise RuntimeError("the text did not change")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])))
