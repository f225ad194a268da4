"""The owner's side of the forkserver: start it, fork children from it, end them.

The owner is the trusted grading process; it never imports torch. A request says a role, limits and
open file descriptors, and nothing else: every later child can read whatever was in the forkserver's
memory. What belongs to one submission goes over the child's own socket, after the fork. (What it keeps
for a whole lesson is as public as the lesson's setup cells.)
"""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Literal

from headcheck.sandbox import frames, room
from headcheck.sandbox.jail import IsolationUnavailable, JailSettings
from headcheck.sandbox.watchdog import ProcessorTime, Watchdog, host_pid

Role = Literal["self-test", "student", "checker"]
START_SECONDS = 300.0
# Imported where nothing else is asked for.
LIBRARIES = ("torch", "torchvision", "fastai.vision.all")
_IN_A_CONTAINER = (
    "`--security-opt seccomp=unconfined --security-opt systempaths=unconfined --security-opt"
    " apparmor=unconfined` (docs/container.md); it need not be privileged."
)
_OR_NOT = " `--engine nbgrader` grades without isolation."
NO_NAMESPACES = (
    "Let this user make namespaces, as root: `sysctl kernel.apparmor_restrict_unprivileged_userns=0`"
    " (Ubuntu) or `sysctl kernel.unprivileged_userns_clone=1` (older Debian). A container needs"
    f" {_IN_A_CONTAINER}{_OR_NOT}"
)
PROC_IS_COVERED = (
    "Parts of /proc are covered, as container runtimes do; the kernel then allows no new one."
    f" Start the container with {_IN_A_CONTAINER}{_OR_NOT}"
)


class ForkserverError(RuntimeError):
    """The forkserver could not start or is gone; `reason` says why, `remedy` what to do."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(f"{reason} {remedy}")
        self.reason, self.remedy = reason, remedy


@dataclass
class Child:
    """One forked process, and through its PID namespace everything it starts.

    `stdout` and `stderr` are the read ends of its pipes. `out_of_memory` is set when the watchdog
    killed it. Always `close()` it (or use it in a `with`): that kills it and frees everything.
    """

    server: Forkserver
    pid: int  # as the forkserver sees it
    pidfd: int
    stdout: int
    stderr: int
    processor: ProcessorTime
    out_of_memory: bool = False
    peak_memory_mib: float = 0.0
    exit_code: int | None = None
    cpu_seconds: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _reaping: threading.Lock = field(default_factory=threading.Lock)
    _open: bool = True

    def processor_seconds(self) -> float:
        """What it and everything it started has used of the processors up to now."""
        used = self.processor.read() if self.exit_code is None else 0.0
        return max(used, self.processor.most, self.cpu_seconds)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the child itself (not to what it started)."""
        with self._lock:
            if self._open:
                with suppress(ProcessLookupError):
                    signal.pidfd_send_signal(self.pidfd, number)

    def kill(self) -> None:
        """End the child and everything it started. Cannot be refused."""
        self.signal(signal.SIGKILL)

    def alive(self) -> bool:
        """Whether it has not ended yet."""
        return self._open and not select.select([self.pidfd], [], [], 0)[0]

    def wait(self, seconds: float | None = None) -> int | None:
        """Its exit code (negative: the signal), or None when it has not ended in time."""
        if self.exit_code is None and select.select([self.pidfd], [], [], seconds)[0]:
            with self._reaping:
                if self.exit_code is None:
                    self.exit_code, self.cpu_seconds = self.server.reap(self.pid)
        return self.exit_code

    def close(self) -> None:
        """Kill it if it still runs, and free everything. May be called twice."""
        if not self._open:
            return
        self.kill()
        try:
            self.wait()
        except ForkserverError:  # the forkserver died, and the child with it
            self.exit_code = -signal.SIGKILL
        self.server.watchdog.forget(self)
        with self._lock:
            self._open = False
            for fd in (self.pidfd, self.stdout, self.stderr):
                os.close(fd)

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Forkserver:
    """A warm Python to fork from. `Forkserver.start()` makes one; use it in a `with`.

    `launch()` and `ready()` are the same in two steps, for those who have something else to do
    while it imports. `lend()` gives somebody else a line to it, who makes a `Forkserver` of that
    (`lent()`); one at a time, and its owner asks for nothing until it is `returned()`.
    """

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None
        self._lock = threading.Lock()
        self._is_ready = threading.Event()
        # For who looks whether it keeps something, and else has it kept:
        self.keeping = threading.Lock()
        self.warm_memory_mib = 0.0
        self.own_users = False  # whether each child is a user of its own to the kernel
        self.gone = False  # whether it has ended by itself: children asked since died with it
        self.watchdog = Watchdog()

    @classmethod
    def start(
        cls, private: Sequence[Path] = (), libraries: Sequence[str] = LIBRARIES
    ) -> Forkserver:
        """Start a forkserver and wait until everything is imported (some seconds).

        `private`: directories student code must never see, such as the course; it is checked that
        they do not lie inside the directories of Python. `libraries`: what it imports first.
        Raises ForkserverError when an import fails, IsolationUnavailable when this machine cannot isolate.
        """
        server = cls.launch(private, libraries)
        try:
            server.ready()
        except BaseException:
            server.close()
            raise
        return server

    @classmethod
    def launch(
        cls, private: Sequence[Path] = (), libraries: Sequence[str] = LIBRARIES
    ) -> Forkserver:
        """Start a forkserver and do not wait. Raises IsolationUnavailable, see `start`."""
        ours, theirs = socket.socketpair()
        people = room.people_files()
        log = tempfile.TemporaryFile()  # noqa: SIM115
        python = [sys.executable, "-P", "-s", "-m", "headcheck.inside.warm"]
        try:
            process = subprocess.Popen(
                room.command([*python, str(theirs.fileno()), *libraries], private, people),
                env=room.environment(),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[theirs.fileno(), *people.values()],
                start_new_session=True,  # Ctrl-C is for the owner alone
            )
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
            for fd in people.values():
                os.close(fd)
        server = cls(ours)
        server._process, server._log = process, log
        return server

    @classmethod
    def lent(cls, line: socket.socket, *, warm_memory_mib: float, own_users: bool) -> Forkserver:
        """Somebody else's, ready, until it is closed. `line` is what its owner's `lend` gave."""
        server = cls(line)
        server.warm_memory_mib, server.own_users = warm_memory_mib, own_users
        server.watchdog.start(warm_memory_mib)
        server._is_ready.set()
        return server

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """Its process; only its owner has that."""
        assert self._process is not None, "a forkserver that is lent"
        return self._process

    @property
    def is_lent(self) -> bool:
        """Whether it is somebody else's."""
        return self._process is None

    def fileno(self) -> int:
        """What becomes readable when it says something by itself: ready, returned, or gone."""
        return self._control.fileno()

    def lend(self) -> socket.socket:
        """A line on which somebody else asks it. When the last copy of that is closed, all that was
        forked through it is ended. Raises ForkserverError when the forkserver is gone."""
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                frames.send(self._control, {"lend": True}, [theirs.fileno()])
        except OSError as error:
            ours.close()
            self.gone = True
            raise _is_gone(error) from None
        return ours

    def returned(self) -> None:
        """Wait for the end of what was lent. Raises ForkserverError when the forkserver is gone, or
        could not end what was forked."""
        answer = self._answer(0)[0]
        if "returned" not in answer:
            raise ForkserverError(
                "The forkserver could not end what was forked.", "Start it again."
            )

    def forget(self) -> None:
        """In a process forked from the owner: let go of it; it goes on."""
        self._control.close()
        if self._log is not None:
            self._log.close()

    def ready(self, seconds: float = START_SECONDS) -> None:
        """Wait until it can fork. Raises ForkserverError or IsolationUnavailable, see `start`."""
        if self._is_ready.is_set():
            return
        self._control.settimeout(seconds)
        try:
            answer, _ = frames.receive(self._control)
        except TimeoutError:
            raise ForkserverError(
                f"The forkserver was not ready after {seconds:.0f} seconds.",
                "Is the machine overloaded, or the disk very slow? Try again.",
            ) from None
        except (EOFError, ConnectionError):
            raise _could_not_start(self._log_tail()) from None
        self._control.settimeout(None)
        if "error" in answer:
            raise ForkserverError(
                f"The forkserver could not import what it needs: {answer['error']}",
                _import_remedy(answer["error"]),
            )
        self.warm_memory_mib = answer["anonymous_kib"] / 1024
        self.own_users = answer["own_users"]
        self._test_the_jail()
        self.watchdog.start(self.warm_memory_mib)
        self._is_ready.set()

    def _test_the_jail(self) -> None:
        with self.fork("self-test", JailSettings()) as child:
            if child.wait(START_SECONDS) != 0:
                os.set_blocking(child.stderr, False)
                log = os.read(child.stderr, 1 << 16).decode("utf-8", "replace").strip()
                reason = log.splitlines()[-1] if log else f"exit code {child.exit_code}"
                raise IsolationUnavailable(f"The jail cannot be built: {reason}.", NO_NAMESPACES)

    def _log_tail(self) -> str:
        if self._log is None:
            return ""
        self._log.seek(0)
        return self._log.read()[-4000:].decode("utf-8", "replace").strip()

    def fork(self, role: Role, jail: JailSettings | None, fds: Sequence[int] = ()) -> Child:
        """Fork a child that runs the entry point of `role` as `main(fds)`.

        The child gets its own copies of `fds` (close yours when it alone should have them); one of
        them is the socket on which it is told what to work on. `jail=None` leaves out the per-child
        jail and is for measuring only; the child then still is in the forkserver's room.
        """
        out, their_out = os.pipe()
        err, their_err = os.pipe()
        sent = [their_out, their_err]
        request = {"role": role, "jail": jail.as_dict() if jail else None}
        try:
            answer, received = self._ask(request, [*sent, *fds])
        except BaseException:
            os.close(out)
            os.close(err)
            raise
        finally:
            for fd in sent:
                os.close(fd)
        clock = ProcessorTime(host_pid(received[0]))
        child = Child(self, answer["pid"], received[0], out, err, clock)
        if jail:
            self.watchdog.watch(child, jail.memory_mib)
        return child

    def keep(self, lesson: str, results: Mapping[str, str]) -> None:
        """Have it hold what is the same for all submissions of a lesson: every later child can read it."""
        self._ask({"lesson": lesson, "results": dict(results)}, [])

    def keeps(self, lesson: str) -> bool:
        """Whether `keep` was called for a lesson, by whomever."""
        answer, _ = self._ask({"lesson": lesson}, [])
        return bool(answer["kept"])

    def reap(self, pid: int) -> tuple[int, float]:
        """Exit code and CPU seconds of a child that has ended."""
        answer, _ = self._ask({"reap": pid}, [])
        return answer["exit"], answer["cpu"]

    def _ask(self, request: dict[str, Any], fds: list[int]) -> tuple[dict[str, Any], list[int]]:
        with self._lock:
            try:
                frames.send(self._control, request, fds)
            except OSError as error:
                self.gone = True
                raise _is_gone(error) from None
            answer, received = self._answer(1)
        if "error" in answer:
            raise ForkserverError(
                f"The forkserver could not fork: {answer['error']}",
                "Is the machine out of memory or of processes? Use fewer --jobs.",
            )
        return answer, received

    def _answer(self, max_fds: int) -> tuple[dict[str, Any], list[int]]:
        try:
            return frames.receive(self._control, max_fds=max_fds)
        except (EOFError, OSError) as error:
            self.gone = True
            raise _is_gone(error) from None

    def close(self) -> None:
        """End the forkserver and all its children; one that is lent is given back, and all that was
        forked through it ends. May be called twice."""
        self.watchdog.stop()
        self._control.close()
        if self._process is None or self._log is None:
            return
        if not self._is_ready.is_set():  # still importing: it would not look at its socket for long
            self._process.kill()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()

    def __enter__(self) -> Forkserver:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _is_gone(error: Exception) -> ForkserverError:
    return ForkserverError(
        f"The forkserver is gone ({type(error).__name__}).",
        "Start the grading again; finished submissions are kept.",
    )


def _import_remedy(message: str) -> str:
    if "PermissionError" in message:
        return "Make the installation readable for everybody: chmod -R a+rX on that directory."
    if "torchvision" in message or "undefined symbol" in message:
        return (
            "torch and torchvision do not belong together: install both in the versions that "
            "constraints.txt names, in one command."
        )
    if "Landlock" in message:
        return "Boot a kernel from 5.13 on with `lsm=landlock,...` (see /sys/kernel/security/lsm)."
    if "seccomp" in message:
        return "Install the system package libseccomp2 (libseccomp on Fedora and Arch)."
    return (
        "Install it, or take it out of c.Headcheck.libraries in grader_config.py (for torch and "
        "fastai: pip install 'headcheck[torch]')."
    )


def _could_not_start(log: str) -> Exception:
    """bwrap or Python ended before saying anything: what the log tells."""
    last = log.splitlines()[-1] if log else "it ended without a word"
    if "bwrap:" in log:
        return IsolationUnavailable(
            f"bubblewrap could not build the room: {last}.", _room_remedy(log)
        )
    return ForkserverError(
        f"The forkserver ended while starting: {last}", "`headcheck doctor` checks this machine."
    )


def _room_remedy(log: str) -> str:
    if "mount proc" in log:
        return PROC_IS_COVERED
    if any(word in log for word in ("namespace", "uid map", "ermission denied", "not permitted")):
        return NO_NAMESPACES
    return "`headcheck doctor` checks this machine; `--engine nbgrader` grades without isolation."
