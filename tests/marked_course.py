"""A graded course of one written question and as many students as wanted, made without grading.

The graded notebooks and the gradebook are written as nbgrader writes them, so that a test about
reading and marking costs no run of a notebook.
"""

from __future__ import annotations

import json
from contextlib import closing
from copy import deepcopy
from pathlib import Path

import nbformat
from tiny_course import NAME, make_course
from typer.testing import CliRunner, Result

from headcheck.cli import app
from headcheck.course.directory import Course
from headcheck.grading.gradebook import ClassGradebook

QUESTION = "why_twice"
UNANSWERED = "student-000"  # left the given text


def marked_course(folder: Path, students: int, answers: dict[str, str] | None = None) -> Path:
    """A course in which `students` people have handed in; `answers`: the text of some of them."""
    make_course(folder)
    built = here(folder, "build", "--no-verify")
    assert built.exit_code == 0, built.output
    course = Course.open(folder)
    with closing(ClassGradebook(course)) as gradebook:
        for number in range(students):
            student = f"student-{number:03}"
            hand_in(gradebook, student, _text(number))
        for student, text in (answers or {}).items():
            hand_in(gradebook, student, text)
    return folder


def here(course: Path, verb: str, *arguments: str) -> Result:
    """The command line in this process: no three seconds for its imports."""
    return CliRunner().invoke(app, [verb, "--course", str(course), *arguments])


def _text(number: int) -> str | None:
    return None if number == 0 else f"It is **{number}** times the same, because `x + x`."


def hand_in(
    gradebook: ClassGradebook, student: str, text: str | None, **cell_fields: object
) -> None:
    """One more graded submission, with this written answer (None: the given text is left)."""
    course = gradebook.course
    release = course.release_root / NAME / f"{NAME}.ipynb"
    notebook = deepcopy(nbformat.read(release, as_version=4))
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == QUESTION:
            cell.update(cell_fields)
            if text is not None:
                cell.source = text
    for place in ("submitted", "autograded"):
        path = course.root / place / student / NAME / f"{NAME}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(notebook))
    gradebook.save(notebook, student=student, assignment=NAME, name=NAME, timestamp=None)


def graded_notebook(course: Path, student: str) -> Path:
    return course / "autograded" / student / NAME / f"{NAME}.ipynb"


def add_cells(course: Path, student: str, cells: list[nbformat.NotebookNode]) -> None:
    """More cells at the end of somebody's graded notebook, as if they had been handed in."""
    file = graded_notebook(course, student)
    notebook = nbformat.read(file, as_version=4)
    notebook.cells += cells
    file.write_text(json.dumps(notebook))
