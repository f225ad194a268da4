"""What formgrader and nbgrader's feedback show of a notebook: nothing in it acts on the page.

Both make HTML of `autograded/` when it is read. grader_config.py names these for it. formgrader's pages
stand in Jupyter's origin, where a program has the rights of whoever reads: a kernel, all files.

formgrader also shows the marking scheme below each written answer. It comes from `source/` at that
moment and is written nowhere, so no student gets it.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell
from nbgrader.coursedir import CourseDirectory

from headcheck.course.cells import grade_id_of, role_of
from headcheck.course.scheme import scheme
from headcheck.grading import harmless

Resources = dict[str, Any]

# What a page can show without running anything; html and markdown pass the filters.
SHOWN = (
    "text/html",
    "text/markdown",
    "image/svg+xml",  # as a picture: there nothing runs
    "text/latex",
    "image/png",
    "image/jpeg",
    "text/plain",
)
LEFT_OUT = "[{} is left out here: it would have run as a program in this page]"
_LABEL = re.compile(r"[A-Za-z0-9_-]+")  # as nbgrader's own
_FILES = "nbgrader.server_extensions.formgrader.handlers"
_FILE_POLICY = "sandbox; default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'"


@pass_context
def markdown2html(context: Context, source: str) -> str:
    """nbconvert's filter of that name, for text by a stranger."""
    cell = context.get("cell") or {}
    return harmless.markdown(str(source), cell.get("attachments"))


class Harmless(Preprocessor):
    """Takes out of a notebook what would act when it is shown; adds the scheme in formgrader."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        _files_are_no_pages()

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        nb.metadata.pop("widgets", None)
        nb.metadata.pop("title", None)
        for cell in nb.cells:
            _harmless_cell(cell)
        if "submission_id" in resources:  # formgrader's page; feedback has none
            nb.cells = [each for cell in nb.cells for each in self._with_scheme(cell, resources)]
        return nb, resources

    def _with_scheme(self, cell: NotebookNode, resources: Resources) -> list[NotebookNode]:
        if role_of(cell) != "written":
            return [cell]
        root = Path(CourseDirectory(config=self.config).root)
        names = str(resources["assignment_id"]), str(resources["notebook_id"])
        found = scheme(root, *names, grade_id_of(cell) or "").solution
        if not found:
            return [cell]
        quoted = "\n".join(f"> {line}" for line in found.splitlines())
        return [cell, new_markdown_cell(f"> **For you: answer and marking scheme**\n>\n{quoted}")]


def _harmless_cell(cell: NotebookNode) -> None:
    cell.metadata.pop("tags", None)
    label = cell.metadata.get("nbgrader")
    if label is not None and not _LABEL.fullmatch(grade_id_of(cell) or ""):
        del cell.metadata["nbgrader"]  # it would go into the page as it is
    if cell.cell_type == "raw":  # some kinds would go into the page as they are
        cell.cell_type = "markdown"
        fence = "`" * (_longest_run(cell.source) + 3)
        cell.source = f"{fence}text\n{cell.source}\n{fence}"
    for output in cell.get("outputs", []):
        _harmless_output(output)
    if not isinstance(cell.get("execution_count"), int):
        cell.execution_count = None


def _longest_run(text: str) -> int:
    longest = now = 0
    for sign in text:
        now = now + 1 if sign == "`" else 0
        longest = max(longest, now)
    return longest


def _harmless_output(output: NotebookNode) -> None:
    if "metadata" in output:
        # Sizes stand in the page without quotes; file names would be fetched.
        output.metadata = NotebookNode(
            {
                kind: NotebookNode(
                    {k: v for k, v in sizes.items() if k in ("width", "height") and _number(v)}
                )
                for kind, sizes in output.metadata.items()
                if isinstance(sizes, dict) and kind in SHOWN
            }
        )
    output.pop("svg_filename", None)
    if "data" not in output:
        return
    taken = sorted(set(output.data) - set(SHOWN))
    for kind in taken:
        del output.data[kind]
    for kind, value in output.data.items():
        if not isinstance(value, str):
            output.data[kind] = json.dumps(value)
    if taken and not output.data:
        output.data["text/plain"] = LEFT_OUT.format(", ".join(taken))


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _files_are_no_pages() -> None:
    """A file that a student handed in beside the notebook: shown by formgrader, but never run."""
    handlers = sys.modules.get(_FILES)
    if handlers is None:  # not in Jupyter's server
        return

    def extra(self: Any, path: str) -> None:
        self.set_header("Content-Security-Policy", _FILE_POLICY)
        self.set_header("X-Content-Type-Options", "nosniff")

    handlers.SubmissionFilesHandler.set_extra_headers = extra  # type: ignore[attr-defined]
