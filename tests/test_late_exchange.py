"""Is what comes late through nbgrader's exchange late by the time in its timestamp.txt, and costs what dates.yaml says?"""

from __future__ import annotations

import json
import sys
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from test_watch_exchange import Class
from tiny_course import NAME, headcheck

from headcheck.course.directory import Course
from headcheck.grading.gradebook import ClassGradebook, Standing

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="an exchange is for Unix users")
# Due at 22:59 UTC.
DATES = f"""
timezone: Europe/Berlin
grace_minutes: 10
late: {{per_day: 25%, most: 75%}}
due: {{{NAME}: 2020-01-10 23:59}}
extensions: [{{student: eve, lesson: {NAME}, days: 2}}, {{student: fay, lesson: {NAME}, days: 1}}]
"""
# What the file says; in UTC; seconds late; points lost of four.
HANDED_IN = {
    "in-time": ("2020-01-10 22:58:59.000001 UTC", "2020-01-10 22:58:59.000001", 0, 0),
    "grace": ("2020-01-10 23:09:00 UTC", "2020-01-10 23:09:00", 0, 0),
    "no-microseconds": ("2020-01-11 22:59:00 UTC", "2020-01-11 22:59:00", 86_400, 1),
    "offset": ("2020-01-11 00:30:00.5 +0100", "2020-01-10 23:30:00.5", 1860.5, 1),
    "named-zone": ("2020-01-12 23:00:00 CET", "2020-01-12 22:00:00", 169_260, 2),
    "far-away": ("2098-01-01 00:00:00 UTC", "2098-01-01 00:00:00", 2_460_675_660, 3),
    "eve": ("2020-01-12 22:00:00 UTC", "2020-01-12 22:00:00", 0, 0),
    "fay": ("2020-01-12 22:00:00 UTC", "2020-01-12 22:00:00", 82_860, 1),
}
# Handed in twice, the later one second.
TWICE = {
    # As a hub writes whose c.Exchange.timezone is New York's or Berlin's, in summer.
    "york": ("2020-07-10 12:00:00.000000 EDT", "2020-07-10 13:00:00.000000 EDT"),
    "berlin": ("2020-07-10 12:00:00.000000 CEST", "2020-07-10 13:00:00.000000 CEST"),
    "clocks-go-back": ("2020-10-25 02:30:00.000000 CEST", "2020-10-25 02:10:00.000000 CET"),
    "half-a-second": ("2020-07-10 12:00:00 UTC", "2020-07-10 12:00:00.5 UTC"),
}


def arrive(one: Class, student: str, stamp: str) -> None:
    """On the exchange, as `nbgrader submit` leaves it where the course's times look like that."""
    in_name = stamp.replace(" +0100", " UTC")  # a plus is between the parts of a name
    folder = one.folder.inbound / f"{student}+{NAME}+{in_name}+x"
    folder.mkdir()
    for name, data in one.files().items():
        (folder / name).write_bytes(data)
    (folder / "timestamp.txt").write_text(stamp)
    (folder / "submission_secret.txt").write_text("secret")
    folder.chmod(0o777)


def standings(course: Path) -> dict[str, Standing]:
    with closing(ClassGradebook(Course.open(course))) as book:
        return {student: found for (student, _), found in book.standings().items()}


def grade(course: Path) -> list[dict[str, Any]]:
    done = headcheck(course, "grade", "--engine", "nbgrader", "--json", "said.json")
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads((course / "said.json").read_text())
    return found


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Class, list[dict[str, Any]], str]:
    """The class, what `grade --json` says of it, and when nbgrader let `now` hand in."""
    one = Class(tmp_path_factory.mktemp("late")).make()
    (one.course / "dates.yaml").write_text(DATES)
    with (one.course / "grader_config.py").open("a") as config:
        config.write("c.Headcheck.feedback_per_day = 0\n")  # another file's
    for student, (stamp, *_) in HANDED_IN.items():
        arrive(one, student, stamp)
    arrive(one, "never", "2999-01-01 00:00:00 UTC")
    now = one.folder.submit("now", one.files())
    assert one.exchange() == 0
    return one, grade(one.course), now


@pytest.mark.parametrize("student", HANDED_IN)
def test_is_one_as_late_as_its_file_says_and_loses_what_the_course_says(
    graded: tuple[Class, list[dict[str, Any]], str], student: str
) -> None:
    one, said, _ = graded
    _, when, seconds, lost = HANDED_IN[student]
    found = standings(one.course)[student]
    assert found.timestamp == datetime.fromisoformat(when)
    assert (found.seconds_late, found.late_penalty) == (seconds, lost)
    (told,) = [line for line in said if line["student"] == student]
    assert (told["seconds_late"], told["late_penalty"], told["score"]) == (seconds, lost, 4)


def test_does_what_nbgrader_itself_writes_count(
    graded: tuple[Class, list[dict[str, Any]], str],
) -> None:
    one, _, now = graded
    found = standings(one.course)["now"]
    when = datetime.strptime(now, "%Y-%m-%d %H:%M:%S.%f %Z")
    assert found.timestamp == when
    assert found.seconds_late == (when - datetime(2020, 1, 10, 22, 59)).total_seconds()
    assert found.late_penalty == 3


def test_is_a_time_that_no_clock_can_have_told_said_and_not_held_against_anybody(
    graded: tuple[Class, list[dict[str, Any]], str],
) -> None:
    one, said, _ = graded
    (told,) = [line for line in said if line["student"] == "never"]
    assert told["late_penalty"] == 0 and standings(one.course)["never"].timestamp is None
    assert any("timestamp.txt cannot be read surely" in note for note in told["notes"])


def test_does_the_later_of_two_replace_the_earlier_in_whatever_zone_they_are_told(
    graded: tuple[Class, list[dict[str, Any]], str],
) -> None:
    one, *_ = graded
    for student, (first, _) in TWICE.items():
        arrive(one, student, first)
    assert one.exchange() == 0
    for student, (first, second) in TWICE.items():
        arrive(one, student, second)
        for stamp in (first, second):  # both there when somebody looks
            arrive(one, f"{student}-both", stamp)
    assert one.exchange() == 0
    last = {s + more: second for s, (_, second) in TWICE.items() for more in ("", "-both")}
    assert {s: one.submitted(s)["timestamp.txt"].decode() for s in last} == last
    folders = [one.course / "submitted" / student / NAME for student in last]
    before = [folder.stat().st_ino for folder in folders]
    assert one.exchange() == 0  # and none is taken once more
    assert [folder.stat().st_ino for folder in folders] == before
