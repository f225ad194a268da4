"""The answer to "what is done?", as lines of text that fit beside a file browser."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from headcheck.done.notebook_file import NotebookFile, exercise_of

State = Literal["passed", "failed", "open", "not run"]
MARK = {"passed": "✓", "failed": "✗", "open": "○", "not run": "○"}
WIDTH = 44  # of the first column


@dataclass(frozen=True)
class Outcome:
    """What one visible check said."""

    state: State
    said: str = ""  # one line, for a check that did not pass


def lines(notebook: NotebookFile, outcomes: Mapping[str, Outcome]) -> list[str]:
    """One line for each check and each written answer, then the sum. `outcomes` by check name."""
    table: list[str] = []
    reached = total = 0.0
    for cell in notebook.of("check", "written"):
        if cell.role == "written":
            said = "written; a person reads it" if cell.answered else "not written yet"
            table.append(_line("✎" if cell.answered else "○", cell.name, said))
            continue
        outcome = outcomes.get(cell.name, Outcome("not run", "not run"))
        exercise, step = exercise_of(cell)
        title = f"{exercise}, {step}" if step else exercise
        if outcome.state == "passed" and not cell.as_handed_out:
            outcome = Outcome("not run", "passes, but this check was changed")
        if outcome.state == "passed":
            reached += cell.points
        total += cell.points
        said = outcome.said if outcome.state != "passed" else _points(cell.points)
        table.append(_line(MARK[outcome.state], title, said))
    table.append(
        f"visible checks: {reached:g} of {total:g} points"
        + ("" if total == 0 else "; hidden tests follow when it is graded")
    )
    return table


def verdict(
    notebook: NotebookFile,
    problems: Sequence[str],
    outcomes: Mapping[str, Outcome],
    *,
    download: str = "",
) -> list[str]:
    """The last lines: complete and what to hand in, or what is missing.

    `download`: where the file to hand in comes from, if not from the disk.
    """
    if problems:
        return ["before you hand in:", *(f"  ✗ {problem}" for problem in problems)]
    kilobytes = notebook.path.stat().st_size / 1000
    where = f"in {notebook.path.resolve().parent}"
    said = [
        "complete: every exercise has an answer, and the file is as a grader wants it.",
        f"hand in this one file: {notebook.path.name}  ({kilobytes:.0f} kB, {download or where})",
    ]
    if notebook.hand_in:
        said.append(notebook.hand_in)
    wrong = sum(outcome.state != "passed" for outcome in outcomes.values())
    if wrong:
        checks = "1 visible check does" if wrong == 1 else f"{wrong} visible checks do"
        earns = "it earns" if wrong == 1 else "they earn"
        said.insert(1, f"But {checks} not pass yet; as it is, {earns} no points.")
    return said


def _line(mark: str, title: str, said: str) -> str:
    short = title if len(title) <= WIDTH else f"{title[: WIDTH - 1].rstrip()}…"
    return f"{mark} {short:{WIDTH}} {said}".rstrip()


def _points(points: float) -> str:
    return f"{points:g} point{'' if points == 1 else 's'}" if points else "passes"
