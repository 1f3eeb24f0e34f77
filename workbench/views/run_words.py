"""A run in words: epoch, speed, time left, verdict."""

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from workbench.tasks.metric_names import short_name
from workbench.views.engine_words import said
from workbench.views.numbers import THIN_SPACE, clock, grouped

if TYPE_CHECKING:
    from workbench.app.job import JobState
    from workbench.engine.history import History

_STEPS = ((1e9, "G"), (1e6, "M"), (1e4, "k"))


def rate(value: float) -> str:
    """Write a speed short: ``850``, ``41 k``, ``1.2 M``."""
    if not math.isfinite(value):
        return "–"
    for size, sign in _STEPS:
        if abs(value) >= size:
            unit = 1e3 if sign == "k" else size
            return f"{grouped(value / unit, 2 if value / unit < 10 else 3)}{THIN_SPACE}{sign}"
    return grouped(value, 3 if abs(value) < 100 else max(3, len(str(int(abs(value))))))


def milliseconds(seconds: float) -> str:
    """Write a short time: ``8.3 ms``, ``1.24 s``."""
    if seconds >= 1:
        return f"{grouped(seconds, 3)}{THIN_SPACE}s"
    return f"{grouped(1000 * seconds, 2 if seconds < 0.01 else 3)}{THIN_SPACE}ms"


def epochs_planned(history: "History") -> int:
    """Epochs the run was started for, or 0 where that is not known yet."""
    warmed = history.warmed_up
    if warmed is None or not warmed.steps_per_epoch:
        return 0
    return round(warmed.total_steps / warmed.steps_per_epoch)


def epoch_words(history: "History") -> str:
    """``epoch 12/40``, or nothing before the first step."""
    latest = history.latest
    if latest is None:
        return ""
    planned = epochs_planned(history)
    number = math.floor(latest.epoch - 1e-9) + 1 if latest.epoch > 0 else 1
    if planned:
        return _tr("epoch {0}/{1}").format(min(number, planned), planned)
    return _tr("epoch {0}").format(number)


def progress_words(history: "History", *, active: bool) -> str:
    """Epoch, step, speed and time left in one line; only epoch and step of a run that is over."""
    latest = history.latest
    if latest is None:
        return ""
    parts = [epoch_words(history), _tr("step {0}").format(grouped(latest.step))]
    if active:
        parts.append(f"{rate(latest.throughput)} {latest.throughput_unit}")
        parts.append(_tr("{0} left").format(clock(latest.remaining_s)))
    return " · ".join(parts)


def sentence(history: "History", job: "JobState") -> str:
    """What can be said of the run now, in one sentence."""
    if (job.run_active or job.state in ("loading", "stopping", "paused")) and job.message:
        return said(job.message)
    if history.ended is not None:
        return _ended(history)
    if history.phase:
        return said(history.phase)
    if history.verdict is not None:
        return said(history.verdict.message)
    return _tr("Training: the first epoch is under way.") if job.run_active else ""


def advice(history: "History") -> str:
    """What to try next, or nothing."""
    ended, verdict = history.ended, history.verdict
    if ended is not None and ended.state == "failed":
        return said(ended.todo)
    if verdict is None or ended is None:
        return said(verdict.advice) if verdict is not None else ""
    again = {
        "overfitting": _tr("Train again with more dropout or a smaller network."),
        "plateau": _tr("It has settled: more epochs will not help, another network may."),
        "diverging": _tr("Train again with a lower learning rate."),
        "no_better_than_naive": _tr(
            "Train again with more epochs, a longer window, or a higher learning rate."
        ),
    }
    return again.get(verdict.state, "")


def tone(history: "History") -> str:
    """How the verdict looks: ``good``, ``warning``, ``bad`` or nothing."""
    if history.ended is not None and history.ended.state == "failed":
        return "bad"
    state = history.verdict.state if history.verdict is not None else ""
    if history.ended is not None and state != "no_better_than_naive":
        return ""  # what was a warning while it could be acted on
    tones = {"diverging": "bad", "overfitting": "warning", "plateau": "warning",
             "no_better_than_naive": "warning", "improving": "good"}  # fmt: skip
    return tones.get(state, "")


def _ended(history: "History") -> str:
    """Why the run is over, and how its best compares with the naive rules."""
    ended = history.ended
    if ended is None or ended.state == "failed" or not history.epochs:
        return said(ended.reason) if ended is not None else ""
    last, warmed = history.epochs[-1], history.warmed_up
    words = _tr("{0} Best validation {1} {2}").format(
        said(ended.reason), short_name(last.metric), grouped(last.best)
    )
    words += _against(warmed.baselines if warmed is not None else {})
    test = ended.metrics.get("test", {}).get(last.metric)
    if test is not None:
        words += _tr("; test {0}").format(grouped(test))
        words += _against(ended.baselines.get("test", {}))
    return f"{words}."


def _against(baselines: dict[str, float]) -> str:
    """The nearest naive rule on the same part, or nothing."""
    if not baselines:
        return ""
    name = min(baselines, key=lambda key: baselines[key])
    return _tr(" (‘{0}’ {1})").format(name, grouped(baselines[name]))


def clip_norm(history: "History") -> float:
    """The norm at which a run cuts gradients now; 0 where it does not."""
    changed = [mark.value for mark in history.marks if mark.name == "training.clip_norm"]
    if changed:
        return changed[-1]
    return history.warmed_up.clip_norm if history.warmed_up is not None else 0.0


def best_words(history: "History") -> str:
    """The best epoch and its value, or nothing before the first validation."""
    if not history.epochs:
        return ""
    last = history.epochs[-1]
    return _tr("epoch {0}: {1} {2}").format(
        last.best_epoch, short_name(last.metric), grouped(last.best)
    )


def patience_words(history: "History") -> str:
    """``1 / 5``: validations without improvement, of those after which the run stops."""
    if not history.epochs:
        return ""
    last = history.epochs[-1]
    if not last.patience:
        return _tr("{0} (never stops)").format(last.waited)
    return f"{last.waited} / {last.patience}"


def checkpoint_words(history: "History", *, active: bool) -> str:
    """Which weights are in use, in a few words."""
    if active:
        return _tr("current weights")
    if history.ended is not None and history.ended.state == "finished":
        return _tr("best checkpoint")
    if "best" in history.saved:
        return _tr("last; best is kept too")
    return _tr("last checkpoint") if "last" in history.saved else ""


def _tr(text: str) -> str:
    return QCoreApplication.translate("RunWords", text)
