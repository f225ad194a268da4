"""Does a late penalty follow what was changed after the grading, and a course's own rule count?"""

from __future__ import annotations

import csv
import re
import shutil
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from hours import in_turn
from nbgrader.api import Gradebook
from once import once
from test_grade import FULL, grade_with_fake, submit
from tiny_course import NAME, headcheck, make_course, run_python

ENGINE = ("--engine", "nbgrader")
ZERO = "\nc.LateSubmissionPlugin.penalty_method = 'zero'\n"
OWN = "\nc.AssignLatePenalties.plugin_class = 'our_rule.PerDay'\nc.PerDay.points = 1.5\n"
OUR_RULE = """\
from nbgrader.plugins import BasePlugin
from traitlets import Float


class PerDay(BasePlugin):
    points = Float(1.0).tag(config=True)

    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return {answer}
"""


@pytest.fixture(scope="session")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """ada is late by two days, bob in time; both have 4 of 4, and a written answer to be read."""

    def make(place: Path) -> None:
        course = make_course(place / "course")
        configure(course, ZERO)
        assert headcheck(course, "build", "--no-verify").returncode == 0
        for student, when in (("ada", "2030-01-04 12:00:00"), ("bob", "2030-01-01 12:00:00")):
            (submit(course, student, FULL) / "timestamp.txt").write_text(f"{when} UTC")
        due(course, "2030-01-02 12:00:00 UTC")
        grade_with_fake(course)

    return once(tmp_path_factory, "penalties", make) / "course"


@pytest.fixture
def course(graded: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(graded, tmp_path / "course"))


def configure(course: Path, text: str) -> None:
    with (course / "grader_config.py").open("a") as file:
        file.write(text)


def gradebook(course: Path) -> Gradebook:
    return Gradebook(f"sqlite:///{course / 'gradebook.db'}", "body-and-head")


def due(course: Path, when: str) -> None:
    with closing(gradebook(course)) as gb:
        gb.update_or_create_assignment(NAME, duedate=when)


def penalties(course: Path) -> dict[str, float]:
    with closing(gradebook(course)) as gb:
        return {s.student.id: s.late_submission_penalty for s in gb.assignment_submissions(NAME)}


def marks(course: Path) -> list[tuple[object, ...]]:
    with closing(gradebook(course)) as gb:
        return sorted(
            (s.student.id, g.name, g.auto_score, g.manual_score, g.extra_credit)
            for s in gb.assignment_submissions(NAME)
            for n in s.notebooks
            for g in n.grades
        )


def extend(course: Path) -> None:
    with closing(gradebook(course)) as gb:
        gb.grant_extension(NAME, "ada", days=3)


def move(course: Path) -> None:
    due(course, "2030-02-02 12:00:00 UTC")


def no_date(course: Path) -> None:
    with closing(gradebook(course)) as gb:
        gb.find_assignment(NAME).duedate = None
        gb.db.commit()


def earlier(course: Path) -> None:
    due(course, "2029-12-01 12:00:00 UTC")


def shorter(course: Path) -> None:
    """An extension that is taken back."""
    with closing(gradebook(course)) as gb:
        gb.find_submission(NAME, "ada").extension = timedelta(hours=-1)
        gb.db.commit()


def other_setting(course: Path) -> None:
    configure(course, "\nc.LateSubmissionPlugin.penalty_method = 'none'\n")


def mark(course: Path) -> None:
    with closing(gradebook(course)) as gb:
        for student in ("ada", "bob"):
            gb.find_grade("why_twice", NAME, NAME, student).manual_score = 1.5
        gb.find_grade("test_seven", NAME, NAME, "ada").extra_credit = 0.25
        gb.db.commit()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (extend, {"ada": 0, "bob": 0}),
        (move, {"ada": 0, "bob": 0}),
        (no_date, {"ada": 0, "bob": 0}),
        (earlier, {"ada": 4, "bob": 4}),
        (shorter, {"ada": 4, "bob": 0}),
        (other_setting, {"ada": 0, "bob": 0}),
        (mark, {"ada": 5.75, "bob": 0}),
    ],
)
def test_does_a_penalty_follow_what_is_changed_later(course: Path, change, expected) -> None:
    assert penalties(course) == {"ada": 4, "bob": 0}
    change(course)
    before = marks(course)
    done = headcheck(course, "grade", *ENGINE)
    assert done.returncode == 0, done.stderr
    assert "2 of 2 did not change" in done.stdout  # and no notebook was run for it
    assert penalties(course) == expected
    assert ("worked out again" in done.stdout) == (expected != {"ada": 4, "bob": 0})
    assert marks(course) == before


def nbgrader(course: Path, *arguments: str) -> None:
    done = run_python(course, "-m", "nbgrader", *arguments)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr, done.stderr


@pytest.mark.parametrize(("change", "shown"), [(mark, "0.0 / 6.0"), (extend, "4.0 / 6.0")])
def test_is_an_old_penalty_in_no_page_and_no_table_of_plain_nbgrader(
    course: Path, change, shown: str
) -> None:
    """A person marks, or gives more time, and no command of ours is run."""
    change(course)
    before = marks(course)
    nbgrader(course, "generate_feedback", NAME, "--student", "ada")
    page = (course / "feedback" / "ada" / NAME / f"{NAME}.html").read_text()
    assert re.search(rf"Score: *{shown}", page), page[page.index("Score:") :][:40]
    assert penalties(course) == {"ada": 5.75 if change is mark else 0, "bob": 0}
    assert marks(course) == before


def test_does_the_table_of_nbgrader_export_follow_every_due_date(course: Path) -> None:
    earlier(course)
    nbgrader(course, "export", "--to", "grades.csv")
    rows = list(csv.DictReader((course / "grades.csv").open()))
    assert {row["student_id"]: row["late_submission_penalty"] for row in rows} == {
        "ada": "4.0",
        "bob": "4.0",
    }


def test_is_nothing_written_when_every_penalty_is_right(course: Path) -> None:
    before = (course / "gradebook.db").read_bytes()
    done = headcheck(course, "grade", *ENGINE)
    assert done.returncode == 0 and "worked out again" not in done.stdout
    assert (course / "gradebook.db").read_bytes() == before


def test_is_the_whole_course_put_right_whatever_is_graded(course: Path) -> None:
    extend(course)
    assert headcheck(course, "grade", "--student", "bob", *ENGINE).returncode == 0
    assert penalties(course) == {"ada": 0, "bob": 0}


@pytest.mark.parametrize(
    ("answer", "ada"),
    [
        ("self.points * total_seconds_late / 86400", 3.0),
        ("None", 0),
        ("-2", 0),
        ("1000", 4),
        ("float('inf')", 4),
    ],
)
def test_does_a_rule_beside_the_configuration_count(course: Path, answer: str, ada: float) -> None:
    (course / "our_rule.py").write_text(OUR_RULE.format(answer=answer))
    configure(course, OWN)
    done = headcheck(course.parent, "grade", "--course", str(course), *ENGINE)
    assert done.returncode == 0, done.stderr
    assert penalties(course) == {"ada": ada, "bob": 0}


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (OUR_RULE.format(answer="1 / 0"), "PerDay failed for ada (ZeroDivisionError"),
        (OUR_RULE.format(answer="float('nan')"), "PerDay gives no number for ada"),
        (OUR_RULE.format(answer="'much'"), "PerDay failed for ada (ValueError"),
        (OUR_RULE.replace("PerDay", "Other"), "our_rule.PerDay cannot be used"),
        ("import nothing_of_that_name\n", "our_rule.PerDay cannot be used"),
        ("def (:\n", "our_rule.PerDay cannot be used"),
        ("class PerDay: pass\n", "our_rule.PerDay cannot be used"),
        (None, "our_rule.PerDay cannot be used"),
    ],
)
def test_is_a_rule_that_does_not_work_one_sentence(course: Path, rule, said: str) -> None:
    if rule is not None:
        (course / "our_rule.py").write_text(rule)
    configure(course, OWN)
    done = headcheck(course, "grade", *ENGINE)
    assert done.returncode == 2
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("headcheck: ")]
    assert said in line and "Traceback" not in done.stderr
    assert penalties(course) == {"ada": 4, "bob": 0}


@in_turn
def test_does_plain_nbgrader_find_the_rule_from_anywhere(course: Path, tmp_path: Path) -> None:
    """As formgrader does: started in another folder."""
    (course / "our_rule.py").write_text(
        OUR_RULE.format(answer="self.points * total_seconds_late / 86400")
    )
    configure(course, OWN + "c.RunChecks.engine = 'nbgrader'\n")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    command = ("-m", "nbgrader", "autograde", NAME, "--force", f"--course-dir={course}")
    done = run_python(elsewhere, *command)
    assert done.returncode == 0, done.stderr
    assert penalties(course) == {"ada": 3.0, "bob": 0}
