"""The class report: one HTML file that needs nothing else, for the people who teach."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from nbconvert.filters import strip_ansi

from headcheck.course.directory import Course, CourseError
from headcheck.course.files import digest, write_whole
from headcheck.desk.leaderboard import Candidate, Leaderboard, entry_of, leaderboard
from headcheck.desk.visible import lines
from headcheck.grading.gradebook import ClassGradebook, Standing
from headcheck.grading.record import Record, all_records, record_files
from headcheck.grading.work import CellResult, Outcome

Standings = Mapping[tuple[str, str], Standing]  # (student, assignment) -> standing


@dataclass(frozen=True)
class Question:
    """How a class did in one check."""

    grade_id: str
    points: float
    graded: int
    lost: int  # how many did not get all points
    mean: float  # share of the points that were earned
    outcomes: Sequence[tuple[Outcome, int]]  # most frequent first
    frequent: str  # the message seen most often
    seen: int  # how often


@dataclass(frozen=True)
class Result:
    """One submission as the report shows it."""

    record: Record
    standing: Standing | None

    @property
    def share(self) -> float:
        return self.record.score / self.record.max_score if self.record.max_score else 1.0

    @property
    def late(self) -> str:
        """'2 days', '3 hours', '' when in time."""
        seconds = self.standing.seconds_late if self.standing else 0
        return in_words(timedelta(seconds=seconds)) if seconds > 0 else ""


def in_words(span: timedelta) -> str:
    """A duration in its largest unit."""
    seconds = int(span.total_seconds())
    for size, unit in ((86_400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            number = seconds // size
            return f"{number} {unit}{'s' if number > 1 else ''}"
    return "under a minute"


def first_line(message: str) -> str:
    lines = strip_ansi(message).strip().splitlines()
    return lines[0].lstrip("✗○ ").strip() if lines else ""


def questions(records: Sequence[Record]) -> list[Question]:
    """One entry per check of an assignment, in the lesson's order; of what could be graded."""
    cells: dict[str, list[CellResult]] = {}
    for record in records:
        if record.unreadable:
            continue
        for cell in record.cells:
            cells.setdefault(cell.grade_id, []).append(cell)
    return [_question(grade_id, results) for grade_id, results in cells.items()]


def _question(grade_id: str, results: list[CellResult]) -> Question:
    lost = [cell for cell in results if cell.score < cell.max_score]
    messages = Counter(first_line(cell.message) for cell in lost if cell.message)
    frequent, seen = messages.most_common(1)[0] if messages else ("", 0)
    most = sum(cell.max_score for cell in results)
    return Question(
        grade_id=grade_id,
        points=max(cell.max_score for cell in results),
        graded=len(results),
        lost=len(lost),
        mean=sum(cell.score for cell in results) / most if most else 1.0,
        outcomes=Counter(cell.outcome for cell in results).most_common(),
        frequent=frequent,
        seen=seen,
    )


def leaderboards(records: Sequence[Record]) -> dict[str, Leaderboard]:
    """assignment -> its leaderboard, of those that have one."""
    boards = {}
    for assignment in sorted({record.assignment for record in records}):
        mine = [record for record in records if record.assignment == assignment]
        board = leaderboard(c for record in mine if (c := _candidate(record)) is not None)
        if board is not None:
            boards[assignment] = board
    return boards


def _candidate(record: Record) -> Candidate | None:
    entries = [e for cell in record.cells if (e := entry_of(cell.published)) is not None]
    if not entries:
        return None
    lost = [cell.grade_id for cell in record.lost()]
    remarks = [f"lost points in {', '.join(lost)}"] if lost else []
    if entries[-1].not_ranked is not None:
        remarks.append(f"not ranked: {entries[-1].not_ranked}")
    if record.engine == "nbgrader":
        # Answers share the kernel there: they can change what the check prints.
        remarks.append("not isolated")
    return Candidate(
        record.student,
        entries[-1],
        ranked=not lost and entries[-1].not_ranked is None,
        remarks=tuple(remarks),
    )


def number(value: float) -> str:
    """12, 12.5, 0.33."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def render(title: str, records: Sequence[Record], standings: Standings, made_from: str = "") -> str:
    """The report as HTML. `standings`: (student, assignment) -> what the gradebook says."""
    results = {
        (r.student, r.assignment): Result(r, standings.get((r.student, r.assignment)))
        for r in records
    }
    by_student: dict[str, list[Result]] = {}
    for result in results.values():
        by_student.setdefault(result.record.student, []).append(result)
    assignments = sorted({record.assignment for record in records})
    unreadable = [record for record in records if record.unreadable]
    first = {record.student for record in unreadable}
    return _page(
        "report.html.j2",
        title=title,
        made_from=made_from,
        assignments=assignments,
        students=sorted({r.student for r in records}, key=lambda one: (one not in first, one)),
        unreadable=unreadable,
        graded=[result for result in results.values() if not result.record.unreadable],
        results=results,
        by_student=by_student,
        statistics={a: questions([r for r in records if r.assignment == a]) for a in assignments},
        boards=leaderboards(records),
        engines=sorted({record.engine for record in records}),
        to_read=sum(
            standings[key].to_read
            for key, result in results.items()
            if key in standings and not result.record.unreadable
        ),
        faults=[r for r in records if r.outcome == "grader-error"],
    )


def _page(template: str, **names: object) -> str:
    environment = Environment(
        loader=PackageLoader("headcheck.desk"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    environment.filters |= {
        "number": number,
        "plain": lambda text: strip_ansi(text).strip(),
        "percent": lambda share: f"{share:.1%}".replace("%", " %"),
        "thousands": lambda count: f"{count:,}",
    }
    return environment.get_template(template).render(made=datetime.now(UTC), **names)


def _shown(value: object) -> object:
    """Whatever a page says of students' names and texts; markup of ours is left alone."""
    return lines(value) if type(value) is str else value


def write_report(course: Course, standings: Standings | None = None) -> Path:
    """Write `report.html` into the course directory; where it is.

    `standings` of all assignments, when the caller has read them already.
    """
    if standings is None:
        with closing(ClassGradebook(course)) as gradebook:
            standings = gradebook.standings()
    path = course.root / "report.html"
    made_from = _made_from(course, standings)
    if not _says(path, made_from):
        records = _current(course, standings)
        write_whole(path, render(_title(course), records, standings, made_from).encode())
    return path


def _made_from(course: Course, standings: Standings) -> str:
    """Changes with all that the report shows, and with the code that makes it."""
    code = sorted(p for p in Path(__file__).parent.rglob("*") if p.suffix in (".py", ".j2"))
    return digest(
        [
            _title(course),
            *(path.read_bytes() for path in code),
            *(repr(item) for item in sorted(standings.items())),
            *record_files(course),
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
        raise CourseError(
            "no graded submission has an entry for a leaderboard; grade 09-capstone first."
        )
    write_whole(path, _page("class_board.html.j2", title=_title(course), boards=boards).encode())


def _current(course: Course, standings: Standings) -> list[Record]:
    """What was graded. A record whose submission was removed from the gradebook is history."""
    records = [r for r in all_records(course) if (r.student, r.assignment) in standings]
    if not records:
        raise CourseError("nothing is graded yet, so there is no report; run `headcheck grade`.")
    return records


def _title(course: Course) -> str:
    return str(course.config.CourseDirectory.get("course_id", "") or course.root.name)
