"""Runs commands of the program in forked processes, quickly: torch is imported once.

Each line of stdin is one job: ``[arguments, crash]``. ``crash`` is null, or the number of the
write, sync or rename at whose beginning the process kills itself (odd) or at whose end (even).
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from workbench.cli import run
from workbench.engine.keeper import Keeper
from workbench.registry import load_task


def main() -> None:
    """Serve until stdin ends."""
    torch.set_num_threads(1)
    load_task("language_model")
    torch.optim.Adam([torch.zeros(1, requires_grad=True)])  # imports as much as torch itself
    Keeper.age_s = property(lambda _self: float("inf"))  # type: ignore[assignment]  # save whenever it may
    for line in sys.stdin:
        arguments, crash = json.loads(line)
        child = os.fork()
        if child == 0:
            if crash is not None:
                crash_at(crash)
            code = run(arguments)
            sys.stdout.flush()
            os._exit(code)
        tell({"event": "forked", "pid": child})
        _, status = os.waitpid(child, 0)
        tell({"event": "gone", "code": os.waitstatus_to_exitcode(status)})


def tell(values: dict[str, object]) -> None:
    """A line of its own, also behind one that was torn."""
    sys.stdout.write("\n" + json.dumps(values) + "\n")
    sys.stdout.flush()


def crash_at(number: int) -> None:
    """Kill this process before or after the n-th operation that makes something durable."""
    count = 0

    def guarded(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            nonlocal count
            count += 1
            if count == number:
                os.kill(os.getpid(), signal.SIGKILL)
            result = function(*args, **options)
            count += 1
            if count == number:
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        return call

    os.fsync = guarded(os.fsync)
    Path.replace = guarded(Path.replace)  # type: ignore[method-assign]  # this process only
    Path.rename = guarded(Path.rename)  # type: ignore[method-assign]  # this process only


if __name__ == "__main__":
    main()
