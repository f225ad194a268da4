"""What runs at this moment: which submission is at which cell, and since when.

Engines say it, whoever shows progress reads it. Nothing is decided by it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from headcheck.grading.work import Limits, Work

LONG = 10  # seconds, after which it is said how long it may take


@dataclass(frozen=True)
class Running:
    """One submission that an engine works on; `cell` is "" before its first cell."""

    student: str
    assignment: str
    cell: str
    started: float  # of the cell, by time.monotonic()
    limits: Limits

    def __str__(self) -> str:
        seconds = int(time.monotonic() - self.started)
        what = " ".join(part for part in (self.student, self.assignment, self.cell) if part)
        return f"{what} ({seconds} s{self._at_most(seconds)})"

    def _at_most(self, seconds: int) -> str:
        if seconds < LONG:
            return ""
        busy = self.limits.cell_seconds
        if seconds <= busy:
            return f"; limit: {busy:g} s of processor time"
        return f"; limit: {busy * self.limits.wall_factor:g} s"  # it only waits


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
    now = Running(work.student, work.assignment, cell, time.monotonic(), work.limits)
    with _lock:
        _running[work.student, work.assignment] = now


def longest_first() -> list[Running]:
    """All that run; whatever hangs stands in front."""
    with _lock:
        return sorted(_running.values(), key=lambda one: one.started)
