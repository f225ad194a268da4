"""`headcheck grade --dry-run`: a grading once more, for a student who asks about it. Writes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from headcheck.course.directory import Course
from headcheck.course.named_file import NO_OBJECTS, only_ours, write_named
from headcheck.desk.before_grading import asked_for
from headcheck.desk.console import as_json, points
from headcheck.desk.visible import line
from headcheck.grading.classroom import Classroom
from headcheck.grading.pool import Pool
from headcheck.grading.record import Record
from headcheck.grading.work import CellResult


def rehearse_command(
    course: Course,
    assignments: Sequence[str],
    students: Sequence[str],
    *,
    json_file: Path | None,
    pool: Pool,
) -> int:
    """Print what a grading would say, check by check, beside what is recorded; the exit code."""
    submissions = asked_for(course, assignments, students)
    if json_file is not None:
        only_ours(json_file.absolute(), NO_OBJECTS)  # now: grading takes its time
    records = []
    with closing(Classroom(course, submissions)) as classroom:
        for done in classroom.rehearse(pool):
            print("\n".join(map(line, _lines(done.record, done.before))), end="\n\n")
            records.append(done.record)
    if json_file is not None:
        results = [as_json(record, None) for record in records]
        write_named(json_file.absolute(), (json.dumps(results, indent=1) + "\n").encode())
    print("Nothing was recorded: gradebook, graded notebooks and report are as before.")
    return 1 if any(record.outcome == "grader-error" for record in records) else 0


def _lines(record: Record, before: Record | None) -> Iterator[str]:
    yield (
        f"{record.student}, {record.assignment}, seed {record.seed}: "
        + (f"not graded ({record.unreadable})" if record.unreadable else _score(record))
        + (f"; recorded: {_score(before)} with seed {before.seed}" if before else "")
    )
    known = {cell.grade_id: cell for cell in before.cells} if before else {}
    width = max((len(cell.grade_id) for cell in record.cells), default=0)
    for cell in record.cells:
        yield f"  {cell.grade_id:{width}}  {_result(cell)}{_change(cell, known.get(cell.grade_id))}"
        yield from (f"      {said}" for said in cell.message.strip().splitlines())
        if cell.detail.strip():
            yield "      for the TA only:"
            yield from (f"        {said}" for said in cell.detail.strip().splitlines())
    yield from (f"  note: {note}" for note in record.notes)


def _score(record: Record) -> str:
    return f"{points(record.score)}/{points(record.max_score)}"


def _result(cell: CellResult) -> str:
    return f"{points(cell.score)}/{points(cell.max_score)} {cell.outcome}"


def _change(cell: CellResult, before: CellResult | None) -> str:
    if before is None or _result(before) == _result(cell):
        return ""
    return f" (recorded: {_result(before)})"
