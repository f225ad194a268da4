"""A lesson whose graded cells change after the first grading: what that means for its marks, and doing it.

nbgrader refuses such a build, because its gradebook has one row for each cell of each submission. Here
the rows follow: of a cell with a new name all marks go along, a cell that is new gets rows that wait
for a grading, and what was given for a cell that is gone is written down before its rows go.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.api import Comment, Grade, GradeCell, MissingEntry, SolutionCell, SourceCell, TaskCell
from nbgrader.utils import is_grade, is_locked, is_solution, is_task

from headcheck.course.cells import grade_id_of
from headcheck.course.counted import counted
from headcheck.course.directory import Course, CourseError
from headcheck.course.files import write_whole
from headcheck.grading.backups import copy_gradebook
from headcheck.grading.database import in_words, sqlite_file
from headcheck.grading.gradebook import open_gradebook
from headcheck.grading.marked import Marked, load_marked, marked_file, save_marked

_TABLES = {
    "grade_cells": (GradeCell, is_grade),
    "solution_cells": (SolutionCell, is_solution),
    "task_cells": (TaskCell, is_task),
    "source_cells": (
        SourceCell,
        lambda c: any((is_grade(c), is_solution(c), is_locked(c), is_task(c))),
    ),
}
_Names = dict[str, set[str]]  # table -> names of its cells


@dataclass
class Changes:
    """What is to be done to the gradebook before a lesson's new cells fit into it."""

    lesson: str
    submissions: int
    renamed: dict[str, str] = field(default_factory=dict)  # old name -> new one
    added: _Names = field(default_factory=dict)
    removed: _Names = field(default_factory=dict)
    told: list[str] = field(default_factory=list)  # line by line, for a person

    @property
    def none(self) -> bool:
        return not (self.renamed or any(self.added.values()) or any(self.removed.values()))


def find_changes(course: Course, lesson: str, notebook: NotebookNode) -> Changes:
    """How the cells of this lesson (as its text has it now) differ from those with marks.

    A cell says its earlier name itself: `was="test_double"` in its line. Raises `CourseError` when
    the gradebook cannot be read, or when a name is claimed twice.
    """
    file = sqlite_file(course.db_url)
    if file is not None and not file.exists():
        return Changes(lesson, 0)
    with open_gradebook(course) as book, in_words(course):
        try:
            found = book.find_notebook(lesson, lesson)
        except MissingEntry:
            return Changes(lesson, 0)
        changes = Changes(lesson, len(found.submissions))
        if not found.submissions:
            return changes
        old = {table: {cell.name for cell in getattr(found, table)} for table in _TABLES}
        new = {
            table: {str(grade_id_of(c)) for c in notebook.cells if grade_id_of(c) and belongs(c)}
            for table, (_, belongs) in _TABLES.items()
        }
        changes.renamed = _renamed(
            lesson, notebook, set().union(*old.values()), set().union(*new.values())
        )
        for table in _TABLES:
            before = {changes.renamed.get(name, name) for name in old[table]}
            changes.added[table] = new[table] - before
            changes.removed[table] = before - new[table]
        changes.told = list(_told(changes, found, notebook))
        return changes


def _renamed(lesson: str, notebook: NotebookNode, old: set[str], new: set[str]) -> dict[str, str]:
    renamed: dict[str, str] = {}
    for cell in notebook.cells:
        was, name = cell.metadata.get("was"), grade_id_of(cell)
        if not isinstance(was, str) or name is None or was not in old or name in old:
            continue  # renamed before the first grading, or long ago
        if was in new or was in renamed:
            raise CourseError(
                f'{lesson}: {name} says was="{was}", and '
                + (
                    f"{renamed[was]} says so, too"
                    if was in renamed
                    else "there still is a cell of that name"
                )
                + "; one cell alone can take the marks over."
            )
        renamed[was] = name
    return renamed


def _told(changes: Changes, found: Any, notebook: NotebookNode) -> Iterable[str]:
    points = {
        str(grade_id_of(c)): float(c.metadata.nbgrader["points"])
        for c in notebook.cells
        if is_grade(c) and grade_id_of(c)
    }
    graded = {cell.name: cell for cell in (*found.grade_cells, *found.task_cells)}
    for old, new in changes.renamed.items():
        yield f"renamed  {old} -> {new}{_by_hand(graded.get(old), ' goes along', ' go along')}"
    gone = sorted(set().union(*changes.removed.values()))
    for name in gone:
        old = next((o for o, n in changes.renamed.items() if n == name), name)
        if name in changes.removed["grade_cells"] | changes.removed["task_cells"]:
            most = graded[old].max_score
            yield f"removed  {name} ({counted(most, 'point')}){_by_hand(graded[old], ' is kept in a file', ' are kept in a file')}"
        else:
            yield f"removed  {name}"
    for name in sorted(set().union(*changes.added.values())):
        worth = (
            f" ({counted(points[name], 'point')}; counts 0 until it is graded)"
            if name in points
            else ""
        )
        yield f"added    {name}{worth}"
    for name, cell in sorted(graded.items()):
        now = points.get(changes.renamed.get(name, name))
        if now is not None and now != cell.max_score:
            above = [g.manual_score for g in cell.grades if (g.manual_score or 0) > now]
            more = f"; {_above(len(above))}" if above else ""
            yield f"points   {name}: {cell.max_score:g} -> {now:g}{more}"


def _by_hand(cell: Any, one: str, many: str) -> str:
    count = sum(grade.manual_score is not None for grade in cell.grades) if cell is not None else 0
    return f": {counted(count, f'mark by hand{one}', f'marks by hand{many}')}" if count else ""


def _above(count: int) -> str:
    return counted(
        count,
        "mark by hand is above that now, and stays",
        "marks by hand are above that now, and stay",
    )


# ---- doing it ------------------------------------------------------------------------------------


def carry_out(course: Course, changes: Changes, notebook: NotebookNode) -> list[Path]:
    """Do it, all or nothing, after a copy of the gradebook; the files that keep what was there.

    Raises `CourseError` when the gradebook cannot be copied or written.
    """
    copy = copy_gradebook(course)
    kept = [path for path in (copy or _newest(course),) if path is not None]
    with open_gradebook(course) as book, in_words(course):
        found = book.find_notebook(changes.lesson, changes.lesson)
        gone = _gone(changes, found)
        if gone:
            when = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
            kept.append(course.root / "backups" / f"marks-removed-{changes.lesson}-{when}.csv")
            write_whole(kept[-1], gone.encode())
        cells = {str(grade_id_of(c)): c for c in notebook.cells if grade_id_of(c)}
        try:
            _rename(changes, found)
            book.db.flush()
            for table, names in changes.removed.items():
                for cell in [c for c in getattr(found, table) if c.name in names]:
                    rows = (getattr(cell, "grades", None), getattr(cell, "comments", None))
                    for row in [row for each in rows for row in each or ()]:
                        book.db.delete(row)
                    book.db.flush()
                    book.db.delete(cell)
            book.db.flush()
            for table, names in changes.added.items():
                for name in sorted(names):
                    _add(book.db, found, table, cells[name])
            book.db.commit()
        except BaseException:
            book.db.rollback()
            raise
        students = [row.assignment.student_id for row in found.submissions]
    for student in students:
        _rename_remembered(course, changes, student)
    return kept


def _newest(course: Course) -> Path | None:
    return max((course.root / "backups").glob("gradebook-*.db"), default=None)


def _gone(changes: Changes, found: Any) -> str:
    """Every mark and comment of a cell that goes, as a table; nothing when there is none."""
    old = {new: was for was, new in changes.renamed.items()}
    names = {
        old.get(n, n) for table in ("grade_cells", "task_cells") for n in changes.removed[table]
    }
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(["student", "cell", "points", "by the grader", "by hand", "extra", "comment"])
    empty = text.tell()
    for submission in found.submissions:
        comments = {comment.cell.name: comment.comment for comment in submission.comments}
        for grade in submission.grades:
            if grade.cell.name in names:
                marks = (grade.auto_score, grade.manual_score, grade.extra_credit)
                comment = comments.get(grade.cell.name) or ""
                student = submission.assignment.student_id
                table.writerow([student, grade.cell.name, grade.cell.max_score, *marks, comment])
    return text.getvalue() if text.tell() > empty else ""


def _rename(changes: Changes, found: Any) -> None:
    for table in _TABLES:
        for cell in getattr(found, table):
            cell.name = changes.renamed.get(cell.name, cell.name)


def _add(session: Any, found: Any, table: str, cell: NotebookNode) -> None:
    kind = _TABLES[table][0]
    made = kind(name=grade_id_of(cell), notebook=found)
    if kind is not SolutionCell:
        made.cell_type = cell.cell_type
    if kind in (GradeCell, TaskCell):
        made.max_score = float(cell.metadata.nbgrader["points"])
    session.add(made)
    session.flush()
    for submission in found.submissions:
        if kind in (GradeCell, TaskCell):
            # (A check waits for the grader, and only a written answer for a person.)
            waits = cell.cell_type != "code"
            session.add(Grade(cell_id=made.id, notebook=submission, needs_manual_grade=waits))
        if kind in (SolutionCell, TaskCell):
            session.add(Comment(cell_id=made.id, notebook=submission))
    session.flush()


def _rename_remembered(course: Course, changes: Changes, student: str) -> None:
    """Which answer a mark was given for (see `marked`), under the new names."""
    if not changes.renamed or not marked_file(course.private, student, changes.lesson).exists():
        return
    before: Mapping[str, Any] = load_marked(course.private, student, changes.lesson).cells
    cells = {changes.renamed.get(name, name): given for name, given in before.items()}
    save_marked(course.private, student, changes.lesson, Marked(cells=cells))
