"""Are our marks those of nbgrader, where all cells of a notebook share one kernel?

Compared, cell by cell: of each lesson a right answer and two mistakes (with a change one), and some of
the sample class (in the night all of it). Ours are the marks that the corpus
(`corpus.graded_class`) has in the gradebook of the real `headcheck grade`: answers and checks in two
processes. The others come from *one* process, as in nbgrader: the instructor's locked cells are put
over the student's, all cells run in their order on Jupyter's shell, and nbgrader's `determine_grade`
reads the marks from the outputs. Two submissions, one right and one wrong, are graded by the real
`nbgrader autograde` with its own configuration too, so that the one process may stand for it.

Not compared: samples whose header says why they differ (`differs`), the rest of the corpus, and
what only a real kernel does (a kernel that dies, nbgrader's own time limit). bench/equality.py
compares the whole corpus with real kernels. The lessons' demo cells are left out in the one process.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest
from corpus import (
    GRADED,
    LESSONS,
    SAMPLES,
    SOME,
    class_key,
    differs,
    graded_class,
    without_demos,
)
from hours import IN_THE_NIGHT, WITH_A_CHANGE, first_by_hash
from kept import kept
from nbformat import NotebookNode
from nbgrader.utils import determine_grade
from once import CLASS_SECONDS
from real_course import ROOT

from headcheck.authoring.release import reference
from headcheck.authoring.samples import compose
from headcheck.course.cells import grade_id_of
from headcheck.course.directory import Course, Lesson
from headcheck.grading.work import Limits
from headcheck.references import sources

if TYPE_CHECKING:
    from headcheck.sandbox.forkserver import Forkserver

sys.path.append(str(ROOT / "bench"))
from classes import stock_copy
from equality import Marks, marks_of, run, submit

pytestmark = pytest.mark.timeout(CLASS_SECONDS)
LIMITS = Limits(cell_seconds=25, submission_seconds=200)
STOCK_LESSON = "02-the-cut"  # two of its submissions go through real kernels
# What an ordinary kernel gets through its environment.
SEED = "__import__('headcheck.seed', fromlist=['draw']).set_seed(1)"

_CLASS = [name for name in GRADED if name.startswith("class") and not differs(name)]
COMPARED = [*(_CLASS if IN_THE_NIGHT else first_by_hash(_CLASS, 2 if WITH_A_CHANGE else 8)), *SOME]
_OF_STOCK = [name for name in SOME if SAMPLES[name].lesson == STOCK_LESSON]
STOCK = [next(n for n in _OF_STOCK if n.startswith(kind)) for kind in ("variants", "mutants")]


def notebook_of(student: str, course: Course) -> bytes:
    (data,) = compose(SAMPLES[student], course).values()
    return without_demos(data)


# ---- three ways of grading -----------------------------------------------------------------------

Factory = pytest.TempPathFactory


@pytest.fixture(scope="session")
def course(tmp_path_factory: Factory, pytestconfig: pytest.Config) -> Course:
    """The real course, in which the corpus was graded."""
    return Course.open(graded_class(tmp_path_factory, pytestconfig) / "course")


@pytest.fixture(scope="session")
def ours(course: Course) -> dict[str, Marks]:
    return {s: marks_of(course.root, SAMPLES[s].lesson, s) for s in COMPARED}


@pytest.fixture(scope="session")
def stock(
    course: Course, ours: dict[str, Marks], tmp_path_factory: Factory, pytestconfig: pytest.Config
) -> dict[str, Marks]:
    def grade(place: Path) -> dict[str, Marks]:
        folder = stock_copy(course, place / "course")
        for student in STOCK:
            name = f"{STOCK_LESSON}.ipynb"
            submit(folder, student, STOCK_LESSON, {name: notebook_of(student, course)})
        # (Its own limits are of the clock, and a kernel that imports torch needs most of them.)
        patient = ("--Execute.timeout=600", "--Execute.iopub_timeout=600")
        patient += ("--Execute.startup_timeout=600",)
        nbgrader = [sys.executable, "-m", "nbgrader", "autograde", STOCK_LESSON, *patient]
        done = run(nbgrader, folder)
        assert done.returncode == 0, done.stdout[-3000:]
        return {student: marks_of(folder, STOCK_LESSON, student) for student in STOCK}

    return _marks(pytestconfig, tmp_path_factory, "equality-stock", grade, ours)


@pytest.fixture(scope="session")
def one_process(
    course: Course,
    ours: dict[str, Marks],
    tmp_path_factory: Factory,
    pytestconfig: pytest.Config,
    forkserver: Forkserver,
) -> dict[str, Marks]:
    lessons = {lesson.name: lesson for lesson in course.lessons()}

    def grade(place: Path) -> dict[str, Marks]:
        with ThreadPoolExecutor(2) as pool:

            def marks(student: str) -> Marks:
                lesson = lessons[SAMPLES[student].lesson]
                data = notebook_of(student, course)
                return in_one_process(forkserver, as_nbgrader_has_it(lesson, data))

            return dict(zip(COMPARED, pool.map(marks, COMPARED), strict=True))

    return _marks(pytestconfig, tmp_path_factory, "equality-one-process", grade, ours)


def _marks(
    config: pytest.Config,
    factory: Factory,
    name: str,
    grade: Callable[[Path], dict[str, Marks]],
    ours: dict[str, Marks],
) -> dict[str, Marks]:
    """What `grade` gives; kept for the next run if it is what we give."""

    def make(place: Path) -> None:
        (place / "marks.json").write_text(json.dumps(grade(place)))

    def read(place: Path) -> dict[str, Marks]:
        return json.loads((place / "marks.json").read_text())

    def is_right(place: Path) -> bool:
        return all(ours[student] == marks for student, marks in read(place).items())

    code = (Path(__file__), *(ROOT / "bench" / name for name in ("classes.py", "equality.py")))
    parts = [*class_key(), *COMPARED, *(path.read_text() for path in code)]
    return read(kept(config, factory, name, parts, make, is_right))


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
    assert ours[student] == one_process[student], SAMPLES[student].what


@pytest.mark.parametrize("student", STOCK)
def test_are_the_marks_those_of_stock_nbgrader(
    ours: dict[str, Marks], stock: dict[str, Marks], one_process: dict[str, Marks], student: str
) -> None:
    assert ours[student] == stock[student] == one_process[student], SAMPLES[student].what


def test_is_something_won_and_something_lost_in_every_lesson(
    one_process: dict[str, Marks],
) -> None:
    for lesson in LESSONS[1:]:
        marks = [
            mark
            for student in COMPARED
            if SAMPLES[student].lesson == lesson
            for name, mark in (one_process[student] or {}).items()
            if name.startswith("test_")
        ]
        assert 0 in marks and any(mark for mark in marks), lesson


def test_does_every_sample_that_differs_say_why() -> None:
    differing = [sample for name, sample in SAMPLES.items() if differs(name)]
    assert differing
    assert all(len(sample.header["differs"]) > 20 for sample in differing)
