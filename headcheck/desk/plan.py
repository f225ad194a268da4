"""The plan of a regrade: what each submission would get, and what that was worked out from.

A file in JSON that a person can read, losers first. The graded notebooks lie aside, in
`.headcheck/plans/results/`, one for each submission; a newer preview takes their place.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from headcheck.course.directory import Course, CourseError
from headcheck.course.files import write_whole
from headcheck.course.named_file import only_ours, write_named
from headcheck.desk.moves import Move
from headcheck.grading.put_back import Cell
from headcheck.grading.record import Record, record_file
from headcheck.grading.work import EngineName

NEVER_TRUSTED = ("grader-error", "timeout", "died", "out-of-memory")  # may be a busy machine


class Moved(CourseError):
    """A plan that does not hold any more."""

    exit_code = 1


class Result(BaseModel):
    """One submission as it was graded in the copy."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    record: Record
    notebook: str


class Planned(BaseModel):
    """One submission of a plan: what would be recorded, and what must not have changed until then."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    student: str
    assignment: str
    mark_before: float
    mark_after: float
    checks: list[dict[str, Any]]  # that moved
    why: str
    seed: int
    content: str  # hash of what was handed in
    key: str  # hash of all that the result depends on
    record: str  # hash of the record until now
    marks: dict[str, Cell]  # until now
    result: str  # hash of the result aside

    @property
    def name(self) -> str:
        return f"{self.student}, {self.assignment}"


class Plan(BaseModel):
    """What `headcheck regrade --apply` would do, no more and no less."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    headcheck_plan: Literal[1] = 1
    id: str
    made_at: datetime
    engine: EngineName
    grader: str  # hash of headcheck and its libraries
    lessons: dict[str, str]  # assignment -> hash of the lesson as built
    submissions: list[Planned]


def planned(
    record: Record, old: dict[str, Cell], moved: Move | None, hashes: dict[str, str]
) -> Planned:
    """`hashes`: of the record until now, and of the result aside."""
    total = sum(_counts(cell) for cell in old.values())
    return Planned(
        student=record.student,
        assignment=record.assignment,
        mark_before=moved.before if moved else total,
        mark_after=moved.after if moved else total,
        checks=[asdict(check) for check in moved.checks] if moved else [],
        why=moved.why if moved else "",
        seed=record.seed,
        content=record.content,
        key=record.key,
        marks=old,
        **hashes,
    )


def _counts(cell: Cell) -> float:
    given = cell.auto if cell.manual is None else cell.manual
    return 0.0 if given is None else given + (cell.extra or 0.0)


def in_order(submissions: Sequence[Planned]) -> list[Planned]:
    """Losers first, then who gains, then who stays."""

    def place(one: Planned) -> tuple[bool, float, str, str]:
        change = one.mark_after - one.mark_before
        return (not one.checks and not change, change, one.assignment, one.student)

    return sorted(submissions, key=place)


# ---- files ---------------------------------------------------------------------------------------


def plans_folder(course: Course) -> Path:
    return course.private / "plans"


def result_file(course: Course, student: str, assignment: str) -> Path:
    return plans_folder(course) / "results" / assignment / f"{student}.json"


def kept_folder(course: Course, plan: str) -> Path:
    """Where applying a plan keeps what there was, for `--undo`."""
    return course.root / "backups" / f"regrade-{plan}"


def hash_of(path: Path) -> str:
    """Of a file; empty when there is none."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def record_hash(course: Course, student: str, assignment: str) -> str:
    return hash_of(record_file(course, student, assignment))


def save_result(course: Course, record: Record, notebook: bytes) -> str:
    """Put a result aside; its hash."""
    path = result_file(course, record.student, record.assignment)
    made = Result(record=record, notebook=notebook.decode())
    write_whole(path, made.model_dump_json().encode())
    return hash_of(path)


def load_result(course: Course, student: str, assignment: str) -> Result | None:
    """What was put aside; None when there is nothing that can be read."""
    try:
        return Result.model_validate_json(result_file(course, student, assignment).read_bytes())
    except (OSError, ValidationError):
        return None


def no_other_file(path: Path) -> None:
    """Raises `CourseError` when something else than a plan is there."""
    only_ours(path, f'{{"{next(iter(Plan.model_fields))}"'.encode())


def save_plan(path: Path, plan: Plan, *, named: bool) -> None:
    """`named`: a person said where, and nothing of theirs is written over."""
    write = write_named if named else write_whole
    write(path, (plan.model_dump_json(indent=1) + "\n").encode())


def load_plan(path: Path) -> Plan:
    """Raises `CourseError` for a file that is no plan."""
    try:
        return Plan.model_validate_json(path.read_bytes())
    except OSError as error:
        raise CourseError(
            f"{path} cannot be read ({error.strerror}); it should be the plan that "
            "`headcheck regrade --preview` has written."
        ) from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise CourseError(
            f"{path} is no plan of `headcheck regrade --preview` ({where}: {first['msg']}); make one."
        ) from None
