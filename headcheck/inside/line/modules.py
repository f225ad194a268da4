"""How an nn.Module crosses: what is said of it, what may be believed of that, and what is made of it.

A module is a row of the frame's tables: its class, its settings, and which tensors and modules it holds
under which names. The other side makes it again from that, past its constructor. Where a description does
not say all, the checker makes a black box: a module that runs in the other process.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal, Protocol, get_args

from pydantic import BaseModel, Field

from headcheck.inside.line.limits import MAX_DEPTH, STRICT, WireError
from headcheck.inside.line.shared import Inert, Mirror, Outgoing, describe, of_kind
from headcheck.inside.line.tensors import note_tensor, read_tensor
from headcheck.inside.line.values import Form, Node, Reader, encode
from headcheck.lesson.canonical import MODULE_STATE, oddity
from headcheck.lesson.torch_here import Tensor, nn

if TYPE_CHECKING:
    from headcheck.inside.line.wire import Reply, Request

HookKind = Literal["_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks"]
HOOKS: tuple[HookKind, ...] = get_args(HookKind)
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^.]+$")]
# Where a module keeps its parts, what the entry calls them, and what each of them is.
TABLES: tuple[tuple[str, str, type], ...] = (
    ("_parameters", "parameters", nn.Parameter),
    ("_buffers", "buffers", Tensor),
    ("_modules", "children", nn.Module),
)


class ModuleEntry(BaseModel):
    """One nn.Module as data. `black`: its class or behaviour cannot be carried as data.

    What there is none of is not said. (The defaults are made, not copied: pydantic would copy them deeply.)
    """

    model_config = STRICT
    key: int
    cls: Annotated[str, Field(max_length=300)]
    base: Annotated[str, Field(max_length=300)]
    black: bool
    odd: Annotated[str, Field(max_length=300)] | None = Field(
        None, description="why its class does not say what it does: of a part of it, perhaps"
    )
    training: bool
    attributes: dict[Annotated[str, Field(max_length=200)], Node] = Field(default_factory=dict)
    lost: list[Annotated[str, Field(max_length=200)]] = Field(default_factory=list)
    methods: list[Annotated[str, Field(max_length=200)]] = Field(default_factory=list)
    parameters: dict[Name, int | None] = Field(default_factory=dict)
    buffers: dict[Name, int | None] = Field(default_factory=dict)
    transient: list[Annotated[str, Field(max_length=200)]] = Field(default_factory=list)
    children: dict[Name, int | None] = Field(default_factory=dict)
    hooks: dict[HookKind, Annotated[int, Field(ge=0, le=64)]] = Field(default_factory=dict)


# ---- told ----------------------------------------------------------------------------------------


def tell_parts(
    mirror: Mirror,
    out: Outgoing,
    *,
    attributes: dict[str, Any],
    lost: list[str],
    tables: dict[str, dict[str, Any]],
    transient: Iterable[str],
    hooks: dict[HookKind, int],
) -> dict[str, Any]:
    """What a module holds, for its entry: nodes, and the keys of the parts in its three tables."""
    said: dict[str, Any] = {
        "attributes": attributes,
        "lost": [name for name in lost if name[:1] != "_"],
        "transient": sorted(transient),
    }
    for table, what, _ in TABLES:
        note: Any = describe if table == "_modules" else note_tensor
        parts = tables[table].items()
        said[what] = {name: None if v is None else note(mirror, v, out) for name, v in parts}
    return said | {"hooks": hooks}


def attributes_of(module: nn.Module) -> list[tuple[Any, Any]]:
    return [
        (name, value)
        for name, value in list(vars(module).items())
        if name not in MODULE_STATE and name != "_black_box"
    ]


def encode_attribute(mirror: Mirror, value: Any, out: Outgoing) -> Any:
    numbering, out.containers = out.containers, None
    try:
        return encode(mirror, value, out, share=True, depth=MAX_DEPTH - 6)
    finally:
        out.containers = numbering


# ---- read ----------------------------------------------------------------------------------------


class Boxes(Protocol):
    """Makes black boxes: modules that run in the other process."""

    def make(self, entry: ModuleEntry) -> nn.Module: ...

    def close(self, module: nn.Module, entry: ModuleEntry) -> None:
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
    frame: Request | Reply,
    data: dict[int, Tensor],
    *,
    box: Boxes | None = None,
    allowed: set[int] | None = None,
) -> Tables:
    """Bring this side's copies up to date.

    `allowed`: the keys whose copies the other side may change (None: all). Whatever names another
    object, class or value than it may is a `WireError`.
    """
    tensors = {entry.key: read_tensor(mirror, entry, data, allowed) for entry in frame.tensors}
    found: dict[int, nn.Module] = {}
    entries: list[ModuleEntry] = []
    for entry in frame.modules:
        known = mirror.known.get(entry.key)
        if known is None:
            found[entry.key] = _shell(mirror, entry, box)
            mirror.add(found[entry.key], entry.key)
        elif allowed is None or entry.key in allowed or mirror.is_theirs(entry.key):
            found[entry.key] = of_kind(nn.Module, known.get())
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


def _shell(mirror: Mirror, entry: ModuleEntry, box: Boxes | None) -> nn.Module:
    # (Without black boxes there is nothing else to be than its class.)
    cls = None if entry.black and box is not None else mirror.class_of(entry.cls)
    if cls is None:
        if box is None:
            raise WireError(f"unknown class {entry.cls}")
        return box.make(entry)
    module = cls.__new__(cls)
    nn.Module.__init__(module)
    return module


def _fill(
    mirror: Mirror, entry: ModuleEntry, module: nn.Module, tensors: dict[int, Tensor]
) -> None:
    state, cls, reader = vars(module), type(module), Reader(mirror, tensors)
    whole = mirror.whole(entry)
    for name, node in entry.attributes.items():
        if mirror.may_set(cls, name):
            state[name] = reader.value(node)
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
        return of_kind(kind, tensors[key] if key in tensors else mirror.thing(key))

    # In place, and only then: an OrderedDict that others hold stays the same object.
    for table, what, kind in TABLES:
        parts = {name: part(key, kind) for name, key in getattr(entry, what).items()}
        if whole:
            state[table].clear()
        state[table].update(parts)
    for hook in HOOKS if whole else ():
        mirror.set_hooks(state[hook], entry.hooks.get(hook, 0))


def _refuse_cycles(modules: list[nn.Module]) -> None:
    done: set[int] = set()

    def visit(module: nn.Module, path: set[int]) -> None:
        if id(module) in path or len(path) > 100:
            raise WireError("a module that contains itself")
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


# ---- believed, or closed -------------------------------------------------------------------------


def _close_the_odd(mirror: Mirror, entry: ModuleEntry, module: nn.Module, box: Boxes) -> None:
    """A module that is not what its class makes, or not what was said, runs where it is."""
    if entry.black and not mirror.is_theirs(entry.key) and entry.odd is None:
        return  # ours, and its class is ours: what it does is known here
    if not (entry.black or _as_said(entry, module)) or entry.odd is not None:
        box.close(module, entry)
    elif not entry.black:
        box.open(module)


def _as_said(entry: ModuleEntry, module: nn.Module) -> bool:
    state = vars(module)
    there = state.keys() - MODULE_STATE - {"_black_box"}
    whole = entry.attributes.keys() == there and not entry.lost and not any(entry.hooks.values())
    if any(isinstance(node, Form) and node.of_parts() for node in entry.attributes.values()):
        return False
    return whole and not any(_holds_inert(state[name]) for name in there) and oddity(module) is None


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
