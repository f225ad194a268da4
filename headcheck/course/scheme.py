"""What stands beside the answers: the question, and the instructor's answer with its marking scheme.

Both are in `source/` alone. They are read there when a page asks for them, and written nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headcheck.course.cells import grade_id_of

_DELIMITERS = (
    "### BEGIN SOLUTION",
    "### END SOLUTION",
    "### BEGIN MARK SCHEME",
    "### END MARK SCHEME",
)


@dataclass(frozen=True)
class Scheme:
    """Markdown texts; empty where the lesson has none."""

    question: str
    solution: str


def scheme(root: Path, assignment: str, notebook: str, name: str) -> Scheme:
    """What the instructor wrote for one question of the course in `root`."""
    cells = _cells(root, assignment, notebook)
    for place, cell in enumerate(cells):
        if grade_id_of(cell) == name:
            lines = [line for line in cell.source.splitlines() if line.strip() not in _DELIMITERS]
            above = cells[place - 1] if place else None
            plain = above is not None and above.cell_type == "markdown" and not grade_id_of(above)
            return Scheme(above.source if above is not None and plain else "", "\n".join(lines))
    return Scheme("", "")


def _cells(root: Path, assignment: str, notebook: str) -> list[Any]:
    import nbformat

    folder = root / "source" / assignment
    built, written = folder / f"{notebook}.ipynb", folder / f"{notebook}.py"
    try:
        newer = written.exists() and (
            not built.exists() or written.stat().st_mtime > built.stat().st_mtime
        )
        if newer:
            import jupytext

            return list(jupytext.reads(written.read_text(encoding="utf-8"), fmt="py:percent").cells)
        return list(nbformat.read(built, as_version=4).cells)
    except (OSError, ValueError, AttributeError):
        return []
