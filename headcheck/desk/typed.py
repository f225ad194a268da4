"""What a person typed into `autograded/` and a command has made anew: said, with where it lies now."""

from __future__ import annotations

from collections.abc import Sequence

from headcheck.course.directory import Course
from headcheck.desk.console import warn
from headcheck.grading.find import few
from headcheck.grading.graded_folder import Aside

REMEDY = (
    "Each grading makes autograded/ anew; marks and comments that stay are given by `headcheck review` or "
    "formgrader."
)


def warn_of_typed(course: Course, kept: Sequence[Aside]) -> None:
    """A line for each file, and what to do instead."""
    for said in few([one.told(course.root) for one in kept], "like these in backups/autograded"):
        warn(said)
    if kept:
        warn(REMEDY)
