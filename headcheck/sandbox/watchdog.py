"""Memory of a whole process tree: the limit no rlimit can set, because those count per process.

One thread looks at every child some twenty times a second. First cheaply (resident memory, which
counts pages shared with the forkserver again in every process); only when that is over the limit,
exactly (proportional shares, from smaps_rollup: some 7 ms per process).
"""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Protocol

PERIOD = 0.05  # seconds
_PROC = Path("/proc")


def tree(pid: int) -> list[int]:
    """A process and all its descendants. Orphans inside a PID namespace stay its init's."""
    found, waiting = [], [pid]
    while waiting:
        process = waiting.pop()
        found.append(process)
        waiting += _children(process)
    return found


def _children(pid: int) -> list[int]:
    """Of all its threads. A process may end at any time while it is looked at."""
    found: list[int] = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children") as file:
                found += map(int, file.read().split())
    except OSError:
        pass
    return found


def runs(pid: int) -> bool:
    """Whether there is such a process and it has not ended. (One that ended and was not waited for
    yet still has its number.)"""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def _sum_kib(path: Path, fields: tuple[str, ...]) -> int:
    try:
        lines = path.read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith(fields))


def resident_kib(pid: int) -> int:
    """Memory of one process, shared pages counted in full. Cheap."""
    return _sum_kib(_PROC / str(pid) / "status", ("RssAnon:", "RssShmem:", "VmSwap:"))


def proportional_kib(pid: int) -> int:
    """Memory of one process, every shared page divided by the number of its users. Exact."""
    fields = ("Pss_Anon:", "Pss_Shmem:", "SwapPss:")
    return _sum_kib(_PROC / str(pid) / "smaps_rollup", fields)


def private_mib(pid: int) -> float:
    """What would be freed if this process ended."""
    return _sum_kib(_PROC / str(pid) / "smaps_rollup", ("Private_Dirty:",)) / 1024


def host_pid(pidfd: int) -> int:
    """The process behind a pidfd, as this process sees it; -1 when it has ended."""
    for line in Path(f"/proc/self/fdinfo/{pidfd}").read_text().splitlines():
        if line.startswith("Pid:"):
            return int(line.split()[1])
    return -1


class Watched(Protocol):
    """What is asked of a child: who it is, and that it ends when it has to."""

    pidfd: int
    out_of_memory: bool
    peak_memory_mib: float

    def kill(self) -> None: ...


class Watchdog:
    """Kills a child whose tree holds more than its limit."""

    def __init__(self) -> None:
        self._children: dict[int, tuple[Watched, int, int]] = {}
        self._stop = threading.Event()
        self._warm_mib = 0.0

    def start(self, warm_mib: float) -> None:
        """`warm_mib`: the forkserver's own memory. Children share it, so a tree's part of it can
        be anything up to all of it, and that much is allowed on top of the limit."""
        self._warm_mib = warm_mib
        threading.Thread(target=self._run, name="memory watchdog", daemon=True).start()

    def stop(self) -> None:
        self._stop.set()

    def watch(self, child: Watched, memory_mib: int) -> None:
        """Look after `child` until it is forgotten."""
        self._children[id(child)] = (child, host_pid(child.pidfd), memory_mib)

    def forget(self, child: Watched) -> None:
        self._children.pop(id(child), None)

    def _run(self) -> None:
        while not self._stop.wait(PERIOD):
            for child, pid, memory_mib in list(self._children.values()):
                self._look(child, pid, memory_mib)

    def _look(self, child: Watched, pid: int, memory_mib: int) -> None:
        allowed = (memory_mib + self._warm_mib) * 1024
        processes = tree(pid)
        used = sum(map(resident_kib, processes))
        if used > allowed:
            used = sum(map(proportional_kib, processes))
            if used > allowed:
                child.out_of_memory = True
                child.kill()
        child.peak_memory_mib = max(child.peak_memory_mib, used / 1024 - self._warm_mib)
