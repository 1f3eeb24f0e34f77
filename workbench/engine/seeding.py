"""Seeds: every consumer of chance has a generator of its own, drawn from the run's seed.

A generator is made from (seed, purpose, numbers), so nothing depends on how often another one was
asked, and a resumed run needs no generator state: position alone determines every draw.
"""

import hashlib

import torch


def mixed_seed(seed: int, purpose: str, *numbers: int) -> int:
    """A 63-bit seed for one purpose and position."""
    text = f"{seed}/{purpose}/{'/'.join(map(str, numbers))}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


def make_generator(
    seed: int, purpose: str, *numbers: int, device: torch.device | str = "cpu"
) -> torch.Generator:
    """A private generator on ``device`` for one purpose and position."""
    generator = torch.Generator(device=device)
    generator.manual_seed(mixed_seed(seed, purpose, *numbers))
    return generator
