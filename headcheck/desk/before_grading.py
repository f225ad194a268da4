"""What is looked at before anything is graded: who is meant, and what would spoil all of it."""

from __future__ import annotations

from collections.abc import Sequence

from headcheck.authoring.release import changed_since_built
from headcheck.course.directory import Course, CourseError, Lesson
from headcheck.desk.console import warn
from headcheck.grading.classroom import Classroom, mismatched_torch, missing_kernel
from headcheck.grading.find import Submission, find_submissions
from headcheck.grading.work import EngineName


def asked_for(
    course: Course, assignments: Sequence[str], students: Sequence[str]
) -> list[Submission]:
    """The submissions that are meant; what lies in a wrong place is said.

    Raises `CourseError` for names that do not exist.
    """
    submissions, warnings = find_submissions(course, assignments, students)
    for warning in warnings:
        warn(warning)
    return submissions


def check_torch() -> None:
    """Raises `CourseError` when every check would fail because of what is installed."""
    if problem := mismatched_torch():
        raise CourseError(problem)


def check_lessons(classroom: Classroom, engine: EngineName) -> None:
    """Say which lessons are graded by older tests than `source/` has.

    Raises `CourseError` when the kernel that a lesson needs is not installed.
    """
    if engine == "nbgrader":
        for template in classroom.templates.values():
            if problem := missing_kernel(template):
                raise CourseError(problem)
    for name in classroom.templates:
        if changed_since_built(Lesson(classroom.course, name)):
            warn(
                f"source/{name} was changed after it was built, so its older tests grade; run "
                f"`headcheck build {name}` and grade again."
            )
