"""Where the bars of a lesson's histogram lie; `templates/histogram.html.j2` draws them.

(By hand, as the leaderboard: matplotlib needs half a second for five figures, and each `headcheck
grade` writes the report.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from headcheck.desk.numbers import Spread

WIDTH, HEIGHT = 720.0, 250.0
LEFT, RIGHT, TOP, BOTTOM = 44.0, 8.0, 22.0, 44.0
BEFORE, AFTER = -0.9, 10.9  # where who has nothing and who has all stand, in tenths
FIRST, LAST = -1.6, 11.6  # the ends of the axis, in tenths
TICKS = 4  # of the count, at most, beside 0


@dataclass(frozen=True)
class Bar:
    """Students in a tenth of the points. `kind`: `none`, `some` or `all` of the points."""

    kind: str
    says: str
    count: int
    x: float  # its left side
    y: float  # its upper side
    width: float
    height: float

    @property
    def middle(self) -> float:
        return round(self.x + self.width / 2, 1)


@dataclass(frozen=True)
class Histogram:
    """The marks of a lesson in tenths of its points; coordinates for an SVG."""

    spread: Spread
    tenths: Sequence[int]  # who has some points, not all
    width: float = WIDTH
    height: float = HEIGHT
    left: float = LEFT
    right: float = WIDTH - RIGHT
    top: float = TOP
    bottom: float = HEIGHT - BOTTOM

    @classmethod
    def of(cls, spread: Spread) -> Histogram:
        tenths = [0] * 10
        for share in spread.shares:
            if 0 < share < 1:
                tenths[int(share * 10)] += 1
        return cls(spread, tenths)

    def x(self, tenths: float) -> float:
        share = (tenths - FIRST) / (LAST - FIRST)
        return round(self.left + share * (self.right - self.left), 1)

    @property
    def most(self) -> int:
        """Of the highest bar, and at least 1."""
        return max(1, self.spread.zeros, self.spread.full, *self.tenths)

    def y(self, count: float) -> float:
        return round(self.bottom - count / self.most * (self.bottom - self.top), 1)

    def bars(self) -> list[Bar]:
        between = [
            self._bar("some", f"{10 * n} to {10 * n + 10} %", n + 0.5, count)
            for n, count in enumerate(self.tenths)
        ]
        first = self._bar("none", "nothing", BEFORE, self.spread.zeros)
        last = self._bar("all", "everything", AFTER, self.spread.full)
        return [bar for bar in (first, *between, last) if bar.count]

    def _bar(self, kind: str, says: str, middle: float, count: int) -> Bar:
        left, top = self.x(middle - 0.45), self.y(count)
        width = round(self.x(middle + 0.45) - left, 1)
        return Bar(kind, says, count, left, top, width, round(self.bottom - top, 1))

    def counts(self) -> list[int]:
        """Ticks of the axis of counts: 1, 2, 5, 10, ... apart."""
        most = self.most
        step = next(
            s * 10**power
            for power in range(len(str(most)) + 1)
            for s in (1, 2, 5)
            if most <= TICKS * s * 10**power
        )
        return list(range(0, most + 1, step))

    def labels(self) -> list[tuple[float, str]]:
        tenths = [(self.x(n), f"{10 * n} %") for n in range(10)]
        return [(self.x(BEFORE), "none"), *tenths, (self.x(AFTER), "all")]
