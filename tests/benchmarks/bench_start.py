"""How long a person waits: for the window, and for commands that need no model.

``python -m tests.benchmarks.bench_start [--rounds 5]``

Each start is a process of its own, timed from before the process is made. The window is there
when it was painted for the first time; its bar is a bare Qt window with a label, in turns with it.
Asked for: a window in under 3 s on two cores, and ``--help`` without torch or Qt.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BARE = """
import sys, time
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow
app = QApplication([])
class Window(QMainWindow):
    def paintEvent(self, event):
        super().paintEvent(event)
        print(time.time() - float(sys.argv[1]))
        app.quit()
window = Window()
window.setCentralWidget(QLabel("Hello"))
window.resize(1280, 800)
window.show()
app.exec()
"""
WINDOW = """
import json, sys, time
from PySide6.QtCore import QEvent, QObject
from workbench.views import application
class Watch(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint:
            watched.removeEventFilter(self)
            loaded = [name for name in ("torch", "pandas", "pyqtgraph") if name in sys.modules]
            print(json.dumps([time.time() - float(began), time.process_time(), loaded]), flush=True)
            watched.preload.ready.connect(self.done)
        return False
    def done(self):
        print(time.time() - float(began), flush=True)
        window.keep_and_close()
began = sys.argv.pop()
watch = Watch()
made = application.MainWindow
def make(session):
    global window
    window = made(session)
    window.installEventFilter(watch)
    return window
application.MainWindow = make
application.run([])
"""
COMMAND = """
import json, sys
from workbench.__main__ import main
try:
    main()
finally:
    loaded = [name for name in ("torch", "PySide6") if name in sys.modules]
    print(json.dumps(loaded), file=sys.stderr)
"""


def start(code: str, *arguments: str) -> tuple[list[str], list[str], float]:
    """Run a program; returns its lines, its lines of errors, and the seconds until it ended."""
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False
    )
    return done.stdout.split("\n"), done.stderr.split("\n"), time.perf_counter() - began


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["WORKBENCH_RUNS"] = str(Path(folder) / "runs")
        os.environ["WORKBENCH_SETTINGS"] = str(Path(folder) / "settings")
        bare, shown, used, ready, loaded = [], [], [], [], set()
        for _ in range(arguments.rounds):
            bare.append(float(start(BARE, str(time.time()))[0][0]))
            lines = start(WINDOW, str(time.time()))[0]
            seconds, busy, before = json.loads(lines[0])
            shown.append(seconds)
            used.append(busy)
            loaded |= set(before)
            ready.append(float(lines[1]))
        print(
            f"window painted after {statistics.median(shown):.2f} s (longest {max(shown):.2f}; "
            f"CPU time {statistics.median(used):.2f}), "
            f"a bare Qt window after {statistics.median(bare):.2f} s; "
            f"torch and the rest loaded behind it after {statistics.median(ready):.2f} s"
        )
        print(f"imported before the first painting: {', '.join(sorted(loaded)) or 'none of them'}")
        for words in (["--help"], ["train", "--help"], ["fields"], ["runs"]):
            found = [start(COMMAND, *words) for _ in range(arguments.rounds)]
            took = statistics.median(seconds for *_, seconds in found)
            heavy = json.loads(found[0][1][-2])
            print(f"workbench {' '.join(words):13} {took:.2f} s, imported: {heavy or 'neither'}")


if __name__ == "__main__":
    main()
