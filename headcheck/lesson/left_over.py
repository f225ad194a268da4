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


def left_over(exercise: str) -> str | None:
    """What is wrong with the cell that ran last for this exercise; None where it made what is there.

    Only in a notebook: elsewhere no cell has run in this process.
    """
    shell = _shell()
    last = next(_cells_that_define(exercise, shell), None) if shell else None
    if last is None:
        return None
    raw, ran = last
    if not cellcode.parses(raw):
        return "is no Python yet (SyntaxError)"
    code = _code_of(shell.user_ns.get(exercise), exercise)
    made_by = "".join(linecache.getlines(code.co_filename)).strip() if code else ""
    # Without a text nobody knows: a magic (%%time) runs a cell under no name of its own.
    return "stops with an error" if made_by and made_by != ran.strip() else None


def _shell() -> Any:
    interactive = sys.modules.get("IPython")
    return interactive.get_ipython() if interactive else None


def _cells_that_define(exercise: str, shell: Any) -> Iterator[tuple[str, str]]:
    """The cells in which a definition of it stands, the last first: as typed, and as run."""
    name = re.escape(exercise)
    begins = re.compile(
        rf"^((async +)?def|class) +{name}\b|^{name} *(:[^=\n]*)?=(?!=)", re.MULTILINE
    )
    history = shell.history_manager
    typed, ran = history.input_hist_raw, history.input_hist_parsed
    for raw, parsed in zip(reversed(typed), reversed(ran), strict=False):
        if begins.search(raw):
            yield raw, parsed


def _code_of(answer: object, exercise: str) -> CodeType | None:
    """The code of a function or of a class's method that was defined under this name."""
    parts = vars(answer).values() if isinstance(answer, type) else [answer]
    codes = [part.__code__ for part in parts if isinstance(part, FunctionType)]
    return next((code for code in codes if code.co_qualname.split(".")[0] == exercise), None)
