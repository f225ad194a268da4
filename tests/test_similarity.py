"""Are submissions that share code found, and those that only solve the same exercise left alone?"""

from __future__ import annotations

import random
import re

from headcheck.desk.similarity import similar

RELEASE = "import torch\nfrom torch import nn\n\ndef create_head(nf, n_out):\n    ...\n"


def expression(rng: random.Random, names: list[str], depth: int = 3) -> str:
    if depth == 0 or rng.random() < 0.2:
        return rng.choice([*names, str(rng.randint(0, 99))])
    parts = [expression(rng, names, depth - 1) for _ in range(3)]
    form = rng.choice(
        [
            "{} + {}",
            "({} - {})",
            "{} * {}",
            "max({}, {})",
            "[{}, {}]",
            "{} if {} else {}",
            "torch.cat([{}, {}], {})",
            "nn.Linear({}, {})",
            "{}[{}]",
            "len({}) ** {}",
            "not {}",
        ]
    )
    return form.format(*parts)


def program(rng: random.Random, size: int = 60) -> str:
    """A made-up solution of that many lines, in a style of its own."""
    names = [f"{rng.choice('abcdefgh')}{n}" for n in range(12)]
    starts = ["{} = {}", "if {}: {} = 0", "for {} in {}: pass", "{} += {}", "assert {} != {}"]
    lines = [
        rng.choice(starts).format(rng.choice(names), expression(rng, names)) for _ in range(size)
    ]
    return "def create_head(nf, n_out):\n    " + "\n    ".join(lines)


def class_of(number: int) -> dict[str, str]:
    return {f"s{n:03d}": program(random.Random(n)) for n in range(number)}


def renamed(code: str) -> str:
    """The same program with other names, other numbers and a comment here and there."""
    code = re.sub(r"\b([a-h])(\d+)\b", r"my_\1_\2", code)
    return "\n".join(f"{line}  # step {n}" for n, line in enumerate(code.splitlines()))


def test_a_renamed_copy_comes_first() -> None:
    code = class_of(30)
    code["copy"] = renamed(code["s007"])
    pairs = similar(code, RELEASE)
    assert (pairs[0].a, pairs[0].b) == ("copy", "s007")
    assert pairs[0].share > 0.9
    assert len(pairs[0].lines_a) > 50
    assert all(pair.shared < pairs[0].shared / 2 for pair in pairs[1:])


def test_what_was_given_out_is_no_likeness() -> None:
    given = program(random.Random(1))
    code = {"ada": given + "\nx = 1", "bob": given + "\ny = [2]"}
    assert similar(code, given) == []
    assert len(similar(code, RELEASE)) == 1


def test_the_usual_solution_is_no_likeness() -> None:
    usual = program(random.Random(1))
    code = {name: usual + "\n" + text for name, text in class_of(40).items()}
    assert not [pair for pair in similar(code, RELEASE) if pair.share > 0.5]


def test_two_short_answers_are_no_likeness() -> None:
    short = "def create_head(nf, n_out):\n    return nn.Sequential(nn.Linear(nf, n_out))"
    assert similar({"ada": short, "bob": short}, RELEASE) == []


def test_text_that_is_no_python_is_compared_all_the_same() -> None:
    broken = program(random.Random(3)).replace(":", "", 1) + "\n'''"
    assert similar({"ada": broken, "bob": broken}, RELEASE)
