"""Are our marks those of nbgrader, where all cells of a notebook share one kernel?

Compared, cell by cell: the sample class, and of each lesson a right answer and one or two mistakes,
always the same ones. Ours are the marks in the gradebook of the real `headcheck grade`: answers and
checks in two processes. The others come from *one* process, as in nbgrader: the instructor's locked
cells are put over the student's, all cells run in their order on Jupyter's shell, and nbgrader's
`determine_grade` reads the marks from the outputs. Three submissions are graded by the real
`nbgrader autograde` with its own configuration too, so that the one process may stand for it.

Not compared: samples whose header says why they differ (`differs`), the rest of the corpus, and
what only a real kernel does (a kernel that dies, nbgrader's own time limit). bench/equality.py
compares the whole corpus with real kernels. The lessons' demo cells are left out here.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest
from nbformat import NotebookNode
from nbgrader.utils import determine_grade
from once import once
from real_course import ROOT, copy_of_the_course
from test_mistakes import LESSONS, SAMPLES, without_demos

from headcheck.authoring.release import reference
from headcheck.authoring.samples import Sample, compose
from headcheck.course.cells import grade_id_of
from headcheck.course.directory import Course, Lesson
from headcheck.grading.work import Limits
from headcheck.references import sources

if TYPE_CHECKING:
    from headcheck.sandbox.forkserver import Forkserver

sys.path.append(str(ROOT / "bench"))
from classes import stock_copy
from equality import Marks, marks_of, run, submit

LIMITS = Limits(cell_seconds=25, submission_seconds=200)
STOCK_LESSON = "02-the-cut"  # three of its submissions go through real kernels
# What an ordinary kernel gets through its environment.
SEED = "__import__('headcheck.seed', fromlist=['draw']).set_seed(1)"


def _chosen() -> Iterator[str]:
    """The class, and by a hash of their names a variant and some mutants of each lesson."""
    in_class = [student for student in SAMPLES if student.startswith("class")]
    yield from in_class
    for lesson in LESSONS:
        mutants = 1 if any(SAMPLES[student].lesson == lesson for student in in_class) else 2
        for kind, number in (("variants", 1), ("mutants", mutants)):
            names = [n for n, s in SAMPLES.items() if n.startswith(kind) and s.lesson == lesson]
            yield from sorted(names, key=lambda name: sha256(name.encode()).digest())[:number]


def _differs(sample: Sample) -> bool:
    return "differs" in sample.header


CHOSEN = {student: SAMPLES[student] for student in _chosen()}
COMPARED = [student for student, sample in CHOSEN.items() if not _differs(sample)]
STOCK = [student for student in COMPARED if CHOSEN[student].lesson == STOCK_LESSON][-3:]


def files_of(student: str, course: Course) -> dict[str, bytes]:
    files = compose(CHOSEN[student], course)
    return {name: without_demos(data) for name, data in files.items()}


# ---- three ways of grading -----------------------------------------------------------------------

Factory = pytest.TempPathFactory


@pytest.fixture(scope="session")
def course(tmp_path_factory: Factory) -> Course:
    place = once(tmp_path_factory, "equality", lambda f: copy_of_the_course(tmp_path_factory, f))
    return Course.open(place / "course")


@pytest.fixture(scope="session")
def ours(course: Course, tmp_path_factory: Factory) -> dict[str, Marks]:
    def grade(place: Path) -> dict[str, Marks]:
        folder = Path(shutil.copytree(course.root, place / "course"))
        with (folder / "grader_config.py").open("a") as config:
            config.write(f"\nc.Headcheck.cell_seconds = {LIMITS.cell_seconds}\n")
        for student in COMPARED:
            submit(folder, student, CHOSEN[student].lesson, files_of(student, course))
        done = run([sys.executable, "-m", "headcheck.cli", "grade", "--jobs", "2"], folder)
        assert done.returncode == 0, done.stdout[-3000:]
        return {s: marks_of(folder, CHOSEN[s].lesson, s) for s in COMPARED}

    return _kept(tmp_path_factory, "equality-ours", grade)


@pytest.fixture(scope="session")
def stock(course: Course, tmp_path_factory: Factory) -> dict[str, Marks]:
    def grade(place: Path) -> dict[str, Marks]:
        folder = stock_copy(course, place / "course")
        for student in STOCK:
            submit(folder, student, STOCK_LESSON, files_of(student, course))
        nbgrader = [sys.executable, "-m", "nbgrader", "autograde", STOCK_LESSON]
        done = run(nbgrader, folder)
        assert done.returncode == 0, done.stdout[-3000:]
        return {student: marks_of(folder, STOCK_LESSON, student) for student in STOCK}

    return _kept(tmp_path_factory, "equality-stock", grade)


@pytest.fixture(scope="session")
def one_process(course: Course, tmp_path_factory: Factory) -> dict[str, Marks]:
    from headcheck.sandbox.forkserver import Forkserver

    lessons = {lesson.name: lesson for lesson in course.lessons()}

    def grade(place: Path) -> dict[str, Marks]:
        with Forkserver.start() as server, ThreadPoolExecutor(2) as pool:

            def marks(student: str) -> Marks:
                lesson = lessons[CHOSEN[student].lesson]
                (data,) = files_of(student, course).values()
                return in_one_process(server, as_nbgrader_has_it(lesson, data))

            return dict(zip(COMPARED, pool.map(marks, COMPARED), strict=True))

    return _kept(tmp_path_factory, "equality-one-process", grade)


def _kept(
    factory: Factory, name: str, grade: Callable[[Path], dict[str, Marks]]
) -> dict[str, Marks]:
    def make(place: Path) -> None:
        (place / "marks.json").write_text(json.dumps(grade(place)))

    return json.loads((once(factory, name, make) / "marks.json").read_text())


# ---- all cells in one process --------------------------------------------------------------------


def as_nbgrader_has_it(lesson: Lesson, data: bytes) -> NotebookNode:
    """The submitted notebook with the instructor's locked cells, hidden tests included."""
    locked = {
        grade_id_of(cell): cell.source
        for cell in reference(lesson).cells
        if cell.metadata.get("nbgrader", {}).get("locked")
    }
    notebook = nbformat.reads(data.decode(), as_version=4)
    for cell in notebook.cells:
        cell.source = locked.get(grade_id_of(cell), cell.source)
    return notebook


def in_one_process(server: Forkserver, notebook: NotebookNode) -> Marks:
    from headcheck.grading.engines.student import StudentProcess

    with StudentProcess(server, LIMITS, jailed=False) as process:
        # In nbgrader's kernel nothing is hidden; the room of this process has no reference.
        with_reference = (
            f"__import__('headcheck.references', fromlist=['x']).install({sources()!r})"
        )
        for first in (SEED, with_reference):
            assert process.run_cell(first).outcome == "passed"
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs = process.run_cell(cell.source).outputs
    return {
        str(grade_id_of(cell)): determine_grade(cell)[0]
        for cell in notebook.cells
        if cell.metadata.get("nbgrader", {}).get("grade")
    }


# ---- the questions -------------------------------------------------------------------------------


@pytest.mark.parametrize("student", COMPARED)
def test_are_the_marks_those_of_one_process(
    ours: dict[str, Marks], one_process: dict[str, Marks], student: str
) -> None:
    assert ours[student] == one_process[student], CHOSEN[student].what


@pytest.mark.parametrize("student", STOCK)
def test_are_the_marks_those_of_stock_nbgrader(
    ours: dict[str, Marks], stock: dict[str, Marks], one_process: dict[str, Marks], student: str
) -> None:
    assert ours[student] == stock[student] == one_process[student], CHOSEN[student].what


def test_is_something_won_and_something_lost_in_every_lesson(
    one_process: dict[str, Marks],
) -> None:
    for lesson in LESSONS[1:]:
        marks = [
            mark
            for student in COMPARED
            if CHOSEN[student].lesson == lesson
            for name, mark in (one_process[student] or {}).items()
            if name.startswith("test_")
        ]
        assert 0 in marks and any(mark for mark in marks), lesson


def test_does_every_sample_that_differs_say_why() -> None:
    differing = [sample for sample in SAMPLES.values() if _differs(sample)]
    assert differing
    assert all(len(sample.header["differs"]) > 20 for sample in differing)
