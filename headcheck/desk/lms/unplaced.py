"""What `headcheck collect` found no place for: remembered until a later one knows better.

A lesson may come in several zips, one for each section: what one of them does not speak of waits on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict

from headcheck.course.directory import Course
from headcheck.course.files import write_whole
from headcheck.course.not_ours import not_ours
from headcheck.desk.lms.collect import COLLECTED, Plan, label_of
from headcheck.desk.lms.presets import without_counter

FILE = "unplaced.json"
_NO_LESSON = "?"


class Left(BaseModel):
    """What of one download has no place, a line for each."""

    model_config = ConfigDict(extra="forbid")

    download: str
    lines: list[str]
    again: list[str] = []  # what to type after `headcheck`, in the course directory


class _All(BaseModel):
    lessons: dict[str, Left] = {}  # by lesson/name of the zip


def unplaced(course: Course) -> list[Left]:
    """What waits to be placed, by lesson. A damaged file is none: the next `collect` writes it."""
    nobodys = not_ours(course.root)
    waiting = [
        left.model_copy(update={"lines": [line for line in left.lines if not nobodys.says(line)]})
        for _, left in sorted(_read(course).lessons.items())
    ]
    return [left for left in waiting if left.lines]


def remember_unplaced(course: Course, plan: Plan, options: Sequence[str] = ()) -> None:
    """Keep what this collect could not place, in place of what was known of this zip and these people.

    `options`: of the command, for the next look.
    """
    known = _read(course)
    lessons = sorted({one.lesson for one in plan.arrivals}) or [plan.lesson or _NO_LESSON]
    zip_name = without_counter(plan.download.name)
    unclear = [*plan.ambiguous, *plan.unmatched, *plan.not_ours]
    here = {one.label for one in unclear}
    here |= {who for one in plan.arrivals for who in (one.student, label_of(one))}
    here |= {one.path for one in plan.refused}
    for key, left in list(known.lessons.items()):
        lesson, _, its_zip = key.partition("/")
        if lesson in (*lessons, _NO_LESSON):
            said = tuple(f"{label}: " for label in here)
            left.lines = [line for line in left.lines if not line.startswith(said)]
            if its_zip == zip_name or not left.lines:
                del known.lessons[key]
    # Also of whom not-ours.txt names: who is taken out of it waits again.
    lines = [f"{one.label}: {one.why}" for one in unclear]
    lines += [f"{one.path}: {one.why}" for one in plan.refused]
    if lines:
        place = plan.download.resolve()
        inside = place.is_relative_to(course.root)
        shown = str(place.relative_to(course.root) if inside else place)
        again = ["collect", shown, *options, "--dry-run"]
        known.lessons[f"{lessons[0]}/{zip_name}"] = Left(download=shown, lines=lines, again=again)
    elif not known.lessons and not _file_exists(course):
        return
    _write(course, known)


def all_unplaced(course: Course) -> dict[str, Left]:
    """Everything that is known to have no place, for `restore`."""
    return _read(course).lessons


def restore(course: Course, download: str, before: Mapping[str, Left]) -> None:
    """A download was the wrong one: nothing of it waits, and what waited before it waits again."""
    known = _read(course).lessons
    of_it = f"/{without_counter(download)}"
    kept = {key: left for key, left in known.items() if not key.endswith(of_it)} | {**before}
    if kept != known:
        _write(course, _All(lessons=kept))


def _write(course: Course, known: _All) -> None:
    file = course.step_folder("submitted") / COLLECTED / FILE
    write_whole(file, known.model_dump_json(indent=1).encode())


def _file_exists(course: Course) -> bool:
    return (course.step_folder("submitted") / COLLECTED / FILE).exists()


def _read(course: Course) -> _All:
    try:
        return _All.model_validate_json(
            (course.step_folder("submitted") / COLLECTED / FILE).read_bytes()
        )
    except (OSError, ValueError):
        return _All()
