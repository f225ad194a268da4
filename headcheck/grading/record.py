"""What is remembered of a graded submission: for the report, and to skip what did not change.

One JSON file per submission under `.headcheck/graded/`. The gradebook stays the only place of
marks; a record that does not agree with it is not used.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from headcheck.course.directory import Course
from headcheck.course.files import write_whole
from headcheck.grading.work import CellResult, EngineName, Graded, Outcome


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

    @classmethod
    def of(cls, student: str, assignment: str, key: str, graded: Graded, when: datetime) -> Record:
        parts = graded.model_dump(exclude={"notebook"})
        return cls(student=student, assignment=assignment, key=key, graded_at=when, **parts)

    @property
    def score(self) -> float:
        """Points of the checks; written answers are the gradebook's."""
        return sum(cell.score for cell in self.cells)

    @property
    def max_score(self) -> float:
        return sum(cell.max_score for cell in self.cells)

    def lost(self) -> list[CellResult]:
        return [cell for cell in self.cells if cell.score < cell.max_score]


def record_file(course: Course, student: str, assignment: str) -> Path:
    return course.private / "graded" / assignment / f"{student}.json"


def save_record(course: Course, record: Record) -> None:
    path = record_file(course, record.student, record.assignment)
    write_whole(path, record.model_dump_json(indent=1).encode())


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


def all_records(course: Course) -> Iterator[Record]:
    """Every record, by assignment and student."""
    for path in sorted((course.private / "graded").glob("*/*.json")):
        record = load_record(course, path.stem, path.parent.name)
        if record is not None:
            yield record
