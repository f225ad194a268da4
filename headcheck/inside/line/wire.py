"""The frames that cross between the checker process and the student process, as bytes.

One message is two parts (see `sandbox.frames`): JSON that must fit the schema to the letter (what stands
here, and the forms in `values`, `tensors` and `modules`), and one safetensors blob. Sizes, counts and
dtypes are capped before anything is parsed. Nothing is ever pickled, imported or evaluated by reading a
frame; what the names in it mean is decided by the reader (see `mirror`).
"""

from __future__ import annotations

import json
import socket
import struct
import zlib
from collections.abc import Callable
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from safetensors import SafetensorError
from safetensors.numpy import save as write_arrays

from headcheck.inside.line.limits import (
    MAX_BLOB,
    MAX_BLOB_HEADER,
    MAX_JSON,
    MAX_MODULES,
    MAX_TENSORS,
    STRICT,
    WireError,
)
from headcheck.inside.line.modules import ModuleEntry
from headcheck.inside.line.tensors import TensorEntry
from headcheck.inside.line.values import Node, Title
from headcheck.lesson.torch_here import IS_HERE, torch
from headcheck.sandbox import frames

if IS_HERE:
    from safetensors.torch import load as read_safetensors
else:
    from headcheck.lesson.no_torch import read_tensors as read_safetensors  # type: ignore[assignment]

_BLOB_DTYPES = {"F32", "F64", "F16", "BF16", "I64", "I32", "I16", "I8", "U8", "BOOL"}


class Gone(BaseException):
    """The other process closed its end. Not an `Exception`: no check may swallow it."""


class _Strict(BaseModel):
    model_config = STRICT


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
    done: list[int] = Field([], description="computations that no `backward` will ask for")
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
