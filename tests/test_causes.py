"""Does a student read what an error means, and is only our own stub an unanswered exercise?"""

from __future__ import annotations

import linecache
import re
import sys
from bdb import BdbQuit
from pathlib import Path
from urllib.error import URLError

import jupytext
import pytest
import torch
import torch.nn.functional as F
from fastai.layers import SigmoidRange
from IPython.core.error import StdinNotImplementedError
from IPython.core.interactiveshell import InteractiveShell
from torch import nn

from headcheck import checking, expect_error, expect_head, expect_same_function, hidden
from headcheck.lesson.blame import _is_setup
from headcheck.lesson.causes import CAUSES, cause_of, sentence_of
from headcheck.lesson.failures import AnswerRaised, CheckFailed, NotAnswered, Unreadable
from headcheck.lesson.stub import stub_text, unanswered


class NoSuper(nn.Module):
    def __init__(self):
        self.pool = nn.AdaptiveAvgPool2d(1)


class NoSuperAndNoLayer(nn.Module):
    def __init__(self, size=1):
        self.size = size

    def forward(self, x):
        return x


class Misspelled(nn.Module):
    def foward(self, x):
        return x


class NoSelf(nn.Module):
    def forward(x):
        return x


class NoSelfNamed(nn.Module):
    def __init__(n=3):
        self.n = n  # noqa: F821


def one_pair(low, high=None):
    return torch.sigmoid(torch.ones(2)) * (high - low) + low


def made_in_inference_mode():
    with torch.inference_mode():
        layer = nn.Linear(2, 2)
    layer(torch.ones(3, 2, requires_grad=True)).sum().backward()


def no_person():
    raise StdinNotImplementedError("raw_input was called, but this frontend does not support it")


def before_a_value(yes=False):
    if yes:
        layer = 1
    return layer


def endless():
    return endless()


def raises(error):
    raise error


class ChoosesInALoop(nn.Module):
    def forward(self, x):
        return [row for row in x if row.sum() > 0]


class MisspelledInit(nn.Module):
    def _init_(self, size):
        self.size = size


def hooked():
    layer = nn.ReLU()
    layer.register_forward_hook(lambda layer, output: None)
    layer(torch.ones(1))


def in_place():
    nn.Linear(2, 2).weight.mul_(0)


def sum_of_a_list():
    sum = 3
    return sum([1, 2])


def no_grad_without_brackets():
    with torch.no_grad:
        pass


def raises_unpacking(pair):
    body, head = pair
    return body, head


NEW_MISTAKES = [
    ("value called", lambda: torch.ones(2, 3).shape(0)),
    ("value called", lambda: nn.ReLU().training()),
    ("value called", lambda: nn.ReLU()._modules()),
    ("value called", lambda: (1 + 1)(3)),
    ("function not called", lambda: list(nn.ReLU().children)),
    ("function not called", lambda: len(nn.ReLU().parameters)),
    ("function not called", lambda: raises_unpacking(nn.ReLU().children)),
    ("function not called", lambda: torch.ones(2).size[1]),
    ("no brackets behind with", no_grad_without_brackets),
    ("layer for a list", lambda: [].extend(nn.Linear(2, 2))),
    ("layer for a list", lambda: [*nn.Linear(2, 2)]),
    ("layer for a list", lambda: nn.Sequential(*nn.Linear(2, 2))),
    ("number for a list", lambda: SigmoidRange(*1)),
    ("generator", lambda: reversed(enumerate([1]))),
    ("generator", lambda: zip([1], strict=False)[0]),
    ("number before the dot", lambda: (3).children()),
    ("list for a model", lambda: [nn.Conv2d(3, 4, 1)].in_channels),
    ("list for a model", lambda: (torch.ones(1),).shape),
    ("None in arithmetic", lambda: None % 2),
    ("None in arithmetic", lambda: 2 * None),
    ("unlike things added", lambda: sum([[1]])),
    ("unlike things added", lambda: [1] + 2),
    ("unlike things added", lambda: "n = " + 2),
    ("several in a list", lambda: isinstance(1, [int, float])),
    ("several in a list", lambda: "MaxPool2d".endswith(["1d", "2d"])),
    ("weight assigned", lambda: setattr(nn.Linear(2, 2), "bias", 0)),
    ("weight assigned", lambda: setattr(nn.Linear(2, 2), "weight", torch.ones(2, 2))),
    ("beyond the end", lambda: [1, 2][2]),
    ("beyond the end", lambda: nn.Sequential(nn.ReLU())[1]),
    ("beyond the end", lambda: torch.ones(2)[2]),
    ("found nothing", lambda: next(layer for layer in [])),
    ("no batch", lambda: nn.BatchNorm2d(4)(torch.ones(4, 5, 5))),
    ("map too small", lambda: nn.Conv2d(3, 4, 5)(torch.ones(1, 3, 2, 2))),
    ("another type of number", lambda: nn.Conv2d(3, 4, 1)(torch.ones(1, 3, 2, 2, dtype=int))),
    ("another type of number", lambda: nn.Linear(3, 4)(torch.ones(1, 3, dtype=int))),
    ("widths", lambda: nn.BatchNorm1d(6)(torch.ones(2, 12))),
    ("widths", lambda: nn.Linear(6, 2)(torch.ones(2, 12))),
    ("widths", lambda: nn.Conv2d(3, 4, 1)(torch.ones(1, 5, 2, 2))),
    ("list for a width", lambda: nn.Linear(4, [512])),
    ("pair for a tensor", lambda: F.cross_entropy((torch.ones(1, 2),) * 2, torch.tensor([0]))),
    ("no class numbers", lambda: F.cross_entropy(torch.ones(2, 3), torch.ones(2, 1, dtype=int))),
    ("no index", lambda: [1, 2][: nn.ReLU()]),
    ("pair among the layers", lambda: nn.Sequential(*nn.Sequential(nn.ReLU()).named_children())),
    ("exit", lambda: sys.exit(1)),
    ("no __init__", lambda: MisspelledInit(3)),
    ("class of a layer", lambda: torch.cat([nn.AdaptiveMaxPool2d(torch.ones(1))], 1)),
    ("tensors in a list", lambda: torch.cat(torch.ones(1), torch.ones(1), 1)),
    ("tensors in a list", lambda: torch.cat(torch.ones(1, 2), 1)),
    ("one at a time", lambda: nn.Sequential().append(nn.ReLU(), nn.ReLU())),
    ("one at a time", lambda: [].append(1, 2)),
    ("without input", lambda: nn.Flatten()()),
    ("more than its input", lambda: nn.Linear(8, 3)(96, 5)),
    ("inner function", hooked),
    ("nobody to ask", lambda: raises(EOFError("EOF when reading a line"))),
    ("debugger", lambda: raises(BdbQuit())),
    ("nothing to unpack", lambda: [1] + None),
    ("nothing to unpack", lambda: len(None)),
    ("number for a list", lambda: sum(0.5)),
    ("number for a list", lambda: len(0.5)),
    ("append gives nothing", lambda: [].append(1).append(2)),
    ("None has nothing", lambda: nn.init.zeros_(nn.Linear(2, 2, bias=False).bias)),
    ("list for a model", lambda: [nn.ReLU()].children()),
    ("list for a model", lambda: setattr([nn.ReLU()], "requires_grad", False)),
    ("function not called", lambda: hooked.children()),
    ("weights in place", in_place),
    ("no network", lambda: raises(URLError("Name or service not known"))),
    ("no such attribute", lambda: nn.ReLU().childern()),
    ("name of Python's", sum_of_a_list),
]
MISTAKES = [
    *NEW_MISTAKES,
    ("no super", NoSuper),
    ("no super", lambda: NoSuperAndNoLayer()(torch.ones(1))),
    ("no super", lambda: list(NoSuperAndNoLayer().parameters())),
    ("no super", lambda: NoSuperAndNoLayer().train()),
    ("no forward", lambda: Misspelled()(torch.ones(1))),
    ("no forward", lambda: nn.ModuleList([nn.ReLU()])(torch.ones(1))),
    ("no self", lambda: NoSelf()(torch.ones(1))),
    ("no self at all", NoSelfNamed),
    ("list of layers", lambda: nn.Sequential([nn.ReLU()])),
    ("list of layers", lambda: nn.Sequential(layer for layer in [nn.ReLU()])),
    ("list of layers", lambda: nn.Sequential(nn.Sequential(nn.ReLU()).children())),
    ("class of a layer", lambda: nn.Sequential(nn.Linear(2, 2), nn.ReLU)),
    ("class of a layer", lambda: nn.ModuleList([nn.BatchNorm1d])),
    ("class of a layer", lambda: nn.Linear(2, 2)(nn.ReLU(torch.ones(1)))),
    ("class of a layer", lambda: nn.ReLU(torch.ones(1)) + 1),
    ("no layer", lambda: nn.Sequential(torch.relu)),
    ("no layer", lambda: nn.Sequential(lambda x: x)),
    ("no layer", lambda: nn.Sequential("relu")),
    ("None for a layer", lambda: nn.Sequential(None)(torch.ones(1))),
    ("list called", lambda: [nn.ReLU()](torch.ones(1))),
    ("generator", lambda: nn.Linear(2, 2).children()[0]),
    ("nobody to ask", no_person),
    ("unhashable", lambda: {[1]: 2}),
    ("generator", lambda: len(nn.Linear(2, 2).modules())),
    ("module without index", lambda: NoSuperAndNoLayer()[:2]),
    ("meta", lambda: torch.ones(2, device="meta").tolist()),
    ("meta", lambda: nn.Linear(2, 2, device="meta").to("cpu")),
    ("meta", lambda: nn.Linear(2, 2, device="meta")(torch.ones(1, 2))),
    ("whole numbers", lambda: F.cross_entropy(torch.tensor([1, 0]), torch.randn(2, 3))),
    ("whole numbers", lambda: F.cross_entropy(torch.randn(2, 3), torch.randn(2))),
    ("whole numbers", lambda: torch.tensor([1, 2]).softmax(0)),
    ("whole numbers", lambda: torch.tensor([1, 2]).log_softmax(0)),
    ("whole numbers", lambda: F.mse_loss(torch.tensor([1, 2]), torch.tensor([1, 2]))),
    ("whole numbers", lambda: torch.tensor([1, 2]).mean()),
    ("loss object", lambda: nn.MSELoss(torch.ones(3), torch.ones(3))),
    ("loss object", lambda: nn.CrossEntropyLoss(torch.ones(3, 2), torch.tensor([0, 1, 0]))),
    ("range not unpacked", lambda: one_pair((0, 1))),
    ("range not unpacked", lambda: torch.ones(2) * (3 - 1) + (0, 1)),
    ("range not unpacked", lambda: SigmoidRange((0, 1))(torch.ones(2))),
    ("too few arguments", lambda: nn.Linear(3)),
    ("too few arguments", lambda: one_pair()),
    ("too many arguments", lambda: before_a_value(1, 2)),
    ("too many arguments", lambda: one_pair(1, n_out=2)),
    ("nothing to unpack", lambda: nn.Sequential(*None)),
    ("nothing to unpack", lambda: [*None]),
    ("batch flattened", lambda: nn.BatchNorm1d(4)(torch.ones(2, 4, 1, 1).flatten(0))),
    ("not flat", lambda: nn.BatchNorm1d(4)(torch.ones(2, 4, 1, 1))),
    ("too flat", lambda: nn.BatchNorm2d(4)(torch.ones(2, 4))),
    ("flat before the pool", lambda: nn.AdaptiveMaxPool2d(1)(torch.ones(2, 4))),
    ("window too large", lambda: nn.MaxPool2d(7)(torch.ones(2, 4, 3, 3))),
    ("one value per channel", lambda: nn.BatchNorm1d(4)(torch.ones(1, 4))),
    ("fixed size", lambda: torch.ones(2, 4).view(-1, 1024)),
    ("lazy", lambda: nn.LazyLinear(2).weight.detach()),
    ("lazy", lambda: nn.LazyLinear(2).weight.numel()),
    ("inference mode", made_in_inference_mode),
    ("nothing to train", lambda: torch.optim.SGD([], lr=0.1)),
    ("no gradient", lambda: torch.ones(2).sum().backward()),
    ("float for a count", lambda: range(4 / 2)),
    ("float for a count", lambda: [1, 2, 3][4 / 2]),
    ("float for a count", lambda: nn.Linear(4 / 2, 3)),
    ("not a probability", lambda: nn.Dropout(2)),
    ("not a probability", lambda: nn.Dropout([0.5])),
    ("name", lambda: create_haed(3, 4)),  # noqa: F821
    ("before it has a value", before_a_value),
    ("recursion", endless),
    ("not installed", lambda: __import__("no_such_library_at_all")),
    # What only some machines raise: with the words that they use there.
    ("GPU", lambda: raises(RuntimeError("Found no NVIDIA driver on your system. Please check"))),
    ("GPU", lambda: raises(AssertionError("Torch not compiled with CUDA enabled"))),
    ("GPU", lambda: raises(RuntimeError("PyTorch is not linked with support for mps devices"))),
    ("compiled", lambda: raises(RuntimeError("Cannot access data pointer of Tensor"))),
    ("scripted", lambda: raises(RuntimeError("... torch.jit.script ..."))),
    ("scripted", lambda: torch.jit.script(nn.Sequential(nn.Linear(2, 2), SigmoidRange(-2, 3)))),
    ("scripted", lambda: torch.jit.script(ChoosesInALoop())),
]


@pytest.mark.parametrize(("name", "mistake"), MISTAKES, ids=[name for name, _ in MISTAKES])
def test_an_error_is_named_by_its_likely_cause(name, mistake):
    with pytest.raises(AnswerRaised) as caught, checking("answer"):
        mistake()
    assert caught.value.cause == sentence_of(name)
    with pytest.raises(CheckFailed) as caught, checking("answer"), hidden("other sizes"):
        mistake()
    assert sentence_of(name) in caught.value.cause


def test_every_row_has_a_mistake_that_leads_to_it():
    assert {name for name, _ in MISTAKES} == {cause.name for cause in CAUSES} - {"nothing returned"}


def checked_in_a_notebook(*cells):
    """What the last of these cells, a check, says; as IPython runs and names cells."""
    said = []
    shell = InteractiveShell()
    for cell in cells:
        found = shell.run_cell(cell, silent=True)
        said = getattr(found.error_in_exec, "lines", list)()
    return said


CHECK = """with checking("answer"):
    {}
"""
NO_SUPER = """from torch import nn
class answer(nn.Module):
    def __init__(self):
        self.size = 1
    def forward(self, x):
        return x"""
SETUP = """from headcheck import checking
def touched(tensor):
    return bool((tensor == 0.5).all())"""


@pytest.mark.parametrize(
    ("answer", "check", "says", "not_said"),
    [
        ("def answer(): print(3)", "len(answer())", "is a return missing?", "an option"),
        ("def answer(): print(3)", "answer().parameters()", "is a return missing?", "an option"),
        ("def answer(): print(3)", "touched(answer())", "returns or leaves behind", "touched:"),
        ("def answer(): return 3", "answer().shape", "returns or leaves behind", "before the dot"),
        ("def answer(): return 3", "answer(2)", "the first lines of the answer", "returns or"),
        (NO_SUPER, "answer()(touched)", "look at   the first line in __init__", "returns or"),
        ("def answer(): return max([1, 2])(3)", "answer()", "of answer", "Python's own"),
        ("list = []\ndef answer(): return list((1, 2))", "answer()", "Python's own", "Sequential"),
        ("sum = 3\ndef answer(): return 1", "sum([answer()])", "cells of your own", "returns or"),
        ("def answer(): return [answr for n in 'ab']", "answer()", "line 1 of answer", "listcomp"),
        ("answer = lambda: answr", "answer()", "look at", "zzz"),
    ],
)
def test_who_is_to_blame_in_a_notebook(answer, check, says, not_said):
    said = "\n".join(checked_in_a_notebook(SETUP, answer, CHECK.format(check)))
    assert says in said and not_said not in said


@pytest.mark.parametrize("lesson", sorted(Path(__file__).parents[1].glob("source/*/*.py")))
def test_is_no_setup_cell_of_the_course_taken_for_the_students(lesson):
    for number, cell in enumerate(jupytext.read(lesson).cells):
        ours = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "code" and ours.get("locked") and not ours.get("grade"):
            name = f"<setup {lesson.stem} {number}>"
            lines = cell.source.splitlines(keepends=True)
            linecache.cache[name] = (len(cell.source), None, lines, name)
            assert _is_setup(name), lines[0]


def test_an_error_that_nobody_knows_gets_no_cause():
    assert cause_of("ValueError", "too small") is None
    assert cause_of("KeyError", "'x'") is None
    assert sentence_of("no such row") is None and sentence_of(None) is None


def test_a_row_says_no_numbers_of_a_hidden_test():
    """Hidden tests show the sentence: it is the same whatever was asked for."""
    for cause in CAUSES:
        assert not re.search(r"\{|\d{2,}", cause.sentence), cause.name


# ---- our stub, and nobody else's -----------------------------------------------------------------

OTHERS = [
    lambda: F.cross_entropy(torch.tensor([1, 0]), torch.randn(2, 3)),
    lambda: torch.tensor([1, 2]).softmax(0),
    lambda: torch.ones(2, device="meta").tolist(),
    lambda: Misspelled()(torch.ones(1)),
    lambda: raises(NotImplementedError()),
    lambda: raises(NotImplementedError("cut=None")),
    lambda: raises(NotImplementedError("lists are not answered yet, sorry")),
]


def stub():
    raise NotImplementedError(stub_text("solve"))


class Stub(nn.Module):
    def forward(self, x):
        return stub()


@pytest.mark.parametrize("other", OTHERS)
def test_an_error_of_torch_is_an_answer_that_failed(other):
    class Head(nn.Module):
        def forward(self, x):
            return other()

    with pytest.raises(CheckFailed) as caught, checking("solve"):
        other()
    assert type(caught.value) is AnswerRaised
    with pytest.raises(CheckFailed) as caught, checking("solve"), hidden("more"):
        other()
    assert type(caught.value) is AnswerRaised
    with pytest.raises(CheckFailed) as caught, checking("solve"):
        expect_head(Head(), nf=3, n_out=2)
    assert type(caught.value) is not NotAnswered
    with pytest.raises(CheckFailed) as caught, checking("solve"):
        expect_same_function(Head(), nn.ReLU(), torch.ones(2, 3), checked="a layer")
    assert type(caught.value) is not NotAnswered
    expect_error(other, checked="it raises")


def test_the_stub_is_an_exercise_not_answered():
    for check in (
        stub,
        lambda: expect_head(Stub(), nf=3, n_out=2),
        lambda: expect_same_function(Stub(), nn.ReLU(), torch.ones(2, 3), checked="a layer"),
        lambda: expect_error(stub, checked="it raises"),
    ):
        with pytest.raises(NotAnswered, match="solve is not answered yet"), checking("solve"):
            check()
        with pytest.raises(NotAnswered), checking("solve"), hidden("more"):
            check()


def test_the_stub_of_another_exercise_is_named():
    with pytest.raises(NotAnswered, match=r"^○ solve is not answered yet"), checking("later"):
        stub()


def test_a_class_that_only_looks_like_the_stub_is_none():
    class Own(NotImplementedError):
        pass

    assert unanswered(Own(stub_text("solve"))) is None
    assert unanswered(ValueError(stub_text("solve"))) is None
    assert unanswered(NotImplementedError(stub_text("solve"), 1)) is None


def test_what_cannot_be_read_says_nothing_of_how_it_travels():
    for around in (checking("solve"), hidden("other sizes")):
        with pytest.raises(CheckFailed) as caught, checking("solve"), around:
            raise Unreadable("not in the schema: 7 validation errors for Reply")
        assert "schema" not in str(caught.value) and "Reply" not in str(caught.value)
        assert "cannot be looked at" in str(caught.value)
    with pytest.raises(Unreadable):
        expect_error(lambda: raises(Unreadable()), checked="it raises")
