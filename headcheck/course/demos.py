"""Demo cells that need not run for a grade: pictures, tables and experiments that are only looked at.

The lesson's author tags such a cell `only-shows`: nothing that is graded depends on what it does.
Running them is most of the work of grading a lesson, and their results are known. One is left out
only when the student left it as it was handed out and no cell that does run needs a name it binds.
So an answer that leans on a demo's name works in grading as it did in the student's Jupyter.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from nbformat import NotebookNode
from nbformat.v4 import new_output

from headcheck import cellcode
from headcheck.course.cells import role_of

ONLY_SHOWS = "only-shows"  # the author's tag
SKIP = "skip-execution"  # nbclient's tag: its execute step passes over such a cell
LAST = "runs-last"  # our tag: shown when everything that counts is over (see `grading.unasked`)
SAID = "Not run for the grade: this cell only shows something, and it is as it was handed out.\n"


def set_aside(
    notebook: NotebookNode, handed_out: Sequence[NotebookNode], demos: Literal["needed", "all"]
) -> None:
    """Tag the demo cells of a repaired submission that need not run for a grade (in place).

    `handed_out`: the cells as students got them. `demos`: "needed" tags them with `SKIP`, "all"
    with `LAST`.
    """
    tag = SKIP if demos == "needed" else LAST
    given = {_text(cell) for cell in handed_out if only_shows(cell)}
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    may_rest = [c for c in code if role_of(c) == "demo" and _text(c) in given]
    runs = [c for c in code if role_of(c) != "check" and not any(c is each for each in may_rest)]
    for place in cellcode.unneeded([c.source for c in may_rest], [c.source for c in runs]):
        cell = may_rest[place]
        cell.metadata["tags"] = [*cell.metadata.get("tags", []), tag]


def only_shows(cell: NotebookNode) -> bool:
    """Whether the author says so."""
    return ONLY_SHOWS in cell.metadata.get("tags", []) and role_of(cell) == "demo"


def is_left_out(cell: NotebookNode) -> bool:
    return SKIP in cell.metadata.get("tags", []) and role_of(cell) == "demo"


def runs_last(cell: NotebookNode) -> bool:
    return LAST in cell.metadata.get("tags", []) and role_of(cell) == "demo"


def say_so(notebook: NotebookNode) -> None:
    """Where outputs would stand, the reason why there are none."""
    for cell in notebook.cells:
        if cell.cell_type == "code" and is_left_out(cell):
            cell.outputs = [new_output("stream", name="stdout", text=SAID)]


def _text(cell: NotebookNode) -> str:
    return "\n".join(line.rstrip() for line in cell.source.strip().splitlines())
