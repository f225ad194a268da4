"""What may cross between the checker process and the student process, and its encoding.

One message is two parts (see `sandbox.frames`): JSON that must fit the schema below to the letter,
and one safetensors blob. Sizes, counts and dtypes are capped before anything is parsed. Nothing is ever
pickled, imported or evaluated by reading a frame; what the names in it mean is decided by the
reader (see `mirror`).
"""

from __future__ import annotations

import json
import socket
import struct
import zlib
from collections.abc import Callable
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    TypeAdapter,
    ValidationError,
)
from safetensors import SafetensorError
from safetensors.numpy import save as write_arrays

from headcheck.lesson.failures import Unreadable
from headcheck.lesson.torch_here import IS_HERE, torch
from headcheck.sandbox import frames

if IS_HERE:
    from safetensors.torch import load as read_safetensors
else:
    from headcheck.lesson.no_torch import read_tensors as read_safetensors  # type: ignore[assignment]

MAX_JSON = 4 << 20
MAX_BLOB = 768 << 20
MAX_BLOB_HEADER = 1 << 20
MAX_TENSORS = 4096
MAX_MODULES = 4096
MAX_TEXT = 100_000
MAX_DEPTH = 24
MAX_NODES = 100_000  # values in one frame

DTYPES = {
    str(dtype).removeprefix("torch."): dtype
    for dtype in (
        torch.float32,
        torch.float64,
        torch.float16,
        torch.bfloat16,
        torch.int64,
        torch.int32,
        torch.int16,
        torch.int8,
        torch.uint8,
        torch.bool,
    )
}
_BLOB_DTYPES = {"F32", "F64", "F16", "BF16", "I64", "I32", "I16", "I8", "U8", "BOOL"}


class WireError(Unreadable):
    """The other side sent something that is no valid frame."""


class Gone(BaseException):
    """The other process closed its end. Not an `Exception`: no check may swallow it."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


# ---- values: plain JSON scalars, or one of these, told apart by "t" -----------------------------


class Odd(_Strict):
    """A float that JSON has no number for, or `...`."""

    t: Literal["odd"]
    v: Literal["inf", "-inf", "nan", "ellipsis"]


class Items(_Strict):
    """A container; `n` numbers the mutable ones of a call, so that a change can be told."""

    t: Literal["list", "tuple", "set", "frozenset"]
    v: list[Node]
    n: int | None = None


class Made(_Strict):
    """A value that is put together from others: `k` is its kind (see `kinds`)."""

    t: Literal["made"]
    k: Annotated[str, Field(max_length=40)]
    v: Node
    n: int | None = None


class Pairs(_Strict):
    t: Literal["dict"]
    v: list[tuple[Node, Node]]
    n: int | None = None


class Named(_Strict):
    """A dtype, a device, or a function or class of a library or a setup cell: `module:name`."""

    t: Literal["dtype", "device", "name"]
    v: Annotated[str, Field(max_length=300)]


class Partial(_Strict):
    """functools.partial of a named function."""

    t: Literal["partial"]
    call: Node
    args: list[Node]
    kwargs: dict[str, Node]


class Raw(_Strict):
    """Bytes, as hexadecimal digits."""

    t: Literal["bytes"]
    v: Annotated[str, Field(max_length=2 * MAX_TEXT)]


class Reference(_Strict):
    """A tensor, array or module of the tables of this frame, or one that both sides know."""

    t: Literal["tensor", "array", "number", "module"]
    v: int


Title = Annotated[str, Field(max_length=200)]
Doc = Annotated[str, Field(max_length=4000)]


class Known(_Strict):
    """Something that lives in the student's process, named by the checker."""

    t: Literal["known"]
    v: int


class Function(_Strict):
    """A function that lives in the student's process and can be called there."""

    t: Literal["function"]
    v: int
    name: Title
    doc: Doc | None = None


class Class(_Strict):
    """A class that lives in the student's process."""

    t: Literal["class"]
    v: int
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


class Object(_Strict):
    """An object that lives in the student's process. `value`: the plain value that it also is."""

    t: Literal["object"]
    v: int
    cls: Class
    value: Node = None


class Running(_Strict):
    """A generator or coroutine that runs in the student's process."""

    t: Literal["generator", "coroutine"]
    v: int
    name: Title


class Record(_Strict):
    """A dataclass of headcheck's own (a measurement and what asks for it)."""

    t: Literal["record"]
    name: Annotated[str, Field(max_length=200)]
    v: dict[str, Node]


class Inert(_Strict):
    """Anything else: a description that no check can pass with."""

    t: Literal["inert"]
    v: Annotated[str, Field(max_length=300)]


Tagged = Annotated[
    Odd
    | Items
    | Pairs
    | Made
    | Named
    | Partial
    | Raw
    | Reference
    | Known
    | Function
    | Class
    | Object
    | Running
    | Record
    | Inert,
    Field(discriminator="t"),
]
Node = (
    StrictBool
    | StrictInt
    | StrictFloat
    | Annotated[StrictStr, Field(max_length=MAX_TEXT)]
    | None
    | Tagged
)
HookKind = Literal["_forward_hooks", "_forward_pre_hooks"]
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^.]+$")]


# ---- the tables of a frame: objects that both sides hold -----------------------------------------


class TensorEntry(_Strict):
    """One tensor. Its numbers are in the blob under its key, unless it is a meta tensor."""

    key: int
    shared: bool = Field(True, description="both sides keep it: an argument, or part of a module")
    parameter: bool = False
    requires_grad: bool = False
    graph: bool = Field(False, description="the result of a computation that can go backward")
    meta: tuple[str, list[Annotated[int, Field(ge=0, lt=2**40)]]] | None = None
    data: bool = True
    complex: bool = Field(False, description="its numbers come in pairs, along the last axis")


class ModuleEntry(_Strict):
    """One nn.Module as data. `black`: its class or behaviour cannot be carried as data.

    What there is none of is not said.
    """

    key: int
    cls: Annotated[str, Field(max_length=300)]
    base: Annotated[str, Field(max_length=300)]
    black: bool
    odd: Annotated[str, Field(max_length=300)] | None = Field(
        None, description="why its class does not say what it does: of a part of it, perhaps"
    )
    training: bool
    attributes: dict[Annotated[str, Field(max_length=200)], Node] = {}
    lost: list[Annotated[str, Field(max_length=200)]] = []
    methods: list[Annotated[str, Field(max_length=200)]] = []
    parameters: dict[Name, int | None] = {}
    buffers: dict[Name, int | None] = {}
    transient: list[Annotated[str, Field(max_length=200)]] = []
    children: dict[Name, int | None] = {}
    hooks: dict[HookKind, Annotated[int, Field(ge=0, le=64)]] = {}


class _Frame(_Strict):
    tensors: Annotated[list[TensorEntry], Field(max_length=MAX_TENSORS)] = []
    modules: Annotated[list[ModuleEntry], Field(max_length=MAX_MODULES)] = []


class Context(_Strict):
    """The surroundings a call runs in, so that it behaves as if it were made next door."""

    seed: int
    grad: bool
    dtype: Literal["float32", "float64", "float16", "bfloat16"]
    forbidden: list[str]
    setup_names: list[str]


class Request(_Frame):
    """Checker -> student. `target` is a name (names), a handle (call) or a module's key."""

    op: Literal[
        "names",
        "call",
        "each",
        "method",
        "measure",
        "copy",
        "backward",
        "get",
        "set",
        "delete",
        "do",
    ]
    target: int | str | None = None
    method: str | None = None
    args: list[Node] = []
    kwargs: dict[str, Node] = {}
    lent: list[int] = Field([], description="models that the target was given before")
    released: list[int] = []
    context: Context


UNTOLD = "(untold)"


def mark_of(line: str) -> int:
    """A number for the text of a line, by which the other side finds the one that is meant."""
    return zlib.crc32(line.strip().encode("utf-8", "replace"))


class Raised(_Strict):
    """A student's exception: its type, its place, and for the TA alone its text.

    `path` and `above` say which classes it is of: `module:name` for those that both sides may know.

    `type` is `UNTOLD` where nothing was raised, but what there is to say cannot be said.
    """

    type: Annotated[str, Field(max_length=200)]
    path: Annotated[list[Title], Field(max_length=100)] = []
    above: Annotated[list[int], Field(max_length=100)] = []
    text: Annotated[str, Field(max_length=1000)] = ""
    likely: Annotated[str, Field(max_length=50)] | None = Field(
        None, description="a row of `causes`"
    )
    function: Annotated[str, Field(max_length=200)] | None = None
    line: int | None = None
    mark: int = Field(0, description="of the line's text: several cells may have such a function")
    why: Literal["too large", "too deep", "odd"] = "odd"


class Changed(_Strict):
    """A list, dict or set that was an argument and is not what it was."""

    n: int
    value: Node


class Reply(_Frame):
    """Student -> checker."""

    result: Node = None
    raised: Raised | None = None
    changed: list[Changed] = []
    call: int | None = Field(None, description="names the computation for a later `backward`")


_request, _reply = TypeAdapter(Request), TypeAdapter(Reply)


# ---- bytes ---------------------------------------------------------------------------------------


def send(sock: socket.socket, frame: dict[str, Any], tensors: dict[int, torch.Tensor]) -> None:
    """Write one frame. Raises `Gone` when the other end is closed."""
    text = json.dumps(frame, allow_nan=False, separators=(",", ":")).encode()
    blob = _pack(tensors)
    if len(text) > MAX_JSON or len(blob) > MAX_BLOB:
        raise WireError("too large to send")
    try:
        frames.send_parts(sock, text, blob)
    except OSError as error:
        raise Gone(str(error)) from None


def receive_request(sock: socket.socket) -> tuple[Request, dict[int, torch.Tensor]]:
    return _receive(sock, _request.validate_json)


def receive_reply(sock: socket.socket) -> tuple[Reply, dict[int, torch.Tensor]]:
    return _receive(sock, _reply.validate_json)


F = TypeVar("F", bound=_Frame)


def _receive(sock: socket.socket, parse: Callable[[bytes], F]) -> tuple[F, dict[int, torch.Tensor]]:
    """Read one frame. Raises `Gone` at the end of the stream, `WireError` for what breaks rules."""
    try:
        text = frames.receive_part(sock, MAX_JSON)
        blob = frames.receive_part(sock, MAX_BLOB)
    except frames.FrameError as error:
        raise WireError(str(error)) from None
    except (EOFError, OSError) as error:
        raise Gone(str(error) or "closed") from None
    try:
        frame = parse(text)
    except (ValidationError, RecursionError) as error:
        raise WireError(f"not in the schema: {str(error)[:300]}") from None
    return frame, _unpack(blob)


def _pack(tensors: dict[int, torch.Tensor]) -> bytes:
    if not tensors:
        return b""
    seen: set[int] = set()
    named: dict[str, torch.Tensor] = {}
    for key, tensor in tensors.items():
        plain = tensor.detach().as_subclass(torch.Tensor).contiguous().resolve_neg()
        address = plain.untyped_storage().data_ptr()
        if address in seen:  # safetensors refuses tensors that share memory
            plain = plain.clone()
        seen.add(address)
        named[str(key)] = plain
    if any(tensor.dtype is torch.bfloat16 for tensor in named.values()):  # numpy has none
        from safetensors.torch import save as write_tensors

        return write_tensors(named)
    return write_arrays({key: tensor.numpy() for key, tensor in named.items()})  # six times faster


class _BlobTensor(_Strict):
    dtype: str
    shape: list[int]
    data_offsets: tuple[int, int]


_blob_header = TypeAdapter(dict[str, _BlobTensor])


def _unpack(blob: bytes) -> dict[int, torch.Tensor]:
    if not blob:
        return {}
    size = struct.unpack("<Q", blob[:8])[0] if len(blob) >= 8 else len(blob)
    if size > min(MAX_BLOB_HEADER, len(blob) - 8):
        raise WireError("tensor header too large")
    try:
        header = _blob_header.validate_json(blob[8 : 8 + size])
        if len(header) > MAX_TENSORS:
            raise WireError("too many tensors")
        if not all(entry.dtype in _BLOB_DTYPES for entry in header.values()):
            raise WireError("a dtype that may not cross")
        return {int(key): tensor for key, tensor in read_safetensors(blob).items()}
    except (ValidationError, SafetensorError, ValueError, RecursionError) as error:
        raise WireError(f"tensors: {str(error)[:300]}") from None
