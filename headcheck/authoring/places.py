"""Where in a lesson's text a cell stands."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nbformat import NotebookNode


def begins(text: str, cells: Sequence[NotebookNode]) -> list[int]:
    """The line of the file in which each cell's own text begins (the one below its `# %%`)."""
    lines = text.splitlines()
    marks = [number for number, line in enumerate(lines, 1) if re.match(r"# %%", line)]
    if marks and len(cells) == len(marks) + 1:  # what stands above the first mark is a cell
        marks = [0, *marks]
    if len(marks) != len(cells):
        return [1] * len(cells)
    found = []
    for mark in marks:
        while mark < len(lines) and not lines[mark].strip():  # jupytext drops these
            mark += 1
        found.append(mark + 1)
    return found
