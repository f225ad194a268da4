"""A student's notebook as a file: its graded cells, and whether each is as it was handed out."""

from __future__ import annotations

import ast
import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from headcheck import cellcode
from headcheck.lesson.stub import exercise_named_in

Role = Literal["answer", "check", "written", "locked", "demo"]
UNWRITTEN = "YOUR ANSWER HERE"


class NoNotebook(Exception):
    """The file cannot be read as a notebook; the text says why, in one sentence."""


@dataclass(frozen=True)
class Cell:
    """One cell of the file."""

    role: Role
    name: str  # the grade_id; "" for a demo
    source: str
    is_code: bool
    points: float
    as_handed_out: bool  # a locked cell's text is what the course gave out
    only_shows: bool

    @property
    def answered(self) -> bool:
        """Whether something stands where the stub was (answers and written answers)."""
        if self.role == "written":
            return bool(self.source.strip()) and UNWRITTEN not in self.source
        lines = self.source.splitlines()
        stub = f"{self.name} = ...  # {UNWRITTEN}"
        return not any(
            line.strip() == stub or exercise_named_in(line) == self.name for line in lines
        )

    @property
    def renamed(self) -> bool:
        """Whether an answer's cell is Python, and makes nothing that is called as its exercise.

        No where nobody can tell without running it: a magic, exec, an import of all names.
        """
        return (
            self.role == "answer"
            and self.is_code
            and self.answered
            and _MAKES_ANY_NAME.search(self.source) is None
            and cellcode.parses(self.source)
            and self.name not in cellcode.binds(self.source)
        )


_MAKES_ANY_NAME = re.compile(r"^\s*[%!]|import +\*|\b(exec|globals|setattr)\(", re.MULTILINE)


@dataclass(frozen=True)
class NotebookFile:
    """A notebook that was read."""

    path: Path
    cells: tuple[Cell, ...]
    handed_out: tuple[str, ...]  # names of the graded cells it was given out with; empty: unknown
    hand_in: str = ""  # where to, in the course's own words

    def of(self, *roles: Role) -> list[Cell]:
        return [cell for cell in self.cells if cell.role in roles]


def read(path: Path) -> NotebookFile:
    """Read a notebook. Raises `NoNotebook`."""
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))
        ours = data.get("metadata", {}).get("headcheck", {})
        handed_out = tuple(name for name in ours.get("graded", []) if isinstance(name, str))
        cells = tuple(_cell(cell) for cell in data["cells"])
    except FileNotFoundError:
        raise NoNotebook(f"there is no file {path}") from None
    except IsADirectoryError:
        raise NoNotebook(f"{path} is a folder: name the notebook in it (*.ipynb)") from None
    except OSError as error:
        raise NoNotebook(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise NoNotebook(
            f"{path} is no Jupyter notebook (*.ipynb), or it was saved only in part"
        ) from None
    return NotebookFile(path, cells, handed_out, str(ours.get("hand_in", "")))


def _cell(cell: dict[str, Any]) -> Cell:
    source = cell.get("source", "")
    source = source if isinstance(source, str) else "".join(source)
    metadata = cell.get("metadata", {})
    graded = metadata.get("nbgrader", {})
    checksum = graded.get("checksum")
    return Cell(
        role=_role(cell.get("cell_type", ""), graded),
        name=str(graded.get("grade_id", "")),
        source=source,
        is_code=cell.get("cell_type") == "code",
        points=float(graded.get("points") or 0) if graded.get("grade") else 0.0,
        as_handed_out=checksum is None or checksum == _checksum(cell["cell_type"], source, graded),
        only_shows="only-shows" in metadata.get("tags", []),
    )


def _role(cell_type: str, graded: dict[str, Any]) -> Role:
    if not graded:
        return "demo"
    if graded.get("grade") and graded.get("solution"):
        return "written"
    if graded.get("grade"):
        return "check"
    return "answer" if graded.get("solution") else "locked"


def _checksum(cell_type: str, source: str, graded: dict[str, Any]) -> str:
    """nbgrader's own checksum of a cell, without needing nbgrader (a test compares the two)."""
    flags = [bool(graded.get(flag)) for flag in ("grade", "solution", "locked")]
    parts = [source, cell_type, *map(str, flags), str(graded.get("grade_id"))]
    if graded.get("grade"):
        parts.append(str(float(graded.get("points") or 0)))
    return hashlib.md5("".join(parts).encode(), usedforsecurity=False).hexdigest()


def exercise_of(check: Cell) -> tuple[str, str]:
    """What a check cell says it is about: (exercise, step), read from its `with checking(...)`."""
    try:
        tree = ast.parse(check.source)
    except SyntaxError:
        return check.name.removeprefix("test_"), ""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "checking" and node.args:
            steps = [word.value for word in node.keywords if word.arg == "step"]
            named = [getattr(each, "value", "") for each in (node.args[0], *steps)]
            return str(named[0]), str(named[1]) if len(named) > 1 else ""
    return check.name.removeprefix("test_"), ""
