"""`outbox/`: what is made to be sent away. Each file or folder is there whole, or not at all."""

from __future__ import annotations

import glob
import io
import shutil
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from headcheck.course.as_left import kept_as
from headcheck.course.counted import first_of
from headcheck.course.directory import Course, CourseError
from headcheck.course.files import naming, write_whole
from headcheck.course.named_file import not_in_a_course, write_named
from headcheck.desk.as_made import ITSELF, AsMade
from headcheck.desk.console import warn
from headcheck.desk.visible import line
from headcheck.grading.find import is_leftover

OUTBOX = "outbox"
MOST_NAMED = 5


def place(course: Course, name: str, to: Path | None) -> Path:
    """Where a file goes: `to` if it is named, else `outbox/<name>`."""
    return course.root / OUTBOX / name if to is None else to.absolute()


def write_file(target: Path, data: bytes, *, named: bool) -> None:
    """What lies in `outbox/` is ours; where a person `named` the file, something else may be there."""
    (write_named if named else write_whole)(target, data)


def write_filled(
    course: Course, target: Path, data: bytes, *, named: bool, strict: bool = True
) -> None:
    """A file that a person may have changed since it was made: it is written over only as we left it.

    `strict`: also one that nobody remembers is theirs. A table of an LMS begins like that LMS's own one.
    Raises `CourseError` when another one is there and was `named`; in `outbox/` that is kept aside.
    """
    made, new = AsMade(course, target), {ITSELF: data}
    if target.is_file() and made.changed(new, strict=strict):
        if named:
            raise CourseError(
                f"{target} is there already, and is not as headcheck left it: it may hold what "
                "somebody typed. It was left as it is; name another file, or move that one away."
            )
        kept = _unused(target)
        target.rename(kept)
        warn(f"{target} was changed since it was made; what it held is {line(kept.name)} now.")
    made.remember(new)
    write_file(target, data, named=named)


def _unused(target: Path) -> Path:
    return next(path for path in kept_as(target) if not path.exists())


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A zip of files by their names in it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def write_folder(course: Course, folder: Path, files: Mapping[str, bytes], *, add: bool) -> None:
    """A folder of files instead of those we made before; `add`: beside them.

    Raises `CourseError` when something else is in it. What a person changed in ours is kept aside.
    """
    not_in_a_course(folder)
    _put_back(folder)
    _only_ours(folder, files)
    made = AsMade(course, folder)
    _keep_changed(folder, [n for n in made.changed(files, strict=False) if n in files or not add])
    made.remember(files)
    if add:
        for name, data in files.items():
            write_whole(folder / name, data)
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    with naming(folder):  # not the folder aside
        _in_its_place(folder, files)


def _keep_changed(folder: Path, names: Sequence[str]) -> None:
    """Copy these into a folder beside."""
    if not names:
        return
    kept = _unused(folder)
    for name in names:
        write_whole(kept / name, (folder / name).read_bytes())
    warn(
        f"changed in {folder} since it was made: {first_of(map(line, names), MOST_NAMED)}; as they were, "
        f"they are in {line(kept.name)} now."
    )


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
