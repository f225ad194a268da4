"""Are our marks those of stock nbgrader? The whole corpus, graded by both, cell by cell.

    python bench/equality.py                     (some 500 submissions at 10 s each for nbgrader)
    python bench/equality.py --lesson 05 --only variants
    python bench/equality.py --limit 20

The corpus is that of tests/corpus.py, handed in as there: the sample class, every mutant and
variant, each lesson's reference and unanswered release. Stock is `nbgrader autograde` with nbgrader's
own configuration and execute step; ours is `headcheck grade`. Marks are read from the two
gradebooks. A sample for which they should differ says why in its header (`differs: ...`); any other
difference, and a reason without a difference, is an error (exit 1).

Results are kept, so that an interrupted run goes on. They are taken again when the submission, the
lesson, or the code that could change them is another.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
from classes import ROOT, build_course, stock_copy
from graders import BIN, ENVIRONMENT
from rich.console import Console
from rich.markup import escape
from rich.table import Table

import headcheck
from headcheck import versions
from headcheck.authoring.samples import Sample, compose
from headcheck.course.directory import Course, CourseError
from headcheck.course.files import digest, write_whole
from headcheck.seed import SEED_VARIABLE

sys.path.append(str(ROOT / "tests"))
from corpus import LESSONS, SAMPLES, without_demos

CACHE = Path(tempfile.gettempdir()) / "headcheck-equality"
NONE = "no mark at all"
NBGRADER, HEADCHECK = "nbgrader", "headcheck"
# Submissions in one call, and so what an interruption may lose.
AT_ONCE = {NBGRADER: 8, HEADCHECK: 24}
console = Console(width=150)

# Mark of each graded cell; None: a person has to read it. No marks at all: nothing was recorded.
Marks = dict[str, float | None] | None


class Kind(StrEnum):
    """A part of the corpus, as the names in tests/corpus.py begin."""

    classes = "class"
    mutants = "mutants"
    variants = "variants"
    reference = "reference"
    release = "release"


@dataclass(frozen=True)
class Entry:
    """One submission of the corpus."""

    student: str
    sample: Sample
    files: Mapping[str, bytes]

    @property
    def differs(self) -> str | None:
        """Why stock nbgrader should give other marks."""
        return self.sample.header.get("differs")


@dataclass(frozen=True)
class Difference:
    """One graded cell with two marks. `None` as a mark: a person has to read it."""

    entry: Entry
    cell: str
    ours: str
    stock: str
    right: str  # what the sample file says


def main(
    lesson: Annotated[list[str] | None, typer.Option(help="Only this lesson, e.g. 05.")] = None,
    only: Annotated[list[Kind] | None, typer.Option(help="Only this part of the corpus.")] = None,
    limit: Annotated[int | None, typer.Option(help="At most so many, spread evenly.")] = None,
    jobs: Annotated[int, typer.Option(help="How many run at once.")] = 2,
    cold: Annotated[bool, typer.Option(help="Every kernel imports torch and fastai anew.")] = False,
    kept: Annotated[bool, typer.Option(help="Only what earlier runs have finished.")] = False,
    cache: Annotated[Path, typer.Option(help="Where finished results are kept.")] = CACHE,
) -> None:
    """Grade the corpus by both and print what differs."""
    names = [n for n in LESSONS if not lesson or any(n.startswith(asked) for asked in lesson)]
    if not names:
        raise typer.BadParameter(f"no lesson begins with that; there are {', '.join(LESSONS)}")
    with tempfile.TemporaryDirectory(prefix="equality-", ignore_cleanup_errors=True) as place:
        course = build_course(Path(place, "course"), names)
        corpus = _spread(list(_corpus(course, names, only or list(Kind))), limit)
        if kept:
            corpus = [
                entry
                for entry in corpus
                if all(_kept_at(cache, g, entry, course).exists() for g in (NBGRADER, HEADCHECK))
            ]
        with _kernels(Path(place), cold) as environment:
            by_nbgrader = partial(_by_nbgrader, environment)
            stock = _graded(NBGRADER, corpus, course, cache, jobs, by_nbgrader)
        ours = _graded(HEADCHECK, corpus, course, cache, 1, lambda *a: _by_headcheck(*a, jobs))
    raise SystemExit(_show(corpus, ours, stock))


def _corpus(course: Course, lessons: Sequence[str], kinds: Sequence[Kind]) -> Iterator[Entry]:
    for student, sample in SAMPLES.items():
        if sample.lesson in lessons and student.startswith(tuple(kinds)):
            files = compose(sample, course)
            if not student.startswith(("reference", "class")):
                files = {name: without_demos(data) for name, data in files.items()}
            yield Entry(student, sample, files)


def _spread(corpus: list[Entry], limit: int | None) -> list[Entry]:
    if limit is None or limit >= len(corpus):
        return corpus
    return [corpus[number * len(corpus) // limit] for number in range(limit)]


# ---- grading, with a memory ---------------------------------------------------------------------


def _graded(
    grader: str,
    corpus: Sequence[Entry],
    course: Course,
    cache: Path,
    jobs: int,
    grade: Callable[[Course, Path, Sequence[Entry]], dict[str, Marks]],
) -> dict[str, Marks]:
    """The marks of everybody by one grader; who is graded already is not graded again."""
    kept = {entry.student: _kept_at(cache, grader, entry, course) for entry in corpus}
    missing = [entry for entry in corpus if not kept[entry.student].exists()]
    batches, size = [], AT_ONCE[grader]
    for lesson in dict.fromkeys(entry.sample.lesson for entry in missing):
        here = [entry for entry in missing if entry.sample.lesson == lesson]
        batches += [here[start : start + size] for start in range(0, len(here), size)]
    # Mixed, so that an interrupted run has seen something of every lesson.
    batches.sort(key=lambda batch: digest([batch[0].student]))
    console.print(f"{grader}: {len(missing)} of {len(corpus)} submissions to be graded")

    def grade_batch(batch: Sequence[Entry]) -> int:
        with tempfile.TemporaryDirectory(prefix=grader, ignore_cleanup_errors=True) as place:
            for student, marks in grade(course, Path(place, "course"), batch).items():
                write_whole(kept[student], json.dumps(marks).encode())
        return len(batch)

    done = 0
    with ThreadPoolExecutor(jobs) as pool:
        for number in pool.map(grade_batch, batches):
            done += number
            console.print(f"  {grader}: {done} of {len(missing)}")
    return {student: json.loads(path.read_bytes()) for student, path in kept.items()}


def _kept_at(cache: Path, grader: str, entry: Entry, course: Course) -> Path:
    """Where the marks are kept: a name made from everything that may change them."""
    lesson = course.select([entry.sample.lesson])[0]
    if grader == HEADCHECK:
        code = versions.verdict()
    else:  # of our code only what notebooks import
        files = sorted(Path(headcheck.__file__).parent.rglob("*.py"))
        code = digest([version("nbgrader"), *(path.read_bytes() for path in files)])
    parts = [part for item in sorted(entry.files.items()) for part in item]
    return cache / grader / f"{digest([code, lesson.notebook.read_bytes(), *parts])}.json"


@contextmanager
def _kernels(place: Path, cold: bool) -> Iterator[dict[str, str]]:
    """The environment in which Jupyter finds the kernels that nbgrader's execute step starts."""
    if cold:
        yield {}
        return
    line, program = place / "kernels.sock", Path(__file__).with_name("warm_kernel.py")
    spec = {
        "argv": [sys.executable, "-ES", str(program), str(line), "-f", "{connection_file}"],
        "display_name": "Python 3",
        "language": "python",
    }
    write_whole(place / "jupyter/kernels/python3/kernel.json", json.dumps(spec).encode())
    inline = {"MPLBACKEND": "module://matplotlib_inline.backend_inline"}
    with subprocess.Popen(
        [sys.executable, str(program), "serve", str(line)],
        env=ENVIRONMENT | inline,
        stdout=subprocess.PIPE,
    ) as server:
        try:
            assert server.stdout is not None
            if not server.stdout.readline():
                raise SystemExit("the warm kernels did not start; try --cold")
            yield {"JUPYTER_PATH": str(place / "jupyter")}
        finally:
            server.terminate()


def _by_nbgrader(
    environment: Mapping[str, str], course: Course, folder: Path, batch: Sequence[Entry]
) -> dict[str, Marks]:
    stock_copy(course, folder)
    lesson = batch[0].sample.lesson
    for entry in batch:
        submit(folder, entry.student, lesson, entry.files)
    command = [str(BIN / "nbgrader"), "autograde", lesson, "--force"]
    run(command, folder, environment)
    marks = {entry.student: marks_of(folder, lesson, entry.student) for entry in batch}
    # A notebook that it refuses ends the call, and nobody after it is graded.
    for student in [student for student, found in marks.items() if found is None]:
        run([*command, "--student", student], folder, environment)
        marks[student] = marks_of(folder, lesson, student)
    return marks


def _by_headcheck(
    course: Course, folder: Path, batch: Sequence[Entry], jobs: int
) -> dict[str, Marks]:
    shutil.copytree(course.root, folder)
    lesson = batch[0].sample.lesson
    for entry in batch:
        submit(folder, entry.student, lesson, entry.files)
    command = [sys.executable, "-m", "headcheck.cli", "grade", lesson, "--jobs", str(jobs)]
    done = run(command, folder)
    if done.returncode:
        raise SystemExit(f"headcheck grade {lesson} failed:\n{done.stdout[-2000:]}")
    return {entry.student: marks_of(folder, lesson, entry.student) for entry in batch}


def submit(folder: Path, student: str, lesson: str, files: Mapping[str, bytes]) -> None:
    """Hand in these files in the course in `folder`."""
    for name, data in files.items():
        write_whole(folder / "submitted" / student / lesson / name, data)


def run(
    command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a grader to its end, with the same secret sizes for both."""
    return subprocess.run(
        command,
        cwd=folder,
        env={**ENVIRONMENT, **(environment or {}), SEED_VARIABLE: "1"},
        text=True,
        errors="replace",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def marks_of(folder: Path, lesson: str, student: str) -> Marks:
    """The automatic marks of one submission in the gradebook of the course in `folder`."""
    from nbgrader.api import Gradebook, MissingEntry

    # What nbgrader could not grade it takes out of autograded/; rows may stay behind.
    if not (folder / "autograded" / student / lesson / f"{lesson}.ipynb").exists():
        return None
    with Gradebook(f"sqlite:///{folder}/gradebook.db", "body-and-head") as gradebook:
        try:
            notebooks = gradebook.find_submission(lesson, student).notebooks
        except MissingEntry:
            return None
        grades = [grade for notebook in notebooks for grade in notebook.grades]
        return {grade.name: grade.auto_score for grade in grades}


# ---- what differs -------------------------------------------------------------------------------


def _show(corpus: Sequence[Entry], ours: dict[str, Marks], stock: dict[str, Marks]) -> int:
    cells, differences = 0, []
    for entry in corpus:
        compared, found = compare(entry, ours[entry.student], stock[entry.student])
        cells += compared
        differences += found
    differing = {found.entry.student for found in differences}
    stale = [entry for entry in corpus if entry.differs and entry.student not in differing]
    unexplained = [found for found in differences if not found.entry.differs]
    table = Table(title="Cells with another mark under stock nbgrader", show_lines=True)
    for heading in ("submission", "cells", "ours", "stock", "its file says", "reason"):
        table.add_column(heading)
    for student in sorted(differing):
        for row in _rows([found for found in differences if found.entry.student == student]):
            table.add_row(*map(escape, row))
    if differences:
        console.print(table)
    console.print(
        f"{len(corpus)} submissions, {cells} graded cells: {cells - len(differences)} the same, "
        f"{len(differences)} different in {len(differing)} submissions; {len(unexplained)} of these "
        "cells without a reason."
    )
    for entry in stale:
        console.print(f"{entry.sample.path} says `differs`, and both give the same marks.")
    return 1 if unexplained or stale else 0


def _rows(found: Sequence[Difference]) -> list[tuple[str, ...]]:
    """One row for a submission without any mark, else one for each cell."""
    entry, reason = found[0].entry, found[0].entry.differs or "NOT EXPLAINED"
    if all(one.stock == NONE for one in found):
        ours = ", ".join(one.ours for one in found)
        return [(entry.student, f"all {len(found)}", ours, NONE, "", reason)]
    return [(entry.student, d.cell, d.ours, d.stock, d.right, reason) for d in found]


def compare(entry: Entry, ours: Marks, stock: Marks) -> tuple[int, list[Difference]]:
    """How many graded cells there are, and those whose marks differ."""
    names = sorted({*(ours or {}), *(stock or {})})
    checks = {name: float("inf") for name in names if name.startswith("test_")}
    right = entry.sample.expected(checks)
    differences = []
    for name in names:
        mine, theirs = _said(ours, name), _said(stock, name)
        if mine != theirs:
            says = {float("inf"): "full marks"}.get(right.get(name, -1), f"{right.get(name, '')}")
            differences.append(Difference(entry, name, mine, theirs, says))
    return len(names), differences


def _said(marks: Marks, name: str) -> str:
    if marks is None:
        return NONE
    if name not in marks:
        return "no such cell"
    mark = marks[name]
    return "to be read" if mark is None else f"{mark:g}"


if __name__ == "__main__":
    try:
        typer.run(main)
    except CourseError as error:
        raise SystemExit(str(error)) from None
