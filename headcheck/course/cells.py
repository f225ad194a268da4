"""Cells of an nbgrader notebook: what role each plays, and what the instructor wrote.

The instructor's version (`Template`) decides everything; what a student's file says about roles,
points or checksums is never believed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Literal

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from headcheck.course.files import digest

Role = Literal["setup", "answer", "check", "demo", "written"]


def role_of(cell: NotebookNode) -> Role:
    """The role of a cell, from the instructor's metadata (see docs/authoring.md)."""
    meta = cell.metadata.get("nbgrader") or {}
    graded, solution = bool(meta.get("grade")), bool(meta.get("solution"))
    if meta.get("task") or (graded and solution):
        return "written" if cell.cell_type != "code" else "answer"
    if cell.cell_type != "code":
        return "demo"
    if solution:
        return "answer"
    if graded:
        return "check"
    return "setup" if meta.get("locked") else "demo"


def roles_of(notebook: NotebookNode) -> list[Role]:
    """The role of every cell, in order."""
    return [role_of(cell) for cell in notebook.cells]


def grade_id_of(cell: NotebookNode) -> str | None:
    """The cell's grade_id, when it has a usable one."""
    meta = cell.metadata.get("nbgrader")
    found = meta.get("grade_id") if isinstance(meta, dict) else None
    return found if isinstance(found, str) and found else None


def content_id(cell: NotebookNode) -> str:
    """The id that the build gives a cell without a grade_id: it belongs to this very text."""
    return digest([cell.cell_type, cell.source])[:12]


def released_like_this(cell: NotebookNode, source: str) -> bool:
    """Whether some release had this handed-in cell with this text.

    nbgrader leaves a checksum of text, kind and points in each cell it releases. Who edits the cell
    does not touch that. It proves nothing against a forger, so it decides about words alone.
    """
    meta = cell.metadata.get("nbgrader")
    if not isinstance(meta, dict) or not isinstance(meta.get("checksum"), str):
        return False
    return bool(meta["checksum"] == _checksum(cell, source))


def _checksum(cell: NotebookNode, source: str) -> str | None:
    """nbgrader's own `compute_checksum`, without all of nbgrader; None when labels are odd."""
    meta = cell.metadata["nbgrader"]
    graded, solution = bool(meta.get("grade")), bool(meta.get("solution"))
    locked = not solution and (graded or bool(meta.get("locked")))
    parts = [source, cell.cell_type, str(graded), str(solution), str(locked)]
    try:
        parts.append(str(meta["grade_id"]))
        parts += [str(float(meta["points"]))] if graded else []
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    return hashlib.md5("".join(parts).encode(), usedforsecurity=False).hexdigest()


def answer_of(check: str, answers: Iterable[str]) -> str | None:
    """The answer that a check is about: `test_<name>` or `test_<name>_<aspect>`."""
    name = check.removeprefix("test_")
    fitting = [a for a in answers if name == a or name.startswith(f"{a}_")]
    return max(fitting, key=len, default=None)


# ---- the instructor's version --------------------------------------------------------------------


@dataclass(frozen=True)
class Template:
    """One notebook as the instructor wrote it: order, metadata, hidden tests, and empty answers."""

    name: str
    cells: tuple[NotebookNode, ...]
    released: Mapping[str, str]  # grade_id -> the text students were given
    metadata: NotebookNode

    @classmethod
    def of(
        cls, name: str, release: NotebookNode, sources: Mapping[str, tuple[str, str | None]]
    ) -> Template:
        """`release`: the students' notebook; `sources`: grade_id -> (source, checksum) as the
        gradebook has them, hidden tests included."""
        cells, released = [], {}
        for cell in deepcopy(release.cells):
            grade_id = grade_id_of(cell)
            if grade_id is not None:
                released[grade_id] = cell.source
                if grade_id in sources:
                    cell.source, checksum = sources[grade_id]
                    cell.metadata.nbgrader["checksum"] = checksum
            cells.append(cell)
        metadata = {k: v for k, v in release.metadata.items() if k == "kernelspec"}
        return cls(name, tuple(cells), released, nbformat.from_dict(metadata))

    def as_json(self) -> dict[str, Any]:
        """Plain data, for another process; see `from_json`."""
        return {
            "name": self.name,
            "cells": self.cells,
            "released": dict(self.released),
            "metadata": self.metadata,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Template:
        cells = tuple(map(nbformat.from_dict, data["cells"]))
        metadata = nbformat.from_dict(data["metadata"])
        return cls(data["name"], cells, data["released"], metadata)

    def graded(self) -> dict[str, NotebookNode]:
        """Every cell that has a grade_id, in order."""
        return {g: cell for cell in self.cells if (g := grade_id_of(cell)) is not None}

    def checks(self) -> dict[str, float]:
        """Points of every check cell."""
        return {
            grade_id: float(cell.metadata.nbgrader["points"])
            for grade_id, cell in self.graded().items()
            if role_of(cell) == "check"
        }

    def empty(self, why: str) -> NotebookNode:
        """The notebook with nothing answered: stands in for a file that could not be used."""
        notebook = nbformat.v4.new_notebook(metadata=deepcopy(self.metadata))
        notebook.cells = [new_markdown_cell(f"**Not graded.** {why}"), *deepcopy(list(self.cells))]
        return notebook
