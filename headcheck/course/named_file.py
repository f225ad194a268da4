"""A file that a person named for what a command writes: only what a command wrote is written over.

A slip of the keyboard (`--output students.csv`) must not cost the list of the class or the gradebook.
What we write begins in the same way each time, so nothing has to be remembered.
"""

from __future__ import annotations

import codecs
import os
import re
from pathlib import Path

from headcheck.course.directory import CONFIG_FILES, Course, CourseError
from headcheck.course.files import write_whole

# A list in JSON, an object's first name in JSON; of anything else the first line.
_BEGINNING = re.compile(rb"\[(?=\s*[\]{])|\{\s*\"[^\"]*\"|[^\r\n]*")
NO_OBJECTS = b"[]"  # begins like every list of objects that a command writes as JSON
# What instructors wrote and students handed in, what is made of it, and what is remembered of it:
# whatever lies there is read as that.
_KEPT = (".headcheck", "source", "notebooks", "release", "submitted", "autograded", "feedback")
_ZIP = b"PK\x03\x04"


def write_named(path: Path, data: bytes) -> None:
    """Write a file whole. Raises `CourseError` when something else is there already."""
    only_ours(path, data)
    write_whole(path, data)


def only_ours(path: Path, data: bytes) -> None:
    """Raises `CourseError` when something else is there than what begins as `data` does.

    And when it would lie among the lessons or what was handed in.
    """
    if path.is_dir():
        raise CourseError(f"{path} is a folder; name a file in it.")
    if path.exists() and path.stat().st_size and _beginning(_head(path)) != _beginning(data):
        raise CourseError(
            f"{path} is there already and was not made by this command; it was left as it is. Name "
            "another file, or move that one away."
        )
    not_in_a_course(path)


def not_in_a_course(path: Path) -> None:
    """Raises `CourseError` when a file or folder would lie among the lessons or what was handed in."""
    path = Path(os.path.abspath(path))
    for root in path.parents:
        first = root / path.relative_to(root).parts[0]
        is_course = all((root / name).exists() for name in (*CONFIG_FILES, "source"))
        if is_course and first != path and first.name in _kept(root):
            raise CourseError(
                f"{path} would lie in {first}, which holds the course's own files; name another folder."
            )


def _kept(root: Path) -> set[str]:
    """Also where the course's configuration names its folders otherwise."""
    course = Course.open(root)
    steps = ("source", "release", "submitted", "autograded", "feedback")
    inside = (
        folder.relative_to(course.root)
        for folder in map(course.step_folder, steps)
        if folder.is_relative_to(course.root)
    )
    return {*_KEPT, *(folder.parts[0] for folder in inside if folder.parts)}


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(10_000)


def _beginning(data: bytes) -> bytes:
    data = data.removeprefix(codecs.BOM_UTF8)  # a table of an earlier version has none
    if data.startswith(_ZIP):  # how the name of its first entry ends
        return data[30 : 30 + int.from_bytes(data[26:28], "little")][-12:]
    found = _BEGINNING.match(data[:10_000])
    return found[0] if found else b""
