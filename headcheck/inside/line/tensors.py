"""How a tensor crosses: what is said of it, how it is written, how it is read.

Its numbers are in the blob of the frame, under its key. One that both sides know already is said again
only when it changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, Field

from headcheck.inside.line.limits import STRICT, WireError
from headcheck.inside.line.shared import CannotCross, of_kind
from headcheck.lesson.torch_here import Tensor, is_lazy, nn, torch

if TYPE_CHECKING:
    from headcheck.inside.line.shared import Mirror, Outgoing

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
TOLD_DTYPES = frozenset({*DTYPES.values(), torch.complex64, torch.complex128})


class TensorEntry(BaseModel):
    """One tensor. Its numbers are in the blob under its key, unless it is a meta tensor."""

    model_config = STRICT
    key: int
    shared: bool = Field(True, description="both sides keep it: an argument, or part of a module")
    parameter: bool = False
    requires_grad: bool = False
    graph: bool = Field(False, description="the result of a computation that can go backward")
    meta: tuple[str, list[Annotated[int, Field(ge=0, lt=2**40)]]] | None = None
    data: bool = True
    complex: bool = Field(False, description="its numbers come in pairs, along the last axis")


# ---- written -------------------------------------------------------------------------------------


def write_tensor(
    tensor: Tensor, key: int, out: Outgoing, *, data: bool = True, shared: bool = True
) -> None:
    """Put a tensor into the tables of `out`, and its numbers unless the other side has them."""
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
    write_tensor(tensor, key, out, data=not same_data)
    known.said = said
    if not same_data:
        known.data = tensor.detach().clone()
    return key


def plain_enough(tensor: Any) -> bool:
    """Whether the numbers of a tensor can cross."""
    return (
        isinstance(tensor, Tensor)
        and not is_lazy(tensor)
        and not tensor.is_nested
        and tensor.layout is torch.strided
        and tensor.dtype in TOLD_DTYPES
        and not tensor.is_quantized
        and (tensor.is_cpu or tensor.is_meta)
    )


def _same(a: Tensor, b: Tensor) -> bool:
    if a.is_meta or b.is_meta:
        return a.is_meta and b.is_meta and a.shape == b.shape and a.dtype == b.dtype
    return a.dtype == b.dtype and a.shape == b.shape and torch.equal(a, b.detach())


# ---- read ----------------------------------------------------------------------------------------


def read_tensor(
    mirror: Mirror, entry: TensorEntry, data: dict[int, Tensor], allowed: set[int] | None
) -> Tensor:
    """This side's tensor of an entry, brought up to date if the other side may change it."""
    known = mirror.known.get(entry.key)
    fresh = _numbers(entry, data)
    if fresh is None and known is None:
        raise WireError("a tensor without its numbers")
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
    tensor = of_kind(Tensor, known.get())
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


def _numbers(entry: TensorEntry, data: dict[int, Tensor]) -> Tensor | None:
    """The values that came with an entry; None when both sides have them already."""
    if entry.meta is not None:
        name, shape = entry.meta
        if name not in DTYPES:
            raise WireError("a dtype that may not cross")
        return torch.empty(shape, dtype=DTYPES[name], device="meta")
    if not entry.data:
        return None
    if entry.key not in data:
        raise WireError("a tensor without its numbers")
    numbers = data[entry.key]
    if not entry.complex:
        return numbers
    if numbers.dtype not in (torch.float32, torch.float64) or numbers.shape[-1:] != (2,):
        raise WireError("complex numbers that are no pairs")
    return torch.view_as_complex(numbers.contiguous())
