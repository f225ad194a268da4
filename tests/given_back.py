"""What the students of `lms_class` are given back: made by the command, read as words."""

from __future__ import annotations

import re
import zipfile
from contextlib import closing
from pathlib import Path

from test_grade import gradebook
from tiny_course import NAME

from headcheck.course.directory import Course
from headcheck.desk.lms.send_back import feedback_command
from headcheck.grading.record import load_record, save_record


def feedback(course: Path, lms: str = "folders", *students: str, **options: bool) -> int:
    said = {"hold_back": False, "penalty": True, "dry_run": False} | options
    return feedback_command(Course.open(course), [NAME], students, lms=lms, to=None, **said)


def bundle(course: Path, lms: str) -> dict[str, bytes]:
    if lms == "folders":
        folder = course / "outbox" / f"feedback-{NAME}"
        files = (path for path in folder.rglob("*") if path.is_file())
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
    with zipfile.ZipFile(course / "outbox" / f"feedback-{NAME}-{lms}.zip") as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def words(page: bytes) -> str:
    body = page.decode().partition("<body>")[2]
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def fault_of_ours(course: Path, who: str, given: float | None = None) -> None:
    """Their first check could not be judged; a person gave `given` for it, or has not looked yet."""
    opened = Course.open(course)
    record = load_record(opened, who, NAME)
    assert record is not None
    fault = {"outcome": "grader-error", "message": "grizzly", "detail": "grizzly"}
    cells = [record.cells[0].model_copy(update=fault), *record.cells[1:]]
    save_record(opened, record.model_copy(update={"cells": cells}))
    with closing(gradebook(course)) as gb:
        grade = gb.find_grade("test_double", NAME, NAME, who)
        grade.auto_score, grade.manual_score = None, given
        grade.needs_manual_grade = given is None
        gb.db.commit()
