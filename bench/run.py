"""Measures this grader beside nbgrader and otter-grader, and says where its own time goes.

    make bench                                   (about half an hour on two cores)
    python bench/run.py --quick                  (does it work? some minutes)
    python bench/run.py --only engine --only where
    python bench/run.py --only long --long 1000

Everything that is compared runs in turns inside one run, so that other load on the machine meets
all of it; medians over the rounds and ratios of them are shown.
"""

from __future__ import annotations

import os
import platform
import shutil
import statistics
import tempfile
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import engine
import graders
import long_run
import typer
import where
from classes import LESSONS, build_course, make_class, stock_copy
from rich.console import Console
from rich.table import Table

CACHE = Path(tempfile.gettempdir()) / "headcheck-bench"
console = Console(width=110)


class Part(StrEnum):
    """What can be measured by itself."""

    programs = "programs"
    engine = "engine"
    where = "where"
    long = "long"


def main(
    submissions: Annotated[int, typer.Option(help="Size of the class for `headcheck grade`.")] = 30,
    rounds: Annotated[int, typer.Option(help="How often everything takes its turn.")] = 3,
    slow: Annotated[
        int, typer.Option(help="Submissions per round and lesson for nbgrader and otter.")
    ] = 2,
    long: Annotated[int, typer.Option(help="Submissions of the long run.")] = 1000,
    quick: Annotated[bool, typer.Option(help="Two submissions, one round.")] = False,
    only: Annotated[list[Part] | None, typer.Option(help="Only this part.")] = None,
    cache: Annotated[Path, typer.Option(help="Where otter-grader's environment is kept.")] = CACHE,
    otter: Annotated[
        bool, typer.Option(help="With otter-grader, which is installed first.")
    ] = True,
) -> None:
    """Run the measurements and print their tables."""
    if quick:
        submissions, rounds, slow, long = 4, 1, 2, 20
    parts = only or list(Part)
    _say_where()
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    try:
        if Part.programs in parts:
            _programs(folder, submissions, rounds, slow, cache if otter else None)
        if Part.engine in parts:
            engine.show(console, build_course(folder / "engine", LESSONS), submissions, rounds)
        if Part.where in parts:
            where.show(console, build_course(folder / "where", LESSONS), submissions)
        if Part.long in parts:
            long_run.show(console, folder / "long", long)
    except SystemExit:
        console.print(f"what was made is kept in {folder}")
        raise
    shutil.rmtree(folder)


def _say_where() -> None:
    names = [
        line for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line
    ]
    processor = names[0].partition(":")[2].strip() if names else platform.machine()
    console.print(
        f"{len(os.sched_getaffinity(0))} cores of {processor}, Linux {platform.release()}, "
        f"Python {platform.python_version()}; load at the start {_load()}"
    )


def _load() -> str:
    return " ".join(f"{each:.1f}" for each in os.getloadavg())


def _programs(folder: Path, size: int, rounds: int, slow: int, cache: Path | None) -> None:
    course = build_course(folder / "course", LESSONS)
    stock = stock_copy(course, folder / "stock")
    tool = None
    if cache is not None:
        program = graders.install_otter(cache / "otter")
        tool = graders.prepare_otter(program, course, folder / "otter")
    everybody = make_class(course, size)
    runs: dict[str, list[graders.Run]] = {}
    log = folder / "log.txt"
    for number in range(rounds):
        # Other submissions in every round, the same for both slow ones.
        few = [
            one
            for lesson in LESSONS
            for one in [s for s in everybody if s.lesson == lesson][number::rounds][:slow]
        ]
        turns = {
            "headcheck, 1 job": lambda: graders.headcheck(course, everybody, 1, log),
            "nbgrader autograde": lambda few=few: graders.nbgrader(stock, few, log),
            "headcheck, 2 jobs": lambda: graders.headcheck(course, everybody, 2, log),
        }
        if tool is not None:
            turns["otter run"] = lambda few=few: graders.otter(tool, few, folder / "otter-run", log)
        for name, turn in turns.items():
            done = turn()
            runs.setdefault(name, []).append(done)
            console.print(
                f"  round {number + 1}: {name:<20} {done.submissions:3} submissions "
                f"{done.seconds:7.2f} s   load {_load()}"
            )
    _show_programs(runs, size)
    _compare_scores(runs)


def _show_programs(runs: dict[str, list[graders.Run]], size: int) -> None:
    table = Table(title="Whole programs (medians)")
    for heading in ("", "start", "each more", f"whole class of {size}", "per submission"):
        table.add_column(heading, justify="left" if not heading else "right")
    each, whole = {}, {}
    for name, done in runs.items():
        # A start per lesson for nbgrader, per submission for otter; all of them are in the total.
        start = statistics.median(run.start for run in done)
        each[name] = statistics.median(run.each for run in done)
        whole[name] = start + size * each[name]
        table.add_row(
            name,
            f"{start:.2f} s",
            f"{each[name]:.3f} s",
            f"{whole[name]:.1f} s",
            f"{whole[name] / size:.3f} s",
        )
    console.print(table)
    ours = [name for name in runs if name.startswith("headcheck")]
    table = Table(title="How many times faster")
    for heading in ("", *ours):
        table.add_column(heading, justify="left" if not heading else "right")
    for name in (name for name in runs if name not in ours):
        table.add_row(f"{name}, once warm", *(f"{each[name] / each[us]:.1f}" for us in ours))
        table.add_row(f"{name}, with start", *(f"{whole[name] / whole[us]:.1f}" for us in ours))
    table.add_row(f"{ours[0]}, once warm", *(f"{each[ours[0]] / each[us]:.2f}" for us in ours))
    console.print(table)


def _compare_scores(runs: dict[str, list[graders.Run]]) -> None:
    ours = runs["headcheck, 1 job"][0].scores
    for name, done in runs.items():
        pairs = [(ours[key], score, key) for run in done for key, score in run.scores.items()]
        other = sorted({key for mine, theirs, key in pairs if mine != theirs})
        console.print(f"{name}: {len(pairs)} scores, {len(other)} other than ours {other or ''}")


if __name__ == "__main__":
    typer.run(main)
