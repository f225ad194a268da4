"""What lies in `submitted/` and is not what the gradebook's marks are of: they would go out as if they were."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from headcheck.course.directory import Course
from headcheck.grading.classroom import limits_from
from headcheck.grading.intake import names_in
from headcheck.grading.prepare import content_in
from headcheck.grading.record import Record, load_record

NEVER = "handed in, but not graded yet; run `headcheck grade`"
ANEW = "handed in anew, and that is not graded yet; run `headcheck grade`"


def not_yet(
    course: Course, lesson: str, students: Collection[str], graded: Collection[str]
) -> Mapping[str, str]:
    """student -> why their mark, or that there is none, is not of what they handed in.

    A link is never graded, and what another program graded has no record to compare with.
    """
    ignore = tuple(course.config.CourseDirectory.get("ignore", []))
    limits = limits_from(course.config)
    root = course.step_folder("submitted")
    found: dict[str, str] = {}
    for student in students:
        folder = root / student / lesson
        if folder.is_symlink() or folder.parent.is_symlink() or not folder.is_dir():
            continue
        if student not in graded:
            if names_in(folder):
                found[student] = NEVER
            continue
        record = load_record(course, student, lesson)
        if record is None or not record.content or (record.unreadable and not _was_read(record)):
            continue
        if record.content != content_in(folder, ignore, limits):
            found[student] = ANEW
    return found


def _was_read(record: Record) -> bool:
    """Whether what could not be graded was looked at: of what ended the look, nothing is known."""
    return record.outcome in ("missing", "error")
