"""Writing: values, tensors and modules as the plain data of a frame.

What both sides know already (see `mirror`) is not said again. Nothing is called on the way but
Python's own reading of attributes.
"""

from __future__ import annotations

import functools
import types
from collections.abc import Callable, ItemsView, KeysView, ValuesView
from dataclasses import dataclass, field, fields, is_dataclass
from math import isfinite
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from headcheck.inside.line import wire
from headcheck.inside.line.names import (
    LIBRARIES,
    is_our_record,
    library_base,
    look_up,
    path_of,
    rebuildable_class,
)
from headcheck.inside.line.shared import HOOKS, CannotCross, Inert, LeftOverHook, Mirror
from headcheck.lesson.canonical import (
    MODULE_STATE,
    every_module,
    hooked_everywhere,
    odd_tensor,
    oddity,
    sharing,
    tensors_of,
)

TOO_LARGE = 10**4000  # Python will not write such a number down


@dataclass
class Outgoing:
    """The tables of a frame while it is being written."""

    tensors: list[dict[str, Any]] = field(default_factory=list)
    data: dict[int, Tensor] = field(default_factory=dict)
    modules: list[dict[str, Any]] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)
    containers: list[Any] | None = None  # the mutable containers, when changes shall be told
    nodes: int = 0
    # What a look at whole modules found, before they are described one by one:
    looked: set[int] = field(default_factory=set)
    places: dict[int, int] = field(default_factory=dict)  # where numbers are kept -> whose
    shared: set[int] = field(default_factory=set)  # ids of tensors that share their memory
    closed: dict[int, str] = field(default_factory=dict)  # modules too large to be told in parts
    hooked: bool = False  # hooks run for every module

    def number(self, value: Any) -> dict[str, int]:
        if self.containers is None:
            return {}
        self.containers.append(value)
        return {"n": len(self.containers) - 1}

    def check(self) -> None:
        """Raises `wire.WireError` when the other side would refuse these tables."""
        if len(self.tensors) > wire.MAX_TENSORS or len(self.modules) > wire.MAX_MODULES:
            raise wire.WireError("too many parts to send")

    def tables(self) -> dict[str, Any]:
        return {"tensors": self.tensors, "modules": self.modules}


def encode(
    mirror: Mirror, value: Any, out: Outgoing, *, share: bool = False, depth: int = 0
) -> Any:
    """`value` as a node of the wire; objects it holds go to the tables of `out`.

    `share`: both sides keep its plain tensors too, so that a change can be told.
    """
    out.nodes += 1
    if depth > wire.MAX_DEPTH or out.nodes > wire.MAX_NODES:
        return _inert(mirror, value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value) if abs(int(value)) < TOO_LARGE else _inert(mirror, value)
    if isinstance(value, float) and not isinstance(value, np.generic):
        return _float(float(value))
    if isinstance(value, str):
        if len(value) > wire.MAX_TEXT:
            return _inert(mirror, value)
        return str(value).encode("utf-8", "replace").decode()
    if isinstance(value, Tensor):
        return _encode_tensor(mirror, value, out, "tensor", share)
    if isinstance(value, nn.Module):
        return {"t": "module", "v": describe(mirror, value, out)}
    again = functools.partial(encode, mirror, out=out, share=share, depth=depth + 1)
    if value is Ellipsis:
        return {"t": "odd", "v": "ellipsis"}
    if isinstance(value, np.ndarray | np.generic):
        return _encode_array(mirror, value, out)
    if isinstance(value, torch.Size):
        return {"t": "size", "v": list(value)}
    if isinstance(value, torch.dtype | torch.device):
        kind = "dtype" if isinstance(value, torch.dtype) else "device"
        return {"t": kind, "v": str(value).removeprefix("torch.")}
    if isinstance(value, bytes) and len(value) <= wire.MAX_TEXT:
        return {"t": "bytes", "v": value.hex()}
    if isinstance(value, slice | range):
        kind = "slice" if isinstance(value, slice) else "range"
        return {"t": kind, "v": [again(v) for v in (value.start, value.stop, value.step)]}
    if isinstance(value, dict):
        number = out.number(value)
        return {"t": "dict", "v": [[again(k), again(v)] for k, v in value.items()]} | number
    sequence = _sequence_kind(value)
    if sequence:
        number = out.number(value) if sequence in ("list", "set") else {}
        return {"t": sequence, "v": [again(v) for v in value]} | number
    if isinstance(value, Inert):
        return {"t": "inert", "v": value.kind}
    if isinstance(value, functools.partial):
        return {
            "t": "partial",
            "call": again(value.func),
            "args": [again(v) for v in value.args],
            "kwargs": {str(k): again(v) for k, v in value.keywords.items()},
        }
    if is_dataclass(value) and is_our_record(type(value)):
        return {
            "t": "record",
            "name": path_of(type(value)),
            "v": {f.name: again(getattr(value, f.name)) for f in fields(value)},
        }
    if callable(value):
        return _encode_callable(mirror, value)
    return _inert(mirror, value)


def _encode_callable(mirror: Mirror, value: Any) -> dict[str, Any]:
    remote = None if mirror.trusting else getattr(type(value), "handle_of", None)
    if remote is not None:
        return remote(value)
    path = path_of(value)
    module, _, name = path.partition(":")
    root = module.partition(".")[0]
    if root in LIBRARIES and look_up(module, name) is value:
        return {"t": "name", "v": path}
    if root == "__main__" and mirror.own_names.get(name) is value:
        return {"t": "name", "v": path}
    if not mirror.trusting:
        raise CannotCross(
            f"{name or value!r} cannot cross to the student's process: define it in a setup cell"
        )
    if not isinstance(value, type | types.FunctionType | types.MethodType):
        return _inert(mirror, value)
    return handle(mirror, value)


def handle(mirror: Mirror, value: Any) -> dict[str, Any]:
    """A callable of this side that the other side may call."""
    key = mirror.key_of(value)
    key = mirror.add(value) if key is None else key
    kind = "class" if isinstance(value, type) else "function"
    name = getattr(value, "__name__", None) or type(value).__name__
    return {"t": kind, "v": key, "name": str(name)[:200]}


def _inert(mirror: Mirror, value: Any) -> dict[str, Any]:
    if not mirror.trusting:
        raise CannotCross(f"a {type(value).__name__} cannot cross to the student's process")
    return {"t": "inert", "v": f"{_adjective(value)}{type(value).__name__}"[:200]}


def _adjective(value: Any) -> str:
    if isinstance(value, Tensor):
        kinds = {"nested": value.is_nested, "quantized": value.is_quantized}
        kinds["sparse"] = value.layout is not torch.strided
        return next((f"{kind} " for kind, is_it in kinds.items() if is_it), "unusual ")
    large = isinstance(value, str | bytes | list | tuple | dict | set | frozenset | range)
    return "very large " if large else ""


def _encode_array(mirror: Mirror, value: Any, out: Outgoing) -> Any:
    try:
        tensor = torch.from_numpy(np.array(value, copy=True, order="C"))
    except TypeError:
        return _inert(mirror, value)
    kind = "array" if isinstance(value, np.ndarray) else "number"
    return _encode_tensor(mirror, tensor, out, kind, share=False)


def _encode_tensor(mirror: Mirror, tensor: Tensor, out: Outgoing, kind: str, share: bool) -> Any:
    if mirror.key_of(tensor) is None:
        if not _plain_enough(tensor):
            return _inert(mirror, tensor)
        if not (share or isinstance(tensor, nn.Parameter)):
            # A plain result is not worth keeping: nothing can be done to it later.
            key = mirror.new_key()
            _write(tensor, key, out, shared=False)
            return {"t": kind, "v": key}
    return {"t": kind, "v": note_tensor(mirror, tensor, out)}


def _write(
    tensor: Tensor, key: int, out: Outgoing, *, data: bool = True, shared: bool = True
) -> None:
    entry: dict[str, Any] = {"key": key}
    if not data:
        entry["data"] = False
    if not shared:
        entry["shared"] = False
    if isinstance(tensor, nn.Parameter):
        entry["parameter"] = True
    if tensor.requires_grad:
        entry["requires_grad"] = True
        if tensor.grad_fn is not None:
            entry["graph"] = True
    if tensor.is_meta:
        entry["meta"] = [str(tensor.dtype).removeprefix("torch."), list(tensor.shape)]
    elif data:
        out.data[key] = tensor
    out.tensors.append(entry)


def note_tensor(mirror: Mirror, tensor: Tensor, out: Outgoing) -> int:
    """Put a shared tensor into the tables of `out` if the other side's copy differs."""
    key = mirror.key_of(tensor)
    if key is None:
        if not _plain_enough(tensor):
            raise CannotCross(f"a tensor of type {tensor.dtype} cannot cross")
        key = mirror.add(tensor)
    if key in out.seen:
        return key
    out.seen.add(key)
    known = mirror.known[key]
    said = {"requires_grad": tensor.requires_grad}
    same_data = known.data is not None and _same(known.data, tensor)
    if known.said == said and same_data:
        return key
    _write(tensor, key, out, data=not same_data)
    known.said = said
    if not same_data:
        known.data = tensor.detach().clone()
    return key


def describe(mirror: Mirror, module: nn.Module, out: Outgoing) -> int:
    """Put a module and everything in it into the tables of `out`, as far as it changed."""
    key = mirror.key_of(module)
    if key is None:
        key = mirror.add(module)
    if key in out.seen:
        return key
    out.seen.add(key)
    if mirror.trusting and id(module) not in out.looked:
        _look(module, out)
    entry = _entry(mirror, module, key, out)
    if mirror.known[key].is_news(entry):
        out.modules.append(entry)
    return key


MAX_LEVELS = 60  # of modules in modules


def _look(module: nn.Module, out: Outgoing) -> None:
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


MAX_PARTS = min(wire.MAX_MODULES, wire.MAX_TENSORS) - 96


def _entry(mirror: Mirror, module: nn.Module, key: int, out: Outgoing) -> dict[str, Any]:
    box = vars(module).get("_black_box")
    if mirror.trusting:
        said, odd = _seen_by_the_student(mirror, module, out)
    else:
        said, odd = _seen_by_the_checker(mirror, module, out), None
    entry: dict[str, Any] = {
        "key": key,
        "training": bool(module.training),
        **{what: found for what, found in said.items() if found},
    }
    if box is not None:
        entry |= {"cls": box.cls, "base": box.base, "black": True, "methods": box.methods}
        return entry | ({"odd": box.odd} if box.odd else {})
    cls = type(module)
    base, base_path = library_base(cls)  # type: ignore[arg-type]
    entry["cls"], entry["base"] = base_path if cls is base else path_of(cls), base_path
    entry["black"] = False
    if mirror.trusting:
        children = said["children"].values()
        foreign = not (cls is base or rebuildable_class(entry["cls"], mirror.own_names) is cls)
        entry["black"] = (
            foreign or odd is not None or any(_said(mirror, c, "black") for c in children)
        )
        odd = odd or next((o for c in children if (o := _said(mirror, c, "odd"))), None)
        if odd is not None:
            entry["odd"] = odd[:300]
        if entry["black"] and (methods := _methods(cls, base)):
            entry["methods"] = methods
    return entry


def _methods(cls: type, base: type) -> list[str]:
    """The public methods that the student's own classes add to the library's."""
    return sorted(
        name
        for c in cls.__mro__[: cls.__mro__.index(base)]
        for name, value in vars(c).items()
        if isinstance(value, types.FunctionType) and not name.startswith("_")
    )[:200]


def _seen_by_the_checker(mirror: Mirror, module: nn.Module, out: Outgoing) -> dict[str, Any]:
    """What a module of ours is made of. Raises `CannotCross` for what is no data (our fault)."""
    state, attributes, lost = vars(module), {}, []
    for name, value in _attributes(module):
        try:
            node = _encode_attribute(mirror, value, out)
        except CannotCross:
            if name.startswith("_"):
                continue
            raise CannotCross(
                f"{type(module).__name__}.{name} cannot cross to the student's process"
            ) from None
        if not _has_inert(node):
            attributes[name] = node
        elif not name.startswith("_"):
            lost.append(name)
    return {
        "attributes": attributes,
        "lost": lost,
        "transient": sorted(state["_non_persistent_buffers_set"]),
        "parameters": _notes(mirror, state["_parameters"], note_tensor, out),
        "buffers": _notes(mirror, state["_buffers"], note_tensor, out),
        "children": _notes(mirror, state["_modules"], describe, out),
        "hooks": {kind: count for kind in HOOKS if (count := _left_over(state[kind]))},
    }


def _seen_by_the_student(
    mirror: Mirror, module: nn.Module, out: Outgoing
) -> tuple[dict[str, Any], str | None]:
    """What an answer's module is made of, and why that does not say what it does.

    Whatever cannot be told exactly is a reason: then the module has to run where it is.
    """
    state, attributes, lost = vars(module), {}, []
    odd = oddity(module) or out.closed.get(id(module))
    if odd is None and out.hooked:
        odd = "a hook for all modules"
    for name, value in _attributes(module):
        node = _LOST
        if type(name) is str and len(name) <= 200:
            node = value if _is_plain(value, out) else _told_exactly(mirror, value, out)
        if node is not _LOST:
            attributes[name] = node
            continue
        lost.append(str(name)[:200])
        odd = odd or "an attribute that is no plain data"
    parts: dict[str, dict[str, Any]] = {
        table: {} for table in ("_parameters", "_buffers", "_modules")
    }
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
    return {
        "attributes": attributes,
        "lost": [name for name in lost if not name.startswith("_")],
        "transient": sorted(name for name in transient if type(name) is str and len(name) <= 200),
        "parameters": _notes(mirror, parts["_parameters"], note_tensor, out),
        "buffers": _notes(mirror, parts["_buffers"], note_tensor, out),
        "children": _notes(mirror, parts["_modules"], describe, out),
        "hooks": {kind: min(len(hooks), 64) for kind in HOOKS if (hooks := state.get(kind))},
    }, odd


def _attributes(module: nn.Module) -> list[tuple[Any, Any]]:
    return [
        (name, value)
        for name, value in list(vars(module).items())
        if name not in MODULE_STATE and name != "_black_box"
    ]


def _told_in_parts(table: str, name: Any, thing: Any) -> bool:
    if type(name) is not str or not 0 < len(name) <= 200 or "." in name:
        return False
    if thing is None or table == "_modules":
        return thing is None or isinstance(thing, nn.Module)
    return isinstance(thing, _KINDS[table]) and _plain_enough(thing)


_KINDS = {"_parameters": nn.Parameter, "_buffers": Tensor}


def _is_plain(value: Any, out: Outgoing) -> bool:
    """Whether a value is its own node: most attributes of layers are, and need no closer look."""
    out.nodes += 1
    kind = type(value)
    if kind is int:
        return -TOO_LARGE < value < TOO_LARGE
    return kind is bool or value is None or (kind is float and isfinite(value))


_LOST = object()


def _told_exactly(mirror: Mirror, value: Any, out: Outgoing) -> Any:
    """The node of a value that arrives as what it is, or `_LOST`."""
    node = _encode_attribute(mirror, value, out) if _exact(value) else _LOST
    return _LOST if node is _LOST or _has_inert(node) else node


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


def _encode_attribute(mirror: Mirror, value: Any, out: Outgoing) -> Any:
    numbering, out.containers = out.containers, None
    try:
        return encode(mirror, value, out, share=True, depth=wire.MAX_DEPTH - 6)
    finally:
        out.containers = numbering


def _said(mirror: Mirror, key: int | None, what: str) -> Any:
    said = mirror.known[key].said if key in mirror.known else None
    return said.get(what) if isinstance(said, dict) else getattr(said, what, None)


def _notes(
    mirror: Mirror,
    table: dict[str, Any],
    note: Callable[[Mirror, Any, Outgoing], int],
    out: Outgoing,
) -> dict[str, int | None]:
    return {name: None if v is None else note(mirror, v, out) for name, v in table.items()}


def _left_over(hooks: dict[int, Any]) -> int:
    return sum(isinstance(hook, LeftOverHook) for hook in hooks.values())


_DTYPES = frozenset(wire.DTYPES.values())


def _plain_enough(tensor: Any) -> bool:
    """Whether the numbers of a tensor can cross."""
    return (
        isinstance(tensor, Tensor)
        and not is_lazy(tensor)
        and not tensor.is_nested
        and tensor.layout is torch.strided
        and tensor.dtype in _DTYPES
        and not tensor.is_quantized
        and (tensor.is_cpu or tensor.is_meta)
    )


def _same(a: Tensor, b: Tensor) -> bool:
    if a.is_meta or b.is_meta:
        return a.is_meta and b.is_meta and a.shape == b.shape and a.dtype == b.dtype
    return a.dtype == b.dtype and a.shape == b.shape and torch.equal(a, b.detach())


def _float(value: float) -> Any:
    if value != value:
        return {"t": "odd", "v": "nan"}
    if value in (float("inf"), float("-inf")):
        return {"t": "odd", "v": "inf" if value > 0 else "-inf"}
    return value


def _sequence_kind(value: Any) -> str | None:
    if isinstance(value, tuple):
        return "tuple"
    if isinstance(value, frozenset):
        return "frozenset"
    if isinstance(value, set):
        return "set"
    if isinstance(value, list | KeysView | ValuesView | ItemsView) or type(value).__name__ == "L":
        return "list"
    return None


def _has_inert(node: Any) -> bool:
    if isinstance(node, dict):
        return node.get("t") in ("inert", "function", "class") or any(
            _has_inert(v) for v in node.values()
        )
    return isinstance(node, list) and any(_has_inert(v) for v in node)
