"""Marks and feedback through Canvas's API, for who has a token: first read what is there, then send
what differs.

Canvas's own answer decides what is said to be done: after sending, the marks are read again.
"""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from headcheck.course.counted import counted
from headcheck.course.directory import CourseError
from headcheck.desk.lms.canvas_sheet import CanvasSheet, canvas_sheet
from headcheck.desk.lms.sheet import Cell, Row, Sheet, as_number
from headcheck.desk.visible import line

TOKEN = "CANVAS_TOKEN"
SECONDS = 60  # without an answer
PATIENCE = 600  # seconds that Canvas may work on what was sent
AT_ONCE = 200  # marks in one request
_HEADINGS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Email", "Section")
_LOCAL = {"localhost", "127.0.0.1", "::1"}
AGAIN = "What had arrived by then is in Canvas: run the same command again, and what it has is not sent twice."


@dataclass(frozen=True)
class Place:
    """A course of a Canvas."""

    url: str
    course: str

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc

    def options(self) -> list[str]:
        """What says it on the command line. Without `--yes`: that is for who has looked."""
        return ["--send", "--canvas-url", self.url, "--canvas-course", self.course]


def checked(url: str | None, course: str | None) -> Place:
    """Raises `CourseError` for what no token may be sent to."""
    if not url or not course:
        raise CourseError(
            "--send needs --canvas-url https://canvas.school.example and --canvas-course NUMBER (the "
            "number in the address of the course), or CANVAS_URL and CANVAS_COURSE in the environment."
        )
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOCAL):
        raise CourseError(f"--canvas-url {line(url)} must begin with https://; a token goes there.")
    if parts.username or parts.password:
        raise CourseError("--canvas-url holds a user name or password; leave them out.")
    if not course.isdigit():
        raise CourseError(f"--canvas-course {line(course)} is not a number.")
    return Place(f"{parts.scheme}://{parts.netloc}", course)


def nothing_sent(number: int, what: str) -> str:
    """What a look ends with that was not told to send."""
    if not number:
        return "Nothing was sent, and nothing is left to send."
    return f"Nothing was sent. To send {counted(number, what)}, add --yes."


class CanvasCourse:
    """One assignment of a Canvas course, opened with the token of the environment."""

    def __init__(self, place: Place, assignment: str) -> None:
        token = os.environ.get(TOKEN, "").strip()
        if not token:
            raise CourseError(
                f"there is no token in {TOKEN}. Make one in Canvas (Account, Settings, New Access Token), "
                f"then: read -rs {TOKEN}; export {TOKEN}"
            )
        self.place, self._token = place, token
        with self._in_words("the course"):
            self._course = _connect(place.url, token).get_course(place.course)
        with self._in_words("its assignments"):
            self.assignment = self._find(assignment)

    def _find(self, wanted: str) -> Any:
        every = list(self._course.get_assignments(per_page=100))
        fitting = [
            one
            for one in every
            if str(one.id) == wanted or one.name.strip().casefold() == wanted.strip().casefold()
        ]
        if len(fitting) != 1:
            names = ", ".join(f"{line(one.name)} ({one.id})" for one in every[:20])
            many = "several assignments are" if fitting else "no assignment is"
            raise CourseError(f"{many} called {wanted!r} in Canvas; --column NAME. There: {names}.")
        kind = getattr(fitting[0], "grading_type", "points")
        if kind in ("pass_fail", "not_graded"):
            raise CourseError(f"{line(fitting[0].name)} takes no points in Canvas (it is {kind}).")
        return fitting[0]

    def posted_by_hand(self) -> str:
        """That students will see it later, where the assignment's settings are so."""
        if not getattr(self.assignment, "post_manually", False):
            return ""
        return (
            f"{line(self.assignment.name)} is posted by hand: students see marks and comments once you post "
            "them in Canvas (Grades, the column's menu, Post grades)."
        )

    def one_mark_for_a_group(self) -> str:
        """That a mark is also somebody else's, where the assignment's settings are so."""
        by_groups = not getattr(self.assignment, "grade_group_students_individually", True)
        if not (by_groups and getattr(self.assignment, "group_category_id", None)):
            return ""
        return (
            f"{line(self.assignment.name)} is graded by groups: Canvas gives a mark to everybody of the group, "
            "so where they have different marks here, the one that it takes last counts for all (in its "
            "settings: assign grades to each student individually)."
        )

    def table(self) -> CanvasSheet:
        """Students and the marks that Canvas has, as the gradebook's export would have them."""
        heading = f"{self.assignment.name} ({self.assignment.id})"
        most = getattr(self.assignment, "points_possible", None)
        rows = [[*_HEADINGS, heading], ["    Points Possible", "", "", "", "", "", _text(most)]]
        marks = self.marks()
        with self._in_words("its students"):
            users = self._course.get_users(
                enrollment_type=["student"], include=["email"], per_page=100
            )
            for user in users:
                facts = ("sortable_name", "id", "sis_user_id", "login_id", "email")
                told = [_text(getattr(user, fact, None)) for fact in facts]
                rows.append([*told, "", marks.get(str(user.id), "")])
        sheet = Sheet(b"", "utf-8", ",", [Row([Cell(t, t) for t in row], "\n") for row in rows])
        return canvas_sheet(sheet)

    def marks(self) -> dict[str, str]:
        """Canvas's number of a student -> the mark that was entered there, or EX."""
        with self._in_words("the marks"):
            return {
                str(one.user_id): _entered(one)
                for one in self.assignment.get_submissions(per_page=100)
            }

    def send(
        self, marks: Mapping[str, str], *, pause: Callable[[float], None] = time.sleep
    ) -> list[str]:
        """Send number of a student -> mark, wait for Canvas; whom it did not take.

        Raises `CourseError` when it stops half way: `not_taken` then says what has not arrived.
        """
        items = list(marks.items())
        for start in range(0, len(items), AT_ONCE):
            data = {user: {"posted_grade": mark} for user, mark in items[start : start + AT_ONCE]}
            with self._in_words("sending the marks"):
                self._wait(self.assignment.submissions_bulk_update(grade_data=data), pause)
        return self.not_taken(marks)

    def not_taken(self, marks: Mapping[str, str]) -> list[str]:
        """Who has another mark in Canvas than this, now."""
        now = self.marks()
        return [
            user for user, mark in marks.items() if as_number(now.get(user, "")) != as_number(mark)
        ]

    def attached(self) -> dict[str, set[str]]:
        """Canvas's number of a student -> names of the files in the comments on their submission."""
        with self._in_words("the comments"):
            return {
                str(one.user_id): _files(getattr(one, "submission_comments", None) or [])
                for one in self.assignment.get_submissions(
                    include=["submission_comments"], per_page=100
                )
            }

    def comment(self, user: str, text: str, file: Path) -> bool:
        """A comment on a student's submission with this file; whether Canvas took the file."""
        from canvasapi.exceptions import ResourceDoesNotExist
        from canvasapi.upload import Uploader

        with self._in_words("sending feedback"):
            try:
                submission = self.assignment.get_submission(user)
            except ResourceDoesNotExist:  # it is assigned to others, or this one has just left
                return False
            where = (
                f"courses/{self.place.course}/assignments/{self.assignment.id}/submissions/{user}"
            )
            taken, said = Uploader(
                submission._requester, f"{where}/comments/files", file, content_type="text/html"
            ).start()
            if taken:
                submission.edit(comment={"text_comment": text, "file_ids": [said["id"]]})
        return bool(taken)

    def _wait(self, progress: Any, pause: Callable[[float], None]) -> None:
        waited, step = 0.0, 0.5
        while progress.workflow_state not in ("completed", "failed"):
            if waited > PATIENCE:
                raise CourseError(
                    "Canvas has not finished what was sent; look at its gradebook in some minutes."
                )
            pause(step)
            waited, step = waited + step, min(5.0, step * 1.5)
            progress = progress.query()
        if progress.workflow_state == "failed":
            said = line(str(getattr(progress, "message", "") or "no reason given"))[:200]
            raise CourseError(f"Canvas could not take the marks ({self._safe(said)}).")

    def _safe(self, text: str) -> str:
        return text.replace(self._token, "...")

    @contextmanager
    def _in_words(self, what: str) -> Iterator[None]:
        """Trouble with Canvas as one sentence, without the token."""
        import requests
        from canvasapi import exceptions as canvas

        where = self.place.host
        try:
            yield
        except (canvas.InvalidAccessToken, canvas.Unauthorized):
            said = (
                f"{where} does not take the token in {TOKEN}, or it has no right to this ({what})"
            )
            raise CourseError(f"{said}; make a new one (Account, Settings).") from None
        except canvas.Forbidden as error:
            if isinstance(error, canvas.RateLimitExceeded) or "Rate Limit" in str(error):
                raise CourseError(
                    f"{where} asks for a pause; run the same command in a minute."
                ) from None
            raise CourseError(
                f"{where} does not allow {what} with this token; it needs a teacher's or TA's rights."
            ) from None
        except canvas.ResourceDoesNotExist:
            raise CourseError(
                f"{where} has no course {self.place.course} for this token; the number is in the address "
                "of the course."
                if what == "the course"
                else f"{where} does not know what was asked for ({what}); was the assignment removed there?"
            ) from None
        except canvas.CanvasException as error:
            said = self._safe(line(str(error)))[:200]
            raise CourseError(f"{where} answered with an error at {what} ({said}).") from None
        except (
            requests.Timeout,
            requests.ConnectionError,
            requests.exceptions.ChunkedEncodingError,
        ):
            raise CourseError(
                f"{where} does not answer ({what}); is --canvas-url right, and the network there?"
                if what == "the course"
                else f"{where} stopped answering ({what}); is the network there?"
            ) from None
        except (requests.RequestException, ValueError, AttributeError, KeyError) as error:
            raise CourseError(
                f"{where} does not answer like a Canvas ({what}: {type(error).__name__})."
            ) from None


def _connect(url: str, token: str) -> Any:
    try:
        import canvasapi
    except ImportError:
        raise CourseError(
            "--send needs canvasapi: pip install 'headcheck[canvas]'. Without it: --template FILE."
        ) from None

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of http://, which is this machine alone
        canvas = canvasapi.Canvas(url, token)
    session = canvas._Canvas__requester._session
    session.request = partial(session.request, timeout=SECONDS)  # it would wait for ever
    return canvas


def _entered(submission: Any) -> str:
    """What a person entered: Canvas's own late policy takes from that, and is not undone."""
    if getattr(submission, "excused", None):
        return "EX"
    entered = getattr(submission, "entered_score", None)
    return _text(entered if entered is not None else getattr(submission, "score", None))


def _files(comments: Iterable[Mapping[str, Any]]) -> set[str]:
    files = [file for one in comments for file in one.get("attachments") or []]
    return {str(file.get("display_name") or file.get("filename") or "") for file in files}


def _text(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
