"""Which cell runs next, and when a process has to be started for it: one crash costs one question.

Pure: it runs nothing and waits for nothing. A runner asks `next`, does it, and says what came of it.
When a process is gone, another is started and the cells before are run again, all but the culprits.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Start:
    """Start a process; then say `started`."""


@dataclass(frozen=True)
class RunCell:
    """Run this cell; then say `went_on` or `lost`. `again`: for what it leaves behind alone."""

    index: int
    again: bool


@dataclass(frozen=True)
class Refuse:
    """The cell has no chance to run: the time is up, or too many processes ended."""

    index: int


Step = Start | RunCell | Refuse


class Replay:
    """The way through the cells of one notebook."""

    def __init__(self, cells: Iterable[int], most_starts: float) -> None:
        """`cells`: those that run, by their places in the notebook, in order."""
        self._cells = list(cells)
        self._turn = 0  # whose first turn is next
        self._place: int | None = None  # where the process stands; None: there is none
        self._most = most_starts
        self._culprits: set[int] = set()
        self.starts = 0

    def next(self, in_time: bool) -> Step | None:
        """What to do now; None when every cell has had its turn."""
        self._turn = self._past_culprits(self._turn)
        if self._turn == len(self._cells):
            return None
        if not in_time or (self._place is None and self.starts >= self._most):
            index = self._cells[self._turn]
            self._culprits.add(index)
            return Refuse(index)
        if self._place is None:
            return Start()
        self._place = self._past_culprits(self._place)
        return RunCell(self._cells[self._place], again=self._place < self._turn)

    def started(self) -> None:
        """There is a new process, in which nothing has run."""
        self.starts, self._place = self.starts + 1, 0

    def went_on(self) -> None:
        """The cell ran, whatever came of it, and the process can run the next one."""
        assert self._place is not None
        self._place += 1
        self._turn = max(self._turn, self._place)

    def lost(self) -> None:
        """The process is gone with the cell that ran, which is not run again."""
        assert self._place is not None
        self._culprits.add(self._cells[self._place])
        self._place = None

    def leave_out(self, cells: Iterable[int]) -> None:
        """These are not run any more, neither for the first time nor again."""
        self._culprits.update(cells)

    def ended_a_process(self, index: int) -> bool:
        """Whether this cell is left out of every later run."""
        return index in self._culprits

    def _past_culprits(self, place: int) -> int:
        while place < len(self._cells) and self._cells[place] in self._culprits:
            place += 1
        return place
