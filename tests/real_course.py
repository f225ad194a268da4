"""The real course, all ten lessons, built once for a whole test run; who grades in it takes a copy."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from once import once

ROOT = Path(__file__).parents[1]


def copy_of_the_course(
    factory: pytest.TempPathFactory, folder: Path, *, settings: str = ""
) -> Path:
    """`folder/course`: a built course of its own. `settings` are added to its grader_config.py."""
    built = once(factory, "the-built-course", _build)
    course = Path(shutil.copytree(built / "course", folder / "course", copy_function=shutil.copy2))
    with (course / "grader_config.py").open("a") as config:
        config.write(settings)
    return course


def _build(folder: Path) -> None:
    for name in ("source", "notebooks"):
        shutil.copytree(ROOT / name, folder / "course" / name)
    for name in ("grader_config.py", "nbgrader_config.py"):
        shutil.copy(ROOT / name, folder / "course")
    headcheck(folder, "build", "--no-verify")


def headcheck(folder: Path, *arguments: str, seed: int = 1) -> None:
    """The real command line on `folder/course`; it has to end well."""
    command = [sys.executable, "-m", "headcheck.cli", *arguments, "--course"]
    done = subprocess.run(
        [*command, str(folder / "course")],
        capture_output=True,
        text=True,
        env=os.environ | {"HEADCHECK_SEED": str(seed)},
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
