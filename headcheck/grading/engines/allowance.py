"""Time of a cell: that of the processors its own processes used, whatever else the machine does.

Wall time is the second bound, and a generous one: it ends what waits for ever.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass

from headcheck.grading.work import Limits
from headcheck.sandbox.forkserver import Child

_CORES = os.cpu_count() or 1
_PERIOD = 0.05  # seconds; how late an end is noticed at most


@dataclass(frozen=True)
class Allowance:
    """What may be used: `processor` seconds of all processes together, and `wall` seconds."""

    processor: float
    wall: float


def of_one_cell(limits: Limits) -> Allowance:
    return Allowance(limits.cell_seconds, limits.cell_seconds * limits.wall_factor)


class Meter:
    """Counts from now on what some processes, and all they start, use of an allowance."""

    def __init__(self, allowance: Allowance, children: Sequence[Child]) -> None:
        self.allowance, self._children = allowance, children
        self._end = time.monotonic() + allowance.wall
        self._before = self._used()

    def _used(self) -> float:
        return sum(child.processor_seconds() for child in self._children)

    def left(self) -> float:
        """Seconds to wait before asking again; 0 when one of the bounds is reached."""
        wall = self._end - time.monotonic()
        processor = self.allowance.processor - (self._used() - self._before)
        return 0.0 if min(wall, processor) <= 0 else min(wall, max(processor / _CORES, _PERIOD))

    def limit(self) -> str:
        """Which bound was reached, for a sentence that ends in it."""
        if time.monotonic() >= self._end:
            return f"did not end within {self.allowance.wall:.3g} s"
        return f"ran longer than the limit of {self.allowance.processor:.3g} s"
