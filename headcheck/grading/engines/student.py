"""The student process as the trusted side sees it: code in, notebook outputs out, hard limits.

Everything that arrives is untrusted. A frame that is not what a Jupyter kernel would send ends the
process; output beyond the limit is cut; silence beyond the limit is interrupted, then killed.
"""

from __future__ import annotations

import builtins
import io
import os
import select
import signal
import socket
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal

from nbformat import NotebookNode
from nbformat.v4 import new_output
from pydantic import AfterValidator, BaseModel, ValidationError

from headcheck.grading.engines.allowance import Allowance, Meter
from headcheck.grading.work import Limits
from headcheck.sandbox import frames
from headcheck.sandbox.forkserver import Child, Forkserver
from headcheck.sandbox.jail import JailSettings

START = Allowance(30, 120)
GRACE_SECONDS = 2.0
GRACE = Allowance(GRACE_SECONDS, 4 * GRACE_SECONDS)  # between the interrupt and the kill
FLOOD = 64  # times the output limit: then it is not output any more

CellOutcome = Literal["passed", "error", "timeout", "out-of-memory", "died"]


class _Stream(BaseModel):
    name: Literal["stdout", "stderr"]
    text: str


def _as_notebooks_allow(data: dict[str, Any]) -> dict[str, Any]:
    """Only JSON types may have values that are not text."""
    return {
        kind: value if isinstance(value, str) or kind.endswith("json") else str(value)
        for kind, value in data.items()
    }


class _Display(BaseModel):
    data: Annotated[dict[str, Any], AfterValidator(_as_notebooks_allow)]
    metadata: dict[str, Any]
    transient: dict[str, Any] | None = None
    execution_count: int | None = None


class _Error(BaseModel):
    ename: str
    evalue: str
    traceback: list[str]


class _Clear(BaseModel):
    wait: bool


class _Reply(BaseModel):
    status: Literal["ok", "error"]
    execution_count: int
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


@dataclass
class _Outputs:
    """The outputs of one cell as they come in, as nbclient would collect them."""

    limit: int  # bytes
    shown: dict[str, list[NotebookNode]]  # by display id, over all cells
    nodes: list[NotebookNode] = field(default_factory=list)
    arrived: int = 0  # bytes
    kept: int = 0
    clear_next: bool = False

    def room_for(self, size: int, *, replaces: bool = False) -> bool:
        """Whether output of this size is kept. `replaces`: it takes the place of other output."""
        self.arrived += size
        if self.arrived > self.limit * FLOOD:
            raise _Gone("it wrote output without end")
        if replaces:
            return size <= self.limit
        before, self.kept = self.kept, self.kept + size
        if before <= self.limit < self.kept:
            kib = self.limit // 1024
            self.nodes.append(
                new_output("stream", name="stderr", text=f"\n[output cut here: over {kib} KiB]\n")
            )
        return self.kept <= self.limit

    def stream(self, message: _Stream) -> None:
        self._clear_if_due()
        last = self.nodes[-1] if self.nodes else None
        if last is not None and last.output_type == "stream" and last.name == message.name:
            last.text += message.text
        else:
            self.nodes.append(new_output("stream", name=message.name, text=message.text))

    def display(self, kind: str, message: _Display) -> None:
        name = (message.transient or {}).get("display_id")
        if name is not None:
            for node in self.shown.get(str(name), []):
                node.data, node.metadata = message.data, message.metadata
        if kind == "update_display_data":
            return
        self._clear_if_due()
        node = new_output(kind, data=message.data, metadata=message.metadata)
        if kind == "execute_result":
            node.execution_count = message.execution_count
        if name is not None:
            self.shown.setdefault(str(name), []).append(node)
        self.nodes.append(node)

    def error(self, message: _Error) -> None:
        self._clear_if_due()
        self.nodes.append(new_output("error", **message.model_dump()))

    def clear(self, message: _Clear) -> None:
        if message.wait:
            self.clear_next = True
        else:
            self._clear()

    def _clear_if_due(self) -> None:
        if self.clear_next:
            self._clear()

    def _clear(self) -> None:
        self.nodes.clear()
        self.kept, self.clear_next = 0, False


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
        archives = [_pack(files)] if files else []
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
        self._reader = frames.Reader()
        self._shown: dict[str, list[NotebookNode]] = {}
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

    def run_cell(self, code: str, allowance: Allowance | None = None) -> CellRun:
        """Run one code cell. `allowance`: instead of that of one cell in `limits`."""
        if allowance is None:
            seconds = self.limits.cell_seconds
            allowance = Allowance(seconds, seconds * self.limits.wall_factor)
        outputs = _Outputs(self.limits.output_kib * 1024, self._shown)
        if self.ended is not None:
            return self._gone(outputs)
        try:
            if not self._started and self._reply(self._meter(START), outputs) is None:
                raise _Gone("it did not start")
            self._started = True
            self._discard_late_output()
            self._send({"code": code})
            meter = self._meter(allowance)
            reply = self._reply(meter, outputs)
            if reply is None:
                return self._timeout(meter.limit(), outputs)
        except (_Gone, frames.FrameError, ValidationError, OSError) as error:
            self._end(str(error) if isinstance(error, _Gone) else "it sent what no kernel sends")
            return self._gone(outputs)
        if reply.status == "ok":
            return CellRun("passed", outputs.nodes, reply.execution_count)
        memory = reply.ename == "MemoryError" or "DefaultCPUAllocator" in reply.evalue
        outcome: CellOutcome = "out-of-memory" if memory else "error"
        # By name only if it is Python's: the student's own could be called by a hidden value.
        kind = reply.ename if hasattr(builtins, reply.ename) else "an exception"
        message = self._memory_sentence() if memory else f"the cell raised {kind}"
        return CellRun(outcome, outputs.nodes, reply.execution_count, message)

    def settle_displays(self) -> None:
        """What was displayed up to now stays as it is: later cells cannot change it."""
        self._shown.clear()

    def _meter(self, allowance: Allowance) -> Meter:
        return Meter(allowance, [self.child])

    def _timeout(self, limit: str, outputs: _Outputs) -> CellRun:
        message = f"the cell {limit}"
        try:
            self.child.signal(signal.SIGINT)
            reply = self._reply(self._meter(GRACE), outputs)
        except (_Gone, frames.FrameError, ValidationError, OSError):
            reply = None
        if reply is None:
            self._end(f"{message} and ignored the interrupt")
        outputs.error(_Error(ename="CellTimeoutError", evalue=message, traceback=[message]))
        count = reply.execution_count if reply else None
        return CellRun("timeout", outputs.nodes, count, message)

    def _gone(self, outputs: _Outputs) -> CellRun:
        memory = self.child.out_of_memory
        message = self._memory_sentence() if memory else f"the process ended: {self.ended}"
        name = "OutOfMemoryError" if memory else "DeadKernelError"
        outputs.error(_Error(ename=name, evalue=message, traceback=[message]))
        return CellRun("out-of-memory" if memory else "died", outputs.nodes, None, message)

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
        for _ in self._messages(_Outputs(self.limits.output_kib * 1024, {}), 0):
            pass

    def _reply(self, meter: Meter, outputs: _Outputs) -> _Reply | None:
        """Collect outputs until the reply (or "ready") comes; None when it does not in time."""
        while (left := meter.left()) > 0:
            for kind, content in self._messages(outputs, left):
                if kind == "ready":
                    return _Reply(status="ok", execution_count=0)
                if kind == "reply":
                    reply = _Reply(**content)
                    self._read_pipes(outputs)
                    return reply
                self._collect(kind, content, outputs)
        return None

    def _collect(self, kind: str, content: dict[str, Any], outputs: _Outputs) -> None:
        if kind == "stream":
            stream = _Stream(**content)
            if outputs.room_for(len(stream.text)):
                outputs.stream(stream)
        elif kind in ("display_data", "execute_result", "update_display_data"):
            replaces = kind == "update_display_data" or outputs.clear_next
            if outputs.room_for(len(str(content)), replaces=replaces):
                outputs.display(kind, _Display(**content))
        elif kind == "error":
            if outputs.room_for(len(str(content))):
                outputs.error(_Error(**content))
        elif kind == "clear_output":
            outputs.clear(_Clear(**content))

    def _messages(self, outputs: _Outputs, seconds: float) -> Iterator[tuple[str, dict[str, Any]]]:
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

    def _read_pipes(self, outputs: _Outputs) -> None:
        for fd, name in list(self._pipes.items()):
            try:
                data = os.read(fd, 1 << 16)
            except BlockingIOError:
                continue
            if not data:
                self._poll.unregister(fd)
                del self._pipes[fd]
            elif outputs.room_for(len(data)):
                outputs.stream(_Stream(name=name, text=data.decode("utf-8", "replace")))

    def close(self) -> None:
        """Kill the process and free everything."""
        self._control.close()
        self.child.close()

    def __enter__(self) -> StudentProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _pack(files: Mapping[str, bytes]) -> int:
    """The files as a tar archive in memory; its file descriptor."""
    fd = os.memfd_create("files")
    with os.fdopen(os.dup(fd), "wb") as file, tarfile.open(fileobj=file, mode="w") as archive:
        for name, content in files.items():
            path = PurePosixPath(name)
            if path.is_absolute() or ".." in path.parts or not path.parts:
                os.close(fd)
                raise ValueError(f"{name!r} is not a file name inside a submission")
            entry = tarfile.TarInfo(str(path))
            entry.size, entry.mode = len(content), 0o644
            archive.addfile(entry, io.BytesIO(content))
    os.lseek(fd, 0, os.SEEK_SET)
    return fd
