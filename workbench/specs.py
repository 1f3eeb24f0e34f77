"""The parts of an Experiment: every field declared once, with all that is known of it.

Label, unit, range, default and help stand with each field; form, flags and ``workbench fields``
are made from them.
"""

from collections import Counter
from enum import StrEnum
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


def field(default: Any, label: str, text: str, **extra: Any) -> Any:
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

    encoding: str = field("auto", "Encoding", "Character encoding of the file; auto reads the byte order mark, then tries strict UTF-8, then the likeliest code page.")
    symbols: Literal["character", "word", "subword"] = field("character", "Symbols", "What one step of the sequence is. Characters need no vocabulary decision; words learn faster on large corpora; sub-words (byte-pair encoding) sit between.")
    lowercase: bool = field(False, "Lower-case", "Fold upper case away. Smaller vocabulary, but the model cannot write capitals.")
    minimum_count: int = field(1, "Minimum count", "Symbols seen fewer times in the training part become <unk>. 1 keeps all; 2–5 is usual for words.", ge=1, le=1_000_000)
    vocabulary_size: int = field(10_000, "Largest vocabulary", "Most frequent symbols kept (words), or size of the byte-pair vocabulary (sub-words). Characters are never cut.", ge=2, le=1_000_000)


class ReadingSpec(Spec):
    """How a table file is parsed. What detection found is written here, so a reload is identical."""

    encoding: str = field("auto", "Encoding", "Character encoding of the file.")
    separator: str = field("auto", "Separator", "What stands between two columns: a comma, a semicolon, a tab, a bar or spaces.")
    decimal: Literal["auto", ".", ","] = field("auto", "Decimal mark", "The mark before the fraction; decided per column when auto.")
    thousands: Literal["auto", "none", ",", ".", " ", "'"] = field("auto", "Thousands mark", "The mark between groups of three digits; decided per column when auto.")
    header: Literal["auto", "yes", "no"] = field("auto", "Header row", "Whether the first row names the columns.")
    skip_rows: int = field(-1, "Rows before the table", "Lines above the header that are not part of the table; −1 finds them.", ge=-1, le=10_000)
    unit_rows: int = field(-1, "Rows of units", "Rows between the header and the data, such as units; −1 finds them.", ge=-1, le=100, advanced=True)
    last_rows: int = field(-1, "Rows below the table", "Rows at the end that are not data, such as totals; −1 finds them.", ge=-1, le=1000, advanced=True)
    date_order: Literal["auto", "ymd", "dmy", "mdy"] = field("auto", "Date order", "Order of day, month and year where the rows themselves do not decide it.")
    missing_markers: tuple[str, ...] = field(("", "NA", "N/A", "n/a", "NaN", "nan", "null", "NULL", "None", "#N/A", "-", "--", "?"), "Missing markers", "Cells that mean 'no value'.", advanced=True)


class ColumnSpec(Spec):
    """One column of a table and what it is for."""

    name: str = field("", "Column", "The column's name.")
    role: Literal["target", "input", "known_future", "series_id", "date", "ignored"] = field("ignored", "Role", "target: to be forecast (its past is an input too); input: past known; known_future: known at forecast time (a holiday, a price list); series_id: tells series apart; date: the time axis.")
    kind: Literal["number", "category", "date", "text"] = field("number", "Kind", "What the cells hold.")
    decimal: Literal[".", ","] = field(".", "Decimal mark", "The mark before the fraction in this column.")
    thousands: Literal["none", ",", ".", " ", "'"] = field("none", "Thousands mark", "The mark between groups of three digits in this column.")
    missing: Literal["interpolate", "forward", "zero", "mean", "cut"] = field("interpolate", "Missing values", "interpolate: straight line between neighbours; forward: repeat the last value; zero; mean: of the training part; cut: no window may touch the gap.")
    sentinels: tuple[float, ...] = field((), "Sentinels", "Numbers that mean 'no value', such as −200 or 9999.")
    scaler: Literal["standard", "minmax", "robust", "none"] = field("standard", "Scaler", "Fitted on the training part only and undone in every number shown. standard: mean 0, deviation 1; minmax: 0…1; robust: median and quartiles.")


class TimeSpec(Spec):
    """The time axis and the repairs made to it."""

    columns: tuple[str, ...] = field((), "Date columns", "The column that holds the date, or several that make it together (year, month, day, hour). Empty: rows are numbered.")
    format: str = field("auto", "Date format", "As in strptime, such as %d/%m/%Y; auto decides from all rows.")
    frequency: str = field("auto", "Frequency", "Step of the series as a pandas offset (h, D, W-FRI, MS, YS); auto takes the commonest step.")
    sort: bool = field(True, "Sort by date", "Put rows into ascending order of their dates.")
    duplicates: Literal["keep", "first", "last", "mean"] = field("mean", "Repeated dates", "What to keep where one date stands several times in one series.")
    gaps: Literal["leave", "interpolate", "forward", "zero", "cut"] = field("interpolate", "Missing dates", "Rows put in where steps are missing, and how they are filled; cut lets no window cross a gap; leave ignores it.")


class WindowSpec(Spec):
    """One training example of a series."""

    window: int = field(96, "Window", "Steps the model sees. At least one season; two to four are usual.", ge=1, le=100_000, unit="steps")
    horizon: int = field(24, "Horizon", "Steps it forecasts at once.", ge=1, le=10_000, unit="steps")
    stride: int = field(1, "Stride", "Steps between the starts of two training windows. More makes an epoch shorter.", ge=1, le=100_000, unit="steps")


class SplitSpec(Spec):
    """Training, validation and test part, in that order of position or time."""

    unit: Literal["fraction", "rows", "months"] = field("fraction", "Split by", "fraction of the whole; rows; or months of 30 days (the convention of the ETT benchmark).")
    train: float = field(0.8, "Training part", "What the model learns from.", gt=0)
    validation: float = field(0.1, "Validation part", "What early stopping and 'best' are judged on.", gt=0)
    test: float = field(0.1, "Test part", "Looked at once, at the end. 0 leaves none.", ge=0)
    gap: int = field(0, "Gap", "Steps left out between two parts, so that neighbours do not leak.", ge=0, le=1_000_000, unit="steps")

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

    path: str = field("", "File or folder", "The data, relative to the experiment file or absolute.")
    fingerprint: str = field("", "Fingerprint", "SHA-256 of the data as it was when the experiment was made; a run refuses to resume on changed data.", advanced=True)
    text: TextSpec = TextSpec()
    table: TableSpec = TableSpec()
    split: SplitSpec = SplitSpec()


class ModelSpec(Spec):
    """The network."""

    cell: Literal["rnn_tanh", "rnn_relu", "lstm", "gru"] = field("lstm", "Cell", "LSTM: long memory through its cell state; GRU: as good on many tasks with fewer parameters; RNN: the plain recurrence, forgets within tens of steps.")
    num_layers: int = field(2, "Layers", "Recurrent layers on top of each other. 1–3 is usual.", ge=1, le=64)
    hidden_size: int = field(256, "Hidden size", "Units per layer (and direction). 32–128 for short series, 128–1024 for text.", ge=1, le=8192, unit="units")
    embedding_size: int = field(128, "Embedding size", "Numbers each symbol is turned into.", ge=1, le=8192, task="language_model")
    dropout: float = field(0.0, "Dropout between layers", "Share of values set to zero between layers while training. 0.2–0.5 when validation rises while training falls.", ge=0, lt=1, live=True)
    embedding_dropout: float = field(0.0, "Dropout on the embedding", "The same on the embedded input.", ge=0, lt=1, live=True)
    output_dropout: float = field(0.0, "Dropout on the output", "The same before the head.", ge=0, lt=1, live=True)
    variational_dropout: bool = field(False, "Variational dropout", "One mask for all steps of a sequence instead of a new one each step (Gal and Ghahramani 2016).", advanced=True)
    weight_drop: float = field(0.0, "Weight drop", "Share of recurrent weights dropped each step (Merity et al. 2018). 0.2–0.5 for large language models.", ge=0, lt=1, advanced=True)
    bidirectional: bool = field(False, "Bidirectional", "Read the window from both ends. Never for language models: they would see the answer.", task="forecast")
    tie_weights: bool = field(False, "Tied weights", "Embedding and output share one matrix; the embedding then has the size of the hidden state.", task="language_model")
    residual: bool = field(False, "Residual connections", "Add each layer's input to its output where the sizes agree. Helps from three layers on.", advanced=True)
    layer_norm: bool = field(False, "Layer norm", "Normalise each layer's output. Steadier with high learning rates.", advanced=True)
    initialisation: Literal["torch", "uniform", "xavier", "orthogonal"] = field("torch", "Initialisation", "torch: uniform within 1/√hidden size; uniform: within the scale below, all weights; xavier; orthogonal: recurrent matrices orthogonal, input matrices xavier.", advanced=True)
    initial_scale: float = field(0.1, "Initial scale", "Bound of the uniform initialisation.", gt=0, le=10, advanced=True)
    forget_gate_bias: float = field(1.0, "Forget-gate bias", "Added to the LSTM's forget gate at the start, so that it remembers before it has learned to (Jozefowicz et al. 2015: 1). 0 leaves the initialisation as it is.", ge=-10, le=10, advanced=True)
    instance_norm: Literal["none", "last_value", "mean_std"] = field("last_value", "Window normalisation", "What is taken off each window and put back on its forecast: the last value, or mean and deviation. Lets the model follow a changing level.", task="forecast")
    calendar: bool = field(True, "Calendar inputs", "Hour, weekday, day of month and month as inputs, where the dates have them.", task="forecast")
    linear_shortcut: bool = field(True, "Linear shortcut", "A linear map from window to forecast beside the recurrent network, which then learns what is left.", task="forecast")
    quantiles: tuple[float, ...] = field((), "Quantiles", "Forecast these quantiles besides the median, such as 0.1 and 0.9; empty: one number per step.", task="forecast")

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

    epochs: int = field(20, "Epochs", "Passes over the training part.", ge=1, le=100_000)
    batch_size: int = field(64, "Batch size", "Sequences per step. Larger is steadier and faster per symbol, smaller often generalises better.", ge=1, le=65_536)
    bptt_length: int = field(64, "BPTT length", "Steps back-propagation goes back (truncated back-propagation through time); the state itself is carried on.", ge=1, le=10_000, unit="steps", task="language_model")
    optimizer: Literal["sgd", "adam", "adamw", "rmsprop"] = field("adam", "Optimiser", "Adam is the safe default; SGD with decay is the classic for word models.")
    learning_rate: float = field(2e-3, "Learning rate", "Size of a step. Adam: 0.0005–0.005; SGD: 0.1–20.", gt=0, le=1000, live=True)
    momentum: float = field(0.0, "Momentum", "For SGD and RMSprop.", ge=0, lt=1, advanced=True)
    weight_decay: float = field(0.0, "Weight decay", "Pull of weights towards zero. 0–0.1 with AdamW.", ge=0, le=10, advanced=True)
    schedule: Literal["constant", "step", "cosine", "one_cycle", "plateau"] = field("cosine", "Schedule", "How the learning rate changes: step: × factor every so many epochs; cosine: down to 1 % at the end; one_cycle: up, then down; plateau: × factor when validation stalls.")
    schedule_factor: float = field(0.5, "Schedule factor", "For step and plateau.", gt=0, lt=1, advanced=True)
    schedule_start: int = field(1, "Schedule start", "Epochs at the full rate before step decay begins.", ge=0, le=100_000, unit="epochs", advanced=True)
    schedule_every: int = field(1, "Schedule every", "For step: epochs between two reductions; for plateau: validations without improvement before one.", ge=1, le=100_000, unit="epochs", advanced=True)
    loss: Literal["auto", "mse", "mae", "huber"] = field("auto", "Loss", "auto: cross-entropy for text, mean squared error for forecasts (pinball loss with quantiles).", task="forecast")
    loss_sum_over_time: bool = field(False, "Sum the loss over time", "Sum over the steps of a sequence instead of averaging (the classic Penn Treebank recipes).", advanced=True, task="language_model")
    clip_norm: float = field(1.0, "Gradient clipping (norm)", "Gradients longer than this are shortened to it. 0.25–5; 0 is off.", ge=0, le=1e6, live=True)
    clip_value: float = field(0.0, "Gradient clipping (value)", "Each gradient is cut to ± this; 0 is off.", ge=0, le=1e6, advanced=True, live=True)
    accumulation: int = field(1, "Accumulation", "Batches whose gradients are averaged into one step. More simulates a larger batch.", ge=1, le=1024, advanced=True)
    precision: Literal["auto", "float32", "bfloat16"] = field("auto", "Precision", "bfloat16 saves up to half the time where the processor has it; auto takes it where the network is large enough to gain, and says so.", advanced=True)
    patience: int = field(5, "Patience", "Validations without improvement before the run stops early; 0 never stops early.", ge=0, le=10_000)
    device: str = field("auto", "Device", "auto, cpu, cuda, cuda:1, mps.")
    threads: int = field(0, "CPU threads", "0: one, and more only where the warm-up measures a gain of 1.3 or better.", ge=0, le=512, advanced=True)
    deterministic: bool = field(False, "Deterministic on CUDA", "The same seed gives the same run on one GPU, at some cost in speed. A CPU always does.", advanced=True)
    autosave_s: float = field(30.0, "Autosave every", "Longest time of work a crash can cost.", ge=1, le=3600, unit="s", advanced=True)


class PreviewSpec(Spec):
    """What is shown while it trains."""

    probe: str = field("", "Probe text", "The sentence whose hidden states are drawn; empty takes one from the validation part.", task="language_model")
    probe_window: int = field(0, "Probe window", "Which validation window's hidden states are drawn.", ge=0, le=1_000_000_000, task="forecast")
    prompt: str = field("", "Prompt", "What the sample starts with; empty takes the start of a validation line.", task="language_model")
    temperature: float = field(0.8, "Temperature", "Below 1: safer text; above 1: wilder.", gt=0, le=10, task="language_model")
    length: int = field(200, "Sample length", "Symbols written per sample.", ge=1, le=10_000, unit="symbols", task="language_model")
    every_s: float = field(4.0, "Refresh every", "Seconds between two previews; more where making them would take over 4 % of the training time.", ge=0.5, le=3600, unit="s")
