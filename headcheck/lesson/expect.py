"""Checks in words: what a lesson's check cells call. Each raises `CheckFailed` when it fails.

Answers are never trusted to compare themselves: plain data goes through `plain`, modules through
`measure` and `same_function`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from headcheck.heads.head_spec import build_head
from headcheck.lesson.checking import AnswerRaised, CheckFailed, NotAnswered, is_stub
from headcheck.lesson.layers import Layer, layers_of, side_by_side, wanted
from headcheck.lesson.measure import Measurement, Output, Request, measure
from headcheck.lesson.plain import describe, kind_of, plain, same, shape_of, tensor, wrong_kind
from headcheck.lesson.same_function import Trial, compare, explain_crash

# A likely wrong value -> the sentence that explains it. Values that cannot be keys: as pairs.
Mistakes = Mapping[Any, str] | Iterable[tuple[Any, str]] | None
State = dict[str, Any]


# ---- values --------------------------------------------------------------------------------------


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
        raise CheckFailed(checked, got=_told(got), expected=_told(expected), cause=cause, look=look)


def _told(value: object) -> str | None:
    """A sentence stays a sentence; other values are described."""
    if value is None or type(value) is str:
        return value
    return describe(value)


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
    """Plain data: types, then values. `any_sequence` takes a list for a tuple and the reverse.

    numpy's numbers count as Python's; floats may differ by rounding. Modules, functions and
    classes are equal only to themselves.
    """
    expect_answered(got, checked)
    if same(got, expected, any_sequence):
        return
    raise CheckFailed(
        checked,
        got=describe(got),
        expected=describe(expected),
        cause=_known(got, mistakes) or wrong_kind(got, expected, any_sequence) or cause,
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
    """Tensors (or numbers): type, shape, then values within `tolerance`, relative and absolute."""
    expect_answered(got, checked)
    right = tensor(expected)
    a, b = plain(got), plain(expected)
    if right is None:
        if type(a) is Tensor and a.ndim == 0:
            a = a.item()
        if type(a) not in (int, float):
            raise CheckFailed(
                checked, got=describe(got), cause=wrong_kind(got, expected) or cause, look=look
            )
        a, b = torch.tensor(float(a)), torch.tensor(float(b))
    elif type(a) is not Tensor:
        raise CheckFailed(
            checked, got=describe(got), expected="a tensor", cause=wrong_kind(got, b), look=look
        )
    if a.shape != b.shape:
        _wrong_shape(a, shape_of(b.shape), checked, _near_known(a, mistakes) or cause, look)
    difference = (a.double() - b.double()).abs()
    if bool((difference <= tolerance + tolerance * b.double().abs()).all()):
        return
    largest = f", largest difference {float(difference.max()):.3g}" if b.numel() > 1 else ""
    raise CheckFailed(
        checked,
        got=describe(got) + largest,
        expected=describe(expected),
        cause=_near_known(a, mistakes) or cause,
        look=look,
    )


def _known(got: object, mistakes: Mistakes) -> str | None:
    return next((text for value, text in _pairs(mistakes) if same(got, value, True)), None)


def _near_known(got: Tensor, mistakes: Mistakes) -> str | None:
    for value, text in _pairs(mistakes):
        wrong = torch.as_tensor(value)
        if got.shape == wrong.shape and torch.allclose(got.double(), wrong.double(), 1e-4, 1e-6):
            return text
    return None


def _pairs(mistakes: Mistakes) -> Iterable[tuple[Any, str]]:
    return mistakes.items() if isinstance(mistakes, Mapping) else mistakes or ()


def expect_error(
    call: Callable[..., object], *args: object, checked: str, **kwargs: object
) -> None:
    """That a call raises anything but an unanswered stub."""
    try:
        result = call(*args, **kwargs)
    except NotImplementedError as error:
        if is_stub(error):
            raise
        return
    except AnswerRaised:
        return
    except CheckFailed:
        raise
    except Exception:
        return
    raise CheckFailed(
        checked,
        got=f"no exception; it returned {describe(result)}",
        expected="an exception",
        cause="a case that cannot work is answered all the same",
        look="where there is no right answer: raise, and do not catch what others raise",
    )


# ---- shapes --------------------------------------------------------------------------------------


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
    expect_answered(tensor, checked)
    value = plain(tensor)
    if type(value) is not Tensor:
        raise CheckFailed(
            checked,
            got=describe(tensor),
            expected="a tensor",
            cause=wrong_kind(tensor, torch.empty(0)),
            look=look,
        )
    if tuple(value.shape) != shape_of(shape):
        known = _known(tuple(value.shape), mistakes)
        _wrong_shape(value, shape_of(shape), checked, known or cause, look)


def _wrong_shape(
    got: Tensor, shape: tuple[int, ...], checked: str, cause: str | None, look: str | None
) -> None:
    raise CheckFailed(
        checked,
        got=f"shape {tuple(got.shape)}",
        expected=f"shape {shape}",
        cause=cause or _shape_cause(tuple(got.shape), shape),
        look=look,
    )


def _shape_cause(got: tuple[int, ...], shape: tuple[int, ...]) -> str | None:
    if len(got) > len(shape) == 2:
        return "too many dimensions: is a Flatten missing?"
    if len(got) < len(shape):
        return "a dimension is gone: squeeze also removes a batch of one"
    return None


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
    known = _known(got[0], mistakes) if len(got) == 1 else _known(tuple(got), mistakes)
    cause = _shape_cause(got[0], wanted_shapes[0]) if single and len(got) == 1 else None
    raise CheckFailed(
        what,
        got=_told_output(output),
        expected=f"shape {wanted_shapes[0]}" if single else f"shapes {wanted_shapes}",
        cause=known or cause or ("is a return missing?" if not got else None),
    )


def _told_output(output: Output) -> str:
    shapes = ", ".join(str(tuple(t.shape)) for t in output.tensors)
    return f"shape {shapes}" if output.structure == "tensor" else f"{output.structure} {shapes}"


# ---- modules -------------------------------------------------------------------------------------


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
    x = _guessed_input(_module(module, what)) if input is None else _input(input)
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


def expect_head(
    head: object, *, nf: int, n_out: int, checked: str | None = None, **options: Any
) -> None:
    """A head against fastai's `create_head(nf, n_out, **options)`: layers, weights, numbers."""
    options = {k: list(v) if isinstance(v, list) else v for k, v in options.items()}
    given = "".join(f", {k}={v!r}" for k, v in options.items())
    checked = checked or f"create_head({nf}, {n_out}{given})"
    reference = build_head(nf, n_out, **options)
    pooled = options.get("pool", True)

    def trial(source: torch.Generator) -> Trial:
        def features(batch: int, *size: int) -> Tensor:
            shape = (batch, nf, *size) if pooled else (batch, nf)
            return torch.randn(shape, generator=source)

        evals = [features(3, 7, 7), features(1, 4, 6), features(3, 1, 1), 0.01 * features(3, 2, 2)]
        return Trial(evals, [features(8, 7, 7)])

    compare(_module(head, checked), reference, trial, checked)


def expect_same_function(
    module: object,
    reference: nn.Module,
    inputs: Tensor | Sequence[Tensor],
    *,
    checked: str,
    train: bool = True,
    weights: bool = True,
) -> None:
    """The same function as a reference module: operations, transplanted weights, numbers.

    Run on every input and on a batch of one in eval mode and, unless `train=False`, on the first
    input in train mode with gradients and running statistics (so it needs a batch of 2 or more).
    `weights=False`: both keep the weights they have, and only the outputs are compared.
    """
    given = [inputs] if isinstance(inputs, Tensor) else list(inputs)
    model = _module(module, checked)
    evals = [*given, given[0][:1]]
    trains = given[:1] if train else []
    compare(model, reference, lambda _: Trial(evals, trains), checked, weights)


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


def _module(value: object, checked: str) -> nn.Module:
    expect_answered(value, checked)
    if issubclass(type(value), nn.Module):
        return value  # type: ignore[return-value]
    cause = None
    if value is None:
        cause = "is a return missing?"
    elif isinstance(value, type):
        cause = "a class was returned, not a module made from it"
    elif isinstance(value, list | tuple):
        cause = "a list of layers is no module yet: nn.Sequential(*layers)"
    raise CheckFailed(checked, got=describe(value), expected="an nn.Module", cause=cause)


def _input(value: Tensor | Sequence[int]) -> Tensor:
    if isinstance(value, Tensor):
        return value
    return torch.randn(shape_of(value), generator=torch.Generator().manual_seed(0))


def _measured(module: object, request: Request, checked: str) -> Measurement:
    found = measure(_module(module, checked), request)
    crash = found.crash
    if crash is None:
        return found
    if crash.kind == "NotImplementedError" and "missing the required" not in crash.text:
        raise NotImplementedError(crash.text)  # an unanswered stub
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


# ---- state, identity -----------------------------------------------------------------------------


def state_of(module: nn.Module) -> State:
    """What `expect_state_unchanged` compares: weights, statistics, requires_grad, hooks, modes."""
    state: State = {}
    for name, part in module.named_modules(remove_duplicate=False):
        state[f"class of {name or 'the model itself'}"] = type(part).__name__
    for name, parameter in module.named_parameters(remove_duplicate=False):
        state[f"parameter {name}"] = parameter.detach().clone()
        state[f"requires_grad of {name}"] = parameter.requires_grad
    for name, buffer in module.named_buffers(remove_duplicate=False):
        state[f"buffer {name}"] = buffer.detach().clone()
    for name, part in module.named_modules(remove_duplicate=False):
        place = name or "the model itself"
        hooks = (
            *(part._forward_hooks, part._forward_pre_hooks),
            *(part._backward_hooks, part._backward_pre_hooks),
        )
        state[f"hooks on {place}"] = sum(map(len, hooks))
        state[f"mode of {place}"] = "train" if part.training else "eval"
    return state


_STATE_CAUSES = {
    "parameter": "weights of the caller's model were changed",
    "buffer": "running statistics move in every forward in train mode: switch to eval() first",
    "requires_grad": "parameters of the caller's model were frozen or unfrozen",
    "hooks": "a hook was left behind: remove() it, also when forward fails (try ... finally)",
    "mode": "the model was switched between train and eval and not back",
    "class": "a layer of the caller's model was replaced, added or removed",
}


def expect_state_unchanged(
    before: State, module: nn.Module, *, checked: str, modes: bool = False
) -> None:
    """The module is as `state_of` saw it; train/eval modes count only with `modes=True`."""
    after = state_of(module)
    for name in [*before, *(name for name in after if name not in before)]:
        kind = name.split(" ")[0]
        if kind == "mode" and not modes:
            continue
        if name in before and name in after and same(before[name], after[name]):
            continue
        what = "is gone" if name not in after else "is new" if name not in before else "changed"
        raise CheckFailed(checked, got=f"{name} {what}", cause=_STATE_CAUSES[kind])


def expect_groups(
    groups: object,
    expected: Sequence[Sequence[nn.Parameter]],
    checked: str,
    *,
    model: nn.Module | None = None,
) -> None:
    """Parameter groups by identity: as many, each with the same parameters in any order.

    Any sequence of sequences will do, if it can be read twice. `model` gives the names.
    """
    expect_answered(groups, checked)
    names = {id(p): name for name, p in model.named_parameters()} if model is not None else {}
    first, second = _read(groups, checked), _read(groups, checked)
    if [len(g) for g in first] != [len(g) for g in second]:
        raise CheckFailed(
            checked,
            got="groups that are empty when read a second time",
            cause="a generator can be read once only: put list(...) around it",
        )
    expect_equal(len(first), len(expected), f"{checked}: the number of groups")
    places: dict[int, int] = {}
    for number, group in enumerate(first):
        for p in group:
            name = names.get(id(p), "a parameter")
            if not issubclass(type(p), nn.Parameter):
                raise CheckFailed(
                    checked,
                    got=f"{kind_of(p)} in group {number}",
                    expected="parameters",
                    cause="parameters() yields parameters, named_parameters() pairs with names, "
                    "children() layers",
                )
            if id(p) in places:
                where = f"groups {places[id(p)]} and {number}"
                raise CheckFailed(
                    checked, got=f"{name} in {where}", cause="a parameter belongs to one group only"
                )
            places[id(p)] = number
    wanted_places = {id(p): number for number, group in enumerate(expected) for p in group}
    for key, number in wanted_places.items():
        if places.get(key) != number:
            name = names.get(key, "a parameter")
            place = f"in group {places[key]}" if key in places else "in no group"
            raise CheckFailed(
                checked,
                got=f"{name} {place}",
                expected=f"in group {number}",
                cause="the line between two groups is drawn elsewhere"
                if key in places
                else "parameters are missing, or copies of them were made",
            )
    if len(places) != len(wanted_places):
        raise CheckFailed(checked, got="parameters that are not the model's", cause="copies?")


def _read(groups: object, checked: str) -> list[list[Any]]:
    try:
        return [list(group) for group in groups]  # type: ignore[attr-defined]
    except TypeError:
        raise CheckFailed(
            checked, got=describe(groups), expected="a sequence of sequences of parameters"
        ) from None


def expect_separate(modules: Sequence[nn.Module], checked: str) -> None:
    """That every module has parameters and that no two modules share one."""
    owner: dict[int, int] = {}
    for number, module in enumerate(modules):
        parameters = list(_module(module, checked).parameters())
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
