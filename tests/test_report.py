"""Does the class report tell the truth, to people, without the network?"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import re
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from browser import chromium
from lms_class import copy_of
from marked_course import here
from tiny_course import LESSON, add_lesson, headcheck, make_course

from headcheck.course.counted import span
from headcheck.course.dates import Dates
from headcheck.course.roster import Student
from headcheck.desk.numbers import checks_of, mistakes, spread
from headcheck.desk.report import render
from headcheck.desk.results import Material
from headcheck.desk.tables import tables
from headcheck.desk.todo import Todo
from headcheck.grading.gradebook import Standing
from headcheck.grading.record import Record
from headcheck.grading.work import CellResult, Outcome

EVIL = "<script>alert(1)</script>"


def cell(grade_id: str, outcome: Outcome, message: str = "", detail: str = "") -> CellResult:
    return CellResult(
        notebook="05-create-head",
        grade_id=grade_id,
        score=2.0 if outcome == "passed" else 0.0,
        max_score=2.0,
        outcome=outcome,
        message=message,
        detail=detail,
    )


def record(student: str, *cells: CellResult, notes: tuple[str, ...] = ()) -> Record:
    return Record(
        student=student,
        assignment="05-create-head",
        key="",
        outcome=cells[0].outcome,
        cells=list(cells),
        engine="isolated",
        seed=424242,
        seconds=1.25,
        peak_memory_mib=None,
        notes=list(notes),
        graded_at=datetime(2030, 1, 2, tzinfo=UTC),
    )


RECORDS = [
    record("ada", cell("test_a", "passed"), cell("test_b", "passed")),
    record("bob", cell("test_a", "failed", "✗ too few layers\n  got 2"), cell("test_b", "passed")),
    record(
        "cy", cell("test_a", "failed", "✗ too few layers\n  got 3"), cell("test_b", "died", "x")
    ),
    record(EVIL, cell("test_a", "error", f"\x1b[31m{EVIL}", EVIL), notes=(f"Repaired {EVIL}.",)),
]
STANDINGS = {
    ("ada", "05-create-head"): Standing(7, 9, 2.5, 2 * 86400 + 5, 1, None),
    ("bob", "05-create-head"): Standing(2, 9, 0, 0, 0, None),
}
DATES = Dates.model_validate(
    {
        "due": {"05-create-head": "2030-01-01 12:00"},
        "extensions": [{"student": "eve", "lesson": "05-create-head", "days": 3}],
    }
)
MATERIAL = Material(
    "a course",
    RECORDS,
    STANDINGS,
    roster=[Student("ada", "Ada", "Lovelace", "ada@example.org"), Student("eve", EVIL)],
    dates=DATES,
    waiting=[Todo("written", f"2 answers of {EVIL} wait", "headcheck review x", 2)],
)
PAGE = render(MATERIAL)
TEXT = " ".join(re.sub(r"<[^>]+>", " ", PAGE).split())


def test_is_what_could_not_be_graded_no_zero_anywhere() -> None:
    lost = record("ada", cell("test_a", "error")).model_copy(update={"unreadable": "damaged"})
    other = record("bob", cell("test_a", "passed")).model_copy(update={"assignment": "06-assembly"})
    also = lost.model_copy(update={"student": "bob"})
    page = render(Material("a course", [lost, also, other], {}, roster=[Student("eve")]))
    said = " ".join(re.sub(r"<[^>]+>", " ", page.partition('id="students"')[2]).split())
    assert "ada 1 not graded" in said and "bob 2 / 2 in 1 lesson, 1 not graded" in said
    assert "eve handed in nothing" in said and "0 / 2" not in said


def test_does_the_page_need_nothing_from_outside() -> None:
    wanted = r"""(src|href)=["'](?!#|data:text/csv|autograded/|similarity.html)|url\((?!#)|@import|https?:"""
    assert not re.search(wanted, PAGE)
    assert "default-src 'none'" in PAGE


def test_may_no_script_but_ours_run() -> None:
    (script,) = re.findall(r"<script>(.*?)</script>", PAGE, re.DOTALL)
    proof = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    (policy,) = re.findall(r"Content-Security-Policy\" content=\"([^\"]*)", PAGE)
    assert f"script-src 'sha256-{proof}'" in policy
    assert not re.search(r"<[^>]*\son[a-z]+=|javascript:", PAGE)


def test_can_a_student_put_markup_into_the_page() -> None:
    assert EVIL not in PAGE
    assert PAGE.count("<script>") == 1
    assert "&lt;script&gt;alert(1)" in PAGE
    assert "\x1b" not in PAGE


def calls_of(students: int) -> int:
    """How many Python functions are called to write the report of so many students."""
    records = [record(f"s{n}", cell("test_a", "failed", "no")) for n in range(students)]
    count = 0

    def look(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(look)
    try:
        render(Material("a course", records, {}))
    finally:
        sys.setprofile(None)
    return count


def test_does_each_more_student_take_as_much_work_as_the_one_before() -> None:
    render(MATERIAL)  # templates are compiled once
    small, larger, large = map(calls_of, (40, 80, 120))
    # Twice as much for each would give 1.67; some calls are not ours, and not the same each time.
    assert large - larger < 1.1 * (larger - small)


def test_are_questions_counted() -> None:
    first, second = checks_of(RECORDS)
    assert (first.grade_id, first.graded, first.lost) == ("test_a", 4, 3)
    assert (first.frequent, first.seen) == ("too few layers", 2)
    assert first.mean == 0.25
    assert dict(first.outcomes) == {"passed": 1, "failed": 2, "error": 1}
    assert (second.graded, second.lost, second.frequent) == (3, 1, "x")


@pytest.mark.parametrize(
    "shown",
    [
        "late: 2 days",
        "4.5 of 9",
        "late penalty of 2.5",
        "424242",
        "engine isolated",
        "1 to read",
        "Ada Lovelace",
        "1 handed in nothing",
        "eve 05-create-head not handed in – – 3 days",
        "headcheck review x",
        "n 4 median 25.0 % quartiles 0.0 % – 62.5 %",
        "nothing 2 everything 1",
        "2 test_a failed too few layers",
    ],
)
def test_is_what_a_ta_asks_for_on_the_page(shown: str) -> None:
    assert shown in TEXT


def test_does_every_student_have_a_way_to_their_notebook() -> None:
    assert 'href="autograded/ada/05-create-head/05-create-head.ipynb"' in PAGE
    hrefs = re.findall(r'href="(autograded/[^"]*)"', PAGE)
    assert len(hrefs) == len(RECORDS)
    assert all(re.fullmatch(r"[\w./%-]+", href) for href in hrefs)


def class_of(scores: dict[str, tuple[int, int, int]]) -> list[Record]:
    return [
        record(who, *(cell(f"test_{n}", "passed" if s else "failed") for n, s in enumerate(passed)))
        for who, passed in scores.items()
    ]


def test_is_a_check_that_only_the_weak_pass_seen() -> None:
    able = {f"a{n}": (1, 1, 0) for n in range(10)}
    weak = {f"w{n}": (0, 0, 1) for n in range(10)}
    first, _, odd = checks_of(class_of(able | weak))
    assert odd.discrimination is not None and odd.discrimination < -0.9
    assert odd.quintiles == [1, 1, 0, 0, 0] or sum(odd.quintiles[:2]) > sum(odd.quintiles[3:])
    assert first.mean == 0.5
    assert checks_of(class_of({"a": (1, 1, 0)}))[0].discrimination is None


def test_are_nothing_and_everything_counted_apart() -> None:
    marks = spread(class_of({"a": (0, 0, 0), "b": (1, 1, 1), "c": (1, 1, 1), "d": (1, 0, 1)}))
    assert marks is not None
    assert (marks.n, marks.zeros, marks.full) == (4, 1, 2)
    assert marks.median == pytest.approx(5 / 6)


def test_are_messages_that_differ_in_numbers_one_mistake() -> None:
    said = ["✗ f(16, 3): too few", "✗ f(8, 3): too few", "✗ f(8, 3): too few", "✗ another"]
    found = mistakes([record(f"s{n}", cell("test_a", "failed", m)) for n, m in enumerate(said)])
    assert [(m.message, m.students) for m in found] == [("f(8, 3): too few", ["s0", "s1", "s2"])]


def test_is_no_name_or_message_a_formula_for_a_spreadsheet() -> None:
    bad = "=HYPERLINK(1)"
    texts = tables(
        Material(
            "a course",
            [
                record(bad, cell("test_a", "failed", bad)),
                record("+1", cell("test_a", "failed", bad)),
            ],
            {(bad, "05-create-head"): STANDINGS["ada", "05-create-head"]},
            waiting=[Todo("misplaced", bad, "-1", 1)],
        )
    )
    assert set(texts) == {
        *(
            "marks.csv",
            "checks.csv",
            "students-by-checks.csv",
            "mistakes.csv",
            "late.csv",
            "todo.csv",
        )
    }
    cells = [c for text in texts.values() for row in csv.reader(io.StringIO(text)) for c in row]
    assert not [c for c in cells if c.startswith(("=", "+", "-", "@"))]
    assert f"'{bad}" in cells


def test_does_a_browser_run_nothing_of_theirs_and_sort_and_find(tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text(PAGE, encoding="utf-8")
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 390, "height": 800})
        said: list[str] = []
        page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
        page.on("console", lambda message: said.append(message.text))
        page.goto((tmp_path / "report.html").as_uri())
        page.evaluate("document.querySelectorAll('details').forEach(it => it.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        heat = "#heat-1 tbody tr th"
        assert page.locator(heat).first.inner_text() == "ada"
        points = page.locator("#heat-1 thead th:nth-child(2)")
        points.get_by_role("button").click()
        points.get_by_role("button").click()
        assert points.get_attribute("aria-sort") == "ascending"
        assert page.locator(heat).first.inner_text() != "ada"
        page.fill("#find", "lovelace")
        assert page.locator("#heat-1 tbody tr:visible").count() == 1
        with page.expect_download() as download:
            page.locator("a[download='checks.csv']").click()
        assert download.value.suggested_filename == "checks.csv"
        # Even with markup of theirs in the page, the policy lets nothing of it run.
        page.evaluate(
            "document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=document.title=1>')"
        )
        page.wait_for_timeout(50)
        assert page.title() != "1"
        assert all("Content Security Policy" in text for text in said)


@pytest.mark.parametrize(
    ("late", "words"),
    [
        (timedelta(days=1, hours=9, minutes=5), "1 day 9 hours"),
        (timedelta(days=2, minutes=1), "2 days 1 minute"),
        (timedelta(hours=3), "3 hours"),
        (timedelta(minutes=59), "59 minutes"),
        (timedelta(seconds=5), "under a minute"),
    ],
)
def test_is_lateness_said_in_words(late: timedelta, words: str) -> None:
    assert span(late.total_seconds()) == words


def test_is_a_report_of_nothing_refused_with_the_remedy(tmp_path: Path) -> None:
    done = headcheck(make_course(tmp_path / "course"), "report")
    assert done.returncode == 2
    assert "run `headcheck grade`" in done.stderr
    assert not (tmp_path / "course" / "report.html").exists()


def test_is_a_leaderboard_named_only_where_a_lesson_has_one(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    course = copy_of(tmp_path_factory)(tmp_path)
    done = here(course, "report", "--leaderboard", "board.html")
    assert (done.exit_code, "no lesson of this course has a leaderboard" in done.output) == (
        2,
        True,
    )
    add_lesson(course, "02-race", LESSON.replace("print(double", 'print("leaderboard", double'))
    done = here(course, "report", "--leaderboard", "board.html")
    assert "grade 02-race first" in done.output
