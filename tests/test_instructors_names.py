"""Are the checker's names the instructor's, whatever the student's process does?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from nbformat import NotebookNode
from test_isolated import LIMITS, SETUP, TEST_ONE, Grade, cell, graded, lesson, outcomes
from tiny_course import LESSON, make_course

from headcheck.authoring.verify import contract
from headcheck.course.directory import Course
from headcheck.course.instructor import names_of_the_instructor

__all__ = ["graded"]  # the fixture

# Right answers for who believes these: every number drawn is 1, and nothing is ever checked.
PLANTED = """
import torch
class Always(torch.nn.Module):
    def randint(self, low, high):
        return 1
def checking(*args, **kwargs):
    return torch.device("cpu")
def draw(*args):
    return Always()
hidden = checking
def one(x):
    return 2
"""
TWO = "from torch import nn\ndef two(n):\n    return nn.Sequential(nn.Flatten(), nn.Linear(n, 2))"
ON_SETUP = """
import os, signal
def end():
    {0}
get_ipython().events.register(
    "pre_run_cell", lambda info: end() if "class Stem" in info.raw_cell else None
)
"""


@pytest.mark.parametrize(
    "end",
    [
        "os._exit(0)",
        "os.abort()",
        "signal.signal(signal.SIGINT, signal.SIG_IGN); any(iter(int, 1))",
        "kept = [b'x' * 2**28 for _ in range(64)]; os._exit(1)",
        "import ctypes; ctypes.string_at(0)",
        "raise KeyboardInterrupt",
    ],
)
def test_does_the_setup_run_in_the_checker_when_the_process_ends_in_it(
    graded: Grade, end: str
) -> None:
    limits = LIMITS.model_copy(update={"cell_seconds": 2})
    cells = lesson(PLANTED, TWO, before="print(1)")
    cells.insert(0, cell(ON_SETUP.format(end), "demo"))
    results, _, _ = graded(cells, limits=limits)
    assert [c.score for c in results.values()] == [0, 2], results


@pytest.mark.parametrize("role", ["answer", "demo"])
@pytest.mark.parametrize("where", ["before", "after"])
def test_does_no_cell_of_the_students_bind_an_instructors_name(
    graded: Grade, role: str, where: str
) -> None:
    mine = cell(PLANTED.replace("def one", "def three"), role, "three")
    cells = lesson("def one(x):\n    return 2", TWO)
    cells.insert(0 if where == "before" else 1, mine)
    results, _, _ = graded(cells)
    assert [c.score for c in results.values()] == [0, 2], results


@pytest.mark.parametrize("name", ["torch.py", "headcheck/__init__.py"])
def test_may_the_setup_fail_beside_the_student_alone(graded: Grade, name: str) -> None:
    results, _, _ = graded(
        lesson(PLANTED.replace("import torch", "import sys"), TWO),
        files={name: b"raise SystemExit"},
    )
    assert [c.outcome for c in results.values()] != ["grader-error", "grader-error"]
    assert results["test_one"].score == 0


def test_does_every_check_after_a_failed_setup_say_that_it_is_our_fault(graded: Grade) -> None:
    """Also the twentieth: none of them is a restart, and none is zero points in silence."""
    cells = lesson()
    cells.insert(3, cell("raise OSError('only here')", "setup", "setup_later"))
    cells += [cell(TEST_ONE, "check", f"test_one_{n}") for n in range(20)]
    results, whole, _ = graded(cells)
    assert outcomes(results) == ["passed", *["grader-error"] * 21]
    assert whole.outcome == "grader-error"
    assert "setup_later" in results["test_one_19"].detail


def test_is_a_setup_that_takes_too_long_our_fault(graded: Grade) -> None:
    cells = lesson()
    cells[0].source += "\nif 'get_ipython' not in globals(): any(iter(int, 1))"
    limits = LIMITS.model_copy(update={"cell_seconds": 1})
    results, _, _ = graded(cells, limits=limits)
    assert outcomes(results) == ["grader-error", "grader-error"]


def test_is_an_answer_named_like_the_graders_own_no_verdict(graded: Grade) -> None:
    cells = lesson()
    cells.insert(1, cell("def checking(*args): return torch.device('cpu')", "answer", "checking"))
    assert outcomes(graded(cells)[0]) == ["grader-error", "grader-error"]


def test_is_an_answer_that_the_setup_also_binds_the_students(graded: Grade) -> None:
    """An answer may stand for a function that the setup imports: it is the one that is judged."""
    setup = SETUP + "def one(x):\n    return x + 1\n"
    for one, score in (("pass", 2), ("def one(x): return 0", 0), ("def one(x): return 1 + x", 2)):
        cells = lesson(one)
        cells[0].source = setup + "one_too = one\n"
        assert graded(cells)[0]["test_one"].score == score


def test_which_names_are_the_instructors() -> None:
    def found(*cells: NotebookNode) -> Any:
        return names_of_the_instructor(cells)

    setup = "%matplotlib inline\nimport a.b, c as d\nif random:\n    from e import f\nx, *y = 1, 2"
    more = "for i in z:\n    pass\nclass G:\n    h = 1\ndef j():\n    global k\n    k = m = 1"
    names = found(cell(setup, "setup", "s"), cell(more, "check", "test_one"))
    assert names == {"a", "d", "f", "x", "y", "i", "G", "j", "k"}
    assert found(cell("checking = 1", "answer", "one"), cell("draw = 2", "demo")) == set()


@pytest.mark.parametrize("line", ["from operator import neg as double", "def double(x): ..."])
def test_does_the_build_refuse_a_setup_that_binds_an_answers_name(
    tmp_path: Path, line: str
) -> None:
    place = "from headcheck.seed import draw\n"
    for text, count in ((LESSON, 0), (LESSON.replace(place, f"{place}{line}\n"), 1)):
        course = make_course(tmp_path / str(count), lesson=text)
        problems = contract(Course.open(course).select()[0])
        assert len(problems) == count
        assert all("double: a setup or check cell binds this name" in p for p in problems)
