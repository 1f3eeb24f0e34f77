"""What tests of pictures share: showing a widget, and a run to draw."""

import numpy as np
import pytest

from workbench.engine import events
from workbench.engine.history import History
from workbench.views.theme import theme


@pytest.fixture(autouse=True)
def _light(qapp):
    theme().set_mode("light")
    theme().apply(qapp)
    yield
    theme().set_mode("light")


@pytest.fixture
def show(qtbot):
    """Show a widget at a size, and wait until it is on the screen and drawn.

    The widgets are kept alive until the test's end, when qtbot closes them.
    """
    kept = []

    def shown(widget, width=640, height=400):
        kept.append(widget)
        qtbot.addWidget(widget)
        widget.resize(width, height)
        with qtbot.waitExposed(widget):
            widget.show()
        if hasattr(widget, "flush"):
            widget.flush()
        return widget

    yield shown
    kept.clear()


@pytest.fixture
def grown_history():
    """Make a history with so many steps; further calls of ``more`` make it grow."""

    def make(steps=600, epochs=3, metric="nats", loss=None):
        history = History()
        per_epoch = max(1, steps // max(1, epochs))
        history.add(
            events.WarmedUp(
                "run",
                0,
                0.0,
                steps_per_epoch=per_epoch,
                total_steps=steps,
                metric=metric,
                baselines={"symbol frequencies": 3.3, "broken": float("nan")},
            )
        )
        values = np.linspace(4, 1.5, steps) if loss is None else np.asarray(loss, float)
        history.add(
            events.StepsDone(
                "run",
                steps,
                1.0,
                epoch=float(epochs),
                first_step=1,
                loss=tuple(values),
                gradient_norm=tuple(np.full(steps, 0.5)),
                learning_rate=0.002,
            )
        )
        for epoch in range(1, epochs + 1):
            value = 4.0 - 0.5 * epoch
            history.add(
                events.EpochDone(
                    "run",
                    epoch * per_epoch,
                    float(epoch),
                    epoch=epoch,
                    train_loss=value - 0.1,
                    metrics={metric: value},
                    metric=metric,
                    best=value,
                    best_epoch=epoch,
                    is_best=True,
                )
            )
        return history

    return make
