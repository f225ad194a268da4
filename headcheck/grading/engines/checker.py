"""The checker process as the trusted side sees it: instructor's cells in, verdicts out, hard limits.

It has spoken with student code, so what it says is read as untrusted data.
"""

from __future__ import annotations

import os
import select
import socket
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from headcheck import cellcode
from headcheck.grading.engines.allowance import Allowance, Meter, of_one_cell
from headcheck.grading.engines.archive import pack
from headcheck.grading.submission import SETUP_FAILED, Verdict
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
    line: int | None = None  # of the check cell
    # What is the same for all submissions, as the forkserver keeps it:
    computed: dict[str, str] = {}


class CheckEnded(Exception):
    """A process of the pair ended, or has to be ended, before the check was over."""

    def __init__(self, outcome: Outcome, message: str, detail: str = "") -> None:
        super().__init__(message)
        self.verdict = Verdict(outcome, message, detail)


class SetupFailed(CheckEnded):
    """The instructor's setup did not run in the checker: no check after it has a verdict."""

    def __init__(self, grade_id: str, detail: str) -> None:
        super().__init__(
            "grader-error",
            SETUP_FAILED,
            f"setup cell {grade_id}: {detail}",
        )


@dataclass(frozen=True)
class Setup:
    """A setup cell as the instructor wrote it."""

    grade_id: str
    code: str


class CheckerProcess:
    """The checker process as the driver sees it."""

    def __init__(
        self,
        server: Forkserver,
        limits: Limits,
        questions: socket.socket,
        argument: dict[str, object],
        *,
        files: Mapping[str, bytes] | None = None,
        jailed: bool = True,
    ) -> None:
        """`files`: the lesson's own, which appear in its working directory."""
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
        self._sent: list[Setup] = []  # setup cells, in the lesson's order
        self._done = 0  # how many of them are known to have run
        archives = [pack(files)] if files else []
        # Only now: what the forkserver knew, every later child could read.
        self._send(argument, archives)
        for each in archives:
            os.close(each)

    def setup(self, cells: Sequence[Setup]) -> None:
        """Have these setup cells run: all that stand before one place of the lesson.

        Those that were sent before are not run again. What came of them is read before the next
        check.
        """
        assert list(cells[: len(self._sent)]) == self._sent
        for cell in cells[len(self._sent) :]:
            self._send({"do": "setup", "grade_id": cell.grade_id, "code": cell.code})
            self._sent.append(cell)

    def check(
        self,
        grade_id: str,
        code: str,
        setups: Sequence[Setup],
        student: Child,
        allowance: Allowance,
    ) -> Report:
        """Run a check cell after `setups`, the setup cells that stand before it.

        Raises `SetupFailed` when one of those did not run through, and `CheckEnded` when the check
        took a process with it.
        """
        self.setup(setups)
        self._finish_setups()
        meter = Meter(allowance, [student, self.child])
        after = [cell.grade_id for cell in setups]
        reads = sorted(cellcode.reads(code))  # here, where a class has it in common
        cell = {"grade_id": grade_id, "code": code}
        self._send({"do": "check", **cell, "reads": reads, "after": after})
        report = self._report(student, meter)
        if report.outcome == "gone":
            raise _student_ended(student, self.limits)
        return report

    def compute(self, setups: Sequence[Setup]) -> dict[str, str]:
        """What functions of these setup cells give that are the same for all submissions.

        For a process that no student's is beside. Raises `CheckEnded` when it ended meanwhile.
        """
        self.setup(setups)
        self._finish_setups()
        self._send({"do": "compute"})
        return self._report(None, Meter(of_one_cell(self.limits), [self.child])).computed

    def _finish_setups(self) -> None:
        allowance = of_one_cell(self.limits)
        for cell in self._sent[self._done :]:
            try:
                # Of no concern here: whether the student's process is still there, and how much of
                # the submission's own time is left.
                report = self._report(None, Meter(allowance, [self.child]))
            except CheckEnded as end:
                detail = f"{end.verdict.message} {end.verdict.detail}".strip()
                raise SetupFailed(cell.grade_id, detail) from None
            if report.outcome != "passed":
                raise SetupFailed(cell.grade_id, report.detail)
            self._done += 1

    def _send(self, message: Mapping[str, object], fds: Sequence[int] = ()) -> None:
        with suppress(OSError):  # it has ended: the next report says so
            frames.send(self._control, message, fds)

    def _report(self, student: Child | None, meter: Meter) -> Report:
        while not self._reports:
            left = meter.left()
            watched: list[Any] = [self._control, self.child.pidfd]
            watched += [student.pidfd] if student else []
            ready = select.select(watched, [], [], left)[0]
            if self._control in ready and self._read():
                continue
            if self._control in ready or self.child.pidfd in ready:
                raise self._ended()
            if not ready and not left:
                raise CheckEnded("timeout", f"The check {meter.limit()}.")
            if not ready:
                continue
            assert student is not None
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
