"""What we wrote, as we left it: to tell what a person has changed in it since.

Of each file a mark is remembered, a hash of what counts in it, before the file is written; and what lies
there counts on until then. So whatever ends a command, the next one finds either to be ours.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from headcheck.course.files import write_if_allowed, write_whole

Marks = Mapping[str, str]  # name -> mark


@dataclass(frozen=True)
class AsLeft:
    """Of some files by their names. `needed`: else none is made where this user may only read."""

    note: Path
    needed: bool = True

    def known(self) -> dict[str, list[str]] | None:
        """name -> the marks that are ours; None where nothing is remembered."""
        try:
            text = self.note.read_text("utf-8")
        except OSError:
            return None
        try:
            found = json.loads(text)
        except ValueError:  # an earlier version wrote lines
            found = {}
            for mark, _, name in (line.partition(" ") for line in text.splitlines()):
                found.setdefault(name, []).append(mark)
        return found if isinstance(found, dict) else None

    def changed(self, there: Marks, new: Marks, *, strict: bool = False) -> list[str]:
        """Names of what is there, not as we left it and not as it will be.

        `strict`: also where nothing is remembered.
        """
        known = self.known()
        if known is None and not strict:
            return []
        ours = known or {}
        return [
            name
            for name, mark in there.items()
            if mark != new.get(name) and mark not in ours.get(name, ())
        ]

    def remember(self, there: Marks, new: Marks) -> None:
        """That `new` will be there; what is there now and was not `changed` stays ours until then."""
        known = self.known()
        marks = {name: [mark] for name, mark in new.items()}
        for name, mark in there.items():
            if (known is None or mark in known.get(name, ())) and mark != new.get(name):
                marks.setdefault(name, []).append(mark)
        data = json.dumps(marks, indent=1, sort_keys=True).encode()
        (write_whole if self.needed else write_if_allowed)(self.note, data)


def kept_as(path: Path) -> Iterator[Path]:
    """Names beside a file or folder for what a person changed in it: `marks-changed-1.csv`, and so on."""
    return (path.with_stem(f"{path.stem}-changed-{number}") for number in count(1))
