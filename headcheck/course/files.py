"""Files written whole or not at all, and one hash of several parts."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


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
    try:
        _replace(path, data)
    except OSError as error:  # the name of the file, not of the one aside
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
