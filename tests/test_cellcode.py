"""What does a cell bind, and what does it read? One answer, for every Python and every magic."""

from __future__ import annotations

import ast
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from headcheck import cellcode

CASES = [
    ("a = b", "b", "a"),
    ("import numpy as np\nnp.pi", "np", "np"),
    ("import a.b, c as d\nfrom m import n as o", "", "a d o"),
    ("def f(x):\n    y = x + z\n    return y", "z", "f"),
    ("async def f():\n    await later", "later", "f"),
    ("def f():\n    global g\n    g = 1", "", "f g"),
    ("class A(B):\n    def m(self):\n        return later", "B later", "A"),
    ("if True:\n    def g(): pass", "", "g"),
    ("for k in it:\n    with v as w: pass", "it v", "k w"),
    ("a, (b, *c) = 1, 2", "", "a b c"),
    ("a.b = 1; c[0] = 2", "a c", ""),
    ("x: int", "int", ""),
    ("x: int = 1", "int", "x"),
    ("x += 1", "x", "x"),
    # a function's own name is nobody else's, however it is changed
    ("def f():\n    x = []\n    x += g()", "g", "f"),
    ("def f(x):\n    x += 1\n    del x", "", "f"),
    ("def f():\n    x = 1\n    def g():\n        nonlocal x\n        x += 1", "", "f"),
    ("def f():\n    global x\n    x += 1", "x", "f x"),
    ("class A:\n    x += 1", "x", "A"),
    ("class A:\n    x = x", "x", "A"),
    ("def f():\n    class A:\n        x += 1", "x", "f"),
    ("lambda v: v + g", "g", ""),
    # what goes again
    ("x = 1\ndel x", "x", ""),
    ("x = 1\ndel x\nx = 2", "x", "x"),
    ("try:\n    pass\nexcept E as error:\n    pass", "E", ""),
    # comprehensions keep their names for themselves, on every Python
    ("[i for i in rows]", "rows", ""),
    ("x = {k: [f(i) for i in v] for k, v in rows}", "f rows", "x"),
    ("i = max({g(i) for i in (i for i in rows)})", "max g rows", "i"),
    # but not what := binds in them
    ("[(last := i) for i in rows]", "rows", "last"),
    ("if (n := 10) > 5: pass", "", "n"),
    ("match p:\n    case [a, *rest]: pass\n    case {'k': v, **kw}: pass", "p", "a rest v kw"),
    # by other ways: every word may be read
    ("f = eval('a')", "f eval a", "f"),
    # magics
    ("files = !ls\ndef helper(): return files", "ls files", "files helper"),
    ("a, b = %magic word", "magic word", "a b"),
    ("%time thing = f(x)", "f x", "thing"),
    ("%timeit f(x)", "timeit f x", ""),
    ("%%time\ny = f(x)", "f x", "y"),
    ("%%capture out\ny = 1", "out", "out y"),
    ("%%bash\nx=1", "bash x", ""),
    ("!pip install \\\n  torch\nq = 1", "pip install torch", "q"),
    ("nn.Linear?\nfoo = 3", "nn Linear", "foo"),
    ('s = """\n%%time\n!ls\n"""\nr = s', "s", "s r"),
    # no Python at all: what it seems to define, and every word is read
    ("def broken(:\n    x = 1", "def broken x", "broken"),
]


@pytest.mark.parametrize(("source", "reads", "binds"), CASES)
def test_reads_and_binds(source: str, reads: str, binds: str) -> None:
    assert (cellcode.reads(source), cellcode.binds(source)) == (
        set(reads.split()),
        set(binds.split()),
    )


@pytest.mark.skipif(sys.version_info < (3, 12), reason="type aliases came with Python 3.12")
def test_type_aliases_and_parameters() -> None:
    source = "type A = int | B\ndef f[T](x: T): pass"
    assert (cellcode.reads(source), cellcode.binds(source)) == ({"int", "B"}, {"A", "f"})


@pytest.mark.parametrize(
    "source",
    [
        "x = " + "(" * 5000,
        "x = 1\n" * 50_000,
        "\0",
        "%" * 100_000,
        "a" * 150_000 + " = !ls",
        "!ls \\\n" * 9_000,
        "def f(" * 10_000,
        "[" + "," * 60_000,
    ],
    ids=lambda text: f"{text[:6]!r}",
)
def test_no_text_is_too_odd(source: str) -> None:
    """Whatever a student writes is read without an error."""
    assert cellcode.read(source).reads is not None


def test_does_one_thread_parse_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python 3.11 raises SystemError now and then when two do: a grader-error for nothing."""
    real, here, most = ast.parse, 0, 0
    together = threading.Barrier(3)

    def parse(text: str) -> ast.Module:
        nonlocal here, most
        here += 1
        most = max(most, here)
        time.sleep(0.01)  # others may run
        here -= 1
        return real(text)

    def binds(name: str) -> bool:
        together.wait()
        return cellcode.defines(f"{name} = 1  # of this test", name)

    with monkeypatch.context() as patched, ThreadPoolExecutor(3) as threads:
        patched.setattr(ast, "parse", parse)
        bound = [*threads.map(binds, ("one", "two", "three"))]
    assert bound == [True] * 3 and most == 1
