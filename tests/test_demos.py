"""Which demo cells run for a grade, and does leaving one out ever cost an honest student a point?"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import nbformat
import pytest
from hours import in_turn, night
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from once import once
from tiny_course import LESSON, NAME, headcheck, make_course, run_python

from headcheck.course.cells import Template, grade_id_of
from headcheck.course.demos import SAID, is_left_out, set_aside

SHOWN = 'factor = 2\nprint("a long experiment", factor)'
LAST = "print(factor, 'and', double(seven))"


def lesson_with_demos() -> str:
    """The tiny lesson with a demo before its first answer and its last demo, both tagged."""
    first = (
        f'# %% tags=["only-shows"]\n{SHOWN}\n\n# %% nbgrader={{"grade": false, "grade_id": "double"'
    )
    text = LESSON.replace('# %% nbgrader={"grade": false, "grade_id": "double"', first)
    return text.replace(
        '# %% tags=["raises-exception"]\nprint(double(seven))',
        f'# %% tags=["only-shows", "raises-exception"]\n{LAST}',
    )


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return once(tmp_path_factory, "demos", build) / "course"


def build(place: Path) -> None:
    folder = make_course(place / "course", lesson=lesson_with_demos())
    done = headcheck(folder, "build")
    assert done.returncode == 0, done.stdout + done.stderr


def hand_in(course: Path, student: str, double: str, **texts: str) -> None:
    """`texts`: the new source of a demo, by the first word of the one it replaces."""
    notebook = nbformat.read(course / "notebooks" / NAME / f"{NAME}.ipynb", as_version=4)
    for cell in notebook.cells:
        if grade_id_of(cell) == "double":
            cell.source = double
        elif grade_id_of(cell) == "seven":
            cell.source = "seven = 7"
        for word, source in texts.items():
            if cell.cell_type == "code" and cell.source.startswith(word):
                cell.source = source
    folder = course / "submitted" / student / NAME
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / f"{NAME}.ipynb")


def demos_of(course: Path, student: str) -> list[str]:
    """The printed text of both demos in the graded notebook."""
    path = course / "autograded" / student / NAME / f"{NAME}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    demos = [cell for cell in code if grade_id_of(cell) is None]
    return ["".join(output.get("text", "") for output in cell.outputs) for cell in demos]


OWN = "def double(x):\n    return x + x"
LEANS = "def double(x):\n    return x * factor"  # `factor` is bound by the first demo only
HIDDEN_IN_TEXT = "def double(x):\n    return x * eval('factor')"


@night("by day two students, and nbgrader's way of leaving out the same")
def test_a_demo_runs_when_it_is_needed_and_only_then(built: Path, tmp_path: Path) -> None:
    course = Path(shutil.copytree(built, tmp_path / "course"))
    hand_in(course, "ada", OWN)
    hand_in(course, "bob", LEANS)
    hand_in(course, "cy", OWN, factor="factor = 3\nprint('mine', factor)")
    hand_in(course, "dee", OWN, print="print('I looked:', factor)")
    hand_in(course, "fay", HIDDEN_IN_TEXT)
    hand_in(course, "eli", "%time\ndef double(x):\n    return x * factor")
    done = headcheck(course, "grade", "--json", "out.json")
    assert done.returncode == 0, done.stderr
    scores = {r["student"]: r["score"] for r in json.loads((course / "out.json").read_text())}
    assert scores == dict.fromkeys(["ada", "bob", "cy", "dee", "eli", "fay"], 4.0)
    assert demos_of(course, "ada") == [SAID, SAID]
    assert demos_of(course, "bob") == ["a long experiment 2\n", SAID]
    assert demos_of(course, "cy") == ["mine 3\n", SAID]
    # What dee wrote reads a name of the first demo, so that one runs, too.
    assert demos_of(course, "dee") == ["a long experiment 2\n", "I looked: 2\n"]
    assert demos_of(course, "eli")[0] == "a long experiment 2\n"


@pytest.mark.parametrize("engine", ["isolated", "nbgrader"])
@in_turn
def test_everything_runs_when_the_teacher_says_so(built: Path, tmp_path: Path, engine: str) -> None:
    course = Path(shutil.copytree(built, tmp_path / "course"))
    hand_in(course, "ada", OWN)
    assert headcheck(course, "grade", "--engine", engine).returncode == 0
    assert demos_of(course, "ada") == [SAID, SAID]
    with (course / "grader_config.py").open("a") as file:
        file.write("\nc.Headcheck.demos = 'all'\n")
    assert headcheck(course, "grade", "--engine", engine).returncode == 0
    assert demos_of(course, "ada") == ["a long experiment 2\n", "2 and 14\n"]


def test_plain_nbgrader_leaves_out_the_same(built: Path, tmp_path: Path) -> None:
    course = Path(shutil.copytree(built, tmp_path / "course"))
    hand_in(course, "ada", OWN)
    hand_in(course, "bob", LEANS)
    done = run_python(course, "-m", "nbgrader", "autograde", NAME, "--create")
    assert done.returncode == 0, done.stderr
    assert demos_of(course, "ada") == [SAID, SAID]
    assert demos_of(course, "bob") == ["a long experiment 2\n", SAID]


def test_a_check_that_leans_on_such_a_demo_is_found_when_the_course_is_built(
    tmp_path: Path,
) -> None:
    lesson = lesson_with_demos().replace('expect(double("a") == "aa"', "expect(factor == 2")
    course = make_course(tmp_path / "course", lesson=lesson)
    done = headcheck(course, "build")
    assert done.returncode != 0
    assert "reads factor" in done.stdout + done.stderr


def test_only_the_authors_tag_counts() -> None:
    """A student cannot have a cell of the lesson left out, nor an own one taken for the author's."""

    def cell(source: str, *tags: str) -> NotebookNode:
        return new_code_cell(source, metadata={"tags": list(tags)})

    template = Template("x", (cell("show()", "only-shows"), cell("work()")), {}, NotebookNode())
    notebook = nbformat.v4.new_notebook(
        cells=[cell("show()"), cell("work()", "only-shows"), cell("own()", "only-shows")]
    )
    set_aside(notebook, template.cells, "needed")
    assert [is_left_out(c) for c in notebook.cells] == [True, False, False]
