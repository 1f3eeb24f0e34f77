"""How far back the input still matters, measured from outside: change it and watch the output.

Shapes: T steps, D distances, R changed copies of the input.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from workbench.data.findings import Watch
from workbench.models.base import SequenceModel
from workbench.models.language import LanguageModel

MEMORY_BYTES = 256 << 20
"""Bytes the changed copies and their outputs may take at once."""
_PLACES = 32
_MOST_AT_ONCE = 64


@dataclass(frozen=True, eq=False)
class MemoryTest:
    """Change of the output by how far back the input was changed.

    Attributes:
        distances: Steps between changed input and output, int64 ``(D,)``, from 0.
        mean: Mean change ``(D,)``: of a text the total variation between the two distributions of
            the next symbol, 0…1; of a forecast the mean absolute change in scaled units.
        low: A tenth of the changes is smaller ``(D,)``.
        high: A tenth is larger ``(D,)``.
    """

    distances: NDArray[np.int64]
    mean: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


@torch.no_grad()
def memory_test(
    model: SequenceModel,
    inputs: tuple[Tensor, ...],
    trials: int = 4,
    seed: int = 1,
    watch: Watch | None = None,
) -> MemoryTest:
    """Replace single inputs by others and compare the outputs.

    Of a text a symbol becomes another of those that stand in it; the outputs at all later steps
    are compared, so that one changed copy serves many distances. Of a series the values of a step
    become draws with the spread of each channel; its one output is compared.

    Args:
        model: In evaluation mode.
        inputs: A batch of one.
        trials: Replacements at each place.
        seed: Of the replacements.
        watch: Told how far it is.

    Raises:
        Cancelled: Where ``watch`` says so.
    """
    generator = torch.Generator().manual_seed(seed)
    steps = inputs[0].shape[1]
    text = isinstance(model, LanguageModel)
    places = torch.arange(steps)
    if text and steps > _PLACES:
        places = torch.linspace(0, steps - 1, _PLACES).round().long()
    plain = _output(model, inputs)
    repeated = places.repeat_interleave(trials)
    found: list[list[NDArray[np.float64]]] = [[] for _ in range(steps)]
    width = plain[0].numel() + steps * model.stack.hidden_size * 4
    at_once = max(1, min(_MOST_AT_ONCE, MEMORY_BYTES // (4 * 4 * width)))
    for first in range(0, len(repeated), at_once):
        (watch or Watch()).step(first / len(repeated))
        some = repeated[first : first + at_once]
        changes = _changes(model, plain, _changed(inputs, some, generator))
        for place, change in zip(some.tolist(), changes, strict=True):
            if not text:
                found[steps - 1 - place].append(change)
                continue
            for step in range(place, steps):
                found[step - place].append(change[step : step + 1])
    values = [np.concatenate(parts) for parts in found if parts]
    distances = np.array([far for far, parts in enumerate(found) if parts])
    low, high = np.array([np.percentile(part, (10, 90)) for part in values]).T
    return MemoryTest(distances, np.array([part.mean() for part in values]), low, high)


def _output(model: SequenceModel, inputs: tuple[Tensor, ...]) -> Tensor:
    """Distributions ``(R, T, V)``, or point forecasts ``(R, H, M)``."""
    output = model(*inputs)[0].float()
    found: Tensor = output.softmax(dim=-1) if isinstance(model, LanguageModel) else output[..., 0]
    return found


def _changed(
    inputs: tuple[Tensor, ...], places: Tensor, generator: torch.Generator
) -> tuple[Tensor, ...]:
    """Copies of the input, each with another step replaced."""
    copies = inputs[0].expand(len(places), *inputs[0].shape[1:]).clone()
    rows = torch.arange(len(places))
    if copies.dtype.is_floating_point:
        spread = inputs[0].std(dim=1).cpu()  # (1, C)
        centre = inputs[0].mean(dim=1).cpu()
        noise = torch.randn(len(places), copies.shape[-1], generator=generator)
        copies[rows, places] = (centre + spread * noise).to(copies)
    else:
        kinds = torch.from_numpy(np.unique(inputs[0].cpu().numpy()))
        drawn = kinds[torch.randint(len(kinds), (len(places),), generator=generator)]
        now = inputs[0][0, places].cpu()
        after = kinds[(torch.searchsorted(kinds, drawn) + 1) % len(kinds)]
        copies[rows, places] = torch.where(drawn == now, after, drawn).to(copies)
    return (copies, *(part.expand(len(places), *part.shape[1:]) for part in inputs[1:]))


def _changes(
    model: SequenceModel, plain: Tensor, changed: tuple[Tensor, ...]
) -> NDArray[np.float64]:
    """Change of each copy: ``(R, T)`` of a text, ``(R, 1)`` of a forecast."""
    apart = (_output(model, changed) - plain).abs()
    if isinstance(model, LanguageModel):
        return np.asarray((apart.sum(dim=-1) / 2).double().cpu().numpy())
    return np.asarray(apart.flatten(1).mean(dim=1, keepdim=True).double().cpu().numpy())
