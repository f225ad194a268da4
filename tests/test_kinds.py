"""May an answer be of any kind that docs/authoring.md lists, and does none of them earn marks by lying?

All answers of this file are graded together, once, as one notebook in the isolated engine.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_notebook
from test_isolated import cell

from headcheck.grading.engines.isolated import IsolatedEngine
from headcheck.grading.submission import grade
from headcheck.grading.work import CellResult, Limits, Work
from headcheck.sandbox.forkserver import Forkserver

SETUP = """
import abc, asyncio, collections, copy, dataclasses, datetime, decimal, enum, fractions, functools, inspect
import itertools, math, pathlib, re, types, typing, uuid
import numpy as np
import pandas as pd
import torch
from torch import nn
from headcheck import checking, expect_equal, hidden

@dataclasses.dataclass
class Point:
    x: float
    y: float
    def norm(self): return (self.x ** 2 + self.y ** 2) ** 0.5

class Shape:
    def __init__(self, name): self.name = name
    def area(self): raise NotImplementedError
    def tell(self): return f"{self.name}: {self.area()}"

class Abstract(abc.ABC):
    @abc.abstractmethod
    def area(self): ...
    def double(self): return 2 * self.area()

class Account:
    def __init__(self, balance): self.balance = balance
    def deposit(self, amount): self.balance += amount

class Colour(enum.Enum):
    RED = "red"
    GREEN = "green"

class Pair(typing.NamedTuple):
    left: int
    right: int

class NoSuchThing(Exception): pass
"""


@dataclass(frozen=True)
class Row:
    """An answer of one kind, and a check that a right one passes."""

    answer: str
    check: str
    name: str = "answer"


def row(answer: str, *checks: str, name: str = "answer") -> Row:
    lines = [f"assert {line}" if not line.startswith("!") else line[1:] for line in checks]
    return Row(textwrap.dedent(answer), "\n".join(lines), name)


# What a row is called stands in the table of docs/authoring.md.
KINDS: dict[str, list[Row]] = {
    "numbers, texts, bytes, None": [
        row(
            "def answer(): return 3, 2.5, True, None, 'é', b'\\0', 1+2j, 10**30, bytearray(b'a')",
            "answer() == (3, 2.5, True, None, 'é', b'\\0', 1+2j, 10**30, bytearray(b'a'))",
            "expect_equal(answer()[6], 1+2j, 'complex') is None",
        ),
        row(
            "def answer(): return 'word ' * 100_000, list(range(200_000)), [0.5] * 200_000",
            "answer() == ('word ' * 100_000, list(range(200_000)), [0.5] * 200_000)",
        ),
        row(
            "class answer(float):\n    def double(self): return answer(2 * self)",
            "answer(2.0) == 2.0",
        ),
    ],
    "lists, tuples, sets, dictionaries": [
        row(
            "def answer(): return [1, (2, 3)], {4}, frozenset({5}), {'a': [6]}, {1: 2}.keys()",
            "answer() == ([1, (2, 3)], {4}, frozenset({5}), {'a': [6]}, [1])",
        ),
        row(
            """
            from collections import Counter, OrderedDict, defaultdict, deque
            def answer():
                d = defaultdict(list); d['a'].append(1)
                return deque([1, 2], 3), Counter('aab'), OrderedDict(b=1, a=2), d
            """,
            "answer()[0] == collections.deque([1, 2]) and answer()[0].maxlen == 3",
            "answer()[1].most_common(1) == [('a', 2)] and answer()[1]['nothing'] == 0",
            "list(answer()[2]) == ['b', 'a'] and isinstance(answer()[2], collections.OrderedDict)",
            "answer()[3]['b'] == []",
        ),
    ],
    "named tuples": [
        row(
            """
            from collections import namedtuple
            from typing import NamedTuple
            Made = namedtuple('Made', 'low high')
            class Also(NamedTuple):
                low: int
                high: int = 5
            def answer(kind): return Made(1, 2) if kind == 'made' else Also(1)
            """,
            "answer('made').high == 2 and answer('made') == (1, 2)",
            "answer('also')._asdict() == {'low': 1, 'high': 5}",
            "answer('also')._replace(low=3) == (3, 5) and type(answer('also')).__name__ == 'Also'",
            "answer('made')._fields == ('low', 'high')",
        ),
    ],
    "data of a class of the student's own": [
        row(
            """
            from typing import NamedTuple
            class Answer(NamedTuple):
                x: float
                y: float = 0
                def norm(self): return (self.x ** 2 + self.y ** 2) ** 0.5
                @property
                def swapped(self): return Answer(self.y, self.x)
                @classmethod
                def origin(cls): return cls(0, 0)
                def __add__(self, other): return Answer(self.x + other[0], self.y + other[1])
                def __str__(self): return f"({self.x}; {self.y})"
            """,
            "Answer(3, 4) == (3, 4) and Answer(3, 4).norm() == 5 and Answer(3).y == 0",
            "Answer(3, 4).swapped == (4, 3) and Answer.origin() == (0, 0)",
            "Answer(1, 2) + Answer(3, 4) == (4, 6) and Answer(1, 2) + (1, 1) == (2, 3)",
            "str(Answer(1, 2)) == '(1; 2)' and Answer(1, 2)._replace(x=5) == (5, 2)",
            "isinstance(Answer(1, 2), Answer) and isinstance(Answer(1, 2), tuple)",
            "!x, y = Answer(1, 2)\nassert (x, y) == (1, 2) and {Answer(1, 2): 3}[1, 2] == 3",
            "expect_equal([Answer(1, 2)], [(1, 2)], 'points') is None",
            name="Answer",
        ),
        row(
            """
            class Answer(list):
                def push(self, item): self.append(item)
                def top(self): return self[-1]
                @property
                def is_empty(self): return not self
                def pop(self, index=-1):
                    if self.is_empty: raise LookupError("nothing there")
                    return super().pop(index)
            def filled(stack): stack.push(9); return stack
            """,
            "!stack = Answer()\nassert stack.is_empty and stack == []",
            "!stack.push(1); stack.push(2)\nassert stack == [1, 2] and stack.top() == 2",
            "!stack.append(3)\nassert stack.pop() == 3 and stack.top() == 2 and len(stack) == 2",
            "!stack[0] = 7; stack += [8]\nassert stack.top() == 8 and list(stack) == [7, 2, 8]",
            "!copied = copy.deepcopy(stack); copied.push(0)\nassert stack == [7, 2, 8] != copied",
            "!stack.clear()\ntry: stack.pop()\nexcept LookupError: pass\nelse: assert False",
            "!stack.note = 'mine'\nassert stack.note == 'mine' and not hasattr(stack, 'other')",
            name="Answer",
        ),
        row(
            """
            import collections
            class Answer(dict):
                def __missing__(self, key): return 0
                def count(self, key): self[key] = self[key] + 1; return self
                def most(self): return max(self, key=self.get)
            """,
            "!found = Answer(a=1)\nassert found == {'a': 1} and found['b'] == 0",
            "found.count('b').count('b') == {'a': 1, 'b': 2} and found == {'a': 1, 'b': 2}",
            "!found.update(a=5)\nassert found.most() == 'a' and sorted(found.items())[0] == ('a', 5)",
            "!del found['a']\nassert found.most() == 'b' and 'a' not in found",
            name="Answer",
        ),
        row(
            """
            class Answer(str):
                def __new__(cls, text): return super().__new__(cls, text.lower())
                @property
                def initials(self): return "".join(word[0] for word in self.split())
                def greet(self, other): return f"{self}, meet {other}"
            class Celsius(float):
                def fahrenheit(self): return Celsius(self * 9 / 5 + 32)
            """,
            "Answer('Ada Lovelace') == 'ada lovelace' and Answer('Ada B').initials == 'ab'",
            "Answer('A').greet(Answer('B')) == 'a, meet b' and Answer('A').upper() == 'A'",
            "Answer('A') in {'a'} and f'{Answer(chr(65))}!' == 'a!'",
            name="Answer",
        ),
        row(
            """
            class answer(float):
                def fahrenheit(self): return answer(self * 9 / 5 + 32)
                def __add__(self, other): return answer(float(self) + float(other))
            """,
            "answer(100.0).fahrenheit() == 212 and answer(1.0) + answer(2.0) == 3",
            "round(answer(0.25), 1) == 0.2 and abs(answer(-1.0)) == 1 and answer(2) < 3",
        ),
    ],
    "slices, ranges, `...`, patterns": [
        row(
            """
            import re
            def answer(): return slice(1, None, 2), range(1, 9, 3), ..., re.compile('a+', re.I)
            """,
            "answer()[:3] == (slice(1, None, 2), range(1, 9, 3), ...)",
            "answer()[3].fullmatch('aAa') and answer()[3].flags & re.I",
        ),
    ],
    "decimals, fractions, UUIDs": [
        row(
            """
            import uuid
            from decimal import Decimal
            from fractions import Fraction
            def answer(): return Decimal('1.10') * 3, Fraction(2, 6), uuid.UUID(int=5)
            """,
            "answer() == (decimal.Decimal('3.30'), fractions.Fraction(1, 3), uuid.UUID(int=5))",
            "str(answer()[0]) == '3.30' and isinstance(answer()[1], fractions.Fraction)",
            "expect_equal(answer()[0], decimal.Decimal('3.30'), 'a sum') is None",
        ),
    ],
    "dates and times": [
        row(
            """
            import datetime as d
            from zoneinfo import ZoneInfo
            def answer():
                there = d.datetime(2024, 7, 1, 12, tzinfo=ZoneInfo('Europe/Berlin'))
                return d.date(2024, 2, 29), d.time(1, 2, 3), d.timedelta(1, 2), there
            """,
            "answer()[0] + answer()[2] == datetime.date(2024, 3, 1)",
            "answer()[1] == datetime.time(1, 2, 3)",
            "answer()[3].utcoffset() == datetime.timedelta(hours=2)",
            "answer()[3].astimezone(datetime.timezone.utc).hour == 10",
        ),
    ],
    "members of an Enum": [
        row("def answer(): return Colour.RED, {Colour.GREEN: 1}", "answer()[0] is Colour.RED"),
        row(
            """
            from enum import Enum, IntEnum
            class Suit(Enum):
                SPADES = 's'
                HEARTS = 'h'
                def red(self): return self is Suit.HEARTS
            class Level(IntEnum):
                LOW = 1
                HIGH = 3
            """,
            "Suit.SPADES.value == 's' and Suit('h').name == 'HEARTS' and Suit['HEARTS'].red()",
            "[each.name for each in Suit] == ['SPADES', 'HEARTS'] and len(Suit) == 2",
            "Suit.SPADES is Suit.SPADES and Suit.SPADES != Suit.HEARTS and Suit.HEARTS in Suit",
            "Suit.SPADES != 's' and Level.HIGH == 3 and Level.LOW < Level.HIGH and Level.HIGH + 1 == 4",
            "isinstance(Suit.SPADES, Suit) and {Suit.SPADES: 1}[Suit.SPADES] == 1",
            name="Suit",
        ),
    ],
    "paths": [
        row(
            "from pathlib import Path\ndef answer(p): return Path('a') / p",
            "answer('b.txt') == pathlib.Path('a/b.txt') and answer('b.txt').suffix == '.txt'",
            "answer(pathlib.Path('c')).parts == ('a', 'c')",
        ),
    ],
    "exceptions, classes and functions as values": [
        row(
            """
            def answer(what):
                return ValueError('no', 3) if what == 'error' else int if what == 'type' else len
            """,
            "isinstance(answer('error'), ValueError) and answer('error').args == ('no', 3)",
            "answer('type') is int and answer('len')([1, 2]) == 2",
        ),
        row(
            """
            import functools
            class Adder:
                def __init__(self, n): self.n = n
                def add(self, m): return self.n + m
            def answer(): return lambda x: x + 1, Adder(5).add, functools.partial(max, 3), Adder
            """,
            "answer()[0](2) == 3 and answer()[1](1) == 6 and answer()[2](7) == 7",
            "answer()[3](1).n == 1",
        ),
        row(
            '''
            import functools
            @functools.lru_cache
            def answer(n: int, *, twice: bool = False) -> int:
                """The n-th."""
                return 2 * n if twice else n
            ''',
            "answer(3) == 3 and answer(3) == 3 and answer.cache_info().hits >= 1",
            "answer.__doc__ == 'The n-th.' and answer.__wrapped__.__name__ == 'answer'",
            "str(inspect.signature(answer)).startswith('(n')",
            "inspect.signature(answer).parameters['twice'].default is False",
        ),
    ],
    "what a function raises": [
        row(
            """
            class Empty(ValueError): pass
            def answer(n):
                if n == 0: raise Empty('no')
                if n == 1: raise NoSuchThing('1')
                if n == 2: raise KeyError('k')
                raise Empty
            """,
            "!caught = []",
            "!for n in range(3):\n"
            "    try: answer(n)\n"
            "    except ValueError: caught.append('value')\n"
            "    except NoSuchThing: caught.append('own')\n"
            "    except KeyError: caught.append('key')",
            "caught == ['value', 'own', 'key']",
            "!try: answer(5)\nexcept Empty: caught.append('Empty')",
            "caught[-1] == 'Empty' and issubclass(Empty, ValueError)",
            name="answer",
        ),
    ],
    "generators and iterators": [
        row(
            """
            def answer(n):
                for k in range(n):
                    got = yield k
                    if got: yield got
            def endless():
                while True: yield 1
            def pairs(a, b): return zip(a, b)
            """,
            "list(answer(4)) == [0, 1, 2, 3] and next(answer(2)) == 0",
            "isinstance(answer(1), types.GeneratorType) and inspect.isgenerator(answer(1))",
            "!g = answer(3); next(g)",
            "g.send('x') == 'x' and list(g) == [1, 2]",
            "list(itertools.islice(endless(), 3)) == [1, 1, 1]",
            "list(pairs([1], 'a')) == [(1, 'a')] and sum(answer(4)) == 6",
        ),
        row(
            "def answer(items): return [2 * i for i in items]",
            "answer(n for n in range(3)) == [0, 2, 4] and answer(iter([1])) == [2]",
        ),
    ],
    "async answers": [
        row(
            """
            import asyncio
            async def answer(n):
                await asyncio.sleep(0)
                return n + 1
            async def count(n):
                for k in range(n): yield k
            """,
            "asyncio.iscoroutine(answer(2)) and await answer(4) == 5",
            "[n async for n in count(3)] == [0, 1, 2]",
            "await asyncio.gather(answer(1), answer(2)) == [2, 3]",
        ),
        row(
            "async def answer(n): return n + 1",
            "asyncio.run(answer(2)) == 3",
        ),
    ],
    "dataclasses": [
        row(
            """
            from dataclasses import dataclass, field
            @dataclass(order=True)
            class Item:
                price: float
                tags: list = field(default_factory=list)
                def total(self, n): return n * self.price
            def make(price): return Item(price)
            """,
            "Item(2.0).total(3) == 6 and Item(1.5).price == 1.5 and Item(1).tags == []",
            "Item(1.0) == Item(1.0) and Item(1.0) != Item(2.0) and Item(1.0) < Item(2.0)",
            "make(3) == Item(3) and isinstance(make(3), Item) and type(make(3)) is Item",
            "dataclasses.asdict(Item(1, ['a'])) == {'price': 1, 'tags': ['a']}",
            "[f.name for f in dataclasses.fields(Item)] == ['price', 'tags']",
            "dataclasses.is_dataclass(Item) and repr(Item(1)) == 'Item(price=1, tags=[])'",
            "dataclasses.replace(Item(1), price=4).price == 4",
            "expect_equal(make(3), Item(3), 'an item') is None",
            name="Item",
        ),
    ],
    "objects of a setup cell's class": [
        row(
            """
            def answer(p): return Point(p.x + 1, p.y)
            def shift(p): p.x += 5
            def pay(account): account.deposit(10)
            def pair(): return Pair(1, 2)
            """,
            "answer(Point(2, 4)) == Point(3, 4) and answer(Point(2, 4)).norm() == 5",
            "type(answer(Point(0, 0))) is Point and pair() == Pair(1, 2) and pair().left == 1",
            "!p, a = Point(1, 1), Account(5); shift(p); pay(a)",
            "p.x == 6 and a.balance == 15",
            "expect_equal(answer(Point(2, 4)), Point(3, 4), 'a point') is None",
        ),
    ],
    "classes of the student's own": [
        row(
            '''
            class Stack:
                """A stack."""
                kind = 'stack'
                def __init__(self, items=()): self._items = list(items)
                def push(self, item): self._items.append(item); return self
                def pop(self): return self._items.pop()
                @property
                def top(self): return self._items[-1]
                @top.setter
                def top(self, value): self._items[-1] = value
                @classmethod
                def of(cls, *items): return cls(items)
                @staticmethod
                def name(): return 'a stack'
                def __len__(self): return len(self._items)
                def __iter__(self): return iter(self._items)
                def __getitem__(self, i): return self._items[i]
                def __setitem__(self, i, value): self._items[i] = value
                def __contains__(self, item): return item in self._items
                def __bool__(self): return bool(self._items)
                def __repr__(self): return f'Stack({self._items})'
                def __call__(self, n): return n * len(self)
            ''',
            "!s = Stack()",
            "not s and len(s) == 0 and s.push(3) is s and s.push(4).top == 4 and len(s) == 2",
            "list(s) == [3, 4] and s[0] == 3 and s[-1:] == [4] and 4 in s and 9 not in s",
            "!s.top = 7; s[0] = 1; s.extra = 5",
            "s.pop() == 7 and s[0] == 1 and s.extra == 5 and s(3) == 3",
            "Stack.of(1, 2).top == 2 and Stack.name() == 'a stack' and Stack.kind == 'stack'",
            "repr(Stack([1])) == 'Stack([1])' and f'{Stack([1])}' == 'Stack([1])'",
            "type(s).__name__ == 'Stack' and s.__class__.__name__ == 'Stack' and s.__doc__ == 'A stack.'",
            "hasattr(s, 'push') and not hasattr(s, 'nothing') and isinstance(s, Stack)",
            "not isinstance(s, (int, list, Shape)) and callable(s) and vars(s)['_items'] == [1]",
            "!t = copy.deepcopy(s); t.push(5)",
            "len(s) == 1 and len(t) == 2",
            "!try: Stack().pop(); raise AssertionError('no error')\nexcept IndexError: pass",
            name="Stack",
        ),
        row(
            """
            import functools
            @functools.total_ordering
            class Vector:
                def __init__(self, x, y): self.x, self.y = x, y
                def __add__(self, o): return Vector(self.x + o.x, self.y + o.y)
                def __mul__(self, k): return Vector(k * self.x, k * self.y)
                __rmul__ = __mul__
                def __neg__(self): return Vector(-self.x, -self.y)
                def __matmul__(self, o): return self.x * o.x + self.y * o.y
                def __abs__(self): return (self @ self) ** 0.5
                def __eq__(self, o): return isinstance(o, Vector) and (self.x, self.y) == (o.x, o.y)
                def __lt__(self, o): return abs(self) < abs(o)
                def __hash__(self): return hash((self.x, self.y))
                def __iadd__(self, o): self.x += o.x; self.y += o.y; return self
                def __radd__(self, o): return self if o == 0 else NotImplemented
            """,
            "Vector(1, 2) + Vector(3, 4) == Vector(4, 6) and (2 * Vector(1, 2)).y == 4",
            "-Vector(1, 2) == Vector(-1, -2) and Vector(1, 2) @ Vector(3, 4) == 11",
            "abs(Vector(3, 4)) == 5 and Vector(1, 0) < Vector(2, 0) <= Vector(2, 0)",
            "len({Vector(1, 2), Vector(1, 2)}) == 1 and sum([Vector(1, 1), Vector(2, 2)]).x == 3",
            "!v = w = Vector(1, 1); v += Vector(1, 0)",
            "v is w and w.x == 2 and sorted([Vector(3, 0), Vector(1, 0)])[0].x == 1",
            "Vector(1, 2) != (1, 2) and Vector(1, 2) != 5 and Vector(1, 2) == Vector(1, 2)",
            "expect_equal(Vector(1, 2) + Vector(0, 1), Vector(1, 3), 'a sum') is None",
            name="Vector",
        ),
        row(
            """
            class Circle(Shape):
                def __init__(self, r): super().__init__('circle'); self.r = r
                def area(self): return 3 * self.r ** 2
            class Disc(Circle): pass
            class Square(Abstract):
                def area(self): return 4
            """,
            "isinstance(Square(), Abstract) and issubclass(Square, Abstract) and Square().double() == 8",
            "Circle(2).tell() == 'circle: 12' and isinstance(Circle(1), Shape)",
            "issubclass(Circle, Shape) and issubclass(Disc, Circle) and isinstance(Disc(1), Circle)",
            "not issubclass(Circle, Disc) and not isinstance(Circle(1), Account)",
            name="Circle",
        ),
        row(
            """
            class Managed:
                log = []
                def note(self, text): self.log.append(text)
                def __enter__(self): self.note('in'); return self
                def __exit__(self, kind, error, trace):
                    self.note(kind.__name__ if kind else 'out')
                    return kind is KeyError
            """,
            "!with Managed() as m: m.note('body')",
            "Managed.log == ['in', 'body', 'out']",
            "!with Managed(): raise KeyError('swallowed')",
            "Managed.log[-1] == 'KeyError'",
            "!try:\n    with Managed(): raise ValueError\nexcept ValueError: m.note('left')",
            "Managed.log[-2:] == ['ValueError', 'left']",
            name="Managed",
        ),
    ],
    "modules": [
        row(
            """
            class Net(nn.Module):
                def __init__(self): super().__init__(); self.lin = nn.Linear(2, 3)
                def forward(self, x): return self.lin(x)
                def width(self): return 3
            """,
            "Net()(torch.ones(1, 2)).shape == (1, 3) and Net().width() == 3",
            "isinstance(Net(), nn.Module) and isinstance(Net(), Net) and issubclass(Net, nn.Module)",
            "sum(p.numel() for p in Net().parameters()) == 9",
            name="Net",
        ),
        row(
            """
            class Trainer:
                def __init__(self, model): self.model = model
                def fit(self):
                    with torch.no_grad():
                        for p in self.model.parameters(): p.fill_(7.)
            """,
            "!model = nn.Linear(1, 1); trainer = Trainer(model); trainer.fit()",
            "float(model.weight) == 7 and trainer.model is model",
            name="Trainer",
        ),
    ],
    "tensors, complex and sparse ones": [
        row(
            """
            def answer():
                return torch.tensor([1+2j]), torch.eye(2).to_sparse(), torch.eye(2).to_sparse_csr()
            def back(t): return t.to_dense() if t.is_sparse else t.conj()
            """,
            "torch.equal(answer()[0], torch.tensor([1+2j])) and answer()[1].is_sparse",
            "torch.equal(answer()[1].to_dense(), torch.eye(2))",
            "answer()[2].layout is torch.sparse_csr and answer()[2].values().tolist() == [1, 1]",
            "torch.equal(back(torch.eye(2).to_sparse()), torch.eye(2))",
            "torch.equal(back(torch.tensor([1j])).resolve_conj(), torch.tensor([-1j]))",
        ),
        row(
            "def answer(g): return torch.rand(3, generator=g)",
            "torch.equal(answer(torch.Generator().manual_seed(3)),"
            " torch.rand(3, generator=torch.Generator().manual_seed(3)))",
        ),
    ],
    "arrays of every type": [
        row(
            """
            import numpy as np
            def answer(): return {
                'text': np.array(['a', 'bcd']), 'time': np.array(['2024-01-02'], 'M8[D]'),
                'complex': np.array([[1j]]), 'unsigned': np.uint32([7]),
                'record': np.array([(1, 2.5, 'x')], [('a', 'i4'), ('b', 'f8'), ('c', 'U3')]),
                'object': np.array([1, 'a', None], object), 'number': np.float32(1.5),
                'type': np.dtype('i2'), 'day': np.datetime64('2024-01-02')}
            """,
            "answer()['text'].tolist() == ['a', 'bcd'] and answer()['complex'].dtype == complex",
            "answer()['time'][0] == np.datetime64('2024-01-02') == answer()['day']",
            "answer()['record']['b'][0] == 2.5 and answer()['record'].dtype.names == ('a', 'b', 'c')",
            "answer()['unsigned'].dtype == np.uint32 and answer()['object'].tolist() == [1, 'a', None]",
            "answer()['number'] == 1.5 and answer()['type'] == np.int16",
        ),
        row(
            """
            import numpy as np
            def answer(values, bad): return np.ma.masked_equal(values, bad)
            def first(values): return values[0]
            def total(values): return values.sum()
            """,
            "!found = answer(np.array([1, -9, 4]), -9)",
            "found.mask.tolist() == [False, True, False] and found.sum() == 5 and found[1] is np.ma.masked",
            "found.fill_value == -9 and found.filled(0).tolist() == [1, 0, 4] and total(found) == 5",
            "first(answer(np.array([3, 1]), 3)) is np.ma.masked",
        ),
    ],
    "data frames and series": [
        row(
            """
            import pandas as pd
            def answer():
                frame = pd.DataFrame({
                    'n': [1, 2, 3], 'x': [.5, None, 1.5], 't': ['a', None, 'c'], 'b': [True, False, True],
                    'd': pd.to_datetime(['2024-01-01', None, '2024-01-03']),
                    'z': pd.to_datetime(['2024-01-01'] * 3).tz_localize('Europe/Berlin'),
                    'c': pd.Categorical(['u', 'v', 'u'], ordered=True), 'o': [[1], (2,), {3: 4}],
                    'i': pd.array([1, None, 3], dtype='Int64'), 'td': pd.to_timedelta([1, 2, 3], 'D')})
                return frame
            def grouped(frame): return frame.groupby(['t', 'n'])['x'].sum()
            def clean(frame): return frame.dropna(subset=['t']).set_index('t')
            def spoil(frame): frame['new'] = 1
            """,
            "pd.testing.assert_frame_equal(answer(), answer()) is None and answer().shape == (3, 10)",
            "[str(t) for t in answer().dtypes][:4] == ['int64', 'float64', 'str', 'bool']",
            "answer()['d'].dt.day.tolist()[0] == 1 and str(answer()['z'].dt.tz) == 'Europe/Berlin'",
            "answer()['c'].cat.ordered and answer()['i'].isna().sum() == 1",
            "answer()['o'].tolist() == [[1], (2,), {3: 4}] and answer()['td'].sum().days == 6",
            "list(clean(answer()).index) == ['a', 'c'] and clean(answer()).index.name == 't'",
            "grouped(answer()).index.names == ['t', 'n'] and grouped(answer())[('c', 3)] == 1.5",
            "!mine = answer(); spoil(mine)",
            "list(mine)[-1] == 'new'",
        ),
        row(
            "import pandas as pd\ndef answer(): return pd.Timestamp('2024-01-02 03:04'), pd.NaT, pd.NA",
            "answer()[0].hour == 3 and answer()[0].day_name() == 'Tuesday' and answer()[2] is pd.NA",
            "answer()[1] is pd.NaT",
        ),
    ],
    "images": [
        row(
            """
            from PIL import Image
            def answer(size): return Image.new('RGB', size, (1, 2, 3))
            def grey(image): return image.convert('L').resize((2, 2))
            """,
            "answer((3, 4)).size == (3, 4) and answer((3, 4)).getpixel((0, 0)) == (1, 2, 3)",
            "grey(answer((3, 4))).mode == 'L' and np.asarray(answer((3, 4))).shape == (4, 3, 3)",
        ),
    ],
    "figures": [
        row(
            """
            import matplotlib.pyplot as plt
            def answer():
                figure, axes = plt.subplots()
                axes.plot([1, 2], [3, 4], label='a'); axes.set_title('t'); axes.set_xlabel('x')
                return figure
            """,
            "!from matplotlib.figure import Figure",
            "!figure = answer(); axes = figure.axes[0]",
            "isinstance(figure, Figure) and axes.get_title() == 't' and axes.get_xlabel() == 'x'",
            "len(axes.lines) == 1 and list(axes.lines[0].get_ydata()) == [3, 4]",
        ),
    ],
    "optimizers and schedulers": [
        row(
            """
            def answer(model, lr): return torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)
            def train(model, optimizer):
                for _ in range(2):
                    optimizer.zero_grad(); model(torch.ones(1, 2)).sum().backward(); optimizer.step()
            def halving(optimizer): return torch.optim.lr_scheduler.StepLR(optimizer, 1, 0.5)
            """,
            "!model = nn.Linear(2, 1); before = model.weight.detach().clone()",
            "!optimizer = answer(model, 0.1)",
            "isinstance(optimizer, torch.optim.SGD) and optimizer.param_groups[0]['momentum'] == 0.9",
            "optimizer.param_groups[0]['params'][0] is model.weight",
            "!model(torch.ones(1, 2)).sum().backward(); optimizer.step()",
            "torch.allclose(model.weight, before - 0.1)",
            "!train(model, optimizer)",
            "torch.allclose(model.weight, before - 0.1 * (1 + 1.9 + 2.71))",
            "torch.allclose(optimizer.state[model.weight]['momentum_buffer'], torch.tensor(2.71))",
            "!schedule = halving(optimizer); schedule.step()",
            "schedule.get_last_lr() == [0.05] and schedule.optimizer.param_groups[0]['lr'] == 0.05",
        ),
    ],
    "data sets, loaders, transforms": [
        row(
            """
            from torch.utils.data import DataLoader, Dataset, TensorDataset
            class Squares(Dataset):
                def __init__(self, n): self.n = n
                def __len__(self): return self.n
                def __getitem__(self, i): return torch.tensor([i]), torch.tensor(i * i)
            def loader(n, size): return DataLoader(Squares(n), batch_size=size)
            def pairs(): return TensorDataset(torch.arange(3), torch.arange(3) ** 2)
            def crop():
                from torchvision import transforms
                return transforms.Compose([transforms.CenterCrop(4), transforms.Normalize([.5], [.5])])
            """,
            "!from torch.utils.data import Dataset, DataLoader",
            "len(Squares(5)) == 5 and Squares(5)[3][1] == 9 and isinstance(Squares(5), Dataset)",
            "[x.shape[0] for x, y in loader(5, 2)] == [2, 2, 1] and loader(4, 2).batch_size == 2",
            "isinstance(loader(4, 2), DataLoader) and len(loader(5, 2)) == 3",
            "torch.equal(pairs()[2][1], torch.tensor(4)) and len(pairs()) == 3",
            "crop()(torch.ones(1, 8, 8)).shape == (1, 4, 4) and len(crop().transforms) == 2",
            name="Squares",
        ),
    ],
}

# None of these may pass, whatever it says of itself.
LIES = {
    "equal to all": (
        "class A:\n  def __eq__(s, o): return True\ndef lie(): return A()",
        "lie() == 5",
    ),
    "not unequal": (
        "class A:\n  def __ne__(s, o): return False\ndef lie(): return A()",
        "not lie() != 5",
    ),
    "equal, from the right": (
        "class A:\n  def __eq__(s, o): return True\ndef lie(): return A()",
        "5 == lie()",
    ),
    "equal class": (
        "class M(type):\n  def __eq__(s, o): return True\n  __hash__ = type.__hash__\n"
        "class A(metaclass=M): pass\ndef lie(): return A",
        "lie() == 5",
    ),
    "among all": (
        "class A:\n  def __eq__(s, o): return True\n  __hash__ = lambda s: 5\ndef lie(): return A()",
        "lie() in [4, 5]",
    ),
    "among all of a set": (
        "class A:\n  def __eq__(s, o): return True\n  __hash__ = lambda s: hash(5)\ndef lie(): return A()",
        "lie() in {5}",
    ),
    "holds everything": (
        "class A:\n  def __contains__(s, o): return True\ndef lie(): return A()",
        "5 in lie()",
    ),
    "holds everything, with items": (
        "class A:\n  def __contains__(s, o): return True\n  def __iter__(s): return iter(())\n"
        "  def __len__(s): return 1\ndef lie(): return A()",
        "5 in lie()",
    ),
    "less than all": (
        "class A:\n  def __lt__(s, o): return True\n  __gt__ = __lt__\ndef lie(): return A()",
        "lie() < 0.1",
    ),
    "close to all": (
        "class A:\n  def __sub__(s, o): return 0.0\n  __rsub__ = __sub__\ndef lie(): return A()",
        "abs(lie() - 5) < 0.1",
    ),
    "close, in two steps": (
        "class A:\n  def __sub__(s, o): return s\n  def __abs__(s): return 0.0\ndef lie(): return A()",
        "abs(lie() - 5) < 0.1",
    ),
    "close, of a class asked for": (
        "class Lie:\n  def norm(s): return s\n  def __sub__(s, o): return s\n  def __abs__(s): return 0.0\n"
        "  def __float__(s): return 0.0\n  def __round__(s, n=0): return 0\n  def __pow__(s, o): return 0.0",
        "abs(Lie().norm() - 5) < 0.1",
    ),
    "close, squared": (
        "class Lie:\n  def norm(s): return s\n  def __sub__(s, o): return s\n  def __pow__(s, o): return 0.0",
        "(Lie().norm() - 5) ** 2 < 0.1",
    ),
    "equal, of a class asked for": (
        "class Lie:\n  def norm(s): return s\n  def __eq__(s, o): return True",
        "Lie().norm() == 5.0",
    ),
    "equal for expect_equal": (
        "class A:\n  def __eq__(s, o): return True\ndef lie(): return A()",
        "expect_equal(lie(), 5, 'five') is None",
    ),
    "equal dataclass": (
        "from dataclasses import dataclass\n@dataclass\nclass Lie:\n  x: int\n"
        "  def __eq__(s, o): return True\ndef make(x): return Lie(0)",
        "expect_equal(make(3), Lie(3), 'a lie') is None",
    ),
    "equal to a setup cell's": (
        "class Mine(Point):\n  def __eq__(s, o): return True\ndef lie(): return Mine(0, 0)",
        "lie() == Point(3, 4)",
    ),
    "a method of a setup cell's object": (
        "def lie():\n  p = Point(0, 0)\n  p.norm = lambda: 5\n  return p",
        "type(lie()) is Point and lie().norm() == 5",
    ),
    "says that it is a number": (
        "class A:\n  __class__ = int\n  def __eq__(s, o): return True\ndef lie(): return A()",
        "isinstance(lie(), int) and lie() == 5",
    ),
    "an array of all": (
        "import numpy as np\nclass A:\n  def __array__(s, *a, **k): return np.array([5])\n"
        "  def __array_ufunc__(s, *a, **k): return True\n  def __eq__(s, o): return True\ndef lie(): return A()",
        "np.array_equal(lie(), np.array([5])) or np.all(lie() == np.array([5]))",
    ),
    "a list equal to all": (
        "class A(list):\n  def __eq__(s, o): return True\n  def own(s): return 1\ndef lie(): return A()",
        "lie() == [5] or lie() != [] or expect_equal(lie(), [5], 'five') is None",
    ),
    "a text equal to all": (
        "class A(str):\n  def __eq__(s, o): return True\n  __hash__ = str.__hash__\n  def own(s): return 1\n"
        "def lie(): return A()",
        "lie() == 'five' or lie() in {'five'} or lie() in ['five']",
    ),
    "a number close to all": (
        "class Lie(float):\n  def __sub__(s, o): return Lie(0)\n  __rsub__ = __sub__\n"
        "  def __abs__(s): return 0.0\n  __round__ = __pow__ = __abs__\n"
        "  def __lt__(s, o): return True\n  __gt__ = __le__ = __ge__ = __lt__",
        "abs(Lie(9) - 5) < 0.1 or abs(5 - Lie(9)) < 0.1 or round(Lie(9)) == 0 or float(Lie(9)) == 0"
        " or Lie(9) < 5 or (Lie(9) - 5) ** 2 < 0.1 or math.isclose(Lie(9), 5)",
    ),
    "a tuple that holds everything": (
        "class A(tuple):\n  def __contains__(s, o): return True\n  def count(s, o): return 1\n"
        "  def own(s): return 1\ndef lie(): return A()",
        "5 in lie()",
    ),
    "a list that is its own length": (
        "class A(list):\n  def __len__(s): return 5\n  def own(s): return 1\ndef lie(): return A()",
        "expect_equal(lie(), [1, 2, 3, 4, 5], 'five numbers') is None or lie() == [1, 2, 3, 4, 5]",
    ),
    "a tensor of all": (
        "class A:\n  @classmethod\n  def __torch_function__(c, f, t, a=(), k=None): return True\n"
        "def lie(): return A()",
        "torch.equal(lie(), torch.ones(1)) or torch.allclose(lie(), torch.ones(1))",
    ),
}
INTERNAL = re.compile("Inert|Remote|StandIn|BlackBox|CannotCross|stand-in")
# These cannot cross. The first ones an answer returns, the others a check hands over.
CANNOT = {
    "a nested tensor": (
        "import torch\ndef answer(): return torch.nested.nested_tensor([torch.ones(1), torch.ones(2)])",
        "assert answer().size(0) == 2",
    ),
    "a nested tensor, called": (
        "import torch\ndef answer(): return torch.nested.nested_tensor([torch.ones(1), torch.ones(2)])",
        "assert torch.equal(answer()[0], torch.ones(1))",
    ),
    "lists in lists": (
        "def answer():\n  found = []\n  for _ in range(40): found = [found]\n  return found",
        "found = answer()\nfor _ in range(30): found = found[0]",
    ),
    "a huge list": (
        "def answer(): return [str(n) for n in range(150_000)]",
        "expect_equal(answer(), [str(n) for n in range(150_000)], 'numbers')",
    ),
    "thousands of tensors": (
        "import torch\ndef answer(): return [torch.tensor(n) for n in range(4_100)]",
        "assert [int(t) for t in answer()] == list(range(4_100))",
    ),
}
OURS = {
    "a lambda handed over": ("def answer(f): return f(1)", "assert answer(lambda x: x) == 1"),
    "a lock handed over": (
        "def answer(f): return f",
        "import threading\nassert answer(threading.Lock()) == 1",
    ),
}
# A `with` of the student's does not hide what goes wrong in it.
SWALLOWED = {
    "a check that fails": "with Lie():\n    assert bad(0) == 9",
    "a worded check": "with Lie():\n    expect_equal(bad(0), 9, 'nine')",
    "an error of the answer": "with Lie():\n    bad(1)\n    assert False",
    "an error from its value": "with Lie():\n    1 / bad(0)\n    assert False",
}
LIAR = """
class Lie:
    def __enter__(self): return self
    def __exit__(self, *error): return True
def bad(n):
    if n: raise KeyError('x')
    return 0
"""

Verdicts = dict[str, CellResult]


def right_rows() -> list[tuple[str, Row]]:
    return [
        (f"{kind} {number}" if number else kind, each)
        for kind, rows in KINDS.items()
        for number, each in enumerate(rows)
    ]


def cases() -> Iterator[tuple[str, str, str]]:
    """(what is asked, the answer cell, the check cell)"""
    for name, each in right_rows():
        yield name, each.answer, each.check
    for name, (answer, claim) in LIES.items():
        yield f"lie: {name}", answer, f"assert {claim}"
    for name, code in SWALLOWED.items():
        yield f"with: {name}", LIAR, code
    for name, (answer, code) in (CANNOT | OURS).items():
        yield f"cannot: {name}", answer, code


@pytest.fixture(scope="module")
def verdicts(forkserver: Forkserver) -> dict[str, CellResult]:
    """What came of every check of this file, all graded as one notebook."""
    cells, asked = [cell(SETUP, "setup", "setup")], {}
    for number, (name, answer, code) in enumerate(cases()):
        asked[f"test_{number}"] = name
        cells.append(cell(answer, "answer", f"answer_{number}"))
        body = textwrap.indent(code, "    ")
        cells.append(cell(f"with checking('answer'):\n{body}", "check", f"test_{number}"))
    notebook = nbformat.writes(new_notebook(cells=cells)).encode()
    limits = Limits(cell_seconds=20, submission_seconds=200, memory_mib=2048)
    work = Work(
        student="s",
        assignment="a",
        notebook_name="a",
        notebook=notebook,
        seed=1,
        limits=limits,
    )
    result = grade(work, IsolatedEngine(forkserver))
    return {asked[each.grade_id]: each for each in result.cells}


@pytest.mark.parametrize("name", [name for name, _ in right_rows()])
def test_is_a_right_answer_of_this_kind_right(verdicts: dict[str, CellResult], name: str) -> None:
    found = verdicts[name]
    assert found.outcome == "passed", f"{found.message}\n{found.detail}"


@pytest.mark.parametrize("name", [f"lie: {n}" for n in LIES] + [f"with: {n}" for n in SWALLOWED])
def test_does_no_object_earn_marks_by_what_it_says_of_itself(
    verdicts: dict[str, CellResult], name: str
) -> None:
    found = verdicts[name]
    assert found.outcome in ("failed", "error"), f"{found.message}\n{found.detail}"
    assert not INTERNAL.search(found.message), found.message


@pytest.mark.parametrize("name", CANNOT)
def test_does_an_answer_that_cannot_be_looked_into_wait_for_nobody(
    verdicts: dict[str, CellResult], name: str
) -> None:
    """Or whoever likes could have the grader fail."""
    found = verdicts[f"cannot: {name}"]
    assert found.outcome in ("failed", "error")
    why = "it is very large" if name == "thousands of tensors" else "no check can look into"
    assert why in found.detail, found.detail
    assert not INTERNAL.search(found.message), found.message


@pytest.mark.parametrize("name", OURS)
def test_is_what_a_check_hands_over_and_cannot_cross_the_graders_fault(
    verdicts: dict[str, CellResult], name: str
) -> None:
    found = verdicts[f"cannot: {name}"]
    assert found.outcome == "grader-error"
    assert "cannot cross" in found.detail, found.detail
    assert not INTERNAL.search(found.message) and "not your fault" in found.message


def test_does_the_guide_list_each_kind() -> None:
    guide = (Path(__file__).parents[1] / "docs" / "authoring.md").read_text(encoding="utf-8")
    table = guide.partition("## What an answer may be")[2].partition("\n## ")[0]
    assert re.findall(r"^\| ([^|]+?) \|", table, re.M)[1:] == list(KINDS)
