"""Does `headcheck grade` give everybody a result, the right one, into a real gradebook?"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PathDistribution
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hours import in_turn, night
from kept import kept
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from nbgrader.api import Gradebook
from nbgrader.utils import determine_grade
from once import once
from tiny_course import LESSON, NAME, POINTS, ROOT, add_lesson, headcheck, make_course, run_python

from headcheck import versions
from headcheck.course.cells import Role, grade_id_of
from headcheck.course.directory import Course
from headcheck.grading import classroom
from headcheck.grading.classroom import Classroom
from headcheck.grading.crashed import Crashed
from headcheck.grading.engines.kernel import KernelEngine
from headcheck.grading.find import find_submissions
from headcheck.grading.pool import LocalPool
from headcheck.grading.submission import Run, Verdict, grade
from headcheck.grading.work import EngineName, Limits, Work

OTHER = "02-triple"
# (With kernels, of the clock: an ordinary cell takes a hundredth of it.)
LIMITS = "\nc.Headcheck.cell_seconds = 5\nc.LateSubmissionPlugin.penalty_method = 'zero'\n"
DOUBLE = "def double(x):\n    return 2 * x"
FULL = {"double": DOUBLE, "seven": "seven = 7", "why_twice": "Because x + x is 2 x."}
ENGINE = ("--engine", "nbgrader")


def other_lesson() -> str:
    return LESSON.replace("double", "triple").replace("seven", "nine").replace("twice", "thrice")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return once(tmp_path_factory, "built", build) / "course"


def build(place: Path) -> None:
    folder = make_course(place / "course")
    add_lesson(folder, OTHER, other_lesson())
    with (folder / "grader_config.py").open("a") as file:
        file.write(LIMITS)
    done = headcheck(folder, "build", "--no-verify")
    assert done.returncode == 0, done.stderr


@pytest.fixture
def course(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "course"))


def notebook_of(course: Path, lesson: str = NAME, **answers: str) -> NotebookNode:
    notebook = nbformat.read(course / "notebooks" / lesson / f"{lesson}.ipynb", as_version=4)
    for cell in notebook.cells:
        cell.source = answers.get(grade_id_of(cell) or "", cell.source)
    return notebook


def submit(
    course: Path,
    student: str,
    answers: dict[str, str],
    *,
    edit: Callable[[NotebookNode], None] = lambda notebook: None,
    lesson: str = NAME,
    of: str = NAME,
    file: str = f"{NAME}.ipynb",
) -> Path:
    notebook = notebook_of(course, of, **answers)
    edit(notebook)
    folder = course / "submitted" / student / lesson
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, folder / file)
    return folder


def drop(grade_id: str) -> Callable[[NotebookNode], None]:
    def edit(notebook: NotebookNode) -> None:
        notebook.cells = [cell for cell in notebook.cells if grade_id_of(cell) != grade_id]

    return edit


WARNS = "def double(x):\n    import warnings\n    warnings.warn('careful')\n    return 2 * x"
DIES = "def double(x):\n    import os\n    os._exit(0) if x == 'a' else None\n    return 2 * x"
# double, double_text, seven: what each student is expected to get
CLASS: dict[str, tuple[float, float, float]] = {
    "ada": (2, 1, 1),  # all right, with a warning on stderr
    "bob": (0, 1, 0),  # knows only what the visible check asks
    "cy": (2, 0, 1),  # ends the process in one check
    "dee": (0, 0, 0),  # hands in the empty release
    "eli": (0, 0, 1),  # loops for ever, and the next question still counts
    "fay": (0, 0, 1),  # a syntax error
    "gus": (2, 1, 1),  # late
    "hal": (0, 0, 0),  # not a notebook
    "ida": (0, 0, 0),  # another lesson
    "jon": (2, 1, 1),  # another file name
    "kim": (2, 1, 1),  # deleted a check, and wrote beside the lesson's cells
    "lea": (0, 0, 0),  # an empty folder
}


def submit_class(course: Path) -> None:
    submit(course, "ada", FULL | {"double": WARNS})
    known = "def double(x):\n    return {2: 4, 'a': 'aa'}.get(x)"
    submit(course, "bob", {"double": known, "seven": "seven = 8"})
    submit(course, "cy", FULL | {"double": DIES})
    submit(course, "dee", {})
    submit(course, "eli", FULL | {"double": "def double(x):\n    while True:\n        pass"})
    submit(course, "fay", FULL | {"double": "def double(x:\n    return"})
    folder = submit(course, "gus", FULL)
    (folder / "timestamp.txt").write_text("2030-01-03 12:00:00 UTC")
    submit(course, "hal", FULL)
    (course / "submitted" / "hal" / NAME / f"{NAME}.ipynb").write_text('{"cells": [')
    submit(course, "ida", {}, of=OTHER)
    submit(course, "jon", FULL, file="Untitled3.ipynb")
    submit(course, "kim", FULL, edit=drop("test_seven"))
    (course / "submitted" / "lea" / NAME).mkdir(parents=True)


@dataclass
class Graded:
    course: Path
    returncode: int
    stdout: str
    stderr: str
    results: list[dict[str, Any]]

    def of(self, student: str) -> dict[str, Any]:
        return next(result for result in self.results if result["student"] == student)

    def notebook(self, student: str) -> NotebookNode:
        path = self.course / "autograded" / student / NAME / f"{NAME}.ipynb"
        return nbformat.read(path, as_version=4)


@pytest.fixture(scope="session")
def graded(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """The class above, graded once by the real command line."""

    def make(place: Path) -> None:
        course = Path(shutil.copytree(built, place / "course"))
        submit_class(course)
        with closing(gradebook(course)) as gb:
            gb.update_or_create_assignment(NAME, duedate="2030-01-02 12:00:00 UTC")
        done = headcheck(course, "grade", NAME, "--json", "out.json", *ENGINE)
        (place / "said.json").write_text(json.dumps([done.returncode, done.stdout, done.stderr]))

    place = once(tmp_path_factory, "graded", make)
    results = json.loads((place / "course" / "out.json").read_text())
    return Graded(place / "course", *json.loads((place / "said.json").read_text()), results)


def gradebook(course: Path) -> Gradebook:
    return Gradebook(f"sqlite:///{course / 'gradebook.db'}", "body-and-head")


Row = tuple[float | None, float | None, bool]


def rows(course: Path, lesson: str = NAME) -> dict[str, dict[str, Row]]:
    """student -> grade_id -> (auto_score, manual_score, needs_manual_grade)."""
    with closing(gradebook(course)) as gb:
        return {
            submission.student.id: {
                grade.name: (grade.auto_score, grade.manual_score, grade.needs_manual_grade)
                for notebook in submission.notebooks
                for grade in notebook.grades
            }
            for submission in gb.assignment_submissions(lesson)
        }


def comments(course: Path) -> dict[str, dict[str, str | None]]:
    with closing(gradebook(course)) as gb:
        return {
            submission.student.id: {
                c.name: c.auto_comment for c in submission.notebooks[0].comments
            }
            for submission in gb.assignment_submissions(NAME)
        }


# ---- one class, one command ----------------------------------------------------------------------


def test_does_everybody_get_the_right_score_in_the_gradebook(graded: Graded) -> None:
    assert graded.returncode == 0, graded.stderr
    found = rows(graded.course)
    assert {s: tuple(found[s][c][0] for c in POINTS) for s in found} == CLASS


def test_does_a_written_answer_wait_for_a_person_and_an_empty_one_not(graded: Graded) -> None:
    found = rows(graded.course)
    assert found["ada"]["why_twice"] == (None, None, True)
    assert found["dee"]["why_twice"] == (0, None, False)
    assert comments(graded.course)["dee"]["why_twice"] == "No response."
    assert graded.of("ada")["to_read"] == 1
    assert graded.of("dee")["to_read"] == 0


def test_is_the_json_what_other_programs_were_promised(graded: Graded) -> None:
    assert {result["student"] for result in graded.results} == set(CLASS)
    for result in graded.results:
        assert set(result) == {
            *("student", "assignment", "score", "max_score", "outcome", "seconds", "cells"),
            *(
                "to_read",
                "unreadable",
                "notes",
                "seed",
                "seconds_late",
                "late_penalty",
                "by_hand",
                "moved",
            ),
        }
        assert result["assignment"] == NAME
        assert [cell["grade_id"] for cell in result["cells"]] == list(POINTS)
        for cell in result["cells"]:
            assert set(cell) == {
                *("notebook", "grade_id", "score", "max_score", "outcome", "message", "detail")
            }
            assert cell["notebook"] == NAME
            assert (cell["outcome"] == "passed") == (cell["message"] == "")
        assert result["score"] == sum(CLASS[result["student"]])
        assert result["max_score"] == sum(POINTS.values())


@pytest.mark.parametrize(
    ("student", "outcomes"),
    [
        ("ada", ["passed", "passed", "passed"]),
        ("bob", ["failed", "passed", "failed"]),
        ("cy", ["passed", "died", "passed"]),
        ("dee", ["failed", "failed", "failed"]),
        ("eli", ["timeout", "timeout", "passed"]),
        ("fay", ["error", "error", "passed"]),
        ("hal", ["error", "error", "error"]),
        ("ida", ["missing", "missing", "missing"]),
        ("lea", ["missing", "missing", "missing"]),
    ],
)
def test_is_it_said_what_became_of_each_check(
    graded: Graded, student: str, outcomes: list[str]
) -> None:
    assert [cell["outcome"] for cell in graded.of(student)["cells"]] == outcomes


def test_does_a_message_say_what_to_do(graded: Graded) -> None:
    first = {s: graded.of(s)["cells"][0]["message"] for s in CLASS}
    assert first["hal"].startswith("01-double.ipynb is not a notebook")
    assert "seems to be the notebook of 02-triple. Hand in the one of 01-double" in first["ida"]
    assert "There is no 01-double.ipynb among the files handed in" in first["lea"]
    assert "SyntaxError" in first["fay"]
    assert "longer than 5 s" in first["eli"]
    assert first["dee"] == "○ double is not answered yet."


def test_is_what_cannot_be_read_no_zero_but_first_in_the_table_and_out_of_the_averages(
    graded: Graded,
) -> None:
    table = graded.stdout.splitlines()
    for line, student in zip(table, ("hal", "ida", "lea"), strict=False):
        assert line.startswith(f"Not graded: submitted/{student}/{NAME}: ")
    rows_of = [line.split()[1] for line in table if line.startswith("│")]
    assert rows_of[:3] == ["hal", "ida", "lea"]
    assert graded.stdout.count("not graded") == 3
    for student in ("hal", "ida", "lea"):
        assert graded.of(student)["unreadable"].startswith(f"submitted/{student}/{NAME}: ")
        assert rows(graded.course)[student]["test_seven"] == (0, None, True)
    page = (graded.course / "report.html").read_text()
    assert page.index("could not be graded") < page.index('id="class"')
    counted = re.search(r"test_seven.*?(\d+) passed, (\d+) failed", page, re.DOTALL)
    assert counted and counted.groups() == ("7", "2")  # 9 of 12


def test_do_words_for_the_ta_stay_out_of_what_a_student_gets(graded: Graded) -> None:
    for student in ("hal", "ida", "lea"):
        text = nbformat.writes(graded.notebook(student))
        assert "Not graded" in text
        assert "submitted/" not in text
        assert "ask for" not in text


def test_does_nbgrader_read_the_same_score_from_the_notebook(graded: Graded) -> None:
    for student in CLASS:
        scores = {
            grade_id_of(cell): determine_grade(cell)[0]
            for cell in graded.notebook(student).cells
            if grade_id_of(cell) in POINTS
        }
        assert tuple(scores[c] for c in POINTS) == CLASS[student]


def test_do_hidden_tests_stay_out_of_everything_a_student_may_see(graded: Graded) -> None:
    assert "secret_number" not in json.dumps(graded.results)
    for student in CLASS:
        for cell in graded.notebook(student).cells:
            assert "secret_number" not in json.dumps(cell.get("outputs", []))
            if grade_id_of(cell) == "test_double":
                assert "secret_number" in cell.source  # the instructor's copy was run


def test_is_a_warning_still_visible_though_it_costs_nothing(graded: Graded) -> None:
    outputs = [
        output
        for cell in graded.notebook("ada").cells
        if grade_id_of(cell) == "test_double"
        for output in cell.outputs
    ]
    assert any("careful" in output.text for output in outputs)


def test_is_lateness_counted_as_nbgrader_does(graded: Graded) -> None:
    with closing(gradebook(graded.course)) as gb:
        late = gb.find_submission(NAME, "gus")
        assert late.total_seconds_late == 24 * 3600
        assert late.late_submission_penalty == late.score == 4
        assert gb.find_submission(NAME, "ada").late_submission_penalty == 0
    assert (graded.course / "autograded" / "gus" / NAME / "timestamp.txt").exists()


def test_does_the_terminal_show_scores_losses_and_the_report(graded: Graded) -> None:
    out = graded.stdout
    assert "4/4" in out
    assert "other numbers" in out
    assert "Not isolated" in out
    assert str(graded.course / "report.html") in out
    assert "Traceback" not in graded.stderr
    assert "Warning" not in graded.stderr


def test_does_the_report_name_repairs_and_the_engine(graded: Graded) -> None:
    page = (graded.course / "report.html").read_text()
    assert "The notebook was called Untitled3.ipynb" in page
    assert "test_seven had been deleted" in page
    assert "not isolated" in page


UNREADABLE = ("hal", "ida", "jon", "lea")  # by stock nbgrader
# What it makes of a class, beside what judges it; the tests' files beside this one.
OF_NBGRADER = (
    *("headcheck.course.usual", "headcheck.authoring.stubs", "headcheck.authoring.build"),
    *("headcheck.grading.nbgrader_steps", "headcheck.grading.gradebook", "headcheck.desk.report"),
)


def as_plain_nbgrader_has_it(graded: Graded, place: Path) -> None:
    """`nbgrader autograde` on the same course, with the isolated engine."""
    course = Path(shutil.copytree(graded.course, place / "course"))
    for step in ("autograded", "gradebook.db"):
        path = course / step
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    for student in UNREADABLE:
        shutil.rmtree(course / "submitted" / student)
    done = headcheck(course, "build", "--no-verify")
    assert done.returncode == 0, done.stderr
    with closing(gradebook(course)) as gb:
        gb.update_or_create_assignment(NAME, duedate="2030-01-02 12:00:00 UTC")
    plain = run_python(course, "-m", "nbgrader", "autograde", NAME)
    assert plain.returncode == 0, plain.stderr
    page = headcheck(course, "report")
    assert page.returncode == 0, page.stderr


@night("by day test_equality.py has the real nbgrader grade two")
def test_does_plain_nbgrader_give_the_same_gradebook(
    graded: Graded, tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
) -> None:
    """Kept for the next run if it is ours, while nothing that made it has changed."""
    if sys.platform != "linux":
        pytest.skip("the isolated engine needs Linux")
    mine, said = rows(graded.course), comments(graded.course)
    same = set(CLASS) - set(UNREADABLE)

    def is_right(place: Path) -> bool:
        course = place / "course"
        return rows(course) == {s: mine[s] for s in same} and comments(course) == {
            s: said[s] for s in same
        }

    tests = (Path(__file__), *(Path(__file__).with_name(n) for n in ("kept.py", "tiny_course.py")))
    files = (*sorted(versions.code_of(*OF_NBGRADER)), *tests, ROOT / "constraints.txt")
    parts = [versions.verdict(), *(path.read_bytes() for path in files)]
    make = partial(as_plain_nbgrader_has_it, graded)
    place = kept(pytestconfig, tmp_path_factory, "plain-nbgrader", parts, make, is_right)
    theirs = rows(place / "course")
    assert set(theirs) == same
    assert theirs == {student: mine[student] for student in theirs}
    assert comments(place / "course") == {s: said[s] for s in theirs}
    with closing(gradebook(place / "course")) as gb:
        assert gb.find_submission(NAME, "gus").late_submission_penalty == 4


# ---- again, and in part --------------------------------------------------------------------------


@in_turn
def test_is_only_what_changed_graded_again(course: Path) -> None:
    submit(course, "ada", FULL)
    submit(course, "bob", {})
    assert headcheck(course, "grade", *ENGINE).returncode == 0
    graded_at = lambda s: json.loads(  # noqa: E731
        (course / ".headcheck" / "graded" / NAME / f"{s}.json").read_text()
    )["graded_at"]
    first = {student: graded_at(student) for student in ("ada", "bob")}
    submit(course, "bob", FULL)
    again = headcheck(course, "grade", *ENGINE)
    assert "1 of 2 did not change" in again.stdout
    assert graded_at("ada") == first["ada"]
    assert rows(course)["bob"]["test_seven"][0] == 1
    headcheck(course, "grade", "--student", "ada", "--force", *ENGINE)
    assert graded_at("ada") != first["ada"]


def grade_again(course: Path) -> list[str]:
    """Who is graded, and whether a process was started to read submissions, in one more run."""
    engine, opened = FakeEngine(), Course.open(course)
    with closing(Classroom(opened, find_submissions(opened)[0])) as room:
        list(room.grade(LocalPool(engine, 1)))
        reading = ["reading"] if room.apart.started else []
    return [work.student for work in engine.works] + reading


def test_does_what_did_not_change_cost_no_reading(course: Path) -> None:
    submit(course, "ada", FULL)
    (course / "submitted" / "ada" / NAME / "data.csv").write_text("1,2")
    submit(course, "bob", FULL)
    assert grade_again(course) == ["ada", "bob", "reading"]
    assert grade_again(course) == []
    os.utime(course / "submitted" / "bob" / NAME / f"{NAME}.ipynb")
    assert grade_again(course) == []


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("data.csv", "1,3"),  # as long as before
        ("more.csv", ""),
        ("timestamp.txt", "2030-01-03 12:00:00 UTC"),
        ("sub/data.csv", "1,2"),
    ],
)
def test_is_any_change_of_a_folder_seen(course: Path, file: str, text: str) -> None:
    folder = submit(course, "ada", FULL)
    (folder / "data.csv").write_text("1,2")
    grade_again(course)
    kept = (folder / "data.csv").stat()
    path = folder / file
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    os.utime(path, ns=(kept.st_atime_ns, kept.st_mtime_ns))
    assert grade_again(course) == ["ada", "reading"]
    (folder / "data.csv").rename(folder / "other.csv")
    assert grade_again(course) == ["ada", "reading"]


def test_does_an_unchanged_class_leave_the_report_alone(course: Path) -> None:
    submit(course, "ada", FULL)
    report = course / "report.html"
    first = headcheck(course, "grade", *ENGINE)
    written = report.stat()
    again = headcheck(course, "grade", *ENGINE)
    assert "1 of 1 did not change" in again.stdout
    assert again.stdout.splitlines()[-1] == first.stdout.splitlines()[-1]
    assert (report.stat().st_ino, report.stat().st_mtime_ns) == (
        written.st_ino,
        written.st_mtime_ns,
    )
    with closing(gradebook(course)) as gb:
        gb.find_grade("why_twice", NAME, NAME, "ada").manual_score = 1.5
        gb.db.commit()
    headcheck(course, "grade", *ENGINE)
    assert "5.5 of 6 with written answers" in " ".join(report.read_text().split())


@in_turn
def test_does_a_persons_mark_survive_a_regrade(course: Path) -> None:
    submit(course, "ada", FULL)
    headcheck(course, "grade", *ENGINE)
    with closing(gradebook(course)) as gb:
        gb.find_grade("why_twice", NAME, NAME, "ada").manual_score = 1.5
        gb.find_grade("test_seven", NAME, NAME, "ada").manual_score = 0.5
        gb.find_comment("why_twice", NAME, NAME, "ada").manual_comment = "Nearly."
        gb.db.commit()
    headcheck(course, "grade", "--force", *ENGINE)
    found = rows(course)["ada"]
    assert found["why_twice"] == (None, 1.5, False)
    assert found["test_seven"] == (1, 0.5, False)
    with closing(gradebook(course)) as gb:
        assert gb.find_comment("why_twice", NAME, NAME, "ada").manual_comment == "Nearly."


@in_turn
def test_does_an_interrupted_run_keep_what_was_finished(course: Path) -> None:
    submit(course, "ada", FULL)
    submit(course, "bob", FULL | {"double": "import time\ntime.sleep(600)"})
    with (course / "grader_config.py").open("a") as file:
        file.write("\nc.Headcheck.cell_seconds = 600\n")
    command = [sys.executable, "-m", "headcheck.cli", "grade", "--jobs", "1", *ENGINE]
    running = subprocess.Popen(
        command,
        cwd=course,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        # What a shell starts in the background ignores Ctrl-C, and so would we.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    record = course / ".headcheck" / "graded" / NAME / "ada.json"
    while not record.exists() and running.poll() is None:
        time.sleep(0.1)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=300)
    assert record.exists()
    assert running.returncode == 130
    assert "run the same command to go on" in said
    assert "Traceback" not in said
    assert rows(course)["ada"]["test_seven"][0] == 1
    submit(course, "bob", FULL)
    again = headcheck(course, "grade", *ENGINE)
    assert "1 of 2 did not change" in again.stdout
    assert rows(course)["bob"]["test_seven"][0] == 1


# ---- bad input -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["05-nothing"], "Known: 01-double, 02-triple"),
        (["--student", "adda"], "did you mean ada?"),
        ([OTHER], "there is no submission of 02-triple"),
        (["--json", "nowhere/out.json"], "nowhere is not a folder"),
    ],
)
def test_is_bad_usage_one_sentence_and_exit_2(
    course: Path, arguments: list[str], said: str
) -> None:
    submit(course, "ada", FULL)
    done = headcheck(course, "grade", *arguments, *ENGINE)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert rows(course) == {}


def test_is_an_empty_submitted_folder_said(course: Path) -> None:
    done = headcheck(course, "grade")
    assert done.returncode == 2
    assert "there is no submission" in done.stderr
    assert "submitted/<student>/<assignment>/<assignment>.ipynb" in done.stderr


def test_is_a_folder_that_is_no_assignment_named_and_the_rest_graded(course: Path) -> None:
    submit(course, "ada", FULL)
    submit(course, "bob", FULL, lesson="1-double")
    done = headcheck(course, "grade", *ENGINE)
    assert done.returncode == 0
    assert "rename it to 01-double" in done.stderr
    assert set(rows(course)) == {"ada"}


def test_is_an_assignment_that_was_not_built_said(tmp_path: Path) -> None:
    course = make_course(tmp_path / "course")
    (course / "submitted" / "ada" / NAME).mkdir(parents=True)
    done = headcheck(course, "grade")
    assert done.returncode == 2
    assert "run `headcheck build 01-double`" in done.stderr


def test_is_a_missing_kernel_said_before_anything_is_graded(course: Path) -> None:
    submit(course, "ada", FULL)
    release = course / "notebooks" / NAME / f"{NAME}.ipynb"
    release.chmod(0o644)
    release.write_text(release.read_text().replace('"python3"', '"nopython"'))
    done = headcheck(course, "grade", *ENGINE)
    assert done.returncode == 2
    assert "'nopython'" in done.stderr
    assert "ipykernel install" in done.stderr
    assert rows(course) == {}


def test_is_a_mismatched_torch_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    metadata = "Metadata-Version: 2.1\nName: torchvision\nVersion: 0.29.1\n"
    (tmp_path / "METADATA").write_text(f"{metadata}Requires-Dist: torch==2.14.1\n")
    monkeypatch.setattr(classroom, "distribution", lambda name: PathDistribution(tmp_path))
    monkeypatch.setattr(classroom, "version", lambda name: "2.13.0")
    assert "torch 2.13.0 and torchvision 0.29.1 do not belong together" in str(
        classroom.mismatched_torch()
    )
    monkeypatch.setattr(classroom, "version", lambda name: "2.14.1+cpu")
    assert classroom.mismatched_torch() is None


@in_turn
def test_is_a_broken_check_reported_and_never_a_silent_zero(course: Path) -> None:
    """A check that gives more than its points is the instructor's fault, not the student's."""
    lesson = other_lesson().replace('expect(triple("a") == "aa", \'triple("a")\')', "pass\n99")
    assert "99" in lesson
    add_lesson(course, "03-broken", lesson)
    built = headcheck(course, "build", "03-broken", "--no-verify")
    assert built.returncode == 0, built.stderr
    folder = course / "submitted" / "ada" / "03-broken"
    folder.mkdir(parents=True)
    shutil.copy(course / "notebooks" / "03-broken" / "03-broken.ipynb", folder)
    done = headcheck(course, "grade", *ENGINE)
    assert done.returncode == 1
    assert "grader-error" in done.stdout
    assert rows(course, "03-broken")["ada"]["test_triple_text"] == (None, None, True)
    # It is tried again without being asked to: nobody got a mark from it.
    assert "did not change" not in headcheck(course, "grade", *ENGINE).stdout


# ---- the parts -----------------------------------------------------------------------------------


class FakeEngine:
    """Passes every check; remembers what it was given."""

    name: EngineName = "nbgrader"

    def __init__(self) -> None:
        self.works: list[Work] = []

    def run(self, notebook: NotebookNode, roles: list[Role], work: Work) -> Run:
        self.works.append(work)
        if work.student == "crash":
            raise RuntimeError("a bug of ours")
        return Run(dict.fromkeys(POINTS, Verdict("passed")))

    def ready(self) -> None:
        pass

    def close(self) -> None:
        pass


def grade_with_fake(course: Path) -> FakeEngine:
    engine = FakeEngine()
    opened = Course.open(course)
    submissions, _ = find_submissions(opened)
    with closing(Classroom(opened, submissions)) as room:
        list(room.grade(LocalPool(engine, 2)))
    return engine


def test_do_other_files_arrive_and_links_do_not(course: Path) -> None:
    folder = submit(course, "ada", FULL)
    (folder / "data").mkdir()
    (folder / "data" / "x.csv").write_text("1,2")
    (folder / "key").symlink_to(course / "source" / NAME / f"{NAME}.py")
    (folder / "all").symlink_to(course / "source")
    (folder / "01-double.py").write_text("print('a text source by name')")
    os.mkfifo(folder / "pipe")
    big = folder / "big.bin"
    big.write_bytes(b"")
    os.truncate(big, (Limits().file_mib << 20) + 1)
    (work,) = grade_with_fake(course).works
    assert work.files == {"data/x.csv": b"1,2"}
    out = course / "autograded" / "ada" / NAME
    assert {p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file()} == {
        "data/x.csv",
        f"{NAME}.ipynb",
    }
    notes = json.loads((course / ".headcheck" / "graded" / NAME / "ada.json").read_text())["notes"]
    for name in ("key", "all", "pipe", "big.bin"):
        assert any(name in note for note in notes)


def test_does_a_file_of_the_last_submission_disappear(course: Path) -> None:
    folder = submit(course, "ada", FULL)
    (folder / "old.txt").write_text("old")
    grade_with_fake(course)
    (folder / "old.txt").unlink()
    (folder / "new.txt").write_text("new")
    grade_with_fake(course)
    out = course / "autograded" / "ada" / NAME
    assert sorted(path.name for path in out.iterdir()) == [f"{NAME}.ipynb", "new.txt"]


def test_does_a_fault_of_ours_stop_at_its_submission(course: Path) -> None:
    for student in ("ada", "crash", "zoe"):
        submit(course, student, FULL)
    grade_with_fake(course)
    found = rows(course)
    assert found["ada"]["test_double"] == found["zoe"]["test_double"] == (2, None, False)
    assert found["crash"]["test_double"] == (None, None, True)


def test_does_an_engine_see_neither_source_nor_gradebook(course: Path) -> None:
    submit(course, "ada", FULL)
    (work,) = grade_with_fake(course).works
    assert str(course) not in work.model_dump_json()
    assert b"twice_as_much" not in work.notebook  # the reference solution


def test_is_a_submission_recorded_whole_or_not_at_all(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit(course, "ada", FULL)

    def breaks(*args: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr("headcheck.grading.gradebook.ClassGradebook._penalty", breaks)
    with pytest.raises(RuntimeError, match="disk"):
        grade_with_fake(course)
    assert rows(course) == {}
    with closing(gradebook(course)) as gb:
        assert gb.students == []


# ---- the engine nbgrader -------------------------------------------------------------------------


def code(source: str, grade_id: str = "", **meta: object) -> NotebookNode:
    cell = new_code_cell(source)
    if grade_id:
        label = {"grade": False, "solution": False, "locked": False, "task": False}
        cell.metadata["nbgrader"] = {**label, "grade_id": grade_id, "schema_version": 3, **meta}
    return cell


def question(name: str, answer: str, check: str = "") -> Iterator[NotebookNode]:
    yield code(answer, name, solution=True)
    body = check or f"with checking({name!r}):\n    {name}()"
    body += "\n### BEGIN HIDDEN TESTS\nsecret_number = 41\n### END HIDDEN TESTS"
    yield code(body, f"test_{name}", grade=True, locked=True, points=2)


@in_turn
def test_does_every_kind_of_trouble_cost_its_own_question_only() -> None:
    kernel = {"name": "python3", "display_name": "Python 3"}
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": kernel})
    deaf = "import signal\ndef deaf():\n    signal.signal(signal.SIGINT, signal.SIG_IGN)\n    while True: pass"
    notebook.cells = [
        code("from headcheck import checking\nimport os", "setup", locked=True),
        *question("first", "def first(): return 1"),
        *question("exits", "def exits(): os._exit(3)"),
        *question("deaf", deaf),
        *question("dies_at_once", "os.kill(os.getpid(), 9)"),
        *question("unwritten", "x = 1"),
        *question("greedy", "def greedy(): return bytearray(2**61)"),
        *question("quits", "def quits(): raise SystemExit"),
        *question("plain", "def plain(): return 3", "secret_plain = 4\nassert plain() == 4"),
        *question("prints", "def prints(): print('x' * 10**6)"),
        *question("last", "def last(): return first()"),
    ]
    work = Work(
        student="ada",
        assignment=NAME,
        notebook_name=NAME,
        notebook=nbformat.writes(notebook).encode(),
        seed=7,
        limits=Limits(cell_seconds=4, output_kib=64),  # of the clock; some wait for it
    )
    done = grade(work, KernelEngine())
    assert {cell.grade_id.removeprefix("test_"): cell.outcome for cell in done.cells} == {
        "first": "passed",
        "exits": "died",
        "deaf": "timeout",
        "dies_at_once": "died",
        "unwritten": "missing",
        "greedy": "out-of-memory",
        "quits": "error",
        "plain": "failed",
        "prints": "passed",
        "last": "passed",
    }
    assert done.outcome == "died"
    assert [cell.score for cell in done.cells if cell.outcome == "passed"] == [2.0] * 3
    assert any("Not isolated" in note for note in done.notes)
    assert len(done.notebook) < 200_000
    for cell in nbformat.reads(done.notebook.decode(), as_version=4).cells:
        assert "secret" not in json.dumps(cell.outputs)


@in_turn
def test_is_a_notebook_that_takes_too_long_as_a_whole_ended() -> None:
    cells = [code("from headcheck import checking", "setup", locked=True)]
    for name, seconds in (("one", 0), ("two", 99), ("three", 99)):
        cells += question(name, f"import time\ntime.sleep({seconds})\ndef {name}(): return 1")
    notebook = nbformat.v4.new_notebook(cells=cells)
    limits = Limits(cell_seconds=100, submission_seconds=15)
    data = nbformat.writes(notebook).encode()
    work = Work(
        student="a", assignment="b", notebook_name="b", notebook=data, seed=1, limits=limits
    )
    done = grade(work, KernelEngine())
    assert [cell.outcome for cell in done.cells] == ["passed", "timeout", "timeout"]
    assert "submission_seconds" in done.cells[-1].message


def test_is_it_said_that_an_answer_asks_a_person_by_the_plain_engine_too() -> None:
    cells = [code("from headcheck import checking", "setup", locked=True)]
    cells += question("one", "number = input()\ndef one(): return 1")
    data = nbformat.writes(nbformat.v4.new_notebook(cells=cells)).encode()
    work = Work(student="a", assignment="b", notebook_name="b", notebook=data, seed=1)
    (cell,) = grade(work, KernelEngine()).cells
    assert cell.outcome == "error"
    assert cell.message.endswith("the cell asks a person (input(), a debugger), and none is there.")


@pytest.mark.parametrize("outcome", ["timeout", "died"])
def test_does_what_went_wrong_beside_others_count_only_when_it_does_alone(
    course: Path, outcome: Any
) -> None:
    """`slow` fails beside others alone, `hopeless` always, and `wrong` is no matter of time."""
    for student in ("ada", "hopeless", "slow", "wrong"):
        submit(course, student, FULL)
    running: set[str] = set()
    beside: dict[str, list[set[str]]] = {}

    class Crowded(FakeEngine):
        def run(self, notebook: NotebookNode, roles: list[Role], work: Work) -> Run:
            running.add(work.student)
            first = work.student not in beside
            end = time.monotonic() + 2  # for another to arrive; the last of all has none
            while first and len(running) < 2 and time.monotonic() < end:
                time.sleep(0.01)
            beside.setdefault(work.student, []).append(set(running))
            running.discard(work.student)
            bad = {"hopeless": outcome, "slow": outcome if first else "passed", "wrong": "failed"}
            return Run(dict.fromkeys(POINTS, Verdict(bad.get(work.student, "passed"))))

    opened = Course.open(course)
    with closing(Classroom(opened, find_submissions(opened)[0])) as room:
        done = {each.record.student: each.record for each in room.grade(LocalPool(Crowded(), 2))}
    assert {name: record.outcome for name, record in done.items()} == {
        "ada": "passed",
        "hopeless": outcome,
        "slow": "passed",
        "wrong": "failed",
    }
    assert {name: len(runs) for name, runs in beside.items()} == {
        "ada": 1,
        "hopeless": 2,
        "slow": 2,
        "wrong": 1,
    }
    assert beside["slow"][1] == {"slow"} and beside["hopeless"][1] == {"hopeless"}
    assert "alone" in str(done["slow"].notes) and "alone" not in str(done["ada"].notes)


def test_is_what_died_with_a_neighbour_tried_again_when_no_room_is_left(course: Path) -> None:
    """As on a cluster: the worker that two ran in is gone before either is said to have ended."""
    for student in ("ada", "bob"):
        submit(course, student, FULL)

    class Shrinking(LocalPool):
        deaths = 2

        def submit(self, work: Work) -> Future[Any]:
            if self.deaths == 0:
                return super().submit(work)
            self.deaths, self.slots = self.deaths - 1, 1
            future: Future[Any] = Future()
            future.set_exception(Crashed("each worker that ran it has ended"))
            return future

    opened = Course.open(course)
    with closing(Classroom(opened, find_submissions(opened)[0])) as room:
        done = [each.record for each in room.grade(Shrinking(FakeEngine(), 2))]
    assert {record.student: record.outcome for record in done} == {"ada": "passed", "bob": "passed"}
