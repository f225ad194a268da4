"""Every mark of a lesson as the gradebook has it, cell by cell: what goes out to students and LMSs.

Each table is read once for the whole class.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from nbgrader.api import (
    Assignment,
    Comment,
    Grade,
    MissingEntry,
    SubmittedAssignment,
    SubmittedNotebook,
)

from headcheck.grading.database import in_words
from headcheck.grading.gradebook import ClassGradebook
from headcheck.grading.penalties import seconds_late

NO_RESPONSE = "No response."  # nbgrader's own comment on an answer that was left as it was given


@dataclass(frozen=True)
class CellMark:
    """The mark of one graded cell. `written`: a person marks it, whatever kind of cell it is."""

    notebook: str
    grade_id: str
    kind: Literal["check", "written"]
    auto: float | None
    by_hand: float | None
    extra: float
    max_score: float
    waits: bool  # for a person

    @property
    def score(self) -> float:
        given = self.by_hand if self.by_hand is not None else self.auto
        return 0.0 if given is None else given + self.extra


@dataclass(frozen=True)
class Marked:
    """One submission: its marks, what was said to it by hand, and whether it was late."""

    student: str
    lesson: str
    cells: tuple[CellMark, ...]
    comments: dict[str, str]  # grade_id -> a person's words
    unanswered: frozenset[str]  # written answers that were left as given
    penalty: float
    seconds_late: float
    handed_in: datetime | None  # UTC, without tzinfo, like `due`
    due: datetime | None  # with this student's extension

    @property
    def score(self) -> float:
        return sum(cell.score for cell in self.cells)

    @property
    def max_score(self) -> float:
        return sum(cell.max_score for cell in self.cells)

    @property
    def impossible(self) -> list[CellMark]:
        """Marks by hand below nothing or above what the cell gives: slips, and they count."""
        given = [(cell, cell.by_hand) for cell in self.cells if cell.by_hand is not None]
        return [cell for cell, points in given if not 0 <= points <= cell.max_score]

    def mark(self, *, penalty: bool = True) -> float:
        """What is counted: never less than nothing."""
        return max(0.0, self.score - (self.penalty if penalty else 0.0))


def read_marks(gradebook: ClassGradebook, lesson: str) -> dict[str, Marked]:
    """student -> what the gradebook holds of a lesson; empty for a lesson that it does not know."""
    place = _places(gradebook.course.release_root / lesson)
    with in_words(gradebook.course):
        return _read(gradebook.gb, lesson, place)


def _places(folder: Path) -> dict[tuple[str, str], int]:
    """(notebook, grade_id) -> where it stands there. A database gives rows in any order."""
    found: dict[tuple[str, str], int] = {}
    for path in sorted(folder.glob("*.ipynb")):
        try:
            cells = json.loads(path.read_bytes())["cells"]
            ids = [cell["metadata"].get("nbgrader", {}).get("grade_id", "") for cell in cells]
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue  # then by name
        found |= {(path.stem, grade_id): number for number, grade_id in enumerate(ids)}
    return found


def _read(gb: Any, lesson: str, place: Mapping[tuple[str, str], int]) -> dict[str, Marked]:
    session = gb.db
    try:
        assignment = gb.find_assignment(lesson)
    except MissingEntry:
        return {}
    names, checks, most = {}, set(), {}
    for notebook in assignment.notebooks:
        by_hand = {cell.name for cell in notebook.solution_cells}
        for cell in (*notebook.grade_cells, *notebook.task_cells):
            names[cell.id], most[cell.id] = (notebook.name, cell.name), float(cell.max_score)
            if getattr(cell, "cell_type", None) == "code" and cell.name not in by_hand:
                checks.add(cell.id)
    cells: dict[str, list[CellMark]] = defaultdict(list)
    for submission, grade in _of(session, lesson, Grade):
        if grade.cell_id not in names:
            continue
        notebook_name, name = names[grade.cell_id]
        mark = CellMark(
            notebook=notebook_name,
            grade_id=name,
            kind="check" if grade.cell_id in checks else "written",
            auto=grade.auto_score,
            by_hand=grade.manual_score,
            extra=grade.extra_credit or 0.0,
            max_score=most[grade.cell_id],
            waits=bool(grade.needs_manual_grade),
        )
        cells[submission].append(mark)
    said: dict[str, dict[str, str]] = defaultdict(dict)
    silent: dict[str, set[str]] = defaultdict(set)
    known = {k: name for k, (_, name) in names.items()}
    known |= {c.id: c.name for nb in assignment.notebooks for c in nb.solution_cells}
    for submission, comment in _of(session, lesson, Comment):
        name = known.get(comment.cell_id)
        if name is None:
            continue
        if comment.manual_comment:
            said[submission][name] = comment.manual_comment
        if comment.auto_comment == NO_RESPONSE:
            silent[submission].add(name)
    penalties: dict[str, float] = defaultdict(float)
    for submission, penalty in (
        session.query(SubmittedNotebook.assignment_id, SubmittedNotebook.late_submission_penalty)
        .join(SubmittedNotebook.assignment)
        .join(SubmittedAssignment.assignment)
        .filter(Assignment.name == lesson)
    ):
        penalties[submission] += penalty or 0.0
    for each in cells.values():
        each.sort(
            key=lambda cell: (
                cell.notebook,
                place.get((cell.notebook, cell.grade_id), 0),
                cell.grade_id,
            )
        )
    found = session.query(SubmittedAssignment).filter_by(assignment_id=assignment.id)
    due = assignment.duedate
    return {
        one.student_id: Marked(
            student=one.student_id,
            lesson=lesson,
            cells=tuple(cells[one.id]),
            comments=said[one.id],
            unanswered=frozenset(silent[one.id]),
            penalty=penalties[one.id],
            seconds_late=seconds_late(one),
            handed_in=one.timestamp,
            due=None if due is None else due + (one.extension or timedelta()),
        )
        for one in found
    }


def _of(session: Any, lesson: str, table: Any) -> Any:
    """Rows of a table that hang on submitted notebooks of a lesson, with the submission's id."""
    return (
        session.query(SubmittedNotebook.assignment_id, table)
        .select_from(table)
        .join(table.notebook)
        .join(SubmittedNotebook.assignment)
        .join(SubmittedAssignment.assignment)
        .filter(Assignment.name == lesson)
    )
