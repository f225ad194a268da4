"""Which feedback a student was given by the grader itself, and when: one file for each lesson of each.

It is written before a page goes out, and again when it has gone: what was killed in between is done
again and counted once. It lies beside the pages, not in `.headcheck/`, which may be deleted.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, ValidationError

from headcheck.course.directory import Course, CourseError
from headcheck.course.files import write_whole

FOLDER = ".given"
KEPT = timedelta(days=3)  # no day is longer, whatever the time zone becomes
MOST = 20  # older ones that are kept, too


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Grading(_Strict):
    """One grading of one submission."""

    content: str  # of what was handed in
    graded_at: datetime


class Release(_Strict):
    """A page that went out. `done`: surely."""

    grading: Grading
    when: datetime
    done: bool = False


class Given(_Strict):
    """What one student has of one lesson. `later`: the grading whose page says when feedback comes."""

    releases: tuple[Release, ...] = ()
    later: Grading | None = None

    def of(self, grading: Grading) -> Release | None:
        """The release of a grading, if it has begun."""
        return next((one for one in self.releases if one.grading == grading), None)

    def has_page(self, content: str) -> bool:
        """Whether what was handed in has had feedback before, of an earlier grading."""
        return any(one.grading.content == content for one in self.releases)

    def on_the_day_of(self, when: datetime, zone: ZoneInfo) -> int:
        """How many pages went out on that day."""
        day = when.astimezone(zone).date()
        return sum(one.when.astimezone(zone).date() == day for one in self.releases)

    def begun(self, grading: Grading, when: datetime) -> Given:
        """With a page that is about to go out."""
        return self._with([*self._others(grading), Release(grading=grading, when=when)], when)

    def done(self, grading: Grading) -> Given:
        """With that page gone out."""
        sure = [
            one.model_copy(update={"done": True}) if one.grading == grading else one
            for one in self.releases
        ]
        return Given(releases=tuple(sure))

    def without(self, grading: Grading) -> Given:
        """As if that page had not been tried: it could not go out."""
        return self.model_copy(update={"releases": tuple(self._others(grading))})

    def _others(self, grading: Grading) -> list[Release]:
        return [one for one in self.releases if one.grading != grading]

    def _with(self, releases: Sequence[Release], now: datetime) -> Given:
        old = [one for one in releases if now - one.when > KEPT][-MOST:]
        return Given(releases=(*old, *(one for one in releases if now - one.when <= KEPT)))


def given_file(course: Course, student: str, lesson: str) -> Path:
    """Where it is written."""
    return course.step_folder("feedback") / FOLDER / lesson / f"{student}.json"


def read_given(course: Course, student: str, lesson: str) -> Given:
    """What a student was given. Raises `CourseError` for a file that cannot be read: its limit would
    begin anew."""
    file = given_file(course, student, lesson)
    try:
        return Given.model_validate_json(file.read_bytes())
    except FileNotFoundError:
        return Given()
    except ValidationError:
        raise CourseError(
            f"{file} cannot be read, so nobody knows what {student} was given of {lesson} today; "
            "remove it to begin anew."
        ) from None


def write_given(course: Course, student: str, lesson: str, given: Given) -> None:
    """Write it whole or not at all."""
    data = given.model_dump_json(indent=1).encode()
    write_whole(given_file(course, student, lesson), data)
