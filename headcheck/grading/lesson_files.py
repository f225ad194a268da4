"""Files that lie beside a lesson's text: a table, a helper module. Its students and its checks get them."""

from __future__ import annotations

from pathlib import Path

from nbgrader.utils import find_all_files

from headcheck.course.directory import CourseError, Lesson
from headcheck.grading.work import Limits


def lesson_files(lesson: Lesson, limits: Limits) -> dict[str, bytes]:
    """Their content by name; the instructor's version is the one that counts.

    Raises `CourseError` when they are too large.
    """
    config = lesson.course.config
    keep = config.Autograde.get("exclude_overwriting", {}).get(lesson.name, [])
    ignore = [*config.CourseDirectory.get("ignore", []), "*.ipynb"]
    files = {}
    for path in map(Path, find_all_files(str(lesson.folder), ignore)):
        name = path.relative_to(lesson.folder).as_posix()
        if name in keep:
            continue
        size, most = path.stat().st_size, limits.file_mib
        if size > most << 20:
            raise CourseError(
                f"{path} is {size >> 20} MiB, and one file may have {most} MiB; make it "
                "smaller, or raise c.Headcheck.file_mib in grader_config.py."
            )
        files[name] = path.read_bytes()
    size, most = sum(map(len, files.values())), limits.disk_mib
    if size > most << 19:
        raise CourseError(
            f"the files of {lesson.folder} are {size >> 20} MiB, more than half of the "
            f"{most} MiB that a submission has for all files; make them smaller, or raise "
            "c.Headcheck.disk_mib in grader_config.py."
        )
    return files
