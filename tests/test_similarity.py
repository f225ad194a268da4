"""Are submissions that share code found, and those that only solve the same exercise left alone?"""

from __future__ import annotations

import csv
import html
import json
import random
import re
from pathlib import Path
from typing import Any

from tiny_course import NAME, headcheck, make_course

from headcheck.course.directory import Course
from headcheck.desk.hints import similarity_command
from headcheck.desk.similarity import Likeness, Pair, compare

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


def similar(code: dict[str, str], release: str) -> list[Pair]:
    return compare(code, release).pairs


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


# ---- the command ---------------------------------------------------------------------------------

EVIL = "</td><script>document.title = 1</script>"


def notebook(*cells: tuple[str, dict[str, Any]]) -> str:
    made = [
        {"cell_type": "code", "source": source, "metadata": {"nbgrader": labels} if labels else {}}
        for source, labels in cells
    ]
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


SETUP = ("\n".join(program(random.Random(99)).splitlines()), {"grade_id": "setup", "locked": True})
ANSWER = {"grade_id": "double", "solution": True}
DEMO = (program(random.Random(98)), {})


def graded_class(folder: Path, answers: dict[str, str]) -> Path:
    course = make_course(folder)
    release = course / "notebooks" / NAME / f"{NAME}.ipynb"
    release.parent.mkdir(parents=True)
    release.write_text(notebook(SETUP, ("def double(x):\n    ...", ANSWER), DEMO))
    for student, answer in answers.items():
        path = course / "autograded" / student / NAME / f"{NAME}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(notebook(SETUP, (answer, ANSWER), DEMO))
    return course


def test_who_copied_is_shown_side_by_side_and_nobody_else(tmp_path: Path) -> None:
    code = class_of(12)
    code["=copy"] = renamed(code["s007"]) + f"\nprint('{EVIL}')"
    code |= {"none-1": "def double(x):\n    ...", "none-2": "def double(x):\n    ..."}
    code |= {name: "def double(x):\n    return 2 * x" for name in ("short-1", "short-2")}
    course = graded_class(tmp_path / "course", code)
    done = headcheck(course, "similarity", "--csv", "pairs.csv")
    assert done.returncode == 0, done.stderr
    assert "1 pair shares more" in done.stdout
    (row,) = list(csv.DictReader((course / "pairs.csv").open(encoding="utf-8-sig")))
    assert (row["a"], row["b"]) == ("'=copy", "s007")
    page = (course / "similarity.html").read_text()
    assert "A hint to look, and no verdict" in page
    assert "<script" not in page and "script-src 'none'" in page
    text = html.unescape(re.sub(r"<[^>]+>", "", page))
    assert EVIL in text
    own = [line.strip() for line in code["s007"].splitlines()]
    assert sum(line in text for line in own) > 50
    assert not any(line.strip() in text for line in DEMO[0].splitlines()[1:])


def test_is_a_group_that_handed_in_one_file_no_hint_but_named_together(tmp_path: Path) -> None:
    code = class_of(12)
    team = dict.fromkeys(("t1", "t2", "t3"), renamed(code["s007"]))
    course = graded_class(tmp_path / "course", code | team)
    came = {
        "preset": "moodle",
        "download": "x.zip",
        "prefix": "",
        "who": {},
        "rank": "",
        "late": None,
    }
    came |= {"when": None, "attempt": "78", "digest": "d", "collected": "2026-11-20T12:00:00Z"}
    manifest = course / "submitted" / ".collected" / f"{NAME}.json"
    manifest.parent.mkdir(parents=True)
    manifest.write_text(json.dumps({"students": {who: came for who in ("t1", "t2", "t3")}}))
    assert similarity_command(Course.open(course), [NAME], course / "pairs.csv") == 0
    rows = list(csv.DictReader((course / "pairs.csv").open(encoding="utf-8-sig")))
    assert [(row["a"], row["b"]) for row in rows] == [("s007", "t1, t2, t3")]


def test_one_solution_that_went_round_in_half_the_class_is_said(tmp_path: Path) -> None:
    round_ = {f"r{n}": renamed(program(random.Random(5))) for n in range(8)}
    course = graded_class(tmp_path / "course", class_of(8) | round_)
    done = headcheck(course, "similarity", NAME)
    assert "Nobody shares more" in done.stdout
    page = (course / "similarity.html").read_text()
    assert "The own code of 8 students is the same" in page and "r0, r1" in page


def test_nothing_graded_is_said(tmp_path: Path) -> None:
    done = headcheck(make_course(tmp_path / "course"), "similarity")
    assert done.returncode == 2
    assert "run `headcheck grade` first" in done.stderr


def test_groups_are_who_is_linked() -> None:
    links = [("a", "b"), ("c", "d"), ("b", "e"), ("f", "g"), ("g", "h"), ("h", "i")]
    pairs = [Pair(a, b, 30, 1.0, frozenset(), frozenset()) for a, b in links]
    assert Likeness(pairs, []).groups == [["f", "g", "h", "i"], ["a", "b", "e"]]
