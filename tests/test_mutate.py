"""Are mutants what they say: one change each, of the solution alone, no two the same?"""

from __future__ import annotations

import ast

import pytest

from headcheck.authoring.kinds import WATCH, kinds_of, watched
from headcheck.authoring.mutate import mutants, normal, where

ANSWER = '''\
def widths(sizes, last: int = 3, *, deep=True):
    """Docstring."""
    ### BEGIN SOLUTION
    kept = [s for s in sizes if s > 0]
    if not kept:
        raise ValueError(f"nothing in {sizes}")
    if deep and last is not None:
        kept.append(last)
    return tuple(kept[1:])
    ### END SOLUTION


print(widths([1]))
'''


def codes(source: str, **kinds: set[str]) -> list[str]:
    """What the mutants of one expression, given back by a function, make of it."""
    text = f"def given(f):\n    return {source}"
    (function,) = ast.parse(text).body
    value = function.body[0].value  # type: ignore[attr-defined]
    seen = {where(value): set().union(*kinds.values())} if kinds else {}
    return [m.code.removeprefix("def given(f):\n    return ") for m in mutants(text, seen)]


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("a < b", "a <= b"),
        ("a == b", "a != b"),
        ("a is None", "not a"),
        ("a is not None", "bool(a)"),
        ("a and b", "a or b"),
        ("a and b", "b"),
        ("not a", "a"),
        ("a * b", "a / b"),
        ("a + b", "b"),
        ("-a", "a"),
        ("a if c else b", "b"),
        ("f(a, k=1)", "f(a)"),
        ("f(a, b)", "f(b, a)"),
        ("f(a)", "a"),
        ("m.f(a)", "m"),
        ("f(*a)", "f(a)"),
        ("a[:n]", "a[n:]"),
        ("a[:n]", "a"),
        ("[a, b]", "[b]"),
        ("(a, b)", "(b, a)"),
        ("[i for i in a if i]", "[i for i in a]"),
        ("[i for i in a]", "[i for i in list(a)[1:]]"),
        ("cat(a, dim=1)", "cat(a, dim=0)"),
        ("cat(a, dim=1)", "cat(a, dim=-1)"),
        ("0.5", "0.25"),
        ("True", "False"),
        ("'Pool[123]d$'", "'Pool[123]d'"),
        ("m.children()", "m.modules()"),
    ],
)
def test_is_this_change_made(right: str, wrong: str) -> None:
    assert wrong in codes(right)


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        ("tracked", "f.detach()"),
        ("tensor", "f * 1.1"),
        ("tensor", "f.softmax(-1)"),
        ("tensor", "f.log_softmax(-1)"),
        ("tensor", "torch.nn.functional.dropout(f)"),
        ("maps", "f.transpose(2, 3)"),
        ("module", "f.eval()"),
        ("learns", "f.requires_grad_(False)"),
        ("module", "torch.nn.Sequential(f, torch.nn.Softmax(1))"),
        ("list", "f[:-1]"),
        ("int", "f + 1"),
        ("bool", "not f"),
    ],
)
def test_is_a_value_changed_by_what_it_is(kind: str, wrong: str) -> None:
    assert wrong in codes("f", kinds={kind})
    assert wrong not in codes("f")


def test_are_options_ignored_alone_and_beside_others() -> None:
    made = [
        m.code
        for m in mutants(
            "def f(x, n=3, pre=True, cut=None):\n    return cut(x) if callable(cut) else n"
        )
    ]
    for line in (
        "    n = 3\n    return",
        "    if not cut is None:\n        n = 3\n",
        "    if callable(cut):\n        n = 3\n",
        "    if n == 3:\n        pre = True\n",
    ):
        assert any(line in code for code in made), line
    assert "def f(x, n=3, pre=False, cut=None)" in "".join(made)


def test_is_no_grad_put_around_what_computes_with_tensors() -> None:
    source = "def f(x):\n    return x * 2"
    wrong = "def f(x):\n    with torch.no_grad():\n        return x * 2"
    seen = {where(n): {"tracked"} for n in ast.walk(ast.parse(source)) if isinstance(n, ast.BinOp)}
    assert wrong in [m.code for m in mutants(source, seen)]
    assert wrong not in [m.code for m in mutants(source)]


def test_is_each_mutant_another_program() -> None:
    made = [m.code for m in mutants(ANSWER)]
    assert len({*made, normal(ANSWER)}) == len(made) + 1
    assert all(normal(code) == code for code in made)


def test_is_the_solution_alone_changed() -> None:
    for mutant in mutants(ANSWER):
        assert '"""Docstring."""' in mutant.code and mutant.code.endswith("print(widths([1]))")
        assert "last: int" in mutant.code
        assert (
            'f"nothing in {sizes}"' in mutant.code.replace("'", '"') or "raise" not in mutant.code
        )


def test_does_a_diff_show_the_change() -> None:
    (found,) = (m for m in mutants("x = a < b") if m.code == "x = a > b")
    assert found.diff("x = (a < b)") == ["- x = a < b", "+ x = a > b"]
    assert found.line == 1


def test_does_watching_change_nothing_and_see_everything() -> None:
    seen: dict[str, set[str]] = {}

    def watch(key: str, value: object) -> object:
        seen.setdefault(key, set()).update(kinds_of(value))
        return value

    names: dict[str, object] = {WATCH: watch}
    code = "total = sum([n * 2 for n in range(3)])\nshare = total / 4\nsmall = share < 1\nxs = [1, *(2, 3)]"
    exec(compile(watched(code), "cell", "exec"), names)
    assert (names["total"], names["share"], names["small"], names["xs"]) == (
        6,
        1.5,
        False,
        [1, 2, 3],
    )
    assert {"int", "float", "bool", "list"} <= set().union(*seen.values())
    lines = {key.split(":")[0] for key, kinds in seen.items() if "float" in kinds}
    assert lines == {"2", "3"}


def test_is_a_tensor_of_zeros_left_as_it_is() -> None:
    # The same number everywhere: turned round or averaged, it is what it was.
    code = "image = torch.zeros(1, 3, 8, 8)"
    at = "1:8-1:31"
    made = {m.operator for m in mutants(code, {at: {"tensor", "maps"}})}
    assert "argument dropped" in made
    assert not made & {"other axis", "averaged over places", "pictures mixed up", "scaled"}
    noise = "image = torch.randn(1, 3, 8, 8)"
    assert "other axis" in {m.operator for m in mutants(noise, {at: {"tensor", "maps"}})}


def test_are_classes_for_isinstance_left_in_their_order_and_numbers_not() -> None:
    for code, turned in (
        ("kinds = (nn.Linear, nn.Conv2d)", False),
        ("limits = (scale.low, scale.high)", True),
    ):
        at = f"1:{code.index('(')}-1:{len(code)}"
        made = {m.operator for m in mutants(code, {at: {"list"}})}
        assert ("turned round" in made) is turned, code
