import sys
import threading
import time

import pytest
from PySide6.QtCore import QObject, QThread

from workbench.app.job import STACK_BYTES, Handlers, Job
from workbench.data.findings import Cancelled
from workbench.errors import UserError


@pytest.fixture
def job(qtbot):
    made = Job()
    yield made
    made.close()
    made.deleteLater()


class Answers:
    def __init__(self):
        self.done, self.failed, self.told, self.threads = [], [], [], set()

    def handlers(self, **options):
        return Handlers(self._done, self._failed, self._told, **options)

    def _done(self, value):
        self.threads.add(threading.get_ident())
        self.done.append(value)

    def _failed(self, error):
        self.threads.add(threading.get_ident())
        self.failed.append(error)

    def _told(self, values):
        self.threads.add(threading.get_ident())
        self.told.append(values)


def test_work_runs_in_a_plain_thread_and_answers_in_the_window(job, qtbot):
    answers, seen = Answers(), []

    def work(ticket):
        seen.append((threading.get_ident(), threading.current_thread().daemon))
        ticket.tell("half")
        return 7

    job.run(work, answers.handlers())
    qtbot.waitUntil(lambda: answers.done == [7])
    assert seen[0][0] != threading.get_ident()
    assert seen[0][1] is False
    assert answers.threads == {threading.get_ident()}
    assert answers.told == [["half"]]
    assert QThread.currentThread() is job.thread()


def test_many_events_arrive_in_few_batches_in_order(job, qtbot):
    answers = Answers()
    job.stream(lambda _: iter(range(5000)), answers.handlers())
    qtbot.waitUntil(lambda: bool(answers.done))
    assert [value for batch in answers.told for value in batch] == list(range(5000))
    assert len(answers.told) < 100


def test_drains_at_most_thirty_times_a_second(job, qtbot):
    answers = Answers()

    def stream(ticket):
        while not ticket.is_cancelled():
            yield 0

    ticket = job.stream(stream, answers.handlers())
    started = time.monotonic()
    qtbot.waitUntil(lambda: len(answers.told) >= 10, timeout=20_000)
    took = time.monotonic() - started
    ticket.cancel()
    assert 10 / took < 33
    qtbot.waitUntil(lambda: not job.busy)


def test_results_of_forgotten_work_are_dropped(job, qtbot):
    old, new, go = Answers(), Answers(), threading.Event()

    def slow(ticket):
        ticket.tell("late")
        go.wait(10)
        return "late"

    first = job.run(slow, old.handlers())
    job.forget(first)
    job.run(lambda _: "fresh", new.handlers())
    go.set()
    qtbot.waitUntil(lambda: new.done == ["fresh"] and not job.busy)
    assert old.done == old.told == old.failed == []


def test_an_error_of_the_user_arrives_as_it_is(job, qtbot):
    answers = Answers()

    def work(_ticket):
        raise UserError("The file is empty.", "Choose another.")

    job.run(work, answers.handlers())
    qtbot.waitUntil(lambda: bool(answers.failed))
    assert answers.failed[0].what == "The file is empty."
    assert answers.failed[0].__traceback__ is None


def test_an_unexpected_error_becomes_a_sentence_with_the_traceback_beside_it(job, qtbot):
    answers = Answers()
    job.run(lambda _: 1 / 0, answers.handlers())
    qtbot.waitUntil(lambda: bool(answers.failed))
    error = answers.failed[0]
    assert isinstance(error, UserError)
    assert "ZeroDivisionError" in error.what
    assert "Traceback" not in error.what
    assert "Traceback" in error.details
    assert error.todo


def test_an_error_in_a_stream_comes_after_its_events(job, qtbot):
    answers = Answers()

    def stream(_ticket):
        yield 1
        raise UserError("Gone.")

    job.stream(stream, answers.handlers())
    qtbot.waitUntil(lambda: bool(answers.failed))
    assert answers.told == [[1]]


def test_kept_exceptions_are_handed_over(job, qtbot):
    answers = Answers()

    def work(_ticket):
        raise Cancelled

    job.run(work, answers.handlers(keep=(Cancelled,)))
    qtbot.waitUntil(lambda: bool(answers.failed))
    assert isinstance(answers.failed[0], Cancelled)


def test_even_an_exit_in_the_worker_ends_in_a_message(job, qtbot):
    answers = Answers()
    job.run(lambda _: sys.exit(3), answers.handlers())
    qtbot.waitUntil(lambda: bool(answers.failed))
    assert "SystemExit" in answers.failed[0].what


def test_cancel_reaches_what_was_named_even_before_it_was_named(job, qtbot):
    calls, started, go, answers = [], threading.Event(), threading.Event(), Answers()

    def work(ticket):
        started.set()
        go.wait(10)
        ticket.on_cancel(lambda: calls.append("stopped"))

    ticket = job.run(work, answers.handlers())
    started.wait(10)
    ticket.cancel()
    go.set()
    qtbot.waitUntil(lambda: bool(answers.done))
    assert calls == ["stopped"]


def test_close_stops_cooperatively_and_joins(job, qtbot):
    answers, ended = Answers(), []

    def stream(ticket):
        while not ticket.is_cancelled():
            yield 1
        ended.append(True)

    job.stream(stream, answers.handlers())
    qtbot.waitUntil(lambda: bool(answers.told))
    before = len(answers.told)
    job.close()
    assert ended == [True]
    assert not job.busy
    assert _workers() == []
    assert len(answers.told) == before


def test_work_begun_after_a_close_is_not_confused_by_what_was_left(job, qtbot):
    answers = Answers()
    job.run(lambda ticket: ticket.tell(1), Answers().handlers())
    job.close()
    job.run(lambda _: 2, answers.handlers())
    qtbot.waitUntil(lambda: answers.done == [2])


def test_answers_for_a_deleted_view_are_dropped(job, qtbot):
    import shiboken6

    class View(QObject):
        answered = False

        def take(self, _value):
            self.answered = True

    view, go = View(), threading.Event()
    job.run(lambda _: go.wait(10), Handlers(view.take, view.take))
    shiboken6.delete(view)
    go.set()
    qtbot.waitUntil(lambda: not job.busy)
    assert view.answered is False


def test_a_handler_that_fails_does_not_lose_the_others(job, qtbot):
    answers = Answers()

    def broken(_value):
        raise ValueError("handler")

    with qtbot.captureExceptions() as caught:
        job.run(lambda _: 1, Handlers(broken, broken))
        job.run(lambda _: 2, answers.handlers())
        qtbot.waitUntil(lambda: answers.done == [2])
    assert len(caught) == 1


def test_two_hundred_cycles_leave_no_thread_no_timer_and_the_usual_interval(job, qtbot):
    usual, answers = sys.getswitchinterval(), Answers()
    stack = threading.stack_size()
    for count in range(200):
        job.stream(lambda _: iter((1, 2)), answers.handlers())
        assert sys.getswitchinterval() == pytest.approx(0.0005, abs=1e-5)
        if count % 2:
            job.close()
    qtbot.waitUntil(lambda: not job.busy)
    assert _workers() == []
    assert sys.getswitchinterval() == pytest.approx(usual)
    assert threading.stack_size() == stack
    assert not job._timer.isActive()
    assert not job._calls


def test_work_begun_by_an_answer_keeps_the_usual_interval_in_mind(job, qtbot):
    usual, answers = sys.getswitchinterval(), Answers()
    job.run(lambda _: 1, Handlers(lambda _: job.run(lambda _: 2, answers.handlers()), print))
    qtbot.waitUntil(lambda: answers.done == [2] and not job.busy)
    assert sys.getswitchinterval() == pytest.approx(usual)


def test_idle_is_told_after_the_last_answer(job, qtbot):
    order = []
    job.idle.connect(lambda: order.append("idle"))
    job.run(lambda _: 1, Handlers(order.append, order.append))
    qtbot.waitUntil(lambda: "idle" in order)
    assert order == [1, "idle"]


def test_workers_get_a_deep_stack(job, qtbot):
    answers = Answers()
    assert STACK_BYTES >= 16 << 20

    def deep(_ticket):
        usual = sys.getrecursionlimit()
        sys.setrecursionlimit(60_000)
        try:
            return _nested(20_000)
        finally:
            sys.setrecursionlimit(usual)

    job.run(deep, answers.handlers())
    qtbot.waitUntil(lambda: bool(answers.done or answers.failed))
    assert answers.done == [20_000]


def _nested(depth):
    return 0 if depth == 0 else 1 + sorted((_nested(depth - 1),), key=lambda x: x)[0]


def _workers():
    return [t for t in threading.enumerate() if t.name.startswith("workbench-")]
