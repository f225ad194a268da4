"""Does the build see what would go wrong in grading alone, and say it to the author?

One course with a lesson for each fault, built once with the real command line.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from tiny_course import LESSON, NAME, add_lesson, headcheck, make_course

SETUP = "from headcheck.seed import draw\n"
CHECK = '        expect(double(secret_number) == 2 * secret_number, "twice another number")\n'
FAULTS = {
    "02-luck": (CHECK, CHECK.replace("2 * secret_number,", "2 * secret_number + (rng.random() < 0.4),")),
    "03-words": (CHECK, CHECK.replace("expect(", "from headcheck.lesson.values import expect_equal\n        expect_equal(").replace(" == 2 * secret_number,", ", 2 * secret_number + 1,")),
    "04-setup": (SETUP, SETUP + "\nif 'get_ipython' not in dir(__builtins__) + list(globals()):\n    raise LookupError('nobody is here')\n"),
    "05-files": (SETUP, SETUP + "import csv\n\nimport helping\n\nwith open('table.csv') as lines:\n    TABLE = list(csv.reader(lines))\nassert helping.two() == int(TABLE[0][0])\n"),
}  # fmt: skip


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make_course(tmp_path_factory.mktemp("as-graded") / "course")
    for name, (old, new) in FAULTS.items():
        assert LESSON.count(old) == 1, name
        add_lesson(folder, name, LESSON.replace(old, new))
    beside = folder / "source" / "05-files"
    (beside / "table.csv").write_text("2,3\n")
    (beside / "helping.py").write_text("def two():\n    return 2\n")
    released = folder / "notebooks" / "02-luck"
    released.mkdir(parents=True)
    (released / "02-luck.ipynb").write_text("{}")
    return folder


@pytest.fixture(scope="module")
def built(course: Path) -> subprocess.CompletedProcess[str]:
    return headcheck(course, "build", "--draws", "4")


def problem(built: subprocess.CompletedProcess[str], name: str) -> str:
    found = re.split(r"(?m)^headcheck: ", built.stderr)
    (mine,) = (text for text in found if text.startswith(f"source/{name}/"))
    return mine


def line(course: Path, name: str, problem: str) -> str:
    where = re.match(rf"source/{name}/{name}\.py:(\d+): ", problem)
    assert where, problem
    return (course / "source" / name / f"{name}.py").read_text().splitlines()[int(where[1]) - 1]


def test_is_a_reference_that_some_sizes_fail_seen(course: Path, built) -> None:
    said = problem(built, "02-luck")
    found = re.search(
        r"in (\d+) of 4 draws of its sizes \(seeds ([\d, ]+)\); with seed (\d+):", said
    )
    assert found and 0 < int(found[1]) < 4 and found[2].split(", ")[0] == found[3]
    assert "rng.random() < 0.4" in line(course, "02-luck", said)


def test_is_the_author_told_got_and_expected(course: Path, built) -> None:
    said = problem(built, "03-words")
    assert re.search(r"got +\d+\n +expected +\d+", said)
    assert "in 4 of 4 draws" in said and "expect_equal(double" in line(course, "03-words", said)


def test_is_a_setup_that_fails_in_the_grader_named(course: Path, built) -> None:
    said = problem(built, "04-setup")
    assert "setup: fails in the checker's process" in said and "LookupError: nobody is here" in said
    assert "raise LookupError" in line(course, "04-setup", said)


def test_do_the_lessons_files_reach_its_checks(course: Path, built) -> None:
    assert "05-files: right when it is graded, 4 draws" in built.stdout
    assert "source/05-files" not in built.stderr


def test_does_a_lesson_with_a_problem_leave_notebooks_alone(course: Path, built) -> None:
    assert built.returncode == 1
    assert {p.name for p in (course / "notebooks").iterdir()} == {NAME, "02-luck", "05-files"}
    assert (course / "notebooks" / "02-luck" / "02-luck.ipynb").read_text() == "{}"
    assert {p.name for p in (course / "notebooks" / "05-files").iterdir()} >= {
        "table.csv",
        "helping.py",
    }
    for name in ("02-luck", "03-words", "04-setup"):
        assert f"{name}: NOT built" in built.stdout


def test_is_what_was_right_not_graded_again(course: Path, built) -> None:
    again = headcheck(course, "build", NAME, "05-files", "--draws", "4")
    assert again.returncode == 0 and again.stdout == "2 lessons: nothing changed\n"
