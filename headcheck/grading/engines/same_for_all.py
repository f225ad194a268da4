"""What a lesson's setup cells compute that is the same for all submissions: done once, by a process of its own.

That process runs the instructor's setup cells and meets no student, so what it says is as good as the
cells. The forkserver keeps it (see `lesson.once_for_all`); nothing here reads it.
"""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Mapping, Sequence

from headcheck.grading.engines.checker import CheckEnded, CheckerProcess, Setup
from headcheck.grading.work import Limits
from headcheck.sandbox.forkserver import Forkserver

ASKS_FOR_IT = "once_for_all"


def kept_for(
    server: Forkserver,
    setups: Sequence[Setup],
    files: Mapping[str, bytes],
    limits: Limits,
    references: object,
    *,
    jailed: bool,
) -> str | None:
    """Under which name the forkserver keeps it, computed now if nobody has; None where no cell asks for it.

    `files`: the lesson's own. When it cannot be computed, nothing is kept, and each submission's checker
    computes it, with the limits and the verdicts that belong to that.
    """
    if not any(ASKS_FOR_IT in cell.code for cell in setups):
        return None
    texts = [*(f"{cell.grade_id}\n{cell.code}" for cell in setups), *sorted(files)]
    whole = "\0".join(texts).encode() + b"\0".join(files[name] for name in sorted(files))
    lesson = hashlib.sha256(whole).hexdigest()
    with server.keeping:
        if not server.keeps(lesson):
            argument = {"seed": 0, "answers": {}, "ours": [], "references": references}
            server.keep(lesson, _computed(server, setups, files, limits, argument, jailed))
    return lesson


def _computed(
    server: Forkserver,
    setups: Sequence[Setup],
    files: Mapping[str, bytes],
    limits: Limits,
    argument: dict[str, object],
    jailed: bool,
) -> dict[str, str]:
    nobody, line = socket.socketpair()
    with nobody, line:
        given = argument | {"lesson": None}
        checker = CheckerProcess(server, limits, line, given, files=files, jailed=jailed)
        try:
            return checker.compute(setups)
        except CheckEnded:
            return {}
        finally:
            checker.close()
