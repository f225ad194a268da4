"""What a person marks: written answers in the gradebook, their marks, comments and who waits.

Read and written as nbgrader does it (`manual_score`, `manual_comment`, `needs_manual_grade`), so
formgrader and this see the same. Several people may mark at once: a mark is written only over the
one that its writer has seen.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    GradeCell,
    Notebook,
    SolutionCell,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
)
from sqlalchemy import update

from headcheck.grading.database import in_words
from headcheck.grading.gradebook import ClassGradebook

MOST_COMMENT = 10_000  # characters


@dataclass(frozen=True)
class Mark:
    """What a person said of one answer; `waits`: somebody has to read it (again)."""

    score: float | None
    comment: str
    waits: bool


@dataclass(frozen=True)
class Question:
    """One question whose answers a person reads."""

    assignment: str
    notebook: str
    name: str  # its grade_id
    points: float


@dataclass(frozen=True)
class Answer:
    """One student's answer. `auto_score`: 0 when nothing was written, else None."""

    id: str  # of its row in the gradebook
    student: str
    question: Question
    auto_score: float | None
    mark: Mark

    @property
    def changed(self) -> bool:
        """Whether it waits although a person has marked it: handed in again, with another text."""
        return self.mark.waits and self.mark.score is not None


class Newer(Exception):
    """Somebody else has marked the answer since it was looked at; `mark` is what stands there.

    `alike`: whether it stands at each of those that were to be marked together.
    """

    def __init__(self, mark: Mark, *, alike: bool = True) -> None:
        super().__init__("somebody else has marked this answer meanwhile")
        self.mark, self.alike = mark, alike


def questions(gradebook: ClassGradebook, assignment: str | None = None) -> list[Question]:
    """Every question that a person marks, by assignment and in the lesson's order."""
    with in_words(gradebook.course):
        return [question for _, question in _cells(gradebook.gb.db, assignment)]


def answers(
    gradebook: ClassGradebook, question: Question, only: Sequence[str] | None = None
) -> list[Answer]:
    """The answers to one question, by student; `only`: those with these ids."""
    session = gradebook.gb.db
    with in_words(gradebook.course):
        session.expire_all()  # another program may have written
        cells = _cells(session, question.assignment)
        return _answers(session, {cell: one for cell, one in cells if one == question}, only)


def all_answers(gradebook: ClassGradebook) -> list[Answer]:
    """All answers of the course that a person reads."""
    session = gradebook.gb.db
    with in_words(gradebook.course):
        session.expire_all()
        return _answers(session, dict(_cells(session, None)), None)


def _cells(session: Any, assignment: str | None) -> list[tuple[str, Question]]:
    """(id of the cell, question): text cells and tasks with points, and code that only a person marks."""
    rows = session.query(Assignment.name, Notebook.name, Notebook.id, BaseCell).join(
        Notebook, Notebook.assignment_id == Assignment.id
    )
    rows = rows.join(BaseCell, BaseCell.notebook_id == Notebook.id)
    if assignment is not None:
        rows = rows.filter(Assignment.name == assignment)
    every = rows.order_by(Assignment.name, Notebook.name).all()
    solutions = {(book, cell.name) for _, _, book, cell in every if isinstance(cell, SolutionCell)}
    found = []
    for name, notebook, book, cell in every:
        by_hand = isinstance(cell, TaskCell) or (
            isinstance(cell, GradeCell)
            and (cell.cell_type == "markdown" or (book, cell.name) in solutions)
        )
        if by_hand:
            found.append((cell.id, Question(name, notebook, cell.name, float(cell.max_score))))
    return found


def _answers(session: Any, known: dict[str, Question], only: Sequence[str] | None) -> list[Answer]:
    said_of = (
        session.query(Comment.notebook_id, BaseCell.name, Comment.manual_comment)
        .join(BaseCell, BaseCell.id == Comment.cell_id)
        .filter(BaseCell.name.in_({question.name for question in known.values()}))
    )
    rows = (
        session.query(
            Grade.id,
            Grade.cell_id,
            Grade.notebook_id,
            SubmittedAssignment.student_id,
            Grade.auto_score,
            Grade.manual_score,
            Grade.needs_manual_grade,
        )
        .join(SubmittedNotebook, SubmittedNotebook.id == Grade.notebook_id)
        .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
        .filter(Grade.cell_id.in_(list(known)))
        .order_by(SubmittedAssignment.student_id)
    )
    if only is not None:
        chosen = rows.filter(Grade.id.in_(list(only))).all()
        said_of = said_of.filter(Comment.notebook_id.in_({row[2] for row in chosen}))
    else:
        chosen = rows.all()
    comments = {(notebook, name): said or "" for notebook, name, said in said_of}
    return [
        Answer(
            id=row,
            student=student,
            question=known[cell],
            auto_score=auto,
            mark=Mark(manual, comments.get((book, known[cell].name), ""), bool(waits)),
        )
        for row, cell, book, student, auto, manual, waits in chosen
    ]


def mark(
    gradebook: ClassGradebook, answer: str, wanted: Mark, seen: Mark, also: Sequence[str] = ()
) -> Mark:
    """Write a person's mark and comment in place of `seen`; what stands there now.

    `also`: answers that get the same mark, all of them or none. Raises `Newer` when something else
    stands there, `LookupError` for no such answer, `ValueError` for a mark that is none, and
    `CourseError` when the gradebook cannot be written.
    """
    ids = [answer, *also]
    session = gradebook.gb.db
    with in_words(gradebook.course):
        session.expire_all()
        for one in ids:
            grade = session.get(Grade, one)
            if grade is None:
                raise LookupError("this answer is not in the gradebook any more")
            _possible(wanted, float(grade.max_score))
    gradebook.copy_first()
    with in_words(gradebook.course):
        written = all(_write(session, one, wanted, seen) for one in ids)
        if written:
            session.commit()
        else:
            session.rollback()
        session.expire_all()
        now = [_mark_of(session, session.get(Grade, one)) for one in ids]
        session.rollback()  # keeps no one waiting
    if not written:
        theirs = next((one for one in now if one != seen), now[0])
        raise Newer(theirs, alike=len(set(now)) == 1)
    return now[0]


def _write(session: Any, answer: str, wanted: Mark, seen: Mark) -> bool:
    """Whether `seen` stood there; then `wanted` does, in this transaction."""
    written = session.execute(
        update(Grade)
        .where(
            Grade.id == answer,
            Grade.manual_score.is_not_distinct_from(seen.score),
            Grade.needs_manual_grade == seen.waits,
        )
        .values(manual_score=wanted.score, needs_manual_grade=wanted.waits)
        .execution_options(synchronize_session=False)
    ).rowcount
    comment = _comment_of(session, session.get(Grade, answer))
    if written and comment is not None:
        said = Comment.manual_comment
        same = said.is_not_distinct_from(seen.comment or None)
        written = session.execute(
            update(Comment)
            .where(Comment.id == comment, same if seen.comment else same | (said == ""))
            .values(manual_comment=wanted.comment or None)
            .execution_options(synchronize_session=False)
        ).rowcount
    return bool(written)


def _possible(wanted: Mark, points: float) -> None:
    if wanted.score is not None and not (
        math.isfinite(wanted.score) and 0 <= wanted.score <= points
    ):
        raise ValueError(f"a mark from 0 to {points:g} is wanted, got {wanted.score:g}")
    if len(wanted.comment) > MOST_COMMENT:
        raise ValueError(f"a comment may have {MOST_COMMENT} characters")


def _comment_of(session: Any, grade: Any) -> str | None:
    row = (
        session.query(Comment.id)
        .join(BaseCell, BaseCell.id == Comment.cell_id)
        .filter(Comment.notebook_id == grade.notebook_id, BaseCell.name == grade.cell.name)
        .first()
    )
    return None if row is None else str(row[0])


def _mark_of(session: Any, grade: Any) -> Mark:
    comment = _comment_of(session, grade)
    said = "" if comment is None else session.get(Comment, comment).manual_comment
    return Mark(grade.manual_score, said or "", bool(grade.needs_manual_grade))
