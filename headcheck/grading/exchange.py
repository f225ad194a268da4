"""nbgrader's exchange of a course, as nbgrader's own commands on this machine see it."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from jupyter_core.application import JupyterApp
from nbgrader.apps.baseapp import NbGrader
from nbgrader.auth import Authenticator
from nbgrader.converters import GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeError, ExchangeFactory
from nbgrader.exchange.default import ExchangeCollect, ExchangeReleaseFeedback
from traitlets.config import Config

from headcheck.course.directory import Course, CourseError


class _Said(logging.Handler):
    """Keeps what nbgrader says is wrong."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


@dataclass(frozen=True)
class Exchange:
    """Where lessons go out and come in, and nbgrader's steps for it."""

    course: Course
    config: Config

    @cached_property
    def folder(self) -> Path:
        """`.../exchange/<course>`, there or not."""
        root = ExchangeCollect(coursedir=self.directory(), config=self.config).root
        return Path(root) / str(self.config.CourseDirectory.course_id)

    @property
    def inbound(self) -> Path:
        """Where nbgrader puts what students hand in."""
        return self.folder / "inbound"

    def directory(self, student: str = "*", lesson: str = "") -> Any:
        """nbgrader's course directory, for one student or all of them."""
        return CourseDirectory(config=self.config, student_id=student, assignment_id=lesson)

    def run(self, step: type[Any], directory: Any, **options: Any) -> Any:
        """One of nbgrader's steps of the exchange. Raises `ExchangeError` in its words."""
        with _words() as log:
            made = step(
                coursedir=directory,
                authenticator=Authenticator(config=self.config),
                config=self.config,
                log=log,
                **options,
            )
            made.start()
        return made

    def release_feedback(self, student: str, lesson: str) -> None:
        """Make this student's page, as nbgrader makes it, and release it. Raises `ExchangeError`."""
        directory = self.directory(student, lesson)
        with _words() as log:
            GenerateFeedback(coursedir=directory, config=self.config, log=log).start()
        self.run(self._release_step, directory)

    def release_other(self, folder: str, student: str, lesson: str) -> None:
        """Release what lies in another folder than `feedback/`, there under the same names."""
        directory = self.directory(student, lesson)
        directory.feedback_directory = folder
        self.run(self._release_step, directory)

    @property
    def _release_step(self) -> type[Any]:
        step: type[Any] = ExchangeFactory(config=self.config).release_feedback
        return step


def open_exchange(course: Course) -> Exchange | None:
    """The exchange of this course; None when it has no name there.

    Raises `CourseError` when the course has another one than nbgrader's folders.
    """
    app = NbGrader(log=_quiet("headcheck.configuration"))
    app.load_cwd_config = False
    app.load_config_file()  # of the machine, and of this user
    super(JupyterApp, app).load_config_file("nbgrader_config.py", path=str(course.root))
    config = app.config
    config.CourseDirectory.root = str(course.root)
    if not config.CourseDirectory.get("course_id"):
        return None
    factory = ExchangeFactory(config=config)
    if factory.collect is not ExchangeCollect or not issubclass(
        factory.release_feedback, ExchangeReleaseFeedback
    ):
        raise CourseError(
            f"c.ExchangeFactory names an exchange of another kind ({factory.collect.__module__}); "
            "headcheck reads nbgrader's own, which are folders. Collect and release with nbgrader."
        )
    return Exchange(course, config)


def inbound_of(course: Course) -> Path | None:
    """Where submissions arrive on the exchange, there or not; None where headcheck brings in none."""
    try:
        exchange = open_exchange(course)
    except CourseError:
        return None
    return None if exchange is None else exchange.inbound


@contextmanager
def _words() -> Iterator[logging.Logger]:
    """A log for nbgrader's steps; what goes wrong in one becomes an `ExchangeError` with its words."""
    log, said = _quiet("headcheck.exchange"), _Said()
    log.addHandler(said)
    try:
        yield log
    except Exception as error:  # it reads what students wrote
        raise ExchangeError(_why(error, said.lines)) from error


def _why(error: Exception, said: Sequence[str]) -> str:
    """What was wrong, in one line: where nbgrader only says so, the last line of what it met."""
    met = [line.strip().splitlines()[-1] for line in said if line.startswith("Traceback")]
    why = met[-1] if met else str(error) or type(error).__name__
    return re.sub(r"\s+", " ", why)[:300]


def _quiet(name: str) -> logging.Logger:
    """A logger that nobody hears, and that is no other's parent or child."""
    log = logging.Logger(name, logging.WARNING)
    log.addHandler(logging.NullHandler())
    return log
