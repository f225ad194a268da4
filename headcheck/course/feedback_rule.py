"""How many feedbacks a student gets by the grader itself: `c.Headcheck.feedback_per_day`.

Each grading draws its hidden sizes anew. Feedback at once, as often as one likes, would tell by trial
what hidden tests look for; so a course that does not say a number gives none.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from headcheck.course.dates import read_dates
from headcheck.course.directory import CourseError

if TYPE_CHECKING:
    from traitlets.config import Config

NAME = "feedback_per_day"


def feedback_per_day(config: Config, lesson: str) -> int:
    """How many a student gets in a day for a lesson; 0: none. Raises `CourseError` for no number."""
    given = config.Headcheck.get(NAME, 0)
    number = given.get(lesson, 0) if isinstance(given, dict) else given
    if isinstance(number, bool) or not isinstance(number, int) or number < 0:
        raise CourseError(
            f"grader_config.py, c.Headcheck.{NAME}: {number!r} is no number of feedbacks; write 3 "
            f'for every lesson, {{"{lesson}": 3}} for some, or 0 for none.'
        )
    return number


def gives_feedback(config: Config) -> bool:
    """Whether some lesson has a number."""
    given = config.Headcheck.get(NAME, 0)
    return any(given.values()) if isinstance(given, dict) else bool(given)


def zone_of(root: Path) -> ZoneInfo:
    """Whose midnight counts: `timezone:` of dates.yaml. Raises `CourseError` as `read_dates` does."""
    dates = read_dates(root)
    return ZoneInfo(dates.timezone if dates is not None else "UTC")


def midnight_after(when: datetime, zone: ZoneInfo) -> datetime:
    """When the day ends there."""
    day = when.astimezone(zone).date() + timedelta(days=1)
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def now() -> datetime:
    """The present, in UTC."""
    return datetime.now(UTC)
