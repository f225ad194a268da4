"""Is any file, however odd, either put right or refused in a sentence, and can its result be shown?

Bounded here; `python bench/fuzz.py` goes on for long.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbconvert.exporters import HTMLExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from test_outputs import MESSAGES, TREES, take_all

from headcheck.course.cells import Template, grade_id_of
from headcheck.course.demos import set_aside
from headcheck.course.reading import Unreadable, read_notebook, recognise
from headcheck.course.repair import repair
from headcheck.grading.engines.outputs import Outputs
from headcheck.grading.intake import read_folder


def graded(name: str, kind: str, **flags: Any) -> dict[str, Any]:
    make = new_code_cell if kind == "code" else new_markdown_cell
    labels = {"grade_id": name, "schema_version": 3, "task": False, "locked": False} | flags
    return make(f"{name} = ...", id=name, metadata={"nbgrader": labels})


CELLS = [
    new_markdown_cell("# A lesson", id="title"),
    graded("setup", "code", locked=True, grade=False, solution=False),
    graded("double", "code", grade=False, solution=True),
    graded("test_double", "code", locked=True, grade=True, solution=False, points=2),
    new_code_cell("print(double)", id="demo"),
    graded("why_twice", "markdown", grade=True, solution=True, points=1),
]
LESSON = Template.of("01-double", new_notebook(cells=CELLS), {})
ORDER = list(LESSON.graded())
FIELDS = ["source", "cell_type", "metadata", "attachments", "id", "outputs", "x"]
TEXT = st.text(max_size=40) | st.sampled_from(["", "double = 1", "%%bash\n", "!ls", "def double(:"])
HALF = st.text(st.characters(categories=["Cs", "Cc", "Cf", "Ll"]), max_size=8)
VALUES = TEXT | HALF | TREES | st.lists(TEXT | TREES, max_size=3)
LABELS = st.fixed_dictionaries(
    {},
    optional={
        "nbgrader": st.fixed_dictionaries(
            {}, optional={"grade_id": st.sampled_from([*ORDER, ""]) | TREES, "points": TREES}
        )
        | TREES,
        "tags": st.lists(st.just("raises-exception") | TREES, max_size=2) | TREES,
    },
)


@st.composite
def notebooks(draw: st.DrawFn) -> bytes:
    """The lesson's notebook after some accidents."""
    cells: list[Any] = json.loads(json.dumps(CELLS))
    for _ in range(draw(st.integers(0, 6))):
        place = draw(st.integers(0, len(cells)))
        match draw(st.sampled_from(["drop", "twice", "move", "edit", "label", "junk"])):
            case "drop":
                del cells[place : place + 1]
            case "twice":
                cells += json.loads(json.dumps(cells[place : place + 1]))
            case "move":
                cells = cells[place:] + cells[:place]
            case "junk":
                cells.insert(place, draw(TREES | st.dictionaries(st.sampled_from(FIELDS), VALUES)))
            case change if place < len(cells) and isinstance(cells[place], dict):
                field, value = ("metadata", LABELS) if change == "label" else (None, VALUES)
                cells[place][field or draw(st.sampled_from(FIELDS))] = draw(value)
    raw: dict[str, Any] = {"cells": cells, "nbformat": 4, "nbformat_minor": 5, "metadata": {}}
    raw |= draw(
        st.dictionaries(st.sampled_from(["cells", "nbformat", "metadata", "y"]), TREES)
        if draw(st.integers(0, 5)) == 0
        else st.just({})
    )
    data = json.dumps(raw).encode()
    if draw(st.integers(0, 5)) == 0:
        place = draw(st.integers(0, len(data)))
        data = data[:place] + draw(st.binary(max_size=6)) + data[place + draw(st.integers(0, 9)) :]
    return data


@given(notebooks())
def test_is_any_file_put_right_or_refused(data: bytes) -> None:
    try:
        notebook, notes = read_notebook(data, "a.ipynb")
    except Unreadable as error:
        assert "a.ipynb" in str(error) and str(error).endswith(".")
        return
    recognise(notebook, {LESSON.name: LESSON}, LESSON.name)
    repaired = repair(notebook, LESSON)
    set_aside(repaired.notebook, LESSON.cells, "needed")
    json.dumps(repaired.notebook, allow_nan=False)
    nbformat.writes(repaired.notebook).encode()
    nbformat.validate(repaired.notebook)
    found = [name for cell in repaired.notebook.cells if (name := grade_id_of(cell))]
    assert [name for name in ORDER if name in found] == found
    assert {"setup", "test_double", "why_twice"} <= set(found)
    for cell in repaired.notebook.cells:
        name = grade_id_of(cell) or ""
        if name in ("setup", "test_double"):
            assert cell.source == LESSON.graded()[name].source
    assert all(isinstance(note, str) for note in [*notes, *repaired.notes])


@settings(max_examples=12)
@given(MESSAGES)
def test_can_any_output_be_shown_as_a_page(messages: list[Any]) -> None:
    outputs = Outputs(4096, {})
    take_all(outputs, messages)
    notebook = new_notebook(cells=[new_code_cell("x", outputs=outputs.nodes)])
    page, _ = HTMLExporter().from_notebook_node(notebook)
    page.encode()


NAMES = st.binary(min_size=1, max_size=8).filter(
    lambda name: not {0, 47} & set(name) and name not in (b".", b"..")
)


@pytest.mark.skipif(sys.platform == "win32", reason="names are bytes elsewhere")
@given(
    st.lists(st.tuples(st.lists(NAMES, min_size=1, max_size=3), st.binary(max_size=9)), max_size=4),
    st.binary(max_size=60) | st.text(max_size=40).map(str.encode),
)
def test_is_any_folder_read(files: list[tuple[list[bytes], bytes]], stamp: bytes) -> None:
    with tempfile.TemporaryDirectory() as place:
        (Path(place) / "timestamp.txt").write_bytes(stamp)
        for parts, data in files:
            path = Path(place, *map(os.fsdecode, parts))
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
            except OSError:  # in the way of each other, or no name here
                continue
        found = read_folder(Path(place), [], 100, 1 << 22)
        for text in [*found.notes, *found.files, *found.notebooks]:
            assert text.isprintable()
            text.encode()
