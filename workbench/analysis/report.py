"""Everything that is computed of one stretch, as named arrays: what ``workbench trace`` writes."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.analysis.further import further
from workbench.analysis.saturation import KEEPERS, gate_saturation, half_life
from workbench.analysis.through_time import table_of
from workbench.analysis.trace import Trace, array_name, predictions, trace_model
from workbench.analysis.tracks import Track, scores, text_tracks
from workbench.engine.loading import Loaded
from workbench.models.replay import Key
from workbench.tasks.base import Probe
from workbench.tasks.language_model import LanguageModelTask

Arrays = dict[str, NDArray[Any]]


def report(
    loaded: Loaded, stretch: Probe, gradients: int = 0, names: tuple[str, ...] = ()
) -> Arrays:
    """Trace a stretch and analyse it.

    Args:
        loaded: The model and its task.
        stretch: What it reads: a batch of one.
        gradients: So many of its first symbols get a table of gradients through time (the work
            grows with its square).
        names: Further analyses, as in ``further.FURTHER``.

    Returns:
        ``labels`` ``(T,)`` and ``inputs`` ``(T, I)``; every quantity ``(T, H)`` as
        ``layer1/hidden``; for each gate ``…/mean``, ``…/shut`` and ``…/open`` ``(H,)``, and for
        the one that keeps ``…/half_life``; ``output``: the forecast ``(H, M, Q)`` in scaled units.
        Of a text instead ``likeliest`` and ``chances`` ``(T, 5)``, ``given`` ``(T,)``, each track
        as ``tracks/NAME`` ``(T,)`` and how well the hidden units of a layer tell it as
        ``tracks/NAME/layer1`` ``(H,)``; and as ``layer1/hidden/gradient`` ``(N, N)`` the gradient
        of the loss at each step (row) by the state at each step (column).

    Raises:
        UserError: Where a further analysis makes no sense for the model.
    """
    trace = trace_model(loaded.model, *stretch.inputs)
    found: Arrays = {"labels": np.array(stretch.labels, dtype=str), "inputs": trace.inputs[0]}
    found |= {array_name(key): part[0] for key, part in trace.quantities.items()}
    found |= further(loaded, stretch, trace, names)
    for counted in gate_saturation(trace):
        name = array_name(counted.key)
        found |= {f"{name}/mean": counted.mean, f"{name}/shut": counted.shut}
        found[f"{name}/open"] = counted.open
        if counted.key.quantity in KEEPERS:
            found[f"{name}/half_life"] = half_life(counted.mean)
    if not isinstance(loaded.task, LanguageModelTask):
        found["output"] = trace.output[0]
        return found | _gradients(loaded, stretch, gradients)
    expected = predictions(trace, stretch.inputs[0].cpu().numpy())
    found |= {"likeliest": expected.likeliest[0], "chances": expected.chances[0]}
    found["given"] = expected.given[0]
    for track in text_tracks(list(stretch.labels)):
        found |= _told(track, trace)
    return found | _gradients(loaded, stretch, gradients)


def _gradients(loaded: Loaded, stretch: Probe, count: int) -> Arrays:
    """Gradients through time of each layer over the first symbols."""
    if count < 1 or len(stretch.labels) <= 2 or loaded.model.stack.directions != 1:
        return {}
    found: Arrays = {}
    for layer in range(loaded.model.stack.num_layers):
        table = table_of(loaded, stretch, count, layer)
        for name, norms in table.norms.items():
            found[f"{array_name(Key(layer, 0, name))}/gradient"] = norms
    return found


def _told(track: Track, trace: Trace) -> Arrays:
    """A track, and how well the hidden units of each layer tell it."""
    name = f"tracks/{track.name}"
    found: Arrays = {name: track.values}
    for key in trace.quantities:
        if key.quantity == "hidden":
            place = array_name(Key(key.layer, key.direction, "")).rstrip("/")
            found[f"{name}/{place}"] = scores(track, trace.rows(key))
    return found
