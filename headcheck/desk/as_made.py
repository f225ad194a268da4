"""What we made to be sent away, as we left it: to tell what a person has changed in it since.

A note of each file or folder, in `.headcheck/filled/`. It is written before the file, and what lies
there counts on until then: whatever ends a command, the next one finds either to be ours.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from headcheck.course.directory import Course
from headcheck.course.files import digest, write_if_allowed
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
        """Names of files that are there, not as we left them and not as they will be.

        `strict`: also where nothing is remembered.
        """
        known = self._known()
        if known is None and not strict:
            return []
        ours = {(digest([data]), name) for name, data in new.items()} | (known or set())
        return [name for name, found in self._there().items() if (found, name) not in ours]

    def remember(self, new: Mapping[str, bytes]) -> None:
        """That these will be there; what is there now and was not `changed` stays ours."""
        lines = {(digest([data]), name) for name, data in new.items()}
        there = {(found, name) for name, found in self._there().items()}
        known = self._known()
        lines |= there if known is None else there & known
        text = "".join(f"{found} {name}\n" for found, name in sorted(lines))
        write_if_allowed(self._note, text.encode())

    @property
    def _note(self) -> Path:
        name = digest([shown(self.course, self.target)])[:32]
        return self.course.private / "filled" / name

    def _known(self) -> set[tuple[str, str]] | None:
        if not self._note.is_file():
            return None
        lines = (line.partition(" ") for line in self._note.read_text("utf-8").splitlines())
        return {(found, name) for found, _, name in lines}

    def _there(self) -> dict[str, str]:
        """name -> digest"""
        if self.target.is_file():
            return {ITSELF: digest([self.target.read_bytes()])}
        found = {path.relative_to(self.target): path for path in sorted(self.target.rglob("*"))}
        return {
            name.as_posix(): digest([path.read_bytes()])
            for name, path in found.items()
            if path.is_file() and not any(map(is_leftover, name.parts))
        }
