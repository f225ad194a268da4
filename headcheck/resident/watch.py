"""Which submissions have arrived, or changed, and are at rest now. A process of its own: it has threads.

    python -m headcheck.resident.watch SECONDS SUBMITTED [INBOUND]

Events only wake it; what is there is looked at, so nothing is lost that came while nobody watched.
One line for each, JSON: where, student and assignment. After a start every submission is named once;
whether there is anything to do is for `headcheck exchange` and `headcheck grade` to know.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from headcheck.course.handed_over import has_stamp, is_given_up

Pair = tuple[str, str]  # student, assignment
Where = Literal["submitted", "inbound"]
Arrival = tuple[Where, str, str]
LOOK_SECONDS = 600.0  # without an event: some network drives give none
STEP_MS = 300  # between two looks while something is not at rest
POLL_SECONDS = 10.0  # between two looks where the system gives no more events


@dataclass(frozen=True)
class Places:
    """`submitted/`, and where the exchange puts what is handed in, if there is one."""

    submitted: Path
    inbound: Path | None = None

    def state(self) -> list[int | None]:
        """Changes when one of the two is another folder than before, or gone, or there again."""
        return [_number(folder) for folder in (self.submitted, self.inbound)]

    def there(self) -> list[Path]:
        """Those that can be watched."""
        both = (self.submitted, self.inbound)
        return [each for each in both if each is not None and _number(each) is not None]


def _number(folder: Path | None) -> int | None:
    try:
        return None if folder is None else folder.stat().st_ino
    except OSError:
        return None


class Arrivals:
    """What has been told of, and what has not been at rest long enough."""

    def __init__(self, places: Places, rest: float) -> None:
        self._places, self._rest = places, rest
        self._told: dict[Arrival, object] = {}
        self._come: set[str] = set()  # on the exchange, where each has a folder of its own
        self._seen: dict[object, tuple[object, float]] = {}  # since when it is like that

    def look(self, now: float) -> list[Arrival]:
        """Those that are new or other than when they were told, and have not changed for a while."""
        return [*self._on_the_exchange(now), *self._submitted(now)]

    def _submitted(self, now: float) -> Iterator[Arrival]:
        for arrival, folder in _submissions(self._places.submitted):
            state = _state(folder)
            if not state or self._told.get(arrival) == state:
                continue
            if self._at_rest(arrival, state, now):
                self._told[arrival] = state
                yield arrival

    def _on_the_exchange(self, now: float) -> Iterator[Arrival]:
        """nbgrader writes the time when everything is there, and gives all rights last."""
        inbound = self._places.inbound
        for folder in _folders(inbound) if inbound is not None else ():
            if folder.name in self._come or not has_stamp(folder):
                continue
            if is_given_up(folder) or self._at_rest(folder.name, _state(folder), now):
                self._seen.pop(folder.name, None)
                self._come.add(folder.name)
                parts = folder.name.rsplit("+", 3)
                if len(parts) > 2 and parts[0].isprintable():
                    yield "inbound", parts[0], parts[1]

    def _at_rest(self, what: object, state: object, now: float) -> bool:
        before, since = self._seen.get(what, (None, now))
        if before != state:
            self._seen[what] = (state, now)
        elif now - since >= self._rest:
            del self._seen[what]
            return True
        return False

    @property
    def waits(self) -> bool:
        """Whether something is not at rest yet."""
        return bool(self._seen)


def _submissions(folder: Path) -> Iterator[tuple[Arrival, Path]]:
    for student in _folders(folder):
        for assignment in _folders(student):
            yield ("submitted", student.name, assignment.name), assignment


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

    def __init__(self, places: Places, rest: float) -> None:
        places.submitted.mkdir(parents=True, exist_ok=True)
        folders = [str(each) for each in (places.submitted, places.inbound) if each is not None]
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "headcheck.resident.watch", str(rest), *folders],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for the owner alone
        )
        assert self._process.stdout is not None
        self._out = self._process.stdout.fileno()
        self._half = b""
        self.since = time.monotonic()

    def fileno(self) -> int:
        return self._out

    def arrived(self) -> list[Arrival]:
        """What it has said. Raises EOFError when it has ended."""
        data = os.read(self._out, 1 << 16)
        if not data:
            raise EOFError
        *lines, self._half = (self._half + data).split(b"\n")
        return [(where, student, name) for where, student, name in map(json.loads, lines)]

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def forget(self) -> None:
        """In a process forked from the owner: let go of it; it goes on."""
        if self._process.stdout is not None:
            self._process.stdout.close()


def main(places: Places, rest: float) -> None:
    """Watch until the owner ends, or one of the folders is another one, gone, or there again."""
    from headcheck.sandbox import linux

    linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
    before = places.state()
    arrivals = Arrivals(places, rest)
    next_look = 0.0
    for changes in _events(places.there()):
        now = time.monotonic()
        if places.state() != before:
            return
        if changes or arrivals.waits or now >= next_look:
            next_look = now + LOOK_SECONDS
            for arrival in arrivals.look(now):
                print(json.dumps(arrival), flush=True)


def _events(folders: list[Path]) -> Iterator[Iterable[object]]:
    """What has changed, and nothing now and then; every few seconds where the system tells no more."""
    from watchfiles import watch

    try:
        yield from watch(
            *folders,
            watch_filter=None,
            rust_timeout=STEP_MS,
            yield_on_timeout=True,
            raise_interrupt=False,
        )
    except OSError as error:  # so many folders, or one is gone: the next look says so
        print(f"headcheck: {error}; looked at every {POLL_SECONDS:.0f} s.", file=sys.stderr)
        while True:
            yield ("perhaps",)
            time.sleep(POLL_SECONDS)


if __name__ == "__main__":
    main(Places(*map(Path, sys.argv[2:])), float(sys.argv[1]))
