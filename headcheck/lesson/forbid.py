"""Library functions that may not be called while a check runs: writing them is the exercise."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from types import FunctionType
from typing import Any

_forbidden: ContextVar[tuple[str, ...]] = ContextVar("forbidden", default=())


def forbidden_now() -> tuple[str, ...]:
    """Names that raise while the current check runs (a remote call carries them along)."""
    return _forbidden.get()


@contextmanager
def forbidding(names: Sequence[str]) -> Iterator[None]:
    """Make the named functions and classes raise `WriteItYourself` inside the block.

    A function's `__code__` is swapped rather than its module attribute, so that a name the
    student imported earlier raises too. Of a class it is `__init__` and, for what was made before the
    check began, `forward`.
    """
    undo: list[Callable[[], None]] = []
    token = _forbidden.set((*_forbidden.get(), *names))
    try:
        for name in names:
            undo.append(_forbid(name))
        yield
    finally:
        for restore in reversed(undo):
            restore()
        _forbidden.reset(token)


def _raiser(*args: Any, **kwargs: Any) -> None:
    # Runs with the globals of the function it replaces, hence the imports inside. The forbidden
    # name is the name of this code object: see `_forbid`.
    import sys

    from headcheck.lesson.failures import WriteItYourself

    raise WriteItYourself(sys._getframe().f_code.co_name)


def _forbid(dotted: str) -> Callable[[], None]:
    module_name, _, attribute = dotted.rpartition(".")
    owner = sys.modules.get(module_name) or importlib.import_module(module_name)
    target = getattr(owner, attribute)
    if not isinstance(target, type):
        return _raise_in(owner, attribute, target, dotted)
    undo = [
        _raise_in(target, name, vars(target).get(name), dotted)
        for name in ("__init__", "forward")
        if hasattr(target, name)
    ]

    def restore() -> None:
        for each in reversed(undo):
            each()

    return restore


def _raise_in(owner: Any, attribute: str, function: object, dotted: str) -> Callable[[], None]:
    code = _raiser.__code__.replace(co_name=dotted)
    if isinstance(function, FunctionType):  # with as many cells of outer variables as it had
        return _swap(function, "__code__", code.replace(co_freevars=function.__code__.co_freevars))
    return _swap(owner, attribute, FunctionType(code, globals()))


def _swap(owner: Any, attribute: str, value: object) -> Callable[[], None]:
    own = attribute in vars(owner) or not isinstance(owner, type)
    before = getattr(owner, attribute)
    setattr(owner, attribute, value)
    return (
        (lambda: setattr(owner, attribute, before)) if own else (lambda: delattr(owner, attribute))
    )
