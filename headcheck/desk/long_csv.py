"""Every mark of the class as one long table: a row for each question of each student.

For who teaches: it holds the messages of all, and notes. Text can be no formula for a spreadsheet.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence

from nbconvert.filters import strip_ansi

from headcheck.course.roster import Student
from headcheck.desk.lms.outgoing import Outgoing
from headcheck.desk.visible import spreadsheet
from headcheck.grading.marks import CellMark, Marked
from headcheck.grading.openness import still_open
from headcheck.grading.record import Record

COLUMNS = (
    *("student", "last_name", "first_name", "email", "lesson", "state", "mark", "points"),
    *("late_penalty", "max_points", "handed_in", "due", "seconds_late", "question", "kind"),
    *("outcome", "question_points", "question_max", "automatic", "by_hand", "extra", "waits"),
    *("message", "comment", "notes"),
)
Value = str | float | None


def long_csv(rows: Iterator[dict[str, Value]]) -> bytes:
    """The table as a file. Numbers stay numbers; the mark at its start tells Excel the alphabet."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: _cell(value) for name, value in row.items()})
    return text.getvalue().encode("utf-8-sig")


def _cell(value: Value) -> str:
    if value is None:
        return ""
    return spreadsheet(value) if isinstance(value, str) else f"{value:.10g}"


def rows_of(
    lesson: str,
    students: Sequence[Student],
    marks: Mapping[str, Marked],
    out: Mapping[str, Outgoing],
    records: Mapping[str, Record],
    *,
    penalty: bool,
) -> Iterator[dict[str, Value]]:
    """A lesson's rows, students in order of their ids; who handed in nothing has one row."""
    for student in sorted(students, key=lambda one: one.id):
        person: dict[str, Value] = {
            "student": student.id,
            "last_name": student.last_name,
            "first_name": student.first_name,
            "email": student.email,
            "lesson": lesson,
        }
        marked = marks.get(student.id)
        if marked is None:
            nothing = out[student.id]
            yield person | {
                "state": "not handed in" if nothing.missing else "not graded",
                "mark": nothing.mark,
                "max_points": nothing.most,
            }
            continue
        record = records.get(student.id)
        still = still_open(marked)
        whole: dict[str, Value] = person | {
            "state": "final" if still.final else "not graded" if still.no_mark else "not final",
            "mark": None if still.no_mark else marked.mark(penalty=penalty),
            "points": marked.score,
            "late_penalty": marked.penalty,
            "max_points": marked.max_score,
            "handed_in": f"{marked.handed_in:%Y-%m-%d %H:%M:%S}" if marked.handed_in else "",
            "due": f"{marked.due:%Y-%m-%d %H:%M:%S}" if marked.due else "",
            "seconds_late": marked.seconds_late,
            "notes": " | ".join(_notes(record, still.said())),
        }
        for cell in marked.cells:
            yield whole | _question(cell, marked, record)


def _notes(record: Record | None, open_: str) -> list[str]:
    notes = [*record.notes, record.unreadable] if record else []
    return [note for note in dict.fromkeys([open_, *notes]) if note]


def _question(cell: CellMark, marked: Marked, record: Record | None) -> dict[str, Value]:
    results = record.cells if record else []
    result = next((r for r in results if r.grade_id == cell.grade_id), None)
    return {
        "question": cell.grade_id,
        "kind": cell.kind,
        "outcome": result.outcome if result else "",
        "question_points": cell.score,
        "question_max": cell.max_score,
        "automatic": cell.auto,
        "by_hand": cell.by_hand,
        "extra": cell.extra or None,
        "waits": "yes" if cell.waits else "",
        "message": strip_ansi(result.message).strip() if result else "",
        "comment": marked.comments.get(cell.grade_id, ""),
    }
