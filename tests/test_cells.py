"""Is a damaged notebook put right, and does nothing the student says decide about marks?"""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.preprocessors import ComputeChecksums

from headcheck.course.cells import (
    Template,
    answer_of,
    grade_id_of,
    released_like_this,
    roles_of,
)
from headcheck.course.reading import Unreadable, read_notebook, recognise
from headcheck.course.repair import repair

KERNEL = {"name": "python3", "display_name": "Python 3"}
STUB = (
    'def {0}(x):\n    """What it does."""\n    raise NotImplementedError("{0} is not answered yet")'
)
CHECK = "with checking('{0}'):\n    assert {0}(1) == 2"
HIDDEN = "\n    ### BEGIN HIDDEN TESTS\n    assert {0}(5) == 6\n    ### END HIDDEN TESTS"


def labelled(cell: NotebookNode, grade_id: str, **meta: object) -> NotebookNode:
    label = {"grade": False, "solution": False, "locked": False, "task": False}
    cell.metadata["nbgrader"] = {**label, "grade_id": grade_id, "schema_version": 3, **meta}
    cell.id = grade_id
    return cell


def answer(name: str) -> NotebookNode:
    return labelled(new_code_cell(STUB.format(name)), name, solution=True)


def check(name: str, points: int = 2) -> NotebookNode:
    cell = new_code_cell(CHECK.format(name))
    return labelled(cell, f"test_{name}", grade=True, locked=True, points=points)


def lesson(*names: str) -> NotebookNode:
    cells = [
        new_markdown_cell("# The lesson", id="title"),
        labelled(new_code_cell("from headcheck import checking"), "setup", locked=True),
    ]
    for name in names:
        cells += [new_markdown_cell(f"## {name}", id=f"text-{name}"), answer(name), check(name)]
        cells += [new_code_cell(f"{name}(3)", id=f"demo-{name}")]
    cells += [
        labelled(
            new_markdown_cell("YOUR ANSWER HERE"),
            "why_it_works",
            grade=True,
            solution=True,
            points=3,
        ),
        new_markdown_cell("The end", id="end"),
    ]
    return new_notebook(cells=cells, metadata={"kernelspec": KERNEL})


RELEASE = lesson("grow", "shrink")


def template(release: NotebookNode = RELEASE, name: str = "01-grow") -> Template:
    sources: dict[str, tuple[str, str | None]] = {}
    for cell in release.cells:
        grade_id = grade_id_of(cell)
        if grade_id is not None:
            hidden = HIDDEN.format(grade_id[5:]) if grade_id.startswith("test_") else ""
            sources[grade_id] = (cell.source + hidden, f"checksum of {grade_id}")
    return Template.of(name, release, sources)


TEMPLATE = template()
WORKED = {name: f"def {name}(x):\n    return x + 1" for name in ("grow", "shrink")}


def answered() -> NotebookNode:
    notebook = deepcopy(RELEASE)
    for cell in notebook.cells:
        if cell.id in WORKED:
            cell.source = WORKED[cell.id]
        if cell.id == "why_it_works":
            cell.source = "Because one more is one more."
    return notebook


def at(notebook: NotebookNode, name: str) -> int:
    return [cell.id for cell in notebook.cells].index(name)


def sources(notebook: NotebookNode) -> list[str]:
    return [cell.source for cell in notebook.cells]


GOOD = sources(repair(answered(), TEMPLATE).notebook)
Damage = Callable[[NotebookNode], None]


def deleted(notebook: NotebookNode) -> None:
    del notebook.cells[at(notebook, "test_grow")]


def deleted_last_and_text(notebook: NotebookNode) -> None:
    for name in ("test_shrink", "setup"):
        del notebook.cells[at(notebook, name)]


def to_markdown(notebook: NotebookNode) -> None:
    for name in ("test_grow", "grow"):
        place = at(notebook, name)
        old = notebook.cells[place]
        notebook.cells[place] = new_markdown_cell(old.source, metadata=old.metadata, id=old.id)


def moved_above(notebook: NotebookNode) -> None:
    cell = notebook.cells.pop(at(notebook, "test_grow"))
    notebook.cells.insert(1, cell)


def moved_answer_to_end(notebook: NotebookNode) -> None:
    notebook.cells.append(notebook.cells.pop(at(notebook, "grow")))


def edited_points(notebook: NotebookNode) -> None:
    notebook.cells[at(notebook, "test_grow")].metadata.nbgrader["points"] = 100


def edited_check(notebook: NotebookNode) -> None:
    notebook.cells[at(notebook, "test_grow")].source = "assert True"


def unlocked(notebook: NotebookNode) -> None:
    cell = notebook.cells[at(notebook, "test_shrink")]
    cell.metadata.nbgrader |= {"grade": False, "locked": False, "solution": True, "checksum": "0"}


def lost_all_labels(notebook: NotebookNode) -> None:
    for cell in notebook.cells:
        cell.metadata.pop("nbgrader", None)


def lost_labels_and_ids(notebook: NotebookNode) -> None:
    for number, cell in enumerate(notebook.cells):
        cell.metadata.pop("nbgrader", None)
        cell.id = f"cell-{number}"


def renamed_labels(notebook: NotebookNode) -> None:
    for cell in notebook.cells:
        if "nbgrader" in cell.metadata:
            cell.metadata.nbgrader["grade_id"] += "_x"


def doubled_check(notebook: NotebookNode) -> None:
    cell = deepcopy(notebook.cells[at(notebook, "test_grow")])
    notebook.cells.append(cell)


def doubled_stub_after(notebook: NotebookNode) -> None:
    """The original stub copied back below the answered cell would win in 'Run all'."""
    notebook.cells.insert(at(notebook, "grow") + 1, deepcopy(RELEASE.cells[at(RELEASE, "grow")]))


def doubled_stub_before(notebook: NotebookNode) -> None:
    notebook.cells.insert(at(notebook, "grow"), deepcopy(RELEASE.cells[at(RELEASE, "grow")]))


def split_in_the_function(notebook: NotebookNode) -> None:
    place = at(notebook, "grow")
    head, tail = deepcopy(notebook.cells[place]), deepcopy(notebook.cells[place])
    head.source, tail.source = WORKED["grow"].split("\n")
    notebook.cells[place : place + 1] = [head, tail]


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (deleted, "test_grow had been deleted"),
        (deleted_last_and_text, "setup had been deleted"),
        (to_markdown, "test_grow had been turned into a markdown cell"),
        (moved_above, "test_grow had been moved"),
        (moved_answer_to_end, "grow had been moved"),
        (edited_points, "points of test_grow"),
        (edited_check, "test_grow is not as in the lesson"),
        (unlocked, ""),
        (lost_all_labels, "grow had lost its label"),
        (lost_labels_and_ids, "why_it_works had lost its label"),
        (renamed_labels, "test_shrink had lost its label"),
        (doubled_check, "test_grow was in the notebook 2 times"),
        (doubled_stub_after, "the one with the student's work was kept"),
        (doubled_stub_before, "the one with the student's work was kept"),
        (split_in_the_function, "its parts were joined"),
    ],
)
def test_is_the_damage_undone_and_said(damage: Damage, said: str) -> None:
    notebook = answered()
    damage(notebook)
    repaired = repair(notebook, TEMPLATE)
    assert sources(repaired.notebook) == GOOD
    wanted = TEMPLATE.graded()
    for cell in repaired.notebook.cells:
        grade_id = grade_id_of(cell)
        if grade_id is not None:
            assert cell.metadata == wanted[grade_id].metadata
            assert cell.cell_type == wanted[grade_id].cell_type
    assert any(said in note for note in repaired.notes) or not said
    nbformat.validate(repaired.notebook)


def test_does_an_undamaged_notebook_get_only_its_hidden_tests_back() -> None:
    repaired = repair(answered(), TEMPLATE)
    assert repaired.notes == []
    assert sources(repaired.notebook) == [
        cell.source + (HIDDEN.format(cell.id[5:]) if cell.id.startswith("test_") else "")
        for cell in answered().cells
    ]


def test_do_cells_a_student_added_stay_where_they_are() -> None:
    notebook = answered()
    notebook.cells.insert(at(notebook, "grow"), new_code_cell("helper = 1"))
    notebook.cells.insert(at(notebook, "test_shrink") + 1, new_code_cell("more = 2"))
    deleted(notebook)
    cells = sources(repair(notebook, TEMPLATE).notebook)
    assert cells.index("helper = 1") + 1 == cells.index(WORKED["grow"])
    assert (
        cells.index("more = 2") == cells.index(CHECK.format("shrink") + HIDDEN.format("shrink")) + 1
    )


def test_is_an_answer_found_that_was_written_in_a_new_cell() -> None:
    notebook = answered()
    notebook.cells[at(notebook, "grow")] = new_code_cell(WORKED["grow"], id="mine")
    repaired = repair(notebook, TEMPLATE)
    assert sources(repaired.notebook) == GOOD
    assert [g for c in repaired.notebook.cells if (g := grade_id_of(c))] == list(TEMPLATE.graded())


def test_is_a_deleted_answer_left_out_and_said() -> None:
    notebook = answered()
    del notebook.cells[at(notebook, "grow")]
    repaired = repair(notebook, TEMPLATE)
    assert "The answer cell grow is missing and was not found." in repaired.notes
    assert "grow" not in [grade_id_of(cell) for cell in repaired.notebook.cells]
    assert "test_grow" in [grade_id_of(cell) for cell in repaired.notebook.cells]


def released(notebook: NotebookNode) -> NotebookNode:
    """As nbgrader releases it: with a checksum in each cell."""
    return ComputeChecksums().preprocess(notebook, {})[0]


def of_another_release(notebook: NotebookNode) -> None:
    """What the course was before its instructor changed points, words, and added a check."""
    notebook.cells[at(notebook, "test_grow")].metadata.nbgrader["points"] = 3
    notebook.cells[at(notebook, "why_it_works")].metadata.nbgrader["points"] = 1
    notebook.cells[at(notebook, "test_shrink")].source += "\n    assert shrink(2) == 3"
    notebook.cells[at(notebook, "setup")].source += "\n# other words"


def test_is_an_older_release_said_once_and_nobody_blamed() -> None:
    old = deepcopy(RELEASE)
    of_another_release(old)
    mine = released(old)
    for cell in mine.cells:
        cell.source = WORKED.get(cell.id, cell.source)
    mine.cells[at(mine, "why_it_works")].source = "Because one more is one more."
    repaired = repair(mine, TEMPLATE)
    assert repaired.notes == [
        "It was handed in with an older release of the lesson (setup, test_grow, test_shrink, "
        "why_it_works changed since); today's cells and points were used."
    ]
    assert sources(repaired.notebook) == GOOD


def test_is_an_edit_of_the_students_own_still_said() -> None:
    mine = released(deepcopy(RELEASE))
    of_another_release(mine)
    notes = repair(mine, TEMPLATE).notes
    assert "The points of test_grow had been changed; they were restored." in notes
    for name in ("setup", "test_shrink"):
        assert f"The locked cell {name} had been edited; the instructor's copy was used." in notes
    assert not any("older" in note for note in notes)


def test_is_a_cell_that_an_older_release_did_not_have_not_called_deleted() -> None:
    old = deepcopy(RELEASE)
    deleted(old)
    old.cells[at(old, "test_shrink")].metadata.nbgrader["points"] = 5
    notes = repair(released(old), TEMPLATE).notes
    assert len(notes) == 2
    assert "older release of the lesson (test_shrink changed" in notes[0]
    assert notes[1] == "The cell test_grow was not in it; it was put in."


def test_is_our_checksum_nbgraders() -> None:
    for cell in released(deepcopy(RELEASE)).cells:
        if grade_id_of(cell) is not None:
            assert released_like_this(cell, cell.source)
            cell.source += " "
            assert not released_like_this(cell, cell.source)
            cell.metadata.nbgrader.pop("grade_id")
            assert not released_like_this(cell, cell.source)


def test_do_two_versions_of_an_answer_both_run_and_the_last_one_count() -> None:
    notebook = answered()
    second = deepcopy(notebook.cells[at(notebook, "grow")])
    second.source = "def grow(x):\n    return 1 + x"
    notebook.cells.insert(at(notebook, "grow") + 1, second)
    repaired = repair(notebook, TEMPLATE).notebook
    assert [grade_id_of(c) for c in repaired.cells if c.source == WORKED["grow"]] == [None]
    assert [grade_id_of(c) for c in repaired.cells if c.source == second.source] == ["grow"]


def test_can_a_student_add_a_graded_cell_of_their_own() -> None:
    notebook = answered()
    mine = labelled(new_code_cell("100"), "test_mine", grade=True, locked=True, points=100)
    notebook.cells.append(mine)
    repaired = repair(notebook, TEMPLATE)
    assert "test_mine" not in [grade_id_of(cell) for cell in repaired.notebook.cells]
    assert any("grading labels" in note for note in repaired.notes)


def test_are_the_roles_those_of_the_instructor() -> None:
    assert roles_of(RELEASE) == [
        "demo",
        "setup",
        *["demo", "answer", "check", "demo"] * 2,
        "written",
        "demo",
    ]


def test_which_answer_is_a_check_about() -> None:
    names = ["create_body", "create_head", "create"]
    assert answer_of("test_create_head_dropout", names) == "create_head"
    assert answer_of("test_create", names) == "create"
    assert answer_of("test_other", names) is None


def test_is_a_notebook_of_another_lesson_recognised() -> None:
    lessons = {"01-grow": TEMPLATE, "02-fly": template(lesson("fly", "land"), "02-fly")}
    assert recognise(lesson("fly", "land"), lessons, "01-grow") == "02-fly"
    assert recognise(answered(), lessons, "01-grow") is None
    assert recognise(new_notebook(), lessons, "01-grow") is None


# ---- reading -------------------------------------------------------------------------------------


def written(notebook: NotebookNode) -> bytes:
    return nbformat.writes(notebook).encode()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b"  \n", "is empty"),
        (written(RELEASE)[:-40], "JSON is damaged in line"),
        (b"PK\x03\x04....", "zip archive"),
        (b"%PDF-1.7", "PDF"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b"\n<!doctype html>\n<html>", "web page"),
        (b"https://colab.research.google.com/drive/1", "a link to a web page"),
        (b"version https://git-lfs.github.com/spec/v1", "Git LFS"),
        (b"{\\rtf1 {", "RTF"),
        (b'{"cells": [\n<<<<<<< HEAD\n', "merge conflict"),
        (b"[1, 2]", "not a notebook"),
        (b'{"a": 1}', "no list of cells"),
        (b'{"nbformat": 3, "worksheets": 7}', "notebook format 3"),
        (b"[" * 100_000, "JSON is damaged"),
        (json.dumps({"cells": [{}] * 6000}).encode(), "6000 cells"),
    ],
)
def test_is_a_file_that_is_no_notebook_refused_with_name_and_remedy(data: bytes, said: str) -> None:
    with pytest.raises(Unreadable, match=r"bob/01\.ipynb") as caught:
        read_notebook(data, "bob/01.ipynb")
    assert said in str(caught.value)
    assert "hand in" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_is_a_file_that_a_disc_has_padded_read() -> None:
    assert read_notebook(written(answered()) + b"\0" * 4096, "x")[1] == []


def test_is_a_file_in_another_encoding_read() -> None:
    notebook = answered()
    notebook.cells[0].source = "# Größe"
    text = nbformat.writes(notebook)
    for data in (text.encode("utf-16"), b"\xef\xbb\xbf" + text.encode()):
        assert read_notebook(data, "x")[0].cells[0].source == "# Größe"
    read, notes = read_notebook(text.encode("latin-1"), "x")
    assert read.cells[0].source == "# Gr\ufffd\ufffde"
    assert "not UTF-8" in notes[0]


def test_is_an_old_notebook_upgraded() -> None:
    old = nbformat.v4.downgrade(deepcopy(answered()))
    read, notes = read_notebook(nbformat.writes(old, version=3).encode(), "x")
    assert "format 3" in notes[0]
    assert sources(repair(read, TEMPLATE).notebook) == GOOD


def test_is_a_malformed_cell_made_well_formed() -> None:
    cells = [
        {"cell_type": "code", "source": ["a = 1\n", "b = 2"], "metadata": None, "outputs": 3},
        {"cell_type": "heading", "source": None, "metadata": {"nbgrader": "x", "evil": {}}},
        {"cell_type": ["code"], "source": "\ud800"},
        "no cell",
        {"id": "a b", "cell_type": "markdown", "source": "t", "attachments": 5},
    ]
    notebook, notes = read_notebook(json.dumps({"cells": cells}).encode(), "x")
    nbformat.validate(notebook)
    assert sources(notebook) == ["a = 1\nb = 2", "", "?", "t"]
    assert len(notes) == 1
    nbformat.writes(repair(notebook, TEMPLATE).notebook).encode()


def test_does_a_huge_notebook_with_lost_labels_take_no_time() -> None:
    notebook = answered()
    lost_labels_and_ids(notebook)
    notebook.cells[2:2] = [new_code_cell(f"x{n} = {n}\n" * 40) for n in range(2000)]
    assert len(repair(notebook, TEMPLATE).notebook.cells) == len(RELEASE.cells) + 2000
