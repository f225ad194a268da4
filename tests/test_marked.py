"""Does an answer that a person has read stay read, and does another one come back?"""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from pathlib import Path

import nbformat
import pytest
from hours import in_turn
from in_process import InProcess
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from once import once
from test_grade import FULL, build, gradebook, rows, submit
from tiny_course import NAME, run_python

from headcheck.course.directory import Course
from headcheck.desk.grade import grade_command
from headcheck.grading.marked import Given, marked_file, texts, waits
from headcheck.grading.pool import LocalPool

WHY = "why_twice"
LABELS = {"locked": False, "schema_version": 3, "solution": True, "task": False}


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return once(tmp_path_factory, "built", build) / "course"


@pytest.fixture
def course(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "course"))


def grade(course: Path, *, force: bool = True) -> None:
    pool = LocalPool(InProcess(), 1)
    grade_command(Course.open(course), [NAME], [], force=force, json_file=None, pool=pool)


def mark(
    course: Path, cell: str, points: float | None, *, formgrader: bool = True, student: str = "ada"
) -> None:
    """As formgrader does when a score is typed in; or as a script of one's own."""
    with closing(gradebook(course)) as gb:
        grade = gb.find_grade(cell, NAME, NAME, student)
        grade.manual_score = points
        if formgrader:
            grade.needs_manual_grade = grade.manual_score is None and grade.auto_score is None
        gb.db.commit()


def of(course: Path, cell: str) -> tuple[float | None, float | None, bool]:
    return rows(course)["ada"][cell]


@pytest.mark.parametrize("formgrader", [True, False])
@in_turn
def test_does_a_mark_stay_and_an_answer_come_back_only_when_its_text_changed(
    course: Path, formgrader: bool
) -> None:
    submit(course, "ada", FULL)
    grade(course)
    assert of(course, WHY) == (None, None, True)
    mark(course, WHY, 1.5, formgrader=formgrader)
    mark(course, "test_seven", 0.5, formgrader=formgrader)
    grade(course)
    grade(course)
    assert of(course, WHY) == (None, 1.5, False)
    assert of(course, "test_seven") == (1, 0.5, False)

    submit(course, "ada", FULL | {WHY: "Because of something else."})
    grade(course)
    assert of(course, WHY) == (None, 1.5, True)  # the old mark is shown, and waits
    assert of(course, "test_seven") == (1, 0.5, False)
    grade(course)
    assert of(course, WHY) == (None, 1.5, True)  # still unread: nobody has marked it since

    mark(course, WHY, 1.5)  # read, and worth the same
    grade(course)
    assert of(course, WHY) == (None, 1.5, False)

    submit(course, "ada", FULL | {WHY: "Because of something else.", "seven": "seven = 3 + 4"})
    grade(course)
    assert of(course, WHY) == (None, 1.5, False)
    assert of(course, "test_seven") == (1, 0.5, True)  # the answer that this check is about


def test_does_what_was_marked_come_back_read_when_its_text_does(course: Path) -> None:
    submit(course, "ada", FULL)
    grade(course)
    mark(course, WHY, 2)
    submit(course, "ada", FULL | {WHY: "Wrong file, sorry."})
    grade(course)
    assert of(course, WHY) == (None, 2, True)
    submit(course, "ada", FULL)
    grade(course)
    assert of(course, WHY) == (None, 2, False)


def test_does_formgrader_have_the_same_queue(course: Path) -> None:
    submit(course, "ada", FULL)
    submit(course, "bob", FULL)
    grade(course)
    mark(course, WHY, 1)
    grade(course)
    with closing(gradebook(course)) as gb:
        waiting = {s.student.id: s.needs_manual_grade for s in gb.assignment_submissions(NAME)}
        overview = gb.submission_dicts(NAME)
    assert waiting == {"ada": False, "bob": True}
    assert {one["student"]: one["needs_manual_grade"] for one in overview} == waiting


@in_turn
def test_does_nbgraders_own_command_keep_the_same_queue(course: Path) -> None:
    with (course / "grader_config.py").open("a") as file:
        file.write("\nc.RunChecks.engine = 'nbgrader'\n")
    submit(course, "ada", FULL)
    grade(course)
    mark(course, WHY, 1.5)
    autograde = ("-m", "nbgrader", "autograde", NAME, "--force")
    assert run_python(course, *autograde).returncode == 0
    assert of(course, WHY) == (None, 1.5, False)
    submit(course, "ada", FULL | {WHY: "Another reason."})
    assert run_python(course, *autograde).returncode == 0
    assert of(course, WHY) == (None, 1.5, True)
    record = json.loads((course / ".headcheck" / "graded" / NAME / "ada.json").read_text())
    assert len(record["history"]) == 2


@in_turn
def test_is_nothing_called_read_when_what_was_read_is_not_known(course: Path) -> None:
    submit(course, "ada", FULL)
    grade(course)
    mark(course, WHY, 1.5)
    remembered = marked_file(course / ".headcheck", "ada", NAME)
    remembered.unlink()
    grade(course)
    assert of(course, WHY) == (None, 1.5, False)  # the graded notebook says what lay there
    remembered.unlink()
    submit(course, "ada", FULL | {WHY: "Another reason."})
    grade(course)
    assert of(course, WHY) == (None, 1.5, True)
    remembered.unlink()
    grade(course)
    assert of(course, WHY) == (None, 1.5, True)
    mark(course, WHY, 1.5)
    remembered.unlink()
    shutil.rmtree(course / "autograded")
    grade(course)
    assert of(course, WHY) == (None, 1.5, True)


@in_turn
def test_does_a_run_that_ended_before_it_remembered_lose_nobodys_answer(course: Path) -> None:
    """The gradebook has the marks of the new text, the memory is that of the old one."""
    submit(course, "ada", FULL)
    grade(course)
    mark(course, WHY, 1.5)
    grade(course)
    remembered = marked_file(course / ".headcheck", "ada", NAME)
    old = remembered.read_bytes()
    submit(course, "ada", FULL | {WHY: "Another reason."})
    grade(course)
    remembered.write_bytes(old)
    grade(course)
    assert of(course, WHY) == (None, 1.5, True)


def test_is_what_a_person_reads_all_that_counts() -> None:
    def lesson(why: str = "w", seven: str = "7", free: str = "f", picture: str = "a"):
        notebook = new_notebook()
        written = new_markdown_cell(why, metadata={"nbgrader": LABELS | {"grade": True}})
        written.metadata.nbgrader["grade_id"] = "why_x"
        written["attachments"] = {"p.png": {"image/png": picture}}
        answer = new_code_cell(seven, metadata={"nbgrader": LABELS | {"grade": False}})
        answer.metadata.nbgrader["grade_id"] = "seven"
        checks = []
        for name in ("test_seven", "test_everything"):
            check = new_code_cell("1", metadata={"nbgrader": LABELS | {"grade": True}})
            check.metadata.nbgrader |= {"grade_id": name, "solution": False, "locked": True}
            checks.append(check)
        task = new_markdown_cell("t", metadata={"nbgrader": LABELS | {"grade": False}})
        task.metadata.nbgrader |= {"grade_id": "task", "solution": False, "task": True}
        notebook.cells = [written, answer, *checks, task, new_markdown_cell(free)]
        return texts(nbformat.from_dict(notebook))

    def changed(**other: str) -> set[str]:
        return {name for name, text in lesson(**other).items() if text != lesson()[name]}

    assert set(lesson()) == {"why_x", "test_seven", "test_everything", "task"}
    assert changed(why="w  \n") == set()
    assert changed(why="v") == {"why_x", "test_everything", "task"}
    assert changed(picture="b") == {"why_x", "test_everything", "task"}
    assert changed(seven="8") == {"test_seven", "test_everything", "task"}
    assert changed(free="g") == {"test_everything", "task"}


def test_is_every_way_to_a_mark_told_from_the_next() -> None:
    before = Given(text="old", mark=1.0, waits=False, read="old")
    unread = Given(text="new", mark=1.0, waits=True, read="old")
    known = dict(no_score=True)
    assert not waits(before, "old", 1.0, False, **known).waits
    assert waits(before, "new", 1.0, False, **known).waits
    assert waits(before, "new", 2.0, False, **known).waits  # marked before the new text lay there
    assert waits(unread, "new", 1.0, True, **known).waits
    assert not waits(unread, "new", 1.0, False, **known).waits  # the same mark, given again
    assert not waits(unread, "new", 2.0, True, **known).waits  # by a script that leaves the flag
    assert waits(unread, "newer", 2.0, False, **known).waits
    assert waits(before, "old", None, False, **known).waits  # the mark was taken back
    assert not waits(before, "old", None, False, no_score=False).waits
