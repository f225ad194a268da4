"""The leaderboard of a lesson: accuracy against parameters, as the grader's own check measured it.

A check cell publishes an entry by printing one line, `leaderboard {...}` (`grading/published.py`).
Only the outputs of check cells are read, so a line that a student's own cell prints is no entry.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

WORD = "leaderboard"


class Entry(BaseModel):
    """What a check measured of one head. Accuracies are shares of 1, of `probe` too."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    parameters: int = Field(ge=1, le=10**12)
    accuracy: float = Field(ge=0, le=1)
    probe: float = Field(ge=0, le=1, description="the baseline, trained on the same pictures")
    margin: float = Field(ge=0, le=1, description="how far ahead of the baseline a head has to be")
    budget: int = Field(ge=1, le=10**12, description="the most parameters that are allowed")
    not_ranked: str | None = Field(
        default=None, max_length=200, description="why the figures are no ground for a rank"
    )


def entry_of(published: Mapping[str, Any] | None) -> Entry | None:
    """The entry in what a check published; None when there is none, or not one of these figures."""
    if published is None or WORD not in published:
        return None
    try:
        return Entry.model_validate(published[WORD])
    except ValidationError:
        return None


@dataclass(frozen=True)
class Candidate:
    """A student's entry. `remarks`: why it is not ranked, or what else a TA should know."""

    student: str
    entry: Entry
    ranked: bool = True
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Place:
    """A row of the table and a point of the plot. Equal results share a rank."""

    rank: int | None
    student: str
    entry: Entry
    remarks: tuple[str, ...]
    x: float
    y: float

    @property
    def ahead(self) -> float:
        """Percentage points ahead of the baseline."""
        return 100 * (self.entry.accuracy - self.entry.probe)


@dataclass(frozen=True)
class Leaderboard:
    """The table, best first, and where things lie in the plot."""

    places: Sequence[Place]
    unbeaten: Sequence[Place]  # nobody is better with as few parameters; smallest first
    numbered: Sequence[Place]  # whose rank stands in the plot
    budget: int
    probe: float
    needed: float  # accuracy that is the margin ahead of the baseline
    plot: Plot


WIDTH, HEIGHT = 720.0, 340.0
LEFT, RIGHT, TOP, BOTTOM = 52.0, 18.0, 22.0, 46.0


@dataclass(frozen=True)
class Plot:
    """Parameters on a log axis, accuracy on a linear one; coordinates for an SVG."""

    least: float
    most: float
    low: float
    high: float
    width: float = WIDTH
    height: float = HEIGHT
    left: float = LEFT
    right: float = WIDTH - RIGHT
    top: float = TOP
    bottom: float = HEIGHT - BOTTOM

    @classmethod
    def around(cls, parameters: Iterable[float], accuracies: Iterable[float]) -> Plot:
        """The plot that shows all of these with some air around them."""
        parameters, accuracies = list(parameters), list(accuracies)
        least, most = min(parameters) / 1.35, max(parameters) * 1.35
        widen = max(1.0, math.sqrt(7 * least / most))  # so that two ticks lie on it at least
        return cls(
            least=least / widen,
            most=most * widen,
            low=max(0.0, math.floor(20 * min(accuracies) - 0.4) / 20),
            high=min(1.0, math.ceil(20 * max(accuracies) + 0.4) / 20),
        )

    def x(self, parameters: float) -> float:
        span = math.log(self.most / self.least)
        share = math.log(parameters / self.least) / span
        return round(self.left + share * (self.right - self.left), 1)

    def y(self, accuracy: float) -> float:
        share = (accuracy - self.low) / (self.high - self.low)
        return round(self.bottom - share * (self.bottom - self.top), 1)

    def parameter_ticks(self) -> list[int]:
        """1, 2, 5, 10, ... as far as they lie on the axis; powers of ten alone on a long one."""
        decades = math.log10(self.most / self.least)
        steps = (1, 2, 5) if decades < 3 else (1,)
        first, last = math.floor(math.log10(self.least)), math.ceil(math.log10(self.most))
        ticks = [step * 10**power for power in range(max(first, 0), last + 1) for step in steps]
        return [tick for tick in ticks if self.least <= tick <= self.most]

    def accuracy_ticks(self) -> list[float]:
        step = 5 if self.high - self.low <= 0.4 else 10
        ticks = range(0, 101, step)
        return [t / 100 for t in ticks if self.low - 1e-9 <= t / 100 <= self.high + 1e-9]


def leaderboard(candidates: Iterable[Candidate]) -> Leaderboard | None:
    """The leaderboard of one lesson; None when nobody has an entry.

    Better accuracy first, then fewer parameters. Who is not ranked stands below.
    """
    order = sorted(
        candidates,
        key=lambda c: (not c.ranked, -c.entry.accuracy, c.entry.parameters, c.student),
    )
    if not order:
        return None
    entries = [candidate.entry for candidate in order]
    # The lesson's own figures: the same for all, but for who was graded before a change of them.
    budget = int(median(entry.budget for entry in entries))
    probe = median(entry.probe for entry in entries)
    needed = median(entry.probe + entry.margin for entry in entries)
    plot = Plot.around(
        [*(entry.parameters for entry in entries), budget],
        [*(entry.accuracy for entry in entries), probe, needed],
    )
    places = [
        Place(
            rank,
            candidate.student,
            candidate.entry,
            candidate.remarks,
            plot.x(candidate.entry.parameters),
            plot.y(candidate.entry.accuracy),
        )
        for rank, candidate in zip(_ranks(order), order, strict=True)
    ]
    return Leaderboard(
        places, list(_unbeaten(places)), list(_numbered(places)), budget, probe, needed, plot
    )


def _ranks(order: Sequence[Candidate]) -> Iterator[int | None]:
    """1, 2, 2, 4, ...; None for who is not ranked."""
    rank, before = 0, None
    for number, candidate in enumerate(order, 1):
        result = candidate.entry.accuracy, candidate.entry.parameters
        if result != before:
            rank, before = number, result
        yield rank if candidate.ranked else None


def _unbeaten(places: Sequence[Place]) -> Iterator[Place]:
    best = -1.0
    ranked = [place for place in places if place.rank is not None]
    for place in sorted(ranked, key=lambda p: (p.entry.parameters, -p.entry.accuracy)):
        if place.entry.accuracy > best:
            best = place.entry.accuracy
            yield place


def _numbered(places: Sequence[Place]) -> Iterator[Place]:
    """The first ten, but where numbers would cover each other."""
    written: list[Place] = []
    for place in places:
        free = all(abs(place.x - p.x) > 16 or abs(place.y - p.y) > 14 for p in written)
        if place.rank is not None and place.rank <= 10 and free:
            written.append(place)
            yield place
