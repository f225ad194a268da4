"""Which submissions have arrived, or changed, and are at rest now. A process of its own: it has threads.

    python -m headcheck.resident.watch FOLDER SECONDS

Events only wake it; what is there is looked at, so nothing is lost that came while nobody watched.
One line for each, JSON: student and assignment. After a start every submission is named once; whether
there is anything to grade is `headcheck grade`'s to know.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

Pair = tuple[str, str]  # student, assignment
LOOK_SECONDS = 600.0  # without an event: some network drives give none
STEP_MS = 300  # between two looks while something is not at rest


class Arrivals:
    """What has been told of, and what has not been at rest long enough."""

    def __init__(self, folder: Path, rest: float) -> None:
        self._folder, self._rest = folder, rest
        self._told: dict[Pair, object] = {}
        self._seen: dict[Pair, tuple[object, float]] = {}  # since when it is like that

    def look(self, now: float) -> list[Pair]:
        """Those that are new or other than when they were told, and have not changed for a while."""
        ready = []
        for pair, folder in _pairs(self._folder):
            state = _state(folder)
            if not state or self._told.get(pair) == state:
                continue
            before, since = self._seen.get(pair, (None, now))
            if before != state:
                self._seen[pair] = (state, now)
            elif now - since >= self._rest:
                del self._seen[pair]
                self._told[pair] = state
                ready.append(pair)
        return ready

    @property
    def waits(self) -> bool:
        """Whether something is not at rest yet."""
        return bool(self._seen)


def _pairs(folder: Path) -> Iterator[tuple[Pair, Path]]:
    for student in _folders(folder):
        for assignment in _folders(student):
            yield (student.name, assignment.name), assignment


def _folders(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            return sorted(
                Path(entry.path)
                for entry in entries
                if entry.is_dir(follow_symlinks=False) and not entry.name.startswith(".")
            )
    except OSError:  # it is being replaced
        return []


def _state(folder: Path) -> object:
    """Changes with every file in a folder; nothing when there is none."""
    found = []
    for top, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(top, name)
            try:
                stat = os.lstat(path)
            except OSError:  # it is being replaced
                continue
            found.append((path, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns))
    return sorted(found)


class Watcher:
    """The owner's side of the process that watches; `fileno()` becomes readable when it has said something."""

    def __init__(self, folder: Path, rest: float) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "headcheck.resident.watch", str(folder), str(rest)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for the owner alone
        )
        assert self._process.stdout is not None
        self._out = self._process.stdout.fileno()
        self._half = b""

    def fileno(self) -> int:
        return self._out

    def arrived(self) -> list[Pair]:
        """What it has said. Raises EOFError when it has ended."""
        data = os.read(self._out, 1 << 16)
        if not data:
            raise EOFError
        *lines, self._half = (self._half + data).split(b"\n")
        return [(student, assignment) for student, assignment in map(json.loads, lines)]

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def forget(self) -> None:
        """In a process forked from the owner: let go of it; it goes on."""
        if self._process.stdout is not None:
            self._process.stdout.close()


def main(folder: Path, rest: float) -> None:
    """Watch until the owner ends, or the folder is another one."""
    from watchfiles import watch

    from headcheck.sandbox import linux

    linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
    which = folder.stat().st_ino
    arrivals = Arrivals(folder, rest)
    next_look = 0.0
    for changes in watch(
        folder,
        watch_filter=None,
        rust_timeout=STEP_MS,
        yield_on_timeout=True,
        raise_interrupt=False,
    ):
        now = time.monotonic()
        if not folder.exists() or folder.stat().st_ino != which:
            return
        if changes or arrivals.waits or now >= next_look:
            next_look = now + LOOK_SECONDS
            for pair in arrivals.look(now):
                print(json.dumps(pair), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]))
