"""What comes before training: what a file holds, and every field."""

import json
from pathlib import Path

import click

from workbench.cli.group import JSON, PATH, SET, commands
from workbench.errors import UserError
from workbench.experiment import Experiment, fields
from workbench.terminal import print_json, reading_bar

_READING = ("data.table.reading.", "data.text.encoding")


@commands.command()
@click.argument("file", type=PATH)
@click.option("-o", "--output", type=PATH, help="Experiment file to write; none: print it.")
@SET
@JSON
def new(file: Path, output: Path | None, changes: tuple[str, ...], as_json: bool) -> None:
    """Find out what FILE holds and write an experiment for it.

    FILE is a table (.csv, .tsv), a text, or a folder of texts. Lines with a question mark are
    worth a look: what was found there is doubtful.
    """
    from workbench.data.roles import assigned
    from workbench.data.suggest import suggest_experiment
    from workbench.data.table import TableSource
    from workbench.data.table_overview import look_at_table

    # Columns and dates follow from how the file is read; what else is set counts after that.
    reading = [change for change in changes if change.startswith(_READING)]
    known = Experiment().with_text_values(reading).data
    with reading_bar(f"Reading {file.name}") as progress:
        experiment, source = suggest_experiment(file, known, progress=progress)
    experiment = assigned(experiment, [change for change in changes if change not in reading])
    findings = list(source.findings)
    if isinstance(source, TableSource):
        seen = look_at_table(experiment, source.frame)
        findings += [*seen.findings, *seen.leakage, *([seen.problem] if seen.problem else [])]
    if output:
        _write_experiment(output, experiment)
    if as_json:
        found = [vars(finding) for finding in findings]
        written = str(output) if output else None
        print_json({"experiment": experiment.to_dict(), "findings": found, "written": written})
        return
    for finding in findings:
        mark = {"doubt": "?", "problem": "!", "repaired": "*"}.get(finding.level, " ")
        line = f"{mark} {finding.subject}: {finding.found} ({finding.why})"
        click.echo(line, err=not output)
    if output:
        click.echo(f"Wrote {output}. Train it with: workbench train {output}")
    else:
        click.echo(experiment.to_toml())


def _write_experiment(file: Path, experiment: Experiment) -> None:
    """Write an experiment; one that stands there is kept beside it, anything else is left alone."""
    from workbench.files import write_atomic

    if file.exists():
        try:
            before = Experiment.load(file)
        except UserError:
            raise UserError(
                f"{file} exists and is no experiment; it is left as it is.",
                "Name another file with -o, such as experiment.toml.",
            ) from None
        if before != experiment:
            kept = file.with_name(f"{file.name}.before")
            file.replace(kept)
            click.echo(f"The experiment that stood in {file} is kept as {kept}.", err=True)
    write_atomic(file.resolve(), experiment.to_toml())


@commands.command(name="fields")
@click.argument("prefix", default="")
@JSON
def list_fields(prefix: str, as_json: bool) -> None:
    """List every field that --set reaches, with default, range and help.

    PREFIX lists a part of them, as in 'workbench fields model'.
    """
    found = fields(prefix)
    if not found:
        raise UserError(
            f"No field begins with {prefix!r}.", "Begin with data, model, training or preview."
        )
    if as_json:
        print_json([vars(item) | {"range": item.range} for item in found])
        return
    for item in found:
        allowed = ", ".join(map(_shown, item.choices)) or item.range
        unit = f" {item.unit}" if item.unit else ""
        remarks = [f"for {item.task} only"] if item.task else []
        remarks += ["may change while it trains"] if item.live else []
        text = f"{item.help} {'; '.join(remarks)}".strip()
        default = json.dumps(item.default, default=str, ensure_ascii=False)
        click.echo(f"{item.name} = {default}  [{allowed}{unit}]")
        click.echo(click.wrap_text(text, _width(), "    ", "    "))


def _shown(choice: str) -> str:
    return choice if choice.replace("_", "").isalnum() else repr(choice)


def _width() -> int:
    import shutil

    return min(shutil.get_terminal_size((100, 24)).columns, 100)
