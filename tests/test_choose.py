"""Is the notebook that was meant found in a folder, and everything else in it named?"""

from __future__ import annotations

from copy import deepcopy

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook
from test_cells import RELEASE, TEMPLATE, answered, at, lesson, template

from headcheck.grading.choose import Unclear, choose

NAME = "01-grow"
WANTED = f"{NAME}.ipynb"
TEMPLATES = {NAME: TEMPLATE, "02-fly": template(lesson("fly", "land"), "02-fly")}


def of(notebook: NotebookNode) -> bytes:
    return nbformat.writes(notebook).encode()


def other_answer() -> NotebookNode:
    notebook = deepcopy(RELEASE)
    notebook.cells[at(notebook, "grow")].source = "def grow(x):\n    return 1 + x"
    return notebook


EMPTY, FULL, OTHER = of(RELEASE), of(answered()), of(other_answer())
HELPER = of(new_notebook(cells=[new_code_cell("from torch import nn")]))
FLY = of(lesson("fly", "land"))


@pytest.mark.parametrize(
    ("notebooks", "chosen", "said"),
    [
        ({WANTED: FULL}, WANTED, ""),
        ({WANTED: FULL, "helper.ipynb": HELPER}, WANTED, ""),
        ({WANTED: FULL, "01-grow-Copy1.ipynb": FULL}, WANTED, ""),
        ({WANTED: FULL, "01-grow-Copy1.ipynb": EMPTY}, WANTED, ""),
        ({WANTED: FULL, "01-grow (1).ipynb": OTHER}, WANTED, "Another answered notebook lies"),
        ({WANTED: FULL, "old/01-grow.ipynb": OTHER}, WANTED, "(old/01-grow.ipynb)"),
        ({WANTED: EMPTY, "01-grow-Copy1.ipynb": FULL}, "01-grow-Copy1.ipynb", "nothing was answered in"),
        ({WANTED: EMPTY, "a.ipynb": FULL, "b.ipynb": FULL}, "a.ipynb", "nothing was answered in"),
        ({WANTED: b"", "01-grow (1).ipynb": FULL}, "01-grow (1).ipynb", "cannot be used"),
        ({WANTED: FLY, "Untitled.ipynb": FULL}, "Untitled.ipynb", "cannot be used"),
        ({WANTED: EMPTY, "helper.ipynb": HELPER}, WANTED, ""),
        ({WANTED: b"{"}, WANTED, ""),
        ({"01-grow.IPYNB": FULL}, "01-grow.IPYNB", "was called 01-grow.IPYNB instead of"),
        ({"01-grow.ipynb.txt": FULL}, "01-grow.ipynb.txt", "was called"),
        ({"01-grow.ipynb ": FULL}, "01-grow.ipynb ", "was called 01-grow.ipynb  instead of"),
        ({"01-grow/01-grow.ipynb": FULL}, "01-grow/01-grow.ipynb", "lay in the folder 01-grow;"),
        ({"a/b/my.ipynb": FULL, "helper.ipynb": HELPER}, "a/b/my.ipynb", "lay in the folder a/b"),
        ({"x.ipynb": EMPTY, "y.ipynb": FULL}, "y.ipynb", "was called y.ipynb"),
    ],
)  # fmt: skip
def test_is_the_notebook_that_was_meant_taken_and_said(
    notebooks: dict[str, bytes], chosen: str, said: str
) -> None:
    choice = choose(NAME, notebooks, TEMPLATES)
    assert choice.name == chosen
    assert said in " ".join(choice.notes)
    assert bool(choice.notes) == bool(said)


@pytest.mark.parametrize(("notebook", "said"), [(EMPTY, True), (FULL, False)])
def test_is_an_archive_beside_an_unanswered_notebook_said(notebook: bytes, said: bool) -> None:
    choice = choose(NAME, {WANTED: notebook}, TEMPLATES, ["a.txt", "Final.ZIP"])
    assert choice.name == WANTED
    assert ("Final.ZIP lies beside it" in " ".join(choice.notes)) == said == bool(choice.notes)


@pytest.mark.parametrize(
    ("notebooks", "beside", "for_student", "for_ta"),
    [
        ({}, [], "(no file at all)", "ask for the file"),
        ({}, ["01-grow.zip"], "(01-grow.zip)", "may be in 01-grow.zip: unpack that"),
        ({}, ["a.pdf"], "(a.pdf)", "ask for the file or rename it"),
        ({"helper.ipynb": HELPER, "b.ipynb": FLY}, [], "helper.ipynb", "none of these notebooks"),
        ({"a.ipynb": FULL, "b.ipynb": OTHER}, [], "2 different answered", "none was guessed"),
        (
            {WANTED: EMPTY, "a.ipynb": FULL, "b.ipynb": OTHER},
            [],
            "(a.ipynb, b.ipynb)",
            "none was guessed",
        ),
        ({}, [f"{n}.txt" for n in range(30)], "... and 20 more files", "... and 20 more files"),
    ],
)
def test_is_nothing_guessed_and_everything_named(
    notebooks: dict[str, bytes], beside: list[str], for_student: str, for_ta: str
) -> None:
    with pytest.raises(Unclear) as caught:
        choose(NAME, notebooks, TEMPLATES, beside)
    assert for_student in caught.value.message
    assert for_ta in caught.value.note
    assert "ask" not in caught.value.message.lower()
