"""Values that cross by what they are made of: a date as a text, a frame as its columns.

Each kind is told once, here: how a value is taken apart, and how one is put together from parts. The
parts are values themselves, of simpler kinds, so nothing in here knows the wire. Whoever puts one
together trusts nothing: parts may be anything, and any error but a `BaseException` of another sort
means that they make no such value. Nothing is unpickled, evaluated or called on the way but the
constructors that stand here.

Libraries that a value needs (pandas, Pillow) are imported when one arrives.
"""

from __future__ import annotations

import array
import datetime
import enum
import functools
import importlib
import inspect
import math
import random
import re
import types
import uuid
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from operator import itemgetter
from pathlib import PosixPath, PurePosixPath, PureWindowsPath
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from headcheck.inside.line.shared import NEVER_CHANGE
from headcheck.lesson.torch_here import Tensor, nn, torch

MAX_DIGITS = 5000
MAX_BYTES = 256 << 20  # of one array, image or text


@dataclass(frozen=True)
class Kind:
    """`apart(value)` gives parts, `together(parts)` the value again.

    `changes`: what an answer does to one that it was given is done to the caller's, too.
    """

    name: str
    apart: Callable[[Any], Any]
    together: Callable[[Any], Any]
    changes: bool = False


KINDS: dict[str, Kind] = {}
_BY_CLASS: dict[str, Kind] = {}  # "module:name" of a class -> its kind


def _kind(
    name: str,
    classes: str,
    apart: Callable[[Any], Any],
    together: Callable[[Any], Any],
    changes: bool = False,
) -> None:
    KINDS[name] = Kind(name, apart, together, changes)
    for each in classes.split():
        _BY_CLASS[each] = KINDS[name]


def kind_of(value: object) -> Kind | None:
    """The kind of a value by its class, or by the nearest one above it that has a kind."""
    if isinstance(value, Tensor):
        return KINDS["sparse tensor"] if _is_sparse(value) else None
    for cls in type(value).__mro__:
        found = _BY_CLASS.get(f"{cls.__module__}:{cls.__qualname__}")
        if found is not None:
            return found
    return None


def _need(fits: bool, what: str = "parts of another kind") -> None:
    if not fits:
        raise ValueError(what)


def _exactly(value: Any, *kinds: type) -> Any:
    _need(type(value) in kinds, f"a {type(value).__name__} where none belongs")
    return value


# ---- numbers and texts ---------------------------------------------------------------------------


def _complex(parts: Any) -> complex:
    real, imaginary = parts
    return complex(_exactly(real, float), _exactly(imaginary, float))


def _decimal(text: Any) -> Decimal:
    _need(len(_exactly(text, str)) <= MAX_DIGITS)
    return Decimal(text)


def _fraction(parts: Any) -> Fraction:
    over, under = parts
    return Fraction(_exactly(over, int), _exactly(under, int))


def _long_text(data: Any) -> str:
    return _bytes_of(data).decode("utf-8", "strict")


def _pattern(parts: Any) -> re.Pattern[Any]:
    pattern, flags = parts
    _need(len(_exactly(pattern, str, bytes)) <= MAX_DIGITS)
    return re.compile(pattern, _exactly(flags, int))


_kind("complex", "builtins:complex", lambda v: (v.real, v.imag), _complex)
_kind("decimal", "decimal:Decimal", str, _decimal)
_kind("fraction", "fractions:Fraction", lambda v: (v.numerator, v.denominator), _fraction)
_kind("uuid", "uuid:UUID", lambda v: v.hex, lambda text: uuid.UUID(hex=_exactly(text, str)))
_kind("pattern", "re:Pattern", lambda v: (v.pattern, int(v.flags)), _pattern)
_kind(
    "long text",
    "",
    lambda v: np.frombuffer(v.encode("utf-8", "replace"), np.uint8),
    _long_text,
)
_kind("long bytes", "", lambda v: np.frombuffer(v, np.uint8), lambda data: _bytes_of(data))
_kind(
    "bytearray",
    "builtins:bytearray",
    lambda v: np.frombuffer(bytes(v), np.uint8),
    lambda data: bytearray(_bytes_of(data)),
)
_kind(
    "memoryview",
    "builtins:memoryview",
    lambda v: np.ascontiguousarray(np.asarray(v)),
    lambda data: memoryview(_exactly(data, np.ndarray)),
)
_kind("slice", "builtins:slice", lambda v: (v.start, v.stop, v.step), lambda parts: _slice(parts))
_kind("range", "builtins:range", lambda v: (v.start, v.stop, v.step), lambda parts: range(*parts))


def _slice(parts: Any) -> slice:
    start, stop, step = parts
    return slice(start, stop, step)


def _bytes_of(data: Any) -> bytes:
    _need(type(data) is np.ndarray and data.dtype == np.uint8 and data.ndim == 1)
    return data.tobytes()


# ---- days and times ------------------------------------------------------------------------------


def _zone_parts(value: Any) -> Any:
    """A zone by its name, any other tzinfo as the offset that it has at this moment."""
    zone = value.tzinfo
    if zone is None or (isinstance(zone, ZoneInfo) and zone.key):
        return zone
    offset = value.utcoffset()
    return None if offset is None else datetime.timezone(offset)


def _zoned(value: Any, zone: Any, fold: Any) -> Any:
    _need(zone is None or isinstance(zone, datetime.timezone | ZoneInfo))
    return value.replace(tzinfo=zone, fold=_exactly(fold, int))


def _moment(cls: Any) -> Callable[[Any], Any]:
    def together(parts: Any) -> Any:
        text, fold, zone = parts
        return _zoned(cls.fromisoformat(_exactly(text, str)), zone, fold)

    return together


def _moment_parts(value: Any) -> Any:
    return value.replace(tzinfo=None).isoformat(), value.fold, _zone_parts(value)


def _timedelta(parts: Any) -> datetime.timedelta:
    days, seconds, microseconds = (_exactly(part, int) for part in parts)
    return datetime.timedelta(days, seconds, microseconds)


def _timezone(parts: Any) -> datetime.timezone:
    offset, name = parts
    _exactly(offset, datetime.timedelta)
    return datetime.timezone(offset, name) if type(name) is str else datetime.timezone(offset)


_kind("datetime", "datetime:datetime", _moment_parts, _moment(datetime.datetime))
_kind("time", "datetime:time", _moment_parts, _moment(datetime.time))
_kind(
    "date",
    "datetime:date",
    lambda v: v.isoformat(),
    lambda text: datetime.date.fromisoformat(_exactly(text, str)),
)
_kind("timedelta", "datetime:timedelta", lambda v: (v.days, v.seconds, v.microseconds), _timedelta)
_kind(
    "timezone",
    "datetime:timezone",
    lambda v: (v.utcoffset(None), v.tzname(None)),
    _timezone,
)
_kind("zone", "zoneinfo:ZoneInfo", lambda v: v.key, lambda key: ZoneInfo(_exactly(key, str)))


# ---- paths ---------------------------------------------------------------------------------------

_PATHS = {cls.__name__: cls for cls in (PosixPath, PurePosixPath, PureWindowsPath)}


def _path(parts: Any) -> Any:
    name, text = parts
    return _PATHS[name](_exactly(text, str))


def _path_parts(value: Any) -> Any:
    return next(c.__name__ for c in type(value).__mro__ if c.__name__ in _PATHS), str(value)


# (Python 3.13 has them in a module of another name.)
_PATH_CLASSES = " ".join(f"{c.__module__}:{c.__name__}" for c in (PurePosixPath, PureWindowsPath))
_kind("path", _PATH_CLASSES, _path_parts, _path)


# ---- containers ----------------------------------------------------------------------------------


def _numbers_of(kind: type) -> Callable[[Any], list[Any]]:
    def together(data: Any) -> list[Any]:
        _need(type(data) is np.ndarray and data.ndim == 1 and data.dtype.kind in "if")
        found = data.tolist()
        _need(not found or type(found[0]) is kind)
        return found

    return together


def _deque(parts: Any) -> deque[Any]:
    items, most = parts
    _need(most is None or type(most) is int)
    return deque(_exactly(items, list), most)


def _defaultdict(parts: Any) -> defaultdict[Any, Any]:
    factory, items = parts
    _need(factory is None or callable(factory))
    return defaultdict(factory, _exactly(items, dict))


def _array(parts: Any) -> array.array[Any]:
    code, items = parts
    _need(_exactly(code, str) in "bBhHiIlLqQfd" and len(code) == 1)
    return array.array(code, _exactly(items, list))


_kind("long list of whole numbers", "", lambda v: np.array(v, np.int64), _numbers_of(int))
_kind("long list of numbers", "", lambda v: np.array(v, np.float64), _numbers_of(float))
_kind("iterator", "", lambda v: v, lambda items: iter(_exactly(items, list)))
_kind("deque", "collections:deque", lambda v: (list(v), v.maxlen), _deque, changes=True)
_kind(
    "counter",
    "collections:Counter",
    lambda v: dict(v),
    lambda items: Counter(_exactly(items, dict)),
    changes=True,
)
_kind(
    "ordered dict",
    "collections:OrderedDict",
    lambda v: dict(v),
    lambda items: OrderedDict(_exactly(items, dict)),
    changes=True,
)
_kind(
    "default dict",
    "collections:defaultdict",
    lambda v: (v.default_factory, dict(v)),
    _defaultdict,
    changes=True,
)
_kind("numbers", "array:array", lambda v: (v.typecode, v.tolist()), _array)


# ---- named tuples, exceptions, signatures --------------------------------------------------------


def is_named_tuple(value: object) -> bool:
    fields = getattr(type(value), "_fields", None)
    return isinstance(value, tuple) and type(fields) is tuple and len(fields) == len(value)


DATA = (int, float, complex, str, bytes, tuple, list, dict, set, frozenset)


def data_class(cls: type) -> type:
    """Python's own class of data that `cls` is derived from."""
    return next(each for each in cls.__mro__ if each in DATA)


def as_data(value: Any) -> Any:
    """A number, text or container of a derived class as what Python's own class makes of it."""
    base: Any = data_class(type(value))
    if base is dict:
        return dict(dict.items(value))
    if base in (list, tuple, set, frozenset):
        return base(base.__iter__(value))
    return base(value)


def _named_tuple_parts(value: Any) -> Any:
    return type(value).__name__, list(type(value)._fields), list(value)


def _named_tuple(parts: Any) -> tuple[Any, ...]:
    """A tuple whose items have names. (`collections.namedtuple` would evaluate a text.)"""
    name, fields, items = parts
    for each in (name, *_exactly(fields, list)):
        _need(_exactly(each, str).isidentifier() and len(each) <= 200)
    _need(all(each[:1] != "_" and not hasattr(tuple, each) for each in fields))
    _need(len(set(fields)) == len(fields) == len(_exactly(items, list)))
    return tuple.__new__(_named_tuple_class(name, tuple(fields)), items)


@functools.lru_cache(maxsize=256)
def _named_tuple_class(name: str, fields: tuple[str, ...]) -> type:
    def show(self: Any) -> str:
        shown = (f"{field}={item!r}" for field, item in zip(fields, self, strict=True))
        return f"{name}({', '.join(shown)})"

    def as_dict(self: Any) -> dict[str, Any]:
        return dict(zip(fields, self, strict=True))

    def replace(self: Any, **changed: Any) -> Any:
        if changed.keys() - set(fields):
            raise ValueError(f"Got unexpected field names: {sorted(changed.keys() - set(fields))}")
        return tuple.__new__(type(self), {**as_dict(self), **changed}.values())

    space: dict[str, Any] = {f: property(itemgetter(n)) for n, f in enumerate(fields)}
    space |= {"__slots__": (), "__repr__": show, "_asdict": as_dict, "_replace": replace}
    space |= {"_fields": fields, "__match_args__": fields}
    return type(name, (tuple,), space)


def _exception_parts(value: Any) -> Any:
    return type(value), list(value.args)


def _exception(parts: Any) -> BaseException:
    cls, args = parts
    _need(isinstance(cls, type) and issubclass(cls, Exception))
    return cls(*_exactly(args, list))


def _signature_parts(value: inspect.Signature) -> Any:
    return [
        (p.name, p.kind.name, p.default is not p.empty, None if p.default is p.empty else p.default)
        for p in value.parameters.values()
    ]


def _signature(parts: Any) -> inspect.Signature:
    made = []
    for name, kind, has, default in _exactly(parts, list):
        given = {"default": default} if has is True else {}
        made.append(inspect.Parameter(_exactly(name, str), inspect._ParameterKind[kind], **given))
    return inspect.Signature(made)


_kind("named tuple", "", _named_tuple_parts, _named_tuple)
_kind("exception", "", _exception_parts, _exception)
_kind("signature", "inspect:Signature", _signature_parts, _signature)


# ---- members of an Enum, objects of a class of a setup cell --------------------------------------


def _member(parts: Any) -> enum.Enum:
    cls, name = parts
    _need(isinstance(cls, type) and issubclass(cls, enum.Enum))
    members = cls.__members__
    if type(name) is str:
        return members[name]
    return cls(_exactly(name, int))  # flags that are combined have no name


def _member_parts(value: Any) -> Any:
    name = value._name_
    return type(value), name if name in type(value).__members__ else value._value_


def _object_parts(value: Any) -> Any:
    return type(value), state_of(value)


def state_of(value: object) -> dict[str, Any]:
    """The attributes that an object itself has, those in slots, too."""
    state = dict(getattr(value, "__dict__", {}))
    for cls in type(value).__mro__:
        for name, member in vars(cls).items():
            if isinstance(member, types.MemberDescriptorType) and hasattr(value, name):
                state[name] = getattr(value, name)
    return state


def hides_its_class(cls: type, name: object) -> bool:
    """Whether an attribute of this name would stand before what the class itself does."""
    if type(name) is not str or name[:2] == "__" or len(name) > 200:
        return True
    there = inspect.getattr_static(cls, name, None)
    if there is None or isinstance(there, types.MemberDescriptorType):
        return False
    return callable(there) or hasattr(type(there), "__get__")


def _object(parts: Any) -> Any:
    """An object of a class that both sides have. Its constructor is not called."""
    cls, state = parts
    _need(isinstance(cls, type) and cls.__module__ == "__main__")
    _need(not issubclass(cls, nn.Module | Tensor | BaseException | type | enum.Enum))
    if issubclass(cls, tuple):
        return tuple.__new__(cls, _exactly(state, list))
    _need(not any(hides_its_class(cls, name) for name in _exactly(state, dict)))
    made = object.__new__(cls)
    put_into(made, state)
    return made


def put_into(made: object, state: dict[str, Any]) -> None:
    """Give an object exactly these attributes, past what its class says about setting them."""
    for name in state_of(made).keys() - state.keys():
        object.__delattr__(made, name)
    for name, value in state.items():
        object.__setattr__(made, name, value)


def put_back(before: Any, now: Any) -> bool:
    """Make what was given to an answer be what the answer has made of it; False if it cannot be."""
    if isinstance(before, dict | set) and isinstance(now, dict | set):
        if isinstance(before, dict) is not isinstance(now, dict):
            return False
        before.clear()
        before.update(now)
    elif isinstance(before, deque) and isinstance(now, deque):
        before.clear()
        before.extend(now)
    elif type(before) is not type(now):
        return False
    elif type(before).__module__ == "__main__":
        put_into(before, state_of(now))
    elif isinstance(before, torch.optim.Optimizer):
        before.param_groups[:] = now.param_groups
        before.state.clear()
        before.state.update(now.state)
    elif hasattr(before, "_update_inplace"):  # a data frame or series
        before._update_inplace(now)
    else:
        return False
    return True


def seen(value: Any) -> Any:
    """What shows later whether an answer has changed something that it was given."""
    if isinstance(value, dict):
        return [(id(k), id(v), _plain(k), _plain(v)) for k, v in value.items()]
    if isinstance(value, torch.optim.Optimizer):
        return _steps(value)
    if hasattr(value, "_update_inplace"):
        return _Frame(value.copy())
    if type(value).__module__ == "__main__":
        return seen(state_of(value))
    return [(id(v), _plain(v)) for v in value]


def _plain(value: Any) -> Any:
    if type(value) in NEVER_CHANGE:  # itself, so that it lives: its id is nobody else's then
        return value
    if isinstance(value, list | dict | set | Tensor | nn.Module):
        return id(value)
    return repr(value)[:200]


@dataclass(eq=False)
class _Frame:
    """A data frame or series as it was."""

    was: Any

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Frame) or not self.was.equals(other.was):
            return False
        one, two = self.was, other.was
        if not one.index.equals(two.index) or list(one.index.names) != list(two.index.names):
            return False
        if one.ndim == 1:
            return bool(one.name == two.name)
        return bool(one.columns.equals(two.columns))

    __hash__ = None  # type: ignore[assignment]


_kind("member", "", _member_parts, _member)
_kind("object", "", _object_parts, _object, changes=True)
_kind("tuple of a setup cell", "", lambda v: (type(v), list(v)), _object)


# ---- arrays and tensors --------------------------------------------------------------------------

_PLAIN_DTYPE = re.compile(r"[<>|=]?([biufcSUVmM])(\d+)(\[\d*\w{1,2}\])?")


def _dtype_parts(dtype: np.dtype[Any]) -> Any:
    if dtype.names is None:
        if dtype.subdtype is not None:
            base, shape = dtype.subdtype
            return "of", _dtype_parts(base), list(shape)
        return dtype.str
    return [(name, _dtype_parts(dtype.fields[name][0])) for name in dtype.names]  # type: ignore[index]


def _dtype(parts: Any, depth: int = 0) -> np.dtype[Any]:
    _need(depth < 8)
    if type(parts) is str:
        _need(_PLAIN_DTYPE.fullmatch(parts) is not None)
        return np.dtype(parts)
    if type(parts) is tuple:
        _, base, shape = parts
        _need(all(type(n) is int and 0 < n < 1 << 20 for n in shape) and math.prod(shape) < 1 << 24)
        return np.dtype((_dtype(base, depth + 1), tuple(shape)))
    _need(len(_exactly(parts, list)) <= 1000)
    return np.dtype([(_exactly(name, str), _dtype(each, depth + 1)) for name, each in parts])


def _raw_array_parts(value: Any) -> Any:
    """Numbers that torch has no type for, texts, times, and records of them."""
    given = np.asarray(value)
    dtype = np.dtype(_dtype(_dtype_parts(given.dtype)))  # without padding
    data = np.ascontiguousarray(given.astype(dtype))
    return _dtype_parts(dtype), list(given.shape), np.frombuffer(data.tobytes(), np.uint8)


def _raw_array(parts: Any) -> np.ndarray[Any, Any]:
    described, shape, data = parts
    dtype, held = _dtype(described), _bytes_of(data)
    _need(not dtype.hasobject and all(type(n) is int and n >= 0 for n in shape))
    _need(math.prod(shape) * dtype.itemsize == len(held))
    if dtype.itemsize == 0:
        return np.zeros(shape, dtype)
    return np.frombuffer(held, dtype).reshape(shape).copy()


def _objects_array(parts: Any) -> np.ndarray[Any, Any]:
    shape, items = parts
    _need(all(type(n) is int and n >= 0 for n in shape))
    _need(math.prod(shape) == len(_exactly(items, list)))
    made = np.empty(len(items), dtype=object)
    for place, item in enumerate(items):
        made[place] = item
    return made.reshape(shape)


def _is_sparse(value: Tensor) -> bool:
    return not value.is_nested and value.layout is not torch.strided


_COMPRESSED = {
    torch.sparse_csr: ("crow_indices", "col_indices", torch.sparse_csr_tensor),
    torch.sparse_csc: ("ccol_indices", "row_indices", torch.sparse_csc_tensor),
    torch.sparse_bsr: ("crow_indices", "col_indices", torch.sparse_bsr_tensor),
    torch.sparse_bsc: ("ccol_indices", "row_indices", torch.sparse_bsc_tensor),
}
_LAYOUTS = {str(layout): layout for layout in (torch.sparse_coo, *_COMPRESSED)}


def _sparse_parts(value: Tensor) -> Any:
    value = value.detach()
    if value.layout is torch.sparse_coo:
        parts: list[Any] = [value._indices(), value._values(), value.is_coalesced()]
    else:
        compressed, plain, _ = _COMPRESSED[value.layout]
        parts = [getattr(value, compressed)(), getattr(value, plain)(), value.values()]
    return str(value.layout), list(value.shape), parts


def _sparse(parts: Any) -> Tensor:
    layout, shape, (first, second, third) = parts
    _need(all(type(n) is int and 0 <= n < 1 << 40 for n in shape))
    _need(type(first) is Tensor and type(second) is Tensor)
    if _LAYOUTS[layout] is torch.sparse_coo:
        made = torch.sparse_coo_tensor(first, second, shape, check_invariants=True)
        return made.coalesce() if third is True else made
    _need(type(third) is Tensor)
    make: Any = _COMPRESSED[_LAYOUTS[layout]][2]
    return make(first, second, third, shape, check_invariants=True)


def _masked_parts(value: Any) -> Any:
    if value is np.ma.masked:
        return None
    mask = np.array(np.ma.getmaskarray(value))
    return np.array(value.data), mask, np.asarray(value.fill_value)


def _masked(parts: Any) -> Any:
    if parts is None:
        return np.ma.masked
    data, mask, fill = parts
    for each in (data, mask, fill):
        _exactly(each, np.ndarray)
    _need(data.shape == mask.shape and fill.shape == ())
    return np.ma.MaskedArray(data, mask=mask, fill_value=fill[()])


_kind("masked array", "", _masked_parts, _masked)
_kind("array", "", _raw_array_parts, _raw_array)
_kind("array item", "", _raw_array_parts, lambda parts: _raw_array(parts)[()])
_kind("objects", "", lambda v: (list(v.shape), list(v.ravel())), _objects_array)
_kind("array type", "numpy:dtype", lambda v: _dtype_parts(v), _dtype)
_kind("sparse tensor", "", _sparse_parts, _sparse)
_kind(
    "size",
    "torch:Size",
    list,
    lambda items: torch.Size([_exactly(n, int) for n in _exactly(items, list)]),
)


def array_kind(value: Any) -> Kind | None:
    """The kind of a numpy array or number that torch has no type for; None: it does not cross."""
    if value.dtype == object:
        return KINDS["objects"]
    if value.dtype.hasobject or value.nbytes > MAX_BYTES:
        return None
    try:
        _dtype(_dtype_parts(value.dtype))
    except (ValueError, TypeError, KeyError):
        return None
    return KINDS["array"] if isinstance(value, np.ndarray) else KINDS["array item"]


# ---- optimizers ----------------------------------------------------------------------------------

_HOOKS = ("_optimizer_step_pre_hooks", "_optimizer_step_post_hooks")


def _optimizer_parts(value: Any) -> Any:
    """Its class, the options that it began with, its groups, and what it keeps of each parameter."""
    cls = type(value)
    _need(cls.__module__.startswith("torch.optim.") and not any(vars(value).get(h) for h in _HOOKS))
    state = [(parameter, dict(kept)) for parameter, kept in value.state.items()]
    return cls, dict(value.defaults), [dict(group) for group in value.param_groups], state


def _optimizer(parts: Any) -> Any:
    """As unpickling one would make it, from checked parts: its constructor needs PyTorch's compiler."""
    cls, defaults, groups, state = parts
    _need(isinstance(cls, type) and issubclass(cls, torch.optim.Optimizer))
    _need(cls.__module__.startswith("torch.optim."))
    for group in _exactly(groups, list):
        _need(all(isinstance(p, Tensor) for p in _exactly(group["params"], list)))
        _need(group.keys() >= defaults.keys())
        _need(all(_is_option(v) for k, v in group.items() if k != "params"))
    _need(all(map(_is_option, _exactly(defaults, dict).values())))
    kept: Any = defaultdict(dict)
    for parameter, of_it in _exactly(state, list):
        _need(isinstance(parameter, Tensor) and all(map(_is_option, of_it.values())))
        kept[parameter] = of_it
    made = cls.__new__(cls)
    made.__setstate__({"defaults": defaults, "state": kept, "param_groups": groups})
    return made


def _is_option(value: Any) -> bool:
    if type(value) is tuple:
        return all(type(each) in (int, float) for each in value)
    return value is None or type(value) in (bool, int, float, str) or isinstance(value, Tensor)


@dataclass(eq=False)
class _Steps:
    """An optimizer as it was."""

    groups: list[str]
    kept: list[Any]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Steps) or self.groups != other.groups:
            return False
        pairs = zip(self.kept, other.kept, strict=False)
        return len(self.kept) == len(other.kept) and all(_alike(a, b) for a, b in pairs)

    __hash__ = None  # type: ignore[assignment]


def _alike(one: Any, two: Any) -> bool:
    if isinstance(one, Tensor) and isinstance(two, Tensor):
        return one.shape == two.shape and torch.equal(one, two)
    return type(one) is type(two) and bool(one == two)


def _steps(value: Any) -> _Steps:
    groups = [
        repr([(k, [id(p) for p in v] if k == "params" else v) for k, v in group.items()])
        for group in value.param_groups
    ]
    kept = [each for of_it in value.state.values() for each in of_it.values()]
    return _Steps(groups, [k.clone() if isinstance(k, Tensor) else k for k in kept])


_kind(
    "optimizer",
    "torch.optim.optimizer:Optimizer",
    _optimizer_parts,
    _optimizer,
    changes=True,
)


# ---- sources of random numbers -------------------------------------------------------------------


def _torch_generator(state: Any) -> torch.Generator:
    made = torch.Generator()
    made.set_state(_exactly(state, Tensor))
    return made


def _random(state: Any) -> random.Random:
    made = random.Random()
    made.setstate(_exactly(state, tuple))
    return made


def _numpy_generator(state: Any) -> np.random.Generator:
    _need(_exactly(state, dict).get("bit_generator") == "PCG64")
    bits = np.random.PCG64()
    bits.state = state
    return np.random.Generator(bits)


_kind("torch generator", "torch._C:Generator", lambda v: v.get_state(), _torch_generator)
_kind("random", "random:Random", lambda v: v.getstate(), _random)
_kind(
    "numpy generator",
    "numpy.random._generator:Generator",
    lambda v: v.bit_generator.state,
    _numpy_generator,
)


# ---- images --------------------------------------------------------------------------------------

_MODES = {"1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr", "LAB", "HSV", "I", "F"}
_MODES |= {"I;16"}


def _image_parts(value: Any) -> Any:
    palette = list(value.getpalette() or ()) if value.mode in ("P", "PA") else None
    return value.mode, list(value.size), np.frombuffer(value.tobytes(), np.uint8), palette


def _image(parts: Any) -> Any:
    mode, size, data, palette = parts
    _need(mode in _MODES and all(type(n) is int and 0 <= n < 1 << 16 for n in size))
    _need(size[0] * size[1] <= MAX_BYTES >> 4)
    image: Any = importlib.import_module("PIL.Image")
    made = image.frombytes(mode, tuple(size), _bytes_of(data))
    if palette is not None:
        made.putpalette([_exactly(n, int) % 256 for n in palette[:768]])
    return made


_kind("image", "PIL.Image:Image", _image_parts, _image)


# ---- data frames ---------------------------------------------------------------------------------

_NUMBERS = re.compile(r"bool|u?int(8|16|32|64)|float(16|32|64)|complex(64|128)")
_WITH_GAPS = re.compile(r"boolean|U?Int(8|16|32|64)|Float(32|64)|string|str")


def _pandas() -> Any:
    return importlib.import_module("pandas")


def _column_parts(values: Any) -> Any:
    """The values of a series or index: (what they are, how they are told)."""
    dtype = str(values.dtype)
    if _NUMBERS.fullmatch(dtype):
        return dtype, np.ascontiguousarray(values.to_numpy())
    if dtype.startswith("datetime64["):
        zone = getattr(values.dtype, "tz", None)
        zone = str(zone) if zone is not None else None
        unit = values.dtype.unit if zone else np.datetime_data(values.dtype)[0]
        naive = np.asarray(values.to_numpy(f"datetime64[{unit}]"))
        return ("datetime", unit, zone), naive.view(np.int64)
    if dtype.startswith("timedelta64["):
        return ("timedelta", np.datetime_data(values.dtype)[0]), values.to_numpy().view(np.int64)
    if dtype == "category":
        held = values.cat if hasattr(values, "cat") else values
        codes = np.asarray(held.codes, np.int64)
        return ("category", bool(held.ordered)), (codes, _column_parts(held.categories))
    items = list(values)
    if _WITH_GAPS.fullmatch(dtype):
        pandas = _pandas()
        return ("with gaps", dtype), [None if pandas.isna(item) else item for item in items]
    return "object", items


def _column(parts: Any) -> Any:
    """What `Series` and `Index` take as their data."""
    what, data = parts
    pandas = _pandas()
    if what == "object":
        return _object_column(_exactly(data, list))
    if type(what) is str:
        _need(_NUMBERS.fullmatch(what) is not None and type(data) is np.ndarray and data.ndim == 1)
        return data.astype(what)
    match what:
        case ("datetime", str(unit), zone):
            zone = _zone_name(zone)
            _need(unit in ("s", "ms", "us", "ns") and data.dtype == np.int64)
            made = pandas.DatetimeIndex(data.copy().view(f"datetime64[{unit}]"))
            return made if zone is None else made.tz_localize("UTC").tz_convert(zone)
        case ("timedelta", str(unit)):
            _need(unit in ("s", "ms", "us", "ns") and data.dtype == np.int64)
            return pandas.TimedeltaIndex(data.copy().view(f"timedelta64[{unit}]"))
        case ("category", ordered):
            codes, categories = data
            return pandas.Categorical.from_codes(
                codes, _column(categories), ordered=ordered is True
            )
        case ("with gaps", str(dtype)):
            _need(_WITH_GAPS.fullmatch(dtype) is not None)
            return pandas.array(_exactly(data, list), dtype=dtype)
    raise ValueError("a column of no kind")


def _zone_name(zone: Any) -> str | None:
    """A name of a time zone as pandas takes it, and no path to a file."""
    if zone is not None:
        _need(
            re.fullmatch(r"[A-Z]\w*([+-]\d\d:?\d\d)?(/[\w+-]+){0,2}", _exactly(zone, str))
            is not None
        )
    return zone


def _object_column(items: list[Any]) -> np.ndarray[Any, Any]:
    return _objects_array(([len(items)], items))


def _index_parts(index: Any) -> Any:
    if type(index).__name__ == "RangeIndex":
        return "range", (index.start, index.stop, index.step), index.name
    if type(index).__name__ == "MultiIndex":
        return "levels", [tuple(row) for row in index], list(index.names)
    return "column", _column_parts(index), index.name


def _index(parts: Any) -> Any:
    what, data, name = parts
    pandas = _pandas()
    if what == "range":
        return pandas.RangeIndex(*(_exactly(n, int) for n in data), name=name)
    if what == "levels":
        if not data:
            return pandas.MultiIndex.from_arrays([[] for _ in name], names=name)
        return pandas.MultiIndex.from_tuples(_exactly(data, list), names=name)
    _need(what == "column")
    held = _column(data)
    dtype = object if data[0] == "object" else None
    return pandas.Index(held, dtype=dtype, name=name)


def _series_parts(value: Any) -> Any:
    return _column_parts(value), _index_parts(value.index), value.name


def _series(parts: Any) -> Any:
    column, index, name = parts
    return _pandas().Series(_column(column), index=_index(index), name=name)


def _frame_parts(value: Any) -> Any:
    columns = [_column_parts(value.iloc[:, place]) for place in range(value.shape[1])]
    return _index_parts(value.columns), _index_parts(value.index), columns


def _frame(parts: Any) -> Any:
    names, index, columns = parts
    pandas, rows = _pandas(), _index(index)
    held = {n: pandas.Series(_column(c), index=rows) for n, c in enumerate(_exactly(columns, list))}
    made = pandas.DataFrame(held, index=rows)
    made.columns = _index(names)
    return made


def _nothing(name: str) -> Callable[[Any], Any]:
    return lambda _: getattr(_pandas(), name)


_TIME = "pandas._libs.tslibs."
_kind("frame", "pandas.core.frame:DataFrame pandas:DataFrame", _frame_parts, _frame, changes=True)
_kind("series", "pandas.core.series:Series pandas:Series", _series_parts, _series, changes=True)
_kind(
    "index",
    "pandas.core.indexes.base:Index pandas:Index",
    _index_parts,
    lambda parts: _index(parts),
)
_kind(
    "categories",
    "pandas.core.arrays.categorical:Categorical pandas:Categorical",
    lambda v: _column_parts(_pandas().Series(v)),
    _column,
)
_kind(
    "timestamp",
    f"{_TIME}timestamps:Timestamp pandas:Timestamp",
    lambda v: (v.isoformat(), v.unit, str(v.tz) if v.tz is not None else None),
    lambda parts: _timestamp(parts),
)
_kind(
    "time difference",
    f"{_TIME}timedeltas:Timedelta pandas:Timedelta",
    lambda v: v.value,
    lambda number: _pandas().Timedelta(_exactly(number, int), unit="ns"),
)
_kind(
    "no time", f"{_TIME}nattype:NaTType pandas.api.typing:NaTType", lambda v: None, _nothing("NaT")
)
_kind(
    "missing",
    "pandas._libs.missing:NAType pandas.api.typing:NAType",
    lambda v: None,
    _nothing("NA"),
)


def _timestamp(parts: Any) -> Any:
    text, unit, zone = parts
    zone = _zone_name(zone)
    _need(unit in ("s", "ms", "us", "ns"))
    made = _pandas().Timestamp(_exactly(text, str)).as_unit(unit)
    return made if zone is None else made.tz_convert(zone)
