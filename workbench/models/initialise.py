"""Starting weights, drawn from a generator of their own."""

import math

import torch
from torch import nn

from workbench.models.recurrent import RecurrentStack
from workbench.specs import ModelSpec


def initialise_stack(stack: RecurrentStack, spec: ModelSpec, generator: torch.Generator) -> None:
    """Draw the weights of a recurrent stack.

    The forget-gate bias is added once (to ``bias_ih``) so that the sum of both biases starts at
    ``spec.forget_gate_bias`` above the rest.

    Source: Jozefowicz et al. (2015) for the bias; Saxe et al. (2014) for orthogonal matrices.
    """
    bound = 1 / math.sqrt(spec.hidden_size)
    size = spec.hidden_size
    with torch.no_grad():
        for layer in stack.layers:
            for name, weight in layer.named_parameters():
                if name.startswith("bias"):
                    _uniform(weight, _bias_bound(spec, bound), generator)
                elif spec.initialisation == "torch":
                    _uniform(weight, bound, generator)
                elif spec.initialisation == "uniform":
                    _uniform(weight, spec.initial_scale, generator)
                else:
                    for block in torch.split(weight, size):  # one matrix per gate
                        if spec.initialisation == "orthogonal" and "hh" in name:
                            nn.init.orthogonal_(block, generator=generator)
                        else:
                            nn.init.xavier_uniform_(block, generator=generator)
            if "forget_gate" in stack.cell.gates and spec.forget_gate_bias:
                start = stack.cell.gates.index("forget_gate") * size
                for name, bias in layer.named_parameters():
                    if name.startswith("bias_ih"):
                        bias[start : start + size] += spec.forget_gate_bias


def initialise_linear(layer: nn.Linear, spec: ModelSpec, generator: torch.Generator) -> None:
    """Draw a head's weights as torch does, or within the uniform scale; the bias is zero."""
    with torch.no_grad():
        bound = 1 / math.sqrt(layer.in_features)
        scale = spec.initial_scale if spec.initialisation == "uniform" else bound
        _uniform(layer.weight, scale, generator)
        if layer.bias is not None:
            layer.bias.zero_()


def initialise_embedding(layer: nn.Embedding, spec: ModelSpec, generator: torch.Generator) -> None:
    """Draw an embedding: normal with deviation 1, or within the uniform scale.

    Tied to an output layer the deviation is 1/√E, so that the logits start small.
    """
    with torch.no_grad():
        if spec.initialisation == "uniform":
            _uniform(layer.weight, spec.initial_scale, generator)
        else:
            deviation = 1 / math.sqrt(layer.embedding_dim) if spec.tie_weights else 1.0
            layer.weight.normal_(0, deviation, generator=generator)


def _bias_bound(spec: ModelSpec, bound: float) -> float:
    return {"torch": bound, "uniform": spec.initial_scale}.get(spec.initialisation, 0.0)


def _uniform(weight: torch.Tensor, bound: float, generator: torch.Generator) -> None:
    if bound:
        weight.uniform_(-bound, bound, generator=generator)
    else:
        weight.zero_()
