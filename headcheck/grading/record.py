"""What is remembered of a graded submission: for the report, and to skip what did not change.

One JSON file per submission under `.headcheck/graded/`. The gradebook stays the only place of
marks; a record that does not agree with it is not used.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from headcheck.course.directory import Course
from headcheck.course.files import write_whole
from headcheck.grading.work import CellResult, EngineName, Graded, Outcome

KEPT = 8  # earlier results of one submission
LONGEST = 160  # characters of a message that an earlier result keeps


class Past(BaseModel):
    """An earlier result of the same submission, in short."""

    model_config = ConfigDict(extra="forbid")

    graded_at: datetime
    seed: int
    engine: EngineName
    outcome: Outcome
    content: str
    lesson: str
    grader: str
    cells: dict[
        str, tuple[float, Outcome, str]
    ]  # grade_id -> score, outcome, how its message begins


class Record(BaseModel):
    """One graded submission, without its notebook."""

    model_config = ConfigDict(extra="forbid")

    student: str
    assignment: str
    key: str  # what was graded with what: equal keys need no second grading
    outcome: Outcome
    cells: list[CellResult]
    engine: EngineName
    seed: int
    seconds: float
    peak_memory_mib: float | None
    notes: list[str]
    unreadable: str = ""  # why nothing could be graded, for the TA; then the zeros are no marks
    graded_at: datetime
    # What the key is made of, to say which of it is another one now; empty when not known.
    content: str = Field(default="", description="what was handed in")
    lesson: str = Field(default="", description="the lesson as it was built")
    grader: str = Field(default="", description="headcheck and its libraries")
    history: list[Past] = Field(default=[], description="earlier results, the newest last")

    @classmethod
    def of(
        cls,
        student: str,
        assignment: str,
        graded: Graded,
        when: datetime,
        *,
        key: str = "",
        content: str = "",
        lesson: str = "",
        grader: str = "",
    ) -> Record:
        """Without a `key` it is the result of another program, and made again."""
        return cls(
            student=student,
            assignment=assignment,
            key=key,
            graded_at=when,
            content=content,
            lesson=lesson,
            grader=grader,
            **graded.model_dump(exclude={"notebook"}),
        )

    def past(self) -> Past:
        """This result as an earlier one."""
        return Past(
            graded_at=self.graded_at,
            seed=self.seed,
            engine=self.engine,
            outcome=self.outcome,
            content=self.content[:12],
            lesson=self.lesson[:12],
            grader=self.grader[:12],
            cells={c.grade_id: (c.score, c.outcome, _begins(c.message)) for c in self.cells},
        )

    def after(self, before: Record | None) -> Record:
        """This result with the history of the one before it."""
        earlier = [] if before is None else [*before.history, before.past()][-KEPT:]
        return self.model_copy(update={"history": earlier})

    @property
    def score(self) -> float:
        """Points of the checks; written answers are the gradebook's."""
        return sum(cell.score for cell in self.cells)

    @property
    def max_score(self) -> float:
        return sum(cell.max_score for cell in self.cells)

    def lost(self) -> list[CellResult]:
        return [cell for cell in self.cells if cell.score < cell.max_score]


def _begins(message: str) -> str:
    first = next((line for line in message.strip().splitlines() if line.strip()), "")
    return first[:LONGEST]


def record_file(course: Course, student: str, assignment: str) -> Path:
    return course.private / "graded" / assignment / f"{student}.json"


def save_record(course: Course, record: Record) -> Record:
    """Put a result in the place of the one before, which becomes part of its history."""
    record = record.after(load_record(course, record.student, record.assignment))
    path = record_file(course, record.student, record.assignment)
    write_whole(path, record.model_dump_json(indent=1).encode())
    return record


def load_record(course: Course, student: str, assignment: str) -> Record | None:
    """The record of a submission; None when there is none, or one of another version of us."""
    try:
        return Record.model_validate_json(record_file(course, student, assignment).read_bytes())
    except (OSError, ValidationError):
        return None


def record_files(course: Course) -> Iterator[bytes]:
    """What is written of every record, unread: to see whether anything changed."""
    for path in sorted((course.private / "graded").glob("*/*.json")):
        with suppress(OSError):
            yield path.read_bytes()


def all_records(course: Course, known: Iterable[Record] = ()) -> Iterator[Record]:
    """Every record, by assignment and student; `known`: those that were read a moment ago."""
    read = {(record.student, record.assignment): record for record in known}
    for path in sorted((course.private / "graded").glob("*/*.json")):
        which = (path.stem, path.parent.name)
        record = read.get(which) or load_record(course, *which)
        if record is not None:
            yield record
