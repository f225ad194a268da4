"""What students must not get: the lines of solutions, hidden tests and marking schemes.

A line that the author also shows in the same lesson is no secret, nor is a short one.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from headcheck.authoring.release import reference
from headcheck.course.cells import role_of
from headcheck.course.directory import Course

SHORTEST = 20  # characters of a line that says something
_CODE = re.compile(r"(?<=`)[^`]+(?=`)|(?<=<code>)[^<]+(?=</code>)")  # in a hint, say
_BEGIN = re.compile(r"\bBEGIN (SOLUTION|HIDDEN TESTS|MARK SCHEME)\b")
_END = re.compile(r"\bEND (SOLUTION|HIDDEN TESTS|MARK SCHEME)\b")


@dataclass(frozen=True)
class Secrets:
    """Secret lines with the lesson and cell they come from, and what each lesson shows anyway."""

    lines: dict[str, tuple[str, str]]
    shown: dict[str, set[str]]

    def first_in(self, name: str, data: bytes) -> str | None:
        """The first secret line in a file of that name, in words; None when there is none."""
        mine = [shown for lesson, shown in self.shown.items() if lesson in name]
        known = mine[0] if mine else set().union(*self.shown.values())
        for line in lines_of(name, data):
            if line in self.lines and line not in known:
                lesson, cell = self.lines[line]
                return (
                    f"a line of the solution or of a hidden test ({lesson}, {cell}): `{line[:60]}`"
                )
        return None


def secrets_of(course: Course) -> Secrets:
    """Read every lesson's text, cell by cell."""
    secret: dict[str, tuple[str, str]] = {}
    shown: dict[str, set[str]] = {}
    for lesson in course.lessons():
        visible = shown.setdefault(lesson.name, set())
        for cell in reference(lesson).cells:
            inside = False
            for line in cell.source.splitlines():
                if _BEGIN.search(line):
                    inside = True
                elif _END.search(line):
                    inside = False
                elif not inside and not (role_of(cell) == "written" and "BEGIN" not in cell.source):
                    visible.add(line.strip())
                    visible.update(map(str.strip, _CODE.findall(html.unescape(line))))
                elif len(line.strip()) >= SHORTEST:
                    grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
                    secret[line.strip()] = (lesson.name, str(grade_id))
    return Secrets(secret, shown)


def lines_of(name: str, data: bytes) -> Iterator[str]:
    """Every line of a file, stripped; of a notebook every line of every text in it."""
    text = data.decode("utf-8", errors="replace")
    if name.endswith(".ipynb"):
        try:
            yield from _texts(json.loads(text))
            return
        except ValueError:
            pass  # read as it is, below
    yield from map(str.strip, text.splitlines())


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield from map(str.strip, value.splitlines())
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        if all(isinstance(each, str) for each in value):
            yield from map(str.strip, "".join(value).splitlines())
        else:
            for each in value:
                yield from _texts(each)
