"""What `headcheck grade` shows: progress while it works, a table at the end."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    track,
)
from rich.progress import TimeRemainingColumn as TimeLeft
from rich.table import Table
from rich.text import Text

from headcheck.desk.visible import line
from headcheck.grading.find import few
from headcheck.grading.gradebook import Standing
from headcheck.grading.overridden import Overridden
from headcheck.grading.record import Record
from headcheck.grading.running import longest_first
from headcheck.grading.work import CellResult

MOST_LOSSES = 40  # rows of the second table; all of them are in the report
QUIET_SECONDS = 20.0  # without a finished submission, before it is said what runs


One = TypeVar("One")


class Step(Protocol):
    """Called once per finished submission; `skipped`: it did not change and was not graded."""

    def __call__(self, record: Record, *, skipped: bool) -> None: ...


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text("" if not task.speed else f"{60 * task.speed:.0f}/min")


class _Now(ProgressColumn):
    """What has run longest: the name of whatever hangs."""

    def render(self, task: Task) -> Text:
        now = longest_first()
        return Text(line(str(now[0])) if now else "")


@contextmanager
def progress(total: int) -> Iterator[Step]:
    """A bar with count, rate, time left and what runs, on a terminal; elsewhere plain lines."""
    console = Console(stderr=True)
    with progress_bar(total, console) if console.is_terminal else _lines(total) as step:
        yield step


@contextmanager
def progress_bar(total: int, console: Console) -> Iterator[Step]:
    columns = [
        TextColumn("grading"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeLeft(elapsed_when_finished=True),
        _Now(),
    ]
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("", total=total)

        def step(record: Record, *, skipped: bool) -> None:
            if skipped:  # no part of the work, so no part of its speed either
                bar.update(task, total=(bar.tasks[task].total or 1) - 1)
            else:
                bar.update(task, advance=1)

        yield step


def each_with_a_bar(things: Sequence[One], doing: str) -> Iterator[One]:
    """Each of them, with a bar of how many are done; on a terminal alone."""
    console = Console(stderr=True)
    yield from track(
        things, doing, console=console, transient=True, disable=not console.is_terminal
    )


@contextmanager
def _lines(total: int) -> Iterator[Step]:
    left, finished = total, 0
    ended, moved = threading.Event(), threading.Event()

    def watch() -> None:
        while not ended.wait(QUIET_SECONDS):
            if not moved.is_set():
                for one in longest_first():
                    print(f"running: {line(str(one))}", file=sys.stderr)
            moved.clear()

    def step(record: Record, *, skipped: bool) -> None:
        nonlocal left, finished
        if skipped:
            left -= 1
            return
        finished += 1
        moved.set()
        score = f"{points(record.score)}/{points(record.max_score)} {record.outcome}"
        what = (
            f"{record.student} {record.assignment} {'not graded' if record.unreadable else score}"
        )
        print(f"graded {finished}/{left}: {line(what)} ({record.seconds:.0f} s)", file=sys.stderr)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield step
    finally:
        ended.set()
        watcher.join()


def points(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")


def few_words(cell: CellResult) -> str:
    """Why points were lost, in one short line."""
    lines = cell.message.strip().splitlines()
    first = lines[0].lstrip("✗○ ").strip() if lines else ""
    return first if cell.outcome == "failed" and first else f"{cell.outcome}: {first}".rstrip(": ")


def show_table(
    records: Sequence[Record],
    to_read: Mapping[tuple[str, str], int],
    nothing: Sequence[str] = (),
    by_hand: Mapping[tuple[str, str], int] | None = None,
) -> None:
    """Students by assignments, then what was lost and why.

    `nothing`: who handed in nothing. `by_hand`: where a person's marks count in place of checks'.
    """
    by_hand = by_hand or {}
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=max(console.width, 140))
    assignments = sorted({record.assignment for record in records})
    by_student: dict[str, dict[str, Record]] = {student: {} for student in nothing}
    for record in records:
        by_student.setdefault(record.student, {})[record.assignment] = record
    unreadable = [record for record in records if record.unreadable]
    first = {record.student for record in unreadable}
    scores = Table("student", title="Scores of the checks", title_justify="left")
    for assignment in assignments:
        scores.add_column(assignment, justify="right", overflow="fold")
    for student, mine in sorted(by_student.items(), key=lambda one: (one[0] not in first, one[0])):
        cells = [
            _score(mine.get(a), to_read.get((student, a), 0), by_hand.get((student, a), 0))
            for a in assignments
        ]
        scores.add_row(Text(line(student)), *cells)  # markup would cost as much again
    for said in few([f"Not graded: {record.unreadable}" for record in unreadable], "like these"):
        console.print(safe(said), style="magenta", soft_wrap=True)
    console.print(scores)
    lost = [row for record in records if not record.unreadable for row in losses(record)]
    if lost:
        console.print(_losses(lost[:MOST_LOSSES]))
    if len(lost) > MOST_LOSSES:
        console.print(f"... and {len(lost) - MOST_LOSSES} more, all in the report.")
    shown = sum(to_read.get((r.student, r.assignment), 0) for r in records if not r.unreadable)
    if shown:
        console.print(f"+N: written answers that wait to be read ({shown}).")
    shown = sum(by_hand.get((r.student, r.assignment), 0) for r in records)
    if shown:
        console.print(
            f"*N: marks by hand over a check's, or extra points ({shown}). They count in the gradebook; "
            "the table shows what the checks gave."
        )
    for note, count in _shared_notes(records):
        console.print(f"{safe(note)} ({count} submissions)" if count > 1 else safe(note))


def _score(record: Record | None, unread: int, by_hand: int) -> Text:
    if record is None:
        return Text("-", "dim")
    if record.unreadable:
        return Text(f"not graded{f' *{by_hand}' if by_hand else ''}", "magenta")
    text, style = f"{points(record.score)}/{points(record.max_score)}", ""
    if record.outcome == "grader-error":
        text, style = f"{text} grader-error", "magenta"
    elif record.score >= record.max_score:
        style = "green"
    elif record.score == 0:
        style = "red"
    rest = (f" +{unread}" if unread else "") + (f" *{by_hand}" if by_hand else "")
    return Text.assemble((text, style), (rest, "dim"))


def _losses(lost: Sequence[Loss]) -> Table:
    table = Table(title="What was lost, and why", title_justify="left")
    for name in ("student", "assignment", "check"):
        table.add_column(name, overflow="fold", min_width=8)
    table.add_column("lost", justify="right", min_width=4)
    table.add_column("why", overflow="fold", ratio=1)
    for loss in lost:
        table.add_row(*(Text(line(part)) for part in loss))
    return table


Loss = tuple[str, str, str, str, str]


def losses(record: Record) -> list[Loss]:
    """What lost points: a row per reason, in the lesson's order."""
    reasons: dict[str, list[CellResult]] = {}
    for cell in record.lost():
        reasons.setdefault(few_words(cell), []).append(cell)
    rows = []
    for why, cells in reasons.items():
        total = sum(cell.max_score - cell.score for cell in cells)
        which = cells[0].grade_id if len(cells) == 1 else f"{len(cells)} checks"
        if 1 < len(cells) == len(record.cells):
            which = "all"
        rows.append((record.student, record.assignment, which, points(total), why))
    return rows


def _shared_notes(records: Sequence[Record]) -> list[tuple[str, int]]:
    """What every result says (the engine) is said once; single notes are in the report."""
    counts: dict[str, int] = {}
    for record in records:
        for note in dict.fromkeys(record.notes):
            counts[note] = counts.get(note, 0) + 1
    return [(note, n) for note, n in counts.items() if note.startswith("Not isolated")]


def as_json(
    record: Record, standing: Standing | None, by_hand: Sequence[Overridden] = ()
) -> dict[str, Any]:
    """One object of `--json` (design: the contract that other programs build on).

    `by_hand`: what a person gave over checks, and extra points; they count, and `score` is without them.
    For who teaches: `detail` and `notes` may hold what a student must not see.
    """
    what = {"notebook", "grade_id", "score", "max_score", "outcome", "message", "detail"}
    return {
        "student": record.student,
        "assignment": record.assignment,
        "score": record.score,
        "max_score": record.max_score,
        "outcome": record.outcome,
        "seconds": record.seconds,
        "cells": [cell.model_dump(include=what) for cell in record.cells],
        "to_read": standing.to_read if standing else 0,
        "unreadable": record.unreadable,
        "notes": record.notes,
        "seed": record.seed,
        "seconds_late": standing.seconds_late if standing else 0.0,
        "late_penalty": standing.late_penalty if standing else 0.0,
        "by_hand": [
            {
                "grade_id": one.grade_id,
                "automatic": one.auto,
                "by_hand": one.given,
                "extra": one.extra,
                "max_score": one.max_score,
            }
            for one in by_hand
        ],
    }


def safe(text: str) -> str:
    return escape(line(text))


def warn(message: str) -> None:
    print(f"headcheck: {line(message)}", file=sys.stderr)
