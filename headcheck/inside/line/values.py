"""How a value crosses: each form of a node stands once, here.

A form is a class: its fields are what may arrive, to the letter; `read` makes the value again and trusts
nothing; `tell` writes a value in this form, or says `PASS`. Plain JSON stands for itself. A new form is
one more class, and its name in `FORMS` and `_ASKED`; a value that is put together from others needs
none, but a kind (see `kinds`).

Nothing is called on the way but Python's own reading of attributes.
"""

from __future__ import annotations

import enum
import functools
from collections.abc import Callable, ItemsView, Iterable, Iterator, KeysView, ValuesView
from dataclasses import dataclass, fields, is_dataclass
from itertools import islice
from types import CoroutineType, GeneratorType, NoneType
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Union

import numpy as np
from pydantic import BaseModel, Field, StrictBool, StrictFloat, StrictInt, StrictStr

from headcheck.inside.line import kinds
from headcheck.inside.line.limits import MAX_DEPTH, MAX_NODES, MAX_TEXT, STRICT, WireError
from headcheck.inside.line.names import (
    LIBRARIES,
    is_our_record,
    is_shared_class,
    look_up,
    path_of,
)
from headcheck.inside.line.shared import (
    CannotCross,
    Mirror,
    Outgoing,
    describe,
    inert,
    of_kind,
)
from headcheck.inside.line.shared import Inert as Inert_
from headcheck.inside.line.tensors import TOLD_DTYPES, note_tensor, plain_enough, write_tensor
from headcheck.lesson.torch_here import Tensor, nn, torch

LARGEST_NUMBER = 10**4000  # Python will not write such a number down
PACKED_FROM = 1000  # items of a list of numbers
PASS = object()  # the value is of another form


def encode(
    mirror: Mirror, value: Any, out: Outgoing, *, share: bool = False, depth: int = 0
) -> Any:
    """`value` as a node of the wire; objects it holds go to the tables of `out`.

    `share`: both sides keep its plain tensors too, so that a change can be told.
    """
    return Writer(mirror, out, share).node(value, depth)


def decode(
    mirror: Mirror, node: Any, tensors: dict[int, Tensor], keep: dict[int, Any] | None = None
) -> Any:
    """A node of the wire as a value. `keep` collects the numbered containers."""
    return Reader(mirror, tensors, keep).value(node)


@dataclass(slots=True)
class Writer:
    """Writes the values of one frame, for one side."""

    mirror: Mirror
    out: Outgoing
    share: bool = False

    def node(self, value: Any, depth: int) -> Any:
        self.out.nodes += 1
        if depth > MAX_DEPTH or self.out.nodes > MAX_NODES:
            return self.mirror.tell_too_large(value)
        tell = _BY_CLASS.get(type(value))
        if tell is not None:
            return tell(value, self, depth)
        for ask in _ASKED:
            node = ask(value, self, depth)
            if node is not PASS:
                return node
        return self.mirror.tell_other(value)

    def nodes(self, values: Iterable[Any], depth: int) -> list[Any]:
        return [self.node(value, depth) for value in values]

    def made(self, kind: str, value: Any, depth: int, *, share: bool = False) -> Any:
        """The node of a value that crosses by its parts."""
        number = self.out.number(value) if kinds.KINDS[kind].changes else {}
        try:
            parts = kinds.KINDS[kind].apart(value)
        except CannotCross:
            raise
        except Exception:  # one of its kind that is not as others are
            return self.mirror.tell_other(value)
        node = Writer(self.mirror, self.out, share).node(parts, depth + 1)
        if has_untold(node):
            return self.mirror.tell_other(value)
        return {"t": "made", "k": kind, "v": node} | number


@dataclass(slots=True)
class Reader:
    """Reads the nodes of one frame, for one side."""

    mirror: Mirror
    tensors: dict[int, Tensor]
    keep: dict[int, Any] | None = None

    def value(self, node: Any) -> Any:
        return node.read(self) if isinstance(node, Form) else node

    def values(self, nodes: Iterable[Any]) -> list[Any]:
        return [node.read(self) if isinstance(node, Form) else node for node in nodes]

    def kept(self, number: int | None, value: Any) -> Any:
        """`value`, which has this number among the containers of the call."""
        if self.keep is not None and number is not None:
            self.keep[number] = value
        return value


class Form(BaseModel):
    """One form of a node. `elsewhere`: no data, but something that lives in the other process."""

    model_config = STRICT
    elsewhere: ClassVar[bool] = False

    def read(self, r: Reader) -> Any:
        """The value. Raises `WireError` where there is none."""
        raise NotImplementedError

    def of_parts(self) -> bool:
        """Whether a value is in it that no setting of a library's layer is."""
        return False


Title = Annotated[str, Field(max_length=200)]
Doc = Annotated[str, Field(max_length=4000)]


# ---- numbers and texts ---------------------------------------------------------------------------


def _tell_itself(value: Any, w: Writer, depth: int) -> Any:
    return value


def _tell_int(value: Any, w: Writer, depth: int) -> Any:
    if not isinstance(value, int):
        return PASS
    return int(value) if abs(int(value)) < LARGEST_NUMBER else w.mirror.tell_too_large(value)


def _tell_text(value: Any, w: Writer, depth: int) -> Any:
    if not isinstance(value, str):
        return PASS
    if len(value) > MAX_TEXT:
        return w.made("long text", value, depth)
    return str(value).encode("utf-8", "replace").decode()


class Odd(Form):
    """A float that JSON has no number for, or `...`."""

    t: Literal["odd"]
    v: Literal["inf", "-inf", "nan", "ellipsis"]

    @staticmethod
    def tell(value: Any, w: Writer, depth: int) -> Any:
        return {"t": "odd", "v": "ellipsis"} if value is Ellipsis else PASS

    @staticmethod
    def tell_float(value: Any, w: Writer, depth: int) -> Any:
        if not isinstance(value, float) or isinstance(value, np.generic):
            return PASS
        value = float(value)
        if value - value == 0:
            return value
        return {"t": "odd", "v": "nan" if value != value else "inf" if value > 0 else "-inf"}

    def read(self, r: Reader) -> Any:
        return Ellipsis if self.v == "ellipsis" else float(self.v)


class Raw(Form):
    """Bytes, as hexadecimal digits."""

    t: Literal["bytes"]
    v: Annotated[str, Field(max_length=2 * MAX_TEXT)]

    @staticmethod
    def tell(value: Any, w: Writer, depth: int) -> Any:
        if not isinstance(value, bytes):
            return PASS
        if len(value) > MAX_TEXT:
            return w.made("long bytes", value, depth)
        return {"t": "bytes", "v": value.hex()}

    def read(self, r: Reader) -> Any:
        try:
            return bytes.fromhex(self.v)
        except ValueError as error:
            raise WireError(f"bytes: {error}") from None


# ---- containers ----------------------------------------------------------------------------------


class Items(Form):
    """A container; `n` numbers the mutable ones of a call, so that a change can be told."""

    t: Literal["list", "tuple", "set", "frozenset"]
    v: list[Node]
    n: int | None = None

    @staticmethod
    def tell(value: Any, w: Writer, depth: int) -> Any:
        kind = _sequence_kind(value)
        if kind is None:
            return PASS
        number = w.out.number(value) if kind in ("list", "set") else {}
        if kind == "list" and len(value) > PACKED_FROM and not number:
            packed = _packed(value)
            if packed is not None:
                return w.made(packed, value, depth)
        return {"t": kind, "v": w.nodes(value, depth + 1)} | number

    def read(self, r: Reader) -> Any:
        return r.kept(self.n, _items(self.t, r.values(self.v)))

    def of_parts(self) -> bool:
        return _any_of_parts(self.v)


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


def _is_fastcores_list(value: Any) -> bool:
    return type(value).__name__ == "L" and type(value).__module__.startswith("fastcore.")


def _packed(items: list[Any]) -> str | None:
    """How a long list of numbers crosses: in one piece."""
    found = set(map(type, items))
    if found == {float}:
        return "long list of numbers"
    if found == {int} and all(-(2**63) <= item < 2**63 for item in items):
        return "long list of whole numbers"
    return None


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
        raise WireError(f"{kind}: {error}") from None


def _any_of_parts(nodes: Iterable[Any]) -> bool:
    return any(isinstance(node, Form) and node.of_parts() for node in nodes)


class Pairs(Form):
    t: Literal["dict"]
    v: list[tuple[Node, Node]]
    n: int | None = None

    @staticmethod
    def tell(value: Any, w: Writer, depth: int) -> Any:
        if not isinstance(value, dict):
            return PASS
        number = w.out.number(value)
        pairs = [[w.node(k, depth + 1), w.node(v, depth + 1)] for k, v in value.items()]
        return {"t": "dict", "v": pairs} | number

    def read(self, r: Reader) -> Any:
        found = {}
        for key, value in self.v:
            key, value = r.value(key), r.value(value)
            try:
                found[key] = value
            except TypeError:
                raise WireError("a dict key that cannot be one") from None
        return r.kept(self.n, found)

    def of_parts(self) -> bool:
        return any(map(_any_of_parts, self.v))


class Made(Form):
    """A value that is put together from others: `k` is its kind (see `kinds`)."""

    t: Literal["made"]
    k: Annotated[str, Field(max_length=40)]
    v: Node
    n: int | None = None

    @staticmethod
    def tell_member(value: Any, w: Writer, depth: int) -> Any:
        if not isinstance(value, enum.Enum):
            return PASS
        shared = is_shared_class(type(value), w.mirror.own_names)
        return w.made("member", value, depth) if shared else w.mirror.tell_other(value)

    @staticmethod
    def tell(value: Any, w: Writer, depth: int) -> Any:
        if is_shared_class(type(value), w.mirror.own_names):
            kind = _kind_of_shared(value)
            if kind == "lives there":
                return w.mirror.tell_other(value)
        elif kinds.is_named_tuple(value):
            kind = "named tuple"
        else:
            kind = found.name if (found := kinds.kind_of(value)) is not None else None
        return PASS if kind is None else w.made(kind, value, depth, share=w.share)

    @staticmethod
    def tell_iterator(value: Any, w: Writer, depth: int) -> Any:
        if not (w.mirror.reads_iterators and isinstance(value, Iterator)):
            return PASS
        return w.made("iterator", list(islice(value, MAX_NODES)), depth, share=w.share)

    @staticmethod
    def tell_exception(value: Any, w: Writer, depth: int) -> Any:
        fits = isinstance(value, Exception) and w.mirror.may_name(type(value))
        return w.made("exception", value, depth) if fits else PASS

    def read(self, r: Reader) -> Any:
        parts = r.value(self.v)
        kind = kinds.KINDS.get(self.k)
        if kind is None:
            raise WireError(f"no kind {self.k}")
        try:
            return r.kept(self.n, kind.together(parts))
        except RecursionError:
            raise WireError(f"{self.k}: too deep") from None
        except _UNFIT as error:
            raise WireError(f"{self.k}: {str(error)[:200]}") from None

    def of_parts(self) -> bool:
        return self.k not in _OF_LAYERS


_OF_LAYERS = ("slice", "range", "size")
# What may be wrong with parts that make no value: they come from the other side.
_UNFIT: tuple[type[Exception], ...] = (ArithmeticError, AssertionError, AttributeError, ImportError)
_UNFIT += (LookupError, RuntimeError, TypeError, ValueError)


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


class Record(Form):
    """A dataclass of headcheck's own (a measurement and what asks for it)."""

    t: Literal["record"]
    name: Annotated[str, Field(max_length=200)]
    v: dict[str, Node]

    @staticmethod
    def tell(value: Any, w: Writer, depth: int) -> Any:
        if not (is_dataclass(value) and is_our_record(type(value))):
            return PASS
        held = {f.name: w.node(getattr(value, f.name), depth + 1) for f in fields(value)}
        return {"t": "record", "name": path_of(type(value)), "v": held}

    def read(self, r: Reader) -> Any:
        cls = look_up(*self.name.partition(":")[::2])
        if not (isinstance(cls, type) and is_our_record(cls)):
            raise WireError(f"{self.name} is no record")
        if set(self.v) != {f.name for f in fields(cls)}:  # type: ignore[arg-type]
            raise WireError(f"{self.name}: wrong fields")
        return cls(**{k: r.value(v) for k, v in self.v.items()})


# ---- functions, classes and types with a name ----------------------------------------------------


class Named(Form):
    """A dtype, a device, or a function or class of a library or a setup cell: `module:name`."""

    t: Literal["dtype", "device", "name"]
    v: Annotated[str, Field(max_length=300)]

    @staticmethod
    def tell(value: Any, w: Writer, depth: int) -> Any:
        if not isinstance(value, torch.dtype | torch.device):
            return PASS
        what = "dtype" if isinstance(value, torch.dtype) else "device"
        return {"t": what, "v": str(value).removeprefix("torch.")}

    @staticmethod
    def tell_callable(value: Any, w: Writer, depth: int) -> Any:
        if not callable(value):
            return PASS
        path = path_of(value)
        module, _, name = path.partition(":")
        root = module.partition(".")[0]
        if root in LIBRARIES and look_up(module, name) is value and w.mirror.may_name(value):
            return {"t": "name", "v": path}
        if root == "__main__" and w.mirror.own_names.get(name) is value:
            return {"t": "name", "v": path}
        return w.mirror.tell_callable(value)

    def read(self, r: Reader) -> Any:
        if self.t == "dtype":
            return r.mirror.dtype(self.v)
        if self.t == "device":
            try:
                return torch.device(self.v)
            except RuntimeError as error:
                raise WireError(str(error)[:200]) from None
        return r.mirror.named(self.v)


class Partial(Form):
    """functools.partial of a named function."""

    t: Literal["partial"]
    call: Node
    args: list[Node]
    kwargs: dict[str, Node]

    @staticmethod
    def tell(value: Any, w: Writer, depth: int) -> Any:
        if not isinstance(value, functools.partial):
            return PASS
        return {
            "t": "partial",
            "call": w.node(value.func, depth + 1),
            "args": w.nodes(value.args, depth + 1),
            "kwargs": {str(k): w.node(v, depth + 1) for k, v in value.keywords.items()},
        }

    def read(self, r: Reader) -> Any:
        call = r.value(self.call)
        if not callable(call):
            raise WireError("partial of nothing callable")
        kwargs = {k: r.value(v) for k, v in self.kwargs.items()}
        return functools.partial(call, *r.values(self.args), **kwargs)

    def of_parts(self) -> bool:
        return _any_of_parts((*self.args, *self.kwargs.values()))


# ---- what stands in the tables of the frame ------------------------------------------------------


class Reference(Form):
    """A tensor, array or module of the tables of this frame, or one that both sides know."""

    t: Literal["tensor", "array", "number", "module"]
    v: int

    @staticmethod
    def tell(value: Any, w: Writer, depth: int) -> Any:
        if isinstance(value, Tensor) and kinds.kind_of(value) is None:
            return _tell_tensor(value, w, "tensor", w.share)
        if isinstance(value, nn.Module):
            return {"t": "module", "v": describe(w.mirror, value, w.out)}
        return PASS

    @staticmethod
    def tell_array(value: Any, w: Writer, depth: int) -> Any:
        if not isinstance(value, np.ndarray | np.generic):
            return PASS
        if isinstance(value, np.ma.MaskedArray):
            return w.made("masked array", value, depth)
        try:
            tensor = torch.from_numpy(np.array(value, copy=True, order="C"))
        except TypeError:
            tensor = None
        if tensor is None or tensor.dtype not in TOLD_DTYPES or tensor.is_complex():
            made = kinds.array_kind(value)
            return w.made(made.name, value, depth) if made else w.mirror.tell_other(value)
        kind = "array" if isinstance(value, np.ndarray) else "number"
        return _tell_tensor(tensor, w, kind, share=False)

    def read(self, r: Reader) -> Any:
        thing = r.tensors[self.v] if self.v in r.tensors else r.mirror.thing(self.v)
        if self.t == "module":
            return of_kind(nn.Module, thing)
        thing = of_kind(Tensor, thing)
        if self.t == "tensor":
            return thing
        array = thing.detach().numpy()
        return array if self.t == "array" else array[()]


def _tell_tensor(tensor: Tensor, w: Writer, kind: str, share: bool) -> Any:
    if w.mirror.key_of(tensor) is None:
        if not plain_enough(tensor):
            return w.mirror.tell_other(tensor)
        if not (share or isinstance(tensor, nn.Parameter)):
            # A plain result is not worth keeping: nothing can be done to it later.
            key = w.mirror.new_key()
            write_tensor(tensor, key, w.out, shared=False)
            return {"t": kind, "v": key}
    return {"t": kind, "v": note_tensor(w.mirror, tensor, w.out)}


# ---- what lives in the student's process, and what is no data ------------------------------------


class Known(Form):
    """Something that lives in the student's process, named by the checker."""

    elsewhere = True
    t: Literal["known"]
    v: int

    @staticmethod
    def tell(value: Any, w: Writer, depth: int) -> Any:
        handle = getattr(type(value), "__handle__", None)
        if handle is not None:
            return handle(value)
        if w.mirror.reads_iterators and isinstance(value, GeneratorType | CoroutineType):
            key = w.mirror.key_of(value)
            if key is not None:
                return {"t": "known", "v": key}
        return PASS

    def read(self, r: Reader) -> Any:
        return r.mirror.thing(self.v)


class Elsewhere(Form):
    """What lives in the student's process, as it tells it there: the checker makes a stand-in."""

    elsewhere = True
    v: int

    def read(self, r: Reader) -> Any:
        if self.v not in r.mirror.known and r.mirror.make_handle is not None:
            made = r.mirror.make_handle(self)
            r.mirror.add(made, self.v)
            return made
        return r.mirror.thing(self.v)


class Function(Elsewhere):
    """A function that lives in the student's process and can be called there."""

    t: Literal["function"]
    name: Title
    doc: Doc | None = None


class Class(Elsewhere):
    """A class that lives in the student's process."""

    t: Literal["class"]
    name: Title
    doc: Doc | None = None
    does: Annotated[list[Title], Field(max_length=200, description="special methods")] = []
    above: Annotated[list[int], Field(max_length=100, description="classes of that process")] = []
    is_a: Annotated[list[Title], Field(max_length=100, description="classes of both sides")] = []
    fields: Annotated[list[Title], Field(max_length=1000)] | None = Field(
        None, description="of a dataclass"
    )
    by_fields: bool = Field(False, description="a dataclass that compares its fields")
    hashes: bool = True
    raises: bool = Field(False, description="an exception")


class Object(Elsewhere):
    """An object that lives in the student's process. `value`: the plain value that it also is."""

    t: Literal["object"]
    cls: Class
    value: Node = None


class Data(Elsewhere):
    """Data of a class of the student's own that adds something to it: a `Stack(list)`.

    `value` is the data itself; `over`: what of Python's own class it does in its own way.
    """

    t: Literal["data"]
    cls: Class
    value: Node
    over: Annotated[list[Title], Field(max_length=200)] = []

    @staticmethod
    def tell(value: Any, w: Writer, depth: int) -> Any:
        if not (isinstance(value, kinds.DATA) and w.mirror.adds_to_data(value)):
            return PASS
        if kinds.is_named_tuple(value):
            plain = w.made("named tuple", value, depth + 1)
        else:
            plain = w.node(kinds.as_data(value), depth + 1)
        return w.mirror.tell_data(value, plain)

    def read(self, r: Reader) -> Any:
        value = r.value(self.value)
        if self.v in r.mirror.known:
            made = r.mirror.thing(self.v)
        elif r.mirror.make_data is None:
            raise WireError("data of no class")
        else:
            made = r.mirror.make_data(self, value)
            r.mirror.add(made, self.v)
        fill = getattr(type(made), "__fill__", None)
        if fill is None:
            raise WireError("data that was something else")
        fill(made, value)
        return made


class Running(Elsewhere):
    """A generator or coroutine that runs in the student's process."""

    t: Literal["generator", "coroutine"]
    name: Title


class Inert(Form):
    """Anything else: a description that no check can pass with."""

    t: Literal["inert"]
    v: Annotated[str, Field(max_length=300)]

    @staticmethod
    def tell(value: Any, w: Writer, depth: int) -> Any:
        return {"t": "inert", "v": value.kind} if isinstance(value, Inert_) else PASS

    def read(self, r: Reader) -> Any:
        return inert(self.v)


# ---- all of them ---------------------------------------------------------------------------------

FORMS = (Odd, Items, Pairs, Made, Named, Partial, Raw, Reference, Known, Function, Class, Object)
FORMS += (Data, Running, Record, Inert)  # type: ignore[assignment]

if TYPE_CHECKING:
    Node = bool | int | float | str | None | Form
else:
    Tagged = Annotated[Union[FORMS], Field(discriminator="t")]  # noqa: UP007
    # In this order, which no value can tell from another: a form that is refused as a number, a text, ...
    # first has its whole content written into each of these refusals, and takes three times as long.
    Node = Annotated[
        Tagged
        | Annotated[StrictStr, Field(max_length=MAX_TEXT)]
        | StrictBool
        | StrictInt
        | StrictFloat
        | None,
        Field(union_mode="left_to_right"),
    ]
for _form in FORMS:
    _form.model_rebuild()

# Who is asked how a value is told, the nearest first.
_ASKED: tuple[Callable[[Any, Writer, int], Any], ...] = (
    *(Made.tell_member, Known.tell, Data.tell, _tell_int, Odd.tell_float, _tell_text),
    *(Reference.tell, Odd.tell, Reference.tell_array, Named.tell, Raw.tell),
    *(
        Made.tell,
        Pairs.tell,
        Items.tell,
        Inert.tell,
        Partial.tell,
        Record.tell,
        Made.tell_iterator,
        Made.tell_exception,
    ),
    Named.tell_callable,
)
# Of these very classes nobody else needs to be asked.
_BY_CLASS: dict[type, Callable[[Any, Writer, int], Any]] = {
    **dict.fromkeys((NoneType, bool), _tell_itself),
    **{int: _tell_int, float: Odd.tell_float, str: _tell_text, dict: Pairs.tell},
    **dict.fromkeys((list, tuple, set, frozenset), Items.tell),
}


def has_inert(node: Any) -> bool:
    """Whether something in a node is no data: not told, or told as what lives elsewhere."""
    return _any(node, _NO_DATA)


def has_untold(node: Any) -> bool:
    return _any(node, _UNTOLD)


def _tags(forms: Iterable[type[Form]]) -> frozenset[str]:
    tags = (form.model_fields["t"].annotation.__args__ for form in forms)  # type: ignore[union-attr]
    return frozenset(tag for of_form in tags for tag in of_form)


_UNTOLD = _tags([Inert])
_NO_DATA = _UNTOLD | _tags(form for form in FORMS if form.elsewhere)


def _any(node: Any, tags: frozenset[str]) -> bool:
    if isinstance(node, dict):
        return node.get("t") in tags or any(
            _any(v, tags) for v in node.values() if isinstance(v, dict | list)
        )
    return isinstance(node, list) and any(_any(v, tags) for v in node if isinstance(v, dict | list))
