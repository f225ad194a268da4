"""The pool that is a Dask cluster: the same `submit` as with threads, and other machines run it."""

from __future__ import annotations

import logging
import sys
import threading
import time
import uuid
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

from headcheck.course.directory import CourseError
from headcheck.course.libraries import USUAL, options_for
from headcheck.grading.crashed import Crashed
from headcheck.grading.grid.addresses import checked, need_dask, no_scheduler
from headcheck.grading.grid.label import label
from headcheck.grading.grid.line import read_graded, work_bytes
from headcheck.grading.work import EngineName, Graded, Work

PATIENCE = 300.0  # seconds without any worker, once there was one
LOOK_EVERY = 2.0
FETCH_SECONDS = 60.0  # for a result that is there
MOST = 512  # submissions at a time that one client waits for


class ClusterLost(CourseError):
    """The scheduler or all workers are gone: what was finished is kept."""

    exit_code = 1


class DaskPool:
    """Workers of a cluster that have our code and our libraries. Others get nothing from us."""

    engine: EngineName = "isolated"
    # How many run side by side says it too late: the worker that two ran in may be gone by then.
    crowded = True

    def __init__(
        self,
        address: str,
        *,
        libraries: Sequence[str] = USUAL,
        plain: bool = False,
        patience: float = PATIENCE,
    ) -> None:
        """Connects. Raises `CourseError` when no scheduler answers, or may not be used."""
        need_dask()
        self.address = checked(address, plain=plain)
        self._patience, self._label = patience, label(libraries)
        self._worker = f"headcheck worker {self.address}{options_for(libraries)}"
        self._worker += " --plain" if plain else ""
        self._client = _connect(self.address, plain)
        self._threads = ThreadPoolExecutor(MOST, thread_name_prefix="cluster")
        self._lock = threading.Lock()
        self._slots, self._others, self._looked = 0, 0, -LOOK_EVERY
        self._seen: float | None = None  # when there last was a worker
        self._told = self._closed = False

    @property
    def slots(self) -> int:
        with suppress(ClusterLost):  # the futures say it, after those that have a result
            self._look()
        return min(max(self._slots, 1), MOST - 1)

    def ready(self) -> None:
        """Waits for no worker: a cluster that grows with its work has none before there is some."""
        self._look()

    def submit(self, work: Work) -> Future[Graded]:
        return self._threads.submit(self._run, work_bytes(work))

    def close(self) -> None:
        self._closed = True
        self._threads.shutdown(wait=False, cancel_futures=True)
        with _in_words(self.address):
            self._client.close(timeout=5)
        self._threads.shutdown(wait=True)

    def _run(self, data: bytes) -> Graded:
        from distributed import KilledWorker

        from headcheck.grading.grid.worker import grade_bytes

        with _in_words(self.address):
            task = self._client.submit(
                grade_bytes,
                data,
                key=f"headcheck-{uuid.uuid4().hex}",  # says nothing of whose it is
                pure=False,
                resources={self._label: 1},
            )
            done = threading.Event()
            task.add_done_callback(lambda _: done.set())
            try:
                while True:
                    # Not `result(timeout=LOOK_EVERY)`: where that gives up while a result is on its way,
                    # Dask may raise an UnboundLocalError.
                    if not done.wait(LOOK_EVERY):
                        self._look()
                        continue
                    try:
                        return read_graded(task.result(timeout=FETCH_SECONDS))
                    except TimeoutError:  # its worker is gone, and another one has to run it
                        self._look()
                    except KilledWorker:
                        raise Crashed("each worker that ran it has ended") from None
            finally:
                # A `TimeoutError` of Dask's lies in a circle with `task`. What is held is run once more
                # when its worker ends, before what nobody has run yet.
                task.release()

    def _only_others(self) -> None:
        if self._others:
            raise ClusterLost(
                f"no worker at {self.address} can be used: {self._others} there with another "
                "headcheck or other libraries than this course, or not started by `headcheck worker`. "
                "Install the same versions on all of them (constraints.txt), and start there: "
                f"{self._worker}"
            )

    def _look(self) -> None:
        """See which workers there are. Raises `ClusterLost` when there has been none for too long, or
        from the start only such as get nothing from us."""
        with self._lock:
            now = time.monotonic()
            if now - self._looked < LOOK_EVERY:
                return
            with _in_words(self.address):
                workers = self._client.scheduler_info(n_workers=-1)["workers"].values()
            self._looked = time.monotonic()
            self._slots = int(sum(one["resources"].get(self._label, 0) for one in workers))
            self._others = sum(self._label not in one["resources"] for one in workers)
            if self._slots:
                self._seen, self._told = now, False
                return
            if self._seen is None:
                self._only_others()
            if self._seen is not None and now - self._seen > self._patience:
                raise ClusterLost(
                    f"no worker that can be used has been at {self.address} for "
                    f"{self._patience:g} s. What was finished is kept; start workers (`headcheck "
                    "worker`) and run the same command again."
                )
            if not self._told and not self._closed:
                self._told = True
                print(
                    f"headcheck: no worker at {self.address} now; waiting for one (Ctrl-C ends it).",
                    file=sys.stderr,
                )


def _connect(address: str, plain: bool) -> Any:
    from distributed import Client
    from distributed.security import Security

    for name in ("distributed", "tornado", "asyncio"):  # what they say, we say in words
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    # Versions that matter are in the label, and a submission is as large as it is.
    warnings.filterwarnings("ignore", module="distributed")
    try:
        return Client(
            address,
            security=Security() if plain else Security(require_encryption=True),
            set_as_default=False,
        )
    except (OSError, TimeoutError, ValueError, TypeError, RuntimeError) as error:
        raise no_scheduler(address, error) from None


@contextmanager
def _in_words(address: str) -> Iterator[None]:
    """What Dask raises when its scheduler is gone becomes a `ClusterLost`."""
    from distributed import CancelledError
    from distributed.comm import CommClosedError

    try:
        yield
    except (CancelledError, CommClosedError, OSError):
        raise ClusterLost(
            f"the scheduler at {address} is gone. What was finished is kept; start it again, and its "
            "workers, and run the same command again."
        ) from None
