"""Which classes and functions the two processes may speak of by name, and how they are found.

Reading a name never imports or calls anything here: a class that may be rebuilt from data is one of
a library that is already loaded, or of a setup cell, and says itself that this is its name.
"""

from __future__ import annotations

import collections
import datetime
import enum
import fractions
import functools
import pathlib
import sys
import types
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import is_dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from headcheck.lesson.torch_here import Tensor, nn, torch

_REBUILT_FROM = (
    "torch.nn.modules.",
    "fastai.layers",
    "fastai.vision.learner",
    "fastai.vision.models.xresnet",
    "torchvision.models.",
    "torchvision.ops.",
)
# Python's own and numpy's, which every course has.
_ALWAYS = {"builtins", "numpy", "collections", "datetime", "decimal", "fractions", "pathlib"}
_ALWAYS |= {"uuid", "dataclasses"}
# Whose functions and classes may be spoken of by name. (The process that others are forked from
# puts the course's own libraries here.)
LIBRARIES = {"torch", "torchvision", "fastai", "fastcore", "timm", *_ALWAYS}


def speak_of(libraries: Iterable[str]) -> None:
    """From now on the libraries are these, Python's own names, and what comes with them."""
    roots = {name.partition(".")[0] for name in libraries} | _ALWAYS
    LIBRARIES.clear()
    LIBRARIES.update(roots, {"fastcore", "timm"} if "torch" in sys.modules else ())


# Classes of values: to make one runs nothing else.
_OF_VALUES: tuple[type, ...] = (
    *(bool, int, float, complex, str, bytes, bytearray, list, tuple, dict, set, frozenset),
    *(range, slice, object, type(None), type(...), Decimal, fractions.Fraction, uuid.UUID),
    *(collections.deque, collections.Counter, collections.OrderedDict, collections.defaultdict),
    *(datetime.date, datetime.datetime, datetime.time, datetime.timedelta, datetime.timezone),
    *(pathlib.PurePath, pathlib.PurePosixPath, pathlib.PureWindowsPath, pathlib.Path),
    *(pathlib.PosixPath, np.ndarray, Tensor, nn.Parameter, torch.Size),
)
# Libraries beside the course's own whose classes a student's class may be said to be one of.
_OF_THINGS = {"torch", "matplotlib", "collections", "contextlib", "abc", "typing", "threading"}


def rebuildable_class(path: str, own: Mapping[str, Any]) -> type[nn.Module] | None:
    """The library or setup-cell module class of this name, if it may be made from data."""
    module, _, name = path.partition(":")
    if not (
        module == "__main__"
        or (module + ".").startswith(_REBUILT_FROM)
        or module == "torch.nn.modules.module"
    ):
        return None
    if module == "torch.nn.modules.lazy":
        return None
    found = look_up(module, name, own=own)
    if not (isinstance(found, type) and issubclass(found, nn.Module)):
        return None
    return found if path_of(found) == path else None


@functools.lru_cache(maxsize=1024)
def library_base(cls: type) -> tuple[type, str]:
    """The first class above (or equal to) this one that a library has, and where.

    A class that only says that it is a library's is none.
    """
    base = next(c for c in cls.__mro__ if rebuildable_class(path_of(c), {}) is c)
    return base, path_of(base)


def path_of(thing: Any) -> str:
    """`module:name`, where the thing says it can be found."""
    name = getattr(thing, "__name__", "?")
    if isinstance(thing, types.BuiltinFunctionType) and getattr(torch, name, None) is thing:
        return f"torch:{name}"  # torch's own functions do not say
    module = getattr(thing, "__module__", None)
    return f"{module}:{getattr(thing, '__qualname__', name)}"[:300]


def look_up(module: str, name: str, own: Mapping[str, Any] | None = None) -> Any:
    if not name or "." in name:
        return None
    if module == "__main__":
        return (own or {}).get(name)
    return getattr(sys.modules.get(module), name, None)


def harmless(found: Any, module: str, name: str) -> bool:
    """Whether the checker may hold a function or class that the student's process named."""
    if module == "__main__":
        return True
    if isinstance(found, type):
        if issubclass(found, nn.Module):
            return rebuildable_class(path_of(found), {}) is found
        return is_of_values(found) or (module + ".").startswith("torch.optim.")
    if module in ("torch.nn.functional", "torch.nn.init"):
        return callable(found)
    return module == "torch" and hasattr(torch._C._VariableFunctions, name) and "file" not in name


def is_of_values(cls: type) -> bool:
    """Whether a class is one of values, of Python's or numpy's own, or an exception."""
    if cls in _OF_VALUES:
        return True
    if issubclass(cls, np.generic):
        return cls.__module__ == "numpy"
    module = cls.__module__.partition(".")[0]
    if not issubclass(cls, Exception) or issubclass(cls, Warning):
        return False
    return module in sys.stdlib_module_names or module in LIBRARIES


def is_shared_class(cls: type, own: Mapping[str, Any]) -> bool:
    """Whether a class is one that a setup cell defines, so that both sides have it."""
    return cls.__module__ == "__main__" and own.get(cls.__name__) is cls


def shared_base(path: str, own: Mapping[str, Any]) -> type | None:
    """The class of this name that an object elsewhere may say it is one of.

    None for classes of values, for exceptions, and for what numpy and torch treat as numbers.
    """
    module, _, name = path.partition(":")
    root = module.partition(".")[0]
    if root not in {"__main__", *LIBRARIES, *_OF_THINGS} - {"builtins"}:
        return None
    found = look_up(module, name, own=own)
    if not isinstance(found, type) or path_of(found) != path:
        return None
    if issubclass(found, (*_VALUES_ABOVE, BaseException, type, enum.Enum)):
        return None
    if any(hasattr(found, name) for name in _READ_AS_NUMBERS):
        return None
    return found


def exception_class(path: str, own: Mapping[str, Any]) -> type[Exception] | None:
    """The class of this name of a setup cell, of Python's or a library's own exceptions."""
    module, _, name = path.partition(":")
    found = look_up(module, name, own=own)
    if not (isinstance(found, type) and issubclass(found, Exception)) or path_of(found) != path:
        return None
    return found if module == "__main__" or is_of_values(found) else None


_VALUES_ABOVE = tuple(c for c in _OF_VALUES if c is not object)
_READ_AS_NUMBERS = ("__array__", "__array_ufunc__", "__torch_function__", "__fspath__")


def can_go_back(found: Any, own: Mapping[str, Any]) -> bool:
    """Whether what a name stands for has a name that the checker could send again.

    One that has none would look like a fault of the lesson when it is sent.
    """
    module, _, name = path_of(found).partition(":")
    if module == "__main__":
        return callable(found) and own.get(name) is found
    known = module.partition(".")[0] in LIBRARIES and look_up(module, name) is found
    return callable(found) and known


def is_our_record(cls: type) -> bool:
    return cls.__module__ == "headcheck.lesson.measure" and is_dataclass(cls)
