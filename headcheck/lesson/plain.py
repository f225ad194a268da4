"""What an answer returned, reduced to exact plain data before anything is compared.

An answer may return an int that claims to equal everything, or a Tensor subclass with its own
`==`. So values are read through the base classes (`int.__int__`, `list.__iter__`), never through
methods that the answer could have overridden, and only then compared.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from headcheck.lesson.torch_here import Tensor, nn, torch


def tensor(value: object) -> Tensor | None:
    """The same data as an exact `torch.Tensor` without gradient, or None for anything else."""
    if not issubclass(type(value), Tensor):
        return None
    with torch._C.DisableTorchFunctionSubclass(), torch.no_grad():
        return Tensor.as_subclass(Tensor.detach(value), Tensor)  # type: ignore[arg-type]


def plain(value: object, any_sequence: bool = False) -> Any:
    """`value` as exact None, bool, int, float, str, list, tuple, set, dict or Tensor.

    numpy numbers become Python's. With `any_sequence` every list and fastai `L` becomes a tuple. An
    object of a class that a notebook defines becomes its class and what it holds. Anything else is
    returned as it is: of Python's own values equal ones are equal, all others equal only themselves.
    """
    kind = type(value)
    elsewhere = getattr(kind, "__as_plain__", None)  # it stands for an object of another process
    if elsewhere is not None:
        told = elsewhere(value)
        return Held(*told) if type(told) is tuple else told
    if issubclass(kind, Tensor):
        return tensor(value)
    if issubclass(kind, np.generic) and kind.__module__ == "numpy":
        return value.item()  # type: ignore[attr-defined]
    for base in (int, float, str):
        if kind is not bool and issubclass(kind, base):
            return getattr(base, f"__{base.__name__}__")(value)
    if kind.__name__ == "L" and kind.__module__.startswith("fastcore") and any_sequence:
        return tuple(plain(item, True) for item in value)  # type: ignore[attr-defined]
    if issubclass(kind, set | frozenset):
        bag: Any = set if issubclass(kind, set) else frozenset
        return {plain(item) for item in bag.__iter__(value)}
    if issubclass(kind, list | tuple):
        sequence = list if issubclass(kind, list) else tuple
        items = [plain(item, any_sequence) for item in sequence.__iter__(value)]  # type: ignore
        return tuple(items) if any_sequence or sequence is tuple else items
    if issubclass(kind, dict):
        pairs: Any = dict.items(value)  # type: ignore[arg-type]
        return {plain(k): plain(v, any_sequence) for k, v in pairs}
    if kind.__module__ == "__main__" and not issubclass(kind, _NOT_OPENED):
        return Held(kind, dict(getattr(value, "__dict__", {}) or _slots(value)))
    return value


@dataclass(frozen=True)
class Held:
    """An object as its class and its attributes."""

    kind: type
    values: dict[str, Any]


_NOT_OPENED = (nn.Module, type, BaseException, enum.Enum)


def _slots(value: object) -> dict[str, Any]:
    names = [n for c in type(value).__mro__ for n in getattr(c, "__slots__", ()) if n[:2] != "__"]
    return {name: getattr(value, name) for name in names if hasattr(value, name)}


def same(a: object, b: object, any_sequence: bool = False) -> bool:
    """Equal as plain data: types and values; floats but for rounding, True is not 1."""
    return _same(plain(a, any_sequence), plain(b, any_sequence))


def _same(a: Any, b: Any) -> bool:
    if type(b) is float and type(a) in (int, float):
        return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12) or (math.isnan(a) and math.isnan(b))
    if type(a) is not type(b):
        return False
    if type(b) is Tensor:
        return a.shape == b.shape and a.dtype == b.dtype and torch.equal(a, b)
    if type(b) in (list, tuple):
        return len(a) == len(b) and all(map(_same, a, b))
    if type(b) is dict:
        return a.keys() == b.keys() and all(_same(a[key], b[key]) for key in b)
    if type(b) is Held:
        return a.kind is b.kind and _same(_opened(a), _opened(b))
    if type(b) is np.ndarray:
        return a.dtype == b.dtype and a.shape == b.shape and _same(a.tolist(), b.tolist())
    if (
        type(b) in (bool, int, str, bytes, complex, set, frozenset, range, slice, type(None))
        or type(b).__module__ in _OF_PYTHON
    ):
        return bool(a == b)
    # Modules, functions, classes, dtypes: only the very same one.
    return a is b or (isinstance(b, torch.dtype | torch.device) and a == b)


# Modules whose values are equal when Python says so.
_OF_PYTHON = (
    "decimal",
    "fractions",
    "datetime",
    "uuid",
    "zoneinfo",
    "pathlib",
    "pathlib._local",
    "re",
)


def _opened(held: Held) -> dict[str, Any]:
    return {name: plain(value) for name, value in held.values.items()}


def describe(value: object, limit: int = 300) -> str:
    """A value for a message: plain data as Python writes it, anything else by its type."""
    value = plain(value)
    if type(value) is Tensor:
        shown = f": {value.tolist()}" if value.numel() <= 12 else ""
        text = f"tensor of shape {tuple(value.shape)}, {value.dtype}{shown}"
    elif type(value) in (list, tuple, set, dict):
        text = _describe_items(value)
    elif value is None or type(value) in (bool, int, float, str):
        text = repr(value)
    elif value is ...:
        text = "..."
    elif isinstance(value, type):
        text = f"the class {value.__name__}"
    elif type(value) is Held:
        text = kind_of(value)
    elif type(value) is np.ndarray:
        text = f"array of shape {value.shape}, {value.dtype}"
    elif type(value).__module__ in _OF_PYTHON or type(value) in (complex, bytes):
        text = str(value) if type(value).__module__ in _OF_PYTHON else repr(value)
    else:
        text = kind_of(value)
    return text if len(text) <= limit else text[: limit - 3] + "..."


def _describe_items(value: Any) -> str:
    if type(value) is dict:
        return "{" + ", ".join(f"{describe(k)}: {describe(v)}" for k, v in value.items()) + "}"
    items = ", ".join(describe(item) for item in value)
    if type(value) is tuple:
        return f"({items},)" if len(value) == 1 else f"({items})"
    return f"[{items}]" if type(value) is list else f"{{{items}}}"


def kind_of(value: object) -> str:
    """'an int', 'a list', 'a Linear', 'None': the type of a value, for a sentence."""
    if value is None:
        return "None"
    kind = value.kind if type(value) is Held else type(value)
    if issubclass(kind, type):
        return "a class"
    name = "torch.Tensor" if issubclass(kind, Tensor) else kind.__name__
    if issubclass(kind, nn.Parameter):
        name = "nn.Parameter"
    vowel = name[:1].lower() in "aeio" or name == "ndarray"  # as one says it: an n-d-array
    return f"{'an' if vowel else 'a'} {name}"


def wrong_kind(got: object, expected: object, any_sequence: bool = False) -> str | None:
    """A sentence when the types differ, with the remedy where one is known."""
    a, b = plain(got, any_sequence), plain(expected, any_sequence)
    if type(a) is Held is type(b) and a.kind is b.kind:
        return None
    if (type(a) is type(b) is not Held) or (type(a) is int and type(b) is float):
        return None
    remedy = ""
    if type(b) is int and type(a) is float:
        remedy = ": a count is a whole number, // divides without leaving a float"
    elif type(b) in (int, float) and type(a) is Tensor:
        remedy = ": .item() gives the number in it"
    elif a is None:
        remedy = ": is a return missing?"
    return f"the answer is {kind_of(a)}, it should be {kind_of(b)}{remedy}"


def shape_of(shape: Sequence[int]) -> tuple[int, ...]:
    """A shape as a plain tuple of ints."""
    return tuple(int(n) for n in shape)
