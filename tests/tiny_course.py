"""A course of one small lesson without torch, for tests that need a course but not a model."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from warm_python import run_module

ROOT = Path(__file__).parents[1]
NAME = "01-double"
LESSON = '''\
# %% [markdown]
# # How do you double a number?

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
from headcheck.lesson.checking import checking, hidden
from headcheck.lesson.failures import CheckFailed, NotAnswered
from headcheck.seed import draw


def expect(ok, checked):
    if not ok:
        raise CheckFailed(checked)


# %% nbgrader={"grade": false, "grade_id": "double", "locked": false, "schema_version": 3, "solution": true, "task": false}
def double(x):
    """Twice x."""
    ### BEGIN SOLUTION
    twice_as_much = x + x
    return twice_as_much
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_double", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with checking("double"):
    expect(double(2) == 4, "double(2)")
    ### BEGIN HIDDEN TESTS
    rng = draw("double")
    with hidden("other numbers"):
        secret_number = rng.randint(5, 50)
        expect(double(secret_number) == 2 * secret_number, "twice another number")
    ### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_double_text", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with checking("double"):
    expect(double("a") == "aa", 'double("a")')

# %% nbgrader={"grade": false, "grade_id": "seven", "locked": false, "schema_version": 3, "solution": true, "task": false}
### BEGIN SOLUTION
seven = 7 * 1_000_000 // 1_000_000
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_seven", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with checking("seven"):
    if seven is ...:
        raise NotAnswered("seven")
    expect(seven == 7, "seven is 7")

# %% tags=["raises-exception"]
print(double(seven))

# %% [markdown] nbgrader={"grade": true, "grade_id": "why_twice", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# Because adding a number to itself is the same as multiplying it by two.
#
# **Marking scheme.** Two points for the reason, one for an example.
# ### END SOLUTION
'''
POINTS = {"test_double": 2.0, "test_double_text": 1.0, "test_seven": 1.0}


def make_course(
    folder: Path, *, lesson: str = LESSON, name: str = NAME, torch: bool = True
) -> Path:
    """A course directory in `folder` with the real configuration and one lesson.

    `torch=False`: as that lesson needs none, an engine that starts is there in a second.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for file in ("nbgrader_config.py", "grader_config.py"):
        shutil.copy(ROOT / file, folder)
    if not torch:
        with (folder / "grader_config.py").open("a") as config:
            config.write("c.Headcheck.libraries = []\n")
    add_lesson(folder, name, lesson)
    return folder


def add_lesson(course: Path, name: str, lesson: str) -> Path:
    text = course / "source" / name / f"{name}.py"
    text.parent.mkdir(parents=True, exist_ok=True)
    text.write_text(lesson, encoding="utf-8")
    return text


def headcheck(course: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The real command line, from inside the course directory."""
    return run_python(course, "-m", "headcheck.cli", *arguments)


def run_python(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`python` with these arguments in a folder; `-m` in a process forked from a warm one."""
    beside = str(Path(sys.executable).parent)
    environment = {**os.environ, "PATH": f"{beside}{os.pathsep}{os.environ['PATH']}"}
    if arguments[0] == "-m":
        return run_module(folder, *arguments[1:], environment=environment)
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=1000,
        env=environment,
    )
