"""Does a student ever read a word that only we know, whatever an answer hands back?"""

from __future__ import annotations

import pytest
import torch
from test_remote import Answers, answers
from torch import nn
from words import inside_words

from headcheck import (
    checking,
    expect_close,
    expect_equal,
    expect_error,
    expect_gradients,
    expect_groups,
    expect_head,
    expect_layers,
    expect_output,
    expect_same_function,
    expect_separate,
    expect_shape,
    hidden,
)
from headcheck.lesson.failures import CheckFailed
from headcheck.lesson.plain import describe

assert answers  # the fixture

ODD = {
    "lambda": "lambda *a: 3",
    "class": "nn.ReLU",
    "own class": "Own",
    "object": "Own()",
    "dataclass": "Pair(1, torch.ones(2))",
    "pair with an object": "(Own(), torch.ones(2))",
    "list of objects": "[Own(), Own()]",
    "dict of objects": "{'a': Own(), Own: 1}",
    "generator": "(n for n in (1, 2))",
    "iterator": "iter([1, 2])",
    "module of Python": "__import__('math')",
    "open file": "open('/dev/null')",
    "exception": "ValueError('x')",
    "library function": "print",
    "method": "Own().method",
    "complex number": "3j",
    "complex tensor": "torch.zeros(3, dtype=torch.complex64)",
    "sparse tensor": "torch.eye(3).to_sparse()",
    "nested tensor": "torch.nested.nested_tensor([torch.zeros(2), torch.zeros(3)])",
    "meta tensor": "torch.ones(2, 3, device='meta')",
    "large number": "10 ** 5000",
    "deep list": "deep",
    "list in itself": "loop",
    "long text": "'x' * 200_000",
    "None": "None",
    "nothing": "...",
    "state dict": "nn.Linear(2, 2).state_dict()",
    "no super": "NoSuper()",
    "no forward": "Misspelled()",
    "complex buffer": "Complex()",
    "many children": "nn.ModuleList(nn.Identity() for _ in range(5000))",
    "lazy": "nn.LazyLinear(3)",
    "scripted": "torch.jit.script(nn.Linear(2, 2))",
    "in itself": "Loop()",
    "keeps an object": "Keeps()",
    "raises its own": "Raises()",
    "returns an object": "Returns()",
    "Sequential of those": "nn.Sequential(Returns(), Raises())",
}
SOURCE = """
from dataclasses import dataclass
@dataclass
class Pair:
    a: object
    b: object
class Own:
    def method(self): return 1
class Mistake(Exception): pass
class NoSuper(nn.Module):
    def __init__(self): self.n = 1
    def forward(self, x): return x
class Misspelled(nn.Module):
    def foward(self, x): return x
class Complex(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("c", torch.zeros(3, dtype=torch.complex64))
    def forward(self, x): return x
class Loop(nn.Module):
    def __init__(self):
        super().__init__()
        self.__dict__["_modules"]["me"] = self
    def forward(self, x): return x
class Keeps(nn.Module):
    def __init__(self):
        super().__init__()
        self.thing = Own()
    def forward(self, x): return x + self.thing
class Raises(nn.Module):
    def forward(self, x): raise Mistake("secret")
class Returns(nn.Module):
    def forward(self, x): return Pair(x, Own())
deep = []
for _ in range(200): deep = [deep]
loop = []
loop.append(loop)
def answer(*args, **kwargs): return made()
def made(): return VALUE
def fails(*args, **kwargs): raise Mistake("secret")
"""
X = torch.ones(2, 3, 4, 4)
ASKED = [
    lambda v: expect_equal(v, 3, "a number"),
    lambda v: expect_equal(v, [1, (2, "x")], "a list"),
    lambda v: expect_close(v, torch.ones(2), "a tensor"),
    lambda v: expect_close(v, 1.5, "a number"),
    lambda v: expect_shape(v, (7, 7), "a shape"),
    lambda v: expect_output(v, X, (2, 9)),
    lambda v: expect_layers(v, ["Conv2d"], input=X),
    lambda v: expect_layers(v, ["Conv2d"]),
    lambda v: expect_head(v, nf=3, n_out=2),
    lambda v: expect_same_function(v, nn.Conv2d(3, 2, 1), X, checked="a layer"),
    lambda v: expect_gradients(v, X),
    lambda v: expect_groups(v, [list(nn.Linear(2, 2).parameters())], "the groups"),
    lambda v: expect_separate([v, v], "two heads"),
    lambda v: v.shape,
    lambda v: v + nn.Linear(2, 2),
    lambda v: len(v) + "",
    lambda v: v(X).shape + 1,
    lambda v: [*v][7],
    lambda v: v["key"] + v,
    lambda v: v.children().nothing,
    lambda v: setattr(v, "nothing", v) or v.missing,
]


@pytest.mark.parametrize("value", ODD)
def test_no_word_of_ours_reaches_a_student(answers: Answers, value: str) -> None:
    names = answers(SOURCE.replace("VALUE", ODD[value]))
    said = []
    for ask in ASKED:
        for tried in (names["answer"], names["fails"]):
            with pytest.raises(CheckFailed) as caught, checking("answer"):
                ask(tried(X))
                raise CheckFailed("it passed")
            said.append(str(caught.value))
    with pytest.raises(CheckFailed) as caught, checking("answer"), hidden("other values"):
        raise CheckFailed(str(names["answer"](X)), cause=describe(names["answer"](X)))
    said.append(str(caught.value))
    found = {message: words for message in said if (words := inside_words(message))}
    assert not found


def test_a_name_handed_over_is_called_what_it_is(answers: Answers) -> None:
    names = answers(SOURCE.replace("VALUE", "Pair(1, 2)"))
    said = []
    for value in (names["answer"], names["Own"], names["answer"](), names["Keeps"]()):
        with pytest.raises(CheckFailed) as caught, checking("answer"):
            expect_equal(value, 3, "a number")
        said.append(str(caught.value.got))
    assert said == ["a function", "the class Own", "a Pair", "a Keeps"]


def test_the_list_of_words_finds_one() -> None:
    assert inside_words("got  a BlackBox, not plain data") == ["BlackBox", "plain data"]
    assert not inside_words("got  a Linear, expected a Measurements")


@pytest.mark.parametrize("error", [expect_error])
def test_what_cannot_be_read_is_no_exception_of_the_answer(answers: Answers, error) -> None:
    names = answers("def answer(): return [torch.ones(1)] * 6000")
    with pytest.raises(CheckFailed), checking("answer"):
        error(names["answer"], checked="it raises")
