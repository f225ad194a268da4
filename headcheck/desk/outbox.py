"""`outbox/`: what is made to be sent away. Each file or folder is there whole, or not at all."""

from __future__ import annotations

import io
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from headcheck.course.directory import Course
from headcheck.course.files import write_whole

OUTBOX = "outbox"


def place(course: Course, name: str, to: Path | None) -> Path:
    """Where a file goes: `to` if it is named, else `outbox/<name>`."""
    return course.root / OUTBOX / name if to is None else to.absolute()


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A zip of files by their names in it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def write_folder(folder: Path, files: Mapping[str, bytes], *, add: bool) -> None:
    """A folder of files instead of what was there; `add`: beside what was there."""
    if add:
        for name, data in files.items():
            write_whole(folder / name, data)
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=".", suffix=".part", dir=folder.parent))
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
