"""What recording a result changes of one submission, kept so that it can be put back.

The automatic scores and comments, the late penalty, the graded files, the record. A person's marks
and comments are neither changed by a grading nor by putting back.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from nbgrader.api import MissingEntry
from pydantic import BaseModel, ConfigDict

from headcheck.course.directory import CourseError
from headcheck.course.files import write_whole
from headcheck.grading.database import in_words
from headcheck.grading.gradebook import ClassGradebook
from headcheck.grading.graded_folder import Aside, GradedFolder
from headcheck.grading.marked import load_marked, marked_file
from headcheck.grading.record import Record, record_file


class Cell(BaseModel):
    """The row of one graded cell."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    auto: float | None
    manual: float | None
    extra: float | None
    waits: bool


class Snapshot(BaseModel):
    """One submission as it was. Its graded files lie beside it, in a folder of their own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    student: str
    assignment: str
    cells: dict[str, Cell]
    comments: dict[str, str | None]  # of the grader, not of a person
    penalty: float | None
    timestamp: datetime | None
    files: list[str]
    record: str
    marked: str | None
    new_key: str  # of the result that takes its place
    new_seed: int
    new_scores: dict[str, float]


def snapshot_file(kept: Path, student: str, assignment: str) -> Path:
    return kept / "before" / assignment / f"{student}.json"


def load_snapshots(kept: Path) -> list[Snapshot]:
    """Of every submission that was begun, by assignment and student."""
    paths = sorted((kept / "before").glob("*/*.json"))
    return [Snapshot.model_validate_json(path.read_bytes()) for path in paths]


def cells_of(gradebook: ClassGradebook, student: str, assignment: str) -> dict[str, Cell]:
    """The rows of one submission as they are now; none when it is not in the gradebook."""
    with in_words(gradebook.course):
        rows = _rows(gradebook, student, assignment)
        return {} if rows is None else {grade.name: _cell(grade) for grade in rows.grades}


def _rows(gradebook: ClassGradebook, student: str, assignment: str) -> Any:
    gradebook.gb.db.expire_all()  # another program may have written
    try:
        return gradebook.gb.find_submission_notebook(assignment, assignment, student)
    except MissingEntry:
        return None


def _cell(grade: Any) -> Cell:
    return Cell(
        auto=grade.auto_score,
        manual=grade.manual_score,
        extra=grade.extra_credit,
        waits=bool(grade.needs_manual_grade),
    )


def keep(gradebook: ClassGradebook, kept: Path, new: Record) -> None:
    """Write down one submission as it is before `new`. What an earlier try wrote stays: it is older."""
    student, assignment = new.student, new.assignment
    target = snapshot_file(kept, student, assignment)
    if target.exists():
        return
    course = gradebook.course
    folder = GradedFolder(course, student, assignment).path
    paths = sorted(p for p in folder.rglob("*") if p.is_file() and not p.is_symlink())
    names = [path.relative_to(folder).as_posix() for path in paths]
    for path, name in zip(paths, names, strict=True):
        write_whole(kept / "autograded" / student / assignment / name, path.read_bytes())
    marked = marked_file(course.private, student, assignment)
    with in_words(course):
        rows = _rows(gradebook, student, assignment)
        if rows is None:
            raise CourseError(f"{student} is not in the gradebook of {assignment} any more.")
        made = Snapshot(
            student=student,
            assignment=assignment,
            cells={grade.name: _cell(grade) for grade in rows.grades},
            comments={comment.name: comment.auto_comment for comment in rows.comments},
            penalty=rows.late_submission_penalty,
            timestamp=rows.assignment.timestamp,
            files=names,
            record=record_file(course, student, assignment).read_text(),
            marked=marked.read_text() if marked.exists() else None,
            new_key=new.key,
            new_seed=new.seed,
            new_scores={cell.grade_id: cell.score for cell in new.cells},
        )
    write_whole(target, made.model_dump_json(indent=1).encode())  # last: now it is complete


def put_back(
    gradebook: ClassGradebook, kept: Path, before: Snapshot
) -> tuple[list[str], list[Aside]]:
    """Make one submission what it was; the names of cells that a person has marked since, and what
    they typed into its files.

    Their marks stay. May be done again when it was interrupted: the record comes last.
    """
    course = gradebook.course
    student, assignment = before.student, before.assignment
    gradebook.copy_first()
    with in_words(course):
        since = _put_rows_back(gradebook, before)
    aside = kept / "autograded" / student / assignment
    typed = GradedFolder(course, student, assignment).write(
        {name: (aside / name).read_bytes() for name in before.files}
    )
    marked = marked_file(course.private, student, assignment)
    if before.marked is None:
        marked.unlink(missing_ok=True)
    else:
        write_whole(marked, before.marked.encode())
    write_whole(record_file(course, student, assignment), before.record.encode())
    return since, typed


def _put_rows_back(gradebook: ClassGradebook, before: Snapshot) -> list[str]:
    rows = _rows(gradebook, before.student, before.assignment)
    if rows is None:
        raise CourseError(f"{before.student} is not in the gradebook of {before.assignment}.")
    # As the plan left it: where it is otherwise now, a person has read it (or wants it read) since.
    left = load_marked(gradebook.course.private, before.student, before.assignment).cells
    since = []
    try:
        for grade in rows.grades:
            was = before.cells.get(grade.name)
            if was is None:
                continue
            grade.auto_score = was.auto
            waits = bool(grade.needs_manual_grade)
            read = waits != was.waits and grade.name in left and waits != left[grade.name].waits
            if read or (grade.manual_score, grade.extra_credit) != (was.manual, was.extra):
                since.append(str(grade.name))
            else:
                grade.needs_manual_grade = was.waits
        for comment in rows.comments:
            if comment.name in before.comments:
                comment.auto_comment = before.comments[comment.name]
        rows.assignment.timestamp = before.timestamp
        rows.late_submission_penalty = before.penalty
        gradebook.gb.db.commit()
    except BaseException:
        gradebook.gb.db.rollback()
        raise
    return since
