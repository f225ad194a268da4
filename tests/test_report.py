"""Does the class report tell the truth, to people, without the network?"""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tiny_course import headcheck, make_course

from headcheck.desk.report import in_words, questions, render
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
PAGE = render("a course", RECORDS, STANDINGS)


def test_does_the_page_need_nothing_from_outside() -> None:
    assert not re.search(r"""(src|href)=["'](?!#)|url\(|@import|https?:""", PAGE)
    assert "default-src 'none'" in PAGE


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
        render("a course", records, {})
    finally:
        sys.setprofile(None)
    return count


def test_does_each_more_student_take_as_much_work_as_the_one_before() -> None:
    render("a course", RECORDS, STANDINGS)  # templates are compiled once
    small, larger, large = map(calls_of, (40, 80, 120))
    assert large - larger < 1.02 * (larger - small)


def test_are_questions_counted() -> None:
    first, second = questions(RECORDS)
    assert (first.grade_id, first.graded, first.lost) == ("test_a", 4, 3)
    assert (first.frequent, first.seen) == ("too few layers", 2)
    assert first.mean == 0.25
    assert dict(first.outcomes) == {"passed": 1, "failed": 2, "error": 1}
    assert (second.graded, second.lost, second.frequent) == (3, 1, "x")


@pytest.mark.parametrize(
    "shown",
    ["late: 2 days", "4.5 of 9", "late penalty of 2.5", "424242", "engine isolated", "1 to read"],
)
def test_is_what_a_ta_asks_for_on_the_page(shown: str) -> None:
    assert shown in re.sub(r"<[^>]+>", "", PAGE)


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(days=1, hours=9), "1 day"),
        (timedelta(hours=3), "3 hours"),
        (timedelta(minutes=59), "59 minutes"),
        (timedelta(seconds=5), "under a minute"),
    ],
)
def test_is_lateness_said_in_words(span: timedelta, words: str) -> None:
    assert in_words(span) == words


def test_is_a_report_of_nothing_refused_with_the_remedy(tmp_path: Path) -> None:
    done = headcheck(make_course(tmp_path / "course"), "report")
    assert done.returncode == 2
    assert "run `headcheck grade`" in done.stderr
    assert not (tmp_path / "course" / "report.html").exists()
