"""The forecasting task on real series: published naive figures, short series as suggested."""

import pandas as pd
import pytest
import torch

from workbench.data.series import prepare_series
from workbench.data.windows import suggest_windows
from workbench.experiment import Experiment
from workbench.specs import (
    ColumnSpec,
    DataSpec,
    ModelSpec,
    SplitSpec,
    TableSpec,
    TimeSpec,
    WindowSpec,
)
from workbench.tasks.forecast import ForecastTask, prepare_forecast

torch.set_num_threads(1)


def _ett(shared_data, targets):
    names = ["HUFL", "HULL", "MUFL", "MULL", "LUFL", "LULL", "OT"]
    columns = tuple(
        ColumnSpec(name=name, role="target" if name in targets else "ignored") for name in names
    )
    table = TableSpec(
        columns=(ColumnSpec(name="date", role="date", kind="date"), *columns),
        time=TimeSpec(columns=("date",)),
        windows=WindowSpec(window=96, horizon=24),
    )
    months = SplitSpec(unit="months", train=12, validation=4, test=4)
    path = str(shared_data / "etth1" / "ETTh1.csv")
    return prepare_forecast(
        Experiment(task="forecast", data=DataSpec(path=path, table=table, split=months))
    )


def test_the_naive_figures_of_etth1(shared_data):
    """Published convention: 12/4/4 months of 30 days, z-scored, test rows 11520 to 14399."""
    task = _ett(shared_data, ["HUFL", "HULL", "MUFL", "MULL", "LUFL", "LULL", "OT"])
    assert task.prepared.splits["test"].tolist() == [[11_520, 14_400]]
    found = task.baseline_metrics("test")
    day, last = found["same hour yesterday"], found["last value"]
    assert (round(day["mse"], 3), round(day["mae_scaled"], 3)) == (0.424, 0.389)
    assert (round(last["mse"], 3), round(last["mae_scaled"], 3)) == (1.222, 0.671)


def test_the_naive_figures_of_one_target(shared_data):
    found = _ett(shared_data, ["OT"]).baseline_metrics("test")["last value"]
    assert (round(found["mse"], 3), round(found["mae_scaled"], 3)) == (0.034, 0.139)


@pytest.mark.parametrize(
    "name",
    ["airline-passengers", "shampoo", "monthly-car-sales", "daily-min-temperatures",
     "yearly-water-usage", "daily-total-female-births", "monthly-sunspots"],
)  # fmt: skip
def test_short_series_train_as_suggested(shared_data, name):
    frame = pd.read_csv(shared_data / "ts-classic" / f"{name}.csv")
    values = frame.iloc[:, 1].rename("y").to_frame()
    table = TableSpec(columns=(ColumnSpec(name="y", role="target"),))
    first = prepare_series(values, table, SplitSpec(), calendar=True)
    windows = suggest_windows(len(values), first.season, None)
    experiment = Experiment(
        task="forecast",
        data=DataSpec(table=table.model_copy(update={"windows": windows})),
        model=ModelSpec(num_layers=1, hidden_size=4),
    )
    task = ForecastTask(experiment, first)
    assert task.batches("train") >= 1
    model = task.build_model(torch.Generator().manual_seed(1)).eval()
    assert task.evaluate(model, "test", lambda: False)["mase"] > 0
