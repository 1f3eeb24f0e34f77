"""The command ``workbench``: without arguments the window, otherwise the command line."""

import os
import sys


def main() -> int:
    """Run the program; return its exit code."""
    _import_from_nowhere_near()
    arguments = sys.argv[1:]
    if not _opens_window(arguments):
        from workbench.cli import run

        return run(arguments)
    from workbench.screen import why_no_screen

    reason = why_no_screen()
    if reason:
        sys.stderr.write(f"{reason} See 'workbench --help' for what works without one.\n")
        return 2
    if sys.platform == "win32":
        import torch  # noqa: F401 (Qt before torch breaks torch's libraries on Windows)
    from workbench.views.main_window import run_app

    return run_app(arguments)


def _import_from_nowhere_near() -> None:
    """Files of the folder one stands in are data, never modules (``python -m`` puts it first).

    Nothing is imported here: even ``pathlib`` looks for a module that a data folder could hold.
    """
    here = os.getcwd()  # noqa: PTH109 (see above)
    near = [place for place in sys.path if place in ("", ".", here)]
    for place in near:
        sys.path.remove(place)
    own = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))  # noqa: PTH120 (see above)
    if near and own == os.path.realpath(here):
        sys.path.append(own)  # run from a checkout: last, so that it hides nothing


def _opens_window(arguments: list[str]) -> bool:
    """Nothing, or a single existing path that is no command, as a double click on a file gives."""
    if not arguments:
        return True
    if len(arguments) > 1 or arguments[0].startswith("-"):
        return False
    from pathlib import Path

    from workbench.cli import commands

    return arguments[0] not in commands.commands and Path(arguments[0]).exists()


if __name__ == "__main__":
    sys.exit(main())
