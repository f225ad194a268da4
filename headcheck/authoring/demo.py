"""A copy of the course with a made-up class in it, to look at: what `make demo` grades.

    python -m headcheck.authoring.demo DIR

It has a gradebook and a report of its own. The course it is copied from is only read.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from headcheck.authoring.release import build
from headcheck.authoring.samples import compose_class
from headcheck.course.directory import CONFIG_FILES, Course, CourseError
from headcheck.course.files import write_whole

MARK = ".sample-class"  # in a folder that was made here, and that `make clean` may remove


def make_demo(course: Course, samples: Path, folder: Path) -> int:
    """Make or renew the copy in `folder`, built and handed in; how many submissions there are.

    Raises `CourseError` when the folder holds something else.
    """
    mark = folder / MARK
    if folder.exists() and any(folder.iterdir()) and not mark.exists():
        raise CourseError(
            f"{folder} was not made by this command (it has no {MARK}), so nothing is written "
            "there; name a new folder."
        )
    write_whole(mark, b"Made by `make demo`; `make clean` removes this folder.\n")
    copy = copy_of_the_course(course, folder, say=print)
    return len(compose_class(samples, folder / "submitted", copy))


def copy_of_the_course(course: Course, folder: Path, *, say: Callable[[str], None]) -> Course:
    """Configuration and lessons copied to `folder`, and built there."""
    for name in CONFIG_FILES:
        write_whole(folder / name, (course.root / name).read_bytes())
    for lesson in course.lessons():
        for path in lesson.source_files():
            _copy(path, folder / path.relative_to(course.root))
    copy = Course.open(folder)
    for lesson in copy.lessons():
        if build(lesson):
            say(f"{lesson.name}: built")
    return copy


def _copy(path: Path, target: Path) -> None:
    """With its time: a notebook counts as edited when it is newer than the text it is made from."""
    if not target.exists() or target.read_bytes() != path.read_bytes():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)


def main(arguments: Sequence[str]) -> int:
    if len(arguments) != 1:
        print("usage: python -m headcheck.authoring.demo DIR", file=sys.stderr)
        return 2
    folder = Path(arguments[0])
    try:
        course = Course.open(Path())
        count = make_demo(course, course.root / "tests" / "class", folder)
    except CourseError as error:
        print(f"headcheck.authoring.demo: {error}", file=sys.stderr)
        return 2
    print(f"{count} submissions of a made-up class are in {folder / 'submitted'}.")
    print(
        "Grading them takes some minutes: one of them never ends and is given up, twice, at its time limit."
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
