"""What pictures cost the window: large heatmaps and long curves, processor time of the drawing.

``python -m tests.benchmarks.bench_plots [--large]``

Asked for: a heatmap of 1 024 × 10 000 within 10 ms a frame, one with missing values within twice
that; a curve of ten million points updated within 10 ms and panned within 16 ms. ``--large`` also
opens a heatmap of 4 096 × 100 000 (1.6 GB), asked for within 1.5 s and panned within 16 ms.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable

import numpy as np

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


def spent(function: Callable[[], object], rounds: int = 9) -> tuple[float, float]:
    """Median and largest processor milliseconds of a call."""
    function()
    taken = []
    for _ in range(rounds):
        began = time.process_time()
        function()
        taken.append(1000 * (time.process_time() - began))
    return statistics.median(taken), max(taken)


def report(what: str, function: Callable[[], object]) -> None:
    """Print what a call costs."""
    median, most = spent(function)
    print(f"{what}: {median:.1f} ms (most {most:.1f})")


def main() -> None:
    """Print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true")
    options = parser.parse_args()
    from workbench.views.application import Application
    from workbench.views.theme import theme

    app = Application(sys.argv[:1])
    theme().apply(app)
    _heatmaps(large=options.large)
    _curve()


def _heatmaps(*, large: bool) -> None:
    from workbench.views.plots.heatmap import Heatmap
    from workbench.views.plots.raster import Levels

    heatmap = Heatmap("states")
    heatmap.resize(860, 680)
    heatmap.show()
    values = _states(1024, 10_000)

    def draw() -> None:
        heatmap.set_data(values, kind="signed")
        heatmap.flush()
        heatmap.canvas.grab()

    def draw_prepared() -> None:
        heatmap.set_data(ready.pop(), kind="signed")
        heatmap.flush()
        heatmap.canvas.grab()

    def repaint() -> None:
        heatmap.schedule()
        heatmap.flush()

    ready = [Levels(values).prepared() for _ in range(10)]
    report("heatmap 1 024 × 10 000, new values made ready by a worker, painted", draw_prepared)
    report("  made ready, in the worker", lambda: Levels(values).prepared())
    report("  all of it in the window", draw)
    report("  drawn again", repaint)
    values[5, 7] = np.nan
    report("  with a missing value", draw)
    if large:
        values = _states(4096, 100_000)
        began = time.perf_counter()
        draw()
        print(f"heatmap 4 096 × 100 000 opened in {time.perf_counter() - began:.2f} s")
        places = iter(range(100))

        def pan() -> None:
            first = 500 * next(places)
            heatmap.canvas.show_range((first, first + 20_000), None)
            repaint()

        report("  panned", pan)


def _states(units: int, steps: int) -> np.ndarray:
    """Random states as a trace hands them over: the units of a step beside each other."""
    rng = np.random.default_rng(0)
    return (rng.random((steps, units), dtype=np.float32) * 2 - 1).T


def _curve() -> None:
    from workbench.views.plots.canvas import make_plot

    canvas = make_plot(None, "plot")
    canvas.resize(860, 400)
    canvas.show()
    line = canvas.add_line("series_0")
    x = np.arange(1e7)
    y = np.random.default_rng(0).normal(size=len(x)).cumsum()
    line.setData(x, y)
    canvas.fit_height(y)
    places = iter(range(100))

    def pan() -> None:
        first = 1e5 * next(places)
        canvas.show_range((first, first + 3e6), None)
        canvas.grab()

    report("curve of 10 000 000 points panned", pan)


if __name__ == "__main__":
    main()
