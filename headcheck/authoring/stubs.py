"""What a student finds where the reference solution was, and locked cells folded to one line."""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import ClearSolutions, NbGraderPreprocessor
from nbgrader.utils import is_locked

from headcheck.lesson.stub import stub_text

WRITTEN = "**YOUR ANSWER HERE**: a few sentences in your own words. A person will read them."


def stub(grade_id: str, indent: str) -> list[str]:
    """The lines that replace a solution region which begins with this indent."""
    if not indent:
        return [f"{grade_id} = ...  # YOUR ANSWER HERE"]
    return [
        f"{indent}# YOUR ANSWER HERE",
        f'{indent}raise NotImplementedError("{stub_text(grade_id)}")',
    ]


class ExerciseStubs(ClearSolutions):
    """nbgrader's ClearSolutions, but for the stub."""

    def _replace_solution_region(self, cell: NotebookNode, language: str) -> bool:
        self.text_stub = WRITTEN
        if cell.cell_type != "code":
            return bool(super()._replace_solution_region(cell, language))
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "this exercise")
        kept: list[str] = []
        inside = found = False
        for line in cell.source.split("\n"):
            if self.begin_solution_delimeter in line:
                if inside:
                    raise RuntimeError(f"{grade_id}: BEGIN SOLUTION inside a solution")
                inside = found = True
                kept += stub(grade_id, line[: len(line) - len(line.lstrip())])
            elif self.end_solution_delimeter in line:
                inside = False
            elif not inside:
                kept.append(line)
        if inside:
            raise RuntimeError(f"{grade_id}: BEGIN SOLUTION without END SOLUTION")
        cell.source = "\n".join(kept)
        return found


class ListGraded(NbGraderPreprocessor):
    """Note in the notebook which graded cells it was given out with, so that one that is gone is missed."""

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        names = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in nb.cells]
        nb.metadata["headcheck"] = {"graded": [name for name in names if name]}
        return nb, resources


class FoldLocked(NbGraderPreprocessor):
    """Fold the code of checks and setup cells in JupyterLab: what a student runs, but does not write.

    Unfolded, a check pushes its message off the screen, and shows the likely mistakes and expected
    values to whoever scrolls past before answering; a setup cell stands between the question and
    the first picture. A click opens them, and their first line stays in sight.
    """

    def preprocess_cell(
        self, cell: NotebookNode, resources: dict[str, Any], cell_index: int
    ) -> tuple[NotebookNode, dict[str, Any]]:
        if cell.cell_type == "code" and is_locked(cell):
            cell.metadata.setdefault("jupyter", {})["source_hidden"] = True
        return cell, resources
