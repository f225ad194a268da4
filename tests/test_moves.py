"""Does a grading after a fix say whose mark moved, and a stale build that it is one?"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from in_process import InProcess
from once import once
from test_grade import FULL, build, submit
from test_marked import mark
from tiny_course import LESSON, NAME, add_lesson

from headcheck.authoring import release
from headcheck.course.directory import Course, Lesson
from headcheck.desk.grade import grade_command
from headcheck.desk.moves import move
from headcheck.grading.gradebook import Mark
from headcheck.grading.pool import LocalPool
from headcheck.grading.record import KEPT, Record, load_record, save_record
from headcheck.grading.work import CellResult

WRONG = LESSON.replace("expect(seven == 7,", "expect(seven == 8,")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course whose test of `seven` is wrong, as built."""
    good = once(tmp_path_factory, "built", build) / "course"
    course = Path(shutil.copytree(good, tmp_path_factory.mktemp("moves") / "course"))
    rebuild(course, WRONG)
    return course


def rebuild(course: Path, lesson: str) -> None:
    add_lesson(course, NAME, lesson)
    release.build(Lesson(Course.open(course), NAME))


@pytest.fixture
def course(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "course"))


def grade(course: Path, *, force: bool = False) -> list[dict]:
    out = course / "out.json"
    pool = LocalPool(InProcess(), 1)
    grade_command(Course.open(course), [NAME], [], force=force, json_file=out, pool=pool)
    return json.loads(out.read_text())


def test_is_it_said_which_marks_moved_and_that_the_build_was_older(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    submit(course, "ada", FULL)
    submit(course, "bob", FULL | {"seven": "seven = 8"})
    submit(course, "cy", FULL)
    submit(course, "dee", FULL | {"seven": "seven = 9"})
    first = grade(course)
    said = capsys.readouterr()
    assert [one["moved"] for one in first] == [None] * 4
    assert "moved" not in said.out
    assert "was changed after it was built" not in said.err
    mark(course, "why_twice", 2)
    mark(course, "test_seven", 0.5, student="cy")

    add_lesson(course, NAME, LESSON)
    again = grade(course)
    said = capsys.readouterr()
    assert [one["moved"] for one in again] == [None] * 4
    lines = [line for line in said.err.splitlines() if "source/" in line]
    assert lines == [
        f"headcheck: source/{NAME} was changed after it was built, so its older tests grade; run "
        f"`headcheck build {NAME}` and grade again."
    ]

    rebuild(course, LESSON)
    moved = {one["student"]: one["moved"] for one in grade(course)}
    said = capsys.readouterr()
    assert "was changed after it was built" not in said.err
    assert moved["dee"] is None
    assert (moved["ada"]["before"], moved["ada"]["after"]) == (5, 6)
    assert (moved["bob"]["before"], moved["bob"]["after"]) == (4, 3)
    assert (moved["cy"]["before"], moved["cy"]["after"]) == (3.5, 3.5)
    (check,) = moved["cy"]["checks"]
    assert check == {
        "grade_id": "test_seven",
        "before": 0,
        "after": 1,
        "kept": 0.5,
        "said": "seven is 7",
        "says": "passed",
        "extra": 0,
    }
    assert moved["ada"]["why"] == "the lesson was changed, other hidden sizes"
    table = said.out[said.out.index("Marks that moved") :]
    assert table.index("bob") < table.index("cy") < table.index("ada")  # losers first
    assert "4 -> 3" in table
    assert "seven is 7; now: passed (mark by hand 0.5 kept)" in table
    assert "1 up (+1 point), 1 DOWN (-1 point), 1 kept by hand" in table


def test_has_one_file_of_several_one_result(course: Path) -> None:
    """A group's: other hidden sizes for each of them could be another mark for each."""
    for student, answers in {"ada": FULL, "bob": FULL, "cy": FULL | {"seven": "seven = 8"}}.items():
        submit(course, student, answers)
    grade(course)
    records = [load_record(Course.open(course), who, NAME) for who in ("ada", "bob", "cy")]
    ada, bob, cy = (record.seed for record in records if record is not None)
    assert ada == bob != cy


def test_does_a_copied_or_touched_source_warn_nobody(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = course / "source" / NAME / f"{NAME}.py"
    text.touch()
    lesson = Lesson(Course.open(course), NAME)
    assert not release.changed_since_built(lesson)
    (text.parent / "helper.py").write_text("HELP = 1\n")
    assert release.changed_since_built(lesson)


def result(score: float, outcome: str = "passed") -> Record:
    cell = CellResult(notebook=NAME, grade_id="t", score=score, max_score=2, outcome=outcome)
    return Record(
        student="ada",
        assignment=NAME,
        key="",
        outcome=outcome,
        cells=[cell],
        engine="isolated",
        seed=int(score),
        seconds=1,
        peak_memory_mib=None,
        notes=[],
        graded_at="2026-11-26T12:00:00Z",
    )


def test_is_a_fault_of_ours_no_lost_mark_in_silence() -> None:
    found = move(result(0, "grader-error"), result(2), {"t": Mark(2), "why": Mark(None, 1.5)})
    assert found is not None
    assert (found.before, found.after, found.checks[0].after) == (3.5, 1.5, None)
    assert move(result(2), result(2), {"t": Mark(2)}) is None
    assert move(result(2), None, {}) is None


def test_does_a_record_keep_a_short_history(course: Path) -> None:
    opened = Course.open(course)
    for score in range(KEPT + 4):
        save_record(opened, result(score / 8))
    found = load_record(opened, "ada", NAME)
    assert found is not None
    assert [past.cells["t"][0] for past in found.history] == [n / 8 for n in range(3, KEPT + 3)]
