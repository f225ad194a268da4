"""The checker's side of the line: what it tells is so, and what it hears may be a lie."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

from headcheck.inside.line.limits import WireError
from headcheck.inside.line.modules import (
    HOOKS,
    TABLES,
    ModuleEntry,
    attributes_of,
    encode_attribute,
    tell_parts,
)
from headcheck.inside.line.names import (
    can_go_back,
    harmless,
    library_base,
    look_up,
    path_of,
    rebuildable_class,
)
from headcheck.inside.line.shared import CannotCross, LeftOverHook, Mirror, Outgoing, inert
from headcheck.inside.line.tensors import DTYPES, TensorEntry
from headcheck.inside.line.values import has_inert
from headcheck.lesson.canonical import MODULE_STATE
from headcheck.lesson.torch_here import nn, torch


class CheckersMirror(Mirror):
    """Keeps nothing alive for the other side, and makes of what it hears only what may be made."""

    first = 0
    reads_iterators = True

    def describe(self, module: nn.Module, out: Outgoing) -> dict[str, Any]:
        """Raises `CannotCross` for what is no data (our fault)."""
        said = {what: found for what, found in _parts(self, module, out).items() if found}
        entry = {"training": bool(module.training), **said}
        box = vars(module).get("_black_box")
        if box is None:
            base, path = library_base(type(module))  # type: ignore[arg-type]
            cls = path if type(module) is base else path_of(type(module))
            return entry | {"cls": cls, "base": path, "black": False}
        entry |= {"cls": box.cls, "base": box.base, "black": True, "methods": box.methods}
        return entry | ({"odd": box.odd} if box.odd else {})

    def tell_callable(self, value: Any) -> dict[str, Any]:
        name = path_of(value).partition(":")[2]
        raise CannotCross(
            f"{name or value!r} cannot cross to the student's process: define it in a setup cell"
        )

    def tell_other(self, value: Any) -> dict[str, Any]:
        raise CannotCross(
            f"a {type(value).__name__} cannot cross to the student's process: hand over what it is "
            "made of, or let a function of a setup cell make it there"
        )

    def adds_to_data(self, value: Any) -> bool:
        return False

    def tell_data(self, value: Any, plain: Any) -> dict[str, Any]:
        raise CannotCross(f"a {type(value).__name__} is told as the data that it is")

    def tell_too_large(self, value: Any) -> dict[str, Any]:
        # No lesson sends so much: it is what an answer gave back, one list deeper.
        raise WireError(f"a {type(value).__name__} too deep or too large to be sent back")

    def may_name(self, value: Any) -> bool:
        return True

    def hold(self, thing: Any, key: int) -> Callable[[], Any]:
        address = id(thing)
        try:
            return weakref.ref(thing, lambda _: self.forget(key, address))
        except TypeError:  # Python can't, for numbers and tuples: kept as long as this process is
            return lambda: thing

    def may_take(self, key: int) -> bool:
        return self.is_theirs(key)

    def may_learn(self, entry: TensorEntry) -> bool:
        return not entry.graph  # a result's way back leads through the student's process

    def class_of(self, path: str) -> Any:
        return rebuildable_class(path, self.own_names)

    def may_set(self, cls: type, name: str) -> bool:
        if name in MODULE_STATE or hasattr(nn.Module, name) or name[:2] == "__":
            return False
        if name == "_black_box":
            return False
        there = getattr(cls, name, None)
        return not callable(there) and not hasattr(there, "__get__")

    def whole(self, entry: ModuleEntry) -> bool:
        return True

    def set_hooks(self, hooks: dict[int, Any], count: int) -> None:
        mine = [key for key, hook in hooks.items() if isinstance(hook, LeftOverHook)]
        for key in mine[count:]:
            del hooks[key]
        for number in range(count - len(mine)):
            hooks[-1 - number - len(hooks)] = LeftOverHook()

    def dtype(self, name: str) -> torch.dtype:
        if name not in DTYPES:
            raise WireError("a dtype that may not cross")
        return DTYPES[name]

    def named(self, path: str) -> Any:
        module, _, name = path.partition(":")
        found = look_up(module, name, own=self.own_names)
        fits = harmless(found, module, name) and can_go_back(found, self.own_names)
        return found if found is not None and fits else inert("function")


def _parts(mirror: Mirror, module: nn.Module, out: Outgoing) -> dict[str, Any]:
    state, attributes, lost = vars(module), {}, []
    for name, value in attributes_of(module):
        try:
            node = encode_attribute(mirror, value, out)
        except CannotCross:
            if name.startswith("_"):
                continue
            raise CannotCross(
                f"{type(module).__name__}.{name} cannot cross to the student's process"
            ) from None
        if not has_inert(node):
            attributes[name] = node
        else:
            lost.append(name)
    return tell_parts(
        mirror,
        out,
        attributes=attributes,
        lost=lost,
        tables={table: state[table] for table, *_ in TABLES},
        transient=state["_non_persistent_buffers_set"],
        hooks={kind: count for kind in HOOKS if (count := _left_over(state[kind]))},
    )


def _left_over(hooks: dict[int, Any]) -> int:
    return sum(isinstance(hook, LeftOverHook) for hook in hooks.values())
