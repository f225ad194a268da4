"""What does a student read when a check fails?"""

from __future__ import annotations

import functools
import re
import sys
import types

import nbformat
import pytest
import torch
from nbclient import NotebookClient

from headcheck import CheckFailed, checking, draw, hidden
from headcheck.lesson.failures import AnswerMissing, AnswerRaised, NotAnswered, WriteItYourself
from headcheck.lesson.forbid import forbidding


def failing(run, **options):
    with pytest.raises(CheckFailed) as caught, checking("solve", **options):
        run()
    return caught.value


def raising(error):
    def run(*args):
        raise error

    return run


def test_a_message_says_what_was_checked_then_got_expected_cause_and_place():
    failure = CheckFailed("the sum", got=3, expected=4, cause="one is missing", look="the loop")
    assert str(failure).splitlines() == [
        "✗ the sum",
        "  got       3",
        "  expected  4",
        "  likely    one is missing",
        "  look at   the loop",
    ]


def test_a_passed_check_praises(capsys):
    with checking("solve"):
        pass
    assert "✓ solve" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("error", "kind", "text"),
    [
        (NotImplementedError("solve is not answered yet"), NotAnswered, "not answered"),
        (NameError("name 'solve' is not defined", name="solve"), AnswerMissing, "not defined"),
        (NameError("name 'x' is not defined", name="x"), AnswerRaised, "NameError"),
        (ValueError("too small"), AnswerRaised, "too small"),
        (SystemExit("bye"), AnswerRaised, "SystemExit"),
        (KeyboardInterrupt(), AnswerRaised, "stopped before it was done"),
    ],
)
def test_what_goes_wrong_becomes_words(error, kind, text):
    failure = failing(raising(error))
    assert type(failure) is kind
    assert text in str(failure)


def test_a_missing_forward_is_no_unanswered_stub():
    failure = failing(lambda: torch.nn.ModuleList()(torch.ones(1)))
    assert type(failure) is AnswerRaised
    assert "forward" in str(failure)


def test_an_exception_that_cannot_say_its_text_is_reported_all_the_same():
    class Mute(Exception):
        def __str__(self):
            raise RuntimeError

    assert "Mute" in str(failing(raising(Mute())))


@pytest.mark.parametrize(
    "error",
    [
        CheckFailed("f(42)", got=42, expected=43, table=["42 | 43"], cause="c", look="l"),
        ValueError("42"),
        SystemExit(42),
    ],
)
def test_hidden_values_stay_hidden_but_the_ta_sees_them(error):
    def run():
        with hidden("other sizes"):
            raise error

    failure = failing(run)
    assert "42" not in str(failure)
    assert "other sizes" in str(failure)
    assert "42" in (failure.detail or "")


def test_an_unanswered_stub_is_unanswered_in_a_hidden_check_too():
    def run():
        with hidden("other sizes"):
            raise NotImplementedError("solve is not answered yet")

    assert isinstance(failing(run), NotAnswered)


def test_draws_are_the_same_for_the_same_seed_and_purpose(monkeypatch):
    from headcheck.seed import set_seed

    monkeypatch.setattr(sys.modules["headcheck.seed"], "_seed", None)  # and back afterwards
    set_seed(7)
    first = [draw("a").random(), draw("b").random()]
    set_seed(7)
    assert [draw("a").random(), draw("b").random()] == first
    assert first[0] != first[1]
    set_seed(8)
    assert draw("a").random() != first[0]


# ---- library functions that may not be called ----------------------------------------------------


@pytest.fixture
def library(monkeypatch):
    """A module with the kinds of things a library has."""
    module = types.ModuleType("finished_library")
    exec(
        "import functools\n"
        "def plain(a, b=1): return a + b\n"
        "def outer():\n"
        "    secret = 5\n"
        "    def inner(a): return a + secret\n"
        "    return inner\n"
        "closed = outer()\n"
        "partial = functools.partial(plain, 1)\n"
        "class Thing:\n"
        "    def __init__(self, a): self.a = a\n"
        "    def forward(self): return self.a\n"
        "class Heir(Thing): pass\n",
        module.__dict__,
    )
    monkeypatch.setitem(sys.modules, "finished_library", module)
    return module


@pytest.mark.parametrize("name", ["plain", "closed", "partial", "Thing", "Heir"])
def test_a_forbidden_name_raises_and_is_whole_again_afterwards(library, name):
    before = getattr(library, name)
    works = before(1)
    called = pytest.raises(WriteItYourself, match=f"finished_library.{name}")
    with forbidding([f"finished_library.{name}"]), called:
        getattr(library, name)(1)
    assert getattr(library, name) is before
    again = before(1)
    assert again == works or again.a == works.a


@pytest.mark.parametrize("name", ["plain", "closed", "Thing", "Heir"])
def test_an_earlier_import_under_another_name_is_forbidden_too(library, name):
    alias = getattr(library, name)
    shortcut = functools.partial(alias, 1)
    with forbidding([f"finished_library.{name}"]):
        with pytest.raises(WriteItYourself):
            alias(1)
        with pytest.raises(WriteItYourself):
            shortcut()
    shortcut()


@pytest.mark.parametrize("name", ["Thing", "Heir"])
def test_what_was_made_of_a_forbidden_class_before_does_not_run(library, name):
    made, constructor = getattr(library, name)(1), library.Thing.__init__
    run = getattr(library, name).forward
    with forbidding([f"finished_library.{name}"]):
        with pytest.raises(WriteItYourself, match=f"finished_library.{name}"):
            made.forward()
        if name == "Thing":  # the functions that an answer kept are the class's own
            for kept in (lambda: constructor(made, 2), lambda: run(made)):
                with pytest.raises(WriteItYourself):
                    kept()
    assert made.forward() == run(made) == 1
    assert "forward" not in vars(library.Heir)


def test_what_is_forbidden_is_whole_again_after_an_error(library):
    failing(raising(ValueError()), write_it_yourself=["finished_library.plain"])
    assert library.plain(1) == 2


def test_forbidding_a_class_leaves_its_base_alone(library):
    with forbidding(["finished_library.Heir"]):
        assert library.Thing(3).a == 3
    assert "__init__" not in vars(library.Heir)


@pytest.mark.filterwarnings("ignore")
def test_fastai_parts_can_be_forbidden_and_come_back():
    import fastai.layers as layers
    from fastai.vision.learner import create_head as alias
    from fastai.vision.learner import create_vision_model  # noqa: F401

    names = ["AdaptiveConcatPool2d", "Flatten", "LinBnDrop", "SigmoidRange"]
    calls = {"LinBnDrop": (2, 3), "SigmoidRange": (0, 1)}
    failure = failing(
        lambda: alias(4, 2, [3]), write_it_yourself=["fastai.vision.learner.create_head"]
    )
    assert "fastai.vision.learner.create_head" in str(failure)
    for name in names:
        with forbidding([f"fastai.layers.{name}"]), pytest.raises(WriteItYourself):
            getattr(layers, name)(*calls.get(name, ()))
        getattr(layers, name)(*calls.get(name, ()))
    assert alias(4, 2, [3])(torch.randn(2, 4, 3, 3)).shape == (2, 2)


# ---- in a real kernel ----------------------------------------------------------------------------

CELLS = {
    "import": "from headcheck import checking, hidden, CheckFailed",
    "stub": "def solve(x):\n    raise NotImplementedError('solve is not answered yet')",
    "check stub": "with checking('solve'):\n    solve(1)  # secret line",
    "answer": "import warnings\n"
    "def solve(x):\n"
    "    print('loud'); warnings.warn('also loud')\n"
    "    return 1 / (x - 1)\n",
    "check passes": "with checking('solve'):\n    solve(3)",
    "check raises": "with checking('solve'):\n"
    "    def secret_helper(): return solve(1)\n"
    "    secret_helper()  # secret line",
    "check call": "with checking('solve'):\n    assert solve(1) == 3  # secret line",
    "setup": "def halve(x):\n    return x['half']",
    "other answer": "def share(x, func):\n    return func(x)",
    "check setup": "with checking('share'):\n    share(1, halve)  # secret line",
    "check setup hidden": "with checking('share'):\n"
    "    with hidden('the edge'):\n"
    "        share(1, halve)  # secret line",
    "check own fault": "with checking('solve'):\n    secret = {}['secret line']",
    "check hidden": "with checking('solve'):\n"
    "    with hidden('the edge'):\n"
    "        solve(1)  # secret line",
    "answer with a slip": "def solve(x:\n    return 1",
    "check after a slip": "with checking('solve'):\n    solve(3)",
    "answer that stops": "import no_such_library\ndef solve(x):\n    return 2",
    "check after a stop": "with checking('solve'):\n    solve(3)",
    "answer with a magic": "%%time\ndef solve(x):\n    return 1 / (x - 1)",
    "check passes after a magic": "with checking('solve'):\n    solve(3)",
    "answer mended": "def solve(x):\n    return 1 / (x - 1)",
    "check passes when mended": "with checking('solve'):\n    solve(3)",
    "number": "seven = 7",
    "number with a slip": "seven = 7)",
    "check number": "with checking('seven'):\n    assert seven == 7",
    "number by another name": "def mine(x):\n    return x\nother = mine",
    "check other": "with checking('other'):\n    other(1)",
    "answer without end": "import signal\ndef solve(x):\n"
    "    while True:\n"
    "        signal.raise_signal(signal.SIGINT)",
    "check interrupted": "with checking('solve'):\n    solve(3)  # secret line",
    "stub above": "def triple(x):\n"
    "    raise NotImplementedError('triple is not answered yet')\n"
    "    return 3 * x",
    "check stub above": "with checking('triple'):\n    triple(1)  # secret line",
    "name given away": "def half(x):\n    return x / 2\nhalf = half(4)",
    "check name given away": "with checking('half'):\n    half(3)  # secret line",
    "first line changed": "def third():\n    return 1",
    "check first line changed": "with checking('third'):\n    third(3)  # secret line",
    "wrong call of its own": "def fourth(x):\n    return fourth()",
    "check wrong call of its own": "with checking('fourth'):\n    fourth(3)  # secret line",
    "second setup": "# The contest. Run this cell and go on.\ndef train(x):\n    return x.weight",
    "check second setup": "with checking('half'):\n    train(half)  # secret line",
    "check in a helper": "with checking('fourth'):\n"
    "    def counted(n):\n        return fourth(n)\n"
    "    counted(1)",
    "answer from a library": "import textwrap\nfill = textwrap.fill",
    "check passes from a library": "with checking('fill'):\n    fill('some text')",
    "answer in an if": "if True:\n    def fill(text):\n        return text",
    "check passes in an if": "with checking('fill'):\n    fill('some text')",
    "check fails": "with checking('solve'):\n    raise CheckFailed('the sum', got=1, expected=2)",
}


@pytest.fixture(scope="module")
def kernel_outputs():
    """(text on stdout, error output or None) of each cell, run in a fresh ipykernel."""
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_code_cell(source) for source in CELLS.values()]
    NotebookClient(notebook, timeout=600, startup_timeout=600, allow_errors=True).execute()
    found = {}
    for name, cell in zip(CELLS, notebook.cells, strict=True):
        text = "".join(o.text for o in cell.outputs if o.get("name") == "stdout")
        errors = [o for o in cell.outputs if o.output_type == "error"]
        found[name] = (text, errors[0] if errors else None)
    return found


def shown(outputs, name) -> list[str]:
    error = outputs[name][1]
    assert error is not None, f"{name} did not fail"
    return re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(error.traceback)).splitlines()


def test_an_unanswered_stub_is_one_line_in_a_notebook(kernel_outputs):
    assert shown(kernel_outputs, "check stub") == ["○ solve is not answered yet."]


def test_prints_and_warnings_of_an_answer_do_not_matter(kernel_outputs):
    text, error = kernel_outputs["check passes"]
    assert error is None
    assert "✓ solve" in text


def test_an_error_names_the_line_of_the_answer(kernel_outputs):
    lines = shown(kernel_outputs, "check raises")
    assert "ZeroDivisionError" in lines[0]
    assert "line 4 of solve:  return 1 / (x - 1)" in lines[-1]


def test_an_error_names_the_call_of_the_answer(kernel_outputs):
    assert shown(kernel_outputs, "check call")[0] == "✗ solve(1) raised ZeroDivisionError"


def test_an_error_names_the_call_of_the_answer_in_a_function_of_the_check_too(kernel_outputs):
    assert shown(kernel_outputs, "check in a helper")[0] == "✗ fourth(n) raised TypeError"


@pytest.mark.parametrize(
    ("name", "says", "not_said"),
    [
        ("check stub above", "still stands above yours", "likely"),
        (
            "check name given away",
            "✗ half can be called|'float' object|give it another name",
            "raised",
        ),
        ("check first line changed", "leave its first line as it was", "help(...)"),
        ("check wrong call of its own", "line 2 of fourth", "leave its first line"),
        ("check second setup", "the check cannot go on", "of train|running the check"),
    ],
)
def test_is_a_mistake_with_the_cell_itself_told_as_that(kernel_outputs, name, says, not_said):
    text = " ".join(" ".join(shown(kernel_outputs, name)).split())
    assert all(words in text for words in says.split("|")), text
    assert not any(words in text for words in not_said.split("|")), text


def test_does_an_interrupt_name_the_line_of_the_answer_that_ran(kernel_outputs):
    lines = shown(kernel_outputs, "check interrupted")
    assert lines[0] == "✗ solve: stopped before it was done (KeyboardInterrupt)"
    assert "line 4 of solve:  signal.raise_signal" in lines[-1]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("check after a slip", "ran last for solve is no Python yet (SyntaxError)"),
        ("check after a stop", "ran last for solve stops with an error"),
        ("check number", "ran last for seven is no Python yet (SyntaxError)"),
    ],
)
def test_is_it_said_that_an_earlier_answer_is_judged(kernel_outputs, name, said):
    text, error = kernel_outputs[name]
    assert error is None and said in text
    assert "the earlier one passes" in text and "✓" not in text


@pytest.mark.parametrize(
    "name", [*(name for name in CELLS if name.startswith("check passes")), "check other"]
)
def test_is_the_answer_that_ran_last_praised_without_a_word_of_an_earlier_one(kernel_outputs, name):
    text, error = kernel_outputs[name]
    assert error is None and "✓" in text and "!" not in text


def test_a_function_of_the_lesson_is_not_blamed_for_what_it_was_given(kernel_outputs):
    lines = shown(kernel_outputs, "check setup")
    assert lines[0] == "✗ share(1, halve) raised TypeError"
    assert "line 2 of share:  return func(x)" in lines[-1]
    assert "line 2 of share:  return func(x)" in shown(kernel_outputs, "check setup hidden")[-1]


def test_a_failed_check_is_words_without_a_traceback(kernel_outputs):
    assert shown(kernel_outputs, "check fails") == ["✗ the sum", "  got       1", "  expected  2"]


@pytest.mark.parametrize("name", [name for name in CELLS if name.startswith("check")])
def test_the_source_of_a_check_is_never_shown(kernel_outputs, name):
    _, error = kernel_outputs[name]
    if error is not None:
        everything = "\n".join([*error.traceback, error.evalue])
        assert "secret line" not in everything.replace("'secret line'", "")
        assert "secret_helper" not in everything
        assert "Traceback" not in everything
