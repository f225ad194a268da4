"""`headcheck init` and `headcheck new-lesson`: a course of one's own, and its next lesson.

What they write stands in `own/`, in which `COURSE_NAME`, `LESSON_NAME` and the like are filled in. A
kind of course says what its lessons use; each has a lesson with a right answer in another style,
mistakes, and an exploit. Nothing that exists is ever written over.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from headcheck.course.directory import Course, CourseError
from headcheck.course.files import write_whole
from headcheck.course.libraries import libraries_of

TEMPLATES = Path(__file__).parent / "own"
FIRST = "01-first"


@dataclass(frozen=True)
class Kind:
    """What the lessons of a course use."""

    libraries: tuple[str, ...]
    needs: str  # what its students install


KINDS = {
    "plain": Kind((), "headcheck jupyterlab"),
    "pandas": Kind(("numpy", "pandas"), "headcheck pandas jupyterlab"),
    "torch": Kind(("torch",), "'headcheck[torch]' jupyterlab"),
}


def init(folder: Path, kind: str) -> Course:
    """A new course of this kind in a folder that is empty or not there yet. Raises `CourseError`."""
    if folder.exists() and not folder.is_dir():
        raise CourseError(f"{folder} is a file; name a new folder for the course.")
    if folder.exists() and any(path.name != ".git" for path in folder.iterdir()):
        raise CourseError(
            f"{folder} is not empty, and nothing in it is written over; name a new folder."
        )
    folder = folder.absolute()
    words = {
        "COURSE_NAME": re.sub(r"[^a-z0-9-]+", "-", folder.name.lower()).strip("-") or "course",
        "LIBRARIES_USED": "[" + ", ".join(f'"{name}"' for name in KINDS[kind].libraries) + "]",
        "NEEDED_PACKAGES": KINDS[kind].needs,
    }
    for name, target in {
        "nbgrader_config.py": "nbgrader_config.py",
        "grader_config.py": "grader_config.py",
        "README.md": "README.md",
        "gitignore": ".gitignore",
        "test_course.py": "tests/test_course.py",
    }.items():
        _write(TEMPLATES / "course" / f"{name}.txt", folder / target, words)
    (folder / "source").mkdir()
    course = Course.open(folder)
    _lesson(course, FIRST, kind)
    return course


def new_lesson(course: Course, name: str) -> list[Path]:
    """Another lesson, of the course's own kind; the files that were written. Raises `CourseError`.

    A name without a number in front gets the next one.
    """
    if not re.fullmatch(r"([0-9]{2}-)?[a-z][a-z0-9]*(-[a-z0-9]+)*", name):
        raise CourseError(
            f"{name!r} is no name for a lesson; use small letters, digits and hyphens: sorting, "
            "or 07-sorting."
        )
    there = sorted(path.name for path in (course.root / "source").iterdir() if path.is_dir())
    if not re.match(r"[0-9]{2}-", name):
        if taken := [each for each in there if each[3:] == name]:
            raise CourseError(f"there is a lesson {taken[0]} already; choose another name.")
        numbers = [int(each[:2]) for each in there if re.match(r"[0-9]{2}-", each)]
        if max(numbers, default=0) == 99:
            raise CourseError("lesson 99 is there, and no number is left; write one in front.")
        name = f"{max(numbers, default=0) + 1:02}-{name}"
    if name in there:
        raise CourseError(f"there is a lesson {name} already; choose another name.")
    if same := [each for each in there if each[:3] == name[:3]]:
        raise CourseError(f"{same[0]} has the number {name[:2]} already; choose another one.")
    return _lesson(course, name, _kind_of(course))


def _kind_of(course: Course) -> str:
    roots = {name.partition(".")[0] for name in libraries_of(course.config)}
    return "torch" if "torch" in roots else "pandas" if "pandas" in roots else "plain"


def _lesson(course: Course, name: str, kind: str) -> list[Path]:
    words = {
        "LESSON_NAME": name,
        "LESSON_TITLE": f"{name[:2]} · {name[3:].replace('-', ' ').capitalize()}",
    }
    targets: dict[Path, Path] = {}
    for template in sorted((TEMPLATES / kind).glob("*.txt")):
        place, _, sample = template.name.removesuffix(".txt").partition("-")
        if not sample:
            targets[template] = course.root / "source" / name / f"{name}.py"
        elif place == "exploits":
            targets[template] = course.root / "tests" / place / f"{name}-{sample}"
        else:
            targets[template] = course.root / "tests" / place / name / sample
    for target in targets.values():
        if target.exists():
            raise CourseError(f"{target} is there already; nothing was written.")
    for template, target in targets.items():
        _write(template, target, words)
    return list(targets.values())


def _write(template: Path, target: Path, words: dict[str, str]) -> None:
    text = template.read_text(encoding="utf-8")
    for word, instead in words.items():
        text = text.replace(word, instead)
    write_whole(target, text.encode())
