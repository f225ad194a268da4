"""What lies in a submitted folder: the notebook, other files, the time it was handed in.

Folders come from students, so nothing in them is followed: no links, no devices, no huge files.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO

from headcheck.course.counted import counted
from headcheck.course.handed_over import STAMP
from headcheck.course.reading import MAX_BYTES
from headcheck.grading.find import ARCHIVES, fits, is_leftover
from headcheck.grading.handed_in import read_time

MAX_FILES = 1000
SPARE = 1 << 20  # of the room for all files: a notebook's own process could not start in none
PAGE = 4096  # what a file of one byte takes there
MAX_PATH = 1024  # bytes of a file's path in the folder: it is written again below another one
MAX_NOTEBOOKS = 20  # that are looked at as the one that was meant
# What a notebook is called after a browser or a mail program has had it.
NOTEBOOK_ENDINGS = (".ipynb", ".ipynb.txt", ".ipynb.json")


@dataclass
class Intake:
    """A submitted folder as read.

    `notebooks`: whatever may be the one that was meant, by path, those at the top first. `files`:
    everything that may lie beside it when it is run, those notebooks too. `archives`: what was
    packed and is not unpacked here.
    """

    notebooks: dict[str, bytes] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    archives: list[str] = field(default_factory=list)
    timestamp: datetime | None = None
    notes: list[str] = field(default_factory=list)


def read_folder(
    folder: Path,
    ignore: Sequence[str],
    file_bytes: int,
    all_bytes: int,
    ours: Mapping[str, int] = MappingProxyType({}),
) -> Intake:
    """Read a submitted folder; what is refused or too much is left out with a note.

    `ours`: sizes of what lies beside it when it is run, the instructor's files and the notebook. They come
    first: a file with the name of one is not read, and all of them share the room of `all_bytes`.
    """
    intake = Intake()
    room = all_bytes - SPARE - sum(map(_on_disk, ours.values()))
    for path in regular_files(folder, ignore, intake.notes):
        name = path.relative_to(folder).as_posix()
        if name.lower().endswith(ARCHIVES):
            intake.archives.append(name)
        if name.lower().rstrip().endswith(NOTEBOOK_ENDINGS):
            try:
                data = read_file(path, MAX_BYTES + 1)
            except OSError as error:
                intake.notes.append(_cannot(name, error))
                continue
            read = sum(map(len, intake.notebooks.values()))
            if name in ours or (len(intake.notebooks) < MAX_NOTEBOOKS and read < MAX_BYTES):
                intake.notebooks[name] = data
            if len(data) > min(file_bytes, room - PAGE):
                continue  # as a notebook it has another limit, and says so there
        if name in ours:
            continue
        if len(intake.files) >= MAX_FILES:
            intake.notes.append(f"More than {MAX_FILES} extra files; the rest was left out.")
            break
        if any(each.startswith(f"{name}/") or name.startswith(f"{each}/") for each in ours):
            intake.notes.append(f"The file {name} is in the way of the lesson's own; left out.")
            continue
        try:
            data = read_file(path, file_bytes + 1)
        except OSError as error:
            intake.notes.append(_cannot(name, error))
            continue
        if len(data) > file_bytes:
            limit = f"over {file_bytes >> 20} MiB, the limit file_mib"
            intake.notes.append(f"The file {name} is too large ({limit}); left out.")
            continue
        if _on_disk(len(data)) > room:
            limit = f"over {all_bytes >> 20} MiB with it, the limit disk_mib"
            intake.notes.append(f"The files are too large together ({limit}); {name} left out.")
            continue
        room -= _on_disk(len(data))
        intake.files[name] = data
    intake.timestamp = _timestamp(intake)
    return intake


def _on_disk(size: int) -> int:
    return -(-size // PAGE) * PAGE


def regular_files(folder: Path, ignore: Sequence[str], notes: list[str]) -> list[Path]:
    """The plain files of a submitted folder, in a fixed order; what is none goes into `notes`."""
    found: list[Path] = []

    def cannot(error: OSError) -> None:
        where = Path(error.filename or folder)
        name = where.relative_to(folder).as_posix() if where != folder else "the folder itself"
        notes.append(_cannot(name, error))

    start = len(os.fsencode(folder)) + 1
    for where, folders, names in os.walk(folder, followlinks=False, onerror=cannot):
        depth = max(0, len(os.fsencode(where)) - start)
        long = [name for name in (*folders, *names) if depth + len(os.fsencode(name)) > MAX_PATH]
        if long:
            notes.append(
                f"Left out, because their paths have more than {MAX_PATH} characters: "
                f"{counted(len(long), 'file or folder', 'files and folders')} ({long[0][:20]!a}...)."
            )
            folders[:] = [name for name in folders if name not in long]
            names = [name for name in names if name not in long]
        for name in sorted(folders):
            if not name.isprintable():
                notes.append(f"A folder has a name that cannot be used ({name!a}); left out.")
            elif os.path.islink(os.path.join(where, name)):
                notes.append(f"The link {name} was not followed; links are never graded.")
        folders[:] = sorted(
            name
            for name in folders
            if name.isprintable()
            and not _ignored(name, ignore)
            and not os.path.islink(os.path.join(where, name))
        )
        for name in sorted(names):
            if _ignored(name, ignore):
                continue
            if not name.isprintable():  # control characters, or bytes that are no text
                notes.append(f"A file has a name that cannot be used ({name!a}); left out.")
                continue
            path = os.path.join(where, name)
            try:
                mode = os.lstat(path).st_mode
            except OSError as error:
                cannot(error)
                continue
            if stat.S_ISREG(mode):
                found.append(Path(path))
            else:
                kind = "link" if stat.S_ISLNK(mode) else "special file"
                notes.append(f"{name} is a {kind}, not a file; it was left out.")
        if len(found) > 10 * MAX_FILES:
            notes.append("The folder holds far too many files; the rest was not looked at.")
            break
    return found


def names_in(folder: Path) -> list[str]:
    """Every plain file that somebody put there, also what is not read: the lesson's text, exported say."""
    return [path.relative_to(folder).as_posix() for path in regular_files(folder, (), [])]


def _ignored(name: str, patterns: Sequence[str]) -> bool:
    return is_leftover(name) or fits(name, tuple(patterns))


def read_file(path: Path, most: int) -> bytes:
    """The first bytes of a plain file. Raises OSError, also for a link."""
    with open_plain(path) as file:
        return file.read(most)


def open_plain(path: Path) -> BinaryIO:
    """A plain file, open for reading. Raises OSError, also for a link."""
    # O_NOFOLLOW: it was a plain file a moment ago, and a link now would be a trick.
    flags = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)  # a pipe is empty
    return os.fdopen(os.open(path, os.O_RDONLY | flags), "rb")


def _cannot(name: str, error: OSError) -> str:
    remedy = "; give yourself the right: chmod -R u+rX" if error.errno == errno.EACCES else ""
    return f"{name[:200]!a} cannot be read ({error.strerror}){remedy}; left out."


def _timestamp(intake: Intake) -> datetime | None:
    """Of the folder itself, or else of the one folder that everything lies in."""
    stamps = [n for n in intake.files if n.rpartition("/")[2] == STAMP]
    if STAMP not in stamps and len(stamps) != 1:
        return None
    found = read_time(intake.files[STAMP if STAMP in stamps else stamps[0]])
    if found.note:
        intake.notes.append(found.note)
    return found.when
