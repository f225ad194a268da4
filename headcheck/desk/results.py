"""What the report and its tables are made of: every result of the class, who had longer, what waits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from headcheck.course.counted import span
from headcheck.course.dates import Dates, Extension
from headcheck.course.roster import Student
from headcheck.desk.hints import Hints
from headcheck.desk.leaderboard import Candidate, Leaderboard, entry_of, leaderboard
from headcheck.desk.numbers import share_of
from headcheck.desk.todo import Todo
from headcheck.grading.gradebook import Standing
from headcheck.grading.overridden import Overridden
from headcheck.grading.record import Record
from headcheck.grading.work import CellResult

Standings = Mapping[tuple[str, str], Standing]  # (student, assignment) -> standing


@dataclass(frozen=True)
class Result:
    """One submission as the report shows it."""

    record: Record
    standing: Standing | None
    by_hand: Mapping[str, Overridden] = field(default_factory=dict)  # check -> what counts instead

    @property
    def share(self) -> float:
        return share_of(self.record)

    @property
    def cells(self) -> dict[str, CellResult]:
        """By the name of their check."""
        return {cell.grade_id: cell for cell in self.record.cells}

    @property
    def late(self) -> str:
        """'2 days', '3 hours', '' when in time."""
        seconds = self.standing.seconds_late if self.standing else 0
        return span(seconds) if seconds > 0 else ""


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


def by_assignment(results: Iterable[Result]) -> dict[str, list[Result]]:
    """In order of their names."""
    found: dict[str, list[Result]] = {}
    for result in results:
        found.setdefault(result.record.assignment, []).append(result)
    return dict(sorted(found.items()))


@dataclass(frozen=True)
class Material:
    """All that a report is made of."""

    title: str
    records: Sequence[Record]
    standings: Standings
    roster: Sequence[Student] = ()
    dates: Dates | None = None
    waiting: Sequence[Todo] = ()
    by_hand: Sequence[Overridden] = ()  # where another number counts than the check's
    graded_in: str = "autograded"  # where graded notebooks lie, seen from the report
    hints: Hints | None = None  # of the last `headcheck similarity`


def results_of(material: Material) -> list[Result]:
    """Every record with what the gradebook says of it."""
    by_hand: dict[tuple[str, str], dict[str, Overridden]] = {}
    for one in material.by_hand:
        by_hand.setdefault((one.student, one.assignment), {})[one.grade_id] = one
    return [
        Result(record, material.standings.get(which), by_hand.get(which, {}))
        for record in material.records
        for which in [(record.student, record.assignment)]
    ]


@dataclass(frozen=True)
class Late:
    """Who handed in late, or had longer."""

    student: str
    assignment: str
    handed_in: datetime | None
    late: str
    penalty: float
    longer: str


def late(material: Material) -> list[Late]:
    """Whoever was late or had longer, by lesson and student; extensions of nobody's work, too."""
    dates = material.dates
    known = dict(material.standings)
    wanted = {key for key, s in known.items() if s.seconds_late > 0 or s.extension}
    if dates is not None:
        for one in (*dates.extensions, *dates.accommodations):
            lessons = [one.lesson] if isinstance(one, Extension) else dates.due
            wanted |= {(one.student, lesson) for lesson in lessons}
    found = []
    for student, lesson in sorted(wanted, key=lambda key: (key[1], key[0])):
        standing = known.get((student, lesson))
        granted = dates.longer(student, lesson) if dates is not None else timedelta()
        longer = max(granted, (standing.extension if standing else None) or timedelta())
        found.append(
            Late(
                student=student,
                assignment=lesson,
                handed_in=standing.timestamp if standing else None,
                late=span(standing.seconds_late) if standing and standing.seconds_late > 0 else "",
                penalty=standing.late_penalty if standing else 0.0,
                longer=span(longer.total_seconds()) if longer else "",
            )
        )
    return found
