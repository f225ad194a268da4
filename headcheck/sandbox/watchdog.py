"""Memory and processor time of a whole process tree: rlimits count for each process alone.

One thread looks at every child some twenty times a second. First cheaply (resident memory, which
counts pages shared with the forkserver again in every process); only when that is over the limit,
exactly (proportional shares, from smaps_rollup: some 7 ms per process). What the kernel holds for a
tree counts as well: its page tables, and for each socket as much as can wait in it.
"""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

PERIOD = 0.05  # seconds
SOCKET_KIB = 208  # net.core.wmem_default, which a jailed process cannot change
MAX_KEPT = 5000  # ended processes of one tree
CROWD = 4  # processes that run at once; fewer may be honest work
_TICKS = os.sysconf("SC_CLK_TCK")
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
    """Of all its threads. A process, and each of its threads, may end at any time while it is looked at."""
    found: list[int] = []
    with suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):
            with suppress(OSError), open(f"/proc/{pid}/task/{thread}/children") as file:
                found += map(int, file.read().split())
    return found


def runs(pid: int) -> bool:
    """Whether there is such a process and it has not ended. (One that ended and was not waited for
    yet still has its number.)"""
    return _state(pid) not in ("", "Z", "X")


def _sum_kib(path: Path, fields: tuple[str, ...]) -> int:
    try:
        lines = path.read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith(fields))


def resident_kib(pid: int) -> int:
    """Memory of one process, shared pages counted in full. Cheap."""
    return _sum_kib(_PROC / str(pid) / "status", ("RssAnon:", "RssShmem:", "VmSwap:", "VmPTE:"))


def proportional_kib(pid: int) -> int:
    """Memory of one process, every shared page divided by the number of its users. Exact."""
    fields = ("Pss_Anon:", "Pss_Shmem:", "SwapPss:")
    tables = _sum_kib(_PROC / str(pid) / "status", ("VmPTE:",))
    return _sum_kib(_PROC / str(pid) / "smaps_rollup", fields) + tables


def sockets_kib(pid: int) -> int:
    """What can wait in the sockets of a process's network namespace, those on their way included."""
    try:
        with open(f"/proc/{pid}/net/unix", "rb") as file:
            return (file.read().count(b"\n") - 1) * SOCKET_KIB
    except OSError:
        return 0


def private_mib(pid: int) -> float:
    """What would be freed if this process ended."""
    return _sum_kib(_PROC / str(pid) / "smaps_rollup", ("Private_Dirty:",)) / 1024


def host_pid(pidfd: int) -> int:
    """The process behind a pidfd, as this process sees it; -1 when it has ended."""
    for line in Path(f"/proc/self/fdinfo/{pidfd}").read_text().splitlines():
        if line.startswith("Pid:"):
            return int(line.split()[1])
    return -1


class ProcessorTime:
    """Seconds of processor time that a process and all it starts have used; never goes down.

    Processes that are there are asked. Of those that have ended there are two accounts, each of
    them incomplete: what was last seen of them (not if they were there between two looks only), and
    what those who waited for them were told (not if nobody waited). The larger sum counts.
    """

    def __init__(self, pid: int) -> None:
        self.most = 0.0
        self._pid, self._seen = pid, dict[tuple[int, str], int]()  # (process, its start) -> ticks
        self._ended = 0  # ticks of those that are no longer kept apart
        self._lock = threading.Lock()

    def read(self, processes: Sequence[int] | None = None) -> float:
        """Look now. `processes`: the tree, if the caller has just walked it."""
        with self._lock:
            told, there = 0, set()
            for pid in tree(self._pid) if processes is None else processes:
                try:
                    with open(f"/proc/{pid}/stat") as file:
                        words = file.read().rpartition(")")[2].split()
                except OSError:
                    continue
                own, waited = sum(map(int, words[11:13])), sum(map(int, words[13:15]))
                self._seen[pid, words[19]] = own
                there.add((pid, words[19]))
                told += own + waited
            if len(self._seen) > MAX_KEPT:
                for gone in self._seen.keys() - there:
                    self._ended += self._seen.pop(gone)
            used = max(self._ended + sum(self._seen.values()), told) / _TICKS
            self.most = max(self.most, used)
            return self.most


class Watched(Protocol):
    """What is asked of a child: who it is, and that it ends when it has to."""

    pidfd: int
    processor: ProcessorTime
    out_of_memory: bool
    peak_memory_mib: float

    def kill(self) -> None: ...


def be_fair(child: int, processes: Sequence[int]) -> None:
    """Where many processes of one tree run at once, together they get the share of about one.

    Each is given a lower priority, by weight (the kernel's factor is 1.25 a step). Where the kernel
    shares the processors among sessions instead (autogroup), new sessions of the tree get it too, if
    root grades: nobody else may say so.
    """
    running = [pid for pid in processes if pid != child and _state(pid) == "R"]
    if len(running) < CROWD:
        return
    less = math.ceil(math.log(len(running), 1.25))
    for pid in running:
        with suppress(OSError):  # it has ended
            nice = min(19, os.getpriority(os.PRIO_PROCESS, child) + less)
            for thread in map(int, os.listdir(f"/proc/{pid}/task")):
                if os.getpriority(os.PRIO_PROCESS, thread) < nice:
                    os.setpriority(os.PRIO_PROCESS, thread, nice)
            if os.getsid(pid) != child:
                with open(f"/proc/{pid}/autogroup", "w") as group:
                    group.write(str(nice))


def _state(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0]
    except OSError:
        return ""


class Watchdog:
    """Kills a child whose tree holds more than its limit, and keeps crowds from being favoured."""

    def __init__(self) -> None:
        self._children: dict[int, tuple[Watched, int, int]] = {}
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._warm_mib: float | None = None
        self._thread: threading.Thread | None = None

    def start(self, warm_mib: float) -> None:
        """From now on look, as soon as there is a child: an owner that only waits has one thread,
        and can fork. `warm_mib`: the forkserver's own memory. Children share it, so a tree's part
        of it can be anything up to all of it, and that much is allowed on top of the limit."""
        self._warm_mib = warm_mib

    def stop(self) -> None:
        self._stop.set()

    def watch(self, child: Watched, memory_mib: int) -> None:
        """Look after `child` until it is forgotten."""
        self._children[id(child)] = (child, host_pid(child.pidfd), memory_mib)
        with self._lock:
            if self._thread is None and self._warm_mib is not None:
                self._thread = threading.Thread(
                    target=self._run, args=(self._warm_mib,), name="memory watchdog", daemon=True
                )
                self._thread.start()

    def forget(self, child: Watched) -> None:
        self._children.pop(id(child), None)

    def _run(self, warm_mib: float) -> None:
        while not self._stop.wait(PERIOD):
            for child, pid, memory_mib in list(self._children.values()):
                self._look(child, pid, memory_mib, warm_mib)

    def _look(self, child: Watched, pid: int, memory_mib: int, warm_mib: float) -> None:
        allowed = (memory_mib + warm_mib) * 1024
        processes = tree(pid)
        child.processor.read(processes)
        if len(processes) >= CROWD:
            be_fair(pid, processes)
        waiting = sockets_kib(pid)
        used = sum(map(resident_kib, processes)) + waiting
        if used > allowed:
            used = sum(map(proportional_kib, processes)) + waiting
            if used > allowed:
                child.out_of_memory = True
                child.kill()
        child.peak_memory_mib = max(child.peak_memory_mib, used / 1024 - warm_mib)
