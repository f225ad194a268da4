"""What Python's own syntax does with an object: the special methods that a stand-in for one has.

Both sides read this: the student's process tells which of them a class has and does them, the
checker's process gives them to the stand-in, and says there which may be asked at all.
"""

from __future__ import annotations

import asyncio
import math
import operator
from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import Any

Operation = Callable[..., Any]


def _swapped(function: Operation) -> Operation:
    return lambda thing, other: function(other, thing)


def _leave(thing: Any, error: Any) -> Any:
    return type(thing).__exit__(thing, type(error) if error else None, error, None)


async def _leave_later(thing: Any, error: Any) -> Any:
    return await type(thing).__aexit__(thing, type(error) if error else None, error, None)


async def _enter_later(thing: Any) -> Any:
    return await type(thing).__aenter__(thing)


def awaited(waiting: Awaitable[Any]) -> Any:
    """What comes of it, on the event loop of the notebook."""
    try:
        loop = asyncio.get_event_loop_policy().get_event_loop()
    except RuntimeError:
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
    return loop.run_until_complete(_wait(waiting))


async def _wait(waiting: Awaitable[Any]) -> Any:
    return await waiting


# What shows what an object holds: the check compares what comes of it.
READING: dict[str, Operation] = {
    "__len__": len,
    "__iter__": iter,
    "__next__": next,
    "__reversed__": reversed,
    "__getitem__": operator.getitem,
    "__setitem__": operator.setitem,
    "__delitem__": operator.delitem,
    "__call__": lambda thing, *args, **kwargs: thing(*args, **kwargs),
    "__enter__": lambda thing: type(thing).__enter__(thing),
    "__exit__": _leave,
    "__str__": str,
    "__repr__": repr,
    "__format__": format,
    "__bool__": bool,
    "__hash__": hash,
    "__await__": awaited,
    "__aiter__": lambda thing: type(thing).__aiter__(thing),
    "__anext__": lambda thing: type(thing).__anext__(thing),
    "__aenter__": _enter_later,
    "__aexit__": _leave_later,
}
CONVERSIONS: dict[str, Operation] = {
    "__abs__": abs,
    "__int__": int,
    "__float__": float,
    "__complex__": complex,
    "__index__": operator.index,
    "__round__": round,
    "__trunc__": math.trunc,
    "__floor__": math.floor,
    "__ceil__": math.ceil,
}
SIGNS: dict[str, Operation] = {
    "__neg__": operator.neg,
    "__pos__": operator.pos,
    "__invert__": operator.invert,
}
ORDER: dict[str, Operation] = {
    "__lt__": operator.lt,
    "__le__": operator.le,
    "__gt__": operator.gt,
    "__ge__": operator.ge,
}
_BINARY = ("add", "sub", "mul", "matmul", "truediv", "floordiv", "mod", "lshift", "rshift")
_NAMED = {
    **{name: getattr(operator, name) for name in _BINARY},
    "pow": operator.pow,
    "divmod": divmod,
    "and": operator.and_,
    "or": operator.or_,
    "xor": operator.xor,
}
_IN_PLACE = {name: getattr(operator, f"i{name}") for name in (*_BINARY, "pow", "and", "or", "xor")}
ARITHMETIC: dict[str, Operation] = {
    **{f"__{name}__": function for name, function in _NAMED.items()},
    **{f"__r{name}__": _swapped(function) for name, function in _NAMED.items()},
    **{f"__i{name}__": function for name, function in _IN_PLACE.items()},
}
OPERATIONS: dict[str, Operation] = {
    **READING,
    **CONVERSIONS,
    **SIGNS,
    **ORDER,
    **ARITHMETIC,
    "__eq__": operator.eq,
    "__contains__": operator.contains,
}
# What stands for an object besides its attributes may be read of it under these names.
SPECIAL_ATTRIBUTES = {"__dict__", "__annotations__", "__defaults__", "__kwdefaults__"}
SPECIAL_ATTRIBUTES |= {"__wrapped__", "__signature__", "__members__", "__slots__"}


def operations_of(cls: type) -> list[str]:
    """Which of these a class has, from other classes than `object`."""
    found = []
    for name in OPERATIONS:
        for each in cls.__mro__[:-1]:
            if name in vars(each):
                if vars(each)[name] is not None:
                    found.append(name)
                break
    return found


def is_waiting(value: object) -> bool:
    return isinstance(value, Coroutine) and not isinstance(value, Generator)
