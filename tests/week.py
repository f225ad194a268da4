"""Makes the output in docs/ta-guide.md again: every command in it is run, in a made-up course.

    python tests/week.py

Each line that begins with `$` in a `console` block is run, and what it says comes below it. A comment
`<!-- do: NAME -->` stands for what somebody does between the commands; the functions are below.
Grades eight submissions of lesson 05: some minutes of processor time.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import nbformat
from browser import chromium
from serving import review

from headcheck.authoring.release import build
from headcheck.authoring.samples import compose_class
from headcheck.course.directory import CONFIG_FILES, Course

ROOT = Path(__file__).parents[1]
GUIDE = ROOT / "docs" / "ta-guide.md"
PICTURE = ROOT / "docs" / "img" / "review.png"
LESSON, QUESTION = "05-create-head", "why_these_layers"
WIDTH = "110"
PROGRESS = ("graded ", "running: ")
CLASS = {  # id -> first name, last name, number in Canvas
    "amara-okafor": ("Amara", "Okafor", 4711),
    "bjorn-lindqvist": ("Björn", "Lindqvist", 4712),
    "diego-herrera": ("Diego", "Herrera", 4713),
    "elif-yilmaz": ("Elif", "Yılmaz", 4714),
    "fatima-al-sayed": ("Fatima", "Al-Sayed", 4715),
    "giorgos-papadakis": ("Giorgos", "Papadakis", 4716),
    "joana-silva": ("Joana", "Silva", 4717),
    "kofi-mensah": ("Kofi", "Mensah", 4718),
    "leilani-kahale": ("Leilani", "Kahale", 4719),  # hands in nothing
}


def make_course(folder: Path) -> Path:
    """A course of lesson 05, its roster, and what Canvas gave for it."""
    course = folder / "body-and-head"
    for name in CONFIG_FILES:
        course.mkdir(exist_ok=True)
        shutil.copy2(ROOT / name, course)
    shutil.copytree(
        ROOT / "source" / LESSON,
        course / "source" / LESSON,
        ignore=shutil.ignore_patterns("*.ipynb", "__pycache__"),
    )
    opened = Course.open(course)
    build(opened.lessons()[0])
    samples = folder / "samples"
    for student in CLASS:
        text = ROOT / "tests" / "class" / student / f"{LESSON}.py"
        if text.exists():
            (samples / student).mkdir(parents=True)
            shutil.copy2(text, samples / student)
    compose_class(samples, folder / "handed-in", opened)
    rows = [f"{one},{first},{last},{n}" for one, (first, last, n) in CLASS.items()]
    (course / "students.csv").write_text(
        "id,first_name,last_name,canvas_id\n" + "\n".join(rows) + "\n", encoding="utf-8"
    )
    make_zip(course / "submissions.zip", folder / "handed-in")
    table = [f"Student,ID,SIS Login ID,Section,{LESSON} (90001)", "    Points Possible,,,,30.00"]
    table += [f'"{last}, {first}",{n},{one},A,' for one, (first, last, n) in CLASS.items()]
    (course / "Grades.csv").write_text("\n".join(table) + "\n", encoding="utf-8")
    return course


def make_zip(file: Path, handed_in: Path, again: str = "") -> None:
    """As Canvas names it: name, number, number of the file; one of them is nobody's we know."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for place, (student, (first, last, number)) in enumerate(CLASS.items()):
            notebook = handed_in / student / LESSON / f"{LESSON}.ipynb"
            if notebook.exists():
                name = re.sub(r"\W", "", f"{last}{first}".lower())
                later = student == again
                attempt = f"{90210 + place + 100 * later}_{LESSON}{'-1' if later else ''}.ipynb"
                archive.write(notebook, f"{name}_{number}_{attempt}")
        if not again:
            archive.writestr(f"novakpetr_4790_90300_{LESSON}.ipynb", "{}")


# ---- what somebody does between the commands -----------------------------------------------------


def mark_all(course: Path, folder: Path) -> str:
    """`headcheck review`, and everybody gets a mark, some a comment; what it printed."""
    marks = [(4, ""), (2.5, "Why no softmax? Look at section 10."), (3, "")]
    with review(course, LESSON) as served:
        assert served.process.stdout is not None
        said = [served.link, served.process.stdout.readline().strip()]
        waiting = [one for one in served.answers(LESSON, QUESTION) if one["mark"]["waits"]]
        for place, one in enumerate(waiting):
            score, comment = marks[place % len(marks)]
            wanted = {"score": score, "comment": comment, "waits": False}
            body = {"id": one["id"], "wanted": wanted, "seen": one["mark"]}
            assert served.ask("api/mark", body)[0] == 200
        if not PICTURE.exists():
            take_picture(served.link)
        served.end()
    return re.sub(r"token=[\w-]+", "token=pX3...", "\n".join(said))


def take_picture(link: str) -> None:
    """Remove the file to have it made again."""
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1200, "height": 700})
        page.goto(link)
        page.select_option("#filter", "all")
        page.locator("article .text > *").first.wait_for()
        page.keyboard.press("j")
        page.screenshot(path=PICTURE)


def one_hands_in_again(course: Path, folder: Path) -> None:
    student = "bjorn-lindqvist"
    file = folder / "handed-in" / student / LESSON / f"{LESSON}.ipynb"
    notebook = nbformat.read(file, as_version=4)
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == QUESTION:
            cell.source += "\n\nThe loss function contains the softmax already."
    file.write_text(json.dumps(notebook), encoding="utf-8")
    make_zip(course / "submissions-2.zip", folder / "handed-in", again=student)


def a_test_is_changed(course: Path, folder: Path) -> None:
    """No head without a hidden layer is asked for any more."""
    file = course / "source" / LESSON / f"{LESSON}.py"
    text = file.read_text(encoding="utf-8")
    case = r' {8}"lin_ftrs=\[\], no hidden layer at all": \[\n(?: {12}.*\n)+ {8}\],\n'
    changed, cases = re.subn(case, "", text, count=1)
    assert cases == 1
    file.write_text(changed, encoding="utf-8")
    build(Course.open(course).lessons()[0])


DO = {"one hands in again": one_hands_in_again, "a test is changed": a_test_is_changed}


# ---- the guide -----------------------------------------------------------------------------------


def refreshed(text: str, course: Path, folder: Path) -> str:
    parts = re.split(r"(```console\n.*?\n```|<!-- do: .*? -->)", text, flags=re.DOTALL)
    for place, part in enumerate(parts):
        if part.startswith("<!-- do: "):
            DO[part.removeprefix("<!-- do: ").removesuffix(" -->")](course, folder)
        elif part.startswith("```console"):
            lines = [line for line in part.splitlines() if line.startswith("$ ")]
            done = [f"{line}\n{run(line[2:], course, folder)}".rstrip() for line in lines]
            parts[place] = "```console\n" + "\n".join(done) + "\n```"
    return "".join(parts)


def run(command: str, course: Path, folder: Path) -> str:
    print(f"$ {command}", flush=True)
    if command.startswith("headcheck review"):
        return mark_all(course, folder)
    beside = str(Path(sys.executable).parent)
    path = f"{beside}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=course,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "PATH": path, "COLUMNS": WIDTH, "NO_COLOR": "1"},
    )
    said = done.stdout.replace(str(course), "~/body-and-head")
    kept = [line.rstrip() for line in said.splitlines() if not line.startswith(PROGRESS)]
    return "\n".join(kept)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="week-") as place:
        course = make_course(Path(place))
        text = GUIDE.read_text(encoding="utf-8")
        GUIDE.write_text(refreshed(text, course, Path(place)), encoding="utf-8")


if __name__ == "__main__":
    main()
