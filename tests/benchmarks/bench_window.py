"""How quick the window stays while it trains, and what it costs the training.

``python -m tests.benchmarks.bench_window [--seconds 300] [--rounds 12] [--size 128]``

Event loop: a timer of 5 ms notes how late it is while a text is trained and every page is shown in
turn, five seconds each. Asked for: 99 % below 10 ms on an idle machine (50 ms on a busy one), and
never 200 ms.

Speed: the run in the window (Train page) and the same run without one take turns in one process,
three seconds each. The ratio is steps with the window over steps without it.
"""

import argparse
import os
import statistics
import sys
import tempfile
import threading
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

PAGE_MS = 5_000
TICK_MS = 5
TURN_MS = 3_000
WARM_MS = 500


class Headless:
    """The same run without a window: a thread that pulls the events and drops them."""

    def __init__(self, experiment: Any, root: Path) -> None:
        from workbench.engine.control import Control

        self.control = Control()
        self.step = 0
        self._experiment, self._root = experiment, root
        self._thread = threading.Thread(target=self._pull, name="headless")
        self._thread.start()

    def _pull(self) -> None:
        from workbench.engine import events
        from workbench.engine.trainer import train

        for event in train(self._experiment, control=self.control, runs_root=self._root):
            if isinstance(event, events.StepsDone):
                self.step = event.step

    def close(self) -> None:
        """End it and wait."""
        self.control.stop()
        self._thread.join()


class Delays:
    """How late a timer of five milliseconds is, by the page that was shown."""

    def __init__(self) -> None:
        from PySide6.QtCore import Qt, QTimer

        self.by_page: dict[str, list[float]] = defaultdict(list)
        self.page = ""
        self._last = 0.0
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        """Begin to measure."""
        self._last = time.perf_counter()
        self._timer.start()

    def stop(self) -> None:
        """Stop measuring."""
        self._timer.stop()

    def _tick(self) -> None:
        now = time.perf_counter()
        self.by_page[self.page].append(max(0.0, 1000 * (now - self._last) - TICK_MS))
        self._last = now


class Bench:
    """Drives the window through the measurement, one timer after the other."""

    def __init__(self, app: Any, arguments: argparse.Namespace, root: Path) -> None:
        from workbench.app.session import Session
        from workbench.app.settings import Settings
        from workbench.views.main_window import MainWindow

        self.app, self.arguments, self.root = app, arguments, root
        self.session = Session(Settings(root / "settings"))
        self.window = MainWindow(self.session)
        self.window.resize(1920, 1080)
        self.delays = Delays()
        self.ratios: list[float] = []
        self.headless: Headless | None = None
        self.began = 0.0
        self.pages = list(self.window.hosts)

    def start(self) -> None:
        """Open the sample and train it."""
        from workbench.paths import sample_data_folder

        self.window.show()
        self.window.preload.ready.connect(
            lambda: self.session.open_path(sample_data_folder() / "harbour_tales.txt")
        )
        self.session.opening.opened.connect(lambda _loaded: self.later(0, self.train))

    def later(self, milliseconds: int, action: Any) -> None:
        """Do something later."""
        from PySide6.QtCore import QTimer

        QTimer.singleShot(milliseconds, action)

    def train(self) -> None:
        """Start a run that does not end by itself."""
        self.session.edit_many(
            {
                "training.epochs": 10_000, "training.patience": 0, "training.threads": 1,
                "training.schedule": "constant", "model.hidden_size": self.arguments.size,
            },
            "Benchmark",
        )  # fmt: skip
        self.session.start_training()
        self.when_training(self.measure_delays)

    def when_training(self, action: Any) -> None:
        """Wait for the first steps."""
        if len(self.session.training.history.steps) > 20:
            action()
        else:
            self.later(200, lambda: self.when_training(action))

    # ------------------------------------------------------------------ event loop

    def measure_delays(self) -> None:
        """Show every page in turn while the timer runs."""
        self.began = time.perf_counter()
        self.delays.start()
        self.next_page(0)

    def next_page(self, number: int) -> None:
        """Show a page; after the time asked for, go on with the speed."""
        if time.perf_counter() - self.began >= self.arguments.seconds:
            self.delays.stop()
            self.window.show_station("train")
            self.session.pause()
            training = self.session.training.following
            self.headless = Headless(training, self.root / "headless")
            self.later(WARM_MS, self.wait_for_headless)
            return
        self.delays.page = self.pages[number % len(self.pages)]
        self.window.show_station(self.delays.page)
        self.later(PAGE_MS, lambda: self.next_page(number + 1))

    # ------------------------------------------------------------------ speed

    def wait_for_headless(self) -> None:
        """Wait for the first steps without a window."""
        if self.headless.step > 20:
            self.headless.control.pause()
            self.later(WARM_MS, self.turn)
        else:
            self.later(200, self.wait_for_headless)

    def turn(self) -> None:
        """One turn with the window, then one without."""
        if len(self.ratios) >= self.arguments.rounds:
            self.report()
            return
        self.session.resume()
        self.later(WARM_MS, self.with_window)

    def with_window(self) -> None:
        """Count steps in the window."""
        history = self.session.training.history
        first, began = history.latest.step, time.perf_counter()

        def end() -> None:
            speed = (history.latest.step - first) / (time.perf_counter() - began)
            self.session.pause()
            self.later(WARM_MS, lambda: self.without_window(speed))

        self.later(TURN_MS, end)

    def without_window(self, windowed: float) -> None:
        """Count steps without it."""
        self.headless.control.resume()

        def begin() -> None:
            first, began = self.headless.step, time.perf_counter()

            def end() -> None:
                speed = (self.headless.step - first) / (time.perf_counter() - began)
                self.headless.control.pause()
                self.ratios.append(windowed / speed)
                self.later(WARM_MS, self.turn)

            self.later(TURN_MS, end)

        self.later(WARM_MS, begin)

    def report(self) -> None:
        """Print what was measured and leave."""
        everything = [late for page in self.pages for late in self.delays.by_page[page]]
        print(f"{'page':8} {'ticks':>7} {'p50 ms':>8} {'p99 ms':>8} {'max ms':>8}")
        for name, values in [*self.delays.by_page.items(), ("all", everything)]:
            if len(values) < 2:
                continue
            cuts = statistics.quantiles(values, n=100)
            print(f"{name:8} {len(values):7} {cuts[49]:8.2f} {cuts[98]:8.2f} {max(values):8.1f}")
        print(
            f"speed with the window over without: {statistics.median(self.ratios):.3f} "
            f"(rounds {', '.join(f'{ratio:.2f}' for ratio in self.ratios)})"
        )
        self.headless.close()
        self.window.closed.connect(self.app.quit)
        self.window.keep_and_close()


def main() -> int:
    """Measure and print; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=300.0, help="of the event-loop part")
    parser.add_argument("--rounds", type=int, default=12, help="of the speed part")
    parser.add_argument("--size", type=int, default=128, help="hidden size of the model")
    arguments = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from workbench.views.application import Application
    from workbench.views.theme import theme

    with tempfile.TemporaryDirectory() as folder:
        os.environ["WORKBENCH_RUNS"] = str(Path(folder) / "runs")
        app = Application(sys.argv[:1])
        app.setQuitOnLastWindowClosed(False)
        theme().apply(app)
        bench = Bench(app, arguments, Path(folder))
        bench.start()
        return int(app.exec())


if __name__ == "__main__":
    sys.exit(main())
