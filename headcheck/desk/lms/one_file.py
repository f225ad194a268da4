"""Who handed in the same file of an LMS: a group."""

from __future__ import annotations

from headcheck.course.directory import Course
from headcheck.desk.lms.collect import read_manifest


def one_file(course: Course, lesson: str) -> dict[str, tuple[str, str, str]]:
    """student -> what they came from; equal for everybody of a group.

    Raises `CourseError` for a damaged manifest of `headcheck collect`.
    """
    came = read_manifest(course, lesson).students
    return {who: (one.preset, one.attempt, one.digest) for who, one in came.items()}
