"""The student process as the trusted side sees it: code in, notebook outputs out, hard limits.

Everything that arrives is untrusted. A frame that is not what a Jupyter kernel would send ends the
process; output beyond the limit is cut; silence beyond the limit is interrupted, then killed.
"""

from __future__ import annotations

import builtins
import os
import select
import signal
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

from nbformat import NotebookNode
from pydantic import BaseModel, ValidationError

from headcheck.grading.engines.allowance import Allowance, Meter, of_one_cell
from headcheck.grading.engines.archive import pack
from headcheck.grading.engines.outputs import EACH_MESSAGE, FLOOD, Count, Displays, Flood, Outputs
from headcheck.grading.submission import ASKING, ASKS_A_PERSON
from headcheck.grading.work import Limits
from headcheck.sandbox import frames
from headcheck.sandbox.forkserver import Child, Forkserver
from headcheck.sandbox.jail import JailSettings

START = Allowance(30, 120)
GRACE_SECONDS = 2.0
GRACE = Allowance(GRACE_SECONDS, 4 * GRACE_SECONDS)  # between the interrupt and the kill
LOOK_SECONDS = 0.2  # how often the clock is looked at while messages arrive
FLOODS = 4  # times what one cell may send at most: all cells of a process
SPARE = 64 << 10  # bytes of a frame beside the output in it

CellOutcome = Literal["passed", "error", "timeout", "out-of-memory", "died"]


class _Reply(BaseModel):
    status: Literal["ok", "error"]
    execution_count: Count
    ename: str = ""
    evalue: str = ""


class _Gone(Exception):
    """The process ended, or had to be ended; the text says why."""


@dataclass
class CellRun:
    """What came of one cell. `message` is a sentence for a person when it did not just run."""

    outcome: CellOutcome
    outputs: list[NotebookNode]
    execution_count: int | None = None
    message: str = ""
    kept: int = 0  # bytes that the outputs take in the notebook


class StudentProcess:
    """A jailed process that runs cells one after another. Close it, or use it in a `with`."""

    def __init__(
        self,
        server: Forkserver,
        limits: Limits,
        *,
        questions: socket.socket | None = None,
        files: Mapping[str, bytes] | None = None,
        jailed: bool = True,
    ) -> None:
        """`questions`: the student's end of the socket on which the checker asks; the process gets
        a copy of it, so close yours. `files` appear in its working directory. `jailed=False` is for
        measuring what the jail costs."""
        self.limits = limits
        archives = [pack(files)] if files else []
        self._control, theirs = socket.socketpair()
        fds = [theirs.fileno()] + ([questions.fileno()] if questions else [])
        jail = JailSettings.of(limits) if jailed else None
        try:
            self.child: Child = server.fork("student", jail, fds)
            with suppress(OSError):  # it has ended already: the first cell says so
                frames.send(self._control, {}, archives)
        except BaseException:
            self._control.close()
            raise
        finally:
            theirs.close()
            for each in archives:
                os.close(each)
        # What has no room in the notebook need not be parsed.
        self._reader = frames.Reader(limits.output_kib * 1024 + SPARE, lenient=True)
        self._shown: Displays = {}
        self._arrived = 0  # bytes, of all cells before
        self._pipes: dict[int, Literal["stdout", "stderr"]] = {
            self.child.stdout: "stdout",
            self.child.stderr: "stderr",
        }
        self.ended: str | None = None  # why it ended, once it has
        self._control.setblocking(False)
        self._poll = select.poll()
        for fd in (self._control.fileno(), self.child.pidfd, *self._pipes):
            self._poll.register(fd, select.POLLIN)
        for fd in self._pipes:
            os.set_blocking(fd, False)
        self._started = False

    def run_cell(
        self,
        code: str,
        allowance: Allowance | None = None,
        room: int | None = None,
        *,
        setup: bool = False,
    ) -> CellRun:
        """Run one code cell. `allowance`: instead of that of one cell in `limits`; `room`: bytes that
        its outputs may take, if less than `limits.output_kib`; `setup`: what it binds, the checker names."""
        allowance = allowance or of_one_cell(self.limits)
        most = self.limits.output_kib * 1024
        outputs = self._outputs(most if room is None else min(room, most), self._shown)
        run = self._run_cell(code, allowance, outputs, setup)
        self._arrived += outputs.arrived
        run.outputs, run.kept = outputs.nodes, outputs.kept
        return run

    def _outputs(self, room: int, shown: Displays) -> Outputs:
        most = self.limits.output_kib * 1024 * FLOOD
        return Outputs(room, shown, min(most, FLOODS * most - self._arrived))

    def _run_cell(self, code: str, allowance: Allowance, outputs: Outputs, setup: bool) -> CellRun:
        if self.ended is not None:
            return self._gone(outputs)
        try:
            if not self._started and self._reply(self._meter(START), outputs) is None:
                raise _Gone("it did not start")
            self._started = True
            self._discard_late_output()
            self._send({"code": code, "setup": setup})
            meter = self._meter(allowance)
            reply = self._reply(meter, outputs)
            if reply is None:
                return self._timeout(meter.limit(), outputs)
        except (_Gone, Flood, frames.FrameError, ValidationError, OSError) as error:
            ours = isinstance(error, _Gone | Flood)
            self._end(str(error) if ours else "it sent what no kernel sends")
            return self._gone(outputs)
        if reply.status == "ok":
            return CellRun("passed", [], reply.execution_count)
        memory = reply.ename == "MemoryError" or "DefaultCPUAllocator" in reply.evalue
        outcome: CellOutcome = "out-of-memory" if memory else "error"
        # By name only if it is Python's: the student's own could be called by a hidden value.
        kind = reply.ename if hasattr(builtins, reply.ename) else "an exception"
        message = self._memory_sentence() if memory else f"the cell raised {kind}"
        if reply.ename in ASKING:
            message = ASKS_A_PERSON
        return CellRun(outcome, [], reply.execution_count, message)

    def settle_displays(self) -> None:
        """What was displayed up to now stays as it is: later cells cannot change it."""
        self._shown.clear()

    def _meter(self, allowance: Allowance) -> Meter:
        return Meter(allowance, [self.child])

    def _timeout(self, limit: str, outputs: Outputs) -> CellRun:
        message = f"the cell {limit}"
        try:
            self.child.signal(signal.SIGINT)
            reply = self._reply(self._meter(GRACE), outputs)
        except (_Gone, Flood, frames.FrameError, ValidationError, OSError):
            reply = None
        if reply is None:
            self._end(f"{message} and ignored the interrupt")
        outputs.say("CellTimeoutError", message)
        return CellRun("timeout", [], reply.execution_count if reply else None, message)

    def _gone(self, outputs: Outputs) -> CellRun:
        memory = self.child.out_of_memory
        message = self._memory_sentence() if memory else f"the process ended: {self.ended}"
        name = "OutOfMemoryError" if memory else "DeadKernelError"
        outputs.say(name, message)
        return CellRun("out-of-memory" if memory else "died", [], None, message)

    def _memory_sentence(self) -> str:
        return f"the memory limit of {self.limits.memory_mib} MiB was reached"

    def _end(self, reason: str) -> None:
        self.ended = self.ended or reason
        self.child.kill()

    def _send(self, message: dict[str, Any]) -> None:
        self._control.settimeout(GRACE_SECONDS)
        try:
            frames.send(self._control, message)
        except TimeoutError:
            raise _Gone("it does not listen any more") from None
        finally:
            self._control.setblocking(False)

    def _discard_late_output(self) -> None:
        """What came between two cells (background threads) belongs to no cell."""
        dropped = self._outputs(0, {})
        for _ in self._messages(dropped, 0):
            dropped.arrive(EACH_MESSAGE)
        self._arrived += dropped.arrived

    def _reply(self, meter: Meter, outputs: Outputs) -> _Reply | None:
        """Collect outputs until the reply (or "ready") comes; None when it does not in time."""
        while (left := meter.left()) > 0:
            again = time.monotonic() + LOOK_SECONDS
            for kind, content in self._messages(outputs, left):
                if kind == "ready":
                    return _Reply(status="ok", execution_count=0)
                if kind == "reply":
                    reply = _Reply(**content)
                    self._read_pipes(outputs)
                    return reply
                outputs.take(kind, content)
                if time.monotonic() > again:  # whatever arrives, and however much
                    again = time.monotonic() + LOOK_SECONDS
                    if meter.left() <= 0:
                        return None
        return None

    def _messages(self, outputs: Outputs, seconds: float) -> Iterator[tuple[str, dict[str, Any]]]:
        """What has arrived within `seconds`. Raises _Gone when the process has ended."""
        ready = {fd for fd, _ in self._poll.poll(seconds * 1000)}
        if not ready.isdisjoint(self._pipes):
            self._read_pipes(outputs)
        if self._control.fileno() in ready:
            try:
                data = self._control.recv(1 << 20)
            except BlockingIOError:
                return
            except ConnectionError:
                data = b""
            outputs.arrive(len(data))
            for frame in self._reader.feed(data):
                content = frame.get("content")
                yield str(frame.get("type")), content if isinstance(content, dict) else {}
            if not data:
                self._read_pipes(outputs)
                raise _Gone(self._how_it_ended())
        elif self.child.pidfd in ready:
            self._read_pipes(outputs)
            raise _Gone(self._how_it_ended())

    def _how_it_ended(self) -> str:
        # One sentence for every way: exit codes and signals can say what a check has asked.
        self.child.wait(GRACE_SECONDS)
        return "an exit, a kill or a crash"

    def _read_pipes(self, outputs: Outputs) -> None:
        for fd, name in list(self._pipes.items()):
            try:
                data = os.read(fd, 1 << 16)
            except BlockingIOError:
                continue
            if not data:
                self._poll.unregister(fd)
                del self._pipes[fd]
            else:
                outputs.arrive(len(data))
                outputs.print(name, data.decode("utf-8", "replace"))

    def close(self) -> None:
        """Kill the process and free everything."""
        self._control.close()
        self.child.close()

    def __enter__(self) -> StudentProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
