"""Where submissions run, many at a time: a `Work` goes in, the future of a `Graded` comes out.

This is all that the classroom knows of it. Reading, repair, gradebook and `autograded/` stay in the
one process that grades; a pool sees neither course nor database.
"""

from __future__ import annotations

import os
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Protocol

from headcheck.course.directory import CourseError
from headcheck.grading.engines.pick import open_engine, wait_for

if TYPE_CHECKING:
    from headcheck.course.directory import Course
    from headcheck.grading.submission import Engine
    from headcheck.grading.work import EngineName, Graded, Work


class Pool(Protocol):
    """Runs submissions. Close it when done."""

    @property
    def engine(self) -> EngineName:
        """Who runs the notebooks: a part of every result."""

    @property
    def slots(self) -> int:
        """How many run side by side now; another time it may be another number."""

    @property
    def crowded(self) -> bool:
        """Whether others may run beside a submission; what fails then is tried once more, alone."""

    def ready(self) -> None:
        """Wait until it can run. Raises `CourseError` when it cannot."""

    def submit(self, work: Work) -> Future[Graded]:
        """Run one notebook when there is room. The future raises `crashed.Crashed`, and `CourseError` when the
        pool as a whole is lost, and then no submission is to blame."""

    def close(self) -> None:
        """End everything, also what still runs. May be called twice."""


class LocalPool:
    """An engine of this machine, and as many threads as notebooks that run at a time."""

    def __init__(self, engine: Engine, jobs: int) -> None:
        """The engine may still be starting; `close` ends it, too."""
        self._engine, self.slots, self.crowded = engine, jobs, jobs > 1
        self.engine: EngineName = engine.name
        self._threads = ThreadPoolExecutor(jobs, thread_name_prefix="grading")

    def ready(self) -> None:
        wait_for(self._engine)

    def submit(self, work: Work) -> Future[Graded]:
        from headcheck.grading.submission import grade  # slow, and so is an engine that is starting

        return self._threads.submit(grade, work, self._engine)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._engine.close()
        self._threads.shutdown(wait=True)


def open_pool(
    engine: EngineName,
    course: Course,
    jobs: int | None = None,
    *,
    scheduler: str | None = None,
    plain: bool = False,
) -> Pool:
    """A pool that may still be starting. `jobs`: as many as there are cores when not said.

    `scheduler`: the address of a cluster that runs the submissions instead; `plain`: also when that is
    not encrypted. Raises `CourseError` when it cannot be had.
    """
    if scheduler is not None:
        if engine != "isolated" or jobs is not None:
            raise CourseError(
                "a cluster isolates every submission, and each worker says how many at a time "
                "(`headcheck worker --jobs`): --scheduler goes with neither --engine nor --jobs."
            )
        from headcheck.course.libraries import libraries_of
        from headcheck.grading.grid.pool import DaskPool

        return DaskPool(scheduler, libraries=libraries_of(course.config), plain=plain)
    return LocalPool(open_engine(engine, course), jobs or cores())


def cores() -> int:
    """Processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
