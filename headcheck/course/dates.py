"""`dates.yaml`: when lessons are due, what a late submission loses, and who has longer.

One file that a person reads and edits. It is applied at every grading and again before marks go out,
so that an extension given later counts at once. Without the file, the gradebook's own due dates and
extensions stay as they are.
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from headcheck.course.dates_told import told, yaml_trouble
from headcheck.course.directory import CourseError
from headcheck.course.misnamed import not_misnamed
from headcheck.course.roster import one_form

DATES = "dates.yaml"
DAY = 86_400.0
EXAMPLE = """\
timezone: Europe/Berlin
grace_minutes: 10          # so much later is still in time
late: {per_day: 10%, most: 50%, after_days: 7}
due:
  05-create-head: 2026-11-20 23:59
extensions:
  - {student: ada, lesson: 05-create-head, days: 2}
  - {student: bob, lesson: 05-create-head, until: 2026-11-25 23:59}
accommodations:
  - {student: eve, days: 3}  # for every lesson
"""


def _share(value: object) -> object:
    """`10%` -> 0.1"""
    if isinstance(value, str) and value.strip().endswith("%"):
        return float(value.strip()[:-1]) / 100
    return value


def _moment(value: object) -> object:
    """A day alone would be its first minute, `24:00` a number of seconds in 1970."""
    if isinstance(value, str):
        value = value.strip()
    whole = isinstance(value, datetime) or (
        isinstance(value, str) and len(value) > len("2026-11-20")
    )
    if not whole:
        raise ValueError("write day and time, 2026-11-20 23:59")
    return value


def _id(value: object) -> object:
    """A student's id. Without quotes YAML takes 00123 for the number 83; a Mac takes `ö` apart."""
    if value is None or isinstance(value, list | dict):
        raise ValueError("name one student; each has an entry of their own")
    if not isinstance(value, str):
        raise ValueError(
            f'write the id in quotes, "00123"; without them YAML reads it as {value!r}'
        )
    return one_form(value)


def _of_our_time(value: datetime) -> datetime:
    if not 2000 <= value.year < 2200:
        raise ValueError(f"the year {value.year} is none for a course")
    return value


Moment = Annotated[datetime, BeforeValidator(_moment), AfterValidator(_of_our_time)]
StudentId = Annotated[str, BeforeValidator(_id)]
Share = Annotated[float, BeforeValidator(_share), Field(ge=0, le=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Late(_Strict):
    """What a late submission loses, as a share of the points it earned."""

    per_day: Share = Field(description="for each day that has begun")
    most: Share = Field(default=1.0, description="never more than this")
    after_days: float | None = Field(default=None, ge=0, description="later than that: everything")

    def lost(self, seconds: float) -> float:
        """The share that is lost, from 0 to 1."""
        if seconds <= 0:
            return 0.0
        days = seconds / DAY
        if self.after_days is not None and days > self.after_days:
            return 1.0
        return min(self.most, self.per_day * math.ceil(days))


class _Longer(_Strict):
    student: StudentId
    days: float = Field(default=0, ge=0, le=100_000)
    hours: float = Field(default=0, ge=0, le=2_400_000)
    why: str = ""

    @property
    def span(self) -> timedelta:
        return timedelta(days=self.days, hours=self.hours)


class Extension(_Longer):
    """One student, one lesson: longer by a span, or until a date."""

    lesson: str
    until: Moment | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Extension:
        if (self.until is None) == (self.span == timedelta()):
            raise ValueError("say either `until`, or `days` and `hours`")
        return self


class Accommodation(_Longer):
    """One student, every lesson."""


class Dates(_Strict):
    """The whole file."""

    timezone: str = "UTC"
    grace_minutes: float = Field(default=0, ge=0, le=10_080)
    late: Late | None = None
    due: dict[str, Moment] = {}
    extensions: list[Extension] = []
    accommodations: list[Accommodation] = []

    @model_validator(mode="after")
    def _known_zone(self) -> Dates:
        try:
            ZoneInfo(self.timezone)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"timezone: {self.timezone!r} is none, write Europe/Berlin") from None
        return self

    def due_utc(self, lesson: str) -> datetime | None:
        """When a lesson is due, in UTC without tzinfo, as the gradebook keeps it."""
        return self._utc(self.due[lesson]) if lesson in self.due else None

    def _utc(self, when: datetime) -> datetime:
        if when.tzinfo:
            return when.astimezone(UTC).replace(tzinfo=None)
        # An hour that the clock shows twice in autumn, or never in spring: the later of both readings,
        # which nobody can be late by.
        zone = ZoneInfo(self.timezone)
        both = (when.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
        return max(both).replace(tzinfo=None)

    def longer(self, student: str, lesson: str) -> timedelta:
        """How much longer this student has: the longest of what is granted, never the sum."""
        due, student = self.due_utc(lesson), one_form(student)
        granted = [self._span(one, lesson) for one in self.accommodations if one.student == student]
        for one in self.extensions:
            if (one.student, one.lesson) == (student, lesson):
                until = self._utc(one.until) - due if one.until and due else timedelta()
                granted.append(max(self._span(one, lesson), until))
        return max([timedelta(), *granted])

    def _span(self, one: _Longer, lesson: str) -> timedelta:
        """Two days after 23:59 is 23:59, also where one of them has 25 hours."""
        due = self.due.get(lesson)
        if due is None or due.tzinfo:
            return one.span
        return max(one.span, self._utc(due + one.span) - self._utc(due))

    def granted_nothing(self) -> list[Extension]:
        """Extensions until a time at which the lesson is not due yet: a slip, mostly of the month."""
        return [
            one
            for one in self.extensions
            if one.until and (due := self.due_utc(one.lesson)) and self._utc(one.until) <= due
        ]

    def extension(self, student: str, lesson: str, handed_in: datetime | None) -> timedelta:
        """`longer`, and the minutes of grace for who needs no more than those.

        Grace is not added to everybody's date: who is later than it is late from the due date on.
        """
        longer, due = self.longer(student, lesson), self.due_utc(lesson)
        grace = timedelta(minutes=self.grace_minutes)
        if due is None or handed_in is None or not grace:
            return longer
        late = handed_in - due - longer
        return longer + grace if timedelta() < late <= grace else longer


class _OnceEach(yaml.SafeLoader):
    """YAML takes the last of two equal names: a second `extensions:` would take everybody's time away."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set[str]()
        for key, _ in node.value:
            if str(key.value) in seen:
                raise yaml.constructor.ConstructorError(
                    None,
                    None,
                    f"`{key.value}` stands there twice; put both into one",
                    key.start_mark,
                )
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)


_NAMES = sorted({name for model in (Dates, Late, Extension) for name in model.model_fields})


@dataclass(frozen=True)
class Unknown:
    """A name in the file that is no lesson or student of this course."""

    what: str
    name: str


def read_dates(root: Path) -> Dates | None:
    """The course's dates; None when there is no such file.

    Raises `CourseError` that names the place in the file and what was expected.
    """
    file = root / DATES
    if not file.exists():
        not_misnamed(file)
        return None
    try:
        text = file.read_text(encoding="utf-8-sig")
        data = yaml.load(io.StringIO(text), Loader=_OnceEach)
        return Dates.model_validate(data or {})
    except UnicodeDecodeError:
        raise CourseError(f"{file} is no text in UTF-8; save it in that encoding.") from None
    except yaml.YAMLError as error:
        raise CourseError(f"{file} cannot be read as YAML ({yaml_trouble(error)}).") from None
    except ValidationError as error:
        raise CourseError(
            f"{file}: {told(text, error.errors()[0], _NAMES)} Like this:\n{EXAMPLE}"
        ) from None
    except ValueError as error:  # YAML makes dates itself, of 2026-13-01, too
        raise CourseError(f"{file}: there is a date that does not exist ({error}).") from None


def unknown_names(dates: Dates, lessons: set[str], students: set[str]) -> list[Unknown]:
    """Lessons and students that the file names and the course does not have: typing errors."""
    named = {*dates.due, *(one.lesson for one in dates.extensions)}
    people = {one.student for one in (*dates.extensions, *dates.accommodations)}
    return [
        *(Unknown("lesson", name) for name in sorted(named - lessons)),
        *(Unknown("student", name) for name in sorted(people - set(map(one_form, students)))),
    ]
