"""Moodle's offline grading worksheet: its columns are called as the teacher's Moodle speaks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from headcheck.course.directory import CourseError
from headcheck.desk.lms.filled import Entry
from headcheck.desk.lms.sheet import Row, Sheet, as_number

# From Moodle's language packs, in small letters.
_GRADE = {"grade", "bewertung", "calificación", "note", "valutazione", "nota", "cijfer", "ocena",
          "karakter", "betyg", "not", "成绩"}  # fmt: skip
_MOST = {"maximum grade", "bestwertung", "beste bewertung", "calificación máxima", "note maximale",
         "voto massimo", "valutazione massima", "nota máxima", "maximum cijfer"}  # fmt: skip
_SCALE = {"scale", "skala", "escala", "barème", "scala", "schaal"}
_MAY = {"grade can be changed", "bewertung kann geändert werden", "la calificación puede ser cambiada",
        "la note peut être modifiée", "not değiştirilebilir", "允许更改成绩"}  # fmt: skip
_NO = {"no", "nein", "non", "nee", "não", "nie", "hayır", "否"}
_NAME = {"full name", "vollständiger name", "nombre completo", "nom complet", "nome completo",
         "volledige naam", "nombre", "name"}  # fmt: skip
_EMAIL = {"email address", "e-mail-adresse", "dirección de correo", "adresse de courriel", "email",
          "e-mail", "indirizzo email", "e-mailadres"}  # fmt: skip
_SIS = {"id number", "id-nummer", "id-nummer (nutzer)", "número de id", "numéro d'identification",
        "matrikelnummer"}  # fmt: skip
_TEAM = {"group", "gruppe", "grupo", "groupe", "gruppo", "groep", "grupp", "grupa", "skupina",
         "ryhmä", "grup"}  # fmt: skip
_LOGIN = {"username", "anmeldename", "nombre de usuario", "nom d'utilisateur", "gebruikersnaam"}
HINT = (
    "Moodle leaves a row out in silence when its mark is unchanged, over the maximum or locked, or was "
    'given in Moodle after the worksheet was downloaded: tick "Allow updating records that have been '
    'modified more recently in Moodle than in the spreadsheet" when you upload.'
)


@dataclass
class MoodleSheet:
    """The file and what stands where in it."""

    sheet: Sheet
    grade: int
    most: int | None
    may: int | None
    who: dict[int, str]  # column -> kind of fact

    def entries(self) -> list[Entry]:
        """One for each participant."""
        found = []
        for row in self.sheet.rows[1:]:
            number = number_of(row)
            if number is None:
                continue
            who = {kind: row.value(column).strip() for column, kind in self.who.items()}
            who = {kind: text for kind, text in who.items() if text}
            locked = row.value(self.may).strip().casefold() in _NO
            most = as_number(row.value(self.most)) if self.most is not None else None
            closed = "locked in Moodle" if locked else ""
            found.append(Entry(row, who | {"participant": number}, most, closed))
        return found


def moodle_sheet(sheet: Sheet, grade_column: str | None) -> MoodleSheet:
    """Raises `CourseError` when this is no worksheet, or the column of the grades is not known."""
    folded = _folded(sheet)
    if not any(map(number_of, sheet.rows[1:])):
        canvas = folded[0] in ("student", "lastname") and "section" in folded
        like = " (Is it Canvas's gradebook? Then --to canvas.)" if canvas else ""
        raise CourseError(
            "this is no grading worksheet of Moodle: its first column should end in numbers "
            "(Participant 1234567). In Moodle: the assignment, Submissions, Download grading "
            f"worksheet.{like}"
        )
    if grade_column is not None:
        fitting = [n for n, name in enumerate(folded) if name == grade_column.strip().casefold()]
    else:
        fitting = [n for n, name in enumerate(folded) if name in _GRADE]
    if len(fitting) != 1:
        raise CourseError(
            f"which column holds the grades? Name it: --grade-column NAME. There are: {', '.join(_headings(sheet))}"
        )
    if _column(folded, _SCALE) is not None:
        raise CourseError("this assignment is graded by a scale in Moodle, not in points.")
    if fitting[0] == 0:
        raise CourseError("the first column says who it is; the grades are in another one.")
    who = {n: kind for n, kind in identities(sheet).items() if n != fitting[0]}
    return MoodleSheet(sheet, fitting[0], _column(folded, _MOST), _column(folded, _MAY), who)


def number_of(row: Row) -> str | None:
    """The number of the participant: what the first column ends in, in every language."""
    found = re.search(r"(\d+)\s*$", row.value(0))
    return found[1] if found else None


def identities(sheet: Sheet) -> dict[int, str]:
    """The columns that say who somebody is, with the kind of fact."""
    folded = _folded(sheet)
    kinds = ((_NAME, "name"), (_EMAIL, "email"), (_SIS, "sis"), (_LOGIN, "login"))
    return {n: kind for names, kind in kinds if (n := _column(folded, names)) is not None}


def team_columns(sheet: Sheet) -> tuple[bool, list[int]]:
    """The column of the groups, and True; or, in another language, all that it can be."""
    folded = _folded(sheet)
    if (column := _column(folded, _TEAM)) is not None:
        return True, [column]
    known = {0, *identities(sheet)}
    return False, [n for n in range(len(folded)) if n not in known]


def _headings(sheet: Sheet) -> list[str]:
    return [cell.value.strip().lstrip("\ufeff") for cell in sheet.rows[0].cells]


def _folded(sheet: Sheet) -> list[str]:
    return [name.casefold() for name in _headings(sheet)]


def _column(names: Sequence[str], wanted: set[str]) -> int | None:
    return next((n for n, name in enumerate(names) if n and name in wanted), None)
