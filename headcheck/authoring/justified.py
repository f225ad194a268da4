"""What the author says of changes that are no mistakes: the comments `# audit: equivalent`."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass

from headcheck.authoring.mutate import Mutant, solution_lines

_JUSTIFIED = re.compile(r"#\s*audit:\s*equivalent\b\s*(?:\[(.*?)\](?=[:,]))?[\s:,]*(.*)")


@dataclass(frozen=True)
class Reason:
    comment: int  # the line of the cell it stands in
    lines: tuple[int, ...]  # changes in these lines are meant
    only: str | None  # operators, or words of the changed lines
    why: str

    def covers(self, mutant: Mutant, original: str) -> bool:
        """Whether it speaks of this mutant."""
        if mutant.line not in self.lines:
            return False
        if self.only is None or mutant.operator in self.only.split("; "):
            return True
        return any(self.only in line for line in mutant.diff(original))


def is_justified(mutant: Mutant, original: str) -> bool:
    """Whether a comment says why this change is no mistake."""
    return any(reason.why and reason.covers(mutant, original) for reason in reasons(original))


def reasons(code: str) -> Iterator[Reason]:
    """The comments `# audit: equivalent [operator, or words of the change]: why`.

    Behind code one is about that line, alone about the next statement (of one with a body: its head).
    Alone at the beginning of a solution it speaks for the signature, too.
    """
    solution = solution_lines(code)
    statements = sorted(
        (n.lineno, (n.body[0].lineno - 1 if hasattr(n, "body") else n.end_lineno) or n.lineno)
        for n in ast.walk(ast.parse(code))
        if isinstance(n, ast.stmt) and n.lineno in solution
    )
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        found = _JUSTIFIED.match(token.string) if token.type == tokenize.COMMENT else None
        if found is None:
            continue
        number = token.start[0]
        alone = not token.line.split("#")[0].strip()
        lines: tuple[int, ...] = (number,)
        after = [each for each in statements if each[0] > number]
        if alone and after:
            lines = tuple(range(after[0][0], after[0][1] + 1))
            if after[0] == statements[0]:
                lines += tuple(range(1, number))
        yield Reason(number, lines, found[1], found[2].strip())
