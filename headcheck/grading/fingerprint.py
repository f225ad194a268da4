"""One hash of a submitted folder: whether it is still what was graded.

The owner compares it before anything is read as anything: no file is parsed, kept or followed, and no
process is started for a submission that did not change.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from headcheck.course.files import digest
from headcheck.grading.intake import open_plain, regular_files

CHUNK = 1 << 20


def fingerprint(folder: Path, ignore: Sequence[str], most: int) -> str:
    """A hash of the names and the content of all files in a folder, `ignore`d ones left out.

    Of more than `most` bytes together the rest counts by size and time of change alone.
    """
    parts: list[str] = []
    for path in regular_files(folder, ignore, []):
        parts.append(path.relative_to(folder).as_posix())
        try:
            with open_plain(path) as file:
                status = os.fstat(file.fileno())
                if status.st_size <= most:
                    most -= status.st_size
                    parts.append(_hash(file.fileno(), status.st_size))
                else:
                    parts.append(f"{status.st_size} {status.st_mtime_ns}")
        except OSError as error:
            parts.append(f"cannot be read: {error.errno}")
    return digest(parts)


def _hash(handle: int, size: int) -> str:
    """Of so many bytes at most: a file that grows meanwhile has no end."""
    total = hashlib.sha256()
    while size > 0 and (part := os.read(handle, min(size, CHUNK))):
        total.update(part)
        size -= len(part)
    return total.hexdigest()
