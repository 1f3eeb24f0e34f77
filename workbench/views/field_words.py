"""The experiment's fields in words: sections, choices, tooltips, when a field has an effect."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from html import escape

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from workbench.errors import UserError
from workbench.experiment import Experiment, FieldDescription, fields
from workbench.specs import TaskName
from workbench.views.numbers import THIN_SPACE, grouped

_CONTEXT = "Fields"


def _words(text: str) -> str:
    return QCoreApplication.translate(_CONTEXT, text)


# ---------------------------------------------------------------------- where a field stands


@dataclass(frozen=True)
class Section:
    """Fields that stand together in a form.

    Attributes:
        title: Heading, untranslated.
        station: The page whose settings hold it.
        names: Dotted names, in order.
    """

    title: str
    station: str
    names: tuple[str, ...]


def _section(title: str, station: str, prefix: str, names: str) -> Section:
    return Section(title, station, tuple(prefix + name for name in names.split()))


SECTIONS = (
    _section(QT_TRANSLATE_NOOP("Fields", "Text"), "data", "data.text.",
             "encoding symbols lowercase minimum_count vocabulary_size"),
    _section(QT_TRANSLATE_NOOP("Fields", "Reading"), "data", "data.table.reading.",
             "encoding separator decimal thousands header skip_rows unit_rows last_rows date_order "
             "missing_markers"),
    _section(QT_TRANSLATE_NOOP("Fields", "Time axis"), "data", "data.table.time.",
             "columns format frequency sort duplicates gaps"),
    _section(QT_TRANSLATE_NOOP("Fields", "Windows"), "data", "data.table.windows.",
             "window horizon stride"),
    _section(QT_TRANSLATE_NOOP("Fields", "Split"), "data", "data.split.",
             "unit train validation test gap"),
    _section(QT_TRANSLATE_NOOP("Fields", "Network"), "model", "model.",
             "cell num_layers hidden_size embedding_size bidirectional tie_weights residual "
             "layer_norm"),
    _section(QT_TRANSLATE_NOOP("Fields", "Forecast"), "model", "model.",
             "instance_norm calendar linear_shortcut quantiles"),
    _section(QT_TRANSLATE_NOOP("Fields", "Dropout"), "model", "model.",
             "dropout embedding_dropout output_dropout variational_dropout weight_drop"),
    _section(QT_TRANSLATE_NOOP("Fields", "Start of the weights"), "model", "model.",
             "initialisation initial_scale forget_gate_bias"),
    _section(QT_TRANSLATE_NOOP("Fields", "Run"), "train", "",
             "name training.epochs training.batch_size training.bptt_length training.patience "
             "training.loss training.loss_sum_over_time seed"),
    _section(QT_TRANSLATE_NOOP("Fields", "Optimiser"), "train", "training.",
             "optimizer learning_rate schedule schedule_factor schedule_start schedule_every "
             "clip_norm clip_value momentum weight_decay accumulation"),
    _section(QT_TRANSLATE_NOOP("Fields", "Computer"), "train", "training.",
             "device threads precision deterministic autosave_s"),
    _section(QT_TRANSLATE_NOOP("Fields", "While it trains"), "train", "preview.",
             "prompt temperature length every_s probe probe_window"),
)  # fmt: skip
"""Every field that a form may show, each in one section."""


def section_of(name: str) -> Section | None:
    """The section a field stands in; None for fields no form shows (path, format version …)."""
    return next((section for section in SECTIONS if name in section.names), None)


def station_names(station: str) -> list[str]:
    """Dotted names of all fields whose section belongs to a page."""
    return [name for item in SECTIONS if item.station == station for name in item.names]


@cache
def _described() -> dict[str, FieldDescription]:
    return {info.name: info for info in fields()}


def described(names: list[str]) -> list[FieldDescription]:
    """The fields meant by dotted names or prefixes, in the order of the names, each once.

    Raises:
        KeyError: For a name that means no field.
    """
    found: dict[str, FieldDescription] = {}
    for name in names:
        stem = name.rstrip(".")
        matches = [
            info
            for info in _described().values()
            if info.name == stem or info.name.startswith(f"{stem}.")
        ]
        if not matches:
            raise KeyError(f"{name} is no field of an experiment and no part of one")
        found.update({info.name: info for info in matches})
    return list(found.values())


# ---------------------------------------------------------------------- choices in words

_GAP_WORDS = {
    "interpolate": QT_TRANSLATE_NOOP("Fields", "Straight line"),
    "forward": QT_TRANSLATE_NOOP("Fields", "Repeat the last"),
    "zero": QT_TRANSLATE_NOOP("Fields", "Zero"),
    "mean": QT_TRANSLATE_NOOP("Fields", "Training mean"),
    "cut": QT_TRANSLATE_NOOP("Fields", "Cut there"),
    "leave": QT_TRANSLATE_NOOP("Fields", "Leave out"),
}
_MARK_WORDS = {
    "auto": QT_TRANSLATE_NOOP("Fields", "Find it"),
    "none": QT_TRANSLATE_NOOP("Fields", "None"),
    ".": QT_TRANSLATE_NOOP("Fields", "Point  ."),
    ",": QT_TRANSLATE_NOOP("Fields", "Comma  ,"),
    " ": QT_TRANSLATE_NOOP("Fields", "Space"),
    "'": QT_TRANSLATE_NOOP("Fields", "Apostrophe  '"),
}
_CHOICES: dict[str, dict[str, str]] = {
    "task": {
        "language_model": QT_TRANSLATE_NOOP("Fields", "Write text"),
        "forecast": QT_TRANSLATE_NOOP("Fields", "Forecast"),
    },
    "symbols": {
        "character": QT_TRANSLATE_NOOP("Fields", "Characters"),
        "word": QT_TRANSLATE_NOOP("Fields", "Words"),
        "subword": QT_TRANSLATE_NOOP("Fields", "Sub-words"),
    },
    "decimal": _MARK_WORDS,
    "thousands": _MARK_WORDS,
    "header": {
        "auto": QT_TRANSLATE_NOOP("Fields", "Find it"),
        "yes": QT_TRANSLATE_NOOP("Fields", "Yes"),
        "no": QT_TRANSLATE_NOOP("Fields", "No"),
    },
    "date_order": {
        "auto": QT_TRANSLATE_NOOP("Fields", "Find it"),
        "ymd": QT_TRANSLATE_NOOP("Fields", "Year-month-day"),
        "dmy": QT_TRANSLATE_NOOP("Fields", "Day-month-year"),
        "mdy": QT_TRANSLATE_NOOP("Fields", "Month-day-year"),
    },
    "role": {
        "target": QT_TRANSLATE_NOOP("Fields", "Target"),
        "input": QT_TRANSLATE_NOOP("Fields", "Input"),
        "known_future": QT_TRANSLATE_NOOP("Fields", "Known future"),
        "series_id": QT_TRANSLATE_NOOP("Fields", "Series name"),
        "date": QT_TRANSLATE_NOOP("Fields", "Date"),
        "ignored": QT_TRANSLATE_NOOP("Fields", "Ignored"),
    },
    "kind": {
        "number": QT_TRANSLATE_NOOP("Fields", "Number"),
        "category": QT_TRANSLATE_NOOP("Fields", "Category"),
        "date": QT_TRANSLATE_NOOP("Fields", "Date"),
        "text": QT_TRANSLATE_NOOP("Fields", "Text"),
    },
    "missing": _GAP_WORDS,
    "gaps": _GAP_WORDS,
    "scaler": {
        "standard": QT_TRANSLATE_NOOP("Fields", "Standard"),
        "minmax": QT_TRANSLATE_NOOP("Fields", "0 … 1"),
        "robust": QT_TRANSLATE_NOOP("Fields", "Robust"),
        "none": QT_TRANSLATE_NOOP("Fields", "None"),
    },
    "duplicates": {
        "keep": QT_TRANSLATE_NOOP("Fields", "Keep all"),
        "first": QT_TRANSLATE_NOOP("Fields", "First"),
        "last": QT_TRANSLATE_NOOP("Fields", "Last"),
        "mean": QT_TRANSLATE_NOOP("Fields", "Mean"),
    },
    "unit": {
        "fraction": QT_TRANSLATE_NOOP("Fields", "Fraction"),
        "rows": QT_TRANSLATE_NOOP("Fields", "Rows"),
        "months": QT_TRANSLATE_NOOP("Fields", "Months of 30 d"),
    },
    "cell": {
        "rnn_tanh": QT_TRANSLATE_NOOP("Fields", "RNN (tanh)"),
        "rnn_relu": QT_TRANSLATE_NOOP("Fields", "RNN (ReLU)"),
        "lstm": QT_TRANSLATE_NOOP("Fields", "LSTM"),
        "gru": QT_TRANSLATE_NOOP("Fields", "GRU"),
    },
    "initialisation": {
        "torch": QT_TRANSLATE_NOOP("Fields", "Usual (torch)"),
        "uniform": QT_TRANSLATE_NOOP("Fields", "Uniform"),
        "xavier": QT_TRANSLATE_NOOP("Fields", "Xavier"),
        "orthogonal": QT_TRANSLATE_NOOP("Fields", "Orthogonal"),
    },
    "instance_norm": {
        "none": QT_TRANSLATE_NOOP("Fields", "None"),
        "last_value": QT_TRANSLATE_NOOP("Fields", "Last value"),
        "mean_std": QT_TRANSLATE_NOOP("Fields", "Mean, deviation"),
    },
    "optimizer": {
        "sgd": QT_TRANSLATE_NOOP("Fields", "SGD"),
        "adam": QT_TRANSLATE_NOOP("Fields", "Adam"),
        "adamw": QT_TRANSLATE_NOOP("Fields", "AdamW"),
        "rmsprop": QT_TRANSLATE_NOOP("Fields", "RMSprop"),
    },
    "schedule": {
        "constant": QT_TRANSLATE_NOOP("Fields", "Constant"),
        "step": QT_TRANSLATE_NOOP("Fields", "Steps"),
        "cosine": QT_TRANSLATE_NOOP("Fields", "Cosine"),
        "one_cycle": QT_TRANSLATE_NOOP("Fields", "One cycle"),
        "plateau": QT_TRANSLATE_NOOP("Fields", "On plateau"),
    },
    "loss": {
        "auto": QT_TRANSLATE_NOOP("Fields", "Automatic"),
        "mse": QT_TRANSLATE_NOOP("Fields", "Squared error"),
        "mae": QT_TRANSLATE_NOOP("Fields", "Absolute error"),
        "huber": QT_TRANSLATE_NOOP("Fields", "Huber"),
    },
    "precision": {
        "auto": QT_TRANSLATE_NOOP("Fields", "Automatic"),
        "float32": QT_TRANSLATE_NOOP("Fields", "float32"),
        "bfloat16": QT_TRANSLATE_NOOP("Fields", "bfloat16"),
    },
}
SUGGESTIONS: dict[str, tuple[str, ...]] = {
    "device": ("auto", "cpu", "cuda", "mps"),
    "encoding": ("auto", "utf-8", "utf-8-sig", "utf-16", "cp1252", "cp1250", "cp1251",
                 "iso-8859-1", "shift_jis", "gb18030", "big5", "euc-kr"),
    "separator": ("auto", ",", ";", "\\t", "|", "spaces"),
    "frequency": ("auto", "s", "min", "15min", "h", "D", "B", "W-SUN", "MS", "QS", "YS"),
    "format": ("auto", "%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y"),
}  # fmt: skip
"""Usual texts of fields that take any text, by the last part of their name."""


def choice_words(name: str, choice: str) -> str:
    """An allowed value in words, such as ``One cycle`` for ``one_cycle``."""
    return _words(_CHOICES.get(name.rpartition(".")[2], {}).get(choice, choice))


# ---------------------------------------------------------------------- what holds when


def fits_task(name: str, info: FieldDescription, task: TaskName) -> bool:
    """Whether a field belongs to a task at all; the others are hidden."""
    if info.task:
        return info.task == task.value
    if name.startswith("data.text."):
        return task is TaskName.LANGUAGE_MODEL
    if name.startswith("data.table."):
        return task is TaskName.FORECAST
    return True


_Rule = tuple[Callable[[Experiment], bool], str]
_EFFECT: dict[str, _Rule] = {
    "data.text.vocabulary_size": (
        lambda e: e.data.text.symbols != "character",
        QT_TRANSLATE_NOOP("Fields", "Has no effect on characters: none is ever cut."),
    ),
    "model.embedding_size": (
        lambda e: not e.model.tie_weights,
        QT_TRANSLATE_NOOP("Fields", "Tied weights: the embedding has the hidden size."),
    ),
    "model.dropout": (
        lambda e: e.model.num_layers > 1,
        QT_TRANSLATE_NOOP("Fields", "There is one layer, so there is nothing between layers."),
    ),
    "model.residual": (
        lambda e: e.model.num_layers > 1,
        QT_TRANSLATE_NOOP("Fields", "There is one layer; from two layers on."),
    ),
    "model.variational_dropout": (
        lambda e: max(e.model.dropout, e.model.embedding_dropout, e.model.output_dropout) > 0,
        QT_TRANSLATE_NOOP("Fields", "All dropouts are 0."),
    ),
    "model.initial_scale": (
        lambda e: e.model.initialisation == "uniform",
        QT_TRANSLATE_NOOP("Fields", "Only for the uniform initialisation."),
    ),
    "model.forget_gate_bias": (
        lambda e: e.model.cell == "lstm",
        QT_TRANSLATE_NOOP("Fields", "Only the LSTM has a forget gate."),
    ),
    "training.loss": (
        lambda e: not e.model.quantiles,
        QT_TRANSLATE_NOOP("Fields", "Quantiles are trained with the pinball loss."),
    ),
    "training.momentum": (
        lambda e: e.training.optimizer in ("sgd", "rmsprop"),
        QT_TRANSLATE_NOOP("Fields", "Only for SGD and RMSprop."),
    ),
    "training.schedule_factor": (
        lambda e: e.training.schedule in ("step", "plateau"),
        QT_TRANSLATE_NOOP("Fields", "Only for the schedules Steps and On plateau."),
    ),
    "training.schedule_every": (
        lambda e: e.training.schedule in ("step", "plateau"),
        QT_TRANSLATE_NOOP("Fields", "Only for the schedules Steps and On plateau."),
    ),
    "training.schedule_start": (
        lambda e: e.training.schedule == "step",
        QT_TRANSLATE_NOOP("Fields", "Only for the schedule Steps."),
    ),
}


def without_effect(name: str, experiment: Experiment) -> str:
    """Why a field changes nothing in this experiment, in a sentence; empty where it does."""
    rule = _EFFECT.get(name)
    return "" if rule is None or rule[0](experiment) else _words(rule[1])


# ---------------------------------------------------------------------- words about one field


def label_of(info: FieldDescription) -> str:
    """The field's name for people."""
    return QCoreApplication.translate("Experiment", info.label)


def help_of(info: FieldDescription) -> str:
    """What it is, when to change it, the usual range."""
    return QCoreApplication.translate("Experiment", info.help)


def value_words(info: FieldDescription, value: object) -> str:
    """A value as the form shows it, with its unit."""
    if isinstance(value, bool):
        return _words("on") if value else _words("off")
    if info.choices:
        return choice_words(info.name, str(value))
    if isinstance(value, int | float):
        return f"{number_text(value)}{THIN_SPACE}{info.unit}".rstrip(THIN_SPACE)
    if isinstance(value, list | tuple):
        return ", ".join(
            number_text(item) if isinstance(item, int | float) else repr(str(item))
            for item in value
        ) or _words("empty")
    return str(value) or _words("empty")


def number_text(value: float) -> str:
    """A number as a form writes it: exact, grouped, ``0.002``, ``1e-6``; never ``0.0000``."""
    if float(value).is_integer() and abs(value) < 1e12:
        return grouped(int(value)).replace("−", "-")
    mantissa, power, size = repr(float(value)).partition("e")
    return f"{mantissa.removesuffix('.0')}e{int(size)}" if power else mantissa


def range_words(info: FieldDescription) -> str:
    """The allowed values, or empty where there is nothing to say."""
    low, high = info.minimum, info.maximum
    if info.kind not in ("int", "float") or (low is None and high is None):
        return ""
    as_number = int if info.kind == "int" else float
    if low is None:
        return f"≤ {number_text(as_number(high or 0))}"
    if high is None or high >= 2**31 - 1:
        return f"≥ {number_text(as_number(low))}"
    return f"{number_text(as_number(low))} … {number_text(as_number(high))}"


def tooltip(info: FieldDescription, note: str = "") -> str:
    """What it is, when to change it, usual and allowed range, default; as rich text."""
    lines = [f"<b>{escape(label_of(info))}</b>", escape(help_of(info))]
    facts = []
    allowed = range_words(info)
    if allowed:
        facts.append(_words("Allowed: {0}").format(allowed))
    facts.append(_words("Default: {0}").format(value_words(info, info.default)))
    lines.append(escape(" · ".join(facts)))
    if info.live:
        lines.append(escape(_words("May be changed while a run goes on.")))
    if note:
        lines.append(f"<i>{escape(note)}</i>")
    lines.append(f"<code>{escape(info.name)}</code>")
    return "<p style='margin:0'>" + "</p><p style='margin:6px 0 0 0'>".join(lines) + "</p>"


def title_words(title: str) -> str:
    """A section's heading."""
    return _words(title) if title else ""


def plain_default(info: FieldDescription) -> object:
    """The default as the experiment's plain values hold it (lists, not tuples)."""
    return list(info.default) if isinstance(info.default, tuple) else info.default


def refusal(info: FieldDescription, value: object, error: UserError) -> str:
    """Why a value is refused, in a sentence about this field."""
    low, high = info.minimum, info.maximum
    if isinstance(value, bool) or not isinstance(value, int | float):
        return error.what.replace(info.name, label_of(info))
    given = number_text(value)
    if value == low:
        return _words("{0} is not allowed; it must be above {1}.").format(given, given)
    if value == high:
        return _words("{0} is not allowed; it must be below {1}.").format(given, given)
    if (low is not None and value < low) or (high is not None and value > high):
        return _words("{0} is not allowed; it must be {1}.").format(given, range_words(info))
    return error.what.replace(info.name, label_of(info))


def info_of(dotted: str) -> FieldDescription | None:
    """What is known of a field; columns are reached by name, ``data.table.columns.Load.role``."""
    found = _described().get(dotted)
    if found is None and dotted.startswith("data.table.columns."):
        return _described().get(f"data.table.columns.<name>.{dotted.rpartition('.')[2]}")
    return found


def label_of_name(dotted: str) -> str:
    """A field's name for people, with the column it belongs to; the dotted name where unknown."""
    info = info_of(dotted)
    if info is None:
        return dotted
    if dotted.startswith("data.table.columns."):
        column = dotted.removeprefix("data.table.columns.").rpartition(".")[0]
        return f"{column}: {label_of(info)}"
    return label_of(info)


def words_of_value(dotted: str, value: object) -> str:
    """A field's value for people; a dash where the field is not there."""
    info = info_of(dotted)
    if value is None:
        return "–"
    return value_words(info, value) if info is not None else str(value)
