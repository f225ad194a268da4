"""Data of a class of the student's own: a `Stack(list)`, a named tuple with methods.

It is real data here, a list, a text, a number, and equal to what it is equal to, whatever its class
says. What the class adds (methods, properties, attributes) goes to the student's process, and what that
does to the data is done to it here as well. Numbers and texts are computed with here: nothing that
a check measures by is left to a class that may lie (`abs(answer - 5) < 0.1`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from headcheck.inside.checker import objects
from headcheck.inside.checker.objects import Line, RemoteClass
from headcheck.inside.line.kinds import DATA, data_class, is_named_tuple
from headcheck.inside.line.limits import WireError
from headcheck.inside.line.protocols import (
    ARITHMETIC,
    CONVERSIONS,
    ORDER,
    SIGNS,
    SPECIAL_ATTRIBUTES,
)
from headcheck.inside.line.values import Class
from headcheck.inside.line.values import Data as Node

_CONTAINERS = (tuple, list, dict, set, frozenset)
_MUTABLE = (list, dict, set)
_COMPUTED = {*ARITHMETIC, *CONVERSIONS, *ORDER, *SIGNS}
_CHANGING = {"append", "extend", "insert", "pop", "remove", "clear", "sort", "reverse", "update"}
_CHANGING |= {"popitem", "setdefault", "add", "discard", "difference_update"}
_CHANGING |= {"intersection_update", "symmetric_difference_update", "__setitem__", "__delitem__"}
_CHANGING |= {"__iadd__", "__imul__", "__ior__", "__iand__", "__isub__", "__ixor__"}


class Data(metaclass=RemoteClass):
    """What all of it has beside Python's own class of data."""

    __class_told__ = Class.model_construct(t="class", v=-1, name="object")

    def __getattr__(self, name: str) -> Any:
        if name[:2] == "__" and name not in SPECIAL_ATTRIBUTES:
            raise AttributeError(name)
        line = objects.at_of(self).student
        found = objects.attribute(line, self, name, f"'{type(self).__name__}' object")
        if isinstance(self, _MUTABLE) and callable(found) and hasattr(type(found), "__handle__"):
            return lambda *args, **kwargs: _then_told(self, lambda: found(*args, **kwargs))
        return found

    def __setattr__(self, name: str, value: Any) -> None:
        objects.at_of(self).student.ask("set", self, [value], method=name)

    def __delattr__(self, name: str) -> None:
        objects.at_of(self).student.ask("delete", self, method=name)

    def __fill__(self, value: Any) -> None:
        """From now on it is this, where data can change. Raises `WireError` for other data."""
        kind: Any = data_class(type(self))
        if not isinstance(value, kind):
            raise WireError("data that has become something else")
        if isinstance(self, dict):
            dict.clear(self)
            dict.update(self, value)
        elif isinstance(self, list):
            list.__init__(self, value)
        elif isinstance(self, set):
            set.__init__(self, value)

    def __copy__(self) -> Any:
        return objects.ask(self, "__copy__")

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        memo[id(self)] = objects.at_of(self).student.ask("copy", self)
        return memo[id(self)]

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError(f"cannot pickle '{type(self).__name__}' object")

    def __handle__(self) -> dict[str, Any]:
        return {"t": "known", "v": objects.at_of(self).key}


def make(student: Line, cls: type, node: Node, value: Any) -> Any:
    """The data that stands for `node`. Raises `WireError` where its value is none."""
    kind = type(value)
    if kind not in DATA and not is_named_tuple(value):
        raise WireError("data that is none")
    made_of: Any = data_class(kind)
    key = (objects.class_at(cls).key, kind, *node.over)
    own = student.classes_of_data.get(key)
    if own is None:
        own = student.classes_of_data[key] = _class(cls, kind, made_of, node)
    made = made_of.__new__(own) if made_of in _MUTABLE else made_of.__new__(own, value)
    object.__setattr__(made, "__at__", objects.At(student, node.v))
    return made


def _class(cls: type, kind: type, made_of: type, node: Node) -> type:
    operations = objects.operations(node.cls).items()
    computed_here = set() if made_of in _CONTAINERS else _COMPUTED
    over = set(node.over)
    space: dict[str, Any] = {n: do for n, do in operations if n in over - computed_here}
    there = {name for name in over if name[:2] != "__" and hasattr(made_of, name)}
    if made_of in _MUTABLE:
        there |= {name for name in _CHANGING if hasattr(made_of, name)}
    space |= {name: _method(name) for name in there}
    space |= {"__class_at__": objects.class_at(cls), "__class_told__": node.cls}
    space |= {"__module__": "the answer", "__doc__": node.cls.doc}
    return type.__new__(RemoteClass, cls.__name__, (Data, kind), space)


def _method(name: str) -> Callable[..., Any]:
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        line = objects.at_of(self).student
        return _then_told(self, lambda: line.ask("method", self, args, kwargs, method=name))

    return method


def _then_told(self: Any, do: Callable[[], Any]) -> Any:
    """What `do` gives; what it did to the data there is done here, too."""
    try:
        return do()
    finally:
        if isinstance(self, _MUTABLE):
            now = objects.ask(self, "__data__")
            if type(now) is data_class(type(self)):
                Data.__fill__(self, now)  # type: ignore[arg-type]
