"""Does `headcheck build` make the right notebooks, lose nothing, and say what is wrong?"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import nbformat
import pytest
from hours import in_turn, night
from tiny_course import LESSON, NAME, ROOT, add_lesson, headcheck, make_course, run_python

from headcheck.authoring import form, release, verify
from headcheck.course.directory import Course, CourseError
from headcheck.sandbox.watchdog import tree


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A built course that no test changes."""
    course = make_course(tmp_path_factory.mktemp("built"))
    done = headcheck(course, "build", "--no-verify")
    assert (done.returncode, done.stderr) == (0, "")
    return course


@pytest.fixture
def course(built, tmp_path):
    """A built course of one's own. Copied, because a new gradebook takes seconds."""
    return Path(shutil.copytree(built, tmp_path / "course", copy_function=shutil.copy2))


def notebook(course: Path, step: str = "notebooks", name: str = NAME):
    return nbformat.read(course / step / name / f"{name}.ipynb", as_version=4)


def cells(course: Path, step: str = "notebooks"):
    found = notebook(course, step).cells
    return {c.metadata.nbgrader.grade_id: c for c in found if "nbgrader" in c.metadata}


def build_here(course: Path) -> bool:
    """The same build, in this process: quicker where the command line is not the question."""
    return release.build(Course.open(course).select()[0])


# ---- what comes out -----------------------------------------------------------------------------


def test_does_the_release_hold_only_the_notebook(built):
    files = sorted(p.relative_to(built).as_posix() for p in (built / "notebooks").rglob("*"))
    assert files == [f"notebooks/{NAME}", f"notebooks/{NAME}/{NAME}.ipynb"]


def test_does_a_stub_inside_a_function_name_the_exercise(built):
    source = cells(built)["double"].source
    assert source == (
        'def double(x):\n    """Twice x."""\n    # YOUR ANSWER HERE\n'
        '    raise NotImplementedError("double is not answered yet")'
    )


def test_is_a_stub_at_top_level_a_name_to_fill_in(built):
    assert cells(built)["seven"].source == "seven = ...  # YOUR ANSWER HERE"


def test_is_the_stub_of_a_written_answer_friendly(built):
    assert "YOUR ANSWER HERE" in cells(built)["why_twice"].source
    assert "Marking scheme" not in cells(built)["why_twice"].source


def test_do_several_regions_in_one_cell_all_become_stubs(course):
    text = LESSON.replace(
        "    return twice_as_much\n",
        "    return twice_as_much\n    ### END SOLUTION\n\n\ndef half(x):\n"
        "    ### BEGIN SOLUTION\n    return x / 2\n",
    )
    add_lesson(course, NAME, text)
    build_here(course)
    source = cells(course)["double"].source
    assert source.count("raise NotImplementedError") == 2
    assert "def half(x):" in source
    assert "x / 2" not in source


def test_are_hidden_tests_kept_for_the_grader_and_cut_for_students(built):
    assert "secret_number" in cells(built, "source")["test_double"].source
    assert "secret_number" not in cells(built)["test_double"].source


def test_are_cell_ids_stable_when_another_cell_changes():
    before = release.to_notebook(LESSON)
    after = release.to_notebook("# %% [markdown]\n# A new first cell.\n\n" + LESSON)
    assert [c.id for c in after.cells[1:]] == [c.id for c in before.cells]
    assert len({c.id for c in after.cells}) == len(after.cells)


def test_do_two_equal_cells_get_two_ids():
    twice = release.to_notebook("# %%\n1\n\n# %%\n1\n")
    assert len({c.id for c in twice.cells}) == 2


def test_does_plain_nbgrader_make_the_same_release(built, course):
    (course / "notebooks" / NAME / f"{NAME}.ipynb").unlink()
    (course / "notebooks" / NAME).rmdir()
    done = run_python(course, "-m", "nbgrader", "generate_assignment", NAME)
    assert done.returncode == 0, done.stderr
    ours, theirs = (
        (place / "notebooks" / NAME / f"{NAME}.ipynb").read_bytes() for place in (built, course)
    )
    assert ours == theirs


def test_are_locked_cells_folded_for_students_only(built):
    folded = {
        step: {name for name, c in cells(built, step).items() if c.metadata.get("jupyter")}
        for step in ("source", "notebooks")
    }
    locked = {name for name in cells(built) if name.startswith(("test_", "setup"))}
    assert folded == {"source": set(), "notebooks": locked}
    assert cells(built)["test_double"].metadata.jupyter == {"source_hidden": True}


def test_do_other_files_of_the_folder_go_along(course):
    (course / "source" / NAME / "picture.svg").write_text("<svg/>")
    (course / "source" / NAME / "helper.py").write_text("x = 1\n")
    build_here(course)
    released = sorted(p.name for p in (course / "notebooks" / NAME).iterdir())
    assert released == [f"{NAME}.ipynb", "helper.py", "picture.svg"]
    (course / "source" / NAME / "picture.svg").unlink()
    build_here(course)
    assert not (course / "notebooks" / NAME / "picture.svg").exists()


# ---- again --------------------------------------------------------------------------------------


def test_is_there_nothing_to_do_when_nothing_changed(built):
    file = built / "notebooks" / NAME / f"{NAME}.ipynb"
    before = file.stat().st_mtime_ns
    done = headcheck(built, "build", "--no-verify")
    assert (done.returncode, done.stdout) == (0, "1 lesson: nothing changed\n")
    assert file.stat().st_mtime_ns == before


@pytest.mark.parametrize("lost", ["gradebook.db", f"notebooks/{NAME}/{NAME}.ipynb"])
def test_is_what_was_deleted_made_again(course, lost):
    (course / lost).unlink()
    assert build_here(course)
    assert (course / lost).exists()
    assert not build_here(course)


def test_is_an_edit_of_the_release_undone(course):
    file = course / "notebooks" / NAME / f"{NAME}.ipynb"
    good = file.read_bytes()
    file.write_bytes(good + b" ")
    build_here(course)
    assert file.read_bytes() == good


def test_is_what_a_person_wrote_into_the_release_kept_and_named(course):
    """Answers typed into notebooks/, as `make lab` invites to, and a file beside."""
    folder = course / "notebooks" / NAME
    answered = (folder / f"{NAME}.ipynb").read_bytes().replace(b"YOUR ANSWER HERE", b"my answer")
    (folder / f"{NAME}.ipynb").write_bytes(answered)
    (folder / "my-notes.txt").write_text("mine")
    done = headcheck(course, "build", "--no-verify")
    assert done.returncode == 0, done.stderr
    kept = {p.name: p.read_bytes() for p in (course / "backups" / "notebooks").rglob("*.*")}
    assert kept == {f"{NAME}.ipynb": answered, "my-notes.txt": b"mine"}
    for name in kept:
        assert f"notebooks/{NAME}/{name} was changed after it was built" in done.stderr
    assert b"my answer" not in (folder / f"{NAME}.ipynb").read_bytes()


def test_is_it_kept_also_where_backups_lie_on_another_disk(course, monkeypatch):
    def refuses(path, target):
        raise OSError(errno.EXDEV, "Invalid cross-device link", str(path))

    monkeypatch.setattr(Path, "rename", refuses)
    monkeypatch.setattr(release.os, "rename", refuses)
    file = course / "notebooks" / NAME / f"{NAME}.ipynb"
    file.write_bytes(file.read_bytes().replace(b"YOUR ANSWER HERE", b"my answer"))
    assert build_here(course)
    (kept,) = (course / "backups" / "notebooks").rglob("*.ipynb")
    assert b"my answer" in kept.read_bytes() and b"my answer" not in file.read_bytes()


def test_is_a_new_release_no_edit_of_a_person(course):
    text = course / "source" / NAME / f"{NAME}.py"
    text.write_text(text.read_text() + "\n# %% [markdown]\n# One more word.\n")
    assert build_here(course)
    assert not (course / "backups" / "notebooks").exists()


def test_is_an_edit_of_the_instructors_notebook_alone_kept(course):
    file = course / "source" / NAME / f"{NAME}.ipynb"
    edited = notebook(course, "source")
    edited.cells[0].source += "\nA sentence typed in JupyterLab."
    nbformat.write(edited, file)
    later = file.with_suffix(".py").stat().st_mtime + 10
    os.utime(file, (later, later))
    with pytest.raises(CourseError, match=r"would lose that: the text of cell 1.*jupytext --to py"):
        build_here(course)
    assert "typed in JupyterLab" in file.read_text()


def test_are_points_given_in_jupyter_kept_though_the_text_was_edited_since(course):
    """The Create Assignment toolbar writes into the notebook's metadata alone."""
    file = course / "source" / NAME / f"{NAME}.ipynb"
    edited = notebook(course, "source")
    number = next(
        n for n, c in enumerate(edited.cells, 1) if "points" in c.metadata.get("nbgrader", {})
    )
    edited.cells[number - 1].metadata.nbgrader["points"] = 7
    nbformat.write(edited, file)
    text = file.with_suffix(".py")
    text.write_text(text.read_text() + "\n# %% [markdown]\n# One more word.\n")
    os.utime(text, (file.stat().st_mtime + 10,) * 2)
    with pytest.raises(
        CourseError, match=rf"settings \(points.*cell {number}, test_.*delete source"
    ):
        build_here(course)
    file.unlink()
    assert build_here(course)


def test_is_a_notebook_of_an_older_text_no_edit_in_a_copy_that_remembers_nothing(course):
    """Copied without `.headcheck/`, all files of the same minute; or a build was ended half-way."""
    text, file = (course / "source" / NAME / f"{NAME}{end}" for end in (".py", ".ipynb"))
    for forget in (True, False):
        if forget:
            shutil.rmtree(course / ".headcheck")
        else:
            stamp = course / ".headcheck" / "build" / f"{NAME}.json"
            stamp.write_text(
                json.dumps(json.loads(stamp.read_text()) | {"cells": "of another build"})
            )
        text.write_text(text.read_text() + "\n# %% [markdown]\n# One more word.\n")
        os.utime(file, (text.stat().st_mtime + 10,) * 2)
        assert build_here(course)
    edited = notebook(course, "source")
    edited.cells[0].source += "\nA sentence typed in JupyterLab."
    nbformat.write(edited, file)
    text.write_text(text.read_text() + "\n# %% [markdown]\n# One more word.\n")
    shutil.rmtree(course / ".headcheck")
    os.utime(text, (file.stat().st_mtime + 10,) * 2)
    with pytest.raises(CourseError, match="would lose that: the text of cell 1"):
        build_here(course)
    assert (
        "headcheck" not in notebook(course, "notebooks").metadata
        or "made" not in (notebook(course, "notebooks").metadata["headcheck"])
    )


def test_is_a_notebook_that_was_only_run_no_edit(course):
    file = course / "source" / NAME / f"{NAME}.ipynb"
    run = notebook(course, "source")
    for cell in run.cells:
        cell.metadata["collapsed"] = False
        if cell.cell_type == "code":
            cell.execution_count = 3
            cell.metadata["execution"] = {"iopub.execute_input": "2026-11-20T10:00:00Z"}
    nbformat.write(run, file)
    text = file.with_suffix(".py")
    text.write_text(text.read_text() + "\n# %% [markdown]\n# One more word.\n")
    assert build_here(course)


def test_is_no_half_of_a_release_left_when_nbgrader_stops(course):
    before = (course / "notebooks" / NAME / f"{NAME}.ipynb").read_bytes()
    text = LESSON.replace("    ### END SOLUTION\n", "", 1)
    add_lesson(course, NAME, text)
    with pytest.raises(CourseError, match=r"BEGIN SOLUTION without END SOLUTION"):
        build_here(course)
    assert (course / "notebooks" / NAME / f"{NAME}.ipynb").read_bytes() == before
    assert list((course / ".headcheck").glob("release-*")) == []


# ---- recorded grades ----------------------------------------------------------------------------


@pytest.fixture
def graded(course):
    """A built course with one submission in its gradebook, 1.5 points by hand."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        book.update_or_create_student("amara")
        book.update_or_create_submission(NAME, "amara")
        grade = book.find_grade("why_twice", NAME, NAME, "amara")
        grade.manual_score = 1.5
        book.db.commit()
    return course


def recorded(course: Path) -> float:
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        return book.find_grade("why_twice", NAME, NAME, "amara").manual_score


def test_are_grades_kept_when_a_test_is_rewritten(graded):
    add_lesson(graded, NAME, LESSON.replace("randint(5, 50)", "randint(50, 500)"))
    assert build_here(graded)
    assert recorded(graded) == 1.5


def test_are_grades_kept_when_a_check_is_added(graded):
    extra = LESSON.replace(
        "# %% tags=",
        '# %% nbgrader={"grade": true, "grade_id": "test_seven_again", "locked": true, '
        '"points": 1, "schema_version": 3, "solution": false, "task": false} '
        'tags=["raises-exception"]\nwith checking("seven"):\n    expect(seven == 7, "7")\n\n'
        "# %% tags=",
    )
    add_lesson(graded, NAME, extra)
    done = headcheck(graded, "build", "--no-verify")
    assert done.returncode == 1
    assert "the gradebook has 1 submission of it" in done.stderr
    assert "added    test_seven_again (1 point; counts 0 until it is graded)" in done.stderr
    assert f"headcheck build {NAME} --migrate" in done.stderr
    assert recorded(graded) == 1.5


# ---- --check ------------------------------------------------------------------------------------


def test_does_check_agree_with_a_fresh_build(built):
    done = headcheck(built, "build", "--check")
    assert (done.returncode, done.stderr) == (0, "")


def test_does_check_name_the_first_cell_that_differs(course):
    add_lesson(course, NAME, LESSON.replace('"""Twice x."""', '"""Two times x."""'))
    gradebook = (course / "gradebook.db").read_bytes()  # must not change
    done = headcheck(course, "build", "--check")
    assert done.returncode == 1
    assert f"{NAME}.ipynb differs from a rebuild first in cell 3 (double)" in done.stderr
    assert f"headcheck build {NAME}" in done.stderr
    assert (course / "gradebook.db").read_bytes() == gradebook


def test_does_check_find_a_file_nobody_made(course):
    (course / "notebooks" / "99-old").mkdir()
    (course / "notebooks" / "99-old" / "99-old.ipynb").write_text("{}")
    done = headcheck(course, "build", "--check")
    assert done.returncode == 1
    assert "99-old has no lesson in source/" in done.stderr


def test_are_the_committed_notebooks_what_the_sources_give():
    course = Course.open(ROOT)
    assert release.first_difference(course, course.select()) is None


def test_does_nothing_in_the_released_notebooks_come_from_a_solution():
    assert verify.leaks(Course.open(ROOT)) == []


@pytest.mark.parametrize(
    "line", ["    twice_as_much = x + x", "secret_number = rng.randint(5, 50)", "Because adding a"]
)
def test_is_a_leaked_line_found(course, line):
    assert verify.leaks(Course.open(course)) == []
    (full,) = [text for text in LESSON.splitlines() if line in text]
    (course / "notebooks" / NAME / "notes.txt").write_text(f"x\n{full.removeprefix('# ')}\n")
    (problem,) = verify.leaks(Course.open(course))
    assert problem.startswith(f"notebooks/{NAME}/notes.txt shows a line")


def test_is_the_text_source_in_a_release_found(course):
    (course / "notebooks" / NAME / f"{NAME}.py").write_text(LESSON)
    assert len(verify.leaks(Course.open(course))) == 1


@pytest.mark.parametrize("lesson", [x.name for x in Course.open(ROOT).lessons()])
def test_does_saving_a_lesson_in_jupyterlab_leave_its_text_as_it_was(lesson):
    import jupytext

    text = Course.open(ROOT).select([lesson])[0].read_text()
    notebook = release.to_notebook(text)
    notebook.metadata["headcheck"] = {"made": "of these cells"}  # as the build writes it
    notebook.metadata["jupytext"] = {"notebook_metadata_filter": "-all"}  # as source/jupytext.toml
    saved = jupytext.writes(notebook, fmt="py:percent")
    header = re.compile(r"\A# ---\n(?:#.*\n)*?# ---\n+")
    assert header.sub("", saved) == header.sub("", text)


# ---- the contract, by the text ------------------------------------------------------------------


def contract(tmp_path: Path, lesson: str) -> list[str]:
    return verify.contract(Course.open(make_course(tmp_path, lesson=lesson)).select()[0])


def test_does_a_right_lesson_pass(tmp_path):
    assert contract(tmp_path, LESSON) == []


@pytest.mark.parametrize("lesson", [x.name for x in Course.open(ROOT).lessons()])
def test_does_every_real_lesson_keep_the_contract(lesson):
    assert verify.contract(Course.open(ROOT).select([lesson])[0]) == []


def test_does_a_marking_scheme_give_as_many_points_as_its_cell(tmp_path):
    for points, right in (("2 points", True), ("3 points", False), ("1 point", False)):
        lesson = LESSON.replace("**Marking scheme.**", f"**Marking scheme ({points}).**")
        problems = contract(tmp_path / points, lesson)
        assert right is (not problems) and all("why_twice" in each for each in problems)


@pytest.mark.parametrize("lesson", [x.name for x in Course.open(ROOT).lessons()])
def test_has_every_real_lesson_the_form_that_students_know(lesson):
    cells = release.reference(Course.open(ROOT).select([lesson])[0]).cells
    assert list(form.missing(cells)) == []
    cells[0].source = cells[0].source.replace("**Time** ", "").replace("**Difficulty** ", "")
    cells.pop()
    assert len(list(form.missing(cells))) == 3


def test_may_a_check_begin_with_empty_lines_and_a_function(tmp_path):
    old = 'with checking("double"):\n    expect(double(2)'
    helper = "\n\ndef twice(x):\n    return double(x)\n\n\n"
    lesson = LESSON.replace(old, helper + old, 1)
    assert lesson != LESSON
    assert contract(tmp_path / "right", lesson) == []
    outside = lesson.replace('    with hidden("other numbers"):\n', "    if True:\n", 1)
    [problem] = contract(tmp_path / "wrong", outside)
    assert "outside hidden(...)" in problem and "`if True:`" in problem


WRONG = {
    "points missing": ('"points": 2, "schema_version": 3, "solution": false', '"schema_version": 3, "solution": false', '"points" must be a number'),
    "old schema": ('"points": 1, "schema_version": 3', '"points": 1, "schema_version": 2', "schema_version is 2; write 3"),
    "same id twice": ('"test_double_text"', '"test_double"', "used twice"),
    "check of nothing": ('"test_double_text"', '"test_triple"', "no such answer"),
    "unchecked answer": ('"test_seven"', '"test_double_seven"', "seven: no check is named after it"),
    "bad name": ('"test_seven"', '"check_seven"', "a check cell is test_<answer>"),
    "other name": ("def double(x)", "def dubble(x)", "does not define double"),
    "no tag": (' tags=["raises-exception"]\nwith checking("seven")', '\nwith checking("seven")', '"Run all" stops here'),
    "unlocked check": ('"test_seven", "locked": true', '"test_seven", "locked": false', "none of the roles"),
    "no solution region": ("    ### BEGIN SOLUTION\n    twice_as_much = x + x\n    return twice_as_much\n    ### END SOLUTION\n", "    return 2 * x\n", "between ### BEGIN SOLUTION"),
    "open region": ("    ### END HIDDEN TESTS\n", "", "has no END HIDDEN TESTS"),
    "solution in a demo": ("print(double(seven))", "### BEGIN SOLUTION\n1\n### END SOLUTION", "has no place in a demo cell"),
    "hidden but not concealed": ('    with hidden("other numbers"):\n', "    if True:\n", "outside hidden(...)"),
    "not Python": ('expect(seven == 7, "seven is 7")', "expect(seven == ", "is not Python"),
    "nothing visible": ('    expect(double(2) == 4, "double(2)")\n', "", "without its hidden tests"),
    "other exercise": ('with checking("seven")', 'with checking("double")', 'write checking("seven")'),
    "no frame": ('with checking("seven"):\n    if', "if True:\n    if", 'one `with checking("seven"):`'),
    "takes a name away": ('with checking("seven"):\n', 'checking_was = checking\nwith checking("seven"):\n    expect = 1\n', "binds expect, which a setup cell has defined"),
    "no scheme": ("**Marking scheme.**", "By the way:", "needs a marking scheme"),
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG)
def test_is_a_broken_rule_named(tmp_path, wrong):
    old, new, message = WRONG[wrong]
    assert old in LESSON
    problems = contract(tmp_path, LESSON.replace(old, new, 1))
    assert any(message in problem for problem in problems), problems
    where = re.compile(rf"source/{NAME}/{NAME}\.py:(\d+): ")
    assert all(where.match(problem) for problem in problems)


# ---- by running ---------------------------------------------------------------------------------


def in_this_process(notebook, folder):
    """A stand-in for a kernel: IPython's own shell, without starting a process."""
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output
    from nbformat.v4 import new_output

    shell = InteractiveShell()
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        with capture_output() as said:
            result = shell.run_cell(cell.source)
        cell.outputs = (
            [new_output("stream", name="stderr", text=said.stderr)] if said.stderr else []
        )
        error = result.error_before_exec or result.error_in_exec
        if error is not None:
            render = getattr(error, "_render_traceback_", lambda: ["Traceback", "line 1", "line 2"])
            cell.outputs.append(
                new_output(
                    "error", ename=type(error).__name__, evalue=str(error), traceback=render()
                )
            )
    return notebook


def verified(folder: Path, lesson: str) -> list[str]:
    add_lesson(folder, NAME, lesson)
    course = Course.open(folder)
    for one in course.select():
        release.build(one)
    return verify.run(course.select(), say=lambda text: None, execute=in_this_process)


def test_does_a_right_lesson_run_answered_and_unanswered(course):
    assert verified(course, LESSON) == []


def test_is_a_verified_lesson_not_run_again(course):
    assert verified(course, LESSON) == []

    def never(notebook, folder):
        raise AssertionError("it ran again")

    assert verify.run(Course.open(course).select(), say=print, execute=never) == []


RUNS_WRONG = {
    "reference fails a check": ("    return twice_as_much\n", "    return 0\n", ["test_double: the reference solution does not pass", "test_double_text: the reference solution does not pass"]),
    "check warns": ('    expect(double("a") == "aa", \'double("a")\')', '    expect(double("a") == "aa", \'double("a")\')\n    import sys; print("an old name", file=sys.stderr)', ["test_double_text: the check writes to stderr, and nbgrader gives no points then"]),
    "demo fails": ('# %% tags=["raises-exception"]\nprint(double(seven))', "# %%\n1 / 0", ["fails with the reference solution", '"Run all" of the unanswered release stops here']),
    "check passes unanswered": ('    expect(double("a") == "aa", \'double("a")\')', '    expect("a" * 2 == "aa", "text")', ["test_double_text: the unanswered release passes this check"]),
    "stub gives a traceback": ("    if seven is ...:\n        raise NotAnswered", "    if seven is ...:\n        raise ValueError", ["test_seven: on the unanswered release it says"]),
}  # fmt: skip


@pytest.mark.parametrize("wrong", RUNS_WRONG)
def test_is_a_lesson_that_runs_wrong_named(course, wrong):
    old, new, messages = RUNS_WRONG[wrong]
    assert old in LESSON
    problems = verified(course, LESSON.replace(old, new, 1))
    assert len(problems) == len(messages), problems
    for message, problem in zip(messages, problems, strict=True):
        assert message in problem


@in_turn
def test_does_the_real_command_verify_in_a_real_kernel(tmp_path):
    course = make_course(tmp_path, torch=False)
    done = headcheck(course, "build")
    assert (done.returncode, done.stderr) == (0, "")
    graded, verified, built, lacks = done.stdout.splitlines()
    assert re.fullmatch(rf"{NAME}: right when it is graded, 10 draws \(\d+ s\)", graded)
    assert re.fullmatch(rf"{NAME}: verified \(\d+ s\)", verified)  # which one takes how long
    assert built == f"{NAME}: built"
    assert "lacks" in lacks and "`**Time**` with minutes or hours in the header" in lacks
    assert headcheck(course, "build").stdout == "1 lesson: nothing changed\n"


@night("by day an ordinary kernel verifies, and the isolated engine sees processes end")
def test_does_a_dead_kernel_stop_only_its_lesson(tmp_path):
    text = LESSON.replace("print(double(seven))", "import os; os._exit(3)")
    course = make_course(tmp_path, lesson=text, torch=False)
    add_lesson(course, "02-other", LESSON)
    done = headcheck(course, "build")
    assert done.returncode == 1
    assert f"{NAME}: the reference stops at DeadKernelError" in done.stderr
    assert "02-other: verified" in done.stdout


def has_a_kernel(pid: int) -> bool:
    for each in tree(pid):
        with suppress(OSError):  # it has just ended
            if b"ipykernel" in Path(f"/proc/{each}/cmdline").read_bytes():
                return True
    return False


def as_in_a_container() -> None:
    # What a shell starts in the background ignores Ctrl-C, and so would we.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # Orphans are adopted by another process than init, so a kernel does not see that it is one.
    adopt_orphans = 36
    assert ctypes.CDLL(None).prctl(adopt_orphans, 1, 0, 0, 0) == 0


@pytest.mark.parametrize(
    "where",
    [
        "as it is graded",
        pytest.param("in a kernel", marks=night("by day as it is graded")),
    ],
)
@in_turn
def test_does_the_first_ctrl_c_end_verifying_without_traces(tmp_path, where):
    # (Who is graded has a home of its own.)
    seconds = (
        "1e6" if where == "as it is graded" else "1e6 * (os.environ['HOME'] != '/home/student')"
    )
    sleeping = f"import os, time; time.sleep({seconds})"
    text = LESSON.replace("print(double(seven))", sleeping)
    course = make_course(tmp_path, lesson=text, torch=False)
    program = [sys.executable, "-u", "-m", "headcheck.cli", "build"]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        program,
        cwd=course,
        stdout=pipe,
        stderr=pipe,
        text=True,
        preexec_fn=as_in_a_container,
    ) as running:
        if where == "in a kernel":
            assert "right when it is graded" in running.stdout.readline()
        # bwrap (twice), the warm process, and a pair of its children; or a kernel.
        as_graded = where == "as it is graded"
        while not (len(tree(running.pid)) >= 6 if as_graded else has_a_kernel(running.pid)):
            time.sleep(0.05)
        running.send_signal(signal.SIGINT)
        try:
            said, complained = running.communicate(timeout=100)
        finally:
            running.kill()  # else one that goes on is waited for
    assert (running.returncode, said) == (130, "")
    assert complained == (
        "headcheck: stopped; what was finished is kept, run the same command to go on.\n"
    )


# ---- bad usage ----------------------------------------------------------------------------------


def test_does_an_unknown_assignment_list_the_known_ones(built):
    done = headcheck(built, "build", "01-duble")
    assert done.returncode == 2
    assert "did you mean 01-double? Known: 01-double." in done.stderr


def test_is_a_folder_that_is_no_course_said_so(tmp_path):
    done = headcheck(tmp_path, "build")
    assert done.returncode == 2
    assert "is not a course directory (nbgrader_config.py is missing)" in done.stderr
    assert "--course DIR" in done.stderr


def test_does_course_work_from_anywhere(built, tmp_path):
    done = headcheck(tmp_path, "build", "--no-verify", "--course", str(built))
    assert (done.returncode, done.stdout) == (0, "1 lesson: nothing changed\n")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"# %%\nx = '\xe9'\n", "is not UTF-8 text"),
        (b"# %% nbgrader={\n1\n", "its line cannot be read"),
    ],
)
def test_is_a_text_that_cannot_be_read_named(tmp_path, content, message):
    course = make_course(tmp_path)
    (course / "source" / NAME / f"{NAME}.py").write_bytes(content)
    done = headcheck(course, "build", "--no-verify")
    assert done.returncode in (1, 2)
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_is_a_notebook_without_its_text_named(course):
    (course / "source" / NAME / f"{NAME}.py").unlink()
    done = headcheck(course, "build")
    assert done.returncode == 2
    assert "jupytext --to py:percent" in done.stderr


def test_does_a_broken_configuration_name_the_file(tmp_path):
    course = make_course(tmp_path)
    (course / "grader_config.py").write_text("c = get_config()\nc.Nothing = 1 / 0\n")
    done = headcheck(course, "build")
    assert done.returncode == 2
    assert "grader_config.py cannot be read: ZeroDivisionError" in done.stderr


def test_does_the_command_line_start_without_heavy_imports():
    heavy = "torch", "nbgrader", "jupytext", "nbformat", "sqlalchemy", "pydantic"
    done = run_python(
        ROOT,
        "-c",
        "import json, sys; import headcheck.cli; from typer.testing import CliRunner; "
        "out = CliRunner().invoke(headcheck.cli.app, ['--help']); "
        f"print(json.dumps([out.exit_code, [m for m in {heavy!r} if m in sys.modules]]))",
    )
    assert json.loads(done.stdout) == [0, []], done.stderr


@pytest.mark.parametrize("door", [("headcheck.cli", "build"), ("nbgrader", "generate_assignment")])
def test_a_course_that_names_a_class_where_it_was_is_told_where_it_is(course, door):
    with (course / "grader_config.py").open("a") as config:
        config.write('c.GenerateAssignment.preprocessors = ["headcheck.stubs.ExerciseStubs"]\n')
    with (course / "source" / NAME / f"{NAME}.py").open("a") as lesson:
        lesson.write("\n# %% [markdown]\n# One more word.\n")
    module, verb = door
    done = run_python(
        course, "-m", module, verb, NAME, *(["--force"] if module == "nbgrader" else [])
    )
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert "is called headcheck.authoring.stubs now" in said
    assert "grader_config.py" in said
    assert module == "nbgrader" or "Traceback" not in said
