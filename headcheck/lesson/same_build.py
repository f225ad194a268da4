"""Are two modules built the same? Then they are the same function, and nothing has to run.

Both are read as a list of steps: exact library classes, their settings, the tensors they hold and
which of these are one. Nested Sequentials are opened; Identity and Dropout(0) are nothing. Only
canonical modules are read (see `canonical`): of all others a description does not say enough.

A yes is certain. A no only says that nothing is known yet: a right module may be built in another
style, and `same_function` then compares what both compute.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from itertools import pairwise
from typing import Any

from torch import Tensor, nn

from headcheck.lesson.canonical import MODULE_STATE, oddity, place

_BATCH_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)

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
    except (_Unclear, RecursionError):
        return False


def _settled(steps: list[Step]) -> list[Step]:
    """ReLUs in place as ordinary ones, where they write into numbers that nobody else reads.

    (The gradients of these layers need what went in, not what came out.)
    """
    settled = steps[:1]
    for before, step in pairwise(steps):
        if step == _IN_PLACE and before[0] in (nn.Linear, nn.Conv2d, *_BATCH_NORMS):
            step = _NOT_IN_PLACE
        settled.append(step)
    return settled


class _Reader:
    """Reads one module. Tensors are numbered in the order in which they are met."""

    def __init__(self) -> None:
        self._numbers: dict[int, int] = {}  # id of a tensor -> its number
        self._places: dict[int, int] = {}  # where numbers are kept -> whose
        self._inside: set[int] = set()  # modules being read: one that contains itself never ends

    def steps(self, module: nn.Module | None) -> list[Step]:
        """The steps of a module that runs by itself, in the order in which they run."""
        return list(self._steps(module))

    def _steps(self, module: nn.Module | None) -> Iterator[Step]:
        with self._entered(module) as one:
            settings, parts = self._settings(one), vars(one)["_modules"]
            holds = bool(vars(one)["_parameters"] or vars(one)["_buffers"])
            name = _library_name(type(one))
            if name == "Sequential" and not (holds or settings):
                for part in parts.values():
                    yield from self._steps(part)
            elif holds or (parts and name != "ConcatPool") or name is None:
                yield self._whole(one, settings)
            elif _does_nothing(name, settings):
                return
            elif name.endswith("Flatten") and _plain(settings) == _FLATTENS_IMAGES[name]:
                yield ("Flatten",)
            elif name == "SigmoidRange" and settings.keys() == {"low", "high"}:
                yield name, *(_number(settings[limit]) for limit in ("low", "high"))
            elif name == "ConcatPool" and parts.keys() == {"mp", "ap"} and _pools_to_one(settings):
                yield name, self._part(parts["mp"]), self._part(parts["ap"])
            else:
                yield self._whole(one, settings)

    def _part(self, module: nn.Module | None) -> Step | None:
        """A part of another module, which may do with it what it likes: nothing is opened."""
        if module is None:
            return None
        with self._entered(module) as one:
            return self._whole(one, self._settings(one))

    @contextmanager
    def _entered(self, module: nn.Module | None) -> Iterator[nn.Module]:
        if module is None or id(module) in self._inside or oddity(module) is not None:
            raise _Unclear
        self._inside.add(id(module))
        try:
            yield module
        finally:
            self._inside.discard(id(module))

    def _settings(self, module: nn.Module) -> dict[str, Any]:
        return {name: value for name, value in vars(module).items() if name not in MODULE_STATE}

    def _whole(self, module: nn.Module, settings: dict[str, Any]) -> Step:
        """A module as it is: its class, settings, parts and tensors, by name and in their order."""
        cls, state = type(module), vars(module)
        if state["_buffers"] and cls not in _BATCH_NORMS:
            raise _Unclear  # a constant: its values would matter
        parts = [(name, self._part(part)) for name, part in state["_modules"].items()]
        tensors = [
            (table, name, self._tensor(tensor))
            for table in ("_parameters", "_buffers")
            for name, tensor in state[table].items()
        ]
        kept = sorted(state["_non_persistent_buffers_set"])
        return cls, _plain(settings), parts, tensors, kept

    def _tensor(self, tensor: Tensor | None) -> Step | None:
        if tensor is None:
            return None
        where = place(tensor)
        if tensor.is_meta or where is None:
            raise _Unclear
        if self._places.setdefault(where, id(tensor)) != id(tensor):
            raise _Unclear  # two tensors over the same memory
        number = self._numbers.setdefault(id(tensor), len(self._numbers))
        kind = tensor.dtype, tensor.device.type, tensor.requires_grad
        return number, tuple(tensor.shape), tensor.stride(), kind


def _library_name(cls: type) -> str | None:
    """What the class is called here, if it is one of those that need not stand for themselves.

    By identity: a class of the student's may say any name. Nothing is imported for it.
    """
    there = tuple(where for where in _NAMES_ELSEWHERE if where in sys.modules)
    found, name = _known_classes(there).get(id(cls), (None, None))
    return name if found is cls else None


@lru_cache(maxsize=8)
def _known_classes(there: tuple[str, ...]) -> dict[int, tuple[type, str]]:
    """id of a class -> the class (so that it stays), and its name."""
    elsewhere = {
        found: name
        for where in there
        for theirs, name in _NAMES_ELSEWHERE[where].items()
        if (found := vars(sys.modules[where]).get(theirs)) is not None
    }
    return {id(cls): (cls, name) for cls, name in (elsewhere | _NAMES).items()}


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
        "Flatten": "fastai's Flatten",
        "AdaptiveConcatPool2d": "ConcatPool",
        "SigmoidRange": "SigmoidRange",
    },
}


def _does_nothing(name: str, settings: dict[str, Any]) -> bool:
    if name != "Dropout":
        return name == "Identity" and not settings
    p, inplace = settings.get("p"), settings.get("inplace")
    return len(settings) == 2 and type(p) in (int, float) and p == 0 and type(inplace) is bool


def _pools_to_one(settings: dict[str, Any]) -> bool:
    return not settings or (settings.keys() == {"size"} and type(settings["size"]) is int)


def _number(value: object) -> float:
    if type(value) not in (int, float) or not math.isfinite(value):  # type: ignore[arg-type]
        raise _Unclear
    return value  # type: ignore[return-value]


def _plain(value: object) -> object:
    """A setting such that only equal ones of equal types are equal: True is not 1."""
    if type(value) is dict:
        return {name: _plain(inner) for name, inner in value.items()}
    if type(value) is tuple:
        return tuple(map(_plain, value))
    if type(value) not in (bool, int, float, str, type(None)):
        raise _Unclear
    return type(value), value


_FLATTENS_IMAGES = {
    "Flatten": _plain({"start_dim": 1, "end_dim": -1}),
    "fastai's Flatten": _plain({"full": False}),
}
_IN_PLACE: Step = (nn.ReLU, _plain({"inplace": True}), [], [], [])
_NOT_IN_PLACE: Step = (nn.ReLU, _plain({"inplace": False}), [], [], [])
