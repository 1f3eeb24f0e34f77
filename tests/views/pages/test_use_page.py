"""The Use page on a run that was really trained."""

from pathlib import Path

from workbench.app.session import Session
from workbench.app.settings import Settings
from workbench.data.suggest import suggest_experiment
from workbench.engine.trainer import train
from workbench.paths import sample_data_folder
from workbench.views.pages.use import UsePage


def test_it_writes_and_evaluates(qtbot, tmp_path: Path) -> None:
    experiment, _ = suggest_experiment(sample_data_folder() / "harbour_tales.txt")
    experiment = experiment.with_values(
        {"training.epochs": 1, "model.hidden_size": 12, "model.embedding_size": 8}
    )
    list(train(experiment, runs_root=tmp_path))
    session = Session(Settings())
    page = UsePage(session)
    qtbot.addWidget(page)
    assert not page.ready()[0]
    session.show_run(next(tmp_path.iterdir()))
    qtbot.waitUntil(lambda: session.run is not None)
    assert page.ready()[0]
    page._length.setValue(30)
    page._go.click()
    qtbot.waitUntil(lambda: "epoch 1" in page._weights.text())
    page._judge.click()
    qtbot.waitUntil(lambda: page._metrics.rowCount() > 3)
    assert page._metrics.item(0, 0).text() == "nats"
    assert float(page._metrics.item(0, 2).text()) > 0
    session.close()
