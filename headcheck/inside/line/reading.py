"""Reading: values, tensors and modules made from the plain data of a frame.

Reading a description never runs anything of the other side: modules are made from library classes
by name, without calling their constructors, and get plain data only. What is no library class, or
cannot be made exactly as it is described, is a black box (see `remote`). Whatever breaks a rule is a
`wire.WireError`.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Any, Protocol, TypeVar

from headcheck.inside.line import kinds, wire
from headcheck.inside.line.names import (
    is_our_record,
    look_up,
)
from headcheck.inside.line.shared import HOOKS, Elsewhere, Inert, Mirror, Outgoing, inert
from headcheck.inside.line.writing import describe
from headcheck.lesson.canonical import MODULE_STATE, oddity
from headcheck.lesson.torch_here import Tensor, nn, torch

T = TypeVar("T")


class Boxes(Protocol):
    """Makes black boxes: modules that run in the other process."""

    def make(self, entry: wire.ModuleEntry) -> nn.Module: ...

    def close(self, module: nn.Module, entry: wire.ModuleEntry) -> None:
        """Make a black box of a module that stands here already."""

    def open(self, module: nn.Module) -> None:
        """Undo `close`."""


@dataclass
class Tables:
    """What a frame brought; holds it until somebody else does."""

    tensors: dict[int, Tensor]
    modules: dict[int, nn.Module]


def read_tables(
    mirror: Mirror,
    frame: wire.Request | wire.Reply,
    data: dict[int, Tensor],
    *,
    box: Boxes | None = None,
    allowed: set[int] | None = None,
) -> Tables:
    """Bring this side's copies up to date.

    `allowed`: the keys whose copies the other side may change (None: all).
    """
    tensors = {entry.key: _read_tensor(mirror, entry, data, allowed) for entry in frame.tensors}
    found: dict[int, nn.Module] = {}
    entries: list[wire.ModuleEntry] = []
    for entry in frame.modules:
        known = mirror.known.get(entry.key)
        if known is None:
            found[entry.key] = _shell(mirror, entry, box)
            mirror.add(found[entry.key], entry.key)
        elif allowed is None or entry.key in allowed or mirror.is_theirs(entry.key):
            found[entry.key] = _of_kind(nn.Module, known.get())
        else:
            continue
        entries.append(entry)
    for entry in entries:
        _fill(mirror, entry, found[entry.key], tensors)
    _refuse_cycles(list(found.values()))
    if box is not None:
        for entry in entries:
            _close_the_odd(mirror, entry, found[entry.key], box)
    # Only later changes are news.
    for entry in entries:
        mirror.known[entry.key].said = entry
    told = [e for e in entries if e.black or e.odd is not None or e.lost or e.hooks]
    odd = [e.key for e in entries if box is not None and "_black_box" in vars(found[e.key])]
    if told or odd:
        _say_it_our_way(mirror, found, {*odd, *(entry.key for entry in told)})
    return Tables(tensors, found)


def _say_it_our_way(mirror: Mirror, found: dict[int, nn.Module], keys: set[int]) -> None:
    """Of modules that cannot be told alike by both sides: what this side would say is the news of
    today. Of all others it is what has arrived."""
    scratch = Outgoing(seen=set(mirror.known))
    for key, module in found.items():
        if key in keys:
            scratch.seen.discard(key)
            describe(mirror, module, scratch)


def _read_tensor(
    mirror: Mirror, entry: wire.TensorEntry, data: dict[int, Tensor], allowed: set[int] | None
) -> Tensor:
    known = mirror.known.get(entry.key)
    fresh = _numbers(entry, data)
    if fresh is None and known is None:
        raise wire.WireError("a tensor without its numbers")
    floating = fresh is None or fresh.is_floating_point() or fresh.is_complex()
    grad = entry.requires_grad and floating
    if known is None:
        assert fresh is not None
        tensor = fresh.clone() if entry.shared else fresh
        if entry.parameter:
            tensor = nn.Parameter(tensor, requires_grad=grad)
        elif mirror.may_learn(entry):
            tensor.requires_grad_(grad)
        if entry.shared:
            mirror.add(tensor, entry.key)
            mirror.known[entry.key].said = {"requires_grad": tensor.requires_grad}
            mirror.known[entry.key].data = fresh
        return tensor
    tensor = _of_kind(Tensor, known.get())
    if not (allowed is None or entry.key in allowed or mirror.is_theirs(entry.key)):
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
    if tensor.is_leaf and (tensor.is_floating_point() or tensor.is_complex()):
        tensor.requires_grad_(grad)
    known.said = {"requires_grad": tensor.requires_grad}
    return tensor


def _close_the_odd(mirror: Mirror, entry: wire.ModuleEntry, module: nn.Module, box: Boxes) -> None:
    """A module that is not what its class makes, or not what was said, runs where it is."""
    if entry.black and not mirror.is_theirs(entry.key) and entry.odd is None:
        return  # ours, and its class is ours: what it does is known here
    if not (entry.black or _as_said(entry, module)) or entry.odd is not None:
        box.close(module, entry)
    elif not entry.black:
        box.open(module)


def _as_said(entry: wire.ModuleEntry, module: nn.Module) -> bool:
    state = vars(module)
    there = state.keys() - MODULE_STATE - {"_black_box"}
    whole = entry.attributes.keys() == there and not entry.lost and not any(entry.hooks.values())
    if any(map(_made_of_parts, entry.attributes.values())):
        return False
    return whole and not any(_holds_inert(state[name]) for name in there) and oddity(module) is None


_OF_LAYERS = ("slice", "range", "size")


def _made_of_parts(node: Any) -> bool:
    """Whether a value is in it that no setting of a library's layer is."""
    match node:
        case wire.Made():
            return node.k not in _OF_LAYERS
        case wire.Items():
            return any(map(_made_of_parts, node.v))
        case wire.Pairs():
            return any(_made_of_parts(k) or _made_of_parts(v) for k, v in node.v)
        case wire.Partial():
            return any(map(_made_of_parts, (*node.args, *node.kwargs.values())))
    return False


def _holds_inert(value: Any) -> bool:
    if type(value) in (bool, int, float, str, type(None)):
        return False
    if isinstance(value, list | tuple | set | frozenset):
        return any(map(_holds_inert, value))
    if isinstance(value, dict):
        return any(_holds_inert(k) or _holds_inert(v) for k, v in value.items())
    if isinstance(value, functools.partial):
        return _holds_inert((value.func, value.args, value.keywords))
    return isinstance(value, Inert) or hasattr(type(value), "__handle__")


def _shell(mirror: Mirror, entry: wire.ModuleEntry, box: Boxes | None) -> nn.Module:
    # (Without black boxes there is nothing else to be than its class.)
    cls = None if entry.black and box is not None else mirror.class_of(entry.cls)
    if cls is None:
        if box is None:
            raise wire.WireError(f"unknown class {entry.cls}")
        return box.make(entry)
    module = cls.__new__(cls)
    nn.Module.__init__(module)
    return module


def _fill(
    mirror: Mirror, entry: wire.ModuleEntry, module: nn.Module, tensors: dict[int, Tensor]
) -> None:
    state = vars(module)
    cls = type(module)
    whole = mirror.whole(entry)
    for name, node in entry.attributes.items():
        if mirror.may_set(cls, name):
            state[name] = decode(mirror, node, tensors)
    if whole:
        told = MODULE_STATE.union(entry.attributes, entry.lost)
        for name in [n for n in state if n not in told and n[:1] != "_"]:
            del state[name]
    # Past nn.Module's own way of setting an attribute, which looks for parameters first: slow.
    state["training"] = entry.training
    if whole:
        state["_non_persistent_buffers_set"] = set(entry.transient)

    def part(key: int | None, kind: type) -> Any:
        if key is None:
            return None
        return _of_kind(kind, tensors[key] if key in tensors else mirror.thing(key))

    # In place, and only then: an OrderedDict that others hold stays the same object.
    for table, keys, kind in (
        ("_parameters", entry.parameters, nn.Parameter),
        ("_buffers", entry.buffers, Tensor),
        ("_modules", entry.children, nn.Module),
    ):
        parts = {name: part(key, kind) for name, key in keys.items()}
        if whole:
            state[table].clear()
        state[table].update(parts)
    for name in HOOKS if whole else ():
        mirror.set_hooks(state[name], entry.hooks.get(name, 0))


def decode(
    mirror: Mirror, node: Any, tensors: dict[int, Tensor], keep: dict[int, Any] | None = None
) -> Any:
    """A node of the wire as a value. `keep` collects the numbered containers."""
    if node is None or isinstance(node, bool | int | float | str):
        return node
    again = functools.partial(decode, mirror, tensors=tensors, keep=keep)
    match node:
        case wire.Odd():
            return Ellipsis if node.v == "ellipsis" else float(node.v)
        case wire.Items():
            value = _items(node.t, [again(v) for v in node.v])
        case wire.Pairs():
            value = dict(_hashable_pairs((again(k), again(v)) for k, v in node.v))
        case wire.Named():
            return _named(mirror, node)
        case wire.Made():
            value = _made(node, again(node.v))
        case wire.Partial():
            call = again(node.call)
            if not callable(call):
                raise wire.WireError("partial of nothing callable")
            kwargs = {k: again(v) for k, v in node.kwargs.items()}
            return functools.partial(call, *[again(v) for v in node.args], **kwargs)
        case wire.Raw():
            return bytes.fromhex(node.v)
        case wire.Reference():
            return _referenced(mirror, node, tensors)
        case wire.Known():
            return mirror.thing(node.v)
        case wire.Function() | wire.Class() | wire.Object() | wire.Running():
            return _elsewhere(mirror, node)
        case wire.Record():
            cls = look_up(*node.name.partition(":")[::2])
            if not (isinstance(cls, type) and is_our_record(cls)):
                raise wire.WireError(f"{node.name} is no record")
            names = {f.name for f in fields(cls)}  # type: ignore[arg-type]
            if set(node.v) != names:
                raise wire.WireError(f"{node.name}: wrong fields")
            return cls(**{k: again(v) for k, v in node.v.items()})
        case wire.Inert():
            return inert(node.v)
        case _:
            raise wire.WireError("a node of no kind")
    if keep is not None and node.n is not None:
        keep[node.n] = value
    return value


def _items(kind: str, values: list[Any]) -> Any:
    try:
        match kind:
            case "list":
                return values
            case "tuple":
                return tuple(values)
            case "set":
                return set(values)
            case _:
                return frozenset(values)
    except (TypeError, ValueError, OverflowError) as error:
        raise wire.WireError(f"{kind}: {error}") from None


def _named(mirror: Mirror, node: wire.Named) -> Any:
    if node.t == "dtype":
        return mirror.dtype(node.v)
    if node.t == "device":
        try:
            return torch.device(node.v)
        except RuntimeError as error:
            raise wire.WireError(str(error)[:200]) from None
    return mirror.named(node.v)


def _referenced(mirror: Mirror, node: wire.Reference, tensors: dict[int, Tensor]) -> Any:
    thing = tensors[node.v] if node.v in tensors else mirror.thing(node.v)
    if node.t == "module":
        return _of_kind(nn.Module, thing)
    thing = _of_kind(Tensor, thing)
    if node.t == "tensor":
        return thing
    array = thing.detach().numpy()
    return array if node.t == "array" else array[()]


def _elsewhere(mirror: Mirror, node: Elsewhere) -> Any:
    if node.v not in mirror.known and mirror.make_handle is not None:
        made = mirror.make_handle(node)
        mirror.add(made, node.v)
        return made
    return mirror.thing(node.v)


# What may be wrong with parts that make no value: they come from the other side.
_UNFIT: tuple[type[Exception], ...] = (ArithmeticError, AssertionError, AttributeError, ImportError)
_UNFIT += (LookupError, RuntimeError, TypeError, ValueError)


def _made(node: wire.Made, parts: Any) -> Any:
    kind = kinds.KINDS.get(node.k)
    if kind is None:
        raise wire.WireError(f"no kind {node.k}")
    try:
        return kind.together(parts)
    except RecursionError:
        raise wire.WireError(f"{node.k}: too deep") from None
    except _UNFIT as error:
        raise wire.WireError(f"{node.k}: {str(error)[:200]}") from None


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
    numbers = data[entry.key]
    if not entry.complex:
        return numbers
    if numbers.dtype not in (torch.float32, torch.float64) or numbers.shape[-1:] != (2,):
        raise wire.WireError("complex numbers that are no pairs")
    return torch.view_as_complex(numbers.contiguous())


def _of_kind(kind: type[T], thing: Any) -> T:
    if not isinstance(thing, kind):
        raise wire.WireError(f"a {type(thing).__name__} where a {kind.__name__} belongs")
    return thing


def _hashable_pairs(pairs: Iterable[tuple[Any, Any]]) -> Iterator[tuple[Any, Any]]:
    for key, value in pairs:
        try:
            hash(key)
        except TypeError:
            raise wire.WireError("a dict key that cannot be one") from None
        yield key, value


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
