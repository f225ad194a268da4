"""Objects that exist in both processes: each side's copy, and what has changed since.

A module or tensor that crosses gets a key that both sides know. It is described once (`describe`);
later frames carry the key alone, or the new description when it changed. So
a result that *is* an argument comes back as that very object, and what a call did to its arguments
is done to the caller's copies too (copy-restore).
"""

from __future__ import annotations

import functools
import re
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel

from headcheck.inside.line.limits import MAX_MODULES, MAX_TENSORS, WireError
from headcheck.inside.line.protocols import OPERATIONS
from headcheck.lesson.torch_here import Tensor, nn, torch

if TYPE_CHECKING:
    from headcheck.inside.line.modules import ModuleEntry
    from headcheck.inside.line.tensors import TensorEntry
    from headcheck.inside.line.values import Data, Elsewhere

T = TypeVar("T")


class CannotCross(TypeError):
    """A check handed something to an answer that has no description as data (our fault)."""


class NoCheckCanLook(TypeError):
    """A check looked into something that an answer returned and that has no description as data.

    Not the grader's fault: whoever likes could have one. An author hears of it at build time.
    """


class Inert:
    """What the answer returned cannot cross. Whatever a check does with it says so."""

    def __init__(self, kind: str) -> None:
        vars(self)["kind"] = kind

    def __repr__(self) -> str:
        return f"an object of type {self.kind}"

    def __getattr__(self, name: str) -> Any:
        if name[:2] == "__":  # Python itself asks whether there is one
            raise AttributeError(name)
        raise _cannot_look(self)

    def __as_plain__(self) -> Any:
        if self.kind.startswith(TOO_LARGE):
            raise _cannot_look(self)
        return self

    def __eq__(self, other: object) -> bool:
        if self is not other:
            self.__as_plain__()
        return self is other

    __hash__ = object.__hash__


TOO_LARGE = "very large "


def _cannot_look(value: Inert) -> NoCheckCanLook:
    return NoCheckCanLook(f"no check can look into {value!r}; return what the exercise asks for")


def _refuses(self: Inert, *args: Any, **kwargs: Any) -> Any:
    raise _cannot_look(self)


for _name in OPERATIONS.keys() - {"__eq__", "__hash__", "__str__", "__repr__", "__format__"}:
    setattr(Inert, _name, _refuses)


@functools.lru_cache(maxsize=256)
def _inert_class(name: str) -> type[Inert]:
    return type(name, (Inert,), {"__module__": "the answer"})


def inert(kind: str) -> Inert:
    """An `Inert` whose class has the name that the student knows: messages, of Python too, say it."""
    return _inert_class(as_a_name(kind))(kind)


def as_a_name(text: str) -> str:
    """A name for messages out of what the other side says."""
    return re.sub(r"[^\w ]", "_", text)[:80] or "object"


class LeftOverHook:
    """Stands for a hook that the other process left on a module. Does nothing."""

    def __call__(self, *args: Any, **kwargs: Any) -> None:
        return None


@dataclass
class Known:
    """One object that both sides hold, as it was when both agreed on it.

    `said` is its description: as this side would write it, or as it has arrived.
    """

    get: Callable[[], Any]
    said: dict[str, Any] | ModuleEntry | None = None
    data: Tensor | None = None

    def is_news(self, description: dict[str, Any]) -> bool:
        """Whether the other side has to hear this; from then on it counts as said."""
        before, self.said = self.said, description
        return not _says(before, description)


def _says(read: Any, told: Any) -> bool:
    """Whether what was read from a frame says just what this description does.

    (To write it out as one first, as pydantic can, was a fifth of what answering a lesson took.)
    """
    if isinstance(read, BaseModel):
        read = {name: getattr(read, name) for name in read.model_fields_set}
    if isinstance(read, dict) and isinstance(told, dict):
        return read.keys() == told.keys() and all(_says(read[k], v) for k, v in told.items())
    if isinstance(read, list | tuple) and isinstance(told, list | tuple):
        return len(read) == len(told) and all(map(_says, read, told))
    return bool(read == told)


@dataclass
class Outgoing:
    """The tables of a frame while it is being written."""

    tensors: list[dict[str, Any]] = field(default_factory=list)
    data: dict[int, Tensor] = field(default_factory=dict)
    modules: list[dict[str, Any]] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)
    containers: list[Any] | None = None  # the mutable containers, when changes shall be told
    nodes: int = 0
    # What a look at whole modules found, before they are described one by one:
    looked: set[int] = field(default_factory=set)
    places: dict[int, int] = field(default_factory=dict)  # where numbers are kept -> whose
    shared: set[int] = field(default_factory=set)  # ids of tensors that share their memory
    closed: dict[int, str] = field(default_factory=dict)  # modules too large to be told in parts
    hooked: int = 0  # hooks that run for every module
    replaced: bool | None = (
        None  # whether methods of the library's classes are; None: not looked yet
    )

    def number(self, value: Any) -> dict[str, int]:
        if self.containers is None:
            return {}
        self.containers.append(value)
        return {"n": len(self.containers) - 1}

    def check(self) -> None:
        """Raises `WireError` when the other side would refuse these tables."""
        if len(self.tensors) > MAX_TENSORS or len(self.modules) > MAX_MODULES:
            raise WireError("too many parts to send")

    def tables(self) -> dict[str, Any]:
        return {"tensors": self.tensors, "modules": self.modules}


class Mirror(ABC):
    """The table of shared objects of one side. Keys made here step by two from `first`.

    What the two sides do differently, because only one of them can believe the other, are the
    methods below: `checker.mirror` and `student.mirror` say how.
    """

    first: int
    reads_iterators = False  # an iterator crosses as its items, and is at its end then

    def __init__(self) -> None:
        self._next = self.first
        self.known: dict[int, Known] = {}
        self._keys: dict[int, int] = {}
        self._dead: list[int] = []
        self.own_names: Mapping[str, Any] = {}
        self.make_handle: Callable[[Elsewhere], Any] | None = None
        self.make_data: Callable[[Data, Any], Any] | None = None

    # ---- what is told

    @abstractmethod
    def describe(self, module: nn.Module, out: Outgoing) -> dict[str, Any]:
        """What a module is made of: a `ModuleEntry` without its key."""

    @abstractmethod
    def tell_callable(self, value: Any) -> dict[str, Any]:
        """The node of a function or class that has no name which both sides know."""

    @abstractmethod
    def tell_other(self, value: Any) -> dict[str, Any]:
        """The node of what is no data."""

    @abstractmethod
    def adds_to_data(self, value: Any) -> bool:
        """Whether this number, text or container is of a class that has more to it."""

    @abstractmethod
    def tell_data(self, value: Any, plain: Any) -> dict[str, Any]:
        """The node of such a value. `plain`: the node of the mere data."""

    @abstractmethod
    def tell_too_large(self, value: Any) -> dict[str, Any]:
        """The node of data that is more than may cross."""

    @abstractmethod
    def may_name(self, value: Any) -> bool:
        """Whether the other side would take a library's function or class by its name."""

    # ---- what is believed

    @abstractmethod
    def hold(self, thing: Any, key: int) -> Callable[[], Any]:
        """How an object that both sides know is found later."""

    @abstractmethod
    def may_take(self, key: int) -> bool:
        """Whether an object that arrives may have this key."""

    @abstractmethod
    def may_learn(self, entry: TensorEntry) -> bool:
        """Whether a new tensor gets the `requires_grad` that was told."""

    @abstractmethod
    def class_of(self, path: str) -> Any:
        """The class that a module of this name is made of here; None: it cannot be made here."""

    @abstractmethod
    def may_set(self, cls: type, name: str) -> bool:
        """Whether an attribute of this name is set on a module of this class."""

    @abstractmethod
    def whole(self, entry: ModuleEntry) -> bool:
        """Whether all of a module was told, so that what was not told is not there."""

    @abstractmethod
    def set_hooks(self, hooks: dict[int, Any], count: int) -> None:
        """Make as many of a module's hooks be there as the other side has."""

    @abstractmethod
    def dtype(self, name: str) -> torch.dtype: ...

    @abstractmethod
    def named(self, path: str) -> Any:
        """The function or class of this name."""

    def key_of(self, thing: object) -> int | None:
        return self._keys.get(id(thing))

    def thing(self, key: int) -> Any:
        known = self.known.get(key)
        found = known.get() if known else None
        if found is None:
            raise WireError(f"no object {key}")
        return found

    def new_key(self) -> int:
        key, self._next = self._next, self._next + 2
        return key

    def is_theirs(self, key: int) -> bool:
        """Whether the other side has made this key."""
        return key % 2 != self._next % 2

    def add(self, thing: object, key: int | None = None) -> int:
        if key is None:
            key = self.new_key()
        elif key in self.known or not self.may_take(key):
            raise WireError(f"key {key} names two things")
        self.known[key], self._keys[id(thing)] = Known(self.hold(thing, key)), key
        return key

    def forget(self, key: int, address: int) -> None:
        if self._keys.get(address) == key:
            del self._keys[address]
        if self.known.pop(key, None):
            self._dead.append(key)

    def released(self) -> list[int]:
        """Keys of objects that are gone on this side since the last call of this method."""
        dead, self._dead = self._dead, []
        return dead

    def release(self, keys: Iterable[int]) -> None:
        for key in keys:
            known = self.known.pop(key, None)
            if known is not None:
                self._keys.pop(id(known.get()), None)


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


def of_kind(kind: type[T], thing: Any) -> T:
    """`thing`, which has to be one. Raises `WireError`: the other side said that it is."""
    if not isinstance(thing, kind):
        raise WireError(f"a {type(thing).__name__} where a {kind.__name__} belongs")
    return thing


def walk(value: Any, depth: int = 0) -> Iterator[Any]:
    """The modules and tensors in a value, containers and objects of setup cells opened."""
    if depth > 30 or type(value) in NEVER_CHANGE:
        return
    if isinstance(value, _HELD):
        yield value
    elif isinstance(value, dict):
        for pair in value.items():
            for part in pair:
                if type(part) not in NEVER_CHANGE:  # most are: here, no generator is made for them
                    yield from walk(part, depth + 1)
    elif isinstance(value, _SEQUENCES):
        for part in value:
            if type(part) not in NEVER_CHANGE:
                yield from walk(part, depth + 1)
    elif isinstance(value, torch.optim.Optimizer):
        for group in value.param_groups:
            yield from walk(group["params"], depth + 1)
    elif type(value).__module__ == "__main__" and not isinstance(value, type) and depth < 8:
        yield from walk(list(getattr(value, "__dict__", {}).values()), depth + 1)


_HELD = (nn.Module, Tensor)
_SEQUENCES = (list, tuple, set, frozenset, deque)
# They hold no tensor and no module, and are always what they were.
NEVER_CHANGE = frozenset({type(None), bool, int, float, str, bytes})
