"""Which answer a person's mark was given for: an answer that did not change is not read twice.

nbgrader sends every cell with a mark by hand back to be read, at every grading. Here it goes back
when its text is another one than the person had before them, and stays there until somebody has
marked that. What is remembered lies in `.headcheck/marked/`, one file per submission; without it
(it may be deleted at any time) the graded notebook says what lay there, and a cell waits if it
waited before.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from pydantic import BaseModel, ConfigDict, ValidationError

from headcheck.course.cells import answer_of, grade_id_of, role_of
from headcheck.course.files import digest, write_whole


class Given(BaseModel):
    """What the last grading left in one graded cell."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str  # the answer that lies there to be read
    mark: float | None  # by a person
    waits: bool
    read: str | None = None  # the answer that the mark was given for; None when not known


class Marked(BaseModel):
    """All graded cells of one submission, by grade_id."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    cells: dict[str, Given] = {}


def marked_file(private: Path, student: str, assignment: str) -> Path:
    return private / "marked" / assignment / f"{student}.json"


def load_marked(private: Path, student: str, assignment: str) -> Marked:
    """What is remembered of a submission; nothing, when that is not to be had."""
    try:
        data = marked_file(private, student, assignment).read_bytes()
        return Marked.model_validate_json(data)
    except (OSError, ValidationError):
        return Marked()


def save_marked(private: Path, student: str, assignment: str, marked: Marked) -> None:
    """Only after the gradebook has taken the marks: a run that ends in between asks once too often."""
    path = marked_file(private, student, assignment)
    write_whole(path, marked.model_dump_json(indent=1).encode())


def texts(notebook: NotebookNode) -> dict[str, str]:
    """grade_id of every graded cell -> a hash of what a person reads to mark it.

    Of a written answer its own text and pictures; of a check the answer that it is about; where no
    one cell is (a task, a check of no particular answer) all that is the student's.
    """
    answers = {g: c for c in notebook.cells if (g := grade_id_of(c)) and role_of(c) == "answer"}
    everything = [cell for cell in notebook.cells if _is_students(cell)]
    found = {}
    for cell in notebook.cells:
        grade_id, labels = grade_id_of(cell), cell.metadata.get("nbgrader", {})
        if grade_id is None or not (labels.get("grade") or labels.get("task")):
            continue
        if labels.get("task"):
            read = everything
        elif labels.get("solution"):
            read = [cell]
        else:
            answer = answer_of(grade_id, answers)
            read = everything if answer is None else [answers[answer]]
        found[grade_id] = digest(part for one in read for part in _parts(one))
    return found


def _is_students(cell: NotebookNode) -> bool:
    labels = cell.metadata.get("nbgrader") or {}
    return bool(labels.get("solution") or labels.get("task") or not labels)


def _parts(cell: NotebookNode) -> list[str]:
    # How lines end is the editor's; two blanks there are a line break in Markdown, and seen by nobody.
    text = "\n".join(line.rstrip() for line in cell.source.strip().splitlines())
    pictures = sorted((name, repr(data)) for name, data in cell.get("attachments", {}).items())
    return [cell.cell_type, text, *(part for picture in pictures for part in picture)]


def waits(
    before: Given | None, text: str, mark: float | None, waited: bool, *, no_score: bool
) -> Given:
    """What becomes of one cell that is graded again; `waits` says whether a person has to read it.

    `mark`: what a person gave; `waited`: what the gradebook said until now; `no_score`: the grader
    has none.
    """
    if mark is None:
        return Given(text=text, mark=None, waits=no_score)
    if before is None:  # nobody knows what was read
        return Given(text=text, mark=mark, waits=True)
    # Marked since the last grading: another number, or the same one once more.
    marked_since = mark != before.mark or (before.waits and not waited)
    read = before.text if marked_since else before.read
    if read is None:
        return Given(text=text, mark=mark, waits=waited or text != before.text)
    return Given(text=text, mark=mark, waits=text != read, read=read)


def of_graded(path: Path, marks: Mapping[str, tuple[float | None, bool]]) -> Marked:
    """Where nothing is remembered: from the graded notebook that lies there to be read."""
    try:
        found = texts(nbformat.read(path, as_version=4))
    except Exception:  # none there, or of another program
        return Marked()
    cells = {}
    for grade_id, text in found.items():
        mark, waits_now = marks.get(grade_id, (None, True))
        read = None if mark is None or waits_now else text
        cells[grade_id] = Given(text=text, mark=mark, waits=waits_now, read=read)
    return Marked(cells=cells)
