"""The one place that writes marks: nbgrader's gradebook, through nbgrader's own API and steps.

nbgrader's steps open the database anew for every notebook and commit every cell. Here one session
serves the whole class, and one submission is one transaction. The rows are the same.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nbformat import NotebookNode
from nbgrader.api import (
    Assignment,
    BaseCell,
    Grade,
    Gradebook,
    MissingEntry,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.preprocessors import AssignLatePenalties, SaveAutoGrades
from sqlalchemy import Integer, cast, func
from sqlalchemy.exc import OperationalError

from headcheck.course.directory import Course, CourseError
from headcheck.grading.work import CellResult

RETRIES = 4  # when another program (formgrader) is writing


class RecordGrades(SaveAutoGrades):
    """nbgrader's SaveAutoGrades; a fault of the grader is no zero but waits for a person."""

    def _add_score(self, cell: NotebookNode, resources: Any) -> None:
        super()._add_score(cell, resources)
        if cell.metadata.get("headcheck", {}).get("outcome") == "grader-error":
            grade = self.gradebook.find_grade(
                cell.metadata["nbgrader"]["grade_id"],
                self.notebook_id,
                self.assignment_id,
                self.student_id,
            )
            grade.auto_score = None
            grade.needs_manual_grade = True
            self.gradebook.db.commit()


class _CommitLater:
    """A session whose commits wait for the end of the transaction."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def commit(self) -> None:
        self._session.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)


class _OneSubmission:
    """What SaveAutoGrades asks of a gradebook, for one notebook, from two queries.

    The gradebook's own look-ups join seven tables for every cell. `names`: id of a cell -> its
    grade_id.
    """

    def __init__(self, notebook: Any, names: Mapping[str, str]) -> None:
        self._grades = {names[grade.cell_id]: grade for grade in notebook.grades}
        self._comments = {names[comment.cell_id]: comment for comment in notebook.comments}
        self.db = self

    def find_grade(self, cell: str, *_: str) -> Any:
        return self._of(self._grades, cell)

    def find_comment(self, cell: str, *_: str) -> Any:
        return self._of(self._comments, cell)

    @staticmethod
    def _of(known: dict[str, Any], cell: str) -> Any:
        if cell not in known:
            raise MissingEntry(f"the gradebook has no cell {cell} in this submission")
        return known[cell]

    def commit(self) -> None:
        """The transaction is committed as a whole."""


@dataclass(frozen=True)
class Standing:
    """What the gradebook says of one submission, written answers and penalties included."""

    score: float
    max_score: float
    late_penalty: float
    seconds_late: float
    to_read: int
    timestamp: datetime | None


class ClassGradebook:
    """The gradebook of a course, open for as long as a class is graded."""

    def __init__(self, course: Course) -> None:
        self.course = course
        self.gb = _open(course)
        self._saver = RecordGrades(config=course.config)
        self._late = AssignLatePenalties(config=course.config)
        self._late.init_plugin()
        self._names: dict[tuple[str, str], dict[str, str]] = {}

    def close(self) -> None:
        self.gb.close()

    def sources(self, assignment: str, notebook: str) -> dict[str, tuple[str, str | None]] | None:
        """grade_id -> (source, checksum) as built; None when the notebook is not known."""
        try:
            found = self.gb.find_notebook(notebook, assignment)
        except MissingEntry:
            return None
        return {cell.name: (cell.source, cell.checksum) for cell in found.source_cells}

    def students(self) -> set[str]:
        return {student.id for student in self.gb.students}

    def auto_scores(self, assignment: str) -> dict[str, dict[str, float | None]]:
        """student -> grade_id -> automatic score, of everything that is recorded."""
        rows = (
            self.gb.db.query(SubmittedAssignment.student_id, BaseCell.name, Grade.auto_score)
            .select_from(Grade)
            .join(Grade.cell)
            .join(Grade.notebook)
            .join(SubmittedNotebook.assignment)
            .join(SubmittedAssignment.assignment)
            .filter(Assignment.name == assignment)
        )
        scores: dict[str, dict[str, float | None]] = {}
        for student, grade_id, score in rows:
            scores.setdefault(student, {})[grade_id] = score
        return scores

    def standings(self) -> dict[tuple[str, str], Standing]:
        """(student, assignment) -> standing, of every submission.

        nbgrader works out the score of each submission on its own, from all grades there are.
        Here each table is read once.
        """
        session = self.gb.db
        session.expire_all()  # another program may have written
        notebook = SubmittedNotebook.assignment_id
        earned = {
            submission: (score, to_read)
            for submission, score, to_read in session.query(
                notebook, func.sum(Grade.score), func.sum(cast(Grade.needs_manual_grade, Integer))
            )
            .join(Grade.notebook)
            .group_by(notebook)
        }
        penalties = dict(
            session.query(notebook, func.sum(SubmittedNotebook.late_submission_penalty))
            .group_by(notebook)
            .all()
        )
        assignments = {found.id: found for found in session.query(Assignment)}
        standings = {}
        for submission in session.query(SubmittedAssignment):
            assignment = assignments[submission.assignment_id]
            score, to_read = earned.get(submission.id, (0.0, 0))
            standings[submission.student_id, assignment.name] = Standing(
                score=score,
                max_score=assignment.max_score,
                late_penalty=penalties.get(submission.id) or 0.0,
                seconds_late=submission.total_seconds_late,
                to_read=to_read,
                timestamp=submission.timestamp,
            )
        return standings

    def save(
        self,
        notebook: NotebookNode,
        *,
        student: str,
        assignment: str,
        name: str,
        timestamp: datetime | None,
    ) -> None:
        """Record a graded notebook, all of it or nothing. A person's marks and comments stay."""
        for attempt in range(RETRIES):
            try:
                with self._transaction():
                    self._save(notebook, student, assignment, name, timestamp)
                return
            except OperationalError as error:
                if "locked" not in str(error):
                    raise CourseError(_damaged(self.course, error)) from error
                time.sleep(0.5 * (attempt + 1))
        raise CourseError(
            "The gradebook is locked by another program; close that and run the same command "
            "again. What was finished is kept."
        )

    def _save(
        self,
        notebook: NotebookNode,
        student: str,
        assignment: str,
        name: str,
        timestamp: datetime | None,
    ) -> None:
        when = {} if timestamp is None else {"timestamp": timestamp}
        self.gb.update_or_create_student(student)
        with self.gb.db.no_autoflush:  # nbgrader looks things up while a row is half made
            submission = self.gb.update_or_create_submission(assignment, student, **when)
        saver = self._saver
        rows = next(found for found in submission.notebooks if found.name == name)
        saver.gradebook = _OneSubmission(rows, self._cell_names(assignment, name))
        saver.notebook_id, saver.assignment_id, saver.student_id = name, assignment, student
        for index, cell in enumerate(notebook.cells):
            saver.preprocess_cell(cell, {}, index)
        self._penalty(submission, rows, student)

    def _cell_names(self, assignment: str, name: str) -> Mapping[str, str]:
        if (assignment, name) not in self._names:
            found = self.gb.find_notebook(name, assignment)
            cells = [*found.grade_cells, *found.solution_cells, *found.task_cells]
            self._names[assignment, name] = {cell.id: cell.name for cell in cells}
        return self._names[assignment, name]

    def _penalty(self, submission: Any, notebook: Any, student: str) -> None:
        """What nbgrader's AssignLatePenalties does, in our session."""
        notebook.late_submission_penalty = None
        late = submission.total_seconds_late
        if late > 0:
            self.gb.db.flush()
            self.gb.db.refresh(notebook, ["score"])
            penalty = self._late.plugin_inst.late_submission_penalty(student, notebook.score, late)
            if penalty is not None:
                checked = self._late._check_late_penalty(notebook, penalty)
                notebook.late_submission_penalty = checked

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        session = self.gb.db
        self.gb.db = _CommitLater(session)
        try:
            yield
            session.commit()
        except BaseException:
            session.rollback()
            raise
        finally:
            self.gb.db = session


def _open(course: Course) -> Gradebook:
    try:
        return Gradebook(course.db_url, str(course.config.CourseDirectory.get("course_id", "")))
    except Exception as error:
        raise CourseError(_damaged(course, error)) from error


def _damaged(course: Course, error: Exception) -> str:
    reason = str(error).splitlines()[0]
    return (
        f"The gradebook {course.db_url} cannot be used: {reason}. If nbgrader was updated, copy "
        "the file and run `nbgrader db upgrade`; if it is damaged, put a copy back."
    )


def agrees(cells: list[CellResult], scores: Mapping[str, float | None] | None) -> bool:
    """Whether recorded results are still what the gradebook holds."""
    return scores is not None and all(
        scores.get(cell.grade_id) == cell.score for cell in cells if cell.outcome != "grader-error"
    )
