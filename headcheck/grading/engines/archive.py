"""Files on their way into a process's own room: a tar archive in memory."""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Mapping
from pathlib import PurePosixPath


def pack(files: Mapping[str, bytes]) -> int:
    """The files as a tar archive in memory; its file descriptor."""
    fd = os.memfd_create("files")
    with os.fdopen(os.dup(fd), "wb") as file, tarfile.open(fileobj=file, mode="w") as archive:
        for name, content in files.items():
            path = PurePosixPath(name)
            if path.is_absolute() or ".." in path.parts or not path.parts:
                os.close(fd)
                raise ValueError(f"{name!r} is not a file name inside a submission")
            entry = tarfile.TarInfo(str(path))
            entry.size, entry.mode = len(content), 0o644
            archive.addfile(entry, io.BytesIO(content))
    os.lseek(fd, 0, os.SEEK_SET)
    return fd
