"""Can a TA answer a student who asks about one mark, from one command?"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from in_process import InProcess
from once import once
from test_grade import FULL, build, submit
from test_marked import mark
from test_moves import WRONG, grade, rebuild
from tiny_course import LESSON, NAME

from headcheck.course.directory import Course, CourseError
from headcheck.desk.show import command_for, notebooks_of, show_command
from headcheck.grading.pool import LocalPool

TABLE = "def double(x):\n    return {2: 4, 'a': 'aa'}.get(x)"


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Graded with a wrong test, then with the right one; one check marked by hand."""
    good = once(tmp_path_factory, "built", build) / "course"
    course = Path(shutil.copytree(good, tmp_path_factory.mktemp("show") / "course"))
    rebuild(course, WRONG)
    submit(course, "ada", FULL | {"double": TABLE, "seven": "seven = 8"})
    grade(course)
    rebuild(course, LESSON)
    grade(course)
    mark(course, "test_seven", 0.5)
    return course


def show(course: Path, check: str | None = None, *, run: bool = True) -> tuple[int, dict]:
    out = course / "shown.json"
    pool = LocalPool(InProcess(), 1) if run else None
    code = show_command(Course.open(course), "ada", NAME, check, json_file=out, pool=pool)
    return code, json.loads(out.read_text())


def everything(course: Path) -> dict[str, bytes]:
    files = (path for path in sorted(course.rglob("*")) if path.is_file())
    return {str(path): path.read_bytes() for path in files if path.name != "shown.json"}


def test_is_all_there_that_answers_a_student_and_nothing_written(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = everything(course)
    code, data = show(course, "test_seven")
    said = capsys.readouterr().out
    assert code == 0
    assert everything(course) == before
    record = json.loads((course / f".headcheck/graded/{NAME}/ada.json").read_text())
    assert f"seed {record['seed']}" in said
    assert str(course / "submitted" / "ada" / NAME / f"{NAME}.ipynb") in said
    assert str(course / "autograded" / "ada" / NAME / f"{NAME}.ipynb") in said
    assert "test_seven  0/1 failed; by hand 0.5, and that counts" in said
    assert "answered (seven):\n    seven = 8" in said
    assert "said to the student:\n    ✗ seven is 7" in said
    assert f"for the TA only:\n    seed {record['seed']}" in said
    assert " 1 passed\n" in said and " 0 failed, the last" in said
    assert "the result is the same." in said
    assert "test_double" not in said
    (cell,) = data["cells"]
    assert (data["same"], cell["answer"], cell["mark"]["manual"]) == (True, "seven = 8", 0.5)
    assert [one["score"] for one in cell["history"]] == [1]
    assert cell["again"]["score"] == 0


def test_is_another_result_said_with_its_reason(
    course: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    course = Path(shutil.copytree(course, tmp_path / "course"))
    rebuild(course, WRONG)
    code, data = show(course, "test_seven")
    said = capsys.readouterr().out
    assert (code, data["same"]) == (1, False)
    assert "the result is NOT the same.\n  test_seven: 0 failed -> 1 passed" in said
    assert "because: the lesson was built anew since" in said
    assert show(course, "test_double_text")[0] == 0  # that one is


def test_is_what_lost_points_shown_when_no_check_is_named(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, data = show(course, run=False)
    assert [cell["grade_id"] for cell in data["cells"]] == ["test_double", "test_seven"]
    assert (code, data["same"]) == (0, None)
    assert "Not graded again (--no-run)." in capsys.readouterr().out


def test_is_only_what_somebody_wrote_called_an_answer(
    course: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    course = Path(shutil.copytree(course, tmp_path / "course"))
    submit(course, "dee", {})
    submit(course, "hal", FULL)
    (course / "submitted" / "hal" / NAME / f"{NAME}.ipynb").write_text('{"cells": [')
    grade(course)
    said, data = {}, {}
    for who in ("dee", "hal"):
        capsys.readouterr()
        out = course / "shown.json"
        show_command(Course.open(course), who, NAME, None, json_file=out, pool=None)
        said[who], data[who] = capsys.readouterr().out, json.loads(out.read_text())
    assert "  left as it was given (seven):\n    seven = ...  # YOUR ANSWER HERE" in said["dee"]
    assert "hal, 01-double: not graded\n" in said["hal"]
    assert said["hal"].count("is not a notebook") == 2  # once for the TA, once for the student
    assert "answered" not in said["hal"] and "seven = " not in said["hal"]
    assert said["hal"].count("said to the student") == 1  # of every check the same
    assert {cell["answer"] for cell in data["hal"]["cells"]} == {None}


def test_is_a_wrong_name_one_sentence_with_the_right_one(course: Path) -> None:
    with pytest.raises(CourseError, match="did you mean test_seven"):
        show(course, "test_sevn")
    submit(course, "bob", FULL)
    with pytest.raises(CourseError, match="bob has no result in 01-double yet"):
        show_command(Course.open(course), "bob", NAME, None, json_file=None, pool=None)


def test_can_a_page_name_the_command_and_the_files(course: Path) -> None:
    assert command_for("ada", NAME, "test_seven") == f"headcheck show ada {NAME} test_seven"
    assert command_for("ada l", NAME) == f"headcheck show 'ada l' {NAME}"
    assert set(notebooks_of(Course.open(course), "ada", NAME)) == {"submitted", "autograded"}
    assert notebooks_of(Course.open(course), "nobody", NAME) == {}
