"""What metrics are called in a sentence."""

_SHORT = {
    "mse": "MSE", "rmse": "RMSE", "mae": "MAE", "mase": "MASE", "smape": "sMAPE",
    "mae_scaled": "scaled MAE",
}  # fmt: skip


def short_name(metric: str) -> str:
    """Return what a metric is called in a sentence: abbreviations as the field writes them.

    Args:
        metric: Name as in ``EpochDone.metrics``.
    """
    return _SHORT.get(metric, metric)
