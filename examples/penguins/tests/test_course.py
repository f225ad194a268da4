"""Is the course fit for a class? `pytest tests`; the same as the two commands in it."""

import subprocess
import sys
from pathlib import Path

COURSE = Path(__file__).parents[1]


def headcheck(*arguments):
    command = [sys.executable, "-P", "-m", "headcheck.cli", *arguments]
    done = subprocess.run(command, cwd=COURSE, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_lesson_is_built_and_verified():
    headcheck("build")


def test_every_sample_gets_the_marks_it_should():
    headcheck("samples")
