"""nbgrader's exchange as a folder of this machine, and a student's side of it: nbgrader's own classes."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbgrader.auth import Authenticator
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default import ExchangeFetchFeedback, ExchangeSubmit
from tiny_course import NAME
from traitlets.config import Config

COURSE = "body-and-head"


@dataclass(frozen=True)
class Folder:
    """`root`: of the exchange; students' homes lie below `homes`."""

    root: Path
    homes: Path

    @property
    def inbound(self) -> Path:
        return self.root / COURSE / "inbound"

    def release(self, notebooks: Path) -> None:
        """As `nbgrader release_assignment` leaves it."""
        self.inbound.mkdir(parents=True)
        self.inbound.chmod(0o733)
        shutil.copytree(notebooks, self.root / COURSE / "outbound" / NAME)

    def submit(self, student: str, files: dict[str, bytes]) -> str:
        """`nbgrader submit`; the time that it wrote."""
        home = self.homes / student / NAME
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        for name, data in files.items():
            (home / name).write_bytes(data)
        return str(self._run(ExchangeSubmit, student).timestamp)

    def fetch(self, student: str, time: str) -> str:
        """What `nbgrader fetch_feedback` gets of the submission of that time; "" for nothing."""
        self._run(ExchangeFetchFeedback, student)
        page = self.homes / student / NAME / "feedback" / time / f"{NAME}.html"
        return page.read_text() if page.exists() else ""

    def _run(self, step: type[Any], student: str) -> Any:
        options = {
            "CourseDirectory": {"course_id": COURSE, "root": str(self.homes)},
            "Exchange": {
                "root": str(self.root),
                "assignment_dir": str(self.homes / student),
                "cache": str(self.homes / student / "cache"),
            },
        }
        config = Config(options)
        directory = CourseDirectory(config=config, student_id=student, assignment_id=NAME)
        made = step(coursedir=directory, authenticator=Authenticator(config=config), config=config)
        made.start()
        return made
