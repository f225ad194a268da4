"""Which headcheck this is, in one line: what a report of a fault has to say."""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import headcheck


def which() -> str:
    """`headcheck 0.1.0 (Python 3.12.3 on linux, nbgrader 0.9.6, /home/ta/...)`."""
    try:
        grader = f"nbgrader {version('nbgrader')}"
    except PackageNotFoundError:
        grader = "no nbgrader"
    python = ".".join(map(str, sys.version_info[:3]))
    place = Path(headcheck.__file__).parent
    return (
        f"headcheck {headcheck.__version__} (Python {python} on {sys.platform}, {grader}, {place})"
    )
