"""What we made to be sent away, as we left it: a file or a folder, and its note in `.headcheck/filled/`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from headcheck.course.as_left import AsLeft
from headcheck.course.directory import Course
from headcheck.course.files import digest
from headcheck.grading.find import is_leftover

ITSELF = ""  # the name of a file in its own note


def shown(course: Course, place: Path) -> str:
    """A path as it is typed in the course directory, wherever that lies."""
    place = Path(os.path.abspath(place))
    return str(place.relative_to(course.root) if place.is_relative_to(course.root) else place)


@dataclass(frozen=True)
class AsMade:
    """One file, or one folder of files."""

    course: Course
    target: Path

    def changed(self, new: Mapping[str, bytes], *, strict: bool) -> list[str]:
        """Names of files that are there, not as we left them and not as they will be (see `AsLeft`)."""
        return self._left.changed(self._there(), _marks(new), strict=strict)

    def remember(self, new: Mapping[str, bytes]) -> None:
        """That these will be there."""
        self._left.remember(self._there(), _marks(new))

    @property
    def _left(self) -> AsLeft:
        name = digest([shown(self.course, self.target)])[:32]
        return AsLeft(self.course.private / "filled" / name, needed=False)

    def _there(self) -> dict[str, str]:
        if self.target.is_file():
            return {ITSELF: digest([self.target.read_bytes()])}
        found = {path.relative_to(self.target): path for path in sorted(self.target.rglob("*"))}
        return {
            name.as_posix(): digest([path.read_bytes()])
            for name, path in found.items()
            if path.is_file() and not any(map(is_leftover, name.parts))
        }


def _marks(files: Mapping[str, bytes]) -> dict[str, str]:
    return {name: digest([data]) for name, data in files.items()}
