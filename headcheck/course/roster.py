"""`students.csv`: who is in the class, and by which names and numbers an LMS knows them.

Read as spreadsheets write it: with or without a byte order mark, commas, semicolons or tabs, headings
in any case and order, also those of an LMS's own export.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from headcheck.course.directory import CourseError
from headcheck.course.misnamed import not_misnamed
from headcheck.course.spoilt import spoilt_in

ROSTER = "students.csv"
EXAMPLE = "id,first_name,last_name,email,canvas_id,login\nada,Ada,Lovelace,ada@example.org,4711,ada"
# Heading -> field, compared without case, blanks, dashes and underscores.
_HEADINGS = {
    "id": ("id", "studentid", "student"),
    "first_name": ("firstname", "givenname", "vorname", "prénom", "prenom", "nombre", "nombres"),
    "last_name": (
        "lastname",
        "surname",
        "familyname",
        "nachname",
        "nom",
        "nomdefamille",
        "apellido",
        "apellidos",
    ),
    "email": ("email", "emailaddress", "mail", "emailadresse", "courriel", "correo"),
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
# As the columns of `EXAMPLE` are called; a participant's number has none there.
_COLUMN = {"participant": "participant's number", "canvas": "canvas_id", "sis": "sis_id"}
_JOINERS = "[\u200c\u200d]"  # invisible, but words of some languages need them
_KEPT_AS_TEXT = re.compile(r'="(.*)"')
_FIRST_SAYS = re.compile(r"sep=(.)\s*", re.IGNORECASE)


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
        not_misnamed(file)
        return []
    rows = list(_rows(file))
    _not_spoilt(file, rows)
    students = [(line, _student(file, line, row)) for line, row in rows]
    _unique(file, students)
    return [student for _, student in students]


def _rows(file: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """The cells of each line by their field, as they stand there."""
    headings: list[str | None] = []
    for line, row in _cells(file):
        cells = [cell.strip() for cell in row]
        if not any(map(_as_put_in, cells)):
            continue
        if not headings:
            cells = [*map(_as_put_in, cells)]
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
        if len(cells) < len(headings) and (other := re.search(r"[,;\t]", cells[0])):
            raise CourseError(
                f"{file}, line {line}: its fields are not separated as those of the first line; there is "
                f"a {other[0]!r} in {cells[0][:60]!r}. Write it like the other lines."
            )
        yield (
            line,
            {
                name: cell
                for name, cell in zip(headings, cells, strict=False)
                if name and _as_put_in(cell)
            },
        )


def _cells(file: Path) -> Iterator[tuple[int, list[str]]]:
    """Each row with the number of its last line, whatever ends the lines."""
    text = read_table(file)
    says = _FIRST_SAYS.fullmatch(text.split("\n", 1)[0])
    rows = io.StringIO(text, newline=None)
    reader = csv.reader(rows, delimiter=says[1] if says else delimiter_of(text), strict=True)
    begins = 1  # line of the row that is read now
    try:
        for row in reader:
            if not (says and reader.line_num == 1):
                yield reader.line_num, row
            begins = reader.line_num + 1
    except csv.Error as error:
        why = {
            "unexpected end of data": "a quote is opened and never closed",
            f"'{reader.dialect.delimiter}' expected after '\"'": "a quote is opened there and not closed where "
            "its field ends; take that quote out, or write it twice and the whole field in quotes",
        }.get(str(error), str(error))
        raise CourseError(f"{file}, line {begins}: {why}.") from None


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
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") and data[2:4] != b"\0\0":
        return data.decode("utf-16", errors="replace")
    only_text(file, data, "Save it as CSV UTF-8.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")  # Excel's "CSV" in much of the world


def only_text(file: Path, data: bytes, remedy: str) -> None:
    """Raises `CourseError` for bytes that are no table in an alphabet whose letters can be told."""
    if data.startswith(b"PK\x03\x04"):
        raise CourseError(f"{file} is an Excel workbook or a zip, not a CSV file. {remedy}")
    at = data.find(b"\0")
    if at >= 0:
        line = data.count(b"\n", 0, at) + 1
        raise CourseError(
            f"{file}, line {line}: there are zero bytes, so it is no CSV file, or one in an alphabet that "
            f"it does not name (UTF-16 without its mark, or UTF-32). {remedy}"
        )


def called(kind: str) -> str:
    """A kind of fact in words: the column of students.csv that has it."""
    return _COLUMN.get(kind, kind)


def _not_spoilt(file: Path, rows: Sequence[tuple[int, Mapping[str, str]]]) -> None:
    """Raises `CourseError` unless everybody is named as the LMS does it."""
    for kind in ("id", "canvas", "login", "sis"):
        for place in spoilt_in([row.get(kind, "") for _, row in rows]):
            line, text = rows[place][0], rows[place][1][kind]
            raise CourseError(
                f"{file}, line {line}: the {called(kind)} {text} is not what was put in but what a "
                "spreadsheet made of it; make that column text there and put it in again. (If it really "
                f'is that, write ="{text}".)'
            )


def _as_put_in(cell: str) -> str:
    """Without what keeps zeros in a spreadsheet: `="00123"`."""
    found = _KEPT_AS_TEXT.fullmatch(cell)
    return found[1] if found else cell


def delimiter_of(text: str) -> str:
    """Comma, semicolon or tab: the one that the first line has most of outside quotes."""
    first = re.sub(r'"[^"]*"', "", next((line for line in text.splitlines() if line.strip()), ""))
    return max(",;\t", key=first.count)


def _student(file: Path, line: int, row: dict[str, str]) -> Student:
    if "id" not in row:
        raise CourseError(f"{file}, line {line}: this student has no id.")
    row = {name: _as_put_in(cell) for name, cell in row.items()}
    shown = re.sub(_JOINERS, "", row["id"]).isprintable()
    if not _ID.fullmatch(row["id"]) or not shown or len(row["id"]) > 100:
        raise CourseError(
            f"{file}, line {line}: the id {row['id'][:60]!r} cannot be the name of a folder; use "
            "letters, digits, dash and underscore."
        )
    known_as: dict[str, str] = {
        kind: row[kind] for kind in ("canvas", "login", "sis") if kind in row
    }
    rest = {name: row.get(name, "") for name in ("first_name", "last_name", "email")}
    return Student(id=row["id"], known_as=known_as, **rest)


def _unique(file: Path, students: Iterable[tuple[int, Student]]) -> None:
    seen: dict[tuple[str, str], tuple[int, str]] = {}
    for line, student in students:
        for kind, value in student.facts().items():
            if not value:
                continue
            first, other = seen.setdefault((kind, same_letters(value)), (line, student.id))
            if first == line:
                continue
            where = f"{file}, lines {first} and {line}:"
            if other == student.id:
                raise CourseError(
                    f"{where} there are two students {other!r}; leave one of the lines."
                )
            if kind == "id":
                raise CourseError(
                    f"{where} {other} and {student.id} are one name where capitals do not count (as in a "
                    "Windows or Mac folder); leave one of the lines, or change one of the ids."
                )
            raise CourseError(
                f"{where} {other} and {student.id} have the same {called(kind)} {value}; put the "
                "right one in, or leave one of the lines."
            )


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
