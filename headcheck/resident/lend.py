"""The warm forkserver of a resident grader, for whoever grades in a process of its own.

`nbgrader autograde`, formgrader's button and other commands take it for as long as they use it; the
grader's own commands find it here.
"""

from __future__ import annotations

import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headcheck.resident.process import take

if TYPE_CHECKING:
    from headcheck.sandbox.forkserver import Forkserver


def borrow(root: Path) -> Forkserver | None:
    """A forkserver that is ready; None when there is none to be had, and it is to be started."""
    if (own := take()) is not None:
        return own
    from headcheck.resident.client import ask
    from headcheck.sandbox import frames

    line = ask(root, "loan")
    if line is None:
        return None
    with line:
        try:
            terms, (fd,) = frames.receive(line, max_fds=1)
        except (OSError, EOFError, ValueError, frames.FrameError):
            return None
    return lent(socket.socket(fileno=fd), terms)


def lent(line: socket.socket, terms: dict[str, Any]) -> Forkserver:
    """What a borrower makes of a line and what was said with it (`terms_of`)."""
    from headcheck.sandbox.forkserver import Forkserver

    return Forkserver.lent(line, **terms)


def terms_of(server: Forkserver) -> dict[str, Any]:
    """What a borrower has to know of a forkserver."""
    return {"warm_memory_mib": server.warm_memory_mib, "own_users": server.own_users}
