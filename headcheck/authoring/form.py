"""The form that students know a lesson by: a header that says what comes, a footer that says what was.

A lesson in another form works as well, so the build only mentions what is missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from nbformat import NotebookNode

# what is looked for in the first text of a lesson, and in its last
HEADER = {
    "a title (`# ...`)": r"^# \S",
    "the question": r"\*\*The question",
    "`**You will be able to**`": r"\*\*You will be able to",
    "`**Time**` with minutes or hours": r"\*\*Time\*\*.*\b(minutes|min|hours?)\b",
    "`**Difficulty**` in one to four dots": r"\*\*Difficulty\*\* [●○]{4}",
    "`**Before this**`": r"\*\*Before this\*\*",
}
FOOTER = {
    "`## You can now`": r"^## You can now",
    "`**Exit questions**`": r"\*\*Exit questions",
    "`**Previous**` or `**Next**`": r"\*\*(Previous|Next)\*\*",
}


def missing(cells: Sequence[NotebookNode]) -> Iterator[str]:
    """What of the form these cells do not have, a few words each."""
    texts = [cell.source for cell in cells if cell.cell_type == "markdown"]
    first, last = (texts[0], texts[-1]) if texts else ("", "")
    for where, text, parts in (("header", first, HEADER), ("footer", last, FOOTER)):
        for what, pattern in parts.items():
            if not re.search(pattern, text, re.MULTILINE):
                yield f"{what} in the {where}"
    if not any("progress()" in cell.source for cell in cells[-1:]):
        yield "`progress()` in the last cell"
