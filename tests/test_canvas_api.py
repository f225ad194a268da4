"""Do marks and feedback reach Canvas through its API: after a dry run, each to its student, and no token in sight?"""

from __future__ import annotations

import json
import re
import shlex
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from lms_class import SECRETS, copy_of, read_by_a_person
from marked_course import here
from tiny_course import NAME, headcheck

from headcheck.course.directory import Course, CourseError
from headcheck.desk.lms.canvas_api import TOKEN, Place, checked
from headcheck.desk.lms.canvas_comments import SendTo
from headcheck.desk.lms.export import Request, export_command
from headcheck.desk.lms.send_back import feedback_command
from headcheck.desk.todo import todo

SECRET = "7~tokenwombat"


@dataclass
class FakeCanvas:
    """What a Canvas with one course of five students would answer, on this machine alone."""

    url: str = ""
    points: float = 6.0
    scores: dict[str, float | None] = field(default_factory=dict)
    excused: set[str] = field(default_factory=set)
    deaf: set[str] = field(default_factory=set)  # whose marks it does not take
    status: int = 200
    progress: list[str] = field(default_factory=lambda: ["queued", "running", "completed"])
    posted: list[dict[str, str]] = field(default_factory=list)
    comments: list[tuple[str, str, str, str]] = field(default_factory=list)  # who, text, name, page
    uploads: dict[str, tuple[str, str]] = field(default_factory=dict)  # number -> name, page
    full: set[str] = field(default_factory=set)  # whose files it does not take
    body: str = SECRET  # of what it says then
    troubles: dict[str, int] = field(
        default_factory=dict
    )  # a part of a path -> what it answers there
    settings: dict[str, Any] = field(default_factory=dict)  # of the assignment, besides

    def users(self) -> list[dict[str, Any]]:
        return [
            {
                "id": 4711,
                "sortable_name": "Lovelace, Ada",
                "sis_user_id": "s0815",
                "login_id": "alov",
            },
            {"id": 4712, "sortable_name": "Müller, Bob", "email": "BOB@example.org"},
            {"id": 4713, "sortable_name": "Chen, Cy"},
            {"id": 4716, "sortable_name": "Dahl, Jon"},
            {"id": 4799, "sortable_name": "Guest, Some"},
        ]

    def answer(self, method: str, path: str, form: dict[str, str]) -> Any:
        if path == "/courses/7":
            return {"id": 7, "name": "Heads"}
        if path == "/courses/7/assignments":
            return [
                {"id": 90001, "name": NAME, "points_possible": self.points, "course_id": 7}
                | self.settings,
                {"id": 90002, "name": "Essay", "points_possible": 10.0, "course_id": 7},
            ]
        if path in ("/courses/7/users", "/courses/7/search_users"):
            return self.users()
        if path == "/courses/7/assignments/90001/submissions":
            return [
                {
                    "user_id": user["id"],
                    "entered_score": self.scores.get(str(user["id"])),
                    "excused": str(user["id"]) in self.excused,
                    "submission_comments": [
                        {"comment": text, "attachments": [{"display_name": name}]}
                        for who, text, name, _ in self.comments
                        if who == str(user["id"])
                    ],
                }
                for user in self.users()
            ]
        if found := re.fullmatch(r"/courses/7/assignments/90001/submissions/(\d+)(.*)", path):
            return self.submission(method, found[1], found[2], form)
        if method == "POST" and path.endswith("/submissions/update_grades"):
            self.posted.append(form)
            for name, mark in form.items():
                found = re.fullmatch(r"grade_data\[(\d+)\]\[posted_grade\]", name)
                assert found, name
                if found[1] not in self.deaf:
                    self.scores[found[1]] = float(mark)
            return {"id": 5, "workflow_state": self.progress[0]}
        if path == "/progress/5":
            if len(self.progress) > 1:
                self.progress.pop(0)
            return {"id": 5, "workflow_state": self.progress[0], "message": f"no, {SECRET}"}
        return None

    def submission(self, method: str, who: str, rest: str, form: dict[str, str]) -> Any:
        if rest == "/comments/files":
            number = "" if who in self.full else str(len(self.uploads) + 1)
            self.uploads[number] = (form["name"], "")
            return {"upload_url": f"{self.url}/store", "upload_params": {"key": number or "none"}}
        if method == "PUT":
            name, page = self.uploads[form["comment[file_ids][]"]]
            self.comments.append((who, form["comment[text_comment]"], name, page))
        return {"user_id": int(who), "assignment_id": 90001, "course_id": 7}

    def store(self, body: str) -> Any:
        """Where the files go: another server, which never sees the token."""
        number = body.partition('name="key"')[2].split()[0]
        if number == "none":
            return {"message": "file is too large"}
        name, _ = self.uploads[number]
        self.uploads[number] = (name, body[body.index("<!") :].partition("</html>")[0])
        return {"id": int(number), "url": "/files/1"}


class Handler(BaseHTTPRequestHandler):
    canvas: FakeCanvas

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length).decode()
        split = urlsplit(self.path)
        if split.path == "/store":
            assert SECRET not in str(self.headers) + body
            self.reply(200, self.canvas.store(body))
            return
        form = dict(parse_qsl(body))
        query = dict(parse_qsl(split.query))
        status, data = self.canvas.status, None
        if self.headers["Authorization"] != f"Bearer {SECRET}":
            status = 401
        for part, trouble in self.canvas.troubles.items():
            status = trouble if part in split.path else status
        if status == 200:
            data = self.canvas.answer(self.command, split.path.removeprefix("/api/v1"), form)
            status = 404 if data is None else 200
        links = ""
        if status == 200 and split.path.endswith("users"):  # two pages
            page = int(query.get("page", 1))
            data = data[:2] if page == 1 else data[2:]
            links = f'<{self.canvas.url}{split.path}?page=2>; rel="next"' if page == 1 else ""
        self.reply(status, data, links)

    def reply(self, status: int, data: Any, links: str = "") -> None:
        body = json.dumps(
            data if data is not None else {"errors": [{"message": self.canvas.body}]}
        ).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if status == 401:
            self.send_header("WWW-Authenticate", "Bearer")
        if links:
            self.send_header("Link", links)
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_PUT = do_GET

    def log_message(self, *_: Any) -> None:
        """Nothing on the terminal."""


@pytest.fixture
def canvas(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeCanvas]:
    monkeypatch.setenv(TOKEN, SECRET)
    fake = FakeCanvas()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Mine", (Handler,), {"canvas": fake}))
    fake.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield fake
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = copy_of(tmp_path_factory)(tmp_path_factory.mktemp("send"))
    read_by_a_person(made, bob=2, cy=1, jon=2)
    return made


def send(
    course: Path, canvas: FakeCanvas, *, really: bool = True, column: str | None = None
) -> int:
    request = Request(
        to="canvas",
        assignments=[NAME],
        column=column,
        send_to=Place(canvas.url, "7"),
        really=really,
    )
    return export_command(Course.open(course), request)


def test_are_marks_sent_only_when_asked_and_only_those_that_differ(
    course: Path, canvas: FakeCanvas, capsys: pytest.CaptureFixture[str]
) -> None:
    canvas.scores, canvas.excused = {"4712": 3.0, "4713": 1.0, "4716": 2.0}, {"4716"}
    send(course, canvas, really=False)
    said = capsys.readouterr().out
    assert "Nothing was sent. To send 2 marks, add --yes." in said
    assert "replaces marks that the LMS had: cy 1 -> 3" in said
    assert canvas.posted == []
    send(course, canvas)
    said = capsys.readouterr().out
    assert f"2 marks sent to {NAME} (90001)" in said
    assert "kept as the LMS has it, EX: jon" in said
    assert canvas.posted == [
        {"grade_data[4711][posted_grade]": "2.75", "grade_data[4713][posted_grade]": "3"}
    ]
    send(course, canvas)  # again: nothing is left to do
    assert len(canvas.posted) == 1
    assert "0 marks sent" in capsys.readouterr().out


def test_is_it_said_when_canvas_did_not_take_a_mark(
    course: Path, canvas: FakeCanvas, capsys: pytest.CaptureFixture[str]
) -> None:
    canvas.deaf = {"4712"}
    assert send(course, canvas) == 1
    assert "did not take the marks of bob; look there" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"progress": ["failed"]}, "Canvas could not take the marks (no reason given)"),
        ({"progress": ["queued", "failed"]}, "Canvas could not take the marks (no, ...)"),
        ({"status": 401}, "does not take the token in CANVAS_TOKEN"),
        ({"status": 403}, "does not allow the course with this token"),
        ({"status": 404}, "has no course 7 for this token"),
        ({"status": 429}, "asks for a pause"),
        ({"status": 403, "body": "403 Forbidden (Rate Limit Exceeded)"}, "asks for a pause"),
        ({"status": 500}, "answered with an error at the course"),
        ({"points": 20.0}, "has 6 points here and 20 in Canvas"),
        ({"url": "http://127.0.0.1:9"}, "127.0.0.1:9 does not answer"),
    ],
)
def test_is_every_trouble_one_sentence_without_the_token(
    course: Path, canvas: FakeCanvas, change: dict[str, Any], said: str
) -> None:
    for name, value in change.items():
        setattr(canvas, name, value)
    with pytest.raises(CourseError) as error:
        send(course, canvas)
    assert said in str(error.value)
    assert SECRET not in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("part", "status", "said"),
    [
        ("/update_grades", 500, "answered with an error at sending the marks"),
        ("/update_grades", 404, "does not know what was asked for (sending the marks)"),
        ("/progress/", 500, "answered with an error at sending the marks"),
    ],
)
def test_is_it_known_what_had_arrived_when_sending_marks_stopped(
    own: Path,
    canvas: FakeCanvas,
    capsys: pytest.CaptureFixture[str],
    part: str,
    status: int,
    said: str,
) -> None:
    canvas.troubles = {part: status}
    with pytest.raises(CourseError) as error:
        send(own, canvas)
    assert said in str(error.value)
    assert "run the same command again, and what it has is not sent twice" in str(error.value)
    arrived = len(canvas.scores)
    out = capsys.readouterr().out
    assert "4 marks to send" in out
    assert f"{arrived} marks sent" in out
    read_by_a_person(own, bob=1)
    known = [one for one in todo(Course.open(own)) if one.kind == "outdated"]
    assert bool(known) == bool(arrived)


def test_is_it_said_when_students_see_it_later_or_a_group_gets_one_mark(
    own: Path, canvas: FakeCanvas, capsys: pytest.CaptureFixture[str]
) -> None:
    canvas.settings = {"post_manually": True, "group_category_id": 3}
    for send_it in (send, feed):
        send_it(own, canvas, really=False)
        said = capsys.readouterr().out
        assert "students see marks and comments once you post them" in said
        assert "graded by groups" not in said  # each by itself, as far as is known
    canvas.settings = {"group_category_id": 3, "grade_group_students_individually": False}
    send(own, canvas, really=False)
    said = capsys.readouterr().out
    assert "gives a mark to everybody of the group" in said
    assert "posted by hand" not in said


def test_is_an_assignment_of_another_name_asked_for(course: Path, canvas: FakeCanvas) -> None:
    with pytest.raises(
        CourseError, match=r"no assignment is called 'Homework'.*01-double \(90001\)"
    ):
        send(course, canvas, column="Homework")
    send(course, canvas, column="90001")
    assert canvas.posted


@pytest.mark.parametrize(
    ("url", "number", "said"),
    [
        ("http://canvas.example.org", "7", "must begin with https://"),
        ("https://me:pw@canvas.example.org", "7", "user name or password"),
        ("canvas.example.org", "7", "must begin with https://"),
        ("https://canvas.example.org", "abc", "is not a number"),
        (None, "7", "--send needs --canvas-url"),
    ],
)
def test_does_no_token_go_where_it_should_not(url: str | None, number: str, said: str) -> None:
    with pytest.raises(CourseError, match=re.escape(said)):
        checked(url, number)
    assert checked("https://canvas.example.org/api/v1/", "7").url == "https://canvas.example.org"


def test_does_the_command_line_send_and_never_print_the_token(
    course: Path, canvas: FakeCanvas, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANVAS_URL", canvas.url)
    monkeypatch.setenv("CANVAS_COURSE", "7")
    done = headcheck(course, "export", NAME, "--to", "canvas", "--send", "--yes")
    assert "4 marks sent" in done.stdout, done.stderr
    assert canvas.scores["4711"] == 2.75
    assert SECRET not in done.stdout + done.stderr
    assert done.stderr == ""
    assert done.returncode == 1  # dee and hal are not in that Canvas


# ---- feedback ------------------------------------------------------------------------------------


@pytest.fixture
def own(course: Path, tmp_path: Path) -> Path:
    made = Path(shutil.copytree(course, tmp_path / "course"))
    shutil.rmtree(made / ".headcheck" / "went-out", ignore_errors=True)  # of other tests
    return made


def feed(course: Path, canvas: FakeCanvas, *, really: bool = True, **options: bool) -> int:
    said = {"hold_back": False, "penalty": True, "dry_run": False} | options
    send_to = SendTo(Place(canvas.url, "7"), really=really)
    return feedback_command(
        Course.open(course), [NAME], [], lms="folders", to=None, send=send_to, **said
    )


def test_does_each_student_get_the_own_page_once_and_only_when_asked(
    own: Path, canvas: FakeCanvas, capsys: pytest.CaptureFixture[str]
) -> None:
    feed(own, canvas, really=False)
    said = capsys.readouterr().out
    assert f"4 pages would be sent to {NAME} (90001) in 127.0.0.1" in said
    gone = "(Who has left the course: a line in not-ours.txt.)"
    assert f"no page, not in that course of Canvas: dee, hal\n    {gone}" in said
    assert "Nothing was sent. To send 4 pages, add --yes." in said
    feed(own, canvas, dry_run=True)  # --yes or not
    assert (canvas.comments, canvas.uploads) == ([], {})
    capsys.readouterr()
    assert feed(own, canvas) == 1  # dee and hal are not in that Canvas
    assert f"{NAME}: 4 pages sent" in capsys.readouterr().out
    names = {"4711": "Ada Lovelace", "4712": "Bob Müller", "4713": "Cy Chen", "4716": "Jon Dahl"}
    assert {who for who, *_ in canvas.comments} == set(names)
    for who, text, name, page in canvas.comments:
        assert f"Feedback for <b>{names[who]}" in page or names[who] in page
        assert sum(other in page for other in names.values()) == 1
        assert "open it in a browser" in text
        assert re.fullmatch(rf"{NAME}-feedback-[0-9a-f]{{10}}\.html", name)
        assert not any(secret in page for secret in SECRETS)
    assert not (own / "outbox").exists()


def test_is_a_page_sent_again_only_when_it_says_something_else(
    own: Path, canvas: FakeCanvas, capsys: pytest.CaptureFixture[str]
) -> None:
    feed(own, canvas)
    feed(own, canvas)
    assert len(canvas.comments) == 4
    assert "there already, and the same: ada, bob, cy, jon" in capsys.readouterr().out
    read_by_a_person(own, bob=1)
    feed(own, canvas)
    assert [who for who, *_ in canvas.comments[4:]] == ["4712"]
    said = capsys.readouterr().out
    assert "1 page sent" in said
    assert "in a second comment, because the marks are others than those sent before: bob" in said


@pytest.mark.parametrize("verb", [("export", "--to", "canvas"), ("feedback",)])
def test_is_it_said_that_what_was_sent_is_of_earlier_marks_until_it_is_sent_again(
    own: Path, canvas: FakeCanvas, verb: tuple[str, ...]
) -> None:
    where = ("--send", "--canvas-url", canvas.url, "--canvas-course", "7")
    canvas.deaf = {"4716"}  # jon: Canvas has no mark of ours, so none of an earlier day
    here(own, *verb, NAME, *where, "--student", "bob")  # without --yes nothing is sent
    assert not (own / ".headcheck" / "went-out").exists()
    here(own, *verb, NAME, *where, "--yes", "--student", "bob")
    here(own, *verb, NAME, *where, "--yes")
    read_by_a_person(own, bob=1, jon=2 if verb[0] == "feedback" else 1)
    (waits,) = [one for one in todo(Course.open(own)) if one.kind == "outdated"]
    what = "pages" if verb[0] == "feedback" else "marks"
    assert waits.text.startswith(f"{NAME}: since the {what} for {NAME} (90001) in 127.0.0.1")
    assert waits.text.endswith("were sent, marks or comments have changed (bob); send them again")
    assert waits.text in here(own, "todo").output
    done = here(own, *shlex.split(waits.do)[1:])
    assert f"Nothing was sent. To send {'2 marks' if what == 'marks' else '1 page'}" in done.output
    assert [one.do for one in todo(Course.open(own)) if one.kind == "outdated"] == [waits.do]
    done = here(own, *shlex.split(waits.do)[1:], "--yes")
    assert f"1 {what[:-1]} sent" in done.output
    assert not [one for one in todo(Course.open(own)) if one.kind == "outdated"]


def test_does_a_command_that_was_stopped_go_on(
    own: Path, canvas: FakeCanvas, capsys: pytest.CaptureFixture[str]
) -> None:
    canvas.troubles = {"/4713/comments": 403}
    with pytest.raises(CourseError, match="does not allow sending feedback") as error:
        feed(own, canvas)
    assert SECRET not in str(error.value)
    assert str(error.value).endswith(
        "run the same command again, and what it has is not sent twice."
    )
    assert [who for who, *_ in canvas.comments] == ["4711", "4712"]
    assert "2 pages sent" in capsys.readouterr().out
    read_by_a_person(own, bob=1)  # also of what was sent before it stopped
    assert [one.text for one in todo(Course.open(own)) if "comments have changed (bob)" in one.text]
    read_by_a_person(own, bob=2)
    canvas.troubles, canvas.full = {}, {"4716"}
    assert feed(own, canvas) == 1
    assert [who for who, *_ in canvas.comments] == ["4711", "4712", "4713"]
    assert "Canvas did not take the file of: jon" in capsys.readouterr().out


def test_is_a_namesake_no_page_sent_and_not_said_to_be_in_no_course(
    own: Path, canvas: FakeCanvas, capsys: pytest.CaptureFixture[str]
) -> None:
    roster = own / "students.csv"
    text = roster.read_text().replace(
        "jon,Jon,Dahl,jon@example.org,4716,jdahl,0820", "jon,Cy,Chen,,,,"
    )
    roster.write_text(text.replace("cy,Cy,Chen,cy@example.org,4713,cchen,s0817", "cy,Cy,Chen,,,,"))
    assert feed(own, canvas) == 1
    said = capsys.readouterr().out
    assert "no page, not clear who it is: Chen, Cy (cy and jon are called so)" in said
    assert (
        "(A number, login or e-mail in students.csv, as the LMS has it, says who is who.)" in said
    )
    assert "not in that course of Canvas: dee, hal" in said
    assert [who for who, *_ in canvas.comments] == ["4711", "4712"]


def test_does_one_student_without_a_submission_there_stop_nobody_elses_page(
    own: Path, canvas: FakeCanvas, capsys: pytest.CaptureFixture[str]
) -> None:
    canvas.troubles = {"/submissions/4712": 404}  # bob: it is assigned to others
    assert feed(own, canvas) == 1
    assert [who for who, *_ in canvas.comments] == ["4711", "4713", "4716"]
    assert "Canvas did not take the file of: bob" in capsys.readouterr().out


def test_does_the_command_line_send_feedback(
    own: Path, canvas: FakeCanvas, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANVAS_URL", canvas.url)
    monkeypatch.setenv("CANVAS_COURSE", "7")
    done = here(own, "feedback", NAME, "--send", "--yes", "--column", "90001")
    assert "4 pages sent" in done.output
    assert len(canvas.comments) == 4
    assert SECRET not in done.output
    for wrong in (("--for", "moodle"), ("--output", "x.zip")):
        done = here(own, "feedback", NAME, "--send", *wrong)
        assert (done.exit_code, "--send goes to Canvas" in done.output) == (2, True), done.output
