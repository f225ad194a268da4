"""What the last `headcheck collect` of a lesson found no place for: remembered until the next one."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from headcheck.course.directory import Course
from headcheck.course.files import write_whole
from headcheck.desk.lms.collect import COLLECTED, Plan, submitted

FILE = "unplaced.json"
_NO_LESSON = "?"


class Left(BaseModel):
    """What of one download has no place, a line for each."""

    model_config = ConfigDict(extra="forbid")

    download: str
    lines: list[str]
    again: list[str] = []  # what to type after `headcheck`, in the course directory


class _All(BaseModel):
    lessons: dict[str, Left] = {}


def unplaced(course: Course) -> list[Left]:
    """What waits to be placed, by lesson. A damaged file is none: the next `collect` writes it."""
    return [left for _, left in sorted(_read(course).lessons.items())]


def remember_unplaced(course: Course, plan: Plan, options: Sequence[str] = ()) -> None:
    """Keep what this collect could not place, in place of what the last one of its lessons could not.

    `options`: of the command, for the next look.
    """
    known = _read(course)
    lessons = sorted({one.lesson for one in plan.arrivals}) or [plan.lesson or _NO_LESSON]
    for lesson in (*lessons, _NO_LESSON):
        known.lessons.pop(lesson, None)
    lines = [f"{one.label}: {one.why}" for one in (*plan.ambiguous, *plan.unmatched)]
    lines += [f"{one.path}: {one.why}" for one in plan.refused]
    if lines:
        place = plan.download.resolve()
        inside = place.is_relative_to(course.root)
        shown = str(place.relative_to(course.root) if inside else place)
        again = ["collect", shown, *options, "--dry-run"]
        known.lessons[lessons[0]] = Left(download=shown, lines=lines, again=again)
    elif not known.lessons and not _file_exists(course):
        return
    write_whole(submitted(course) / COLLECTED / FILE, known.model_dump_json(indent=1).encode())


def _file_exists(course: Course) -> bool:
    return (submitted(course) / COLLECTED / FILE).exists()


def _read(course: Course) -> _All:
    try:
        return _All.model_validate_json((submitted(course) / COLLECTED / FILE).read_bytes())
    except (OSError, ValueError):
        return _All()
