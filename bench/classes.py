"""A sample class for the benchmarks, and course folders in which each grader finds it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from headcheck.authoring.release import reference
from headcheck.authoring.samples import Sample, compose, read_folder
from headcheck.course.cells import grade_id_of, role_of
from headcheck.course.directory import CONFIG_FILES, Course, Lesson
from headcheck.course.files import write_whole

ROOT = Path(__file__).parents[1]
LESSONS = ("02-the-cut", "05-create-head")
# What a course without this project would have: nbgrader's own steps, its own Execute.
STOCK_CONFIG = """\
c = get_config()
c.CourseDirectory.course_id = "body-and-head"
c.CourseDirectory.release_directory = "notebooks"
c.CourseDirectory.ignore = [".*", "__pycache__", "*.pyc", "[0-9][0-9]-*.py", "feedback"]
"""


@dataclass(frozen=True)
class Submission:
    """One student's notebook as handed in."""

    student: str
    lesson: str
    notebook: bytes


def build_course(folder: Path, lessons: Sequence[str]) -> Course:
    """A built copy of the course with the real configuration, and nothing handed in."""
    folder.mkdir(parents=True)
    for name in CONFIG_FILES:
        shutil.copy(ROOT / name, folder)
    for lesson in lessons:
        text = folder / "source" / lesson / f"{lesson}.py"
        text.parent.mkdir(parents=True)
        shutil.copy(ROOT / "source" / lesson / text.name, text)
    command = [sys.executable, "-m", "headcheck.cli", "build", "--no-verify"]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return Course.open(folder)


def stock_copy(course: Course, folder: Path) -> Path:
    """The same built course with a plain configuration of nbgrader."""
    shutil.copytree(course.root, folder)
    for name in CONFIG_FILES:
        (folder / name).unlink()
    write_whole(folder / "nbgrader_config.py", STOCK_CONFIG.encode())
    return folder


def make_class(course: Course, size: int) -> list[Submission]:
    """`size` submissions, the same number of each lesson: a third right, the others with a mistake.

    A larger class than there are samples hands samples in again under other names.
    """
    names = [lesson.name for lesson in course.lessons()]
    return list(
        chain.from_iterable(
            _of_lesson(course, lesson, size // len(names) + (number < size % len(names)))
            for number, lesson in enumerate(names)
        )
    )


def _of_lesson(course: Course, lesson: str, size: int) -> list[Submission]:
    right = _that_end(ROOT / "tests" / "variants" / lesson)
    wrong = _that_end(ROOT / "tests" / "mutants" / lesson)
    chosen = [*_spread(right, size // 3), *_spread(wrong, size - size // 3)]
    return [
        Submission(f"student-{number:04}", lesson, compose(sample, course)[f"{lesson}.ipynb"])
        for number, sample in enumerate(chosen, start=1)
    ]


def _that_end(folder: Path) -> list[Sample]:
    """Samples that neither loop nor come damaged: every grader has to be able to run them."""
    return [
        sample
        for sample in read_folder(folder)
        if "while True" not in sample.path.read_text() and not sample.damage
    ]


def _spread(samples: list[Sample], size: int) -> list[Sample]:
    return [samples[number * len(samples) // size % len(samples)] for number in range(size)]


def hand_in(folder: Path, submissions: Sequence[Submission]) -> None:
    """Fill `submitted/` and forget what was graded before."""
    for name in ("submitted", "autograded", ".headcheck/graded"):
        shutil.rmtree(folder / name, ignore_errors=True)
    for one in submissions:
        name = f"submitted/{one.student}/{one.lesson}/{one.lesson}.ipynb"
        write_whole(folder / name, one.notebook)


def with_checks(lesson: Lesson, submission: Submission) -> NotebookNode:
    """The instructor's notebook, hidden tests included, with this student's answers in it."""
    notebook = reference(lesson)
    handed_in = nbformat.reads(submission.notebook.decode(), as_version=4)
    answers = {grade_id_of(cell): cell.source for cell in handed_in.cells}
    for cell in notebook.cells:
        if role_of(cell) == "answer":
            cell.source = answers[grade_id_of(cell)]
    return notebook
