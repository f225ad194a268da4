"""Files written whole or not at all, and one hash of several parts."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

# What a disk says of itself; no file is at fault.
OF_A_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG, errno.EIO)


def digest(parts: Iterable[bytes | str]) -> str:
    """One hash of several parts; where one part ends matters."""
    total = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        total.update(hashlib.sha256(data).digest())
    return total.hexdigest()


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that no reader ever sees half of it; unchanged content is left alone."""
    if path.is_file() and path.read_bytes() == data:
        return
    with naming(path):  # not the file aside
        _replace(path, data)


def write_if_allowed(path: Path, data: bytes) -> None:
    """A note of what was made, as `write_whole`: none where this user may only read the course."""
    try:
        write_whole(path, data)
    except OSError as error:
        if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Trouble with a file names it; what is written to one that is open already knows no name."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def _replace(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    name = path.parent / f".{secrets.token_hex(8)}.part"
    # As open() makes files: what the umask leaves of read and write for all.
    handle = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.replace(name, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise
