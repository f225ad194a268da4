"""Is what a TA typed into `autograded/` kept when it is graded again, and nothing else taken for that?"""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from in_process import InProcess
from marked_course import here
from nbformat.v4 import new_markdown_cell, new_output
from once import once
from test_grade import FULL, build, submit
from test_moves import WRONG, rebuild
from tiny_course import LESSON, NAME, run_python

from headcheck.course.directory import Course
from headcheck.desk import regrade
from headcheck.desk.grade import grade_command
from headcheck.grading import graded_folder
from headcheck.grading.pool import LocalPool

FILE = f"{NAME}.ipynb"
REMARK = "Ask me on Thursday about this."


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    good = once(tmp_path_factory, "built", build) / "course"
    course = Path(shutil.copytree(good, tmp_path_factory.mktemp("typed") / "course"))
    for student in ("ada", "bob"):
        submit(course, student, FULL)
        (course / "submitted" / student / NAME / "helper.py").write_text("two = 2\n")
    grade(course)
    return course


@pytest.fixture
def course(graded: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(graded, tmp_path / "course"))


def grade(course: Path, *, force: bool = True) -> None:
    pool = LocalPool(InProcess(), 1)
    grade_command(Course.open(course), [NAME], [], force=force, json_file=None, pool=pool)


def folder(course: Path, student: str = "ada") -> Path:
    return course / "autograded" / student / NAME


def aside(course: Path, student: str = "ada") -> dict[str, str]:
    top = course / "backups" / "autograded" / student / NAME
    files = (path for path in top.rglob("*") if path.is_file())
    return {path.relative_to(top).as_posix(): path.read_text() for path in files}


def change(path: Path, edit: Callable[[nbformat.NotebookNode], None]) -> None:
    """As JupyterLab saves a notebook."""
    notebook = nbformat.read(path, as_version=4)
    edit(notebook)
    path.chmod(0o644)
    nbformat.write(notebook, path)


def type_a_remark(course: Path, student: str = "ada") -> None:
    change(
        folder(course, student) / FILE,
        lambda notebook: notebook.cells.insert(0, new_markdown_cell(REMARK)),
    )


def test_is_what_was_typed_into_a_graded_notebook_kept_and_said_once(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    type_a_remark(course)
    submit(course, "ada", FULL | {"seven": "seven = 8"})
    grade(course, force=False)
    said = capsys.readouterr().err
    assert (
        f"autograded/ada/{NAME}/{FILE} was changed by hand since it was graded; as it was, it is "
        f"backups/autograded/ada/{NAME}/{NAME}-changed-1.ipynb now." in said
    )
    assert "headcheck review" in said
    ((name, kept),) = aside(course).items()
    assert (name, REMARK in kept) == (f"{NAME}-changed-1.ipynb", True)
    assert REMARK not in (folder(course) / FILE).read_text()
    assert aside(course, "bob") == {}
    grade(course)
    assert "by hand" not in capsys.readouterr().err and len(aside(course)) == 1
    for _ in range(2):  # the second time that is kept already
        change(folder(course) / FILE, lambda notebook: notebook.cells.pop())
        grade(course)
    assert sorted(aside(course)) == [f"{NAME}-changed-1.ipynb", f"{NAME}-changed-2.ipynb"]
    assert capsys.readouterr().err.count("by hand") == 1


def test_are_files_beside_the_notebook_kept_too(course: Path) -> None:
    (folder(course) / "what to ask.txt").write_text("Why 7?")
    helper = folder(course) / "helper.py"
    helper.chmod(0o644)
    helper.write_text("two = 3  # I think\n")
    (course / "submitted" / "ada" / NAME / "helper.py").write_text("two = 4\n")
    grade(course)
    assert aside(course) == {
        "helper-changed-1.py": "two = 3  # I think\n",
        "what to ask-changed-1.txt": "Why 7?",
    }
    assert sorted(path.name for path in folder(course).iterdir()) == [FILE, "helper.py"]
    assert helper.read_text() == "two = 4\n"


def test_is_nothing_kept_of_what_nobody_typed(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Run and saved in JupyterLab, which leaves a checkpoint; handed in anew; graded without `.headcheck/`."""

    def run(notebook: nbformat.NotebookNode) -> None:
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs = [new_output("stream", text="run by me")]
                cell.execution_count = 7
        notebook.metadata["language_info"] = {"name": "python", "version": "3.13.0"}

    change(folder(course) / FILE, run)
    checkpoint = folder(course) / ".ipynb_checkpoints" / f"{NAME}-checkpoint.ipynb"
    checkpoint.parent.mkdir()
    shutil.copy(folder(course) / FILE, checkpoint)
    grade(course)
    submit(course, "bob", {})
    (course / "submitted" / "bob" / NAME / "helper.py").unlink(missing_ok=True)
    grade(course)
    shutil.rmtree(course / ".headcheck")
    grade(course)
    assert "by hand" not in capsys.readouterr().err
    assert not (course / "backups" / "autograded").exists()


def test_is_it_seen_when_headcheck_remembers_nothing_else(course: Path) -> None:
    shutil.rmtree(course / ".headcheck")
    type_a_remark(course)
    grade(course)
    assert len(aside(course)) == 1


def test_is_nothing_of_ours_taken_for_typed_after_kill_9(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Between what is remembered and what is written, and in the middle of that."""
    for student in ("ada", "bob"):
        submit(course, student, {})
        (course / "submitted" / student / NAME / "helper.py").write_text("two = 5\n")
    for written in (0, 1):
        child = os.fork()
        if child == 0:
            real, calls = graded_folder.write_whole, []

            def die(path: Path, data: bytes, calls: list[Path] = calls, real=real) -> None:
                if ".wrote" not in path.parts:
                    calls.append(path)
                    if len(calls) > written:  # noqa: B023
                        os.kill(os.getpid(), signal.SIGKILL)
                real(path, data)

            try:
                graded_folder.write_whole = die
                grade(course)
            finally:
                os._exit(1)
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status)
    grade(course)
    assert "by hand" not in capsys.readouterr().err
    assert not (course / "backups" / "autograded").exists()


def test_are_regrade_and_its_undo_as_careful(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rebuild(course, WRONG)
    opened, pool = Course.open(course), LocalPool(InProcess(), 1)
    plan = course / "plan.json"
    regrade.preview_command(opened, [], [], force=True, plan_file=plan, json_file=None, pool=pool)
    type_a_remark(course)
    done = here(course, "regrade", "--apply", str(plan))
    assert done.exit_code == 0, done.output
    assert f"autograded/ada/{NAME}/{FILE} was changed by hand" in done.stderr
    assert len(aside(course)) == 1
    (folder(course, "bob") / "mine.txt").write_text("Still to do.")
    done = here(course, "regrade", "--undo")
    assert done.exit_code == 0, done.output
    assert f"autograded/bob/{NAME}/mine.txt was put there by hand" in done.stderr
    assert aside(course, "bob") == {"mine-changed-1.txt": "Still to do."}
    assert REMARK in (folder(course) / FILE).read_text()  # as it was before the plan
    rebuild(course, LESSON)


def test_is_nbgraders_own_button_as_careful(course: Path) -> None:
    """It removes the folder before it grades; what it writes is ours for the next grading."""
    with (course / "grader_config.py").open("a") as file:
        file.write("\nc.RunChecks.engine = 'nbgrader'\n")
    autograde = ("-m", "nbgrader", "autograde", NAME, "--force")
    assert run_python(course, *autograde).returncode == 0
    assert not (course / "backups" / "autograded").exists()
    type_a_remark(course)
    (folder(course) / "mine.txt").write_text("Still to do.")
    done = run_python(course, *autograde)
    assert done.returncode == 0, done.stderr
    assert f"autograded/ada/{NAME}/{FILE} was changed by hand" in done.stderr
    assert sorted(aside(course)) == [f"{NAME}-changed-1.ipynb", "mine-changed-1.txt"]
    grade(course)
    assert len(aside(course)) == 2 and aside(course, "bob") == {}
