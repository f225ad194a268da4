"""The mark that goes out for each student of the class, or why none does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from headcheck.course.dates import Dates
from headcheck.course.roster import Student, same_letters
from headcheck.grading.marks import Marked
from headcheck.grading.openness import still_open


@dataclass(frozen=True)
class Wishes:
    """What was asked for on the command line."""

    penalty: bool = True  # False: the LMS takes its own
    # Also marks with written answers that nobody has read, or of what was handed in before.
    unfinished: bool = False
    missing_zero: bool = False
    scale: bool = False  # to the LMS's points


@dataclass(frozen=True)
class Outgoing:
    """`mark` None: nothing goes out, and `why`. `missing`: nothing was handed in."""

    mark: float | None
    most: float
    why: str = ""
    missing: bool = False


def outgoing(
    students: Sequence[Student],
    marks: Mapping[str, Marked],
    lesson: str,
    most: float,
    dates: Dates | None,
    wishes: Wishes,
    waiting: Mapping[str, str],
) -> dict[str, Outgoing]:
    """student -> what goes out, for everybody of the class.

    `waiting`: who handed in what is not graded yet, with the reason in words.
    """
    ids = list(dict.fromkeys([*(student.id for student in students), *marks]))
    found = {}
    for who in ids:
        if who in marks:
            found[who] = _of(marks[who], wishes, waiting.get(who, ""))
        elif who in waiting:
            found[who] = Outgoing(None, most, f"not final: {waiting[who]}")
        else:
            found[who] = _nothing(who, lesson, most, dates, wishes)
    return found


def _of(marked: Marked, wishes: Wishes, waiting: str) -> Outgoing:
    if waiting and not wishes.unfinished:
        return Outgoing(None, marked.max_score, f"not final: {waiting}")
    still = still_open(marked)
    if still.no_mark or (not still.final and not wishes.unfinished):
        return Outgoing(None, marked.max_score, f"not final: {still.said()}")
    return Outgoing(marked.mark(penalty=wishes.penalty), marked.max_score, still.said())


def _nothing(who: str, lesson: str, most: float, dates: Dates | None, wishes: Wishes) -> Outgoing:
    due = dates.due_utc(lesson) if dates is not None else None
    if dates is not None and due is not None:
        until = due + dates.longer(who, lesson)
        if until > datetime.now(UTC).replace(tzinfo=None):
            return Outgoing(None, most, "has time left", missing=True)
    if wishes.missing_zero:
        return Outgoing(0.0, most, "nothing handed in", missing=True)
    return Outgoing(None, most, "nothing handed in", missing=True)


def class_of(roster: Sequence[Student], gradebook: Any) -> list[Student]:
    """Everybody of students.csv, and who is in the gradebook alone.

    What both say is the list's: whose id was changed there is two in the gradebook, with one e-mail.
    """
    known = {student.id for student in roster}
    listed = {same_letters(text) for student in roster for text in student.facts().values() if text}
    rest = [
        Student(
            id=one.id,
            first_name=one.first_name or "",
            last_name=one.last_name or "",
            email=one.email or "",
            known_as={"canvas": str(one.lms_user_id)} if one.lms_user_id else {},
        )
        for one in gradebook.students
        if one.id not in known
    ]
    twice = {s.id for s in rest if listed & {same_letters(text) for text in s.facts().values()}}
    return [*roster, *(Student(one.id) if one.id in twice else one for one in rest)]
