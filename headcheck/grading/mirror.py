"""Objects that exist in both processes: each side's copy, and what has changed since.

A module or tensor that crosses gets a key that both sides know. It is described once; later frames
carry the key alone, or the new description when it changed. So a result that *is* an argument
comes back as that very object, and what a call did to its arguments is done to the caller's copies
too (copy-restore).

Reading a description never runs anything of the other side: modules are made from library classes
by name, without calling their constructors, and get plain data only. What is no library class is
a black box (see `remote`).
"""

from __future__ import annotations

import functools
import importlib
import types
import weakref
from collections.abc import (
    Callable,
    ItemsView,
    Iterable,
    Iterator,
    KeysView,
    Mapping,
    ValuesView,
)
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from headcheck.grading import wire
from headcheck.grading.library import (
    LIBRARIES,
    harmless,
    is_our_record,
    library_base,
    look_up,
    path_of,
    rebuildable_class,
)

T = TypeVar("T")
TOO_LARGE = 10**4000  # Python will not write such a number down
HOOKS = ("_forward_hooks", "_forward_pre_hooks")
_MODULE_STATE = frozenset(vars(nn.Module()))


class CannotCross(TypeError):
    """A check handed something to an answer that has no description as data (our fault)."""


@dataclass
class Inert:
    """What the answer returned was no plain data, tensor or module."""

    kind: str

    def __repr__(self) -> str:
        return f"<a {self.kind}, not plain data>"


class LeftOverHook:
    """Stands for a hook that the other process left on a module. Does nothing."""

    def __call__(self, *args: Any, **kwargs: Any) -> None:
        return None


@dataclass
class Outgoing:
    """The tables of a frame while it is being written."""

    tensors: list[dict[str, Any]] = field(default_factory=list)
    data: dict[int, Tensor] = field(default_factory=dict)
    modules: list[dict[str, Any]] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)
    containers: list[Any] | None = None  # the mutable containers, when changes shall be told

    def number(self, value: Any) -> dict[str, int]:
        if self.containers is None:
            return {}
        self.containers.append(value)
        return {"n": len(self.containers) - 1}

    def tables(self) -> dict[str, Any]:
        return {"tensors": self.tensors, "modules": self.modules}


@dataclass
class Tables:
    """What a frame brought; holds it until somebody else does."""

    tensors: dict[int, Tensor]
    modules: dict[int, nn.Module]


@dataclass
class _Known:
    """One object that both sides hold, as it was when both agreed on it."""

    get: Callable[[], Any]
    said: dict[str, Any] | None = None
    data: Tensor | None = None


class Mirror:
    """The table of shared objects of one side. Keys made here step by two from `first`."""

    def __init__(self, *, first: int, trusting: bool) -> None:
        self._next = first
        self.trusting = trusting  # the student's side takes what it is told
        self._known: dict[int, _Known] = {}
        self._keys: dict[int, int] = {}
        self._dead: list[int] = []
        self.own_names: Mapping[str, Any] = {}
        self.make_handle: Callable[[wire.Handle], Any] | None = None

    # ---- keys ------------------------------------------------------------------------------------

    def key_of(self, thing: object) -> int | None:
        return self._keys.get(id(thing))

    def thing(self, key: int) -> Any:
        known = self._known.get(key)
        found = known.get() if known else None
        if found is None:
            raise wire.WireError(f"no object {key}")
        return found

    def add(self, thing: object, key: int | None = None) -> int:
        if key is None:
            key, self._next = self._next, self._next + 2
        elif key in self._known or (not self.trusting and key % 2 == self._next % 2):
            raise wire.WireError(f"key {key} is taken")
        address = id(thing)
        if self.trusting:
            get: Callable[[], Any] = lambda: thing  # noqa: E731  kept until the checker lets go
        else:
            get = weakref.ref(thing, lambda _: self._forget(key, address))
        self._known[key], self._keys[address] = _Known(get), key
        return key

    def _forget(self, key: int, address: int) -> None:
        if self._keys.get(address) == key:
            del self._keys[address]
        if self._known.pop(key, None):
            self._dead.append(key)

    def released(self) -> list[int]:
        """Keys of objects that are gone on this side since the last call of this method."""
        dead, self._dead = self._dead, []
        return dead

    def release(self, keys: Iterable[int]) -> None:
        for key in keys:
            known = self._known.pop(key, None)
            if known is not None:
                self._keys.pop(id(known.get()), None)

    # ---- writing ---------------------------------------------------------------------------------

    def encode(self, value: Any, out: Outgoing, *, share: bool = False, depth: int = 0) -> Any:
        """`value` as a node of the wire; objects it holds go to the tables of `out`.

        `share`: both sides keep its plain tensors too, so that a change can be told.
        """
        if depth > wire.MAX_DEPTH:
            return self._inert(value)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int):
            return int(value) if abs(int(value)) < TOO_LARGE else self._inert(value)
        if isinstance(value, float) and not isinstance(value, np.generic):
            return _float(float(value))
        if isinstance(value, str):
            if len(value) > wire.MAX_TEXT:
                return self._inert(value)
            return str(value).encode("utf-8", "replace").decode()
        again = functools.partial(self.encode, out=out, share=share, depth=depth + 1)
        if value is Ellipsis:
            return {"t": "odd", "v": "ellipsis"}
        if isinstance(value, Tensor):
            return self._encode_tensor(value, out, "tensor", share)
        if isinstance(value, nn.Module):
            return {"t": "module", "v": self.describe(value, out)}
        if isinstance(value, np.ndarray | np.generic):
            return self._encode_array(value, out)
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
            return self._encode_callable(value)
        return self._inert(value)

    def _encode_callable(self, value: Any) -> dict[str, Any]:
        handle = None if self.trusting else getattr(type(value), "handle_of", None)
        if handle is not None:
            return handle(value)
        path = path_of(value)
        module, _, name = path.partition(":")
        root = module.partition(".")[0]
        if root in LIBRARIES and look_up(module, name) is value:
            return {"t": "name", "v": path}
        if root == "__main__" and self.own_names.get(name) is value:
            return {"t": "name", "v": path}
        if not self.trusting:
            raise CannotCross(
                f"{name or value!r} cannot cross to the student's process: define it in a setup cell"
            )
        if not isinstance(value, type | types.FunctionType | types.MethodType):
            return self._inert(value)
        return self.handle(value)

    def handle(self, value: Any) -> dict[str, Any]:
        """A callable of this side that the other side may call."""
        key = self.key_of(value)
        key = self.add(value) if key is None else key
        kind = "class" if isinstance(value, type) else "function"
        name = getattr(value, "__name__", None) or type(value).__name__
        return {"t": kind, "v": key, "name": str(name)[:200]}

    def _inert(self, value: Any) -> dict[str, Any]:
        if not self.trusting:
            raise CannotCross(f"a {type(value).__name__} cannot cross to the student's process")
        return {"t": "inert", "v": str(type(value).__name__)[:200]}

    def _encode_array(self, value: Any, out: Outgoing) -> Any:
        try:
            tensor = torch.from_numpy(np.array(value, copy=True, order="C"))
        except TypeError:
            return self._inert(value)
        kind = "array" if isinstance(value, np.ndarray) else "number"
        return self._encode_tensor(tensor, out, kind, share=False)

    def _encode_tensor(self, tensor: Tensor, out: Outgoing, kind: str, share: bool) -> Any:
        if self.key_of(tensor) is None:
            if not _plain_enough(tensor):
                return self._inert(tensor)
            if not (share or isinstance(tensor, nn.Parameter)):
                # A plain result is not worth keeping: nothing can be done to it later.
                key, self._next = self._next, self._next + 2
                self._write(tensor, key, out, shared=False)
                return {"t": kind, "v": key}
        return {"t": kind, "v": self.note_tensor(tensor, out)}

    @staticmethod
    def _write(
        tensor: Tensor, key: int, out: Outgoing, *, data: bool = True, shared: bool = True
    ) -> None:
        entry: dict[str, Any] = {"key": key, "data": data, "shared": shared}
        entry["requires_grad"] = tensor.requires_grad
        entry["parameter"] = isinstance(tensor, nn.Parameter)
        entry["graph"] = tensor.requires_grad and tensor.grad_fn is not None
        if tensor.is_meta:
            entry["meta"] = [str(tensor.dtype).removeprefix("torch."), list(tensor.shape)]
        elif data:
            out.data[key] = tensor
        out.tensors.append(entry)

    def note_tensor(self, tensor: Tensor, out: Outgoing) -> int:
        """Put a shared tensor into the tables of `out` if the other side's copy differs."""
        key = self.key_of(tensor)
        if key is None:
            if not _plain_enough(tensor):
                raise CannotCross(f"a tensor of type {tensor.dtype} cannot cross")
            key = self.add(tensor)
        if key in out.seen:
            return key
        out.seen.add(key)
        known = self._known[key]
        said = {"requires_grad": tensor.requires_grad}
        same_data = known.data is not None and _same(known.data, tensor)
        if known.said == said and same_data:
            return key
        self._write(tensor, key, out, data=not same_data)
        known.said = said
        if not same_data:
            known.data = tensor.detach().clone()
        return key

    def describe(self, module: nn.Module, out: Outgoing) -> int:
        """Put a module and everything in it into the tables of `out`, as far as it changed."""
        key = self.key_of(module)
        if key is None:
            key = self.add(module)
        if key in out.seen:
            return key
        out.seen.add(key)
        entry = self._entry(module, key, out)
        known = self._known[key]
        if known.said != entry:
            known.said = entry
            out.modules.append(entry)
        return key

    def _entry(self, module: nn.Module, key: int, out: Outgoing) -> dict[str, Any]:
        state = vars(module)
        cls = type(module)
        attributes, lost = {}, []
        for name, value in state.items():
            if name in _MODULE_STATE or not isinstance(name, str):
                continue
            if name.startswith("__") or name == "_black_box":
                continue
            try:
                node = self._encode_attribute(value, out)
            except CannotCross:
                if name.startswith("_"):
                    continue
                raise CannotCross(
                    f"{cls.__name__}.{name} cannot cross to the student's process"
                ) from None
            if isinstance(node, dict) and _has_inert(node):
                lost.append(name)
            else:
                attributes[name] = node
        entry: dict[str, Any] = {
            "key": key,
            "training": bool(module.training),
            "attributes": attributes,
            "lost": [name for name in lost if not name.startswith("_")],
            "transient": sorted(module._non_persistent_buffers_set),
            "parameters": self._notes(state["_parameters"], self.note_tensor, out),
            "buffers": self._notes(state["_buffers"], self.note_tensor, out),
            "children": self._notes(state["_modules"], self.describe, out),
            "hooks": {kind: self._count_hooks(state[kind]) for kind in HOOKS},
        }
        box = state.get("_black_box")
        if box is not None:
            entry |= {"cls": box.cls, "base": box.base, "black": True, "methods": box.methods}
            return entry
        base, base_path = library_base(cls)  # type: ignore[arg-type]
        entry["cls"], entry["base"] = base_path if cls is base else path_of(cls), base_path
        entry["black"] = self.trusting and (
            bool(entry["lost"])
            or any(entry["hooks"].values())
            or not (cls is base or rebuildable_class(entry["cls"], self.own_names) is cls)
            or any(self._is_black(child) for child in entry["children"].values())
        )
        entry["methods"] = (
            sorted(
                name
                for c in cls.__mro__[: cls.__mro__.index(base)]
                for name, value in vars(c).items()
                if isinstance(value, types.FunctionType) and not name.startswith("_")
            )[:200]
            if entry["black"]
            else []
        )
        return entry

    def _encode_attribute(self, value: Any, out: Outgoing) -> Any:
        numbering, out.containers = out.containers, None
        try:
            return self.encode(value, out, share=True, depth=wire.MAX_DEPTH - 6)
        finally:
            out.containers = numbering

    def _is_black(self, key: int | None) -> bool:
        said = self._known[key].said if key in self._known else None
        return bool(said and said["black"])

    @staticmethod
    def _notes(
        table: dict[str, Any], note: Callable[[Any, Outgoing], int], out: Outgoing
    ) -> dict[str, int | None]:
        return {name: None if v is None else note(v, out) for name, v in table.items()}

    def _count_hooks(self, hooks: dict[int, Any]) -> int:
        if self.trusting:
            return min(len(hooks), 64)
        return sum(isinstance(hook, LeftOverHook) for hook in hooks.values())

    # ---- reading ---------------------------------------------------------------------------------

    def read_tables(
        self,
        frame: wire.Request | wire.Reply,
        data: dict[int, Tensor],
        *,
        box: Callable[[wire.ModuleEntry], nn.Module] | None = None,
        allowed: set[int] | None = None,
    ) -> Tables:
        """Bring this side's copies up to date.

        `allowed`: the keys whose copies the other side may change (None: all).
        """
        tensors = {entry.key: self._read_tensor(entry, data, allowed) for entry in frame.tensors}
        found: dict[int, nn.Module] = {}
        entries: list[wire.ModuleEntry] = []
        for entry in frame.modules:
            known = self._known.get(entry.key)
            if known is None:
                found[entry.key] = self._shell(entry, box)
                self.add(found[entry.key], entry.key)
            elif allowed is None or entry.key in allowed or entry.key % 2 != self._next % 2:
                found[entry.key] = _of_kind(nn.Module, known.get())
            else:
                continue
            entries.append(entry)
        for entry in entries:
            self._fill(entry, found[entry.key], tensors)
        _refuse_cycles(list(found.values()))
        # What this side would say now is what both sides know; only later changes are news.
        scratch = Outgoing(seen=set(self._known))
        for key, module in found.items():
            scratch.seen.discard(key)
            self._known[key].said = None
            self.describe(module, scratch)
        return Tables(tensors, found)

    def _read_tensor(
        self, entry: wire.TensorEntry, data: dict[int, Tensor], allowed: set[int] | None
    ) -> Tensor:
        known = self._known.get(entry.key)
        fresh = _numbers(entry, data)
        if fresh is None and known is None:
            raise wire.WireError("a tensor without its numbers")
        floating = fresh is None or fresh.is_floating_point()
        grad = entry.requires_grad and floating
        if known is None:
            assert fresh is not None
            tensor = fresh.clone() if entry.shared else fresh
            if entry.parameter:
                tensor = nn.Parameter(tensor, requires_grad=grad)
            elif not entry.graph or self.trusting:
                tensor.requires_grad_(grad)
            if entry.shared:
                self.add(tensor, entry.key)
                self._known[entry.key].said = {"requires_grad": tensor.requires_grad}
                self._known[entry.key].data = fresh
            return tensor
        tensor = _of_kind(Tensor, known.get())
        if not (allowed is None or entry.key in allowed or entry.key % 2 != self._next % 2):
            if fresh is None:
                return tensor
            known.data = None  # the other side has other numbers now: tell it again when it matters
            return fresh.clone()
        if fresh is not None:
            if fresh.shape == tensor.shape and fresh.dtype == tensor.dtype and not fresh.is_meta:
                tensor.detach().copy_(fresh)
            else:
                tensor.data = fresh.clone()
            known.data = fresh
        if tensor.is_leaf and tensor.is_floating_point():
            tensor.requires_grad_(grad)
        known.said = {"requires_grad": tensor.requires_grad}
        return tensor

    def _shell(
        self, entry: wire.ModuleEntry, box: Callable[[wire.ModuleEntry], nn.Module] | None
    ) -> nn.Module:
        cls = None if entry.black else rebuildable_class(entry.cls, self.own_names)
        if cls is None and self.trusting:
            module_name, _, name = entry.cls.partition(":")
            cls = look_up(module_name, name, own=self.own_names)
        if cls is None:
            if box is None:
                raise wire.WireError(f"unknown class {entry.cls}")
            return box(entry)
        module = cls.__new__(cls)
        nn.Module.__init__(module)
        return module

    def _fill(self, entry: wire.ModuleEntry, module: nn.Module, tensors: dict[int, Tensor]) -> None:
        state = vars(module)
        cls = type(module)
        for name, node in entry.attributes.items():
            if self.trusting or self._may_set(cls, name):
                state[name] = self.decode(node, tensors)
        for name in [n for n in state if n not in _MODULE_STATE and n != "_black_box"]:
            if name not in entry.attributes and name not in entry.lost and name[0] != "_":
                del state[name]
        module.training = entry.training
        module._non_persistent_buffers_set = set(entry.transient)
        for name in (*entry.parameters, *entry.buffers, *entry.children):
            # As nn.Module itself insists: a child called "forward" would replace the method.
            if not self.trusting and hasattr(cls, name):
                raise wire.WireError(f"{name} is no name for a part of a module")

        def part(key: int | None, kind: type) -> Any:
            if key is None:
                return None
            return _of_kind(kind, tensors[key] if key in tensors else self.thing(key))

        # In place, and only then: an OrderedDict that others hold stays the same object.
        for table, keys, kind in (
            ("_parameters", entry.parameters, nn.Parameter),
            ("_buffers", entry.buffers, Tensor),
            ("_modules", entry.children, nn.Module),
        ):
            parts = {name: part(key, kind) for name, key in keys.items()}
            state[table].clear()
            state[table].update(parts)
        for name, count in entry.hooks.items():
            self._set_hooks(state[name], count)

    def _set_hooks(self, hooks: dict[int, Any], count: int) -> None:
        if self.trusting:
            if count < len(hooks):
                hooks.clear()
            return
        mine = [key for key, hook in hooks.items() if isinstance(hook, LeftOverHook)]
        for key in mine[count:]:
            del hooks[key]
        for number in range(count - len(mine)):
            hooks[-1 - number - len(hooks)] = LeftOverHook()

    @staticmethod
    def _may_set(cls: type, name: str) -> bool:
        if name in _MODULE_STATE or hasattr(nn.Module, name) or name[:2] == "__":
            return False
        if name == "_black_box":
            return False
        there = getattr(cls, name, None)
        return not callable(there) and not hasattr(there, "__get__")

    def decode(
        self, node: Any, tensors: dict[int, Tensor], keep: dict[int, Any] | None = None
    ) -> Any:
        """A node of the wire as a value. `keep` collects the numbered containers."""
        if node is None or isinstance(node, bool | int | float | str):
            return node
        again = functools.partial(self.decode, tensors=tensors, keep=keep)
        match node:
            case wire.Odd():
                return Ellipsis if node.v == "ellipsis" else float(node.v)
            case wire.Items():
                value = self._items(node.t, [again(v) for v in node.v])
            case wire.Pairs():
                value = dict(_hashable_pairs((again(k), again(v)) for k, v in node.v))
            case wire.Named():
                return self._named(node)
            case wire.Partial():
                call = again(node.call)
                if not callable(call):
                    raise wire.WireError("partial of nothing callable")
                kwargs = {k: again(v) for k, v in node.kwargs.items()}
                return functools.partial(call, *[again(v) for v in node.args], **kwargs)
            case wire.Raw():
                return bytes.fromhex(node.v)
            case wire.Reference():
                return self._referenced(node, tensors)
            case wire.Handle():
                return self._handle(node)
            case wire.Record():
                cls = look_up(*node.name.partition(":")[::2])
                if not (isinstance(cls, type) and is_our_record(cls)):
                    raise wire.WireError(f"{node.name} is no record")
                names = {f.name for f in fields(cls)}  # type: ignore[arg-type]
                if set(node.v) != names:
                    raise wire.WireError(f"{node.name}: wrong fields")
                return cls(**{k: again(v) for k, v in node.v.items()})
            case wire.Inert():
                return Inert(node.v)
            case _:
                raise wire.WireError("a node of no kind")
        if keep is not None and node.n is not None:
            keep[node.n] = value
        return value

    @staticmethod
    def _items(kind: str, values: list[Any]) -> Any:
        try:
            match kind:
                case "list":
                    return values
                case "tuple":
                    return tuple(values)
                case "size":
                    return torch.Size(values)
                case "set":
                    return set(values)
                case "frozenset":
                    return frozenset(values)
                case "slice":
                    return slice(*values[:3])
                case _:
                    return range(*values[:3])
        except (TypeError, ValueError, OverflowError) as error:
            raise wire.WireError(f"{kind}: {error}") from None

    def _named(self, node: wire.Named) -> Any:
        if node.t == "dtype":
            if node.v not in wire.DTYPES and not self.trusting:
                raise wire.WireError("a dtype that may not cross")
            return getattr(torch, node.v)
        if node.t == "device":
            try:
                return torch.device(node.v)
            except RuntimeError as error:
                raise wire.WireError(str(error)[:200]) from None
        module, _, name = node.v.partition(":")
        if self.trusting and module.partition(".")[0] in LIBRARIES:
            importlib.import_module(module)
        found = look_up(module, name, own=self.own_names)
        if found is None or not (self.trusting or harmless(found, module, name)):
            if self.trusting:
                raise wire.WireError(f"no {node.v}")
            return Inert(f"function {name}"[:200])
        return found

    def _referenced(self, node: wire.Reference, tensors: dict[int, Tensor]) -> Any:
        thing = tensors[node.v] if node.v in tensors else self.thing(node.v)
        if node.t == "module":
            return _of_kind(nn.Module, thing)
        thing = _of_kind(Tensor, thing)
        if node.t == "tensor":
            return thing
        array = thing.detach().numpy()
        return array if node.t == "array" else array[()]

    def _handle(self, node: wire.Handle) -> Any:
        if node.v not in self._known and self.make_handle is not None:
            made = self.make_handle(node)
            self.add(made, node.v)
            return made
        return self.thing(node.v)


# ---- what is what --------------------------------------------------------------------------------


def _numbers(entry: wire.TensorEntry, data: dict[int, Tensor]) -> Tensor | None:
    """The values that came with an entry; None when both sides have them already."""
    if entry.meta is not None:
        name, shape = entry.meta
        if name not in wire.DTYPES:
            raise wire.WireError("a dtype that may not cross")
        return torch.empty(shape, dtype=wire.DTYPES[name], device="meta")
    if not entry.data:
        return None
    if entry.key not in data:
        raise wire.WireError("a tensor without its numbers")
    return data[entry.key]


def _of_kind(kind: type[T], thing: Any) -> T:
    if not isinstance(thing, kind):
        raise wire.WireError(f"a {type(thing).__name__} where a {kind.__name__} belongs")
    return thing


def walk(value: Any) -> Iterator[Any]:
    """The modules and tensors in a value, containers opened."""
    if isinstance(value, nn.Module | Tensor):
        yield value
    elif isinstance(value, dict):
        for k, v in value.items():
            yield from walk(k)
            yield from walk(v)
    elif isinstance(value, list | tuple | set | frozenset):
        for v in value:
            yield from walk(v)


def _plain_enough(tensor: Tensor) -> bool:
    return (
        tensor.layout is torch.strided
        and str(tensor.dtype).removeprefix("torch.") in wire.DTYPES
        and not tensor.is_quantized
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


def _hashable_pairs(pairs: Iterable[tuple[Any, Any]]) -> Iterator[tuple[Any, Any]]:
    for key, value in pairs:
        try:
            hash(key)
        except TypeError:
            raise wire.WireError("a dict key that cannot be one") from None
        yield key, value


def _has_inert(node: Any) -> bool:
    if isinstance(node, dict):
        return node.get("t") in ("inert", "function", "class") or any(
            _has_inert(v) for v in node.values()
        )
    return isinstance(node, list) and any(_has_inert(v) for v in node)


def _refuse_cycles(modules: list[nn.Module]) -> None:
    done: set[int] = set()

    def visit(module: nn.Module, path: set[int]) -> None:
        if id(module) in path or len(path) > 100:
            raise wire.WireError("a module that contains itself")
        if id(module) in done:
            return
        path.add(id(module))
        for child in module._modules.values():
            if child is not None:
                visit(child, path)
        path.discard(id(module))
        done.add(id(module))

    for module in modules:
        visit(module, set())
