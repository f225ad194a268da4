"""Run visible checks and say how each went: in the notebook's own names."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

from headcheck.done.notebook_file import Cell
from headcheck.done.table import Outcome
from headcheck.lesson.failures import AnswerMissing, CheckFailed, NotAnswered


def outcomes(
    checks: Iterable[Cell], names: Mapping[str, Any], *, why: Mapping[str, str] | None = None
) -> dict[str, Outcome]:
    """Run the check cells on these names (which stay as they are): check name -> outcome.

    `why`: what is known of names that are not there, answers first; said instead of "not defined".
    """
    own = dict(names)
    return {check.name: outcome(check, own, why or {}) for check in checks}


def outcome(check: Cell, names: dict[str, Any], why: Mapping[str, str]) -> Outcome:
    """Run one check cell among these names, which get what it binds."""
    quiet = io.StringIO()
    try:
        code = compile(check.source, f"<{check.name}>", "exec")
        with redirect_stdout(quiet), redirect_stderr(quiet):
            exec(code, names)
    except NotAnswered:
        return Outcome("open", "not answered")
    except AnswerMissing as failure:
        said = why.get(_exercise(failure))
        return Outcome("failed", said) if said else Outcome("not run", "its cell has not run")
    except CheckFailed as failure:
        return Outcome("failed", failure.lines()[0].removeprefix("✗ "))
    except NameError as error:
        said = why.get(error.name or "") or f"{error.name} is missing: run the cells above first"
        return Outcome("not run", said)
    except (Exception, SystemExit, KeyboardInterrupt) as error:
        return Outcome("failed", f"{type(error).__name__}: {error}".splitlines()[0][:100])
    return Outcome("passed")


def _exercise(failure: AnswerMissing) -> str:
    return failure.checked.removesuffix(" is not defined")
