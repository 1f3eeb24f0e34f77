"""The Experiment: the one description of a job.

The forms edit it, the command line overrides it, a run stores it. Its parts are declared in
``specs.py``; what is known of each field is read from there.
"""

import math
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, Self, get_args, get_origin

import tomli_w
from pydantic import BaseModel, ValidationError, model_validator
from pydantic.fields import FieldInfo
from pydantic_core import to_jsonable_python

from workbench.errors import UserError
from workbench.specs import DataSpec, ModelSpec, PreviewSpec, Spec, TaskName, TrainingSpec, field

FORMAT_VERSION = 1


class Experiment(Spec):
    """The whole job. Frozen; ``with_value`` returns a changed copy."""

    format_version: int = field(FORMAT_VERSION, "Format version", "Version of this file's format.", ge=1, advanced=True)
    name: str = field("experiment", "Name", "What the run is called.")
    task: TaskName = field(TaskName.LANGUAGE_MODEL, "Task", "What is learned: the next symbol of a text, or the next values of series.")
    seed: int = field(1, "Seed", "The same seed on the same CPU gives the same run bit for bit.", ge=0, le=2**31 - 1)
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
            raise _readable(error, values) from None

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
        found: Any = self
        rest = dotted
        while rest:
            if isinstance(found, tuple):
                found, rest = _column(found, rest, dotted)
                continue
            head, _, rest = rest.partition(".")
            if not isinstance(found, Spec) or head not in type(found).model_fields:
                raise _unknown(dotted)
            found = getattr(found, head)
        if found is self:
            raise _unknown(dotted)
        return to_jsonable_python(found)

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


def _column(items: tuple[Any, ...], rest: str, dotted: str) -> tuple[Any, str]:
    """The item that a dotted name goes on with, and what of the name is left."""
    for item in items:
        name = getattr(item, "name", "")
        if name and (rest == name or rest.startswith(name + ".")):
            return item, rest[len(name) + 1 :]
    raise _unknown(dotted)


def _unknown(dotted: str) -> UserError:
    import difflib

    names = [info.name for info in fields()]
    near, far = (difflib.get_close_matches(dotted, names, 1, cutoff) for cutoff in (0.85, 0.6))
    last = [name for name in names if name.rpartition(".")[2] == dotted.rpartition(".")[2]]
    hint = (near or last or far)[:1]
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
        above: Whether ``minimum`` itself is not allowed.
        below: Whether ``maximum`` itself is not allowed.
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
    above: bool = False
    below: bool = False
    unit: str = ""
    advanced: bool = False
    live: bool = False
    task: str = ""

    @property
    def range(self) -> str:
        """The allowed values in words."""
        if self.choices:
            return ", ".join(self.choices)
        low = "" if self.minimum is None else f"{self.minimum:g}"
        high = "" if self.maximum is None else f"{self.maximum:g}"
        if low and high:
            return f"{'> ' * self.above}{low} … {'< ' * self.below}{high}"
        if low:
            return f"{'>' if self.above else '≥'} {low}"
        if high:
            return f"{'<' if self.below else '≤'} {high}"
        return _KIND_WORDS[self.kind]

    def admits(self, value: float) -> bool:
        """Whether a number lies within the bounds; NaN does not."""
        low, high = self.minimum, self.maximum
        above = low is None or (value > low if self.above else value >= low)
        below = high is None or (value < high if self.below else value <= high)
        return above and below and math.isfinite(value)

    @property
    def allowed(self) -> str:
        """The same as it stands behind 'it must be'."""
        if self.choices:
            return f"one of {', '.join(map(_quoted, self.choices))}"
        if self.minimum is None and self.maximum is None:
            return _KIND_WORDS[self.kind]
        if not (self.minimum is None or self.maximum is None or self.above or self.below):
            return f"between {self.minimum:g} and {self.maximum:g}"
        words = []
        if self.minimum is not None:
            words.append(f"{'above' if self.above else 'at least'} {self.minimum:g}")
        if self.maximum is not None:
            words.append(f"{'below' if self.below else 'at most'} {self.maximum:g}")
        return " and ".join(words)


_KIND_WORDS = {
    "bool": "true, false", "int": "a whole number", "float": "a number", "str": "a text",
    "numbers": "a list of numbers, as in [0.1, 0.9]", "texts": 'a list of texts, as in ["a", "b"]',
}  # fmt: skip


def _quoted(choice: str) -> str:
    return choice if choice.replace("_", "").isalnum() else repr(choice)


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
        above="gt" in bounds,
        below="lt" in bounds,
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


def _readable(error: ValidationError, values: dict[str, Any]) -> UserError:
    """Turn a validation error into one that names each field, what was given and what is allowed."""
    known = {item.name: item for item in fields()}
    problems = []
    for problem in error.errors():
        dotted = _named(problem["loc"], values)
        pattern = ".".join("<name>" if isinstance(p, int) else p for p in problem["loc"])
        description = known.get(pattern) or known.get(pattern.removesuffix(".<name>"))
        given = problem.get("input")
        if problem["type"] == "extra_forbidden":
            problems.append(f"{dotted} is not a field of an experiment")
        elif description is not None:
            problems.append(f"{dotted} is {_shown(given)}; it must be {description.allowed}")
        elif problem["type"] == "value_error":
            problems.append(problem["msg"].removeprefix("Value error, "))
        else:
            problems.append(f"{dotted or 'the experiment'} is {_shown(given)}; that is no part of one")
    return UserError(f"{'; '.join(problems)}.", "Correct it and try again.")


def _named(location: tuple[int | str, ...], values: Any) -> str:
    """The dotted name of a place, columns by their names."""
    parts = []
    for part in location:
        inner, name = None, str(part)
        if isinstance(values, dict):
            inner = values.get(part)
        elif isinstance(part, int) and isinstance(values, list | tuple) and part < len(values):
            inner = values[part]
            name = str(inner.get("name") or part) if isinstance(inner, dict) else name
        parts.append(name)
        values = inner
    return ".".join(parts)


def _shown(given: Any) -> str:
    text = repr(given)
    return text if len(text) <= 60 else f"{text[:60]}…"
