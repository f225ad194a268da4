"""What lies in a submitted folder: the notebook, other files, the time it was handed in.

Folders come from students, so nothing in them is followed: no links, no devices, no huge files.
"""

from __future__ import annotations

import fnmatch
import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

from nbgrader.utils import parse_utc

from headcheck.course.reading import MAX_BYTES

MAX_FILES = 1000
SPARE = 1 << 20  # of the room for all files: a notebook's own process could not start in none
PAGE = 4096  # what a file of one byte takes there


@dataclass
class Intake:
    """A submitted folder as read. `notebooks` are the .ipynb files at its top, by name."""

    notebooks: dict[str, bytes] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    timestamp: datetime | None = None
    notes: list[str] = field(default_factory=list)


def read_folder(
    folder: Path,
    ignore: Sequence[str],
    file_bytes: int,
    all_bytes: int,
    ours: Mapping[str, bytes] = MappingProxyType({}),
) -> Intake:
    """Read a submitted folder; what is refused or too much is left out with a note.

    `ours`: what lies beside it when it is run, the instructor's files and the notebook. They come
    first: a file with the name of one is not read, and all of them share the room of `all_bytes`.
    """
    intake = Intake()
    room = all_bytes - SPARE - sum(map(_on_disk, ours.values()))
    for path in _regular_files(folder, ignore, intake.notes):
        name = path.relative_to(folder).as_posix()
        if path.suffix == ".ipynb" and path.parent == folder:
            intake.notebooks[name] = _read(path, MAX_BYTES + 1)
        if path.suffix == ".ipynb" or name in ours:
            continue
        if len(intake.files) >= MAX_FILES:
            intake.notes.append(f"More than {MAX_FILES} extra files; the rest was left out.")
            break
        if any(each.startswith(f"{name}/") or name.startswith(f"{each}/") for each in ours):
            intake.notes.append(f"The file {name} is in the way of the lesson's own; left out.")
            continue
        data = _read(path, file_bytes + 1)
        if len(data) > file_bytes:
            limit = f"over {file_bytes >> 20} MiB, the limit file_mib"
            intake.notes.append(f"The file {name} is too large ({limit}); left out.")
            continue
        if _on_disk(data) > room:
            limit = f"over {all_bytes >> 20} MiB with it, the limit disk_mib"
            intake.notes.append(f"The files are too large together ({limit}); {name} left out.")
            continue
        room -= _on_disk(data)
        intake.files[name] = data
    intake.timestamp = _timestamp(intake)
    return intake


def _on_disk(data: bytes) -> int:
    return -(-len(data) // PAGE) * PAGE


def _regular_files(folder: Path, ignore: Sequence[str], notes: list[str]) -> list[Path]:
    found: list[Path] = []
    for where, folders, names in os.walk(folder, followlinks=False):
        here = Path(where)
        for name in sorted(folders):
            if not name.isprintable():
                notes.append(f"A folder has a name that cannot be used ({name!a}); left out.")
            elif (here / name).is_symlink():
                notes.append(f"The link {name} was not followed; links are never graded.")
        folders[:] = sorted(
            name
            for name in folders
            if name.isprintable() and not _ignored(name, ignore) and not (here / name).is_symlink()
        )
        for name in sorted(names):
            if _ignored(name, ignore):
                continue
            if not name.isprintable():  # control characters, or bytes that are no text
                notes.append(f"A file has a name that cannot be used ({name!a}); left out.")
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
