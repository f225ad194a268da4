"""The lessons as they were built: what every submission is put right by."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.preprocessors import CheckCellMetadata

from headcheck.course.cells import Template

Sources = Mapping[str, tuple[str, str | None]]  # grade_id -> (source, checksum)


def template_of(name: str, release: Path, sources: Sources | None) -> Template | None:
    """One lesson, from its students' notebook and what the gradebook has; None when not built."""
    if sources is None or not release.exists():
        return None
    return Template.of(name, checked(release.read_bytes()), sources)


@lru_cache(maxsize=64)  # a resident grader has read its lessons before it is asked
def checked(release: bytes) -> NotebookNode:
    """A students' notebook as this nbgrader wants it. Not to be changed: everybody gets the same one."""
    notebook = nbformat.reads(release.decode(), as_version=4)
    # Once for all: a repaired submission carries this metadata and no other.
    CheckCellMetadata().preprocess(notebook, {})
    return notebook


def templates_of(
    releases: Iterable[tuple[str, Path]], sources: Callable[[str, str], Sources | None]
) -> dict[str, Template]:
    """Those that are built. `releases`: name and students' notebook; `sources`: of an assignment
    and its notebook, as `ClassGradebook.sources`."""
    found = ((name, template_of(name, path, sources(name, name))) for name, path in releases)
    return {name: template for name, template in found if template is not None}
