"""Small models for the tests of what looks inside."""

import torch

from workbench.models.forecast import ForecastModel
from workbench.models.language import LanguageModel
from workbench.specs import ModelSpec

VOCABULARY = 11


def language_model(**changes: object) -> LanguageModel:
    spec = ModelSpec(**{"hidden_size": 9, "embedding_size": 5, **changes})
    return LanguageModel(spec, VOCABULARY, torch.Generator().manual_seed(3)).eval()


def forecast_model(horizon: int = 3, **changes: object) -> ForecastModel:
    """Two channels, the first forecast some steps ahead from eight, with random heads."""
    generator = torch.Generator().manual_seed(5)
    model = ForecastModel(
        ModelSpec(**{"hidden_size": 7, **changes}), channels=2, known=1, targets=[0],
        window=8, horizon=horizon, generator=generator,
    )  # fmt: skip
    for weight in model.parameters():
        with torch.no_grad():
            weight.copy_(0.4 * torch.randn(weight.shape, generator=generator))
    return model.eval()


def symbols(steps: int, seed: int = 0) -> torch.Tensor:
    return torch.randint(VOCABULARY, (1, steps), generator=torch.Generator().manual_seed(seed))


def window(seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(1, 8, 2, generator=generator), torch.randn(1, 11, 1, generator=generator)
