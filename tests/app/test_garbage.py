"""When reference cycles are freed, and in which thread."""

import gc
import threading

from tests.app.conftest import session
from workbench.app.garbage import Garbage

__all__ = ["session"]


class Ring:
    """Refers to itself, and tells where it was freed."""

    def __init__(self, told: list[str]) -> None:
        self.itself = self
        self.told = told

    def __del__(self) -> None:
        self.told.append(threading.current_thread().name)


def test_a_worker_frees_no_cycle_of_the_window(session, qtbot):
    told: list[str] = []
    Ring(told)

    def allocate(_cancelled):
        return len([[] for _ in range(200_000)])

    done: list[object] = []
    session.run_in_background(allocate, done.append, done.append)
    qtbot.waitUntil(lambda: bool(done))
    assert done == [200_000]
    gc.collect(0)
    assert set(told) <= {"MainThread"}
    assert not gc.isenabled()


def test_what_gathers_is_freed_from_the_timer(qtbot):
    garbage = Garbage()
    told: list[str] = []
    Ring(told)
    kept = [[] for _ in range(2 * gc.get_threshold()[0])]
    garbage.collect()
    assert told == ["MainThread"]
    assert kept
    garbage.stop()


def test_python_s_own_timing_comes_back(qtbot):
    gc.enable()
    garbage = Garbage()
    assert not gc.isenabled()
    garbage.stop()
    assert gc.isenabled()
    gc.disable()
