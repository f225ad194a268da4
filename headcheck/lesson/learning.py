"""Does a model learn? It is trained here, for a few steps, on data of the check's."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from headcheck.lesson.failures import CheckFailed
from headcheck.lesson.plain import describe, tensor
from headcheck.lesson.values import expect_answered

Loss = Callable[[Tensor, Tensor], Tensor]


def expect_learns(
    model: nn.Module,
    x: Tensor,
    y: Tensor,
    *,
    checked: str,
    loss: Loss | None = None,
    steps: int = 30,
    lr: float = 0.01,
    factor: float = 0.7,
    cause: str | None = None,
    look: str | None = None,
) -> None:
    """That the loss on a batch falls to `factor` times what it was after `steps` of training.

    A copy is trained, by Adam. `loss` is the cross entropy where `y` holds classes, else the mean
    squared error; it is computed here, so take the check's own.
    """
    expect_answered(model, checked)
    if not isinstance(model, nn.Module):
        raise CheckFailed(checked, got=describe(model), expected="a module", look=look)
    trained = copy.deepcopy(model).train()
    weights = [p for p in trained.parameters() if p.requires_grad]
    measure = loss or (F.mse_loss if y.is_floating_point() else F.cross_entropy)

    def fail(got: str, why: str) -> CheckFailed:
        wanted = f"a loss of at most {factor:g} times the first, after {steps} steps"
        return CheckFailed(checked, got=got, expected=wanted, cause=cause or why, look=look)

    if not weights:
        raise fail("no weights that are trained", "requires_grad is False for all of them")
    optimizer = _Adam(weights, lr)
    first = last = math.nan
    for step in range(steps + 1):
        output = trained(x.clone())
        if tensor(output) is None:
            raise fail(describe(output), "forward returns no tensor")
        now = measure(output, y)
        last = float(now.detach())
        first = last if step == 0 else first
        if not math.isfinite(last):
            raise fail(f"a loss of {last} in step {step}", "a logarithm or a quotient of 0")
        if not now.requires_grad:
            raise fail(
                "an output that no gradient goes through",
                "detach(), no_grad(), .data or .item() on the way from the weights to the output",
            )
        now.backward()
        optimizer.step()
    if last > factor * first:
        still = not any(bool(moment.any()) for moment in optimizer.means)
        raise fail(
            f"a loss of {first:.4g} at first, {last:.4g} at the end",
            "no gradient reaches the weights"
            if still
            else "a part of it does not learn, or an activation at the end holds the output back",
        )


class _Adam:
    """Adam as in its paper. (PyTorch's own imports its compiler first, which takes seconds.)"""

    def __init__(self, weights: list[nn.Parameter], lr: float) -> None:
        self.weights, self.lr, self.steps = weights, lr, 0
        self.means = [torch.zeros_like(w) for w in weights]
        self.squares = [torch.zeros_like(w) for w in weights]

    @torch.no_grad()
    def step(self) -> None:
        self.steps += 1
        for weight, mean, square in zip(self.weights, self.means, self.squares, strict=True):
            if weight.grad is None:
                continue
            mean.mul_(0.9).add_(weight.grad, alpha=0.1)
            square.mul_(0.999).addcmul_(weight.grad, weight.grad, value=0.001)
            size = (square / (1 - 0.999**self.steps)).sqrt_().add_(1e-8)
            weight.sub_(self.lr * mean / (1 - 0.9**self.steps) / size)
            weight.grad = None
