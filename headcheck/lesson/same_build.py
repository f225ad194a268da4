"""Are two modules built the same? Then they are the same function, and nothing has to run.

Both are read as a list of steps: exact library classes, their settings, the tensors they hold and
which of these are one. Nested Sequentials are opened; Identity and Dropout(0) are nothing.

A yes is certain. A no only says that nothing is known yet: a right module may be built in another
style, and `same_function` then compares what both compute.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

_STATE = frozenset(vars(nn.Module()))  # what every module has
_BATCH_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)
_HOOKS = sorted(name for name in _STATE if name.endswith("_hooks"))

Step = tuple[Any, ...]


class _Unclear(Exception):
    """Something whose effect on the function cannot be read off."""


def built_the_same(module: nn.Module, reference: nn.Module) -> bool:
    """Whether both are certainly the same function, given the same weights.

    The same classes with the same settings in the same order, every tensor of the same form, equally
    trainable, and shared with another step in one exactly where it is in the other. Values of
    parameters and of BatchNorm's statistics are not looked at, nor train and eval mode.
    """
    try:
        return _settled(_Reader().steps(module)) == _settled(_Reader().steps(reference))
    except _Unclear:
        return False


def _settled(steps: list[Step]) -> list[Step]:
    """ReLUs in place as ordinary ones, where they write into numbers that nobody else reads.

    (The gradients of these layers need what went in, not what came out.)
    """
    settled = steps[:1]
    for before, step in pairwise(steps):
        if step[0] is nn.ReLU and before[0] in (nn.Linear, nn.Conv2d, *_BATCH_NORMS):
            step = (nn.ReLU, {"inplace": False}, *step[2:])
        settled.append(step)
    return settled


class _Reader:
    """Reads one module. Tensors are numbered in the order in which they are met."""

    def __init__(self) -> None:
        self._numbers: dict[object, int] = {}
        self._inside: set[int] = set()  # modules being read: one that contains itself never ends

    def steps(self, module: nn.Module | None) -> list[Step]:
        """The steps of a module, in the order in which they run."""
        if module is None or id(module) in self._inside:
            raise _Unclear
        if any(vars(module)[hooks] for hooks in _HOOKS):
            raise _Unclear
        self._inside.add(id(module))
        try:
            return list(self._read(module))
        finally:
            self._inside.discard(id(module))

    def _read(self, module: nn.Module) -> Iterator[Step]:
        cls, state = type(module), vars(module)
        settings = {name: value for name, value in state.items() if name not in _STATE}
        name = _library_name(cls)
        tensors, parts = state["_parameters"] | state["_buffers"], state["_modules"]
        if name == "Sequential" and not (tensors or settings):
            for part in parts.values():
                yield from self.steps(part)
        elif name in ("Identity", "Dropout") and not (tensors or parts or settings.get("p")):
            return
        elif name == "Flatten" and not (tensors or parts) and _flattens_images(settings):
            yield (name,)
        elif name == "SigmoidRange" and not (tensors or parts):
            yield name, _plain(settings.get("low")), _plain(settings.get("high"))
        elif name == "ConcatPool" and not tensors and parts.keys() == {"mp", "ap"}:
            yield name, self.steps(parts["mp"]), self.steps(parts["ap"])
        else:
            if state["_buffers"] and cls not in _BATCH_NORMS:
                raise _Unclear  # a constant: its values would matter
            inner = {part: self.steps(parts[part]) for part in parts}
            held = {tensor: self._tensor(tensors[tensor]) for tensor in tensors}
            yield cls, {key: _plain(value) for key, value in settings.items()}, inner, held

    def _tensor(self, tensor: Tensor | None) -> Step | None:
        if tensor is None:
            return None
        if type(tensor) not in (nn.Parameter, Tensor) or tensor.is_meta:
            raise _Unclear
        if tensor.layout is not torch.strided:
            raise _Unclear
        # By memory, not by object: two tensors may be views of the same numbers.
        place = tensor.untyped_storage().data_ptr() if tensor.numel() else id(tensor)
        number = self._numbers.setdefault(place, len(self._numbers))
        kind = type(tensor), tensor.dtype, tensor.device.type, tensor.requires_grad
        return number, tuple(tensor.shape), tensor.stride(), kind


def _library_name(cls: type) -> str | None:
    """What the class is called here, if it is one of those that need not stand for themselves.

    By identity: a class of the student's may say any name. Nothing is imported for it.
    """
    if cls in _NAMES:
        return _NAMES[cls]
    for where, names in _NAMES_ELSEWHERE.items():
        module = sys.modules.get(where)
        for theirs, name in names.items():
            if module is not None and vars(module).get(theirs) is cls:
                return name
    return None


_NAMES = {
    nn.Sequential: "Sequential",
    nn.Identity: "Identity",
    nn.Dropout: "Dropout",
    nn.Flatten: "Flatten",
}
_NAMES_ELSEWHERE = {
    "headcheck.heads.head_spec": {"ConcatPool": "ConcatPool", "SigmoidRange": "SigmoidRange"},
    "fastai.layers": {
        "LinBnDrop": "Sequential",  # a Sequential that its constructor fills
        "Flatten": "Flatten",
        "AdaptiveConcatPool2d": "ConcatPool",
        "SigmoidRange": "SigmoidRange",
    },
}


def _flattens_images(settings: dict[str, Any]) -> bool:
    return settings in ({"start_dim": 1, "end_dim": -1}, {"full": False})


def _plain(value: object) -> object:
    if type(value) is tuple:
        return tuple(map(_plain, value))
    if type(value) not in (bool, int, float, str, type(None)):
        raise _Unclear
    return value
