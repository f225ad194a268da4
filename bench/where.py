"""Where the time of `headcheck grade` goes: exclusive wall time of its steps, in one process."""

from __future__ import annotations

import functools
import importlib
import io
import threading
import time
from collections import defaultdict
from contextlib import closing, redirect_stdout
from typing import Any

from classes import hand_in, make_class
from rich.console import Console
from rich.table import Table

from headcheck.course.directory import Course

# step -> the functions that do it. Time inside a nested step counts for the inner one only.
STEPS = {
    "once: open the gradebook and the lessons": ["grading.classroom:Classroom.__init__"],
    "once: start the forkserver": ["grading.pool:wait_for"],
    "once: table and report": ["desk.grade:show_table", "desk.grade:write_report"],
    "before: read and repair, in a process of its own": ["grading.apart:Apart.prepare"],
    "before: the rest": ["grading.classroom:Classroom._prepare"],
    "run: fork": ["grading.engines.isolated:_Notebook._fork"],
    "run: the student's cells": ["grading.engines.isolated:_Notebook._student_cell"],
    "run: the checks": ["grading.engines.isolated:_Notebook._run_in_checker"],
    "run: end the processes": ["grading.engines.isolated:_Notebook.end_pair"],
    "run: scores and outputs": ["grading.submission:settle"],
    "run: the rest": ["grading.submission:grade"],
    "after: gradebook": ["grading.gradebook:ClassGradebook.save"],
    "after: write autograded/": ["grading.classroom:replace_files"],
    "after: write the record": ["grading.classroom:save_record"],
    "after: the rest": ["grading.classroom:Classroom._record"],
}


class _Clock:
    """Exclusive time per step, per thread."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._local = threading.local()

    def wrap(self, step: str, function: Any) -> Any:
        @functools.wraps(function)
        def timed(*arguments: Any, **named: Any) -> Any:
            inner = self._local.__dict__.setdefault("inner", [0.0])
            inner.append(0.0)
            start = time.perf_counter()
            try:
                return function(*arguments, **named)
            finally:
                spent = time.perf_counter() - start
                self.seconds[step] += spent - inner.pop()
                inner[-1] += spent

        return timed


def _install(clock: _Clock) -> list[tuple[Any, str, Any]]:
    undo = []
    for step, places in STEPS.items():
        for place in places:
            module, _, path = place.partition(":")
            owner: Any = importlib.import_module(f"headcheck.{module}")
            *parents, name = path.split(".")
            for parent in parents:
                owner = getattr(owner, parent)
            function = getattr(owner, name)
            undo.append((owner, name, function))
            setattr(owner, name, clock.wrap(step, function))
    return undo


def show(console: Console, course: Course, size: int) -> None:
    """Grade a class with one job in this process and print the steps."""
    from headcheck.desk.grade import grade_command
    from headcheck.grading.pool import open_pool
    from headcheck.sandbox.forkserver import Forkserver

    hand_in(course.root, make_class(course, size))
    clock, cpu = _Clock(), 0.0
    undo = _install(clock)
    reap = Forkserver.reap

    def counting(self: Forkserver, pid: int) -> tuple[int, float]:
        nonlocal cpu
        code, seconds = reap(self, pid)
        cpu += seconds
        return code, seconds

    undo.append((Forkserver, "reap", reap))
    Forkserver.reap = counting  # type: ignore[method-assign]
    start = time.perf_counter()
    own = time.process_time()
    try:
        with (
            redirect_stdout(io.StringIO()),
            closing(open_pool("isolated", course, 1)) as pool,
        ):
            grade_command(course, [], [], force=True, json_file=None, pool=pool)
    finally:
        for owner, name, function in undo:
            setattr(owner, name, function)
    whole, own = time.perf_counter() - start, time.process_time() - own
    table = Table(title=f"headcheck grade, {size} submissions, 1 job: exclusive wall time")
    for heading in ("", "ms per submission", "in all, s"):
        table.add_column(heading, justify="left" if not heading else "right")
    for step in STEPS:
        seconds = clock.seconds[step]
        each = "" if step.startswith("once") else f"{1000 * seconds / size:.1f}"
        table.add_row(step, each, f"{seconds:.2f}")
    console.print(table)
    console.print(
        f"wall {whole:.2f} s; CPU of the grading program {own:.2f} s, of the students' and checkers' "
        f"processes {cpu:.2f} s. `before` and `after` run beside `run`, in another thread."
    )
