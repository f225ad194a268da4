"""`not-ours.txt`: who has left the course, and what of a download is nobody's.

An LMS keeps the files of somebody who left for ever, and nothing else could say that nobody waits for
them. A name or id a line, as `headcheck collect` and `todo` say it; what stands behind a `#` is a note.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from headcheck.course.misnamed import not_misnamed
from headcheck.course.roster import Student, read_table, same_letters

NOT_OURS = "not-ours.txt"
_NOTE = re.compile(r"(?:^|\s)#.*")


@dataclass(frozen=True)
class NotOurs:
    """The lines of the file, for comparing."""

    names: frozenset[str] = frozenset()

    def __contains__(self, student: str) -> bool:
        """Whether somebody with this id has left."""
        return same_letters(student) in self.names

    def says(self, line: str) -> bool:
        """Whether what collect says of something is here: its name, or with why: `novakpetr: nobody of ...`."""
        line = same_letters(line)
        return line in self.names or any(
            line.startswith(f"{name}: ") or name.startswith(f"{line}: ") for name in self.names
        )

    def without(self, students: Iterable[str]) -> list[str]:
        """Those of them who are in the course."""
        return [who for who in students if who not in self]

    def class_without(self, students: Iterable[Student]) -> list[Student]:
        return [one for one in students if one.id not in self]


def not_ours(root: Path) -> NotOurs:
    """What the course directory says; nobody when there is no such file."""
    file = root / NOT_OURS
    if not file.exists():
        not_misnamed(file)
        return NotOurs()
    lines = (same_letters(_NOTE.sub("", line)) for line in read_table(file).splitlines())
    return NotOurs(frozenset(line for line in lines if line))
