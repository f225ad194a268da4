"""What the jail and the second process cost, and how much memory a submission holds.

The same notebooks, in turns: in both jailed processes; without the jails; all cells, checks
included, on the same shell in one warm fork; and as bare `exec` in one warm fork, which shows
neither values nor pictures.
"""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field

import nbformat
from classes import make_class, with_checks
from nbformat import NotebookNode
from rich.console import Console
from rich.table import Table

from headcheck.course.cells import Role, roles_of
from headcheck.course.demos import set_aside
from headcheck.course.directory import Course
from headcheck.grading.engines.isolated import IsolatedEngine
from headcheck.grading.engines.student import StudentProcess
from headcheck.grading.submission import Run
from headcheck.grading.work import Limits, Work
from headcheck.sandbox.forkserver import Forkserver
from headcheck.sandbox.watchdog import private_mib, tree

LIMITS = Limits()
EXEC_ALL = """
import types as _types
_names = vars(_types.ModuleType("__main__"))
for _source in {sources!r}:
    try:
        exec(compile(_source, "<cell>", "exec"), _names)
    except Exception:
        pass
"""


@dataclass(frozen=True)
class _Case:
    notebook: NotebookNode
    roles: list[Role]
    work: Work


@dataclass(frozen=True)
class _Cost:
    """Seconds of wall time and of CPU in the forked processes."""

    wall: float
    cpu: float


def _cases(course: Course, size: int) -> list[_Case]:
    lessons = {lesson.name: lesson for lesson in course.lessons()}
    cases = []
    for one in make_class(course, size):
        notebook = with_checks(lessons[one.lesson], one)
        set_aside(notebook, notebook.cells, "all")
        work = Work(
            student=one.student,
            assignment=one.lesson,
            notebook_name=one.lesson,
            notebook=nbformat.writes(notebook).encode(),
            seed=1,
            limits=LIMITS,
        )
        cases.append(_Case(notebook, roles_of(notebook), work))
    return cases


def _sources(case: _Case) -> list[str]:
    return [cell.source for cell in case.notebook.cells if cell.cell_type == "code"]


def _in_engine(server: Forkserver, jailed: bool) -> Callable[[_Case], None]:
    runner = IsolatedEngine(server, jailed=jailed)
    return lambda case: _ran(case, runner.run(deepcopy(case.notebook), case.roles, case.work))


def _ran(case: _Case, result: Run) -> None:
    """A figure counts only if everything was judged, and nothing broke."""
    verdicts = [verdict.outcome for verdict in result.verdicts.values()]
    assert len(verdicts) == list(case.roles).count("check") > 0, case.work.student
    assert not {"grader-error", "died", "timeout"} & set(verdicts), (case.work.student, verdicts)


def _in_one_process(server: Forkserver, jailed: bool) -> Callable[[_Case], None]:
    def run(case: _Case) -> None:
        with StudentProcess(server, LIMITS, jailed=jailed) as process:
            for source in _sources(case):
                process.run_cell(source)
            assert process.ended is None, (case.work.student, process.ended)

    return run


def _by_exec(server: Forkserver) -> Callable[[_Case], None]:
    def run(case: _Case) -> None:
        with StudentProcess(server, LIMITS, jailed=False) as process:
            process.run_cell(EXEC_ALL.format(sources=_sources(case)))

    return run


def show(console: Console, course: Course, size: int, rounds: int) -> None:
    """Measure and print both tables."""
    cases = _cases(course, size)
    with Forkserver.start() as server:
        spent = _count_cpu(server)
        ways = {
            "both processes, jailed (what grading does)": _in_engine(server, True),
            "both processes, no jail": _in_engine(server, False),
            "all cells in one warm fork, jailed": _in_one_process(server, True),
            "all cells in one warm fork": _in_one_process(server, False),
            "all cells by exec in one warm fork": _by_exec(server),
        }
        times: dict[str, dict[str, list[_Cost]]] = {name: {} for name in ways}
        for _ in range(rounds):
            for number, case in enumerate(cases):
                turns = list(ways.items())
                for name, way in turns[number % len(turns) :] + turns[: number % len(turns)]:
                    start, before = time.monotonic(), sum(spent)
                    way(case)
                    cost = _Cost(time.monotonic() - start, sum(spent) - before)
                    times[name].setdefault(case.work.assignment, []).append(cost)
        _show_times(console, times)
        _show_memory(console, server, cases, ways["both processes, jailed (what grading does)"])


def _count_cpu(server: Forkserver) -> list[float]:
    """CPU seconds of every child that has ended. Other load disturbs them less than wall time."""
    spent: list[float] = []
    reap = server.reap

    def counting(pid: int) -> tuple[int, float]:
        code, seconds = reap(pid)
        spent.append(seconds)
        return code, seconds

    server.reap = counting  # type: ignore[method-assign]
    return spent


def _show_times(console: Console, times: dict[str, dict[str, list[_Cost]]]) -> None:
    plain = times["all cells in one warm fork"]
    table = Table(title="One submission at a time (medians, ms; beside: the plain warm fork = 1)")
    table.add_column("")
    for lesson in plain:
        table.add_column(f"{lesson}\nwall", justify="right")
        table.add_column("CPU", justify="right")
    for name, found in times.items():
        cells = []
        for lesson, base in plain.items():
            for kind in ("wall", "cpu"):
                mine = [getattr(cost, kind) for cost in found[lesson]]
                pairs = zip(mine, (getattr(cost, kind) for cost in base), strict=True)
                ratio = statistics.median(one / other for one, other in pairs)
                cells.append(f"{1000 * statistics.median(mine):.0f}  ({ratio:.2f})")
        table.add_row(name, *cells)
    console.print(table)


@dataclass
class _Peak:
    mib: float = 0.0
    seen: list[float] = field(default_factory=list)


@contextmanager
def _watching(server: Forkserver) -> Iterator[_Peak]:
    """The most that the processes of one submission hold together, looked at again and again."""
    peak, stop = _Peak(), threading.Event()
    before = set(tree(server.process.pid))

    def look() -> None:
        while not stop.wait(0.005):
            peak.mib = max(
                peak.mib, sum(private_mib(p) for p in tree(server.process.pid) if p not in before)
            )

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield peak
    finally:
        stop.set()
        thread.join()


def _show_memory(
    console: Console, server: Forkserver, cases: list[_Case], run: Callable[[_Case], None]
) -> None:
    peaks: dict[str, list[float]] = {}
    for case in cases:
        with _watching(server) as peak:
            run(case)
        peaks.setdefault(case.work.assignment, []).append(peak.mib)
    table = Table(title="Private memory of a running submission, both processes (MiB)")
    for heading in ("", "median of the peaks", "largest peak"):
        table.add_column(heading, justify="left" if not heading else "right")
    for lesson, found in peaks.items():
        table.add_row(lesson, f"{statistics.median(found):.0f}", f"{max(found):.0f}")
    console.print(table)
    console.print(f"warm forkserver, shared by all: {server.warm_memory_mib:.0f} MiB")
