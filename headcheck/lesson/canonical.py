"""Is a module what the constructor of its class, and training, could have made?

Then its class, its settings, its parts and its tensors say all about it: it can be described as data,
made again from them elsewhere, and compared with another without running either. On anything else
(a method, hook or attribute on the instance that hides or replaces what the class does, tensors that
are not what they look like) no such conclusion holds: it has to run, where it lives.

Every answer here is a reason in words for a student, or None.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import repeat
from math import isfinite
from operator import is_, itemgetter
from types import FunctionType
from typing import Any

from headcheck.lesson.torch_here import Tensor, is_lazy, module_code, nn, torch

_FRESH = vars(nn.Module())
MODULE_STATE = frozenset(_FRESH)  # what every module has
_KINDS = tuple(map(type, _FRESH.values()))
_fresh_of = itemgetter(*_FRESH)
_parts_of = itemgetter("_parameters", "_buffers", "_modules")
_hooks_of = itemgetter(
    *(name for name, kind in zip(_FRESH, _KINDS, strict=True) if kind is OrderedDict)
)
_GLOBAL_HOOKS = [name for name in vars(module_code) if name.startswith("_global_")]

# What an answer may leave on a module that it was to look at only, as the endings of what `oddity` says.
REPLACED = "of the class is replaced"
HOOKED = "has a hook"
HOOK_LEFT = "a hook for all modules that was left behind"
METHOD_LEFT = "a method that was replaced in a class of layers and not put back"
LEAVINGS = (REPLACED, HOOKED, HOOK_LEFT, METHOD_LEFT)

# How a weight is called that no number can be given to, and what to do about it.
NO_SIZE = "has no size before the layer has run once"
INFERENCE = "was made under torch.inference_mode"
ONE_PLACE = "is one number in memory, shown many times"
SPARSE = "is a sparse or nested tensor"
CAUSES = {
    NO_SIZE: "a lazy layer finds its width in its first forward: give the widths instead, as in "
    "nn.Linear(n_in, n_out)",
    INFERENCE: "what is made under torch.inference_mode can never be trained: leave it out, or use "
    "torch.no_grad() where only gradients are in the way",
    SPARSE: "the weights of a layer are plain tensors: torch.zeros and the like, or to_dense()",
    ONE_PLACE: "expand() copies nothing: clone() after it, or make the tensor at its full size",
}


def oddity(module: nn.Module) -> str | None:
    """What on this very module, its children apart, does not come from its class."""
    state = vars(module)
    if type(state) is not dict:
        return "its attributes are kept in a class of their own"
    try:
        kinds = tuple(map(type, _fresh_of(state)))
    except KeyError:
        kinds = ()
    if kinds != _KINDS:
        name = next(n for n, k in zip(_FRESH, _KINDS, strict=True) if type(state.get(n)) is not k)
        return f"{name} is not what nn.Module makes"
    if any(_hooks_of(state)):
        return "a hook"
    parameters, buffers, children = _parts_of(state)
    if reason := _odd_names(type(module), tuple(state), (*parameters, *buffers, *children)):
        return reason
    if not state["_non_persistent_buffers_set"] <= buffers.keys():
        return "buffers that are not there"
    for table, kind in ((parameters, nn.Parameter), (buffers, Tensor)):
        for name, tensor in table.items():
            if tensor is not None and (reason := odd_tensor(tensor, kind)):
                return f"{name} {reason}"
    for child in children.values():
        if child is not None and not issubclass(type(child), nn.Module):
            return "a part that is no module"
    return None


def _odd_names(cls: type, attributes: tuple[object, ...], parts: tuple[object, ...]) -> str | None:
    """What is odd about the names of a module's attributes and parts."""
    # (Exact texts alone: another class could say that it equals a name, and be taken for it.)
    usual = len(attributes) + len(parts) < 200 and {*map(type, attributes), *map(type, parts)} == {
        str
    }
    return (_remembered if usual else _look_at_names)(cls, attributes, parts)


def _look_at_names(
    cls: type, attributes: tuple[object, ...], parts: tuple[object, ...]
) -> str | None:
    seen: set[str] = set()
    for name in parts:
        if type(name) is not str or not name or "." in name or name in _FRESH:
            return "a part without a proper name"
        if name in seen:
            return f"{name} is there twice"
        if _in_class(cls, name) is not None:
            return f"{name} is the name of a method, and of a part"
        seen.add(name)
    for name in attributes:
        if name not in _FRESH and (reason := _odd_name(cls, name, seen)):
            return reason
    return None


_remembered = lru_cache(maxsize=1024)(_look_at_names)


def _odd_name(cls: type, name: object, parts: set[str]) -> str | None:
    if type(name) is not str or name.startswith("__"):
        return "an attribute without a proper name"
    if name in parts:
        return f"the attribute {name} hides the part of this name"
    return f"{name} {REPLACED}" if _in_class(cls, name) == "code" else None


@lru_cache(maxsize=4096)
def _in_class(cls: type, name: str) -> str | None:
    """What a class has under this name: "code", "data" or nothing."""
    if not hasattr(cls, name):
        return None
    there = getattr(cls, name)
    code = hasattr(nn.Module, name) or callable(there) or hasattr(there, "__get__")
    return "code" if code else "data"


def odd_tensor(tensor: Tensor, kind: type | None = None) -> str | None:
    """What makes this tensor more, or less, than numbers of its own. `kind`: its exact class."""
    exact = type(tensor)
    if exact is not nn.Parameter and exact is not Tensor and is_lazy(tensor):
        return NO_SIZE
    if exact is not kind and (kind is not None or exact not in (nn.Parameter, Tensor)):
        return f"is a {exact.__name__}"[:100]
    if tensor.is_nested or tensor.layout is not torch.strided:
        return SPARSE
    if tensor.is_complex() or tensor.is_quantized:
        return "is complex or quantized"
    if not (tensor.is_cpu or tensor.is_meta):
        return f"is on the device {tensor.device.type}"
    if tensor.is_inference():
        return INFERENCE
    if not tensor.is_leaf:
        return "is the result of a computation"
    if tensor._backward_hooks or getattr(tensor, "_post_accumulate_grad_hooks", None):
        return HOOKED
    if tensor.is_neg():
        return "is the negative view of another tensor"
    if tensor.is_contiguous() or _dense(tensor):
        return None
    overlaps = torch._debug_has_internal_overlap(tensor) == 1
    return ONE_PLACE if overlaps else "is a view of other numbers"


def _dense(tensor: Tensor) -> bool:
    """Whether a tensor's numbers lie side by side, in whatever order: each once, none between."""
    expected = 1
    for stride, size in sorted(zip(tensor.stride(), tensor.shape, strict=True)):
        if size != 1:
            if stride != expected:
                return False
            expected *= size
    return True


def place(tensor: Tensor) -> int | None:
    """Where the numbers of a tensor are kept; None for a tensor that keeps none."""
    try:
        return tensor.untyped_storage().data_ptr() or None
    except (RuntimeError, NotImplementedError, ValueError):  # sparse, lazy, a fake of torch.compile
        return None


def hooked_everywhere() -> int:
    """How many hooks run for every module of this process."""
    tables = (getattr(module_code, name) for name in _GLOBAL_HOOKS)
    return sum(len(hooks) for hooks in tables if isinstance(hooks, dict))


def replaced_everywhere() -> frozenset[tuple[int, int]]:
    """Which methods of the library's classes of modules somebody has replaced, and by what (its id)."""
    now = [*map(getattr, _CLASSES, _NAMES, repeat(None))]
    if all(map(is_, now, _CODE)):
        return frozenset()
    both = zip(now, _CODE, strict=True)
    return frozenset((n, id(new)) for n, (new, old) in enumerate(both) if new is not old)


# Not those that only show a module; and of each class what runs it, though it inherits that.
_SHOWING = frozenset({"__repr__", "extra_repr", "_get_name", "__dir__"})
_RUNNING = frozenset({"__call__", "_call_impl", "forward"})


def _classes_of_the_library() -> Iterator[type]:
    waiting, seen = [nn.Module], set()
    while waiting:
        cls = waiting.pop()
        if cls in seen or not cls.__module__.startswith("torch.nn.modules."):
            continue
        seen.add(cls)
        yield cls
        waiting += cls.__subclasses__()


def _methods(cls: type) -> set[str]:
    own = {name for name, value in vars(cls).items() if isinstance(value, FunctionType)}
    return (own | _RUNNING) - _SHOWING


# As they were before any answer could run: three lists of one length, because they are compared often.
_FOUND = [(cls, name) for cls in _classes_of_the_library() for name in _methods(cls)]
_CLASSES, _NAMES = [cls for cls, _ in _FOUND], [name for _, name in _FOUND]
_CODE = [getattr(cls, name, None) for cls, name in _FOUND]


def weights_without_use(named: Iterable[tuple[str, Tensor]]) -> tuple[str, str] | None:
    """The first of these tensors that no number can be written into: its name, and why."""
    for name, tensor in named:
        reason = odd_tensor(tensor, type(tensor))
        if reason in CAUSES:
            return name, reason
    return None


def not_finite(named: Iterable[tuple[str, Tensor]]) -> str | None:
    """The name of the first weight that holds nan or infinity."""
    for name, tensor in named:
        if is_lazy(tensor) or odd_tensor(tensor, type(tensor)):
            continue
        if tensor.is_meta or not tensor.is_floating_point():
            continue
        # (The sum is not finite either; to ask each number takes ten times as long.)
        if isfinite(tensor.detach().sum().item()) or torch.isfinite(tensor.detach()).all():
            continue
        return name
    return None


def every_module(root: nn.Module) -> Iterator[tuple[nn.Module, int]]:
    """Every module below `root`, itself first, each once, with its depth. Raises `RecursionError`
    for one that contains itself."""
    done: set[int] = set()
    open_now: set[int] = set()
    waiting: list[tuple[nn.Module, int, bool]] = [(root, 0, False)]
    while waiting:
        module, depth, left = waiting.pop()
        if left:
            open_now.discard(id(module))
            continue
        if id(module) in open_now:
            raise RecursionError("a module that contains itself")
        if id(module) in done:
            continue
        done.add(id(module))
        open_now.add(id(module))
        yield module, depth
        waiting.append((module, depth, True))
        table = vars(module).get("_modules")
        children: list[Any] = list(table.values()) if isinstance(table, dict) else []
        waiting += [(c, depth + 1, False) for c in reversed(children) if isinstance(c, nn.Module)]


def sharing(tensors: Iterable[Tensor], seen: dict[int, int], found: set[int]) -> None:
    """Add to `found` the ids of tensors that keep their numbers where another one keeps its own.

    `seen` holds the places met so far, with whose they are.
    """
    for tensor in tensors:
        where = place(tensor)
        if where is not None:
            owner = seen.setdefault(where, id(tensor))
            if owner != id(tensor):
                found |= {owner, id(tensor)}


def tensors_of(module: nn.Module) -> Iterator[Tensor]:
    """The tensors that one module holds itself."""
    state = vars(module)
    for table in (state.get("_parameters"), state.get("_buffers"), state):
        if isinstance(table, dict):
            yield from (t for t in table.values() if isinstance(t, Tensor))
