"""Does the class gradebook say of a submission what nbgrader says, without asking once for each?"""

from __future__ import annotations

import random
import shutil
from contextlib import closing
from datetime import datetime, timedelta

import pytest
from nbgrader.api import Grade, Gradebook, Student, SubmittedAssignment, SubmittedNotebook
from sqlalchemy import event
from tiny_course import ROOT

from headcheck.course.directory import Course
from headcheck.grading.gradebook import ClassGradebook, Standing

DUE = datetime(2026, 1, 1)


def fill(gradebook: Gradebook, students: int) -> None:
    """Two assignments; marks by program and by hand, extra credit, extensions, penalties, gaps."""
    rng, db = random.Random(1), gradebook.db
    db.add_all(Student(id=f"s{n}") for n in range(students))
    for assignment, due in (("first", DUE), ("second", None)):
        gradebook.add_assignment(assignment, duedate=due)
        gradebook.add_notebook("notebook", assignment)
        for name, kind in (("test_a", "code"), ("test_b", "code"), ("why_c", "markdown")):
            gradebook.add_grade_cell(name, "notebook", assignment, max_score=3, cell_type=kind)
        found = gradebook.find_assignment(assignment)
        cells = [cell.id for cell in found.notebooks[0].grade_cells]
        for n in range(students):
            late = timedelta(hours=rng.randint(-30, 30))
            longer = timedelta(hours=9) if due and n % 3 == 0 else None
            row = SubmittedAssignment(
                assignment_id=found.id,
                student_id=f"s{n}",
                timestamp=DUE + late if n % 4 else None,
                extension=longer,
            )
            db.add(row)
            db.flush()
            notebook = SubmittedNotebook(
                assignment_id=row.id,
                notebook_id=found.notebooks[0].id,
                late_submission_penalty=1.5 if n % 2 else None,
            )
            db.add(notebook)
            db.flush()
            db.add_all(
                Grade(
                    cell_id=cell,
                    notebook_id=notebook.id,
                    auto_score=rng.choice([None, 0.0, 3.0]),
                    manual_score=rng.choice([None, None, 2.5]),
                    extra_credit=rng.choice([None, 0.5]),
                    needs_manual_grade=rng.random() < 0.5,
                )
                for cell in (cells if n else [])  # the first one has no grades at all
            )
    db.commit()


@pytest.fixture
def gradebook(tmp_path):
    for name in ("nbgrader_config.py", "grader_config.py"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "source").mkdir()
    with closing(ClassGradebook(Course.open(tmp_path))) as found:
        yield found


def as_nbgrader_says(submission: SubmittedAssignment) -> Standing:
    return Standing(
        score=submission.score,
        max_score=submission.max_score,
        late_penalty=submission.late_submission_penalty,
        seconds_late=submission.total_seconds_late,
        to_read=sum(g.needs_manual_grade for n in submission.notebooks for g in n.grades),
        timestamp=submission.timestamp,
        extension=submission.extension,
    )


def test_are_standings_and_scores_those_of_nbgrader(gradebook):
    fill(gradebook.gb, 12)
    standings = gradebook.standings()
    assert len(standings) == 24
    for assignment in ("first", "second"):
        marks = gradebook.marks(assignment)
        for submission in gradebook.gb.assignment_submissions(assignment):
            student = submission.student.id
            assert standings[student, assignment] == as_nbgrader_says(submission)
            grades = [grade for notebook in submission.notebooks for grade in notebook.grades]
            mine = marks.get(student, {})
            assert {name: (mark.auto, mark.score) for name, mark in mine.items()} == {
                grade.name: (grade.auto_score, grade.score) for grade in grades
            }


def test_do_more_students_need_no_more_queries(gradebook):
    fill(gradebook.gb, 40)
    asked = []
    event.listen(gradebook.gb.engine, "before_cursor_execute", lambda *a: asked.append(a[2]))
    gradebook.standings()
    gradebook.marks("first")
    assert len(asked) < 10


def test_is_a_mark_given_meanwhile_by_another_program_seen(gradebook):
    fill(gradebook.gb, 1)
    before = gradebook.standings()["s0", "second"].max_score
    with Gradebook(gradebook.course.db_url) as other:
        other.add_grade_cell("test_d", "notebook", "second", max_score=2, cell_type="code")
    assert gradebook.standings()["s0", "second"].max_score == before + 2
