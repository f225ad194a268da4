"""Whom a command is about: names that nobody has, where a slip of the pen would have no effect in
silence, and who is of the course no more."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Sequence

from headcheck.course.counted import first_of
from headcheck.course.dates import DATES, Dates, unknown_names
from headcheck.course.directory import Course, CourseError
from headcheck.course.not_ours import NOT_OURS, not_ours
from headcheck.course.roster import ROSTER, Student, one_form, same_letters
from headcheck.desk.console import warn
from headcheck.desk.visible import line

MOST_NAMED = 15


def warn_of_unknown_names(course: Course, dates: Dates, students: set[str]) -> None:
    """Say which names in `dates.yaml` are nobody's: what stands beside them has no effect."""
    lessons = {lesson.name for lesson in course.lessons()}
    for unknown in unknown_names(dates, lessons, students):
        hint = _hint(unknown.name, lessons if unknown.what == "lesson" else students)
        warn(
            f"{DATES} names the {unknown.what} {unknown.name}, which this course does not have{hint}"
        )
    for one in dates.granted_nothing():
        warn(
            f"{DATES} gives {line(one.student)} until {one.until:%Y-%m-%d %H:%M} for {one.lesson}, which is "
            "not after it is due, so it changes nothing."
        )


def warn_of_other_spellings(course: Course, roster: Iterable[Student]) -> None:
    """Say whose id in `students.csv` is that of work here, but for zeros at its start or capitals.

    A spreadsheet drops such zeros; then one student is two here.
    """
    listed = {one_form(student.id) for student in roster}
    folders = {path.name for path in course.step_folder("submitted").glob("[!.]*")}
    here = {_bare(name): name for name in folders if one_form(name) not in listed}
    for student in sorted(listed - {one_form(name) for name in folders}):
        if other := here.get(_bare(student)):
            warn(
                f"{ROSTER} has the id {student}, the work here is of {other}: two students for this course. If "
                f"it is one, write {other} there (a spreadsheet drops zeros unless the column is text)."
            )


def warn_of_who_has_not_left(course: Course, roster: Sequence[Student]) -> None:
    """Say which lines of `not-ours.txt` leave nobody out though they may be meant to."""
    for written, student in not_ours(course.root).perhaps(roster):
        warn(
            f"{NOT_OURS}: {written!r} leaves nobody of {ROSTER} out; if it means {student}, write {student} "
            "alone on a line (a note stands behind #)"
        )


def _bare(student: str) -> str:
    return same_letters(student).lstrip("0")


def only_known(students: Collection[str], known: Collection[str]) -> None:
    """Raises `CourseError` for a student whom the course does not have, with who may be meant."""
    for student in students:
        if student not in known:
            hint = _hint(student, known)
            raise CourseError(f"there is no student {line(student)!r} in this course{hint}")


def still_ours(course: Course, students: Iterable[str]) -> list[str]:
    """Those of the class to whom something goes out; who has left by not-ours.txt is named."""
    everybody = sorted(students)
    here = not_ours(course.root).without(everybody)
    if gone := [who for who in everybody if who not in here]:
        print(
            f"Left out, as {NOT_OURS} says: {first_of(map(line, gone), MOST_NAMED)} (--student sends all the same)."
        )
    return here


def _hint(name: str, known: Collection[str]) -> str:
    """The end of a sentence: whom or what a name of nobody may mean, also in other capitals, or with more of it."""
    forms = {same_letters(one): one for one in sorted(known)}
    wanted = same_letters(name)
    near = difflib.get_close_matches(wanted, forms, n=1)
    near += [form for form in forms if wanted and form.startswith(wanted)]
    return f"; did you mean {line(forms[near[0]])}?" if near else "."
