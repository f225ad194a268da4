"""`headcheck collect --undo`: what the last one brought goes aside, and what it replaced comes back.

A wrong zip, or the right one under the wrong lesson, has newer attempts of everybody: without this
the right one would be older than they are. What each collect found there is noted before it is replaced.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from headcheck.course.counted import counted, first_of
from headcheck.course.directory import Course, CourseError
from headcheck.course.files import write_whole
from headcheck.desk.lms import collect
from headcheck.desk.lms.unplaced import Left, all_unplaced, restore
from headcheck.desk.visible import line
from headcheck.grading.record import load_record

_MOST = 15  # names said of one kind
_STAMP = "%Y%m%d-%H%M%S-%f"
_KEPT = 10  # so many can be taken back, one after the other


class _Found(BaseModel):
    """Of one submission, before another was taken: whether there were files, and what was remembered."""

    model_config = ConfigDict(extra="forbid")

    student: str
    lesson: str
    had: bool
    same: bool  # its files were there already
    before: collect.Collected | None


class _Run(BaseModel):
    """One collect."""

    model_config = ConfigDict(extra="forbid")

    download: str
    at: datetime
    found: list[_Found]
    unplaced: dict[str, Left] = {}  # what had no place before


@dataclass
class Undone:
    """Whose submissions are as they were, and what is still of those that went."""

    download: str
    back: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)  # had handed in nothing before
    graded: list[str] = field(default_factory=list)  # of these: with a mark

    def told(self) -> Iterator[str]:
        """Line by line."""
        number = len(self.back) + len(self.gone)
        yield (
            f"Put back: {counted(number, 'submission')} as before {line(self.download)} was collected; what had "
            f"come from it is in submitted/{collect.EARLIER}/."
        )
        if self.gone:
            yield f"Had handed in nothing before: {first_of(map(line, self.gone), _MOST)}"
        if self.graded:
            yield (
                "Graded meanwhile, so the gradebook still has marks of what they never handed in: "
                f"{first_of(map(line, self.graded), _MOST)}. None of them goes out (but with --unfinished); a copy of "
                "the gradebook from before lies in backups/."
            )


def note(course: Course, made: collect.Plan, now: datetime) -> None:
    """Before a plan is carried out, at `now`: what is there. Nothing where nothing will be another."""
    if not any(arrival.what in ("new", "newer") for arrival in made.arrivals):
        return
    root = course.step_folder("submitted")
    before = {
        lesson: collect.read_manifest(course, lesson).students
        for lesson in {arrival.lesson for arrival in made.arrivals}
    }
    run = _Run(
        download=made.download.name,
        at=now,
        found=[
            _Found(
                student=one.student,
                lesson=one.lesson,
                had=(root / one.student / one.lesson).exists(),
                same=one.what == "same",
                before=before[one.lesson].get(one.student),
            )
            for one in made.arrivals
            if not one.left
        ],
        unplaced=all_unplaced(course),
    )
    write_whole(_folder(course) / f"{now:{_STAMP}}.before", run.model_dump_json(indent=1).encode())
    for old in _runs(course)[:-_KEPT]:
        old.unlink()


def take_back(course: Course) -> Undone:
    """Undo the last collect that brought something. Raises `CourseError` when there is none."""
    runs = _runs(course)
    if not runs:
        raise CourseError("nothing that was collected can be taken back.")
    try:
        run = _Run.model_validate_json(runs[-1].read_bytes())
    except ValueError:
        raise CourseError(
            f"{runs[-1]} is damaged, so nobody knows what was there before; move it away. What was replaced "
            f"lies in {course.step_folder('submitted') / collect.EARLIER}."
        ) from None
    done, now = Undone(run.download), datetime.now(UTC)
    manifests = {one.lesson: collect.read_manifest(course, one.lesson) for one in run.found}
    for one in run.found:
        known = manifests[one.lesson].students
        if not one.same and _put_back(course, one, run.at, now):
            (done.back if one.had else done.gone).append(one.student)
            if not one.had and load_record(course, one.student, one.lesson) is not None:
                done.graded.append(one.student)
        # (Collected once more since, all of it was there already.)
        if one.student in known and known[one.student].collected >= run.at:
            if one.before is None:
                del known[one.student]
            else:
                known[one.student] = one.before
    for lesson, manifest in manifests.items():
        collect.write_manifest(course, lesson, manifest)
    restore(course, run.download, run.unplaced)
    runs[-1].unlink()
    return done


def _put_back(course: Course, one: _Found, collected: datetime, now: datetime) -> bool:
    """Whether somebody's submission was another one since then; also that of a collect that was ended."""
    folder = course.step_folder("submitted") / one.student / one.lesson
    earlier = collect.aside_of(course, one.student, one.lesson, collected)
    if not (earlier if one.had else folder).exists():
        return False
    if folder.exists():
        aside = collect.aside_of(course, one.student, one.lesson, now)
        aside.parent.mkdir(parents=True, exist_ok=True)
        folder.rename(aside)
    if one.had:
        earlier.rename(folder)
    else:
        collect.remove_empty(folder.parent, course.step_folder("submitted"))
    return True


def _folder(course: Course) -> Path:
    return course.step_folder("submitted") / collect.COLLECTED


def _runs(course: Course) -> list[Path]:
    return sorted(_folder(course).glob("*.before"))
