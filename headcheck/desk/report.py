"""The class report: one HTML file that needs nothing else, for the people who teach."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from headcheck.course.dates import DATES, read_dates
from headcheck.course.directory import Course, CourseError
from headcheck.course.files import digest
from headcheck.course.not_ours import NOT_OURS, not_ours
from headcheck.course.roster import ROSTER, read_roster
from headcheck.desk.hints import last_hints
from headcheck.desk.histogram import Histogram
from headcheck.desk.numbers import Check, Mistake, Spread, checks_of, mistakes, spread
from headcheck.desk.outbox import write_filled
from headcheck.desk.page import SIGNS, page, write_page
from headcheck.desk.results import (
    Material,
    Result,
    Standings,
    by_assignment,
    late,
    leaderboards,
    results_of,
)
from headcheck.desk.tables import HEADINGS, empty_table, tables
from headcheck.desk.todo import Todo, todo
from headcheck.grading.gradebook import ClassGradebook
from headcheck.grading.overridden import Overridden, overridden
from headcheck.grading.record import Record, all_records, record_files


@dataclass(frozen=True)
class LessonPart:
    """One lesson of the report."""

    name: str
    spread: Spread | None
    histogram: Histogram | None
    checks: Sequence[Check]
    rows: Sequence[Result]  # of the heat map, the best first


def render(material: Material, made_from: str = "") -> str:
    """The report as HTML, which needs nothing else."""
    records = material.records
    results = {(r.record.student, r.record.assignment): r for r in results_of(material)}
    by_student: dict[str, list[Result]] = {}
    for result in results.values():
        by_student.setdefault(result.record.student, []).append(result)
    lessons = [_lesson(name, mine) for name, mine in by_assignment(results.values()).items()]
    unreadable = [record for record in records if record.unreadable]
    first = {record.student for record in unreadable}
    people = {one.id: one for one in material.roster}
    everybody = by_student.keys() | people.keys()
    return page(
        "report.html.j2",
        script="report.js.j2",
        title=material.title,
        made_from=made_from,
        hints=material.hints,
        lessons=lessons,
        assignments=[lesson.name for lesson in lessons],
        students=sorted(everybody, key=lambda one: (one not in first, one)),
        names={one: people[one].name if one in people else "" for one in everybody},
        addresses={one.id: one.email for one in material.roster if one.email},
        nothing=sorted(everybody - by_student.keys()),
        waiting=material.waiting,
        unreadable=unreadable,
        graded=[result for result in results.values() if not result.record.unreadable],
        results=results,
        by_student=by_student,
        mistakes=_by_lesson(mistakes(records)),
        late=late(material),
        by_hand=material.by_hand,
        boards=leaderboards(records),
        engines=sorted({record.engine for record in records}),
        to_read=sum(
            material.standings[key].to_read
            for key, result in results.items()
            if key in material.standings and not result.record.unreadable
        ),
        faults=[r for r in records if r.outcome == "grader-error"],
        tables=tables(material),
        signs=SIGNS,
        notebook=lambda r: "/".join(
            [material.graded_in, *map(quote, (r.student, r.assignment, f"{r.assignment}.ipynb"))]
        ),
    )


def _by_lesson(found: Iterable[Mistake]) -> dict[str, list[Mistake]]:
    lessons: dict[str, list[Mistake]] = {}
    for mistake in found:
        lessons.setdefault(mistake.assignment, []).append(mistake)
    return lessons


def _lesson(name: str, results: Sequence[Result]) -> LessonPart:
    records = [result.record for result in results]
    marks = spread(records)
    return LessonPart(
        name=name,
        spread=marks,
        histogram=Histogram.of(marks) if marks else None,
        checks=checks_of(records),
        rows=sorted(
            (result for result in results if not result.record.unreadable),
            key=lambda result: (-result.share, result.record.student),
        ),
    )


# ---- the page ------------------------------------------------------------------------------------


def write_report(
    course: Course,
    standings: Standings | None = None,
    waiting: Sequence[Todo] | None = None,
    by_hand: Sequence[Overridden] | None = None,
    records: Iterable[Record] = (),
) -> Path:
    """Write `report.html` into the course directory; where it is. Left alone when nothing changed.

    `standings` of all assignments, what waits (`todo`), where a person's mark counts (`overridden`),
    some or all of the records, when the caller has read them already.
    """
    known = _from_gradebook(course, standings, waiting, by_hand)
    path = course.root / "report.html"
    made_from = _made_from(course, *known)
    if not _says(path, made_from):
        write_page(course, path, render(_material(course, *known, records), made_from))
    return path


def write_tables(course: Course, folder: Path) -> list[Path]:
    """Write the CSV files behind the report into a folder; where they are.

    One that an earlier report wrote and that would be empty now is left with its headings alone: a
    script that reads the folder would take the old rows for today's.
    """
    made = tables(_material(course, *_from_gradebook(course)))
    for name in HEADINGS:
        if name not in made and (folder / name).is_file():
            made[name] = empty_table(name)
    for name, text in made.items():
        data = text.encode("utf-8-sig")
        write_filled(course, (folder / name).absolute(), data, named=True, strict=False)
    return [folder / name for name in made]


_LEADERBOARD = re.compile(r"print\(f?[\"']leaderboard\b")  # in a check: docs/authoring.md
_Known = tuple[Standings, Sequence[Todo], Sequence[Overridden]]


def _from_gradebook(
    course: Course,
    standings: Standings | None = None,
    waiting: Sequence[Todo] | None = None,
    by_hand: Sequence[Overridden] | None = None,
) -> _Known:
    if standings is not None and waiting is not None and by_hand is not None:
        return standings, waiting, by_hand
    with closing(ClassGradebook(course)) as gradebook:
        if standings is None:
            gradebook.settle(read_dates(course.root), keep=False)  # a report only reads
            standings = gradebook.standings()
        return (
            standings,
            todo(course, gradebook, standings) if waiting is None else waiting,
            overridden(gradebook) if by_hand is None else by_hand,
        )


def _material(
    course: Course,
    standings: Standings,
    waiting: Sequence[Todo],
    by_hand: Sequence[Overridden],
    records: Iterable[Record] = (),
) -> Material:
    return Material(
        title=_title(course),
        records=_current(course, standings, records),
        standings=standings,
        roster=not_ours(course.root).class_without(read_roster(course.root)),
        dates=read_dates(course.root),
        waiting=waiting,
        by_hand=[one for one in by_hand if one.changes],
        graded_in=_graded_in(course),
        hints=last_hints(course),
    )


def _graded_in(course: Course) -> str:
    """Where the graded notebooks are, as a link from the report."""
    folder = course.step_folder("autograded")
    if folder.is_relative_to(course.root):
        return quote(folder.relative_to(course.root).as_posix())
    return folder.as_uri()


def _made_from(
    course: Course,
    standings: Standings,
    waiting: Sequence[Todo],
    by_hand: Sequence[Overridden],
) -> str:
    """Changes with all that the report shows, and with the code that makes it."""
    code = sorted(p for p in Path(__file__).parent.rglob("*") if p.suffix in (".py", ".j2"))
    written = (course.root / name for name in (ROSTER, DATES, NOT_OURS))
    return digest(
        [
            _title(course),
            *(path.read_bytes() for path in code),
            *(path.read_bytes() if path.exists() else b"" for path in written),
            *(repr(item) for item in sorted(standings.items())),
            *map(repr, waiting),
            *map(repr, by_hand),
            *record_files(course),
            repr(last_hints(course)),
        ]
    )


def _says(path: Path, made_from: str) -> bool:
    """Whether the report that is there was made from this."""
    try:
        with path.open("rb") as file:
            return f'name="made-from" content="{made_from}"'.encode() in file.read(1000)
    except OSError:
        return False


def write_class_board(course: Course, path: Path) -> None:
    """Write the leaderboards alone, without names, for showing them to the class."""
    with closing(ClassGradebook(course)) as gradebook:
        boards = leaderboards(_current(course, gradebook.standings()))
    if not boards:
        with_one = [one.name for one in course.lessons() if _LEADERBOARD.search(one.read_text())]
        raise CourseError(
            f"no graded submission has an entry for a leaderboard; grade {' or '.join(with_one)} first."
            if with_one
            else "no lesson of this course has a leaderboard; a check makes one by a line that it prints, "
            "`leaderboard {...}` (docs/authoring.md)."
        )
    text = page("class_board.html.j2", title=_title(course), boards=boards)
    write_page(course, path, text, named=True)


def _current(course: Course, standings: Standings, known: Iterable[Record] = ()) -> list[Record]:
    """What was graded. A record whose submission was removed from the gradebook is history.

    `known`: those that were read a moment ago.
    """
    records = [r for r in all_records(course, known) if (r.student, r.assignment) in standings]
    if not records:
        raise CourseError("nothing is graded yet, so there is no report; run `headcheck grade`.")
    return records


def _title(course: Course) -> str:
    return str(course.config.CourseDirectory.get("course_id", "") or course.root.name)
