"""Does one crash cost one question, and does nothing hidden leave the checker?"""

from __future__ import annotations

import json
import os
import random
import re
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import nbformat
import pytest
from hours import in_turn, night
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from headcheck.grading.engines.isolated import IsolatedEngine
from headcheck.grading.engines.unasked import NOT_SHOWN
from headcheck.grading.running import longest_first
from headcheck.grading.submission import grade
from headcheck.grading.work import CellResult, Graded, Limits, Work
from headcheck.sandbox.forkserver import Forkserver
from headcheck.sandbox.watchdog import tree

SETUP = """
import torch
from torch import nn
from headcheck import checking, draw, hidden
class Stem(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 2, 1)
    def forward(self, x):
        return self.conv(x)
"""
HONEST = "def one(x):\n    return x + 1"
SECOND = "def two(n):\n    return nn.Sequential(nn.Flatten(), nn.Linear(n, 2))"
TEST_ONE = """
with checking("one"):
    assert one(1) == 2
    ### BEGIN HIDDEN TESTS
    secret = draw("one").randint(10**6, 10**7)
    with hidden("other numbers"):
        assert one(secret) == secret + 1
    ### END HIDDEN TESTS
"""
TEST_TWO = """
with checking("two"):
    assert two(4)(torch.ones(3, 2, 2)).shape == (3, 2)
"""
LIMITS = Limits(cell_seconds=5, submission_seconds=60, memory_mib=1024)

Grade = Callable[..., tuple[dict[str, CellResult], Graded, NotebookNode]]


def cell(source: str, role: str, grade_id: str = "") -> NotebookNode:
    made = new_code_cell(source)
    if role != "demo":
        made.metadata["nbgrader"] = {
            "schema_version": 3,
            "task": False,
            "grade_id": grade_id,
            "grade": role == "check",
            "locked": role in ("check", "setup"),
            "solution": role == "answer",
        }
    if role == "check":
        made.metadata["nbgrader"]["points"] = 2
    return made


def lesson(
    one: str = HONEST, two: str = SECOND, *, before: str = "", after: str = ""
) -> list[NotebookNode]:
    cells = [
        cell(SETUP, "setup", "setup"),
        cell(before, "demo"),
        cell(one, "answer", "one"),
        cell(TEST_ONE, "check", "test_one"),
        cell(after, "demo"),
        cell(two, "answer", "two"),
        cell(TEST_TWO, "check", "test_two"),
    ]
    return [c for c in cells if c.source]


@pytest.fixture
def graded(forkserver: Any) -> Grade:
    """Grades cells: results by grade_id, the whole result, the notebook."""
    engine = IsolatedEngine(forkserver)

    def run(cells: list[NotebookNode], **changes: Any) -> Any:
        work = Work(
            **{
                "student": "ada",
                "assignment": "a",
                "notebook_name": "a",
                "notebook": nbformat.writes(new_notebook(cells=cells)).encode(),
                "seed": 7,
                "limits": LIMITS,
                **changes,
            }
        )
        result = grade(work, engine)
        found = {c.grade_id: c for c in result.cells}
        return found, result, nbformat.reads(result.notebook.decode(), as_version=4)

    return run


def outcomes(results: dict[str, CellResult]) -> list[str]:
    return [c.outcome for c in results.values()]


def test_honest_work_gets_full_marks_and_its_outputs(graded: Grade) -> None:
    results, whole, notebook = graded(lesson(after="print('hello'); one(2)"))
    assert outcomes(results) == ["passed", "passed"] and whole.outcome == "passed"
    assert [c.score for c in whole.cells] == [2, 2]
    demo, check = notebook.cells[3].outputs, notebook.cells[2].outputs
    assert demo[0].text == "hello\n" and demo[1].data["text/plain"] == "3"
    assert "✓ one" in check[0].text


@pytest.mark.parametrize(
    ("one", "outcome"),
    [
        ("def one(x): return x", "failed"),
        ("def one(x): raise NotImplementedError('one is not answered yet')", "failed"),
        ("def one(x): return None", "failed"),
        ("def one(x): raise ValueError(x)", "error"),
        ("def one(x): return y", "error"),
        ("def other(x): return x + 1", "missing"),
        ("def one(x) return x", "error"),
        ("import os\ndef one(x): os._exit(0)", "died"),
        (
            "import os\ndef one(x): os.kill(os.getpid(), 11); import ctypes; ctypes.string_at(0)",
            "died",
        ),
        ("import sys\ndef one(x): sys.exit()", "error"),
        ("def one(x):\n    while True: pass", "timeout"),
        ("def one(x): return torch.ones(10**11).sum()", "out-of-memory"),
        ("def one(x): return 'a' * 10**7", "failed"),
        ("import os\nos._exit(0)", "died"),
        (
            "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
            "timeout",
        ),
    ],
)
@in_turn
def test_trouble_costs_one_question(graded: Grade, one: str, outcome: str) -> None:
    limits = LIMITS.model_copy(update={"cell_seconds": 3}) if outcome == "timeout" else LIMITS
    results, whole, notebook = graded(lesson(one), limits=limits)
    assert outcomes(results) == [outcome, "passed"], results["test_one"]
    assert [c.score for c in whole.cells] == [0, 2] and whole.outcome == outcome
    assert results["test_one"].message
    assert [o.output_type for o in notebook.cells[2].outputs] == ["error"]


def test_does_an_answer_run_that_was_given_to_the_compiler(graded: Grade) -> None:
    """There is no compiler in the jail, and an answer is no less right for having asked for one."""
    one = """
model = torch.compile(nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4)))
def one(x):
    return x + 1 + 0 * model(torch.ones(3, 4)).isnan().any().item()
"""
    results, _, _ = graded(lesson(one))
    assert outcomes(results) == ["passed", "passed"], results


def test_a_crash_in_a_hidden_test_does_not_take_back_earlier_points(graded: Grade) -> None:
    crash = "import os\ndef two(n): os._exit(3)"
    results, _, _ = graded(lesson(two=crash, after="shown = one(1)"))
    assert outcomes(results) == ["passed", "died"]


def test_a_replay_does_not_run_the_culprit_or_show_twice(graded: Grade) -> None:
    cells = lesson("import os\ndef one(x): os._exit(0)", after="print('once')")
    _, _, notebook = graded(cells)
    assert [o.text for o in notebook.cells[3].outputs] == ["once\n"]


def test_hidden_values_and_tests_stay_hidden(graded: Grade) -> None:
    nosy = (
        "import sys, warnings\n"
        "def one(x):\n"
        "    print('seen', x); print('seen', x, file=sys.stderr); warnings.warn(f'seen {x}')\n"
        "    import os; os.write(1, f'seen {x}'.encode()); os.system(f'echo seen {x}')\n"
        "    display(f'seen {x}')\n"
        "    raise type(f'Seen{x}', (ValueError,), {})(f'seen {x}')"
    )
    wrong = nosy.replace("    raise", "    return x + 1 if x < 10 else x\n    raise")
    for one in (nosy, wrong):
        results, whole, notebook = graded(lesson(one, after="globals().get('secret')"))
        assert results["test_one"].score == 0
        for c in notebook.cells:
            assert not re.search(r"[Ss]een ?[0-9]", json.dumps(c.outputs))
        student_sees = [
            results["test_one"].message,
            *(json.dumps(c.outputs) for c in notebook.cells),
        ]
        assert not any("secret" in text for text in student_sees)
        assert whole.outcome in ("failed", "error")


def test_a_message_names_the_line_of_the_students_code(graded: Grade) -> None:
    results, _, _ = graded(lesson("def one(x):\n    y = [x]\n    return y[3]"))
    assert "line 3 of one:  return y[3]" in results["test_one"].message
    assert "IndexError" in results["test_one"].message


def test_the_seed_makes_a_grading_the_same_again(graded: Grade) -> None:
    cells = lesson("def one(x): return x if x > 10 else x + 1")
    cells[2].source = cells[2].source.replace(
        "assert one(secret) == secret + 1", "print(secret, torch.rand(1).item())"
    )
    texts = [graded(cells, seed=seed)[2].cells[2].outputs[0].text for seed in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]


def test_partial_credit_is_the_last_value_of_a_check(graded: Grade) -> None:
    cells = lesson()
    cells[2].source += "\n1.5"
    results, whole, _ = graded(cells)
    assert results["test_one"].score == 1.5 and whole.cells[1].score == 2


def test_a_check_sees_setup_cells_and_answers_but_not_demos(graded: Grade) -> None:
    cells = lesson(before="from_demo = 1")
    cells[
        3
    ].source = (
        "assert isinstance(Stem(), nn.Module) and one(1) == 2\nassert 'from_demo' not in globals()"
    )
    assert outcomes(graded(cells)[0]) == ["passed", "passed"]


@in_turn
def test_an_answer_cannot_replace_what_the_check_uses(graded: Grade) -> None:
    planted = (
        "def one(x): return 0\n"
        "def checking(*a, **k):\n    import contextlib; return contextlib.nullcontext()\n"
        "draw = hidden = checking\n"
        "class Yes:\n    def __eq__(s, o): return True\n    __hash__ = None\n"
        "torch.allclose = torch.equal = lambda *a: True\n"
        "int.__eq__ if False else None\n"
        "import builtins; builtins.isinstance = lambda *a: True"
    )
    results, _, _ = graded(lesson(planted, two="two = lambda n: Yes()"))
    assert [c.score for c in results.values()] == [0, 0]


def test_a_setup_cell_that_fails_in_the_checker_is_the_graders_fault(graded: Grade) -> None:
    cells = lesson()
    cells[0].source += "\nif 'get_ipython' not in globals(): raise OSError('only here')"
    results, whole, _ = graded(cells)
    assert outcomes(results) == ["grader-error", "grader-error"] and whole.outcome == "grader-error"
    assert (
        "only here" in results["test_one"].detail and "only here" not in results["test_one"].message
    )


def test_huge_but_legal_layers_cost_only_their_check(graded: Grade) -> None:
    huge = (
        "def two(n):\n"
        "    m = nn.Sequential(nn.AdaptiveAvgPool2d(1))\n"
        "    m[0].output_size = 10**5\n"
        "    return m"
    )
    cells = [*lesson(two=huge), cell(TEST_ONE, "check", "test_one_again")]
    results, _, _ = graded(cells)
    assert outcomes(results)[0] == outcomes(results)[2] == "passed"
    assert results["test_two"].score == 0


@in_turn
def test_the_whole_submission_has_a_limit_too(graded: Grade) -> None:
    cells = lesson(before="while True: pass")
    limits = Limits(cell_seconds=4, submission_seconds=2, wall_factor=1000)
    results, _, notebook = graded(cells, limits=limits)
    assert set(outcomes(results)) == {"timeout"} and "limit of 2 s" in results["test_two"].message
    assert len(notebook.cells) == len(cells)


def test_a_notebook_that_only_waits_ends_too(graded: Grade) -> None:
    cells = lesson(before="import time; time.sleep(1e6)")
    limits = Limits(cell_seconds=4, submission_seconds=1, wall_factor=3)
    results, _, _ = graded(cells, limits=limits)
    assert set(outcomes(results)) == {"timeout"}
    assert "did not end within 3 s" in results["test_two"].message


def test_the_submissions_files_are_there(graded: Grade) -> None:
    cells = lesson("import helper_of_mine\none = helper_of_mine.one")
    files = {"helper_of_mine.py": HONEST.encode()}
    assert outcomes(graded(cells, files=files)[0]) == ["passed", "passed"]


# ---- what a check has asked ----------------------------------------------------------------------

KEEPS = "SEEN = []\ndef one(x):\n    SEEN.append(x)\n    return x + 1"
ASKED = str(random.Random("7/one").randint(10**6, 10**7))  # what test_one draws with seed 7


@pytest.mark.parametrize(
    "after",
    [
        "print(SEEN)",
        "SEEN",
        "raise ValueError(SEEN)",
        "get_ipython().execution_count = SEEN[-1]",
        "get_ipython().execution_count = SEEN[-1]; print('x')",
        "import os; print(SEEN, flush=True); os._exit(0)",
        "import time\nprint(SEEN, flush=True)\nwhile True: time.sleep(1)",
        "import os; os.system(f'echo {SEEN}')",
        "import os; os._exit(SEEN[-1] % 250)",
        "import os, signal; os.kill(os.getpid(), 1 + SEEN[-1] % 15)",
        "open('seen', 'w').write(str(SEEN)); print(open('seen').read())",
        "display(SEEN, display_id='first', update=True)",
    ],
)
def test_a_later_cell_cannot_show_what_a_check_has_asked(graded: Grade, after: str) -> None:
    early = "from IPython.display import display\ndisplay('early', display_id='first')"
    # (Only the one that never ends needs a limit; a busy machine is not to reach it before.)
    limits = LIMITS.model_copy(update={"cell_seconds": 1.5, "wall_factor": 3})
    results, whole, _ = graded(lesson(KEEPS, before=early, after=after), limits=limits)
    assert outcomes(results) == ["passed", "passed"]
    assert ASKED not in whole.model_dump_json()


@pytest.mark.parametrize(
    "ways",
    [
        [
            "os._exit(0)",
            "os._exit(77)",
            "import ctypes; ctypes.string_at(0)",
            "os.abort()",
            "os.closerange(3, 99)",
        ],
        ["raise KeyError", "raise ValueError", "raise MyOwn", "1 / 0"],
        ["get_ipython().execution_count = 0", "get_ipython().execution_count = 40", "pass"],
    ],
)
@in_turn
def test_is_all_that_is_said_of_a_later_cell_the_same_however_it_ends(
    graded: Grade, ways: list[str]
) -> None:
    """Each way would carry a part of what a check has asked."""
    said = set()
    for way in ways:
        after = f"import os\nclass MyOwn(Exception): pass\nif SEEN: {way}"
        results, whole, notebook = graded(lesson(KEEPS, f"{after}\ntwo = None", after=after))
        told = notebook.cells[3]
        shown = [told.outputs, told.execution_count, results["test_two"].message, whole.notes]
        said.add(json.dumps(shown))
    assert len(said) == 1


def test_the_name_of_an_exception_does_not_show_it_either(graded: Grade) -> None:
    two = "raise type(f'E{SEEN[-1]}', (Exception,), {})" + "\ndef two(n): pass"
    results, whole, _ = graded(lesson(KEEPS, two))
    assert outcomes(results) == ["passed", "error"]
    assert ASKED not in whole.model_dump_json()


def test_outputs_before_and_after_a_check_are_kept(graded: Grade) -> None:
    """Made by one process before it was asked, and by another afterwards, which ran all of it."""
    cells = lesson(before="n = 5; print('before')", after="n += 1\nprint('after', n)\none(n)")
    _, _, notebook = graded(cells)
    assert notebook.cells[1].outputs[0].text == "before\n"
    text, value = notebook.cells[4].outputs
    assert (text.text, value.data["text/plain"]) == ("after 6\n", "7")
    assert [notebook.cells[n].execution_count for n in (0, 1, 2, 4, 5)] == [1, 2, 3, 4, 5]


def test_a_later_cell_can_still_change_what_an_earlier_one_displays(graded: Grade) -> None:
    early = "from IPython.display import display\ndisplay('early', display_id='first')"
    after = "display('late', display_id='first', update=True)\nprint('changed')"
    _, _, notebook = graded(lesson(before=early, after=after))
    assert notebook.cells[1].outputs[0].data["text/plain"] == "'late'"


def test_a_cell_that_runs_too_long_is_not_run_a_second_time(graded: Grade) -> None:
    after = "import time\nprint('slow', flush=True)\nwhile True: time.sleep(1)"
    limits = LIMITS.model_copy(
        update={"cell_seconds": 1.5, "submission_seconds": 20, "wall_factor": 2}
    )
    start = time.monotonic()
    _, _, notebook = graded([*lesson(after=after), cell("print('end')", "demo")], limits=limits)
    assert [o.output_type for o in notebook.cells[3].outputs] == ["error"]
    assert notebook.cells[-1].outputs[0].text == "end\n"
    assert time.monotonic() - start < 15


def test_a_demo_that_runs_last_can_hurt_nothing(graded: Grade) -> None:
    """It is shown after all that counts, in a process of its own; what comes after it says so."""
    cells = lesson(before="n = 5; print('before')", after="import os; os._exit(1)")
    cells.append(cell("print('end')", "demo"))
    for demo in (cells[1], cells[4], cells[-1]):
        demo.metadata["tags"] = ["runs-last"]
    results, whole, notebook = graded(cells)
    assert outcomes(results) == ["passed", "passed"]
    assert notebook.cells[1].outputs[0].text == "before\n"
    assert notebook.cells[4].outputs[0].ename == "DeadKernelError"
    assert notebook.cells[-1].outputs[0].text == NOT_SHOWN
    assert whole.outcome == "passed"


@night("by day test_forkserver.py says what it is, and a killed one of a cluster is replaced")
def test_is_the_death_of_the_forkserver_nobodys_fault() -> None:
    """Killed in the middle of a notebook, with all its children, it is replaced; this one runs again."""
    engine = IsolatedEngine(Forkserver.start(), anew=Forkserver.start)
    first = engine.server

    def kill_it() -> None:
        while not (sleeping := [one for one in longest_first() if one.cell == "slow"]):
            time.sleep(0.05)
        assert sleeping[0].student == "ada"
        for pid in tree(first.process.pid)[1:]:  # the program bwrap itself goes on
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    slow = cell("import time; time.sleep(1)", "setup", "slow")
    work = Work(
        student="ada",
        assignment="a",
        notebook_name="a",
        notebook=nbformat.writes(new_notebook(cells=[slow, *lesson()])).encode(),
        seed=7,
        limits=LIMITS,
    )
    killer = threading.Thread(target=kill_it)
    killer.start()
    try:
        graded = grade(work, engine)
        assert [c.outcome for c in graded.cells] == ["passed", "passed"], graded.notes
        assert engine.server is not first
    finally:
        killer.join()
        engine.close()
    assert grade(work, engine).outcome == "grader-error"  # who ends the grading gets no new one


@pytest.mark.parametrize(
    "asks", ["number = input()", "breakpoint()", "import pdb; pdb.set_trace()"]
)
def test_is_it_said_that_an_answer_asks_a_person(graded: Grade, asks: str) -> None:
    results, _, _ = graded(lesson(f"{asks}\n{HONEST}"))
    assert "the cell asks a person (input(), a debugger), and none is there" in (
        results["test_one"].message
    )
    assert results["test_two"].outcome == "passed"


def test_is_an_answer_that_stops_itself_told_in_words(graded: Grade) -> None:
    results, _, _ = graded(lesson("def one(x):\n    raise KeyboardInterrupt"))
    assert results["test_one"].outcome == "error"
    assert "line 2 of one" in results["test_one"].message
    assert results["test_two"].outcome == "passed"
