"""The door for plain nbgrader: `nbgrader autograde` and formgrader with our repairs and engine.

grader_config.py names these in place of nbgrader's own steps. The marks are the same as those of
`headcheck grade`, because what was handed in is read by the same functions.
"""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Enum

from headcheck.course.cells import Template
from headcheck.course.directory import Course, CourseError
from headcheck.course.handed_over import STAMP
from headcheck.grading.apart import Apart
from headcheck.grading.built import Sources, template_of, templates_of
from headcheck.grading.classroom import fresh_seed, limits_from
from headcheck.grading.engines.pick import is_borrowed, open_engine, wait_for
from headcheck.grading.graded_folder import GradedFolder
from headcheck.grading.handed_in import LONGEST_STAMP, read_time
from headcheck.grading.intake import read_file, read_folder
from headcheck.grading.lesson_files import lesson_files
from headcheck.grading.prepare import Order, Prepared, Refusal
from headcheck.grading.record import Record, save_record
from headcheck.grading.submission import Engine, grade, refused
from headcheck.grading.work import EngineName, Limits, Work

IDLE_SECONDS = 120.0  # formgrader lives for days; a warm engine need not

Resources = dict[str, Any]
# (student, assignment) -> the helper notebooks beside the graded one: nbgrader copies none.
_notebooks: dict[tuple[str, str], dict[str, bytes]] = {}


class Unread(NotebookExporter):
    """Leaves a submitted notebook unread: nbgrader gives up on what `RepairCells` puts right."""

    def from_file(
        self, file_stream: Any, resources: Resources | None = None, **options: Any
    ) -> tuple[NotebookNode, Resources]:
        if any(isinstance(step, RepairCells) for step in self._preprocessors):
            empty = nbformat.v4.new_notebook()
            return self.from_notebook_node(empty, resources=resources, **options)
        return super().from_file(file_stream, resources=resources, **options)


def _handed_in(course: CourseDirectory, folder: str) -> datetime | None:
    """nbgrader's `get_existing_timestamp`, by our reading: its own is hours wrong, or ends the run."""
    try:
        found = read_time(read_file(Path(folder) / STAMP, LONGEST_STAMP))
    except OSError:
        return None
    if found.note:
        course.log.warning(found.note)
    return found.when


# It reads the time before any step that a configuration can name.
CourseDirectory.get_existing_timestamp = _handed_in


_init_destination = Autograde.init_destination


def _keep_typed_and_init(step: Autograde, assignment: str, student: str) -> bool:
    """nbgrader removes a graded folder before it grades anew: what a person typed there is kept."""
    try:
        course = Course.open(Path(step.coursedir.root))
    except CourseError:
        return bool(_init_destination(step, assignment, student))
    for aside in GradedFolder(course, student, assignment).keep_aside():
        step.log.warning(aside.told(course.root))
    return bool(_init_destination(step, assignment, student))


# There is no hook before that.
Autograde.init_destination = _keep_typed_and_init


class RepairCells(NbGraderPreprocessor):
    """Reads the submission and puts the instructor's cells back; the first of nbgrader's steps."""

    def preprocess(
        self, notebook: NotebookNode, resources: Resources
    ) -> tuple[NotebookNode, Resources]:
        ids = resources["nbgrader"]
        course = CourseDirectory(config=self.config)
        found = course.format_path(course.release_directory, ".", ids["assignment"])
        release = Path(found) / f"{ids['notebook']}.ipynb"
        if not release.exists():
            self.log.warning("%s is missing, so nothing can be repaired; build it.", release)
            return notebook, resources
        where = course.format_path(course.submitted_directory, ids["student"], ids["assignment"])
        order = Order(
            folder=Path(where),
            top=Path(course.root) / course.submitted_directory,
            where=os.path.relpath(where, course.root),
            lesson=ids["notebook"],
            ignore=tuple(course.ignore),
            limits=limits_from(self.config),
        )
        prepared = _reader.prepare(order, course, ids["db_url"], release)
        for note in prepared.notes:
            self.log.warning(note)
        _notebooks[ids["student"], ids["assignment"]] = {
            name: data for name, data in prepared.files.items() if name.endswith(".ipynb")
        }
        ready = nbformat.reads(prepared.notebook.decode(), as_version=4)
        ready.metadata["headcheck"] = {"notes": prepared.notes}
        if prepared.refusal is not None:
            self.log.warning(prepared.refusal.note)
            ready.metadata["headcheck"]["refusal"] = prepared.refusal.model_dump()
        return ready, resources


class RunChecks(NbGraderPreprocessor):
    """Runs the notebook in our engine; stands where nbgrader's Execute stands."""

    engine: EngineName = Enum(  # type: ignore[assignment]
        ("isolated", "nbgrader"), "isolated", help="nbgrader: one kernel, not isolated"
    ).tag(config=True)

    def preprocess(
        self, notebook: NotebookNode, resources: Resources
    ) -> tuple[NotebookNode, Resources]:
        ids = resources["nbgrader"]
        course = CourseDirectory(config=self.config)
        limits = limits_from(self.config)
        folder = Path(
            course.format_path(course.autograded_directory, ids["student"], ids["assignment"])
        )
        intake = read_folder(
            folder,
            course.ignore,
            limits.file_mib << 20,
            limits.disk_mib << 20,
            {f"{ids['notebook']}.ipynb": 0},
        )
        helpers = _notebooks.pop((ids["student"], ids["assignment"]), {})
        said = notebook.metadata.pop("headcheck", {})
        notes = list(dict.fromkeys([*said.get("notes", []), *intake.notes]))
        work = Work(
            student=ids["student"],
            assignment=ids["assignment"],
            notebook_name=ids["notebook"],
            notebook=nbformat.writes(notebook).encode(),
            files=helpers | intake.files,
            lesson_files=_of_the_lesson(Path(course.root), ids["assignment"], limits),
            seed=fresh_seed(),
            limits=limits,
        )
        if "refusal" in said:
            graded = refused(work, self.engine, Refusal(**said["refusal"]))
        else:
            with _warm.engine(self.engine, Path(course.root)) as engine:
                graded = grade(work, engine)
        graded = graded.model_copy(update={"notes": [*notes, *graded.notes]})
        for note in graded.notes:
            self.log.info(note)
        # No key: `headcheck grade` does not take the result of another program for its own.
        record = Record.of(work.student, work.assignment, graded, datetime.now(UTC))
        try:
            ours = Course.open(Path(course.root))
            GradedFolder(ours, work.student, work.assignment).remember(graded.notebook)
            save_record(ours, record)
        except CourseError:
            self.log.debug("not one of our course directories: nothing remembered")
        return nbformat.reads(graded.notebook.decode(), as_version=4), resources


def _of_the_lesson(root: Path, name: str, limits: Limits) -> dict[str, bytes]:
    """The lesson's own files, for its checks; nothing where it is none of our course directories."""
    try:
        return lesson_files(Course.open(root).select([name])[0], limits)
    except CourseError:
        return {}


class _Reader:
    """Reads the submissions of all notebooks of this process, in processes of their own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._others: dict[str, Template] | None = None
        self._apart: Apart | None = None

    def prepare(
        self, order: Order, course: CourseDirectory, db_url: str, release: Path
    ) -> Prepared:
        """`release`: the students' notebook of the lesson, which may have been built anew."""
        with self._lock:
            templates = self._templates(order.lesson, course, db_url, release)
            if self._apart is None or self._apart.templates != templates:
                self._close()
                self._apart = Apart(templates)
            return self._apart.prepare(order)

    def _templates(
        self, lesson: str, course: CourseDirectory, db_url: str, release: Path
    ) -> dict[str, Template]:
        with Gradebook(db_url, course.course_id) as gradebook:

            def sources(assignment: str, notebook: str) -> Sources | None:
                try:
                    found = gradebook.find_notebook(notebook, assignment)
                except MissingEntry:
                    return None
                return {cell.name: (cell.source, cell.checksum) for cell in found.source_cells}

            if self._others is None:
                folder = Path(course.format_path(course.release_directory, ".", "."))
                built = [(path.stem, path) for path in sorted(folder.glob("*/*.ipynb"))]
                self._others = templates_of(built, sources)
            own = template_of(lesson, release, sources(release.parent.name, lesson))
        if own is None:
            raise CourseError(f"{lesson} is not built yet; run `headcheck build {lesson}`.")
        return self._others | {lesson: own}

    def close(self) -> None:
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._apart is not None:
            self._apart.close()
        self._apart = None


class _Warm:
    """One engine for all notebooks of this process, ended when nobody uses it for a while; at once,
    where it is that of a resident grader."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._engine: Engine | None = None
        self._timer: threading.Timer | None = None

    @contextmanager
    def engine(self, name: EngineName, root: Path) -> Iterator[Engine]:
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            if self._engine is None or self._engine.name != name:
                self._close()
                self._engine = open_engine(name, Course(root))
            wait_for(self._engine)
            try:
                yield self._engine
            finally:
                if is_borrowed(self._engine):
                    self._close()  # others want it, and it is there again at once
                else:
                    self._timer = threading.Timer(IDLE_SECONDS, self.close)
                    self._timer.daemon = True
                    self._timer.start()

    def close(self) -> None:
        with self._lock:
            self._close()

    def _close(self) -> None:
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.close()


_reader = _Reader()
_warm = _Warm()
atexit.register(_reader.close)
atexit.register(_warm.close)
