"""From a submitted folder to a notebook that can be run: read, recognise, put right.

Plain functions, the same for every door (`headcheck grade`, `nbgrader autograde`, formgrader).
What a student handed in is read here, so this runs in a limited process of its own: see `apart`.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from pydantic import BaseModel, ConfigDict, Field

from headcheck.course.cells import Template
from headcheck.course.demos import set_aside
from headcheck.course.files import digest
from headcheck.course.reading import Unreadable, read_notebook, recognise
from headcheck.course.repair import repair
from headcheck.grading.intake import Intake, read_folder
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
    message: str


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
    def __init__(self, outcome: Outcome, message: str) -> None:
        super().__init__(message)
        self.refusal = Refusal(outcome=outcome, message=message)


def prepare(order: Order, templates: Mapping[str, Template]) -> Prepared:
    """Read the folder and put its notebook right. What cannot be used becomes a refusal.

    `templates`: of the lesson, and of the others, to say which one a notebook is of instead. Raises
    for what nobody thought of; `apart.Apart` makes a refusal of that, too.
    """
    linked = _link_to(order)
    if linked is not None:
        message = (
            f"{linked} is a link to another place: links are never followed, so nothing was read. "
            "Put a copy there if it is the student's own."
        )
        return not_prepared(templates[order.lesson], "missing", message)
    limits = order.limits
    intake = read_folder(
        order.folder,
        order.ignore,
        limits.file_mib << 20,
        limits.disk_mib << 20,
        {**order.ours, f"{order.lesson}.ipynb": 0},
    )
    content = digest(
        [
            *(part for item in sorted(intake.notebooks.items()) for part in item),
            *(part for item in sorted(intake.files.items()) for part in item),
        ]
    )
    notes = list(intake.notes)
    refusal = None
    try:
        notebook = _notebook(order, intake, templates, notes)
    except _Refused as error:
        refusal = error.refusal
    except Unreadable as error:
        refusal = Refusal(outcome="error", message=str(error))
    if refusal is not None:
        notebook = templates[order.lesson].empty(refusal.message)
    return Prepared(
        notebook=nbformat.writes(notebook).encode(),
        files=intake.files,
        content=content,
        timestamp=intake.timestamp,
        notes=_few(notes),
        refusal=refusal,
    )


def _link_to(order: Order) -> Path | None:
    """The link that stands between submitted/ and the folder, if there is one."""
    for path in (order.folder, *order.folder.parents):
        if path == order.top:
            return None
        if path.is_symlink():
            return path
    return None


def not_prepared(template: Template, outcome: Outcome, message: str) -> Prepared:
    """What stands in for a submission that could not be read at all; never like the one before."""
    return Prepared(
        notebook=nbformat.writes(template.empty(message)).encode(),
        content=secrets.token_hex(),
        refusal=Refusal(outcome=outcome, message=message),
    )


def _notebook(
    order: Order, intake: Intake, templates: Mapping[str, Template], notes: list[str]
) -> NotebookNode:
    name = order.lesson
    wanted = f"{name}.ipynb"
    file = wanted if wanted in intake.notebooks else _other_name(order, intake, templates)
    if file != wanted:
        notes.append(f"The notebook was called {file} instead of {wanted}.")
    where = f"{order.where}/{file}"
    notebook, odd = read_notebook(intake.notebooks[file], where)
    notes += odd
    other = recognise(notebook, templates, name)
    if other is not None:
        raise _Refused(
            "missing", f"{where} seems to be the notebook of {other}; ask for that of {name}."
        )
    repaired = repair(notebook, templates[name])
    notes += repaired.notes
    set_aside(repaired.notebook, templates[name].cells, order.limits.demos)
    return repaired.notebook


def _other_name(order: Order, intake: Intake, templates: Mapping[str, Template]) -> str:
    """The notebook of a folder that has none with the right name."""
    fitting = list(intake.notebooks)
    if len(fitting) > 1:
        fitting = [f for f in fitting if _is_of(order.lesson, intake.notebooks[f], templates)]
    if len(fitting) == 1:
        return fitting[0]
    others = ", ".join(sorted(intake.notebooks)[:10]) or "no notebook at all"
    left_out = next((n for n in intake.notes if ".ipynb" in n or "cannot be read" in n), "")
    raise _Refused(
        "missing",
        f"There is no {order.lesson}.ipynb in the folder ({others}); ask for the file or rename it."
        + (f" {left_out}" if left_out else ""),
    )


def _is_of(name: str, data: bytes, templates: Mapping[str, Template]) -> bool:
    try:
        notebook, _ = read_notebook(data, name)
    except Unreadable:
        return False
    return recognise(notebook, templates, name) is None


def _few(notes: list[str]) -> list[str]:
    kept = [note if len(note) <= MAX_NOTE else f"{note[:MAX_NOTE]}..." for note in notes]
    if len(kept) > MAX_NOTES:
        kept[MAX_NOTES:] = [f"... and {len(kept) - MAX_NOTES} more notes of this kind."]
    return kept
