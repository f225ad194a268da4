"""Can a person read and mark all answers to a question with `headcheck review`, and nobody else?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from browser import chromium
from hostile import HONEST, HOSTILE
from marked_course import NAME, QUESTION, here, marked_course
from playwright.sync_api import Page, expect
from serving import Served, review
from tiny_course import headcheck

from headcheck.course.directory import Course
from headcheck.grading.by_hand import Answer, Mark, answers, mark, questions
from headcheck.grading.gradebook import ClassGradebook

expect.set_options(timeout=15_000)  # a guard; nothing waits so long

TEXTS = {f"evil-{name}": text for name, (text, _) in HOSTILE.items()}
TEXTS |= {f"honest-{name}": text for name, (text, _) in HONEST.items()}
STUDENTS = 60


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return marked_course(tmp_path_factory.mktemp("review"), STUDENTS, TEXTS)


@pytest.fixture(scope="module")
def served(course: Path) -> Iterator[Served]:
    with review(course, NAME, QUESTION) as running:
        yield running


@pytest.fixture(scope="module")
def page(served: Served) -> Iterator[Page]:
    with chromium() as browser:
        tab = browser.new_page(viewport={"width": 1300, "height": 900})
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


def test_filter_progress_and_anonymous(page: Page) -> None:
    waiting = page.locator("article").count()
    page.select_option("#filter", "read")
    expect(page.locator("article")).to_have_count(2)
    page.select_option("#filter", "empty")
    expect(page.locator("article")).to_have_count(1)
    page.select_option("#filter", "all")
    everybody = STUDENTS + len(TEXTS)
    expect(page.locator("article")).to_have_count(everybody)
    assert waiting == everybody - 1
    assert page.locator("#progress").inner_text() == f"3 of {everybody} read"
    page.locator("#anonymous").check()
    expect(page.locator(".who").first).to_have_text("answer 1")
    page.locator("article .text > *").first.wait_for()
    assert "student-0" not in page.locator("body").inner_text()
    page.locator("#anonymous").uncheck()
    expect(page.locator(".who").first).not_to_have_text("answer 1")


# ---- what students wrote -------------------------------------------------------------------------


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
