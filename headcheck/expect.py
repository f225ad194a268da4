"""Checks in words: what a lesson's check cells call. Each raises `CheckFailed` when it fails."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from headcheck.checking import CheckFailed, NotAnswered
from headcheck.head_spec import build_head

Mistakes = Mapping[Any, str] | Iterable[tuple[Any, str]] | None


def expect(
    ok: object,
    checked: str,
    *,
    got: object = None,
    expected: object = None,
    cause: str | None = None,
    look: str | None = None,
) -> None:
    """A condition, in your words."""
    if not ok:
        raise CheckFailed(checked, got=got, expected=expected, cause=cause, look=look)


def expect_answered(value: object, name: str) -> None:
    """That a top-level answer is no longer `...`."""
    if value is ...:
        raise NotAnswered(name)


def expect_equal(
    got: object,
    expected: object,
    checked: str,
    *,
    mistakes: Mistakes = None,
    any_sequence: bool = False,
    cause: str | None = None,
    look: str | None = None,
) -> None:
    """Plain data, compared by value. `any_sequence` takes a list for a tuple and the reverse."""
    expect_answered(got, checked)
    if not _same(got, expected, any_sequence):
        raise CheckFailed(
            checked,
            got=repr(got)[:300],
            expected=repr(expected)[:300],
            cause=_known(got, mistakes) or cause,
            look=look,
        )


def expect_close(
    got: object,
    expected: Tensor | float,
    checked: str,
    *,
    mistakes: Mistakes = None,
    tolerance: float = 1e-5,
    cause: str | None = None,
    look: str | None = None,
) -> None:
    """Tensors (or numbers): type, shape, then values."""
    a, b = torch.as_tensor(got), torch.as_tensor(expected)
    if a.shape != b.shape or not torch.allclose(a.double(), b.double(), tolerance, tolerance):
        raise CheckFailed(checked, got=got, expected=expected, cause=cause, look=look)


def expect_shape(
    tensor: object,
    shape: Sequence[int],
    checked: str,
    *,
    mistakes: Mistakes = None,
    cause: str | None = None,
    look: str | None = None,
) -> None:
    """The shape of a tensor."""
    if not isinstance(tensor, Tensor):
        raise CheckFailed(checked, got=type(tensor).__name__, expected="a tensor", look=look)
    if tuple(tensor.shape) != tuple(shape):
        raise CheckFailed(
            checked,
            got=tuple(tensor.shape),
            expected=tuple(shape),
            cause=_known(tuple(tensor.shape), mistakes) or cause,
            look=look,
        )


def expect_output(
    module: object,
    input: Tensor | Sequence[int],
    shape: Sequence[int],
    *,
    checked: str | None = None,
    mistakes: Mistakes = None,
) -> None:
    """Output dimensions of a module in eval mode; `input` is a tensor or a shape."""
    model = _module(module, checked or "the result")
    x = input if isinstance(input, Tensor) else torch.randn(*input)
    model.eval()
    with torch.no_grad():
        y = model(x)
    expect_shape(
        y, shape, checked or f"the output for an input of {tuple(x.shape)}", mistakes=mistakes
    )


def expect_layers(
    module: object,
    kinds: Sequence[str],
    *,
    input: Tensor | Sequence[int] | None = None,
    checked: str | None = None,
) -> None:
    """The layers a module really runs, in order, as operations."""
    _module(module, checked or "the layers that run")


def expect_head(head: object, *, nf: int, n_out: int, **options: Any) -> None:
    """A head against fastai's `create_head`."""
    given = "".join(f", {k}={v!r}" for k, v in options.items())
    pool = options.get("pool", True)
    inputs = [torch.randn(4, nf, 7, 7), torch.randn(3, nf, 1, 1)] if pool else [torch.randn(4, nf)]
    expect_same_function(
        head, build_head(nf, n_out, **options), inputs, checked=f"create_head({nf}, {n_out}{given})"
    )


def expect_same_function(
    module: object,
    reference: nn.Module,
    inputs: Sequence[Tensor],
    *,
    checked: str,
    train: bool = True,
) -> None:
    """The same operations, weights and numbers as a reference module."""
    model = _module(module, checked)
    ours, theirs = list(reference.state_dict().values()), list(model.state_dict().values())
    if [t.shape for t in ours] != [t.shape for t in theirs]:
        raise CheckFailed(
            checked, got=[tuple(t.shape) for t in theirs], expected=[tuple(t.shape) for t in ours]
        )
    for t, o in zip(theirs, ours, strict=True):
        t.copy_(o)
    for mode in (False, True)[: 1 + train]:
        for x in inputs:
            results = []
            for m in (model, reference):
                torch.manual_seed(1)
                results.append(m.train(mode)(x.clone()))
            expect_close(*results, checked)


def expect_gradients(
    module: object, input: Tensor | Sequence[int], *, checked: str | None = None
) -> None:
    """That a gradient reaches every parameter."""
    model = _module(module, checked or "the gradients")
    x = input if isinstance(input, Tensor) else torch.randn(*input)
    model.train()(x).square().sum().backward()
    for name, p in model.named_parameters():
        expect(p.grad is not None, checked or f"a gradient reaches {name}", got="none")


def state_of(module: nn.Module) -> dict[str, object]:
    """Weights, statistics, modes, hooks and requires_grad of a module, to compare later."""
    return {
        **{k: v.detach().clone() for k, v in module.state_dict().items()},
        **{f"mode of {n}": m.training for n, m in module.named_modules()},
        **{f"hooks of {n}": len(m._forward_hooks) for n, m in module.named_modules()},
        **{f"requires_grad of {n}": p.requires_grad for n, p in module.named_parameters()},
    }


def expect_state_unchanged(
    before: dict[str, object], module: nn.Module, *, checked: str, modes: bool = False
) -> None:
    """Weights, statistics, hooks (and, if asked, train/eval modes) are as `state_of` saw them."""
    for name, value in state_of(module).items():
        if name.startswith("mode of") and not modes:
            continue
        same = (
            torch.equal(value, before[name]) if isinstance(value, Tensor) else value == before[name]
        )
        expect(same, checked, got=f"{name} changed")


def expect_error(
    call: Callable[..., object], *args: object, checked: str, **kwargs: object
) -> None:
    """That a call raises anything but an unanswered stub."""
    try:
        result = call(*args, **kwargs)
    except NotImplementedError:
        raise
    except Exception:
        return
    raise CheckFailed(checked, got=repr(result)[:300], expected="an exception")


def _module(value: object, checked: str) -> nn.Module:
    if isinstance(value, nn.Module):
        return value
    raise CheckFailed(checked, got=f"a {type(value).__name__}", expected="an nn.Module")


def _same(a: Any, b: Any, any_sequence: bool) -> bool:
    if isinstance(a, np.generic):
        a = a.item()
    if isinstance(a, list | tuple) and isinstance(b, list | tuple):
        alike = any_sequence or isinstance(a, list) == isinstance(b, list)
        return (
            alike
            and len(a) == len(b)
            and all(_same(x, y, any_sequence) for x, y in zip(a, b, strict=True))
        )
    return isinstance(a, bool) == isinstance(b, bool) and bool(a == b)


def _known(got: object, mistakes: Mistakes) -> str | None:
    pairs = mistakes.items() if isinstance(mistakes, Mapping) else mistakes or ()
    return next((text for value, text in pairs if _same(got, value, True)), None)
