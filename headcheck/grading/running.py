"""What runs at this moment: which submission is at which cell, and since when.

Engines say it, whoever shows progress reads it. Nothing is decided by it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from headcheck.grading.work import Work


@dataclass(frozen=True)
class Running:
    """One submission that an engine works on; `cell` is "" before its first cell."""

    student: str
    assignment: str
    cell: str
    started: float  # of the cell, by time.monotonic()

    def __str__(self) -> str:
        seconds = int(time.monotonic() - self.started)
        what = " ".join(part for part in (self.student, self.assignment, self.cell) if part)
        return f"{what} ({seconds} s)"


_lock = threading.Lock()
_running: dict[tuple[str, str], Running] = {}


@contextmanager
def running(work: Work) -> Iterator[None]:
    """While a submission is graded."""
    at(work, "")
    try:
        yield
    finally:
        with _lock:
            _running.pop((work.student, work.assignment), None)


def at(work: Work, cell: str) -> None:
    """The submission has come to this cell."""
    now = Running(work.student, work.assignment, cell, time.monotonic())
    with _lock:
        _running[work.student, work.assignment] = now


def longest_first() -> list[Running]:
    """All that run; whatever hangs stands in front."""
    with _lock:
        return sorted(_running.values(), key=lambda one: one.started)
