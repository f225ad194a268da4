"""What lies in a submitted folder: the notebook, other files, the time it was handed in.

Folders come from students, so nothing in them is followed: no links, no devices, no huge files.
"""

from __future__ import annotations

import fnmatch
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from nbgrader.utils import parse_utc

from headcheck.cells import MAX_BYTES

MAX_FILES = 1000


@dataclass
class Intake:
    """A submitted folder as read. `notebooks` are the .ipynb files at its top, by name."""

    notebooks: dict[str, bytes] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    timestamp: datetime | None = None
    notes: list[str] = field(default_factory=list)


def read_folder(folder: Path, ignore: Sequence[str], file_bytes: int, all_bytes: int) -> Intake:
    """Read a submitted folder; what is refused or too much is left out with a note."""
    intake = Intake()
    budget = all_bytes
    for path in _regular_files(folder, ignore, intake.notes):
        name = path.relative_to(folder).as_posix()
        if path.suffix == ".ipynb":
            if path.parent == folder:
                intake.notebooks[name] = _read(path, MAX_BYTES + 1)
            continue
        if len(intake.files) >= MAX_FILES:
            intake.notes.append(f"More than {MAX_FILES} extra files; the rest was left out.")
            break
        data = _read(path, file_bytes + 1)
        if len(data) > min(file_bytes, budget):
            limit = min(file_bytes, budget) >> 20
            intake.notes.append(f"The file {name} is too large (over {limit} MiB); left out.")
            continue
        budget -= len(data)
        intake.files[name] = data
    intake.timestamp = _timestamp(intake)
    return intake


def _regular_files(folder: Path, ignore: Sequence[str], notes: list[str]) -> list[Path]:
    found: list[Path] = []
    for where, folders, names in os.walk(folder, followlinks=False):
        here = Path(where)
        for name in sorted(folders):
            if (here / name).is_symlink():
                notes.append(f"The link {name} was not followed; links are never graded.")
        folders[:] = sorted(
            n for n in folders if not _ignored(n, ignore) and not (here / n).is_symlink()
        )
        for name in sorted(names):
            if _ignored(name, ignore):
                continue
            mode = (here / name).lstat().st_mode
            if stat.S_ISREG(mode):
                found.append(here / name)
            else:
                kind = "link" if stat.S_ISLNK(mode) else "special file"
                notes.append(f"{name} is a {kind}, not a file; it was left out.")
        if len(found) > 10 * MAX_FILES:
            notes.append("The folder holds far too many files; the rest was not looked at.")
            break
    return found


def _ignored(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatch.fnmatch(name, pattern) for pattern in patterns)


def _read(path: Path, most: int) -> bytes:
    # O_NOFOLLOW: it was a plain file a moment ago, and a link now would be a trick.
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    with os.fdopen(handle, "rb") as file:
        return file.read(most)


def _timestamp(intake: Intake) -> datetime | None:
    text = intake.files.get("timestamp.txt", b"").decode("utf-8", "replace").strip()
    if not text:
        return None
    try:
        return parse_utc(text)
    except (ValueError, OverflowError):
        intake.notes.append(f"timestamp.txt cannot be read ({text[:40]!r}); counted as in time.")
        return None
