"""Runs notebook cells in a forked process, on the very shell that Jupyter's own kernel uses.

No kernel protocol, no ZeroMQ, no threads: one inherited socket carries code in and Jupyter-shaped
messages out. File descriptors 1 and 2 are pipes, so that what C code and subprocesses print
arrives too. A second socket carries the checker's questions between two cells.

The trusted side of the first socket is `student.StudentProcess`.
"""

from __future__ import annotations

import asyncio
import builtins
import getpass
import io
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from types import MethodType, SimpleNamespace
from typing import Any

from ipykernel.compiler import XCachingCompiler
from ipykernel.jsonutil import json_clean
from ipykernel.kernelbase import Kernel
from ipykernel.zmqshell import ZMQInteractiveShell
from jupyter_client.jsonutil import json_default
from jupyter_client.session import Session
from traitlets.config import Config

from headcheck.inside.line.files import unpack
from headcheck.inside.student import no_network
from headcheck.sandbox import frames

FLUSH_CHARACTERS, FLUSH_SECONDS = 8192, 0.2

Answer = Callable[[socket.socket, Mapping[str, Any], Mapping[str, Any], socket.socket, int], None]


class _Channel:
    """Where messages go: the control socket, or nowhere while the checker is being answered.

    A process that the student's code forks (a pool's worker) has none: two that write into one line
    would spoil what both say. What it prints goes through the files 1 and 2.
    """

    def __init__(self) -> None:
        self.socket: socket.socket | None = None
        self.lock = threading.RLock()
        self.process = os.getpid()

    @property
    def forked(self) -> bool:
        """By its number: where C code forks, past Python, nobody is told."""
        return os.getpid() != self.process

    def send(self, kind: str, content: object) -> None:
        with self.lock:
            if self.socket is not None and not self.forked:
                message = {"type": kind, "content": content}
                self.socket.sendall(frames.encode(message, default=json_default))


_channel = _Channel()


class _FrameSession(Session):
    """Jupyter's message session, writing frames instead of ZeroMQ messages."""

    def send(self, stream: Any, msg_or_type: Any, content: Any = None, *_: Any, **__: Any) -> None:  # type: ignore[override]
        if isinstance(msg_or_type, dict):
            msg_or_type, content = msg_or_type["header"]["msg_type"], msg_or_type["content"]
        sys.stdout.flush()
        sys.stderr.flush()
        _channel.send(msg_or_type, json_clean(content))


class _Stream(io.TextIOBase):
    """sys.stdout and sys.stderr of a cell: text collected into a few messages."""

    encoding, errors = "UTF-8", "strict"  # type: ignore[assignment]

    def __init__(self, name: str, fd: int) -> None:
        self.name, self._fd = name, fd
        self._parts: list[str] = []
        self._size, self._flushed = 0, 0.0

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text)}")
        with _channel.lock:
            self._parts.append(text)
            self._size += len(text)
            if self._size > FLUSH_CHARACTERS or time.monotonic() - self._flushed > FLUSH_SECONDS:
                self.flush()
        return len(text)

    def flush(self) -> None:
        with _channel.lock:
            text, self._parts, self._size = "".join(self._parts), [], 0
            if text and _channel.forked:
                _write_all(self._fd, text.encode(errors="replace"))
            elif text:
                _channel.send("stream", {"name": self.name, "text": text})
            self._flushed = time.monotonic()

    def forget(self) -> None:
        """What is not shown yet is the parent's to show."""
        self._parts, self._size = [], 0

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._fd

    def isatty(self) -> bool:
        return False


def _write_all(fd: int, data: bytes) -> None:
    while data:
        data = data[os.write(fd, data) :]


class _Shell(ZMQInteractiveShell):
    compiler_class = XCachingCompiler  # the file names of Jupyter's tracebacks

    def enable_gui(self, gui: Any = None) -> None:
        self.active_eventloop = gui

    def system(self, cmd: str) -> None:
        if no_network.fetches(cmd):
            print(no_network.SAID)
            self.user_ns["_exit_code"] = 1
        else:
            super().system(cmd)

    def _update_exit_now(self, change: Any) -> None:
        """`exit()` does not end the process: the cells after it still run."""


_Shell.__name__ = "ZMQInteractiveShell"  # libraries ask for this name to know where they are
_shell: Any = None
_answer: Answer | None = None
_of_setup: dict[str, Any] = {}  # what setup cells have bound, whatever later cells bind


@contextmanager
def prepared() -> Iterator[None]:
    """Create the shell, once, before any fork; import libraries inside the block.

    Libraries decide at import whether they are in a notebook, so `get_ipython` must be there.
    """
    global _shell
    config = Config()
    config.HistoryManager.enabled = False
    config.HistoryManager.hist_file = ":memory:"
    config.IPKernelApp.parent_appname = ""  # its presence is what fastcore and tqdm look for
    _shell = _Shell.instance(config=config)
    session = _FrameSession(key=b"unused")
    for publisher in (_shell.displayhook, _shell.display_pub):
        publisher.session, publisher.pub_socket = session, object()
    _shell.displayhook.topic = b""
    usual = dict(_shell.magics_manager.magics["line"])
    for name in no_network.MAGICS:
        _shell.register_magic_function(no_network.instead_of(usual, name), "line", name)
    with _shell.builtin_trap:
        yield
        _touch_lazy_parts()


def _touch_lazy_parts() -> None:
    global _answer
    from IPython.core.ultratb import VerboseTB

    _shell.transform_cell("%time 1")
    try:
        raise ValueError("warm")
    except ValueError:
        VerboseTB(include_vars=False).structured_traceback(*sys.exc_info())
    from headcheck.inside.student.answering import answer  # not before torch may be imported

    _answer = answer


def main(fds: list[int]) -> None:
    """Entry point of a student process. fds: the control socket, then the checker's if any.

    The first frame on the control socket brings the submission's other files, if it has any.
    """
    control = socket.socket(fileno=fds[0])
    questions = socket.socket(fileno=fds[1]) if len(fds) > 1 else None
    for each in (control, questions):
        if each is not None:
            each.set_inheritable(False)
    try:
        unpack(frames.receive(control, max_fds=1)[1])
    except (EOFError, ConnectionError):
        os._exit(0)
    _channel.socket, _channel.process = control, os.getpid()
    streams = [_Stream("stdout", 1), _Stream("stderr", 2)]
    sys.stdout, sys.stderr = streams
    lines = [each for each in (control, questions) if each is not None]
    os.register_at_fork(after_in_child=lambda: _be_forked(lines, streams))
    no_frontend: Any = SimpleNamespace(_allow_stdin=False)  # nobody can be asked for input
    builtins.input = MethodType(Kernel.raw_input, no_frontend)
    getpass.getpass = MethodType(Kernel.getpass, no_frontend)  # type: ignore[assignment]
    sys.path.insert(0, "")  # the submission's own modules
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    _channel.send("ready", {})
    while not _channel.forked:
        try:
            ready = loop.run_until_complete(_readable(loop, control, questions))
            if ready is control:
                message, _ = frames.receive(control)
                before = dict(_shell.user_ns)
                _run(loop, message["code"])
                if message.get("setup"):
                    now = dict(_shell.user_ns)
                    _of_setup.update({n: v for n, v in now.items() if v is not before.get(n, now)})
            elif questions is not None:
                _answer_quietly(questions, control)
        except KeyboardInterrupt:  # too late: the cell had just ended
            continue
        except (EOFError, ConnectionError):
            os._exit(0)
        except OSError:
            if not _channel.forked:
                raise


def _be_forked(lines: Sequence[socket.socket], streams: Sequence[_Stream]) -> None:
    """In a process that the student's code has forked, before anything else in it."""
    _channel.socket, _channel.lock = None, threading.RLock()
    for stream in streams:
        stream.forget()
    for line in lines:
        line.close()


async def _readable(loop: Any, *sockets: socket.socket | None) -> socket.socket:
    """Wait until one of the sockets can be read. Tasks of earlier cells go on meanwhile."""
    ready: asyncio.Future[socket.socket] = loop.create_future()
    waiting = [each for each in sockets if each is not None]
    for each in waiting:
        loop.add_reader(each, _first, ready, each)
    try:
        return await ready
    finally:
        for each in waiting:
            loop.remove_reader(each)


def _first(ready: asyncio.Future[socket.socket], found: socket.socket) -> None:
    if not ready.done():
        ready.set_result(found)


def _run(loop: asyncio.AbstractEventLoop, code: str) -> None:
    """Run one cell and send the reply that ends it."""
    _shell._last_traceback = None
    reply: dict[str, Any] = {"status": "error"}
    try:
        result = loop.run_until_complete(_execute(code))
        error = result.error_before_exec or result.error_in_exec
        if result.success and not _shell._last_traceback_during_displayhook:
            reply = {"status": "ok"}
        else:
            reply |= {"ename": type(error).__name__, "evalue": str(error)}
    except (KeyboardInterrupt, asyncio.CancelledError, SystemExit) as stop:
        reply["ename"] = type(stop).__name__
    except Exception as broken:  # an exception of the student's that cannot even be printed
        reply["ename"] = type(broken).__name__
    with suppress(Exception):  # replaced by the student with something that cannot
        sys.stdout.flush()
        sys.stderr.flush()
    reply["execution_count"] = _shell.execution_count - 1
    _shell.payload_manager.clear_payload()
    _channel.send("reply", reply)


async def _execute(code: str) -> Any:
    """As ipykernel does it: inside a running loop, awaiting only what needs it."""
    problem = None
    try:
        transformed = _shell.transform_cell(code)
    except Exception:
        transformed, problem = code, sys.exc_info()
    given = {"transformed_cell": transformed, "preprocessing_exc_tuple": problem}
    if not _shell.should_run_async(code, **given):
        return _shell.run_cell(code, store_history=True)
    result = None
    try:
        result = await _shell.run_cell_async(code, store_history=True, **given)
    finally:
        _shell.events.trigger("post_execute")
        _shell.events.trigger("post_run_cell", result)
    return result


def _answer_quietly(questions: socket.socket, control: socket.socket) -> None:
    """Answer the checker as long as it asks. What the student's code prints meanwhile is dropped."""
    assert _answer is not None
    kept, _channel.socket = _channel.socket, None
    nothing = os.open("/dev/null", os.O_WRONLY)
    outputs = [os.dup(1), os.dup(2)]
    try:
        os.dup2(nothing, 1)
        os.dup2(nothing, 2)
        with _shell.builtin_trap:
            _answer(questions, _shell.user_ns, _of_setup, control, _shell.execution_count)
    finally:
        with suppress(Exception):  # replaced by the student with something that cannot
            sys.stdout.flush()
            sys.stderr.flush()
        for number, fd in enumerate(outputs, start=1):
            os.dup2(fd, number)
            os.close(fd)
        os.close(nothing)
        _channel.socket = kept
