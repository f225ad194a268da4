"""`headcheck show`: one submission for a student who asks. Writes nothing.

What was answered, what was said, what only the TA may see, what came out earlier, where it all lies;
and whether a grading in a copy, with the same hidden sizes, says the same today.
"""

from __future__ import annotations

import difflib
import json
import shlex
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.filters import strip_ansi

from headcheck.course.cells import answer_of, grade_id_of, role_of
from headcheck.course.directory import Course, CourseError
from headcheck.course.named_file import write_named
from headcheck.desk.before_grading import asked_for
from headcheck.desk.console import few_words, points
from headcheck.desk.visible import line
from headcheck.grading.classroom import Classroom
from headcheck.grading.find import Submission
from headcheck.grading.gradebook import Mark
from headcheck.grading.pool import Pool
from headcheck.grading.record import Past, Record, load_record
from headcheck.grading.work import CellResult


def command_for(student: str, assignment: str, check: str = "") -> str:
    """The command that shows this submission, or one check of it: for pages to print."""
    words = ["headcheck", "show", student, assignment, *([check] if check else [])]
    return shlex.join(words)


def notebooks_of(course: Course, student: str, assignment: str) -> dict[str, Path]:
    """Where its notebooks lie, as far as they do: what was handed in, and what was graded."""
    places = {step: course.step_folder(step) / student / assignment for step in STEPS}
    files = {step: folder / f"{assignment}.ipynb" for step, folder in places.items()}
    # Handed in under another name, or not at all: the folder.
    found = {step: path if path.exists() else path.parent for step, path in files.items()}
    return {step: path for step, path in found.items() if path.exists()}


STEPS = ("submitted", "autograded")


def show_command(
    course: Course,
    student: str,
    assignment: str,
    check: str | None,
    *,
    json_file: Path | None,
    pool: Pool | None,
) -> int:
    """Print all that is known; grade it again in a copy when there is a pool. The exit code."""
    submissions = asked_for(course, [assignment], [student])
    with closing(Classroom(course, submissions)) as classroom:
        (submission,) = submissions
        name = submission.lesson.name
        record = load_record(course, student, name)
        if record is None:
            raise CourseError(
                f"{student} has no result in {name} yet; run `headcheck grade {name} --student "
                f"{student}`."
            )
        shown = _shown(record, check, name)
        marks = classroom.gradebook.marks(name).get(student, {})
        answers = _answers(course, record)
        untouched = answers.items() & _answers_in(submission.lesson.release).items()
        anew = bool(record.content) and record.content != classroom.content_now(submission)
        print("\n".join(map(line, _about(course, record, submission, anew))))
        # Of what could not be read every check says the same.
        for cell in shown if check or not record.unreadable else shown[:1]:
            print("\n".join(map(line, _check(cell, marks, answers, dict(untouched), record))))
        again = None if pool is None else _again(classroom, pool)
    same = None if again is None else _same(record, again, shown)
    print()
    for said in _verdict(record, again, shown, anew):
        print(line(said))
    if json_file is not None:
        data = _as_json(course, record, shown, marks, answers, again)
        write_named(json_file.absolute(), (json.dumps(data, indent=1) + "\n").encode())
    return 1 if same is False else 0


def _shown(record: Record, check: str | None, assignment: str) -> list[CellResult]:
    """The one check that was asked for, or all that lost points; all, when none did."""
    if check is None:
        return record.lost() or record.cells
    found = [cell for cell in record.cells if cell.grade_id == check]
    if not found:
        names = [cell.grade_id for cell in record.cells]
        near = difflib.get_close_matches(check, names, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(names)}."
        raise CourseError(f"{assignment} has no check {check!r}; {hint}")
    return found


def _again(classroom: Classroom, pool: Pool) -> Record:
    (done,) = classroom.rehearse(pool)
    return done.record


# ---- what is printed -----------------------------------------------------------------------------


def _about(course: Course, record: Record, submission: Submission, anew: bool) -> Iterator[str]:
    mark = f"{points(record.score)}/{points(record.max_score)}"
    yield f"{record.student}, {record.assignment}: {'not graded' if record.unreadable else mark}"
    when = f"{record.graded_at:%d %b %Y %H:%M} UTC"
    yield f"  graded {when} by the {record.engine} engine with seed {record.seed}"
    if record.unreadable:
        yield f"  nothing could be read: {record.unreadable}"
    if anew:
        yield "  something else was handed in since"
    for step, path in notebooks_of(course, record.student, record.assignment).items():
        yield f"  {step}: {path}"
    yield from (f"  note: {note}" for note in record.notes if note != record.unreadable)


def _check(
    cell: CellResult,
    marks: Mapping[str, Mark],
    answers: Mapping[str, str],
    untouched: Mapping[str, str],
    record: Record,
) -> Iterator[str]:
    mark = marks.get(cell.grade_id)
    by_hand = mark.manual if mark else None
    counts = "" if by_hand is None else f"; by hand {points(by_hand)}, and that counts"
    counts += f"; {points(mark.extra)} extra by hand" if mark and mark.extra else ""
    yield ""
    earned, became = points(cell.score), str(cell.outcome)
    if record.unreadable:
        earned, became = "-", "not graded"
    yield f"{cell.grade_id}  {earned}/{points(cell.max_score)} {became}{counts}"
    name = answer_of(cell.grade_id, answers)
    if name is not None:
        yield f"  {'left as it was given' if name in untouched else 'answered'} ({name}):"
        yield from _indented(answers[name])
    if cell.message.strip():
        yield "  said to the student:"
        yield from _indented(cell.message)
    if cell.detail.strip():
        yield "  for the TA only:"
        yield from _indented(cell.detail)
    past = [one for one in record.history if cell.grade_id in one.cells]
    if past:
        yield "  results over time:"
        for one in past:
            score, outcome, began = one.cells[cell.grade_id]
            words = f": {strip_ansi(began)}" if began and outcome != "passed" else ""
            yield f"    {_of(one)}  {points(score)} {outcome}{words}"
        yield f"    {_of(record.past())}  {points(cell.score)} {cell.outcome}, the last"


def _of(past: Past) -> str:
    lesson = f", lesson {past.lesson[:6]}" if past.lesson else ""
    return f"{past.graded_at:%d %b %H:%M} (seed {past.seed}{lesson})"


def _indented(text: str) -> Iterator[str]:
    return (f"    {said}" for said in strip_ansi(text).strip().splitlines())


def _same(record: Record, again: Record, shown: list[CellResult]) -> bool:
    return not list(_differences(record, again, shown))


def _differences(record: Record, again: Record, shown: list[CellResult]) -> Iterator[str]:
    now = {cell.grade_id: cell for cell in again.cells}
    for cell in shown:
        other = now.get(cell.grade_id)
        if other is None:
            yield f"{cell.grade_id}: the lesson has no such check any more"
        elif (cell.score, cell.outcome) != (other.score, other.outcome):
            yield (
                f"{cell.grade_id}: {points(cell.score)} {cell.outcome} -> {points(other.score)} "
                f"{few_words(other) if other.outcome != 'passed' else 'passed'}"
            )


def _verdict(
    record: Record, again: Record | None, shown: list[CellResult], anew: bool
) -> Iterator[str]:
    if again is None:
        yield "Not graded again (--no-run)."
        return
    different = list(_differences(record, again, shown))
    seed = f"Graded again in a copy with seed {again.seed}, nothing recorded"
    if not different:
        yield f"{seed}: the result is the same."
        return
    yield f"{seed}: the result is NOT the same."
    yield from (f"  {said}" for said in different)
    reasons = [
        (anew, "something else was handed in since"),
        (record.lesson and record.lesson != again.lesson, "the lesson was built anew since"),
        (record.grader and record.grader != again.grader, "headcheck or a library is another one"),
        (record.seed != again.seed, "the hidden sizes are others"),
    ]
    because = ", ".join(words for true, words in reasons if true)
    yield (
        f"  because: {because}"
        if because
        else (
            "  nothing that it depends on is known to be another one: the answer may not do the same twice"
        )
    )


def _answers(course: Course, record: Record) -> dict[str, str]:
    """grade_id -> what was answered, as it was graded; nothing when that could not be read."""
    if record.unreadable:
        return {}  # the notebook there is the lesson's own, for a person to mark
    folder = course.step_folder("autograded") / record.student / record.assignment
    return _answers_in(folder / f"{record.assignment}.ipynb")


def _answers_in(path: Path) -> dict[str, str]:
    try:
        notebook = nbformat.read(path, as_version=4)
    except Exception:  # not there, or written by another program
        return {}
    roles = ("answer", "written")
    return {g: c.source for c in notebook.cells if (g := grade_id_of(c)) and role_of(c) in roles}


def _as_json(
    course: Course,
    record: Record,
    shown: list[CellResult],
    marks: Mapping[str, Mark],
    answers: Mapping[str, str],
    again: Record | None,
) -> dict[str, Any]:
    now = {cell.grade_id: cell for cell in again.cells} if again else {}
    return {
        "student": record.student,
        "assignment": record.assignment,
        "seed": record.seed,
        "graded_at": record.graded_at.isoformat(),
        "notebooks": {
            step: str(path)
            for step, path in notebooks_of(course, record.student, record.assignment).items()
        },
        "notes": record.notes,
        "same": None if again is None else _same(record, again, shown),
        "cells": [
            cell.model_dump(exclude={"published"})
            | {
                "answer": answers.get(answer_of(cell.grade_id, answers) or ""),
                "mark": asdict(marks[cell.grade_id]) if cell.grade_id in marks else None,
                "history": [
                    {"graded_at": past.graded_at.isoformat(), "seed": past.seed, "score": it[0]}
                    | {"outcome": it[1], "message": it[2]}
                    for past in record.history
                    if (it := past.cells.get(cell.grade_id)) is not None
                ],
                "again": (
                    now[cell.grade_id].model_dump(include={"score", "outcome", "message", "detail"})
                    if cell.grade_id in now
                    else None
                ),
            }
            for cell in shown
        ],
    }
