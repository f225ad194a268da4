"""How a class did, in numbers: of a lesson, of each check, of each mistake. Of what could be graded."""

from __future__ import annotations

import re
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from nbconvert.filters import strip_ansi

from headcheck.grading.record import Record
from headcheck.grading.work import CellResult, Outcome

GROUPS = 5
FEWEST = 10  # students, below whom groups of them and a correlation say nothing
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True)
class Spread:
    """The marks of a lesson, as shares of its points."""

    shares: Sequence[float]  # from the least
    mean: float
    median: float
    lower: float  # a quarter of the class has no more
    upper: float  # and a quarter no less
    deviation: float
    zeros: int
    full: int

    @property
    def n(self) -> int:
        return len(self.shares)


@dataclass(frozen=True)
class Check:
    """How a class did in one check."""

    grade_id: str
    points: float
    graded: int
    lost: int  # how many did not get all points
    mean: float  # share of the points that were earned
    outcomes: Sequence[tuple[Outcome, int]]  # most frequent first
    frequent: str  # the message seen most often
    seen: int  # how often
    discrimination: float | None = None  # correlation with the rest of the lesson's points
    quintiles: Sequence[float] = ()  # share earned by the weakest fifth, ..., the strongest


@dataclass(frozen=True)
class Mistake:
    """One thing that went wrong in one check, and who did it."""

    assignment: str
    grade_id: str
    outcome: Outcome
    message: str
    likely: str  # the cause that its message names
    students: Sequence[str]


def share_of(record: Record) -> float:
    """What a submission earned of its checks' points."""
    return record.score / record.max_score if record.max_score else 1.0


def first_line(message: str) -> str:
    lines = strip_ansi(message).strip().splitlines()
    return lines[0].lstrip("✗○ ").strip() if lines else ""


def likely(message: str) -> str:
    """The likely cause in a message (see `lesson.failures`); '' when it names none."""
    lines = [line.strip() for line in strip_ansi(message).splitlines()]
    return next((n.removeprefix("likely").strip() for n in lines if n.startswith("likely ")), "")


def spread(records: Sequence[Record]) -> Spread | None:
    """Of the records of one lesson; None when none of them was graded."""
    shares = sorted(share_of(record) for record in records if not record.unreadable)
    if not shares:
        return None
    quarters = statistics.quantiles(shares, n=4, method="inclusive") if shares[1:] else shares * 3
    return Spread(
        shares=shares,
        mean=statistics.fmean(shares),
        median=quarters[1],
        lower=quarters[0],
        upper=quarters[2],
        deviation=statistics.pstdev(shares),
        zeros=sum(share == 0 for share in shares),
        full=sum(share >= 1 for share in shares),
    )


def checks_of(records: Sequence[Record]) -> list[Check]:
    """One entry per check of a lesson, in the lesson's order; of what could be graded."""
    graded = [record for record in records if not record.unreadable]
    graded.sort(key=lambda record: (share_of(record), record.student))
    found: dict[str, list[tuple[Record, CellResult]]] = {}
    for record in graded:
        for cell in record.cells:
            found.setdefault(cell.grade_id, []).append((record, cell))
    order = {c.grade_id: None for r in sorted(graded, key=lambda r: r.student) for c in r.cells}
    return [_check(grade_id, found[grade_id]) for grade_id in order]


def _check(grade_id: str, results: Sequence[tuple[Record, CellResult]]) -> Check:
    cells = [cell for _, cell in results]
    lost = [cell for cell in cells if cell.score < cell.max_score]
    messages = Counter(first_line(cell.message) for cell in lost if cell.message)
    frequent, seen = messages.most_common(1)[0] if messages else ("", 0)
    most = sum(cell.max_score for cell in cells)
    rest = [record.score - cell.score for record, cell in results]
    return Check(
        grade_id=grade_id,
        points=max(cell.max_score for cell in cells),
        graded=len(cells),
        lost=len(lost),
        mean=sum(cell.score for cell in cells) / most if most else 1.0,
        outcomes=Counter(cell.outcome for cell in cells).most_common(),
        frequent=frequent,
        seen=seen,
        discrimination=_correlation([cell.score for cell in cells], rest),
        quintiles=_in_groups(cells),
    )


def _correlation(xs: Sequence[float], ys: Sequence[float]) -> float | None:
    if len(xs) < FEWEST or len(set(xs)) < 2 or len(set(ys)) < 2:
        return None
    return statistics.correlation(xs, ys)


def _in_groups(cells: Sequence[CellResult]) -> list[float]:
    """Share earned in each fifth. `cells`: from the weakest student to the strongest."""
    n = len(cells)
    if n < FEWEST:
        return []
    shares = [cell.score / cell.max_score if cell.max_score else 1.0 for cell in cells]
    edges = [round(n * group / GROUPS) for group in range(GROUPS + 1)]
    return [statistics.fmean(shares[a:b]) for a, b in pairwise(edges)]


def mistakes(records: Sequence[Record]) -> list[Mistake]:
    """What several students got wrong in the same way, the most frequent first.

    Messages that differ in numbers alone are one mistake; the most frequent of them is shown.
    """
    groups: dict[tuple[str, str, Outcome, str], list[tuple[str, CellResult]]] = {}
    for record in records:
        if record.unreadable:
            continue
        for cell in record.lost():
            said = first_line(cell.message)
            key = (record.assignment, cell.grade_id, cell.outcome, _NUMBER.sub("#", said))
            groups.setdefault(key, []).append((record.student, cell))
    found = [
        Mistake(
            assignment=assignment,
            grade_id=grade_id,
            outcome=outcome,
            message=_usual(first_line(cell.message) for _, cell in who),
            likely=_usual(likely(cell.message) for _, cell in who),
            students=sorted(student for student, _ in who),
        )
        for (assignment, grade_id, outcome, _), who in groups.items()
        if len(who) > 1
    ]
    return sorted(found, key=lambda one: (one.assignment, -len(one.students), one.grade_id))


def _usual(texts: Iterable[str]) -> str:
    return Counter(texts).most_common(1)[0][0]
