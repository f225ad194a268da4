"""Writing: values, tensors and modules as the plain data of a frame.

What both sides know already (see `mirror`) is not said again. Nothing is called on the way but
Python's own reading of attributes.
"""

from __future__ import annotations

import enum
import functools
from collections.abc import Callable, ItemsView, Iterator, KeysView, ValuesView
from dataclasses import fields, is_dataclass
from itertools import islice
from types import CoroutineType, GeneratorType
from typing import Any

import numpy as np

from headcheck.inside.line import kinds, wire
from headcheck.inside.line.names import (
    LIBRARIES,
    is_our_record,
    is_shared_class,
    look_up,
    path_of,
)
from headcheck.inside.line.shared import CannotCross, Inert, Mirror, Outgoing
from headcheck.lesson.canonical import (
    MODULE_STATE,
)
from headcheck.lesson.torch_here import Tensor, is_lazy, nn, torch

LARGEST_NUMBER = 10**4000  # Python will not write such a number down


def encode(
    mirror: Mirror, value: Any, out: Outgoing, *, share: bool = False, depth: int = 0
) -> Any:
    """`value` as a node of the wire; objects it holds go to the tables of `out`.

    `share`: both sides keep its plain tensors too, so that a change can be told.
    """
    out.nodes += 1
    if depth > wire.MAX_DEPTH or out.nodes > wire.MAX_NODES:
        return mirror.tell_too_large(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, enum.Enum):
        shared = is_shared_class(type(value), mirror.own_names)
        return _made(mirror, "member", value, out, depth) if shared else mirror.tell_other(value)
    if isinstance(value, int):
        return int(value) if abs(int(value)) < LARGEST_NUMBER else mirror.tell_too_large(value)
    if isinstance(value, float) and not isinstance(value, np.generic):
        return _float(float(value))
    if isinstance(value, str):
        if len(value) > wire.MAX_TEXT:
            return _made(mirror, "long text", value, out, depth)
        return str(value).encode("utf-8", "replace").decode()
    if isinstance(value, Tensor) and not _is_of_a_kind(value):
        return _encode_tensor(mirror, value, out, "tensor", share)
    if isinstance(value, nn.Module):
        return {"t": "module", "v": describe(mirror, value, out)}
    again = functools.partial(encode, mirror, out=out, share=share, depth=depth + 1)
    if value is Ellipsis:
        return {"t": "odd", "v": "ellipsis"}
    handle = getattr(type(value), "__handle__", None)
    if handle is not None:
        return handle(value)
    if isinstance(value, np.ndarray | np.generic):
        return _encode_array(mirror, value, out, depth)
    if isinstance(value, torch.dtype | torch.device):
        what = "dtype" if isinstance(value, torch.dtype) else "device"
        return {"t": what, "v": str(value).removeprefix("torch.")}
    if isinstance(value, bytes):
        if len(value) > wire.MAX_TEXT:
            return _made(mirror, "long bytes", value, out, depth)
        return {"t": "bytes", "v": value.hex()}
    if mirror.reads_iterators and isinstance(value, GeneratorType | CoroutineType):
        key = mirror.key_of(value)
        if key is not None:
            return {"t": "known", "v": key}
    if is_shared_class(type(value), mirror.own_names):
        kind = _kind_of_shared(value)
        if kind == "lives there":
            return mirror.tell_other(value)
    elif kinds.is_named_tuple(value):
        kind = "named tuple"
    else:
        kind = found.name if (found := kinds.kind_of(value)) is not None else None
    if kind is not None:
        return _made(mirror, kind, value, out, depth, share=share)
    if isinstance(value, dict):
        number = out.number(value)
        return {"t": "dict", "v": [[again(k), again(v)] for k, v in value.items()]} | number
    sequence = _sequence_kind(value)
    if sequence:
        number = out.number(value) if sequence in ("list", "set") else {}
        if sequence == "list" and len(value) > PACKED_FROM and not number:
            packed = _packed(value)
            if packed is not None:
                return _made(mirror, packed, value, out, depth)
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
    if mirror.reads_iterators and isinstance(value, Iterator):
        return _made(
            mirror, "iterator", list(islice(value, wire.MAX_NODES)), out, depth, share=share
        )
    if isinstance(value, Exception) and mirror.may_name(type(value)):
        return _made(mirror, "exception", value, out, depth)
    if callable(value):
        return _encode_callable(mirror, value)
    return mirror.tell_other(value)


PACKED_FROM = 1000  # items of a list of numbers


def _packed(items: list[Any]) -> str | None:
    """How a long list of numbers crosses: in one piece."""
    found = set(map(type, items))
    if found == {float}:
        return "long list of numbers"
    if found == {int} and all(-(2**63) <= item < 2**63 for item in items):
        return "long list of whole numbers"
    return None


def _is_of_a_kind(value: Tensor) -> bool:
    return kinds.kind_of(value) is not None


def _made(
    mirror: Mirror, kind: str, value: Any, out: Outgoing, depth: int, *, share: bool = False
) -> Any:
    """The node of a value that crosses by its parts."""
    number = out.number(value) if kinds.KINDS[kind].changes else {}
    try:
        parts = kinds.KINDS[kind].apart(value)
    except CannotCross:
        raise
    except Exception:  # one of its kind that is not as others are
        return mirror.tell_other(value)
    node = encode(mirror, parts, out, share=share, depth=depth + 1)
    if has_untold(node):
        return mirror.tell_other(value)
    return {"t": "made", "k": kind, "v": node} | number


def _kind_of_shared(value: Any) -> str | None:
    """How an object of a class of a setup cell crosses: by its attributes, if these say all.

    None: as the list, number, ... that it is.
    """
    if isinstance(value, Exception):
        return "exception"
    if kinds.is_named_tuple(value):
        return "tuple of a setup cell"
    if type(value).__new__ is not object.__new__:
        return None
    hiding = any(kinds.hides_its_class(type(value), name) for name in kinds.state_of(value))
    return "lives there" if hiding else "object"


def _encode_callable(mirror: Mirror, value: Any) -> dict[str, Any]:
    path = path_of(value)
    module, _, name = path.partition(":")
    root = module.partition(".")[0]
    if root in LIBRARIES and look_up(module, name) is value and mirror.may_name(value):
        return {"t": "name", "v": path}
    if root == "__main__" and mirror.own_names.get(name) is value:
        return {"t": "name", "v": path}
    return mirror.tell_callable(value)


def _encode_array(mirror: Mirror, value: Any, out: Outgoing, depth: int) -> Any:
    try:
        tensor = torch.from_numpy(np.array(value, copy=True, order="C"))
    except TypeError:
        tensor = None
    if tensor is None or tensor.dtype not in _DTYPES or tensor.is_complex():
        made = kinds.array_kind(value)
        return _made(mirror, made.name, value, out, depth) if made else mirror.tell_other(value)
    kind = "array" if isinstance(value, np.ndarray) else "number"
    return _encode_tensor(mirror, tensor, out, kind, share=False)


def _encode_tensor(mirror: Mirror, tensor: Tensor, out: Outgoing, kind: str, share: bool) -> Any:
    if mirror.key_of(tensor) is None:
        if not plain_enough(tensor):
            return mirror.tell_other(tensor)
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
        if tensor.is_complex():  # (no gradient goes through the pairs)
            entry["complex"] = True
            entry.pop("graph", None)
            tensor = torch.view_as_real(tensor.detach().resolve_conj())
        out.data[key] = tensor
    out.tensors.append(entry)


def note_tensor(mirror: Mirror, tensor: Tensor, out: Outgoing) -> int:
    """Put a shared tensor into the tables of `out` if the other side's copy differs."""
    key = mirror.key_of(tensor)
    if key is None:
        if not plain_enough(tensor):
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
    entry = {"key": key, **mirror.describe(module, out)}
    if mirror.known[key].is_news(entry):
        out.modules.append(entry)
    return key


def attributes_of(module: nn.Module) -> list[tuple[Any, Any]]:
    return [
        (name, value)
        for name, value in list(vars(module).items())
        if name not in MODULE_STATE and name != "_black_box"
    ]


def encode_attribute(mirror: Mirror, value: Any, out: Outgoing) -> Any:
    numbering, out.containers = out.containers, None
    try:
        return encode(mirror, value, out, share=True, depth=wire.MAX_DEPTH - 6)
    finally:
        out.containers = numbering


def notes_of(
    mirror: Mirror,
    table: dict[str, Any],
    note: Callable[[Mirror, Any, Outgoing], int],
    out: Outgoing,
) -> dict[str, int | None]:
    return {name: None if v is None else note(mirror, v, out) for name, v in table.items()}


_DTYPES = frozenset({*wire.DTYPES.values(), torch.complex64, torch.complex128})


def plain_enough(tensor: Any) -> bool:
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


def _is_fastcores_list(value: Any) -> bool:
    return type(value).__name__ == "L" and type(value).__module__.startswith("fastcore.")


def _sequence_kind(value: Any) -> str | None:
    if isinstance(value, tuple):
        return "tuple"
    if isinstance(value, frozenset):
        return "frozenset"
    if isinstance(value, set):
        return "set"
    if isinstance(value, list | KeysView | ValuesView | ItemsView) or _is_fastcores_list(value):
        return "list"
    return None


ELSEWHERE = frozenset({"function", "class", "object", "generator", "coroutine", "known"})


def has_inert(node: Any) -> bool:
    """Whether something in a node is no data: not told, or told as what lives elsewhere."""
    return _any(node, ELSEWHERE | {"inert"})


def has_untold(node: Any) -> bool:
    return _any(node, frozenset({"inert"}))


def _any(node: Any, kinds_of_node: frozenset[str]) -> bool:
    if isinstance(node, dict):
        return node.get("t") in kinds_of_node or any(
            _any(v, kinds_of_node) for v in node.values() if isinstance(v, dict | list)
        )
    return isinstance(node, list) and any(
        _any(v, kinds_of_node) for v in node if isinstance(v, dict | list)
    )
