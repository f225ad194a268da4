"""A made-up class of any size, handed in as an LMS gives it out, and an engine that runs nothing.

The notebooks are real ones of two lessons, with code of each student's own in them; what becomes of a
check is drawn. So everything but the run itself is as in a real course.
"""

from __future__ import annotations

import json
import random
import sys
import zipfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import nbformat
from classes import LESSONS, ROOT, build_course
from nbformat import NotebookNode

from headcheck.authoring.samples import WRITTEN
from headcheck.course.cells import Role, grade_id_of, role_of
from headcheck.course.directory import Course
from headcheck.course.files import write_whole
from headcheck.grading.submission import Run, Verdict
from headcheck.grading.work import EngineName, Outcome, Work

sys.path.append(str(ROOT / "tests"))
from test_similarity import program, renamed

FIRST = [
    "Ada",
    "Bo",
    "Chen",
    "Dana",
    "Eve",
    "Femi",
    "Gus",
    "Hana",
    "Ivo",
    "Jun",
    "Kim",
    "Lea",
    "Mio",
    "Noa",
    "Omar",
    "Pia",
    "Quinn",
    "Rui",
    "Sol",
    "Tia",
]
LAST = [
    "Adler",
    "Brandt",
    "Castro",
    "Diallo",
    "Evans",
    "Fischer",
    "Gupta",
    "Haddad",
    "Ito",
    "Jensen",
    "Kowalski",
    "Lopez",
]
DUE = datetime(2026, 11, 20, 23, 59)
COPIED = 50  # every so manieth hands in the neighbour's code under other names
DAMAGED = 97  # and every so manieth a file that is no notebook
WRONG: Sequence[tuple[Outcome, str]] = (
    ("failed", "✗ the number of outputs is not n_out\n  got 37\n  expected 10"),
    ("failed", "✗ the head must end with a linear layer\n  got ReLU"),
    ("failed", "✗ the pooling must be concatenated\n  got 512 features, expected 1024"),
    ("error", "✗ your code raised TypeError: forward() takes 2 positional arguments"),
    ("missing", "○ nothing of this name is defined yet"),
    ("timeout", "✗ this took more than 60 s"),
)


def student_id(number: int) -> str:
    return f"student-{number:04}"


def make_big_class(folder: Path, students: int) -> Course:
    """A built course, its roster and dates, and in `downloads/` what Canvas would give out."""
    course = build_course(folder, LESSONS)
    rows = ["id,first_name,last_name,email,canvas_id,login"]
    for n in range(students):
        first, last = FIRST[n % len(FIRST)], f"{LAST[n % len(LAST)]}-{n}"
        rows.append(f"{student_id(n)},{first},{last},{n}@example.org,{7000 + n},login{n}")
    write_whole(folder / "students.csv", ("\n".join(rows) + "\n").encode())
    write_whole(folder / "dates.yaml", _dates(students).encode())
    for lesson in LESSONS:
        _download(course, lesson, students, folder / "downloads" / f"{lesson}.zip")
    return course


def _dates(students: int) -> str:
    due = "".join(f"  {lesson}: {DUE:%Y-%m-%d %H:%M}\n" for lesson in LESSONS)
    longer = "".join(
        f"  - {{student: {student_id(n)}, lesson: {LESSONS[0]}, days: 2}}\n"
        for n in range(0, students, 40)
    )
    late = "late: {per_day: 10%, most: 50%}\n"
    return f"grace_minutes: 10\n{late}due:\n{due}extensions:\n{longer}"


def _download(course: Course, lesson: str, students: int, path: Path) -> None:
    release = course.select([lesson])[0].release
    raw = json.loads(release.read_text(encoding="utf-8"))
    roles = [role_of(cell) for cell in nbformat.read(release, as_version=4).cells]
    path.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for n in range(students):
            if n % 31 == 30 and lesson == LESSONS[1]:
                continue  # handed in nothing
            name = f"{LAST[n % len(LAST)]}{n}{FIRST[n % len(FIRST)]}".lower()
            late = "_LATE" if n % 20 == 7 else ""
            where = f"{name}{late}_{7000 + n}_{90000 + n}_{lesson}.ipynb"
            if n % DAMAGED == DAMAGED - 1:
                archive.writestr(where, '{"cells": [')
                continue
            archive.writestr(where, json.dumps(_answered(raw, roles, n), ensure_ascii=False))


def _answered(raw: dict, roles: Sequence[Role], n: int) -> dict:
    """The release with this student's answers; every COPIEDth copies the neighbour's."""
    copied = n % COPIED == 1
    code = program(random.Random(n - copied), 25)
    cells, first = [], True
    for cell, role in zip(raw["cells"], roles, strict=True):
        given = "".join(cell["source"])
        if role == "answer":
            own = code if first else f"x_{n} = {random.Random(n).randint(1, 9)}"
            first = False
            cell = cell | {"source": f"{given}\n\n{renamed(own) if copied else own}"}
        elif role == "written" and n % 3:
            cell = cell | {"source": f"{WRITTEN} I am number {n}."}
        cells.append(cell)
    return raw | {"cells": cells}


def stamp(course: Course, students: int) -> None:
    """When each was handed in: Canvas does not say it."""
    for n in range(students):
        late = timedelta(hours=30) if n % 20 == 7 else -timedelta(hours=n % 70)
        for lesson in LESSONS:
            folder = course.root / "submitted" / student_id(n) / lesson
            if folder.exists():
                write_whole(
                    folder / "timestamp.txt", f"{DUE + late:%Y-%m-%d %H:%M:%S} UTC\n".encode()
                )


class Pretend:
    """Runs nothing. Who is able passes more, and some checks are harder; the same again each time."""

    name: EngineName = "isolated"

    def ready(self) -> None:
        pass

    def run(self, notebook: NotebookNode, roles: Sequence[Role], work: Work) -> Run:
        rng = random.Random(f"{work.student} {work.assignment}")
        able = random.Random(work.student).betavariate(4, 2)
        checks = [
            grade_id_of(cell) or ""
            for cell, role in zip(notebook.cells, roles, strict=True)
            if role == "check"
        ]
        verdicts = {}
        for place, check in enumerate(checks):
            hard = random.Random(check).random() * 0.6
            if rng.random() < max(0.03, min(0.97, able * 1.4 - hard)):
                verdicts[check] = Verdict("passed")
            else:
                outcome, message = WRONG[min(int(rng.expovariate(0.9) + place % 2), len(WRONG) - 1)]
                verdicts[check] = Verdict(outcome, message, f"secret {rng.random()}")
        return Run(verdicts)

    def close(self) -> None:
        pass
