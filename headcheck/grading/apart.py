"""The owner's end of the process that reads submissions (`clerk`): what kills it, kills one.

A file may be made to need all memory, or to take for ever, or to fall into a fault of ours. So the
owner reads none: it sends an order, and what comes back is checked, or becomes a refusal.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType

from pydantic import ValidationError

from headcheck.course.cells import Template
from headcheck.grading.prepare import Order, Prepared, not_prepared, prepare
from headcheck.grading.reading_limits import CPU_SECONDS, LENGTH, MEMORY_MIB, WALL_SECONDS
from headcheck.grading.work import Outcome
from headcheck.resident.process import is_resident
from headcheck.sandbox import frames

GRACE_SECONDS = 30.0  # then the clerk itself is ended
MAX_HEAD = 1 << 20
MAX_NOTEBOOK = 64 << 20


class Apart:
    """Prepares submissions in processes of their own. Use it in a `with`, or close it."""

    def __init__(self, templates: Mapping[str, Template]) -> None:
        """`templates`: of all lessons that a notebook could be of. Starts no process until one is needed."""
        self.templates = templates
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | _Forked | None = None
        self._line: socket.socket | None = None
        if is_resident() and len(os.listdir("/proc/self/task")) == 1:
            self._fork()  # this process has imported what a clerk needs, which takes a second

    def prepare(self, order: Order) -> Prepared:
        """What `prepare.prepare` says. Never raises for what was handed in."""
        template = self.templates[order.lesson]
        if not hasattr(os, "fork"):  # Windows: as well as can be
            try:
                return prepare(order, self.templates)
            except Exception as error:
                return not_prepared(template, "grader-error", _fault(order, type(error).__name__))
        try:
            return self._ask(order)
        except _Lost as lost:
            return not_prepared(template, lost.outcome, lost.message)

    @property
    def started(self) -> bool:
        """Whether there is a process that reads."""
        return self._process is not None

    def close(self) -> None:
        """End the clerk. May be called twice."""
        with self._lock:
            self._stop()

    def _start(self) -> None:
        known = json.dumps({name: template.as_json() for name, template in self.templates.items()})
        ours, theirs = socket.socketpair()
        with theirs, tempfile.TemporaryFile() as file:
            file.write(known.encode())
            file.seek(0)
            fds = (theirs.fileno(), file.fileno())
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "headcheck.grading.clerk", *map(str, fds)],
                pass_fds=fds,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for the owner alone
            )
        self._line = ours

    def _fork(self) -> None:
        from headcheck.grading.clerk import main

        ours, theirs = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            try:
                os.setsid()
                nothing = os.open(os.devnull, os.O_RDWR)
                for number in range(3):
                    os.dup2(nothing, number)
                for name in os.listdir("/proc/self/fd"):
                    if int(name) not in (0, 1, 2, theirs.fileno()):
                        with suppress(OSError):  # the one that listed the folder
                            os.close(int(name))
                main(theirs, self.templates)
            finally:
                os._exit(0)
        theirs.close()
        self._process, self._line = _Forked(pid), ours

    def _stop(self) -> None:
        if self._line is not None:
            self._line.close()
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._line = self._process = None

    def _ask(self, order: Order) -> Prepared:
        for attempt in (1, 2):
            ours, theirs = socket.socketpair()
            with ours:
                with self._lock, theirs:
                    if self._process is None or self._process.poll() is not None:
                        self._stop()
                        self._start()
                    assert self._line is not None
                    try:
                        frames.send(self._line, order.model_dump(mode="json"), [theirs.fileno()])
                    except OSError:  # it has just ended
                        if attempt == 1:
                            continue
                        raise _Lost(
                            "grader-error", _fault(order, "no process to read it")
                        ) from None
                return self._answer(order, ours)
        raise AssertionError("two attempts, and no answer")

    def _answer(self, order: Order, line: socket.socket) -> Prepared:
        end = time.monotonic() + WALL_SECONDS + GRACE_SECONDS
        try:
            head = json.loads(_take(line, _length(line, end), end))
            if not isinstance(head, dict):
                raise ValueError
            if "lost" in head:
                raise (
                    _Lost("error", _too_much(order))
                    if head["lost"] == "memory"
                    else _Lost("grader-error", _fault(order, str(head["lost"])[:200]))
                )
            most = MAX_NOTEBOOK + (order.limits.disk_mib << 20)
            parts: list[tuple[str, int]] = [(str(name), int(size)) for name, size in head["parts"]]
            if any(size < 0 for _, size in parts) or sum(size for _, size in parts) > most:
                raise ValueError
            (_, size), *files = parts
            return Prepared(
                **head["said"],
                notebook=_take(line, size, end),
                files={name: _take(line, size, end) for name, size in files},
            )
        except TimeoutError:
            with self._lock:
                self._stop()
            raise _Lost("error", _too_much(order)) from None
        except EOFError:  # ended by a limit
            raise _Lost("error", _too_much(order)) from None
        except (ValueError, KeyError, TypeError, OSError, ValidationError) as error:
            raise _Lost("grader-error", _fault(order, type(error).__name__)) from None

    def __enter__(self) -> Apart:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class _Forked:
    """A clerk without a program of its own; what is asked of it is as in `subprocess`."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        return self.wait(os.WNOHANG)

    def wait(self, options: int = 0) -> int | None:
        if self.returncode is None:
            ended, status = os.waitpid(self.pid, options)
            if ended:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode


class _Lost(Exception):
    def __init__(self, outcome: Outcome, message: str) -> None:
        super().__init__(message)
        self.outcome: Outcome = outcome
        self.message = message


def _length(line: socket.socket, end: float) -> int:
    (length,) = LENGTH.unpack(_take(line, LENGTH.size, end))
    if length > MAX_HEAD:
        raise ValueError("a head too long")
    return int(length)


def _take(line: socket.socket, count: int, end: float) -> bytes:
    parts = bytearray()
    while len(parts) < count:
        if not select.select([line], [], [], max(0.0, end - time.monotonic()))[0]:
            raise TimeoutError
        part = line.recv(min(count - len(parts), 1 << 20))
        if not part:
            raise EOFError
        parts += part
    return bytes(parts)


def _too_much(order: Order) -> str:
    return (
        f"{order.where} could not be read with {MEMORY_MIB} MiB of memory and {CPU_SECONDS} s of "
        "processor time; look for a huge or endlessly nested notebook, and ask for a new one with "
        "the lesson's cells only and without outputs."
    )


def _fault(order: Order, what: str) -> str:
    return (
        f"{order.where} could not be read, by a fault of the grader ({what}); the other submissions "
        "went on. Look into the folder, or ask for the notebook again."
    )
