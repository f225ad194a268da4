"""From a submitted folder to a notebook that can be run: read, recognise, put right.

Plain functions, the same for every door (`headcheck grade`, `nbgrader autograde`, formgrader).
What a student handed in is read here, so this runs in a limited process of its own: see `apart`.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from pydantic import BaseModel, ConfigDict, Field

from headcheck.course.cells import Template
from headcheck.course.counted import counted
from headcheck.course.demos import set_aside
from headcheck.course.reading import MAX_BYTES, Unreadable, read_notebook, recognise
from headcheck.course.repair import repair
from headcheck.grading.choose import Unclear, choose
from headcheck.grading.fingerprint import fingerprint
from headcheck.grading.intake import Intake, names_in, read_folder
from headcheck.grading.work import Limits, Outcome

MAX_NOTES = 60
MAX_NOTE = 600  # characters


class Order(BaseModel):
    """What is to be prepared. `ours`: sizes of the instructor's files, which take their names."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    folder: Path
    top: Path = Field(description="submitted/: between it and the folder no link is followed")
    where: str = Field(description="how messages call the folder")
    lesson: str
    ours: dict[str, int] = {}
    ignore: tuple[str, ...] = ()
    limits: Limits = Limits()


class Refusal(BaseModel):
    """Why a submission is not run, and what it counts as."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    outcome: Outcome
    message: str = Field(description="for the student")
    note: str = Field(description="for the TA: where it lies and what to do")


class Prepared(BaseModel):
    """A submission that was read and put right. With a `refusal`, `notebook` only stands in."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    notebook: bytes
    files: dict[str, bytes] = {}
    content: str = Field(description="one hash of all that was handed in")
    timestamp: datetime | None = None
    notes: list[str] = []
    refusal: Refusal | None = None


class _Refused(ValueError):
    def __init__(self, outcome: Outcome, message: str, note: str) -> None:
        super().__init__(message)
        self.refusal = Refusal(outcome=outcome, message=message, note=note)


def prepare(order: Order, templates: Mapping[str, Template]) -> Prepared:
    """Read the folder and put its notebook right. What cannot be used becomes a refusal.

    `templates`: of the lesson, and of the others, to say which one a notebook is of instead. Raises
    for what nobody thought of; `apart.Apart` makes a refusal of that, too.
    """
    linked = link_to(order)
    if linked is not None:
        message = (
            f"{linked} is a link to another place: links are never followed, so nothing was read. "
            "Put a copy there if it is the student's own."
        )
        return not_prepared(templates[order.lesson], "missing", message)
    limits = order.limits
    content = content_of(order)
    intake = read_folder(
        order.folder,
        order.ignore,
        limits.file_mib << 20,
        limits.disk_mib << 20,
        {**order.ours, f"{order.lesson}.ipynb": 0},
    )
    if content_of(order) != content:  # somebody writes there just now: look again next time
        content = secrets.token_hex()
    notes = list(intake.notes)
    refusal = None
    chosen = ""
    try:
        beside = [*intake.files, *intake.archives] or names_in(order.folder)
        choice = choose(order.lesson, intake.notebooks, templates, beside)
        chosen = choice.name
        notes += choice.notes
        notebook = _notebook(order, chosen, intake, templates, notes)
    except Unclear as error:
        refusal = _refusal(order, "missing", error.message, error.note)
    except _Refused as error:
        refusal = error.refusal
    except Unreadable as error:
        refusal = _refusal(order, "error", str(error), str(error))
    if refusal is not None:
        notebook = templates[order.lesson].empty(refusal.message)
    return Prepared(
        notebook=nbformat.writes(notebook).encode(),
        files=_beside(chosen, intake.files, order.ours),
        content=content,
        timestamp=intake.timestamp,
        notes=_few(notes),
        refusal=refusal,
    )


def content_of(order: Order) -> str:
    """One hash of all that was handed in. Nothing is read as anything, so the owner asks for it, too."""
    return content_in(order.folder, order.ignore, order.limits)


def content_in(folder: Path, ignore: Sequence[str], limits: Limits) -> str:
    """The same hash, of a folder."""
    return fingerprint(folder, ignore, (2 * limits.disk_mib << 20) + MAX_BYTES)


def link_to(order: Order) -> Path | None:
    """The link that stands between submitted/ and the folder, if there is one."""
    top, path = str(order.top), str(order.folder)
    while path != top:
        if os.path.islink(path):
            return Path(path)
        path, below = os.path.dirname(path), path
        if path == below:
            break
    return None


def not_prepared(template: Template, outcome: Outcome, note: str) -> Prepared:
    """What stands in for a submission that could not be read at all; never like the one before."""
    message = "Your notebook could not be read. Nothing is decided yet: a person will look at it."
    return Prepared(
        notebook=nbformat.writes(template.empty(message)).encode(),
        content=secrets.token_hex(),
        refusal=Refusal(outcome=outcome, message=message, note=note),
    )


def _refusal(order: Order, outcome: Outcome, message: str, note: str) -> Refusal:
    return Refusal(outcome=outcome, message=message, note=f"{order.where}: {note}")


def _notebook(
    order: Order,
    file: str,
    intake: Intake,
    templates: Mapping[str, Template],
    notes: list[str],
) -> NotebookNode:
    name = order.lesson
    notebook, odd = read_notebook(intake.notebooks[file], file)
    notes += odd
    other = recognise(notebook, templates, name)
    if other is not None:
        message = f"{file} seems to be the notebook of {other}"
        raise _Refused(
            "missing",
            f"{message}. Hand in the one of {name}.",
            f"{order.where}: {message}; ask for that of {name}.",
        )
    repaired = repair(notebook, templates[name])
    notes += repaired.notes
    set_aside(repaired.notebook, templates[name].cells, order.limits.demos)
    return repaired.notebook


def _beside(chosen: str, files: Mapping[str, bytes], ours: Mapping[str, int]) -> dict[str, bytes]:
    """The other files as they lie seen from the notebook: of a nested one, from its folder."""
    folder = chosen.rpartition("/")[0]
    found = {name: data for name, data in files.items() if name != chosen}
    if folder:
        for name in list(found):
            inner = name.removeprefix(f"{folder}/")
            if inner != name and inner not in ours:
                found[inner] = found.pop(name)
    return found


def _few(notes: list[str]) -> list[str]:
    kept = [note if len(note) <= MAX_NOTE else f"{note[:MAX_NOTE]}..." for note in notes]
    if len(kept) > MAX_NOTES:
        kept[MAX_NOTES:] = [f"... and {counted(len(kept) - MAX_NOTES, 'more note')} of this kind."]
    return kept
