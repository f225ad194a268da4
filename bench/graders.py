"""The three graders as programs: each grades the same notebooks and says how long it took."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import venv
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path

import nbformat
from classes import Submission, hand_in

from headcheck.authoring.release import reference
from headcheck.course.cells import grade_id_of, role_of
from headcheck.course.directory import Course

BIN = Path(sys.executable).parent
OTTER = "otter-grader==7.0.0"
# One thread for everybody: the engine gives each submission one, and more only get in their way.
# Compiled modules are kept, as on any ordinary machine.
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
    "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
    "OMP_NUM_THREADS": "1",
}

Key = tuple[str, str]  # student, lesson


@dataclass(frozen=True)
class Run:
    """One run of a program over a class. Seconds of wall time."""

    submissions: int
    seconds: float
    each: float  # one more submission, once everything is loaded
    scores: dict[Key, float]

    @property
    def start(self) -> float:
        """What is paid once."""
        return self.seconds - self.submissions * self.each


def _run(command: Sequence[str], folder: Path, log: Path) -> float:
    start = time.monotonic()
    with log.open("ab") as file:
        done = subprocess.run(command, cwd=folder, env=ENVIRONMENT, stdout=file, stderr=file)
    seconds = time.monotonic() - start
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}; see {log}")
    return seconds


def _intervals(folder: Path) -> list[float]:
    """Seconds between one finished submission and the next."""
    ends = sorted(path.stat().st_mtime for path in (folder / "autograded").glob("*/*/*.ipynb"))
    return [after - before for before, after in pairwise(ends)]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else float("nan")


def headcheck(course: Course, submissions: Sequence[Submission], jobs: int, log: Path) -> Run:
    """`headcheck grade`: one program for the whole class."""
    hand_in(course.root, submissions)
    results = course.root / "results.json"
    command = [sys.executable, "-m", "headcheck.cli", "grade", "--force", "--jobs", str(jobs)]
    seconds = _run([*command, "--json", str(results)], course.root, log)
    scores = {(r["student"], r["assignment"]): r for r in json.loads(results.read_text())}
    return Run(
        len(submissions),
        seconds,
        _mean(_intervals(course.root)),
        {key: sum(cell["score"] for cell in r["cells"]) for key, r in scores.items()},
    )


def nbgrader(folder: Path, submissions: Sequence[Submission], log: Path) -> Run:
    """`nbgrader autograde` with nbgrader's own steps: one program for each lesson."""
    hand_in(folder, submissions)
    seconds, intervals = 0.0, []
    lessons = sorted({one.lesson for one in submissions})
    for lesson in lessons:
        shutil.rmtree(folder / "autograded", ignore_errors=True)
        seconds += _run([str(BIN / "nbgrader"), "autograde", lesson, "--force"], folder, log)
        intervals += _intervals(folder)
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{folder}/gradebook.db", "body-and-head") as gradebook:
        scores = {
            (one.student, one.lesson): sum(
                grade.auto_score or 0.0
                for notebook in gradebook.find_submission(one.lesson, one.student).notebooks
                for grade in notebook.grades
            )
            for one in submissions
        }
    return Run(len(submissions), seconds, _mean(intervals), scores)


# ---- otter ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Otter:
    """otter-grader in an environment of its own, with the lessons' checks in its test format."""

    program: Path
    folder: Path  # one autograder zip per lesson


def install_otter(cache: Path) -> Path:
    """The program `otter`. It sees torch and the rest of this environment, installed only once."""
    program = cache / "bin" / "otter"
    ready = cache / "ready"
    if not ready.exists():
        venv.create(cache, with_pip=True, clear=True)
        pip = [str(cache / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        # numpy as torch here was tried with; of the rest otter takes its own versions.
        subprocess.run([*pip, OTTER, "ipykernel", f"numpy=={version('numpy')}"], check=True)
        theirs, ours = (
            f"{p}/lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
            for p in (cache, sys.prefix)
        )
        # addsitedir, not a plain line: this project itself may be installed by a .pth file.
        Path(theirs, "borrowed.pth").write_text(f"import site; site.addsitedir({ours!r})\n")
        ready.touch()
    return program


def prepare_otter(program: Path, course: Course, folder: Path) -> Otter:
    """Each check cell becomes a test file that runs the same code in the student's names."""
    folder.mkdir(parents=True)
    for lesson in course.lessons():
        with zipfile.ZipFile(folder / f"{lesson.name}.zip", "w") as archive:
            config = {"print_summary": False, "logo": False, "pdf": False}
            archive.writestr("otter_config.json", json.dumps(config))
            for cell in reference(lesson).cells:
                if role_of(cell) == "check":
                    name = grade_id_of(cell)
                    text = _test_file(str(name), cell.source, cell.metadata.nbgrader["points"])
                    archive.writestr(f"tests/{name}.py", text)
    return Otter(program, folder)


def _test_file(name: str, source: str, points: float) -> str:
    return (
        "from otter.test_files import test_case\n\n"
        f"OK_FORMAT = False\nname = {name!r}\npoints = {points!r}\n\n\n"
        f"@test_case()\ndef check(env):\n    exec({source!r}, env)\n"
    )


def otter(tool: Otter, submissions: Sequence[Submission], folder: Path, log: Path) -> Run:
    """`otter run`: one program for each submission, as otter does it outside containers."""
    seconds, scores = 0.0, {}
    for one in submissions:
        here = folder / one.student / one.lesson
        here.mkdir(parents=True, exist_ok=True)
        notebook = nbformat.reads(one.notebook.decode(), as_version=4)
        for cell in notebook.cells:
            if role_of(cell) == "check":  # otter puts its own call of the test after this cell
                cell.metadata["otter"] = {"tests": [grade_id_of(cell)]}
                cell.source = ""
        path = here / f"{one.lesson}.ipynb"
        nbformat.write(notebook, path)
        archive = tool.folder / f"{one.lesson}.zip"
        command = [str(tool.program), "run", "--no-logo", "-a", str(archive), "-o", ".", path.name]
        seconds += _run(command, here, log)
        results = json.loads((here / "results.json").read_text())
        scores[one.student, one.lesson] = sum(test.get("score", 0.0) for test in results["tests"])
    return Run(len(submissions), seconds, seconds / len(submissions), scores)
