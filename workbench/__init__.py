"""Sequence Workbench: train recurrent networks on your own data and see inside them.

Three lines from Python::

    from workbench import Experiment, train
    for event in train(Experiment.load("experiment.toml")):
        print(event)

Nothing heavy is imported here: torch, pandas and Qt load where they are first used.
"""

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.engine.trainer import train
    from workbench.experiment import Experiment

__version__ = "0.1.0"
__all__ = ["Experiment", "__version__", "train"]

# oneDNN keeps one compiled LSTM per (batch, length) it has met, 1,024 of them by default: with
# varying lengths a small model grew by 1.6 GB. It reads the limit once, when torch is loaded.
os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "16")
# The products of numpy are those of single sequences: several threads would wait for each other,
# and for the training, more than they help. It is read once, when numpy is loaded.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def __getattr__(name: str) -> Any:
    """Load the two public names on first use, so that ``import workbench`` stays light."""
    if name == "Experiment":
        from workbench.experiment import Experiment

        return Experiment
    if name == "train":
        from workbench.engine.trainer import train

        return train
    raise AttributeError(f"module 'workbench' has no attribute {name!r}")
