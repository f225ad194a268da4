"""What students wrote, read from the graded notebooks: a few at a time, each file once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from headcheck.course.directory import Course
from headcheck.desk.visible import lines
from headcheck.grading import harmless
from headcheck.grading.by_hand import Answer
from headcheck.grading.record import load_record


@dataclass(frozen=True)
class Written:
    """One answer as the page shows it: HTML without anything that acts."""

    html: str
    file: str


def written(course: Course, answer: Answer) -> Written:
    """What a student wrote, from `autograded/`."""
    file = _file(course, answer)
    where = lines(str(file.relative_to(course.root)))
    if said := unreadable(course, answer):
        return Written(harmless.text(f"Nothing could be read: {said}"), where)
    try:
        cell = _cell(file, answer)
    except (OSError, ValueError):
        return Written(harmless.text(f"{where} is missing or cannot be read."), where)
    if cell is None:
        return Written(harmless.text(f"{where} has no cell {answer.question.name}."), where)
    source = lines(cell["source"])
    if cell["kind"] == "code":
        return Written(harmless.text(source), where)
    return Written(harmless.markdown(source, cell["attachments"]), where)


def same_text(course: Course, answer: Answer) -> object:
    """Equal for two answers of the same text and pictures; for one that cannot be read, its own."""
    try:
        cell = _cell(_file(course, answer), answer)
    except (OSError, ValueError):
        cell = None
    return answer.id if cell is None else json.dumps(cell, sort_keys=True)


def unreadable(course: Course, answer: Answer) -> str:
    """Why nothing of what was handed in could be graded; empty when it could.

    The cell is the release's then: nobody's answer, although it waits for a person.
    """
    if answer.auto_score != 0:  # something was written
        return ""
    record = load_record(course, answer.student, answer.question.assignment)
    return "" if record is None else record.unreadable


def _file(course: Course, answer: Answer) -> Path:
    question = answer.question
    folder = course.step_folder("autograded") / answer.student / question.assignment
    return folder / f"{question.notebook}.ipynb"


def _cell(file: Path, answer: Answer) -> Mapping[str, Any] | None:
    state = file.stat()
    return _cells(file, state.st_mtime_ns, state.st_size).get(answer.question.name)


@lru_cache(maxsize=1024)  # a student's answers to all questions of a lesson are in one file
def _cells(file: Path, _time: int, _size: int) -> Mapping[str, Mapping[str, Any]]:
    """grade_id -> the cell, of those that hold answers."""
    found = {}
    for cell in json.loads(file.read_bytes())["cells"]:
        meta = cell.get("metadata", {}).get("nbgrader") or {}
        if meta.get("solution") or meta.get("task"):
            source = cell.get("source", "")
            found[str(meta.get("grade_id"))] = {
                "kind": cell.get("cell_type"),
                "source": source if isinstance(source, str) else "".join(map(str, source)),
                "attachments": cell.get("attachments"),
            }
    return found
