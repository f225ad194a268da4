"""Which classes and functions the two processes may speak of by name, and how they are found.

Reading a name never imports or calls anything here: a class that may be rebuilt from data is one of
a library that is already loaded, or of a setup cell, and says itself that this is its name.
"""

from __future__ import annotations

import functools
import sys
import types
from collections.abc import Iterable, Mapping
from dataclasses import is_dataclass
from typing import Any

from headcheck.lesson.torch_here import nn, torch

_REBUILT_FROM = (
    "torch.nn.modules.",
    "fastai.layers",
    "fastai.vision.learner",
    "fastai.vision.models.xresnet",
    "torchvision.models.",
    "torchvision.ops.",
)
# Whose functions and classes may be spoken of by name. (The process that others are forked from
# puts the course's own libraries here.)
LIBRARIES = {"torch", "torchvision", "fastai", "fastcore", "timm", "builtins", "numpy"}


def speak_of(libraries: Iterable[str]) -> None:
    """From now on the libraries are these, Python's own names, and what comes with them."""
    roots = {name.partition(".")[0] for name in libraries} | {"builtins", "numpy"}
    LIBRARIES.clear()
    LIBRARIES.update(roots, {"fastcore", "timm"} if "torch" in sys.modules else ())


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
    """Whether the checker may hold a function that the student's process named."""
    if module == "__main__":
        return True
    if isinstance(found, type):
        return issubclass(found, nn.Module) and rebuildable_class(path_of(found), {}) is found
    if module in ("torch.nn.functional", "torch.nn.init"):
        return callable(found)
    return module == "torch" and hasattr(torch._C._VariableFunctions, name) and "file" not in name


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
