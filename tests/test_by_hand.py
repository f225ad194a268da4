"""Is a person's mark over a check's, and every extra point, seen wherever marks are, and no check's success?"""

from __future__ import annotations

import csv
import io
import json
import re
from contextlib import closing
from pathlib import Path

import pytest
from given_back import fault_of_ours, feedback, words
from hours import in_turn
from lms_class import copy_of, read_by_a_person
from test_grade import gradebook
from tiny_course import NAME, headcheck

from headcheck.course.directory import Course
from headcheck.desk.moves import move, summary
from headcheck.grading.gradebook import ClassGradebook, Mark
from headcheck.grading.overridden import overridden
from headcheck.grading.record import load_record


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """bob's failed check has full marks by hand and his answer half a point extra, dee's has an extra
    point, jon's passed check is taken down, ada's is given what it had."""
    made = copy_of(tmp_path_factory)(tmp_path_factory.mktemp("by_hand"))
    read_by_a_person(made, bob=2, jon=2)
    with closing(gradebook(made)) as gb:
        for who, given in (("bob", 2), ("jon", 0.5), ("ada", 2)):
            grade = gb.find_grade("test_double", NAME, NAME, who)
            grade.manual_score, grade.needs_manual_grade = given, False
        gb.find_grade("test_double", NAME, NAME, "dee").extra_credit = 1
        gb.find_grade("why_twice", NAME, NAME, "bob").extra_credit = 0.5
        gb.db.commit()
    return made


@pytest.fixture(scope="module")
def regraded(course: Path) -> tuple[str, list[dict[str, object]]]:
    """What `headcheck grade` says and writes when nothing was handed in anew."""
    done = headcheck(course, "grade", "--json", "results.json")
    assert done.returncode == 0, done.stderr
    return done.stdout, json.loads((course / "results.json").read_text())


def test_are_only_checks_and_extra_points_found(course: Path) -> None:
    with closing(ClassGradebook(Course.open(course))) as opened:
        found = {
            (one.student, one.grade_id): (one.auto, one.given, one.extra, one.changes)
            for one in overridden(opened)
        }
    assert found == {
        ("ada", "test_double"): (2, 2, 0, False),
        ("bob", "test_double"): (0, 2, 0, True),
        ("bob", "why_twice"): (None, None, 0.5, True),
        ("dee", "test_double"): (0, None, 1, True),
        ("jon", "test_double"): (2, 0.5, 0, True),
    }


@in_turn
def test_does_the_table_say_where_another_mark_counts(
    regraded: tuple[str, list[dict[str, object]]],
) -> None:
    said, results = regraded
    assert re.search(r"bob *│ *1/4 \*2 ", said), said
    assert re.search(r"ada *│ *4/4 │", said)
    assert "*N: marks by hand over a check's, or extra points (4)." in said
    mine = {one["student"]: one for one in results}
    assert mine["bob"]["score"] == 1
    assert mine["jon"]["by_hand"] == [
        {"grade_id": "test_double", "automatic": 2, "by_hand": 0.5, "extra": 0, "max_score": 2}
    ]
    assert mine["ada"]["by_hand"] == []


def test_does_the_report_name_them_and_count_no_check_as_passed(
    course: Path, regraded: tuple[str, list[dict[str, object]]]
) -> None:
    page = (course / "report.html").read_text()
    said = words(page.encode())
    assert "jon 01-double test_double 2 0.5 – 2" in said
    assert "dee 01-double test_double 0 – +1 2" in said
    assert "test_double : a person gave 2, the check 0" in said
    assert len(re.findall(r'<td class="failed" data-v="0">✗\*</td>', page)) == 2  # bob's and dee's
    done = headcheck(course, "report", "--csv", "tables")
    assert done.returncode == 0, done.stderr
    tables = {path.name: path.read_text("utf-8-sig") for path in (course / "tables").iterdir()}
    rows = list(csv.DictReader(io.StringIO(tables["by-hand.csv"])))
    assert [(r["student"], r["automatic"], r["by_hand"], r["extra"]) for r in rows] == [
        ("bob", "0.0", "2.0", ""),
        ("bob", "", "", "0.5"),
        ("dee", "0.0", "", "1.0"),
        ("jon", "2.0", "0.5", ""),
    ]
    cells = csv.DictReader(io.StringIO(tables["students-by-checks.csv"]))
    bob = next(r for r in cells if r["student"] == "bob" and r["check"] == "test_double")
    assert (bob["score"], bob["outcome"], bob["by_hand"]) == ("0.0", "failed", "2.0")


def test_is_a_report_made_again_when_only_who_gave_the_points_changed(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    own = copy_of(tmp_path_factory)(tmp_path)
    headcheck(own, "report")
    with closing(gradebook(own)) as gb:  # the sums stay as they were
        gb.find_grade("test_double", NAME, NAME, "jon").manual_score = 1
        gb.find_grade("test_double", NAME, NAME, "jon").extra_credit = 1
        gb.db.commit()
    headcheck(own, "report")
    assert "a person gave 1, the check 2: 1 extra" in words((own / "report.html").read_bytes())


def test_does_a_student_read_who_gave_which_points(course: Path) -> None:
    feedback(course)
    folder = course / "outbox" / f"feedback-{NAME}"
    pages = {path.parent.name: words(path.read_bytes()) for path in folder.rglob("feedback.html")}
    bob, jon, dee = pages["bob"], pages["jon"], pages["dee"]
    assert "✎ double hidden test 2 / 2 not right yet; a person gave 2 a hidden check" in bob
    assert "Automatic checks 1 / 4 Written answers 2 / 2" in bob
    assert "Checks, by a person +2 Extra points +0.5" in bob
    assert "read by a person; 0.5 extra" in bob
    assert "✎ double 0.5 / 2 passed; a person gave 0.5" in jon
    assert "Checks, by a person −1.5" in jon
    assert "✎ double 1 / 2 not right yet; 1 extra" in dee
    assert "✓ double 2 / 2 passed" in pages["ada"]
    assert "Checks, by a person" not in pages["ada"]


def test_does_gradescope_call_no_check_passed_by_a_persons_mark(course: Path) -> None:
    done = headcheck(course, "export", NAME, "--to", "gradescope")
    assert done.returncode == 0, done.stderr
    folder = course / "outbox" / f"gradescope-{NAME}"
    for who, score, status in (("bob", 2, "failed"), ("jon", 0.5, "passed")):
        tests = json.loads((folder / who / "results.json").read_text())["tests"]
        double = next(one for one in tests if one["name"] == "double")
        assert (double["score"], double["status"]) == (score, status)
        assert "a person gave" in double["output"]


def test_does_a_preview_list_extra_points_as_kept(course: Path) -> None:
    record = load_record(Course.open(course), "dee", NAME)
    assert record is not None
    better = [cell.model_copy(update={"score": cell.max_score}) for cell in record.cells]
    moved = move(
        record.model_copy(update={"cells": better}),
        record,
        {"test_double": Mark(0, None, 1), "test_seven": Mark(0, 0.5)},
    )
    assert moved is not None
    assert (moved.before, moved.after) == (1.5, 3.5)
    assert {check.grade_id: (check.kept, check.extra) for check in moved.checks} == {
        "test_double": (None, 1),
        "test_seven": (0.5, 0),
    }
    assert summary([moved]).endswith("2 kept by hand")


def test_is_a_fault_of_ours_that_a_person_marked_told_without_its_text(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    own = copy_of(tmp_path_factory)(tmp_path)
    fault_of_ours(own, "jon", given=2)
    feedback(own, "folders", "jon")
    (path,) = (own / "outbox").rglob("jon/feedback.html")
    said = words(path.read_bytes())
    assert "✎ double 2 / 2 not judged: a fault of ours; a person gave 2" in said
    assert "grizzly" not in said
