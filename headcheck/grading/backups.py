"""Dated copies of the gradebook, made before a run changes it: `backups/gradebook-<when>.db`.

Only of an SQLite file; a database on a server has copies of its own (`pg_dump`).
"""

from __future__ import annotations

import errno
import os
import re
import sqlite3
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

from headcheck.course.directory import Course, CourseError
from headcheck.grading.database import PATIENCE, in_words, sqlite_file

KEPT = 10
_OURS = re.compile(r"gradebook-\d{8}T\d{6}\.\d{6}Z\.db")


def copy_gradebook(course: Course) -> Path | None:
    """Copy the gradebook as it is now; None when there is none, or the newest copy still holds.

    Raises `CourseError` when it cannot be made: then nothing may be changed.
    """
    file = sqlite_file(course.db_url)
    if file is None or not file.exists() or file.stat().st_size == 0:
        return None
    folder = course.root / "backups"
    kept = _copies(folder)
    if kept and _same(kept[-1], file):
        return None
    when = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    target = folder / f"gradebook-{when}.db"
    part = target.with_suffix(".part")
    try:
        folder.mkdir(exist_ok=True)
        for left in folder.glob("gradebook-*.part"):  # a run was ended in the middle of this
            left.unlink()
        before = file.stat()
        part.touch()  # what is wrong with the folder is said of it, not of the gradebook
        with in_words(course):
            _copy(file, part)
        os.chmod(part, before.st_mode & 0o777)
        os.utime(part, ns=(before.st_atime_ns, before.st_mtime_ns))
        os.replace(part, target)
    except OSError as error:
        raise CourseError(
            f"no copy of the gradebook could be made in {folder} ({error.strerror}), so nothing "
            "was changed. Make room or make the folder writable, then run the same command again."
        ) from error
    finally:
        for leftover in (part, part.with_name(f"{part.name}-journal")):
            with suppress(OSError):
                leftover.unlink()
    for old in [*kept, target][:-KEPT]:
        old.unlink(missing_ok=True)
    return target


def _copies(folder: Path) -> list[Path]:
    """Ours alone, oldest first: a copy that a person put there has another name and stays."""
    return sorted(path for path in folder.glob("*.db") if _OURS.fullmatch(path.name))


def _same(copy: Path, file: Path) -> bool:
    """Whether the gradebook was not written since; a copy has the time of what it is a copy of."""
    log = file.with_name(f"{file.name}-wal")
    if log.exists() and log.stat().st_size:
        return False
    one, other = copy.stat(), file.stat()
    return (one.st_mtime_ns, one.st_size) == (other.st_mtime_ns, other.st_size)


def _copy(file: Path, target: Path) -> None:
    with closing(sqlite3.connect(file, timeout=PATIENCE)) as source:
        # Holds the file still, or gives up after a time; `backup` alone would wait for ever.
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()
        with closing(sqlite3.connect(target)) as copy:
            try:
                source.backup(copy)
            except sqlite3.Error as error:
                if getattr(error, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_FULL:
                    raise
                # Of the copy: the gradebook is only read, and its disk may be another one.
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target)) from error
