"""Runs one notebook with its check cells outside the student's process: the isolated engine.

Two processes are forked for it. The student's runs every cell but the checks; the checker's runs
the instructor's setup and check cells and asks the student's for answers. When one of them ends or
has to be ended, both are forked afresh and the cells before are replayed, all but the culprit: one
crash costs one question.
"""

from __future__ import annotations

import copy
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from nbformat import NotebookNode
from nbformat.v4 import new_output

from headcheck import references
from headcheck.course.cells import Role, grade_id_of
from headcheck.course.demos import is_left_out, runs_last
from headcheck.course.instructor import names_of_the_instructor
from headcheck.grading.engines.allowance import Allowance
from headcheck.grading.engines.checker import (
    CheckEnded,
    CheckerProcess,
    Report,
    Setup,
    SetupFailed,
)
from headcheck.grading.engines.outputs import size_of
from headcheck.grading.engines.student import CellRun, StudentProcess
from headcheck.grading.engines.unasked import Told, show, show_again
from headcheck.grading.running import at
from headcheck.grading.submission import Run, Verdict
from headcheck.grading.work import EngineName, Work
from headcheck.sandbox.forkserver import Child, Forkserver, ForkserverError

MAX_RESTARTS = 12  # of one submission
GONE = "Was the machine out of memory? Use fewer --jobs; then grade this submission again."


class IsolatedEngine:
    """Runs notebooks in forked processes. Several threads may use it at once."""

    name: EngineName = "isolated"

    def __init__(
        self,
        server: Forkserver,
        *,
        jailed: bool = True,
        anew: Callable[[], Forkserver] | None = None,
    ) -> None:
        """`jailed=False` leaves out the per-process jail, to measure what it costs. `anew` starts
        another forkserver when this one has died (the system was out of memory, say)."""
        self.server, self.jailed = server, jailed
        self._anew, self._renewing = anew, threading.Lock()

    def run(self, notebook: NotebookNode, roles: Sequence[Role], work: Work) -> Run:
        """Fill the outputs into `notebook` (in place) and judge its check cells.

        A forkserver that dies meanwhile is replaced, and the notebook run once more: its death is
        nobody's fault. Raises ForkserverError when that one dies, too.
        """
        server, as_it_was = self.server, copy.deepcopy(notebook.cells)
        try:
            return self._run(server, notebook, roles, work)
        except ForkserverError:
            if not server.gone or self._anew is None:
                raise
        notebook.cells = as_it_was
        return self._run(self._another(server), notebook, roles, work)

    def _run(
        self, server: Forkserver, notebook: NotebookNode, roles: Sequence[Role], work: Work
    ) -> Run:
        one = _Notebook(server, notebook, roles, work, self.jailed)
        try:
            result = one.run()
        finally:
            one.end_pair()
        if server.gone:  # its processes ended because of that, whatever it looked like
            raise ForkserverError("The forkserver ended while it was in use.", GONE)
        return result

    def _another(self, gone: Forkserver) -> Forkserver:
        """The one that stands in for a forkserver that is gone; started by whoever is first."""
        with self._renewing:
            if self.server is gone:
                if self._anew is None:
                    raise ForkserverError("The grading was ended.", "")
                gone.close()
                self.server = self._anew()
            return self.server

    def ready(self) -> None:
        """Wait for the forkserver. Raises what `Forkserver.start` raises."""
        self.server.ready()

    def close(self) -> None:
        """End the forkserver and everything forked from it."""
        with self._renewing:
            self._anew = None
        self.server.close()


@dataclass
class _Pair:
    student: StudentProcess
    checker: CheckerProcess
    # Held open, so that a checker that ends does not take the student's process with it.
    line: socket.socket

    def close(self) -> None:
        self.student.child.kill()  # both first: they take their time to end, side by side
        self.checker.close()
        self.student.close()
        self.line.close()

    def children(self) -> tuple[Child, Child]:
        return self.student.child, self.checker.child

    def peak_memory_mib(self) -> float:
        return max(self.student.child.peak_memory_mib, self.checker.child.peak_memory_mib)


@dataclass
class _Notebook:
    """One notebook on its way through the two processes."""

    server: Forkserver
    notebook: NotebookNode
    roles: Sequence[Role]
    work: Work
    jailed: bool
    pair: _Pair | None = None
    forks: int = 0
    culprits: set[int] = field(default_factory=set)
    trouble: dict[str, CellRun] = field(default_factory=dict)  # grade_id of an answer -> its run
    kept: int = 0  # bytes that all outputs take
    ran: int = 0  # cells, in the student's process
    asked: bool = False  # whether a check has run: its hidden values are known there
    fault: Verdict | None = None  # a setup cell failed in the checker: of every check after it
    told: list[Told] = field(default_factory=list)  # cells that ran after one, or run last
    result: Run = field(default_factory=lambda: Run({}))
    spent: float = 0.0  # processor seconds of processes that have been ended
    deadline: float = 0.0  # in wall time

    def run(self) -> Run:
        limits = self.work.limits
        self.deadline = time.monotonic() + limits.submission_seconds * limits.wall_factor
        for index, (cell, role) in enumerate(zip(self.notebook.cells, self.roles, strict=True)):
            at(self.work, grade_id_of(cell) or f"cell {index + 1}")
            if role == "check":
                verdict = self._check(index, cell)
                self.result.verdicts[grade_id_of(cell) or ""] = verdict
            elif role != "written" and cell.cell_type == "code":
                self._student_cell(index, cell, role)
        told = [self.notebook.cells[each.index] for each in self.told]
        if any(cell.outputs or runs_last(cell) for cell in told):
            self._show_again()
        return self.result

    # ---- cells -----------------------------------------------------------------------------------

    def _student_cell(self, index: int, cell: NotebookNode, role: Role) -> None:
        cell.outputs, cell.execution_count = [], None
        if not self._runs(cell):
            return
        if runs_last(cell):
            self.told.append(Told(index, stopped=False))
            return
        if not self._ready(index):
            cell.outputs = [_error("TimeoutError", self._no_time())]
            self.culprits.add(index)
            return
        assert self.pair is not None
        run = self._run_in_student(index, cell, role)
        self.kept += run.kept
        self.ran += 1
        show(cell, run, self.ran)
        if self.asked:
            self.told.append(Told(index, run.outcome == "timeout" or self.pair is None))
            self._say_no_more(run)
        name = grade_id_of(cell) or f"cell {index + 1}"
        if role == "answer":
            self.trouble.pop(name, None)
            if run.outcome != "passed":
                self.trouble[name] = run
        if run.outcome in ("timeout", "out-of-memory", "died"):
            self.result.notes.append(f"{name}: {run.message}.")

    def _say_no_more(self, run: CellRun) -> None:
        """Of a cell that knows what a check has asked: one sentence for each outcome.

        Which exception it raises, how it ends its process, and how much time earlier cells left it
        are of its choice.
        """
        if run.outcome == "error":
            run.message = "the cell raised an error"
        elif run.outcome == "died":
            run.message = "the process ended: an exit, a kill or a crash"
            run.outputs[-1] = _error("DeadKernelError", run.message)
        elif run.outcome == "timeout":
            one, whole = self.work.limits.cell_seconds, self.work.limits.submission_seconds
            run.message = f"its time was up (limits: {one:g} s for a cell, {whole:g} s for all)"
            run.outputs[-1] = _error("CellTimeoutError", run.message)

    def _run_in_student(self, index: int, cell: NotebookNode, role: Role) -> CellRun:
        assert self.pair is not None
        if role == "setup":  # now and not before the next check: they run side by side
            self.pair.checker.setup(self._setups(index + 1))
        run = self.pair.student.run_cell(cell.source, self._allowance(), self._room())
        if self.pair.student.ended is not None:
            self.culprits.add(index)
            self.end_pair()
        return run

    def _check(self, index: int, cell: NotebookNode) -> Verdict:
        cell.outputs, cell.execution_count = [], None
        if self.fault is not None:
            return self.fault
        if not self._ready(index):
            return Verdict("timeout", self._no_time())
        try:
            report = self._run_in_checker(index, cell)
        except CheckEnded as end:
            self._lost(index, end)
            return end.verdict
        if report.printed:
            room = max(0, min(self._room(), self.work.limits.output_kib << 10))
            printed = report.printed[:room]
            self.kept += size_of(printed)
            cell.outputs.append(new_output("stream", name="stdout", text=printed))
        if report.outcome == "passed":
            if report.value is not None:
                data = {"text/plain": report.value}
                cell.outputs.append(new_output("execute_result", data=data, execution_count=None))
            return Verdict("passed")
        verdict = self._verdict(report)
        shown = report.shown if verdict.message == report.message else verdict.message.splitlines()
        cell.outputs.append(_error("CheckFailed", verdict.message, shown))
        return verdict

    def _run_in_checker(self, index: int, cell: NotebookNode) -> Report:
        assert self.pair is not None
        self.asked = True
        self.pair.student.settle_displays()
        return self.pair.checker.check(
            grade_id_of(cell) or "",
            cell.source,
            self._setups(index),
            self.pair.student.child,
            self._allowance(),
        )

    def _lost(self, index: int, end: CheckEnded) -> None:
        """The pair is gone with the check at `index`."""
        if isinstance(end, SetupFailed):
            self.fault = end.verdict
        self.culprits.add(index)
        self.end_pair()

    def _setups(self, index: int) -> list[Setup]:
        """The setup cells before `index`. The checker runs each, whatever it did to the student's
        process: what a check stands on is the instructor's."""
        return [
            Setup(grade_id_of(cell) or f"cell {number + 1}", cell.source)
            for number, (cell, role) in enumerate(zip(self.notebook.cells, self.roles, strict=True))
            if number < index and role == "setup"
        ]

    def _verdict(self, report: Report) -> Verdict:
        assert report.outcome != "gone"
        run = self.trouble.get(report.missing or "")
        if run is None or run.outcome == "passed":
            return Verdict(report.outcome, report.message, report.detail)
        message = f"✗ {report.missing} is not defined: {run.message}."
        return Verdict(run.outcome, message, report.detail)

    def _show_again(self) -> None:
        self.end_pair()
        cells = [
            (index, cell)
            for index, (cell, role) in enumerate(zip(self.notebook.cells, self.roles, strict=True))
            if index <= self.told[-1].index
            and role not in ("check", "written")
            and self._runs(cell)
            and (index not in self.culprits or any(index == each.index for each in self.told))
        ]
        limits, files = self.work.limits, self.work.files
        with StudentProcess(self.server, limits, files=files, jailed=self.jailed) as process:
            room = limits.all_output_kib << 10
            show_again(process, cells, self.told, lambda: self._left(process.child), room)

    def _runs(self, cell: NotebookNode) -> bool:
        return cell.cell_type == "code" and bool(cell.source.strip()) and not is_left_out(cell)

    # ---- the pair of processes -------------------------------------------------------------------

    def _left(self, *running: Child) -> Allowance | None:
        """What one cell may still use; None when the whole notebook's time is up."""
        limits = self.work.limits
        used = self.spent + sum(child.processor_seconds() for child in running)
        processor = min(limits.cell_seconds, limits.submission_seconds - used)
        wall = min(limits.cell_seconds * limits.wall_factor, self.deadline - time.monotonic())
        return None if min(processor, wall) <= 0 else Allowance(processor, wall)

    def _in_time(self) -> bool:
        return self._left(*(self.pair.children() if self.pair else ())) is not None

    def _allowance(self) -> Allowance:
        assert self.pair is not None
        return self._left(*self.pair.children()) or Allowance(0.1, 0.1)

    def _room(self) -> int:
        return (self.work.limits.all_output_kib << 10) - self.kept

    def _no_time(self) -> str:
        if self.forks > MAX_RESTARTS:
            return f"Not run: the notebook ended its process more than {MAX_RESTARTS} times."
        limits = self.work.limits
        if time.monotonic() > self.deadline:
            wall = limits.submission_seconds * limits.wall_factor
            return f"Not run: the whole notebook did not end within {wall:g} s."
        seconds = limits.submission_seconds
        return f"Not run: the whole notebook took longer than the limit of {seconds:g} s."

    def _ready(self, index: int) -> bool:
        """Whether the pair stands before cell `index`; forks and replays when it must."""
        while self.pair is None:
            if self.forks > MAX_RESTARTS or not self._in_time():
                return False
            self._fork()
            self._replay(index)
        return self._in_time()

    def _replay(self, index: int) -> None:
        """Run the cells before `index` again, without their culprits; outputs are not kept."""
        for number, (cell, role) in enumerate(zip(self.notebook.cells, self.roles, strict=True)):
            if self.pair is None or number >= index or not self._in_time():
                return
            if number in self.culprits or cell.cell_type != "code":
                continue
            if role == "check" and self.fault is not None:
                continue
            if role == "check":
                try:
                    self._run_in_checker(number, cell)
                except CheckEnded as end:
                    self._lost(number, end)
            elif role != "written" and self._runs(cell) and not runs_last(cell):
                self._run_in_student(number, cell, role)

    def _fork(self) -> None:
        self.forks += 1
        ours, theirs = socket.socketpair()
        limits = self.work.limits
        answers = {
            grade_id_of(cell) or f"cell {number}": cell.source
            for number, (cell, role) in enumerate(zip(self.notebook.cells, self.roles, strict=True))
            if role == "answer" and cell.cell_type == "code"
        }
        instructors = names_of_the_instructor(self.notebook.cells)
        argument: dict[str, object] = {
            "seed": self.work.seed,
            "answers": answers,
            "ours": sorted(instructors),
            "references": references.sources(),
        }
        with theirs:
            student = StudentProcess(
                self.server,
                limits,
                questions=theirs,
                files=self.work.files,
                jailed=self.jailed,
            )
            try:
                checker = CheckerProcess(self.server, limits, ours, argument, jailed=self.jailed)
            except BaseException:
                student.close()
                ours.close()
                raise
        self.pair = _Pair(student, checker, ours)

    def end_pair(self) -> None:
        """Kill both processes, if there are any."""
        if self.pair is None:
            return
        pair, self.pair = self.pair, None
        pair.close()
        self.spent += sum(child.processor_seconds() for child in pair.children())
        self.result.peak_memory_mib = max(
            self.result.peak_memory_mib or 0.0, pair.peak_memory_mib()
        )


def _error(name: str, message: str, shown: list[str] | None = None) -> NotebookNode:
    return new_output("error", ename=name, evalue=message, traceback=shown or message.splitlines())
