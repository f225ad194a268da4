"""In a notebook: does an answer come from the cell that ran last for it, or from an earlier run?

A cell that stops before it defines anything (it is no Python, an import in it fails) leaves in memory
what it defined before. A check that judges this is right about it, and says nothing of what the
student sees in the cell.
"""

from __future__ import annotations

import linecache
import re
import sys
from collections.abc import Iterator
from types import CodeType, FunctionType
from typing import Any

from headcheck import cellcode
from headcheck.lesson.blame import is_cell


def left_over(exercise: str) -> str | None:
    """What is wrong with the cell that ran last for this exercise; None where it made what is there.

    Only in a notebook: elsewhere no cell has run in this process.
    """
    shell = _shell()
    if shell is None:
        return None
    begins, made_by = _definition_of(exercise), _maker_of(shell.user_ns.get(exercise), exercise)
    for raw, ran in _cells(shell):
        if begins.search(raw):
            if not cellcode.parses(raw):
                return "is no Python yet (SyntaxError)"
            return "stops with an error" if made_by and made_by != ran.strip() else None
        if made_by == ran.strip():
            return None  # made by a later cell, in which its definition is indented
    return None


def _shell() -> Any:
    interactive = sys.modules.get("IPython")
    return interactive.get_ipython() if interactive else None


def _cells(shell: Any) -> Iterator[tuple[str, str]]:
    """The cells that have run, the last first: as typed, and as run."""
    history = shell.history_manager
    typed, ran = history.input_hist_raw, history.input_hist_parsed
    return zip(reversed(typed), reversed(ran), strict=False)


def _definition_of(exercise: str) -> re.Pattern[str]:
    """What a cell says in which a definition of it stands."""
    name = re.escape(exercise)
    return re.compile(rf"^((async +)?def|class) +{name}\b|^{name} *(:[^=\n]*)?=(?!=)", re.MULTILINE)


def _maker_of(answer: object, exercise: str) -> str | None:
    """The text of the cell that made this answer; None where nobody knows.

    A magic (%%time) runs a cell under no name of its own, and what a library made is in no cell: `Flatten =
    nn.Flatten` has methods called Flatten.forward, too.
    """
    code = _code_of(answer, exercise)
    if code is None or not is_cell(code.co_filename):
        return None
    return "".join(linecache.getlines(code.co_filename)).strip() or None


def _code_of(answer: object, exercise: str) -> CodeType | None:
    """The code of a function or of a class's method that was defined under this name."""
    parts = vars(answer).values() if isinstance(answer, type) else [answer]
    codes = [part.__code__ for part in parts if isinstance(part, FunctionType)]
    return next((code for code in codes if code.co_qualname.split(".")[0] == exercise), None)
