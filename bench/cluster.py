"""What it costs to let a Dask worker run submissions instead of this process: in turns, each by both.

    python bench/cluster.py [--size 12] [--lesson 02-the-cut]

A scheduler and one worker on loopback, unencrypted, with one job; both sides have a warm forkserver.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Annotated

import typer
from classes import build_course, hand_in, make_class

from headcheck.course.libraries import USUAL
from headcheck.grading.classroom import Classroom
from headcheck.grading.find import find_submissions
from headcheck.grading.grid.be_worker import command
from headcheck.grading.grid.pool import DaskPool
from headcheck.grading.grid.worker import LIBRARIES
from headcheck.grading.pool import Pool, open_pool
from headcheck.grading.work import Work

SECONDS = 120.0  # for a scheduler to start


def seconds(pool: Pool, work: Work) -> tuple[float, list[float]]:
    start = time.perf_counter()
    graded = pool.submit(work).result()
    return time.perf_counter() - start, [cell.score for cell in graded.cells]


def main(
    size: Annotated[int, typer.Option(help="Submissions.")] = 12,
    lesson: Annotated[str, typer.Option(help="Of which lesson.")] = "02-the-cut",
) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="headcheck-bench-") as place:
        course = build_course(Path(place) / "course", [lesson])
        hand_in(course.root, make_class(course, size))
        log = Path(place) / "log"
        with _started(Path(place), log) as address:
            try:
                pools = (open_pool("isolated", course, 1), DaskPool(address, plain=True))
                with closing(pools[0]), closing(pools[1]):
                    _compare(course, *pools)
            except BaseException:
                print(log.read_text()[-3000:], file=sys.stderr)
                raise


@contextmanager
def _started(place: Path, log: Path) -> Iterator[str]:
    """A scheduler and a worker; the scheduler's address. What they say goes into the log."""
    file = place / "scheduler.json"
    module = [sys.executable, "-P", "-m", "distributed.cli.dask_scheduler"]
    where = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file)]
    with log.open("wb") as out, ExitStack() as processes:

        def start(arguments: list[str], **more: str) -> subprocess.Popen[bytes]:
            environment = {**os.environ, **more}
            process = subprocess.Popen(
                arguments, env=environment, cwd=place, stdout=out, stderr=out
            )
            processes.callback(_end, process)
            return process

        scheduler, end = start([*module, *where]), time.monotonic() + SECONDS
        while not file.exists() or not file.read_text().endswith("}"):
            if scheduler.poll() is not None or time.monotonic() > end:
                raise SystemExit(f"the scheduler did not start: {log.read_text()[-3000:]}")
            time.sleep(0.05)
        address = str(json.loads(file.read_text())["address"])
        start(command(address, 1), **{LIBRARIES: " ".join(USUAL)})
        yield address


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _compare(course: object, local: Pool, cluster: Pool) -> None:
    with closing(Classroom(course, find_submissions(course)[0])) as room:  # type: ignore[arg-type]
        works = [room._prepare(one, "isolated").work for one in room.submissions]
    for pool in (local, cluster):
        pool.ready()
        seconds(pool, works[0])
    here, there, ratios = 0.0, 0.0, []
    for number, work in enumerate(works):
        pools = (local, cluster) if number % 2 else (cluster, local)
        took = {pool: seconds(pool, work) for pool in pools}
        assert took[local][1] == took[cluster][1], "another result"
        here, there = here + took[local][0], there + took[cluster][0]
        ratios.append(took[cluster][0] / took[local][0])
    print(
        f"{len(works)} submissions, in turns: local {here / len(works):.2f} s each, cluster "
        f"{there / len(works):.2f} s; ratio of the sums {there / here:.2f}, median of the pairs "
        f"{statistics.median(ratios):.2f}"
    )


if __name__ == "__main__":
    typer.run(main)
