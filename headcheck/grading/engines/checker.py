"""The checker process as the trusted side sees it: instructor's cells in, verdicts out, hard limits.

It has spoken with student code, so what it says is read as untrusted data.
"""

from __future__ import annotations

import os
import select
import socket
import time
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from headcheck.grading.submission import Verdict
from headcheck.grading.work import Limits, Outcome
from headcheck.sandbox import frames
from headcheck.sandbox.forkserver import Child, Forkserver
from headcheck.sandbox.jail import JailSettings

MAX_REPORT = 4 << 20


class Report(BaseModel):
    """What the checker process says of one cell."""

    model_config = ConfigDict(extra="forbid")

    outcome: Outcome | Literal["gone"]
    message: str = ""
    shown: list[str] = []
    detail: str = ""
    printed: str = ""
    value: str | None = None
    missing: str | None = None


class CheckEnded(Exception):
    """A process of the pair ended, or has to be ended, before the check was over."""

    def __init__(self, outcome: Outcome, message: str, detail: str = "") -> None:
        super().__init__(message)
        self.verdict = Verdict(outcome, message, detail)


class CheckerProcess:
    """The checker process as the driver sees it."""

    def __init__(
        self,
        server: Forkserver,
        limits: Limits,
        questions: socket.socket,
        argument: dict[str, object],
        *,
        jailed: bool = True,
    ) -> None:
        self.limits = limits
        self._control, theirs = socket.socketpair()
        jail = JailSettings.of(limits) if jailed else None
        try:
            fds = [theirs.fileno(), questions.fileno()]
            self.child: Child = server.fork("checker", jail, fds)
        except BaseException:
            self._control.close()
            raise
        finally:
            theirs.close()
        self._reader = frames.Reader(MAX_REPORT)
        self._reports: deque[Report] = deque()
        self._setups: list[str] = []  # sent, but their reports not yet read
        self._send(argument)  # only now: what the forkserver knew, every later child could read

    def setup(self, grade_id: str, code: str) -> None:
        """Have a setup cell run; its report is read before the next check."""
        self._send({"do": "setup", "code": code})
        self._setups.append(grade_id)

    def check(self, grade_id: str, code: str, student: Child, seconds: float) -> Report:
        """Run a check cell. Raises `CheckEnded` when the check took a process with it."""
        deadline = time.monotonic() + seconds
        for name in self._setups:
            report = self._report(student, deadline, seconds)
            if report.outcome != "passed":
                raise CheckEnded(
                    "grader-error",
                    "A setup cell of this lesson failed in the grader; this is not your fault.",
                    f"setup cell {name}: {report.detail}",
                )
        self._setups.clear()
        self._send({"do": "check", "grade_id": grade_id, "code": code})
        report = self._report(student, deadline, seconds)
        if report.outcome == "gone":
            raise _student_ended(student, self.limits)
        return report

    def _send(self, message: Mapping[str, object]) -> None:
        with suppress(OSError):  # it has ended: the next report says so
            frames.send(self._control, message)

    def _report(self, student: Child, deadline: float, seconds: float) -> Report:
        while not self._reports:
            left = deadline - time.monotonic()
            watched: list[Any] = [self._control, self.child.pidfd, student.pidfd]
            ready = select.select(watched, [], [], max(0.0, left))[0]
            if self._control in ready and self._read():
                continue
            if self._control in ready or self.child.pidfd in ready:
                raise self._ended()
            if not ready:
                raise CheckEnded(
                    "timeout", f"The check ran longer than the limit of {seconds:.3g} s."
                )
            # The student's process ended. The checker notices, and may still have to say something.
            if not (select.select([self._control], [], [], 1.0)[0] and self._read()):
                raise _student_ended(student, self.limits)
        return self._reports.popleft()

    def _read(self) -> bool:
        """Take in what the checker has sent; False when it has closed its end."""
        try:
            data = self._control.recv(1 << 20)
        except ConnectionError:
            data = b""
        try:
            self._reports.extend(Report(**frame) for frame in self._reader.feed(data))
        except (frames.FrameError, ValidationError, TypeError) as error:
            raise CheckEnded("grader-error", *_our_fault(str(error))) from None
        return bool(data)

    def _ended(self) -> CheckEnded:
        code = self.child.wait(2.0)
        if self.child.out_of_memory:
            return CheckEnded(
                "out-of-memory",
                f"Checking the answer reached the memory limit of {self.limits.memory_mib} MiB: "
                "is something in it much too large?",
            )
        if code is not None and code < 0:
            return CheckEnded(
                "died",
                "Checking the answer ended the process that checks: is something in it "
                "much too large, or endless?",
                f"the checker process was killed by signal {-code}",
            )
        said = self._last_words()
        return CheckEnded(
            "grader-error", *_our_fault(f"the checker process exited: {code}\n{said}")
        )

    def _last_words(self) -> str:
        os.set_blocking(self.child.stderr, False)
        try:
            return os.read(self.child.stderr, 1 << 16)[-4000:].decode("utf-8", "replace")
        except BlockingIOError:
            return ""

    def close(self) -> None:
        """Kill the process and free everything."""
        self._control.close()
        self.child.close()


def _our_fault(detail: str) -> tuple[str, str]:
    return "The grader failed here; this is not your fault. A person will look at it.", detail


def _student_ended(student: Child, limits: Limits) -> CheckEnded:
    code = student.wait(2.0)
    if student.out_of_memory:
        return CheckEnded(
            "out-of-memory", f"The memory limit of {limits.memory_mib} MiB was reached."
        )
    return CheckEnded(
        "died",
        "Your code ended its own process during this check (a crash, or exit).",
        f"exit code {code}",
    )
