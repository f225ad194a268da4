"""What is still open in a submission's mark: only a mark with nothing open is final."""

from __future__ import annotations

from dataclasses import dataclass

from headcheck.course.counted import counted
from headcheck.grading.marks import Marked


@dataclass(frozen=True)
class Open:
    """How many cells wait for what."""

    unread: int = 0  # written answers that nobody has read
    again: int = 0  # marks given by hand that a person should look at once more
    faults: int = 0  # checks that our own fault kept from being judged
    unreadable: bool = False  # nothing could be graded: the zeros are no marks

    @property
    def final(self) -> bool:
        return self == Open()

    @property
    def no_mark(self) -> bool:
        """Whether the sum is no mark at all, not even a part of one."""
        return self.unreadable or self.faults > 0

    def said(self) -> str:
        """For who teaches; empty when the mark is final."""
        parts = [
            "could not be graded, see the report" if self.unreadable else "",
            _count(self.faults, "check", "not judged by a fault of the grader"),
            _count(self.unread, "written answer", "not read yet"),
            _count(self.again, "mark", "by hand to look at again"),
        ]
        return ", ".join(part for part in parts if part)


def _count(number: int, what: str, rest: str) -> str:
    return f"{counted(number, what)} {rest}" if number else ""


def still_open(marked: Marked) -> Open:
    """What the gradebook says of one submission. Our own faults have no automatic score there."""
    waiting = [cell for cell in marked.cells if cell.waits]
    new = [cell for cell in waiting if cell.by_hand is None]
    checks = [cell for cell in new if cell.kind == "check"]
    return Open(
        unread=sum(cell.kind == "written" for cell in new),
        again=len(waiting) - len(new),
        faults=sum(cell.auto is None for cell in checks),
        unreadable=any(cell.auto is not None for cell in checks),
    )
