"""The tables behind the report, for spreadsheets and scripts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from headcheck.desk.numbers import GROUPS, Check, checks_of, mistakes
from headcheck.desk.results import Material, Result, by_assignment, late, leaderboards, results_of
from headcheck.desk.spreadsheet import Cell, as_csv

Row = dict[str, Cell]
_CHECKS = "assignment check points graded lost share_earned discrimination"
_FIFTHS = " ".join(f"fifth_{number}" for number in range(1, GROUPS + 1))
# Apart from the rows, so that a table that has none any more can be written all the same.
HEADINGS = {
    name: words.split()
    for name, words in {
        "marks.csv": "student assignment checks checks_of outcome gradebook gradebook_of late_penalty "
        "seconds_late to_read by_hand not_graded_because",
        "checks.csv": f"{_CHECKS} {_FIFTHS} commonest_message seen",
        "students-by-checks.csv": "student assignment check score max_score outcome by_hand extra",
        "mistakes.csv": "assignment check outcome message likely students who",
        "by-hand.csv": "student assignment question automatic by_hand extra max_score",
        "late.csv": "student assignment handed_in_utc late penalty longer",
        "todo.csv": "kind what do count",
        "leaderboard.csv": "assignment rank student accuracy parameters remarks",
    }.items()
}


def tables(material: Material) -> dict[str, str]:
    """Name of a file -> the CSV of a figure of the report. What would be empty is left out."""
    return {name: as_csv(HEADINGS[name], rows) for name, rows in _rows(material).items() if rows}


def empty_table(name: str) -> str:
    """The CSV of a table without rows."""
    return as_csv(HEADINGS[name], [])


def _rows(material: Material) -> dict[str, list[list[Cell]]]:
    results = results_of(material)
    found = {
        "marks.csv": map(_mark, results),
        "checks.csv": _checks(results),
        "students-by-checks.csv": chain.from_iterable(map(_cells, results)),
        "mistakes.csv": _mistakes(material),
        "by-hand.csv": _by_hand(material),
        "late.csv": _late(material),
        "todo.csv": _todo(material),
        "leaderboard.csv": _boards(material),
    }
    return {
        name: [[row[heading] for heading in HEADINGS[name]] for row in rows]
        for name, rows in found.items()
    }


def _mark(result: Result) -> Row:
    record, standing = result.record, result.standing
    return {
        "student": record.student,
        "assignment": record.assignment,
        "checks": None if record.unreadable else record.score,
        "checks_of": record.max_score,
        "outcome": record.outcome,
        "gradebook": standing.score - standing.late_penalty if standing else None,
        "gradebook_of": standing.max_score if standing else None,
        "late_penalty": standing.late_penalty if standing else None,
        "seconds_late": standing.seconds_late if standing else None,
        "to_read": standing.to_read if standing else None,
        "by_hand": len(result.by_hand),
        "not_graded_because": record.unreadable,
    }


def _checks(results: Iterable[Result]) -> Iterator[Row]:
    for name, mine in by_assignment(results).items():
        for check in checks_of([result.record for result in mine]):
            yield {
                "assignment": name,
                "check": check.grade_id,
                "points": check.points,
                "graded": check.graded,
                "lost": check.lost,
                "share_earned": check.mean,
                "discrimination": check.discrimination,
                **_fifths(check),
                "commonest_message": check.frequent,
                "seen": check.seen,
            }


def _fifths(check: Check) -> Row:
    shares = [*check.quintiles, *[None] * GROUPS][:GROUPS]
    return {f"fifth_{number}": share for number, share in enumerate(shares, 1)}


def _cells(result: Result) -> Iterator[Row]:
    record = result.record
    for cell in () if record.unreadable else record.cells:
        yield {
            "student": record.student,
            "assignment": record.assignment,
            "check": cell.grade_id,
            "score": cell.score,
            "max_score": cell.max_score,
            "outcome": cell.outcome,
            "by_hand": by_hand.given if (by_hand := result.by_hand.get(cell.grade_id)) else None,
            "extra": by_hand.extra or None if by_hand else None,
        }


def _mistakes(material: Material) -> Iterator[Row]:
    for one in mistakes(material.records):
        yield {
            "assignment": one.assignment,
            "check": one.grade_id,
            "outcome": one.outcome,
            "message": one.message,
            "likely": one.likely,
            "students": len(one.students),
            "who": ", ".join(one.students),
        }


def _by_hand(material: Material) -> Iterator[Row]:
    for one in material.by_hand:
        yield {
            "student": one.student,
            "assignment": one.assignment,
            "question": one.grade_id,
            "automatic": one.auto,
            "by_hand": one.given,
            "extra": one.extra or None,
            "max_score": one.max_score,
        }


def _late(material: Material) -> Iterator[Row]:
    for one in late(material):
        yield {
            "student": one.student,
            "assignment": one.assignment,
            "handed_in_utc": str(one.handed_in or ""),
            "late": one.late,
            "penalty": one.penalty,
            "longer": one.longer,
        }


def _todo(material: Material) -> Iterator[Row]:
    for one in material.waiting:
        yield {"kind": one.kind, "what": one.text, "do": one.do, "count": one.count}


def _boards(material: Material) -> Iterator[Row]:
    for name, board in leaderboards(material.records).items():
        for place in board.places:
            yield {
                "assignment": name,
                "rank": place.rank,
                "student": place.student,
                "accuracy": place.entry.accuracy,
                "parameters": place.entry.parameters,
                "remarks": "; ".join(place.remarks),
            }
