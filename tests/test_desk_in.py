"""Is what people really put into submitted/ taken, or named? By the real command, into real marks."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hours import in_turn, night
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from once import once
from test_grade import DOUBLE, ENGINE, FULL, build, gradebook, notebook_of, rows
from tiny_course import NAME, headcheck, run_python

from headcheck.course.cells import grade_id_of

FILE = f"{NAME}.ipynb"
WHY = "why_twice"
RIGHT = datetime(2026, 10, 5, 17, 30)
# student -> (points of the checks, written answers that wait for a person)
WANTED: dict[str, tuple[float, int]] = {
    "copy": (4, 1),
    "nested": (4, 1),
    "upper": (4, 1),
    "text": (4, 1),
    "helper": (4, 1),
    "below": (4, 1),
    "two": (4, 1),
    "as_code": (4, 1),
    "dots": (4, 1),
    "unsure": (4, 1),
    "offset": (4, 1),
    "no_ids": (4, 1),
    "vscode": (4, 1),
    "outputs": (4, 1),
    "blank": (4, 0),
}


def put(course: Path, student: str, name: str, notebook: NotebookNode | str | bytes) -> None:
    path = course / "submitted" / student / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(notebook, NotebookNode):
        notebook = json.dumps(notebook)
    path.write_bytes(notebook.encode() if isinstance(notebook, str) else notebook)


def hand_in(course: Path) -> None:
    empty, full = notebook_of(course), notebook_of(course, **FULL)

    def edited(edit: Callable[[NotebookNode], None]) -> NotebookNode:
        notebook = notebook_of(course, **FULL)
        edit(notebook)
        return notebook

    def place(notebook: NotebookNode) -> int:
        return [grade_id_of(cell) for cell in notebook.cells].index(WHY)

    def below(notebook: NotebookNode) -> None:
        at = place(notebook)
        notebook.cells[at].source = empty.cells[at].source
        notebook.cells.insert(at + 1, new_markdown_cell("Because x + x is 2 x."))

    def two(notebook: NotebookNode) -> None:
        at = place(notebook)
        notebook.cells[at : at + 1] = [new_markdown_cell("Because"), new_markdown_cell("2 x is.")]

    def as_code(notebook: NotebookNode) -> None:
        notebook.cells[place(notebook)] = new_code_cell('"""Because x + x is 2 x."""')

    def blank(notebook: NotebookNode) -> None:
        notebook.cells[place(notebook)].source = "\n\n"

    def no_ids(notebook: NotebookNode) -> None:
        notebook.nbformat_minor = 4
        for cell in notebook.cells:
            del cell["id"]

    def vscode(notebook: NotebookNode) -> None:
        notebook.nbformat_minor = 2
        for number, cell in enumerate(notebook.cells):
            cell["id"] = f"#VSC-{number:08x}"

    def outputs(notebook: NotebookNode) -> None:
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                cell["outputs"] = []

    for student, edit in (
        *(("below", below), ("two", two), ("as_code", as_code), ("blank", blank)),
        *(("no_ids", no_ids), ("vscode", vscode), ("outputs", outputs)),
    ):
        put(course, student, f"{NAME}/{FILE}", edited(edit))
    put(course, "copy", f"{NAME}/{FILE}", empty)
    put(course, "copy", f"{NAME}/{NAME}-Copy1.ipynb", full)
    put(course, "nested", f"{NAME}/{NAME}/{FILE}", full)
    put(course, "nested", f"{NAME}/__MACOSX/._{FILE}", b"\0\5\x16\7")
    put(course, "upper", f"{NAME}/{NAME}.IPYNB", full)
    put(course, "text", f"{NAME}/{FILE}.txt", full)
    put(
        course,
        "helper",
        f"{NAME}/{FILE}",
        notebook_of(course, **FULL | {"double": "%run my.ipynb"}),
    )
    put(course, "helper", f"{NAME}/my.ipynb", new_notebook(cells=[new_code_cell(DOUBLE)]))
    for student, text in (
        ("dots", "05.10.2026 17:30"),
        ("unsure", "10/5/26 5:30 PM"),
        ("offset", "\ufeff2026-10-05 19:30:00 +0200"),
    ):
        put(course, student, f"{NAME}/{FILE}", full)
        put(course, student, f"{NAME}/timestamp.txt", text)


@dataclass
class Handed:
    course: Path
    said: str
    results: list[dict[str, Any]]

    def notes(self, student: str) -> str:
        return " ".join(next(r for r in self.results if r["student"] == student)["notes"])


@pytest.fixture(scope="session")
def handed(tmp_path_factory: pytest.TempPathFactory) -> Handed:
    """A class of odd folders, graded once by the real command line."""

    def make(place: Path) -> None:
        build(place)
        course = place / "course"
        with (course / "grader_config.py").open("a") as file:
            file.write("c.Headcheck.cell_seconds = 60\n")  # %run imports nbformat into the kernel
        hand_in(course)
        put(course, "zipped", f"{NAME}/{NAME}.zip", b"PK\3\4")
        put(course, "script", f"{NAME}/{NAME}.py", DOUBLE)  # Jupyter: export as executable script
        put(course, "twice", f"{NAME}/a.ipynb", notebook_of(course, **FULL))
        other = notebook_of(course, **FULL | {"seven": "seven = 14 // 2"})
        put(course, "twice", f"{NAME}/b.ipynb", other)
        put(course, "__MACOSX", f"{NAME}/._{FILE}", b"\0\5\x16\7")
        for number in range(30):
            put(course, f"lost{number:02}", FILE, b"{}")
        done = headcheck(course, "grade", NAME, "--json", "out.json", *ENGINE)
        assert done.returncode == 0, done.stderr
        (place / "said.json").write_text(json.dumps(done.stderr))

    place = once(tmp_path_factory, "handed", make)
    course = place / "course"
    results = json.loads((course / "out.json").read_text())
    return Handed(course, json.loads((place / "said.json").read_text()), results)


def marks(course: Path) -> dict[str, tuple[float, int]]:
    return {
        student: (
            sum(auto or 0 for auto, _, _ in cells.values()),
            sum(waits for _, _, waits in cells.values()),
        )
        for student, cells in rows(course).items()
    }


@in_turn
def test_does_honest_work_get_its_marks_wherever_it_lies(handed: Handed) -> None:
    found = marks(handed.course)
    assert {student: found[student] for student in WANTED} == WANTED
    assert set(found) == {*WANTED, "zipped", "script", "twice"}  # and nobody called __MACOSX


def test_is_everything_odd_said_to_the_ta(handed: Handed) -> None:
    for student, said in {
        "copy": "nothing was answered in 01-double.ipynb",
        "nested": "lay in the folder 01-double",
        "upper": "was called 01-double.IPYNB",
        "text": "was called 01-double.ipynb.txt",
        "below": "The answer to why_twice stood in a cell",
        "two": "The answer to why_twice stood in 2 cells",
        "zipped": "may be in 01-double.zip: unpack that",
        "script": "There is no 01-double.ipynb in the folder (01-double.py); ask for the file",
        "twice": "2 different answered notebooks (a.ipynb, b.ipynb); none was guessed",
        "dots": "names no time zone",
        "unsure": "10 May 2026 or 5 October 2026",
    }.items():
        assert said in handed.notes(student), student
    lines = [line for line in handed.said.splitlines() if "not in the folder of an assign" in line]
    assert len(lines) == 10
    assert max(map(len, handed.said.splitlines())) < 400
    assert "... and 20 more like these" in handed.said


def times(course: Path) -> dict[str, datetime | None]:
    with closing(gradebook(course)) as gb:
        wanted = ("dots", "unsure", "offset")
        return {student: gb.find_submission(NAME, student).timestamp for student in wanted}


def test_is_a_time_right_or_said_to_be_unsure(handed: Handed) -> None:
    assert times(handed.course) == {"dots": RIGHT, "unsure": None, "offset": RIGHT}


@night("by day headcheck reads it, and test_equality.py has nbgrader grade")
def test_does_plain_nbgrader_read_the_same(handed: Handed, tmp_path: Path) -> None:
    """With a clone of headcheck in the course that would end whatever imports it."""
    if sys.platform != "linux":
        pytest.skip("the isolated engine needs Linux")
    course = Path(shutil.copytree(handed.course, tmp_path / "course"))
    shutil.rmtree(course / "autograded")
    shutil.rmtree(course / "submitted")
    (course / "gradebook.db").unlink()
    hand_in(course)
    (course / "headcheck").mkdir()
    (course / "headcheck" / "__init__.py").write_text(
        "raise SystemExit('imported from the course')"
    )
    assert run_python(course, "-P", "-m", "headcheck.cli", "build", "--no-verify").returncode == 0
    # Files of another name are none for nbgrader.
    for student in ("nested", "upper", "text"):
        shutil.rmtree(course / "submitted" / student)
    done = run_python(course, "-m", "nbgrader", "autograde", NAME)
    assert done.returncode == 0, done.stderr[-3000:]
    wanted = {s: m for s, m in WANTED.items() if s not in ("nested", "upper", "text")}
    assert marks(course) == wanted
    assert times(course) == {"dots": RIGHT, "unsure": None, "offset": RIGHT}


# ---- again, for a student who asks ---------------------------------------------------------------


def test_does_a_dry_run_repeat_a_grading_and_write_nothing(handed: Handed, tmp_path: Path) -> None:
    course = Path(shutil.copytree(handed.course, tmp_path / "course"))

    def everything() -> dict[str, bytes]:
        return {
            str(path): path.read_bytes() for path in sorted(course.rglob("*")) if path.is_file()
        }

    put(course, "dots", f"{NAME}/{FILE}", notebook_of(course, seven="seven = 7"))
    before = everything()
    done = headcheck(course, "grade", NAME, "--student", "dots", "--dry-run", *ENGINE)
    assert done.returncode == 0, done.stderr
    record = next(r for r in handed.results if r["student"] == "dots")
    assert f"dots, {NAME}, seed {record['seed']}: 1/4; recorded: 4/4" in done.stdout
    assert "test_double       0/2 failed (recorded: 2/2 passed)" in done.stdout
    assert "double is not answered yet" in done.stdout
    assert "Nothing was recorded" in done.stdout
    assert everything() == before


@pytest.mark.parametrize("seed", ["abc", "-1", "1.5", "9" * 30])
def test_is_a_seed_that_is_no_number_one_sentence(
    handed: Handed, seed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADCHECK_SEED", seed)
    done = headcheck(handed.course, "grade", "--student", "dots", "--dry-run", *ENGINE)
    assert done.returncode == 2
    assert done.stderr.startswith(f"headcheck: HEADCHECK_SEED is '{seed}', and a seed is a whole")
    assert done.stderr.count("\n") == 1
