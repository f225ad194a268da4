"""One submission: a notebook in, a graded notebook and results out. Touches no gradebook.

The verdicts come from an engine; what is recorded is settled here in one place, so that
nbgrader's own `determine_grade` reads the same score from the notebook that we report.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol, get_args

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.utils import determine_grade

from headcheck.course.cells import Role, grade_id_of, roles_of
from headcheck.course.counted import counted
from headcheck.course.demos import say_so
from headcheck.grading.prepare import Refusal
from headcheck.grading.published import published
from headcheck.grading.running import running
from headcheck.grading.work import CellResult, EngineName, Graded, Outcome, Work

# From best to worst: the worst of its checks is what became of a submission.
SEVERITY: tuple[Outcome, ...] = (
    "passed",
    "failed",
    "missing",
    "error",
    "timeout",
    "out-of-memory",
    "died",
    "grader-error",
)
assert set(SEVERITY) == set(get_args(Outcome))


# What every engine says when the instructor's own cells did not run.
SETUP_FAILED = "A setup cell of this lesson failed in the grader; this is not your fault."


# What Jupyter and the debugger raise where nobody can be asked, and what a student is told of it.
ASKING = frozenset({"StdinNotImplementedError", "BdbQuit"})
ASKS_A_PERSON = "the cell asks a person (input(), a debugger), and none is there"


def setup_note(grade_id: str, why: str) -> str:
    """For the TA: a setup cell did not run beside the student's answers."""
    return f"The setup cell {grade_id} did not run through: {why}."


@dataclass(frozen=True)
class Verdict:
    """What an engine says of one check; `message` is for the student, `detail` for the TA only, and
    `line` of the check cell for the author."""

    outcome: Outcome
    message: str = ""
    detail: str = ""
    line: int | None = None


@dataclass
class Run:
    """What an engine did with one notebook: a verdict per check cell, by grade_id."""

    verdicts: dict[str, Verdict]
    notes: list[str] = field(default_factory=list)
    peak_memory_mib: float | None = None


class Engine(Protocol):
    """Runs notebooks; used by several threads at once."""

    name: EngineName

    def ready(self) -> None:
        """Wait until it can run; see `engines.wait_for`."""

    def run(self, notebook: NotebookNode, roles: Sequence[Role], work: Work) -> Run:
        """Fill the outputs into `notebook` (in place) and judge its check cells."""

    def close(self) -> None:
        """End everything that was started, also what still runs."""


def grade(work: Work, engine: Engine, fatal: tuple[type[Exception], ...] = ()) -> Graded:
    """Run one notebook and settle its score. Our own faults become results; it raises `fatal` alone:
    what ends the engine, and says nothing of this notebook."""
    start = time.monotonic()
    notebook = nbformat.reads(work.notebook.decode(), as_version=4)
    roles = roles_of(notebook)
    try:
        with running(work):
            run = engine.run(notebook, roles, work)
    except fatal:
        raise
    except Exception as error:
        fault = Verdict(
            "grader-error",
            "The grader failed here; this is not your fault. A person will look at it.",
            traceback.format_exc(limit=-6),
        )
        checks = [
            grade_id_of(c) or "" for c, r in zip(notebook.cells, roles, strict=True) if r == "check"
        ]
        run = Run(dict.fromkeys(checks, fault), [f"The grader failed: {error!r}."])
    return settle(notebook, run, work, engine.name, time.monotonic() - start)


def refused(work: Work, engine: EngineName, refusal: Refusal) -> Graded:
    """A submission that cannot be run (`work.notebook` stands in for it): no mark, and the reason.

    Its checks count nothing, as if nothing had been handed in, and wait for a person.
    """
    notebook = nbformat.reads(work.notebook.decode(), as_version=4)
    checks = [
        grade_id_of(cell) or ""
        for cell, role in zip(notebook.cells, roles_of(notebook), strict=True)
        if role == "check"
    ]
    run = Run(dict.fromkeys(checks, Verdict(refusal.outcome, refusal.message)), [refusal.note])
    graded = settle(notebook, run, work, engine, 0.0)
    if refusal.outcome == "grader-error":  # has a place of its own everywhere
        return graded if checks else graded.model_copy(update={"outcome": refusal.outcome})
    for cell in notebook.cells:
        if grade_id_of(cell) in checks:
            cell.metadata["headcheck"]["unreadable"] = True
    said = {"unreadable": refusal.note, "notebook": _file(notebook)}
    said |= {} if checks else {"outcome": refusal.outcome}
    return graded.model_copy(update=said)


def _file(notebook: NotebookNode) -> bytes:
    return (nbformat.writes(notebook).rstrip("\n") + "\n").encode()


def settle(
    notebook: NotebookNode, run: Run, work: Work, engine: EngineName, seconds: float
) -> Graded:
    """Make every check cell's outputs say what its verdict says, and read the scores from them."""
    say_so(notebook)
    results = []
    for cell, role in zip(notebook.cells, roles_of(notebook), strict=True):
        if role != "check":
            continue
        grade_id = grade_id_of(cell) or ""
        lost = Verdict("grader-error", "This check was not run.", "the engine gave no verdict")
        given = run.verdicts.get(grade_id, lost)
        # A check that did not run may still show what was handed in with it.
        ran = given.outcome in ("passed", "failed")
        said = published(cell.outputs) if ran else None
        verdict, score, points = _settle_cell(cell, given)
        results.append(
            CellResult(
                notebook=work.notebook_name,
                grade_id=grade_id,
                score=score,
                max_score=points,
                outcome=verdict.outcome,
                message=verdict.message,
                detail=verdict.detail,
                published=said,
            )
        )
    return Graded(
        notebook=_file(notebook),
        cells=results,
        outcome=worst([result.outcome for result in results]),
        engine=engine,
        seed=work.seed,
        seconds=round(seconds, 3),
        peak_memory_mib=run.peak_memory_mib,
        notes=run.notes,
    )


def worst(outcomes: Sequence[Outcome]) -> Outcome:
    return max(outcomes, key=SEVERITY.index, default="passed")


def _settle_cell(cell: NotebookNode, verdict: Verdict) -> tuple[Verdict, float, float]:
    for output in cell.outputs:
        # nbgrader takes anything on stderr for a failure; a warning must not cost a point.
        if output.output_type == "stream" and output.name == "stderr":
            output.name = "stdout"
    if verdict.outcome != "passed":  # or nbgrader would take a value before the error for the score
        cell.outputs = [o for o in cell.outputs if o.output_type != "execute_result"]
    failed = any(output.output_type == "error" for output in cell.outputs)
    if verdict.outcome == "passed" and failed:
        verdict = Verdict("grader-error", "This check was judged in two ways.", verdict.message)
    elif verdict.outcome != "passed" and not failed:
        cell.outputs.append(
            new_output(
                "error",
                ename=verdict.outcome,
                evalue=verdict.message,
                traceback=verdict.message.splitlines(),
            )
        )
    cell.metadata["headcheck"] = {"outcome": verdict.outcome, "message": verdict.message}
    points = float(cell.metadata.nbgrader["points"])
    try:
        score, points = determine_grade(cell)
    except (ValueError, KeyError) as error:  # a partial credit above the cell's points
        verdict = Verdict("grader-error", "This check gives no usable score.", str(error))
        cell.metadata["headcheck"] = {"outcome": verdict.outcome, "message": verdict.message}
        cell.outputs = [
            new_output("error", ename="grader-error", evalue=verdict.message, traceback=[])
        ]
        score = 0.0
    if verdict.outcome == "passed" and score < points:
        verdict = Verdict("failed", f"{score:g} of {counted(points, 'point')}.", verdict.detail)
        cell.metadata["headcheck"] = {"outcome": verdict.outcome, "message": verdict.message}
    return verdict, float(score or 0.0), points
