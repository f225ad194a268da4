"""The one place that writes marks: nbgrader's gradebook, through nbgrader's own API and steps.

nbgrader's steps open the database anew for every notebook and commit every cell. Here one session
serves the whole class, and one submission is one transaction. The rows are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
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
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import SaveAutoGrades
from sqlalchemy import Integer, cast, func, select, update
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from headcheck.course.dates import Dates
from headcheck.course.directory import Course, CourseError
from headcheck.course.roster import Student
from headcheck.grading.backups import copy_gradebook
from headcheck.grading.database import (
    in_words,
    met_another,
    patient,
    sentence,
    stamp_if_empty,
)
from headcheck.grading.marked import (
    Given,
    Marked,
    load_marked,
    of_graded,
    save_marked,
    texts,
    waits,
)
from headcheck.grading.penalties import Penalties, seconds_late
from headcheck.grading.work import CellResult

ATTEMPTS = 3  # when another grader makes the same row at the same moment


class RecordGrades(SaveAutoGrades):
    """nbgrader's SaveAutoGrades; a fault of the grader is no zero but waits for a person.

    What a person has marked waits only when it is another answer than they had before them.
    """

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        ids = resources["nbgrader"]
        root = Path(CourseDirectory(config=self.config).root)
        try:
            private = Course.open(root).private
        except CourseError:  # not one of our course directories: nothing is remembered
            self.start(nb, Marked())
            return super().preprocess(nb, resources)
        self.start(nb, load_marked(private, ids["student"], ids["assignment"]))
        done = super().preprocess(nb, resources)
        save_marked(private, ids["student"], ids["assignment"], Marked(cells=self.given))
        return done

    def start(self, notebook: NotebookNode, remembered: Marked) -> None:
        """Get ready for the cells of one notebook."""
        self.remembered, self.texts = remembered, texts(notebook)
        self.given: dict[str, Given] = {}

    def _add_score(self, cell: NotebookNode, resources: Any) -> None:
        name = cell.metadata["nbgrader"]["grade_id"]
        where = (name, self.notebook_id, self.assignment_id, self.student_id)
        grade = self.gradebook.find_grade(*where)
        mark, waited = grade.manual_score, bool(grade.needs_manual_grade)
        super()._add_score(cell, resources)
        grade = self.gradebook.find_grade(*where)
        given = waits(
            self.remembered.cells.get(name),
            self.texts[name],
            mark,
            waited,
            no_score=grade.auto_score is None,
        )
        said = cell.metadata.get("headcheck", {})
        fault = said.get("outcome") == "grader-error"
        if fault:
            grade.auto_score = None
        grade.needs_manual_grade = given.waits or fault or bool(said.get("unreadable"))
        self.given[name] = given.model_copy(update={"waits": grade.needs_manual_grade})
        self.gradebook.db.commit()


class _NotWritten(Exception):
    """What the database said. Not of a kind that nbgrader catches: it would log a traceback."""

    def __init__(self, cause: SQLAlchemyError) -> None:
        super().__init__(str(cause))
        self.cause = cause


class _CommitLater:
    """A session whose commits wait for the end of the transaction."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def commit(self) -> None:
        try:
            self._session.flush()
        except SQLAlchemyError as error:
            raise _NotWritten(error) from error

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
class Mark:
    """What the gradebook holds of one graded cell of one submission."""

    auto: float | None
    manual: float | None = None  # given by a person: this one counts
    extra: float | None = None
    waits: bool = False  # for a person

    @property
    def score(self) -> float:
        """What counts, as nbgrader works it out."""
        given = self.auto if self.manual is None else self.manual
        return 0.0 if given is None else given + (self.extra or 0.0)


@dataclass(frozen=True)
class Standing:
    """What the gradebook says of one submission, written answers and penalties included."""

    score: float
    max_score: float
    late_penalty: float
    seconds_late: float
    to_read: int
    timestamp: datetime | None
    extension: timedelta | None = None


class ClassGradebook:
    """The gradebook of a course, open for as long as a class is graded."""

    def __init__(self, course: Course) -> None:
        course.share()
        self.course = course
        self._penalties = Penalties(course.config)
        self.gb = open_gradebook(course)
        self._saver = RecordGrades(config=course.config)
        self._written = False
        self._names: dict[tuple[str, str], dict[str, str]] = {}

    def close(self) -> None:
        self.gb.close()

    def sources(self, assignment: str, notebook: str) -> dict[str, tuple[str, str | None]] | None:
        """grade_id -> (source, checksum) as built; None when the notebook is not known."""
        with in_words(self.course):
            try:
                found = self.gb.find_notebook(notebook, assignment)
            except MissingEntry:
                return None
            return {cell.name: (cell.source, cell.checksum) for cell in found.source_cells}

    def students(self) -> set[str]:
        with in_words(self.course):
            return {student.id for student in self.gb.students}

    def marks(self, assignment: str) -> dict[str, dict[str, Mark]]:
        """student -> grade_id -> mark, of everything that is recorded."""
        parts = (Grade.auto_score, Grade.manual_score, Grade.extra_credit, Grade.needs_manual_grade)
        rows = (
            self.gb.db.query(SubmittedAssignment.student_id, BaseCell.name, *parts)
            .select_from(Grade)
            .join(Grade.cell)
            .join(Grade.notebook)
            .join(SubmittedNotebook.assignment)
            .join(SubmittedAssignment.assignment)
            .filter(Assignment.name == assignment)
        )
        marks: dict[str, dict[str, Mark]] = {}
        with in_words(self.course):
            for student, grade_id, *mark in rows:
                marks.setdefault(student, {})[grade_id] = Mark(*mark)
        return marks

    def standings(self) -> dict[tuple[str, str], Standing]:
        """(student, assignment) -> standing, of every submission.

        nbgrader works out the score of each submission on its own, from all grades there are.
        Here each table is read once.
        """
        with in_words(self.course):
            return self._standings()

    def _standings(self) -> dict[tuple[str, str], Standing]:
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
                seconds_late=seconds_late(submission),
                to_read=to_read,
                timestamp=submission.timestamp,
                extension=submission.extension,
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
        """Record a graded notebook, all of it or nothing. A person's marks and comments stay.

        To be called while the graded notebook of the last time still lies in `autograded/`.
        Raises `CourseError` when the gradebook cannot be written.
        """
        self.copy_first()
        self._write(lambda: self._save(notebook, student, assignment, name, timestamp))
        save_marked(self.course.private, student, assignment, Marked(cells=self._saver.given))

    def renew_penalties(self, only: Sequence[str] | None = None) -> int:
        """Work late penalties out again; how many were not right any more.

        All of the course, because a due date, a rule, a mark may be another one. `only`: of the
        submissions in these rows.
        """
        with in_words(self.course):
            self.gb.db.expire_all()  # another program may have written
            changes = self._penalties.wrong(self.gb.db, only)
        if not changes:
            return 0
        self.copy_first()
        rows = [{"id": row, "late_submission_penalty": new} for row, new in changes.items()]
        self._write(lambda: self.gb.db.execute(update(SubmittedNotebook), rows))
        return len(changes)

    def apply_dates(self, dates: Dates, only: Sequence[str] | None = None) -> int:
        """Due dates and extensions as `dates.yaml` has them; how many were others before.

        Only of submissions that exist (`only`: in these rows): a row that holds nothing but an
        extension would count as a zero in every average.
        """
        with in_words(self.course):
            changes = list(self._other_dates(dates, only))
        if changes:
            self.copy_first()
            with in_words(self.course), self._transaction():
                for row, field, value in changes:
                    setattr(row, field, value)
        return len(changes)

    def settle(self, dates: Dates | None, *, keep: bool) -> int:
        """Due dates, extensions and penalties as they should be now; how many penalties changed.

        `keep=False`: only for what is read here until `close`; the gradebook stays as it is.
        """
        if keep:
            if dates is not None:
                self.apply_dates(dates)
            return self.renew_penalties()
        session = self.gb.db
        with in_words(self.course):
            for row, field, value in list(self._other_dates(dates) if dates is not None else ()):
                setattr(row, field, value)
            session.flush()
            changes = self._penalties.wrong(session)
            for row, new in changes.items():
                session.get(SubmittedNotebook, row).late_submission_penalty = new
            session.flush()
        return len(changes)

    def settle_one(self, dates: Dates | None, student: str, assignment: str) -> None:
        """Due date, extension and penalty of one submission as they should be now."""
        with in_words(self.course):
            found = self.gb.db.query(SubmittedAssignment.id).join(SubmittedAssignment.assignment)
            mine = found.filter(
                Assignment.name == assignment, SubmittedAssignment.student_id == student
            )
            rows = [row for (row,) in mine]
        if dates is not None:
            self.apply_dates(dates, only=rows)
        self.renew_penalties(only=rows)

    def _other_dates(
        self, dates: Dates, only: Sequence[str] | None = None
    ) -> Iterator[tuple[Any, str, Any]]:
        self.gb.db.expire_all()  # another program may have written
        for assignment in self.gb.db.query(Assignment):
            due = dates.due_utc(assignment.name)
            if assignment.name in dates.due and assignment.duedate != due:
                yield assignment, "duedate", due
        submissions = self.gb.db.query(SubmittedAssignment)
        if only is not None:
            submissions = submissions.filter(SubmittedAssignment.id.in_(only))
        for submission in submissions:
            name = submission.assignment.name
            if name in dates.due:
                longer = dates.extension(submission.student_id, name, submission.timestamp)
                if (submission.extension or timedelta()) != longer:
                    yield submission, "extension", longer or None

    def enrol(self, roster: Sequence[Student]) -> None:
        """Names and addresses of `students.csv`, for formgrader and nbgrader's exports."""
        wanted = {
            one.id: (one.first_name or None, one.last_name or None, one.email or None)
            for one in roster
        }
        with in_words(self.course):
            known = {s.id: (s.first_name, s.last_name, s.email) for s in self.gb.students}
        changed = {who: names for who, names in wanted.items() if known.get(who) != names}
        if not changed:
            return
        self.copy_first()

        def write() -> None:
            for who, (first, last, email) in changed.items():
                self.gb.update_or_create_student(who, first_name=first, last_name=last, email=email)

        self._write(write)

    def copy_first(self) -> None:
        """Before the first change of a run, a copy of what there was."""
        if not self._written:
            self.gb.db.rollback()  # not while we ourselves are reading
            copy_gradebook(self.course)
            self._written = True

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
        self._hold(rows)
        saver.gradebook = _OneSubmission(rows, self._cell_names(assignment, name))
        saver.notebook_id, saver.assignment_id, saver.student_id = name, assignment, student
        saver.start(notebook, self._remembered(student, assignment, name, rows))
        for index, cell in enumerate(notebook.cells):
            saver.preprocess_cell(cell, {}, index)
        self._penalty(submission, rows, student)

    def _hold(self, notebook: Any) -> None:
        """Whoever marks by hand at this moment waits until these rows are written."""
        if self.gb.engine.dialect.name == "sqlite":  # one writer at a time anyway
            return
        self.gb.db.flush()
        mine = select(Grade).where(Grade.notebook_id == notebook.id).order_by(Grade.id)
        self.gb.db.execute(
            mine.with_for_update(of=Grade).execution_options(populate_existing=True)
        ).all()

    def _remembered(self, student: str, assignment: str, name: str, rows: Any) -> Marked:
        remembered = load_marked(self.course.private, student, assignment)
        if remembered.cells or all(grade.manual_score is None for grade in rows.grades):
            return remembered
        names = self._cell_names(assignment, name)
        marks = {
            names[g.cell_id]: (g.manual_score, bool(g.needs_manual_grade)) for g in rows.grades
        }
        folder = self.course.step_folder("autograded") / student / assignment
        return of_graded(folder / f"{name}.ipynb", marks)

    def _cell_names(self, assignment: str, name: str) -> Mapping[str, str]:
        if (assignment, name) not in self._names:
            found = self.gb.find_notebook(name, assignment)
            cells = [*found.grade_cells, *found.solution_cells, *found.task_cells]
            self._names[assignment, name] = {cell.id: cell.name for cell in cells}
        return self._names[assignment, name]

    def _penalty(self, submission: Any, notebook: Any, student: str) -> None:
        """What nbgrader's AssignLatePenalties does, in our session."""
        notebook.late_submission_penalty = None
        late = seconds_late(submission)
        if late > 0:
            self.gb.db.commit()
            self.gb.db.refresh(notebook, ["score"])
            notebook.late_submission_penalty = self._penalties.of(student, notebook.score, late)

    def _write(self, rows: Callable[[], object]) -> None:
        """One transaction, all of it or nothing; again when another grader was a moment faster."""
        with in_words(self.course):
            for left in reversed(range(ATTEMPTS)):
                try:
                    with self._transaction():
                        rows()
                    break
                except DBAPIError as error:
                    if not left or not met_another(error):
                        raise

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        session = self.gb.db
        self.gb.db = _CommitLater(session)
        try:
            yield
            session.commit()
        except _NotWritten as error:
            session.rollback()
            raise error.cause from None
        except BaseException:
            session.rollback()
            raise
        finally:
            self.gb.db = session


def open_gradebook(course: Course) -> Gradebook:
    """nbgrader's gradebook of a course. Raises `CourseError` when it cannot be opened."""
    try:
        url = patient(course.db_url)
        stamp_if_empty(url)
        return Gradebook(url, str(course.config.CourseDirectory.get("course_id", "")))
    except Exception as error:  # also a driver that is not installed, or an address that is none
        raise CourseError(sentence(course.db_url, error)) from None


def agrees(cells: list[CellResult], marks: Mapping[str, Mark] | None) -> bool:
    """Whether recorded results are still what the gradebook holds."""
    return marks is not None and all(
        cell.grade_id in marks and marks[cell.grade_id].auto == cell.score
        for cell in cells
        if cell.outcome != "grader-error"
    )
