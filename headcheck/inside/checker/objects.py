"""Objects and classes of the student's, as checks see them: stand-ins for what lives elsewhere.

Attributes, methods, iteration, items, `with` and calls go to the student's process, and what comes
back is data, or another stand-in. What decides is decided here:

- A stand-in equals no plain value, whatever its class says of `==`: where a value is expected, an
  object of the student's own is none. Nor is it less or more than one.
- `in` looks at the items, here, where there are items.
- Operators are there for objects of a class that the check asks for by name, and with a plain value
  (`v * 2`) they give an object again, never a number: `abs(answer - 5) < 0.1` cannot be answered by
  an object that lies. A value that the check expects is not even told.
- What leaves a `with` by an error of the check's own does not go on as if nothing had been.
"""

from __future__ import annotations

import dataclasses
import dis
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from headcheck.inside.line.names import exception_class, shared_base
from headcheck.inside.line.protocols import (
    ARITHMETIC,
    CONVERSIONS,
    ORDER,
    READING,
    SIGNS,
    SPECIAL_ATTRIBUTES,
)
from headcheck.inside.line.shared import as_a_name
from headcheck.inside.line.values import Class
from headcheck.lesson.failures import CheckFailed

Line = Any  # the line to the student's process: `remote.Student`, which makes these


@dataclass
class At:
    """Where a stand-in's object is, and what was told of it."""

    student: Line
    key: int
    value: Any = None  # the plain number or text that it is at the same time
    met: bool = False  # an operator has brought it together with a value of the check's
    keeps: bool = True  # models that it is given are there for its next call, too: these
    holds: set[int] = field(default_factory=set)  # (their keys)


def at_of(thing: Any) -> At:
    return object.__getattribute__(thing, "__at__")


def is_stand_in(value: object) -> bool:
    return isinstance(type(value), RemoteClass) and not isinstance(value, BaseException)


def ask(thing: Any, name: str, *args: Any, **kwargs: Any) -> Any:
    at = at_of(thing)
    return at.student.ask("do", thing, args, kwargs=kwargs, method=name)


# ---- classes -------------------------------------------------------------------------------------


_OF_A_CLASS = SPECIAL_ATTRIBUTES - {"__dict__", "__slots__"}


class RemoteClass(type):
    """A class of the student's: it makes instances there; isinstance() and issubclass() work."""

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        at = class_at(cls)
        return at.student.ask("call", cls, args, kwargs=kwargs)

    def __seeded__(cls, seed: int, args: Any, kwargs: Any) -> Any:
        at = class_at(cls)
        return at.student.ask("call", cls, args, kwargs=kwargs, seed=seed)

    def __getattribute__(cls, name: str) -> Any:
        if name == "mro" or (name[:2] == "__" and name not in _OF_A_CLASS):
            return type.__getattribute__(cls, name)
        return attribute(class_at(cls).student, cls, name, f"type object '{cls.__name__}'")

    def __setattr__(cls, name: str, value: Any) -> None:
        class_at(cls).student.ask("set", cls, [value], method=name)

    def __instancecheck__(cls, instance: Any) -> bool:
        if is_stand_in(instance):
            return issubclass(type(instance), cls)
        box = getattr(instance, "_black_box", None) if hasattr(instance, "forward") else None
        if box is not None:
            return box.cls.endswith(f":{cls.__name__}")
        return type.__instancecheck__(cls, instance)

    def __subclasscheck__(cls, other: Any) -> bool:
        if isinstance(other, RemoteClass) and cls is not other:
            return class_at(cls).key in (class_at(other).key, *_told(other).above)
        return type.__subclasscheck__(cls, other)

    def __iter__(cls) -> Any:  # of an Enum
        return class_at(cls).student.ask("do", cls, method="__iter__")

    def __len__(cls) -> Any:
        return class_at(cls).student.ask("do", cls, method="__len__")

    def __bool__(cls) -> bool:
        return True

    def __getitem__(cls, key: Any) -> Any:
        return class_at(cls).student.ask("do", cls, [key], method="__getitem__")

    def __contains__(cls, value: Any) -> bool:
        return any(value is item or value == item for item in cls)

    def __repr__(cls) -> str:
        return f"<class '{cls.__name__}'>"

    def __handle__(cls) -> dict[str, Any]:
        return {"t": "known", "v": class_at(cls).key}


RemoteClass.__name__ = RemoteClass.__qualname__ = "type"  # as Python's own messages are to say


def class_at(cls: Any) -> At:
    return type.__getattribute__(cls, "__class_at__")


def _told(cls: Any) -> Class:
    return type.__getattribute__(cls, "__class_told__")


def make_class(student: Line, node: Class, raises: type[BaseException]) -> type:
    """The class that stands for one of the student's. `raises`: of those that are exceptions."""
    space: dict[str, Any] = {
        "__class_at__": At(student, node.v),
        "__class_told__": node,
        "__module__": "the answer",
        "__doc__": node.doc,
    }
    name = as_a_name(node.name)
    if node.raises:
        shared = (exception_class(path, student.setup_names) for path in node.is_a)
        base = next((each for each in shared if each is not None), None)
        with suppress(TypeError):  # classes that cannot be one
            return type.__new__(RemoteClass, name, (raises, base), space)  # type: ignore[arg-type]
        return type.__new__(RemoteClass, name, (raises,), space)
    space |= operations(node)
    if node.fields is not None:
        space["__dataclass_fields__"] = {each: _field(each) for each in node.fields}
        space["__match_args__"] = tuple(node.fields)
    made = type.__new__(RemoteClass, name, (StandIn,), space)
    bases = (shared_base(path, student.setup_names) for path in node.is_a)
    base = next((each for each in bases if each is not None), None)
    if base is not None:
        if hasattr(base, "__getattr__"):  # it would be asked here for what is not there
            type.__setattr__(made, "__getattr__", _nothing_there)
        with suppress(TypeError):  # a class that is laid out in another way
            # (Past `__init_subclass__`: it is no new class, and is to run nothing.)
            type.__setattr__(made, "__bases__", (StandIn, base))
    return made


def _nothing_there(self: Any, name: str) -> Any:
    raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")


def _field(name: str) -> Any:
    made: Any = dataclasses.field()
    made.name, made.type, made._field_type = name, object, dataclasses._FIELD  # type: ignore[attr-defined]
    return made


def asked_for(cls: Any) -> bool:
    """Whether the check that runs speaks of this class, or of one above it."""
    told, at = _told(cls), class_at(cls)
    return not at.student.asked.isdisjoint((at.key, *told.above))


# ---- what may be done with an object -------------------------------------------------------------


def operations(node: Class) -> dict[str, Callable[..., Any]]:
    does = set(node.does)
    made = {n: _reading(n) for n in READING if n in does and n not in _OWN_WAY}
    made |= {n: _conversion(n) for n in CONVERSIONS if n in does}
    made |= {n: _sign(n) for n in SIGNS if n in does}
    made |= {n: _order(n) for n in ORDER if n in does}
    made |= {n: _arithmetic(n) for n in ARITHMETIC if n in does}
    if "__exit__" in does:
        made["__exit__"] = _leave
    if "__aexit__" in does:
        made["__aexit__"] = _leave_later
    if "__bool__" in does:
        made["__bool__"] = _truth
    if "__contains__" in does and "__iter__" not in does:
        made["__contains__"] = _contains
    for name in ("__str__", "__repr__", "__format__"):
        if name in does:
            made[name] = _reading(name)
    if "__repr__" in does and "__str__" not in does:
        made["__str__"] = _reading("__str__")
    return made


_OWN_WAY = {"__exit__", "__aexit__", "__bool__", "__hash__", "__str__", "__repr__", "__format__"}
_WAITING = {"__anext__", "__aenter__"}


def _reading(name: str) -> Callable[..., Any]:
    if name in _WAITING:

        async def later(self: Any, *args: Any) -> Any:
            found = ask(self, name, *args)
            return (await found) if hasattr(type(found), "__await__") else found

        return later
    if name == "__await__":

        def wait(self: Any) -> Any:
            return ask(self, name)
            yield  # what makes it an iterator, as `await` wants it

        return wait

    def read(self: Any, *args: Any, **kwargs: Any) -> Any:
        return ask(self, name, *args, **kwargs)

    return read


def _truth(self: Any) -> bool:
    return ask(self, "__bool__") is True


def _contains(self: Any, value: Any) -> bool:
    if not (asked_for(type(self)) or is_stand_in(value)):
        raise _no_value(self, "`in`")
    return ask(self, "__contains__", value) is True


def _conversion(name: str) -> Callable[..., Any]:
    def convert(self: Any, *args: Any) -> Any:
        at = at_of(self)
        if at.value is not None:
            return CONVERSIONS[name](at.value, *args)
        if at.met or not asked_for(type(self)):
            raise _no_value(self, f"{name.strip('_')}()")
        return ask(self, name, *args)

    return convert


def _sign(name: str) -> Callable[..., Any]:
    def sign(self: Any) -> Any:
        if not asked_for(type(self)):
            raise _no_value(self, "an operator")
        return _as_met(self, ask(self, name)) if at_of(self).met else ask(self, name)

    return sign


def _order(name: str) -> Callable[..., Any]:
    def compare(self: Any, other: Any) -> Any:
        mine = at_of(self)
        if not is_stand_in(other):
            if mine.value is not None and type(other) in (int, float, str):
                return ORDER[name](mine.value, other)
            return NotImplemented
        if mine.met or at_of(other).met or not asked_for(type(self)):
            raise _no_value(self, "a comparison")
        return ask(self, name, other) is True

    return compare


def _arithmetic(name: str) -> Callable[..., Any]:
    def operate(self: Any, other: Any, *more: Any) -> Any:
        mine = at_of(self)
        if mine.value is not None and not is_stand_in(other):
            return ARITHMETIC[name](mine.value, other, *more)
        if not asked_for(type(self)):
            raise _no_value(self, "an operator")
        if is_stand_in(other) and not (mine.met or at_of(other).met):
            return ask(self, name, other, *more)
        return _as_met(self, ask(self, name, other, *more))

    return operate


def _as_met(self: Any, found: Any) -> Any:
    if not is_stand_in(found):
        raise _no_value(self, "an operator")
    at_of(found).met = True
    return found


def _no_value(self: Any, what: str) -> CheckFailed:
    return CheckFailed(
        f"{what} on an object of the class {type(self).__name__}",
        cause="a plain value is expected there (a number, a text, a list), and the answer has an object "
        "of a class of its own",
        look="the exercise text: what is to be returned",
    )


def _leave(self: Any, kind: Any, error: BaseException | None, trace: TracebackType | None) -> bool:
    swallowed = ask(self, "__exit__", _told_there(error)) is True
    return swallowed and _may_be_swallowed(error, trace)


async def _leave_later(self: Any, kind: Any, error: Any, trace: Any) -> bool:
    found = ask(self, "__aexit__", _told_there(error))
    swallowed = (await found) if hasattr(type(found), "__await__") else found
    return swallowed is True and _may_be_swallowed(error, trace)


def _told_there(error: BaseException | None) -> Exception | None:
    """An error as the student's `__exit__` gets it: what it says may be a hidden value."""
    if error is None:
        return None
    import builtins

    kind = next(c for c in type(error).__mro__ if getattr(builtins, c.__name__, None) is c)
    return kind() if kind in (ValueError, KeyError, TypeError, RuntimeError) else Exception()


_RAISE = dis.opmap["RAISE_VARARGS"]


def _may_be_swallowed(error: BaseException | None, trace: TracebackType | None) -> bool:
    """Only what the check itself raises, on purpose, and not to fail.

    All else that goes wrong in a `with` may be the answer's doing, and would leave out the checks
    that follow in it.
    """
    if error is None or isinstance(error, AssertionError) or not isinstance(error, Exception):
        return False
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None or not trace.tb_frame.f_code.co_filename.startswith("<instructor's cell"):
        return False
    return trace.tb_frame.f_code.co_code[trace.tb_lasti] == _RAISE


def attribute(student: Line, thing: Any, name: str, whose: str) -> Any:
    """An attribute of what lives elsewhere. Raises AttributeError as Python does."""
    try:
        return student.ask("get", thing, method=name)
    except AttributeError as error:
        if str(error):
            raise
        missing = AttributeError(f"{whose} has no attribute '{name}'")
    missing.name, missing.obj = name, thing
    raise missing


class StandIn(metaclass=RemoteClass):
    """The base of all stand-ins for objects. Its own parts have names that no student's have."""

    __class_told__ = Class.model_construct(t="class", v=-1, name="object")

    def __getattribute__(self, name: str) -> Any:
        if name[:2] == "__" and name not in SPECIAL_ATTRIBUTES:
            return object.__getattribute__(self, name)
        kind = type(self).__name__
        return attribute(at_of(self).student, self, name, f"'{kind}' object")

    def __setattr__(self, name: str, value: Any) -> None:
        at_of(self).student.ask("set", self, [value], method=name)

    def __delattr__(self, name: str) -> None:
        at_of(self).student.ask("delete", self, method=name)

    def __eq__(self, other: object) -> Any:
        if self is other:
            return True
        mine = at_of(self)
        if not is_stand_in(other):
            plain = type(other) in (bool, int, float, str)
            return plain and mine.value is not None and bool(mine.value == other)
        told = _told(type(self))
        if told.by_fields and type(self) is type(other):
            names = told.fields or []
            return all(getattr(self, name) == getattr(other, name) for name in names)
        if "__eq__" in told.does and asked_for(type(self)):
            return ask(self, "__eq__", other) is True
        return False

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        told, at = _told(type(self)), at_of(self)
        if at.value is not None:
            return hash(at.value)
        if not told.hashes:
            raise TypeError(f"unhashable type: '{type(self).__name__}'")
        return ask(self, "__hash__") if "__hash__" in told.does else object.__hash__(self)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} object>"

    def __str__(self) -> str:
        return repr(self)

    def __format__(self, form: str) -> str:
        return format(str(self), form)

    def __dir__(self) -> list[str]:
        return sorted(at_of(self).student.ask("do", self, method="__dir__"))

    def __copy__(self) -> Any:
        return at_of(self).student.ask("do", self, method="__copy__")

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        memo[id(self)] = at_of(self).student.ask("copy", self)
        return memo[id(self)]

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError(f"cannot pickle '{type(self).__name__}' object")

    def __handle__(self) -> dict[str, Any]:
        return {"t": "known", "v": at_of(self).key}

    def __as_plain__(self) -> Any:
        """For comparisons of values: its class and what it holds."""
        told = _told(type(self))
        names = told.fields
        held = vars(self) if names is None else {name: getattr(self, name) for name in names}
        return type(self), held


def make_object(student: Line, cls: type, key: int, value: Any) -> Any:
    made: Any = object.__new__(cls)
    plain = value if type(value) in (int, float, str) else None
    object.__setattr__(made, "__at__", At(student, key, plain))
    return made


def place_of(thing: Any) -> At | None:
    """Where a class or object of the student's really is; None for all else."""
    if isinstance(thing, RemoteClass):
        return class_at(thing)
    return at_of(thing) if is_stand_in(thing) else None
