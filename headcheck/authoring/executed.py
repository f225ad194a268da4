"""The unanswered lessons as they look when they have run, kept until something in them changes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from headcheck import versions
from headcheck.course.directory import Lesson
from headcheck.course.files import digest, write_whole


def kept(lesson: Lesson) -> Path:
    """Where the executed release is kept; another release or another headcheck has another file."""
    key = digest([lesson.release.read_bytes(), versions.verification()])[:16]
    return lesson.course.private / "executed" / f"{lesson.name}.{key}.ipynb"


def keep(lesson: Lesson, notebook: NotebookNode) -> NotebookNode:
    """Keep a release that was just executed, in place of older ones."""
    path = kept(lesson)
    for old in path.parent.glob(f"{lesson.name}.*.ipynb"):
        old.unlink(missing_ok=True)
    write_whole(path, nbformat.writes(notebook).encode())
    return notebook


def executed(lesson: Lesson, run: Callable[[Lesson, NotebookNode], NotebookNode]) -> NotebookNode:
    """The executed release: as it was kept, else run now."""
    path = kept(lesson)
    if path.exists():
        return nbformat.read(path, as_version=4)
    return keep(lesson, run(lesson, nbformat.read(lesson.release, as_version=4)))
