"""`headcheck exchange`: what students handed in through nbgrader's exchange comes in, and feedback goes
back there, if the course says so (`c.Headcheck.feedback_per_day`).

Feedback first: it is on what was graded, and what comes in now takes its place. Each grading goes out
once. Whoever has had the day's number gets a page that says when the rest comes.
"""

from __future__ import annotations

import glob
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from nbgrader.exchange import ExchangeError

from headcheck.course.counted import counted
from headcheck.course.directory import Course, CourseError, Lesson
from headcheck.course.feedback_rule import feedback_per_day, midnight_after, now, zone_of
from headcheck.course.files import write_whole
from headcheck.course.handed_over import SECRET, STAMP
from headcheck.desk.page import escaping
from headcheck.desk.visible import line
from headcheck.grading.brought_in import bring_in
from headcheck.grading.classroom import limits_from
from headcheck.grading.exchange import Exchange, open_exchange
from headcheck.grading.find import few
from headcheck.grading.given_back import Grading, read_given, write_given
from headcheck.grading.prepare import Order, content_of, link_to
from headcheck.grading.record import load_record

LATER = ".headcheck/later"  # pages that only say when; as nbgrader's feedback/


@dataclass
class _Sum:
    """What became of it, for whoever reads along."""

    said: list[str] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)


def exchange_command(course: Course, assignments: Sequence[str], students: Sequence[str]) -> int:
    """Give back, then bring in; say what became of it. The exit code: 1 where something could not be."""
    lessons = course.select(assignments)
    exchange = open_exchange(course)
    if exchange is None:
        raise CourseError(
            "this course has no name on nbgrader's exchange; set c.CourseDirectory.course_id in "
            f"{course.root / 'grader_config.py'} (docs/jupyterhub.md)."
        )
    total = _Sum()
    for lesson in lessons:
        _give_back(exchange, lesson, students, total)
    if exchange.inbound.is_dir():
        for lesson in lessons:
            _bring_in(exchange, lesson, students, total)
    elif not exchange.folder.is_dir():
        total.trouble.append(
            f"{exchange.folder} is not there, so nothing can come in; c.Exchange.root says where the "
            "exchange is (docs/jupyterhub.md), and `nbgrader release_assignment` makes the course's part."
        )
    for said in total.said or ["Nothing has come in, and nothing was to go back."]:
        print(said)
    for trouble in few(total.trouble, "like these"):
        print(f"headcheck: {trouble}", file=sys.stderr)
    return 1 if total.trouble else 0


# ---- in ------------------------------------------------------------------------------------------


def _bring_in(exchange: Exchange, lesson: Lesson, students: Sequence[str], total: _Sum) -> None:
    try:
        done = bring_in(exchange, lesson.name, students)
    except ExchangeError as error:
        total.trouble.append(f"{lesson.name} could not be collected: {error}")
        return
    total.said += [f"{line(name)}: brought in" for name in done.taken]
    total.trouble += done.told()


# ---- back ----------------------------------------------------------------------------------------


def _give_back(exchange: Exchange, lesson: Lesson, students: Sequence[str], total: _Sum) -> None:
    """Each grading of this lesson that is new; nothing where the course gives no feedback."""
    course = exchange.course
    most = feedback_per_day(course.config, lesson.name)
    if not most:
        return
    zone = zone_of(course.root)
    autograded = course.step_folder("autograded")
    for secret in sorted(autograded.glob(f"*/{glob.escape(lesson.name)}/{SECRET}")):
        student = secret.parent.parent.name
        if (students and student not in students) or not secret.stat().st_size:
            continue
        grading = _to_give(lesson, student)
        if grading is None:
            continue
        try:
            said = _give(exchange, lesson, student, grading, most, zone)
        except (ExchangeError, CourseError) as error:
            total.trouble.append(
                f"{line(student)}, {lesson.name}: no feedback was released ({error}). It is tried again "
                "the next time."
            )
        else:
            total.said += said


def _to_give(lesson: Lesson, student: str) -> Grading | None:
    """The grading of what lies in `submitted/` now; None where there is none to speak of."""
    course = lesson.course
    record = load_record(course, student, lesson.name)
    if record is None or record.outcome == "grader-error" or not record.content:
        return None
    top = course.step_folder("submitted")
    order = Order(
        folder=top / student / lesson.name,
        top=top,
        where="",
        lesson=lesson.name,
        ignore=tuple(course.config.CourseDirectory.get("ignore", [])),
        limits=limits_from(course.config),
    )
    if link_to(order) is not None or content_of(order) != record.content:
        return None  # a newer one waits to be graded
    return Grading(content=record.content, graded_at=record.graded_at)


def _give(
    exchange: Exchange, lesson: Lesson, student: str, grading: Grading, most: int, zone: ZoneInfo
) -> list[str]:
    """Release the feedback on a grading, or what says when it comes. Raises `ExchangeError`."""
    course, name = exchange.course, lesson.name
    if glob.escape(student) != student:
        raise ExchangeError("nbgrader takes this name for a pattern")
    given = read_given(course, student, name)
    begun = given.of(grading)
    if begun is not None and begun.done:
        return []
    when = now()
    if begun is None and given.on_the_day_of(when, zone) >= most:
        if given.later == grading:
            return []
        midnight = midnight_after(when, zone)
        if not given.has_page(grading.content):  # else that one stays until then
            _say_when(exchange, lesson, student, most, midnight, zone)
        write_given(course, student, name, given.model_copy(update={"later": grading}))
        return [
            f"{student}, {name}: {counted(most, 'feedback')} today already; the next after midnight"
        ]
    if begun is None:
        given = given.begun(grading, when)
        write_given(course, student, name, given)
    try:
        exchange.release_feedback(student, name)
    except ExchangeError:
        if begun is None:
            write_given(course, student, name, given.without(grading))
        raise
    write_given(course, student, name, given.done(grading))
    return [f"{student}, {name}: feedback released"]


def _say_when(
    exchange: Exchange,
    lesson: Lesson,
    student: str,
    most: int,
    midnight: datetime,
    zone: ZoneInfo,
) -> None:
    """Release a page in the place of the feedback that says when it comes, and shows no mark."""
    course = exchange.course
    there = course.root / LATER / student / lesson.name
    graded = course.step_folder("autograded") / student / lesson.name
    text = (
        escaping()
        .get_template("feedback_later.html.j2")
        .render(
            lesson=lesson.name,
            most=most,
            until=f"{midnight:%A} {midnight.day} {midnight:%B %Y, %H:%M} ({zone.key})",
        )
    )
    try:
        for name in (STAMP, SECRET):
            write_whole(there / name, _read(graded / name))
        write_whole(there / f"{lesson.name}.html", text.encode())
        exchange.release_other(LATER, student, lesson.name)
    finally:
        shutil.rmtree(there, ignore_errors=True)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ExchangeError(f"{path.name} of the submission cannot be read") from error
