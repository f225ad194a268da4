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
    renamed = [cell.name for cell in notebook.of("answer") if cell.renamed]
    if renamed:
        sentences.append(
            f"its cell makes nothing of this name: {', '.join(renamed)} (keep the exercise's own name, or "
            "move the answer back into its cell)"
        )
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
    sentences += [*_of_another_kind(notebook), *_moved(notebook)]
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


def _of_another_kind(notebook: NotebookFile) -> list[str]:
    """Answers whose cell became text: a key too much (M, R) does it, and nobody is told."""
    texts = [cell.name for cell in notebook.of("answer") if not cell.is_code]
    if not texts:
        return []
    return [
        f"no code cell any more, so it does not run: {', '.join(texts)} (in Jupyter: click left of it, press Y)"
    ]


def _moved(notebook: NotebookFile) -> list[str]:
    """The first graded cell that stands elsewhere than it was handed out, written answers aside.

    From top to bottom it now runs too early, or what needs it does. Copies are told elsewhere, and
    so is what is gone.
    """
    runs = [cell.name for cell in notebook.of("answer", "check", "locked")]
    there = [name for name in runs if name in notebook.handed_out]
    wanted = [name for name in notebook.handed_out if name in there]
    if len(there) != len(wanted):
        return []
    wrong = next((pair for pair in zip(there, wanted, strict=True) if pair[0] != pair[1]), None)
    if wrong is None:
        return []
    # One cell was moved down, or one up: it is the one without which the others are in order.
    name = wrong[1] if _in_order(there, wanted, wrong[1]) else wrong[0]
    before = wanted.index(name)
    place = f"below the cell {wanted[before - 1]}" if before else f"above the cell {wanted[1]}"
    return [f"the cell {name} was moved: cells run from top to bottom, and it belongs {place}"]


def _in_order(there: list[str], wanted: list[str], without: str) -> bool:
    return [n for n in there if n != without] == [n for n in wanted if n != without]
