"""source -> notebooks: the lesson as text becomes the instructor's and the students' notebook.

jupytext reads the text; nbgrader's own generate_assignment makes the release and tells the
gradebook about it. Both results are the same bytes on every machine.
"""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headcheck import versions
from headcheck.course.directory import CONFIG_FILES, Course, CourseError, Lesson
from headcheck.course.files import digest, naming, write_whole

if TYPE_CHECKING:
    from nbformat import NotebookNode

# jupytext and nbgrader take seconds to import: only what has work for them does that.

KERNEL = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


# ---- text -> notebook ---------------------------------------------------------------------------


def to_notebook(source: str) -> NotebookNode:
    """The instructor's notebook of a lesson in jupytext's percent format: same text, same bytes."""
    import jupytext
    import nbformat

    notebook = jupytext.reads(source, fmt="py:percent")
    notebook.metadata = nbformat.from_dict(KERNEL)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    taken: set[str] = set()
    for cell in notebook.cells:
        cell.id = _cell_id(cell, taken)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def _cell_id(cell: NotebookNode, taken: set[str]) -> str:
    """The grade_id, or a hash of the content: an edit changes the id of that cell alone."""
    from headcheck.course.cells import content_id

    grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
    name = grade_id if re.fullmatch(r"[A-Za-z0-9_-]{1,60}", grade_id) else ""
    name = name or content_id(cell)
    unique, count = name, 1
    while unique in taken:
        count += 1
        unique = f"{name}-{count}"
    taken.add(unique)
    return unique


def to_bytes(notebook: NotebookNode) -> bytes:
    """The notebook as a file; as nbgrader's exporter writes it, so that both give the same bytes."""
    import nbformat

    return (nbformat.writes(notebook).rstrip("\n") + "\n").encode()


def reference(lesson: Lesson) -> NotebookNode:
    """The lesson with its solutions and hidden tests, from the text."""
    try:
        return to_notebook(lesson.read_text())
    except CourseError:
        raise
    except Exception as error:
        raise CourseError(
            f"{lesson.text.relative_to(lesson.course.root)} cannot be read as a jupytext percent "
            f"file: {type(error).__name__}: {error}; compare its cell lines with docs/authoring.md."
        ) from error


# ---- notebook -> release ------------------------------------------------------------------------


def build(lesson: Lesson) -> bool:
    """Make the lesson's two notebooks and tell the gradebook; True when there was anything to do.

    Nothing is ever half-written: the release is made aside and moved into place file by file.
    """
    if is_current(lesson):
        return False
    _write_notebook(lesson)
    with _workspace(lesson.course) as aside:
        _generate(lesson, aside)
        _keep_what_a_person_wrote(lesson, aside / lesson.name)
        _move_into_place(aside / lesson.name, lesson.release_folder)
    write_whole(_stamp_file(lesson), json.dumps(_stamp(lesson)).encode())
    return True


_Cell = tuple[str, str, dict[str, Any]]
# What Jupyter itself notes in a cell while it is read and run; nobody would miss it.
_OF_THE_VIEW = {
    "collapsed",
    "scrolled",
    "trusted",
    "execution",
    "jupyter",
    "ExecuteTime",
    "slideshow",
}


@contextmanager
def made_aside(lessons: Sequence[Lesson]) -> Iterator[list[Lesson]]:
    """The same lessons with their releases in a place of their own, to be looked at before `build`.

    Neither `notebooks/` nor the gradebook knows of them, and afterwards they are gone.
    """
    if not lessons:
        yield []
        return
    with ExitStack() as stack:
        aside = stack.enter_context(_workspace(lessons[0].course))
        for lesson in lessons:
            stack.enter_context(_notebook_for_now(lesson))
            _generate(lesson, aside, record=False)
        yield [replace(lesson, made=aside / lesson.name) for lesson in lessons]


@contextmanager
def _notebook_for_now(lesson: Lesson) -> Iterator[None]:
    """The instructor's notebook as the text has it now; afterwards the one that was there.

    Otherwise a build that found a problem would leave one that no build is known for.
    """
    before = lesson.notebook.read_bytes() if lesson.notebook.exists() else None
    seen = lesson.notebook.stat() if before is not None else None
    _write_notebook(lesson)
    try:
        yield
    finally:
        if before is None or seen is None:
            lesson.notebook.unlink(missing_ok=True)
        else:
            write_whole(lesson.notebook, before)
            os.utime(lesson.notebook, ns=(seen.st_atime_ns, seen.st_mtime_ns))


def _write_notebook(lesson: Lesson) -> None:
    """The instructor's notebook from the text. Raises `CourseError` when that would lose an edit."""
    wanted = reference(lesson)
    written = lesson.text.stat().st_mtime_ns
    if lesson.notebook.exists() and _edited(lesson, wanted):
        name = lesson.notebook.relative_to(lesson.course.root)
        raise CourseError(
            f"{name} was changed by hand (in Jupyter?), and a build would lose that: "
            f"{_first_change(lesson.notebook, wanted)}. To take it over into {lesson.text.name}: "
            f"`jupytext --to py:percent {name}`, then build. To drop it: delete {name}, then build."
        )
    wanted.metadata["headcheck"] = {"made": _digest_of(_content(wanted))}
    write_whole(lesson.notebook, to_bytes(wanted))
    # As old as the text it is made from: jupytext warns when a paired notebook is newer.
    with naming(lesson.notebook):
        os.utime(lesson.notebook, ns=(written, written))


def _edited(lesson: Lesson, wanted: NotebookNode) -> bool:
    """Whether a person changed the instructor's notebook: it is neither what a build wrote nor what
    this one will."""
    found = _cells(lesson.notebook)
    if found is None or found == _content(wanted):
        return False
    if (made := _made(lesson.notebook)) is not None:
        return made != _digest_of(found)
    match _read_stamp(lesson):
        case {"cells": str(built)}:
            return built != _digest_of(found)
    # A notebook of an earlier version, and no build is known: of two files the newer one is the one that was worked on.
    return lesson.notebook.stat().st_mtime_ns > lesson.text.stat().st_mtime_ns


def _first_change(path: Path, wanted: NotebookNode) -> str:
    """Where the first edit is, for who made it."""
    found, content = _cells(path) or [], _content(wanted)
    for number, (now, then) in enumerate(zip(found, content, strict=False), 1):
        if now != then:
            name = now[2].get("nbgrader", {}).get("grade_id", "")
            what = "text" if now[:2] != then[:2] else "settings (points, kind, tags)"
            return f"the {what} of cell {number}" + (f", {name}" if name else "")
    return f"it has {len(found)} cells, not {len(content)}"


def _cells(path: Path) -> list[_Cell] | None:
    import nbformat

    try:
        return _content(nbformat.read(path, as_version=4))
    except Exception:
        return None


def _made(path: Path) -> str | None:
    """What a notebook says that its cells were when a build wrote them; also in a copy of the course
    without `.headcheck/`, and when a build was ended before it remembered anything."""
    match json.loads(path.read_bytes()):
        case {"metadata": {"headcheck": {"made": str(made)}}}:
            return made
    return None


def _content(notebook: NotebookNode) -> list[_Cell]:
    """What an instructor may have changed in each cell: kind, text, settings; no outputs."""
    return [
        (
            cell.cell_type,
            cell.source,
            {name: value for name, value in cell.metadata.items() if name not in _OF_THE_VIEW},
        )
        for cell in notebook.cells
    ]


def _digest_of(cells: list[_Cell]) -> str:
    return digest([json.dumps(cells, sort_keys=True)])


@contextmanager
def _workspace(course: Course) -> Iterator[Path]:
    course.private.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="release-", dir=course.private))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class _Remember(logging.Handler):
    """Keeps what nbgrader logs, to say why it stopped."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())

    def reason(self) -> str:
        for message in self.messages:
            if "Traceback (most recent call last)" in message:
                return message.strip().splitlines()[-1]
        return " ".join(self.messages[-2:])


def _generate(lesson: Lesson, into: Path, *, record: bool = True) -> None:
    """nbgrader's generate_assignment, in this process, with the release going to `into`.

    `record=False` leaves the gradebook alone.
    """
    from nbgrader.converters.base import NbGraderException
    from nbgrader.converters.generate_assignment import GenerateAssignment
    from nbgrader.coursedir import CourseDirectory

    from headcheck.grading.backups import copy_gradebook
    from headcheck.grading.database import (
        check_driver,
        in_words,
        patient,
        stamp_if_empty,
    )

    config = deepcopy(lesson.course.config)
    config.CourseDirectory.assignment_id = lesson.name
    config.CourseDirectory.release_directory = str(into)
    if record:
        check_driver(lesson.course)
        config.CourseDirectory.db_url = patient(lesson.course.db_url)
        copy_gradebook(lesson.course)
    else:
        config.GenerateAssignment.no_database = True
        config.GenerateAssignment.preprocessors.remove("nbgrader.preprocessors.SaveCells")
    memory = _Remember()
    log = logging.Logger(f"headcheck.build.{lesson.name}")
    log.addHandler(memory)
    coursedir = CourseDirectory(config=config, log=log)
    converter = GenerateAssignment(coursedir=coursedir, config=config, log=log)
    try:
        with in_words(lesson.course):
            if record:
                stamp_if_empty(config.CourseDirectory.db_url)
            converter.start()
    except (NbGraderException, SystemExit) as error:
        reason = memory.reason() or str(error)
        remedy = "see docs/authoring.md for how a lesson is written."
        if "submissions associated with it" in reason:
            remedy = (
                "its graded cells have changed since the first grading; "
                f"`headcheck build {lesson.name}` shows what that means for the marks there are."
            )
        raise CourseError(
            f"nbgrader could not make the release of {lesson.name}: {reason.rstrip('.')}; {remedy}"
        ) from error


def _keep_what_a_person_wrote(lesson: Lesson, made: Path) -> None:
    """Move aside, and name, what was changed in the release since it was built: answers, say."""
    built = _built(lesson)
    when = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    for path in _files(lesson.release_folder):
        name = path.relative_to(lesson.release_folder)
        data = path.read_bytes()
        new = made / name
        same = new.is_file() and new.read_bytes() == data
        if same or digest([data]) == built.get(name.as_posix()) or "__pycache__" in name.parts:
            continue
        kept = lesson.course.root / "backups" / "notebooks" / when / lesson.name / name
        write_whole(kept, data)  # it may be on another disk
        path.unlink()
        where = path.relative_to(lesson.course.root)
        why = (
            "was changed after it was built" if built else "is not from a build that is known here"
        )
        print(
            f"headcheck: {where} {why}; what it held is kept as "
            f"{kept.relative_to(lesson.course.root)}",
            file=sys.stderr,
        )


def _move_into_place(made: Path, target: Path) -> None:
    new = {path.relative_to(made): path for path in sorted(made.rglob("*")) if path.is_file()}
    for name, path in new.items():
        write_whole(target / name, path.read_bytes())
    for path in sorted(target.rglob("*"), reverse=True):
        if ".ipynb_checkpoints" in path.parts:
            continue
        if path.is_file() and path.relative_to(target) not in new:
            path.unlink()
        elif path.is_dir() and not any(path.iterdir()):
            path.rmdir()


# ---- nothing changed: nothing to do -------------------------------------------------------------


def is_current(lesson: Lesson) -> bool:
    """Whether the last build of the lesson still holds: same text, same results, in the gradebook."""
    now = _stamp(lesson)
    return now is not None and now == _read_stamp(lesson) and _in_gradebook(lesson)


def _stamp_file(lesson: Lesson) -> Path:
    return lesson.course.private / "build" / f"{lesson.name}.json"


def _read_stamp(lesson: Lesson) -> object:
    try:
        return json.loads(_stamp_file(lesson).read_text())
    except (OSError, ValueError):
        return None


def _built(lesson: Lesson) -> dict[str, str]:
    """What the last build made, name -> digest; empty when that is not known."""
    match _read_stamp(lesson):
        case {"release": dict(built)}:
            return built
    return {}


def _stamp(lesson: Lesson) -> dict[str, Any] | None:
    """Everything that goes into a build, everything that came out; None when a part is missing."""
    if not lesson.release.exists() or not lesson.notebook.exists():
        return None
    inputs: list[bytes | str] = [versions.release()]
    for path in [
        *lesson.source_files(),
        *(lesson.course.root / name for name in CONFIG_FILES),
    ]:
        inputs += [path.name, path.read_bytes()]
    release = {
        path.relative_to(lesson.release_folder).as_posix(): digest([path.read_bytes()])
        for path in _files(lesson.release_folder)
    }
    return {
        "inputs": digest(inputs),
        "cells": _digest_of(_cells(lesson.notebook) or []),
        "release": release,
        "source": _source(lesson),
    }


def _source(lesson: Lesson) -> str:
    """What an instructor wrote, whatever turns it into notebooks."""
    parts: list[bytes | str] = []
    for path in lesson.source_files():
        parts += [path.relative_to(lesson.folder).as_posix(), path.read_bytes()]
    return digest(parts)


def changed_since_built(lesson: Lesson) -> bool:
    """Whether `source/` holds another lesson than the one that grades; by what is in the files.

    False when that is not known (a build of long ago).
    """
    match _read_stamp(lesson):
        case {"source": str(built)}:
            return built != _source(lesson)
    return False


def _files(folder: Path) -> list[Path]:
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and ".ipynb_checkpoints" not in path.parts
    )


def _in_gradebook(lesson: Lesson) -> bool:
    """Whether the gradebook still knows the lesson (it may have been deleted since)."""
    from sqlalchemy import create_engine, text
    from sqlalchemy.exc import SQLAlchemyError

    from headcheck.grading.database import check_driver

    url = lesson.course.db_url
    if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).exists():
        return False
    query = text(
        "SELECT 1 FROM notebook JOIN assignment ON notebook.assignment_id = assignment.id "
        "WHERE assignment.name = :name AND notebook.name = :name"
    )
    check_driver(lesson.course)
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return connection.execute(query, {"name": lesson.name}).first() is not None
    except SQLAlchemyError:
        return False
    finally:
        engine.dispose()


# ---- is what is committed what a rebuild gives? -------------------------------------------------


def first_difference(course: Course, lessons: list[Lesson]) -> str | None:
    """Rebuild into an empty place; the first difference from `notebooks/` in words, or None."""
    with tempfile.TemporaryDirectory(prefix="headcheck-check-") as folder:
        copy = Path(folder)
        for name in CONFIG_FILES:
            shutil.copy(course.root / name, copy)
        for lesson in lessons:
            for path in lesson.source_files():
                target = copy / path.relative_to(course.root)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, target)
        rebuilt = Course.open(copy)
        for lesson in lessons:
            again = Lesson(rebuilt, lesson.name)
            _write_notebook(again)
            _generate(again, copy / "rebuilt", record=False)
            difference = _compare(copy / "rebuilt" / lesson.name, lesson.release_folder)
            if difference:
                where = lesson.release_folder.relative_to(course.root)
                return f"{where}/{difference}; run `headcheck build {lesson.name}` and commit it."
    return _strangers(course)


def _compare(expected: Path, found: Path) -> str | None:
    wanted = {path.relative_to(expected): path for path in _files(expected)}
    present = {path.relative_to(found): path for path in _files(found)}
    for name in sorted(wanted.keys() | present.keys()):
        if name not in present:
            return f"{name} is missing"
        if name not in wanted:
            return f"{name} is not made from source/"
        if wanted[name].read_bytes() != present[name].read_bytes():
            return f"{name} differs from a rebuild{_which_cell(wanted[name], present[name])}"
    return None


def _which_cell(expected: Path, found: Path) -> str:
    if expected.suffix != ".ipynb":
        return ""
    try:
        new, old = (json.loads(path.read_bytes())["cells"] for path in (expected, found))
    except (ValueError, KeyError):
        return " (it is not a notebook)"
    for position, (a, b) in enumerate(zip(new, old, strict=False), 1):
        if a != b:
            return f" first in cell {position} ({a.get('id', 'no id')})"
    if len(new) != len(old):
        return f" in the number of cells ({len(old)}, a rebuild has {len(new)})"
    return " outside its cells"


def _strangers(course: Course) -> str | None:
    known = {lesson.name for lesson in course.lessons()}
    for path in sorted(course.release_root.glob("*")):
        if path.is_dir() and path.name not in known and _files(path):
            where = path.relative_to(course.root)
            return f"{where} has no lesson in source/; remove it."
    return None
