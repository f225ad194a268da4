"""Checks of state and identity: was a model left as it was, and whose parameters are these?"""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from torch import nn

from headcheck.lesson.canonical import LEAVINGS, hooked_everywhere, oddity, replaced_everywhere
from headcheck.lesson.failures import CheckFailed
from headcheck.lesson.plain import describe, kind_of, same
from headcheck.lesson.values import expect_answered, expect_equal

State = dict[str, Any]


def state_of(module: nn.Module) -> State:
    """What `expect_state_unchanged` compares: weights, statistics, settings, requires_grad, hooks, modes,
    which objects its parameters are, and whether a method was replaced on it."""
    state: State = {}
    for name, part in module.named_modules(remove_duplicate=False):
        kind, place = type(part), name or "the model itself"
        state[f"class of {place}"] = f"{kind.__module__}.{kind.__qualname__}"
        if kind.__module__.startswith("torch.nn."):
            state[f"settings of {place}"] = part.extra_repr()
    for name, parameter in module.named_parameters(remove_duplicate=False):
        state[f"parameter {name}"] = parameter.detach().clone()
        state[f"requires_grad of {name}"] = parameter.requires_grad
        state[f"identity of {name}"] = weakref.ref(parameter)
    for name, buffer in module.named_buffers(remove_duplicate=False):
        state[f"buffer {name}"] = buffer.detach().clone()
    for name, part in module.named_modules(remove_duplicate=False):
        place = name or "the model itself"
        hooks = (
            *(part._forward_hooks, part._forward_pre_hooks),
            *(part._backward_hooks, part._backward_pre_hooks),
        )
        state[f"hooks on {place}"] = sum(map(len, hooks))
        state[f"insides of {place}"] = _left_on(part)
        state[f"mode of {place}"] = "train" if part.training else "eval"
    state["hooks for all modules"] = hooked_everywhere()
    state["methods of all layers"] = replaced_everywhere()
    return state


def _left_on(part: nn.Module) -> str | None:
    """What somebody has left on this module, other than hooks of its own.

    A class may define `__oddity__(self)`: it stands for a module that lives elsewhere.
    """
    elsewhere = getattr(type(part), "__oddity__", None)
    reason = oddity(part) if elsewhere is None else elsewhere(part)
    return reason if reason is not None and reason.endswith(LEAVINGS) else None


_STATE_CAUSES = {
    "parameter": "weights of the caller's model were changed",
    "buffer": "running statistics move in every forward in train mode: switch to eval() first",
    "requires_grad": "parameters of the caller's model were frozen or unfrozen",
    "hooks": "a hook was left behind: remove() it, also when forward fails (try ... finally)",
    "methods": "a method was replaced in nn.Module or in a class of layers: put it back, also when forward "
    "fails (try ... finally)",
    "identity": "a parameter was replaced by a new one: an optimiser that knows the old one would go on "
    "training that",
    "insides": "forward or another method was replaced on a layer, or a hook stays behind, on a weight or "
    "for all modules: put everything back, also when forward fails (try ... finally)",
    "mode": "the model was switched between train and eval and not back",
    "settings": "a layer was set to work otherwise, a BatchNorm to gather no statistics for example",
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


def expect_state_names(
    module: nn.Module,
    expected: nn.Module | Iterable[str] | Mapping[str, Sequence[int]],
    checked: str,
    *,
    cause: str | None = None,
    look: str | None = None,
) -> None:
    """The names in a module's state_dict, those of another module or a list, in any order; with shapes
    where `expected` has them. So weights saved for one can be loaded into the other."""
    expect_answered(module, checked)
    if not isinstance(module, nn.Module):
        raise CheckFailed(checked, got=describe(module), expected="a module", look=look)
    if isinstance(expected, nn.Module):
        expected = {name: tuple(t.shape) for name, t in expected.state_dict().items()}
    shapes = dict(expected) if isinstance(expected, Mapping) else dict.fromkeys(expected)
    found = {name: tuple(t.shape) for name, t in module.state_dict().items()}
    for name in [*shapes, *found]:
        if name in shapes and name in found:
            wanted = shapes[name]
            if wanted is None or found[name] == tuple(wanted):
                continue
            got, right = f"{name} of shape {found[name]}", f"shape {tuple(wanted)}"
            why = "a layer of another size"
        elif name in shapes:
            near = [other for other in found if other not in shapes]
            got = f"no {name}" + (f", but {near[0]}" if near else "")
            right = name
            why = "a part under another name, or one more or less around it"
        else:
            got, right = f"{name}, which does not belong there", None
            why = "a layer too many, or one under another name"
        raise CheckFailed(checked, got=got, expected=right, cause=cause or why, look=look)


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
    sets = [[frozenset(map(id, group)) for group in side] for side in (first, expected)]
    line = (
        "the groups are in another order"
        if set(sets[0]) == set(sets[1])
        else "the line between two groups is drawn elsewhere"
    )
    for key, number in wanted_places.items():
        if places.get(key) != number:
            name = names.get(key, "a parameter")
            place = f"in group {places[key]}" if key in places else "in no group"
            raise CheckFailed(
                checked,
                got=f"{name} {place}",
                expected=f"in group {number}",
                cause=line
                if key in places
                else "parameters are missing, or copies of them were made",
            )
    if len(places) != len(wanted_places):
        raise CheckFailed(checked, got="parameters that are not the model's", cause="copies?")


def _read(groups: object, checked: str) -> list[list[Any]]:
    if isinstance(groups, dict):
        raise CheckFailed(
            checked,
            got="a dict",
            expected="a sequence of sequences of parameters",
            cause="a loop over a dict gives its keys: a list of the groups is asked for",
        )
    try:
        return [list(group) for group in groups]  # type: ignore[attr-defined]
    except TypeError:
        raise CheckFailed(
            checked,
            got=describe(groups),
            expected="a sequence of sequences of parameters",
            cause="is a return missing?" if groups is None else None,
        ) from None
