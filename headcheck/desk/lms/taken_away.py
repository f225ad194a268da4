"""Whose mark is of something that `headcheck collect --undo` has taken away, so that it goes nowhere."""

from __future__ import annotations

from collections.abc import Collection

from headcheck.course.directory import Course
from headcheck.desk.lms.collect import manifest_file, read_manifest

GONE = (
    "what was graded is not in submitted/ any more (taken back by `headcheck collect --undo`, say)"
)


def taken_away(course: Course, lesson: str, graded: Collection[str]) -> dict[str, str]:
    """student -> why their mark is of nothing that they handed in. Nobody where no LMS's zip was collected."""
    if not manifest_file(course, lesson).exists():
        return {}
    collected = read_manifest(course, lesson).students
    root = course.step_folder("submitted")
    return {
        who: GONE for who in graded if who not in collected and not (root / who / lesson).exists()
    }
