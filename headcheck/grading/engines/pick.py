"""Which engine runs the notebooks, by name.

In two steps, because the isolated one imports for seconds, and so does the program that uses it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headcheck.course.directory import CourseError
from headcheck.course.libraries import libraries_of

if TYPE_CHECKING:
    from headcheck.course.directory import Course
    from headcheck.grading.submission import Engine
    from headcheck.grading.work import EngineName


def open_engine(name: EngineName, course: Course) -> Engine:
    """An engine that may still be starting; `wait_for` it before the first notebook, and close it.

    That of the course's resident grader, if there is one and nobody has it (`headcheck serve`).

    Raises `CourseError` when this machine cannot.
    """
    if name == "nbgrader":
        from headcheck.grading.engines.kernel import KernelEngine

        return KernelEngine()

    libraries = libraries_of(course.config)
    try:
        from headcheck.sandbox.forkserver import Forkserver, ForkserverError
        from headcheck.sandbox.jail import IsolationUnavailable
    except ImportError as error:  # fork and namespaces are Linux's
        raise CourseError(
            f"this machine cannot isolate submissions ({error}); use Linux, or ask for "
            "--engine nbgrader, which isolates nothing."
        ) from error
    from headcheck.resident.lend import borrow

    try:
        server = borrow(course.root) or Forkserver.launch([course.root], libraries)
    except (IsolationUnavailable, ForkserverError) as error:
        raise _cannot(error) from error
    from headcheck.grading.engines.isolated import (
        IsolatedEngine,  # while the forkserver imports, too
    )

    return IsolatedEngine(server, anew=lambda: Forkserver.start([course.root], libraries))


def wait_for(engine: Engine) -> None:
    """Wait until it can run. Raises `CourseError` when this machine cannot."""
    if engine.name == "nbgrader":
        return
    from headcheck.sandbox.forkserver import ForkserverError
    from headcheck.sandbox.jail import IsolationUnavailable

    try:
        engine.ready()
    except (IsolationUnavailable, ForkserverError) as error:
        raise _cannot(error) from error


def is_borrowed(engine: Engine) -> bool:
    """Whether it is a resident grader's, which serves nobody else meanwhile."""
    server = getattr(engine, "server", None)
    return server is not None and bool(server.is_lent)


def _cannot(error: Exception) -> CourseError:
    reason, remedy = getattr(error, "reason", str(error)), getattr(error, "remedy", "")
    return CourseError(
        f"{reason.rstrip('.')}. {remedy} Or ask for --engine nbgrader, which "
        "isolates nothing and says so in every result."
    )
