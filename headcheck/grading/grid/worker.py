"""On a machine that runs submissions: what a Dask worker loads (`--preload`), and what it is asked.

One forkserver a worker; it ends with the worker. A worker whose forkserver cannot be had ends, too,
so that its work goes elsewhere: the fastest way through a class would be to fail at each of it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from headcheck.course.libraries import USUAL
from headcheck.grading.grid.label import label
from headcheck.grading.grid.line import graded_bytes, read_work
from headcheck.sandbox.forkserver import Forkserver, ForkserverError
from headcheck.sandbox.jail import IsolationUnavailable

if TYPE_CHECKING:
    from headcheck.grading.submission import Engine

LIBRARIES = "HEADCHECK_LIBRARIES"  # in the environment of a worker: those of the course
_engine: Engine | None = None


def start_engine(private: Path, libraries: Sequence[str]) -> Engine:
    """The engine of this worker, ready. Raises what `Forkserver.start` raises."""
    from headcheck.grading.engines.isolated import IsolatedEngine

    def start() -> Forkserver:
        return Forkserver.start([private], libraries)

    return IsolatedEngine(start(), anew=start)


def dask_setup(worker: Any) -> None:
    """Called by Dask before the worker is known to its scheduler: only then no task can be early."""
    global _engine
    named = os.environ.get(LIBRARIES)
    libraries = USUAL if named is None else named.split()
    try:
        _engine = start_engine(Path(worker.local_directory), libraries)
    except (IsolationUnavailable, ForkserverError) as error:
        _end(f"this machine cannot run submissions: {error}")
    name = label(libraries)
    worker.state.total_resources[name] = worker.state.nthreads
    worker.state.available_resources[name] = worker.state.nthreads


def dask_teardown(worker: Any) -> None:
    """Called by Dask when the worker ends in good order."""
    if _engine is not None:
        _engine.close()


def grade_bytes(data: bytes) -> bytes:
    """Run one submission: what `line` makes of a `Work`, to what it makes of a `Graded`."""
    from headcheck.grading.submission import grade

    assert _engine is not None, "the worker was started without --preload"
    try:
        return graded_bytes(grade(read_work(data), _engine, fatal=(ForkserverError,)))
    except ForkserverError as error:
        _end(f"its forkserver ended, and another one does not start: {error}")


def _end(why: str) -> NoReturn:
    print(f"headcheck worker: {why}", file=sys.stderr, flush=True)
    os._exit(1)
