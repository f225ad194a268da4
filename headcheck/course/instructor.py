"""Which names of a notebook are the instructor's: no answer ever stands for one of them.

Read from the text of setup and check cells, before anything runs. What a cell binds when it runs
would be too late: a cell that did not run leaves its names to whoever binds them first.
"""

from __future__ import annotations

from collections.abc import Iterable

from nbformat import NotebookNode

from headcheck import cellcode
from headcheck.course.cells import role_of


def names_of_the_instructor(cells: Iterable[NotebookNode]) -> frozenset[str]:
    """Names that setup and check cells bind, in some branch of them, if only for a while.

    `cells` are those of a repaired notebook, where these cells are the instructor's copy.
    """
    return frozenset(
        name
        for cell in cells
        if role_of(cell) in ("setup", "check")
        for name in cellcode.read(cell.source).ever_binds
    )
