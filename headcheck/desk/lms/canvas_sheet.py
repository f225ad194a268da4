"""Canvas's gradebook, as Canvas exports it: which rows and columns are which."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from rapidfuzz import fuzz, process

from headcheck.course.directory import CourseError
from headcheck.course.roster import Student
from headcheck.desk.lms.filled import Entry
from headcheck.desk.lms.moodle_sheet import number_of
from headcheck.desk.lms.sheet import Cell, Row, Sheet, as_number
from headcheck.desk.visible import spreadsheet

_WHO = {
    "id": "canvas",
    "sis user id": "sis",
    "sis login id": "login",
    "email": "email",
    "student": "name",
    "lastname": "last",
    "firstname": "first",
}
_IDENTITY = {*_WHO, "integration id", "root account", "section"}
_TITLE = re.compile(r"(.*)\s\((\d+)\)", re.DOTALL)
# Canvas drops a column whose name holds one of these, wherever it stands.
_DROPPED = ("Current Score", "Final Score", "Current Grade", "Final Grade", "Current Points", "Final Points", "Override Score", "Override Grade")  # fmt: skip


@dataclass
class CanvasSheet:
    """The file and what stands where in it."""

    sheet: Sheet
    identity: dict[int, str]  # column -> kind of fact
    columns: dict[int, str]  # assignments and totals: column -> heading
    points: Row | None
    students: list[Row]

    def entries(self, column: int) -> list[Entry]:
        """The students' rows for one assignment."""
        most = self.most(column)
        return [Entry(row, self._who(row), most) for row in self.students]

    def numbers(self) -> int:
        """The column of Canvas's own number of a student."""
        return next(place for place, kind in self.identity.items() if kind == "canvas")

    def _who(self, row: Row) -> dict[str, str]:
        who = {kind: _bare(row.value(column)) for column, kind in self.identity.items()}
        if "last" in who:
            who["name"] = f"{who.pop('last')}, {who.pop('first', '')}"
        return {kind: text for kind, text in who.items() if text}

    def marks(self) -> list[int]:
        """The columns that Canvas reads marks from: the assignments, without totals and notes."""
        ours = [n for n, heading in self.columns.items() if _number(heading)]
        return [
            n for n in ours if not (self.points and self.points.value(n).strip().startswith("("))
        ]

    def most(self, column: int) -> Decimal | None:
        """Points Possible."""
        return as_number(self.points.value(column)) if self.points else None

    def column_of(self, lesson: str, wanted: str | None) -> int | None:
        """The column of a lesson: called like it, or `wanted`. None when there is none.

        Raises `CourseError` for a name that does not fit one column, or a column that Canvas ignores.
        """
        name = (wanted or lesson).casefold().strip()
        fitting = [
            column
            for column, heading in self.columns.items()
            if name in (heading.casefold().strip(), _title(heading).casefold().strip())
            or (wanted and _number(heading) == wanted)
        ]
        if len(fitting) > 1:
            several = ", ".join(self.columns[column] for column in fitting)
            raise CourseError(f"several columns fit {wanted or lesson}: {several}; --column NAME.")
        if not fitting:
            if wanted is None:
                return None
            raise CourseError(f"there is no column {wanted!r}; {self.near(wanted)}")
        heading = self.columns[fitting[0]]
        if any(part in heading for part in _DROPPED):
            raise CourseError(
                f"Canvas ignores the column {heading!r} on import, for the words in its name; rename "
                "the assignment in Canvas and export the gradebook again."
            )
        if self.points and (text := self.points.value(fitting[0]).strip()).startswith("("):
            raise CourseError(f"the column {heading!r} is {text} in Canvas; nothing can go there.")
        return fitting[0]

    def near(self, lesson: str) -> str:
        names = [self.columns[n] for n in self.marks()] or [*self.columns.values()]
        found = process.extract(lesson, names, scorer=fuzz.WRatio, limit=3)
        like = " or ".join(repr(name) for name, *_ in found)
        return f"did you mean {like}? Name it with --column." if like else "it has no assignments."


def canvas_sheet(sheet: Sheet) -> CanvasSheet:
    """Raises `CourseError` when this is no gradebook of Canvas."""
    head = sheet.rows[0]
    names = [cell.value.strip().casefold().lstrip("\ufeff") for cell in head.cells]
    if not names or names[0] not in ("student", "lastname") or "section" not in names:
        moodle = any(number_of(row) for row in sheet.rows[1:]) and not names[0].isdigit()
        like = " (Is it Moodle's worksheet? Then --to moodle.)" if moodle and names[1:] else ""
        raise CourseError(
            "this is no gradebook of Canvas: its first line should begin with Student,ID and "
            f"have a Section. In Canvas: Grades, Export, Export Entire Gradebook.{like}"
        )
    identity = {n: _WHO[name] for n, name in enumerate(names) if name in _WHO}
    last = names.index("section")
    columns = {n: cell.value for n, cell in enumerate(head.cells) if n > last and cell.value}
    columns = {n: name for n, name in columns.items() if names[n] not in _IDENTITY}
    points, students = None, []
    for row in sheet.rows[1:]:
        first = row.value(0)
        numbers = [n for n, kind in identity.items() if kind not in ("name", "last", "first")]
        known = any(row.value(n).strip() for n in numbers)
        if _is_points(first) or (not known and first.startswith("    ")):  # in another language
            points = row
        elif known or first.strip():
            students.append(row)
    students = [row for row in students if row.value(0).strip() != "Student, Test"]
    return CanvasSheet(sheet, identity, columns, points, students)


def _is_points(text: str) -> bool:
    """As Canvas's import asks it, wherever the row stands: who sorts the table has it at the bottom."""
    return "points possible" in text.casefold()


def _title(heading: str) -> str:
    found = _TITLE.fullmatch(heading)
    return found[1] if found else heading


def _number(heading: str) -> str:
    found = _TITLE.fullmatch(heading)
    return found[2] if found else ""


def _bare(text: str) -> str:
    """Canvas exports names that look like formulas as `="..."`."""
    found = re.fullmatch(r'="(.*)"', text.strip())
    return found[1].replace('""', '"') if found else text.strip()


def made_from(students: Sequence[Student], lesson: str) -> Sheet:
    """The smallest gradebook that Canvas imports, where no exported one was given."""
    rows = [["Student", "ID", "SIS User ID", "SIS Login ID", "Section", lesson]]
    for student in students:
        known = student.known_as
        name = ", ".join(part for part in (student.last_name, student.first_name) if part)
        facts = [name or student.id, known.get("canvas", ""), known.get("sis", "")]
        rows.append([*map(spreadsheet, [*facts, known.get("login", "")]), "", ""])
    return Sheet(b"", "utf-8", ",", [Row([_cell(text) for text in row], "\n") for row in rows])


def _cell(text: str) -> Cell:
    quoted = any(sign in text for sign in ',"\r\n')
    return Cell('"' + text.replace('"', '""') + '"' if quoted else text, text)
