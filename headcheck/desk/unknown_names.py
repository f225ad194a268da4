"""Names in `dates.yaml` that nobody has: a slip of the pen there would have no effect, in silence."""

from __future__ import annotations

from headcheck.course.dates import DATES, Dates, unknown_names
from headcheck.course.directory import Course
from headcheck.desk.console import warn


def warn_of_unknown_names(course: Course, dates: Dates, students: set[str]) -> None:
    """Say which names in `dates.yaml` are nobody's: what stands beside them has no effect."""
    lessons = {lesson.name for lesson in course.lessons()}
    for unknown in unknown_names(dates, lessons, students):
        warn(f"{DATES} names the {unknown.what} {unknown.name}, which this course does not have.")
