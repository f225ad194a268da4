"""The head fastai's `create_head` builds, written down with torch alone.

This is what a student's head is compared with. fastai itself is not called, so that replacing or
forbidding fastai's function changes nothing here; a test compares the two over a broad grid.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class ConcatPool(nn.Module):
    """(N, C, H, W) -> (N, 2C, 1, 1): the maximum of every channel first, then its average."""

    def __init__(self) -> None:
        super().__init__()
        self.mp = nn.AdaptiveMaxPool2d(1)
        self.ap = nn.AdaptiveAvgPool2d(1)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.mp(x), self.ap(x)], 1)


class SigmoidRange(nn.Module):
    """Squeezes any number into (low, high)."""

    def __init__(self, low: float, high: float) -> None:
        super().__init__()
        self.low, self.high = low, high

    def forward(self, x: Tensor) -> Tensor:
        return torch.sigmoid(x) * (self.high - self.low) + self.low


def build_head(
    nf: int,
    n_out: int,
    lin_ftrs: Sequence[int] | None = None,
    ps: float | Sequence[float] = 0.5,
    pool: bool = True,
    concat_pool: bool = True,
    first_bn: bool = True,
    bn_final: bool = False,
    lin_first: bool = False,
    y_range: tuple[float, float] | None = None,
) -> nn.Sequential:
    """The head with fastai's defaults and options; `ps` has one value, or one per Linear."""
    hidden = [512] if lin_ftrs is None else list(lin_ftrs)
    sizes = [nf * 2 if pool and concat_pool else nf, *hidden, n_out]
    given = [ps] if isinstance(ps, int | float) else list(ps)
    drops = [given[0] / 2] * len(hidden) + given if len(given) == 1 else given
    if len(drops) != len(sizes) - 1:
        raise ValueError(f"ps needs 1 or {len(sizes) - 1} values for these lin_ftrs")

    layers: list[nn.Module] = []
    if pool:
        layers += [ConcatPool() if concat_pool else nn.AdaptiveAvgPool2d(1), nn.Flatten()]
    if lin_first:
        layers.append(nn.Dropout(drops[0]))
        for i in range(len(hidden)):
            norm = first_bn or i > 0
            layers += [nn.Linear(sizes[i], sizes[i + 1], bias=not norm), nn.ReLU()]
            layers += [nn.BatchNorm1d(sizes[i + 1])] * norm
            layers += [nn.Dropout(drops[i + 1])] * (drops[i + 1] != 0)
        layers.append(nn.Linear(sizes[-2], n_out))
    else:
        for i in range(len(sizes) - 1):
            norm = first_bn or i > 0
            layers += [nn.BatchNorm1d(sizes[i])] * norm
            layers += [nn.Dropout(drops[i])] * (drops[i] != 0)
            layers.append(nn.Linear(sizes[i], sizes[i + 1], bias=not norm))
            if i < len(hidden):
                layers.append(nn.ReLU())
    if bn_final:
        layers.append(nn.BatchNorm1d(n_out, momentum=0.01))
    if y_range is not None:
        layers.append(SigmoidRange(*y_range))
    return nn.Sequential(*layers)
