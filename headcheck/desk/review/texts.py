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
from headcheck.grading.find import step_folder


@dataclass(frozen=True)
class Written:
    """One answer as the page shows it: HTML without anything that acts."""

    html: str
    file: str


def written(course: Course, answer: Answer) -> Written:
    """What a student wrote, from `autograded/`."""
    question = answer.question
    file = (
        step_folder(course, "autograded")
        / answer.student
        / question.assignment
        / f"{question.notebook}.ipynb"
    )
    where = lines(str(file.relative_to(course.root)))
    try:
        state = file.stat()
        cell = _cells(file, state.st_mtime_ns, state.st_size).get(question.name)
    except (OSError, ValueError):
        return Written(harmless.text(f"{where} is missing or cannot be read."), where)
    if cell is None:
        return Written(harmless.text(f"{where} has no cell {question.name}."), where)
    source = lines(cell["source"])
    if cell["kind"] == "code":
        return Written(harmless.text(source), where)
    return Written(harmless.markdown(source, cell["attachments"]), where)


@lru_cache(maxsize=64)  # a student's answers to all questions of a lesson are in one file
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
