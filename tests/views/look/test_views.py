"""What each view computes and shows, by its own controls."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt

from tests.views.look.conftest import choose, settled
from workbench.analysis.intervention import Intervention, run_changed
from workbench.analysis.ordering import by_activity
from workbench.analysis.stepping import Steps
from workbench.analysis.through_time import decay, horizon, table_of

# ---------------------------------------------------------------------- gradient


def test_the_gradient_s_sentence_and_table(open_view, session, qtbot):
    view = open_view("tale", "gradient")
    assert view.state.currentData() == "cell"  # an LSTM's long memory
    table = table_of(view.look.loaded, view.look.probe, view.steps.value(), 0)
    shown = view.heatmap.values
    np.testing.assert_allclose(
        np.nan_to_num(shown), table.norms["cell"].astype(np.float32), rtol=1e-5
    )
    steps = horizon(decay(table.norms["cell"]))
    wanted = "stays above 1 %" if steps is None else f"falls below 1 % after {steps} steps"
    assert wanted in view.words.text()
    choose(view.beside, "fresh")
    settled(view, qtbot)
    names = [line.name for line in view.decay._lines]
    assert {"RNN (tanh)", "LSTM", "GRU"} <= set(names)
    view.heatmap.value_hovered.emit(4, 2)
    assert "step 4" in view.bands.title
    np.testing.assert_allclose(view.bands._values[0], table.norms["cell"][4], rtol=1e-9)


def test_another_run_stands_beside_it(open_view, show_run, page, session, qtbot):
    show_run("plain")
    view = open_view("tale", "gradient")
    choose(view.beside, "plain")
    settled(view, qtbot)
    assert any("plain" in line.name for line in view.decay._lines)


# ---------------------------------------------------------------------- touch


def test_a_held_unit_changes_the_text_and_clear_takes_it_back(open_view, session, qtbot):
    session.select(unit=3)
    view = open_view("tale", "touch")
    plain = view.before.text
    assert view.after.text == plain
    view.controls.slider.setValue(100)
    settled(view, qtbot)
    assert view.controls.on.isChecked()
    assert view.controls.value.value() == 1.0
    assert view.before.text == plain
    assert view.after.text != plain
    assert "other from symbol" in view.after.title
    qtbot.mouseClick(view.controls.keep, Qt.MouseButton.LeftButton)
    session.select(unit=5)
    settled(view, qtbot)
    assert view.controls.kept.count() == 1
    assert view.after.text != plain  # what is kept goes on
    qtbot.mouseClick(view.controls.clear, Qt.MouseButton.LeftButton)
    settled(view, qtbot)
    assert view.after.text == plain


def test_the_state_of_another_text(open_view, qtbot):
    view = open_view("tale", "touch")
    view.controls.other.setText("nobody came nobody came")
    settled(view, qtbot)
    length = min(len(view.before._probability), len(view.after._probability))
    chances = view.before._probability[:length], view.after._probability[:length]
    assert np.nanmax(np.abs(chances[0] - chances[1])) > 1e-5


def test_a_held_unit_changes_the_forecast(open_view, session, qtbot):
    session.select(unit=3)
    view = open_view("load", "touch")
    view.controls.value.setValue(1.0)
    settled(view, qtbot)
    look = view.look
    trace = run_changed(look.loaded.model, *look.probe.inputs,
                        interventions=[Intervention(0, 3, value=1.0)])  # fmt: skip
    wanted = look.task.codec.decode_targets(trace.output[0][..., 0])[:, 0]
    shown = dict(view.series._forecasts)
    np.testing.assert_allclose(shown["changed"], wanted)
    np.testing.assert_allclose(shown["as it is"], look.forecast_in_units()[:, 0])


def test_another_target_of_a_forecast_is_drawn(open_view, session, qtbot):
    session.select(unit=3, step=20)
    view = open_view("both", "touch")
    assert view.target.isVisible()
    assert view.series.canvas.shown_y()[1] > 40
    choose(view.target, "tide")
    wanted = view.look.forecast_in_units()[:, 1]
    np.testing.assert_allclose(dict(view.series._forecasts)["as it is"], wanted)
    assert view.series._values.max() < 10  # the tide, not the load
    assert view.series.canvas.shown_y()[1] < 10
    view = open_view("both", "coloured")
    choose(view.channel, "tide")
    assert view.series.canvas.shown_y()[1] < 10
    view = open_view("both", "steps")
    choose(view.target, "tide")
    np.testing.assert_allclose(view.forecast._lines[0].y, wanted)
    assert not open_view("load", "steps").target.isVisible()


def test_a_place_of_a_series_opens_its_window(open_view, page, session, qtbot):
    session.select(unit=3)
    view = open_view("load", "unit")
    step = int(view._report.places[0])
    value = view._report.values[0]
    view.places.row_chosen.emit(0)
    qtbot.waitUntil(lambda: page.looking.look.reading.part == "validation")
    shown = page.looking.look.values(*view._asked[1:3], view._asked[4])[session.selection.step, 3]
    assert session.selection.step == step % 24
    assert shown == pytest.approx(value, abs=1e-3)


@pytest.mark.parametrize("run", ["tale", "load"])
def test_what_each_unit_costs(open_view, session, qtbot, run):
    view = open_view(run, "touch")
    qtbot.mouseClick(view.ablate_button, Qt.MouseButton.LeftButton)
    settled(view, qtbot)
    rows = view.table._model.rows
    assert len(rows) == 8
    assert [row[2] for row in rows] == sorted((row[2] for row in rows), reverse=True)
    view.table.row_chosen.emit(0)
    assert session.selection.unit == rows[0][0]


# ---------------------------------------------------------------------- match


def test_drawing_over_a_stretch_searches_it(open_view, page, session, qtbot):
    view = open_view("tale", "match")
    view.threshold.setValue(0.2)
    settled(view, qtbot)
    grid = view.text.grid
    qtbot.waitUntil(lambda: len(grid._boxes) == view.look.steps)
    first, last = grid.cell(2).center(), grid.cell(3).center()
    qtbot.mousePress(grid.viewport(), Qt.MouseButton.LeftButton, pos=first.toPoint())
    qtbot.mouseMove(grid.viewport(), last.toPoint())
    qtbot.mouseRelease(grid.viewport(), Qt.MouseButton.LeftButton, pos=last.toPoint())
    assert view._stretch == (2, 4)
    settled(view, qtbot)
    values = view.look.values(0, 0, "hidden")
    on = values >= 0.2
    wanted = np.flatnonzero(on[2:4].all(axis=0) & ~on[1])
    np.testing.assert_array_equal(view._units, wanted)
    assert view.table._model.rows
    start = int(view._matches.starts[0])
    view.table.row_chosen.emit(0)
    qtbot.waitUntil(lambda: page.looking.look.reading.part == "validation")
    assert page.looking.look.reading.first == max(0, start - 80)


def test_the_threshold_is_dragged(open_view, qtbot):
    view = open_view("tale", "match")
    view.lines.level_dragged.emit(0.11)
    assert view.threshold.value() == pytest.approx(0.11)
    settled(view, qtbot)
    assert view.lines._level.value() == pytest.approx(0.11)


# ---------------------------------------------------------------------- step by step


def test_a_number_typed_over_moves_the_rest(open_view, session, qtbot):
    session.select(unit=2, step=6)
    view = open_view("tale", "steps")
    look = view.look
    steps = Steps(look.loaded.model, look.probe.inputs, look.trace)
    wanted = steps.at((0, 0), 6)
    names = [view.terms.item(row, 0).text() for row in range(view.terms.rowCount())]
    assert names == [term.name for term in wanted]
    before = view.output._values.copy()
    row = names.index("f = σ(a_f)")
    view.terms.item(row, 1).setText("0")
    settled(view, qtbot)
    changed = steps.at((0, 0), 6, {("f = σ(a_f)", 2): 0.0})
    shown = [line.value for line in view.terms._lines]
    np.testing.assert_allclose(shown, [term.values[2] for term in changed])
    assert "changed" in view.output.title
    assert view.output._values.shape[1] == 2 * before.shape[1]
    view.terms.item(row, 1).setText("no number")
    assert view.terms._lines[row].value == 0.0
    qtbot.mouseClick(view.reset, Qt.MouseButton.LeftButton)
    settled(view, qtbot)
    shown = [line.value for line in view.terms._lines]
    np.testing.assert_allclose(shown, [term.values[2] for term in wanted])


def test_running_on(open_view, session, qtbot):
    session.select(unit=2, step=0)
    view = open_view("tale", "steps")
    qtbot.mouseClick(view.next, Qt.MouseButton.LeftButton)
    assert session.selection.step == 1
    labels = view.look.labels
    view.symbol.setText(labels[9])
    view._run_to()
    assert view.look.labels[session.selection.step] == labels[9]
    line = view.look.values(0, 0, "hidden")[:, 2]
    view.level.setValue(float(np.median(line)))
    at = session.selection.step
    view._run_until()
    after = session.selection.step
    assert after > at
    level = view.level.value()
    assert (line[after] >= level) != (line[after - 1] >= level)
    view.symbol.setText("☃")
    view._run_to()
    assert "no such symbol" in view.words.text()


# ---------------------------------------------------------------------- compare


def test_a_moment_beside_the_newest(open_view, session, qtbot):
    view = open_view("tale", "compare")
    assert view.other.currentData() == "step-0"
    labels = {row[3] for row in view.table._model.rows}
    assert labels <= {"matched", "changed", "lost", "new"}
    choose(view.other, "best")
    settled(view, qtbot)
    assert view.words.text().startswith("8 units matched")
    view.table.row_chosen.emit(3)
    assert session.selection.unit == 3
    assert view.second._marked == view._found.pairs[3].second


def test_another_text_beside_it(open_view, qtbot):
    view = open_view("tale", "compare")
    choose(view.other, "input")
    view.text.setText("The grey bell rang")
    settled(view, qtbot)
    assert "".join(view._found.other.labels) == "The grey bell rang"
    assert len(view._found.apart) == 18


# ---------------------------------------------------------------------- the others


def test_pulling_a_point_moves_the_forecast(open_view, page, qtbot):
    view = open_view("load", "coloured")
    before = view.look.forecast_in_units()
    view.series.pulled.emit(20, 80.0)
    qtbot.waitUntil(lambda: bool(page.looking.look.reading.pulled))
    assert page.looking.look.window_in_units()[20, 0] == pytest.approx(80.0, rel=1e-4)
    assert np.abs(page.looking.look.forecast_in_units() - before).max() > 0
    lines = dict(view.series._forecasts)
    np.testing.assert_allclose(lines["forecast before"], before[:, 0])
    view.undo.click()
    qtbot.waitUntil(lambda: not page.looking.look.reading.pulled)


def test_a_point_is_taken_hold_of_with_the_mouse(open_view, page, qtbot):
    view = open_view("load", "coloured")
    canvas = view.series.canvas
    view.series.flush()
    there = canvas.to_pixels(10, float(view.look.window_in_units()[10, 0]))
    assert canvas.point_at(there) == 10
    assert canvas.point_at(there + QPointF(0, 40)) == -1


def test_attributions_are_asked_for_one_output(open_view, session, qtbot):
    view = open_view("tale", "connectivity")
    session.select(step=12)
    assert view._row == 12
    choose(view.method, "integrated gradients")
    settled(view, qtbot)
    row, method, values = view._own
    assert (row, method) == (12, "integrated gradients")
    np.testing.assert_array_equal(view.text._values, values)
    assert (values[13:] == 0).all()


def test_fixed_points_are_drawn_and_tell_their_eigenvalues(open_view, qtbot):
    view = open_view("tale", "plane")
    qtbot.mouseClick(view.find, Qt.MouseButton.LeftButton)
    settled(view, qtbot)
    assert len(view._points) >= 1
    assert "Fixed points found" in view.words.text()
    assert len(view.circle._groups[0].x) == 16
    view.path.point_clicked.emit(0, 5)
    assert view.path.chosen == (0, 5)


def test_a_bar_of_errors_opens_its_places(open_view, page, session, qtbot):
    view = open_view("tale", "errors")
    sizes = [len(item.places) for item in view._found.classes]
    bar = int(np.argmax(sizes))
    view.classes.bar_clicked.emit(bar)
    assert len(view.table._model.rows) == min(sizes[bar], 400)
    step = view.table._model.rows[0][0]
    view.table.row_chosen.emit(0)
    qtbot.waitUntil(lambda: page.looking.look.reading.part == "validation")
    assert page.looking.look.reading.first + session.selection.step == step


def test_a_place_where_a_unit_fires_is_read(open_view, page, session, qtbot):
    session.select(unit=4)
    view = open_view("tale", "unit")
    assert view.title.text() == "Unit 4 of layer 1 · hidden state"
    assert "half of its state is left" in view.facts.text()
    step = int(view._report.places[0])
    view.places.row_chosen.emit(0)
    qtbot.waitUntil(lambda: page.looking.look.reading.part == "validation")
    assert page.looking.look.reading.first + session.selection.step == step


def test_symbols_and_units_lead_to_each_other(open_view, session, qtbot):
    session.select(unit=1)
    view = open_view("tale", "response")
    view.unit.box_clicked.emit(0)
    place = int(view._response.of_unit(1)[0])
    assert view.symbol_box.currentIndex() == place
    view.symbol.clicked.emit(0.0)
    assert session.selection.unit == int(view._response.of_symbol(place)[0])


def test_a_part_of_the_weights_is_chosen(open_view, session):
    view = open_view("tale", "weights")
    rows = view.table._model.rows
    place = next(row for row, cells in enumerate(rows) if cells[1] == "Forget gate")
    view.table.row_chosen.emit(place)
    assert "forget gate" in view.histogram.title
    assert view.histogram._values.sum() == view._parts[place].values.size
    assert len(view.training._lines[0].x) == len(view._moments) > 1


def test_the_table_of_units_is_filtered_sorted_and_saved(open_view, tmp_path):
    view = open_view("tale", "saturation")
    table = view.table
    table.view.sortByColumn(5, Qt.SortOrder.DescendingOrder)
    shown = [table._proxy.index(row, 5).data(Qt.ItemDataRole.UserRole) for row in range(8)]
    assert shown == sorted(shown, reverse=True)
    table.save_csv(tmp_path / "units.csv")
    lines = (tmp_path / "units.csv").read_text().splitlines()
    assert lines[0].startswith("unit,layer,mean")
    assert len(lines) == 9
    table.filter.setText("no such label")
    assert table._proxy.rowCount() == 0


def test_a_track_of_one_s_own_is_ranked(open_view, session, qtbot):
    view = open_view("tale", "ranking")
    view.pattern.setText("harbour")
    view.pattern.returnPressed.emit()
    settled(view, qtbot)
    names = [track.name for track in view._tracks]
    assert names[-1] == "harbour"
    assert view.tracks.currentRow() == len(names) - 1
    view.table.row_chosen.emit(0)
    assert [line.name for line in view.lines._lines][-1] == "harbour"
    view.pattern.setText("(")
    view.pattern.returnPressed.emit()
    settled(view, qtbot)
    assert "no regular expression" in view.cannot_text


def test_a_track_out_of_a_file_is_ranked(open_view, qtbot, tmp_path):
    view = open_view("tale", "ranking")
    file = tmp_path / "speech.txt"
    length = len(view._tracks[0].values)
    file.write_text("\n".join("AB"[step % 7 == 0] for step in range(length)))
    view.add_file(file)
    settled(view, qtbot)
    names = [track.name for track in view._tracks]
    assert names[-2:] == ["speech = A", "speech = B"]
    assert view.tracks.currentRow() == len(names) - 2
    file.write_text("A")
    view.add_file(file)
    settled(view, qtbot)
    assert "has 1 lines" in view.cannot_text


def test_the_state_of_another_window(open_view, qtbot):
    view = open_view("load", "touch")
    view.controls.other.setText("7")
    settled(view, qtbot)
    shown = dict(view.series._forecasts)
    assert np.abs(shown["changed"] - shown["as it is"]).max() > 0
    view.controls.other.setText("seven")
    settled(view, qtbot)
    assert "no window's number" in view.cannot_text


def test_the_slider_leaves_the_long_work_alone(open_view, session, qtbot):
    session.select(unit=3)
    view = open_view("tale", "touch")
    view._ablate()
    view.controls.slider.setValue(50)
    settled(view, qtbot)
    assert len(view.table._model.rows) == 8
    assert view.after.text != view.before.text
    assert not view.busy.isVisible()


# ---------------------------------------------------------------------- what once went wrong


def test_a_click_on_a_cell_keeps_the_output_of_its_row(open_view, session, qtbot):
    view = open_view("tale", "connectivity")
    view.method.setCurrentIndex(view.method.findData("saliency"))
    view.heatmap.clicked.emit(20, 5)
    settled(view, qtbot)
    assert view._row == session.selection.step == 20
    assert view._own[0] == 20
    session.select(step=9)  # chosen in another picture
    settled(view, qtbot)
    assert view._own[0] == 9
    assert "came" in view.words.text()


def test_hovering_does_not_sort_the_rows_away(open_view, session, qtbot):
    view = open_view("tale", "states")
    session.select(step=4)
    choose(view.order_box, "step")
    settled(view, qtbot)
    order = view.heatmap._order.copy()
    for step in (5, 9, -1):
        view.heatmap.value_hovered.emit(0, step)
        settled(view, qtbot)
        np.testing.assert_array_equal(view.heatmap._order, order)
    view.heatmap.clicked.emit(0, 9)
    settled(view, qtbot)
    wanted = np.argsort(-view.look.values(0, 0, "hidden")[9], kind="stable")
    np.testing.assert_array_equal(view.heatmap._order, wanted)


def test_a_large_matrix_is_made_ready_behind_the_window(open_view, session, qtbot, monkeypatch):
    monkeypatch.setattr("workbench.views.look.states._LARGE", 1)
    session.select(unit=3, step=4)
    view = open_view("tale", "states")
    np.testing.assert_array_equal(view.heatmap.values, view.look.values(0, 0, "hidden").T)
    choose(view.order_box, "activity")
    session.select(quantity="cell")  # while the order is on its way
    settled(view, qtbot)
    assert "Cell state" in view.heatmap.title
    np.testing.assert_array_equal(view.heatmap.values, view.look.values(0, 0, "cell").T)
    wanted = by_activity(view.look.values(0, 0, "cell"))
    np.testing.assert_array_equal(view.heatmap._order, wanted)
    assert view.heatmap.crosshair() == (-1, 4)


def test_in_order_gives_a_sort_that_goes_on_up(open_view, qtbot):
    view = open_view("tale", "states")
    choose(view.order_box, "similarity")
    choose(view.order_box, "index")
    qtbot.waitUntil(lambda: not view.session.work.busy)
    assert view.heatmap._order.tolist() == list(range(8))


def test_a_row_that_is_marked_can_be_clicked_again(open_view, qtbot):
    view = open_view("tale", "unit")
    view.session.select(unit=2)
    settled(view, qtbot)
    told = []
    view.places.row_chosen.connect(told.append)
    table = view.places.view
    centre = table.visualRect(table.model().index(1, 0)).center()
    for _ in range(2):
        qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=centre)
    assert told == [1, 1]


def test_words_of_a_filter_are_taken_as_they_are(open_view):
    view = open_view("tale", "saturation")
    rows = [(unit, "1", 0.5, 0.0, 0.0, 1.0, label) for unit, label in
            enumerate(("stuck open", "pass-through", "stuck shut"))]  # fmt: skip
    view.table.set_rows(rows)
    for words, shown in (("stuck open", 1), ("pass-through", 1), ("stuck", 2), ("0.5", 3)):
        view.table.filter.setText(words)
        assert view.table._proxy.rowCount() == shown, words


def test_another_run_of_the_same_text_is_compared(open_view, show_run, session, qtbot):
    show_run("plain")
    view = open_view("tale", "compare")
    choose(view.other, "plain")
    settled(view, qtbot)
    assert view.cannot_text == ""
    assert "units matched" in view.words.text()


def test_a_run_that_reads_other_symbols_is_not_compared(
    open_view, show_run, session, qtbot, monkeypatch
):
    show_run("plain")
    view = open_view("tale", "compare")
    look = view.look
    labels = ("x", *look.labels[1:])
    beside = replace(look, probe=replace(look.probe, labels=labels))
    monkeypatch.setattr(view.looking.tracer, "look", lambda *_given: beside)
    choose(view.other, "plain")
    settled(view, qtbot)
    assert "other symbols" in view.cannot_text


def test_a_few_steps_have_a_plane_but_no_neighbours(open_view, page, qtbot):
    view = open_view("tale", "plane")
    page.reading.part.setCurrentIndex(page.reading.part.findData("own"))
    page.reading.text.setPlainText("bell")
    qtbot.waitUntil(lambda: page.looking.look.steps == 4)
    settled(view, qtbot)
    assert view.cannot_text == ""
    assert len(view.path._groups[0].x) == 4
    assert "too few for t-SNE" in view.neighbours.empty_text


def test_running_back(open_view, session, qtbot):
    session.select(unit=2, step=60)
    view = open_view("tale", "steps")
    line = view.look.values(0, 0, "hidden")[:, 2]
    view.level.setValue(float(np.median(line)))
    qtbot.mouseClick(view.run_back, Qt.MouseButton.LeftButton)
    after, level = session.selection.step, view.level.value()
    assert after < 60
    assert (line[after] >= level) != (line[after - 1] >= level)


def test_dragging_the_slider_piles_nothing_up(open_view, page, session, qtbot):
    view = open_view("tale", "plane")
    for _ in range(3):
        for place in range(page.weights.slider.maximum()):
            page.weights.slider.setValue(place)
            assert len(session.work._calls) <= 4
    settled(view, qtbot)
