"""Which engine runs the notebooks, by name."""

from __future__ import annotations

from pathlib import Path

from headcheck.course import CourseError
from headcheck.grading.submission import Engine
from headcheck.grading.work import EngineName


def open_engine(name: EngineName, course_root: Path) -> Engine:
    """A running engine; close it when done. Raises `CourseError` when this machine cannot."""
    if name == "nbgrader":
        from headcheck.grading.kernel import KernelEngine

        return KernelEngine()

    try:
        from headcheck.grading.forkserver import Forkserver, ForkserverError
        from headcheck.grading.isolated import IsolatedEngine
        from headcheck.grading.jail import IsolationUnavailable
    except ImportError as error:  # fork and namespaces are Linux's
        raise CourseError(
            f"this machine cannot isolate submissions ({error}); use Linux, or ask for "
            "--engine nbgrader, which isolates nothing."
        ) from error
    try:
        return IsolatedEngine(Forkserver.start([course_root]))
    except (IsolationUnavailable, ForkserverError) as error:
        raise CourseError(
            f"{error.reason.rstrip('.')}. {error.remedy} Or ask for --engine nbgrader, which "
            "isolates nothing and says so in every result."
        ) from error
