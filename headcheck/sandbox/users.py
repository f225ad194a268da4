"""A kernel user for each child, so that no two submissions share what the kernel counts per user.

Watches, pipe buffers, messages in flight, locked memory: the kernel has a limit for each of them
that all processes of one user draw on. Root gives every living child a number of its own. So does an
ordinary user to whom /etc/subuid and /etc/subgid lend numbers (most distributions do): the room then
stands in a namespace in which that user is root. Without them there is only one number, and the
jail's own limits have to do.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from headcheck.sandbox import linux

SERVER = 61000  # the user of a forkserver that root has started
_COUNT = 4096  # children alive at one time
_LAST = 2**31 - 1  # some file systems and programs know no larger numbers


class Users:
    """The numbers that are free. Empty when children have to share the forkserver's own."""

    def __init__(self, numbers: Sequence[int]) -> None:
        self._free = list(reversed(numbers))
        self._taken: dict[int, int] = {}  # process -> user

    def __bool__(self) -> bool:
        return bool(self._free or self._taken)

    def next(self) -> int:
        """The user of the next child; that of the calling process when there is none to give."""
        return self._free[-1] if self._free else os.getuid()

    def take(self, pid: int, user: int) -> None:
        """Child `pid` runs as `user` from now on."""
        if self._free and self._free[-1] == user:
            self._taken[pid] = self._free.pop()

    def give_back(self, pid: int) -> None:
        """Child `pid` has ended, and with its namespace all it had started."""
        user = self._taken.pop(pid, None)
        if user is not None:
            self._free.append(user)


def may_make_namespaces(status: Path = Path("/proc/self/status")) -> bool:
    """Whether this process may, in the user namespace it is in: root outside of containers."""
    (caps,) = (line for line in status.read_text().splitlines() if line.startswith("CapEff:"))
    return bool(int(caps.split()[1], 16) >> linux.CAP_SYS_ADMIN & 1)


@cache
def lent() -> tuple[str, ...]:
    """The command before which an ordinary user is root over the numbers lent to it.

    Empty for root, who needs none; where nothing is lent; and where Python's folders can be read by
    their owner alone, because children are then other users to them.
    """
    if os.geteuid() == 0 or not shutil.which("newuidmap"):
        return ()
    folders = [Path(folder) for folder in {sys.prefix, sys.base_prefix, *sys.path} if folder]
    if not all(folder.stat().st_mode & 0o5 == 0o5 for folder in folders if os.path.isdir(folder)):
        return ()
    command = ("unshare", "--user", "--map-root-user", "--map-auto", "--")
    try:
        lends = subprocess.run([*command, "true"], capture_output=True, timeout=10).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return command if lends else ()


def of_root(uid_map: Path = Path("/proc/self/uid_map")) -> Users:
    """Numbers that root can give away here, a different stretch in each forkserver.

    In a container only some exist, and maybe none to spare.
    """
    lines = (line.split() for line in uid_map.read_text().splitlines())
    end = max((min(int(first) + int(count), _LAST) for first, _, count in lines), default=0)
    stretches = (end - SERVER - 1) // _COUNT
    if stretches < 1:
        return Users(range(SERVER + 1, end))
    first = SERVER + 1 + _COUNT * random.SystemRandom().randrange(stretches)
    return Users(range(first, first + _COUNT))
