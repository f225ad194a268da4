"""Where a resident grader is found: a socket in the course's private folder, its owner's alone."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FOLDER = ".headcheck"  # as `Course.private`
_PEER = struct.Struct("3i")  # process, user, group


def name_of(key: str) -> str:
    """The socket's name: of this user, and of this code, these libraries, this configuration."""
    return f"{_mine()}{key[:20]}.sock"


def all_mine(root: Path) -> list[str]:
    """The names of this user's sockets, whatever their key; those of killed graders included."""
    try:
        names = os.listdir(root / FOLDER)
    except OSError:
        return []
    return [name for name in names if name.startswith(_mine()) and name.endswith(".sock")]


def lock_of(root: Path) -> Path:
    """The file that the one grader of this user holds locked."""
    return root / FOLDER / f"{_mine()}lock"


def _mine() -> str:
    return f"serve-{os.getuid()}-"


@contextmanager
def _short(root: Path, name: str) -> Iterator[str]:
    """A path to the socket that is short enough for one (107 bytes), wherever the course lies."""
    folder = os.open(root / FOLDER, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{name}"
    finally:
        os.close(folder)


def connect(root: Path, name: str, seconds: float) -> socket.socket:
    """A line to the grader behind a socket. Raises OSError when there is none, or it is not ours."""
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        line.settimeout(seconds)
        with _short(root, name) as path:
            line.connect(path)
        require_mine(line)
    except BaseException:
        line.close()
        raise
    return line


def listen(root: Path, name: str) -> socket.socket:
    """The socket of a grader. Nobody but its owner (and root) can open it."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        with _short(root, name) as path:
            listener.bind(path)
        listener.listen(16)
    except BaseException:
        listener.close()
        raise
    finally:
        os.umask(before)
    return listener


def require_mine(line: socket.socket) -> None:
    """Raises PermissionError when another user's process is at the far end."""
    _, user, _ = _PEER.unpack(line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size))
    if user != os.getuid():
        raise PermissionError(f"user {user} is at the far end, expected {os.getuid()}")
