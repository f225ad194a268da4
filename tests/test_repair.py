"""Whatever a student did to the cells of a notebook: does it stand as the lesson has it, work kept?"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from copy import deepcopy

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from test_cells import CHECK, HIDDEN, TEMPLATE, answered, at, labelled, lesson, template

from headcheck.cellcode import defines
from headcheck.course.cells import Template, grade_id_of, role_of
from headcheck.course.reading import read_notebook
from headcheck.course.repair import repair

MARK = re.compile(r"# work \d+")


def two_setups() -> tuple[NotebookNode, Template]:
    """An answered notebook of a lesson with a second setup cell half way, and its template."""
    release = lesson("grow", "shrink")
    later = labelled(new_code_cell("from math import pi"), "setup_later", locked=True)
    release.cells.insert(at(release, "text-shrink"), later)
    notebook = deepcopy(release)
    for number, cell in enumerate(notebook.cells):
        if role_of(cell) == "answer":
            cell.source = f"# work {number}\ndef {cell.id}(x):\n    return x + 1"
    notebook.cells.insert(4, new_code_cell("mine = 1  # work 99", id="mine"))
    return notebook, template(release)


NOTEBOOK, LESSON = two_setups()
SIZE = len(NOTEBOOK.cells)

Surgery = tuple[str, int, int]


def cut(cells: list[NotebookNode], here: int, there: int) -> None:
    del cells[here]


def double(cells: list[NotebookNode], here: int, there: int) -> None:
    cells.insert(there, deepcopy(cells[here]))


def move(cells: list[NotebookNode], here: int, there: int) -> None:
    cells.insert(there, cells.pop(here))


def relabel(cells: list[NotebookNode], here: int, there: int) -> None:
    cells[here].metadata = deepcopy(cells[there].metadata)


def retype(cells: list[NotebookNode], here: int, there: int) -> None:
    kinds = ("code", "markdown", "raw")
    cells[here].cell_type = kinds[(kinds.index(cells[here].cell_type) + 1 + there % 2) % 3]


def join(cells: list[NotebookNode], here: int, there: int) -> None:
    """As Jupyter's "merge with the cell below": kind and label of the upper one stay."""
    if here + 1 < len(cells):
        cells[here].source += "\n\n" + cells.pop(here + 1).source


def strip(cells: list[NotebookNode], here: int, there: int) -> None:
    cells[here].metadata.pop("nbgrader", None)


def new_id(cells: list[NotebookNode], here: int, there: int) -> None:
    cells[here].id = f"new-{there}"


def unlabel_all(cells: list[NotebookNode], here: int, there: int) -> None:
    for number, cell in enumerate(cells):
        cell.metadata.pop("nbgrader", None)
        cell.id = f"n-{number}"


SURGERIES: dict[str, Callable[[list[NotebookNode], int, int], None]] = {
    f.__name__: f for f in (cut, double, move, relabel, retype, join, strip, new_id, unlabel_all)
}
surgeries = st.lists(
    st.tuples(st.sampled_from(sorted(SURGERIES)), st.integers(0, 30), st.integers(0, 30)),
    max_size=8,
)


def operated(steps: list[Surgery]) -> NotebookNode:
    notebook = deepcopy(NOTEBOOK)
    for name, here, there in steps:
        if notebook.cells:
            count = len(notebook.cells)
            SURGERIES[name](notebook.cells, here % count, there % count)
    return read_notebook(json.dumps(notebook).encode(), "x")[0]


SETUP = at(NOTEBOOK, "setup")


@settings(max_examples=300, deadline=None)
@given(surgeries)
@example([("cut", SETUP, 0), ("move", 0, SIZE - 2)])  # the title at the end, and no setup
@example([("move", SETUP, SIZE - 1)])
@example([("retype", SETUP, 0), ("move", SETUP, SIZE - 1)])
@example([("double", at(NOTEBOOK, "title"), SIZE), ("cut", SETUP, 0)])
@example([("relabel", at(NOTEBOOK, "grow"), SETUP)])  # an answer under the setup's label
@example([("relabel", at(NOTEBOOK, "grow"), at(NOTEBOOK, "shrink"))])
@example([("join", at(NOTEBOOK, "test_grow"), 0)] * 4)  # the next answer joined to a check
def test_does_every_graded_cell_stand_as_the_lesson_has_it(steps: list[Surgery]) -> None:
    notebook = operated(steps)
    cells = repair(notebook, LESSON).notebook.cells
    wanted = LESSON.graded()
    found = [g for c in cells if (g := grade_id_of(c)) is not None]
    there = set(found) | {g for g, cell in wanted.items() if role_of(cell) != "answer"}
    assert found == [g for g in wanted if g in there]
    for cell in cells:
        grade_id = grade_id_of(cell)
        if grade_id is None:
            assert role_of(cell) == "demo"
            continue
        assert cell.metadata == wanted[grade_id].metadata
        assert cell.cell_type == wanted[grade_id].cell_type
        if role_of(cell) in ("setup", "check"):
            assert cell.source == wanted[grade_id].source


@settings(max_examples=300, deadline=None)
@given(surgeries)
@example([("relabel", at(NOTEBOOK, "grow"), at(NOTEBOOK, "test_grow"))])
@example([("relabel", at(NOTEBOOK, "grow"), at(NOTEBOOK, "why_it_works"))])
@example([("join", at(NOTEBOOK, "setup"), 0)] * 3)
@example([("join", at(NOTEBOOK, "test_grow"), 0)] * 4)
@example([("unlabel_all", 0, 0), ("double", at(NOTEBOOK, "grow"), 0)])
@example([("cut", 0, 0), ("double", 0, 5), ("double", 0, 5), ("join", 3, 0), ("retype", 17, 0)])
def test_is_all_of_the_students_code_still_there(steps: list[Surgery]) -> None:
    notebook = operated(steps)
    repaired = repair(notebook, LESSON).notebook
    assert marks(notebook) == marks(repaired)
    answers = [c.source for c in repaired.cells if role_of(c) == "answer"]
    for name in ("grow", "shrink"):
        if any(defines(cell.source, name) for cell in notebook.cells):
            assert any(defines(source, name) for source in answers)


def marks(notebook: NotebookNode) -> set[str]:
    return {mark for cell in notebook.cells for mark in MARK.findall(cell.source)}


@settings(max_examples=100, deadline=None)
@given(surgeries)
def test_is_a_repaired_notebook_left_as_it_is(steps: list[Surgery]) -> None:
    once = repair(operated(steps), LESSON).notebook
    twice = repair(once, LESSON).notebook
    assert [c.source for c in twice.cells] == [c.source for c in once.cells]


@pytest.mark.parametrize("title", [0, -1])
def test_is_a_deleted_setup_put_back_above_what_needs_it(title: int) -> None:
    notebook = answered()
    del notebook.cells[at(notebook, "setup")]
    notebook.cells.insert(1, new_code_cell("checking  # mine"))
    if title:
        notebook.cells.append(notebook.cells.pop(0))
    sources = [cell.source for cell in repair(notebook, TEMPLATE).notebook.cells]
    assert sources.index("from headcheck import checking") < sources.index("checking  # mine")
    assert sources.index("checking  # mine") < sources.index(
        CHECK.format("grow") + HIDDEN.format("grow")
    )
