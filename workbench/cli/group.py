"""The group all commands belong to, and the options they share."""

from pathlib import Path

import click

from workbench import __version__
from workbench.errors import UserError
from workbench.paths import runs_folder

MENDABLE, INTERRUPTED = 2, 130
"""Exit codes: something the user can mend; interrupted (a run is kept and can be resumed)."""

PATH = click.Path(path_type=Path)
JSON = click.option("--json", "as_json", is_flag=True, help="Print what a program can read.")
SET = click.option(
    "--set", "changes", multiple=True, metavar="NAME=VALUE",
    help="Change a field, as in model.num_layers=1; see 'workbench fields'. May be repeated.",
)  # fmt: skip
OUT = click.option("--out", type=PATH, metavar="DIR", help="Folder that holds the runs.")
CHECKPOINT = click.option(
    "--checkpoint", type=click.Choice(["best", "last"]), default="best", show_default=True,
    help="Whose weights to use.",
)  # fmt: skip


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="workbench")
def commands() -> None:
    """Train an RNN, LSTM or GRU on your own CSV or text.

    Without a command the window opens; with a file or a run folder it opens on that.

    Exit codes: 0; 2 for something you can mend, said in one message; 130 where it was interrupted
    (a run is kept and can be resumed).
    """


def run_path(given: Path) -> Path:
    """A run by its path, or by its id or name among the user's runs."""
    from workbench.runs import list_runs

    for place in (given, runs_folder() / given):
        if place.is_dir():
            return place
    named = [info for info in list_runs(runs_folder()) if info.name == str(given)]
    if len(named) == 1:
        return named[0].folder
    if named:
        ids = ", ".join(info.id for info in named[:5])
        raise UserError(f"{len(named)} runs are called {given}.", f"Name one by its id: {ids}.")
    raise UserError(f"There is no run {given}.", "See 'workbench runs' for all of them.")
