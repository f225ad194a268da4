"""Which submissions there are, and what lies in `submitted/` that is none: named, in few lines."""

from __future__ import annotations

import difflib
import fnmatch
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from headcheck.course.directory import Course, CourseError, Lesson
from headcheck.course.roster import read_roster

MOST_NAMED = 10
# What computers leave behind. Nobody's work, so nobody is told.
LEFTOVERS = ("__MACOSX", "._*", ".DS_Store", "Thumbs.db", "desktop.ini", ".ipynb_checkpoints")
ARCHIVES = (".zip", ".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz")


@dataclass(frozen=True)
class Submission:
    """One folder `submitted/<student>/<assignment>/`."""

    student: str
    lesson: Lesson
    folder: Path


def is_leftover(name: str) -> bool:
    """Whether a file or folder is one that a computer made beside somebody's work."""
    return fits(name, LEFTOVERS)


def fits(name: str, patterns: tuple[str, ...]) -> bool:
    """Whether a name is like one of these patterns of a shell."""
    return _one_of(patterns).match(os.path.normcase(name)) is not None


@cache
def _one_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
    each = (fnmatch.translate(os.path.normcase(pattern)) for pattern in patterns)
    return re.compile("|".join(each) or r"(?!)")


def few(lines: Sequence[str], what: str) -> list[str]:
    """The first lines, and how many more there are."""
    more = len(lines) - MOST_NAMED
    return [*lines[:MOST_NAMED], *([f"... and {more} more {what}"] if more > 0 else [])]


def find_submissions(
    course: Course, assignments: Sequence[str] = (), students: Sequence[str] = ()
) -> tuple[list[Submission], list[str]]:
    """The submissions to grade, and a warning in one line for each thing that is none.

    Raises `CourseError` for an unknown assignment or student, or when there is nothing to grade.
    """
    lessons = {lesson.name: lesson for lesson in course.select(assignments)}
    known = sorted(lesson.name for lesson in course.lessons())
    root = course.step_folder("submitted")
    warnings: list[str] = []
    inside = _inside(root, warnings)
    people = [path.name for path in _folders(inside, known, warnings) if path.name not in known]
    for student in students:
        if student not in people:
            near = difflib.get_close_matches(student, people, n=1)
            named = ", ".join(few(people, "students")) or "nobody"
            hint = f"did you mean {near[0]}?" if near else f"Known: {named}."
            if any(one.id == student for one in read_roster(course.root)):
                raise CourseError(
                    f"{student} has handed in nothing: {root / student} is not there."
                )
            raise CourseError(f"there is no student {student!r} in {root}; {hint}")
    found: list[Submission] = []
    warnings += [] if students else _at_the_top(root, inside, known)
    for student in people:
        if students and student not in students:
            continue
        mine = _inside(root / student, warnings)
        for folder in _folders(mine, known, warnings):
            if folder.name in lessons:
                found.append(Submission(student, lessons[folder.name], folder))
            elif folder.name not in known:
                warnings.append(_no_assignment(folder, known))
        warnings += [
            f"{path} is not in the folder of an assignment, not graded; "
            f"move it to {root / student}/<assignment>/"
            for path in _files(mine)
        ]
    if not found:
        what = f"of {', '.join(assignments)} " if assignments else ""
        who = f"by {', '.join(students)} " if students else ""
        lines = few(warnings, "like these")
        where = "".join(f"\nheadcheck: {line}" for line in lines)
        raise CourseError(
            f"there is no submission {what}{who}in {root} (put notebooks at "
            f"{root.name}/<student>/<assignment>/<assignment>.ipynb).{where}"
        )
    return found, few(warnings, "like these")


def _at_the_top(root: Path, inside: Sequence[Path], known: Sequence[str]) -> list[str]:
    """Assignments where students should be, and files that belong to nobody."""
    swapped = [
        f"{folder} is named like an assignment, not like a student, not graded; the order is "
        f"{root.name}/<student>/<assignment>/"
        for folder in inside
        if folder.name in known and folder.is_dir() and not folder.is_symlink()
    ]
    loose = [
        f"{path} is in nobody's folder, not graded; "
        + (
            "unpack it (`headcheck collect` reads what a learning platform packs)"
            if path.name.lower().endswith(ARCHIVES)
            else f"move it to {root}/<student>/<assignment>/"
        )
        for path in _files(inside)
    ]
    return swapped + loose


def _no_assignment(folder: Path, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(folder.name, known, n=1)
    hint = f"; rename it to {near[0]}?" if near else ""
    return f"{folder} is no assignment of this course, not graded{hint}"


def _files(inside: Sequence[Path]) -> list[Path]:
    """Notebooks and archives right in a folder: what somebody may have meant to hand in."""
    endings = (".ipynb", ".ipynb.txt", *ARCHIVES)
    return [
        path
        for path in inside
        if path.name.lower().endswith(endings) and path.name.isprintable() and path.is_file()
    ]


def _folders(inside: Sequence[Path], known: Sequence[str], warnings: list[str]) -> list[Path]:
    """The folders that may be graded; of the others it is said why not."""
    found = []
    for path in inside:
        if not path.is_dir() and path.name not in known:
            continue
        if path.is_symlink():
            warnings.append(
                f"{path} is a link to another place, not graded: links are never followed; "
                "put a copy of the folder there if it is the student's own."
            )
        elif path.is_dir() and not path.name.isprintable():  # nor could the gradebook keep it
            warnings.append(
                f"{path.parent / ascii(path.name)} has signs in its name that no name has, not "
                "graded; rename it."
            )
        elif path.is_dir():
            found.append(path)
    return found


def _inside(root: Path, warnings: list[str]) -> list[Path]:
    if not root.is_dir():
        return []
    try:
        names = sorted(os.listdir(root))
        return [root / n for n in names if not n.startswith(".") and not is_leftover(n)]
    except OSError as error:
        remedy = f"give yourself the right: chmod -R u+rX {root}"
        warnings.append(f"{root} cannot be read ({error.strerror}), not graded; {remedy}")
        return []
