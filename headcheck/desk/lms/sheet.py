"""A table that an LMS exported, changed cell by cell: every other byte stays as it came.

Mark at the start, separator, quotes, line ends, order and empty lines are the LMS's; it has to
recognise its own file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from itertools import product
from pathlib import Path

from headcheck.course.directory import CourseError
from headcheck.course.roster import (
    ROSTER,
    Student,
    delimiter_of,
    only_text,
    same_letters,
)
from headcheck.course.spoilt import is_spoilt_mark, spoilt_in

_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_AGAIN = (
    "Export it from the LMS again, as CSV, and give that file before a spreadsheet has saved it."
)
_NUMBER = re.compile(r"\s*-?\d+(?:[.,]\d+)*\s*")


@dataclass
class Cell:
    """`raw` is what stands in the file, quotes included."""

    raw: str
    value: str


@dataclass
class Row:
    cells: list[Cell]
    end: str  # of the line

    def value(self, column: int | None) -> str:
        """The text of a cell; empty where the row is shorter."""
        return self.cells[column].value if column is not None and column < len(self.cells) else ""


@dataclass
class Sheet:
    """The whole file. `decimal`: the sign that its own numbers use."""

    mark: bytes
    encoding: str
    delimiter: str
    rows: list[Row]

    def to_bytes(self) -> bytes:
        lines = (self.delimiter.join(cell.raw for cell in row.cells) + row.end for row in self.rows)
        return self.mark + "".join(lines).encode(self.encoding)

    def decimal(self, columns: list[int]) -> str:
        """Comma when the numbers of these columns have commas, else point."""
        for row in self.rows:
            for column in columns:
                found = re.fullmatch(r"\s*-?[\d.,]*([.,])\d{1,2}\s*", row.value(column))
                if found and is_number(row.value(column)):
                    return found[1]
        return "."

    def put(self, row: Row, column: int, text: str) -> None:
        """Write one cell, in quotes if it was or has to be."""
        while len(row.cells) <= column:
            row.cells.append(Cell("", ""))
        quoted = row.cells[column].raw.startswith('"') or self.delimiter in text
        row.cells[column] = Cell(f'"{text}"' if quoted else text, text)


def read_sheet(path: Path) -> Sheet:
    """A table as an LMS or a spreadsheet wrote it. Raises `CourseError` when it is none."""
    data = path.read_bytes()
    mark, encoding = next(((m, e) for m, e in _MARKS if data.startswith(m)), (b"", "utf-8"))
    body = data[len(mark) :]
    if encoding == "utf-8" or body[:2] == b"\0\0":
        only_text(path, data, _AGAIN)
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError:
        encoding = "latin-1"  # every byte is a sign there, so every byte can go back
        text = body.decode(encoding)
    delimiter = delimiter_of(text)
    rows = list(_rows(text, delimiter, path))
    if not any(cell.value.strip() for row in rows for cell in row.cells):
        raise CourseError(f"{path} is empty. {_AGAIN}")
    _as_many_as_headings(rows, path)
    _not_cut_off(rows, path)
    return Sheet(mark, encoding, delimiter, rows)


def _rows(text: str, delimiter: str, path: Path) -> Iterator[Row]:
    plain = re.compile(rf"[^{re.escape(delimiter)}\r\n]*")
    at, cells = 0, list[Cell]()
    while at < len(text):
        start, value = at, ""
        if text[at] == '"':
            close = _closing(text, at, path)
            value, at = text[at + 1 : close].replace('""', '"'), close + 1
        rest = plain.match(text, at)
        assert rest is not None
        at = rest.end()
        cells.append(Cell(text[start:at], value + rest[0]))
        if text.startswith(delimiter, at):
            at += 1
            if at < len(text):
                continue
            cells.append(Cell("", ""))
        end = "\r\n" if text.startswith("\r\n", at) else text[at : at + 1]
        at += len(end)
        yield Row(cells, end)
        cells = []


def _as_many_as_headings(rows: list[Row], path: Path) -> None:
    """Raises `CourseError` for a row that has slipped to the right: a mark would miss its column."""
    if rows[0].value(0).lower().startswith("sep="):
        raise CourseError(f"{path}, line 1: it begins with `sep=`, which no LMS writes. {_AGAIN}")
    line, most = 1, len(rows[0].cells)
    for row in rows:
        if any(cell.value.strip() for cell in row.cells[most:]):
            raise CourseError(
                f"{path}, line {line}: there are more fields than headings, {len(row.cells)} and {most}, so "
                f"no column is sure. {_AGAIN}"
            )
        line += sum(cell.raw.count("\n") for cell in row.cells) + 1


def _not_cut_off(rows: list[Row], path: Path) -> None:
    """Raises `CourseError` for a last row that ends before the others do."""
    held = [row for row in rows if any(cell.value for cell in row.cells)]
    *before, last = held
    short, most = len(last.cells), len(rows[0].cells)
    if short < most and (not last.end or all(len(row.cells) >= most for row in before)):
        raise CourseError(
            f"{path}, row {len(held)}: the last one has {short} fields and the headings are {most}, so the "
            f"file was cut off there. {_AGAIN}"
        )


def spoilt_by_a_spreadsheet(
    sheet: Sheet, columns: Iterable[int], path: Path, students: Iterable[Student]
) -> None:
    """Raises `CourseError` for an id or a login that a spreadsheet has rounded or made a date of.

    The LMS reads it again, perhaps as somebody else's. What students.csv has is no such thing.
    """
    ours = {same_letters(text) for one in students for text in one.facts().values()}
    for column in columns:
        for place in spoilt_in([row.value(column) for row in sheet.rows]):
            text = sheet.rows[place].value(column).strip()
            if same_letters(text) not in ours:
                heading = sheet.rows[0].value(column).strip()
                raise CourseError(
                    f"{path}, row {place + 1}: {heading} {text} is not what the LMS wrote but what a "
                    f"spreadsheet made of it, so the file is not used. {_AGAIN} (If it really is that, "
                    f'{ROSTER} has to name its student, as ="{text}".)'
                )


def marks_spoilt_by_a_spreadsheet(
    sheet: Sheet, rows: Iterable[Row], columns: Iterable[int], path: Path
) -> None:
    """Raises `CourseError` for a mark, or a maximum, that a spreadsheet has made a date of.

    Marks are asked about once ours are filled in: what is left as it is goes back to the LMS.
    """
    numbers = {id(row): number for number, row in enumerate(sheet.rows, start=1)}
    for row, column in product(rows, columns):
        if is_spoilt_mark(text := row.value(column).strip()):
            heading = sheet.rows[0].value(column).strip()
            raise CourseError(
                f"{path}, row {numbers[id(row)]}: {heading} {text} is no number of the LMS but what a "
                f"spreadsheet made of one, so the file is not used. {_AGAIN}"
            )


def _closing(text: str, at: int, path: Path) -> int:
    close = at
    while True:
        close = text.find('"', close + 1)
        if close < 0:
            line = text.count("\n", 0, at) + 1
            raise CourseError(f"{path}, line {line}: a quote is opened and never closed.")
        if text.startswith('""', close):
            close += 1
        else:
            return close


# ---- numbers -------------------------------------------------------------------------------------


def is_number(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None


def as_number(text: str) -> Decimal | None:
    """The last point or comma is the decimal sign, as Canvas reads it; None for no number."""
    if not is_number(text):
        return None
    whole, sign, part = text.strip().replace(",", ".").rpartition(".")
    return Decimal(f"{whole.replace('.', '')}.{part}" if sign else part)


def rounded(value: float) -> Decimal:
    """To the two decimals that LMSs compare by; halves go up."""
    return Decimal(repr(value)).quantize(Decimal("0.01"), ROUND_HALF_UP)


def written(value: Decimal, decimal: str) -> str:
    """17.5, 16: no needless zeros, no sign for thousands."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return text.replace(".", decimal)
