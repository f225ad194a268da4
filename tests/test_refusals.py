"""What would harm a student is refused at build, with file and line: is each kind seen, and nothing right refused?"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tiny_course import LESSON, NAME, make_course

from headcheck.authoring.verify import contract
from headcheck.course.directory import Course

VISIBLE = '    expect(double(2) == 4, "double(2)")\n'
HIDDEN = '        expect(double(secret_number) == 2 * secret_number, "twice another number")\n'
BEGIN = "    ### BEGIN HIDDEN TESTS\n"
DEMO = '# %% tags=["raises-exception"]\nprint(double(seven))\n'


def refused(folder: Path, old: str, new: str) -> list[str]:
    assert LESSON.count(old) == 1, old
    lesson = LESSON.replace(old, new)
    problems = contract(Course.open(make_course(folder, lesson=lesson)).select()[0])
    for problem in problems:
        where = re.match(rf"source/{NAME}/{NAME}\.py:(\d+): ", problem)
        assert where and 0 < int(where[1]) <= len(lesson.splitlines()), problem
    return problems


def hidden(line: str) -> tuple[str, str]:
    return HIDDEN, HIDDEN + f"        {line}\n"


def visible(line: str) -> tuple[str, str]:
    return VISIBLE, VISIBLE + f"    {line}\n"


WRONG = {
    "a demo's name": (DEMO, f"{DEMO}shown = 3\n", visible("expect(shown == 3, 'x')"), "only a demo binds"),
    "a lambda": (*visible("double(lambda: 3)"), "lambda of this check cell"),
    "a lambda in a list": (*visible("double([1, lambda: 3])"), "lambda of this check cell"),
    "a lambda by keyword": (*visible("double(x=lambda: 3)"), "lambda of this check cell"),
    "a lambda by name": (*visible("thrice = lambda: 3; double(thrice)"), "lambda of this check cell"),
    "a lambda through a helper": (*visible("expect_error(double, lambda: 3)"), "lambda of this check cell"),
    "a function of the cell": (*visible("\n    def three(): return 3\n    double(three)"), "function of this check cell"),
    "an object of a class of the cell": (*visible("\n    class Three: pass\n    double(Three())"), "class of this check cell"),
    "the same, by name": (*visible("\n    class Three: pass\n    three = Three()\n    double(three)"), "class of this check cell"),
    "a value in cause": (*hidden('expect(True, "x", cause=f"try {secret_number}")'), "`cause` is shown"),
    "a value in look": (*hidden('expect(True, "x", look="at " + str(secret_number))'), "`look` is shown"),
    "a value by a name": (*hidden('said = f"{secret_number}"; expect(True, "x", cause=said)'), "`cause` is shown"),
    "a value in a mistake": (*hidden('expect(True, "x", mistakes={1: f"not {secret_number}"})'), "`mistakes` is shown"),
    "a value in hidden": ('with hidden("other numbers"):', 'with hidden(f"{rng.random()}"):', "`hidden` is shown"),
    "hidden outside": (*visible('with hidden("seen"): expect(double(1) == 2, "x")'), "outside of ### BEGIN HIDDEN"),
    "near marker, case": (BEGIN, "    ### Begin hidden tests\n", "is no marker"),
    "near marker, order": (BEGIN, "    ### HIDDEN TESTS BEGIN\n", "is no marker"),
    "near marker, letter": (BEGIN, "    ### BEGIN HIDEN TESTS\n", "is no marker"),
    "near marker, one test": (BEGIN, "    ### BEGIN HIDDEN TEST\n", "is no marker"),
    "near marker, dashes": (BEGIN, "    # begin-hidden-tests\n", "is no marker"),
    "near marker, another word": (BEGIN, "    ### START HIDDEN TESTS\n", "is no marker"),
    "near marker, solution": ("    ### BEGIN SOLUTION\n    twice", "    ### BEGIN SOLUTIONS:\n    ### Begin Solution\n    twice", "is no marker"),
    "the clock": (*hidden("import random; random.Random().random()"), "no seed brings back"),
    "the system": (*hidden("import os; os.urandom(3)"), "no seed brings back"),
    "numpy": (*hidden("import numpy; numpy.random.default_rng()"), "no seed brings back"),
    "secrets": (*hidden("import secrets; secrets.randbelow(3)"), "no seed brings back"),
    "audit outside": ('    """Twice x."""\n', '    """Twice x."""\n    # audit: equivalent: so\n', "students would read"),
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG)
def test_is_it_refused(tmp_path: Path, wrong: str) -> None:
    case = WRONG[wrong]
    if wrong == "a demo's name":
        demo, with_name, (old, new), message = case
        lesson = LESSON.replace(demo, with_name).replace(old, new)
        problems = contract(Course.open(make_course(tmp_path, lesson=lesson)).select()[0])
    else:
        old, new, message = case
        problems = refused(tmp_path, old, new)
    assert any(message in problem for problem in problems), problems


def test_is_the_line_the_right_one(tmp_path: Path) -> None:
    (problem,) = refused(tmp_path, *hidden('expect(True, "x", cause=f"{secret_number}")'))
    number = int(problem.split(":")[1])
    text = (tmp_path / "source" / NAME / f"{NAME}.py").read_text().splitlines()
    assert "cause=f" in text[number - 1]


RIGHT = {
    "a function that is called": visible("\n    def three(): return 3\n    double(three())"),
    "a lambda for a check": visible("expect((lambda: double(1))() == 2, 'x')"),
    "words from a table": hidden('for n, why in ((1, "one"), (2, "two")): expect(double(n) == 2 * n, "x", cause=why)'),
    "words from the keys of a table": hidden('for why in {"one": 1}: expect(True, "x", cause=f"with {why}")'),
    "words for a case": hidden('expect(True, "x", cause="a" if secret_number else None)'),
    "a number made from the draw": hidden("import random; random.Random(rng.random())"),
    "a comment about tests": visible("# hidden tests follow below"),
}  # fmt: skip


@pytest.mark.parametrize("right", RIGHT)
def test_is_what_is_right_left_alone(tmp_path: Path, right: str) -> None:
    assert refused(tmp_path, *RIGHT[right]) == []
