"""`headcheck similarity`: who should be looked at side by side. A hint, never a verdict.

Compared is what students wrote into code cells of graded notebooks, lesson by lesson. The pages and
the report say what was found; what it means, a person finds out by asking.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from headcheck.course.counted import counted
from headcheck.course.directory import Course, CourseError, Lesson
from headcheck.course.files import write_whole
from headcheck.desk.lms.one_file import one_file
from headcheck.desk.outbox import write_filled
from headcheck.desk.page import page, write_page
from headcheck.desk.similarity import LEAST, Pair, compare
from headcheck.desk.spreadsheet import as_csv
from headcheck.desk.visible import line

PAGE, STORED = "similarity.html", "similarity.json"
MOST_CODE = 100_000  # characters of one student's code that are compared
MOST_SHOWN = 40  # pairs of a lesson side by side on the page
MOST_TOLD = 20  # on the terminal
AROUND = 2  # lines shown around those that are alike


class Hint(BaseModel):
    """Two students of a lesson, and what they share."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    assignment: str
    a: str
    b: str
    shared: int
    share: float


class Hints(BaseModel):
    """What the last `headcheck similarity` found, for the report."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    made: datetime
    compared: dict[str, int]  # lesson -> how many submissions
    pairs: list[Hint]
    groups: dict[str, list[list[str]]]
    many: dict[str, list[list[str]]]


@dataclass(frozen=True)
class Row:
    """Lines of two submissions beside each other: number, text, whether it is alike. None: a gap."""

    number: int | None
    text: str = ""
    alike: bool = False


@dataclass(frozen=True)
class SideBySide:
    """One pair on the page."""

    hint: Hint
    a: Sequence[Row]
    b: Sequence[Row]


def similarity_command(
    course: Course, assignments: Sequence[str], csv_file: Path | None, least: int = LEAST
) -> int:
    """Compare, write the page, show the first pairs; the exit code.

    Raises `CourseError` when nothing is graded.
    """
    found: list[Hint] = []
    shown: dict[str, list[SideBySide]] = {}
    compared, linked, many = {}, {}, {}
    for lesson in course.select(assignments):
        code = _once_for_a_group(course, lesson, dict(own_code(course, lesson)))
        if not code:
            continue
        alike = compare(code, _given(lesson), least=least)
        pairs = alike.pairs
        compared[lesson.name] = len(code)
        linked[lesson.name], many[lesson.name] = alike.groups, alike.many
        mine = [_hint(lesson.name, pair) for pair in pairs]
        found += mine
        shown[lesson.name] = [
            SideBySide(h, _rows(code[p.a], p.lines_a), _rows(code[p.b], p.lines_b))
            for h, p in zip(mine[:MOST_SHOWN], pairs[:MOST_SHOWN], strict=True)
        ]
    if not compared:
        raise CourseError("no graded notebook to compare; run `headcheck grade` first.")
    hints = Hints(made=datetime.now(UTC), compared=compared, pairs=found, groups=linked, many=many)
    table = _csv(found)
    text = page("similarity.html.j2", title="Similarity", hints=hints, shown=shown, csv=table)
    write_page(course, course.root / PAGE, text)
    # Of some lessons only: what is known of the others stays.
    write_whole(
        course.private / STORED, _joined(last_hints(course), hints).model_dump_json().encode()
    )
    if csv_file is not None:
        data = table.encode("utf-8-sig")
        write_filled(course, csv_file.absolute(), data, named=True, strict=False)
    _tell(hints)
    if csv_file is not None:
        print(f"as CSV: {csv_file}")
    print(f"side by side: {course.root / PAGE}")
    return 0


def last_hints(course: Course) -> Hints | None:
    """What was found last; None when nobody has looked yet."""
    try:
        return Hints.model_validate_json((course.private / STORED).read_bytes())
    except (OSError, ValidationError):
        return None


def own_code(course: Course, lesson: Lesson) -> Iterator[tuple[str, str]]:
    """(student, what they wrote into code cells) of every graded notebook of a lesson."""
    given = {_plain(source) for _, source in _code_cells(_read(lesson.release))}
    for path in sorted(
        course.step_folder("autograded").glob(f"*/{lesson.name}/{lesson.name}.ipynb")
    ):
        cells = [
            source
            for locked, source in _code_cells(_read(path))
            if not locked and _plain(source) not in given
        ]
        yield path.parts[-3], "\n\n".join(cells)[:MOST_CODE]


def _once_for_a_group(course: Course, lesson: Lesson, code: Mapping[str, str]) -> dict[str, str]:
    """Who handed in one file together shares all of it, which is no hint: they are one, by all names."""
    files = one_file(course, lesson.name)
    who: dict[object, list[str]] = {}
    for student, text in code.items():
        who.setdefault((files.get(student, student), text), []).append(student)
    return {", ".join(students): code[students[0]] for students in who.values()}


def _given(lesson: Lesson) -> str:
    return "\n\n".join(source for _, source in _code_cells(_read(lesson.release)))


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}


def _code_cells(raw: Any) -> Iterator[tuple[bool, str]]:
    """(whether it is the instructor's, source) of each code cell."""
    cells = raw.get("cells") if isinstance(raw, dict) else None
    for cell in cells if isinstance(cells, list) else ():
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            source = cell.get("source", "")
            text = "".join(source) if isinstance(source, list) else str(source)
            meta = cell.get("metadata", {}).get("nbgrader", {})
            yield bool(meta.get("grade_id")) and not meta.get("solution"), text


def _plain(source: str) -> str:
    return "\n".join(text.rstrip() for text in source.strip().splitlines())


def _hint(assignment: str, pair: Pair) -> Hint:
    return Hint(assignment=assignment, a=pair.a, b=pair.b, shared=pair.shared, share=pair.share)


def _rows(code: str, alike: frozenset[int]) -> list[Row]:
    """The lines that are alike, with a few around them; what lies between is a gap."""
    lines = code.splitlines()
    near = {n + step for n in alike for step in range(-AROUND, AROUND + 1)}
    rows: list[Row] = []
    for number in sorted(n for n in near if 1 <= n <= len(lines)):
        if rows and rows[-1].number != number - 1:
            rows.append(Row(None))
        rows.append(Row(number, lines[number - 1][:300], number in alike))
    return rows


def _joined(before: Hints | None, now: Hints) -> Hints:
    if before is None:
        return now
    return Hints(
        made=now.made,
        compared=before.compared | now.compared,
        pairs=[one for one in before.pairs if one.assignment not in now.compared] + now.pairs,
        groups=before.groups | now.groups,
        many=before.many | now.many,
    )


def _csv(found: Iterable[Hint]) -> str:
    headings = ["assignment", "a", "b", "shared_fingerprints", "share_of_the_smaller"]
    return as_csv(
        headings, ([one.assignment, one.a, one.b, one.shared, one.share] for one in found)
    )


def _tell(hints: Hints) -> None:
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=max(console.width, 140))
    table = Table("lesson", "a", "b", title="To look at side by side", title_justify="left")
    table.add_column("shared", justify="right")
    table.add_column("of the smaller", justify="right")
    by_size = sorted(hints.pairs, key=lambda one: -one.shared)
    for one in by_size[:MOST_TOLD]:
        cells = (escape(line(text)) for text in (one.assignment, one.a, one.b))
        table.add_row(*cells, str(one.shared), f"{one.share:.0%}")
    said: Mapping[str, int] = hints.compared
    print(f"Compared: {', '.join(f'{count} of {name}' for name, count in said.items())}.")
    if by_size:
        console.print(table)
    if len(by_size) > MOST_TOLD:
        print(f"... and {len(by_size) - MOST_TOLD} more, all on the page.")
    print(
        f"{counted(len(by_size), 'pair shares', 'pairs share')} more than the lesson explains. That is a "
        "reason to look, and no more."
        if by_size
        else "Nobody shares more than the lesson explains."
    )
