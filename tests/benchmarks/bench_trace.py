"""What looking inside costs: the whole trace against the plain forward pass, and a loop of cells.

``python -m tests.benchmarks.bench_trace [--rounds 5] [--units 512] [--threads 1]``

A stack of two layers reads 10 000 steps of one sequence, and 64 sequences of 256 steps. Trace,
forward pass and a loop of torch's cell modules (which gives the states only) take turns. At most
1.3 times the forward pass is asked for, and several times less than the loop.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn

from workbench.engine.devices import keep_freed_memory
from workbench.models.dropout import NoiseSource
from workbench.models.initialise import initialise_stack
from workbench.models.recurrent import RecurrentStack
from workbench.models.replay import replay
from workbench.specs import ModelSpec

CELLS = {"lstm": nn.LSTMCell, "gru": nn.GRUCell, "rnn_tanh": nn.RNNCell}


@torch.no_grad()
def loop_of_cells(stack: RecurrentStack, values: Tensor) -> Tensor:
    """The plainest way to have every state: one cell module a layer, one call a step."""
    for layer in range(stack.num_layers):
        weights = stack.layer_weights(layer, 0)
        cell = CELLS[stack.cell.name](weights.weight_ih.shape[1], stack.hidden_size)
        cell.load_state_dict(
            {name: getattr(weights, name) for name in cell.state_dict()}, strict=True
        )
        state, hiddens = None, []
        for step in values.unbind(1):
            state = cell(step, state)
            hiddens.append(state[0] if isinstance(state, tuple) else state)
        values = torch.stack(hiddens, dim=1)
    return values


def seconds(function: Callable[[], object]) -> float:
    """Wall seconds of one call."""
    began = time.perf_counter()
    function()
    return time.perf_counter() - began


def main() -> None:
    """Print a line for each cell and shape."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--units", type=int, default=512)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    keep_freed_memory()
    for name in CELLS:
        spec = ModelSpec(cell=name, num_layers=2, hidden_size=options.units)
        stack = RecurrentStack(spec, options.units, NoiseSource()).eval()
        initialise_stack(stack, spec, torch.Generator().manual_seed(1))
        for batch, steps in ((1, 10_000), (64, 256)):
            values = torch.randn(batch, steps, options.units)
            times: dict[str, list[float]] = {"forward": [], "trace": [], "cells": []}
            for turn in range(options.rounds + 1):
                with torch.no_grad():
                    forward = seconds(partial(stack, values))
                trace = seconds(partial(replay, stack, values))
                cells = seconds(partial(loop_of_cells, stack, values))
                if turn:  # the first round compiles primitives
                    for kind, taken in zip(times, (forward, trace, cells), strict=True):
                        times[kind].append(taken)
            ratios = [t / f for t, f in zip(times["trace"], times["forward"], strict=True)]
            cells_ratio = statistics.median(
                c / t for c, t in zip(times["cells"], times["trace"], strict=True)
            )
            print(
                f"{name:9} 2×{options.units}, {batch:2} × {steps:6}: trace / forward = "
                f"{statistics.median(ratios):.2f} ({min(ratios):.2f} … {max(ratios):.2f}); "
                f"loop of cells / trace = {cells_ratio:.1f}; forward "
                f"{1e3 * statistics.median(times['forward']):.0f} ms",
                flush=True,
            )


if __name__ == "__main__":
    main()
