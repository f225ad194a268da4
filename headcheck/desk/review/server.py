"""The page of `headcheck review` and what it asks for. On this machine only, for who has the link.

The page itself holds nothing. All that is anybody's comes from `/api/`, and only with the token of
this run, which stands behind the `#` of the link and so in no request's address, log or referrer. A
page of another origin cannot send it; a name that points here (DNS rebinding) is not answered.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import signal
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import asdict
from importlib.resources import files
from typing import Any
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, HTTPError, RequestHandler

from headcheck.course.directory import Course, CourseError
from headcheck.course.roster import read_roster
from headcheck.course.scheme import scheme
from headcheck.desk.console import warn
from headcheck.desk.review.texts import unreadable, written
from headcheck.desk.review.together import together
from headcheck.desk.visible import line, lines
from headcheck.grading import by_hand, harmless
from headcheck.grading.by_hand import Answer, Mark, Newer, Question
from headcheck.grading.database import why_not_written
from headcheck.grading.gradebook import ClassGradebook

MOST_TEXTS = 30  # in one reply
MOST_BODY = 100_000
MOST_PEOPLE = 200  # who handed in one file
TOKEN = "X-Headcheck-Token"
_PAGE = {"": ("page.html", "text/html"), "page.js": ("page.js", "text/javascript")}
_PAGE |= {"page.css": ("page.css", "text/css")}
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class _Wanted(BaseModel):
    model_config = ConfigDict(extra="forbid")

    score: float | None
    comment: str
    waits: bool


class _Marking(BaseModel):
    """What the page sends: the mark to write, and the one that it showed."""

    model_config = ConfigDict(extra="forbid")

    id: str
    also: list[str] = Field(default=[], max_length=MOST_PEOPLE, description="others of the group")
    wanted: _Wanted
    seen: _Wanted


class Desk:
    """What one run of `headcheck review` knows."""

    def __init__(self, course: Course, gradebook: ClassGradebook, *, anonymous: bool) -> None:
        self.course, self.gradebook, self.anonymous = course, gradebook, anonymous
        self.token = secrets.token_urlsafe(32)
        self.names = {one.id: one.name for one in read_roster(course.root)}
        self.read_only = why_not_written(course.db_url)
        self.hosts: frozenset[str] = frozenset()  # that we answer to, when the port is known

    def question(self, assignment: str, name: str) -> Question:
        for question in by_hand.questions(self.gradebook, assignment):
            if question.name == name:
                return question
        raise LookupError(f"there is no written question {name} in {assignment}")

    def questions(self) -> list[dict[str, Any]]:
        """Every question with the number of its answers and of those that wait; a group's is one."""
        counts: dict[Question, list[int]] = {}
        for question in by_hand.questions(self.gradebook):
            counts[question] = [0, 0]
        for answer, *_ in together(self.course, by_hand.all_answers(self.gradebook)):
            counts[answer.question][0] += 1
            counts[answer.question][1] += answer.mark.waits and not unreadable(self.course, answer)
        return [
            {**asdict(question), "answers": many, "waiting": waiting}
            for question, (many, waiting) in counts.items()
            if many
        ]

    def answers(self, question: Question, *, anonymous: bool) -> dict[str, Any]:
        """The question, its scheme and the state of every answer, without their texts."""
        beside = scheme(self.course.root, question.assignment, question.notebook, question.name)
        found = by_hand.answers(self.gradebook, question)
        if anonymous or self.anonymous:
            found.sort(key=lambda answer: answer.id)  # random, and the same every time
        return {
            **asdict(question),
            "question": harmless.markdown(beside.question),
            "scheme": harmless.markdown(beside.solution),
            "anonymous": self.anonymous,
            "read_only": self.read_only,
            "answers": [
                self._state(group, f"answer {number}" if anonymous or self.anonymous else "")
                for number, group in enumerate(together(self.course, found), start=1)
            ],
        }

    def _state(self, group: Sequence[Answer], instead: str) -> dict[str, Any]:
        """What the page shows of one answer; `group`: who handed it in together."""
        first = group[0]
        names = [name for answer in group if (name := self.names.get(answer.student, ""))]
        return {
            "id": first.id,
            "also": [answer.id for answer in group[1:]],
            "label": instead or line(", ".join(answer.student for answer in group)),
            "name": "" if instead else line(", ".join(names)),
            "empty": first.auto_score == 0,
            "unreadable": first.mark.waits and bool(unreadable(self.course, first)),
            "mark": asdict(first.mark),
        }

    def texts(self, question: Question, wanted: Sequence[str]) -> list[dict[str, str]]:
        """The texts of some of the answers, at most `MOST_TEXTS`."""
        found = []
        for answer in by_hand.answers(self.gradebook, question, wanted[:MOST_TEXTS]):
            shown = written(self.course, answer)
            found.append({"id": answer.id, "html": shown.html, "file": shown.file})
        return found


class _Handler(RequestHandler):
    def initialize(self, desk: Desk) -> None:
        self.desk = desk

    def set_default_headers(self) -> None:
        self.clear_header("Server")
        for name, value in _HEADERS.items():
            self.set_header(name, value)

    def prepare(self) -> None:
        if self.request.headers.get("Host", "") not in self.desk.hosts:
            raise HTTPError(403, reason="Not this server's name")
        origin = self.request.headers.get("Origin")
        if origin is not None and origin.removeprefix("http://") not in self.desk.hosts:
            raise HTTPError(403, reason="A page of another server")

    def write_error(self, status_code: int, **_: Any) -> None:
        self.finish({"error": lines(self._reason)})


class _Page(_Handler):
    def get(self, name: str) -> None:
        if name not in _PAGE:
            raise HTTPError(404)
        file, kind = _PAGE[name]
        self.set_header("Content-Type", f"{kind}; charset=utf-8")
        self.finish((files("headcheck.desk.review") / file).read_bytes())


class _Api(_Handler):
    def prepare(self) -> None:
        super().prepare()
        given = self.request.headers.get(TOKEN, "")
        if not secrets.compare_digest(given.encode(), self.desk.token.encode()):
            raise HTTPError(403, reason="The link is of another run of headcheck review")

    def get(self, what: str) -> None:
        self._answer(lambda: self._read(what))

    def _read(self, what: str) -> object:
        if what == "questions":
            return {"questions": self.desk.questions()}
        if what not in ("answers", "texts"):
            raise HTTPError(404)
        question = self.desk.question(self.get_argument("assignment"), self.get_argument("name"))
        if what == "answers":
            anonymous = self.get_argument("anonymous", "") == "1"
            return self.desk.answers(question, anonymous=anonymous)
        return {"texts": self.desk.texts(question, self.get_argument("ids").split(","))}

    def post(self, what: str) -> None:
        if what != "mark" or not self.request.headers.get("Content-Type", "").startswith(
            "application/json"
        ):
            raise HTTPError(404)
        self._answer(self._mark)

    def _mark(self) -> object:
        if self.desk.read_only:
            raise CourseError(self.desk.read_only)
        asked = _Marking.model_validate_json(self.request.body)
        wanted, seen = Mark(**asked.wanted.model_dump()), Mark(**asked.seen.model_dump())
        now = by_hand.mark(self.desk.gradebook, asked.id, wanted, seen, asked.also)
        return {"mark": asdict(now)}

    def _answer(self, made: Callable[[], object]) -> None:
        try:
            said = made()
        except Newer as newer:
            self.set_status(409)
            said = {"mark": asdict(newer.mark), "alike": newer.alike}
        except (ValidationError, ValueError) as error:
            self.set_status(400)
            plain = "this is no mark" if isinstance(error, ValidationError) else str(error)
            said = {"error": lines(plain)}
        except LookupError as error:
            self.set_status(404)
            said = {"error": lines(str(error.args[0]))}
        except CourseError as error:
            self.set_status(503)
            said = {"error": lines(str(error))}
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.finish(json.dumps(said))


def review(
    course: Course,
    assignment: str | None,
    name: str | None,
    *,
    port: int,
    anonymous: bool,
    say: Callable[[str], None],
) -> None:
    """Serve the page until Ctrl-C. Raises `CourseError` when there is nothing to read, or no port."""
    if assignment is not None:
        assignment = course.select([assignment])[0].name
    with closing(ClassGradebook(course)) as gradebook:
        desk = Desk(course, gradebook, anonymous=anonymous)
        start = _start(desk.questions(), assignment, name)
        if desk.read_only:
            warn(f"only to read: {desk.read_only}")
        with suppress(KeyboardInterrupt):
            asyncio.run(_serve(desk, start, port, say))


def _start(found: list[dict[str, Any]], assignment: str | None, name: str | None) -> str:
    """The question to begin with, as part of the link."""
    fitting = [
        one
        for one in found
        if assignment in (None, one["assignment"]) and name in (None, one["name"])
    ]
    if not fitting:
        if not found:
            raise CourseError("nobody has handed in a written answer yet; run `headcheck grade`.")
        known = ", ".join(f"{one['assignment']} {one['name']}" for one in found)
        asked = " ".join(part for part in (assignment, name) if part)
        raise CourseError(f"there is no written answer to {asked} yet. There are: {known}.")
    first = max(fitting, key=lambda one: one["waiting"] > 0)
    return f"assignment={quote(first['assignment'])}&name={quote(first['name'])}"


async def _serve(desk: Desk, start: str, port: int, say: Callable[[str], None]) -> None:
    handlers = [
        (r"/api/(\w+)", _Api, {"desk": desk}),
        (r"/(.*)", _Page, {"desk": desk}),
    ]
    server = HTTPServer(Application(handlers, log_function=_quiet), max_body_size=MOST_BODY)
    try:
        sockets = bind_sockets(port, "127.0.0.1")
    except OSError as error:
        raise CourseError(
            f"port {port} cannot be used ({error.strerror}); leave --port out, or name another."
        ) from None
    port = sockets[0].getsockname()[1]
    desk.hosts = frozenset({f"127.0.0.1:{port}", f"localhost:{port}"})
    server.add_sockets(sockets)
    end = asyncio.Event()
    with suppress(NotImplementedError):  # Windows
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, end.set)
    say(f"http://127.0.0.1:{port}/#token={desk.token}&{start}")
    marks = "No mark can be given" if desk.read_only else "Each mark is in the gradebook at once"
    say(f"Open this link on this machine; Ctrl-C ends it. {marks}.")
    await end.wait()
    server.stop()


def _quiet(_: RequestHandler) -> None:
    """No line for each request."""
