"""Runs one notebook with its check cells outside the student's process: the isolated engine.

Two processes are forked for it. The student's runs every cell but the checks; the checker's runs
the instructor's setup and check cells and asks the student's for answers. When one of them ends or
has to be ended, both are forked afresh (see `replay`).
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import nbformat
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
from headcheck.grading.engines.replay import Refuse, Replay, Start
from headcheck.grading.engines.same_for_all import kept_for
from headcheck.grading.engines.student import CellRun, StudentProcess
from headcheck.grading.engines.unasked import Told, show, show_again
from headcheck.grading.running import at
from headcheck.grading.submission import Run, Verdict, setup_note
from headcheck.grading.work import EngineName, Work
from headcheck.sandbox.forkserver import Child, Forkserver, ForkserverError

MAX_FORKS = 13  # of one submission
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
        server = self.server
        try:
            return self._run(server, notebook, roles, work)
        except ForkserverError:
            if not server.gone or self._anew is None:
                raise
        notebook.cells = nbformat.reads(work.notebook.decode(), as_version=4).cells
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
    trouble: dict[str, CellRun] = field(default_factory=dict)  # grade_id of an answer -> its run
    kept: int = 0  # bytes that all outputs take
    ran: int = 0  # cells, in the student's process
    replay: Replay = field(default_factory=lambda: Replay((), 0))
    asked: bool = False  # whether a check has run: its hidden values are known there
    told: list[Told] = field(default_factory=list)  # cells that ran after one, or run last
    result: Run = field(default_factory=lambda: Run({}))
    spent: float = 0.0  # processor seconds of processes that have been ended
    deadline: float = 0.0  # in wall time

    def run(self) -> Run:
        limits = self.work.limits
        self.deadline = time.monotonic() + limits.submission_seconds * limits.wall_factor
        cells = list(enumerate(zip(self.notebook.cells, self.roles, strict=True)))
        for _, (cell, role) in cells:
            if role == "check" or (role != "written" and cell.cell_type == "code"):
                cell.outputs, cell.execution_count = [], None
        self.told = [
            Told(index, stopped=False)
            for index, (cell, role) in cells
            if role not in ("check", "written") and self._runs(cell) and runs_last(cell)
        ]
        runs = [n for n, (cell, role) in cells if role == "check" or self._has_a_turn(cell, role)]
        self.replay = Replay(runs, MAX_FORKS)
        while (step := self.replay.next(self._in_time())) is not None:
            if isinstance(step, Start):
                self._fork()
                self.replay.started()
                continue
            cell, role = self.notebook.cells[step.index], self.roles[step.index]
            if isinstance(step, Refuse):
                at(self.work, _name(cell, step.index))
                self._refuse(cell, role)
                continue
            if not step.again:
                at(self.work, _name(cell, step.index))
            act = self._check if role == "check" else self._student_cell
            act(step.index, cell, step.again)
            if self.pair is None:
                self.replay.lost()
            else:
                self.replay.went_on()
        self._show_again()
        return self.result

    def _has_a_turn(self, cell: NotebookNode, role: Role) -> bool:
        return role != "written" and self._runs(cell) and not runs_last(cell)

    # ---- cells -----------------------------------------------------------------------------------

    def _refuse(self, cell: NotebookNode, role: Role) -> None:
        if role == "check":
            self.result.verdicts[grade_id_of(cell) or ""] = Verdict("timeout", self._no_time())
        else:
            cell.outputs = [_error("TimeoutError", self._no_time())]

    def _student_cell(self, index: int, cell: NotebookNode, again: bool) -> None:
        assert self.pair is not None
        role = self.roles[index]
        if role == "setup":  # now and not before the next check: they run side by side
            self.pair.checker.setup(self._setups(index + 1))
        run = self.pair.student.run_cell(
            cell.source, self._allowance(), self._room(), setup=role == "setup"
        )
        if self.pair.student.ended is not None:
            self.end_pair()
        if again:
            return
        self.kept += run.kept
        self.ran += 1
        show(cell, run, self.ran)
        if self.asked:
            self.told.append(Told(index, run.outcome == "timeout" or self.pair is None))
            self._say_no_more(run)
        name = _name(cell, index)
        if role == "answer":
            self.trouble.pop(name, None)
            if run.outcome != "passed":
                self.trouble[name] = run
        if role == "setup" and run.outcome != "passed":
            self.result.notes.append(setup_note(name, run.message))
        elif run.outcome in ("timeout", "out-of-memory", "died"):
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

    def _check(self, index: int, cell: NotebookNode, again: bool) -> None:
        try:
            report = self._run_in_checker(index, cell)
        except CheckEnded as end:
            self.end_pair()
            if not again:
                self.result.verdicts[grade_id_of(cell) or ""] = end.verdict
            if isinstance(end, SetupFailed):
                self._no_verdicts(end.verdict)
            return
        if not again:
            self.result.verdicts[grade_id_of(cell) or ""] = self._shown(report, cell)

    def _no_verdicts(self, fault: Verdict) -> None:
        """A setup cell failed in the checker: no check after it is run, or run again."""
        checks = [index for index, role in enumerate(self.roles) if role == "check"]
        self.replay.leave_out(checks)
        for index in checks:
            name = grade_id_of(self.notebook.cells[index]) or ""
            self.result.verdicts.setdefault(name, fault)

    def _shown(self, report: Report, cell: NotebookNode) -> Verdict:
        """The verdict of a check that ran, which its outputs show."""
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

    def _setups(self, index: int) -> list[Setup]:
        """The setup cells before `index`. The checker runs each, whatever it did to the student's
        process: what a check stands on is the instructor's."""
        return [
            Setup(_name(cell, number), cell.source)
            for number, (cell, role) in enumerate(zip(self.notebook.cells, self.roles, strict=True))
            if number < index and role == "setup"
        ]

    def _verdict(self, report: Report) -> Verdict:
        assert report.outcome != "gone"
        run = self.trouble.get(report.missing or "")
        if run is None or run.outcome == "passed":
            return Verdict(report.outcome, report.message, report.detail, report.line)
        message = f"✗ {report.missing} is not defined: {run.message}."
        return Verdict(run.outcome, message, report.detail)

    def _show_again(self) -> None:
        told = sorted(self.told, key=lambda each: each.index)
        shows = [self.notebook.cells[each.index] for each in told]
        if not any(cell.outputs or runs_last(cell) for cell in shows):
            return
        self.end_pair()
        mine = {each.index for each in told}
        cells = [
            (index, cell)
            for index, (cell, role) in enumerate(zip(self.notebook.cells, self.roles, strict=True))
            if index <= told[-1].index
            and role not in ("check", "written")
            and self._runs(cell)
            and (index in mine or not self.replay.ended_a_process(index))
        ]
        limits, files = self.work.limits, self.work.files
        with StudentProcess(self.server, limits, files=files, jailed=self.jailed) as process:
            room = limits.all_output_kib << 10
            show_again(process, cells, told, lambda: self._left(process.child), room)

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
        if self.pair is None and self.replay.starts >= MAX_FORKS:
            return f"Not run: the notebook ended its process more than {MAX_FORKS - 1} times."
        limits = self.work.limits
        if time.monotonic() > self.deadline:
            wall = limits.submission_seconds * limits.wall_factor
            return f"Not run: the whole notebook did not end within {wall:g} s."
        seconds = limits.submission_seconds
        return f"Not run: the whole notebook took longer than the limit of {seconds:g} s."

    def _fork(self) -> None:
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
            "lesson": self._kept_for_the_lesson(),
        }
        ours, theirs = socket.socketpair()
        with theirs:
            student = StudentProcess(
                self.server,
                limits,
                questions=theirs,
                files=self.work.files,
                jailed=self.jailed,
            )
            try:
                checker = CheckerProcess(
                    self.server,
                    limits,
                    ours,
                    argument,
                    files=self.work.lesson_files,
                    jailed=self.jailed,
                )
            except BaseException:
                student.close()
                ours.close()
                raise
        self.pair = _Pair(student, checker, ours)

    def _kept_for_the_lesson(self) -> str | None:
        began = time.monotonic()
        try:
            return kept_for(
                self.server,
                self._setups(len(self.roles)),
                self.work.lesson_files,
                self.work.limits,
                references.sources(),
                jailed=self.jailed,
            )
        finally:
            self.deadline += time.monotonic() - began  # the first submission pays for nobody else

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


def _name(cell: NotebookNode, index: int) -> str:
    return grade_id_of(cell) or f"cell {index + 1}"


def _error(name: str, message: str, shown: list[str] | None = None) -> NotebookNode:
    return new_output("error", ename=name, evalue=message, traceback=shown or message.splitlines())
