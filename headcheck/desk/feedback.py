"""What one student gets back: one page that needs nothing else, made afresh from the gradebook.

It holds what was checked, in words, and every mark. It never holds what is for the teachers alone: hidden
tests, their values and source, exceptions' own texts, seeds, notes, paths.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Template
from nbconvert.filters import strip_ansi

from headcheck.course.cells import answer_of
from headcheck.course.counted import span
from headcheck.course.directory import Course, Lesson
from headcheck.course.roster import Student
from headcheck.desk.page import escaping
from headcheck.grading.marks import CellMark, Marked
from headcheck.grading.openness import Open, still_open
from headcheck.grading.record import Record
from headcheck.grading.work import CellResult

LONGEST = 20_000  # characters of a written answer that are shown again
LEAST = 12  # a shorter line of a hidden test is no secret: `)`, `else:`
HIDDEN_TEST = "a hidden check: "
WITHHELD = "The grader's words to this check are not shown here; please ask the course staff."
_HIDDEN = re.compile(r"### BEGIN HIDDEN TESTS(.*?)(?:### END HIDDEN TESTS|\Z)", re.DOTALL)
_FOR_MARKERS = re.compile(
    r"#* *(?:BEGIN|=== BEGIN) MARK SCHEME.*?(?:END MARK SCHEME[ =]*|\Z)", re.DOTALL
)
_FACT = re.compile(r"  (got|expected|likely|look at) +(.*)")
_OUTCOMES = {
    "passed": "passed",
    "failed": "not right yet",
    "missing": "no answer of this name",
    "error": "your code raised an error",
    "timeout": "took too long",
    "out-of-memory": "needed too much memory",
    "died": "your code ended the program",
    "grader-error": "not judged: a fault of ours",
}


@dataclass(frozen=True)
class Row:
    """One check or written answer, as a student reads it."""

    grade_id: str
    name: str  # of the answer
    aspect: str
    outcome: str
    score: float
    most: float
    points: str
    state: str  # passed, part, lost, open; hand: a person's mark stands over the check's
    said: str  # what became of it
    hidden: bool = False
    message: str = ""  # its first line
    facts: tuple[tuple[str, str], ...] = ()  # got, expected, likely, look at
    table: str = ""  # whose columns have to stay columns
    answer: str = ""  # their own text
    comment: str = ""


@dataclass
class Section:
    """A part of the lesson, under the heading that students know."""

    heading: str
    rows: list[Row] = field(default_factory=list)
    comments: list[tuple[str, str]] = field(default_factory=list)  # on which answer, what


@dataclass(frozen=True)
class LessonShown:
    """What all pages of a lesson share. `secrets`: lines that no page may hold."""

    name: str
    title: str
    places: Mapping[str, str]  # grade_id -> heading, in the lesson's order
    answers: frozenset[str]
    readable: frozenset[str]  # written answers whose text is the student's own
    secrets: frozenset[str]


def lesson_shown(lesson: Lesson, sources: Iterable[str]) -> LessonShown:
    """From the students' edition; `sources`: the check cells with their hidden tests."""
    try:
        cells = json.loads(lesson.release.read_bytes())["cells"]
    except (OSError, ValueError, KeyError):
        cells = []
    title, heading = "", ""
    places: dict[str, str] = {}
    answers, readable = set(), set()
    for cell in cells:
        meta = cell.get("metadata", {}).get("nbgrader") or {}
        text = "".join(cell.get("source", ""))
        grade_id = meta.get("grade_id")
        if cell.get("cell_type") == "markdown" and not meta.get("solution"):
            for found in re.findall(r"(?m)^(#{1,4}) +(.+)$", text):
                title = title or _plain(found[1])
                heading = _plain(found[1]) if len(found[0]) > 1 else heading
        if grade_id:
            places[grade_id] = heading
            if meta.get("solution"):
                answers.add(grade_id)
                if meta.get("grade"):
                    readable.add(grade_id)
    hidden = (
        line for text in sources for part in _HIDDEN.findall(text) for line in part.split("\n")
    )
    secrets = frozenset(line for raw in hidden if len(line := raw.strip()) >= LEAST)
    shown = title or lesson.name
    return LessonShown(lesson.name, shown, places, frozenset(answers), frozenset(readable), secrets)


def _plain(heading: str) -> str:
    return re.sub(
        r"\s*·\s*[\d.]+ points?\b.*$", "", heading.replace("`", "").replace("*", "")
    ).strip()


@dataclass(frozen=True)
class Told:
    """How times and penalties are told."""

    timezone: str = "UTC"
    penalty: bool = True  # False: the LMS takes its own


def sections_of(
    shown: LessonShown, marked: Marked, record: Record | None, own: Mapping[str, str]
) -> list[Section]:
    """Every check and written answer as a student may read it, in the lesson's order.

    `own`: grade_id -> the text that they wrote.
    """
    still = still_open(marked)
    results = {cell.grade_id: cell for cell in record.cells} if record else {}
    secrets = shown.secrets | _seed(record)
    sections: dict[str, Section] = {}
    order = {grade_id: place for place, grade_id in enumerate(shown.places)}
    for mark in sorted(marked.cells, key=lambda one: order.get(one.grade_id, len(order))):
        heading = shown.places.get(mark.grade_id, "")
        section = sections.setdefault(heading, Section(heading))
        if mark.kind == "check":
            result = results.get(mark.grade_id)
            if result is not None and mark.auto is not None and result.score != mark.auto:
                result = None  # of another grading than the mark
            section.rows.append(_check(mark, result, shown, secrets, still))
        else:
            section.rows.append(_written(mark, marked, shown, own, still))
    rows = {mark.grade_id for mark in marked.cells}
    for grade_id, comment in marked.comments.items():
        if grade_id not in rows:
            heading = shown.places.get(grade_id, "")
            sections.setdefault(heading, Section(heading)).comments.append((grade_id, comment))
    return list(sections.values())


def page(
    shown: LessonShown,
    marked: Marked,
    record: Record | None,
    student: Student,
    own: Mapping[str, str],
    told: Told,
) -> str:
    """The page of one student."""
    still = still_open(marked)
    results = record.cells if record else []
    secrets = shown.secrets | _seed(record)
    return _template().render(
        title=shown.title,
        who=student.name or student.id,
        sections=sections_of(shown, marked, record, own),
        sums=_sums(marked, still, told),
        mark=number(marked.mark(penalty=told.penalty)),
        most=number(marked.max_score),
        open=still,
        late=_late(marked, told),
        trouble=_trouble(results, secrets) if still.unreadable else "",
        made=_time(datetime.now(UTC).replace(tzinfo=None), told.timezone),
    )


def digest_of(page: bytes) -> str:
    """The same for two pages that say the same, whenever they were made."""
    said = re.sub(rb"<time>.*?</time>", b"", page.partition(b"<body>")[2])
    return hashlib.sha256(said).hexdigest()


def _seed(record: Record | None) -> frozenset[str]:
    """Hidden sizes are drawn from it. A short one is a number like any other."""
    return frozenset({str(record.seed)} if record and record.seed >= 10_000 else ())


def _check(
    mark: CellMark,
    result: CellResult | None,
    shown: LessonShown,
    secrets: frozenset[str],
    still: Open,
) -> Row:
    name = answer_of(mark.grade_id, shown.answers) or mark.grade_id.removeprefix("test_")
    aspect = mark.grade_id.removeprefix(f"test_{name}").strip("_").replace("_", " ")
    fault = mark.auto is None and mark.by_hand is None
    unread = still.unreadable and mark.by_hand is None
    # What the check found stays what it is, also when a person gave another mark.
    found = "passed" if (mark.auto or 0.0) >= mark.max_score else "failed"
    said = _OUTCOMES[found]
    if mark.auto is None:
        said = _OUTCOMES["grader-error"]
    elif unread:
        said = "could not be read"
    elif result is not None:
        said = _OUTCOMES[result.outcome]
    said += _by_hand(mark)
    silent = mark.auto is None or unread or result is None or result.outcome == "passed"
    message = "" if silent or result is None else _message(result, secrets)
    first, facts, table = _in_parts(message)
    outcome = "grader-error" if fault else "not-graded" if unread else ""
    if mark.auto is None and not outcome:
        outcome = "not-judged"  # by the check; a person has
    return Row(
        grade_id=mark.grade_id,
        name=name,
        aspect=aspect,
        outcome=outcome or (result.outcome if result else found),
        score=mark.score,
        most=mark.max_score,
        points=_points(mark, open_=fault or unread),
        state="open" if fault or unread else "hand" if _by_hand(mark) else _state(mark),
        said=said,
        hidden=message.startswith(HIDDEN_TEST),
        message=first,
        facts=facts,
        table=table,
    )


def _stands_over(mark: CellMark) -> bool:
    return mark.by_hand is not None and mark.by_hand != mark.auto


def _by_hand(mark: CellMark) -> str:
    """What a person gave, as the end of a sentence; empty when the check's own points count."""
    given = f"; a person gave {number(mark.by_hand or 0.0)}" if _stands_over(mark) else ""
    return given + (f"; {number(mark.extra)} extra" if mark.extra else "")


def _message(result: CellResult, secrets: frozenset[str]) -> str:
    """The words of a check, unless something is in them that no student may read."""
    message = strip_ansi(result.message).strip().removeprefix("✗").removeprefix("○").strip()
    return WITHHELD if any(secret in message for secret in secrets) else message


def _trouble(results: Iterable[CellResult], secrets: frozenset[str]) -> str:
    """Why nothing could be graded: every check says the same."""
    return next((said for result in results if (said := _message(result, secrets))), "")


def _in_parts(message: str) -> tuple[str, tuple[tuple[str, str], ...], str]:
    """First line, labelled facts and the rest of a message (see lesson/failures.py)."""
    first, _, rest = message.partition("\n")
    facts: list[tuple[str, str]] = []
    lines_ = rest.splitlines()
    while lines_:
        if found := _FACT.fullmatch(lines_[0]):
            facts.append((found[1], found[2]))
        elif facts and lines_[0].startswith(" " * 12):
            facts[-1] = (facts[-1][0], f"{facts[-1][1]}\n{lines_[0][12:]}")
        else:
            break
        del lines_[0]
    return first, tuple(facts), "\n".join(lines_)


def _written(
    mark: CellMark, marked: Marked, shown: LessonShown, own: Mapping[str, str], still: Open
) -> Row:
    lost = still.unreadable and mark.by_hand is None
    silent = mark.grade_id in marked.unanswered and mark.by_hand is None
    unread = lost or (mark.waits and mark.by_hand is None)
    answer = "" if silent or mark.grade_id not in shown.readable else own.get(mark.grade_id, "")
    answer = _FOR_MARKERS.sub("", answer).strip()
    if len(answer) > LONGEST:
        answer = f"{answer[:LONGEST]}\n[...] the rest is in your notebook"
    said = "not answered" if silent else "not read yet" if unread else "read by a person"
    said = "could not be read" if lost else said
    if mark.waits and not unread:
        said = "read by a person, who may look at it again"
    said += f"; {number(mark.extra)} extra" if mark.extra else ""
    return Row(
        grade_id=mark.grade_id,
        outcome="written",
        score=mark.score,
        most=mark.max_score,
        name=mark.grade_id.removeprefix("why_").replace("_", " "),
        aspect="written answer",
        points=_points(mark, open_=unread),
        state="open" if unread else _state(mark),
        said=said,
        answer=answer,
        comment=marked.comments.get(mark.grade_id, ""),
    )


def _state(mark: CellMark) -> str:
    if mark.score >= mark.max_score:
        return "passed"
    return "part" if mark.score > 0 else "lost"


def _points(mark: CellMark, *, open_: bool) -> str:
    return f"{'–' if open_ else number(mark.score)} / {number(mark.max_score)}"


def number(value: float) -> str:
    """12, 12.5, 0.33."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _sums(marked: Marked, still: Open, told: Told) -> list[tuple[str, str]]:
    """The way to the mark: a label and points each."""
    parts = []
    for kind, label in (("check", "Automatic checks"), ("written", "Written answers")):
        cells = [cell for cell in marked.cells if cell.kind == kind]
        if cells:
            most = number(sum(cell.max_score for cell in cells))
            nothing = all(cell.waits and cell.by_hand is None for cell in cells)
            given = sum(_without_hand(cell) for cell in cells)
            parts.append((label, f"{'–' if nothing else number(given)} / {most}"))
    by_hand = [cell for cell in marked.cells if cell.kind == "check" and _stands_over(cell)]
    if by_hand:
        change = sum(cell.score - cell.extra - _without_hand(cell) for cell in by_hand)
        parts.append(("Checks, by a person", _signed(change)))
    if extra := sum(cell.extra for cell in marked.cells if cell.score or cell.auto is not None):
        parts.append(("Extra points", _signed(extra)))
    if told.penalty and marked.penalty and not still.no_mark:
        parts.append(
            (f"Late penalty ({span(marked.seconds_late)} late)", f"−{number(marked.penalty)}")
        )
    return parts


def _without_hand(cell: CellMark) -> float:
    """What a check gave by itself, or a person for a written answer; no extra points."""
    if cell.kind == "check":
        return cell.auto or 0.0
    return cell.score - cell.extra if cell.by_hand is not None or cell.auto is not None else 0.0


def _signed(points: float) -> str:
    return f"{'−' if points < 0 else '+'}{number(abs(points))}"


def _late(marked: Marked, told: Told) -> str:
    if marked.seconds_late <= 0 or marked.handed_in is None or marked.due is None:
        return ""
    handed_in, due = _time(marked.handed_in, told.timezone), _time(marked.due, told.timezone)
    return f"Handed in {handed_in}, {span(marked.seconds_late)} after it was due for you ({due})."


def _time(when: datetime, timezone: str) -> str:
    local = (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(ZoneInfo(timezone))
    return f"{local.day} {local:%B %Y, %H:%M} ({timezone})"


@cache
def _template() -> Template:
    return escaping().get_template("feedback.html.j2")


# ---- what they wrote themselves ------------------------------------------------------------------


def own_answers(course: Course, marked: Marked) -> dict[str, str]:
    """grade_id -> the text in the graded copy of the notebook; empty where there is none."""
    graded = course.step_folder("autograded")
    wanted = {cell.grade_id for cell in marked.cells if cell.kind == "written"}
    found: dict[str, str] = {}
    for name in {cell.notebook for cell in marked.cells} if wanted else ():
        path = graded / marked.student / marked.lesson / f"{name}.ipynb"
        for cell in _cells(path):
            grade_id = (cell.get("metadata", {}).get("nbgrader") or {}).get("grade_id")
            if grade_id in wanted:
                found[grade_id] = "".join(cell.get("source", ""))
    return found


def _cells(path: Path) -> Sequence[Any]:
    try:
        cells = json.loads(path.read_bytes())["cells"]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return [cell for cell in cells if isinstance(cell, dict)] if isinstance(cells, list) else []
