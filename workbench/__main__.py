"""The command ``workbench``: without arguments the window, otherwise the command line."""

import sys


def main() -> int:
    """Run the program; return its exit code."""
    if sys.path and sys.path[0] in ("", "."):
        del sys.path[0]  # files of the folder one stands in are data, never modules
    arguments = sys.argv[1:]
    if arguments and not _opens_window(arguments):
        from workbench.cli import run

        return run(arguments)
    from workbench.screen import why_no_screen

    reason = why_no_screen()
    if reason:
        print(f"{reason} See 'workbench --help' for what works without one.", file=sys.stderr)  # noqa: T201 (no window, no logger)
        return 2
    if sys.platform == "win32":
        import torch  # noqa: F401  (Qt before torch breaks torch's libraries on Windows)
    from workbench.views.main_window import run_app

    return run_app(arguments)


def _opens_window(arguments: list[str]) -> bool:
    """A single existing path, as a double click on a file gives."""
    from pathlib import Path

    return len(arguments) == 1 and not arguments[0].startswith("-") and Path(arguments[0]).exists()


if __name__ == "__main__":
    sys.exit(main())
