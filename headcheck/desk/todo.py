"""What waits for a person, and the command that deals with it: `headcheck todo`, table and report."""

from __future__ import annotations

import json
import shlex
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from headcheck.course.counted import counted, first_of
from headcheck.course.directory import Course, CourseError
from headcheck.course.named_file import write_named
from headcheck.course.not_ours import NotOurs, not_ours
from headcheck.desk.lms.one_file import one_file
from headcheck.desk.lms.unplaced import unplaced
from headcheck.desk.visible import line
from headcheck.desk.went_out import outdated
from headcheck.grading.by_hand import Question, all_answers
from headcheck.grading.find import Submission, find_submissions
from headcheck.grading.gradebook import ClassGradebook, Standing
from headcheck.grading.not_yet import ANEW, not_yet
from headcheck.grading.record import Record, all_records

Kind = Literal[
    "grader-error", "not-graded", "handed-in", "written", "outdated", "unplaced", "misplaced"
]
NO_FAULT = ("written", "outdated")
MOST_NAMED = 5
MOST_SHOWN = 8  # below the table


@dataclass(frozen=True)
class Todo:
    """One thing that waits. `do`: the command to type, or what to do; may be empty."""

    kind: Kind
    text: str
    do: str
    count: int
    assignment: str = ""
    question: str = ""
    students: tuple[str, ...] = ()


def todo(
    course: Course,
    gradebook: ClassGradebook | None = None,
    standings: Mapping[tuple[str, str], Standing] | None = None,
    known: Iterable[Record] = (),
) -> list[Todo]:
    """What waits for a person, the most urgent first. `gradebook`: one that is open already.

    `standings` and `known` records: what was read a moment ago and need not be read again.
    Raises `CourseError` when the gradebook cannot be read.
    """
    if gradebook is None:
        with closing(ClassGradebook(course)) as opened:
            return todo(course, opened)
    standing = gradebook.standings() if standings is None else standings
    just = list(known)
    gone = not_ours(course.root)
    records = [
        record
        for record in all_records(course, just)
        if (record.student, record.assignment) in standing and record.student not in gone
    ]
    submissions, warnings = _submitted(course)
    submissions = [one for one in submissions if one.student not in gone]
    fresh = {(r.student, r.assignment) for r in just}  # read and compared a moment ago
    waiting = list(
        _handed_in(
            course, [s for s in submissions if (s.student, s.lesson.name) not in fresh], standing
        )
    )
    anew = {(who, one.assignment) for one in waiting for who in one.students}
    return [
        *_faults(records),
        *_not_graded(course, [r for r in records if (r.student, r.assignment) not in anew]),
        *waiting,
        *_written(gradebook, {(r.student, r.assignment) for r in records if r.unreadable}, gone),
        *outdated_marks(course, gradebook),
        *_unplaced(course),
        *_misplaced(warnings),
    ]


def todo_command(course: Course, json_file: Path | None) -> int:
    """Print what waits; the exit code."""
    things = todo(course)
    if json_file is not None:
        write_named(json_file.absolute(), (json.dumps(as_data(things), indent=1) + "\n").encode())
    for said in told(things, course) if things else ["Nothing waits."]:
        print(said)
    return 1 if any(thing.kind not in NO_FAULT for thing in things) else 0


def _faults(records: Sequence[Record]) -> Iterator[Todo]:
    """One line for each check that the grader could not judge, however many it hit."""
    hit: dict[tuple[str, str], list[str]] = {}
    for record in records:
        if record.outcome == "grader-error":
            names = [c.grade_id for c in record.cells if c.outcome == "grader-error"] or [""]
            for name in names:
                hit.setdefault((record.assignment, name), []).append(record.student)
    for (assignment, check), students in hit.items():
        yield Todo(
            kind="grader-error",
            text=f"{assignment} {check or 'all of it'}: the grader failed for {_names(students)}; "
            "no mark yet",
            do=_command("grade", assignment, "--student", students[0], "--dry-run"),
            count=len(students),
            assignment=assignment,
            question=check,
            students=tuple(students),
        )


def _not_graded(course: Course, records: Sequence[Record]) -> Iterator[Todo]:
    for record in records:
        if record.unreadable:
            lies = (course.step_folder("submitted") / record.student / record.assignment).exists()
            gone = "" if lies else " It is not there any more; collect what they hand in now."
            yield Todo(
                kind="not-graded",
                text=f"{record.assignment}, {record.student}: {record.unreadable}{gone}",
                do=_command("grade", record.assignment, "--student", record.student)
                if lies
                else "",
                count=1,
                assignment=record.assignment,
                students=(record.student,),
            )


def _handed_in(
    course: Course, submissions: Sequence[Submission], graded: Iterable[tuple[str, str]]
) -> Iterator[Todo]:
    """What lies there and is not what the marks are of: one line for each lesson."""
    by_lesson: dict[str, list[str]] = {}
    for submission in submissions:
        by_lesson.setdefault(submission.lesson.name, []).append(submission.student)
    for lesson, students in sorted(by_lesson.items()):
        known = {student for student, assignment in graded if assignment == lesson}
        found = not_yet(course, lesson, students, known)
        anew = sum(why == ANEW for why in found.values())
        if found:
            yield Todo(
                kind="handed-in",
                text=f"{lesson}: {len(found)} handed in and not graded yet ({_names(list(found))})"
                + (f", {anew} of them anew" if anew else ""),
                do=_command("grade", lesson),
                count=len(found),
                assignment=lesson,
                students=tuple(found),
            )


def _written(
    gradebook: ClassGradebook, unreadable: set[tuple[str, str]], gone: NotOurs
) -> Iterator[Todo]:
    waiting: dict[Question, list[str]] = {}
    changed: Counter[Question] = Counter()
    total: Counter[Question] = Counter()
    files: dict[Question, set[object]] = {}
    came = _files(gradebook.course)
    for answer in all_answers(gradebook):
        if (answer.student, answer.question.assignment) in unreadable or answer.student in gone:
            continue
        total[answer.question] += 1
        if answer.mark.waits:
            waiting.setdefault(answer.question, []).append(answer.student)
            changed[answer.question] += answer.changed
            file = came(answer.question.assignment).get(answer.student, answer.student)
            # Who came from another group has a mark from there, and is read apart.
            files.setdefault(answer.question, set()).add((file, answer.mark))
    for question, students in waiting.items():
        again, once = changed[question], len(files[question])
        groups = f"; groups are read once, so {once}" if once < len(students) else ""
        yield Todo(
            kind="written",
            text=f"{question.assignment} {question.name}: {len(students)} of "
            + counted(total[question], "written answer")
            + (" waits" if len(students) == 1 else " wait")
            + " to be read"
            + (f", {again} of them again" if again else "")
            + groups,
            do=_command("review", question.assignment, question.name),
            count=len(students),
            assignment=question.assignment,
            question=question.name,
            students=tuple(students),
        )


def _files(course: Course) -> Callable[[str], Mapping[str, object]]:
    """lesson -> (student -> the file they came from), each read once."""

    @cache
    def of(lesson: str) -> Mapping[str, object]:
        try:
            return one_file(course, lesson)
        except CourseError:  # damaged; `headcheck collect` and `review` say so
            return {}

    return of


def outdated_marks(course: Course, gradebook: ClassGradebook) -> Iterator[Todo]:
    """What was made to be sent away, of marks that are others now."""
    for one in outdated(course, gradebook):
        what = [
            *([f"marks or comments have changed ({_names(one.changed)})"] if one.changed else []),
            *([f"who had no mark there has one ({_names(one.new)})"] if one.new else []),
        ]
        yield Todo(
            kind="outdated",
            text=f"{one.lesson}: since {one.place} {'were sent' if one.sent else 'was made'}, "
            f"{' and '.join(what)}; "
            + ("send them again" if one.sent else "make it again and send that, or remove it"),
            do=_command(*one.again),
            count=len(one.changed) + len(one.new),
            assignment=one.lesson,
            students=tuple(sorted([*one.changed, *one.new])),
        )


def _unplaced(course: Course) -> Iterator[Todo]:
    for left in unplaced(course):
        yield Todo(
            kind="unplaced",
            text=f"{left.download}: {len(left.lines)} of what was handed in had no place "
            f"({first_of(left.lines, MOST_NAMED, '; ')})",
            do=_command(*(left.again or ("collect", left.download, "--dry-run"))),
            count=len(left.lines),
        )


def _misplaced(warnings: Iterable[str]) -> Iterator[Todo]:
    for warning in warnings:
        where, _, what = warning.partition("; ")
        yield Todo(kind="misplaced", text=where, do=what, count=1)


def _submitted(course: Course) -> tuple[list[Submission], list[str]]:
    try:
        return find_submissions(course)
    except CourseError:  # nothing is handed in yet
        return [], []


def _names(students: Sequence[str]) -> str:
    return first_of(students, MOST_NAMED)


def _command(*words: str) -> str:
    return shlex.join(("headcheck", *words))


def as_data(things: Sequence[Todo]) -> list[dict[str, Any]]:
    return [asdict(thing) for thing in things]


_BELOW_THE_TABLE = ("grader-error", "written", "outdated", "unplaced")


def show_todo(things: Sequence[Todo], course: Course) -> None:
    """Below the table of `headcheck grade`: what it has not said already."""
    new = [thing for thing in things if thing.kind in _BELOW_THE_TABLE]
    for said in told(new[:MOST_SHOWN], course):
        print(said)
    if len(new) > MOST_SHOWN:
        print(f"and {len(new) - MOST_SHOWN} more: headcheck todo")


def told(things: Sequence[Todo], course: Course) -> Iterator[str]:
    """Lines to print: what waits, and below it the command; where to type it, if not here."""
    for thing in things:
        yield line(thing.text)
        if thing.do:
            yield f"  -> {line(thing.do)}"
    if any(thing.do for thing in things) and Path.cwd() != course.root:
        yield f"(to be typed in {line(str(course.root))}, or with --course and that folder)"
