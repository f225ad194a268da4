"""Do the checks of arrays, frames, names, calls, exceptions and learning say what is wrong first?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from headcheck import (
    expect_array,
    expect_calls,
    expect_frame,
    expect_learns,
    expect_raises,
    expect_state_names,
    hidden,
)
from headcheck.lesson.failures import CheckFailed, NotAnswered

FRAME = pd.DataFrame({"a": [1, 2, 3], "b": [0.5, None, 2.5], "c": ["x", "y", "z"]})


def net(*sizes: int) -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(sizes[0], sizes[1]), nn.ReLU(), nn.Linear(sizes[1], sizes[2]))


class Frozen(nn.Module):
    """Its output comes from its weights, but no gradient goes back to them."""

    def __init__(self) -> None:
        super().__init__()
        self.lin = net(2, 4, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.lin(x).detach()


def without_grad() -> nn.Module:
    return net(2, 4, 2).requires_grad_(False)


X = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
Y = torch.tensor([0, 1, 0, 1])


def raiser(kind: type[Exception]) -> Callable[[], None]:
    def call() -> None:
        raise kind("secret")

    return call


def unanswered() -> None:
    raise NotImplementedError("root is not answered yet")


RIGHT: dict[str, Callable[[], None]] = {
    "array": lambda: expect_array(np.array([1.0, 2.0]), [1.0, 2.0 + 1e-9], "a"),
    "array of texts": lambda: expect_array(np.array(["a", "b"]), np.array(["a", "b"]), "a"),
    "array with nan": lambda: expect_array(np.array([np.nan, 1]), np.array([np.nan, 1]), "a"),
    "array of another type": lambda: expect_array(
        np.array([1, 2]), np.array([1.0, 2]), "a", any_type=True
    ),
    "days": lambda: expect_array(np.array(["NaT"], "M8[D]"), np.array(["NaT"], "M8[D]"), "a"),
    "empty array": lambda: expect_array(np.zeros((0, 2)), np.zeros((0, 2)), "a"),
    "frame": lambda: expect_frame(FRAME.copy(), FRAME, "f"),
    "frame in another order": lambda: expect_frame(
        FRAME[["c", "a", "b"]].iloc[::-1], FRAME, "f", any_order=True
    ),
    "frame with another index": lambda: expect_frame(
        FRAME.set_index(pd.Index([7, 8, 9])), FRAME, "f", index=False
    ),
    "series": lambda: expect_frame(FRAME["b"] + 1e-12, FRAME["b"], "s"),
    "state names": lambda: expect_state_names(net(2, 3, 4), net(2, 3, 4), "names"),
    "state names alone": lambda: expect_state_names(nn.Linear(1, 2), ["bias", "weight"], "names"),
    "calls": lambda: expect_calls(pow, [((2, 3), 8), ({"base": 2, "exp": 2}, 4)]),
    "a call of one": lambda: expect_calls(len, [([1, 2], 2), ("", 0)], "lengths"),
    "raises": lambda: expect_raises(ValueError, int, "x", checked='int("x")'),
    "raises one of two": lambda: expect_raises(
        (KeyError, TypeError), raiser(KeyError), checked="k"
    ),
    "learns": lambda: expect_learns(net(2, 8, 2), X, Y, checked="it learns", lr=0.05),
    "learns numbers": lambda: expect_learns(net(2, 8, 1), X, X[:, :1], checked="it", lr=0.05),
}
# what is wrong -> the check, and words that its message has to say
WRONG: dict[str, tuple[Callable[[], None], tuple[str, ...]]] = {
    "a list": (lambda: expect_array([1.0], [1.0], "a"), ("[1.0]", "an array")),
    "shape": (
        lambda: expect_array(np.zeros((2, 1)), np.zeros(2), "a"),
        ("shape (2, 1)", "shape (2,)"),
    ),
    "type": (lambda: expect_array(np.array([1]), np.array([1.0]), "a"), ("int64", "float64")),
    "item": (
        lambda: expect_array(np.array([[1.0, 2.0], [7.0, 8.0]]), [[1.0, 2.0], [3.0, 4.0]], "a"),
        ("7.0 at [1, 0], the first of 2 that differ", "3.0"),
    ),
    "True for 1": (
        lambda: expect_array(np.array([True]), np.array([1]), "a", any_type=True),
        ("True", "1"),
    ),
    "text": (
        lambda: expect_array(np.array(["a", "c"]), np.array(["a", "b"]), "a"),
        ("'c' at [1]",),
    ),
    "a frame that is a list": (lambda: expect_frame([1], FRAME, "f"), ("a list", "DataFrame")),
    "column": (lambda: expect_frame(FRAME[["a"]], FRAME, "f"), ("column 'b' is missing",)),
    "order": (lambda: expect_frame(FRAME[["c", "a", "b"]], FRAME, "f"), ("another order",)),
    "rows": (lambda: expect_frame(FRAME[:2], FRAME, "f"), ("2 rows", "3 rows")),
    "index": (
        lambda: expect_frame(FRAME.set_index(pd.Index([7, 8, 9])), FRAME, "f"),
        ("the index", "7"),
    ),
    "index name": (
        lambda: expect_frame(FRAME.rename_axis("n"), FRAME, "f"),
        ("an index named ['n']", "reset_index"),
    ),
    "column type": (
        lambda: expect_frame(FRAME.astype({"a": float}), FRAME, "f"),
        ("the column 'a' of type float64", "int64"),
    ),
    "gap": (lambda: expect_frame(FRAME.fillna({"b": 0.0}), FRAME, "f"), ("a value in row 1",)),
    "cell": (
        lambda: expect_frame(FRAME.assign(c=["x", "y", "q"]), FRAME, "f"),
        ("the column 'c'", "'q'", "'z'"),
    ),
    "series name": (lambda: expect_frame(FRAME["a"], FRAME["b"], "s"), ("'a'", "'b'")),
    "series value": (lambda: expect_frame(FRAME["a"] + 1, FRAME["a"], "s"), ("2 at [0]", "1")),
    "state name": (
        lambda: expect_state_names(nn.Sequential(nn.ReLU(), nn.Linear(2, 3)), net(2, 3, 4), "n"),
        ("no 0.weight, but 1.weight",),
    ),
    "state shape": (
        lambda: expect_state_names(net(2, 3, 4), net(2, 5, 4), "n"),
        ("0.weight of shape (3, 2)", "shape (5, 2)"),
    ),
    "state too many": (
        lambda: expect_state_names(nn.Linear(1, 1), ["weight"], "n"),
        ("bias, which does not belong there",),
    ),
    "no module": (lambda: expect_state_names(3, ["weight"], "n"), ("a module",)),  # type: ignore[arg-type]
    "call": (
        lambda: expect_calls(pow, [((2, 3), 8), ((2, 4), 15), ((1, 1), 0)], "powers"),
        ("powers: pow(2, 4)", "16", "15"),
    ),
    "no exception": (
        lambda: expect_raises(ValueError, int, "3", checked="int"),
        ("no exception; it returned 3", "ValueError"),
    ),
    "another exception": (
        lambda: expect_raises(ValueError, raiser(KeyError), checked="k"),
        ("KeyError", "ValueError"),
    ),
    "nothing is trained": (
        lambda: expect_learns(without_grad(), X, Y, checked="it learns"),
        ("no weights that are trained", "requires_grad"),
    ),
    "detached": (lambda: expect_learns(Frozen(), X, Y, checked="it learns"), ("detach()",)),
    "does not learn": (
        lambda: expect_learns(net(2, 8, 2), X, Y, checked="it", lr=1e-9, steps=3),
        ("a loss of", "at the end", "at most 0.7 times"),
    ),
}


@pytest.mark.parametrize("what", RIGHT)
def test_does_what_is_right_pass(what: str) -> None:
    RIGHT[what]()


@pytest.mark.parametrize("what", WRONG)
def test_does_a_message_say_what_differs_first(what: str) -> None:
    call, words = WRONG[what]
    with pytest.raises(CheckFailed) as failure:
        call()
    for each in words:
        assert each in str(failure.value)
    assert len(failure.value.lines()) <= 5


@pytest.mark.parametrize("what", ["item", "cell", "call", "no exception", "does not learn"])
def test_is_no_value_told_of_a_hidden_check(what: str) -> None:
    call, _ = WRONG[what]
    with pytest.raises(CheckFailed) as failure, hidden("other values"):
        call()
    told = str(failure.value)
    assert not any(word in told for word in ("got", "expected", "7.0", "'z'", "pow(", "a loss of"))
    assert failure.value.detail


@pytest.mark.parametrize("of", [Exception, NotImplementedError])
def test_is_an_unanswered_stub_no_right_exception(of: Any) -> None:
    with pytest.raises((NotImplementedError, NotAnswered)):
        expect_raises(of, unanswered, checked="it raises")


def test_is_the_model_that_is_looked_at_left_as_it_was() -> None:
    model = net(2, 8, 2)
    before = [p.clone() for p in model.parameters()]
    expect_learns(model, X, Y, checked="it learns", lr=0.05)
    assert all(torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True))
