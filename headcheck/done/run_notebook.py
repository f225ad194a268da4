"""A process of its own: run a notebook's cells as Jupyter would, then its visible checks.

    python -m headcheck.done.run_notebook NOTEBOOK RESULT

Cells that only show something are left out, unless another cell needs a name of theirs.
"""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import asdict
from pathlib import Path
from typing import Any

from headcheck import cellcode
from headcheck.done.notebook_file import Cell, NotebookFile, read
from headcheck.done.run_checks import outcome
from headcheck.done.table import Outcome
from headcheck.lesson.causes import DEBUGGER, NOBODY_TO_ASK, cause_of


def place_file(result: Path) -> Path:
    """The file that says, in words, which cell runs: for whoever has to say where it went wrong."""
    return result.with_suffix(".at")


def needed(notebook: NotebookFile) -> list[Cell]:
    """The code cells that have to run: all but demos that only show, and whose names nobody reads."""
    code = [cell for cell in notebook.cells if cell.is_code and cell.role != "check"]
    resting = [cell for cell in code if cell.role == "demo" and cell.only_shows]
    running = [cell for cell in code if cell not in resting] + notebook.of("check")
    rest = cellcode.unneeded([c.source for c in resting], [c.source for c in running])
    left_out = [resting[place] for place in rest]
    return [cell for cell in code if cell not in left_out]


def run(notebook: NotebookFile, now_at: Callable[[Cell], object]) -> dict[str, Outcome]:
    """Run it, and say how each visible check went. `now_at` is told each cell before it runs."""
    from IPython.core.interactiveshell import InteractiveShell

    shell: Any = InteractiveShell.instance()
    # `exit()` and `quit()` ask for it. The cells below run all the same, as they do when it is graded.
    shell.ask_exit = lambda: None
    to_run = needed(notebook)
    why: dict[str, str] = {}
    results: dict[str, Outcome] = {}
    quiet = io.StringIO()
    for cell in notebook.cells:
        if cell.role == "check" or cell in to_run:
            now_at(cell)
        if cell.role == "check":
            results[cell.name] = outcome(cell, shell.user_ns, why)
        elif cell in to_run:
            before = set(shell.user_ns)
            with redirect_stdout(quiet), redirect_stderr(quiet):
                done = shell.run_cell(cell.source, store_history=True)
            # %reset and del: whoever needs the name then has run everything above, and wants to know more.
            why |= {
                name: f"{name} is taken away by {_place(cell)}"
                for name in before - set(shell.user_ns)
            }
            error = done.error_before_exec or done.error_in_exec
            if error is not None and cell.role == "answer":
                why[cell.name] = f"its cell stops: {_told(error)}"
            elif cell.role == "answer" and cell.name not in shell.user_ns:
                why[cell.name] = f"its cell makes nothing that is called {cell.name}"
    return results


def _told(error: BaseException) -> str:
    """An error in one line: its type, and the first line of what it says, if it says anything."""
    text = _text(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _text(error: BaseException) -> str:
    """The first line of what an error says; of a cell that is no Python, which line of it."""
    if isinstance(error, SyntaxError):  # its own text has the name that IPython gave the cell
        return f"{error.msg} (line {error.lineno} of the cell)"
    row = cause_of(type(error).__name__, str(error))
    if row is not None and row.name in (NOBODY_TO_ASK, DEBUGGER):
        return row.sentence
    return str(error).split("\n")[0]


def _place(cell: Cell) -> str:
    """What a student knows this cell by."""
    first = next((line.strip() for line in cell.source.splitlines() if line.strip()), "")
    return f"the cell {cell.name}" if cell.name else f"the cell that begins with {first[:60]!r}"


def main() -> None:
    notebook, result = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
    os.chdir(notebook.parent)
    sys.path[:] = [os.getcwd(), *[entry for entry in sys.path if entry]]
    at = place_file(result)
    found = run(read(notebook), lambda cell: at.write_text(_place(cell), encoding="utf-8"))
    data = {name: asdict(outcome) for name, outcome in found.items()}
    result.write_text(json.dumps(data), encoding="utf-8")
    os._exit(0)  # a thread that a cell has started may run on for ever, and nobody waits for it


if __name__ == "__main__":
    main()
