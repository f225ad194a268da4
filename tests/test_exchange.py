"""Does nbgrader's whole exchange work for a teacher and two students, each an ordinary user of one machine?"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from hours import in_turn
from several_users import Users, users
from test_grade import FULL
from tiny_course import LESSON, NAME, make_course

from headcheck.authoring.release_pages import LINK, add_pages
from headcheck.course.cells import grade_id_of

ROOT = Path(__file__).parents[1]
CONFIG = "c.CourseDirectory.course_id = 'body-and-head'\nc.Exchange.root = '{root}'\n"
LINKED = f"""
# %% [markdown]
# A [double](../../docs/glossary.md#double) is meant, <a href="../../docs/glossary.md">see</a>.
# The next lesson: [again](../{NAME}/{NAME}.ipynb). Not there: [none](../../docs/none.md).
"""
GLOSSARY = (
    f"<a id='double'></a>Twice. [More](more.md), [lesson](../notebooks/{NAME}/{NAME}.ipynb)\n"
)
SECRETS = ("secret_number", "twice_as_much", "Marking scheme")


@pytest.fixture(scope="module")
def exchange() -> Iterator[Users]:
    """After a whole round: released, fetched, answered, handed in, graded, given back, fetched."""
    with users("teach", "stud", "other") as machine:
        root = machine.folder / "exchange"
        root.mkdir()
        root.chmod(0o777)
        for name in machine.numbers:
            machine.write(name, ".jupyter/nbgrader_config.py", CONFIG.format(root=root))
        course = make_course(machine.home("teach") / "course", lesson=LESSON + LINKED)
        (course / "docs").mkdir()
        (course / "docs" / "glossary.md").write_text(GLOSSARY)
        (course / "docs" / "more.md").write_text("More.\n")
        (course / "docs" / "for-tas.md").write_text("Not for students.\n")
        machine.give("teach")
        teach(machine, "headcheck.cli", "build", "--no-verify")
        teach(machine, "nbgrader", "release_assignment", NAME)
        for student in ("stud", "other"):
            done(machine, student, "nbgrader", "fetch_assignment", NAME)
            answer(machine, student)
            done(machine, student, "nbgrader", "submit", NAME)
        teach(machine, "nbgrader", "collect", NAME)
        teach(machine, "headcheck.cli", "grade", "--engine", "nbgrader")
        teach(machine, "nbgrader", "generate_feedback", NAME)
        teach(machine, "nbgrader", "release_feedback", NAME)
        for student in ("stud", "other"):
            done(machine, student, "nbgrader", "fetch_feedback", NAME)
        yield machine


def done(machine: Users, name: str, *command: str, where: str = "") -> str:
    said = machine.run(name, *command, where=where)
    assert said.returncode == 0, f"{name}: {command}\n{said.stdout}{said.stderr}"
    return said.stdout + said.stderr


def teach(machine: Users, *command: str) -> str:
    return done(machine, "teach", *command, where="course")


def answer(machine: Users, student: str) -> None:
    """`stud` answers all, `other` one wrong and gives the notebook another name."""
    file = machine.home(student) / NAME / f"{NAME}.ipynb"
    notebook = nbformat.read(file, as_version=4)
    answers = FULL if student == "stud" else FULL | {"seven": "seven = 8"}
    for cell in notebook.cells:
        cell.source = answers.get(grade_id_of(cell) or "", cell.source)
    file.write_text(json.dumps(notebook))
    if student == "other":
        file.rename(file.with_name("my own name.ipynb"))


def pages(machine: Users, student: str) -> dict[str, str]:
    found = (machine.home(student) / NAME / "feedback").rglob("*.html")
    return {page.stem: page.read_text() for page in found}


@in_turn
def test_does_everybody_get_the_own_feedback_also_for_a_renamed_notebook(exchange: Users) -> None:
    mine, others = pages(exchange, "stud"), pages(exchange, "other")
    assert set(mine) == {NAME}
    assert set(others) == {"my own name"}
    assert re.search(r"Score: *4.0 / 6.0", mine[NAME])
    assert re.search(r"Score: *3.0 / 6.0", others["my own name"])


def test_has_a_student_only_the_student_edition(exchange: Users) -> None:
    files = [path for path in exchange.home("stud").rglob("*") if path.is_file()]
    names = {
        path.relative_to(exchange.home("stud") / NAME).as_posix()
        for path in files
        if NAME in path.parts
    }
    assert {name for name in names if not name.startswith("feedback/")} == {
        f"{NAME}.ipynb",
        "docs/glossary.md",
        "docs/more.md",
    }
    for path in files:
        text = path.read_text()
        assert not [secret for secret in SECRETS if secret in text], path


def test_do_links_lead_somewhere(exchange: Users) -> None:
    folder = exchange.home("stud") / NAME
    assert dangling(folder) == ["../../docs/none.md"]
    released = (exchange.folder / "exchange" / "body-and-head" / "outbound" / NAME).rglob("*")
    for path in released:
        assert path.stat().st_mode & 0o007 == (0o005 if path.is_dir() else 0o004), path


def dangling(folder: Path) -> list[str]:
    """Links of this folder's notebooks and pages to what is not there."""
    found = []
    for path in [*folder.glob("*.ipynb"), *folder.rglob("*.md")]:
        text = path.read_text()
        if path.suffix == ".ipynb":
            cells = nbformat.reads(text, as_version=4).cells
            text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
        links = [link[2] for link in LINK.finditer(text)]
        found += [
            link
            for link in links
            if not re.match(r"\w+:", link) and not (path.parent / link).exists()
        ]
    return found


def test_do_all_lessons_link_to_what_goes_along(tmp_path: Path) -> None:
    """As they lie side by side in somebody's home."""
    for lesson in (ROOT / "notebooks").iterdir():
        folder = Path(shutil.copytree(lesson, tmp_path / lesson.name))
        add_pages(folder, ROOT / "docs")
    assert {
        lesson.name: dangling(lesson) for lesson in tmp_path.iterdir() if dangling(lesson)
    } == {}
    assert not list(tmp_path.rglob("for-tas.md"))


def test_does_nobody_see_what_others_hand_in_or_what_the_teacher_has(exchange: Users) -> None:
    inbound = exchange.folder / "exchange" / "body-and-head" / "inbound"
    feedback = inbound.with_name("feedback")
    for place in (inbound, feedback, exchange.home("teach"), exchange.home("other")):
        assert "PermissionError" in listing(exchange, place), place
    assert "PermissionError" not in listing(exchange, inbound.with_name("outbound"))


def listing(machine: Users, place: Path) -> str:
    machine.write("stud", "look.py", f"import os\nprint(os.listdir({str(place)!r}))\n")
    said = machine.run("stud", "look")
    return said.stdout + said.stderr
