"""Where and how numbers are computed: device, threads, precision, memory."""

import contextlib
import ctypes
import os
import platform
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import psutil
import torch

from workbench.errors import UserError
from workbench.experiment import Experiment

GAIN_NEEDED = 1.3
"""More CPU threads are used only where they measure at least this much faster."""

_MALLOPT_TRIM_THRESHOLD, _MALLOPT_MMAP_THRESHOLD = -1, -3


@dataclass(frozen=True)
class Device:
    """A device and why it was taken.

    Attributes:
        torch: The torch device.
        label: For people, such as ``cuda:0 (NVIDIA H100)``.
        message: A sentence where something else was asked for, else empty.
    """

    torch: torch.device
    label: str
    message: str = ""


def choose_device(name: str, before: str = "") -> Device:
    """Find the device called ``auto``, ``cpu``, ``cuda``, ``cuda:N`` or ``mps``.

    Args:
        name: As asked for.
        before: Label of the device a resumed run was trained on; another one is said.

    Raises:
        UserError: Where the name means nothing.
    """
    found = _find_device(name)
    if not before or before == found.label:
        return found
    message = (
        f"This run was trained on {before} and goes on on {found.label}; it will not be equal bit "
        "for bit to one that never stopped."
    )
    return Device(found.torch, found.label, message)


def _find_device(name: str) -> Device:
    kind, _, number = name.partition(":")
    if kind not in ("auto", "cpu", "cuda", "mps") or (number and not number.isdigit()):
        raise UserError(
            f"training.device is {name!r}; it must be auto, cpu, cuda, cuda:N or mps.",
            "Set training.device to one of them.",
        )
    if kind in ("auto", "cuda") and torch.cuda.is_available():
        index = int(number or 0)
        if index < torch.cuda.device_count():
            label = f"cuda:{index} ({torch.cuda.get_device_name(index)})"
            return Device(torch.device("cuda", index), label)
        return Device(
            torch.device("cpu"), "cpu", f"There is no {name}; training on the CPU instead."
        )
    if kind in ("auto", "mps") and torch.backends.mps.is_available():
        return Device(torch.device("mps"), "mps (Apple GPU)")
    if kind in ("cuda", "mps"):
        return Device(
            torch.device("cpu"),
            "cpu",
            f"No {kind.upper()} device is usable here; training on the CPU.",
        )
    return Device(torch.device("cpu"), "cpu")


def keep_freed_memory() -> None:
    """Let the C library keep freed blocks instead of handing each back to the kernel.

    A training step frees and takes the same blocks again; on a busy machine mapping them anew was
    35–60 % of a small step's time. Linux with glibc only; elsewhere nothing happens.
    """
    if not sys.platform.startswith("linux") or platform.libc_ver()[0] != "glibc":
        return
    library = ctypes.CDLL(None)
    library.mallopt(_MALLOPT_MMAP_THRESHOLD, 1 << 30)
    library.mallopt(_MALLOPT_TRIM_THRESHOLD, 1 << 30)


def set_determinism(device: torch.device, wanted: bool) -> None:
    """Make CUDA give the same numbers for the same seed, or let it be fast; a CPU always does.

    The workspace of cuBLAS is read when CUDA starts, so it is set before the first tensor is moved.
    """
    if device.type == "cuda" and wanted:
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:2")
    torch.backends.cudnn.deterministic = wanted


def set_threads(count: int) -> None:
    """Set threads inside one operation, for this thread and those it starts."""
    torch.set_num_threads(max(count, 1))


def pays_with_threads(seconds_with: Callable[[int], float]) -> int:
    """Return how many threads to use.

    Cores that others use are not tried, nor are several threads where a small operation shows them
    waiting for each other: a step could then take a thousand times as long.

    Args:
        seconds_with: Times one step with so many threads, in seconds.
    """
    cores = int((psutil.cpu_count(logical=False) or 1) - _cores_in_use_by_others() + 0.3)
    if cores < 2:
        return 1
    best, threads = seconds_with(1), 1
    count = 2
    while count <= cores and not _threads_stall(count):
        taken = seconds_with(count)
        if taken * GAIN_NEEDED > best:
            break
        best, threads = taken, count
        count *= 2
    return threads


def _cores_in_use_by_others() -> float:
    """Cores that other processes keep busy, measured for a tenth of a second."""
    began, own = clock(), time.process_time()
    percent = psutil.cpu_percent(interval=0.1)
    used = percent / 100 * (psutil.cpu_count() or 1)
    return max(0.0, used - (time.process_time() - own) / (clock() - began))


def _threads_stall(count: int) -> bool:
    """Whether a small operation is slower by far with so many threads than with one."""
    values = torch.ones(256, 256)

    def seconds() -> float:
        began, done = clock(), 0
        while done < 20 and (done == 0 or clock() - began < 0.05):
            torch.mm(values, values)
            done += 1
        return (clock() - began) / done

    before = torch.get_num_threads()
    try:
        set_threads(1)
        seconds()
        alone = seconds()
        set_threads(count)
        return seconds() > 5 * alone
    finally:
        set_threads(before)


def wants_bfloat16(experiment: Experiment, device: torch.device) -> bool:
    """Whether training runs in bfloat16; the warm-up then measures that it gains.

    ``auto`` tries it where the processor computes it natively and the matrices are so large that
    the gain is clear, so that the same run decides the same again: on a CPU the fused LSTM gains
    from 64 units on (0.6–0.7 of the time); GRU and RNN, which are run step by step there, lose up
    to 128 units and gain from 256 on.
    """
    wanted = experiment.training.precision
    if wanted != "auto":
        return wanted == "bfloat16"
    units = experiment.model.hidden_size
    if experiment.training.batch_size < 16:
        return False
    if device.type == "cuda":
        return units >= 128 and torch.cuda.is_bf16_supported(including_emulation=False)
    if device.type == "cpu":
        return units >= (64 if experiment.model.cell == "lstm" else 256) and native_bfloat16()
    return False


def native_bfloat16() -> bool:
    """Whether the CPU multiplies bfloat16 matrices in hardware (AVX-512 BF16 or AMX)."""
    checks = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(getattr(torch.cpu, name, bool)() for name in checks)


@contextlib.contextmanager
def memory_running_out_said(device: torch.device) -> Iterator[None]:
    """Turn running out of memory into a sentence.

    Raises:
        UserError: Where memory ran out inside.
    """
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        clear_memory(device)
        raise UserError(
            "Memory ran out for a network of this size.",
            "Lower model.hidden_size, model.num_layers or training.batch_size, or close other "
            "programs.",
        ) from None


def clear_memory(device: torch.device) -> None:
    """Give memory back after an out-of-memory error (call outside the except block)."""
    import gc

    gc.collect()
    if device.type == "cuda":
        torch.cuda.empty_cache()


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error means that memory ran out, on a GPU or in RAM."""
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        return True
    words = ("can't allocate memory", "bad_alloc")
    return isinstance(error, RuntimeError) and any(word in str(error) for word in words)


def clock() -> float:
    """Seconds, monotonic."""
    return time.perf_counter()
