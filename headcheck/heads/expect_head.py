"""The check of a head: is it the one fastai's `create_head` builds?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from headcheck.heads.why import misreading, wrong_width
from headcheck.lesson.failures import CheckFailed
from headcheck.lesson.layers import Layer, layers_of
from headcheck.lesson.measure import Op, Request, measure
from headcheck.lesson.modules import a_module
from headcheck.lesson.same_function import Trial, compare


def expect_head(
    head: object, *, nf: int, n_out: int, checked: str | None = None, **options: Any
) -> None:
    """A head against fastai's `create_head(nf, n_out, **options)`: layers, weights, numbers."""
    options = {k: list(v) if isinstance(v, list) else v for k, v in options.items()}
    given = "".join(f", {k}={v!r}" for k, v in options.items())
    checked = checked or f"create_head({nf}, {n_out}{given})"
    try:
        from headcheck.heads.head_spec import build_head  # the solution: only where a check runs
    except ImportError:
        raise CheckFailed(
            f"{checked}: not compared",
            cause="while a notebook is graded, only its check cells can compare heads",
        ) from None

    reference = build_head(nf, n_out, **options)
    pooled = options.get("pool", True)

    def trial(source: torch.Generator) -> Trial:
        def features(batch: int, *size: int) -> Tensor:
            shape = (batch, nf, *size) if pooled else (batch, nf)
            return torch.randn(shape, generator=source)

        evals = [features(3, 7, 7), features(1, 4, 6), features(3, 1, 1)]
        evals += [0.01 * features(3, 2, 2), 100 * features(3, 2, 2)]  # a limit shows in large ones
        evals.append(features(*torch.randint(9, 15, (3,), generator=source).tolist()))
        return Trial(evals, [features(8, 7, 7)])

    def ran(module: nn.Module) -> list[Layer]:
        shape = (8, nf, 7, 7) if pooled else (8, nf)
        found = measure(module, Request(train_inputs=[torch.zeros(shape)], learn=False))
        return layers_of(found.train_ops)

    def explain(yours: Sequence[Layer], failed: Op | None) -> str | None:
        if failed is not None:
            return wrong_width(failed, yours, nf, n_out)
        return misreading(build_head, ran, nf, n_out, options, yours)

    compare(a_module(head, checked), reference, trial, checked, explain=explain)
