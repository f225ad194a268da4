"""A folder of `autograded/`: made anew at each grading, but never over what a person typed there.

What we wrote is remembered in `autograded/.wrote/`, beside the folders and not in `.headcheck/`, which
may be deleted. A file that is not as we left it is copied to `backups/autograded/` first. Of a notebook
only what one types counts: who runs a cell there, or saves it in another program, has typed nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from headcheck.course.as_left import AsLeft, kept_as
from headcheck.course.directory import Course
from headcheck.course.files import digest, write_whole
from headcheck.grading.find import is_leftover

WROTE = ".wrote"


@dataclass(frozen=True)
class Aside:
    """A file that a person changed or put there, and where it lies now."""

    file: Path
    kept: Path
    ours: bool  # we had written a file of that name

    def told(self, root: Path) -> str:
        """A sentence for whoever grades."""
        file = self.file.relative_to(root) if self.file.is_relative_to(root) else self.file
        what = "was changed by hand since it was graded" if self.ours else "was put there by hand"
        return f"{file} {what}; as it was, it is {self.kept.relative_to(root)} now."


@dataclass(frozen=True)
class GradedFolder:
    """Of one student in one lesson."""

    course: Course
    student: str
    lesson: str

    @property
    def path(self) -> Path:
        return self.course.step_folder("autograded") / self.student / self.lesson

    def write(self, files: Mapping[str, bytes]) -> list[Aside]:
        """These files and no others, as nbgrader leaves them; what was kept aside before."""
        kept = self.keep_aside(files)
        self._left.remember(self._there(), _marks(files))
        shared = bool(self.course.config.CourseDirectory.get("groupshared", False))
        replace_files(self.path, files, shared=shared)
        return kept

    def remember(self, notebook: bytes) -> None:
        """What lies here is ours, and this graded notebook will be."""
        name = f"{self.lesson}.ipynb"
        there = self._there()
        self._left.remember(there, there | _marks({name: notebook}))

    def keep_aside(self, files: Mapping[str, bytes] | None = None) -> list[Aside]:
        """Copy what a person made or changed here, unless it is one of these `files`, or kept already.

        Where nothing is remembered, an earlier version graded it, or nbgrader as it comes.
        """
        there, ours = self._there(), self._left.known() or {}
        kept = []
        for name in self._left.changed(there, _marks(files or {})):
            if (target := self._free(name, there[name])) is not None:
                write_whole(target, (self.path / name).read_bytes())
                kept.append(Aside(self.path / name, target, ours=name in ours))
        return kept

    def _free(self, name: str, mark: str) -> Path | None:
        """The next name for a copy; None where a copy of just that lies there."""
        folder = self.course.root / "backups" / "autograded" / self.student / self.lesson
        for free in kept_as(folder / name):
            if not free.exists():
                return free
            if _typed_in(free) == mark:
                return None
        raise AssertionError

    def _there(self) -> dict[str, str]:
        return {name: _typed_in(path) for name, path in self._files()}

    @property
    def _left(self) -> AsLeft:
        top = self.course.step_folder("autograded")
        return AsLeft(top / WROTE / self.lesson / f"{self.student}.json")

    def _files(self) -> Iterator[tuple[str, Path]]:
        for path in sorted(self.path.rglob("*")):
            inside = path.relative_to(self.path)
            if path.is_file() and not path.is_symlink() and not any(map(_passing, inside.parts)):
                yield inside.as_posix(), path


def replace_files(folder: Path, files: Mapping[str, bytes], *, shared: bool) -> None:
    """A folder of `autograded/` as nbgrader leaves it; each file is replaced whole."""
    # First what is not there any more: a file may now be a folder, and the other way round.
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir() and not path.is_symlink():
            if not any(path.iterdir()):
                path.rmdir()
        elif path.relative_to(folder).as_posix() not in files:
            path.unlink()
    for name, data in files.items():
        path = folder / name
        write_whole(path, data)
        mode = 0o664 if shared else 0o444
        if path.stat().st_mode & 0o777 != mode:
            with suppress(PermissionError):  # unchanged, and another grader's
                path.chmod(mode)


def typed(name: str, data: bytes) -> str:
    """One hash of what a person may have typed into a file: of a notebook its cells, not their outputs."""
    if name.lower().endswith(".ipynb"):
        with suppress(ValueError, KeyError, TypeError, RecursionError):
            cells = json.loads(data)["cells"]
            parts = [
                [c["cell_type"], "".join(c["source"]), c.get("attachments") or {}] for c in cells
            ]
            return digest(json.dumps(part, sort_keys=True) for part in parts)
    return hashlib.sha256(data).hexdigest()


def _marks(files: Mapping[str, bytes]) -> dict[str, str]:
    return {name: typed(name, data) for name, data in files.items()}


def _typed_in(path: Path) -> str:
    if path.name.lower().endswith(".ipynb"):
        return typed(path.name, path.read_bytes())
    with path.open("rb") as file:  # whatever was handed in: it may be large
        return hashlib.file_digest(file, "sha256").hexdigest()


def _passing(name: str) -> bool:
    """What programs leave, and nbgrader copies for nobody."""
    return name.startswith(".") or is_leftover(name)
