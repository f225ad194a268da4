"""Whether this process is one of a resident grader, and the forkserver that it then has."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from headcheck.sandbox.forkserver import Forkserver

_servers: list[Forkserver] = []
_is_resident = False


def stay(server: Forkserver | None) -> None:
    """This process belongs to the resident grader, and asks nobody else."""
    global _is_resident
    _is_resident = True
    _servers[:] = [server] if server else []


def is_resident() -> bool:
    """Whether this process belongs to a resident grader."""
    return _is_resident


def take() -> Forkserver | None:
    """The forkserver of this process, once."""
    return _servers.pop() if _servers else None
