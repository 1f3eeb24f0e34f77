"""A main window over a session whose runs are told by hand."""

import numpy as np
import pytest

from tests.app.conftest import FakeEngine, engine, make_session, session
from workbench.engine import events
from workbench.views.main_window import MainWindow
from workbench.views.theme import theme

__all__ = ["engine", "make_session", "session"]


class PictureEngine(FakeEngine):
    """Adds what the pages draw: validations, writing, traces, a verdict."""

    def steps(self, run, control):
        for number, event in enumerate(super().steps(run, control)):
            if number == 20:
                yield from pictures(run, 20)
            yield event


def trace(step, steps=12, units=6, scale=1.0):
    generator = np.random.default_rng(step)
    names = ("input_gate", "forget_gate", "candidate", "output_gate", "hidden", "cell")
    arrays = {}
    for layer in (1, 2):
        for name in names:
            values = generator.uniform(0, 1, (steps, units))
            if not name.endswith("_gate"):
                values = scale * (2 * values - 1)
            arrays[f"layer {layer} · {name}"] = values.astype(np.float16)
    return events.ProbeTraced(
        "run", step, 0.1, labels=tuple("once upon a "[:steps]), quantities=arrays
    )


def pictures(run, step):
    yield events.EpochDone(
        run,
        step,
        0.1,
        epoch=1,
        train_loss=0.5,
        metrics={"nats": 0.6},
        metric="nats",
        best=0.6,
        best_epoch=1,
        is_best=True,
        patience=5,
    )
    yield events.Sampled(run, step, 0.1, prompt="On", symbols=("c", "e"), probability=(0.9, 0.2))
    yield trace(step)
    yield events.Verdict(run, step, 0.1, state="plateau", message="Plateau.", advice="Lower it.")


@pytest.fixture(autouse=True)
def _themed(qapp):
    theme().set_mode("light")
    if not qapp.styleSheet():
        theme().apply(qapp)


@pytest.fixture
def picture_engine(tmp_path):
    root = tmp_path / "runs"
    root.mkdir(exist_ok=True)
    return PictureEngine(root)


@pytest.fixture
def make_window(session, qtbot):
    """Make a main window, at its first size, with nothing imported behind it.

    It is held until the test is over: a window that only its own signals know may be collected
    while it answers one of them.
    """
    held = []

    def make():
        made = MainWindow(session)
        made.preload.start = lambda: None
        made.preload.pictures = True
        made.resize(1280, 800)
        qtbot.addWidget(made, before_close_func=lambda _window: session.close())
        made.show()
        held.append(made)
        return made

    yield make
    held.clear()


@pytest.fixture
def window(make_window):
    """The main window."""
    return make_window()
