"""The command line: every command of the program."""

import io
import os
import sys
import traceback
from pathlib import Path

import click

from workbench.cli import experiments, results, training
from workbench.cli.group import INTERRUPTED, MENDABLE, commands
from workbench.errors import UserError
from workbench.terminal import print_json

__all__ = ["commands", "experiments", "results", "run", "training"]


def run(arguments: list[str]) -> int:
    """Run one command; return its exit code: 0, 2 (yours to mend) or 130 (interrupted)."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a console that knows few letters
            stream.reconfigure(errors="backslashreplace")
    try:
        result = commands.main(args=arguments, prog_name="workbench", standalone_mode=False)
    except click.ClickException as error:
        _say_usage(error, arguments)
        if "--json" in arguments:
            told = {"what": error.format_message(), "todo": "See --help.", "details": ""}
            print_json({"event": "error", **told})
        return MENDABLE
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        return INTERRUPTED
    except Exception as error:
        return _refuse(error, "--json" in arguments)
    return result if isinstance(result, int) else 0


def _say_usage(error: click.ClickException, arguments: list[str]) -> None:
    """As click says it; a single word that looks like a path is taken for one."""
    if len(arguments) == 1 and Path(arguments[0]).suffix:
        click.echo(f"There is no {arguments[0]}. Check the path.", err=True)
    else:
        error.show()


def _refuse(error: Exception, as_json: bool) -> int:
    """Say what went wrong; the details follow where there are any."""
    if isinstance(error, BrokenPipeError):  # what read the output is gone, as after '| head'
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    code = MENDABLE
    if not isinstance(error, UserError):
        code = 1
        error = UserError(
            f"An unexpected error stopped this: {type(error).__name__}: {error}.",
            "This is a fault of the program; please report it with the details.",
            "".join(traceback.format_exception(error)),
        )
    click.echo(f"{error.what} {error.todo}".strip(), err=True)
    if error.details:
        click.echo(error.details.rstrip(), err=True)
    if as_json:
        told = {"what": error.what, "todo": error.todo, "details": error.details}
        print_json({"event": "error", **told})
    return code
