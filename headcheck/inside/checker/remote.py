"""A student's names, as the checker process sees them.

Nothing of the student's is in this process. A function is a `RemoteFunction`: calling it sends
plain data to the student's process and gets plain data back. A module made of library layers comes
back as real layers; one of the student's own class is a `BlackBox`, whose parts are visible and
whose forward runs in the student's process on the inputs we send.
"""

from __future__ import annotations

import builtins
import copy
import functools
import socket
from collections import OrderedDict
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from headcheck.inside.checker import data, objects
from headcheck.inside.checker.mirror import CheckersMirror
from headcheck.inside.line import wire
from headcheck.inside.line.kinds import put_back
from headcheck.inside.line.limits import WireError
from headcheck.inside.line.modules import ModuleEntry, Tables, read_tables
from headcheck.inside.line.names import exception_class, rebuildable_class
from headcheck.inside.line.protocols import SPECIAL_ATTRIBUTES
from headcheck.inside.line.shared import Outgoing, as_a_name, describe, walk
from headcheck.inside.line.values import (
    Class,
    Data,
    Elsewhere,
    Function,
    Object,
    Running,
    decode,
    encode,
)
from headcheck.lesson.checking import exercise_now
from headcheck.lesson.failures import CheckFailed, WriteItYourself
from headcheck.lesson.forbid import forbidden_now
from headcheck.lesson.measure import Measurement
from headcheck.lesson.stub import exercise_named_in, stub_text
from headcheck.lesson.torch_here import Tensor, nn, torch

MISSING = object()


class YourOwnException(Exception):
    """An exception type of the student's own; what it says stays in the student's process."""


@dataclass
class Student:
    """The line to the student's process. `raised` lists what its code raised in this check."""

    sock: socket.socket
    setup_names: Mapping[str, Any]
    place: Callable[[str, int, int], str | None] = lambda function, line, mark: None

    def __post_init__(self) -> None:
        self.mirror = CheckersMirror()
        self.mirror.own_names = self.setup_names
        self.mirror.make_handle = self._remote
        self.mirror.make_data = self._data
        self.raised: list[str] = []
        self.done: list[int] = []  # computations over there that nobody here can go back through
        self.asked: set[int] = set()  # keys of the classes that the check asks for by name
        self.classes_of_data: dict[Any, type] = {}

    def fetch(self, names: Iterable[str]) -> dict[str, Any]:
        """The values of the student's names as they are now; `MISSING` for those not defined."""
        wanted = list(names)
        found = self.ask("names", args=wanted)
        if not isinstance(found, dict):
            raise _untold("odd") from WireError("names: expected a dict")
        return {name: found.get(name, MISSING) for name in wanted}

    def ask(
        self,
        op: str,
        target: Any = None,
        args: Iterable[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        method: str | None = None,
        seed: int | None = None,
    ) -> Any:
        """Have something done in the student's process, and copy back what it changed."""
        out, args, given = Outgoing(containers=[]), list(args), dict(kwargs or {})
        at = where(target)
        lent = sorted(at.holds & self.mirror.known.keys()) if at else []
        for key in lent:
            describe(self.mirror, self.mirror.thing(key), out)
        if isinstance(target, nn.Module):
            target = describe(self.mirror, target, out)
        elif at is not None:
            target = at.key
        request: dict[str, Any] = {
            "op": op,
            "target": target,
            "method": method,
            "args": [encode(self.mirror, v, out, share=True) for v in args],
            "kwargs": {k: encode(self.mirror, v, out, share=True) for k, v in given.items()},
            "lent": lent,
            "released": self.mirror.released(),
            "done": self._done(),
            "context": self._context(seed),
        }
        inputs = [t for t in self._alive(out) if t.requires_grad]
        wire.send(self.sock, request | out.tables(), out.data)
        try:
            found = self._taken(
                wire.receive_reply(self.sock), inputs, out, [*args, *given.values()]
            )
        except WireError as error:
            raise _untold("odd") from error
        held = {k for k in out.seen & self.mirror.known.keys() if self._is_model(k)}
        made = where(found)
        if made is not None and op == "get" and at is not None and at.keeps:
            made.keeps, made.holds = True, at.holds  # a method of what was given these models
        elif made is not None and held:
            made.keeps, made.holds = True, made.holds | held
        if at is not None and at.keeps:
            at.holds |= held
        return found

    def _done(self) -> list[int]:
        done, self.done = self.done, []
        return done

    def _is_model(self, key: int) -> bool:
        return isinstance(self.mirror.known[key].get(), nn.Module)

    def _taken(
        self,
        received: tuple[wire.Reply, dict[int, Tensor]],
        inputs: list[Tensor],
        out: Outgoing,
        given: list[Any],
    ) -> Any:
        """The result of a reply, and what the call changed, put where it belongs."""
        reply, data = received
        if reply.call is not None:
            way_back = _WayBack(self, reply.call)
            if torch.is_grad_enabled():
                data = self._with_backward(way_back, reply, data, inputs)
        allowed = out.seen - self._lent(given)
        tables = read_tables(self.mirror, reply, data, box=Boxes(self), allowed=allowed)
        self._restore(reply.changed, out.containers or [], tables)
        if reply.raised is not None:
            raise self._error(reply.raised)
        return decode(self.mirror, reply.result, tables.tensors)

    def _lent(self, given: list[Any]) -> set[int]:
        """Keys of the plain tensors of a call. What it does to them stays with the answer: a check
        may compute the right result from them afterwards."""
        things = list(walk(given))
        parts = {id(b) for m in things if isinstance(m, nn.Module) for b in m.buffers()}
        plain = [t for t in things if isinstance(t, Tensor) and not isinstance(t, nn.Parameter)]
        keys = {self.mirror.key_of(t) for t in plain if id(t) not in parts}
        return {key for key in keys if key is not None}

    def _alive(self, out: Outgoing) -> list[Tensor]:
        things = [self.mirror.thing(key) for key in sorted(out.seen)]
        return [thing for thing in things if isinstance(thing, Tensor)]

    def _context(self, seed: int | None) -> dict[str, Any]:
        # Drawn, so that the next call gets another one.
        drawn = int(torch.randint(1 << 48, (), device="cpu", dtype=torch.int64))
        return {
            "seed": drawn if seed is None else seed,
            "grad": torch.is_grad_enabled(),
            "dtype": str(torch.get_default_dtype()).removeprefix("torch."),
            "forbidden": list(forbidden_now()),
            "setup_names": list(self.setup_names),
        }

    def _restore(self, changed: list[wire.Changed], containers: list[Any], tables: Tables) -> None:
        for change in changed:
            if not 0 <= change.n < len(containers):
                raise WireError("no such container")
            before, now = containers[change.n], decode(self.mirror, change.value, tables.tensors)
            if isinstance(before, list) and isinstance(now, list):
                before[:] = now
                continue
            if not put_back(before, now):
                raise WireError("a container of another type")

    def _with_backward(
        self,
        way_back: _WayBack,
        reply: wire.Reply,
        data: dict[int, Tensor],
        inputs: list[Tensor],
    ) -> dict[int, Tensor]:
        """Let gradients of the results flow back through the student's process."""
        keys = [e.key for e in reply.tensors if e.graph and not e.shared and e.key in data]
        if not keys or not inputs:
            return data
        outputs = _Backward.apply(way_back, keys, len(inputs), *inputs, *(data[k] for k in keys))
        return data | dict(zip(keys, outputs, strict=True))

    def _error(self, raised: wire.Raised) -> BaseException:
        """The student's exception as one of the same built-in type, with our own words."""
        self.raised.append(f"{raised.type}: {raised.text}".rstrip(": "))
        if raised.type == wire.UNTOLD:
            return _untold(raised.why)
        if raised.type == "WriteItYourself":
            return WriteItYourself()
        where = (
            self.place(raised.function, raised.line, raised.mark)
            if raised.function and raised.line
            else None
        )
        if raised.type == "NotAnswered":
            return NotImplementedError(
                stub_text(exercise_named_in(where or "") or exercise_now() or "this")
            )
        text = f"at {where}" if where else ""
        error = self._of_its_class(raised, text)
        vars(error)["likely"] = raised.likely
        if isinstance(error, YourOwnException):
            vars(error)["called"] = "an exception that is none of Python's own"
        return error

    def _of_its_class(self, raised: wire.Raised, text: str) -> BaseException:
        """An exception that the check can catch as it would catch the student's."""
        if raised.type == "MemoryError":  # torch's is a RuntimeError
            return MemoryError(text)
        own = [known.get() for key in raised.above if (known := self.mirror.known.get(key))]
        stand_ins = [cls for cls in own if isinstance(cls, objects.RemoteClass)]
        shared = (exception_class(path, self.setup_names) for path in raised.path)
        base: type[BaseException] | None = next((cls for cls in shared if cls is not None), None)
        plain = getattr(builtins, raised.type, None)
        if (
            base is None
            and not raised.above
            and isinstance(plain, type)
            and issubclass(plain, Exception | SystemExit)
        ):
            base = plain
        if not raised.above and base is not None:
            with suppress(Exception):  # UnicodeDecodeError and the like want more
                return base(text)
        bases = (*stand_ins, *(() if stand_ins else (YourOwnException,)))
        for each in ((*bases, base), bases) if base is not None else (bases,):
            with suppress(TypeError):  # classes that cannot be one
                kind = type.__new__(type(bases[0]), "YourOwnException", each, {})  # type: ignore[call-overload]
                error: BaseException = kind.__new__(kind, text)
                return error
        return YourOwnException(text)

    def _data(self, node: Data, value: Any) -> Any:
        cls = decode(self.mirror, node.cls, {})
        if not isinstance(cls, objects.RemoteClass) or issubclass(cls, BaseException):
            raise WireError("data of no class")
        return data.make(self, cls, node, value)

    def _remote(self, node: Elsewhere) -> Any:
        match node:
            case Function():
                return RemoteFunction(self, node)
            case Class():
                return objects.make_class(self, node, YourOwnException)
            case Object():
                cls = decode(self.mirror, node.cls, {})
                if not isinstance(cls, objects.RemoteClass) or issubclass(cls, BaseException):
                    raise WireError("an object of no class")
                return objects.make_object(self, cls, node.v, decode(self.mirror, node.value, {}))
            case Running():
                make = _generator if node.t == "generator" else _coroutine
                made: Any = make(self, node.v)
                made.__name__ = made.__qualname__ = as_a_name(node.name)
                return made
        raise WireError("a thing of no kind elsewhere")


def _generator(student: Student, key: int) -> Generator[Any, Any, Any]:
    """Stands for a generator of the student's: a real one here, for what asks whether it is."""
    sent = None
    while True:
        try:
            found = student.ask("do", key, [sent], method="send")
        except StopIteration:
            return
        sent = yield found


async def _coroutine(student: Student, key: int) -> Any:
    return student.ask("do", key, method="__await__")


_UNTOLD = {
    "too large": "it is very large: a result of millions of values, or of thousands of tensors or layers",
    "too deep": "layers or lists inside one another, more than a hundred deep, or one that contains "
    "itself",
    "odd": "it holds something unusual: nested tensors, or parts with changed insides",
}


def _untold(why: str) -> CheckFailed:
    """What an answer gave back cannot be looked at: not our fault, and no exception of its own."""
    return CheckFailed(
        "what the answer returns (or leaves in what it was given) cannot be looked at",
        cause=_UNTOLD[why],
        look="the exercise text: plain numbers, tensors and layers are enough",
    )


@dataclass
class Boxes:
    """Makes black boxes of what an answer's process described."""

    student: Student

    def make(self, entry: ModuleEntry) -> nn.Module:
        base = rebuildable_class(entry.base, self.student.setup_names) or nn.Module
        name = as_a_name(entry.cls.rpartition(":")[2])
        kind = _named(name) if base is nn.Module else _closed(base)  # type: ignore[arg-type]
        module = kind.__new__(kind)
        nn.Module.__init__(module)
        vars(module)["_black_box"] = self._box(entry)
        return module

    def close(self, module: nn.Module, entry: ModuleEntry) -> None:
        if not isinstance(module, BlackBox):
            # (Past nn.Module's own way: a part may have this very name.)
            object.__setattr__(module, "__class__", _closed(type(module)))  # type: ignore[arg-type]
            vars(module)["_black_box"] = self._box(entry)

    def open(self, module: nn.Module) -> None:
        if isinstance(module, BlackBox) and type(module).opened is not None:
            object.__setattr__(module, "__class__", type(module).opened)
            del vars(module)["_black_box"]

    def _box(self, entry: ModuleEntry) -> Box:
        return Box(self.student, entry.cls, entry.base, list(entry.methods), entry.odd)


@functools.lru_cache(maxsize=512)
def _closed(cls: type[nn.Module]) -> type[BlackBox]:
    """The class of a black box that is one of `cls`, for `isinstance` and by its name."""
    return type(cls.__name__, (BlackBox, cls), {"opened": cls, "__module__": cls.__module__})


@functools.lru_cache(maxsize=256)
def _named(name: str) -> type[BlackBox]:
    """A black box under the name that the student knows: it stands in messages, of Python too."""
    return type(name, (BlackBox,), {"__module__": "the answer"})


class RemoteFunction:
    """A function that runs in the student's process."""

    def __init__(self, student: Student, node: Function) -> None:
        self.at = objects.At(student, node.v, keeps=False)
        vars(self).update(__doc__=node.doc, __module__="the answer")
        vars(self)["__name__"] = vars(self)["__qualname__"] = node.name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.at.student.ask("call", self, args, kwargs)

    def __seeded__(self, seed: int, args: Iterable[Any], kwargs: Mapping[str, Any]) -> Any:
        return self.at.student.ask("call", self, args, kwargs, seed=seed)

    def __each__(self, calls: Sequence[Mapping[str, Any]]) -> list[Any]:
        found = self.at.student.ask("each", self, [[dict(options) for options in calls]])
        if not isinstance(found, list) or len(found) != len(calls):
            raise _untold("odd") from WireError("each: expected one result for each call")
        return found

    def __getattr__(self, name: str) -> Any:
        if name[:2] == "__" and name not in SPECIAL_ATTRIBUTES:
            raise AttributeError(name)
        return objects.attribute(self.at.student, self, name, "'function' object")

    def __handle__(self) -> dict[str, Any]:
        return {"t": "known", "v": self.at.key}

    def __repr__(self) -> str:
        return f"<the answer {self.__name__}>"


RemoteFunction.__name__ = "function"  # what it is called in messages, of Python too


def where(thing: Any) -> objects.At | None:
    """Where a function, class or object of the student's really is; None for all else."""
    return thing.at if isinstance(thing, RemoteFunction) else objects.place_of(thing)


@dataclass
class Box:
    """Where a black box really is, and what it says it is."""

    student: Student
    cls: str
    base: str
    methods: list[str]
    odd: str | None = None  # not all of it was told, for this reason

    def __deepcopy__(self, memo: dict[int, Any]) -> Box:
        return self


class BlackBox(nn.Module):
    """A module of a class that the student wrote. Its methods run in the student's process."""

    _black_box: Box
    opened: type[nn.Module] | None = (
        None  # its class, if it runs elsewhere only for what was done to it
    )

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        return self._black_box.student.ask("method", self, args, kwargs, method="__call__")

    def __getattr__(self, name: str) -> Any:
        box = self.__dict__.get("_black_box")
        if box is not None and name in box.methods:
            return self._method(name)
        return super().__getattr__(name)

    def _method(self, name: str) -> Callable[..., Any]:
        def method(*args: Any, **kwargs: Any) -> Any:
            return self._black_box.student.ask("method", self, args, kwargs, method=name)

        return method

    def train(self, mode: bool = True) -> BlackBox:
        if "train" in self._black_box.methods:  # some freeze their BatchNorm layers here
            self._method("train")(mode)
            return self
        return super().train(mode)

    def __oddity__(self) -> str | None:
        return self._black_box.odd

    def __measure__(self, request: Any) -> Any:
        # A copy: the inputs and weights are used again, and the answer's process could change them.
        found = self._black_box.student.ask("measure", self, [copy.deepcopy(request)])
        if not isinstance(found, Measurement):
            raise _untold("too large") from WireError("measure: no measurement")
        return found

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        made = memo[id(self)] = self._black_box.student.ask("copy", self)
        return made

    def __getitem__(self, index: Any) -> Any:
        usual = getattr(super(), "__getitem__", None)
        if usual is None:
            raise TypeError(f"'{self._get_name()}' object is not subscriptable")
        if not isinstance(index, slice):
            return usual(index)
        return nn.Sequential(OrderedDict(list(self._modules.items())[index]))  # type: ignore[arg-type]

    def _get_name(self) -> str:
        return self._black_box.cls.rpartition(":")[2][:80]


class _WayBack:
    """A computation in the student's process: kept there until nothing here leads back to it.

    (A head that is trained runs hundreds of times, and each computation holds what was between its layers.)
    """

    def __init__(self, student: Student, call: int) -> None:
        self.student, self.call = student, call

    def __del__(self) -> None:
        self.student.done.append(self.call)


class _Backward(torch.autograd.Function):
    """The backward pass of a call that was computed in the student's process."""

    @staticmethod
    def forward(
        ctx: Any, way_back: _WayBack, keys: list[int], count: int, *tensors: Tensor
    ) -> tuple[Tensor, ...]:
        ctx.way_back = way_back
        ctx.inputs, outputs = tensors[:count], tensors[count:]
        return tuple(t.clone() for t in outputs)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor | None) -> tuple[Any, ...]:
        with torch.no_grad():
            student, call = ctx.way_back.student, ctx.way_back.call
            found = student.ask("backward", call, [list(gradients), list(ctx.inputs)])
        if not isinstance(found, list) or len(found) != len(ctx.inputs):
            raise _untold("odd") from WireError("backward: expected one gradient per input")
        for gradient, given in zip(found, ctx.inputs, strict=True):
            if gradient is not None and getattr(gradient, "shape", None) != given.shape:
                raise _untold("odd") from WireError("backward: a gradient of another shape")
        return (None, None, None, *found, *(None for _ in gradients))
