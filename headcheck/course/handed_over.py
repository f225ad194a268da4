"""What says that a submission on nbgrader's exchange is all there.

The folder is the student's own, so nothing in it is followed: a link says nothing.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

STAMP, SECRET = "timestamp.txt", "submission_secret.txt"


def has_stamp(folder: Path) -> bool:
    """Whether its time is written; `nbgrader submit` does that when everything else is copied."""
    return _is_written(folder / STAMP)


def is_given_up(folder: Path) -> bool:
    """Whether `nbgrader submit` has done its last step: give everybody all rights."""
    try:
        mode = os.lstat(folder).st_mode
    except OSError:
        return False
    return stat.S_IMODE(mode) & 0o777 == 0o777 and _is_written(folder / SECRET)


def _is_written(path: Path) -> bool:
    """Whether it is a plain file with something in it."""
    try:
        found = os.lstat(path)
    except OSError:
        return False
    return stat.S_ISREG(found.st_mode) and found.st_size > 0
