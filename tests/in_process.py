"""An engine without a kernel, for tests that are about marks and not about how cells are run."""

from __future__ import annotations

from collections.abc import Sequence

from nbformat import NotebookNode

from headcheck.course.cells import Role, grade_id_of
from headcheck.grading.submission import Run, Verdict
from headcheck.grading.work import EngineName, Work
from headcheck.seed import set_seed


class InProcess:
    """Executes the cells of the tiny lesson right here. Isolates nothing."""

    name: EngineName = "isolated"

    def __init__(self) -> None:
        self.ran: list[str] = []

    def ready(self) -> None: ...

    def close(self) -> None: ...

    def run(self, notebook: NotebookNode, roles: Sequence[Role], work: Work) -> Run:
        self.ran.append(work.student)
        set_seed(work.seed)
        names: dict[str, object] = {}
        verdicts = {}
        for cell, role in zip(notebook.cells, roles, strict=True):
            if cell.cell_type != "code" or role == "demo":
                continue
            verdict = Verdict("passed")
            try:
                exec(compile(cell.source, "cell", "exec"), names)
            except Exception as error:
                verdict = Verdict("failed", str(error), f"seed {work.seed}")
            if role == "check":
                verdicts[grade_id_of(cell) or ""] = verdict
        return Run(verdicts)
