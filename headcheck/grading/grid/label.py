"""Which workers may be given work: those with exactly our code and our libraries.

A worker calls itself by this name, as a resource of Dask's; each task asks for one of it.
"""

from __future__ import annotations

from collections.abc import Sequence

from headcheck import versions
from headcheck.course.files import digest
from headcheck.course.libraries import versions_of

PREFIX = "headcheck-"


def label(libraries: Sequence[str]) -> str:
    """The same on two machines exactly when both give the same verdicts and speak the same way.

    `libraries`: those of the course, see `course.libraries`.
    """
    return f"{PREFIX}{digest([versions.grid(), *versions_of(tuple(libraries))])[:12]}"
