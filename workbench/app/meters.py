"""What the program uses of the machine right now."""

import sys
from dataclasses import dataclass
from typing import Any

import psutil


@dataclass(frozen=True)
class Usage:
    """One reading.

    Attributes:
        cpu: Share of all processors that this program uses, 0…1.
        cpu_cores: The same in processors: 1.3 is one and a third.
        memory: Bytes this program holds.
        memory_share: Of the machine's memory, 0…1.
        gpu_memory: Bytes in use on the run's GPU, or 0 without one.
        gpu_share: Of that GPU's memory, 0…1.
        gpu: Its name, or empty.
    """

    cpu: float
    cpu_cores: float
    memory: int
    memory_share: float
    gpu_memory: int = 0
    gpu_share: float = 0.0
    gpu: str = ""


class Meters:
    """Reads processor, memory and GPU; a reading takes well under a millisecond."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._process.cpu_percent()
        self._cores = psutil.cpu_count() or 1
        self._memory = psutil.virtual_memory().total

    def read(self, device: str = "") -> Usage:
        """Read now.

        Args:
            device: Name of the run's device, such as ``cuda:0 (NVIDIA …)``; a GPU is read only
                where a run uses it.
        """
        cores = self._process.cpu_percent() / 100
        memory = self._process.memory_info().rss
        kind, _, rest = device.partition(":")
        used, total = _gpu_memory(rest) if kind == "cuda" else (0, 0)
        return Usage(
            cpu=min(cores / self._cores, 1.0),
            cpu_cores=cores,
            memory=memory,
            memory_share=memory / self._memory,
            gpu_memory=used,
            gpu_share=used / total if total else 0.0,
            gpu=device if total else "",
        )


def _gpu_memory(rest: str) -> tuple[int, int]:
    """Bytes in use and in all on a CUDA device; zeros where it cannot be asked."""
    torch: Any = sys.modules.get("torch")
    number = rest.partition(" ")[0]
    if torch is None or not torch.cuda.is_initialized():
        return 0, 0
    try:
        free, total = torch.cuda.mem_get_info(int(number) if number.isdigit() else 0)
    except RuntimeError:
        return 0, 0
    return total - free, total
