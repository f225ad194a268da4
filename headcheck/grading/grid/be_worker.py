"""`headcheck worker ADDRESS`: this process becomes a Dask worker that runs submissions."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from headcheck.course.directory import CourseError
from headcheck.grading.grid.addresses import checked, need_dask, no_scheduler
from headcheck.grading.grid.worker import LIBRARIES


def command(address: str, jobs: int) -> list[str]:
    """One worker, and so one forkserver, for the whole machine. Dask's own limit of memory would count
    the worker alone, and it is the submissions that take some: theirs are our limits."""
    options = ["--nworkers", "1", "--nthreads", str(jobs), "--memory-limit", "0", "--no-dashboard"]
    preload = ["--preload", "headcheck.grading.grid.worker"]
    dask = [sys.executable, "-P", "-m", "distributed.cli.dask_worker"]
    return [*dask, address, *options, *preload]


def be_worker(address: str, jobs: int, libraries: Sequence[str], *, plain: bool) -> NoReturn:
    """`libraries`: what the course names in `c.Headcheck.libraries`. Raises `CourseError` when this machine or the address will not do."""
    if sys.platform != "linux":
        raise CourseError("a worker isolates submissions, which needs Linux.")
    need_dask()
    address = checked(address, plain=plain)
    _can_isolate()
    asyncio.run(_reach(address, plain=plain))
    os.environ[LIBRARIES] = " ".join(libraries)
    if not plain:
        os.environ["DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION"] = "True"
    arguments = command(address, jobs)
    os.execv(arguments[0], arguments)


def _can_isolate() -> None:
    from headcheck.grading.doctor import quick

    for finding in quick():
        if not finding.ok:
            raise CourseError(
                f"this machine cannot run submissions: {finding.name}: {finding.detail}. "
                f"{finding.remedy}"
            )


async def _reach(address: str, *, plain: bool) -> None:
    """Dask would end with a traceback, and a queued job often comes when its scheduler is gone."""
    from distributed.comm import connect
    from distributed.security import Security

    security = Security() if plain else Security(require_encryption=True)
    try:
        comm = await connect(address, **security.get_connection_args("worker"))
    except (OSError, TimeoutError, ValueError, TypeError, RuntimeError) as error:
        raise no_scheduler(address, error) from None
    await comm.close()
