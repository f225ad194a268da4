"""Whose mark moves when something is graded again: by which check, from what to what, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from headcheck.course.counted import counted
from headcheck.desk.console import few_words, points, safe
from headcheck.grading.gradebook import Mark
from headcheck.grading.record import Record
from headcheck.grading.work import CellResult

Marks = Mapping[str, Mark]  # grade_id -> mark
MOST_MOVES = 60  # rows of the table; all of them are in --json and in the plan


@dataclass(frozen=True)
class Check:
    """One check whose result is another one.

    `kept`: a person's mark, which counts instead. `extra`: points of a person's on top, kept as well.
    """

    grade_id: str
    before: float | None
    after: float | None
    kept: float | None
    said: str  # what was said before, and what is said now
    says: str
    extra: float = 0.0


@dataclass(frozen=True)
class Move:
    """One submission of which the mark, or a check under a person's mark, is another one."""

    student: str
    assignment: str
    before: float  # what counts of all cells, before any late penalty
    after: float
    checks: Sequence[Check]
    why: str

    @property
    def change(self) -> float:
        return self.after - self.before

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def move(
    record: Record, before: Record | None, old: Marks | None, new: Marks | None = None
) -> Move | None:
    """What has moved from `old` to `new`; None when nothing has, or this is the first mark.

    `new` is left out when nothing is written yet: then it is what a person gave and `record` says.
    """
    if not old:
        return None
    now = expected(record, old) if new is None else new
    known = {cell.grade_id: cell for cell in before.cells} if before else {}
    checks = []
    for cell in record.cells:
        was, is_now = old.get(cell.grade_id), now.get(cell.grade_id)
        if was is None or is_now is None or _same(was.auto, is_now.auto):
            continue
        said = known.get(cell.grade_id)
        checks.append(
            Check(
                grade_id=cell.grade_id,
                before=was.auto,
                after=is_now.auto,
                kept=was.manual,
                said=_words(said) if said else "",
                says=_words(cell),
                extra=was.extra or 0.0,
            )
        )
    total = [sum(mark.score for mark in marks.values()) for marks in (old, now)]
    if not checks and abs(total[0] - total[1]) < 1e-9:
        return None
    why = reason(record, before)
    return Move(record.student, record.assignment, total[0], total[1], tuple(checks), why)


def expected(record: Record, old: Marks) -> dict[str, Mark]:
    """The marks as they would be with this result: a person's stay."""
    marks = dict(old)
    for cell in record.cells:
        was = old.get(cell.grade_id)
        if was is not None:
            auto = None if cell.outcome == "grader-error" else cell.score
            marks[cell.grade_id] = Mark(auto, was.manual, was.extra, was.waits)
    return marks


def _same(one: float | None, other: float | None) -> bool:
    return one == other or (one is not None and other is not None and abs(one - other) < 1e-9)


def _words(cell: CellResult) -> str:
    return "passed" if cell.outcome == "passed" else few_words(cell)


def reason(record: Record, before: Record | None) -> str:
    """What is another one than at the grading before, as far as that is known."""
    if before is None or not (before.content and record.content):
        return ""
    parts = [
        (record.content, before.content, "handed in anew"),
        (record.lesson, before.lesson, "the lesson was changed"),
        (record.grader, before.grader, "the grader was changed"),
        (record.engine, before.engine, "another engine"),
        (record.seed, before.seed, "other hidden sizes"),
    ]
    return ", ".join(words for now, then, words in parts if now != then)


def by_loss(moves: Sequence[Move]) -> list[Move]:
    """Who loses most comes first."""
    return sorted(moves, key=lambda one: (one.change, one.assignment, one.student))


def show_moves(moves: Sequence[Move], title: str) -> None:
    """The table: losers first, a row per check, what it said and says, marks by hand as kept."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=max(console.width, 140))
    table = Table(title=title, title_justify="left")
    for name in ("student", "assignment"):
        table.add_column(name, overflow="fold", min_width=8)
    table.add_column("mark", justify="right", min_width=9)
    table.add_column("check", overflow="fold", min_width=8)
    table.add_column("points", justify="right", min_width=6)
    table.add_column("before, now", overflow="fold", ratio=1)
    rows = 0
    for one in by_loss(moves):
        for place, check in enumerate(one.checks or [None]):
            rows += 1
            if rows > MOST_MOVES:
                continue
            first = (
                [safe(one.student), safe(one.assignment), _mark(one)] if place == 0 else [""] * 3
            )
            table.add_row(*first, *(_check(check) if check else ("", "", safe(one.why))))
    console.print(table)
    if rows > MOST_MOVES:
        console.print(f"... and {counted(rows - MOST_MOVES, 'more row')}.")
    for why in dict.fromkeys(one.why for one in moves if one.why):
        count = sum(one.why == why for one in moves)
        console.print(f"Because: {why} ({count}).")


def _mark(one: Move) -> str:
    text = f"{points(one.before)} -> {points(one.after)}"
    if abs(one.change) < 1e-9:
        return f"= {points(one.before)}"
    return f"[red]{text}[/]" if one.change < 0 else f"[green]{text}[/]"


def _check(check: Check) -> tuple[str, str, str]:
    kept = "" if check.kept is None else f" (mark by hand {points(check.kept)} kept)"
    kept += f" ({points(check.extra)} extra kept)" if check.extra else ""
    said = check.said or "?"
    return (
        safe(check.grade_id),
        f"{_points(check.before)} -> {_points(check.after)}",
        safe(f"{said}; now: {check.says}{kept}"),
    )


def _points(number: float | None) -> str:
    return "none" if number is None else points(number)


def summary(moves: Sequence[Move]) -> str:
    """12 up (+24 points), 1 down (-2), 3 kept by hand."""
    up = [one.change for one in moves if one.change > 1e-9]
    down = [one.change for one in moves if one.change < -1e-9]
    kept = sum(check.kept is not None or bool(check.extra) for one in moves for check in one.checks)
    parts = [
        f"{len(up)} up (+{counted(round(sum(up), 2), 'point')})" if up else "0 up",
        f"{len(down)} DOWN ({counted(round(sum(down), 2), 'point')})" if down else "0 down",
        f"{kept} kept by hand",
    ]
    return ", ".join(parts)
