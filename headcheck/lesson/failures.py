"""What a failed check says: worded errors, one recipe for all of them.

Every message says what was checked, got / expected, the likely cause, where to look. Nothing in here
imports torch, and nothing in here knows what a model is.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

BOLD, PLAIN = "\x1b[1m", "\x1b[0m"
INDENT = " " * 12
SHOWN_FROM = 3  # the failure from which a table shows what is expected, line by line
NOTEBOOK_WIDTH = 84  # columns that fit beside the file browser; longer words are not broken


class CheckFailed(AssertionError):
    """A check that did not pass, in words for the student.

    `table` holds finished lines shown below (two columns, say); `first_table`, if given, stands in its
    place while the same check has failed less than `SHOWN_FROM` times, because the table gives the
    answer away. Inside `hidden(...)` `got`, `expected` and the tables are withheld from the student and
    kept in `detail` for the TA.
    """

    def __init__(
        self,
        checked: str,
        *,
        got: object = None,
        expected: object = None,
        cause: str | None = None,
        look: str | None = None,
        table: Sequence[str] = (),
        first_table: Sequence[str] = (),
    ) -> None:
        super().__init__(checked)
        self.checked, self.got, self.expected = checked, got, expected
        self.cause, self.look = cause, look
        self._table, self._first_table = list(table), list(first_table)
        self.times = SHOWN_FROM  # how often this has failed now; `checking` counts
        self.detail: str | None = None

    @property
    def table(self) -> list[str]:
        return self._first_table if self._first_table and self.times < SHOWN_FROM else self._table

    def lines(self) -> list[str]:
        """The message, line by line, without colour."""
        rows = [
            ("got", self.got),
            ("expected", self.expected),
            ("likely", self.cause),
            ("look at", self.look),
        ]
        lines = [f"✗ {self.checked}"]
        for label, value in rows:
            if value is not None:
                text = _text(value).replace("\n", "\n" + INDENT)
                lines.append(f"  {label:<9} {text}")
        return lines + self.table

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def _render_traceback_(self) -> list[str]:
        """What IPython shows instead of a traceback (IPython's own hook for this)."""
        first, *rest = self.lines()
        words = rest[: len(rest) - len(self.table)]  # the table's columns must stay columns
        # Bold and not red: Jupyter puts it on red, light or dark.
        return [f"{BOLD}{first}{PLAIN}", *map(_wrapped, words), *self.table]

    def concealed(self, what: str) -> CheckFailed:
        """The same failure without the hidden values; they stay in `detail` for the TA."""
        safe = CheckFailed(f"a hidden check: {what}", cause=self.cause, look=self.look)
        safe.detail = str(self)
        return safe


def _text(value: object) -> str:
    try:
        return str(value)
    except Exception:  # a module that lacks what its class shows of it, say
        return f"a {type(value).__name__}"


def _wrapped(line: str) -> str:
    wrap = {"subsequent_indent": INDENT, "break_long_words": False, "break_on_hyphens": False}
    parts = [textwrap.fill(part, NOTEBOOK_WIDTH, **wrap) for part in line.split("\n")]  # type: ignore[arg-type]
    return "\n".join(parts)


class NotAnswered(CheckFailed):
    """The stub is still there: one line, no traceback. `above`: with lines of the answer below it."""

    def __init__(self, exercise: str, above: bool = False) -> None:
        super().__init__(f"{exercise} is not answered yet.")
        self.above = above

    def lines(self) -> list[str]:
        left = "  The line with raise still stands above yours, so yours never run: take it out."
        return [f"○ {self.checked}", *([left] if self.above else [])]

    def _render_traceback_(self) -> list[str]:
        return self.lines()


class AnswerMissing(CheckFailed):
    """The name of the exercise is not defined."""


class AnswerRaised(CheckFailed):
    """The student's code raised something while it was checked."""


class Unreadable(Exception):
    """What came back from an answer and cannot be looked at. Its text is for the TA, never shown."""

    sentence = (
        "it returns or keeps something that cannot be looked at: numbers, texts, lists, tensors, "
        "modules can, as long as they are not too many"
    )


class WriteItYourself(CheckFailed):
    """A finished library function was called where writing it is the exercise."""

    def __init__(
        self, name: str = "the library's finished function", sentence: str | None = None
    ) -> None:
        super().__init__(
            sentence or f"the answer called {name}: this exercise asks you to do without it",
            look="the exercise text: what you write yourself, and what it lets you use; and whether "
            "an import below your answer (import *) has put the library's in its place",
        )
