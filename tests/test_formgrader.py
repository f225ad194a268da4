"""Is formgrader usable for all of reading and marking, and harmless whatever students handed in?"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from browser import chromium
from bs4 import BeautifulSoup
from hostile_notebook import EVIL_FILES, OUTPUTS, honest_cells, hostile_cells
from hours import in_turn
from isolation import needs_isolation
from marked_course import NAME, QUESTION, add_cells, graded_notebook, marked_course
from playwright.sync_api import Page, Route, expect
from test_grade import FULL, submit

from headcheck.course.directory import Course
from headcheck.grading.by_hand import answers, questions
from headcheck.grading.gradebook import ClassGradebook

STUDENTS = 60
EVIL, HONEST = "student-007", "student-008"


@contextmanager
def jupyter_lab(course: Path, home: Path) -> Iterator[str]:
    """JupyterLab as a teaching assistant starts it in the course directory; its address."""
    environment = {**os.environ, "HOME": str(home), "JUPYTER_CONFIG_DIR": str(home / "config")}
    environment |= {"JUPYTER_RUNTIME_DIR": str(home / "run"), "IPYTHONDIR": str(home / "ipython")}
    root = ["--allow-root"] if os.getuid() == 0 else []
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--port=0", "--ip=127.0.0.1"]
    with subprocess.Popen(
        [*command, "--IdentityProvider.token=a-token", *root],
        cwd=course,
        env=environment,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stderr is not None
        try:
            for line in process.stderr:
                found = re.search(r"http://127\.0\.0\.1:(\d+)/lab", line)
                if found:
                    break
            else:
                raise AssertionError("JupyterLab did not start")
            drain = subprocess.Popen(["cat"], stdin=process.stderr, stdout=subprocess.DEVNULL)
            wait_until_it_listens(int(found[1]), process)
            yield f"http://127.0.0.1:{found[1]}"
            drain.kill()
            drain.wait()
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def wait_until_it_listens(port: int, process: subprocess.Popen[str]) -> None:
    """It says its address before anything answers there."""
    while process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=60).close()
            return
        except ConnectionRefusedError:
            time.sleep(0.05)
    raise AssertionError("JupyterLab ended")


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = marked_course(tmp_path_factory.mktemp("formgrader"), STUDENTS)
    with (made / "grader_config.py").open("a") as config:
        config.write("c.Headcheck.libraries = []\n")  # it starts at once
    add_cells(made, EVIL, hostile_cells())
    add_cells(made, HONEST, honest_cells())
    for name, text in EVIL_FILES.items():
        (graded_notebook(made, EVIL).parent / name).write_text(text)
    return made


ASKED: list[str] = []


@pytest.fixture(scope="module")
def page(course: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with (
        jupyter_lab(course, tmp_path_factory.mktemp("home")) as address,
        chromium() as browser,
    ):
        context = browser.new_context(base_url=address, viewport={"width": 1300, "height": 900})
        context.add_init_script(
            "window.acted = window.acted || []; window.alert = (x) => { acted.push(String(x)) }"
        )

        def outside(route: Route) -> None:
            ASKED.append(route.request.url)
            route.abort()

        context.route(re.compile(r"^(?!http://127\.0\.0\.1|data:)"), outside)
        tab = context.new_page()
        tab.goto("/login?token=a-token")
        yield tab


def open_notebook(page: Page, course: Path, student: str) -> None:
    with closing(ClassGradebook(Course.open(course))) as gradebook:
        found = gradebook.gb.find_submission_notebook(NAME, NAME, student).id
    page.goto(f"/formgrader/submissions/{found}/", wait_until="domcontentloaded")
    expect(page.locator(f"#{QUESTION}")).to_be_visible()


def listens_to_what_is_typed(page: Page) -> None:
    """formgrader asks for marks and comments when its page is there, and only then takes any.

    It writes into the empty fields what they are for at the same moment.
    """
    comment = page.locator(f"#{QUESTION}-comment")
    expect(comment).to_have_attribute("placeholder", re.compile("."))
    extra_credit = page.locator(".nbgrader_cell", has=comment).locator(".extra-credit").first
    expect(extra_credit).to_have_attribute("placeholder", re.compile("0"))


@in_turn
def test_open_read_with_the_scheme_beside_mark_comment_next(page: Page, course: Path) -> None:
    page.goto("/formgrader/gradebook", wait_until="domcontentloaded")
    for place in (NAME, f"{NAME}/{NAME}"):  # its notebook; each page has rows and such a link
        page.click(f"a:text-is('{NAME}')")
        page.wait_for_url(f"**/gradebook/{place}", wait_until="domcontentloaded")
    expect(page.locator("tbody tr").first).to_be_visible()
    page.locator("tbody tr a:visible").first.click()
    score = page.locator(f"#{QUESTION}")
    expect(score).to_be_visible()
    listens_to_what_is_typed(page)
    assert "Two points for the reason" in page.locator("body").inner_text()
    submission = page.url.split("/submissions/")[1].split("/")[0]
    with page.expect_response(lambda r: "/api/grade/" in r.url and r.request.method == "PUT"):
        score.fill("1.5")
        score.blur()
    with page.expect_response(lambda r: "/api/comment/" in r.url and r.request.method == "PUT"):
        page.locator(f"#{QUESTION}-comment").fill("Why?")
        page.locator(f"#{QUESTION}-comment").blur()
    page.click(".next a")
    page.wait_for_url(re.compile(rf"/submissions/(?!{submission})"), wait_until="domcontentloaded")
    expect(page.locator(f"#{QUESTION}")).to_be_visible()
    with closing(ClassGradebook(Course.open(course))) as gradebook:
        (question,) = questions(gradebook)
        marked = [one for one in answers(gradebook, question) if one.mark.score is not None]
        (found,) = marked
        book = gradebook.gb.find_submission_notebook_by_id(submission)
        assert found.student == book.student.id
    assert (found.mark.score, found.mark.comment, found.mark.waits) == (1.5, "Why?", False)


@in_turn
def test_no_notebook_acts_in_formgraders_page(page: Page, course: Path) -> None:
    open_notebook(page, course, EVIL)
    page.locator("#notebook-container").first.wait_for()
    page.wait_for_load_state("load")
    assert page.evaluate("acted") == []
    assert page.evaluate("window.pwned") is None
    inside = "#notebook-container "
    for tag in ("script", "iframe", "object", "embed", "form", "base", "meta", "link", "style"):
        assert page.locator(f"{inside} {tag}").count() == 0, tag
    links = page.locator(f"{inside} a[href]").evaluate_all(
        "x => x.map(a => a.getAttribute('href'))"
    )
    assert all(re.match(r"https?://|mailto:|#", link) for link in links), links
    assert not [url for url in ASKED if "tracker" in url]
    assert page.locator(f"[id='{QUESTION}']").count() == 1
    assert len(OUTPUTS) > 15  # something was there


@in_turn
def test_files_that_were_handed_in_do_not_run(page: Page, course: Path) -> None:
    open_notebook(page, course, EVIL)
    for name in EVIL_FILES:
        tab = page.context.new_page()
        reply = tab.goto(page.url.split("?")[0] + name)
        assert reply is not None and reply.status == 200
        assert "sandbox" in reply.headers["content-security-policy"]
        assert tab.title() != "ran", name
        tab.close()


def test_honest_work_looks_as_it_should(page: Page, course: Path) -> None:
    open_notebook(page, course, HONEST)
    body = page.locator("#notebook-container").first
    expect(body.locator("strong", has_text="remark").first).to_be_visible()
    assert "1 < 2, List<int>." in body.inner_text()
    assert body.locator("table.dataframe td").inner_text() == "512 honest"
    assert ".dataframe {" not in body.inner_text()
    expect(body.locator("img[width='40']")).to_have_js_property("naturalWidth", 1)


@in_turn
def test_feedback_neither_acts_nor_holds_the_scheme(course: Path) -> None:
    made = subprocess.run(
        [sys.executable, "-m", "nbgrader", "generate_feedback", NAME, "--student", EVIL],
        cwd=course,
        capture_output=True,
        text=True,
    )
    page = (course / "feedback" / EVIL / NAME / f"{NAME}.html").read_text()
    assert made.returncode == 0, made.stderr
    assert "Two points for the reason" not in page and "twice_as_much" not in page
    assert "tracker.example/x.js" not in re.sub(r"&lt;.*?&gt;", "", page)
    for element in BeautifulSoup(page, "html.parser").find_all(True):
        assert not [name for name in element.attrs if name.startswith("on")], element


# `headcheck serve`, but for what it imports beforehand, which is for commands that it runs itself.
LENDS = """
from pathlib import Path
from headcheck.course.directory import Course
from headcheck.resident import server
server.import_everything = lambda releases: None
say = lambda sentence: print(sentence, flush=True)
server.serve(Course.open(Path.cwd()), print, idle_minutes=15, say=say)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="it keeps isolated graders warm")
@in_turn
def test_does_the_autograde_button_borrow_a_running_server_and_give_the_right_marks(
    page: Page, course: Path
) -> None:
    needs_isolation()
    student = "student-001"
    submit(course, student, FULL | {"seven": "seven = 8"})
    command = [sys.executable, "-c", LENDS]
    with subprocess.Popen(command, cwd=course, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        guard = threading.Timer(1000, server.kill)
        guard.start()
        try:
            assert "Ready" in server.stdout.readline()
            page.goto(f"/formgrader/manage_submissions/{NAME}", wait_until="domcontentloaded")
            row = page.locator("tr", has=page.locator(f".student-id:text-is('{student}')"))
            row.locator(".autograde a").click()
            told = page.locator(".modal-title")
            expect(told).to_be_visible(timeout=600_000)
            expect(told).to_have_text("Success")
            server.send_signal(signal.SIGTERM)
            assert "lent" in server.stdout.read()
        finally:
            guard.cancel()
            server.kill()
    with closing(ClassGradebook(Course.open(course))) as gradebook:
        marks = gradebook.marks(NAME)[student]
    assert {name: mark.auto for name, mark in marks.items() if name.startswith("test_")} == {
        "test_double": 2.0,
        "test_double_text": 1.0,
        "test_seven": 0.0,
    }
