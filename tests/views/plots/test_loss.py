"""The loss chart, the rate chart and the curve of the finder."""

import time

import numpy as np
import pytest
from PySide6.QtCore import Qt

from workbench.engine import events
from workbench.views.plots.loss import LossChart
from workbench.views.plots.rates import FinderChart, RateChart
from workbench.views.theme import theme


def names(chart):
    return [entry.name for entry in chart._legend.entries]


def test_batches_epochs_validation_best_and_baselines_are_drawn(show, grown_history):
    chart = show(LossChart("Loss"))
    chart.set_history(grown_history(600, 3))
    chart.flush()
    assert chart.empty_text == ""
    assert chart.lines.dots.points[:, 1].max() == pytest.approx(4.0)
    x, y = chart.lines.validation.getData()
    np.testing.assert_allclose(x, [200, 400, 600])
    np.testing.assert_allclose(y, [3.5, 3.0, 2.5])
    np.testing.assert_allclose(chart.lines.train.getData()[1], [3.4, 2.9, 2.4])
    assert [tuple(point.pos()) for point in chart.lines.best_mark.points()] == [(600.0, 2.5)]
    assert chart._baselines.levels == {"symbol frequencies": 3.3}
    assert any("naive: symbol frequencies 3.3" in name for name in names(chart))
    assert chart.canvas.bottom.title == "step (200 per epoch)"
    assert chart.canvas.left.title == "loss · nats"


def test_what_is_in_another_unit_is_said_not_drawn(show, grown_history):
    chart = show(LossChart("Loss"))
    chart.set_history(grown_history(metric="mse"), unit="pinball")
    chart.flush()
    assert chart.lines.validation.getData()[0] is None
    assert chart._baselines.levels == {}
    assert any("another unit, not drawn" in name for name in names(chart))


def test_logarithmic_axis_draws_powers_and_leaves_out_what_has_none(show, grown_history):
    chart = show(LossChart("Loss"))
    chart.set_history(grown_history(4, 1, loss=[100.0, 10.0, 0.0, -1.0]))
    chart.set_log(True)
    chart.flush()
    np.testing.assert_allclose(chart.lines.dots.points[:, 1], [2, 1])
    assert "log" in chart.canvas.left.title


def test_outliers_can_be_ignored_by_the_axis(show, grown_history):
    loss = np.full(1000, 2.0) + np.random.default_rng(0).normal(0, 0.1, 1000)
    loss[[300, 600]] = 500.0
    chart = show(LossChart("Loss"))
    chart.set_history(grown_history(1000, 1, loss=loss))
    chart.flush()
    assert chart.canvas.shown_y()[1] > 400
    chart.outliers_button.click()
    chart.flush()
    assert chart.canvas.shown_y()[1] < 10


def test_smoothing_is_the_mean_it_says_it_is(show, grown_history):
    chart = show(LossChart("Loss"))
    loss = np.random.default_rng(0).normal(2, 1, 300)
    chart.set_history(grown_history(300, 1, loss=loss))
    chart.set_smoothing(10)
    chart.flush()
    x, y = chart.lines.smooth.getData()
    assert y[-1] == pytest.approx(loss[-10:].mean())
    assert x[-1] == 300
    assert "smoothed: mean of the last 10 steps" in names(chart)
    chart.set_smoothing(0)
    chart.flush()
    assert not any("smoothed" in name for name in names(chart))


def test_a_changed_setting_is_a_named_mark_and_tells_its_story(show, grown_history):
    history = grown_history()
    mark = events.SettingChanged(
        "run", 300, 1.0, name="training.learning_rate", value=0.0005, message="Rate {halved}."
    )
    history.add(mark)
    chart = show(LossChart("Loss"))
    chart.set_history(history)
    chart.flush()
    assert chart._marks.near(303, 5) is mark
    chart.canvas.hovered.emit((301.0, 2.0))
    assert chart.readout == "Rate {halved}."
    chart.canvas.hovered.emit((450.0, 2.0))
    assert "step 450" in chart.readout
    assert "validation 3" in chart.readout


def test_names_of_others_are_plain_text(show, grown_history):
    history = grown_history()
    name = "{0} <b>x</b> & {y"
    history.add(events.SettingChanged("run", 300, 1.0, name=name, value=1.0))
    chart = show(LossChart("Loss"))
    chart.set_background_runs([(name, grown_history())])
    chart.set_history(history)
    chart.flush()
    chart.grab()
    assert name in names(chart)
    assert chart._marks._lines[0].label.toPlainText() == f"{name} 1"


def test_earlier_runs_stand_behind(show, grown_history):
    chart = show(LossChart("Loss"))
    chart.set_history(grown_history(100, 1))
    chart.set_background_runs([("long", grown_history(5000, 5)), ("raw", grown_history(50, 0))])
    chart.flush()
    assert len(chart.lines.behind[0].getData()[0]) == 5
    assert len(chart.lines.behind[1].getData()[0]) == 50
    assert chart.canvas.shown_x()[1] >= 5000
    chart.set_background_runs([])
    chart.flush()
    assert chart.canvas.shown_x()[1] < 200


def test_a_picture_of_only_earlier_runs(show, grown_history):
    chart = show(LossChart("Loss"))
    chart.set_background_runs([("a", grown_history())])
    chart.flush()
    assert chart.empty_text == ""
    chart.grab()


@pytest.mark.parametrize(
    "loss",
    [[np.nan], [2.0], [np.nan, np.inf, -np.inf], [1e300, 1.0], [3.0] * 50],
    ids=["nan", "one", "inf", "huge", "constant"],
)
@pytest.mark.parametrize("log", [False, True])
def test_any_loss_can_be_drawn(show, grown_history, loss, log):
    chart = show(LossChart("Loss"))
    chart.set_log(log)
    chart.set_history(grown_history(len(loss), 1, loss=loss))
    chart.flush()
    chart.grab()
    assert np.isfinite(chart.canvas.shown_y()).all()


def test_zoom_is_kept_while_the_run_grows_and_left_on_reset(show, grown_history):
    history = grown_history(1000, 1)
    chart = show(LossChart("Loss"))
    chart.set_history(history)
    chart.flush()
    chart.canvas.view.setXRange(100, 200, padding=0)
    chart.canvas.view.zoomed.emit()
    history.add(
        events.StepsDone("run", 1100, 1.0, first_step=1001, loss=(1.0,) * 100,
                         gradient_norm=(1.0,) * 100, learning_rate=0.1)
    )  # fmt: skip
    chart.set_history(history)
    chart.flush()
    assert chart.canvas.shown_x() == pytest.approx((100, 200))
    chart.reset_view()
    chart.flush()
    assert chart.canvas.shown_x()[1] > 1100


def test_ten_hours_of_points_are_drawn_within_a_frame(show, grown_history):
    chart = show(LossChart("Loss"), 900, 500)
    history = grown_history(3_000_000, 20)
    chart.set_history(history)
    chart.set_smoothing(100)
    chart.flush()
    times = []
    for step in range(3_000_001, 3_000_011):
        history.add(
            events.StepsDone("run", step, 1.0, first_step=step, loss=(1.0,),
                             gradient_norm=(1.0,), learning_rate=0.1)
        )  # fmt: skip
        begin = time.perf_counter()
        chart.set_history(history)
        chart.flush()
        times.append(time.perf_counter() - begin)
    assert len(chart.lines.dots.points) < 4000
    assert sorted(times)[5] < 0.05


def test_csv_has_every_step_and_the_validations(show, grown_history):
    chart = show(LossChart("Loss"))
    chart.set_history(grown_history(600, 3))
    header, rows = chart.table()
    rows = list(rows)
    assert len(rows) == 600
    assert rows[199][2:] == [1, pytest.approx(3.4), 3.5]
    assert len(header) == len(rows[0])


def test_rates_are_drawn_over_the_same_steps(show, grown_history):
    chart = show(RateChart("Rates"))
    assert chart.empty_text
    chart.set_history(grown_history(600, 3), clip_norm=1.0)
    chart.flush()
    assert chart.rate_line.getData()[1].max() == pytest.approx(0.002)
    assert chart.norm_line.getData()[1].max() == pytest.approx(np.log10(0.5))
    assert chart._clip_label.levels == {"clipped at 1": pytest.approx(0.0)}
    assert chart.norm_canvas.shown_x() == pytest.approx(chart.rate_canvas.shown_x(), abs=20)
    chart.log_button.click()
    chart.flush()
    assert chart.norm_line.getData()[1].max() == pytest.approx(0.5)
    chart.norm_canvas.hovered.emit((300.0, 0.4))
    assert "learning rate 0.002" in chart.readout
    theme().set_mode("dark")
    chart.flush()
    assert len(list(chart.table()[1])) == 600


def test_finder_marks_the_suggestion_and_survives_a_loss_that_explodes(show):
    chart = show(FinderChart("Finder"))
    rates = np.logspace(-6, 0, 50)
    losses = np.linspace(4, 2, 50)
    losses[-3:] = [50, np.inf, np.nan]
    chart.set_curve(rates, losses, 1e-3)
    chart.flush()
    assert chart._mark.value() == pytest.approx(-3)
    assert chart.canvas.shown_y()[1] < 10
    chart.canvas.hovered.emit((-6.0, 3.0))
    assert chart.readout == "learning rate 1e−6 · loss 4"
    chart.set_curve(np.empty(0), np.empty(0))
    assert chart.empty_text


def test_several_runs_without_one_of_their_own(show, grown_history):
    """One validation is a dot, colours come round dashed, and the table has what is drawn."""
    chart = show(LossChart("Loss"))
    chart.set_history(None, unit="nats")
    chart.set_background_runs(
        [(f"run {number}", grown_history(600, 1 + number % 2)) for number in range(7)]
    )
    chart.flush()
    assert chart.lines.behind[0].opts["symbol"] == "o"
    assert chart.smoothing_button.isHidden()
    assert chart.outliers_button.isHidden()
    styles = [line.opts["pen"].style() for line in chart.lines.behind]
    assert styles == [Qt.PenStyle.SolidLine] * 5 + [Qt.PenStyle.DashLine] * 2
    head, rows = chart.table()
    assert head == ["run", "step", "nats"]
    rows = list(rows)
    assert len(rows) == 4 * 1 + 3 * 2
    assert rows[0] == ["run 0", 600, 3.5]
    chart.set_background_runs([])
    assert not chart.smoothing_button.isHidden()


def test_what_was_changed_at_one_step_is_said_together(show, grown_history):
    chart = show(LossChart("Loss"))
    history = grown_history(600, 3)
    for name, value, step in (("dropout", 0.3, 200), ("rate", 0.1, 200), ("rate", 0.2, 210)):
        history.add(events.SettingChanged("run", step, 1.0, name=f"x.{name}", value=value))
    chart.set_history(history)
    chart.flush()
    labels = [line.label.format for line in chart._marks._lines]
    assert labels == ["dropout 0.3 · rate 0.1", "rate 0.2"]
    heights = [line.label.orthoPos for line in chart._marks._lines]
    assert heights[0] != heights[1]
