"""Is a notebook file complete, and may it be handed in as it is? In sentences for the student."""

from __future__ import annotations

import math
from collections import Counter

from headcheck.done.notebook_file import NotebookFile

MOST_BYTES = 5_000_000  # of a notebook; uploads and graders have limits not far above


def missing(notebook: NotebookFile) -> list[str]:
    """What is missing or in the way, a sentence each; an empty list means complete."""
    return [*_unanswered(notebook), *in_the_way(notebook)]


def _unanswered(notebook: NotebookFile) -> list[str]:
    open_ones = [cell.name for cell in notebook.of("answer") if not cell.answered]
    unwritten = [cell.name for cell in notebook.of("written") if not cell.answered]
    sentences = []
    if open_ones:
        sentences.append(f"not answered: {', '.join(dict.fromkeys(open_ones))}")
    if unwritten:
        sentences.append(
            f"not written: {', '.join(dict.fromkeys(unwritten))} (a text cell: double-click it)"
        )
    return sentences


def in_the_way(notebook: NotebookFile) -> list[str]:
    """What is wrong with the file itself, whatever is answered in it."""
    sentences = []
    names = Counter(cell.name for cell in notebook.cells if cell.name)
    for name in notebook.handed_out:
        if name not in names:
            sentences.append(
                f"the cell {name} is gone (deleted, or retyped in a new cell): take a fresh copy of "
                "the notebook and paste your answers into its cells"
            )
    for name, count in names.items():
        if count > 1:
            sentences.append(
                f"the cell {name} is there {count} times: delete the copies, and keep the one below "
                "its exercise"
            )
    changed = [cell.name for cell in notebook.of("check", "locked") if not cell.as_handed_out]
    if changed:
        sentences.append(
            f"changed, although locked: {', '.join(changed)}. The grader uses its own copy, so what "
            "you see there may not be what counts"
        )
    size = notebook.path.stat().st_size
    if size > MOST_BYTES:
        sentences.append(
            f"the file has {math.ceil(size / 1e5) / 10} MB, more than {MOST_BYTES / 1e6:.0f}: Edit > Clear "
            "Outputs of All Cells, then save"
        )
    return sentences
