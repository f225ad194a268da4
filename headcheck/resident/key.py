"""What a resident grader was started with, in one hash. Asked before every use, so it takes some ms.

Its processes have imported our code and the libraries; a later file would meet an earlier one. So a
grader with another key is not used, and ends.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import headcheck

_PACKAGE = Path(headcheck.__file__).parent
_INSTALLED = (".dist-info", ".egg-info", ".egg-link", ".pth")


def key_of(root: Path) -> str:
    """Changes with our files, all installed versions, the configuration of the course, and the user."""
    total = hashlib.sha256()
    for part in _parts(root):
        total.update(part.encode("utf-8", "surrogateescape") + b"\0")
    return total.hexdigest()


def _parts(root: Path) -> Iterator[str]:
    yield f"{os.getuid()} {os.path.realpath(root)} {sys.version}"
    yield f"{sys.prefix} {os.path.realpath(sys.executable)}"
    yield os.environ.get("PYTHONPATH", "")
    yield from _files(str(_PACKAGE), below=True)
    yield from _files(str(root), below=False)  # both configuration files, and plugins beside them
    for folder in dict.fromkeys(sys.path):
        if folder.endswith(("site-packages", "dist-packages")):
            yield folder
            # A folder's name holds the version of what is installed.
            yield from (name for name in sorted(_names(folder)) if name.endswith(_INSTALLED))


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _files(folder: str, *, below: bool) -> Iterator[str]:
    """Path, size and time of each Python file (and template) of a folder."""
    folders: list[str] = []
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda each: each.name):
            if below and entry.is_dir() and entry.name != "__pycache__":
                folders.append(entry.path)
            elif entry.is_file() and (entry.name.endswith(".py") or below):
                found = entry.stat()
                yield f"{entry.path} {found.st_size} {found.st_mtime_ns}"
    for each in folders:
        yield from _files(each, below=True)
