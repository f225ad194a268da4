"""`progress()`, the last cell of a lesson: what passes here and now, and what is missing to hand in."""

from __future__ import annotations

import sys
import time
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from headcheck import cellcode
from headcheck.done.missing import missing
from headcheck.done.notebook_file import NoNotebook, NotebookFile, exercise_of, read
from headcheck.done.own_file import OwnFile, not_found, own_file
from headcheck.done.run_checks import outcomes
from headcheck.done.table import Outcome, lines, verdict
from headcheck.lesson.left_over import left_over


def progress(notebook: str | None = None) -> None:
    """Print what is answered, what passes and what is missing, by the visible checks of this notebook.

    Reads the saved file (`notebook`, or the one this kernel belongs to) and runs its checks again on
    what you have in memory. Nothing of yours is changed.
    """
    names, history = _here()
    own = OwnFile(Path(notebook)) if notebook else own_file(names)
    if own is None:
        print(not_found())
        return
    try:
        file = read(own.path)
    except NoNotebook as problem:
        print(f"progress(): {problem}.")
        return
    start = time.monotonic()
    stopped = stops(file)
    renamed = {
        cell.name: f"its cell makes nothing that is called {cell.name}"
        for cell in file.of("answer")
        if cell.renamed
    }
    found = outcomes(file.of("check"), names, why=renamed)
    for check in file.of("check"):
        why = stopped.get(exercise_of(check)[0])
        if why and found[check.name].state == "passed":
            found[check.name] = Outcome("not run", f"only an earlier one passes: its cell {why}")
    print("\n".join(lines(file, found)), f"({time.monotonic() - start:.0f} s)")
    print()
    problems = [
        f"the cell {name} {why}: mend it, and run it again" for name, why in stopped.items()
    ]
    problems += [*unsaved(file, history, stopped), *missing(file)]
    print("\n".join(verdict(file, problems, found, download=own.download)))


def stops(file: NotebookFile) -> dict[str, str]:
    """Answers whose cell defined nothing when it ran last, and why: what is in memory is older."""
    whys = {cell.name: left_over(cell.name) for cell in file.of("answer")}
    return {name: why for name, why in whys.items() if why}


def unsaved(file: NotebookFile, history: Sequence[str], stopped: Collection[str] = ()) -> list[str]:
    """Answers that ran with another text than the file has, in a sentence; not those that `stopped`."""
    differ = []
    for cell in file.of("answer"):
        ran = [text for text in history if cell.name in cellcode.binds(text)]
        if cell.renamed or cell.name in stopped:
            continue  # said elsewhere
        if ran and ran[-1].strip() != cell.source.strip():
            differ.append(cell.name)
    if not differ:
        return []
    return [f"not saved (File > Save Notebook), or not run again: {', '.join(differ)}"]


def _here() -> tuple[dict[str, Any], list[str]]:
    """The names of the notebook that calls, and the texts of the cells that ran."""
    interactive = sys.modules.get("IPython")
    shell = interactive.get_ipython() if interactive else None
    if shell is None:
        return vars(sys.modules["__main__"]), []
    return shell.user_ns, [text for text in shell.user_ns.get("In", []) if isinstance(text, str)]
