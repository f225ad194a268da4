"""Outputs that could hold what a check asked, made again by a process that was never asked.

A student's process that has answered a check knows the hidden sizes it was called with, and a later
cell could print them. So the outputs of later cells are not kept: when there are any, the cells run
once more in a process that no checker speaks to, and what that one shows goes into the notebook.
Demo cells that only show something, if they are to run at all, run there alone: no mark waits for them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nbformat import NotebookNode
from nbformat.v4 import new_output

from headcheck.grading.engines.allowance import Allowance
from headcheck.grading.engines.student import CellRun, StudentProcess

NOT_SHOWN = "[not shown: the process had ended, or the time was up]\n"


@dataclass(frozen=True)
class Told:
    """A cell that ran after a check, or runs last. `stopped`: was ended, and is not run again."""

    index: int
    stopped: bool


def show(cell: NotebookNode, run: CellRun, number: int) -> None:
    """Put what came of a cell into the notebook, under a number of ours: the process's own could
    say something that a check has asked."""
    cell.outputs, cell.execution_count = run.outputs, number
    for output in cell.outputs:
        if output.output_type == "execute_result":
            output.execution_count = number


def show_again(
    process: StudentProcess,
    cells: Sequence[tuple[int, NotebookNode]],
    told: Sequence[Told],
    allowed: Callable[[], Allowance | None],
    room: int,
) -> None:
    """Put the outputs of a fresh `process` in place of those that the cells in `told` have.

    `cells`: all of the student's that run, with their places in the notebook; `allowed`: what the
    next of them may use, None when the time of all together is up; `room`: bytes for all outputs.
    """
    replaced = {each.index for each in told}
    stopped = {each.index for each in told if each.stopped}
    for number, (index, cell) in enumerate(cells, start=1):
        if index in stopped:
            cell.outputs = cell.outputs[-1:]  # our own sentence, the only one that is
            continue
        allowance = allowed() if process.ended is None else None
        if allowance is not None:
            # Of every cell: a later one may change what an earlier one displays.
            run = process.run_cell(cell.source, allowance, room)
            room -= run.kept
            show(cell, run, number)
        elif index in replaced:
            cell.outputs = [new_output("stream", name="stdout", text=NOT_SHOWN)]
