"""Many submissions: grade them side by side, record each one as it arrives.

They run in a pool that sees neither gradebook nor source folder. This thread alone reads
submissions, writes the gradebook and `autograded/`; an interrupted run continues where it stopped.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, distribution, version

import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from nbgrader.preprocessors import LimitOutput
from packaging.requirements import Requirement
from traitlets.config import Config

from headcheck import versions
from headcheck.course import feedback_rule
from headcheck.course.cells import Template
from headcheck.course.directory import Course, CourseError, Lesson
from headcheck.course.files import OF_A_DISK, digest
from headcheck.course.libraries import libraries_of, versions_of
from headcheck.grading.apart import Apart
from headcheck.grading.built import template_of, templates_of
from headcheck.grading.crashed import Crashed
from headcheck.grading.find import Submission
from headcheck.grading.finished import first_finished, result_of
from headcheck.grading.gradebook import ClassGradebook, Mark, agrees
from headcheck.grading.graded_folder import Aside, GradedFolder
from headcheck.grading.lesson_files import lesson_files
from headcheck.grading.pool import Pool
from headcheck.grading.prepare import Order, Refusal, content_of, link_to
from headcheck.grading.record import Record, load_record, save_record
from headcheck.grading.submission import refused
from headcheck.grading.work import EngineName, Graded, Limits, Work
from headcheck.seed import SEED_VARIABLE, given_seed

Marks = Mapping[str, Mapping[str, Mapping[str, Mark]]]  # assignment, student, grade_id
ONCE_MORE = "Graded a second time, alone: the first time, beside others, its time was up or its process ended."


@dataclass
class _Ready:
    """A submission that was read and put right, before it is run."""

    submission: Submission
    work: Work
    key: str
    content: str  # one hash of what was handed in
    timestamp: datetime | None
    notes: list[str]
    refusal: Refusal | None = None


@dataclass
class Progress:
    """One finished submission. `before`: what was recorded of it until then."""

    record: Record
    skipped: bool = False
    before: Record | None = None


@dataclass
class Rehearsed(Progress):
    """One that was graded in a copy: nothing is recorded."""

    notebook: bytes = b""


# ---- what there is to do -------------------------------------------------------------------------


def mismatched_torch() -> str | None:
    """A sentence when the installed torch is not the one torchvision was built for."""
    try:
        torch, vision = version("torch"), distribution("torchvision")
    except PackageNotFoundError:
        return None
    for line in vision.requires or []:
        needed = Requirement(line)
        if needed.name == "torch" and not needed.specifier.contains(torch, prereleases=True):
            return (
                f"torch {torch} and torchvision {vision.version} do not belong together "
                f"(torchvision needs torch{needed.specifier}); remedy: "
                "pip install -c constraints.txt torch torchvision"
            )
    return None


def missing_kernel(template: Template) -> str | None:
    """A sentence when the Jupyter kernel that a lesson names is not installed here."""
    name = template.metadata.get("kernelspec", {}).get("name", "python3")
    installed = sorted(KernelSpecManager().find_kernel_specs())
    if name in installed:
        return None
    return (
        f"the Jupyter kernel {name!r} of {template.name} is not installed here "
        f"(there is: {', '.join(installed) or 'none'}); remedy: "
        f"python -m ipykernel install --sys-prefix --name {name}"
    )


def limits_from(config: Config) -> Limits:
    """The limits set in grader_config.py under `c.Headcheck`."""
    given = dict(config.Headcheck)
    given.pop("libraries", None)  # see course/libraries.py
    given.pop(feedback_rule.NAME, None)
    try:
        return Limits(**given)
    except ValueError as error:
        first = str(error).splitlines()[1:3]
        raise CourseError(f"grader_config.py, c.Headcheck: {' '.join(first)}.") from None


# ---- grading -------------------------------------------------------------------------------------


class Classroom:
    """A course open for grading: templates, limits, the gradebook. Close it when done."""

    def __init__(self, course: Course, submissions: Sequence[Submission]) -> None:
        self.course, self.submissions = course, submissions
        self.aside: list[Aside] = []  # what a person had typed into what was made anew
        fresh_seed()  # a wrong one is said before anything is graded
        self._seeds: dict[tuple[str, str], int] = {}  # lesson and what was handed in -> its seed
        self.limits = limits_from(course.config)
        self._libraries = versions_of(libraries_of(course.config))
        self._limits = self.limits.model_dump_json()
        self._top = course.step_folder("submitted")
        self._ignore = tuple(course.config.CourseDirectory.get("ignore", []))
        self.gradebook = ClassGradebook(course)
        try:
            lessons = {s.lesson.name: s.lesson for s in submissions}
            self.templates = {name: self._template(lesson) for name, lesson in lessons.items()}
            self.files = {name: lesson_files(lessons[name], self.limits) for name in lessons}
            self.versions = {n: _version(self.templates[n], self.files[n]) for n in lessons}
        except BaseException:
            self.gradebook.close()
            raise
        self.apart = Apart(self._all_templates())
        self._engine: EngineName = "isolated"

    def close(self) -> None:
        self.apart.close()
        self.gradebook.close()

    def _template(self, lesson: Lesson) -> Template:
        sources = self.gradebook.sources(lesson.name, lesson.name)
        found = template_of(lesson.name, lesson.release, sources)
        if found is None:
            raise CourseError(
                f"{lesson.name} is not built yet; run `headcheck build {lesson.name}`."
            )
        return found

    def _all_templates(self) -> Mapping[str, Template]:
        """Of every built lesson: to say which one a notebook is of."""
        others = [one for one in self.course.lessons() if one.name not in self.templates]
        releases = [(lesson.name, lesson.release) for lesson in others]
        return self.templates | templates_of(releases, self.gradebook.sources)

    def grade(
        self, pool: Pool, *, force: bool = False, marks: Marks | None = None
    ) -> Iterator[Progress]:
        """Grade every submission; each is recorded before it is yielded.

        `marks`: assignment -> what `ClassGradebook.marks` says of it, where they were read already.

        Closing the iterator (or Ctrl-C) closes the pool, and so ends what runs; what was yielded is
        kept. Raises `CourseError` when the pool is lost.
        """
        self._engine = pool.engine
        if marks is None:
            marks = {name: self.gradebook.marks(name) for name in self.templates}
        known = marks

        def skip(submission: Submission) -> Progress | None:
            if force:
                return None
            record = self._unchanged(submission, pool.engine, known[submission.lesson.name])
            return None if record is None else Progress(record, skipped=True)

        yield from self._each(pool, skip, self._prepare, self._record)

    def rehearse(
        self,
        pool: Pool,
        *,
        skip: Callable[[Submission], Progress | None] = lambda submission: None,
    ) -> Iterator[Progress]:
        """Grade every submission and write nothing: what it would be, and what is recorded.

        Each with the seed of its last grading, so that the same happens again, unless the
        environment gives another one. `skip`: a result that is there already.
        """
        self._engine = pool.engine
        yield from self._each(pool, skip, self._prepare_again, self._rehearsed)

    def _each(
        self,
        pool: Pool,
        skip: Callable[[Submission], Progress | None],
        prepare: Callable[[Submission, EngineName], _Ready],
        finish: Callable[[_Ready, Graded], Progress],
    ) -> Iterator[Progress]:
        """Run every submission that is not skipped, side by side; `finish` what came out."""
        waiting: dict[Future[Graded], _Ready] = {}
        again: list[Submission] = []  # read anew then: their files may be large

        def collect() -> Iterator[Progress]:
            yield from self._collect(waiting, again if pool.crowded else None, finish)

        try:
            for submission in self.submissions:
                if (known := skip(submission)) is not None:
                    yield known
                    continue
                ready = prepare(submission, pool.engine)
                if ready.refusal is not None:
                    yield finish(ready, refused(ready.work, pool.engine, ready.refusal))
                    continue
                pool.ready()
                # No more in memory than are worked on: a class may be large.
                while len(waiting) >= pool.slots + 1:
                    yield from collect()
                waiting[pool.submit(ready.work)] = ready
            while waiting:
                yield from collect()
            for submission in again:
                ready = prepare(submission, pool.engine)
                if ready.refusal is not None:  # it was changed meanwhile
                    yield finish(ready, refused(ready.work, pool.engine, ready.refusal))
                    continue
                ready.notes.append(ONCE_MORE)
                yield finish(ready, self._result(ready, pool.submit(ready.work)))
        except BaseException:
            pool.close()
            raise

    def _collect(
        self,
        waiting: dict[Future[Graded], _Ready],
        again: list[Submission] | None,
        finish: Callable[[_Ready, Graded], Progress],
    ) -> Iterator[Progress]:
        """Finish what has run; into `again` goes what neighbours may have spoilt."""
        done = first_finished(waiting)
        # What has a result is kept, also when the pool was lost at the same moment.
        for future in sorted(done, key=lambda one: isinstance(one.exception(), CourseError)):
            ready = waiting.pop(future)
            if again is not None and isinstance(future.exception(), Crashed):
                again.append(ready.submission)
                continue
            graded = self._result(ready, future)
            if again is not None and any(c.outcome in ("timeout", "died") for c in graded.cells):
                again.append(ready.submission)
            else:
                yield finish(ready, graded)

    def _result(self, ready: _Ready, future: Future[Graded]) -> Graded:
        try:
            return result_of(future)
        except CourseError:
            raise  # the pool is lost, and this submission is not at fault
        except Exception as error:
            return self._fault(ready, "graded", error)

    # ---- before the run

    def write_down(self, submission: Submission, record: Record, notebook: bytes) -> Record:
        """Record a result that was rehearsed. Whether it is still the right one is the caller's to see."""
        files, timestamp = self._beside(submission)
        return self._write_down(record, notebook, files, timestamp)

    def _beside(self, submission: Submission) -> tuple[dict[str, bytes], datetime | None]:
        prepared = self.apart.prepare(self._order(submission))
        return prepared.files | self.files[submission.lesson.name], prepared.timestamp

    def _prepare(self, submission: Submission, engine: EngineName) -> _Ready:
        lesson = submission.lesson.name
        prepared = self.apart.prepare(self._order(submission))
        key = self._key(lesson, prepared.content, engine)
        work = Work(
            student=submission.student,
            assignment=lesson,
            notebook_name=lesson,
            notebook=prepared.notebook,
            files=prepared.files | self.files[lesson],
            lesson_files=self.files[lesson],
            # One file of a group has one result: everybody's hidden sizes are the same.
            seed=self._seeds.setdefault((lesson, prepared.content), fresh_seed()),
            limits=self.limits,
        )
        return _Ready(
            submission,
            work,
            key,
            prepared.content,
            prepared.timestamp,
            prepared.notes,
            prepared.refusal,
        )

    def _prepare_again(self, submission: Submission, engine: EngineName) -> _Ready:
        """With the seed of its last grading."""
        ready = self._prepare(submission, engine)
        before = self._recorded_before(ready)
        if before is not None and not os.environ.get(SEED_VARIABLE):
            ready.work = ready.work.model_copy(update={"seed": before.seed})
        return ready

    def _order(self, submission: Submission) -> Order:
        lesson = submission.lesson.name
        return Order(
            folder=submission.folder,
            top=self._top,
            where=submission.folder.relative_to(self.course.root).as_posix(),
            lesson=lesson,
            ours={name: len(data) for name, data in self.files[lesson].items()},
            ignore=self._ignore,
            limits=self.limits,
        )

    def _key(self, lesson: str, content: str, engine: EngineName) -> str:
        """Changes with all that a result depends on. `content`: of what was handed in."""
        return digest(
            [
                content,
                self.versions[lesson],
                versions.verdict(),
                engine,
                self._limits,
                *self._libraries,
                os.environ.get(SEED_VARIABLE, ""),
            ]
        )

    def _unchanged(
        self,
        submission: Submission,
        engine: EngineName,
        marks: Mapping[str, Mapping[str, Mark]],
    ) -> Record | None:
        """The record of a submission that need not be graded again. The clerk is not asked for it."""
        student, lesson = submission.student, submission.lesson.name
        record = load_record(self.course, student, lesson)
        if record is None or record.outcome == "grader-error":
            return None
        if not agrees(record.cells, marks.get(student)):
            return None
        if not (GradedFolder(self.course, student, lesson).path / f"{lesson}.ipynb").exists():
            return None
        return record if record.key == self.key_of(submission, engine) else None

    def key_of(self, submission: Submission, engine: EngineName) -> str | None:
        """What a grading now would depend on, in one hash; None for what is always looked at."""
        order = self._order(submission)
        if link_to(order) is not None:
            return None
        return self._key(submission.lesson.name, content_of(order), engine)

    def content_now(self, submission: Submission) -> str:
        """One hash of what lies in the submitted folder."""
        return content_of(self._order(submission))

    # ---- after the run

    def _recorded_before(self, ready: _Ready) -> Record | None:
        return load_record(self.course, ready.work.student, ready.work.assignment)

    def _rehearsed(self, ready: _Ready, graded: Graded) -> Rehearsed:
        before = self._recorded_before(ready)
        record = self._as_record(ready, graded)
        return Rehearsed(record.after(before), before=before, notebook=graded.notebook)

    def _as_record(self, ready: _Ready, graded: Graded) -> Record:
        notes = [*ready.notes, *graded.notes]
        work = ready.work
        return Record.of(
            work.student,
            work.assignment,
            graded.model_copy(update={"notes": notes}),
            datetime.now(UTC),
            key=ready.key,
            content=ready.content,
            lesson=self.versions[work.assignment],
            grader=versions.verdict(),
        )

    def _record(self, ready: _Ready, graded: Graded) -> Progress:
        before = self._recorded_before(ready)
        return Progress(self._recorded_or_fault(ready, graded), before=before)

    def _recorded_or_fault(self, ready: _Ready, graded: Graded) -> Record:
        try:
            return self._recorded(ready, graded)
        except CourseError:
            raise  # the gradebook as a whole cannot be written
        except Exception as error:
            if isinstance(error, OSError) and error.errno in OF_A_DISK:
                raise  # and no zero takes the place of the marks that are written already
            # Whatever it is, it is about this submission: the class goes on.
            return self._recorded(ready, self._fault(ready, "recorded", error))

    def _fault(self, ready: _Ready, what: str, error: Exception) -> Graded:
        """A result of ours in place of one that could not be had; from now on `ready` is of it."""
        why = (
            f"{ready.submission.folder.relative_to(self.course.root)} could not be {what}, by a "
            f"fault of the grader ({type(error).__name__}: {str(error)[:200]}); look into that "
            "folder and its folder in autograded/, then grade it again."
        )
        lesson = ready.submission.lesson.name
        refusal = Refusal(
            outcome="grader-error",
            message="The grader failed here; this is not your fault. A person will look at it.",
            note=why,
        )
        empty = nbformat.writes(self.templates[lesson].empty(refusal.message)).encode()
        ready.work = ready.work.model_copy(update={"notebook": empty, "files": self.files[lesson]})
        return refused(ready.work, self._engine, refusal)

    def _recorded(self, ready: _Ready, graded: Graded) -> Record:
        record = self._as_record(ready, graded)
        return self._write_down(record, graded.notebook, ready.work.files, ready.timestamp)

    def _write_down(
        self,
        record: Record,
        graded: bytes,
        files: Mapping[str, bytes],
        timestamp: datetime | None,
    ) -> Record:
        """Marks first, the record last: what has one is complete."""
        student, lesson = record.student, record.assignment
        notebook = nbformat.reads(graded.decode(), as_version=4)
        notebook, _ = LimitOutput(config=self.course.config).preprocess(notebook, {})
        self.gradebook.save(
            notebook, student=student, assignment=lesson, name=lesson, timestamp=timestamp
        )
        text = nbformat.writes(notebook).rstrip("\n") + "\n"
        # Of notebooks the graded one alone: nbgrader gives feedback on all that lie there.
        beside = {n: d for n, d in files.items() if not n.lower().endswith(".ipynb")}
        folder = GradedFolder(self.course, student, lesson)
        self.aside += folder.write({**beside, f"{lesson}.ipynb": text.encode()})
        return save_record(self.course, record)


def fresh_seed() -> int:
    """What the secret sizes of one grading are drawn from; the environment may fix it.

    Raises `CourseError` when it asks for what is no number.
    """
    try:
        given = given_seed()
    except ValueError as error:
        raise CourseError(str(error)) from None
    return secrets.randbits(32) if given is None else given


def _version(template: Template, files: Mapping[str, bytes]) -> str:
    return digest(
        [
            *(nbformat.writes(nbformat.v4.new_notebook(cells=[c])) for c in template.cells),
            *(part for item in sorted(files.items()) for part in item),
        ]
    )
