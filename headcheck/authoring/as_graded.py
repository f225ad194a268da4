"""Does a lesson hold when it is graded? Its reference and its release, as submissions in the isolated engine.

An ordinary kernel has every name in one place and draws its hidden sizes once. Grading has not, and
draws them anew each time: so the reference is graded over several draws here.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from headcheck import versions
from headcheck.authoring.places import begins
from headcheck.authoring.release import reference, to_bytes
from headcheck.course.cells import grade_id_of, role_of, roles_of
from headcheck.course.demos import set_aside
from headcheck.course.directory import CourseError, Lesson
from headcheck.course.files import digest, write_whole
from headcheck.grading.classroom import limits_from
from headcheck.grading.engines.pick import open_engine, wait_for
from headcheck.grading.finished import result_of
from headcheck.grading.lesson_files import lesson_files
from headcheck.grading.submission import Engine, Run, Verdict
from headcheck.grading.work import Limits, Work

DRAWS = 10


@dataclass(frozen=True)
class _Trial:
    """One grading: the reference with one draw, or (`draw` 0) the unanswered release."""

    lesson: Lesson
    draw: int
    notebook: NotebookNode


@dataclass
class _Found:
    """What is known of one lesson."""

    begins: dict[str, int] = field(default_factory=dict)  # grade_id -> line of the text
    failed: dict[str, dict[int, Verdict]] = field(default_factory=dict)  # check -> draw -> verdict
    problems: dict[str, None] = field(default_factory=dict)


def run(
    lessons: Sequence[Lesson], *, draws: int = DRAWS, jobs: int = 2, say: Callable[[str], None]
) -> list[str]:
    """Grade what is new in these lessons; each problem one sentence with file and line.

    What passed is not graded again. Where this machine cannot isolate, that is said and nothing done.
    """
    todo = [lesson for lesson in lessons if not _passed(lesson, draws).exists()]
    if not todo:
        return []
    try:
        engine = open_engine("isolated", todo[0].course)
    except CourseError as error:
        say(f"not graded as submissions are: {error}")
        return []
    with closing(engine):
        try:
            wait_for(engine)
        except CourseError as error:
            say(f"not graded as submissions are: {error}")
            return []
        return _run(todo, engine, draws, jobs, say)


def _run(
    lessons: Sequence[Lesson], engine: Engine, draws: int, jobs: int, say: Callable[[str], None]
) -> list[str]:
    problems: list[str] = []
    stopped = threading.Event()
    with ThreadPoolExecutor(jobs) as pool:
        try:
            for lesson in lessons:
                started = time.monotonic()
                limits = limits_from(lesson.course.config)
                found = _Found(_lines(lesson))

                def one(trial: _Trial, limits: Limits = limits, found: _Found = found) -> None:
                    if not stopped.is_set():
                        _judge(trial, _graded(trial, engine, limits), found)

                trials = [pool.submit(one, trial) for trial in _trials(lesson, draws)]
                for trial in trials:
                    result_of(trial)
                told = list(_told(lesson, found, draws))
                problems += told
                if not told:
                    for old in _passed(lesson, draws).parent.glob(f"{lesson.name}.*"):
                        old.unlink(missing_ok=True)
                    write_whole(_passed(lesson, draws), b"")
                seconds = time.monotonic() - started
                say(
                    f"{lesson.name}: {'NOT right' if told else 'right'} when it is graded, "
                    f"{draws} draws ({seconds:.0f} s)"
                )
        except BaseException:  # Ctrl-C: what runs has to end before the pool can
            stopped.set()
            engine.close()
            raise
    return problems


def _passed(lesson: Lesson, draws: int) -> Path:
    """A file that exists when this very lesson was right with this very grader, in so many draws."""
    parts: list[bytes | str] = [versions.verdict(), str(draws), to_bytes(reference(lesson))]
    for folder in (lesson.release_folder, lesson.folder):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path != lesson.notebook and "__pycache__" not in path.parts:
                parts += [path.relative_to(folder).as_posix(), path.read_bytes()]
    return lesson.course.private / "as_graded" / f"{lesson.name}.{digest(parts)[:16]}"


def _trials(lesson: Lesson, draws: int) -> Iterator[_Trial]:
    answered = reference(lesson)
    for cell in answered.cells:
        if role_of(cell) == "answer":
            kept = [line for line in cell.source.splitlines() if not _MARKER.search(line)]
            cell.source = "\n".join(kept)
    set_aside(answered, reference(lesson).cells, "needed")
    released = nbformat.read(lesson.release, as_version=4)
    ours = {grade_id_of(cell): cell.source for cell in answered.cells}
    given = deepcopy(released.cells)
    for cell in released.cells:
        if role_of(cell) == "check":
            cell.source = ours[grade_id_of(cell)]  # with its hidden tests
    set_aside(released, given, "needed")
    yield _Trial(lesson, 0, released)
    for draw in range(1, draws + 1):
        yield _Trial(lesson, draw, deepcopy(answered))


_MARKER = re.compile(r"\b(BEGIN|END) SOLUTION\b")


def _graded(trial: _Trial, engine: Engine, limits: Limits) -> Run:
    files = lesson_files(trial.lesson, limits)
    work = Work(
        student="the reference" if trial.draw else "the release",
        assignment=trial.lesson.name,
        notebook_name=trial.lesson.name,
        notebook=b"",
        files=files,
        lesson_files=files,
        seed=trial.draw,
        limits=limits,
    )
    return engine.run(trial.notebook, roles_of(trial.notebook), work)


# ---- what came of it -----------------------------------------------------------------------------


def _judge(trial: _Trial, run: Run, found: _Found) -> None:
    for cell in trial.notebook.cells:
        if role_of(cell) in ("setup", "answer") and trial.draw:
            for output in cell.get("outputs", []):
                if output.output_type == "error":
                    name = grade_id_of(cell) or "a cell"
                    where = found.begins.get(name, 1) + _line_in(output) - 1
                    found.problems[
                        f"{where}: {name}: fails in the student's process when it is graded: "
                        f"{_plain(output.ename, output.evalue)}"
                    ] = None
    for check, verdict in run.verdicts.items():
        if verdict.outcome == "grader-error":
            found.problems[_of_the_grader(check, verdict, found)] = None
        elif trial.draw == 0:
            if verdict.outcome == "passed":
                found.problems[
                    f"{found.begins.get(check, 1)}: {check}: the unanswered release passes this check "
                    "when it is graded; make its visible part use the answer"
                ] = None
        elif verdict.outcome != "passed":
            found.failed.setdefault(check, {})[trial.draw] = verdict


_AT = re.compile(r'"<instructor\'s cell (\w+)>", line (\d+)')


def _of_the_grader(check: str, verdict: Verdict, found: _Found) -> str:
    at = _AT.findall(verdict.detail)
    name, line = (at[-1][0], int(at[-1][1])) if at else (check, 1)
    last = [text.strip() for text in verdict.detail.splitlines() if text.strip()][-1:]
    return (
        f"{found.begins.get(name, 1) + line - 1}: {name}: fails in the checker's process when it is "
        f"graded: {' '.join(last)[:300]}"
    )


def _told(lesson: Lesson, found: _Found, draws: int) -> Iterator[str]:
    file = lesson.text.relative_to(lesson.course.root)
    for problem in found.problems:
        yield f"{file}:{problem}."
    for check, verdicts in found.failed.items():
        seed, verdict = min(verdicts.items())
        line = found.begins.get(check, 1) + (verdict.line or 1) - 1
        many = f"in {len(verdicts)} of {draws} draws of its sizes"
        if len(verdicts) < draws:
            many += f" (seeds {', '.join(map(str, sorted(verdicts)[:5]))})"
        said = "\n".join("    " + text for text in verdict.detail.strip().splitlines())
        yield (
            f"{file}:{line}: {check}: the reference does not pass when it is graded, {many}; with "
            f"seed {seed}:\n{said}"
        )


def _line_in(output: NotebookNode) -> int:
    """The line of the cell in a traceback of IPython's: `Cell In[1], line 3`, or the arrow."""
    text = re.sub(r"\x1b\[[\d;]*m", "", "\n".join(output.traceback))
    found = re.findall(r"Cell In\[\d+\], line (\d+)", text) or re.findall(r"-> +(\d+) ", text)
    return int(found[-1]) if found else 1


def _plain(name: str, text: str) -> str:
    return f"{name}: {' '.join(text.split())[:300]}".rstrip(": .")


def _lines(lesson: Lesson) -> dict[str, int]:
    cells = reference(lesson).cells
    starts = begins(lesson.read_text(), cells)
    return {
        name: start
        for cell, start in zip(cells, starts, strict=True)
        if (name := grade_id_of(cell))
    }
