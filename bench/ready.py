"""A graded class of any size, of which few were graded: the others' rows are copies of theirs.

    python bench/ready.py                  (500 and 2,000 students, two lessons; some minutes)

What `bench/desk.py` measures after grading, for sizes at which grading is not to be waited for.
Each step is a process of its own. The rows go into the gradebook through nbgrader's own tables.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import typer
from big_class import DAMAGED, LESSONS, Pretend, make_big_class, stamp, student_id
from desk import HEADCHECK, ITSELF, LEAVE_OUT_START, Cost, cost_of
from nbgrader.api import Comment, Grade, SubmittedAssignment, SubmittedNotebook, new_uuid

from headcheck.course.directory import Course
from headcheck.course.roster import read_roster
from headcheck.desk.grade import grade_command
from headcheck.grading.classroom import Classroom
from headcheck.grading.find import Submission, find_submissions
from headcheck.grading.marked import load_marked, save_marked
from headcheck.grading.pool import LocalPool
from headcheck.grading.record import load_record, save_record

GRADED = 20  # really; DAMAGED is larger, so each has a notebook


def spread(course: Course, students: int) -> None:
    """Every submission beyond the first has the marks of one that was graded."""
    first = [student_id(n) for n in range(GRADED)]
    pool = LocalPool(Pretend(), 2)
    grade_command(course, [], first, force=False, json_file=None, pool=pool)
    found, _ = find_submissions(course)
    rest = [one for one in found if one.student not in first]
    with closing(Classroom(course, rest)) as classroom:
        classroom.gradebook.enrol(read_roster(course.root))
        session = classroom.gradebook.gb.db
        models = {
            (one.student_id, one.assignment.name): one for one in session.query(SubmittedAssignment)
        }
        tables: dict[Any, list[dict[str, Any]]] = {}
        for one in rest:
            number = int(one.student.rpartition("-")[2])
            if number % DAMAGED == DAMAGED - 1:
                continue  # no notebook: left to be graded
            model = models[student_id(number % GRADED), one.lesson.name]
            for table, row in _rows(model, one.student):
                tables.setdefault(table, []).append(row)
            _files(course, classroom, one, model.student_id)
        for table, rows in tables.items():
            session.bulk_insert_mappings(table, rows)
        session.commit()


def _rows(model: SubmittedAssignment, student: str) -> Iterator[tuple[Any, dict[str, Any]]]:
    """The rows of one submission, as another student's."""
    whole = _columns(model) | {"id": new_uuid(), "student_id": student}
    yield SubmittedAssignment, whole
    for notebook in model.notebooks:
        part = _columns(notebook) | {"id": new_uuid(), "assignment_id": whole["id"]}
        yield SubmittedNotebook, part
        for table, rows in ((Grade, notebook.grades), (Comment, notebook.comments)):
            for row in rows:
                yield table, _columns(row) | {"id": new_uuid(), "notebook_id": part["id"]}


def _columns(row: Any) -> dict[str, Any]:
    return {column.name: getattr(row, column.name) for column in row.__table__.columns}


def _files(course: Course, classroom: Classroom, one: Submission, model: str) -> None:
    lesson = one.lesson.name
    record = load_record(course, model, lesson)
    assert record is not None
    of_its_own = {
        "student": one.student,
        "key": classroom.key_of(one, "isolated"),
        "content": classroom.content_now(one),
    }
    save_record(course, record.model_copy(update=of_its_own))
    save_marked(course.private, one.student, lesson, load_marked(course.private, model, lesson))
    place = course.step_folder("autograded")
    shutil.copytree(place / model / lesson, place / one.student / lesson)


def steps(folder: Path) -> dict[str, Sequence[str]]:
    """What is measured, in order."""
    return {
        "grade, the rest of it": (*ITSELF, "--grade", str(folder)),
        "grade, nothing changed": (*ITSELF, "--grade", str(folder)),
        "report, nothing changed": (*HEADCHECK, "report"),
        "report, written anew": (*HEADCHECK, "report"),
        "todo": (*HEADCHECK, "todo"),
        "feedback": (*HEADCHECK, "feedback", "--for", "canvas"),
        "export, long table": (*HEADCHECK, "export", "--to", "csv"),
        "export, Canvas": (*HEADCHECK, "export", LESSONS[0], "--to", "canvas"),
    }


def measure(students: int, folder: Path) -> dict[str, Cost]:
    """Every step once on a class of this size."""
    course = make_big_class(folder, students)
    costs = {}
    for number, lesson in enumerate(LESSONS):
        download = str(folder / "downloads" / f"{lesson}.zip")
        costs[f"collect, lesson {number + 1}"] = cost_of((*HEADCHECK, "collect", download), folder)
    costs["collect, the same again"] = cost_of((*HEADCHECK, "collect", download), folder)
    stamp(course, students)
    # In a process of its own: what it reads would count as the most memory of every step.
    subprocess.run(
        [sys.executable, __file__, "--spread", str(folder), "--size", str(students)],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    for name, command in steps(folder).items():
        if name == "report, written anew":
            (folder / "report.html").unlink()
        costs[name] = cost_of(command, folder)
        print(f"{students} {name}: {costs[name]}", file=sys.stderr, flush=True)
    return costs


def main(
    size: Annotated[list[int] | None, typer.Option(help="Students; 500 and 2,000.")] = None,
    keep: Annotated[Path | None, typer.Option(help="Leave the courses here.")] = None,
    spread_in: Annotated[Path | None, typer.Option("--spread", hidden=True)] = None,
) -> None:
    """Measure and print how each step grows."""
    sizes = size or [500, 2000]
    if spread_in is not None:
        spread(Course.open(spread_in), sizes[0])
        return
    with tempfile.TemporaryDirectory(prefix="headcheck-ready-") as place:
        found = {}
        for students in sizes:
            folder = (keep or Path(place)) / f"class-{students}"
            shutil.rmtree(folder, ignore_errors=True)
            found[students] = measure(students, folder)
    for step in found[sizes[0]]:
        costs = [found[students][step] for students in sizes]
        less = [max(0.1, cost.cpu - LEAVE_OUT_START) for cost in costs]
        shown = "  ".join(f"{c.cpu:.1f} s {c.peak_mib:.0f} MiB" for c in costs)
        print(f"{step:28} {shown}  x {less[-1] / less[0]:.1f}")


if __name__ == "__main__":
    typer.run(main)
