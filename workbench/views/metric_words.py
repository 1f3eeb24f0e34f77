"""Metrics in words: what each is called, what it means, how its numbers are written."""

import re
from dataclasses import dataclass

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from workbench.views.numbers import grouped, share


@dataclass(frozen=True)
class _Metric:
    label: str
    meaning: str
    look: str = "number"


_METRICS = {
    "nats": _Metric(
        QT_TRANSLATE_NOOP("Metrics", "Cross-entropy (nats)"),
        QT_TRANSLATE_NOOP("Metrics", "Surprise per symbol, natural logarithm; lower is better"),
    ),
    "bits": _Metric(
        QT_TRANSLATE_NOOP("Metrics", "Bits per symbol"),
        QT_TRANSLATE_NOOP("Metrics", "The same in bits: what a compressor would need"),
    ),
    "perplexity": _Metric(
        QT_TRANSLATE_NOOP("Metrics", "Perplexity"),
        QT_TRANSLATE_NOOP("Metrics", "Among how many symbols it is as unsure as if by chance"),
    ),
    "accuracy": _Metric(
        QT_TRANSLATE_NOOP("Metrics", "Accuracy"),
        QT_TRANSLATE_NOOP("Metrics", "How often the likeliest symbol was the right one"),
        "share",
    ),
    "mse": _Metric(
        QT_TRANSLATE_NOOP("Metrics", "MSE (z-scored)"),
        QT_TRANSLATE_NOOP(
            "Metrics", "Mean squared error in standard deviations, as benchmarks report it"
        ),
    ),
    "mae_scaled": _Metric(
        QT_TRANSLATE_NOOP("Metrics", "MAE (z-scored)"),
        QT_TRANSLATE_NOOP("Metrics", "Mean absolute error in standard deviations"),
    ),
    "rmse": _Metric(
        QT_TRANSLATE_NOOP("Metrics", "RMSE"),
        QT_TRANSLATE_NOOP("Metrics", "Root mean squared error in the data's own unit"),
    ),
    "mae": _Metric(
        QT_TRANSLATE_NOOP("Metrics", "MAE"),
        QT_TRANSLATE_NOOP("Metrics", "Mean absolute error in the data's own unit"),
    ),
    "smape": _Metric(
        QT_TRANSLATE_NOOP("Metrics", "sMAPE"),
        QT_TRANSLATE_NOOP("Metrics", "Symmetric relative error; misleading near zero"),
        "percent",
    ),
    "mase": _Metric(
        QT_TRANSLATE_NOOP("Metrics", "MASE"),
        QT_TRANSLATE_NOOP("Metrics", "Error beside the naive rule in training; below 1 beats it"),
    ),
    "coverage": _Metric(
        QT_TRANSLATE_NOOP("Metrics", "Coverage"),
        QT_TRANSLATE_NOOP("Metrics", "How often the truth lies between the outer quantiles"),
        "share",
    ),
    "pinball": _Metric(
        QT_TRANSLATE_NOOP("Metrics", "Pinball loss"),
        QT_TRANSLATE_NOOP("Metrics", "Error of the quantiles; lower is better"),
    ),
}  # fmt: skip
_OF_TARGET = re.compile(r"(?P<metric>\w+)\[(?P<target>.*)\]", re.DOTALL)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Metrics", text)


def _known(name: str) -> tuple[_Metric | None, str]:
    found = _OF_TARGET.fullmatch(name)
    return (_METRICS.get(found["metric"]), found["target"]) if found else (_METRICS.get(name), "")


def metric_label(name: str) -> str:
    """A metric's name for people, with the target it is of."""
    metric, target = _known(name)
    label = _tr(metric.label) if metric else name
    return f"{label} · {target}" if target and metric else label


def metric_meaning(name: str) -> str:
    """What a metric means, in a sentence; empty where it is unknown."""
    metric, _ = _known(name)
    return _tr(metric.meaning) if metric else ""


def metric_value(name: str, value: float | None) -> str:
    """A metric's value as people read it; a dash where there is none."""
    if value is None:
        return "–"
    metric, _ = _known(name)
    look = metric.look if metric else "number"
    if look == "share":
        return share(value)
    return share(value / 100) if look == "percent" else grouped(value)
