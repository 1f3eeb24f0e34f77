"""Sessions that need no data and no engine: their runs are told by hand."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench.app.loader import Loaded
from workbench.app.session import Parts, Session
from workbench.app.settings import Settings
from workbench.data.text import TextSource
from workbench.engine import events
from workbench.engine.control import Control
from workbench.experiment import Experiment
from workbench.runs import RunFolder


class FakeEngine:
    """A run of endless steps that obeys its control, as the trainer does."""

    def __init__(self, root: Path):
        self.root = root
        self.requests = []
        self.threads = set()
        self.total = 10**9
        self.fail_at = None
        self.resumed = []
        self.closed = 0

    def start(self, experiment: Experiment, control: Control) -> Iterator[events.Event]:
        yield from self.run(RunFolder.create(self.root, experiment), control, resumed=False)

    def resume(self, folder: RunFolder, control: Control) -> Iterator[events.Event]:
        self.resumed.append(folder.id)
        yield from self.run(folder, control, resumed=True)

    def run(self, folder, control, *, resumed):
        self.threads.add(threading.get_ident())
        try:
            yield events.RunStarted(
                folder.id, 0, 0.0, folder=str(folder.path), task="language_model", resumed=resumed
            )
            yield events.Phase(folder.id, 0, 0.0, message="Reading the data")
            yield events.WarmedUp(
                folder.id,
                0,
                0.0,
                device="cpu",
                steps_per_epoch=100,
                total_steps=1000,
                metric="nats",
            )
            yield from self.steps(folder.id, control)
        finally:
            self.closed += 1

    def steps(self, run, control):
        for step in range(1, self.total + 1):
            self.requests.extend(control.take())
            if control.paused and not control.stopping:
                yield events.Paused(run, step, 0.0)
                control.wait_while_paused()
                yield events.Continued(run, step, 0.0)
            if control.stopping:
                break
            if step == self.fail_at:
                raise RuntimeError("the engine broke")
            if step < 1000 or step % 1000 == 0:
                yield events.StepsDone(
                    run,
                    step,
                    0.1,
                    epoch=step / 100,
                    first_step=step,
                    loss=(1 / step,),
                    gradient_norm=(1.0,),
                    learning_rate=0.1,
                )
        state = "discarded" if control.discarding else "stopped" if control.stopping else "finished"
        yield events.RunEnded(run, step, 0.1, state=state, reason=f"It {state}.")


@pytest.fixture
def engine(tmp_path):
    root = tmp_path / "runs"
    root.mkdir()
    return FakeEngine(root)


@pytest.fixture
def make_session(engine, tmp_path, qtbot):
    """Sessions with that engine, closed at the end."""
    made = []

    def make(load=None):
        parts = Parts(load=load or _load, start=engine.start, resume=engine.resume)
        session = Session(Settings(tmp_path / "settings"), parts)
        made.append(session)
        return session

    yield make
    for session in made:
        session.close()
        session.deleteLater()


@pytest.fixture
def session(make_session):
    made = make_session()
    made.editor.open(Experiment(name="tiny").with_value("data.path", "/somewhere/tiny.txt"), None)
    return made


def _load(path, loading):
    loading.progress(0.5)
    experiment = Experiment(name=path.stem).with_value("data.path", str(path))
    text = "Once upon a time there was a tale. " * 40
    source = TextSource(path, text, "utf-8", (path,), (), "0" * 64, 1)
    return Loaded(path, experiment, source=source)
