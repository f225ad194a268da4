"""`not-ours.txt`: who has left the course, and what of a download is nobody's.

An LMS keeps the files of somebody who left for ever, and nothing else could say that nobody waits for
them. A name or id a line, as `headcheck collect` and `todo` say it; what stands behind a `#` is a note.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from headcheck.course.misnamed import not_misnamed
from headcheck.course.roster import Student, names_of, plain_name, read_table, same_letters

NOT_OURS = "not-ours.txt"
_NOTE = re.compile(r"(?:^|\s)#.*")
_MORE = re.compile(r"\s*[,;\t].*|\s+[-\N{EN DASH}:].*|:.*")  # a note, or another name, behind an id


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

    def perhaps(self, students: Sequence[Student]) -> Iterator[tuple[str, str]]:
        """Lines that are nobody's id and may mean somebody of the class: the line, and that id."""
        ids = {same_letters(one.id): one.id for one in students}
        called = {name: one.id for one in students for name in names_of(one)}
        for line in sorted(self.names - ids.keys()):
            meant = ids.get(_MORE.sub("", line)) or called.get(plain_name(line))
            if meant is not None and meant not in self:
                yield line, meant

    def class_without(self, students: Iterable[Student]) -> list[Student]:
        return [one for one in students if one.id not in self]


def not_ours(root: Path) -> NotOurs:
    """What the course directory says; nobody when there is no such file."""
    file = root / NOT_OURS
    if not file.exists():
        not_misnamed(file)
        return NotOurs()
    lines = (same_letters(_bare(line)) for line in read_table(file).splitlines())
    return NotOurs(frozenset(line for line in lines if line))


def _bare(line: str) -> str:
    """Without its note, and without the quotes of a spreadsheet."""
    line = _NOTE.sub("", line).strip()
    return line[1:-1].replace('""', '"') if line[:1] == line[-1:] == '"' else line
