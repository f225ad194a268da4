"""Made by one of pytest's parallel workers, used by all of them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

# A guard for who makes, or waits for, a whole graded class: on a slow machine that takes an hour's part.
CLASS_SECONDS = 3600


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """A folder that `make` fills; whoever comes second waits until the first is done."""
    alone = "PYTEST_XDIST_WORKER" not in os.environ
    folder = (factory.getbasetemp() if alone else factory.getbasetemp().parent) / name
    try:
        folder.mkdir()
    except FileExistsError:
        return _wait_for(folder)
    try:
        make(folder)
    except BaseException:
        (folder / "failed").touch()
        raise
    (folder / "done").touch()
    return folder


def _wait_for(folder: Path) -> Path:
    while not (folder / "done").exists():
        if (folder / "failed").exists():
            pytest.fail(f"making {folder.name} failed in another worker; its error is shown there")
        time.sleep(0.2)
    return folder
