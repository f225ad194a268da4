"""Is what is the same for everybody computed once, and by nobody who has met a student?"""

from __future__ import annotations

import random
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from nbformat import NotebookNode
from test_isolated import HONEST, Grade, cell, graded  # noqa: F401  # a fixture

from headcheck import once_for_all
from headcheck.grading.work import Limits
from headcheck.lesson import once_for_all as module
from headcheck.sandbox.forkserver import Forkserver

# Not the same each time, so that it shows who has computed it.
SETUP = """
import os
from headcheck import checking, once_for_all
@once_for_all
def number():
    return os.urandom(8).hex()
"""
CHECK = """
with checking("one"):
    assert one(1) == 2
    print(number())
"""
SPOILS = """
import headcheck.lesson.once_for_all as its
print("of the student", number(), {lesson: sorted(held) for lesson, held in its._kept.items()})
its._kept.clear(), its._functions.clear()
number = lambda: "forged"
"""


def lesson(setup: str = SETUP, answer: str = HONEST, before: str = "") -> list[NotebookNode]:
    return [
        cell(setup, "setup", "setup"),
        *([cell(before, "demo")] if before else []),
        cell(answer, "answer", "one"),
        cell(CHECK, "check", "test_one"),
    ]


def printed(cells: list[NotebookNode]) -> str:
    """The first line that the check has printed."""
    return str(cells[-1].outputs[0].text.splitlines()[0])


def test_is_it_computed_once_for_all_submissions(graded: Grade) -> None:  # noqa: F811
    found = {printed(graded(lesson(), student=name)[2].cells) for name in ("ada", "ben", "cy")}
    assert len(found) == 1 and len(found.pop()) == 16


def test_is_it_another_one_for_other_setup_cells_and_other_files(graded: Grade) -> None:  # noqa: F811
    first = printed(graded(lesson())[2].cells)
    other = printed(graded(lesson(SETUP + "ROWS = 3\n"))[2].cells)
    third = printed(graded(lesson(), lesson_files={"rows.csv": b"1,2\n"})[2].cells)
    assert len({first, other, third}) == 3


def test_can_a_student_change_what_the_others_get(graded: Grade) -> None:  # noqa: F811
    before = printed(graded(lesson())[2].cells)
    results, _, notebook = graded(lesson(before=SPOILS))
    assert results["test_one"].outcome == "passed"
    assert printed(notebook.cells) == printed(graded(lesson())[2].cells) == before
    assert before not in notebook.cells[1].outputs[0].text  # that process computes its own


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        ("raise ValueError('no data')", "error"),
        ("return lambda: 1", "passed"),
        ("random.random(); return os.urandom(8).hex()", "passed"),
        ("return os.urandom(3 << 20).hex()", "passed"),
    ],
    ids=["raises", "cannot be pickled", "draws", "is large"],
)
def test_what_cannot_be_kept_is_computed_for_each(
    graded: Grade,  # noqa: F811
    body: str,
    outcome: str,
) -> None:
    setup = SETUP.replace("import os", "import os, random").replace(
        "return os.urandom(8).hex()", body
    )
    found = [graded(lesson(setup), student=name) for name in ("ada", "ben")]
    assert [results["test_one"].outcome for results, _, _ in found] == [outcome] * 2
    if outcome == "passed":
        first, second = (printed(notebook.cells)[:200] for _, _, notebook in found)
        assert first != second or "lambda" in first


def test_are_small_results_kept_where_others_are_too_large_together(graded: Grade) -> None:  # noqa: F811
    large = "\n@once_for_all\ndef large_{0}():\n    return os.urandom(1_900_000)\n"
    setup = SETUP + large.format(1) + large.format(2)
    found = {printed(graded(lesson(setup), student=name)[2].cells) for name in ("ada", "ben")}
    assert len(found) == 1


def test_a_lesson_that_takes_too_long_there_is_graded_all_the_same(graded: Grade) -> None:  # noqa: F811
    """Each submission then has the limits, and the verdicts, that it would have without."""
    setup = SETUP.replace("return os.urandom(8).hex()", "while True: pass")
    check = [cell("with checking('one'):\n    assert one(1) == 2", "check", "test_one")]
    limits = Limits(cell_seconds=1, submission_seconds=60, memory_mib=1024)
    results, _, _ = graded([*lesson(setup)[:-1], *check], limits=limits)
    assert results["test_one"].outcome == "passed"


def test_another_forkserver_computes_it_anew() -> None:
    with Forkserver.start(libraries=()) as server:
        assert not server.keeps("a lesson")
        server.keep("a lesson", {})
        assert server.keeps("a lesson") and not server.keeps("another")
        for number in range(40):
            server.keep(f"lesson {number}", {})
        assert not server.keeps("a lesson") and server.keeps("lesson 39")


# ---- on a student's machine ----------------------------------------------------------------------


@pytest.fixture
def nothing_known(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("_functions", "_kept", "_mine"):
        monkeypatch.setattr(module, name, {})
    yield


def test_the_first_call_computes_it_and_later_ones_know_it(nothing_known: None) -> None:
    calls = []

    @once_for_all
    def body() -> torch.Tensor:
        """Weights."""
        calls.append(1)
        return torch.ones(2)

    assert body() is body() and calls == [1] and body.__doc__ == "Weights."


def test_what_is_kept_is_what_was_computed(nothing_known: None) -> None:
    def made() -> tuple[object, list[int]]:
        calls: list[int] = []

        @once_for_all
        def body() -> torch.nn.Module:
            calls.append(1)
            with torch.random.fork_rng():
                torch.manual_seed(0)
                return torch.nn.Sequential(
                    torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2)
                ).requires_grad_(False)

        return body, calls

    body, calls = made()
    module.keep("a lesson", module.compute_all())
    again, calls_again = made()
    module.begin("a lesson")
    x = torch.randn(4, 3)
    assert torch.equal(again()(x), body()(x))  # type: ignore[operator]
    assert not any(p.requires_grad for p in again().parameters())  # type: ignore[operator]
    assert (calls, calls_again) == ([1], [])
    module.begin("another lesson")
    another, calls_of_another = made()
    another()  # type: ignore[operator]
    assert calls_of_another == [1]


@pytest.mark.parametrize(
    "draw", [random.random, np.random.rand, lambda: torch.rand(1)], ids=["python", "numpy", "torch"]
)
def test_what_draws_at_random_is_not_kept(nothing_known: None, draw: object) -> None:
    @once_for_all
    def number() -> int:
        draw()  # type: ignore[operator]
        return 1

    assert module.compute_all() == {} and number() == 1
