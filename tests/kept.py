"""What an earlier run of the tests has graded, used again while nothing that it depends on has changed.

Only what was right is kept, in pytest's cache: `make clean` removes it, and a clean clone has none.
`make test-all` grades everything, and keeps nothing.
"""

from __future__ import annotations

import os
import shutil
import stat
import warnings
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hours import IN_THE_NIGHT
from once import once

from headcheck import versions
from headcheck.authoring.samples import Sample
from headcheck.course.files import digest

ROOT = Path(__file__).parents[1]
# What turns samples into a graded class, beside what judges them.
_GRADES = ("headcheck.desk.grade", "headcheck.authoring.build", "headcheck.authoring.samples")
_BESIDE = (
    *("headcheck/cli.py", "constraints.txt", "grader_config.py", "nbgrader_config.py"),
    *(
        f"tests/{name}.py"
        for name in ("conftest", "corpus", "hours", "kept", "once", "real_course")
    ),
)


@cache
def code_key() -> str:
    """Changes with the code that grades a class of samples through the command line."""
    files = [*sorted(versions.code_of(*_GRADES)), *(ROOT / name for name in _BESIDE)]
    return digest([versions.verdict(), *(path.read_bytes() for path in files)])


@cache
def lesson_key(name: str) -> str:
    """Changes with a lesson, as it is written and as students get it."""
    return digest(
        path.read_bytes()
        for folder in ("source", "notebooks")
        for path in sorted((ROOT / folder / name).rglob("*"))
        if path.suffix == ".py" or (folder == "notebooks" and path.is_file())
    )


def earned_what_its_file_says(sample: Sample, result: Mapping[str, Any]) -> bool:
    """Whether the marks of a graded submission are those of its sample."""
    points = {cell["grade_id"]: cell["max_score"] for cell in result["cells"]}
    scores = {cell["grade_id"]: cell["score"] for cell in result["cells"]}
    return scores == sample.expected(points)


def kept(
    config: pytest.Config,
    factory: pytest.TempPathFactory,
    name: str,
    parts: Iterable[str],
    make: Callable[[Path], None],
    is_right: Callable[[Path], bool],
) -> Path:
    """A folder that `make` fills, in this run or in an earlier one with the same `parts`."""
    if IN_THE_NIGHT:
        return once(factory, name, make)
    assert config.cache is not None
    store = Path(config.cache.mkdir(name))
    place = store / digest(parts)[:24]

    def fill(folder: Path) -> None:
        if place.is_dir():
            _copy(place, folder)
            warnings.warn(f"{name}: kept from an earlier run in {place}", stacklevel=2)
            return
        make(folder)
        if is_right(folder):
            _keep(folder, place)

    return once(factory, name, fill)


def _keep(folder: Path, place: Path) -> None:
    """In place of what is there. What cannot be copied (by an ordinary user, say) is not kept."""
    for old in place.parent.iterdir():
        shutil.rmtree(old)
    new = place.with_suffix(".new")
    with suppress(OSError):
        _copy(folder, new)
        new.rename(place)


def _copy(source: Path, target: Path) -> None:
    shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True, ignore=_special)


def _special(folder: str, names: list[str]) -> list[str]:
    """Sockets and pipes."""
    modes = {name: os.lstat(Path(folder, name)).st_mode for name in names}
    plain = (stat.S_ISREG, stat.S_ISDIR, stat.S_ISLNK)
    return [name for name, mode in modes.items() if not any(is_one(mode) for is_one in plain)]
