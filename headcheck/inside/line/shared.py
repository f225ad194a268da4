"""Objects that exist in both processes: each side's copy, and what has changed since.

A module or tensor that crosses gets a key that both sides know. It is described once (`describe`);
later frames carry the key alone, or the new description when it changed (`rebuild` reads both). So
a result that *is* an argument comes back as that very object, and what a call did to its arguments
is done to the caller's copies too (copy-restore).
"""

from __future__ import annotations

import functools
import re
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from torch import Tensor, nn

from headcheck.inside.line import wire

HOOKS: tuple[wire.HookKind, ...] = get_args(wire.HookKind)


class CannotCross(TypeError):
    """A check handed something to an answer that has no description as data (our fault)."""


@dataclass
class Inert:
    """What the answer returned was no plain data, tensor or module."""

    kind: str

    def __repr__(self) -> str:
        return f"an object of type {self.kind}"


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
    said: dict[str, Any] | wire.ModuleEntry | None = None
    data: Tensor | None = None

    def is_news(self, description: dict[str, Any]) -> bool:
        """Whether the other side has to hear this; from then on it counts as said."""
        before, self.said = self.said, description
        if isinstance(before, wire.ModuleEntry):
            before = before.model_dump(mode="json", exclude_unset=True)
        return before != description


class Mirror:
    """The table of shared objects of one side. Keys made here step by two from `first`."""

    def __init__(self, *, first: int, trusting: bool) -> None:
        self._next = first
        self.trusting = trusting  # the student's side takes what it is told
        self.known: dict[int, Known] = {}
        self._keys: dict[int, int] = {}
        self._dead: list[int] = []
        self.own_names: Mapping[str, Any] = {}
        self.make_handle: Callable[[wire.Handle], Any] | None = None

    def key_of(self, thing: object) -> int | None:
        return self._keys.get(id(thing))

    def thing(self, key: int) -> Any:
        known = self.known.get(key)
        found = known.get() if known else None
        if found is None:
            raise wire.WireError(f"no object {key}")
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
        elif key in self.known or not (self.trusting or self.is_theirs(key)):
            raise wire.WireError(f"key {key} is taken")
        address = id(thing)
        if self.trusting:
            get: Callable[[], Any] = lambda: thing  # noqa: E731  kept until the checker lets go
        else:
            get = weakref.ref(thing, lambda _: self._forget(key, address))
        self.known[key], self._keys[address] = Known(get), key
        return key

    def _forget(self, key: int, address: int) -> None:
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


def walk(value: Any) -> Iterator[Any]:
    """The modules and tensors in a value, containers opened."""
    if isinstance(value, nn.Module | Tensor):
        yield value
    elif isinstance(value, dict):
        for k, v in value.items():
            yield from walk(k)
            yield from walk(v)
    elif isinstance(value, list | tuple | set | frozenset):
        for v in value:
            yield from walk(v)
