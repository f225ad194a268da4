"""What the desk costs for a large class: seconds, peak memory, and how both grow.

    python bench/desk.py                   (500 and 2,000 students, two lessons; some minutes)
    python bench/desk.py --students 50

Each step is a process of its own, as it is for a TA. Nothing is run by the engine (`big_class`).
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from big_class import LESSONS, Pretend, make_big_class, stamp
from rich.console import Console
from rich.table import Table

from headcheck.course.directory import Course

HEADCHECK = (sys.executable, "-m", "headcheck.cli")
ITSELF = (sys.executable, __file__)
LEAVE_OUT_START = 0.6  # s: what any command takes to begin


@dataclass(frozen=True)
class Cost:
    """Of one step: time on the clock, processor time, and the most memory it had."""

    wall: float
    cpu: float
    peak_mib: float


def steps(folder: Path) -> dict[str, Sequence[str]]:
    """What a TA does in a week, by name."""
    downloads = [str(folder / "downloads" / f"{lesson}.zip") for lesson in LESSONS]
    known = {
        "collect (one lesson)": (*HEADCHECK, "collect", downloads[0]),
        "collect (the other)": (*HEADCHECK, "collect", downloads[1]),
        "grade": (*ITSELF, "--grade", str(folder)),
        "grade, nothing changed": (*HEADCHECK, "grade"),  # no engine is asked for anything
        "report, nothing changed": (*HEADCHECK, "report"),
        "similarity": (*HEADCHECK, "similarity"),
        "feedback": (*HEADCHECK, "feedback"),
        "export": (*HEADCHECK, "export", "--to", "csv"),
    }
    return known


def cost_of(command: Sequence[str], folder: Path) -> Cost:
    """Run a step in the course and look at what it took. Ends the program when the step fails."""
    log = folder / "bench.log"
    start = time.monotonic()
    with log.open("wb") as file:
        pid = os.posix_spawn(
            "/usr/bin/env",
            ["env", "-C", str(folder), *command],
            os.environ,
            file_actions=[
                (os.POSIX_SPAWN_DUP2, file.fileno(), 1),
                (os.POSIX_SPAWN_DUP2, file.fileno(), 2),
            ],
        )
        _, status, used = os.wait4(pid, 0)
    code = os.waitstatus_to_exitcode(status)
    if code not in (0, 1):  # 1: something in a submission is wrong, as it is meant to be here
        raise SystemExit(f"{' '.join(command)} ended with {code}:\n{log.read_text()[-2000:]}")
    wall = time.monotonic() - start
    return Cost(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def measure(students: int, folder: Path) -> dict[str, Cost]:
    """Every step once, in order, on a class of this size."""
    course = make_big_class(folder, students)
    costs = {}
    for name, command in steps(folder).items():
        if name == "grade":
            stamp(course, students)
        costs[name] = cost_of(command, folder)
        print(f"{students} {name}: {costs[name]}", file=sys.stderr)
    return costs


def grade(folder: Path) -> None:
    """`headcheck grade` with an engine that runs nothing."""
    from headcheck.desk.grade import grade_command
    from headcheck.grading.pool import LocalPool

    pool = LocalPool(Pretend(), 2)
    code = grade_command(Course.open(folder), [], [], force=False, json_file=None, pool=pool)
    raise typer.Exit(code)


def main(
    students: Annotated[list[int] | None, typer.Option(help="Sizes; 500 and 2,000.")] = None,
    keep: Annotated[Path | None, typer.Option(help="Leave the courses here.")] = None,
    grade_in: Annotated[Path | None, typer.Option("--grade", hidden=True)] = None,
) -> None:
    """Measure and print a table."""
    if grade_in is not None:
        grade(grade_in)
    sizes = students or [500, 2000]
    with tempfile.TemporaryDirectory(prefix="headcheck-desk-") as place:
        found = {}
        for size in sizes:
            folder = (keep or Path(place)) / f"class-{size}"
            shutil.rmtree(folder, ignore_errors=True)
            found[size] = measure(size, folder)
    table = Table(title=f"{' and '.join(f'{s:,}' for s in sizes)} students, {len(LESSONS)} lessons")
    table.add_column("step")
    for size in sizes:
        for heading in (f"s, {size:,}", "CPU s", "MiB"):
            table.add_column(heading, justify="right")
    table.add_column("times as long", justify="right")
    for step in found[sizes[0]]:
        costs = [found[size][step] for size in sizes]
        cells = [f"{x:.1f}" for c in costs for x in (c.wall, c.cpu, c.peak_mib)]
        growth = (costs[-1].cpu - LEAVE_OUT_START) / max(0.1, costs[0].cpu - LEAVE_OUT_START)
        table.add_row(step, *cells, f"{growth:.1f}")
    Console(width=120).print(table)


if __name__ == "__main__":
    typer.run(main)
