"""Where a person's mark stands over a check's, and extra points: they count, and no check has passed by them."""

from __future__ import annotations

from dataclasses import dataclass

from nbgrader.api import (
    Assignment,
    Grade,
    GradeCell,
    SolutionCell,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
)
from sqlalchemy import or_

from headcheck.grading.database import in_words
from headcheck.grading.gradebook import ClassGradebook


@dataclass(frozen=True)
class Overridden:
    """One cell. `auto`: what the check gave, None when it was not judged. `given`: by a person.

    Of a written answer, which only a person marks, the extra points alone are here.
    """

    student: str
    assignment: str
    grade_id: str
    auto: float | None
    given: float | None
    extra: float
    max_score: float

    @property
    def changes(self) -> bool:
        """Whether another number counts than the check's own."""
        return bool(self.extra) or (self.given is not None and self.given != self.auto)


def overridden(gradebook: ClassGradebook) -> list[Overridden]:
    """Every check with a person's mark and every cell with extra points, of the whole course."""
    session = gradebook.gb.db
    rows = (
        session.query(
            SubmittedAssignment.student_id,
            Assignment.name,
            Grade.cell_id,
            *(Grade.auto_score, Grade.manual_score, Grade.extra_credit),
        )
        .select_from(Grade)
        .join(Grade.notebook)
        .join(SubmittedNotebook.assignment)
        .join(SubmittedAssignment.assignment)
        .filter(or_(Grade.manual_score.is_not(None), Grade.extra_credit != 0))
    )
    found = []
    with in_words(gradebook.course):
        # A written answer is marked by a person alone: that mark stands over nothing.
        by_hand = {(cell.notebook_id, cell.name) for cell in session.query(SolutionCell)}
        cells = {cell.id: cell for kind in (GradeCell, TaskCell) for cell in session.query(kind)}
        for student, assignment, which, auto, given, extra in rows:
            cell = cells.get(which)
            if cell is None:
                continue
            check = cell.cell_type == "code" and (cell.notebook_id, cell.name) not in by_hand
            if check or extra:
                given = given if check else None
                mark = (auto, given, extra or 0.0, float(cell.max_score))
                found.append(Overridden(student, assignment, cell.name, *mark))
    return sorted(found, key=lambda one: (one.assignment, one.student, one.grade_id))
