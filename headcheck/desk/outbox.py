"""`outbox/`: what is made to be sent away. Each file or folder is there whole, or not at all."""

from __future__ import annotations

import glob
import io
import os
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from itertools import count
from pathlib import Path, PurePosixPath

from headcheck.course.directory import Course, CourseError
from headcheck.course.files import digest, naming, write_if_allowed, write_whole
from headcheck.course.named_file import not_in_a_course, write_named
from headcheck.desk.console import warn
from headcheck.desk.visible import line
from headcheck.grading.find import is_leftover

OUTBOX = "outbox"


def place(course: Course, name: str, to: Path | None) -> Path:
    """Where a file goes: `to` if it is named, else `outbox/<name>`."""
    return course.root / OUTBOX / name if to is None else to.absolute()


def shown(course: Course, place: Path) -> str:
    """A path as it is typed in the course directory, wherever that lies."""
    place = Path(os.path.abspath(place))
    return str(place.relative_to(course.root) if place.is_relative_to(course.root) else place)


def write_file(target: Path, data: bytes, *, named: bool) -> None:
    """What lies in `outbox/` is ours; where a person `named` the file, something else may be there."""
    (write_named if named else write_whole)(target, data)


def write_filled(course: Course, target: Path, data: bytes, *, named: bool) -> None:
    """A table of marks. It begins like the LMS's own one, or like ours where a person has typed marks
    since: so what we wrote is remembered, and a file is written over only as we left it.

    Raises `CourseError` when another one is there and was `named`; in `outbox/` that is kept aside.
    """
    remembered = course.private / "filled" / digest([shown(course, target)])[:32]
    ours = remembered.read_text().split() if remembered.is_file() else []
    new, there = digest([data]), ""
    if target.is_file():
        there = digest([target.read_bytes()])
        if there not in (*ours, new):
            if named:
                raise CourseError(
                    f"{target} is there already, and is not as an export left it: it may hold marks that "
                    "somebody typed. It was left as it is; name another file, or move that one away."
                )
            warn(f"{target} was changed since it was made; what it held is {_aside(target)} now.")
            there = ""
    # Before the file, and what lies there counts on: whatever ends this, the next one finds it to be ours.
    write_if_allowed(remembered, f"{new} {there}".encode())
    write_file(target, data, named=named)


def _aside(target: Path) -> str:
    """Give a file another name; that name."""
    names = (target.with_stem(f"{target.stem}-changed-{n}") for n in count(1))
    kept = next(path for path in names if not path.exists())
    target.rename(kept)
    return line(kept.name)


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A zip of files by their names in it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def write_folder(folder: Path, files: Mapping[str, bytes], *, add: bool) -> None:
    """A folder of files instead of those we made before; `add`: beside them.

    Raises `CourseError` when something else is in it.
    """
    not_in_a_course(folder)
    _put_back(folder)
    _only_ours(folder, files)
    if add:
        for name, data in files.items():
            write_whole(folder / name, data)
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    with naming(folder):  # not the folder aside
        _in_its_place(folder, files)


def _in_its_place(folder: Path, files: Mapping[str, bytes]) -> None:
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".part", dir=folder.parent))
    try:
        new, old = aside / "new", aside / "old"
        new.mkdir()
        for name, data in files.items():
            write_whole(new / name, data)
        if folder.exists():
            folder.rename(old)
        new.rename(folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _put_back(folder: Path) -> None:
    """What a command that was killed had moved aside a moment before it could put the new one there."""
    if folder.exists() or folder.is_symlink():
        return
    for aside in folder.parent.glob(f".{glob.escape(folder.name)}.*.part"):
        if (aside / "old").is_dir() and not folder.exists():
            (aside / "old").rename(folder)
            shutil.rmtree(aside, ignore_errors=True)


def _only_ours(folder: Path, files: Mapping[str, bytes]) -> None:
    """As deep in the folder as ours and called like ours: nothing else may be in it."""
    if not folder.is_dir():
        if folder.exists() or folder.is_symlink():
            raise CourseError(f"{folder} is a file; name a folder that is new or empty.")
        return
    ours = {(len(name.parts), name.name) for name in map(PurePosixPath, files)}
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if any(map(is_leftover, inside.parts)):
            continue
        if (path.is_symlink() or not path.is_dir()) and (len(inside.parts), path.name) not in ours:
            raise CourseError(
                f"{folder} holds {line(str(inside))}, which is not of this command; it was left as it "
                "is. Name a folder that is new or empty, or move that away."
            )
