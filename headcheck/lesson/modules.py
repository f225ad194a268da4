"""Checks of modules: what runs in them, what comes out, what a gradient reaches.

A module is never trusted to describe itself: it is measured (`measure`), and compared with a
reference by what it does (`same_function`).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from headcheck.lesson.causes import sentence_of
from headcheck.lesson.failures import CheckFailed
from headcheck.lesson.layers import Layer, layers_of, side_by_side, wanted
from headcheck.lesson.measure import Measurement, Output, Request, measure
from headcheck.lesson.plain import describe, shape_of
from headcheck.lesson.same_function import Trial, compare, explain_crash, untrainable
from headcheck.lesson.stub import unanswered_by
from headcheck.lesson.values import Mistakes, expect, expect_answered, known_mistake, shape_cause


def expect_output(
    module: object,
    input: Tensor | Sequence[int],
    shape: Sequence[int] | Sequence[Sequence[int]],
    *,
    checked: str | None = None,
    mistakes: Mistakes = None,
) -> None:
    """Output dimensions of a module in eval mode; `input` is a tensor or a shape.

    Several outputs: a list of shapes. `mistakes` maps a wrong shape to its explanation.
    """
    x = _input(input)
    what = checked or f"the output for an input of shape {tuple(x.shape)}"
    found = _measured(module, Request([x]), what)
    shapes = [shape] if not shape or isinstance(shape[0], int) else shape
    wanted_shapes = [shape_of(s) for s in shapes]  # type: ignore[arg-type]
    output = found.eval_outputs[0]
    single = len(wanted_shapes) == 1 and shapes[0] is shape
    got = [tuple(t.shape) for t in output.tensors]
    if got == wanted_shapes and (output.structure == "tensor") == single:
        return
    known = (
        known_mistake(got[0], mistakes) if len(got) == 1 else known_mistake(tuple(got), mistakes)
    )
    cause = shape_cause(got[0], wanted_shapes[0]) if single and len(got) == 1 else None
    raise CheckFailed(
        what,
        got=_told_output(output),
        expected=f"shape {wanted_shapes[0]}" if single else f"shapes {wanted_shapes}",
        cause=known or cause or ("is a return missing?" if not got else None),
    )


def _told_output(output: Output) -> str:
    shapes = ", ".join(str(tuple(t.shape)) for t in output.tensors)
    return f"shape {shapes}" if output.structure == "tensor" else f"{output.structure} {shapes}"


def expect_layers(
    module: object,
    kinds: Sequence[str],
    *,
    input: Tensor | Sequence[int] | None = None,
    checked: str | None = None,
) -> None:
    """The layers a module really runs in train mode, in order, as operations.

    A kind is a name with as many arguments as matter: "Pool", "Linear(16, 10)",
    "Linear(16, 10, bias=False)". Flatten counts only if it is among the kinds. `input` may be left
    out for a module that begins with a convolution, a Linear, or BatchNorm of flat features.
    """
    what = checked or "the layers that run, in order"
    patterns = [wanted(kind) for kind in kinds]
    x = _guessed_input(a_module(module, what)) if input is None else _input(input)
    layers = layers_of(_measured(module, Request(train_inputs=[x]), what).train_ops)
    optional = {"Flatten", "Concat"} - {p.kind for p in patterns}
    ran = [layer for layer in layers if layer.kind not in optional]
    fits = [p.fits(layer) for p, layer in zip(patterns, ran, strict=False)]
    if len(ran) == len(patterns) and all(fits):
        return
    at = fits.index(False) if False in fits else min(len(ran), len(patterns))
    yours = [_as_asked(i, fits, ran, [p.text for p in patterns]) for i in range(len(ran))]
    _, table = side_by_side(yours, [p.text for p in patterns])
    raise CheckFailed(
        what,
        got=f"step {at + 1}: {ran[at].text if at < len(ran) else 'nothing more'}",
        expected=f"step {at + 1}: {patterns[at].text if at < len(patterns) else 'nothing more'}",
        cause=_layers_cause([x.kind for x in ran], [p.kind for p in patterns]),
        look="the order of the layers in the exercise text",
        table=table,
    )


def _as_asked(i: int, fits: list[bool], ran: list[Layer], texts: list[str]) -> str:
    """A layer that fits is shown in the lesson's words, so that only differences differ."""
    return texts[i] if i < len(fits) and fits[i] else ran[i].text


def _layers_cause(ran: list[str], asked: list[str]) -> str:
    if len(ran) < len(asked):
        return "a layer is missing"
    if len(ran) > len(asked):
        return "a layer too many"
    if sorted(ran) == sorted(asked):
        return "the layers are there, in another order (or with other sizes)"
    return "another layer stands in its place"


def expect_same_function(
    module: object,
    reference: nn.Module,
    inputs: Tensor | Sequence[Tensor],
    *,
    checked: str,
    train: bool = True,
    weights: bool = True,
    cause: str | None = None,
) -> None:
    """The same function as a reference module: operations, transplanted weights, numbers.

    Run on every input and on a batch of one in eval mode and, unless `train=False`, on the first
    input in train mode with gradients and running statistics (so it needs a batch of 2 or more).
    `weights=False`: both keep the weights they have, and only the outputs are compared. `cause` is
    said where nothing more is known.
    """
    given = [inputs] if isinstance(inputs, Tensor) else list(inputs)
    model = a_module(module, checked)
    evals = [*given, given[0][:1]]
    trains = given[:1] if train else []
    compare(model, reference, lambda _: Trial(evals, trains), checked, weights, usual=cause)


def expect_gradients(
    module: object, input: Tensor | Sequence[int], *, checked: str | None = None
) -> None:
    """That a gradient reaches every parameter, from a forward in train mode."""
    what = checked or "a gradient reaches every parameter"
    x = _input(input)
    found = _measured(module, Request(train_inputs=[x]), what)
    parameters = [t for t in found.tensors if t.is_parameter and t.same_as is None]
    expect(
        parameters,
        what,
        got="no parameters at all",
        cause="layers in a plain Python list are not registered: use nn.ModuleList",
    )
    reached = found.gradients[0] if found.gradients else {}
    for parameter in parameters:
        gradient = reached.get(parameter.name)
        if gradient is not None and bool((gradient != 0).any()):
            continue
        cause = "the layer takes no part in forward, or detach()/.data/no_grad cuts it off"
        if not parameter.requires_grad:
            cause = "the parameter is frozen (requires_grad is False)"
        elif gradient is not None:
            cause = "its gradient is zero everywhere: multiplied by zero, or a ReLU that is never positive"
        raise CheckFailed(what, got=f"none for {parameter.name}", cause=cause)


def reached_by_gradient(
    module: object, input: Tensor | Sequence[int], *, output: int | None = None
) -> set[str]:
    """Names of the parameters that a gradient reaches, starting from one output or from all."""
    request = Request(train_inputs=[_input(input)], output=output)
    found = _measured(module, request, "the gradients")
    return {name for name in found.gradients[0] if name} if found.gradients else set()


# Models in a wrapping through which nothing is seen: class -> row of `causes`.
_WRAPPED = {
    "RecursiveScriptModule": "scripted",
    "TopLevelTracedModule": "scripted",
    "TracedModule": "scripted",
}


def a_module(value: object, checked: str) -> nn.Module:
    """The value, if it is a module whose steps can be seen; `CheckFailed` that says what it is if not."""
    expect_answered(value, checked)
    if issubclass(type(value), nn.Module):
        wrapped = _WRAPPED.get(type(value).__name__)
        if wrapped is not None:
            raise CheckFailed(checked, expected="the model itself", cause=sentence_of(wrapped))
        return value  # type: ignore[return-value]
    cause = None
    if value is None:
        cause = "is a return missing?"
    elif isinstance(value, type):
        cause = "a class was returned, not a module made from it"
    elif isinstance(value, list | tuple):
        cause = "a list of layers is no module yet: nn.Sequential(*layers)"
    elif type(value).__name__ in ("coroutine", "generator"):
        cause = "the body of the function has not run yet: plain def and return, no async, no yield"
    elif callable(value):
        cause = "a function was returned: a module also holds the weights, nn.Sequential(...)"
    raise CheckFailed(checked, got=describe(value), expected="an nn.Module", cause=cause)


def _input(value: Tensor | Sequence[int]) -> Tensor:
    if isinstance(value, Tensor):
        return value
    return torch.randn(shape_of(value), generator=torch.Generator().manual_seed(0))


def _measured(module: object, request: Request, checked: str) -> Measurement:
    found = measure(a_module(module, checked), request)
    crash = found.crash
    if crash is None:
        return found
    if unanswered_by(crash.kind, crash.text):
        raise NotImplementedError(crash.text)
    if crash.phase == "weights":
        raise untrainable(crash, checked)
    ran = found.eval_ops if crash.phase == "eval" else found.train_ops
    problem = explain_crash(crash, layers_of(ran))
    raise CheckFailed(
        f"{checked}: forward on an input of shape {crash.input_shape}",
        got=problem.got,
        expected=problem.expected,
        cause=problem.cause,
        look="the shapes on the way: anatomy(model, x) draws them up to the layer that fails",
    )


def _guessed_input(module: nn.Module) -> Tensor:
    for part in module.modules():
        if isinstance(part, nn.Conv2d):
            return _input((4, part.in_channels, 64, 64))
        if isinstance(part, nn.Linear):
            return _input((4, part.in_features))
        if isinstance(part, nn.BatchNorm1d):
            return _input((4, part.num_features))
    raise ValueError("expect_layers: give input=, the module does not say what it takes")


def expect_separate(modules: Sequence[nn.Module], checked: str) -> None:
    """That every module has parameters, fit to be trained, and that no two modules share one."""
    owner: dict[int, int] = {}
    for number, module in enumerate(modules):
        _measured(module, Request(), checked)
        parameters = list(a_module(module, checked).parameters())
        expect(
            parameters,
            checked,
            got="a module without parameters",
            cause="layers in a plain Python list are not registered: use nn.ModuleList",
        )
        for p in parameters:
            expect(
                owner.setdefault(id(p), number) == number,
                checked,
                got="parameters that belong to both",
                cause="one object was made and used twice: make a new one each time",
            )
