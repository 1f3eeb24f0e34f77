"""The Experiment: the one description of a job, and every field of it declared once.

The forms edit it, the command line overrides it, a run stores it. Label, unit, range, default
and help stand with each field; form, flags and ``workbench fields`` are made from them.
"""

import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, Self, get_args, get_origin

import tomli_w
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.fields import FieldInfo

from workbench.errors import UserError

FORMAT_VERSION = 1


def _field(default: Any, label: str, text: str, **extra: Any) -> Any:
    """Declare one field.

    Args:
        default: The value when nothing is said.
        label: What the form calls it.
        text: What it is, when to change it, the usual range.
        extra: ``ge``, ``gt``, ``le``, ``lt`` bounds; ``unit``; ``advanced`` (folded away in the
            form); ``live`` (may change while a run goes on); ``task`` (the only task it is for).
    """
    bounds = {key: extra.pop(key) for key in ("ge", "gt", "le", "lt") if key in extra}
    return Field(default, title=label, description=text, json_schema_extra=extra, **bounds)


class Spec(BaseModel):
    """Base of all parts: frozen, closed, without coercion of text to numbers."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class TaskName(StrEnum):
    """The jobs the program knows."""

    LANGUAGE_MODEL = "language_model"
    FORECAST = "forecast"


class TextSpec(Spec):
    """How a text is read and cut into symbols."""

    encoding: str = _field("auto", "Encoding", "Character encoding of the file; auto reads the byte order mark, then tries strict UTF-8, then the likeliest code page.")
    symbols: Literal["character", "word", "subword"] = _field("character", "Symbols", "What one step of the sequence is. Characters need no vocabulary decision; words learn faster on large corpora; sub-words (byte-pair encoding) sit between.")
    lowercase: bool = _field(False, "Lower-case", "Fold upper case away. Smaller vocabulary, but the model cannot write capitals.")
    minimum_count: int = _field(1, "Minimum count", "Symbols seen fewer times in the training part become <unk>. 1 keeps all; 2–5 is usual for words.", ge=1, le=1_000_000)
    vocabulary_size: int = _field(10_000, "Largest vocabulary", "Most frequent symbols kept (words), or size of the byte-pair vocabulary (sub-words). Characters are never cut.", ge=2, le=1_000_000)


class ReadingSpec(Spec):
    """How a table file is parsed. What detection found is written here, so a reload is identical."""

    encoding: str = _field("auto", "Encoding", "Character encoding of the file.")
    separator: str = _field("auto", "Separator", "What stands between two columns: a comma, a semicolon, a tab, a bar or spaces.")
    decimal: Literal["auto", ".", ","] = _field("auto", "Decimal mark", "The mark before the fraction; decided per column when auto.")
    thousands: Literal["auto", "none", ",", ".", " ", "'"] = _field("auto", "Thousands mark", "The mark between groups of three digits; decided per column when auto.")
    header: Literal["auto", "yes", "no"] = _field("auto", "Header row", "Whether the first row names the columns.")
    skip_rows: int = _field(-1, "Rows before the table", "Lines above the header that are not part of the table; −1 finds them.", ge=-1, le=10_000)
    unit_rows: int = _field(-1, "Rows of units", "Rows between the header and the data, such as units; −1 finds them.", ge=-1, le=100, advanced=True)
    last_rows: int = _field(-1, "Rows below the table", "Rows at the end that are not data, such as totals; −1 finds them.", ge=-1, le=1000, advanced=True)
    date_order: Literal["auto", "ymd", "dmy", "mdy"] = _field("auto", "Date order", "Order of day, month and year where the rows themselves do not decide it.")
    missing_markers: tuple[str, ...] = _field(("", "NA", "N/A", "NaN", "nan", "null", "NULL", "#N/A", "-", "?"), "Missing markers", "Cells that mean 'no value'.", advanced=True)


class ColumnSpec(Spec):
    """One column of a table and what it is for."""

    name: str = _field("", "Column", "The column's name.")
    role: Literal["target", "input", "known_future", "series_id", "date", "ignored"] = _field("ignored", "Role", "target: to be forecast (its past is an input too); input: past known; known_future: known at forecast time (a holiday, a price list); series_id: tells series apart; date: the time axis.")
    kind: Literal["number", "category", "date", "text"] = _field("number", "Kind", "What the cells hold.")
    decimal: Literal[".", ","] = _field(".", "Decimal mark", "The mark before the fraction in this column.")
    thousands: Literal["none", ",", ".", " ", "'"] = _field("none", "Thousands mark", "The mark between groups of three digits in this column.")
    missing: Literal["interpolate", "forward", "zero", "mean", "cut"] = _field("interpolate", "Missing values", "interpolate: straight line between neighbours; forward: repeat the last value; zero; mean: of the training part; cut: no window may touch the gap.")
    sentinels: tuple[float, ...] = _field((), "Sentinels", "Numbers that mean 'no value', such as −200 or 9999.")
    scaler: Literal["standard", "minmax", "robust", "none"] = _field("standard", "Scaler", "Fitted on the training part only and undone in every number shown. standard: mean 0, deviation 1; minmax: 0…1; robust: median and quartiles.")


class TimeSpec(Spec):
    """The time axis and the repairs made to it."""

    columns: tuple[str, ...] = _field((), "Date columns", "The column that holds the date, or several that make it together (year, month, day, hour). Empty: rows are numbered.")
    format: str = _field("auto", "Date format", "As in strptime, such as %d/%m/%Y; auto decides from all rows.")
    frequency: str = _field("auto", "Frequency", "Step of the series as a pandas offset (h, D, W-FRI, MS, YS); auto takes the commonest step.")
    sort: bool = _field(True, "Sort by date", "Put rows into ascending order of their dates.")
    duplicates: Literal["keep", "first", "last", "mean"] = _field("mean", "Repeated dates", "What to keep where one date stands several times in one series.")
    gaps: Literal["leave", "interpolate", "forward", "zero", "cut"] = _field("interpolate", "Missing dates", "Rows put in where steps are missing, and how they are filled; cut lets no window cross a gap; leave ignores it.")


class WindowSpec(Spec):
    """One training example of a series."""

    window: int = _field(96, "Window", "Steps the model sees. At least one season; two to four are usual.", ge=1, le=100_000, unit="steps")
    horizon: int = _field(24, "Horizon", "Steps it forecasts at once.", ge=1, le=10_000, unit="steps")
    stride: int = _field(1, "Stride", "Steps between the starts of two training windows. More makes an epoch shorter.", ge=1, le=100_000, unit="steps")


class SplitSpec(Spec):
    """Training, validation and test part, in that order of position or time."""

    unit: Literal["fraction", "rows", "months"] = _field("fraction", "Split by", "fraction of the whole; rows; or months of 30 days (the convention of the ETT benchmark).")
    train: float = _field(0.8, "Training part", "What the model learns from.", gt=0)
    validation: float = _field(0.1, "Validation part", "What early stopping and 'best' are judged on.", gt=0)
    test: float = _field(0.1, "Test part", "Looked at once, at the end. 0 leaves none.", ge=0)
    gap: int = _field(0, "Gap", "Steps left out between two parts, so that neighbours do not leak.", ge=0, le=1_000_000, unit="steps")

    @model_validator(mode="after")
    def _fractions_fit(self) -> Self:
        total = self.train + self.validation + self.test
        if self.unit == "fraction" and total > 1 + 1e-9:
            raise ValueError(f"train + validation + test is {total:g}; it must be at most 1")
        return self


class TableSpec(Spec):
    """Everything about a table: reading, columns, time axis, windows."""

    reading: ReadingSpec = ReadingSpec()
    columns: tuple[ColumnSpec, ...] = ()
    time: TimeSpec = TimeSpec()
    windows: WindowSpec = WindowSpec()

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        counts = Counter(column.name for column in self.columns)
        twice = sorted(name for name, count in counts.items() if count > 1)
        if twice:
            raise ValueError(f"column {twice[0]!r} is listed more than once")
        return self


class DataSpec(Spec):
    """What is learned from."""

    path: str = _field("", "File or folder", "The data, relative to the experiment file or absolute.")
    fingerprint: str = _field("", "Fingerprint", "SHA-256 of the data as it was when the experiment was made; a run refuses to resume on changed data.", advanced=True)
    text: TextSpec = TextSpec()
    table: TableSpec = TableSpec()
    split: SplitSpec = SplitSpec()


class ModelSpec(Spec):
    """The network."""

    cell: Literal["rnn_tanh", "rnn_relu", "lstm", "gru"] = _field("lstm", "Cell", "LSTM: long memory through its cell state; GRU: as good on many tasks with fewer parameters; RNN: the plain recurrence, forgets within tens of steps.")
    num_layers: int = _field(2, "Layers", "Recurrent layers on top of each other. 1–3 is usual.", ge=1, le=64)
    hidden_size: int = _field(256, "Hidden size", "Units per layer (and direction). 32–128 for short series, 128–1024 for text.", ge=1, le=8192, unit="units")
    embedding_size: int = _field(128, "Embedding size", "Numbers each symbol is turned into.", ge=1, le=8192, task="language_model")
    dropout: float = _field(0.0, "Dropout between layers", "Share of values set to zero between layers while training. 0.2–0.5 when validation rises while training falls.", ge=0, lt=1, live=True)
    embedding_dropout: float = _field(0.0, "Dropout on the embedding", "The same on the embedded input.", ge=0, lt=1, live=True)
    output_dropout: float = _field(0.0, "Dropout on the output", "The same before the head.", ge=0, lt=1, live=True)
    variational_dropout: bool = _field(False, "Variational dropout", "One mask for all steps of a sequence instead of a new one each step (Gal and Ghahramani 2016).", advanced=True)
    weight_drop: float = _field(0.0, "Weight drop", "Share of recurrent weights dropped each step (Merity et al. 2018). 0.2–0.5 for large language models.", ge=0, lt=1, advanced=True)
    bidirectional: bool = _field(False, "Bidirectional", "Read the window from both ends. Never for language models: they would see the answer.", task="forecast")
    tie_weights: bool = _field(False, "Tied weights", "Embedding and output share one matrix; the embedding then has the size of the hidden state.", task="language_model")
    residual: bool = _field(False, "Residual connections", "Add each layer's input to its output where the sizes agree. Helps from three layers on.", advanced=True)
    layer_norm: bool = _field(False, "Layer norm", "Normalise each layer's output. Steadier with high learning rates.", advanced=True)
    initialisation: Literal["torch", "uniform", "xavier", "orthogonal"] = _field("torch", "Initialisation", "torch: uniform within 1/√hidden size; uniform: within the scale below, all weights; xavier; orthogonal: recurrent matrices orthogonal, input matrices xavier.", advanced=True)
    initial_scale: float = _field(0.1, "Initial scale", "Bound of the uniform initialisation.", gt=0, le=10, advanced=True)
    forget_gate_bias: float = _field(1.0, "Forget-gate bias", "Added to the LSTM's forget gate at the start, so that it remembers before it has learned to (Jozefowicz et al. 2015: 1). 0 leaves the initialisation as it is.", ge=-10, le=10, advanced=True)
    instance_norm: Literal["none", "last_value", "mean_std"] = _field("last_value", "Window normalisation", "What is taken off each window and put back on its forecast: the last value, or mean and deviation. Lets the model follow a changing level.", task="forecast")
    calendar: bool = _field(True, "Calendar inputs", "Hour, weekday, day of month and month as inputs, where the dates have them.", task="forecast")
    linear_shortcut: bool = _field(True, "Linear shortcut", "A linear map from window to forecast beside the recurrent network, which then learns what is left.", task="forecast")
    quantiles: tuple[float, ...] = _field((), "Quantiles", "Forecast these quantiles besides the median, such as 0.1 and 0.9; empty: one number per step.", task="forecast")

    @model_validator(mode="after")
    def _quantiles_fit(self) -> Self:
        bad = [q for q in self.quantiles if not 0 < q < 1]
        if bad:
            raise ValueError(f"quantiles holds {bad[0]:g}; each must lie between 0 and 1")
        if list(self.quantiles) != sorted(set(self.quantiles)):
            raise ValueError("quantiles must rise and be different from each other")
        return self


class TrainingSpec(Spec):
    """How it is trained."""

    epochs: int = _field(20, "Epochs", "Passes over the training part.", ge=1, le=100_000)
    batch_size: int = _field(64, "Batch size", "Sequences per step. Larger is steadier and faster per symbol, smaller often generalises better.", ge=1, le=65_536)
    bptt_length: int = _field(64, "BPTT length", "Steps back-propagation goes back (truncated back-propagation through time); the state itself is carried on.", ge=1, le=10_000, unit="steps", task="language_model")
    optimizer: Literal["sgd", "adam", "adamw", "rmsprop"] = _field("adam", "Optimiser", "Adam is the safe default; SGD with decay is the classic for word models.")
    learning_rate: float = _field(2e-3, "Learning rate", "Size of a step. Adam: 0.0005–0.005; SGD: 0.1–20.", gt=0, le=1000, live=True)
    momentum: float = _field(0.0, "Momentum", "For SGD and RMSprop.", ge=0, lt=1, advanced=True)
    weight_decay: float = _field(0.0, "Weight decay", "Pull of weights towards zero. 0–0.1 with AdamW.", ge=0, le=10, advanced=True)
    schedule: Literal["constant", "step", "cosine", "one_cycle", "plateau"] = _field("cosine", "Schedule", "How the learning rate changes: step: × factor every so many epochs; cosine: down to 1 % at the end; one_cycle: up, then down; plateau: × factor when validation stalls.")
    schedule_factor: float = _field(0.5, "Schedule factor", "For step and plateau.", gt=0, lt=1, advanced=True)
    schedule_start: int = _field(1, "Schedule start", "Epochs at the full rate before step decay begins.", ge=0, le=100_000, unit="epochs", advanced=True)
    schedule_every: int = _field(1, "Schedule every", "For step: epochs between two reductions; for plateau: validations without improvement before one.", ge=1, le=100_000, unit="epochs", advanced=True)
    loss: Literal["auto", "mse", "mae", "huber"] = _field("auto", "Loss", "auto: cross-entropy for text, mean squared error for forecasts (pinball loss with quantiles).", task="forecast")
    loss_sum_over_time: bool = _field(False, "Sum the loss over time", "Sum over the steps of a sequence instead of averaging (the classic Penn Treebank recipes).", advanced=True, task="language_model")
    clip_norm: float = _field(1.0, "Gradient clipping (norm)", "Gradients longer than this are shortened to it. 0.25–5; 0 is off.", ge=0, le=1e6, live=True)
    clip_value: float = _field(0.0, "Gradient clipping (value)", "Each gradient is cut to ± this; 0 is off.", ge=0, le=1e6, advanced=True, live=True)
    accumulation: int = _field(1, "Accumulation", "Batches whose gradients are averaged into one step. More simulates a larger batch.", ge=1, le=1024, advanced=True)
    precision: Literal["auto", "float32", "bfloat16"] = _field("auto", "Precision", "bfloat16 halves the time where the processor has it; auto measures it in the warm-up and says what it took.", advanced=True)
    patience: int = _field(5, "Patience", "Validations without improvement before the run stops early; 0 never stops early.", ge=0, le=10_000)
    device: str = _field("auto", "Device", "auto, cpu, cuda, cuda:1, mps.")
    threads: int = _field(0, "CPU threads", "0: one, and more only where the warm-up measures a gain of 1.3 or better.", ge=0, le=512, advanced=True)
    deterministic: bool = _field(False, "Deterministic on CUDA", "The same seed gives the same run on one GPU, at some cost in speed. A CPU always does.", advanced=True)
    autosave_s: float = _field(30.0, "Autosave every", "Longest time of work a crash can cost.", ge=1, le=3600, unit="s", advanced=True)


class PreviewSpec(Spec):
    """What is shown while it trains."""

    probe: str = _field("", "Probe text", "The sentence whose hidden states are drawn; empty takes one from the validation part.", task="language_model")
    probe_window: int = _field(0, "Probe window", "Which validation window's hidden states are drawn.", ge=0, le=1_000_000_000, task="forecast")
    prompt: str = _field("", "Prompt", "What the sample starts with; empty takes the start of a validation line.", task="language_model")
    temperature: float = _field(0.8, "Temperature", "Below 1: safer text; above 1: wilder.", gt=0, le=10, task="language_model")
    length: int = _field(200, "Sample length", "Symbols written per sample.", ge=1, le=10_000, unit="symbols", task="language_model")
    every_s: float = _field(4.0, "Refresh every", "Seconds between two previews.", ge=0.5, le=3600, unit="s")


class Experiment(Spec):
    """The whole job. Frozen; ``with_value`` returns a changed copy."""

    format_version: int = _field(FORMAT_VERSION, "Format version", "Version of this file's format.", ge=1, advanced=True)
    name: str = _field("experiment", "Name", "What the run is called.")
    task: TaskName = _field(TaskName.LANGUAGE_MODEL, "Task", "What is learned: the next symbol of a text, or the next values of series.")
    seed: int = _field(1, "Seed", "The same seed on the same CPU gives the same run bit for bit.", ge=0, le=2**31 - 1)
    data: DataSpec = DataSpec()
    model: ModelSpec = ModelSpec()
    training: TrainingSpec = TrainingSpec()
    preview: PreviewSpec = PreviewSpec()

    @model_validator(mode="after")
    def _fits_task(self) -> Self:
        if self.format_version > FORMAT_VERSION:
            raise ValueError(
                f"format_version is {self.format_version}; this program reads up to {FORMAT_VERSION}"
            )
        if self.task is TaskName.LANGUAGE_MODEL and self.model.bidirectional:
            raise ValueError(
                "model.bidirectional is true; a language model must be false: it would see the answer"
            )
        return self

    # ------------------------------------------------------------------ TOML in and out

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """Validate plain values.

        Raises:
            UserError: With every problem, each naming the field, what was given and the range.
        """
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise _readable(error) from None

    @classmethod
    def from_toml(cls, text: str) -> Self:
        """Parse and validate TOML text.

        Raises:
            UserError: Where it is not TOML, or not a valid experiment.
        """
        try:
            values = tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            raise UserError(
                f"The experiment file is not valid TOML: {error}.", "Correct that line and try again."
            ) from None
        return cls.from_dict(values)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read an experiment file; a relative data path becomes relative to the file's folder.

        Raises:
            UserError: Where the file is missing, unreadable or not a valid experiment.
        """
        file = Path(path)
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            raise UserError(
                f"Cannot read the experiment {file}: {reason}.", "Check the path."
            ) from None
        experiment = cls.from_toml(text)
        data = experiment.data.path
        if data and not Path(data).is_absolute():
            resolved = (file.resolve().parent / data).resolve()
            experiment = experiment.with_value("data.path", str(resolved))
        return experiment

    def to_dict(self) -> dict[str, Any]:
        """Plain values; the part that belongs to the other task is left out where untouched."""
        values = self.model_dump(mode="json")
        spare = "table" if self.task is TaskName.LANGUAGE_MODEL else "text"
        if getattr(self.data, spare) == type(getattr(self.data, spare))():
            del values["data"][spare]
        return values

    def to_toml(self) -> str:
        """The experiment as TOML text; ``from_toml`` gives an equal experiment back."""
        return tomli_w.dumps(self.to_dict())

    # ------------------------------------------------------------------ fields by dotted name

    def value(self, dotted: str) -> Any:
        """Return the value at a dotted name such as ``model.hidden_size``.

        Columns are reached by name: ``data.table.columns.Temp (C).role``.

        Raises:
            UserError: Where there is no such field.
        """
        values: Any = self.model_dump(mode="json")
        holder, key = _locate(values, dotted)
        return holder[key]

    def with_value(self, dotted: str, value: Any) -> Self:
        """Return a copy with one field changed.

        Raises:
            UserError: Where there is no such field or the value is not allowed.
        """
        return self.with_values({dotted: value})

    def with_values(self, changes: dict[str, Any]) -> Self:
        """Return a copy with several fields changed at once.

        Raises:
            UserError: With all problems at once.
        """
        values = self.model_dump(mode="json")
        for dotted, value in changes.items():
            holder, key = _locate(values, dotted)
            holder[key] = value
        return type(self).from_dict(values)

    def with_text_values(self, assignments: list[str]) -> Self:
        """Return a copy with ``key=value`` texts applied, as given on the command line.

        Values are read as TOML (``true``, ``0.5``, ``[1, 2]``); what is not TOML is taken as text.

        Raises:
            UserError: Where an assignment has no ``=``, no such field, or a value not allowed.
        """
        changes: dict[str, Any] = {}
        for assignment in assignments:
            dotted, equals, text = assignment.partition("=")
            if not equals:
                raise UserError(
                    f"{assignment!r} has no '='.", "Write --set name=value, as in model.num_layers=1."
                )
            changes[dotted.strip()] = _parse_value(text.strip())
        return self.with_values(changes)


def _parse_value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _locate(values: Any, dotted: str) -> tuple[Any, str | int]:
    """Return the container and key that a dotted name means within plain values."""
    rest = dotted
    holder = values
    while True:
        if isinstance(holder, list):
            for index, item in enumerate(holder):
                name = item.get("name", "") if isinstance(item, dict) else ""
                if name and (rest == name or rest.startswith(name + ".")):
                    key: str | int = index
                    rest = rest[len(name) + 1 :]
                    break
            else:
                raise _unknown(dotted)
        else:
            head, _, tail = rest.partition(".")
            if not isinstance(holder, dict) or head not in holder:
                raise _unknown(dotted)
            key, rest = head, tail
        if not rest:
            return holder, key
        holder = holder[key]


def _unknown(dotted: str) -> UserError:
    import difflib

    names = [info.name for info in fields()]
    near = difflib.get_close_matches(dotted, names, n=1)
    last = [name for name in names if name.rpartition(".")[2] == dotted.rpartition(".")[2]]
    hint = (near or last)[:1]
    todo = f"Did you mean {hint[0]}?" if hint else "See 'workbench fields' for all of them."
    return UserError(f"There is no field {dotted!r}.", todo)


# ---------------------------------------------------------------------- what is known of each field


@dataclass(frozen=True)
class FieldDescription:
    """One field as forms, flags and the documentation need it.

    Attributes:
        name: Dotted name.
        label: Short name for a form.
        help: What it is, when to change it, the usual range.
        kind: ``bool``, ``int``, ``float``, ``str``, ``choice``, ``numbers`` or ``texts``.
        default: The default value.
        choices: Allowed values of a choice.
        minimum: Lowest allowed number, or None.
        maximum: Highest allowed number, or None.
        unit: Unit of a number, or empty.
        advanced: Folded away in the form.
        live: May be changed while a run goes on.
        task: The only task it is for, or empty.
    """

    name: str
    label: str
    help: str
    kind: str
    default: Any
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    unit: str = ""
    advanced: bool = False
    live: bool = False
    task: str = ""

    @property
    def range(self) -> str:
        """The allowed values in words."""
        if self.choices:
            return ", ".join(self.choices)
        if self.minimum is not None and self.maximum is not None:
            return f"{self.minimum:g} … {self.maximum:g}"
        if self.minimum is not None:
            return f"≥ {self.minimum:g}"
        if self.maximum is not None:
            return f"≤ {self.maximum:g}"
        return {"bool": "true, false"}.get(self.kind, self.kind)


def _kind(annotation: Any) -> tuple[str, tuple[str, ...]]:
    if get_origin(annotation) is Literal:
        return "choice", tuple(str(choice) for choice in get_args(annotation))
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return "choice", tuple(annotation)
    if get_origin(annotation) is tuple:
        return ("numbers" if get_args(annotation)[0] is float else "texts"), ()
    return annotation.__name__, ()


def _describe(dotted: str, info: FieldInfo) -> FieldDescription:
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    bounds: dict[str, float] = {}
    for item in info.metadata:
        for key in ("ge", "gt", "le", "lt"):
            if getattr(item, key, None) is not None:
                bounds[key] = float(getattr(item, key))
    kind, choices = _kind(info.annotation)
    return FieldDescription(
        name=dotted,
        label=info.title or dotted,
        help=info.description or "",
        kind=kind,
        default=info.default,
        choices=choices,
        minimum=bounds.get("ge", bounds.get("gt")),
        maximum=bounds.get("le", bounds.get("lt")),
        unit=str(extra.get("unit", "")),
        advanced=bool(extra.get("advanced", False)),
        live=bool(extra.get("live", False)),
        task=str(extra.get("task", "")),
    )


def _walk(spec: type[BaseModel], prefix: str) -> Iterator[FieldDescription]:
    for name, info in spec.model_fields.items():
        dotted = f"{prefix}{name}"
        annotation: Any = info.annotation
        if get_origin(annotation) is tuple:
            inner = get_args(annotation)[0]
            if isinstance(inner, type) and issubclass(inner, Spec):
                yield from _walk(inner, f"{dotted}.<name>.")
                continue
        if isinstance(annotation, type) and issubclass(annotation, Spec):
            yield from _walk(annotation, f"{dotted}.")
        else:
            yield _describe(dotted, info)


def fields(prefix: str = "") -> list[FieldDescription]:
    """Every field of an Experiment whose dotted name starts with ``prefix``, in order."""
    return [item for item in _walk(Experiment, "") if item.name.startswith(prefix)]


# ---------------------------------------------------------------------- errors in plain words


def _readable(error: ValidationError) -> UserError:
    """Turn a validation error into one that names each field, what was given and what is allowed."""
    known = {item.name: item for item in fields()}
    problems = []
    for problem in error.errors():
        location = [str(part) for part in problem["loc"]]
        dotted = ".".join(location)
        pattern = ".".join("<name>" if part.isdigit() else part for part in location)
        description = known.get(pattern)
        given = problem.get("input")
        if problem["type"] == "extra_forbidden":
            problems.append(f"{dotted} is not a field of an experiment")
        elif description is None:
            problems.append(problem["msg"].removeprefix("Value error, "))
        elif description.minimum is not None and description.maximum is not None:
            problems.append(
                f"{dotted} is {given!r}; it must be between "
                f"{description.minimum:g} and {description.maximum:g}"
            )
        else:
            allowed = f"one of {description.range}" if description.choices else description.range
            problems.append(f"{dotted} is {given!r}; it must be {allowed}")
    text = "; ".join(problems)
    return UserError(f"{text[0].upper()}{text[1:]}." if text else "Not a valid experiment.", "Correct it and try again.")
