"""The student's side of the line: it believes what it hears, and says all it can see.

In hostile company, like everything in this room: no verdict relies on it.
"""

from __future__ import annotations

import enum
import functools
import importlib
import sys
import types
from collections import namedtuple
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from itertools import takewhile
from math import isfinite
from typing import Any

import numpy as np

from headcheck.inside.line.kinds import DATA, data_class
from headcheck.inside.line.limits import MAX_MODULES, MAX_TENSORS, WireError
from headcheck.inside.line.modules import (
    HOOKS,
    TABLES,
    ModuleEntry,
    attributes_of,
    encode_attribute,
    tell_parts,
)
from headcheck.inside.line.names import (
    LIBRARIES,
    can_go_back,
    harmless,
    is_shared_class,
    library_base,
    look_up,
    path_of,
    rebuildable_class,
)
from headcheck.inside.line.protocols import OPERATIONS, operations_of
from headcheck.inside.line.shared import TOO_LARGE, Mirror, Outgoing
from headcheck.inside.line.tensors import TensorEntry, plain_enough
from headcheck.inside.line.values import LARGEST_NUMBER, has_inert
from headcheck.lesson.canonical import (
    HOOK_LEFT,
    METHOD_LEFT,
    every_module,
    hooked_everywhere,
    odd_tensor,
    oddity,
    replaced_everywhere,
    sharing,
    tensors_of,
)
from headcheck.lesson.torch_here import Tensor, nn, torch


class StudentsMirror(Mirror):
    """Keeps what it has told until the checker lets go of it, and takes what it is told."""

    first = 1
    # For all modules, when the last cell had run: what is there since is an answer's, called by a check.
    hooks_before = 0
    replaced_before: frozenset[tuple[int, int]] = frozenset()

    def describe(self, module: nn.Module, out: Outgoing) -> dict[str, Any]:
        if id(module) not in out.looked:
            _look(self, module, out)
        said, odd = _parts(self, module, out)
        cls = type(module)
        base, base_path = library_base(cls)  # type: ignore[arg-type]
        path = base_path if cls is base else path_of(cls)
        children = said["children"].values()
        foreign = not (cls is base or rebuildable_class(path, self.own_names) is cls)
        black = foreign or odd is not None or any(_said(self, c, "black") for c in children)
        odd = odd or next((o for c in children if (o := _said(self, c, "odd"))), None)
        entry: dict[str, Any] = {"training": bool(module.training)}
        entry |= {what: found for what, found in said.items() if found}
        entry |= {"cls": path, "base": base_path, "black": black}
        if odd is not None:
            entry["odd"] = odd[:300]
        if black and (methods := _methods(cls, base)):
            entry["methods"] = methods
        return entry

    def tell_callable(self, value: Any) -> dict[str, Any]:
        return self.handle(value) if self.is_a_function(value) else self.tell_other(value)

    def is_a_function(self, value: Any) -> bool:
        """Whether it is a function or class: what there is to do with it is to call it."""
        return isinstance(value, type) or type(value) in _FUNCTIONS

    def tell_raised(self, cls: type[BaseException]) -> dict[str, Any]:
        """Which classes an exception is of, for `wire.Raised`."""
        mine = [c for c in cls.__mro__[:-1] if not _of_a_library(c)]
        mine = [c for c in mine if self.own_names.get(c.__name__) is not c]
        path = [path_of(c)[:200] for c in cls.__mro__[:-1] if c not in mine]
        return {"above": [self._key(c) for c in mine[:100]], "path": path[:100]}

    def handle(self, value: Any) -> dict[str, Any]:
        """A callable of this side that the other side may call."""
        if isinstance(value, type):
            return self._tell_class(value)
        name = getattr(value, "__name__", None) or type(value).__name__
        return {"t": "function", "v": self._key(value), "name": str(name)[:200]} | _doc(value)

    def tell_other(self, value: Any) -> dict[str, Any]:
        if isinstance(value, Tensor):
            return {"t": "inert", "v": f"{_adjective(value)}{type(value).__name__}"[:200]}
        if isinstance(value, _CONTAINERS_OF_VALUES) and not isinstance(value, enum.Enum):
            return self.tell_too_large(value)
        if isinstance(value, types.GeneratorType | types.CoroutineType):
            kind = "generator" if isinstance(value, types.GeneratorType) else "coroutine"
            return {"t": kind, "v": self._key(value), "name": value.__name__[:200]}
        node: dict[str, Any] = {"t": "object", "v": self._key(value)}
        node["cls"] = self._tell_class(type(value))
        if isinstance(value, enum.Enum) and isinstance(value, int | float | str):
            node["value"] = value._value_
        return node

    def adds_to_data(self, value: Any) -> bool:
        cls = type(value)
        mine = [c for c in own_part(cls) if not _of_a_library(c)]
        if not mine or is_shared_class(cls, self.own_names):
            return False
        return any(added(c) for c in mine) or bool(getattr(value, "__dict__", None))

    def tell_data(self, value: Any, plain: Any) -> dict[str, Any]:
        cls = type(value)
        node = {"t": "data", "v": self._key(value), "cls": self._tell_class(cls), "value": plain}
        return node | {"over": overridden(cls)[:200]}

    def tell_too_large(self, value: Any) -> dict[str, Any]:
        return {"t": "inert", "v": f"{TOO_LARGE}{type(value).__name__}"[:200]}

    def may_name(self, value: Any) -> bool:
        module, _, name = path_of(value).partition(":")
        return harmless(value, module, name) and can_go_back(value, self.own_names)

    def _key(self, value: Any) -> int:
        key = self.key_of(value)
        return self.add(value) if key is None else key

    def _tell_class(self, cls: type) -> dict[str, Any]:
        told: dict[str, Any] = {"t": "class", "v": self._key(cls), "name": cls.__name__[:200]}
        above = cls.__mro__[:-1]
        told["does"] = operations_of(cls)
        told["above"] = [self._key(each) for each in above[1:100] if not _of_a_library(each)]
        told["is_a"] = [path_of(each)[:200] for each in above[:100]]
        if is_dataclass(cls):
            told["fields"] = [field.name[:200] for field in fields(cls)][:1000]
            params = vars(cls).get("__dataclass_params__")
            told["by_fields"] = bool(params and params.eq and _is_generated(cls))
        told["hashes"] = getattr(cls, "__hash__", None) is not None
        told["raises"] = issubclass(cls, BaseException)
        return told | _doc(cls)

    def hold(self, thing: Any, key: int) -> Callable[[], Any]:
        return lambda: thing

    def may_take(self, key: int) -> bool:
        return True

    def may_learn(self, entry: TensorEntry) -> bool:
        return True

    def class_of(self, path: str) -> Any:
        module, _, name = path.partition(":")
        known = rebuildable_class(path, self.own_names)
        return look_up(module, name, own=self.own_names) if known is None else known

    def may_set(self, cls: type, name: str) -> bool:
        return True

    def whole(self, entry: ModuleEntry) -> bool:
        return entry.odd is None  # of an odd one, what the checker does not know of stays as it is

    def set_hooks(self, hooks: dict[int, Any], count: int) -> None:
        if count < len(hooks):
            hooks.clear()

    def dtype(self, name: str) -> torch.dtype:
        return getattr(torch, name)

    def named(self, path: str) -> Any:
        module, _, name = path.partition(":")
        if module.partition(".")[0] in LIBRARIES:
            importlib.import_module(module)
        found = look_up(module, name, own=self.own_names)
        if found is None:
            raise WireError(f"no {path}")
        return found


# ---- classes that add something to data ----------------------------------------------------------


def own_part(cls: type) -> list[type]:
    """The classes of its line before Python's own class of data."""
    return list(takewhile(lambda c: c not in DATA, cls.__mro__))


def added(cls: type) -> list[str]:
    """What the body of a class adds, and `class` itself or namedtuple does not."""
    return [
        name
        for name, value in vars(cls).items()
        if name not in _OF_EVERY_CLASS and not _is_of_a_named_tuple(name, value)
    ]


def overridden(cls: type) -> list[str]:
    """What it does in its own way of what Python's own class of data does, and the operations."""
    base = data_class(cls)
    names = {name for c in own_part(cls) for name in added(c)}
    if "__missing__" in names:
        names.add("__getitem__")
    usual = {name for name in names if name[:2] != "__" and hasattr(base, name)}
    return sorted(name[:200] for name in usual | (names & OPERATIONS.keys()))


_OF_EVERY_CLASS = {*vars(types.new_class("_")), *vars(types.new_class("_", (str,)))}
_OF_EVERY_CLASS |= {"__new__", "__init__", "__annotations__", "__annotate__", "__annotate_func__"}
_OF_EVERY_CLASS |= {"__qualname__", "__slots__", "__orig_bases__", "__parameters__", "__hash__"}
_OF_EVERY_CLASS |= {"__firstlineno__", "__static_attributes__", "__classcell__"}
_OF_NAMED_TUPLES = frozenset(vars(namedtuple("_", "")))


def _is_of_a_named_tuple(name: str, value: Any) -> bool:
    if type(value).__name__ == "_tuplegetter":
        return True
    return name in _OF_NAMED_TUPLES and getattr(value, "__module__", "") in ("", "collections")


_FUNCTIONS = {
    *(types.FunctionType, types.MethodType, types.BuiltinFunctionType, types.MethodWrapperType),
    *(types.WrapperDescriptorType, types.MethodDescriptorType, types.ClassMethodDescriptorType),
    *(functools.partial, functools._lru_cache_wrapper, np.ufunc),
}
_CONTAINERS_OF_VALUES = (str, bytes, list, tuple, dict, set, frozenset, range, int)


def _doc(value: Any) -> dict[str, Any]:
    text = getattr(value, "__doc__", None)
    return {"doc": text[:4000].encode("utf-8", "replace").decode()} if type(text) is str else {}


def _of_a_library(cls: type) -> bool:
    root = cls.__module__.partition(".")[0]
    return root in sys.stdlib_module_names or root in LIBRARIES


def _is_generated(cls: type) -> bool:
    """Whether a dataclass compares as `@dataclass` wrote it."""
    code = getattr(vars(cls).get("__eq__"), "__code__", None)
    return code is not None and code.co_filename == "<string>"


MAX_LEVELS = 60  # of modules in modules


def _look(mirror: StudentsMirror, module: nn.Module, out: Outgoing) -> None:
    """What can only be seen of a module as a whole: its size, and which tensors share memory."""
    count, out.hooked = 0, hooked_everywhere()
    try:
        for part, depth in every_module(module):
            count += 1 + len(vars(part).get("_parameters") or ())
            count += len(vars(part).get("_buffers") or ())
            if depth > MAX_LEVELS or count + len(out.modules) + len(out.tensors) > MAX_PARTS:
                out.closed[id(module)] = "it has too many parts to look at one by one"
                return
            out.looked.add(id(part))
            sharing(tensors_of(part), out.places, out.shared)
    except RecursionError:
        out.closed[id(module)] = "it contains itself"


def _is_lent(mirror: StudentsMirror, module: nn.Module) -> bool:
    """Whether the checker has made it. (What an answer makes is known by its parts all the same.)"""
    key = mirror.key_of(module)
    return key is not None and mirror.is_theirs(key)


def _replaced(mirror: StudentsMirror, out: Outgoing) -> bool:
    """Whether an answer has replaced methods for all. Looked at once for a reply: a thousand methods."""
    if out.replaced is None:
        out.replaced = bool(replaced_everywhere() - mirror.replaced_before)
    return out.replaced


MAX_PARTS = min(MAX_MODULES, MAX_TENSORS) - 96


def _methods(cls: type, base: type) -> list[str]:
    """The public methods that the student's own classes add to the library's."""
    return sorted(
        name
        for c in cls.__mro__[: cls.__mro__.index(base)]
        for name, value in vars(c).items()
        if isinstance(value, types.FunctionType) and not name.startswith("_")
    )[:200]


def _parts(
    mirror: StudentsMirror, module: nn.Module, out: Outgoing
) -> tuple[dict[str, Any], str | None]:
    """What an answer's module is made of, and why that does not say what it does.

    Whatever cannot be told exactly is a reason: then the module has to run where it is.
    """
    state, attributes, lost = vars(module), {}, []
    odd = oddity(module) or out.closed.get(id(module))
    if odd is None and out.hooked:
        odd = HOOK_LEFT if out.hooked > mirror.hooks_before else "a hook for all modules"
    if odd is None and _is_lent(mirror, module) and _replaced(mirror, out):
        odd = METHOD_LEFT
    for name, value in attributes_of(module):
        node = _LOST
        if type(name) is str and len(name) <= 200:
            node = value if _is_plain(value, out) else _told_exactly(mirror, value, out)
        if node is not _LOST:
            attributes[name] = node
            continue
        lost.append(str(name)[:200])
        odd = odd or "an attribute that is no plain data"
    parts: dict[str, dict[str, Any]] = {table: {} for table, *_ in TABLES}
    if id(module) not in out.closed:
        for table, found in parts.items():
            for name, thing in dict(state.get(table) or {}).items():
                if _told_in_parts(table, name, thing):
                    found[name] = thing
                else:
                    lost.append(str(name)[:200])
                    odd = odd or "a part that cannot be told as numbers"
    if odd is None and out.shared and any(id(t) in out.shared for t in tensors_of(module)):
        odd = "weights that share their memory with others"
    transient = state.get("_non_persistent_buffers_set") or ()
    said = tell_parts(
        mirror,
        out,
        attributes=attributes,
        lost=lost,
        tables=parts,
        transient=(name for name in transient if type(name) is str and len(name) <= 200),
        hooks={kind: min(len(hooks), 64) for kind in HOOKS if (hooks := state.get(kind))},
    )
    return said, odd


def _told_in_parts(table: str, name: Any, thing: Any) -> bool:
    if type(name) is not str or not 0 < len(name) <= 200 or "." in name:
        return False
    if thing is None or table == "_modules":
        return thing is None or isinstance(thing, nn.Module)
    return isinstance(thing, _KINDS[table]) and plain_enough(thing)


_KINDS = {table: kind for table, _, kind in TABLES}


def _is_plain(value: Any, out: Outgoing) -> bool:
    """Whether a value is its own node: most attributes of layers are, and need no closer look."""
    out.nodes += 1
    kind = type(value)
    if kind is int:
        return -LARGEST_NUMBER < value < LARGEST_NUMBER
    return kind is bool or value is None or (kind is float and isfinite(value))


_LOST = object()


def _told_exactly(mirror: Mirror, value: Any, out: Outgoing) -> Any:
    """The node of a value that arrives as what it is, or `_LOST`."""
    node = encode_attribute(mirror, value, out) if _exact(value) else _LOST
    return _LOST if node is _LOST or has_inert(node) else node


_EXACT = {bool, int, float, str, bytes, type(None), type(...), torch.Size, torch.dtype}
_EXACT |= {torch.device, slice, range, np.ndarray, type}
_CONTAINERS = {list, tuple, set, frozenset}


def _exact(value: Any, depth: int = 0) -> bool:
    """Whether a value arrives as what it is: classes derived from Python's do not."""
    kind = type(value)
    if kind in _EXACT or isinstance(value, nn.Module):
        return True
    if depth > 6:
        return False
    if kind in _CONTAINERS:
        return len(value) <= MAX_ITEMS and all(_exact(item, depth + 1) for item in value)
    if kind is dict:
        items = (*value, *value.values())
        return len(value) <= MAX_ITEMS and all(_exact(item, depth + 1) for item in items)
    if isinstance(value, Tensor):
        return odd_tensor(value) is None
    return isinstance(value, np.generic) or callable(value)


MAX_ITEMS = 10_000  # in a container that is an attribute of a module


def _adjective(value: Tensor) -> str:
    kinds = {"nested": value.is_nested, "quantized": value.is_quantized}
    kinds["sparse"] = value.layout is not torch.strided
    return next((f"{kind} " for kind, is_it in kinds.items() if is_it), "unusual ")


def _said(mirror: Mirror, key: int | None, what: str) -> Any:
    said = mirror.known[key].said if key in mirror.known else None
    return said.get(what) if isinstance(said, dict) else getattr(said, what, None)
