"""A file of the course under a name that is nearly right: nobody would read it, in silence."""

from __future__ import annotations

import re
from pathlib import Path

from headcheck.course.directory import CourseError


def not_misnamed(file: Path) -> None:
    """Raises `CourseError` when a file is missing, and is there as `dates.yml` or `Students.csv.txt`."""
    wanted = {file.name, file.name + file.suffix}
    if file.suffix == ".yaml":
        wanted.add(f"{file.stem}.yml")
    for path in sorted(file.parent.glob("*")):
        name = re.sub(r"[_ ]", "-", path.name.casefold())
        if {name, name.removesuffix(".txt")} & wanted and path.name != file.name:
            raise CourseError(f"{path} is not read, because of its name; call it {file.name}.")
