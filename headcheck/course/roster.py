"""`students.csv`: who is in the class, and by which names and numbers an LMS knows them.

Read as spreadsheets write it: with or without a byte order mark, commas, semicolons or tabs, headings
in any case and order, also those of an LMS's own export.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from headcheck.course.directory import CourseError

ROSTER = "students.csv"
EXAMPLE = "id,first_name,last_name,email,canvas_id,login\nada,Ada,Lovelace,ada@example.org,4711,ada"
# Heading -> field, compared without case, blanks, dashes and underscores.
_HEADINGS = {
    "id": ("id", "studentid", "student"),
    "first_name": ("firstname", "givenname", "vorname"),
    "last_name": ("lastname", "surname", "familyname", "nachname"),
    "email": ("email", "emailaddress", "mail"),
    "canvas": ("canvasid", "canvasuserid", "lmsuserid", "lmsid"),
    "login": ("login", "loginid", "sisloginid", "username", "displayid"),
    "sis": (
        "sis",
        "sisid",
        "sisuserid",
        "sid",
        "idnumber",
        "matriculationnumber",
        "matrikelnummer",
    ),
}
_FIELD = {heading: name for name, headings in _HEADINGS.items() for heading in headings}
_ID = re.compile(r"[^\s/\\+:*?\"<>|\x00-\x1f.][^/\\+:*?\"<>|\x00-\x1f]*")
_AS_A_SUM = re.compile(r"\d+[.,]0+|\d+[.,]\d+[eE]\+\d+")  # 4712.0, 1.23E+11


@dataclass(frozen=True)
class Student:
    """One student of the class. `id` names the folders `submitted/<id>/`."""

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    known_as: dict[str, str] = field(default_factory=dict)  # canvas, login, sis

    @property
    def name(self) -> str:
        return " ".join(part for part in (self.first_name, self.last_name) if part)

    def facts(self) -> dict[str, str]:
        """All by which this student can be found, by kind."""
        return {"id": self.id, "email": self.email, **self.known_as}


def read_roster(root: Path) -> list[Student]:
    """The students of `students.csv`; none when there is no such file.

    Raises `CourseError` that names the line for a file that cannot be read as one.
    """
    file = root / ROSTER
    if not file.exists():
        return []
    students: dict[str, Student] = {}
    for line, row in _rows(file):
        student = _student(file, line, row)
        if student.id in students:
            raise CourseError(f"{file}, line {line}: there are two students {student.id!r}.")
        students[student.id] = student
    _unique(file, students.values())
    return list(students.values())


def _rows(file: Path) -> Iterator[tuple[int, dict[str, str]]]:
    headings: list[str | None] = []
    for line, row in _cells(file):
        cells = [cell.strip() for cell in row]
        if not any(cells):
            continue
        if not headings:
            headings = [_FIELD.get(re.sub(r"[\W_]", "", cell.casefold())) for cell in cells]
            if "id" not in headings:
                raise CourseError(
                    f"{file}: its first line has no heading `id`, which names the folders "
                    f"submitted/<id>/ (there is: {', '.join(cells)[:200]}). Like this:\n{EXAMPLE}"
                )
            _one_meaning(file, cells, headings)
            continue
        if any(cells[len(headings) :]):
            raise CourseError(
                f"{file}, line {line}: there are more fields than headings, {len(cells)} and "
                f"{len(headings)}; a text with a separator in it has to stand in quotes."
            )
        yield (
            line,
            {name: cell for name, cell in zip(headings, cells, strict=False) if name and cell},
        )


def _cells(file: Path) -> Iterator[tuple[int, list[str]]]:
    """Each row with the number of its last line, whatever ends the lines."""
    text = read_table(file)
    rows = io.StringIO(text, newline=None)
    reader = csv.reader(rows, delimiter=delimiter_of(text), strict=True)
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error as error:
        why = "a quote is opened and never closed" if "unexpected end" in str(error) else error
        raise CourseError(f"{file}, line {reader.line_num}: {why}.") from None


def _one_meaning(file: Path, cells: list[str], headings: list[str | None]) -> None:
    """Raises `CourseError` when two columns could be the same thing, as in Canvas's own gradebook."""
    for name in dict.fromkeys(name for name in headings if name):
        both = [cell for cell, heading in zip(cells, headings, strict=True) if heading == name]
        if len(both) < 2:
            continue
        canvas = [cell.casefold() for cell in both] == ["student", "id"]
        raise CourseError(
            f"{file}: {' and '.join(both)} could both be the {name}; leave one of them."
            + (
                " It looks like Canvas's gradebook: its Student is a name and its ID is the canvas_id, and "
                f"a column id of your own has to name the folders. Like this:\n{EXAMPLE}"
                if canvas
                else ""
            )
        )


def read_table(file: Path) -> str:
    """The text of a table as spreadsheets write it: UTF-8 with or without a mark, or UTF-16."""
    data = file.read_bytes()
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")  # Excel's "CSV" in much of the world


def delimiter_of(text: str) -> str:
    """Comma, semicolon or tab: the one that the first line has most of outside quotes."""
    first = re.sub(r'"[^"]*"', "", next((line for line in text.splitlines() if line.strip()), ""))
    return max(",;\t", key=first.count)


def _student(file: Path, line: int, row: dict[str, str]) -> Student:
    if "id" not in row:
        raise CourseError(f"{file}, line {line}: this student has no id.")
    if not _ID.fullmatch(row["id"]) or len(row["id"]) > 100:
        raise CourseError(
            f"{file}, line {line}: the id {row['id'][:60]!r} cannot be the name of a folder; use "
            "letters, digits, dash and underscore."
        )
    known_as: dict[str, str] = {
        kind: row[kind] for kind in ("canvas", "login", "sis") if kind in row
    }
    for kind, text in known_as.items():
        if _AS_A_SUM.fullmatch(text):
            raise CourseError(
                f"{file}, line {line}: {text} is not the {kind} number but what a spreadsheet made of it; "
                "make that column text there and put the number in again, without a point."
            )
    rest = {name: row.get(name, "") for name in ("first_name", "last_name", "email")}
    return Student(id=row["id"], known_as=known_as, **rest)


def _unique(file: Path, students: Iterable[Student]) -> None:
    seen: dict[tuple[str, str], str] = {}
    for student in students:
        for kind, value in student.facts().items():
            known_by = (kind, same_letters(value))
            other = seen.setdefault(known_by, student.id) if value else student.id
            if other != student.id:
                raise CourseError(f"{file}: {other} and {student.id} have the same {kind} {value}.")


# ---- finding a student ---------------------------------------------------------------------------


def same_letters(text: str) -> str:
    """An id or a login for comparing: without case, and `ö` is one letter, not o with two dots.

    A Mac takes letters of file names apart.
    """
    return one_form(text.strip()).casefold()


def one_form(text: str) -> str:
    """`ö` as one letter, not as o with two dots."""
    return unicodedata.normalize("NFC", text)


def plain_name(name: str) -> str:
    """Letters and digits alone, without case and accents: `Müller, Jörg` and `müllerjörg` meet.

    Umlauts lose their dots (ü -> u), as in most systems that shorten names.
    """
    decomposed = unicodedata.normalize("NFKD", name.casefold().replace("ß", "ss"))
    return "".join(letter for letter in decomposed if letter.isalnum())


def names_of(student: Student) -> set[str]:
    """The plain forms under which a student's name may appear, first or last name first."""
    first, last = plain_name(student.first_name), plain_name(student.last_name)
    return {first + last, last + first} - {""}
