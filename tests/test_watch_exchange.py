"""Does what comes through nbgrader's exchange come in, whole and by its owner, and feedback go back: each
grading once, so many in a day as the course says, whatever is killed in between?"""

from __future__ import annotations

import getpass
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from exchange_folder import COURSE, Folder
from hours import in_turn
from isolation import needs_isolation
from test_resident import serving
from tiny_course import NAME, headcheck, make_course

from headcheck.authoring.samples import Sample, compose
from headcheck.course.directory import Course, CourseError
from headcheck.course.feedback_rule import feedback_per_day, midnight_after
from headcheck.desk import exchange as desk
from headcheck.grading import brought_in
from headcheck.grading import exchange as theirs
from headcheck.grading.brought_in import NotTaken, bring_in, copy_plain
from headcheck.grading.given_back import given_file, read_given
from headcheck.grading.gradebook import ClassGradebook
from headcheck.grading.record import load_record, record_file
from headcheck.resident import server
from headcheck.resident.watch import Arrivals, Places

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="an exchange is for Unix users")
ANSWER = b"twice_as_much = x + x"
CONFIG = """
c.Exchange.root = {root!r}
c.ExchangeCollect.check_owner = False
c.Headcheck.feedback_per_day = 1
"""
LATER = "after midnight"


class Class:
    """A course, its exchange, and what its student hands in."""

    def __init__(self, top: Path) -> None:
        self.course, self.folder = top / "course", Folder(top / "exchange", top / "homes")

    def make(self) -> Class:
        make_course(self.course, torch=False)
        self.folder.root.mkdir()
        with (self.course / "grader_config.py").open("a") as config:
            config.write(CONFIG.format(root=str(self.folder.root)))
        # It is about noon there, so that no midnight comes while this runs.
        hour = datetime.now(UTC).hour
        zone = f"Etc/GMT{hour - 12:+}" if hour != 12 else "UTC"
        (self.course / "dates.yaml").write_text(f"timezone: {zone}\n")
        assert headcheck(self.course, "build", "--no-verify").returncode == 0
        self.folder.release(self.course / "notebooks" / NAME)
        return self

    def files(self, answer: bytes = ANSWER) -> dict[str, bytes]:
        right = compose(Sample(self.course, "right", NAME, loses=()), Course.open(self.course))
        return {name: data.replace(ANSWER, answer) for name, data in right.items()}

    def score(self, student: str) -> float:
        record = load_record(Course.open(self.course), student, NAME)
        assert record is not None
        return record.score

    def exchange(self, *students: str) -> int:
        return desk.exchange_command(Course.open(self.course), [], students)

    def submitted(self, student: str) -> dict[str, bytes]:
        there = self.course / "submitted" / student / NAME
        return {path.name: path.read_bytes() for path in there.glob("*")}


@pytest.fixture(scope="module")
def watched() -> Iterator[tuple[Class, dict[str, str]]]:
    """A class whose submissions were graded as they came; ada's second is over the limit. Times by name."""
    needs_isolation()
    top = Path(tempfile.mkdtemp())
    one, times = Class(top).make(), {}
    with serving(one.course, "--watch") as running:
        times["first"] = one.folder.submit("ada", one.files())
        assert running.line_with("ada, 01-double: feedback released")
        times["second"] = one.folder.submit("ada", one.files(b"twice_as_much = 3 * x"))
        assert running.line_with("1 feedback today already")
        # Somebody takes the exchange away, and puts it back with what bob handed in meanwhile.
        away = top / "away"
        one.folder.root.rename(away)
        times["bob"] = Folder(away, one.folder.homes).submit("bob", {f"{NAME}.ipynb": b"{broken"})
        away.rename(one.folder.root)
        assert running.line_with("bob, 01-double: feedback released")
        running.process.send_signal(signal.SIGTERM)
        assert running.line_with("Ended: told to")
    yield one, times
    shutil.rmtree(top)


@pytest.fixture
def copy(watched: tuple[Class, dict[str, str]], tmp_path: Path) -> Class:
    """The same after that, for a test of its own."""
    top = watched[0].course.parent
    shutil.copytree(top, tmp_path / "top", ignore=shutil.ignore_patterns("*.sock"))
    one = Class(tmp_path / "top")
    config = one.course / "grader_config.py"
    config.write_text(config.read_text().replace(str(top), str(tmp_path / "top")))
    return one


def tomorrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "now", lambda: datetime.now(UTC) + timedelta(days=1))


# ---- graded as it comes --------------------------------------------------------------------------


@in_turn
def test_is_what_arrives_graded_and_its_feedback_there_for_the_student(
    watched: tuple[Class, dict[str, str]],
) -> None:
    one, times = watched
    assert "4.0 / 6.0" in one.folder.fetch("ada", times["first"])
    assert "is not a notebook" in one.folder.fetch("bob", times["bob"])


def test_is_more_than_a_days_number_graded_and_the_student_told_when_feedback_comes(
    watched: tuple[Class, dict[str, str]],
) -> None:
    one, times = watched
    assert one.score("ada") == 1.0
    page = one.folder.fetch("ada", times["second"])
    assert LATER in page and "00:00" in page and " / 6.0" not in page


def test_does_feedback_come_after_midnight_and_once(
    watched: tuple[Class, dict[str, str]],
    copy: Class,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    second = watched[1]["second"]
    assert copy.exchange() == 0 and "nothing was to go back" in capsys.readouterr().out
    tomorrow(monkeypatch)
    assert copy.exchange() == 0
    assert "ada, 01-double: feedback released" in capsys.readouterr().out
    assert "1.0 / 6.0" in copy.folder.fetch("ada", second)
    assert copy.exchange() == 0 and "nothing was to go back" in capsys.readouterr().out


@pytest.mark.parametrize("after", [False, True], ids=["before the page", "after the page"])
def test_is_a_killed_release_done_again_and_counted_once(
    watched: tuple[Class, dict[str, str]],
    copy: Class,
    monkeypatch: pytest.MonkeyPatch,
    after: bool,
) -> None:
    tomorrow(monkeypatch)
    real = theirs.Exchange.release_feedback

    def killed(self: theirs.Exchange, student: str, lesson: str) -> None:
        if after:
            real(self, student, lesson)
        os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if child == 0:
        theirs.Exchange.release_feedback = killed  # type: ignore[method-assign]
        try:
            copy.exchange()
        finally:
            os._exit(0)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1])
    (begun,) = [r for r in read_given(Course.open(copy.course), "ada", NAME).releases if not r.done]
    assert copy.exchange() == 0
    assert "1.0 / 6.0" in copy.folder.fetch("ada", watched[1]["second"])
    releases = read_given(Course.open(copy.course), "ada", NAME).releases
    assert [one.done for one in releases] == [True, True]
    assert releases[-1].when == begun.when


def test_is_feedback_that_could_not_go_out_not_counted_and_tried_again(
    watched: tuple[Class, dict[str, str]],
    copy: Class,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    tomorrow(monkeypatch)
    root = copy.folder.root
    root.rename(root.with_name("away"))
    assert copy.exchange() == 1
    assert "no feedback was released" in capsys.readouterr().err
    root.with_name("away").rename(root)
    assert copy.exchange() == 0
    assert "1.0 / 6.0" in copy.folder.fetch("ada", watched[1]["second"])
    assert len(read_given(Course.open(copy.course), "ada", NAME).releases) == 2


def test_is_a_page_that_is_there_kept_while_a_new_grading_of_it_waits(copy: Class) -> None:
    """Graded again by the teacher: today's number is used up, and the student has the page of before."""
    course = Course.open(copy.course)
    pages = {path: path.read_bytes() for path in (copy.folder.root / COURSE / "feedback").iterdir()}
    record = load_record(course, "bob", NAME)
    assert record is not None
    again = record.model_copy(update={"graded_at": datetime.now(UTC)})
    record_file(course, "bob", NAME).write_text(again.model_dump_json())
    assert copy.exchange() == 0
    assert {path: path.read_bytes() for path in pages} == pages


def test_does_a_file_that_cannot_be_read_not_begin_the_limit_anew(
    copy: Class, capsys: pytest.CaptureFixture[str]
) -> None:
    given_file(Course.open(copy.course), "ada", NAME).write_text("{")
    assert copy.exchange() == 1
    assert "nobody knows what ada was given" in capsys.readouterr().err


def test_does_a_course_that_says_no_number_release_nothing(
    copy: Class, monkeypatch: pytest.MonkeyPatch
) -> None:
    tomorrow(monkeypatch)
    with (copy.course / "grader_config.py").open("a") as config:
        config.write("c.Headcheck.feedback_per_day = 0\n")
    before = sorted((copy.folder.root / COURSE / "feedback").iterdir())
    assert copy.exchange() == 0
    assert len(read_given(Course.open(copy.course), "ada", NAME).releases) == 1
    assert sorted((copy.folder.root / COURSE / "feedback").iterdir()) == before


def test_is_what_is_no_number_said(copy: Class) -> None:
    config = Course.open(copy.course).config
    for wrong in (-1, True, "3", 1.5):
        config.Headcheck.feedback_per_day = wrong
        with pytest.raises(CourseError, match="is no number of feedbacks"):
            feedback_per_day(config, NAME)
    config.Headcheck.feedback_per_day = {NAME: 3}
    assert (feedback_per_day(config, NAME), feedback_per_day(config, "other")) == (3, 0)


def test_is_midnight_the_courses_own_also_where_a_day_has_another_length() -> None:
    from zoneinfo import ZoneInfo

    berlin = ZoneInfo("Europe/Berlin")
    late = datetime(2026, 10, 24, 22, 30, tzinfo=UTC)  # the 25th there, which has 25 hours
    assert midnight_after(late, berlin).astimezone(UTC) == datetime(2026, 10, 25, 23, tzinfo=UTC)


# ---- what is taken and what is not ---------------------------------------------------------------


def taken(one: Class) -> list[str]:
    exchange = theirs.open_exchange(Course.open(one.course))
    assert exchange is not None
    return bring_in(exchange, NAME, ()).told()


def put(one: Class, name: str, *, stamp: bool = True, whole: bool = True) -> Path:
    """A folder on the exchange that no nbgrader has made."""
    folder = one.folder.inbound / name
    folder.mkdir()
    (folder / f"{NAME}.ipynb").write_bytes(name.encode())
    if stamp:
        (folder / "timestamp.txt").write_text(name.split("+")[2])
    if whole:
        (folder / "submission_secret.txt").write_text("secret")
        folder.chmod(0o777)
    return folder


def stamped(student: str, time: str, rest: str = "+x") -> str:
    return f"{student}+{NAME}+2026-11-20 {time} UTC{rest}"


def test_is_the_newest_taken_and_of_two_in_one_second_the_later(copy: Class) -> None:
    for name in ("10:00:00", "12:00:00", "11:00:00"):
        put(copy, stamped("cy", name))
    taken(copy)
    assert b"12:00:00" in copy.submitted("cy")[f"{NAME}.ipynb"]
    put(copy, stamped("cy", "12:00:00", "+later"))
    taken(copy)
    assert copy.submitted("cy")[f"{NAME}.ipynb"].endswith(b"+later")


def test_does_one_that_is_half_there_wait(copy: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(brought_in, "REST_SECONDS", 1e9)
    folder = put(copy, stamped("cy", "10:00:00"), stamp=False, whole=False)
    assert taken(copy) == [] and not copy.submitted("cy")
    (folder / "timestamp.txt").write_text("2026-11-20 10:00:00 UTC")
    assert taken(copy) == [] and not copy.submitted("cy")  # it has just changed
    (folder / "submission_secret.txt").write_text("secret")
    folder.chmod(0o777)
    assert taken(copy) == [] and len(copy.submitted("cy")) == 3


def test_is_nobody_taken_for_somebody_else(copy: Class) -> None:
    """Who runs the tests owns these folders, and so is the one student who may."""
    me = getpass.getuser()
    with (copy.course / "grader_config.py").open("a") as config:
        config.write("c.ExchangeCollect.check_owner = True\n")
    before = copy.submitted("ada")
    put(copy, stamped("ada", "23:59:59"))
    put(copy, stamped(me, "10:00:00"))
    said = [line for line in taken(copy) if "23:59:59" in line]
    assert len(said) == 1 and "it says that it is by ada" in said[0] and me in said[0]
    assert copy.submitted("ada") == before and copy.submitted(me)


@pytest.mark.parametrize("name", ["..", ".hidden", "a*", "[ab]", "two\nlines", " ", "a+b"])
def test_is_no_odd_name_taken(copy: Class, name: str) -> None:
    before = sorted(copy.course.rglob("*.ipynb"))
    put(copy, stamped(name, "10:00:00"))
    assert bool(taken(copy)) != name.startswith(".")  # nbgrader does not see these
    assert sorted(copy.course.rglob("*.ipynb")) == before


@pytest.mark.parametrize("time", ["never", "9999-99-99 00:00:00 UTC", "0", ""])
def test_does_an_odd_time_keep_nobody_elses_out(copy: Class, time: str) -> None:
    put(copy, f"cy+{NAME}+{time}+x")
    put(copy, stamped("dee", "10:00:00"))
    taken(copy)
    assert copy.submitted("dee")


def secret_link(folder: Path, course: Path) -> None:
    (folder / "answers.py").symlink_to(course / "source" / NAME / f"{NAME}.py")


def linked_folder(folder: Path, course: Path) -> None:
    (folder / "data").symlink_to(course / "source")


def pipe(folder: Path, course: Path) -> None:
    os.mkfifo(folder / "pipe")


def large(folder: Path, course: Path) -> None:
    with (folder / "large").open("wb") as file:
        file.truncate(10**9)  # of no size on the disk


@pytest.mark.parametrize("trick", [secret_link, linked_folder, pipe, large])
def test_is_a_submission_that_is_not_plain_left_and_the_one_before_it_taken(
    copy: Class, trick: Callable[[Path, Path], None]
) -> None:
    put(copy, stamped("cy", "10:00:00"))
    trick(put(copy, stamped("cy", "11:00:00")), copy.course)
    (said,) = taken(copy)
    assert "11:00:00" in said and "cannot be copied" in said
    assert b"10:00:00" in copy.submitted("cy")[f"{NAME}.ipynb"]
    assert not list((copy.course / "submitted").glob(".arriving-*"))


def test_is_a_link_in_the_place_of_the_folder_itself_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "cy").symlink_to("secrets")
    with pytest.raises(NotTaken):
        copy_plain(tmp_path / "cy", tmp_path / "copy", 1000)


# ---- what is told by whom watches ----------------------------------------------------------------


def test_is_one_told_when_nbgrader_has_done_its_last_step_or_it_is_at_rest(tmp_path: Path) -> None:
    submitted, inbound = tmp_path / "submitted", tmp_path / "inbound"
    arrivals = Arrivals(Places(submitted, inbound), rest=2)
    assert arrivals.look(0) == []  # neither is there
    folder = inbound / stamped("ada", "10:00:00")
    folder.mkdir(parents=True)
    (inbound / "no name").mkdir()
    assert arrivals.look(1) == [] and not arrivals.waits
    (folder / "timestamp.txt").write_text("now")
    assert arrivals.look(2) == [] and arrivals.waits
    (folder / "submission_secret.txt").write_text("x")
    assert arrivals.look(3) == []
    folder.chmod(0o777)
    assert arrivals.look(3) == [("inbound", "ada", NAME)] and not arrivals.waits
    assert arrivals.look(9) == []
    other = inbound / stamped("bob", "10:00:00", "")
    other.mkdir()
    (other / "timestamp.txt").write_text("now")
    assert arrivals.look(10) == [] and arrivals.look(12) == [("inbound", "bob", NAME)]


def test_is_it_noticed_when_a_folder_is_another_one_or_gone(tmp_path: Path) -> None:
    places = Places(tmp_path / "submitted", tmp_path / "inbound")
    places.submitted.mkdir()
    before = places.state()
    assert places.there() == [places.submitted]
    (tmp_path / "inbound").mkdir()
    assert places.state() != before and len(places.there()) == 2


def test_does_a_server_give_back_after_midnight_what_waits_and_new_feedback_before_it_grades(
    copy: Class, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: Any = None
    grader = server._Grader(
        copy.course, (), print, 0, print, "", closed, closed, -1, None, gives_feedback=True
    )
    grader.submitted = copy.course / "submitted"
    for days in (0, 0, 1, 1):
        monkeypatch.setattr(server, "now", lambda d=days: datetime.now(UTC) + timedelta(days=d))
        grader._look_at_the_day()
    grader.to_do["grade"] = dict.fromkeys([("gone", NAME), ("ada", NAME), ("bob", NAME)])
    grader._see_what_became_of(server._Errand("grade", (("bob", NAME),)), 0)
    errands = [grader._next_errand() for _ in range(4)]
    assert errands == [
        server._Errand("exchange", ()),
        server._Errand("exchange", (("bob", NAME),)),
        server._Errand("grade", (("ada", NAME), ("bob", NAME))),
        None,
    ]


def test_do_marks_go_into_the_gradebook_of_the_one_who_handed_in(
    watched: tuple[Class, dict[str, str]],
) -> None:
    gradebook = ClassGradebook(Course.open(watched[0].course))
    try:
        assert gradebook.students() == {"ada", "bob"}
    finally:
        gradebook.close()
