"""A small class that came from Canvas and was graded, for the tests of what goes back. Made-up names."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import nbformat
import pytest
from once import once
from test_grade import DOUBLE, FULL, drop, gradebook, notebook_of
from tiny_course import LESSON, NAME, headcheck, make_course

# What no student may ever see: each stands somewhere in the course, the submissions or the records.
HIDDEN_LINE, HIDDEN_WORD, HIDDEN_VALUE = "quetzal_number", "ocelot_text", "987123"
SEED, RAISED, FILE_NAME = "73194682", "axolotl went wrong", "Tapir7.ipynb"
SOLUTION, SCHEME = "twice_as_much", "Two points for the reason"
SECRETS = (HIDDEN_LINE, HIDDEN_WORD, HIDDEN_VALUE, SEED, RAISED, FILE_NAME, SOLUTION, SCHEME)
PATHS = (
    "/tmp/",
    "submitted/",
    "autograded/",
    ".headcheck",
    "isolated",
    "BEGIN HIDDEN",
    "Traceback",
)
STUDENTS = """\
id,first_name,last_name,email,canvas_id,login,sis_id
ada,Ada,Lovelace,ada@example.org,4711,alov,s0815
bob,Bob,Müller,bob@example.org,4712,bmue,s0816
cy,Cy,Chen,cy@example.org,4713,cchen,s0817
dee,Dee,Okafor,dee@example.org,4714,doka,s0818
hal,Hal,Berg,hal@example.org,4715,hberg,s0819
jon,Jon,Dahl,jon@example.org,4716,jdahl,0820
zoe,Zoë,Ek,zoe@example.org,4717,zek,s0821
"""
DATES = """\
timezone: UTC
late: {per_day: 25%}
due: {01-double: 2026-11-20 12:00}
"""
PREFIX = {
    "ada": "lovelaceada_LATE_4711_90210_",
    "bob": "müllerbob_4712_90211_",
    "cy": "chency_4713_90212_",
    "dee": "okafordee_4714_90213_",
    "hal": "berghal_4715_90214_",
    "jon": "dahljon_4716_90215_",
}


def lesson() -> str:
    text = LESSON.replace("secret_number", HIDDEN_LINE)
    line = f"        expect(double({HIDDEN_LINE})"
    more = (
        f'        expect(double("{HIDDEN_WORD}") == "{HIDDEN_WORD}" * 2, "twice {HIDDEN_WORD}")\n'
    )
    more += (
        f"        expect(double({HIDDEN_VALUE}) == 2 * {HIDDEN_VALUE}, 'twice {HIDDEN_VALUE}')\n"
    )
    assert line in text
    return text.replace(line, more + line, 1)


def make_class(place: Path) -> None:
    """`course/`, collected from a Canvas zip and graded; ada's written answer is marked."""
    course = make_course(place / "course", lesson=lesson())
    (course / "students.csv").write_text(STUDENTS)
    (course / "dates.yaml").write_text(DATES)
    done = headcheck(course, "build", "--no-verify")
    assert done.returncode == 0, done.stderr
    known = "def double(x):\n    return {2: 4, 'a': 'aa'}.get(x)"
    raises = f"def double(x):\n    if x not in (2, 'a'):\n        raise ValueError('{RAISED}', x)\n    return x * 2"
    books = {
        "ada": notebook_of(course, **FULL),
        "bob": notebook_of(course, double=known, seven="seven = 8", why_twice="A <b>guess</b>."),
        "cy": notebook_of(course, **FULL | {"double": raises}),
        "dee": notebook_of(course),
        "jon": notebook_of(course, **FULL | {"double": DOUBLE}),
    }
    drop("test_seven")(books["jon"])
    archive = course.parent / "submissions.zip"
    with zipfile.ZipFile(archive, "w") as out:
        for who, prefix in PREFIX.items():
            name = FILE_NAME if who == "jon" else f"{NAME}.ipynb"
            text = nbformat.writes(books[who]) if who in books else '{"cells": ['
            out.writestr(prefix + name, text)
    done = headcheck(course, "collect", str(archive), NAME)
    assert done.returncode == 0, done.stdout + done.stderr
    stamp = course / "submitted" / "ada" / NAME / "timestamp.txt"
    stamp.write_text("2026-11-22 11:00:00 UTC\n")  # Canvas's zip has no times: brought by hand
    done = headcheck(course, "grade", "--seed", SEED)
    assert done.returncode == 0, done.stdout + done.stderr
    with closing(gradebook(course)) as gb:
        mark = gb.find_grade("why_twice", NAME, NAME, "ada")
        mark.manual_score, mark.needs_manual_grade = 1.5, False
        gb.find_comment("why_twice", NAME, NAME, "ada").manual_comment = "Nearly: say why."
        gb.find_comment("double", NAME, NAME, "bob").manual_comment = "Try it with 3."
        gb.db.commit()


def read_by_a_person(course: Path, **marks: float) -> None:
    """These students' written answers are marked."""
    with closing(gradebook(course)) as gb:
        for who, points in marks.items():
            grade = gb.find_grade("why_twice", NAME, NAME, who)
            grade.manual_score, grade.needs_manual_grade = points, False
        gb.db.commit()


def copy_of(factory: pytest.TempPathFactory) -> Callable[[Path], Path]:
    """A function that copies the graded course to a place of its own."""
    made = once(factory, "lms_class", make_class) / "course"
    return lambda place: Path(shutil.copytree(made, place / "course"))
