"""A file that a person named for what a command writes: only what a command wrote is written over.

A slip of the keyboard (`--output students.csv`) must not cost the list of the class or the gradebook.
What we write begins in the same way each time, so nothing has to be remembered.
"""

from __future__ import annotations

import re
from pathlib import Path

from headcheck.course.directory import CourseError
from headcheck.course.files import write_whole

# A list in JSON, an object's first name in JSON; of anything else the first line.
_BEGINNING = re.compile(rb"\[(?=\s*[\]{])|\{\s*\"[^\"]*\"|[^\r\n]*")
NO_OBJECTS = b"[]"  # begins like every list of objects that a command writes as JSON
_ZIP = b"PK\x03\x04"


def write_named(path: Path, data: bytes) -> None:
    """Write a file whole. Raises `CourseError` when something else is there already."""
    only_ours(path, data)
    write_whole(path, data)


def only_ours(path: Path, data: bytes) -> None:
    """Raises `CourseError` when something else is there than what begins as `data` does."""
    if path.is_dir():
        raise CourseError(f"{path} is a folder; name a file in it.")
    if path.exists() and path.stat().st_size and _beginning(_head(path)) != _beginning(data):
        raise CourseError(
            f"{path} is there already and was not made by this command; it was left as it is. Name "
            "another file, or move that one away."
        )


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(10_000)


def _beginning(data: bytes) -> bytes:
    if data.startswith(_ZIP):  # how the name of its first entry ends
        return data[30 : 30 + int.from_bytes(data[26:28], "little")][-12:]
    found = _BEGINNING.match(data[:10_000])
    return found[0] if found else b""
