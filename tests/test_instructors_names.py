"""Are the checker's names the instructor's, whatever the student's process does?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from nbformat import NotebookNode
from test_isolated import HONEST, LIMITS, SETUP, TEST_ONE, Grade, cell, graded, lesson, outcomes
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
        assert all("a setup or check cell binds double as well" in p for p in problems)


# Ways to bind `name` to `value`, magics among them. What stands in setup cells is the instructor's,
# what stands in answer cells can be asked of the student.
WAYS = {
    "beside_a_magic": "files = !ls\nname = value",
    "def_beside_a_magic": "%matplotlib inline\nfiles = !ls\ndef name(): return (value)()",
    "timed": "%%time\nname = value",
    "timed_line": "%time name = value",
    "in_a_branch": "if True:\n    def name(): return (value)()",
    "walrus": "[(name := each) for each in [value]]",
    "match": "match [value]:\n    case [name]: pass",
    "match_rest": "match [1, value]:\n    case [1, *name]: name = name[0]",
    "global_": "def _f():\n    global name\n    name = value\n_f()",
    "unpacked": "name, *_r = value, 1, 2",
    "with_": "import contextlib\nwith contextlib.nullcontext(value) as name: pass",
    "loop": "for name in [value]: pass",
    "class_": "class name:\n    def __new__(cls): return (value)()",
    "imported": "name = value\nfrom functools import partial as partial_name",
    "bound_again": "name = 1\ndel name\nname = value",
    "in_a_text": 'text = """\n%%bash\n!ls\n"""\nname = value if text.count("!") else None',
}


def test_is_what_a_setup_binds_in_any_way_the_instructors(graded: Grade) -> None:
    ways = {name: WAYS[name].replace("name", name).replace("value", "lambda: 1") for name in WAYS}
    ways["starred"] = (
        "import fractions as _x\nfrom headcheck.lesson.stub import *\nstarred = stub_text"
    )
    planted = "\n".join(f"{name} = lambda: 2" for name in ways)
    cells = lesson(f"{HONEST}\n{planted}\nstub_text = unanswered_by = None")
    cells[1:1] = [cell(text, "setup", f"setup_{name}") for name, text in ways.items()]
    cells += [cell(f"assert {name}() == 1", "check", f"test_{name}") for name in WAYS]
    cells += [cell("assert starred is stub_text", "check", "test_starred")]
    results, _, _ = graded(cells)
    assert {c.grade_id: c.message for c in results.values() if c.outcome != "passed"} == {}


def test_is_a_name_that_the_instructor_deleted_nobody_elses(graded: Grade) -> None:
    deleting = (
        "gone = 1\ndel gone\ntry:\n    1 / 0\nexcept ZeroDivisionError as gone_too:\n    pass"
    )
    cells = lesson(f"{HONEST}\ngone = gone_too = helper = 2")
    cells.insert(1, cell(deleting, "setup", "setup_2"))
    names = ("helper", "gone", "gone_too")
    cells += [cell(f"assert {name} == 2", "check", f"test_{name}") for name in names]
    results, _, _ = graded(cells)
    assert outcomes(results)[2:] == ["passed", "error", "error"]


def test_is_what_an_answer_cell_binds_in_any_way_asked_of_the_student(graded: Grade) -> None:
    ways = {name: WAYS[name].replace("name", name).replace("value", "lambda: 1") for name in WAYS}
    ways["async_"] = (
        "import asyncio\nasync def later(): return 1\nasync_ = lambda: 1\nawait later()"
    )
    cells = [*lesson(), *(cell(text, "answer", f"_{name}") for name, text in ways.items())]
    cells += [cell(f"assert {name}() == 1", "check", f"test_{name}") for name in ways]
    results, _, _ = graded(cells)
    assert {c.grade_id: c.message for c in results.values() if c.outcome != "passed"} == {}
