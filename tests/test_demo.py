"""Does the demo leave a real class alone, and does cleaning up remove nothing of a person's?"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hours import in_turn
from tiny_course import NAME, ROOT, headcheck, make_course, run_python

MADE = ("submitted/ada/x/x.ipynb", "feedback/ada/x.html", "autograded/ada/x/x.ipynb")
OF_A_PERSON = (*MADE, "report.html", "gradebook.db", "backups/mine.db", "source/x/x.ipynb")


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course with a real class in it, and a made-up one beside."""
    course = make_course(tmp_path / "course")
    for name in OF_A_PERSON[:-1]:
        path = course / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("a person made this")
    for student, late in (("zoe-invented", ""), ("yan-invented", "late: 2 hours")):
        path = course / "tests" / "class" / student / f"{NAME}.py"
        path.parent.mkdir(parents=True)
        path.write_text(f'"""\nwhat: all right\nlesson: {NAME}\n{late}\n"""\n')
    (course / "tests" / "class" / "due.yaml").write_text(f"{NAME}: 2026-10-05 18:00:00\n")
    return course


def contents(folder: Path) -> dict[str, str]:
    """Every file but those of the demo and of Python."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and "demo" not in path.parts and "__pycache__" not in path.parts
    }


def make(course: Path, target: str) -> subprocess.CompletedProcess[str]:
    for name in ("pyproject.toml", "constraints.txt", "ready"):
        (course / name).touch()
    binaries = Path(sys.executable).parent
    return subprocess.run(
        ["make", "-f", str(ROOT / "Makefile"), target, f"BIN={binaries}", "READY=ready"],
        cwd=course,
        capture_output=True,
        text=True,
        timeout=1000,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )


@pytest.mark.skipif(sys.platform != "linux", reason="the isolated engine needs Linux")
@in_turn
def test_does_make_demo_touch_nothing_but_demo(course: Path) -> None:
    make(course, "clean")
    before = contents(course)
    done = make(course, "demo")
    assert done.returncode == 0, done.stderr
    assert contents(course) == before
    assert "zoe-invented" in done.stdout and "4/4" in done.stdout
    assert f"report: {course / 'demo' / 'report.html'}" in done.stdout
    assert "yan-invented" in (course / "demo" / "report.html").read_text()
    again = make(course, "demo")
    assert "2 of 2 did not change" in again.stdout, again.stderr
    assert make(course, "clean").returncode == 0
    assert not (course / "demo").exists()
    assert contents(course) == before


def test_does_make_clean_remove_nothing_that_a_person_made(course: Path) -> None:
    notebook = course / "source" / "x" / "x.ipynb"  # written in Jupyter, not yet taken over
    notebook.parent.mkdir()
    notebook.write_text("a person made this")
    mine = course / "demo" / "my-own-demo.py"
    mine.parent.mkdir()
    mine.write_text("a person made this")
    (course / ".ruff_cache").mkdir()
    before = contents(course)
    assert make(course, "clean").returncode == 0
    assert set(OF_A_PERSON) <= set(contents(course)) and mine.exists()
    assert before.items() <= contents(course).items()
    assert not (course / ".ruff_cache").exists()


def test_is_a_folder_of_another_kind_not_written_to(course: Path) -> None:
    mine = course / "demo" / "my-own-demo.py"
    mine.parent.mkdir()
    mine.write_text("a person made this")
    done = run_python(course, "-m", "headcheck.authoring.demo", "demo")
    assert done.returncode == 2 and "not made by this command" in done.stderr
    assert [path.name for path in mine.parent.iterdir()] == ["my-own-demo.py"]


def test_are_invented_students_not_handed_in_among_real_ones(course: Path) -> None:
    (course / "gradebook.db").unlink()
    assert headcheck(course, "build", "--no-verify").returncode == 0
    before = contents(course)
    done = run_python(course, "-m", "headcheck.authoring.samples", "tests/class", "submitted")
    assert done.returncode == 2 and "(ada)" in done.stderr
    assert contents(course) == before
    shutil.rmtree(course / "submitted")
    done = run_python(course, "-m", "headcheck.authoring.samples", "tests/class", "submitted")
    assert done.returncode == 0, done.stderr
