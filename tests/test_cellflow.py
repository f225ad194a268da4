"""Which names does a cell read as another one has left them? All that it may, and few that it cannot."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from copy import deepcopy
from itertools import count
from random import Random
from types import FunctionType

import pytest

from headcheck import cellcode

CASES = [
    ("for a in rows:\n    say(a)", "rows say"),
    ("for a in rows:\n    say(a)\nsay(a)", "rows say a"),  # there may be no rows
    ("a = 1\nsay(a)", "say"),
    ("say(a)\na = 1", "say a"),
    ("a = a + 1", "a"),
    ("a += 1", "a"),
    ("a = 0\na += 1", ""),
    ("if c:\n    a = 1\nsay(a)", "c say a"),
    ("if c:\n    a = 1\nelse:\n    a = 2\nsay(a)", "c say"),
    ("while c:\n    a = 1\n    say(a)\nsay(a)", "c say a"),
    ("a, (b, *c) = x\nsay(a, b, c)", "x say"),
    ("a[i] = b.c = 1", "a i b"),
    ("import a.x, b as c\nsay(a, c)", "say"),
    ("def f(x=a):\n    y = x\n    return y, b\nf()", "a b"),
    ("a = 1\ndef f():\n    return a\nf()", "a"),  # called later, it may find another
    ("a = 1\ng = lambda: a", "a"),
    ("def f():\n    a = 1\n    def g():\n        return a\n    return g", ""),
    ("def f():\n    global a\n    a = 1", ""),  # binds it only: no table says that it is read
    ("a = []\nsay([a for a in a if a])", "say"),
    ("a = []\nsay(a for b in a if c)", "say a c"),
    ("say([a for b in a])", "say a"),
    ("class A:\n    x = a\n    def m(self):\n        return b\na = 1", "a b"),
    ("with torch.no_grad():\n    a = 1\nsay(a)", "torch say"),
    ("with suppress(E):\n    a = 1\nsay(a)", "suppress E say a"),
    ("with open(p) as a:\n    say(a)", "open p say"),
    ("try:\n    a = 1\nexcept E:\n    a = 2\nsay(a)", "E say"),
    ("try:\n    a = 1\nexcept E:\n    pass\nsay(a)", "E say a"),
    ("try:\n    b = 1\nfinally:\n    a = 1\nsay(a, b)", "say"),
    ("match p:\n    case {'k': a}:\n        say(a)", "p say a"),
    ("if (a := c):\n    say(a)", "c say a"),  # generous
    ("%time a = f(x)\nsay(a)", "f x say"),
    ("a = 1\nsay(eval('a + b'))", "a say eval b"),
    ("a = (", "a"),
    ("a = 1\n" + "say(" * 90 + "a" + ")" * 90, "say"),
]


@pytest.mark.parametrize(("source", "needs"), CASES)
def test_needs(source: str, needs: str) -> None:
    assert cellcode.needs(source) == set(needs.split())


# ---- any cell ------------------------------------------------------------------------------------

NAMES = ("a", "b", "c")
VALUES = (
    *("1", "[]", "[2, 3]", "{}", "say({})", "({} := {})"),
    "[{0} for {1} in as_list({2}) if {0}]",
    "tuple({0} for {1} in as_list({2}))",
)
SIMPLE = (
    *("{0} = V", "{0}, {1} = V, V", "{0} += as_list({1})", "del {0}", "say(V)"),
    *("f = lambda {0}=1: V", "raise ValueError", "import os as {0}"),
)
BLOCKS = (
    *("if V:\nBelse:\nB", "for {0} in as_list({1}):\nB", "while say({0}) and turns():\nB"),
    *("with swallow():\nB", "with open() as {0}:\nB", "class A:\nB", "def f({0}=V):\nB"),
    *("def f():\n    global {0}\nB", "match say({0}):\n    case [{1}, *_]:\n    B"),
    "try:\nBexcept Exception as {0}:\nBfinally:\nB",
)


def cell_of(random: Random, depth: int = 2) -> str:
    """Some statements, in blocks that are so deep at most."""
    return "".join(_statement(random, depth) for _ in range(random.randint(1, 2)))


def _statement(random: Random, depth: int) -> str:
    text = random.choice(BLOCKS if depth and random.random() < 0.5 else SIMPLE) + "\n"
    while "V" in text.replace("Value", ""):
        text = re.sub("V(?!alue)", lambda _: _filled(random, random.choice(VALUES)), text, count=1)
    while "B" in text:
        before, indent, after = re.split("( *)B", text, maxsplit=1)
        text = before + textwrap.indent(cell_of(random, depth - 1), "    " + indent) + after
    return _filled(random, text)


def _filled(random: Random, text: str) -> str:
    return re.sub(r"\{\d?\}", lambda _: random.choice(NAMES), text)


def cells(number: int) -> Iterator[str]:
    """So many that Python takes (no walrus for a comprehension's own name, and the like)."""
    for seed in count():
        cell = cell_of(Random(seed))
        try:
            compile(cell, "cell", "exec")
        except SyntaxError:
            continue
        yield cell
        if not (number := number - 1):
            return


class _Swallow:
    def __init__(self, everything: bool) -> None:
        self.everything = everything

    def __enter__(self) -> None: ...

    def __exit__(self, *error: object) -> bool:
        return self.everything


def ran(cell: str, before: dict[str, object], after: dict[str, object]) -> list[str]:
    """What a cell says where others have left `before`, and its function where they have left `after`."""
    said: list[str] = []
    left = iter(range(5))

    def say(thing: object) -> object:
        said.append("function" if isinstance(thing, FunctionType | type) else repr(thing))
        return thing

    names: dict[str, object] = {
        **deepcopy(before),
        "say": say,
        "as_list": lambda x: [*x][:3] if isinstance(x, list | tuple) else [x],
        "turns": lambda: next(left, None) is not None,
        "swallow": lambda: _Swallow(True),
        "open": lambda: _Swallow(False),
    }
    for code in (cell, "say(f())"):
        try:
            exec(compile(code, "cell", "exec"), names)
        except Exception as error:
            said.append(type(error).__name__)
        names |= deepcopy(after)
    return said


def others(needed: frozenset[str]) -> Iterator[dict[str, object]]:
    """Two notebooks that differ in what the cell does not need."""
    for number in (7, 8):
        yield {each: [number] for each in NAMES if each not in needed}


def test_does_nothing_else_change_what_a_cell_does() -> None:
    for cell in cells(1500):
        needed = cellcode.needs(cell)
        common: dict[str, object] = {each: [1, 2] for each in needed & {*NAMES}}
        first, second = others(needed)
        assert ran(cell, common | first, {}) == ran(cell, common | second, {}), cell


def test_does_nothing_else_change_what_its_function_does_later() -> None:
    before: dict[str, object] = {each: [1, 2] for each in NAMES}
    for cell in cells(1500):
        first, second = others(cellcode.needs(cell))
        assert ran(cell, before, first) == ran(cell, before, second), cell


def test_are_most_names_that_a_cell_binds_first_not_needed() -> None:
    """Else the two above would hold for an answer that says everything."""
    reads = sum(len(cellcode.reads(cell) & {*NAMES}) for cell in cells(500))
    needs = sum(len(cellcode.needs(cell) & {*NAMES}) for cell in cells(500))
    assert 0.5 * reads < needs < 0.95 * reads
