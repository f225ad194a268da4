"""Does one see what goes on, also in a pipe, and does a reader who leaves change nothing?"""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from hours import in_turn, night
from once import once
from rich.console import Console
from test_grade import FULL, submit
from test_report import cell, record
from tiny_course import NAME, headcheck, make_course, run_python

from headcheck.desk.console import progress_bar
from headcheck.grading.running import Running, at, longest_first, running
from headcheck.grading.work import Limits, Work

ENGINE = ("--engine", "nbgrader")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    def make(place: Path) -> None:
        course = make_course(place / "course")
        assert headcheck(course, "build", "--no-verify").returncode == 0
        for student in ("ada", "bob"):  # no notebooks: graded at once
            hand_in_nothing(course, student)

    return once(tmp_path_factory, "progress", make) / "course"


def hand_in_nothing(course: Path, student: str, text: str = "{") -> None:
    folder = course / "submitted" / student / NAME
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{NAME}.ipynb").write_text(text)


@pytest.fixture
def course(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "course"))


@pytest.fixture(scope="module")
def graded(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    course = shutil.copytree(built, tmp_path_factory.mktemp("graded") / "course")
    assert headcheck(course, "grade", *ENGINE).returncode == 0
    return course


def test_is_each_finished_submission_a_line_where_there_is_no_terminal(course: Path) -> None:
    first = headcheck(course, "grade", *ENGINE)
    lines = [line for line in first.stderr.splitlines() if line.startswith("graded ")]
    assert [line.split(":")[0] for line in lines] == ["graded 1/2", "graded 2/2"]
    assert "ada 01-double not graded" in lines[0]  # what it handed in cannot be read
    hand_in_nothing(course, "bob", "{}")
    again = headcheck(course, "grade", *ENGINE)
    lines = [line for line in again.stderr.splitlines() if line.startswith("graded ")]
    assert len(lines) == 1 and lines[0].startswith("graded 1/1: bob")  # ada is no part of the work


@in_turn
def test_has_what_hangs_a_name(course: Path) -> None:
    submit(course, "cy", FULL | {"seven": "import time\ntime.sleep(4)\nseven = 7"})
    code = (
        "import sys; from headcheck.desk import console; console.QUIET_SECONDS = 0.2\n"
        "sys.argv = ['headcheck', 'grade', '--student', 'cy', '--engine', 'nbgrader']\n"
        "from headcheck.cli import app; app()"
    )
    done = run_python(course, "-c", code)
    assert done.returncode == 0, done.stderr
    assert "running: cy 01-double seven (" in done.stderr
    assert "running" not in done.stdout


def test_does_the_time_left_not_count_what_was_skipped() -> None:
    seen = io.StringIO()
    console = Console(file=seen, force_terminal=True, width=120)
    with progress_bar(10, console) as step:
        for _ in range(8):
            step(record("ada", cell("test_a", "passed")), skipped=True)
        step(record("bob", cell("test_a", "passed")), skipped=False)
    assert "1/2" in seen.getvalue() and "9/10" not in seen.getvalue()


def test_does_the_bar_name_what_runs_longest() -> None:
    seen = io.StringIO()
    console = Console(file=seen, force_terminal=True, width=140)
    works = [
        Work(student=student, assignment=NAME, notebook_name=NAME, notebook=b"", seed=1)
        for student in ("ada", "bob")
    ]
    with running(works[0]), running(works[1]), progress_bar(2, console):
        at(works[0], "test_double")
        at(works[1], "setup")
        at(works[0], "seven")
    assert re.search(rf"bob {NAME} setup \(\d+ s\)", seen.getvalue())
    assert longest_first() == []


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (3, "(3 s)"),
        (25, "(25 s; limit: 60 s of processor time)"),
        (70, "(70 s; limit: 300 s)"),
    ],
)
def test_is_it_said_how_long_what_hangs_may_take(seconds: int, said: str) -> None:
    limits = Limits(cell_seconds=60, wall_factor=5)
    one = Running("ada", NAME, "seven", time.monotonic() - seconds - 0.01, limits)
    assert str(one) == f"ada {NAME} seven {said}"


def without_a_reader(
    course: Path, command: Sequence[str], *, also_errors: bool
) -> subprocess.CompletedProcess[bytes]:
    """As with `| head`, when head has gone already."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        return subprocess.run(
            [sys.executable, "-m", "headcheck.cli", *command],
            cwd=course,
            stdout=writing,
            stderr=writing if also_errors else subprocess.PIPE,
            timeout=120,
        )
    finally:
        os.close(writing)


@pytest.mark.parametrize("also_errors", [False, True])
@in_turn
def test_is_all_done_and_written_though_nobody_reads_on(course: Path, also_errors: bool) -> None:
    done = without_a_reader(
        course, ["grade", "--json", "out.json", *ENGINE], also_errors=also_errors
    )
    assert done.returncode == 0
    assert not done.stderr or (b"Broken" not in done.stderr and b"Traceback" not in done.stderr)
    assert {r["student"] for r in json.loads((course / "out.json").read_text())} == {"ada", "bob"}
    assert "bob" in (course / "report.html").read_text()


@pytest.mark.parametrize(
    "command",
    [
        ["report"],
        ["build", "--check"],
        pytest.param(["doctor"], marks=night("by day commands that are sooner done")),
        ["report", "--help"],
    ],
)
@in_turn
def test_does_no_other_command_break_with_its_pipe(graded: Path, command: list[str]) -> None:
    expected = headcheck(graded, *command).returncode
    done = without_a_reader(graded, command, also_errors=False)
    assert done.returncode == expected
    assert done.stderr is not None and b"Traceback" not in done.stderr
    assert b"Broken" not in done.stderr
