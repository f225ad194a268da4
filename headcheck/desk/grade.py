"""`headcheck grade` from beginning to end."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from headcheck.course.dates import read_dates
from headcheck.course.directory import Course, CourseError
from headcheck.course.named_file import NO_OBJECTS, only_ours, write_named
from headcheck.course.not_ours import not_ours
from headcheck.course.roster import read_roster
from headcheck.desk.before_grading import asked_for, check_lessons, check_torch
from headcheck.desk.console import as_json, progress, show_table
from headcheck.desk.moves import Marks, Move, move, show_moves, summary
from headcheck.desk.report import write_report
from headcheck.desk.todo import show_todo, todo
from headcheck.desk.typed import warn_of_typed
from headcheck.desk.unknown_names import warn_of_unknown_names
from headcheck.grading.classroom import (
    Classroom,
)
from headcheck.grading.overridden import Overridden, overridden
from headcheck.grading.pool import Pool
from headcheck.grading.record import Record

Which = tuple[str, str]  # student, assignment


def grade_command(
    course: Course,
    assignments: Sequence[str],
    students: Sequence[str],
    *,
    force: bool,
    json_file: Path | None,
    pool: Pool,
) -> int:
    """Grade, show the table, write the report; the exit code. The pool may still be starting."""
    submissions = asked_for(course, assignments, students)
    check_torch()
    if json_file is not None and not json_file.absolute().parent.is_dir():
        raise CourseError(f"{json_file.parent} is not a folder; --json cannot write there.")
    if json_file is not None:
        only_ours(json_file.absolute(), NO_OBJECTS)  # now: grading takes its time
    roster = not_ours(course.root).class_without(read_roster(course.root))
    dates = read_dates(course.root)
    with closing(Classroom(course, submissions)) as classroom:
        check_lessons(classroom, pool.engine)
        before = {name: classroom.gradebook.marks(name) for name in classroom.templates}
        records, earlier, skipped = _grade_all(classroom, pool, force, before)
        moves = _moves(classroom, records, earlier, before) if earlier else {}
        classroom.gradebook.enrol(roster)
        if dates is not None:
            classroom.gradebook.apply_dates(dates)
            warn_of_unknown_names(course, dates, classroom.gradebook.students())
        renewed = classroom.gradebook.renew_penalties()
        standings = classroom.gradebook.standings()
        waiting = todo(course, classroom.gradebook, standings, records)
        by_hand = overridden(classroom.gradebook)
        aside = classroom.aside
    given: dict[Which, list[Overridden]] = {}
    for one in by_hand:
        if one.changes:
            given.setdefault((one.student, one.assignment), []).append(one)
    to_read = {which: standing.to_read for which, standing in standings.items()}
    # Files first: whoever reads what is printed may leave in the middle.
    if json_file is not None:
        results = [
            as_json(r, standings.get(which := (r.student, r.assignment)), given.get(which, ()))
            | {"moved": moves[which].as_json() if which in moves else None}
            for r in records
        ]
        write_named(json_file.absolute(), (json.dumps(results, indent=1) + "\n").encode())
    report = write_report(course, standings, waiting, by_hand, records)
    warn_of_typed(course, aside)
    if skipped:
        were = "was" if skipped == 1 else "were"
        print(f"{skipped} of {len(records)} did not change and {were} not graded again (--force).")
    if renewed:
        print(f"Late penalties that were not right any more: {renewed}, worked out again.")
    nothing = [] if students else sorted({s.id for s in roster} - {r.student for r in records})
    show_table(records, to_read, nothing, {which: len(found) for which, found in given.items()})
    if moves:
        show_moves(list(moves.values()), "Marks that moved since the grading before")
        print(f"{summary(list(moves.values()))}. Marks are before any late penalty.")
    show_todo(waiting, course)
    print(f"report: {report}")
    return 1 if any(record.outcome == "grader-error" for record in records) else 0


def _grade_all(
    classroom: Classroom, pool: Pool, force: bool, before: Mapping[str, Mapping[str, Marks]]
) -> tuple[list[Record], dict[Which, Record | None], int]:
    """All records, what was recorded of those graded now, and how many are of an earlier run."""
    records: list[Record] = []
    earlier: dict[Which, Record | None] = {}
    skipped = 0
    with progress(len(classroom.submissions)) as step:
        for done in classroom.grade(pool, force=force, marks=before):
            records.append(done.record)
            skipped += done.skipped
            if not done.skipped:
                earlier[done.record.student, done.record.assignment] = done.before
            step(done.record, skipped=done.skipped)
    records.sort(key=lambda record: (record.assignment, record.student))
    return records, earlier, skipped


def _moves(
    classroom: Classroom,
    records: Sequence[Record],
    earlier: Mapping[Which, Record | None],
    before: Mapping[str, Mapping[str, Marks]],
) -> dict[Which, Move]:
    """Whose mark is another one than before this run."""
    after = {name: classroom.gradebook.marks(name) for name in before}
    found = {}
    for record in records:
        which = (record.student, record.assignment)
        if which not in earlier:
            continue
        old, new = (each[record.assignment].get(record.student) for each in (before, after))
        moved = move(record, earlier[which], old, new)
        if moved is not None:
            found[which] = moved
    return found
