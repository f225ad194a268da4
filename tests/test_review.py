"""Can a person read and mark all answers to a question with `headcheck review`, and nobody else?"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from browser import chromium
from hostile import HONEST, HOSTILE
from hours import in_turn
from marked_course import NAME, QUESTION, graded_notebook, here, marked_course
from ordinary_user import as_ordinary_user
from playwright.sync_api import Page, expect
from serving import Served, review
from tiny_course import headcheck

from headcheck.course.directory import Course
from headcheck.desk.lms.collect import Collected, Manifest, manifest_file
from headcheck.desk.todo import todo
from headcheck.grading.by_hand import Answer, Mark, answers, mark, questions
from headcheck.grading.gradebook import ClassGradebook
from headcheck.grading.record import Record, save_record

TEXTS = {f"evil-{name}": text for name, (text, _) in HOSTILE.items()}
TEXTS |= {f"honest-{name}": text for name, (text, _) in HONEST.items()}
STUDENTS = 60
GROUP = ["team-a", "team-b", "team-c", "team-d"]  # one file of all four


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    texts = TEXTS | dict.fromkeys([*GROUP, "zoe"], "Once for every one of us.")
    made = marked_course(tmp_path_factory.mktemp("review"), STUDENTS, texts)
    collected = {who: came("78", "d1") for who in GROUP} | {"zoe": came("79", "d1")}
    manifest = manifest_file(Course.open(made), NAME)
    manifest.parent.mkdir(parents=True)
    manifest.write_text(Manifest(students=collected).model_dump_json())
    return made


def came(attempt: str, digest: str) -> Collected:
    return Collected(
        preset="moodle",
        download="submissions.zip",
        prefix="",
        who={},
        attempt=attempt,
        rank="",
        late=None,
        when=None,
        digest=digest,
        collected=datetime.now(UTC),
    )


@pytest.fixture(scope="module")
def served(course: Path) -> Iterator[Served]:
    with review(course, NAME, QUESTION) as running:
        yield running


@pytest.fixture(scope="module")
def page(served: Served) -> Iterator[Page]:
    with chromium() as browser:
        tab = browser.new_page(viewport={"width": 1300, "height": 900})
        # What others have marked meanwhile it looks for now and then. Here when a test says so: else one
        # in which somebody marks would find now and then that the page knows already.
        tab.add_init_script("window.setInterval = (look) => { window.look = look; return 0; }")
        tab.goto(served.link)
        expect(tab.locator("article").first).to_be_visible()
        yield tab


def in_gradebook(course: Path) -> dict[str, Answer]:
    with closing(ClassGradebook(Course.open(course))) as gradebook:
        (question,) = questions(gradebook)
        return {answer.student: answer for answer in answers(gradebook, question)}


def card(page: Page, student: str) -> Any:
    return page.locator("article", has=page.locator(f'.who:text-is("{student}")'))


# ---- a person at the keyboard --------------------------------------------------------------------


@in_turn
def test_the_scheme_stands_beside_the_answers(page: Page) -> None:
    assert "Two points for the reason" in page.locator("#scheme").inner_text()
    assert "BEGIN SOLUTION" not in page.locator("body").inner_text()
    assert page.locator("#scheme").is_visible() and page.locator("article.here").is_visible()


def test_marking_without_the_mouse(page: Page, course: Path) -> None:
    expect(page.locator("article.here .file")).not_to_be_empty()
    page.locator("article.here").focus()
    who = page.locator("article.here .who").inner_text()
    page.keyboard.press("1")
    page.keyboard.press("h")
    page.keyboard.press("c")
    page.keyboard.type("Say why =1+1 ünd 1 < 2.")
    page.keyboard.press("Control+Enter")
    page.keyboard.press("j")
    second = page.locator("article.here .who").inner_text()
    assert second != who
    page.keyboard.press("2")
    expect(page.locator("article.here")).to_have_class("read here")
    page.keyboard.press("u")  # taken back
    expect(page.locator("article.here")).to_have_class("waits here")
    expect(page.locator("article.read")).to_have_count(1)
    found = in_gradebook(course)
    assert found[who].mark == Mark(1.5, "Say why =1+1 ünd 1 < 2.", False)
    assert found[second].mark == Mark(None, "", True)
    page.keyboard.press("k")
    assert page.locator("article.here .who").inner_text() == who
    page.keyboard.press("w")
    assert page.locator("article.here .who").inner_text() == second


def test_more_than_there_is_to_have_is_refused(page: Page, course: Path, served: Served) -> None:
    page.keyboard.press("9")
    expect(page.locator("#trouble")).to_contain_text("The most is 2")
    one = served.answers(NAME, QUESTION)[5]
    for score in (2.5, -1, 1e999):
        wanted = {"score": score, "comment": "", "waits": False}
        status, _, _ = served.ask(
            "api/mark", {"id": one["id"], "wanted": wanted, "seen": one["mark"]}
        )
        assert status == 400
    assert in_gradebook(course)[one["label"]].mark == Mark(**one["mark"])


def test_what_somebody_else_marked_meanwhile_is_shown_before_it_is_replaced(
    page: Page, course: Path
) -> None:
    who = page.locator("article.here .who").inner_text()
    with closing(ClassGradebook(Course.open(course))) as gradebook:
        mine = in_gradebook(course)[who]
        mark(gradebook, mine.id, Mark(0.5, "by a colleague", False), mine.mark)
    page.keyboard.press("2")
    banner = page.locator("article.here .newer")
    expect(banner).to_contain_text("the mark 0.5 and the comment “by a colleague”")
    assert in_gradebook(course)[who].mark.score == 0.5
    banner.locator(".mine").click()
    expect(banner).to_be_hidden()
    assert in_gradebook(course)[who].mark == Mark(2.0, "by a colleague", False)
    page.locator("article.here").focus()
    for score in (1.0, 2.0):  # and what there is when the page looks is shown
        with closing(ClassGradebook(Course.open(course))) as gradebook:
            mine = in_gradebook(course)[who]
            mark(gradebook, mine.id, Mark(score, "by a colleague", False), mine.mark)
        page.evaluate("look()")
        expect(page.locator("article.here .mark")).to_have_value(f"{score:g}")


HELD_BACK = """() => new Promise((held) => {
    const real = window.fetch;
    window.fetch = async (path, options) => {
        window.fetch = real;  // one reply is held back
        const reply = await real(path, options);
        await new Promise((go) => { window.goOn = go; held(); });
        return reply;
    };
    window.looked = look();
})"""


def test_is_a_mark_kept_on_the_page_that_is_saved_while_it_looks(page: Page, course: Path) -> None:
    who = page.locator("article.here .who").inner_text()
    page.evaluate(HELD_BACK)
    old = in_gradebook(course)[who].mark.score
    wanted = 1.0 if old != 1 else 2.0
    page.keyboard.press(f"{wanted:g}")
    page.evaluate("() => saving")
    assert in_gradebook(course)[who].mark.score == wanted
    page.evaluate("() => { goOn(); return looked; }")
    assert page.locator("article.here .mark").input_value() == f"{wanted:g}"


def test_filter_progress_and_anonymous(page: Page) -> None:
    waiting = page.locator("article").count()
    page.select_option("#filter", "read")
    expect(page.locator("article")).to_have_count(2)
    page.select_option("#filter", "empty")
    expect(page.locator("article")).to_have_count(1)
    page.select_option("#filter", "all")
    everybody = STUDENTS + len(TEXTS) + 2  # a group is one, and who is alone
    expect(page.locator("article")).to_have_count(everybody)
    assert waiting == everybody - 1
    assert page.locator("#progress").inner_text() == f"3 of {everybody} read"
    page.locator("#anonymous").check()
    expect(page.locator(".who").first).to_have_text("answer 1")
    page.locator("article .text > *:visible").first.wait_for()  # not somebody's <img>
    assert "student-0" not in page.locator("body").inner_text()
    page.locator("#anonymous").uncheck()
    expect(page.locator(".who").first).not_to_have_text("answer 1")


# ---- groups ---------------------------------------------------------------------------------------


def test_does_todo_say_how_often_a_group_is_read(course: Path) -> None:
    with closing(ClassGradebook(Course.open(course))) as gradebook:
        waiting = sum(one.mark.waits for one in in_gradebook(course).values())
        (thing,) = (one for one in todo(Course.open(course), gradebook) if one.kind == "written")
        assert f"{waiting} of " in thing.text
        assert thing.text.endswith(f"wait to be read; groups are read once, so {waiting - 3}")


def test_does_who_brings_a_mark_from_another_group_count_as_read_apart(
    course: Path, tmp_path: Path
) -> None:
    own = Path(shutil.copytree(course, tmp_path / "course"))
    with closing(ClassGradebook(Course.open(own))) as gradebook:
        (question,) = questions(gradebook)
        mine = next(one for one in answers(gradebook, question) if one.student == GROUP[1])
        mark(gradebook, mine.id, Mark(0.5, "of another group", True), mine.mark)
        (thing,) = (one for one in todo(Course.open(own), gradebook) if one.kind == "written")
    assert thing.text.endswith(f"groups are read once, so {thing.count - 2}")


def test_is_what_a_group_handed_in_read_and_marked_once_for_all_of_them(
    page: Page, course: Path
) -> None:
    page.select_option("#filter", "all")
    box = card(page, ", ".join(GROUP))
    expect(box.locator(".group")).to_have_text(
        "One file of 4 people: mark and comment hold for all of them."
    )
    assert card(page, "zoe").locator(".group").is_hidden()  # as long as it is another file
    box.locator(".who").click()
    page.keyboard.press("1")
    page.keyboard.press("c")
    page.keyboard.type("All of you: say why.")
    page.keyboard.press("Control+Enter")
    expect(box).to_have_class("read here")
    expect(box.locator("textarea")).not_to_be_focused()
    page.keyboard.press("h")
    expect(box.locator(".mark")).to_have_value("1.5")
    found = in_gradebook(course)
    assert {found[who].mark for who in GROUP} == {Mark(1.5, "All of you: say why.", False)}
    assert found["zoe"].mark == Mark(None, "", True)


def test_does_one_of_a_group_with_another_mark_stand_apart(page: Page, course: Path) -> None:
    with closing(ClassGradebook(Course.open(course))) as gradebook:
        mine = in_gradebook(course)["team-b"]
        mark(gradebook, mine.id, Mark(0.5, "by a colleague", False), mine.mark)
    page.keyboard.press("2")  # on the group's card, which does not know yet
    expect(page.locator("#trouble")).to_contain_text("stands apart now. Yours is not saved")
    found = in_gradebook(course)
    assert [found[who].mark.score for who in GROUP] == [1.5, 0.5, 1.5, 1.5]
    expect(card(page, "team-b").locator(".mark")).to_have_value("0.5")
    rest = card(page, "team-a, team-c, team-d")
    expect(rest).to_have_class("read here")
    page.keyboard.press("2")
    expect(rest.locator(".mark")).to_have_value("2")
    expect(page.locator("#trouble")).to_be_hidden()
    found = in_gradebook(course)
    assert [found[who].mark.score for who in GROUP] == [2, 0.5, 2, 2]


def test_does_who_hands_in_another_text_leave_the_group(course: Path, served: Served) -> None:
    def labels() -> set[str]:
        return {one["label"] for one in served.answers(NAME, QUESTION) if one["also"]}

    assert labels() == {"team-a, team-c, team-d"}
    file = graded_notebook(course, "team-c")
    before = file.read_text()
    file.write_text(before.replace("Once for every one", "Not for every one"))
    assert labels() == {"team-a, team-d"}
    file.write_text(before)


def test_is_what_could_not_be_read_no_answer_that_waits(course: Path, served: Served) -> None:
    def asked() -> tuple[dict[str, Any], int]:
        (one,) = (a for a in served.answers(NAME, QUESTION) if a["label"] == "student-000")
        (question,) = served.ask("api/questions")[1]["questions"]
        return one, question["waiting"]

    opened = Course.open(course)
    with closing(ClassGradebook(opened)) as gradebook:
        mine = in_gradebook(course)["student-000"]
        mark(gradebook, mine.id, Mark(None, "", True), mine.mark)  # as grading leaves it
        one, waiting = asked()
        assert not one["unreadable"]
        nothing = Record(
            student="student-000",
            assignment=NAME,
            key="",
            outcome="missing",
            cells=[],
            engine="isolated",
            seed=1,
            seconds=0,
            peak_memory_mib=None,
            notes=[],
            unreadable="damaged JSON",
            graded_at=datetime.now(UTC),
        )
        save_record(opened, nothing)
        one, then = asked()
        assert one["unreadable"] and then == waiting - 1
        query = f"api/texts?assignment={NAME}&name={QUESTION}&ids={one['id']}"
        assert "Nothing could be read: damaged JSON" in served.ask(query)[1]["texts"][0]["html"]
        mark(gradebook, mine.id, mine.mark, Mark(None, "", True))


# ---- what students wrote -------------------------------------------------------------------------


@in_turn
def test_nothing_that_a_student_wrote_acts_or_is_fetched(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.evaluate("() => { window.acted = []; window.alert = (x) => acted.push(x) }")
    page.select_option("#filter", "all")
    for student in TEXTS:
        box = card(page, student)
        box.scroll_into_view_if_needed()
        expect(box.locator(".file")).not_to_be_empty()  # its text has arrived
        for link in box.locator(".text a").all():
            where = link.get_attribute("href")
            assert where is None or where.startswith(("https://", "mailto:", "#"))
    assert page.evaluate("acted") == [] and page.evaluate("window.pwned") is None
    assert (
        page.locator(
            ".text :is(script, iframe, form, input, svg, object, embed, style, base, meta, link)"
        ).count()
        == 0
    )
    assert page.locator(".text [id], .text [style], .text [srcset]").count() == 0
    outside = [url for url in asked if not url.startswith(("http://127.0.0.1:", "data:"))]
    assert outside == []


@pytest.mark.parametrize("name", HONEST)
def test_what_an_honest_student_wrote_is_shown_as_meant(page: Page, name: str) -> None:
    box = card(page, f"honest-{name}")
    box.scroll_into_view_if_needed()
    expect(box.locator(".text")).to_contain_text(HONEST[name][1])
    if name == "bold":
        assert box.locator(".text strong").count() == 1 and box.locator(".text li").count() == 2


# ---- who may ask ---------------------------------------------------------------------------------


def test_only_who_has_the_link_is_answered(served: Served) -> None:
    for path in ("api/questions", f"api/answers?assignment={NAME}&name={QUESTION}", "api/texts"):
        for token in ("", "wrong", served.token[:-1]):
            status, said, _ = served.ask(path, token=token)
            assert status == 403 and "student" not in str(said)
    status, said, _ = served.ask("api/mark", {}, token="wrong")
    assert status == 403
    assert served.token not in str(served.ask("")[1])


def test_no_page_of_another_server_can_ask_or_mark(served: Served) -> None:
    one = served.answers(NAME, QUESTION)[9]
    body = {"id": one["id"], "wanted": {"score": 2, "comment": "", "waits": False}}
    body |= {"seen": one["mark"]}
    for host in ("evil.example", f"evil.example:{served.port}", "127.0.0.1", "127.0.0.1:1"):
        assert served.ask("api/questions", Host=host)[0] == 403  # a name that points here
    for origin in (
        "https://evil.example",
        "null",
        f"https://127.0.0.1:{served.port}",
        "http://127.0.0.1:1",
    ):
        assert served.ask("api/mark", body, Origin=origin)[0] == 403
    assert served.ask("api/mark", body, Content_Type="text/plain")[0] == 404
    assert served.answers(NAME, QUESTION)[9] == one
    _, _, headers = served.ask("")
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "Access-Control-Allow-Origin" not in headers


def test_it_listens_on_this_machine_only(served: Served) -> None:
    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    local = [row[1] for row in rows if row[3] == "0A" and row[1].endswith(f":{served.port:04X}")]
    assert local == [f"0100007F:{served.port:04X}"]
    six = Path("/proc/net/tcp6")
    assert not six.exists() or f":{served.port:04X} " not in six.read_text()


def test_odd_requests_get_a_sentence_and_no_file(served: Served) -> None:
    for path in (
        "../../../etc/passwd",
        "server.py",
        "%2e%2e/server.py",
        "api/nothing",
        "gradebook.db",
    ):
        assert served.ask(path)[0] == 404, path
    assert served.ask("api/answers?assignment=x&name=y")[0] == 404
    assert served.ask("api/answers")[0] == 400
    assert served.ask("api/mark", {"id": "x"})[0] == 400
    assert served.ask("api/mark", {"id": "no", "wanted": MARK, "seen": MARK})[0] == 404


MARK = {"score": 1.0, "comment": "", "waits": False}


def test_what_it_says_when_there_is_nothing_to_read(course: Path, tmp_path: Path) -> None:
    said = here(course, "review", "01-duoble")
    assert said.exit_code == 2 and "did you mean 01-double?" in said.output
    said = here(course, "review", NAME, "why_thrice")
    assert said.exit_code == 2 and f"There are: {NAME} {QUESTION}." in said.output


def test_a_port_that_is_taken_is_named(course: Path, served: Served) -> None:
    said = headcheck(course, "review", "--port", str(served.port))
    assert said.returncode == 2 and f"port {served.port} cannot be used" in said.stderr


def test_ctrl_c_is_the_end_and_no_fault(served: Served) -> None:
    assert served.end() == 0  # the last test of this file


READ_IT = """\
import io, sys
from contextlib import redirect_stdout
from headcheck.course.directory import Course
from headcheck.desk.review import server
from headcheck.grading.gradebook import ClassGradebook

async def serve(desk, start, port, say):
    import json
    handler = server._Api.__new__(server._Api)
    handler.desk = desk
    handler.request = type("Request", (), {"body": sys.argv[2]})
    question = desk.question(*sys.argv[3:5])
    print(json.dumps(desk.answers(question, anonymous=False)))
    try:
        handler._mark()
    except Exception as error:
        print(type(error).__name__, error)

server._serve = serve
server.review(Course.open(__import__("pathlib").Path(sys.argv[1])), None, None, port=0, anonymous=False, say=print)
"""


@in_turn
def test_is_somebody_who_may_only_read_told_before_the_page_and_can_read_it(
    open_to_all: Path,
) -> None:
    """Not at the first mark, after an hour of reading."""
    course = marked_course(open_to_all / "course", 2)
    with closing(ClassGradebook(Course.open(course))) as gradebook:
        first = answers(gradebook, questions(gradebook)[0])[1]
    seen = {"score": None, "comment": "", "waits": True}
    body = {"id": first.id, "wanted": {"score": 1, "comment": "", "waits": False}, "seen": seen}
    done = as_ordinary_user(course, 12345, "-B", "-c", READ_IT, str(course), json.dumps(body), NAME, QUESTION)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith("headcheck: only to read: The gradebook ")
    assert "gradebook.db is read-only for you" in done.stderr and done.stderr.count("\n") == 1
    page, refused = done.stdout.splitlines()
    assert "read-only for you" in json.loads(page)["read_only"]
    assert len(json.loads(page)["answers"]) == 2 and refused.startswith("CourseError")
    assert in_gradebook(course)[first.student].mark.waits
