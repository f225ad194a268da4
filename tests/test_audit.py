"""Does the audit find the mistakes that the checks of a lesson let live, and only those?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hours import in_turn
from tiny_course import LESSON, NAME, add_lesson, headcheck, make_course, run_python

from headcheck.authoring.audit import audit
from headcheck.course.directory import Course

GAPS = """
# %% nbgrader={"grade": false, "grade_id": "kept", "locked": false, "schema_version": 3, "solution": true, "task": false}
def kept(numbers, least=0, sort=False):
    \"\"\"The numbers above `least`.\"\"\"
    ### BEGIN SOLUTION
    found = []
    place = 0
    while place < len(numbers):
        if numbers[place] > least:
            found.append(numbers[place])
        place += 1
    if sort:
        found = sorted(found)
    return found + []  # audit: equivalent [operand dropped]: nothing is added
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_kept", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with checking("kept"):
    expect(kept([1, -1, 3]) == [1, 3], "kept")
    ### BEGIN HIDDEN TESTS
    rng = draw("kept")
    with hidden("another limit"):
        least = rng.choice([1, 2])
        expect(kept([1, 2, 3, 5], least=least) == [n for n in (1, 2, 3, 5) if n > least], "kept")
        expect(kept([5, 3], sort=True) == [3, 5], "kept")
    ### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_kept_again", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with checking("kept"):
    expect(len(kept([1, 3])) == 2, "kept")
"""


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_course(tmp_path_factory.mktemp("audit") / "course", lesson=LESSON + GAPS)


@pytest.fixture(scope="module")
def told(course: Path) -> tuple[str, dict[str, Any]]:
    done = headcheck(course, "audit", "--check", "--draws", "4", "--json", "audit.json")
    assert done.returncode == 1, done.stderr
    (found,) = json.loads((course / "audit.json").read_text())
    return done.stdout, found


def changes(found: dict[str, Any], *, justified: bool = False) -> list[str]:
    return [
        "\n".join(one["diff"])
        for one in found["survivors"]
        if (one["justified"] is not None) == justified
    ]


@in_turn
def test_is_a_gap_shown_as_a_diff(told: tuple[str, dict[str, Any]]) -> None:
    text, found = told
    # `least` is never tried together with `sort`.
    gap = "+     if not sort is False:\n+         least = 0"
    assert gap in changes(found)
    assert "".join(f"    {line}\n" for line in gap.splitlines()) in text
    assert "kept, line 4 of the cell, option ignored beside another: alive in all 4 draws" in text


def test_is_what_the_checks_see_not_shown(told: tuple[str, dict[str, Any]]) -> None:
    for seen in (
        "numbers[place] >= least",
        "return numbers",
        "twice_as_much = x - x",
        "return None",
    ):
        assert not any(f"+     {seen}" in change for change in changes(told[1]))
    assert told[1]["killed"] > 0.8 * told[1]["mutants"] > 40


def test_does_an_endless_mutant_end(told: tuple[str, dict[str, Any]]) -> None:
    # Two that never come to an end: the place that does not move, the condition that stays true.
    assert not any("+     while True" in change for change in changes(told[1]))


def test_is_each_check_told_what_it_is_good_for(told: tuple[str, dict[str, Any]]) -> None:
    text, found = told
    assert found["checks"]["test_kept"]["alone"] > 0
    assert found["checks"]["test_kept_again"] == {
        "kills": found["checks"]["test_kept_again"]["kills"],
        "alone": 0,
    }
    (line,) = (line for line in text.splitlines() if line.split()[:1] == ["test_kept_again"])
    assert "nothing that no other check kills" in line


def test_is_a_reason_believed(told: tuple[str, dict[str, Any]]) -> None:
    assert changes(told[1], justified=True) == ["-     return found + []\n+     return found"]


def test_is_what_has_a_reason_tried_in_all_draws_once_the_reason_is_gone(tmp_path: Path) -> None:
    lesson = """
# %% nbgrader={"grade": false, "grade_id": "twice", "locked": false, "schema_version": 3, "solution": true, "task": false}
def twice(x):
    ### BEGIN SOLUTION
    return x + x + 0  # audit: equivalent: for a try
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_twice", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with checking("twice"):
    expect(twice(3) > 2, "twice")
"""
    course = make_course(tmp_path / "course", lesson=LESSON + lesson)

    def lived() -> set[int]:
        (found,) = audit(Course.open(course).lessons(), draws=3, jobs=2, say=print)
        return {one.draws for one in found.tried if one.answer == "twice" and one.alive}

    assert lived() == {1}
    text = course / "source" / NAME / f"{NAME}.py"
    text.write_text(text.read_text().replace("  # audit: equivalent: for a try", ""))
    assert lived() == {3}


def test_does_a_second_audit_try_nothing_again(course: Path, told: object) -> None:
    def never(text: str) -> None:
        raise AssertionError(text)

    files = {f: f.stat().st_mtime_ns for f in (course / ".headcheck" / "audit").rglob("*.jsonl")}
    (again,) = audit(Course.open(course).select(), draws=4, jobs=1, say=never)
    assert again.survivors()
    assert {f: f.stat().st_mtime_ns for f in files} == files


def test_does_a_stopped_audit_go_on(course: Path, told: tuple[str, dict[str, Any]]) -> None:
    (file,) = (course / ".headcheck" / "audit" / NAME).glob("double.*.jsonl")
    lines = file.read_text().splitlines()
    file.write_text("\n".join([*lines[:-3], lines[-3][:40]]))  # the last torn by the stop
    done = headcheck(course, "audit", "--draws", "4", "--json", "again.json")
    assert done.returncode == 0, done.stderr
    (again,) = json.loads((course / "again.json").read_text())
    assert again == told[1]
    assert len(file.read_text().splitlines()) == len(lines) + 2  # the torn one, the list of mutants


def test_does_the_owner_stay_without_torch(course: Path, told: object) -> None:
    code = (
        "import sys; sys.argv = ['headcheck', 'audit', '--draws', '4']\n"
        "from headcheck.cli import app\n"
        "try: app()\n"
        "except SystemExit: pass\n"
        "print('torch' in sys.modules)"
    )
    assert run_python(course, "-c", code).stdout.splitlines()[-1] == "False"


BREAKS = {
    "a reference that one draw in three fails": (
        "secret_number = rng.randint(5, 50)",
        "secret_number = rng.choice([5, 6, 'x' * 3]); len(str(secret_number)) < 3 or 1 / 0",
        "test_double: the reference itself does not pass with the sizes of",
    ),
    "a setup that fails": ("def expect(ok, checked):", "1 / 0\ndef expect(ok, checked):", "setup (line 6 of the cell): ZeroDivisionError"),
    "a reason that says nothing": ("return twice_as_much\n", "return twice_as_much  # audit: equivalent\n", "says no reason"),
}  # fmt: skip


@pytest.mark.parametrize("what", BREAKS)
def test_is_it_said_what_keeps_a_lesson_from_being_tried(tmp_path: Path, what: str) -> None:
    old, new, message = BREAKS[what]
    add_lesson(make_course(tmp_path), NAME, LESSON.replace(old, new))
    (found,) = audit(Course.open(tmp_path).select(), draws=6, jobs=2, say=print)
    assert any(message in problem for problem in found.problems), found.problems
