"""Every student's page as a comment on their submission in Canvas, through its API.

Canvas itself remembers what was sent: the file's name ends in a digest of what the page says. So a
command that was stopped goes on, and nobody gets the same page twice.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from headcheck.course.counted import counted, first_of
from headcheck.course.roster import Student
from headcheck.desk.console import each_with_a_bar
from headcheck.desk.feedback import digest_of
from headcheck.desk.lms.canvas_api import CanvasCourse, Place
from headcheck.desk.lms.filled import TELLS_APART, WHO_LEFT, Filled, owners
from headcheck.desk.lms.people import People
from headcheck.desk.visible import line

_MOST = 20  # names said of one kind
_DIGITS = 10


@dataclass(frozen=True)
class SendTo:
    """The Canvas, the assignment's name there when it is another one, and whether to do it."""

    place: Place
    column: str | None = None
    really: bool = False


@dataclass
class Sent:
    """What became, or would become, of each page."""

    where: str
    lesson: str
    done: bool
    pages: list[str] = field(default_factory=list)
    again: list[str] = field(default_factory=list)  # of these: with another page there already
    same: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    unmatched: list[str] = field(default_factory=list)
    ambiguous: list[tuple[str, str]] = field(default_factory=list)
    seen_later: str = ""  # when students see a page, where it is not at once

    @property
    def complete(self) -> bool:
        return not (self.refused or self.unmatched or self.ambiguous)

    def told(self) -> Iterator[str]:
        """The summary, line by line."""
        yield f"{self.lesson}: {counted(len(self.pages), 'page')} {'sent' if self.done else 'would be sent'} to {self.where}"
        for title, names in (
            (
                "in a second comment, because the marks are others than those sent before",
                self.again,
            ),
            ("there already, and the same", self.same),
            ("Canvas did not take the file of", self.refused),
            ("no page, not in that course of Canvas", self.unmatched),
            ("no page, not clear who it is", [f"{who} ({why})" for who, why in self.ambiguous]),
        ):
            if names:
                yield line(f"  {title}: {first_of(names, _MOST)}")
        if self.unmatched:
            yield f"    ({WHO_LEFT})"
        if self.ambiguous:
            yield f"    ({TELLS_APART})"


@dataclass(frozen=True)
class _Page:
    """One page that is not there yet."""

    student: str
    user: str  # Canvas's number
    file: str
    text: bytes
    again: bool  # there is another one of before


@dataclass
class Sending:
    """What is to be sent, and, while it is, what became of it: also when it stops half way."""

    canvas: CanvasCourse
    pages: list[_Page]
    sent: Sent

    def send(self) -> None:
        """Send them. Raises `CourseError` when Canvas cannot be used any more."""
        words = f"Feedback on {self.sent.lesson}: download the file and open it in a browser."
        with tempfile.TemporaryDirectory(prefix="headcheck-") as place:
            for page in each_with_a_bar(self.pages, "sending"):
                file = Path(place) / page.file
                file.write_bytes(page.text)
                if self.canvas.comment(page.user, words, file):
                    self._count(page)
                else:
                    self.sent.refused.append(page.student)

    def rehearse(self) -> None:
        """Count them as sent."""
        for page in self.pages:
            self._count(page)

    def _count(self, page: _Page) -> None:
        self.sent.pages.append(page.student)
        if page.again:
            self.sent.again.append(page.student)


def compared(
    lesson: str, pages: Mapping[str, bytes], students: Sequence[Student], to: SendTo, *, done: bool
) -> Sending:
    """Which pages are not in Canvas yet. Raises `CourseError` when it cannot be used."""
    canvas = CanvasCourse(to.place, to.column or lesson)
    table = canvas.table()
    column, numbers = max(table.columns), table.numbers()
    found = Filled(lesson)
    rows = owners(table.entries(column), People(students), found)
    there = canvas.attached()
    where = f"{line(table.columns[column])} in {to.place.host}"
    sent = Sent(where, lesson, done, seen_later=canvas.posted_by_hand())
    sent.ambiguous += found.ambiguous if found.unsure & pages.keys() else []
    left = []
    for who, text in pages.items():
        if who not in rows:
            if who not in found.unsure:
                sent.unmatched.append(who)
            continue
        user = rows[who].row.value(numbers)
        digest = digest_of(text)[:_DIGITS]
        names = there.get(user, set())
        if any(digest in name for name in names):
            sent.same.append(who)
            continue
        before = any(name.startswith(f"{lesson}-feedback-") for name in names)
        left.append(_Page(who, user, f"{lesson}-feedback-{digest}.html", text, again=before))
    return Sending(canvas, left, sent)
