"""Does every written answer reach the person who reads, wherever the student wrote it?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell
from test_cells import RELEASE, TEMPLATE, answered, at, labelled, lesson, template

from headcheck.course.cells import content_id, grade_id_of
from headcheck.course.repair import Repaired, repair

WHY = "why_it_works"
STUB = RELEASE.cells[at(RELEASE, WHY)].source
FIRST, SECOND = "First part: it grows.", "Second part: by one."
LONG = "It works because one more than a number is the next number, always."


def put_right(*around: NotebookNode, keep: bool = True, before: int = 0) -> Repaired:
    """The lesson with cells around the stub (or in its place), repaired."""
    notebook = deepcopy(RELEASE)
    place = at(notebook, WHY)
    stub = [notebook.cells[place]] if keep else []
    notebook.cells[place : place + 1] = [*around[:before], *stub, *around[before:]]
    return repair(notebook, TEMPLATE)


def read_by_a_person(repaired: Repaired, grade_id: str = WHY) -> str:
    (cell,) = [c for c in repaired.notebook.cells if grade_id_of(c) == grade_id]
    assert cell.cell_type == "markdown"
    return str(cell.source)


ELSEWHERE: dict[str, tuple[Sequence[NotebookNode], bool, int, str]] = {
    "below the stub": ([new_markdown_cell(FIRST)], True, 0, FIRST),
    "above the stub": ([new_markdown_cell(FIRST)], True, 1, FIRST),
    "around the stub": (
        [new_markdown_cell(FIRST), new_markdown_cell(SECOND)], True, 1, f"{FIRST}\n\n{SECOND}",
    ),
    "two cells instead of it": (
        [new_markdown_cell(FIRST), new_markdown_cell(SECOND)], False, 0, f"{FIRST}\n\n{SECOND}",
    ),
    "a docstring": ([new_code_cell(f'"""{FIRST}"""')], False, 0, FIRST),
    "a docstring below": ([new_code_cell(f'"""{FIRST}"""')], True, 0, FIRST),
    "comments": ([new_code_cell(f"# {FIRST}\n# {SECOND}")], True, 0, f"{FIRST}\n{SECOND}"),
    "prose in a code cell": ([new_code_cell("It just grows by one.")], True, 0, "It just grows by one."),
    "a string with a name": ([new_code_cell(f"answer = '{FIRST}'")], True, 0, FIRST),
    "printed": ([new_code_cell(f"print('{FIRST}')")], False, 0, FIRST),
    "a magic": ([new_code_cell(f"%%markdown\n{FIRST}")], True, 0, FIRST),
    "a raw cell": ([new_raw_cell(FIRST)], True, 0, FIRST),
    "after an experiment": (
        [new_code_cell("grow(7)"), new_markdown_cell(FIRST)], True, 0, FIRST,
    ),
}  # fmt: skip


@pytest.mark.parametrize("where", ELSEWHERE)
def test_is_an_answer_beside_its_cell_joined_into_it_and_said(where: str) -> None:
    around, keep, before, wanted = ELSEWHERE[where]
    repaired = put_right(*around, keep=keep, before=before)
    assert read_by_a_person(repaired) == wanted
    # A single text cell in the place of the lost one is taken for it.
    assert any(WHY in note and ("beside" in note or "label" in note) for note in repaired.notes)
    texts = [cell.source for cell in repaired.notebook.cells]
    assert sum(FIRST in text for text in texts) <= 1


def test_is_more_of_an_answer_joined_to_what_stands_in_its_cell() -> None:
    notebook = answered()
    notebook.cells.insert(at(notebook, WHY) + 1, new_markdown_cell(SECOND))
    repaired = repair(notebook, TEMPLATE)
    assert read_by_a_person(repaired) == f"Because one more is one more.\n\n{SECOND}"
    assert any("More of the answer to why_it_works" in note for note in repaired.notes)


def test_is_an_answer_in_the_cell_of_the_question_found() -> None:
    asked = template(notebook_with_question())
    mine = notebook_with_question()
    mine.cells[at(mine, WHY) - 1].source += f"\n\n{LONG}"
    repaired = repair(mine, asked)
    assert read_by_a_person(repaired) == LONG
    assert "## Say in your words" in "".join(c.source for c in repaired.notebook.cells)


def notebook_with_question() -> NotebookNode:
    notebook = deepcopy(RELEASE)
    question = new_markdown_cell("## Say in your words why it works", id="question")
    notebook.cells.insert(at(notebook, WHY), question)
    return notebook


def test_is_an_answer_near_its_place_joined_and_one_far_away_named() -> None:
    notebook = deepcopy(RELEASE)
    notebook.cells.append(new_markdown_cell(LONG))  # below the lesson's last words
    near = repair(notebook, TEMPLATE)
    assert read_by_a_person(near) == LONG
    notebook = deepcopy(RELEASE)
    notebook.cells.insert(at(notebook, "test_grow") + 1, new_markdown_cell(LONG))
    far = repair(notebook, TEMPLATE)
    assert read_by_a_person(far) == STUB
    (note,) = far.notes
    assert "left unanswered" in note
    assert "after test_grow" in note
    assert LONG[:40] in note


def blank(notebook: NotebookNode) -> None:
    notebook.cells[at(notebook, WHY)].source = ""


def blank_lines(notebook: NotebookNode) -> None:
    notebook.cells[at(notebook, WHY)].source = f"\n  {STUB}  \r\n\n"


def a_name(notebook: NotebookNode) -> None:
    notebook.cells.insert(0, new_markdown_cell("Ada Lovelace, 4711"))


def an_experiment(notebook: NotebookNode) -> None:
    notebook.cells.insert(at(notebook, WHY) + 1, new_code_cell("grow(7)  # and once more, to see"))


def an_older_lesson(notebook: NotebookNode) -> None:
    cell = new_markdown_cell("What the last release said here, in other words than today's.")
    cell.id = content_id(cell)
    notebook.cells.insert(at(notebook, WHY) + 1, cell)


def a_changed_heading(notebook: NotebookNode) -> None:
    notebook.cells[at(notebook, "end")].source = "The end!"
    notebook.cells[at(notebook, "end")].id = "mine"


@pytest.mark.parametrize(
    "edit", [blank, blank_lines, a_name, an_experiment, an_older_lesson, a_changed_heading]
)
def test_is_nobody_asked_to_read_what_nobody_wrote(
    edit: Callable[[NotebookNode], None],
) -> None:
    notebook = deepcopy(RELEASE)
    edit(notebook)
    repaired = repair(notebook, TEMPLATE)
    assert read_by_a_person(repaired) == STUB
    assert repaired.notes == []


def test_does_text_between_two_answers_go_to_the_one_that_lacks_it() -> None:
    release = deepcopy(RELEASE)
    second = labelled(
        new_markdown_cell("YOUR OTHER ANSWER HERE"),
        "why_so_slow",
        grade=True,
        solution=True,
        points=1,
    )
    release.cells.insert(at(release, WHY) + 1, second)
    notebook = deepcopy(release)
    notebook.cells[at(notebook, WHY)].source = FIRST
    notebook.cells.insert(at(notebook, WHY) + 1, new_markdown_cell(SECOND))
    repaired = repair(notebook, template(release))
    both = read_by_a_person(repaired) + read_by_a_person(repaired, "why_so_slow")
    assert FIRST in both
    assert SECOND in both


def test_do_pictures_of_an_answer_come_along() -> None:
    cell = new_markdown_cell("See ![the plot](attachment:plot.png)")
    cell["attachments"] = {"plot.png": {"image/png": "AAAA"}}
    repaired = put_right(cell)
    (joined,) = [c for c in repaired.notebook.cells if grade_id_of(c) == WHY]
    assert joined.attachments == {"plot.png": {"image/png": "AAAA"}}


def test_does_a_lesson_of_other_cells_stay_as_it_was() -> None:
    other = template(lesson("fly", "land"))
    notebook = lesson("fly", "land")
    assert [c.source for c in repair(notebook, other).notebook.cells if c.cell_type != "code"] == [
        c.source for c in notebook.cells if c.cell_type != "code"
    ]
