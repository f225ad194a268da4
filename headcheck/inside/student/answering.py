"""Answers the checker's calls inside the student's process.

This is our code in hostile company: the student's code can read and change it. So nothing here is
relied on for a verdict. It makes honest work testable: arguments arrive as if made next door, what
a call changed goes back, and what an answer prints or says when it raises does not.
"""

from __future__ import annotations

import copy
import inspect
import os
import random
import select
import socket
import traceback
import types
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from headcheck.inside.line import wire
from headcheck.inside.line.kinds import as_data, seen
from headcheck.inside.line.limits import WireError
from headcheck.inside.line.modules import read_tables
from headcheck.inside.line.protocols import OPERATIONS
from headcheck.inside.line.shared import Outgoing, walk
from headcheck.inside.line.tensors import DTYPES
from headcheck.inside.line.values import decode, encode
from headcheck.inside.student.mirror import StudentsMirror
from headcheck.lesson.blame import error_text
from headcheck.lesson.canonical import hooked_everywhere, replaced_everywhere
from headcheck.lesson.causes import cause_of
from headcheck.lesson.failures import WriteItYourself
from headcheck.lesson.forbid import forbidding
from headcheck.lesson.stub import unanswered
from headcheck.lesson.torch_here import Tensor, nn, torch

KEPT_CALLS = 256  # computations kept for a later backward pass, at most
PAUSE = 0.1  # seconds: a check that asks nothing for so long is likely over


class Beside:
    """One end of the line, and the names of the notebook that it speaks for."""

    def __init__(
        self, sock: socket.socket, namespace: Mapping[str, Any], of_setup: Mapping[str, Any]
    ) -> None:
        self.sock, self.namespace, self.of_setup = sock, namespace, of_setup
        self.mirror = StudentsMirror()
        self.calls: dict[int, list[Tensor]] = {}
        self.last_call = self.cells = 0
        self.folder, self.process = os.getcwd(), os.getpid()

    def begin(self, cells: int) -> None:
        """Remember, if cells have run, what they have left for all modules: a check cannot have done that."""
        if cells != self.cells:
            self.cells = cells
            self.mirror.hooks_before = hooked_everywhere()
            self.mirror.replaced_before = replaced_everywhere()

    def answer(self) -> None:
        """Answer one request. Raises EOFError when the checker is gone."""
        try:
            request, data = wire.receive_request(self.sock)
        except wire.Gone as error:
            raise EOFError(str(error)) from None
        known = {**self.namespace, **self.of_setup}  # a later cell may bind a name again
        self.mirror.own_names = {n: known[n] for n in request.context.setup_names if n in known}
        self.mirror.release(request.released)
        for call in request.done:
            self.calls.pop(call, None)
        out = Outgoing()
        try:
            reply, out = self._reply(request, data)
            self._send(reply | out.tables(), out.data)
        except wire.Gone:
            raise EOFError("gone") from None
        except BaseException as error:  # whatever an answer has made that cannot be told
            self._forget(out)
            self._send({"raised": {"type": wire.UNTOLD, "why": _why(error)}}, {})

    def _send(self, reply: dict[str, Any], data: dict[int, Tensor]) -> None:
        if os.getpid() != self.process:  # C code has forked it: only who was asked answers
            os._exit(0)
        wire.send(self.sock, reply, data)

    def _reply(
        self, request: wire.Request, data: dict[int, Tensor]
    ) -> tuple[dict[str, Any], Outgoing]:
        tables = read_tables(self.mirror, request, data)
        containers: dict[int, Any] = {}
        args = [decode(self.mirror, v, tables.tensors, containers) for v in request.args]
        kwargs = {
            k: decode(self.mirror, v, tables.tensors, containers) for k, v in request.kwargs.items()
        }
        shared = [*walk(args), *walk(kwargs), *map(self.mirror.thing, request.lent)]
        if request.op in ("method", "measure", "copy"):
            target = self.mirror.thing(int(request.target or 0))
            shared += [target] if isinstance(target, nn.Module) else []
        shared = [each for each in shared if self.mirror.key_of(each) is not None]
        before = {n: seen(value) for n, value in containers.items()}
        reply: dict[str, Any] = {}
        out = Outgoing()
        result: Any = None
        with torch.set_grad_enabled(request.context.grad):
            try:
                _surroundings(request.context, self.folder)
                result = self._do(request, args, kwargs)
            except BaseException as error:
                reply["raised"] = _describe(self.mirror, error)
        try:
            reply["result"] = (
                self._names(result, out)
                if request.op == "names"
                else encode(self.mirror, result, out)
            )
            for thing in shared:
                encode(self.mirror, thing, out, share=True)
            reply["changed"] = [
                {"n": n, "value": encode(self.mirror, value, out)}
                for n, value in containers.items()
                if seen(value) != before[n]
            ]
            out.check()
        except BaseException:
            self._forget(out)
            raise
        results = [
            out.data[e["key"]] for e in out.tensors if e.get("graph") and not e.get("shared", True)
        ]
        if results:
            reply["call"] = self.last_call = call = self.last_call + 1
            self.calls[call] = results
            if len(self.calls) > KEPT_CALLS:
                del self.calls[min(self.calls)]
        return reply, out

    def _forget(self, out: Outgoing) -> None:
        """What was not sent after all is not known to the other side."""
        for key in out.seen:
            known = self.mirror.known.get(key)
            if known is not None:
                known.said = known.data = None

    def _names(self, values: dict[str, Any], out: Outgoing) -> Any:
        """Functions and classes stay here, whoever wrote them: an answer may be a library's."""
        pairs = []
        for name, value in (values or {}).items():
            here = self.mirror.is_a_function(value)
            node = self.mirror.handle(value) if here else encode(self.mirror, value, out)
            pairs.append([name, node])
        return {"t": "dict", "v": pairs}

    def _do(self, request: wire.Request, args: list[Any], kwargs: dict[str, Any]) -> Any:
        match request.op:
            case "names":
                return {n: self.namespace[n] for n in args if n in self.namespace}
            case "backward":
                return self._backward(int(request.target or 0), *args)
        thing = self.mirror.thing(int(request.target or 0))
        with forbidding(request.context.forbidden):
            match request.op:
                case "call":
                    return thing(*args, **kwargs)
                case "each":
                    return [thing(**options) for options in args[0]]
                case "method":
                    if request.method == "__call__":
                        return thing(*args, **kwargs)
                    return getattr(thing, str(request.method))(*args, **kwargs)
                case "copy":
                    return copy.deepcopy(thing)
                case "get":
                    return self._attribute(thing, str(request.method))
                case "set":
                    return setattr(thing, str(request.method), args[0])
                case "delete":
                    return delattr(thing, str(request.method))
                case "do":
                    return _DONE[str(request.method)](thing, *args, **kwargs)
                case _:
                    from headcheck.lesson.measure import measure

                    return measure(thing, args[0])

    def _attribute(self, thing: Any, name: str) -> Any:
        if name == "__signature__":
            return inspect.signature(thing)
        found = getattr(thing, name)
        return dict(found) if isinstance(found, types.MappingProxyType) else found

    def _backward(
        self, call: int, gradients: list[Tensor | None], inputs: list[Tensor]
    ) -> list[Tensor | None]:
        pairs = [
            (output, gradient)
            for output, gradient in zip(self.calls[call], gradients, strict=True)
            if gradient is not None
        ]
        found = torch.autograd.grad(
            [output for output, _ in pairs],
            inputs,
            [gradient for _, gradient in pairs],
            retain_graph=True,
            allow_unused=True,
        )
        return list(found)


_DONE: dict[str, Callable[..., Any]] = {
    **OPERATIONS,
    "__dir__": lambda thing: [str(name) for name in dir(thing)],
    "__copy__": copy.copy,
    "__data__": as_data,
    "send": lambda running, value: running.send(value),
}
_lines: dict[int, Beside] = {}


def answer(
    sock: socket.socket,
    namespace: Mapping[str, Any],
    of_setup: Mapping[str, Any],
    control: socket.socket,
    cells: int,
) -> None:
    """Answer the checker's questions until it pauses, or `control` can be read (the next cell).

    `of_setup`: what setup cells have bound: a check hands over objects of these classes, whatever the
    notebook calls so now. `cells`: how many have run. Raises EOFError when the checker is gone.
    """
    line = _lines.get(sock.fileno())
    if line is None or line.sock is not sock:
        line = _lines[sock.fileno()] = Beside(sock, namespace, of_setup)
    line.begin(cells)
    with _left_as_found():
        ready = [sock]
        while ready == [sock]:
            line.answer()
            ready = select.select([sock, control], [], [], PAUSE)[0]


def _describe(mirror: StudentsMirror, error: BaseException) -> dict[str, Any]:
    """The type of an exception and the line of the student's code it came from."""
    name = "WriteItYourself" if isinstance(error, WriteItYourself) else type(error).__name__
    if unanswered(error):
        name = "NotAnswered"
    elif isinstance(error, MemoryError) or "can't allocate memory" in str(error)[:2000]:
        name = "MemoryError"
    found = cause_of(name, error_text(error), error.__traceback__)
    said: dict[str, Any] = {"type": name[:200], "text": _text(error)}
    said["likely"] = found.name if found else None
    said |= mirror.tell_raised(type(error))
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if _is_cell(frame.filename) and not frame.name.startswith("<"):
            said |= {"function": frame.name[:200], "line": frame.lineno}
            return said | {"mark": wire.mark_of(frame.line or "")}
    return said


def _text(error: BaseException) -> str:
    try:
        return str(error)[:500].encode("utf-8", "replace").decode()
    except BaseException:  # the student's own __str__
        return ""


def _why(error: BaseException) -> str:
    """What is wrong with a result that cannot be told, as far as that is known."""
    if isinstance(error, WireError | MemoryError):
        return "too large"
    return "too deep" if isinstance(error, RecursionError) else "odd"


def _is_cell(filename: str) -> bool:
    return "ipykernel_" in filename or filename.startswith(("<ipython-input", "<cell"))


def _surroundings(context: wire.Context, folder: str) -> None:
    """As the check has them: seed and dtype; one thread; at home."""
    random.seed(context.seed)
    np.random.seed(context.seed % 2**32)
    torch.default_generator.manual_seed(context.seed)  # torch.manual_seed: 0.5 ms, for no GPU
    torch.set_default_dtype(DTYPES[context.dtype])
    torch.set_default_device(None)
    torch.set_num_threads(1)
    os.chdir(folder)


@contextmanager
def _left_as_found() -> Iterator[None]:
    """Puts back what `_surroundings` changes: the notebook's own settings wait meanwhile."""
    random_state, numpy_state = random.getstate(), np.random.get_state()
    torch_state, dtype = torch.get_rng_state(), torch.get_default_dtype()
    threads, device, here = torch.get_num_threads(), torch.get_default_device(), _here()
    try:
        yield
    finally:
        torch.set_default_dtype(dtype)
        torch.set_default_device(None if device.type == "cpu" else device)
        torch.set_num_threads(threads)
        torch.set_rng_state(torch_state)
        random.setstate(random_state)
        np.random.set_state(numpy_state)
        if here:
            os.chdir(here)


def _here() -> str | None:
    try:
        return os.getcwd()
    except OSError:
        return None
